# ruff: noqa: S608 (statements are put together from constants alone; every value is a parameter)
"""What moved since last week, and what is in the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Window

from dashboards.queries.sql import rows
from objectives.formulas.bar import Bar
from objectives.formulas.pace import BOUNDED_KINDS, elapsed_share
from objectives.formulas.reporting import value_at
from objectives.models import Cycle, KeyResult, Kind, Obstacle
from objectives.queries.bars import key_result_bar, monday_of, week_number
from objectives.queries.obstacles import risen_first
from people.models import Membership, Organization

MOVERS_EACH_WAY = 3
MOST_MOVERS_EACH_WAY = 100
MOST_OBSTACLES = 50
SMALLEST_MOVE = 0.005


@dataclass(frozen=True, slots=True)
class Mover:
    """A key result whose landing changed: by how much, from which value, and its bar.

    `is_slower` says that it came closer to its target and still lost ground against its pace.
    """

    key_result: KeyResult
    delta: float
    landing: float | None
    before: Decimal | None
    bar: Bar
    is_slower: bool = False


@dataclass(frozen=True, slots=True)
class Movement:
    """What moved since the end of a week, most first upwards, then most last downwards.

    `doubtful` came further at one stroke than anything should: more likely a slip of the pen than a movement, it is
    named for itself and counts as no mover.
    """

    since: date
    movers: tuple[Mover, ...] = ()
    risen: int = 0
    fallen: int = 0
    doubtful: tuple[KeyResult, ...] = ()

    @property
    def left_out(self) -> int:
        """How many that moved are not among `movers`."""
        return self.risen + self.fallen - len(self.movers)

    def strongest(self, each_way: int) -> tuple[Mover, ...]:
        """So many of the movers each way; where one way has fewer, the other has their places."""
        up = [mover for mover in self.movers if mover.delta > 0]
        down = [mover for mover in self.movers if mover.delta < 0]
        risen = max(each_way, 2 * each_way - len(down))
        fallen = max(each_way, 2 * each_way - len(up))
        return (*up[:risen], *down[max(0, len(down) - fallen) :])


# Landings are compared within these limits, so that one that overshoots by far does not stand above all others.
LOWEST_LANDING, HIGHEST_LANDING = -0.2, 1.2
# Three times the whole way, or twice as far away as at the start: a value ten times too large looks like that.
DOUBTFUL_ABOVE, DOUBTFUL_BELOW = 3, -2
MOST_DOUBTFUL = 3
# A landing of more than a year ago is no news.
MOST_WEEKS_BACK = 53
MOVER_COLUMNS = ("id", "kind", "start_value", "target_value", "population")

MOVERS = f"""
WITH phased AS (
    SELECT kr.id, line.pace
    FROM {{visible}} kr, LATERAL (
        WITH point AS (
            SELECT p.date,
                   LEAST(1, GREATEST(0, ((p.value - way.start) / NULLIF(way.target - way.start, 0))::float8)) AS share
            FROM objectives_phase p, (
                SELECT CASE WHEN kr.kind = 'coverage' THEN 0 ELSE COALESCE(kr.start_value, 0) END AS start,
                       CASE WHEN kr.kind = 'coverage' THEN kr.population ELSE kr.target_value END AS target
            ) way
            WHERE p.key_result_id = kr.id AND p.date BETWEEN %(start)s AND %(end)s
        ), line AS (
            SELECT date, share FROM point
            UNION ALL SELECT %(start)s::date - 1, 0
            UNION ALL SELECT %(end)s::date, 1 WHERE NOT EXISTS (SELECT 1 FROM point WHERE date = %(end)s)
        )
        SELECT before.share + (after.share - before.share) * (%(since)s::date - before.date)
                              / NULLIF(after.date - before.date, 0) AS pace
        FROM (SELECT * FROM line WHERE date < %(since)s ORDER BY date DESC LIMIT 1) AS before,
             (SELECT * FROM line WHERE date >= %(since)s ORDER BY date LIMIT 1) AS after
    ) line
    WHERE kr.kind <> 'milestone'
          AND kr.id IN (SELECT key_result_id FROM objectives_phase WHERE date BETWEEN %(start)s AND %(end)s)
), goal AS (
    SELECT kr.id, s.own_progress, s.own_progress / s.pace AS now, {{was}} AS was,
           CASE WHEN kr.kind IN ('keep', 'average', 'quota') THEN 1 ELSE COALESCE(phased.pace, %(elapsed)s) END AS pace,
           CASE WHEN kr.kind = ANY(%(bounded)s) THEN 1 ELSE {HIGHEST_LANDING} END AS top
    FROM {{visible}} kr
    JOIN objectives_keyresultscore s ON s.key_result_id = kr.id
    LEFT JOIN phased ON phased.id = kr.id
    WHERE s.last_check_in_on > %(since)s AND s.own_progress IS NOT NULL AND s.pace > 0 AND {{was}} IS NOT NULL
), moved AS MATERIALIZED (
    SELECT id,
           LEAST(top, GREATEST({LOWEST_LANDING}, now)) - LEAST(top, GREATEST({LOWEST_LANDING}, was / pace)) AS delta,
           (own_progress > {DOUBTFUL_ABOVE} OR own_progress < {DOUBTFUL_BELOW})
           AND was BETWEEN {DOUBTFUL_BELOW} AND {DOUBTFUL_ABOVE} AS is_doubtful
    FROM goal WHERE pace > 0
)
(SELECT 'up', id, delta FROM moved WHERE NOT is_doubtful AND delta >= {SMALLEST_MOVE}
 ORDER BY delta DESC, id LIMIT %(most)s)
UNION ALL
(SELECT 'down', id, delta FROM moved WHERE NOT is_doubtful AND delta <= -{SMALLEST_MOVE}
 ORDER BY delta, id LIMIT %(most)s)
UNION ALL
(SELECT 'doubtful', id, delta FROM moved WHERE is_doubtful ORDER BY id LIMIT {MOST_DOUBTFUL})
UNION ALL
SELECT 'risen', COUNT(*), 0 FROM moved WHERE NOT is_doubtful AND delta >= {SMALLEST_MOVE}
UNION ALL
SELECT 'fallen', COUNT(*), 0 FROM moved WHERE NOT is_doubtful AND delta <= -{SMALLEST_MOVE}
"""


def last_word(week: int) -> str:
    """The last progress known at the end of a week of the cycle, in SQL: the newest of the weeks that has one."""
    places = range(week, max(week - MOST_WEEKS_BACK, 0), -1)
    return f"COALESCE({', '.join(f's.weekly_progress[{place}]' for place in places)})"


def last_look(today: date) -> date:
    """The Sunday nearest to a week ago, with which "since last week" compares.

    Until Wednesday that is what the last week brought, from Thursday on what this one brings.

    >>> last_look(date(2026, 6, 15)), last_look(date(2026, 6, 19))
    (datetime.date(2026, 6, 7), datetime.date(2026, 6, 14))
    """
    return monday_of(today - timedelta(days=10)) + timedelta(days=6)


def has_grown(progress: float | None, before: float | None) -> bool:
    return progress is not None and before is not None and progress > before + 1e-9


def movement(membership: Membership, cycle: Cycle, today: date, *, everything: bool = False) -> Movement:
    """The key results whose landing moved most since `last_look`, both ways.

    Compared is what was reported: own progress ÷ pace now, with the last weekly progress ÷ pace then, both within
    limits. What was silent since has not moved, and a first report is a beginning, not a movement. Three each way are
    listed, with `everything` a hundred.
    """
    since = last_look(today)
    if cycle.is_closed or since < cycle.start or since >= today:
        return Movement(since)
    visible = KeyResult.objects.visible_to(membership).open().in_cycle(cycle)
    weeks = week_number(cycle, since)
    values = {
        "since": since,
        "start": cycle.start,
        "end": cycle.end,
        "elapsed": elapsed_share(cycle.span, since),
        "most": MOST_MOVERS_EACH_WAY if everything else MOVERS_EACH_WAY,
        "bounded": sorted(BOUNDED_KINDS),
    }
    found: dict[str, list[tuple[int, float]]] = {name: [] for name in ("up", "down", "doubtful", "risen", "fallen")}
    for name, *told in rows(MOVERS.replace("{was}", last_word(weeks)), visible, values, MOVER_COLUMNS):
        found[name].append((told[0], told[1]))
    moved = [*found["up"], *reversed(found["down"])]
    related = KeyResult.objects.select_related("scored", "objective__cycle", "objective__team")
    named = [pk for pk, _delta in (*moved, *found["doubtful"])]
    key_results = related.in_bulk(named) if named else {}
    return Movement(
        since,
        tuple(_mover(key_results[pk], delta, weeks, membership.organization, today) for pk, delta in moved),
        risen=found["risen"][0][0],
        fallen=found["fallen"][0][0],
        doubtful=tuple(key_results[pk] for pk, _delta in found["doubtful"]),
    )


def _mover(key_result: KeyResult, delta: float, weeks: int, organization: Organization, today: date) -> Mover:
    weekly = key_result.scored.weekly_progress[:weeks]
    progress = next((value for value in reversed(weekly) if value is not None), None)
    before = None
    if progress is not None and key_result.kind != Kind.MILESTONE:
        before = value_at(key_result.measure, progress)
    return Mover(
        key_result=key_result,
        delta=delta,
        landing=key_result.scored.landing,
        before=before,
        bar=key_result_bar(key_result, organization, today),
        is_slower=delta < 0 and has_grown(key_result.scored.own_progress, progress),
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something in the way, and for how many days."""

    obstacle: Obstacle
    days: int
    is_for_me: bool = False


@dataclass(frozen=True, slots=True)
class Obstacles:
    """What is in the way: `mine` of all wait for the reader, and stand first."""

    total: int = 0
    mine: int = 0
    shown: tuple[Waiting, ...] = ()


def obstacles(membership: Membership, cycle: Cycle, today: date, *, newest_first: bool = False) -> Obstacles:
    """What is in the way of the cycle's key results: what has risen to the person first, then longest waiting first."""
    if cycle.is_closed:
        return Obstacles()
    order = ("raised_on", "pk")
    rows = Obstacle.objects.visible_to(membership).standing().filter(key_result__objective__cycle=cycle)
    found = list(
        risen_first(rows, membership, *(f"-{name}" for name in order) if newest_first else order)
        .select_related("check_in", "raised_by__user", "key_result__objective__team")
        .annotate(total=Window(Count("pk")), mine=Window(Count("pk"), partition_by="waits"))[:MOST_OBSTACLES]
    )
    return Obstacles(
        total=found[0].total if found else 0,
        mine=found[0].mine if found and found[0].waits == 0 else 0,  # type: ignore[attr-defined]
        shown=tuple(
            Waiting(row, (today - row.raised_on).days, is_for_me=row.waits == 0)  # type: ignore[attr-defined]
            for row in found
        ),
    )
