"""How the example company looked back as a whole, and at the objective it had in common."""

from dashboards.demo.story import Agreed, Looked, Noted
from objectives.models import Cause, Question

SEAT = Looked(
    "seat",
    "company",
    "miura",
    2,
    "09:10",
    objective="last-seat",
    notes=(
        Noted(
            "seat-photographs",
            "onishi",
            Question.SUCCEEDED,
            "撮り直した五品の写真だけで、月商の増えたぶんの半分になった",
            "last-online",
        ),
        Noted(
            "seat-greeting",
            "miura",
            Question.SUCCEEDED,
            "出張の方にレジでひと声かけると、帰ってからのご注文につながった",
            "last-outside",
        ),
        Noted(
            "seat-five", "ishiguro", Question.SUCCEEDED, "写真の費用は、広告の半月分で済んだ", under="seat-photographs"
        ),
        Noted("seat-airport", "onishi", Question.IMPROVE, "空港の売店の案内を、期のはじめから置いてもらう"),
        Noted(
            "seat-order",
            "onishi",
            Question.MISSED,
            "どの写真から撮り直すかを決めるのに、期の三分の一を使った",
            "last-online",
            Cause.START,
        ),
        Noted(
            "seat-freight",
            "ishiguro",
            Question.MISSED,
            "送料を見直す話が経営会議待ちになり、二月の道外の伸びが止まった",
            "last-outside",
            Cause.OTHERS,
        ),
        Noted(
            "seat-season",
            "miura",
            Question.MEASURE,
            "月商は贈りものの季節で大きく動く。前年の同じ月とも比べたい",
            "last-online",
        ),
    ),
    votes={
        "seat-photographs": ("onishi", "miura", "ishiguro"),
        "seat-order": ("onishi", "ishiguro"),
        "seat-freight": ("miura", "ishiguro"),
        "seat-season": ("onishi",),
    },
    minutes=40,
    summary="写真の撮り直しは早く始めるほど効く。順番に迷う前に、よく見られる五品から手をつける。"
    "月商は前年の同じ月と並べて読み、道外の割合には件数を添える。",
    actions=(Agreed("よく見られる商品の上位二十品を表にして共有する", "onishi", 12, 9, "last-online"),),
)

COMPANY = Looked(
    "company",
    "company",
    "miura",
    6,
    "10:00",
    notes=(
        Noted(
            "company-words",
            "miura",
            Question.SUCCEEDED,
            "「店の外に席をつくる」という言葉が、全員の判断の基準になった",
        ),
        Noted(
            "company-cost",
            "ishiguro",
            Question.SUCCEEDED,
            "写真の撮り直しは、かけた費用の割に月商への効きが大きかった",
            "last-online",
        ),
        Noted("company-before", "ishiguro", Question.IMPROVE, "目標を決める前に、釜と人の空きを部門どうしで確かめる"),
        Noted("company-middle", "miura", Question.IMPROVE, "期の半ばに一度、やめることを決める場をつくる"),
        Noted(
            "company-roaster",
            "ishiguro",
            Question.MISSED,
            "焙煎の練習と出荷が、同じ釜と同じ曜日を取り合っていた",
            "last-roasters",
            Cause.HANDS,
        ),
        Noted(
            "company-both",
            "miura",
            Question.MISSED,
            "法人と通販を同時に伸ばそうとして、どちらの会議も私の予定待ちになった",
            "last-contracts",
            Cause.FOCUS,
        ),
        Noted(
            "company-share",
            "miura",
            Question.MEASURE,
            "道外の割合は、道内のご注文が減っただけでも上がる",
            "last-outside",
        ),
    ),
    votes={
        "company-both": ("miura", "ishiguro"),
        "company-roaster": ("ishiguro",),
        "company-middle": ("miura",),
        "company-share": ("miura", "ishiguro"),
    },
    minutes=45,
    summary="五つの目標のうち二つを引き継ぎ、一つは区切る。釜と人の空きを先に確かめ、"
    "期の半ばに「やめること」を決める場を置く。割合の目標には必ず件数を添える。",
    actions=(
        Agreed("部門どうしで釜と人の空きを確かめる場を、期のはじめに設ける", "ishiguro", 16, 14),
        Agreed("期の半ばに「やめること」を決める会議の日を押さえる", "ishiguro", 20, 15),
    ),
)
