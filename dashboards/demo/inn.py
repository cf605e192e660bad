"""The second organization of the example: an invented inn in Otaru, where the roaster's consultant leads a team."""

from dashboards.demo.company import Company
from dashboards.demo.doing import Planned, plan
from dashboards.demo.people import CONSULTANT
from dashboards.demo.story import Aim, Branch, Goal, Lever, Log, Note, Parent, Person, Result, Tale

TEAMS = {"inn": "帆灯の宿", "booking": "予約と広報", "rooms": "客室と料理"}

PEOPLE = (
    Person("kasai", "葛西 志津", "かさい しづ", "executive", ("inn", "rooms"), 0, "07:20", "kasai@demo.example"),
    Person("todate", "外舘 修", "とだて おさむ", "admin", ("inn",), 1, "09:40", "todate@demo.example"),
    Person(CONSULTANT.key, CONSULTANT.name, CONSULTANT.reading, "manager", ("booking",), 0, "13:30", CONSULTANT.email),
    Person("tozawa", "戸沢 あゆみ", "とざわ あゆみ", "member", ("booking",), 2, "15:10", "tozawa@demo.example"),
    Person("notoya", "能登谷 清", "のとや きよし", "member", ("rooms",), 3, "21:05", "notoya@demo.example"),
)

# The numbers as they are come to last year's 36.4 million within a hundredth.
DIRECT_TREE = (
    Branch(
        "direct",
        "直接予約の宿泊売上",
        "円",
        "stays * 12 * stay_value",
        definition="予約サイトを通さない宿泊の、一年の売上（税抜）。",
    ),
    Branch("stays", "直接のご予約", "件", "visits * booking_rate * (1 - cancel_rate) + calls", period="month"),
    Lever(
        "visits",
        "宿のサイトへの訪問",
        "回",
        4_200,
        5_000,
        6_200,
        "tozawa",
        "アクセス解析",
        "一か月に宿のサイトを訪れた回数。",
        period="month",
        spread=(3_900, 4_900, 5_900),
        limits=(2_000, 12_000),
        effort=2,
    ),
    Lever(
        "booking_rate",
        "予約率",
        "%",
        "0.012",
        "0.015",
        "0.019",
        CONSULTANT.key,
        "予約システム",
        "訪問のうち、サイトの予約まで進んだ割合。",
        "空室の暦に着くまでが三画面。二画面にすると、途中で帰る方が減る。",
        spread=("0.0115", "0.0142", "0.017"),
        limits=(None, "0.04"),
    ),
    Lever(
        "cancel_rate",
        "取り消しの割合",
        "%",
        "0.08",
        "0.07",
        "0.05",
        "todate",
        "予約システム",
        "サイトのご予約のうち、お越しにならなかった割合。",
        spread=("0.06", "0.075", "0.09"),
        limits=(0, "0.3"),
    ),
    Lever(
        "calls",
        "お得意さまからの電話",
        "件",
        38,
        42,
        52,
        "kasai",
        "予約台帳",
        "月に電話でいただいたご予約。",
        period="month",
        spread=(35, 41, 47),
        limits=(0, 120),
    ),
    Branch("stay_value", "一件の宿泊の売上", "円", "guests * price * (1 + course_share * 0.35)"),
    Lever(
        "guests",
        "一件の人数",
        "人",
        "2.1",
        "2.1",
        "2.15",
        "todate",
        "予約台帳",
        limits=(1, 4),
        effort=3,
    ),
    Lever(
        "price",
        "お一人の基本の料金",
        "円",
        14_800,
        14_800,
        14_800,
        "kasai",
        "料金表",
        "一泊二食、平日。",
        "料金は春に決めたので、今年は動かさない。",
        is_locked=True,
    ),
    Lever(
        "course_share",
        "特別な献立を選ぶ方",
        "%",
        "0.45",
        "0.5",
        "0.6",
        "notoya",
        "厨房の注文票",
        "特別な献立は基本の三割五分増し。",
        spread=("0.43", "0.48", "0.55"),
        limits=(0, 1),
    ),
)

AIMS = (
    Aim(
        key="direct",
        name="直接予約の宿泊売上",
        owner="kasai",
        last_year=36_400_000,
        current=36_400_000,
        must_hit=48_000_000,
        challenge=72_000_000,
        why="予約サイトの手数料は売上の一割五分。直接のご予約なら、そのぶんを料理と働く人に回せる。",
        picture="宿を思い出した方が、まっすぐうちに電話をくださる。予約サイトの順位に一喜一憂しなくてよい。",
        likely="海外からの旅行者、燃料代、旅行の補助金",
        hard="客室は十四室、冬の雪",
        tree=DIRECT_TREE,
    ),
)

MONTHS = {
    "direct/visits": (4_910, 4_840, 4_690, 4_730, 4_520, 4_480, 4_390, 4_410, 4_300, 4_260, 4_230),
    "direct/booking_rate": ("0.0134", "0.0133", "0.0129", "0.0127", "0.0128", "0.0124", "0.0123", "0.0121", "0.012"),
    "direct/cancel_rate": ("0.075", "0.077", "0.074", "0.078", "0.081", "0.079", "0.08", "0.08", "0.081"),
    "direct/calls": (41, 40, 43, 39, 40, 38, 39, 37, 38),
    "direct/guests": ("2.1", "2.1", "2.2", "2.1", "2.1", "2.0", "2.1", "2.1", "2.1"),
    "direct/course_share": ("0.48", "0.47", "0.48", "0.46", "0.47", "0.46", "0.45", "0.45", "0.44"),
}
STOOD = {
    "direct/direct": tuple(
        thousand * 1_000
        for thousand in (37_200, 38_300, 39_400, 40_400, 41_600, 42_600, 43_900, 44_800, 45_900, 47_100, 48_000, 49_100)
    ),
}

GOALS = (
    Goal(
        key="inn-straight",
        title="宿を探す方が、うちのページで心を決めてくださる宿になる",
        why="写真も料金も予約サイトの枠の中では、どの宿も同じに見える。",
        cycle="current",
        team="inn",
        owner="kasai",
        level="company",
        aim="direct",
        results=(
            Result(
                "inn-direct",
                "宿のサイトからのご予約",
                "cumulative",
                "tozawa",
                "予約台帳、経路が宿のサイトのもの。取り消しを除く",
                unit="件",
                start=0,
                must=170,
                target=260,
            ),
            Result(
                "inn-booking-rate",
                "宿のサイトの予約率",
                "reach",
                CONSULTANT.key,
                "予約システム、直近30日のご予約 ÷ 訪問",
                unit="%",
                start="1.25",
                must="1.5",
                target="1.8",
                kpi="direct/booking_rate",
                grain="0.01",
            ),
            Result(
                "inn-plans",
                "季節ごとの宿泊プランのページ",
                "milestone",
                CONSULTANT.key,
                "女将が読んで、公開してよいと言ったもの",
                steps=(("夏の夕涼み", 1), ("秋の葡萄と新酒", 1), ("雪の夜ごもり", 2)),
                process=True,
            ),
        ),
    ),
    Goal(
        key="inn-again",
        title="「また来年も」と、帰りの玄関で言っていただける宿にする",
        why="二度目の方は、道に迷わず、料理の好みも分かっている。お迎えする側の手も心も軽くなる。",
        cycle="current",
        team="rooms",
        owner="kasai",
        aim="direct",
        parents=(Parent("inn-straight", weight=0.25),),
        results=(
            Result(
                "inn-repeat",
                "二度目よりあとのお客さまの割合",
                "reach",
                "kasai",
                "宿帳、直近30日のお客さまのうち",
                unit="%",
                start=28,
                must=31,
                target=36,
                grain="0.1",
            ),
            Result(
                "inn-letters",
                "お帰りのあとの手紙",
                "quota",
                "kasai",
                "出した通数。印刷したものは数えない",
                unit="通",
                quota=20,
                period="week",
                process=True,
            ),
            Result(
                "inn-breakfast",
                "朝食のご感想（5点満点）",
                "average",
                "notoya",
                "お帰りのときの葉書、週の平均",
                unit="点",
                start="4.1",
                must="4.3",
                target="4.6",
                grain="0.1",
            ),
        ),
    ),
    Goal(
        key="inn-weekend",
        title="満室の週末も、あわてずにお迎えする",
        why="一度待たせてしまった夕食は、どんな料理でも取り返せない。",
        cycle="current",
        team="inn",
        owner="todate",
        kind="committed",
        parents=(Parent("inn-again", "supports"),),
        results=(
            Result(
                "inn-late",
                "夕食を15分よりお待たせした組",
                "keep",
                "notoya",
                "厨房の注文票、出した時刻から",
                unit="組",
                target=2,
                limit="max",
                period="week",
                process=True,
            ),
            Result(
                "inn-shifts",
                "翌月の勤務表を20日までに配る仕組み",
                "milestone",
                "todate",
                "組合の相談員が確かめたもの",
                steps=(("希望を集める紙を一枚に", 1), ("繁忙日の暦を先に決める", 1), ("二か月続けて20日に配る", 2)),
                process=True,
            ),
        ),
    ),
)

CHECK_INS = {
    "inn-direct": Log(
        "9 21 34 48 63 79 97",
        "5 5 6 6 6 7 7",
        {
            1: Note(well="朝の海の写真を一枚目に替えたら、電話でも「写真を見て」と言われるようになった"),
            3: Note(
                obstacle="予約サイトより高く見える、という問い合わせが三件あった",
                next="同じ献立でくらべた料金の表を、予約の画面の手前に置く",
            ),
            5: Note(well="料金の表を置いてから、同じ問い合わせが来ていない"),
        },
    ),
    "inn-booking-rate": Log(
        "1.25 1.26 1.29 1.33 1.35 1.41",
        "5 5 5 6 6 6",
        {
            1: Note(obstacle="空室の暦が、スマートフォンでは横に切れている"),
            3: Note(well="暦を縦の一覧に替えた。途中で帰る方が一割ほど減っている"),
            5: Note(
                well="人数を先に選ぶ形にしたら、予約まで進む方が増えた",
                next="二画面で終わる形を、来週の平日だけ試す",
            ),
        },
    ),
    "inn-plans": Log(
        "0 0 1 - 1 1",
        "6 6 7 - 6 6",
        {
            2: Note(well="「夏の夕涼み」を公開。女将の言葉がそのまま見出しになった"),
            5: Note(
                obstacle="秋の献立が決まらず、写真を撮る日を動かせない", next="能登谷さんと、献立より先に器を決める"
            ),
        },
    ),
    "inn-repeat": Log(
        "28.2 28.6 29.1 29.4 30.2 30.8 31.1",
        "6 6 6 6 7 7 7",
        {
            2: Note(well="宿帳に好みを一行書くようにして、二度目の方へのひと言が出やすくなった"),
            4: Note(obstacle="宿帳が紙のままで、電話を受けながらは見られない"),
            5: Note(next="常連の百組だけ、先に一覧に写す"),
        },
    ),
    "inn-letters": Log(
        "18 20 20 14 20 21 12",
        "6 7 7 6 7 7 7",
        {
            3: Note(obstacle="連休の片づけで、手紙を書く夜が二日つぶれた", next="朝の片づけのあとに、三通ずつ書く"),
            5: Note(well="手紙のお返事に、ご予約の日が書いてあった方が二組"),
        },
    ),
    "inn-breakfast": Log(
        "4.2 4.2 4.3 4.4 4.4 4.5",
        "6 6 6 7 7 7",
        {
            3: Note(well="卵を焼きたてに替えた。葉書に卵のことを書く方が増えた"),
            5: Note(next="魚を選べる朝を、週に二日つくってみる"),
        },
    ),
    "inn-late": Log(
        "2 1 1 3 1 2 1",
        "7 7 8 6 7 7 8",
        {
            3: Note(
                obstacle="満室の土曜に、洗い場が追いつかず皿を待った",
                next="土曜だけ、予約係が一時間だけ洗い場に入る",
            ),
            5: Note(well="予約係の一時間が効いて、満室でもお待たせしたのは二組"),
        },
    ),
    "inn-shifts": Log(
        "0 1 1 - 1 2",
        "6 6 7 - 7 7",
        {
            1: Note(well="希望を集める紙が一枚になり、書き忘れがなくなった"),
            4: Note(obstacle="団体のご予約が後から入り、繁忙日の暦が二度変わった"),
            5: Note(next="繁忙日は三か月前に締めて、あとは増やさないと決めた"),
        },
    ),
}

ACTIONS = (
    Planned("inn-plans", "秋の宿泊プランの写真を撮る日を決める", "notoya", "todate", 6, 10),
    Planned(
        "inn-direct", "料金をくらべる表の文字を、スマートフォンで読める大きさに直す", "tozawa", "todate", 13, 7, "", 8
    ),
    Planned(
        "inn-booking-rate",
        "二画面で終わる予約の形を、平日だけ試す",
        CONSULTANT.key,
        "todate",
        7,
        7,
        "予約率+0.1ポイント",
    ),
    Planned(
        "inn-direct", "電話で予約した方に、サイトを使わなかった訳を聞く問いを三つ書く", CONSULTANT.key, "todate", 9, 7
    ),
    Planned("inn-repeat", "常連の百組を、宿帳から一覧に写す", "tozawa", "todate", 5, 14),
)

INN = Tale(
    slug="demo-inn",
    name="帆灯の宿",
    administrator="todate",
    teams=TEAMS,
    people=PEOPLE,
    aims=AIMS,
    goals=GOALS,
    check_ins=CHECK_INS,
    months=MONTHS,
    stood=STOOD,
)


def set_out_at_the_inn(company: Company) -> None:
    """The actions as they were written down and closed."""
    for planned in ACTIONS:
        plan(company, planned)
