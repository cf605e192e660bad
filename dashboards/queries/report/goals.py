# ruff: noqa: S608 (statements are put together from constants alone; every value is a parameter)
"""The objectives of a report: all of them as numbers, and those that are listed with what belongs to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil

from django.db.models import Prefetch, QuerySet

from dashboards.queries.branches import Branch
from dashboards.queries.departments import within
from dashboards.queries.sql import ENDED, REPORTED, VALUE, WORKING, band_of, rows, working
from objectives.formulas.bar import Bar
from objectives.formulas.pace import zone
from objectives.models import (
    Alignment,
    Cycle,
    Grade,
    HealthKPI,
    KeyResult,
    Level,
    Link,
    Objective,
    Outcome,
    TargetChange,
)
from objectives.queries.bars import key_result_bar, objective_bar
from people.models import Membership, Organization


@dataclass(frozen=True, slots=True)
class Standing:
    """One objective as numbers: its score, where it heads (or how it ended), and where it headed at half-time.

    How it ended is its grade where people gave one, else its score. All within 0–1 or above, None where nothing tells;
    zones are those of `objectives.formulas.pace.zone`.
    """

    pk: int
    team: int
    kind: str
    score: float | None
    value: float | None
    half: float | None
    zone: str
    half_zone: str

    @property
    def is_committed(self) -> bool:
        return self.kind == "committed"


@dataclass
class Goal:
    """An objective in a report, with its key results and what was changed, graded and decided about it.

    `half` is where it headed at half-time. `carried` is the objective that goes on with it in a later cycle, `kept_up`
    the health KPIs made of its key results.
    """

    objective: Objective
    bar: Bar
    half: float | None
    team_name: str = ""
    key_results: list[Result] = field(default_factory=list)
    grade: Grade | None = None
    carried: Objective | None = None
    kept_up: list[HealthKPI] = field(default_factory=list)
    contributions: list[Contribution] = field(default_factory=list)

    @property
    def is_regraded(self) -> bool:
        """Whether people gave it another grade than the computed score, with a reason; before its end they propose."""
        return self.grade is not None and self.grade.is_overridden and self.objective.is_closed

    @property
    def outcome(self) -> str:
        """What becomes of it: as it was decided, else carried where it was."""
        if self.grade is not None and self.grade.outcome:
            return self.grade.outcome
        return Outcome.CARRIED if self.carried is not None else Outcome.OPEN

    @property
    def outcome_words(self) -> str:
        return str(Outcome(self.outcome).label) if self.outcome else ""

    @property
    def outcome_reason(self) -> str:
        return self.grade.outcome_reason if self.grade is not None else ""


@dataclass(frozen=True, slots=True)
class Contribution:
    """An objective that counts in the score of one above it, by its weight there."""

    title: str
    weight: float
    score: float


@dataclass
class Result:
    """A key result in a report, with its bar and the changes of its targets that were given a reason."""

    key_result: KeyResult
    bar: Bar
    changes: list[TargetChange]


OF_GOALS = ("id", "team_id", "kind", "state")

STANDINGS = f"""
SELECT o.id, o.team_id, o.kind, {REPORTED.format(row="s")} AS score, {ENDED} AS value, half.value
FROM {{visible}} o
LEFT JOIN objectives_objectivescore s ON s.objective_id = o.id
LEFT JOIN objectives_grade g ON g.objective_id = o.id
LEFT JOIN LATERAL (
    SELECT {VALUE.format(row="w")} AS value FROM objectives_objectivesnapshot w
    WHERE w.objective_id = o.id AND w.date <= %(half)s AND w.date > %(half)s - 7
    ORDER BY w.date DESC LIMIT 1
) half ON true
ORDER BY o.id
"""


def half_time(cycle: Cycle) -> date:
    """The day on which half of a cycle is over."""
    return cycle.start + timedelta(days=ceil(((cycle.end - cycle.start).days + 1) / 2) - 1)


def told_of(membership: Membership, cycle: Cycle, branch: Branch) -> QuerySet[Objective]:
    """The objectives a report speaks of: those of the company and of teams. What single people aim for is theirs."""
    return within(working(membership, cycle).exclude(level=Level.INDIVIDUAL), branch)


def standings(visible: QuerySet[Objective], cycle: Cycle, today: date, organization: Organization) -> list[Standing]:
    """Every objective as numbers, by one statement. Half-time is not told before it is over."""
    band = band_of(organization)
    half = half_time(cycle)
    found = []
    for pk, team, kind, score, value, then in rows(STANDINGS, visible, {"half": half}, OF_GOALS):
        before = then if today > half else None
        found.append(
            Standing(
                *(pk, team, kind, score, value, before),
                zone=zone(value, kind, band["lower"], band["upper"]),
                half_zone=zone(before, kind, band["lower"], band["upper"]),
            )
        )
    return found


def goals(known: Iterable[Standing], membership: Membership, cycle: Cycle, today: date) -> dict[int, list[Goal]]:
    """The objectives with all that is told of them, by team in the order of the plan, in so many queries."""
    halves = {one.pk: one.half for one in known}
    organization = membership.organization
    results = KeyResult.objects.filter(dropped_at=None).select_related("scored").order_by("position", "pk")
    changes = TargetChange.objects.exclude(reason="").order_by("changed_on", "pk")
    objectives = (
        Objective.objects.visible_to(membership)
        .filter(pk__in=list(halves))
        .select_related("scored", "grade")
        .prefetch_related(
            Prefetch("key_results", results.prefetch_related("steps", Prefetch("target_changes", changes)))
        )
        .order_by("level", "position", "pk")
    )
    carried = carried_on(halves, membership)
    kept_up = kept_as_health(halves, membership)
    contributed = contributions(halves)
    by_team: dict[int, list[Goal]] = defaultdict(list)
    for objective in objectives:
        objective.cycle = cycle
        goal = Goal(
            objective,
            objective_bar(objective, organization),
            halves[objective.pk],
            grade=getattr(objective, "grade", None),
            carried=carried.get(objective.pk),
            kept_up=kept_up.get(objective.pk, []),
        )
        results_of = list(objective.key_results.all())
        for title, weight, score in contributed.get(objective.pk, ()):
            goal.contributions.append(
                Contribution(title, weight if weight is not None else 1 / max(len(results_of), 1), score)
            )
        for key_result in results_of:
            key_result.objective = objective
            bar = key_result_bar(key_result, organization, today)
            goal.key_results.append(Result(key_result, bar, list(key_result.target_changes.all())))
        by_team[objective.team_id].append(goal)
    return by_team


def carried_on(ids: Collection[int], membership: Membership) -> dict[int, Objective]:
    """What goes on with an objective, by the one it was carried from: the latest where it was carried on twice."""
    rows = Objective.objects.visible_to(membership).filter(carried_from__in=list(ids))
    return {row.carried_from_id: row for row in rows.select_related("cycle").order_by("pk") if row.carried_from_id}


def contributions(ids: Collection[int]) -> dict[int, list[tuple[str, float | None, float]]]:
    """Title, weight and score of what counts in the objectives' scores beside their key results, as the roll-up has it;
    no weight where nobody set one."""
    found: dict[int, list[tuple[str, float | None, float]]] = defaultdict(list)
    rows = Alignment.objects.filter(
        parent_objective__in=list(ids),
        link=Link.CONTRIBUTES,
        child__dropped_at=None,
        child__state__in=WORKING,
        child__scored__score__isnull=False,
    )
    columns = ("parent_objective", "child__title", "weight", "child__scored__score")
    for parent, *contribution in rows.order_by("child__position", "child").values_list(*columns):
        found[parent].append(tuple(contribution))  # type: ignore[arg-type]
    return found


def kept_as_health(ids: Collection[int], membership: Membership) -> dict[int, list[HealthKPI]]:
    found: dict[int, list[HealthKPI]] = defaultdict(list)
    rows = HealthKPI.objects.visible_to(membership).filter(made_from__objective__in=list(ids))
    for row in rows.select_related("made_from").order_by("pk"):
        if row.made_from is not None:
            found[row.made_from.objective_id].append(row)
    return found
