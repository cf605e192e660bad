"""Sets for those who look after customers, goods and the shop floor."""

from __future__ import annotations

from objectives.gallery.sets import CASES, HOURS, PERCENT, Measured, Set, Text
from objectives.models import Area, Kind, Limit, MeasureType, Period

ANSWERS = Set(
    key="service-answers",
    area=Area.SERVICE,
    title=Text("困ったときに、すぐ頼れると言っていただける", "When customers are stuck, they know we are there"),
    why=Text(
        "待たされた記憶は、商品の良さより長く残ります。安心して使い続けていただくためです。",
        "Waiting is remembered longer than a good product. Customers should feel safe with us.",
    ),
    helps=Text(
        "返事が遅い、たらい回しにされたという声が届いているとき",
        "When customers say that answers are slow or that they are passed around",
    ),
    is_for_beginners=True,
    key_results=(
        Measured(
            Text("最初の返信までの平均時間", "Average time to the first answer"),
            Text("受付から最初の返信までの営業時間の平均", "Business hours from question to first answer, mean"),
            HOURS,
            kind=Kind.AVERAGE,
            start=24,
            must_hit=12,
            target=8,
            measure_type=MeasureType.PROCESS,
        ),
        Measured(
            Text("最初のやり取りで解決したご相談の割合", "Share of questions solved at the first contact"),
            Text("対応の記録で、再度のご連絡がなかった割合", "Cases in the log without a second contact"),
            PERCENT,
            start=60,
            must_hit=68,
            target=75,
        ),
    ),
)

DELIVERY = Set(
    key="service-delivery",
    area=Area.SERVICE,
    title=Text("約束した日に、約束した品が必ず届く", "What we promise arrives on the day we promised"),
    why=Text(
        "納期を守れることが、次のご注文のいちばんの理由になるためです。",
        "Because keeping dates is the best reason to order from us again.",
    ),
    helps=Text(
        "納期の遅れや誤出荷のおわびが増えているとき",
        "When apologies for late or wrong deliveries become frequent",
    ),
    key_results=(
        Measured(
            Text("約束した日に届いた割合", "Share of deliveries on the promised day"),
            Text("その週の納品のうち、約束した日までに届いた割合", "Deliveries of the week that arrived in time"),
            PERCENT,
            kind=Kind.KEEP,
            target=98,
            limit=Limit.MIN,
            period=Period.WEEK,
        ),
        Measured(
            Text("誤出荷・数量違いのご指摘", "Complaints about wrong goods or quantities"),
            Text("お客様対応の記録から数えます（月間）", "Counted in the customer service log, per month"),
            CASES,
            start=12,
            must_hit=6,
            target=4,
        ),
        Measured(
            Text("遅れそうなときに、先にお知らせできた割合", "Delays that customers heard of before the day"),
            Text("遅れた納品のうち、約束の日より前に連絡した割合", "Late deliveries announced before the promised day"),
            PERCENT,
            start=30,
            must_hit=70,
            target=90,
            measure_type=MeasureType.PROCESS,
        ),
    ),
)

QUALITY = Set(
    key="product-quality",
    area=Area.PRODUCT,
    title=Text("胸を張って送り出せる品だけが、工場を出ていく", "Only what we are proud of leaves the factory"),
    why=Text(
        "手直しに追われる毎日をやめ、つくる喜びに時間を使うためです。",
        "So that days are spent on making things well instead of on repairing them.",
    ),
    helps=Text(
        "不良や手直しが減らず、現場に余裕がないとき",
        "When defects and rework leave the shop floor no air to breathe",
    ),
    is_for_beginners=True,
    key_results=(
        Measured(
            Text("出荷前検査の不良率", "Defect rate at final inspection"),
            Text("不良の数 ÷ 検査した数（月間）", "Defects, divided by pieces inspected, per month"),
            PERCENT,
            start="1.8",
            must_hit="1.4",
            target="1.2",
        ),
        Measured(
            Text("手直しにかかった時間", "Hours spent on rework"),
            Text("作業日報の手直しの時間（月間）", "Rework in the daily work reports, per month"),
            HOURS,
            start=120,
            must_hit=100,
            target=80,
        ),
        Measured(
            Text("現場から出た改善の提案", "Suggestions from the shop floor"),
            Text("提案の用紙と掲示板の件数", "Suggestions on paper and on the board"),
            CASES,
            kind=Kind.QUOTA,
            quota=8,
            period=Period.MONTH,
            measure_type=MeasureType.PROCESS,
        ),
    ),
)

NEW_PRODUCT = Set(
    key="product-new",
    area=Area.PRODUCT,
    title=Text(
        "お客様の困りごとから、次の定番が生まれる", "The next favourite grows out of what troubles our customers"
    ),
    why=Text(
        "作りたいものではなく、待たれているものを世に出すためです。",
        "So that we bring out what people wait for, not merely what we like to make.",
    ),
    helps=Text(
        "新商品を出しても、話題が続かないとき",
        "When new products come out and are soon forgotten",
    ),
    key_results=(
        Measured(
            Text("困りごとを聞いたお客様との対話", "Talks with customers about what troubles them"),
            Text("記録が残っている対話の件数", "Talks that were written down"),
            CASES,
            kind=Kind.QUOTA,
            quota=8,
            period=Period.MONTH,
            measure_type=MeasureType.PROCESS,
        ),
        Measured(
            Text("お客様の手で試された試作品", "Prototypes tried out by customers"),
            Text("感想が記録されている試作品の数", "Prototypes with customers' remarks on record"),
            Text("点", "prototypes"),
            kind=Kind.COVERAGE,
            population=4,
            measure_type=MeasureType.PROCESS,
        ),
        Measured(
            Text("発売前にいただいたご予約", "Orders placed before the release"),
            Text("予約フォームと店頭での受付の件数", "Reservations by form and at the counter"),
            CASES,
            kind=Kind.CUMULATIVE,
            must_hit=60,
            target=100,
        ),
    ),
)

SERVICE = (ANSWERS, DELIVERY)
PRODUCT = (QUALITY, NEW_PRODUCT)
