"""What stands beside the numbers of a report: retrospectives, lessons, experiments, obstacles."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, F, Prefetch, Q
from django.db.models.functions import Coalesce, Least

from dashboards.queries.branches import Branch
from dashboards.queries.departments import within
from objectives.models import (
    Cause,
    CheckIn,
    Cycle,
    Experiment,
    Lesson,
    Level,
    Obstacle,
    ObstacleState,
    Question,
    Retrospective,
    RetrospectiveNote,
    Stage,
)
from people.models import Membership

MOST_CHECK_INS = 20_000
MOST_OBSTACLES = 5
MOST_NOTES = 8
"""Of what people wrote to one question a report shows the ones with most votes."""


@dataclass(frozen=True, slots=True)
class Said:
    """A note of a retrospective, and how many votes it got."""

    text: str
    cause: str
    votes: int

    @property
    def cause_words(self) -> str:
        return str(Cause(self.cause).label) if self.cause else ""


@dataclass
class Looked:
    """A retrospective that has ended, in numbers and words, without names."""

    retrospective: Retrospective
    said: dict[str, list[Said]] = field(default_factory=lambda: defaultdict(list))
    causes: Counter[str] = field(default_factory=Counter)

    def by_question(self) -> list[tuple[str, list[Said]]]:
        """Everything that was said, by question, in the order of the questions."""
        return [(str(question.label), self.said[question]) for question in Question if self.said.get(question)]

    @property
    def succeeded(self) -> list[Said]:
        return self.said[Question.SUCCEEDED][:MOST_NOTES]

    @property
    def improve(self) -> list[Said]:
        return self.said[Question.IMPROVE][:MOST_NOTES]

    @property
    def missed(self) -> list[Said]:
        return self.said[Question.MISSED][:MOST_NOTES]

    @property
    def measure(self) -> list[Said]:
        return self.said[Question.MEASURE][:MOST_NOTES]


@dataclass(frozen=True, slots=True)
class Stood:
    """An obstacle and how many days of the cycle it stood; `until` is None while it stands."""

    obstacle: Obstacle
    days: int
    until: date | None


def looked_back(membership: Membership, cycle: Cycle, branch: Branch) -> dict[int, list[Looked]]:
    """The retrospectives of a cycle that have ended, by team: the team's own first. Two queries."""
    notes = (
        RetrospectiveNote.objects.filter(withdrawn_at=None)
        .annotate(
            voices=Count("votes", distinct=True),
            beneath=Count("gathered", Q(gathered__withdrawn_at=None), distinct=True),
        )
        .order_by("-voices", "-beneath", "pk")
    )
    rows = within(Retrospective.objects.visible_to(membership).filter(cycle=cycle, stage=Stage.ENDED), branch)
    rows = rows.exclude(objective__level=Level.INDIVIDUAL).exclude(objective__dropped_at__isnull=False)
    by_team: dict[int, list[Looked]] = defaultdict(list)
    ordered = rows.select_related("objective").prefetch_related(Prefetch("notes", notes, to_attr="standing"))
    for row in ordered.order_by(F("objective").asc(nulls_first=True), "pk"):
        one = Looked(row)
        for note in row.standing:
            if note.question == Question.MISSED and note.cause:
                one.causes[note.cause] += 1
            if note.under_id is None:
                one.said[note.question].append(Said(note.text, note.cause, note.voices))
        by_team[row.team_id].append(one)
    return by_team


def counted_causes(looked: Sequence[Looked]) -> list[tuple[str, int]]:
    """Why key results were missed, as words and counts, the most frequent first."""
    total: Counter[str] = Counter()
    for one in looked:
        total += one.causes
    order = list(Cause.values)
    ranked = sorted(total.items(), key=lambda item: (-item[1], order.index(item[0])))
    return [(str(Cause(cause).label), count) for cause, count in ranked]


def lessons(membership: Membership, cycle: Cycle, branch: Branch) -> dict[int, list[Lesson]]:
    """What was learned in the cycle, by team; what it is about is no single person's goal."""
    rows = within(Lesson.objects.visible_to(membership).filter(cycle=cycle), branch)
    rows = rows.exclude(objective__level=Level.INDIVIDUAL).exclude(key_result__objective__level=Level.INDIVIDUAL)
    found: dict[int, list[Lesson]] = defaultdict(list)
    for row in rows.select_related("key_result", "objective").order_by("created_at", "pk"):
        found[row.team_id].append(row)
    return found


def experiments(membership: Membership, cycle: Cycle, branch: Branch) -> dict[int, list[Experiment]]:
    """Those that ran in the cycle or ended in it."""
    rows = Experiment.objects.visible_to(membership).filter(starts_on__lte=cycle.end, ends_on__gte=cycle.start)
    found: dict[int, list[Experiment]] = defaultdict(list)
    for row in within(rows, branch).order_by("starts_on", "pk"):
        found[row.team_id].append(row)
    return found


def longest_obstacles(membership: Membership, cycle: Cycle, today: date, branch: Branch) -> list[Stood]:
    """What stood longest in the way of the cycle's key results, within it, cleared or not."""
    last = min(today, cycle.end)
    rows = (
        Obstacle.objects.visible_to(membership)
        .filter(key_result__objective__cycle=cycle, raised_on__lte=last)
        .exclude(state=ObstacleState.WITHDRAWN)
        .exclude(key_result__objective__level=Level.INDIVIDUAL)
    )
    inside = within(rows, branch, "key_result__objective__team")
    timed = inside.annotate(until=Least(Coalesce("solved_on", last), last)).annotate(stood=F("until") - F("raised_on"))
    chosen = timed.select_related("key_result__objective__team").order_by("-stood", "pk")[:MOST_OBSTACLES]
    return [
        Stood(
            row,
            (min(row.solved_on or last, last) - row.raised_on).days + 1,
            row.solved_on if row.solved_on and row.solved_on <= last else None,
        )
        for row in chosen
    ]


def check_ins(membership: Membership, key_results: Sequence[int]) -> list[CheckIn]:
    """The check-ins on some key results that count, in the order of their days; at most `MOST_CHECK_INS`."""
    rows = CheckIn.objects.visible_to(membership).counted().filter(key_result__in=list(key_results))
    return list(rows.oldest_first()[:MOST_CHECK_INS])
