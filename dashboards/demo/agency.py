"""The agency that the example company works with: how it was chosen, what it has in hand, what came of it.

Its name, and those of the others that were looked at, are invented.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from itertools import takewhile

from dashboards.demo.company import Company, key
from dashboards.demo.days import DAY
from dashboards.demo.partner_room import AGENCY, Said, fill_partner_room, talk
from dashboards.demo.readings import write_month
from funnel.formulas.actuals import month_of, next_month
from funnel.models import Candidate, HandoverStep
from objectives.models import Notice
from objectives.services.candidates import add_candidate, connect_candidate, decide_candidate, rate_candidate
from objectives.services.contributions import issue_report
from objectives.services.entrusting import entrust_lever
from objectives.services.handover import tick_step
from objectives.services.notices import mark_read
from objectives.services.sharing import save_room, share_kpi

CONSULTANT = "miyakoshi"
FRIDAY = 4
MONTHS_HELD = 4
"""Whole months in which the levers were in the agency's hands."""
ISSUED_ON, ISSUED_AT = 5 * DAY, "15:15"
"""How long after a month has ended its report is handed over, or on the Friday before."""

SHEET = {
    "customer": "札幌とその近郊の、従業員30〜300人の会社。選ぶのは総務の方で、社長の好みがものを言う。",
    "value": "社員が席を立って集まる一杯。来客の「おいしいですね」が、会社の印象になる。",
    "delivery": "焙煎から四日以内に、月に一、二度の定期便で届ける。器具の貸し出しと抽出の講習がつく。",
    "price": "一社あたり年120万円。60人の会社で、一日ひとり一杯ほど。",
    "profit": "粗利は42%（送料と講習の人手を引いたあと）。二年目は講習がいらないので、続くほど残る。",
    "agreement": "クリックや表示の数ではなく、担当レバーがKGIに足した売上と粗利で、毎月評価する。"
    "預けたときの値を下回った月は、その分を引いて数える。半年たったら、社内に引き継ぐ。",
    "margin": Decimal("0.42"),
    "monthly_fee": Decimal(180_000),
}
# Where they stood when they were handed over, counted as their targets are, and the portion that counts as theirs.
LEVERS = (("corporate/visits", 7_280 * 12, "0.7"), ("corporate/cv_rate", "0.0081", "1"))
READ = ("corporate/visits", "corporate/cv_rate", "corporate/deal_rate", "corporate/unit_price")


@dataclass(frozen=True)
class Rated:
    """What one person noted: answers 0 no, 1 in part, 2 yes by the prompts' codes."""

    by: str
    answers: Mapping[str, int]
    notes: Mapping[str, str] = field(default_factory=dict)
    questions: str = ""
    impression: str = ""


@dataclass(frozen=True)
class Considered:
    """A candidate, first met so many days before the levers were handed over; with `days` so many before today."""

    key: str
    name: str
    purpose: str
    note: str
    by: str
    ratings: tuple[Rated, ...]
    state: str = ""
    reason: str = ""
    days: int | None = None


ASKED_ALL = {"unit_price": 2, "main_target": 2, "profit": 2, "delivery": 2}
PURPOSE = "法人定期便の問い合わせを増やす"
CANDIDATES = (
    Considered(
        "birch",
        "樺音編集室",
        PURPOSE,
        "札幌の三人の編集室。取引先の菓子店からの紹介。",
        "kudo",
        (
            Rated(
                "kudo",
                {**ASKED_ALL, "business": 2, "disagrees": 2, "price_only": 0, "channel_first": 0},
                {
                    "unit_price": "一社が一年にいくら残すかを、席に着いてすぐ聞かれた",
                    "disagrees": "記事を月に八本という案に、二本で足りると言われた",
                },
                "一社あたりの粗利は。断る会社はどんな会社か。契約のあと、だれが届けるのか。",
                "宿題の答えを、次の日の朝に持ってきてくださった。",
            ),
            Rated(
                "fujiwara",
                {**ASKED_ALL, "delivery": 1, "business": 2, "disagrees": 1, "price_only": 0, "channel_first": 0},
                {"delivery": "定期便は分かっていた。講習があることはご存じなかった"},
                "商談で断られた理由を、値段のほかに三つ挙げられるか。",
                "商談に同席したいと言われた。営業の話が通じる。",
            ),
        ),
        "chosen",
        "広告の話より先に、一社あたりの粗利と断られる理由を聞いてくださった。半年で社内に引き継ぐことも、先方からの案。",
    ),
    Considered(
        "north",
        "朔凪アド",
        PURPOSE,
        "展示会で名刺をいただいた広告の代理店。道内に四十人ほど。",
        "kudo",
        (
            Rated(
                "kudo",
                {"unit_price": 0, "main_target": 1, "profit": 0, "business": 0, "price_only": 2, "channel_first": 2},
                {"channel_first": "「まずはInstagramから始めましょう」が最初のひと言"},
                "予算はいくらか。いつから始めるか。",
                "資料はきれいだが、社名のほかは、どの会社に出しても同じ中身。",
            ),
            Rated(
                "fujiwara",
                {"unit_price": 0, "main_target": 0, "business": 1, "disagrees": 0, "price_only": 2},
                {"price_only": "初期費用と月額、開始日だけの見積もり"},
                "",
                "こちらの言うことに、全部うなずかれた。",
            ),
        ),
        "declined",
        "単価も粗利も聞かれないまま、金額と開始日の見積もりが届いた。",
    ),
    Considered(
        "ice",
        "氷樹デジタル",
        PURPOSE,
        "東京の運用会社。検索広告の実績が多い。",
        "shiraishi",
        (
            Rated(
                "shiraishi",
                {"unit_price": 2, "main_target": 1, "profit": 0, "delivery": 0, "business": 1, "channel_first": 1},
                {"main_target": "「BtoBの決裁者」まで。総務の方の話にはならなかった"},
                "一件の問い合わせに、いくらまで出せるか。",
                "数字には強い。うちの商圏の狭さは、最後まで伝わらなかった。",
            ),
            Rated("kudo", {"unit_price": 2, "profit": 1, "disagrees": 0, "price_only": 1}),
        ),
        "declined",
        "札幌圏の会社の数では、先方の最低の広告費を使い切れない。商圏が広がったら、もう一度相談する。",
    ),
    Considered(
        "bell",
        "雪鈴フィルム",
        "焙煎と抽出の短い動画をつくる",
        "菅原さんの動画を見て、先方から連絡をいただいた二人の会社。",
        "kudo",
        (
            Rated(
                "kudo",
                {"unit_price": 1, "main_target": 2, "delivery": 2, "business": 1, "price_only": 0},
                {"delivery": "抽出の講習を、撮る前に受けてみたいとのこと"},
                "だれが、どこで見る動画か。見た人に次に何をしてほしいか。",
                "釜の音の録り方の話が長くて、面白かった。",
            ),
            Rated(
                "sugawara",
                {"main_target": 1, "delivery": 2, "disagrees": 2},
                {"disagrees": "「顔は出さないほうが豆が立つ」と言われた"},
                impression="撮影のあいだ、釜を止めなくてよいと言ってくれた。",
            ),
            Rated(
                "fujiwara",
                {"unit_price": 0, "main_target": 2, "profit": 0, "business": 1, "channel_first": 1},
                {"channel_first": "縦長の動画にする理由を聞いたら、流行っているからとのこと"},
                "商談の席で見せる動画か、見たあとに問い合わせをもらう動画か。",
            ),
        ),
        days=16,
    ),
)


BAD_MONTH = 3
"""So many months ago the levers fell below where they stood."""
AFTER_ITS_REPORT = 3
AFTER_THE_BAD_MONTH = (
    Said(
        "fell",
        AGENCY,
        AFTER_ITS_REPORT,
        "09:30",
        "先月は検索の順位が入れ替わり、費用の記事が二ページ目に落ちました。訪問もCV率も、お預かりしたときを下回っています。"
        "今月は新しい記事を止め、落ちた三本を書き直します。",
    ),
    Said(
        "fell-heard",
        "fujiwara",
        AFTER_ITS_REPORT,
        "13:10",
        "悪い月を先に話してくださって、助かります。書き直しには、営業で断られた理由の一覧を使ってください。",
    ),
)
"""Said so many days after its report; the rest of the talk so many days ago."""
EARLY_TALK = (
    Said(
        "fair",
        "fujiwara",
        24,
        "16:30",
        "見本市からの訪問は、流入元を「催し」に分けました。訪問の三割をこちらの分としているのは、このためです。",
    ),
)
LATE_TALK = (
    Said(
        "back",
        AGENCY,
        11,
        "10:45",
        "書き直した三本が一ページ目に戻りました。料金の目安を先に見せた記事が、いちばん読まれています。",
    ),
    Said(
        "photo",
        AGENCY,
        2,
        "14:50",
        "取材した歯科医院の記事に、院長のお名前とお写真を出してもよいでしょうか。来週の公開に間に合わせたいです。",
        asks=True,
    ),
)
CONSULTANTS_TALK = (
    Said(
        "pause",
        CONSULTANT,
        17,
        "13:40",
        "休止を選んだ方も「続けてくださった方」に入れて数えていますか。数え方で二ポイントほど変わります。",
        asks=True,
        settled=15,
    ),
    Said(
        "pause-is",
        "onishi",
        16,
        "18:05",
        "入れていません。45日以内に二回目が出荷された方だけです。休止は別に数えて、月の初めにお渡しします。",
        answers="pause",
    ),
)
DONE = {1: ("fujiwara", 10), 5: (AGENCY, 3)}
"""Which steps of the handover are done as well, by their place in the list: by whom, how many days ago."""
WITH_THE_AGENCY, READ_AGO = (AGENCY, "kudo"), 4
"""They read last so many days ago."""


def work_with_partners(company: Company) -> None:
    """From the choice to the handover, in the order in which it happened."""
    begun = next_month(month_of(company.days.today), -MONTHS_HELD)
    for looked in CANDIDATES:
        choose(company, looked, begun)
    read_before_the_year(company, begun)
    entrust(company, begun)
    report_and_talk(company, begun)
    fill_partner_room(company)
    talk(company, AGENCY, LATE_TALK)
    talk(company, CONSULTANT, CONSULTANTS_TALK)
    bring_in_house(company)
    read_notices(company)


def choose(company: Company, looked: Considered, begun: date) -> None:
    met = begun - 36 * DAY if looked.days is None else company.days.today - looked.days * DAY
    candidate = Candidate(
        name=looked.name, purpose=looked.purpose, note=looked.note, submission_key=key("candidate", looked.key)
    )
    with company.acting(looked.by, company.at(met, "16:20", 9 * len(looked.key))) as by:
        candidate, _is_new = add_candidate(candidate, by=by)
    for number, rated in enumerate(looked.ratings, start=2):
        with company.acting(rated.by, company.at(met + number * DAY, "17:30", 7 * number)) as by:
            rate_candidate(
                candidate,
                by=by,
                answers=rated.answers,
                notes=rated.notes,
                questions=rated.questions,
                impression=rated.impression,
            )
    if not looked.state:
        return
    with company.acting("fujiwara", company.at(at_work(begun - 17 * DAY), "11:10", 5 * len(looked.key))) as by:
        decide_candidate(candidate, state=looked.state, reason=looked.reason, by=by)
        if looked.state == "chosen":
            connect_candidate(candidate, partner=company.people[AGENCY], by=by)


def read_before_the_year(company: Company, begun: date) -> None:
    """The months of the fiscal year are written already; those before it that count for the agency are not."""
    month = month_of(company.days.today)
    for place in READ:
        for ago, value in enumerate(company.tale.months[place][:MONTHS_HELD], start=1):
            write_month(company, place, "fujiwara", next_month(month, -ago), Decimal(str(value)))


def entrust(company: Company, begun: date) -> None:
    """What the agency is told of the business, and what was put into its hands."""
    agency = company.people[AGENCY]
    with company.acting("fujiwara", company.at(begun - 3 * DAY, "14:00")) as by:
        save_room(agency, by=by, sheet=SHEET, expected_version=0)
    with company.acting("fujiwara", company.at(begun, "09:30")) as by:
        for place, start, portion in LEVERS:
            entrust_lever(
                company.kpis[place],
                agency,
                by=by,
                portion=Decimal(portion),
                start_value=Decimal(str(start)),
                began_on=begun,
            )
    with company.acting("miura", company.at(begun + 12 * DAY, "12:20")) as by:
        share_kpi(company.kpis["revenue/lead_rate"], agency, by=by, shared=True)


def at_work(day: date) -> date:
    """The day, or the Friday before."""
    return day - max(0, day.weekday() - FRIDAY) * DAY


def issue_day(month: date) -> date:
    return at_work(next_month(month) + ISSUED_ON)


def report_and_talk(company: Company, begun: date) -> None:
    """The reports that were handed over so far, and what was said between them."""
    months = [next_month(begun, number) for number in range(MONTHS_HELD)]
    acts: list[tuple[datetime, Callable[[], None]]] = [
        (company.at(issue_day(month), ISSUED_AT), partial(hand_over, company, month))
        for month in takewhile(lambda each: issue_day(each) < company.days.today, months)
    ]
    acts += [
        (company.at(company.days.today - line.days * DAY, line.at), partial(talk, company, AGENCY, [line]))
        for line in (*after_the_bad_month(company.days.today), *EARLY_TALK)
    ]
    for _at, act in sorted(acts, key=lambda each: each[0]):
        act()


def hand_over(company: Company, month: date) -> None:
    with company.acting("fujiwara", company.at(issue_day(month), ISSUED_AT)) as by:
        issue_report(
            company.people[AGENCY],
            company.kgis["corporate"],
            month,
            by=by,
            submission_key=key("contribution", AGENCY, month),
        )


def after_the_bad_month(today: date) -> Iterator[Said]:
    reported_on = issue_day(next_month(month_of(today), -BAD_MONTH))
    for line in AFTER_THE_BAD_MONTH:
        yield replace(line, days=(today - at_work(reported_on + line.days * DAY)).days)


def bring_in_house(company: Company) -> None:
    """The handover is half done."""
    steps = list(HandoverStep.objects.filter(partner=company.people[AGENCY]))
    for place, (person, days) in DONE.items():
        with company.acting(person, company.at(company.days.today - days * DAY, "16:40")) as by:
            tick_step(steps[place], by=by, done=True)


def read_notices(company: Company) -> None:
    """What was told of all this: who works with the agency has what is new before them, the others have read it."""
    today = company.days.today
    told = Notice.objects.filter(occasion__regex="^(room|handover|contribution):", read_at=None)
    for name, person in company.people.items():
        read_on = today - (READ_AGO if name in WITH_THE_AGENCY else 1) * DAY
        at = company.at(read_on, "18:50")
        ids = list(told.filter(membership=person, created_at__lt=at).values_list("pk", flat=True))
        if ids:
            with company.acting(name, at) as by:
                mark_read(by, notices=ids)
