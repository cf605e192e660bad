"""The roll-up of a whole company, and of one check-in's ancestors.

The floor of a whole company is the same means by hand: one statement for all key results and one for each level of
objectives, written into rows like the product's. It takes for granted what the product has to look after: that nothing
is dropped, closed, summed or phased, that there are no loops, and that every row has changed.
"""

from __future__ import annotations

import sys
from datetime import timedelta

from benchmarks.measuring import compare, head, set_up

set_up()

from django.db import connection, transaction  # noqa: E402

from objectives import rollup  # noqa: E402
from objectives.models import ObjectiveScore, PendingRollUp  # noqa: E402
from people.models import Organization  # noqa: E402

ROUNDS = 5
TABLES = """
DROP TABLE IF EXISTS floor_key_result, floor_objective;
CREATE TABLE floor_key_result (LIKE objectives_keyresultscore INCLUDING CONSTRAINTS) WITH (fillfactor=50);
INSERT INTO floor_key_result SELECT s.* FROM objectives_keyresultscore s
JOIN objectives_keyresult kr ON kr.id = s.key_result_id JOIN objectives_objective o ON o.id = kr.objective_id
WHERE o.organization_id = %(organization)s ORDER BY 1;
ALTER TABLE floor_key_result ADD PRIMARY KEY (key_result_id);
CREATE TABLE floor_objective WITH (fillfactor=50) AS
WITH RECURSIVE down(id, level) AS (
    SELECT id, 0 FROM objectives_objective WHERE organization_id = %(organization)s
    UNION ALL
    SELECT a.parent_objective_id, level + 1 FROM down JOIN objectives_alignment a ON a.child_id = down.id
)
SELECT s.objective_id, levels.level, s.score, s.pace, s.landing, s.health
FROM objectives_objectivescore s
JOIN (SELECT id, max(level) AS level FROM down GROUP BY 1) AS levels ON levels.id = s.objective_id ORDER BY 1;
ALTER TABLE floor_objective ADD PRIMARY KEY (objective_id);
ANALYZE floor_key_result;
ANALYZE floor_objective;
"""
HEALTH = """
CASE WHEN landing IS NULL THEN 'not_started'
     ELSE (ARRAY['off_track', 'at_risk', 'on_track'])[
         CASE WHEN committed THEN 1 + (landing >= 0.95)::int + (landing >= 0.7)::int
              ELSE 1 + (landing >= 0.6)::int + (landing >= 0.3)::int END] END
"""
KEY_RESULTS = f"""
WITH rest AS (
    SELECT kr.objective_id,
           GREATEST(0, 1 - COALESCE(SUM(kr.weight), 0)) / NULLIF(COUNT(*) - COUNT(kr.weight), 0) AS share
    FROM objectives_keyresult kr JOIN objectives_objective o ON o.id = kr.objective_id
    WHERE o.organization_id = %(organization)s GROUP BY 1
), worth AS (
    SELECT kr.id, COALESCE(kr.weight, rest.share) AS share, s.own_value, s.own_progress,
           LEAST(1, GREATEST(0, s.own_progress)) AS score, o.kind = 'committed' OR kr.kind = 'keep' AS committed,
           CASE WHEN kr.kind IN ('keep', 'milestone') THEN 1 END AS most,
           CASE WHEN kr.kind IN ('keep', 'average') THEN 1 ELSE %(elapsed)s END AS pace
    FROM objectives_keyresult kr
    JOIN rest USING (objective_id)
    JOIN objectives_objective o ON o.id = kr.objective_id
    JOIN objectives_keyresultscore s ON s.key_result_id = kr.id
), landed AS (SELECT *, LEAST(own_progress / pace, most) AS landing FROM worth)
UPDATE floor_key_result f
SET share = l.share, current_value = l.own_value, progress = l.own_progress, score = l.score, pace = l.pace,
    landing = l.landing, health = {HEALTH.replace("landing", "l.landing").replace("committed", "l.committed")}
FROM landed l WHERE f.key_result_id = l.id
"""
OBJECTIVES = f"""
WITH own AS (
    SELECT kr.objective_id AS id, SUM(f.share * f.score) AS weighted, SUM(f.share) AS weight,
           SUM(f.share * f.pace) AS paced, COUNT(*) AS key_results
    FROM floor_objective g
    JOIN objectives_keyresult kr USING (objective_id)
    JOIN floor_key_result f ON f.key_result_id = kr.id
    WHERE g.level = %(level)s GROUP BY 1
), child AS (
    SELECT a.parent_objective_id AS id, SUM(w.weight * c.score) AS weighted, SUM(w.weight) AS weight,
           SUM(w.weight * c.pace) AS paced
    FROM floor_objective g
    JOIN objectives_alignment a ON a.parent_objective_id = g.objective_id
    JOIN own ON own.id = g.objective_id
    CROSS JOIN LATERAL (SELECT COALESCE(a.weight, 1.0 / own.key_results) AS weight) w
    JOIN floor_objective c ON c.objective_id = a.child_id
    WHERE g.level = %(level)s GROUP BY 1
), meant AS (
    SELECT id, o.kind = 'committed' AS committed,
           (own.weighted + COALESCE(child.weighted, 0)) / (own.weight + COALESCE(child.weight, 0)) AS score,
           (own.paced + COALESCE(child.paced, 0)) / (own.weight + COALESCE(child.weight, 0)) AS pace
    FROM own LEFT JOIN child USING (id) JOIN objectives_objective o USING (id)
), landed AS (SELECT *, LEAST(score / pace, 1) AS landing FROM meant)
UPDATE floor_objective f
SET score = l.score, pace = l.pace, landing = l.landing,
    health = {HEALTH.replace("landing", "l.landing").replace("committed", "l.committed")}
FROM landed l WHERE f.objective_id = l.id
"""
DIFFERENT = """
SELECT (SELECT count(*) FROM floor_key_result f JOIN objectives_keyresultscore s USING (key_result_id)
        WHERE abs(f.score - s.score) > 1e-9 OR abs(f.landing - s.landing) > 1e-9),
       (SELECT count(*) FROM floor_objective f JOIN objectives_objectivescore s USING (objective_id)
        WHERE abs(f.score - s.score) > 1e-9 OR abs(f.landing - s.landing) > 1e-9)
"""


def main(slug: str = "") -> None:
    organization = Organization.objects.filter(slug__startswith="demo-").latest("pk")
    if slug:
        organization = Organization.objects.get(slug=slug)
    ids = rollup.open_objective_ids(organization)
    today = organization.today
    cycle = organization.cycles.get(state="active")
    days = iter(range(1, 1_000))
    assert organization.band_lower == 0.6
    with connection.cursor() as cursor:
        cursor.execute(TABLES, {"organization": organization.pk})
        cursor.execute("SELECT max(level) FROM floor_objective")
        (deepest_level,) = cursor.fetchone()

    def recompute() -> None:
        """Each time as on another day, so that every row is written."""
        rollup.roll_up(organization, ids, today + timedelta(days=next(days)))

    def by_hand(shift: int | None = None) -> None:
        later = next(days) if shift is None else shift
        elapsed = ((today - cycle.start).days + 1 + later) / ((cycle.end - cycle.start).days + 1)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(KEY_RESULTS, {"organization": organization.pk, "elapsed": elapsed})
            for level in range(deepest_level + 1):
                cursor.execute(OBJECTIVES, {"level": level})

    deepest = ObjectiveScore.objects.filter(objective__in=ids).latest("pk").objective

    def one_check_in() -> None:
        PendingRollUp.objects.create(organization=organization, objective=deepest)
        rollup.drain()

    def one_row() -> None:
        ObjectiveScore.objects.filter(pk=deepest.pk).update(score=deepest.scored.score)

    print(f"{organization.slug}: {len(ids):,} open objectives\n")
    head()
    compare("every score recomputed and written (every pace has moved)", recompute, by_hand, rounds=ROUNDS)
    rollup.roll_up(organization, ids, today)
    by_hand(0)
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENT)
        assert cursor.fetchone() == (0, 0), "the floor is not the same sum"
        cursor.execute("DROP TABLE floor_key_result, floor_objective")
    compare("the ancestors of one check-in, drained with their snapshots", one_check_in, one_row)


if __name__ == "__main__":
    main(*sys.argv[1:])
