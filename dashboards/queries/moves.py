# ruff: noqa: S608 (statements are put together from constants alone; every value is a parameter)
"""What moved since last week, and what is in the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Window

from dashboards.queries.sql import rows
from objectives.formulas.bar import Bar
from objectives.formulas.pace import elapsed_share
from objectives.formulas.reporting import value_at
from objectives.models import Cycle, KeyResult, Kind, Obstacle
from objectives.queries.bars import key_result_bar, monday_of, week_number
from objectives.queries.obstacles import risen_first
from people.models import Membership

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
    landing: float
    before: Decimal | None
    bar: Bar
    is_slower: bool = False


@dataclass(frozen=True, slots=True)
class Movement:
    """What moved since the end of a week, most first upwards, then most last downwards."""

    since: date
    movers: tuple[Mover, ...] = ()
    risen: int = 0
    fallen: int = 0

    @property
    def left_out(self) -> int:
        """How many that moved are not among `movers`."""
        return self.risen + self.fallen - len(self.movers)


MOVERS = f"""
WITH goal AS (
    SELECT kr.id, s.own_progress / s.pace AS now, was.progress,
           CASE WHEN kr.kind IN ('keep', 'average', 'quota') THEN 1 ELSE COALESCE(phased.pace, %(elapsed)s) END AS pace
    FROM objectives_keyresult kr
    JOIN objectives_keyresultscore s ON s.key_result_id = kr.id
    JOIN LATERAL (
        SELECT week.progress FROM unnest(s.weekly_progress[1:%(weeks)s]) WITH ORDINALITY AS week(progress, number)
        WHERE week.progress IS NOT NULL ORDER BY week.number DESC LIMIT 1
    ) was ON true
    LEFT JOIN LATERAL (
        WITH point AS (
            SELECT p.date,
                   LEAST(1, GREATEST(0, ((p.value - way.start) / NULLIF(way.target - way.start, 0))::float8)) AS share
            FROM objectives_phase p, (
                SELECT CASE WHEN kr.kind = 'coverage' THEN 0 ELSE COALESCE(kr.start_value, 0) END AS start,
                       CASE WHEN kr.kind = 'coverage' THEN kr.population ELSE kr.target_value END AS target
            ) way
            WHERE p.key_result_id = kr.id AND kr.kind <> 'milestone' AND p.date BETWEEN %(start)s AND %(end)s
        ), line AS (
            SELECT date, share FROM point
            UNION ALL SELECT %(start)s::date - 1, 0
            UNION ALL SELECT %(end)s::date, 1 WHERE NOT EXISTS (SELECT 1 FROM point WHERE date = %(end)s)
        )
        SELECT before.share + (after.share - before.share) * (%(since)s::date - before.date)
                              / NULLIF(after.date - before.date, 0) AS pace
        FROM (SELECT * FROM line WHERE date < %(since)s ORDER BY date DESC LIMIT 1) AS before,
             (SELECT * FROM line WHERE date >= %(since)s ORDER BY date LIMIT 1) AS after
        WHERE EXISTS (SELECT 1 FROM point)
    ) phased ON true
    WHERE kr.id IN {{visible}} AND s.last_check_in_on > %(since)s AND s.own_progress IS NOT NULL AND s.pace > 0
), moved AS (
    SELECT id, now - progress / pace AS delta FROM goal WHERE pace > 0
), ranked AS (
    SELECT id, delta, ROW_NUMBER() OVER (PARTITION BY delta > 0 ORDER BY ABS(delta) DESC, id) AS place,
           COUNT(*) FILTER (WHERE delta > 0) OVER () AS risen, COUNT(*) FILTER (WHERE delta < 0) OVER () AS fallen
    FROM moved WHERE ABS(delta) >= {SMALLEST_MOVE}
)
SELECT id, delta, risen, fallen FROM ranked WHERE place <= %(most)s ORDER BY delta DESC, id
"""


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

    Compared is what was reported: own progress ÷ pace now, with the last weekly progress ÷ pace then. What was
    silent since has not moved, and a first report is a beginning, not a movement. Three each way are listed, with
    `everything` a hundred.
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
        "weeks": weeks,
        "elapsed": elapsed_share(cycle.span, since),
        "most": MOST_MOVERS_EACH_WAY if everything else MOVERS_EACH_WAY,
    }
    moved = rows(MOVERS, visible, values)
    related = KeyResult.objects.select_related("scored", "objective__cycle", "objective__team")
    key_results = related.in_bulk([pk for pk, *_ in moved]) if moved else {}
    movers = []
    for pk, delta, _risen, _fallen in moved:
        key_result = key_results[pk]
        weekly = key_result.scored.weekly_progress[:weeks]
        progress = next((value for value in reversed(weekly) if value is not None), None)
        before = None
        if progress is not None and key_result.kind != Kind.MILESTONE:
            before = value_at(key_result.measure, progress)
        movers.append(
            Mover(
                key_result=key_result,
                delta=delta,
                landing=key_result.scored.landing,  # type: ignore[arg-type]  # who has moved has one
                before=before,
                bar=key_result_bar(key_result, membership.organization, today),
                is_slower=delta < 0 and has_grown(key_result.scored.own_progress, progress),
            )
        )
    return Movement(since, tuple(movers), *(moved[0][2:] if moved else (0, 0)))


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something in the way, and for how many days."""

    obstacle: Obstacle
    days: int
    is_for_me: bool = False


@dataclass(frozen=True, slots=True)
class Obstacles:
    total: int = 0
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
        .annotate(total=Window(Count("pk")))[:MOST_OBSTACLES]
    )
    return Obstacles(
        total=found[0].total if found else 0,
        shown=tuple(
            Waiting(row, (today - row.raised_on).days, is_for_me=row.waits == 0)  # type: ignore[attr-defined]
            for row in found
        ),
    )
