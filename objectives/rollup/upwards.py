"""Weighted means up the alignment: set-based SQL, one statement a level, children before parents.

`formulas.alignment` is the reference; a property test holds both equal on random graphs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import date
from typing import Any

from django.db import connection, transaction

from objectives.formulas.pace import BOUNDED_KINDS
from people.models import Organization
from people.rows import Prepared

MANY_OBJECTIVES = 200

# Of the two limits of the landing how many are reached, less one where nobody believes in it; the first week is no
# cause for alarm.
HEALTH = """
    CASE WHEN {closed} THEN 'closed'
         WHEN {measure_first} THEN 'measure_first'
         WHEN NOT {started} THEN 'not_started'
         ELSE CASE width_bucket({landing}, CASE WHEN {committed} THEN ARRAY[0.7 - 1e-9, 0.95 - 1e-9]::float8[]
                                                ELSE ARRAY[{band} / 2 - 1e-9, {band} - 1e-9]::float8[] END)
                   - COALESCE({low_confidence}, false)::int
              WHEN 2 THEN CASE WHEN {overdue} THEN 'overdue' ELSE 'on_track' END
              WHEN 1 THEN 'at_risk'
              WHEN 0 THEN CASE WHEN {days} <= 7 THEN 'at_risk' ELSE 'off_track' END
              WHEN -1 THEN CASE WHEN {days} <= 7 THEN 'at_risk' ELSE 'off_track' END
              ELSE 'not_started' END
    END
"""

# A mean of scores, and what cannot pass its target, heads for 1 at most: the twin of `formulas.pace.landing`.
BOUNDED = f"({', '.join(repr(kind) for kind in sorted(BOUNDED_KINDS))})"
ELAPSED = "LEAST(1, GREATEST(0, (%(today)s::date - c.start + 1)::float8 / (c.end - c.start + 1)))"

SCORE_KEY_RESULTS = f"""
WITH goal AS MATERIALIZED (
    SELECT kr.id, kr.objective_id, kr.kind, kr.unit, kr.combine, kr.weight, kr.measure_first,
           COALESCE(kr.start_value, 0)::float8 AS start_value, kr.target_value::float8 AS target_value,
           o.kind = 'committed' OR kr.kind = 'keep' AS committed,
           o.state = 'closed' OR c.state = 'closed' AS closed,
           %(today)s::date - c.start + 1 AS days,
           CASE WHEN kr.kind IN ('keep', 'average', 'quota') THEN (%(today)s::date >= c.start)::int::float8
                ELSE COALESCE(s.phased_pace, {ELAPSED}) END AS pace,
           s.own_value, s.own_progress, s.own_score, s.confidence, s.check_in_count,
           COALESCE(s.due_on < %(today)s, false) AS overdue
    FROM objectives_keyresult kr
    JOIN objectives_keyresultscore s ON s.key_result_id = kr.id
    JOIN objectives_objective o ON o.id = kr.objective_id
    JOIN objectives_cycle c ON c.id = o.cycle_id
    WHERE kr.objective_id = ANY(%(ids)s) AND kr.dropped_at IS NULL
), share AS (
    SELECT objective_id,
           GREATEST(0, 1 - COALESCE(SUM(weight), 0)) / NULLIF(COUNT(*) - COUNT(weight), 0) AS rest
    FROM goal GROUP BY objective_id
), child AS (
    SELECT a.parent_key_result_id AS id, SUM(w.weight * cs.score) AS weighted,
           SUM(w.weight) AS weight, SUM(w.weight * cs.pace) AS paced,
           BOOL_OR(cs.health <> 'not_started') AS started
    FROM objectives_alignment a
    JOIN goal ON goal.id = a.parent_key_result_id AND goal.combine = 'score'
    CROSS JOIN LATERAL (SELECT COALESCE(a.weight, 1) AS weight) w
    JOIN objectives_objective o ON o.id = a.child_id AND o.dropped_at IS NULL AND o.state IN ('active', 'closed')
    JOIN objectives_objectivescore cs ON cs.objective_id = o.id AND cs.score IS NOT NULL
    WHERE a.link = 'contributes'
    GROUP BY 1
), summed AS (
    SELECT a.parent_key_result_id AS id, SUM(ks.current_value) AS value,
           BOOL_OR(ks.check_in_count > 0
                   OR (kr.combine = 'sum' AND ks.health NOT IN ('not_started', 'measure_first'))) AS started
    FROM objectives_alignment a
    JOIN goal ON goal.id = a.parent_key_result_id AND goal.combine = 'sum'
    JOIN objectives_objective o ON o.id = a.child_id AND o.dropped_at IS NULL AND o.state IN ('active', 'closed')
    JOIN objectives_keyresult kr ON kr.objective_id = o.id AND kr.dropped_at IS NULL AND kr.unit = goal.unit
    JOIN objectives_keyresultscore ks ON ks.key_result_id = kr.id AND ks.current_value IS NOT NULL
    WHERE a.link = 'contributes' AND goal.target_value <> goal.start_value
    GROUP BY 1
), blended AS (
    SELECT goal.id, goal.measure_first, goal.committed, goal.closed, goal.days, goal.confidence, goal.overdue,
           COALESCE(goal.weight, share.rest, 0) AS share,
           COALESCE(summed.value, goal.own_value) AS current_value,
           goal.check_in_count > 0 OR COALESCE(child.started, summed.started, false) AS started,
           CASE WHEN goal.kind IN {BOUNDED} OR (summed.id IS NULL AND child.weight > 0) THEN 1 END AS most,
           CASE WHEN summed.id IS NOT NULL THEN
                    (summed.value::float8 - goal.start_value) / (goal.target_value - goal.start_value)
                WHEN child.weight > 0 AND goal.check_in_count > 0 AND goal.own_score IS NOT NULL THEN
                    (goal.own_score + child.weighted) / (1 + child.weight)
                WHEN child.weight > 0 THEN child.weighted / child.weight
                ELSE goal.own_progress END AS progress,
           CASE WHEN child.weight > 0 AND goal.check_in_count > 0 AND goal.own_score IS NOT NULL THEN
                    (goal.pace + child.paced) / (1 + child.weight)
                WHEN child.weight > 0 THEN child.paced / child.weight
                ELSE goal.pace END AS pace
    FROM goal
    JOIN share USING (objective_id)
    LEFT JOIN child ON child.id = goal.id
    LEFT JOIN summed ON summed.id = goal.id
), landed AS (
    SELECT *, CASE WHEN progress IS NOT NULL THEN LEAST(1, GREATEST(0, progress)) END AS score,
           CASE WHEN pace > 0 AND progress IS NOT NULL THEN LEAST(progress / pace, most) END AS landing
    FROM blended
), judged AS (
    SELECT *, {
    HEALTH.format(
        closed="closed",
        measure_first="measure_first",
        started="started",
        landing="landing",
        overdue="overdue",
        committed="committed",
        band="%(band)s::float8",
        low_confidence="(confidence <= 3)",
        days="days",
    )
} AS health
    FROM landed
)
UPDATE objectives_keyresultscore s
SET share = j.share, current_value = j.current_value, progress = j.progress, score = j.score,
    pace = j.pace, landing = j.landing, health = j.health
FROM judged j
WHERE s.key_result_id = j.id
  AND (s.share, s.current_value, s.progress, s.score, s.pace, s.landing, s.health)
      IS DISTINCT FROM (j.share, j.current_value, j.progress, j.score, j.pace, j.landing, j.health::varchar)
"""

_PACE = "COALESCE(f.level_pace, s.phased_pace, f.elapsed)"
_LANDING = f"CASE WHEN {_PACE} > 0 AND s.own_progress IS NOT NULL THEN LEAST(s.own_progress / {_PACE}, f.most) END"
_SCORE = "CASE WHEN s.own_progress IS NOT NULL THEN LEAST(1, GREATEST(0, s.own_progress)) END"
_HEALTH = HEALTH.format(
    closed="f.closed",
    measure_first="f.measure_first",
    started="(s.check_in_count > 0)",
    landing=f"({_LANDING})",
    overdue="COALESCE(s.due_on < %(today)s, false)",
    committed="f.committed",
    band="%(band)s::float8",
    low_confidence="(s.confidence <= 3)",
    days="f.days",
)
_PLAIN = f"{_PACE}, {_LANDING}, ({_HEALTH}), {_SCORE}, s.own_progress, f.share, s.own_value"

# The same as SCORE_KEY_RESULTS for those that nothing contributes to, which are nearly all of a company's: these need
# wait for no level, and what they are worth follows from their own row. What moves with the calendar is compared first.
SCORE_PLAIN_KEY_RESULTS = f"""
UPDATE objectives_keyresultscore s
SET (pace, landing, health, score, progress, share, current_value) = ROW({_PLAIN})
FROM (
    SELECT kr.id, kr.measure_first, o.kind = 'committed' OR kr.kind = 'keep' AS committed,
           o.state = 'closed' OR c.state = 'closed' AS closed, %(today)s::date - c.start + 1 AS days,
           CASE WHEN kr.kind IN ('keep', 'average', 'quota') THEN (%(today)s::date >= c.start)::int::float8
           END AS level_pace, CASE WHEN kr.kind IN {BOUNDED} THEN 1 END AS most,
           {ELAPSED} AS elapsed, COALESCE(kr.weight, whole.rest, 0) AS share
    FROM objectives_keyresult kr
    JOIN (
        SELECT objective_id, GREATEST(0, 1 - COALESCE(SUM(weight), 0)) / NULLIF(COUNT(*) - COUNT(weight), 0) AS rest
        FROM objectives_keyresult WHERE objective_id = ANY(%(ids)s) AND dropped_at IS NULL GROUP BY 1
    ) whole USING (objective_id)
    JOIN objectives_objective o ON o.id = kr.objective_id
    JOIN objectives_cycle c ON c.id = o.cycle_id
    WHERE kr.dropped_at IS NULL
) f
WHERE s.key_result_id = f.id
  AND NOT EXISTS (SELECT FROM objectives_alignment a
                  WHERE a.parent_key_result_id = s.key_result_id AND a.link = 'contributes')
  AND (s.pace, s.landing, s.health, s.score, s.progress, s.share, s.current_value)
      IS DISTINCT FROM ({_PLAIN.replace(f"({_HEALTH})", f"({_HEALTH})::varchar")})
"""

CARRIED = """
SELECT DISTINCT kr.objective_id FROM objectives_alignment a
JOIN objectives_keyresult kr ON kr.id = a.parent_key_result_id
WHERE a.link = 'contributes' AND kr.objective_id = ANY(%s)
"""

JUDGED_OBJECTIVES = f"""
WITH goal AS MATERIALIZED (
    SELECT o.id, o.kind = 'committed' AS committed, o.state = 'closed' OR c.state = 'closed' AS closed,
           %(today)s::date - c.start + 1 AS days, {ELAPSED} AS elapsed
    FROM objectives_objective o JOIN objectives_cycle c ON c.id = o.cycle_id
    WHERE o.id = ANY(%(ids)s)
), own AS (
    SELECT kr.objective_id AS id, COUNT(*) AS key_results,
           SUM(s.share * s.score) AS weighted, SUM(s.share) FILTER (WHERE s.score IS NOT NULL) AS weight,
           SUM(s.share * s.pace) FILTER (WHERE s.score IS NOT NULL) AS paced,
           BOOL_OR(s.check_in_count > 0 OR s.health NOT IN ('not_started', 'measure_first', 'closed')) AS started,
           BOOL_AND(kr.measure_first) AS measure_first, BOOL_OR(s.due_on < %(today)s) AS overdue
    FROM objectives_keyresult kr
    JOIN objectives_keyresultscore s ON s.key_result_id = kr.id
    WHERE kr.objective_id = ANY(%(ids)s) AND kr.dropped_at IS NULL
    GROUP BY 1
), child AS (
    SELECT a.parent_objective_id AS id,
           SUM(w.weight * cs.score) AS weighted, SUM(w.weight) AS weight, SUM(w.weight * cs.pace) AS paced,
           BOOL_OR(cs.health NOT IN ('not_started', 'measure_first')) AS started
    FROM objectives_alignment a
    LEFT JOIN own ON own.id = a.parent_objective_id
    CROSS JOIN LATERAL (SELECT COALESCE(a.weight, 1.0 / NULLIF(own.key_results, 0), 1) AS weight) w
    JOIN objectives_objective o ON o.id = a.child_id AND o.dropped_at IS NULL AND o.state IN ('active', 'closed')
    JOIN objectives_objectivescore cs ON cs.objective_id = o.id AND cs.score IS NOT NULL
    WHERE a.link = 'contributes' AND a.parent_objective_id = ANY(%(ids)s)
    GROUP BY 1
), blended AS (
    SELECT goal.*, COALESCE(own.weight, 0) + COALESCE(child.weight, 0) AS total,
           COALESCE(own.weighted, 0) + COALESCE(child.weighted, 0) AS weighted,
           COALESCE(own.paced, 0) + COALESCE(child.paced, 0) AS paced,
           COALESCE(own.started, false) OR COALESCE(child.started, false) AS started,
           COALESCE(own.measure_first, false) AND child.id IS NULL AS measure_first,
           COALESCE(own.overdue, false) AS overdue
    FROM goal LEFT JOIN own USING (id) LEFT JOIN child USING (id)
), meant AS (
    SELECT *, CASE WHEN total > 0 THEN LEAST(1, GREATEST(0, weighted / total)) END AS score,
           CASE WHEN total > 0 THEN paced / total ELSE elapsed END AS pace
    FROM blended
), landed AS (
    SELECT *, CASE WHEN pace > 0 AND score IS NOT NULL THEN LEAST(score / pace, 1) END AS landing FROM meant
), judged AS (
    SELECT *, {
    HEALTH.format(
        closed="closed",
        measure_first="measure_first",
        started="started",
        landing="landing",
        overdue="overdue",
        committed="committed",
        band="%(band)s::float8",
        low_confidence="false",
        days="days",
    )
} AS health
    FROM landed
)
"""
SCORE_OBJECTIVES = f"""{JUDGED_OBJECTIVES}
INSERT INTO objectives_objectivescore AS s (objective_id, score, pace, landing, health)
SELECT id, score, pace, landing, health FROM judged ORDER BY id
ON CONFLICT (objective_id) DO UPDATE
SET score = EXCLUDED.score, pace = EXCLUDED.pace, landing = EXCLUDED.landing, health = EXCLUDED.health
WHERE (s.score, s.pace, s.landing, s.health)
      IS DISTINCT FROM (EXCLUDED.score, EXCLUDED.pace, EXCLUDED.landing, EXCLUDED.health)
"""
FEW = {"ids": "bigint[]", "today": "date", "band": "float8"}
SCORE_FEW_KEY_RESULTS = Prepared("score_key_results", SCORE_KEY_RESULTS, **FEW)
SCORE_FEW_OBJECTIVES = Prepared("score_objectives", SCORE_OBJECTIVES, **FEW)
# Of many, nearly all have a row: looking for it costs half of trying to insert another.
MISSING_OBJECTIVES = """
INSERT INTO objectives_objectivescore (objective_id, pace, health)
SELECT id, 0, 'not_started' FROM unnest(%s) AS ids(id)
WHERE NOT EXISTS (SELECT FROM objectives_objectivescore WHERE objective_id = id) ORDER BY id
ON CONFLICT DO NOTHING
"""
SCORE_MANY_OBJECTIVES = f"""{JUDGED_OBJECTIVES}
UPDATE objectives_objectivescore s
SET score = j.score, pace = j.pace, landing = j.landing, health = j.health
FROM judged j
WHERE s.objective_id = j.id
  AND (s.score, s.pace, s.landing, s.health) IS DISTINCT FROM (j.score, j.pace, j.landing, j.health::varchar)
"""

SNAPSHOT = """
INSERT INTO objectives_objectivesnapshot AS was (objective_id, date, score, pace, landing, health)
SELECT s.objective_id, %(today)s, s.score, s.pace, s.landing, s.health
FROM objectives_objectivescore s
JOIN objectives_objective o ON o.id = s.objective_id AND o.state = 'active' AND o.dropped_at IS NULL
JOIN objectives_cycle c ON c.id = o.cycle_id AND c.state <> 'closed' AND %(today)s::date BETWEEN c.start AND c.end
WHERE s.objective_id = ANY(%(ids)s)
ON CONFLICT (objective_id, date) DO UPDATE
SET score = EXCLUDED.score, pace = EXCLUDED.pace, landing = EXCLUDED.landing, health = EXCLUDED.health
WHERE (was.score, was.pace, was.landing, was.health)
      IS DISTINCT FROM (EXCLUDED.score, EXCLUDED.pace, EXCLUDED.landing, EXCLUDED.health)
"""

ANCESTORS = """
WITH RECURSIVE up(id) AS (
    SELECT unnest(%s::bigint[])
    UNION
    SELECT COALESCE(a.parent_objective_id, kr.objective_id)
    FROM up
    JOIN objectives_alignment a ON a.child_id = up.id AND a.link = 'contributes'
    LEFT JOIN objectives_keyresult kr ON kr.id = a.parent_key_result_id
) SELECT id FROM up
"""

EDGES = """
SELECT a.child_id, COALESCE(a.parent_objective_id, kr.objective_id)
FROM objectives_alignment a LEFT JOIN objectives_keyresult kr ON kr.id = a.parent_key_result_id
WHERE a.link = 'contributes' AND a.child_id = ANY(%s)
"""


def _rows(sql: str, *parameters: Any) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def roll_up(organization: Organization, objective_ids: Sequence[int], today: date) -> None:
    """Rescore exactly these objectives and their key results, children before parents."""
    if len(objective_ids) > MANY_OBJECTIVES:
        return _roll_up_many(organization, objective_ids, today)
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        for level in levels(objective_ids):
            values: dict[str, Any] = {"ids": level, "today": today, "band": organization.band_lower}
            SCORE_FEW_KEY_RESULTS.execute(cursor, values)
            SCORE_FEW_OBJECTIVES.execute(cursor, values)


def _roll_up_many(organization: Organization, objective_ids: Sequence[int], today: date) -> None:
    """The same in few passes: all key results that nothing contributes to at once, then level by level."""
    given: dict[str, Any] = {"today": today, "band": organization.band_lower}
    carried = {pk for (pk,) in _rows(CARRIED, list(objective_ids))}
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        with many_rows(cursor):
            cursor.execute(MISSING_OBJECTIVES, [list(objective_ids)])
            cursor.execute(SCORE_PLAIN_KEY_RESULTS, {"ids": list(objective_ids), **given})
        for level in levels(objective_ids):
            above = [pk for pk in level if pk in carried]
            with many_rows(cursor) if len(level) > MANY_OBJECTIVES else nullcontext():
                if above:
                    cursor.execute(SCORE_KEY_RESULTS, {"ids": above, **given})
                cursor.execute(SCORE_MANY_OBJECTIVES, {"ids": level, **given})


@contextmanager
def many_rows(cursor: Any) -> Iterator[None]:
    """Forbid nested loops and sort in memory while many rows are joined.

    After an import the tables have no statistics yet; a plan made for a handful of rows then takes minutes.
    """
    cursor.execute("SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '64MB'")
    yield
    cursor.execute("SET LOCAL enable_nestloop = on; SET LOCAL work_mem TO DEFAULT")


def levels(objective_ids: Sequence[int]) -> list[list[int]]:
    """The objectives in layers: whatever contributes to an objective of a layer stands in an earlier one."""
    ids = set(objective_ids)
    if len(ids) < 2:
        return [list(ids)] if ids else []
    parents: dict[int, set[int]] = defaultdict(set)
    waiting: dict[int, int] = dict.fromkeys(ids, 0)
    for child, parent in _rows(EDGES, sorted(ids)):
        if parent in ids and parent not in parents[child]:
            parents[child].add(parent)
            waiting[parent] += 1
    layer = sorted(pk for pk, children in waiting.items() if children == 0)
    layers = []
    while layer:
        layers.append(layer)
        above = set()
        for child in layer:
            for parent in parents[child]:
                waiting[parent] -= 1
                if waiting[parent] == 0:
                    above.add(parent)
        layer = sorted(above)
    return layers


def with_ancestors(objective_ids: Iterable[int]) -> list[int]:
    """The objectives and everything their scores count towards."""
    return [pk for (pk,) in _rows(ANCESTORS, list(objective_ids))]


def snapshot(objective_ids: Sequence[int], today: date) -> None:
    """Keep the day's scores of the objectives being worked on; a later call on the same day replaces them."""
    with connection.cursor() as cursor:
        cursor.execute(SNAPSHOT, {"ids": list(objective_ids), "today": today})
