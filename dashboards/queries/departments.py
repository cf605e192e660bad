# ruff: noqa: S608 (statements are put together from constants alone; every value is a parameter)
"""Departments on their way through the cycle."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from django.db.models import QuerySet

from dashboards.queries.branches import Branch, Unit
from dashboards.queries.sql import REPORTED, VALUE, ZONE, band_of, rows, working
from objectives.formulas.pace import zone
from objectives.models import Cycle
from objectives.queries.bars import monday_of, week_number, weeks_in
from people.models import Membership, Organization


@dataclass(slots=True)
class Week:
    """What the objectives of teams add up to at the end of a week: scores, paces and where they head.

    `reaching` counts those that head into the band or above it, or for the mark where they are committed.
    """

    scored: int = 0
    score: float = 0.0
    pace: float = 0.0
    heading: int = 0
    landing: float = 0.0
    reaching: int = 0

    def add(self, other: Week) -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True)
class Sums:
    """What teams add up to now and week by week, before means are taken."""

    objectives: int = 0
    now: Week = field(default_factory=Week)
    weekly: dict[int, Week] = field(default_factory=lambda: defaultdict(Week))

    def add(self, other: Sums) -> None:
        self.objectives += other.objectives
        self.now.add(other.now)
        for number, week in other.weekly.items():
            self.weekly[number].add(week)


@dataclass(frozen=True, slots=True)
class Department:
    """A unit of a branch with all teams below it: plain means over its objectives.

    `scores`, `paces` and `landings` hold a value for each week of the cycle that has begun, None where nothing had a
    score; `headings` and `reachings` say of how many objectives a week tells, and how many of them headed for the
    band at least.
    """

    unit: Unit
    objectives: int
    score: float | None
    landing: float | None
    zone: str
    scores: tuple[float | None, ...]
    paces: tuple[float | None, ...]
    landings: tuple[float | None, ...]
    headings: tuple[int, ...]
    reachings: tuple[int, ...]


OF_GOALS = ("id", "team_id", "kind")

TEAMS = f"""
WITH goal AS (
    SELECT o.team_id, o.kind, {REPORTED.format(row="s")} AS score, s.pace, {VALUE.format(row="s")} AS value
    FROM {{visible}} o LEFT JOIN objectives_objectivescore s ON s.objective_id = o.id
)
SELECT team_id, COUNT(*), COUNT(score), COALESCE(SUM(score), 0),
       COALESCE(SUM(pace) FILTER (WHERE score IS NOT NULL), 0), COUNT(value), COALESCE(SUM(value), 0),
       COUNT(*) FILTER (WHERE {ZONE.format(value="value", kind="kind")} IN ('in', 'above'))
FROM goal GROUP BY 1
"""

WEEKS = f"""
WITH was AS (
    SELECT o.team_id, o.kind, w.date, w.score, w.pace, {VALUE.format(row="w")} AS value
    FROM {{visible}} o
    JOIN objectives_objectivesnapshot w ON w.objective_id = o.id AND w.date = ANY(%(days)s)
         AND {REPORTED.format(row="w")} IS NOT NULL
)
SELECT team_id, date, COUNT(score), SUM(score), SUM(pace), COUNT(value), COALESCE(SUM(value), 0),
       COUNT(*) FILTER (WHERE {ZONE.format(value="value", kind="kind")} IN ('in', 'above'))
FROM was GROUP BY 1, 2
"""


def week_ends(cycle: Cycle, today: date) -> list[date]:
    """The last days of the cycle's weeks that are over before today."""
    days = [min(monday_of(cycle.start) + timedelta(days=7 * week + 6), cycle.end) for week in range(weeks_in(cycle))]
    return [day for day in days if day < today]


def courses(
    membership: Membership, cycle: Cycle, today: date, branch: Branch, visible: QuerySet | None = None
) -> list[Department]:
    """The way through the cycle of every unit of a branch that has objectives in it, in the branch's order.

    `visible` narrows the objectives; without it they are all that a dashboard speaks of.
    """
    visible = within(working(membership, cycle), branch) if visible is None else visible
    by_team = sums_by_team(visible, cycle, today, membership.organization)
    return [
        _department(unit, summed(sums), cycle, today, membership.organization)
        for unit, sums in zip(branch.units, branch.gather(by_team), strict=True)
        if sums
    ]


def within(visible: QuerySet, branch: Branch, way: str = "team") -> QuerySet:
    """Those of a branch's teams alone; `way` leads from a row to its team."""
    return visible if branch.is_whole else visible.filter(**{f"{way}__in": list(branch.homes)})


def summed(parts: Iterable[Sums]) -> Sums:
    whole = Sums()
    for part in parts:
        whole.add(part)
    return whole


def sums_by_team(visible: QuerySet, cycle: Cycle, today: date, organization: Organization) -> Mapping[int, Sums]:
    """What the objectives of each team add up to, now and at the end of each week that is over.

    Two queries. Of a cycle's days only the week ends are read, whatever else is kept of it.
    """
    by_team: dict[int, Sums] = defaultdict(Sums)
    band = band_of(organization)
    for pk, count, *now in rows(TEAMS, visible, band, OF_GOALS):
        by_team[pk] = Sums(count, Week(*now))
    past = week_ends(cycle, today)
    if past and by_team:
        numbers = {day: week_number(cycle, day) for day in past}
        for pk, day, *told in rows(WEEKS, visible, {"days": past, **band}, OF_GOALS):
            by_team[pk].weekly[numbers[day]] = Week(*told)
    return by_team


def weeks_begun(cycle: Cycle, today: date) -> int:
    """How many weeks of the cycle are over or under way."""
    over = len(week_ends(cycle, today))
    return over + (1 if cycle.start <= today <= cycle.end and over < weeks_in(cycle) else 0)


def _department(unit: Unit, sums: Sums, cycle: Cycle, today: date, organization: Organization) -> Department:
    now, begun = sums.now, weeks_begun(cycle, today)
    weeks = [sums.weekly.get(number, Week()) for number in range(1, begun + 1)]
    if weeks and now.scored:
        # The present week is what the scores say now; of a cycle that is over, its last word.
        last, weeks[-1] = weeks[-1], replace(now)
        if today > cycle.end and last.scored:
            weeks[-1].pace = last.pace / last.scored * now.scored
    landing = now.landing / now.heading if now.heading else None
    return Department(
        unit=unit,
        objectives=sums.objectives,
        score=now.score / now.scored if now.scored else None,
        landing=landing,
        zone=zone(landing, "aspirational", organization.band_lower, organization.band_upper),
        scores=tuple(week.score / week.scored if week.scored else None for week in weeks),
        paces=tuple(min(week.pace / week.scored, 1.0) if week.scored else None for week in weeks),
        landings=tuple(week.landing / week.heading if week.heading else None for week in weeks),
        headings=tuple(week.heading for week in weeks),
        reachings=tuple(week.reaching for week in weeks),
    )
