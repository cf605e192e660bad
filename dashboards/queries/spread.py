# ruff: noqa: S608 (statements are put together from constants alone; every value is a parameter)
"""Where the objectives are heading, and what a week did to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from dashboards.queries.sql import VALUE, ZONE, ZONES, band_of, rows, working
from objectives.models import Cycle
from people.models import Membership

MOST_BRICKS = 150
MOST_SHIFTED = 50


@dataclass(frozen=True, slots=True)
class Standing:
    """One objective: where it is heading, or its score once closed."""

    pk: int
    title: str
    kind: str
    team: str
    value: float
    zone: str


@dataclass(frozen=True, slots=True)
class Pile:
    """So many objectives of one kind and zone in one twentieth of the scale."""

    bin: int
    zone: str
    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class Distribution:
    """All objectives of a cycle against the stretch band, one by one while they are few."""

    counts: dict[str, int]
    piles: tuple[Pile, ...]
    standings: tuple[Standing, ...]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def reported(self) -> int:
        return self.total - self.counts["none"]


DISTRIBUTION = f"""
WITH goal AS (
    SELECT o.kind, {VALUE.format(row="s")} AS value
    FROM objectives_objective o LEFT JOIN objectives_objectivescore s ON s.objective_id = o.id
    WHERE o.id IN {{visible}}
), placed AS (
    SELECT kind, {ZONE.format(value="value", kind="kind")} AS zone,
           CASE WHEN value IS NOT NULL THEN LEAST(20, GREATEST(0, FLOOR(value * 20 + 1e-9)))::int END AS bin
    FROM goal
)
SELECT bin, zone, kind, COUNT(*) FROM placed GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""

STANDINGS = f"""
WITH goal AS (
    SELECT o.id, o.title, o.kind, t.name AS team, {VALUE.format(row="s")} AS value
    FROM objectives_objective o
    JOIN objectives_objectivescore s ON s.objective_id = o.id
    JOIN people_team t ON t.id = o.team_id
    WHERE o.id IN {{visible}}
)
SELECT id, title, kind, team, value, {ZONE.format(value="value", kind="kind")} AS zone
FROM goal WHERE value IS NOT NULL ORDER BY value, id LIMIT {MOST_BRICKS}
"""


def distribution(membership: Membership, cycle: Cycle) -> Distribution:
    """How many objectives head below, into and above the band, how many say nothing yet, and where they lie."""
    visible, band = working(membership, cycle), band_of(membership.organization)
    counts = dict.fromkeys(ZONES, 0)
    piles = []
    for number, zone_, kind, count in rows(DISTRIBUTION, visible, band):
        counts[zone_] += count
        if number is not None:
            piles.append(Pile(number, zone_, kind, count))
    standings: tuple[Standing, ...] = ()
    if 0 < sum(pile.count for pile in piles) <= MOST_BRICKS:
        standings = tuple(Standing(*row) for row in rows(STANDINGS, visible, band))
    return Distribution(counts, tuple(piles), standings)


@dataclass(frozen=True, slots=True)
class Shifted:
    """An objective that changed sides of the band: from which zone into which."""

    pk: int
    title: str
    kind: str
    team: str
    before: str
    zone: str
    value: float

    @property
    def is_up(self) -> bool:
        return ORDER[self.zone] > ORDER[self.before]


@dataclass(frozen=True, slots=True)
class Shift:
    """How many objectives changed sides of the band since a day, and which; those that fell come first."""

    since: date
    into_band: int = 0
    up: int = 0
    down: int = 0
    known: int = 0
    objectives: tuple[Shifted, ...] = ()

    @property
    def left_out(self) -> int:
        """How many that changed sides are not among `objectives`."""
        return self.up + self.down - len(self.objectives)


PAIRS = f"""
WITH pair AS (
    SELECT o.id, o.title, o.kind, o.team_id, {VALUE.format(row="s")} AS now, was.value AS before
    FROM objectives_objective o
    JOIN objectives_objectivescore s ON s.objective_id = o.id
    JOIN LATERAL (
        SELECT {VALUE.format(row="w")} AS value FROM objectives_objectivesnapshot w
        WHERE w.objective_id = o.id AND w.date <= %(since)s AND w.date > %(since)s - 7
        ORDER BY w.date DESC LIMIT 1
    ) was ON was.value IS NOT NULL
    WHERE o.id IN {{visible}}
), placed AS (
    SELECT *, {ZONE.format(value="before", kind="kind")} AS zone_before, {ZONE.format(value="now", kind="kind")} AS zone
    FROM pair
)
"""

SHIFT = f"""{PAIRS}
SELECT zone_before, zone, COUNT(*) FROM placed GROUP BY 1, 2
"""

SHIFTED = f"""{PAIRS}
SELECT placed.id, title, kind, t.name, zone_before, zone, now
FROM placed JOIN people_team t ON t.id = placed.team_id
WHERE zone <> zone_before AND 'none' NOT IN (zone, zone_before)
ORDER BY zone = 'above' OR (zone = 'in' AND zone_before = 'below'), now, placed.id LIMIT {MOST_SHIFTED}
"""

ORDER = {"below": 0, "in": 1, "above": 2}


COUNTED = f"""
WITH was AS (
    SELECT o.kind, (
        SELECT {VALUE.format(row="w")} FROM objectives_objectivesnapshot w
        WHERE w.objective_id = o.id AND w.date <= %(on)s AND w.date > %(on)s - 7 ORDER BY w.date DESC LIMIT 1
    ) AS value
    FROM objectives_objective o WHERE o.id IN {{visible}}
)
SELECT {ZONE.format(value="value", kind="kind")} AS zone, COUNT(*) FROM was WHERE value IS NOT NULL GROUP BY 1
"""


def counts_on(membership: Membership, cycle: Cycle, day: date) -> dict[str, int] | None:
    """How many objectives headed below, into and above the band on a day, None where no snapshot tells of it."""
    if not cycle.start <= day <= cycle.end:
        return None
    values = {"on": day, **band_of(membership.organization)}
    found = dict(rows(COUNTED, working(membership, cycle), values))
    return {zone: found.get(zone, 0) for zone in ORDER} if found else None


def shift(membership: Membership, cycle: Cycle, today: date) -> Shift:
    """What a week did to the distribution, from the daily snapshots; nothing in a closed or not yet begun cycle."""
    found = Shift(today - timedelta(days=7))
    if cycle.is_closed or found.since < cycle.start:
        return found
    values = {"since": found.since, **band_of(membership.organization)}
    visible = working(membership, cycle)
    for before, now, count in rows(SHIFT, visible, values):
        if before not in ORDER or now not in ORDER:
            continue
        change = ORDER[now] - ORDER[before]
        found = replace(
            found,
            known=found.known + count,
            up=found.up + (count if change > 0 else 0),
            down=found.down + (count if change < 0 else 0),
            into_band=found.into_band + (count if change and now == "in" else 0),
        )
    if found.up or found.down:
        found = replace(found, objectives=tuple(Shifted(*row) for row in rows(SHIFTED, visible, values)))
    return found
