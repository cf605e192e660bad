"""Sets for people, money and the way a company works together."""

from __future__ import annotations

from objectives.gallery.sets import CASES, DAYS, MONEY, PEOPLE, PERCENT, Measured, Set, Text
from objectives.models import Area, Intent, Kind, Limit, MeasureType, Period

HIRING = Set(
    key="people-hiring",
    area=Area.PEOPLE,
    title=Text("ここで働きたいという人が、社員の紹介で集まる", "People want to work here, and bring their friends"),
    why=Text(
        "求人広告に頼らず、会社をよく知る人の言葉で仲間が増えるようにするためです。",
        "So that colleagues find us through those who know us best, not through advertisements.",
    ),
    helps=Text(
        "応募が少ない、または採用してもすぐに辞めてしまうとき",
        "When few people apply, or new colleagues soon leave again",
    ),
    key_results=(
        Measured(
            Text("社員の紹介で応募してくれた人", "Applicants referred by our people"),
            Text("応募者名簿で、きっかけが紹介になっている人数", "Applicants in the list whose source is a referral"),
            PEOPLE,
            kind=Kind.CUMULATIVE,
            must_hit=8,
            target=12,
            measure_type=MeasureType.PROCESS,
        ),
        Measured(
            Text("応募から合否の連絡までの平均日数", "Average days from application to our answer"),
            Text("応募者ごとの日数の平均", "Days between both dates, mean of all applicants"),
            DAYS,
            kind=Kind.AVERAGE,
            start=14,
            must_hit=9,
            target=7,
            measure_type=MeasureType.PROCESS,
        ),
        Measured(
            Text("内定を承諾してくれた人の割合", "Share of offers that are accepted"),
            Text("承諾した人数 ÷ 内定を出した人数", "Offers accepted, divided by offers made"),
            PERCENT,
            start=50,
            must_hit=62,
            target=75,
        ),
    ),
)

GROWING = Set(
    key="people-growing",
    area=Area.PEOPLE,
    title=Text("毎日の仕事のなかで、できることが増えていく", "Every day at work leaves people able to do more"),
    why=Text(
        "特定の人が休むと止まる職場をなくし、一人ひとりの伸びを会社の力にするためです。",
        "So that work goes on when somebody is away, and everyone's growth becomes the company's strength.",
    ),
    helps=Text(
        "仕事が特定の人に集まり、育つ時間がとれないとき",
        "When work piles up on a few people and nobody finds time to learn",
    ),
    is_for_beginners=True,
    key_results=(
        Measured(
            Text("その月に1対1の面談ができた人の割合", "Share of people with a one-on-one in the month"),
            Text("面談の記録がある人数 ÷ 在籍している人数", "People with a talk on record, of all colleagues"),
            PERCENT,
            kind=Kind.KEEP,
            target=90,
            limit=Limit.MIN,
            period=Period.MONTH,
            measure_type=MeasureType.PROCESS,
        ),
        Measured(
            Text("担当できる人が複数いる業務の割合", "Share of tasks that several people can do"),
            Text(
                "スキル表で、担当できる人が複数いる業務の割合", "Tasks in the skill table with more than a single name"
            ),
            PERCENT,
            start=40,
            must_hit=50,
            target=60,
        ),
    ),
)

CLOSING = Set(
    key="finance-closing",
    area=Area.FINANCE,
    title=Text("数字が早く届き、早く手が打てる会社になる", "Figures arrive early enough for us to act on them"),
    why=Text(
        "月の半ばに前の月を知るのでは、打てる手が限られるためです。",
        "Those who learn of last month in the middle of this one have little left to decide.",
    ),
    helps=Text(
        "月次の締めが遅く、経営会議で古い数字を見ているとき",
        "When the month is closed late and meetings look at old figures",
    ),
    kind=Intent.COMMITTED,
    key_results=(
        Measured(
            Text("月次の締めにかかる営業日", "Working days until the month is closed"),
            Text("月末から試算表が配られるまでの営業日数", "From the end of the month to the trial balance"),
            DAYS,
            start=12,
            must_hit=8,
            target=6,
        ),
        Measured(
            Text("期日までに届いた経費精算の割合", "Share of expense claims handed in by their date"),
            Text("期日までの申請の件数 ÷ すべての申請の件数", "Claims by their date, of all claims of the month"),
            PERCENT,
            kind=Kind.KEEP,
            target=95,
            limit=Limit.MIN,
            period=Period.MONTH,
            measure_type=MeasureType.PROCESS,
        ),
        Measured(
            Text("紙を使わずに処理した請求書の割合", "Share of invoices handled without paper"),
            Text("電子で受け取り保存した請求書の割合（月間）", "Invoices received and kept as files, per month"),
            PERCENT,
            start=30,
            must_hit=70,
            target=90,
            measure_type=MeasureType.PROCESS,
        ),
    ),
)

CASH = Set(
    key="finance-cash",
    area=Area.FINANCE,
    title=Text("次の投資を、自分たちの資金で選べる会社になる", "We choose our next investment with our own money"),
    why=Text(
        "利益が出ていても手元の資金が足りない、という不安をなくすためです。",
        "So that nobody has to worry about cash while the books show a profit.",
    ),
    helps=Text(
        "売上は伸びているのに、資金繰りが苦しいとき",
        "When sales grow and cash is short all the same",
    ),
    key_results=(
        Measured(
            Text("売上から入金までの平均日数", "Average days from sale to payment"),
            Text("売掛金の残高 ÷ 1日あたりの売上（月末）", "Receivables, divided by sales per day, end of month"),
            DAYS,
            start=65,
            must_hit=56,
            target=50,
        ),
        Measured(
            Text("期日を過ぎた売掛金", "Receivables past their due date"),
            Text("月末の残高のうち、期日を過ぎた額", "Part of the balance at the end of the month"),
            MONEY,
            start=4_000_000,
            must_hit=2_000_000,
            target=1_000_000,
        ),
        Measured(
            Text("出す前に粗利を確かめた見積の割合", "Share of quotes whose margin was checked before sending"),
            Text("見積書の確認欄が埋まっている割合", "Quotes with the check signed"),
            PERCENT,
            kind=Kind.KEEP,
            target=95,
            limit=Limit.MIN,
            period=Period.WEEK,
            measure_type=MeasureType.PROCESS,
        ),
    ),
)

MEETINGS = Set(
    key="other-weekly-talk",
    area=Area.OTHER,
    title=Text("毎週の話し合いから、次の動きが自然に決まる", "Every weekly talk ends with a next step all believe in"),
    why=Text(
        "目標を立てたきりにせず、毎週の会話のなかで少しずつ前に進めるためです。",
        "So that goals are not written and forgotten, but move a little with every talk.",
    ),
    helps=Text(
        "OKRを始めたばかりで、まず続ける習慣をつくりたいとき",
        "When you have only just begun with OKRs and want the habit to last",
    ),
    is_for_beginners=True,
    key_results=(
        Measured(
            Text("その週のチェックインが済んだ割合", "Share of check-ins made in their week"),
            Text("締め切りまでに済んだ件数 ÷ 予定の件数", "Check-ins made in time, of all that were due"),
            PERCENT,
            kind=Kind.KEEP,
            target=80,
            limit=Limit.MIN,
            period=Period.WEEK,
            measure_type=MeasureType.PROCESS,
        ),
        Measured(
            Text("みんなで片づけた障害", "Obstacles cleared away together"),
            Text("チェックインで出た障害のうち、解決した件数", "Obstacles from check-ins that are solved"),
            CASES,
            kind=Kind.CUMULATIVE,
            must_hit=4,
            target=6,
        ),
    ),
)

PEOPLE_SETS = (HIRING, GROWING)
FINANCE = (CLOSING, CASH)
OTHER = (MEETINGS,)
