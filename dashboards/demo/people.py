"""Who works at the example company."""

from dashboards.demo.story import Person

NAME = "凪雪珈琲"
TEAMS = {
    "company": "凪雪珈琲",
    "online": "オンライン店",
    "sales": "法人営業",
    "marketing": "マーケティング",
    "roastery": "焙煎・店舗",
}

CONSULTANT = Person(
    "miyakoshi", "宮越 玲", "みやこし れい", "partner", ("online",), 0, "13:30", "consultant@demo.example"
)
"""Works for the inn as well, by the same login."""

PEOPLE = (
    Person(
        "miura", "三浦 誠一郎", "みうら せいいちろう", "executive", ("company",), 0, "08:10", "executive@demo.example"
    ),
    Person("ishiguro", "石黒 真紀", "いしぐろ まき", "admin", ("company",), 1, "09:05", "admin@demo.example"),
    Person("fujiwara", "藤原 千尋", "ふじわら ちひろ", "manager", ("sales",), 2, "08:40", "manager@demo.example"),
    Person("morishita", "森下 陽菜", "もりした ひな", "member", ("sales", "online"), 4, "08:52", "member@demo.example"),
    Person("hasegawa", "長谷川 岳", "はせがわ がく", "partner", ("marketing",), 1, "17:20", "partner@demo.example"),
    Person("onishi", "大西 航", "おおにし わたる", "manager", ("online",), 0, "09:30", "onishi@demo.example"),
    Person("kudo", "工藤 玲奈", "くどう れな", "manager", ("marketing",), 1, "10:15", "kudo@demo.example"),
    Person("onodera", "小野寺 徹", "おのでら とおる", "manager", ("roastery",), 3, "07:45", "onodera@demo.example"),
    Person("nomura", "野村 颯太", "のむら そうた", "member", ("sales",), 3, "18:05", "nomura@demo.example"),
    Person("shiraishi", "白石 美桜", "しらいし みお", "member", ("marketing",), 2, "11:25", "shiraishi@demo.example"),
    CONSULTANT,
    Person("sugawara", "菅原 拓海", "すがわら たくみ", "member", ("roastery",), 4, "16:30", "sugawara@demo.example"),
)
