"""What was learned: the list of lessons, and what of them a page needs."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q
from django.http import QueryDict

from objectives.models import Cause, KeyResult, Lesson, Question
from objectives.models.lessons import LessonQuerySet
from objectives.queries.serving import MOST_OFFERED, offered_key_results
from people.access import read_id
from people.models import Membership, below

UNSORTED = "unsorted"
CAUSES = {UNSORTED: "", **{value: value for value in Cause.values if value}}
MOST_OF_TEAM = 3


def with_names(rows: LessonQuerySet) -> LessonQuerySet:
    """Rows with all that a line about a lesson names."""
    return rows.select_related("team", "cycle", "key_result", "kpi", "author__user")


@dataclass(frozen=True)
class Wanted:
    """What a list of lessons is narrowed to; a team with all below it. None and "" narrow nothing."""

    search: str = ""
    team: int | None = None
    cycle: int | None = None
    cause: str | None = None
    question: str = ""
    kpi: int | None = None
    objective: int | None = None

    @property
    def is_narrowed(self) -> bool:
        return self != Wanted()


def wanted_from(asked: QueryDict) -> Wanted:
    """What the address asks for; what is not understood is left out."""
    question = asked.get("question", "")
    return Wanted(
        search=asked.get("q", "").replace("\0", "").strip()[:200],
        team=read_id(asked.get("team")),
        cycle=read_id(asked.get("cycle")),
        cause=CAUSES.get(asked.get("cause", "")),
        question=question if question in Question.values else "",
        kpi=read_id(asked.get("lever")),
        objective=read_id(asked.get("objective")),
    )


def lessons_wanted(membership: Membership, wanted: Wanted) -> LessonQuerySet:
    """The lessons of a list, newest first."""
    rows = with_names(Lesson.objects.visible_to(membership))
    if wanted.team is not None:
        rows = rows.filter(team__in=below([wanted.team]))
    if wanted.cause is not None:
        rows = rows.filter(cause=wanted.cause)
    if wanted.question:
        rows = rows.filter(question=wanted.question)
    for name in ("cycle", "kpi", "objective"):
        if (number := getattr(wanted, name)) is not None:
            rows = rows.filter(**{name: number})
    for word in wanted.search.split():
        rows = rows.filter(holding(word))
    return rows


def holding(word: str) -> Q:
    """In which of its words a word stands, in either width."""
    found = Q()
    for spelled in {word, unicodedata.normalize("NFKC", word)}:
        for name in ("text", "advice", "measure", "key_result__title"):
            found |= Q(**{f"{name}__icontains": spelled})
    return found


def most_common_cause(membership: Membership) -> tuple[int, str]:
    """How many lessons there are, and the cause that most of them name; "" where no cause was named twice."""
    rows = Lesson.objects.visible_to(membership).order_by().values_list("cause").annotate(count=Count("pk"))
    counts = dict(rows)
    named = [(count, cause) for cause, count in counts.items() if cause and count > 1]
    return sum(counts.values()), max(named)[1] if named else ""


def lessons_by_team(membership: Membership, cycle_id: int, teams: Iterable[int]) -> dict[int, list[Lesson]]:
    """The newest few lessons of a cycle, by team."""
    found: dict[int, list[Lesson]] = defaultdict(list)
    for row in with_names(Lesson.objects.visible_to(membership)).filter(cycle=cycle_id, team__in=set(teams)):
        if len(found[row.team_id]) < MOST_OF_TEAM:
            found[row.team_id].append(row)
    return found


def learned_from(membership: Membership, *, also: Iterable[int] = ()) -> list[KeyResult]:
    """Key results that a lesson may be about: those one would act on, and those of the cycles that ended last."""
    offered = offered_key_results(membership, also=also)
    known = {row.pk for row in offered}
    own = Q(owner=membership.pk) | Q(objective__owner=membership.pk) | Q(objective__team__in=membership.team_ids)
    ended = (
        KeyResult.objects.visible_to(membership)
        .filter(own, objective__dropped_at=None, dropped_at=None)
        .exclude(pk__in=known)
        .select_related("objective__team")
        .order_by("-objective__cycle__end", "objective__position", "objective_id", "position", "pk")
    )
    return [*offered, *ended[:MOST_OFFERED]]
