"""What the example company and its agency say to each other, and how the agency's work is to come in-house."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import translation

from dashboards.demo.company import Company, key
from dashboards.demo.days import DAY
from funnel.models import HandoverStep, RoomMessage
from objectives.services.handover import plan_handover, save_step, tick_step
from objectives.services.room_talk import say_in_room, settle_question

AGENCY = "hasegawa"
LOOKS_AFTER = "kudo"


@dataclass(frozen=True)
class Said:
    """Something said in the room so many days ago; `answers` names the question, `settled` how many days ago it was."""

    name: str
    by: str
    days: int
    at: str
    text: str
    asks: bool = False
    answers: str = ""
    settled: int | None = None


TALK = (
    Said(
        "price",
        AGENCY,
        19,
        "10:40",
        "法人定期便は、1件の受注で年にいくらの売上になりますか。粗利で考えると、広告にかけてよい上限が変わります。",
        asks=True,
        settled=17,
    ),
    Said(
        "price-is",
        LOOKS_AFTER,
        18,
        "09:20",
        "1件で年およそ120万円、粗利は4割強です。二年目に入る会社が8割なので、二年で見ていただいて構いません。",
        answers="price",
    ),
    Said("thanks", AGENCY, 17, "17:35", "助かります。問い合わせ1件あたりの上限を、二年分の粗利から引き直しました。"),
    Said(
        "small",
        AGENCY,
        9,
        "11:15",
        "従業員30人未満の会社の問い合わせが3割あります。受ける条件があれば、記事の書き方をそこに合わせます。",
        asks=True,
    ),
    Said(
        "small-is",
        LOOKS_AFTER,
        8,
        "16:05",
        "近くの会社どうしで分け合う形なら受けられそうです。品書きが決まるのは来週なので、それまでお待ちください。",
        answers="small",
    ),
    Said(
        "report",
        LOOKS_AFTER,
        6,
        "13:30",
        "先月分の数字が出そろいました。次の打ち合わせは貢献レポートから始めましょう。",
    ),
    Said(
        "who",
        LOOKS_AFTER,
        3,
        "10:10",
        "検索順位の計測を社内に移すとき、いまの設定をそのまま使えますか。",
        asks=True,
    ),
)
WEEKS_BEFORE = 6
"""So far ahead lies the day from which the work is done in-house."""
PLANNED = 15
"""How many days ago it was planned."""
KEEPERS = {0: "shiraishi", 1: "kudo", 6: "kudo", 8: "shiraishi"}
"""Who inside does which step of the usual list, by its place."""
TICKED = ((0, LOOKS_AFTER, 12, "11:00"), (3, AGENCY, 5, "18:10"), (2, AGENCY, 2, "17:40"))
"""Which step was done, by whom, how many days ago, and when."""


def fill_partner_room(company: Company) -> None:
    """Said and done by the acts that people take for it, in the order in which they did."""
    talk(company, AGENCY, [each for each in TALK if each.days > PLANNED])
    steps = plan(company)
    talk(company, AGENCY, [each for each in TALK if each.days <= PLANNED])
    for place, who, ago, at in TICKED:
        with company.acting(who, company.at(company.days.today - ago * DAY, at)) as by:
            tick_step(steps[place], by=by, done=True)


def talk(company: Company, partner: str, lines: Sequence[Said]) -> None:
    """Said in a partner's room, in this order; then who asked says what is settled."""
    today = company.days.today
    said: dict[str, RoomMessage] = {}
    for each in lines:
        with company.acting(each.by, company.at(today - each.days * DAY, each.at)) as by:
            said[each.name] = say_in_room(
                company.people[partner],
                by=by,
                text=each.text,
                is_question=each.asks,
                question=said.get(each.answers),
                submission_key=key("room", partner, each.name),
            )
    for each in lines:
        if each.settled is not None:
            with company.acting(each.by, company.at(today - each.settled * DAY, "17:30")) as by:
                settle_question(said[each.name], by=by, settled=True)


def plan(company: Company) -> list[HandoverStep]:
    partner, today = company.people[AGENCY], company.days.today
    with company.acting(LOOKS_AFTER, company.at(today - PLANNED * DAY, "15:00")) as by, translation.override("ja"):
        plan_handover(partner, by=by, on=today + timedelta(weeks=WEEKS_BEFORE))
        steps = list(HandoverStep.objects.filter(partner=partner))
        for place, keeper in KEEPERS.items():
            step = steps[place]
            save_step(step, by=by, text=step.text, by_partner=False, owner=company.people[keeper], due_on=step.due_on)
    return steps
