"""The action plans of the example company: what it sets out to do for its levers, and what came of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from dashboards.demo.company import Company, key, number
from dashboards.demo.days import DAY
from dashboards.demo.journey import on_a_workday
from dashboards.demo.story import Number
from objectives.models import Action, ActionState, Activity, Approach

SAME, OTHER, UNTRIED = Approach.SAME, Approach.OTHER, Approach.UNTRIED


@dataclass(frozen=True)
class Effort:
    """An action with its plan and, where it is over, with what came of it. Days are counted from today.

    `begun` says that it is under way or was; `change` and `changed` are in the lever's own number.
    """

    key: str
    title: str
    owner: str
    team: str
    starts: int
    due: int
    lever: str = ""
    serves: str = ""
    touch_point: str = ""
    effect: str = ""
    change: Number | None = None
    cost: Number | None = None
    approach: Approach = Approach.UNSAID
    merits: str = ""
    risks: str = ""
    why_nobody: str = ""
    begun: bool = False
    done: int | None = None
    dropped: int | None = None
    reason: str = ""
    changed: Number | None = None
    result: str = ""
    deals: int | None = None
    orders: int | None = None
    revenue: Number | None = None


EFFORTS = (
    Effort(
        "readings",
        "「会社の珈琲 費用」で探す方への読みものを三本書く",
        "shiraishi",
        "marketing",
        -38,
        -12,
        "corporate/visits",
        "page-one",
        "search",
        "年に+1,500回の訪問",
        1_500,
        90_000,
        SAME,
        "同業で効いている。書いたものは残る",
        "順位が上がるまで二、三か月かかる",
        begun=True,
        done=-13,
        changed=1_900,
        result="二本が検索の一ページ目に出た。三年の費用をくらべた一本がよく読まれる",
        deals=3,
        orders=1,
        revenue=1_080_000,
    ),
    Effort(
        "office-day",
        "総務の方の一日を描く投稿を、月に二回続ける",
        "morishita",
        "online",
        -12,
        27,
        "corporate/visits",
        "sns-visits",
        "posts",
        "年に+300回の訪問",
        300,
        None,
        OTHER,
        "文具の会社の投稿が、総務の方に読まれている",
        "絵柄がそろわないと、店の投稿にまぎれる",
        begun=True,
    ),
    Effort(
        "flyers",
        "同じビルの会社へ、管理室に置くチラシを配る",
        "kudo",
        "marketing",
        -30,
        -18,
        "corporate/visits",
        touch_point="building",
        effect="年に+600回の訪問",
        change=600,
        cost=64_000,
        approach=SAME,
        merits="すでに届けに行くビルなので、手間が小さい",
        risks="管理会社に断られる",
        begun=True,
        done=-17,
        changed=180,
        result="十二棟のうち置けたのは五棟。QRコードから来た方は少ないが、一社が商談になった",
        deals=1,
        orders=0,
        revenue=0,
    ),
    Effort(
        "stand",
        "ビルのエレベーターホールに、無人の一杯スタンドを置く",
        "onodera",
        "roastery",
        -27,
        7,
        "corporate/visits",
        touch_point="building",
        effect="一棟で月に200人が飲む",
        change=2_000,
        cost=38_000,
        approach=UNTRIED,
        merits="飲んでから会社に話が行くので、説明が要らない",
        risks="衛生と片づけ。売れ残りの豆",
        why_nobody="管理組合の許可と衛生の責任を、だれも引き受けたがらないから",
        begun=True,
        dropped=-9,
        reason="二週間の実験で、片づけに一日一時間かかると分かった",
        changed=0,
        result="一日34杯。訪問は増えず、片づけの手間が売り上げを上回った",
    ),
    Effort(
        "fair-bag",
        "展示会で、名刺と引きかえに会議で使える一袋を渡す",
        "nomura",
        "sales",
        -36,
        -14,
        "corporate/deal_rate",
        "fair-deals",
        "fair",
        "商談化率+2ポイント",
        "0.02",
        180_000,
        OTHER,
        "化粧品の会社の「現品」にならう。会議で社内に広まる",
        "配るだけで終わり、だれに渡したか残らない",
        begun=True,
        done=-15,
        changed="0.03",
        result="86袋を渡し、一か月以内に九社と商談。翌週の電話までを一組にしたのが効いた",
        deals=9,
        orders=2,
        revenue=2_520_000,
    ),
    Effort(
        "price-first",
        "料金の目安を、問い合わせの前に見られるようにする",
        "kudo",
        "marketing",
        -37,
        -23,
        "corporate/cv_rate",
        "inquiries",
        "prices",
        "CV率+0.05ポイント",
        "0.0005",
        30_000,
        OTHER,
        "賃貸の部屋探しのように、条件を選ぶと目安が出る",
        "安い会社とだけくらべられる",
        begun=True,
        done=-24,
        changed="0.0006",
        result="問い合わせの中身が具体的になり、電話が短くなった。ほかの業種のページにも広げた",
        deals=6,
        orders=1,
        revenue=1_200_000,
    ),
    Effort(
        "case-stories",
        "新しい業種の導入事例を三本公開する",
        "shiraishi",
        "marketing",
        -25,
        18,
        "corporate/cv_rate",
        "cases",
        "cases",
        "CV率+0.03ポイント",
        "0.0003",
        120_000,
        SAME,
        "商談で必ず聞かれる。営業もそのまま使える",
        "先方の確認に時間がかかる",
        begun=True,
    ),
    Effort(
        "monthly-letter",
        "総務の方へ月に一通の便りを送り、関心の段階を名簿につける",
        "kudo",
        "marketing",
        -16,
        32,
        "corporate/cv_rate",
        "segments",
        "letter",
        "CV率+0.02ポイント",
        "0.0002",
        None,
        SAME,
        "展示会の名刺が眠ったままになっている",
        "売り込みに見えると、止められる",
        begun=True,
    ),
    Effort(
        "invoice-cards",
        "請求書に紹介カードを同封し、紹介してくださった会社に結果をお知らせする",
        "morishita",
        "sales",
        6,
        34,
        "corporate/visits",
        "new-contracts",
        "introduced",
        "年に+400回の訪問",
        400,
        45_000,
        OTHER,
        "美容室の紹介カードにならう。紹介は決まりやすい",
        "請求書に入れると、経理の方で止まる",
    ),
    Effort(
        "three-questions",
        "試飲の申し込みを三問に減らす",
        "kudo",
        "marketing",
        -20,
        -6,
        "corporate/deal_rate",
        "inquiries",
        "trial",
        "商談化率+1ポイント",
        "0.01",
        15_000,
        SAME,
        "入力の途中でやめる方が六割いる",
        "人数が分からず、送る量を間違える",
        begun=True,
        done=-5,
        changed="0.008",
        result="申し込みは週四件から七件に。人数はお礼の電話で伺うことにした",
        deals=2,
        orders=0,
        revenue=0,
    ),
    Effort(
        "tasting-hour",
        "社内の試飲会を、十五時の休憩に合わせて月に六回開く",
        "nomura",
        "sales",
        -18,
        21,
        "corporate/deal_rate",
        "fair-deals",
        "tasting",
        "商談化率+3ポイント",
        "0.03",
        150_000,
        OTHER,
        "社食の出張販売のように、昼を外すと席に人がいる",
        "一回に半日かかり、数が増やせない",
        begun=True,
    ),
    Effort(
        "call-within-hour",
        "問い合わせに一時間以内に電話を返す当番を置く",
        "nomura",
        "sales",
        -39,
        -25,
        "corporate/deal_rate",
        "deciders",
        effect="商談化率+3ポイント",
        change="0.03",
        cost=0,
        approach=SAME,
        merits="返事が翌日になると、話せる割合が半分に減る",
        risks="昼休みと配達の時間が重なる",
        begun=True,
        done=-26,
        changed="0.025",
        result="八割に一時間以内に返せた。残りは配達の重なる火曜の午後",
        deals=7,
        orders=2,
        revenue=2_400_000,
    ),
    Effort(
        "no-cleaning",
        "掃除の当番がいらない契約をつくる",
        "nomura",
        "sales",
        -11,
        24,
        "corporate/win_rate",
        "win-rate",
        "proposal",
        "受注率+2ポイント",
        "0.02",
        60_000,
        UNTRIED,
        "断られる理由の一番がなくなり、値段の話にならない",
        "掃除の人手。遠い会社では採算が合わない",
        "機械を売る会社は売り切りのほうが儲かり、豆を売る会社には人手がないから",
        begun=True,
    ),
    Effort(
        "their-day",
        "相手の一日を描いた提案書に切り替える",
        "nomura",
        "sales",
        -22,
        11,
        "corporate/win_rate",
        "proposal-kit",
        "proposal",
        "受注率+1ポイント",
        "0.01",
        None,
        OTHER,
        "住宅会社の「暮らしの提案」にならう。値段の前に使う場面が浮かぶ",
        "一件ずつ書くと、日数がのびる",
        begun=True,
    ),
    Effort(
        "pay-later",
        "豆を置いておき、使ったぶんだけ後から払っていただく",
        "fujiwara",
        "sales",
        13,
        41,
        "corporate/win_rate",
        touch_point="proposal",
        effect="受注率+3ポイント",
        change="0.03",
        cost=200_000,
        approach=UNTRIED,
        merits="はじめる日の決裁が要らない。富山の置き薬と同じ",
        risks="豆の鮮度と、回収の手間。在庫が社外に出る",
        why_nobody="在庫を数えに行く人と、鮮度を守る仕組みの両方が要るから",
    ),
    Effort(
        "ringi-page",
        "稟議にそのまま貼れる一枚を用意する",
        "fujiwara",
        "sales",
        4,
        25,
        "corporate/win_rate",
        "win-rate",
        "ringi",
        "受注率+1ポイント",
        "0.01",
        None,
        SAME,
        "担当の方が書く手間を引き受ける",
        "会社ごとに書式が違う",
    ),
    Effort(
        "roastery-morning",
        "決裁者を、朝七時の焙煎所に招く",
        "onodera",
        "roastery",
        -24,
        -6,
        "corporate/win_rate",
        "deciders",
        "roastery",
        "受注率+1ポイント",
        "0.01",
        45_000,
        OTHER,
        "酒蔵の蔵開きのように、作る場所を見た方は離れない",
        "朝が早い。釜の時間を使う",
        begun=True,
        done=-6,
        changed="0.015",
        result="五社の部長にお越しいただき、二社がその週に押印。次は月に一度と決めた",
        deals=3,
        orders=2,
        revenue=2_880_000,
    ),
    Effort(
        "third-month",
        "三か月目の訪問で社員の声を届け、紹介をお願いする",
        "morishita",
        "sales",
        -17,
        18,
        "corporate/visits",
        "new-contracts",
        "third-month",
        "紹介を月に二件",
        200,
        None,
        SAME,
        "毎日飲んでいただいたあとなら、勧める言葉が自然に出てくる",
        "訪問の数が増え、新しい会社に行けなくなる",
        begun=True,
    ),
    Effort(
        "hand-over",
        "担当の方が替わるときの、引き継ぎの電話を引き受ける",
        "fujiwara",
        "sales",
        -24,
        40,
        "revenue/churn_rate",
        "reviews",
        effect="解約率−1ポイント",
        change="-0.01",
        approach=SAME,
        merits="解約のきっかけの半分は担当者の異動だった",
        risks="異動を知るのが遅れる",
        begun=True,
    ),
    Effort(
        "second-item",
        "請求書と一緒に、二品目の小袋をお届けする",
        "onishi",
        "online",
        -10,
        25,
        "revenue/cross_sell_rate",
        "upsell",
        effect="二品目以上の取引先+2ポイント",
        change="0.02",
        cost=80_000,
        approach=OTHER,
        merits="化粧品の通販の試供品にならう",
        risks="小袋をつくる手間",
        begun=True,
    ),
    Effort(
        "first-line",
        "抽出講習を、見積もりの一行目に置く",
        "nomura",
        "sales",
        -33,
        -9,
        "revenue/option_share",
        "upsell",
        effect="添えた契約+3ポイント",
        change="0.03",
        cost=0,
        approach=OTHER,
        merits="スーツ店が直しを先に聞くのにならう",
        risks="高く見えて断られる",
        begun=True,
        done=-10,
        changed="0.02",
        result="見積もり11件のうち3件に講習がついた。値引きを求められた件はない",
        deals=3,
        orders=3,
        revenue=940_000,
    ),
    Effort(
        "all-evenings",
        "前日の夜の袋詰めを、定期便のすべてに広げる",
        "onodera",
        "roastery",
        -13,
        15,
        serves="ship-days",
        effect="発送までの日数−0.5日",
        approach=SAME,
        merits="二週間の実験で、焼き直しが増えないと分かった",
        risks="残業が週20分ずつ増える",
        begun=True,
    ),
)


@dataclass(frozen=True)
class Step:
    """A line of somebody's day that was about an action, so many days ago."""

    by: str
    days: int
    text: str
    action: str
    at: str = "17:25"


STEPS = (
    Step("nomura", 1, "試飲会を一社。十五時は席に二十三人いらした", "tasting-hour"),
    Step("shiraishi", 2, "歯科医院の事例、写真の選び直し。先方の確認待ち", "case-stories"),
    Step("nomura", 3, "掃除つきの契約、二社目と条件を詰めた", "no-cleaning"),
    Step("kudo", 4, "便りを開いた会社に、関心の段階を付けた。四十二社", "monthly-letter"),
    Step("morishita", 4, "三か月目の訪問を一社。総務仲間のお名前を二つ伺えた", "third-month"),
    Step("kudo", 7, "三問の申し込み画面を公開した", "three-questions"),
    Step("onodera", 8, "焙煎所の見学、二社の部長がお越しになった", "roastery-morning"),
    Step("fujiwara", 8, "異動の連絡を受けた三社に、引き継ぎの電話", "hand-over"),
    Step("onishi", 9, "小袋の試し詰め。一袋40秒でできる", "second-item"),
    Step("onodera", 13, "無人スタンドの片づけに一時間。続けるのは難しい", "stand"),
    Step("nomura", 13, "見積もりの一行目に講習を置いて三件提出", "first-line"),
    Step("morishita", 11, "総務の方の一日、一回目の下絵を三枚", "office-day"),
    Step("onodera", 12, "前日の袋詰め、二つの便に広げた", "all-evenings"),
    Step("nomura", 19, "展示会でお渡しした会社への電話、最後の十二件", "fair-bag"),
    Step("shiraishi", 16, "三本目の読みものを公開に回した", "readings"),
    Step("kudo", 20, "管理室に置けたビルの一覧を更新した", "flyers"),
    Step("nomura", 18, "提案書の一枚目を、相手の朝の給湯室から書き始めた", "their-day"),
)


def set_out(company: Company) -> None:
    """The plan of the quarter as each team's lead wrote it down, taken up and ended by whoever owns it."""
    written: dict[str, list[Effort]] = defaultdict(list)
    for effort in EFFORTS:
        written[company.tale.leaders[effort.team]].append(effort)
    for who, efforts in written.items():
        with company.acting(who, company.at(company.days.spans["current"].start + DAY, "16:20")) as by:
            rows = Action.objects.bulk_create(
                Action(
                    organization=company.organization,
                    team=company.teams[effort.team],
                    title=effort.title,
                    owner=company.people[effort.owner],
                    starts_on=on_a_workday(company, effort.starts),
                    due_on=on_a_workday(company, effort.due),
                    expected_effect=effort.effect,
                    expected_change=number(effort.change),
                    cost=number(effort.cost),
                    approach=effort.approach,
                    merits=effort.merits,
                    risks=effort.risks,
                    why_nobody=effort.why_nobody,
                    key_result=company.key_results[effort.serves] if effort.serves else None,
                    kpi=company.kpis[effort.lever] if effort.lever else None,
                    touch_point=company.touch_points[effort.touch_point] if effort.touch_point else None,
                    created_by=by,
                    submission_key=key("effort", effort.key),
                )
                for effort in efforts
            )
        company.actions |= {effort.key: row for effort, row in zip(efforts, rows, strict=True)}
    for effort in EFFORTS:
        go_on(company, effort, company.actions[effort.key])
    log(company)


def go_on(company: Company, effort: Effort, action: Action) -> None:
    """Take it up on its first day, and end it where it has ended."""
    if effort.begun:
        with company.acting(effort.owner, company.at(on_a_workday(company, effort.starts), "09:05")):
            action.began_on = action.starts_on
            action.version += 1
            action.save(update_fields=["began_on", "version"])
    ended = effort.done if effort.dropped is None else effort.dropped
    if ended is None:
        return
    day = on_a_workday(company, ended)
    with company.acting(effort.owner, company.at(day, "16:45")) as by:
        action.state = ActionState.DONE if effort.dropped is None else ActionState.DROPPED
        action.closed_on, action.closed_by, action.dropped_reason = day, by, effort.reason
        action.actual_change, action.result = number(effort.changed), effort.result
        action.deals, action.orders, action.revenue = effort.deals, effort.orders, number(effort.revenue)
        action.version += 1
        action.save()


def log(company: Company) -> None:
    for place, step in enumerate(STEPS):
        day: date = company.days.today - step.days * DAY
        action = company.actions[step.action]
        with company.acting(step.by, company.at(day, step.at)) as by:
            Activity.objects.create(
                organization=company.organization,
                membership=by,
                date=day,
                text=step.text,
                key_result=action.key_result,
                action=action,
                submission_key=key("activity of action", place),
            )
