# ruff: noqa: S608 (statements are put together from constants alone; every value is a parameter)
"""Cycles side by side: where their objectives stood at the same share of the way, and where they ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil

from dashboards.queries.branches import Branch, Unit
from dashboards.queries.departments import within
from dashboards.queries.heat import Reporting, reporting
from dashboards.queries.sql import REPORTED, VALUE, WORKING, ZONE, ZONES, band_of, rows
from objectives.formulas.pace import elapsed_share
from objectives.models import Cycle, CycleState, Objective
from people.models import Membership

MOST_CYCLES = 4
OF_GOALS = ("id", "cycle_id", "team_id", "kind")
SAME_LENGTH = timedelta(days=10)
"""Calendar quarters differ by two days, fiscal ones cut into weeks by a week."""


@dataclass(slots=True)
class Spread:
    """Objectives by where they head (or ended) against the band, and the sum of the scores of those that have one."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ZONES, 0))
    scored: int = 0
    score: float = 0.0

    def add(self, other: Spread) -> None:
        for zone, count in other.counts.items():
            self.counts[zone] += count
        self.scored += other.scored
        self.score += other.score

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def mean(self) -> float | None:
        """The mean score, 0–1, None where nothing has one."""
        return self.score / self.scored if self.scored else None


@dataclass(frozen=True, slots=True)
class Discipline:
    """How many check-ins were owed in the weeks that are over, and how many of them were made."""

    made: int = 0
    asked: int = 0

    @property
    def share(self) -> float | None:
        return self.made / self.asked if self.asked else None


@dataclass(frozen=True, slots=True)
class Told:
    """A cycle, of the whole branch or of one unit of it: at the day of the comparison, and at its end.

    `end` and `at_end` are None while the cycle is not over, `then` is None where nothing was kept of that day.
    """

    then: Spread | None
    end: Spread | None
    at_day: Discipline
    at_end: Discipline | None


@dataclass(frozen=True, slots=True)
class CycleTold:
    """A cycle beside others. `day` is the one on which as much of it was over as of the one it is compared with."""

    cycle: Cycle
    day: date
    is_over: bool
    whole: Told
    units: tuple[tuple[Unit, Told], ...]


THEN = f"""
WITH was AS (
    SELECT o.cycle_id, o.team_id, o.kind, w.health IS NOT NULL AS known, {REPORTED.format(row="w")} AS score,
           {VALUE.format(row="w")} AS value
    FROM {{visible}} o
    JOIN UNNEST(%(cycles)s::bigint[], %(days)s::date[]) AS point (cycle_id, day) ON point.cycle_id = o.cycle_id
    LEFT JOIN LATERAL (
        SELECT snapshot.* FROM objectives_objectivesnapshot snapshot
        WHERE snapshot.objective_id = o.id AND snapshot.date <= point.day AND snapshot.date > point.day - 7
        ORDER BY snapshot.date DESC LIMIT 1
    ) w ON true
)
SELECT cycle_id, team_id, {ZONE.format(value="value", kind="kind")} AS zone, COUNT(*), COUNT(score),
       COALESCE(SUM(score), 0)
FROM was WHERE known GROUP BY 1, 2, 3
"""

NOW = f"""
WITH stands AS (
    SELECT o.cycle_id, o.team_id, o.kind, {REPORTED.format(row="s")} AS score, {VALUE.format(row="s")} AS value
    FROM {{visible}} o LEFT JOIN objectives_objectivescore s ON s.objective_id = o.id
)
SELECT cycle_id, team_id, {ZONE.format(value="value", kind="kind")} AS zone, COUNT(*), COUNT(score),
       COALESCE(SUM(score), 0)
FROM stands GROUP BY 1, 2, 3
"""


def is_as_long(one: Cycle, other: Cycle) -> bool:
    return abs((one.end - one.start) - (other.end - other.start)) <= SAME_LENGTH


def comparable(cycles: Iterable[Cycle], cycle: Cycle) -> Cycle | None:
    """The latest earlier cycle that is as long as this one; None where there is none."""
    earlier = [
        each
        for each in cycles
        if each.pk != cycle.pk
        and each.start < cycle.start
        and each.state != CycleState.DRAFT
        and is_as_long(each, cycle)
    ]
    return max(earlier, key=lambda each: each.start, default=None)


def day_at(cycle: Cycle, share: float) -> date:
    """The day on which such a share of a cycle is over: its last for 1, the day before its first for 0."""
    return cycle.start + timedelta(days=ceil(share * ((cycle.end - cycle.start).days + 1) - 1e-9) - 1)


def compared(membership: Membership, cycles: Sequence[Cycle], today: date, branch: Branch) -> list[CycleTold]:
    """Cycles side by side, the first one being compared with the others at the share of it that is over today.

    So many queries for each cycle, and none for each objective. What stands of an objective is its landing at the
    time, and its score once its cycle is closed.
    """
    share = elapsed_share(cycles[0].span, today)
    days = {cycle.pk: day_at(cycle, share) for cycle in cycles}
    seen = Objective.objects.visible_to(membership).filter(cycle__in=[cycle.pk for cycle in cycles])
    visible = within(seen.filter(state__in=WORKING), branch)
    band = band_of(membership.organization)
    now = spreads(rows(NOW, visible, band, OF_GOALS))
    past = [cycle for cycle in cycles if days[cycle.pk] != today]
    points = {"cycles": [cycle.pk for cycle in past], "days": [days[cycle.pk] for cycle in past]}
    then = spreads(rows(THEN, visible, points | band, OF_GOALS)) if past else {}
    told = []
    for cycle in cycles:
        is_over = cycle.is_closed or today > cycle.end
        at = days[cycle.pk]
        # On its last day a cycle that is over stands where it ended, whatever was kept of that day.
        is_now = at == today or (is_over and at >= cycle.end)
        told.append(
            told_of(
                cycle,
                at,
                now.get(cycle.pk, {}) if is_now else then.get(cycle.pk, {}),
                now.get(cycle.pk, {}) if is_over else None,
                reporting(membership, cycle, today, branch),
                branch,
            )
        )
    return told


def spreads(found: Iterable[tuple]) -> dict[int, dict[int, Spread]]:
    """By cycle, then by team."""
    by_cycle: dict[int, dict[int, Spread]] = defaultdict(lambda: defaultdict(Spread))
    for cycle, team, zone, count, scored, score in found:
        one = by_cycle[cycle][team]
        one.counts[zone] += count
        one.scored += scored
        one.score += score
    return by_cycle


def told_of(
    cycle: Cycle,
    day: date,
    then: dict[int, Spread],
    end: dict[int, Spread] | None,
    reported: Sequence[Reporting],
    branch: Branch,
) -> CycleTold:
    by_unit = {(one.unit.pk, one.unit.is_own): one for one in reported}
    thens = branch.gather(then)
    ends = branch.gather(end) if end is not None else None
    units = []
    for number, unit in enumerate(branch.units):
        ended = ends[number] if ends is not None else []
        if not thens[number] and not ended:
            continue
        one = by_unit.get((unit.pk, unit.is_own))
        units.append((unit, told_by(thens[number], ended, [one] if one else [], cycle, day, is_over=end is not None)))
    inside = set(branch.homes)
    whole = told_by(
        [spread for team, spread in then.items() if team in inside],
        [spread for team, spread in (end or {}).items() if team in inside],
        reported,
        cycle,
        day,
        is_over=end is not None,
    )
    return CycleTold(cycle, day, end is not None, whole, tuple(units))


def told_by(
    then: Iterable[Spread],
    end: Iterable[Spread],
    reported: Sequence[Reporting],
    cycle: Cycle,
    day: date,
    *,
    is_over: bool,
) -> Told:
    before = summed(then)
    return Told(
        then=before if before.total else None,
        end=summed(end) if is_over else None,
        at_day=discipline(reported, cycle, day),
        at_end=discipline(reported, cycle, cycle.end + timedelta(days=7)) if is_over else None,
    )


def summed(parts: Iterable[Spread]) -> Spread:
    whole = Spread()
    for part in parts:
        whole.add(part)
    return whole


def discipline(reported: Sequence[Reporting], cycle: Cycle, day: date) -> Discipline:
    """What was owed and made in the weeks that were over on a day."""
    over = (day - cycle.start + timedelta(days=cycle.start.weekday())).days // 7
    cells = [cell for one in reported for cell in one.cells if cell.state == "owed" and cell.week <= over]
    return Discipline(sum(cell.made for cell in cells), sum(cell.asked for cell in cells))
