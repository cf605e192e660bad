"""What the people of the example company say to each other: offers of help, answers, comments, and a word of thanks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboards.demo.company import Company, key
from dashboards.demo.days import DAY
from objectives import rising
from objectives.models import CheckIn, CommentKind, KeyResult, Obstacle, ObstacleKind, ReactionKind
from objectives.queries.comments import About
from objectives.services.comments import add_comment, react
from objectives.services.obstacles import answer_obstacle, change_obstacle, offer_help
from people.models import Delivery, Topic

FIRST_DAY = 14
ANSWERS = {CommentKind.OFFER: offer_help, CommentKind.ANSWER: answer_obstacle}


@dataclass(frozen=True)
class Word:
    """Something said so many days ago: about the last obstacle or check-in of a key result, or a goal."""

    about: str
    by: str
    days: int
    at: str
    text: str
    kind: str = CommentKind.COMMENT
    goal: bool = False


@dataclass(frozen=True)
class Nod:
    """A reaction to the last check-in on a key result."""

    about: str
    by: str
    days: int
    kind: str


OFFER, ANSWER = CommentKind.OFFER, CommentKind.ANSWER
WORDS = (
    Word(
        "break-contracts",
        "ishiguro",
        9,
        "13:20",
        "ひな形から外れた箇所だけを部長に見てもらう形にしませんか。一覧は私が作れます。",
        OFFER,
    ),
    Word("break-contracts", "fujiwara", 9, "16:45", "助かります。営業の三件で、まず試させてください。"),
    Word("sub-first", "sugawara", 6, "15:10", "木曜の夕方なら、焙煎所から一人、箱詰めに回れます。", OFFER),
    Word(
        "deciders",
        "fujiwara",
        6,
        "09:15",
        "わたしから先方の部長にご挨拶してみましょうか。決算明けの週で、候補日を二つ出します。",
        ANSWER,
    ),
    Word(
        "satisfaction",
        "fujiwara",
        6,
        "09:30",
        "どの会社なら、訪問のついでに聞けそうですか。二社は私が引き取れます。",
        ANSWER,
    ),
    Word("win-rate", "onodera", 6, "08:05", "火曜と金曜は、納品の帰りに二か所まで掃除に寄れます。", OFFER),
    Word("backlinks", "onodera", 6, "07:50", "来週の水曜なら、午前の二釜を昼に寄せられます。取材、歓迎です。", ANSWER),
    Word("ship-days", "onishi", 6, "10:05", "月曜だけ締め切りを一時間早めたら、どこまで楽になりそうですか。", ANSWER),
    Word(
        "year-contracts",
        "miura",
        6,
        "08:20",
        "下書きは、わたしにも回してください。重なる週は同席します。",
        ANSWER,
    ),
    Word(
        "morning",
        "miura",
        4,
        "08:40",
        "@藤原 千尋 法人のお客さまの来店も、ここに足せそうです。",
        goal=True,
    ),
    Word("morning", "fujiwara", 4, "11:10", "@三浦 誠一郎 見本市のカードに店の地図を入れてみます。", goal=True),
    Word("inquiries", "fujiwara", 3, "17:30", "少人数の会社は、まず詰め合わせでご案内できます。営業に回してください。"),
)
NODS = (
    Nod("new-contracts", "miura", 2, ReactionKind.WELL_DONE),
    Nod("new-contracts", "onishi", 2, ReactionKind.THANKS),
    Nod("morning-online", "miura", 2, ReactionKind.SEEN),
    Nod("deciders", "fujiwara", 3, ReactionKind.WITH_YOU),
    Nod("loyal-voices", "kudo", 3, ReactionKind.SEEN),
    Nod("crm", "fujiwara", 2, ReactionKind.WELL_DONE),
)
KINDS = {
    "break-contracts": ObstacleKind.DECISION,
    "loyal-voices": ObstacleKind.PEOPLE,
    "sub-first": ObstacleKind.PEOPLE,
    "morning-regulars": ObstacleKind.OUTSIDE,
    "year-contracts": ObstacleKind.PEOPLE,
    "win-rate": ObstacleKind.PEOPLE,
    "backlinks": ObstacleKind.OTHER_TEAM,
    "deciders": ObstacleKind.CUSTOMER,
}
"""What sort the last obstacle of a key result is."""


def talk(company: Company) -> None:
    """Day by day, each said by the act that people take for it; what nobody helps with rises meanwhile."""
    for name, kind in KINDS.items():
        last = Obstacle.objects.filter(key_result=company.key_results[name]).select_related("raised_by__user").last()
        if last is not None:
            with company.by(owner_of(company, last), last.created_at):
                change_obstacle(last, by=last.raised_by, kind=kind)
    for ago in range(FIRST_DAY, -1, -1):
        for word in WORDS:
            if word.days == ago:
                say(company, word)
        for nod in NODS:
            if nod.days == ago:
                with company.acting(nod.by, company.at(company.days.today - ago * DAY, "12:05")) as by:
                    react(last_check_in(company.key_results[nod.about]), by=by, kind=nod.kind, on=True)
        with company.acting("ishiguro", company.at(company.days.today - ago * DAY, "00:10")):
            rising.raise_aged(company.organization.pk)
    # These went long ago: nobody is told today.
    Delivery.objects.filter(organization=company.organization, topic=Topic.OBSTACLE).delete()


def owner_of(company: Company, obstacle: Obstacle) -> str:
    """Under which key of the story the person stands who named it."""
    return next(name for name, person in company.people.items() if person.pk == obstacle.raised_by_id)


def say(company: Company, word: Word) -> None:
    moment = company.at(company.days.today - word.days * DAY, word.at)
    with company.acting(word.by, moment) as by:
        about = about_of(company, word)
        said: dict[str, Any] = {
            "by": by,
            "text": word.text,
            "submission_key": key("word", word.about, word.by, word.at),
        }
        if isinstance(about, Obstacle) and about.is_standing and word.kind in ANSWERS:
            ANSWERS[CommentKind(word.kind)](about, **said)
        else:
            add_comment(about, kind=word.kind, **said)


def about_of(company: Company, word: Word) -> About:
    if word.goal:
        return company.objectives[word.about]
    key_result = company.key_results[word.about]
    obstacle = Obstacle.objects.filter(key_result=key_result).select_related("key_result__objective").last()
    return obstacle or last_check_in(key_result)


def last_check_in(key_result: KeyResult) -> CheckIn:
    rows = key_result.check_ins.counted().newest_first().select_related("key_result__objective")
    return rows[0]
