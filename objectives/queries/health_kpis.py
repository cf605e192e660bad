"""How health KPIs stand: what was read of each, which lie outside their corridor, which numbers are missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.db.models import F

from objectives.formulas.health_kpis import Corridor, Course, Side, Trend, is_owed, periods_until
from objectives.models import HealthKPI, HealthKPIReading, Period
from objectives.models.health_kpis import HealthKPIQuerySet
from people.models import Membership, Role, Team, below

# How many periods are looked back on for a row outside, and how many the board shows, the running one among them.
KNOWN = {Period.WEEK: 26, Period.MONTH: 24}
SHOWN = {Period.WEEK: 9, Period.MONTH: 7}


@dataclass(frozen=True)
class Read:
    """A reading as the board needs it."""

    pk: int
    period_start: date
    value: Decimal
    cause: str
    countermeasure: str
    version: int


@dataclass(frozen=True)
class HealthStanding:
    """A health KPI with what was read of it in the last half year, of a monthly one in the last two."""

    kpi: HealthKPI
    course: Course
    reads: dict[date, Read]
    today: date
    since: date

    @property
    def last(self) -> Read | None:
        found = self.course.last
        return None if found is None else self.reads[found[0]]

    @cached_property
    def side(self) -> Side | None:
        return None if self.last is None else self.course.corridor.side(self.last.value)

    @property
    def attainment(self) -> Decimal | None:
        """Of the last reading: 0 to 2, 1 being the pass mark; None where there is none, or its mark has no shares."""
        return None if self.last is None else self.course.corridor.attainment(self.last.value)

    @cached_property
    def run(self) -> int:
        """How many periods in a row, up to the last reading, it has been outside."""
        return self.course.run

    @property
    def is_outside(self) -> bool:
        return self.run > 0

    @property
    def outside_since(self) -> date | None:
        return self.course.outside_since

    @cached_property
    def trend(self) -> Trend | None:
        return self.course.trend

    @cached_property
    def shown(self) -> list[date]:
        """The periods the board shows, oldest first, the last of them running."""
        return list(self.course.periods[-SHOWN[Period(self.kpi.period)] :])

    @cached_property
    def missing(self) -> list[date]:
        """The shown periods whose reading should be there by now."""
        return [first for first in self.shown if first not in self.reads and self.owes(first)]

    def owes(self, first: date) -> bool:
        return is_owed(self.kpi.period, first, today=self.today, since=self.since)


def corridor_of(kpi: HealthKPI) -> Corridor:
    return Corridor(kpi.lower, kpi.upper)


def health_standings(kpis: Iterable[HealthKPI], *, today: date) -> list[HealthStanding]:
    """How these KPIs of one organization stand, in their order; one query."""
    rows = list(kpis)
    periods = {period: periods_until(period, today, count) for period, count in KNOWN.items()}
    earliest = min(first for firsts in periods.values() for first in firsts)
    reads: dict[int, dict[date, Read]] = {kpi.pk: {} for kpi in rows}
    read = HealthKPIReading.objects.filter(health_kpi__in=rows, period_start__gte=earliest) if rows else []
    for row in read:
        reads[row.health_kpi_id][row.period_start] = Read(
            row.pk, row.period_start, row.value, row.cause, row.countermeasure, row.version
        )
    return [
        HealthStanding(
            kpi,
            Course.of(
                corridor_of(kpi),
                periods[Period(kpi.period)],
                {first: each.value for first, each in reads[kpi.pk].items()},
            ),
            reads[kpi.pk],
            today,
            kpi.created_at.astimezone(kpi.organization.zone).date(),
        )
        for kpi in rows
    ]


def watched(membership: Membership, team: Team | None = None) -> HealthKPIQuerySet:
    """The health KPIs that stand, of a team and the teams below it or of all: the company's first, then by team."""
    rows = HealthKPI.objects.visible_to(membership).standing()
    if team is not None:
        rows = rows.filter(team__in=below([team.pk]))
    return rows.select_related("team", "owner__user", "organization").order_by(
        F("team__parent").asc(nulls_first=True), "team__position", "team_id", "position", "pk"
    )


def health_board(membership: Membership, team: Team | None = None) -> list[HealthStanding]:
    """All KPIs a board shows, and how they stand."""
    return health_standings(watched(membership, team), today=membership.organization.today)


def outside_corridor(membership: Membership, team: Team | None = None) -> list[HealthStanding]:
    """The KPIs whose last reading lies outside, of a team and the teams below it or of all; the longest first.

    Partners see none. Two queries, however many KPIs there are.
    """
    found = [standing for standing in health_board(membership, team) if standing.is_outside]
    return sorted(found, key=lambda standing: -standing.run)


def owed_readings(membership: Membership) -> list[HealthStanding]:
    """The KPIs of which this person owes numbers: their own, with periods that ended two days ago or earlier."""
    rows = watched(membership).filter(owner=membership)
    return [row for row in health_standings(rows, today=membership.organization.today) if row.missing]


def leads_of(team: Team) -> list[Membership]:
    """Who leads a team: its managers, else those of the next team above that has some; executives for the company."""
    people = Membership.objects.active().filter(organization=team.organization_id)
    parents = dict(Team.objects.filter(organization=team.organization_id).values_list("pk", "parent_id"))
    above: list[int] = []
    at: int | None = team.pk
    while at is not None:
        above.append(at)
        at = parents[at]
    managers = people.filter(role=Role.MANAGER, teams__in=above[:-1]).prefetch_related("teams")
    by_team = {pk: [lead for lead in managers if pk in lead.team_ids] for pk in above[:-1]} if len(above) > 1 else {}
    nearest: Sequence[Membership] = next((leads for leads in by_team.values() if leads), [])
    return list(nearest) or list(people.filter(role=Role.EXECUTIVE))
