# ruff: noqa: S608 (statements are put together from constants alone; every value is a parameter)
"""Where the objectives are heading, and what happened to it since last week and in four weeks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from dashboards.queries.moves import last_look
from dashboards.queries.sql import REPORTED, VALUE, ZONE, ZONES, band_of, rows, working
from objectives.formulas.patterns import ALL_DONE, FAR_OFF
from objectives.models import Cycle
from people.models import Membership

MOST_BRICKS = 150
MOST_SHIFTED = 50
FOUR_WEEKS = timedelta(days=28)


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


@dataclass(frozen=True, slots=True)
class TeamSums:
    """What a team's own objectives add up to: `heading` of them have a `landing`.

    A change compares the same objectives: the `both_heading` of them that have a landing now and had one a week ago,
    when it was `week_landing`; now it is `same_landing`. `shared` counts those that are not one person's.
    """

    objectives: int
    shared: int
    scored: int
    score: float
    pace: float
    heading: int
    landing: float
    both_heading: int
    week_landing: float
    same_landing: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """Of the aspirational objectives with a landing, how many are as good as done and how many out of reach."""

    heading: int = 0
    done: int = 0
    far_off: int = 0


@dataclass(frozen=True, slots=True)
class Board:
    """A cycle's objectives in one reading: against the band now, a week and four weeks ago, and by team.

    `before` is None where no snapshot tells of four weeks ago.
    """

    spread: Distribution
    shift: Shift
    before: dict[str, int] | None
    before_on: date
    stretch: Stretch = Stretch()
    teams: Mapping[int, TeamSums] = field(default_factory=dict)


# The four sorts of rows it answers with, by what they are grouped by.
BY_PLACE, BY_WEEK, BY_MONTH, BY_TEAM = "place", "week", "month", "team"

LAST_WORD = f"""
    LEFT JOIN LATERAL (
        SELECT {VALUE.format(row="w")} AS value FROM objectives_objectivesnapshot w
        WHERE w.objective_id = o.id AND w.date <= %({{day}})s AND w.date > %({{day}})s - 7
        ORDER BY w.date DESC LIMIT 1
    ) {{day}} ON true
"""

BOARD = f"""
WITH goal AS (
    SELECT o.kind, o.level, o.team_id, s.pace, {REPORTED.format(row="s")} AS score, {VALUE.format(row="s")} AS now,
           week.value AS week, month.value AS month
    FROM {{visible}} o
    LEFT JOIN objectives_objectivescore s ON s.objective_id = o.id
    {LAST_WORD.format(day="week")}
    {LAST_WORD.format(day="month")}
), placed AS (
    SELECT *, {ZONE.format(value="now", kind="kind")} AS zone, {ZONE.format(value="week", kind="kind")} AS zone_week,
           {ZONE.format(value="month", kind="kind")} AS zone_month,
           CASE WHEN now IS NOT NULL THEN LEAST(20, GREATEST(0, FLOOR(now * 20 + 1e-9)))::int END AS bin
    FROM goal
)
SELECT CASE WHEN GROUPING(team_id) = 0 THEN '{BY_TEAM}' WHEN GROUPING(zone_month) = 0 THEN '{BY_MONTH}'
            WHEN GROUPING(zone_week) = 0 THEN '{BY_WEEK}' ELSE '{BY_PLACE}' END AS by,
       COALESCE(team_id::text, zone_month, zone_week, bin::text) AS name, zone, kind,
       COUNT(*), COUNT(*) FILTER (WHERE level <> 'individual'),
       COUNT(score), COALESCE(SUM(score), 0), COALESCE(SUM(pace) FILTER (WHERE score IS NOT NULL), 0),
       COUNT(now), COALESCE(SUM(now), 0),
       COUNT(now + week), COALESCE(SUM(week) FILTER (WHERE now IS NOT NULL), 0),
       COALESCE(SUM(now) FILTER (WHERE week IS NOT NULL), 0),
       COUNT(*) FILTER (WHERE now >= {ALL_DONE}), COUNT(*) FILTER (WHERE now <= {FAR_OFF})
FROM placed
GROUP BY GROUPING SETS ((bin, zone, kind), (zone_week, zone), (zone_month), (team_id))
ORDER BY by, bin, name, zone, kind
"""

BOARD_COLUMNS = ("id", "kind", "level", "team_id")

STANDINGS = f"""
WITH goal AS (
    SELECT o.id, o.title, o.kind, t.name AS team, {VALUE.format(row="s")} AS value
    FROM {{visible}} o
    JOIN objectives_objectivescore s ON s.objective_id = o.id
    JOIN people_team t ON t.id = o.team_id
)
SELECT id, title, kind, team, value, {ZONE.format(value="value", kind="kind")} AS zone
FROM goal WHERE value IS NOT NULL ORDER BY value, id LIMIT {MOST_BRICKS}
"""

SHIFTED = f"""
WITH pair AS (
    SELECT o.id, o.title, o.kind, o.team_id, {VALUE.format(row="s")} AS now, week.value AS before
    FROM {{visible}} o
    JOIN objectives_objectivescore s ON s.objective_id = o.id
    {LAST_WORD.format(day="week")}
    WHERE week.value IS NOT NULL
), placed AS (
    SELECT *, {ZONE.format(value="before", kind="kind")} AS zone_before, {ZONE.format(value="now", kind="kind")} AS zone
    FROM pair
)
SELECT placed.id, title, kind, t.name, zone_before, zone, now
FROM placed JOIN people_team t ON t.id = placed.team_id
WHERE zone <> zone_before AND 'none' NOT IN (zone, zone_before)
ORDER BY zone = 'above' OR (zone = 'in' AND zone_before = 'below'), now, placed.id LIMIT {MOST_SHIFTED}
"""

LISTED_COLUMNS = ("id", "title", "kind", "team_id")

ORDER = {"below": 0, "in": 1, "above": 2}


def board(membership: Membership, cycle: Cycle, today: date) -> Board:
    """How many objectives head below, into and above the band now, a week and four weeks ago, where, and by team.

    A week ago is `last_look`, as of key results, so that all that is said to have happened "since last week" is so
    since the same day.
    One statement, whatever there is; those that changed sides and, while they are few, all are named by one more each.
    """
    visible = working(membership, cycle)
    week, month = last_look(today), today - FOUR_WEEKS
    values = {"week": week, "month": month, **band_of(membership.organization)}
    counts = dict.fromkeys(ZONES, 0)
    piles: list[Pile] = []
    pairs: dict[tuple[str, str], int] = {}
    months: dict[str, int] = {}
    teams: dict[int, TeamSums] = {}
    heading = done = far_off = 0
    for by, name, zone_, kind, count, shared, *sums, finished, distant in rows(BOARD, visible, values, BOARD_COLUMNS):
        if by == BY_PLACE:
            counts[zone_] += count
            if name is not None:
                piles.append(Pile(int(name), zone_, kind, count))
            if name is not None and kind == "aspirational":
                heading, done, far_off = heading + count, done + finished, far_off + distant
        elif by == BY_WEEK:
            pairs[name, zone_] = count
        elif by == BY_MONTH:
            months[name] = count
        else:
            teams[int(name)] = TeamSums(count, shared, *sums)
    standings: tuple[Standing, ...] = ()
    if 0 < sum(pile.count for pile in piles) <= MOST_BRICKS:
        standings = tuple(Standing(*row) for row in rows(STANDINGS, visible, values, LISTED_COLUMNS))
    moved = shift_of(pairs, week) if is_told(cycle, week) else Shift(week)
    if moved.up or moved.down:
        listed = rows(SHIFTED, visible, values, LISTED_COLUMNS)
        moved = replace(moved, objectives=tuple(Shifted(*row) for row in listed))
    before = {zone_: months.get(zone_, 0) for zone_ in ORDER} if is_told(cycle, month) else None
    return Board(
        spread=Distribution(counts, tuple(piles), standings),
        shift=moved,
        before=before if before and any(before.values()) else None,
        before_on=month,
        stretch=Stretch(heading, done, far_off),
        teams=teams,
    )


def is_told(cycle: Cycle, day: date) -> bool:
    """Whether "since then" means anything: the cycle runs, and had begun."""
    return not cycle.is_closed and cycle.start <= day <= cycle.end


def shift_of(pairs: Mapping[tuple[str, str], int], since: date) -> Shift:
    """What a week did, from how many objectives went from which zone into which."""
    known = up = down = into_band = 0
    for (before, now), count in pairs.items():
        if before not in ORDER or now not in ORDER:
            continue
        change = ORDER[now] - ORDER[before]
        known += count
        up += count if change > 0 else 0
        down += count if change < 0 else 0
        into_band += count if change and now == "in" else 0
    return Shift(since, into_band, up, down, known)
