"""Make an obstacle of what check-ins last named.

Until now an obstacle stood as long as the latest check-in named it: such are open, others were cleared with the check-in
that came next. Going back leaves these rows in place and points the scores to the check-ins they came from.
"""

from django.db import migrations

FILL = """
INSERT INTO objectives_obstacle (organization_id, key_result_id, check_in_id, kind, text, raised_by_id, raised_on, owner_id,
                                 state, state_changed_at, risen_to, solution, solved_by_id, solved_on, created_at, version)
SELECT o.organization_id, c.key_result_id, c.id, '', btrim(c.obstacle), c.author_id, c.date, c.author_id,
       CASE WHEN later.id IS NULL THEN 'open' ELSE 'solved' END, COALESCE(later.created_at, c.created_at), '', '',
       later.author_id, later.date, c.created_at, 1
FROM (
    SELECT DISTINCT ON (key_result_id) * FROM objectives_checkin named
    WHERE btrim(obstacle) <> '' AND NOT EXISTS (SELECT 1 FROM objectives_checkin r WHERE r.corrects_id = named.id)
    ORDER BY key_result_id, date DESC, created_at DESC, id DESC
) c
JOIN objectives_keyresult kr ON kr.id = c.key_result_id
JOIN objectives_objective o ON o.id = kr.objective_id
LEFT JOIN LATERAL (
    SELECT n.id, n.author_id, n.date, n.created_at FROM objectives_checkin n
    WHERE n.key_result_id = c.key_result_id AND (n.date, n.created_at, n.id) > (c.date, c.created_at, c.id)
          AND NOT EXISTS (SELECT 1 FROM objectives_checkin r WHERE r.corrects_id = n.id)
    ORDER BY n.date, n.created_at, n.id LIMIT 1
) later ON true
ON CONFLICT (check_in_id) DO NOTHING
"""
BACK = """
UPDATE objectives_keyresultscore s SET obstacle_id = (
    SELECT c.id FROM objectives_checkin c
    WHERE c.key_result_id = s.key_result_id AND NOT EXISTS (SELECT 1 FROM objectives_checkin r WHERE r.corrects_id = c.id)
          AND c.obstacle <> ''
          AND NOT EXISTS (
              SELECT 1 FROM objectives_checkin n
              WHERE n.key_result_id = c.key_result_id AND (n.date, n.created_at, n.id) > (c.date, c.created_at, c.id)
                    AND NOT EXISTS (SELECT 1 FROM objectives_checkin r WHERE r.corrects_id = n.id)
          )
    LIMIT 1
)
"""


class Migration(migrations.Migration):
    dependencies = [("objectives", "0011_weekly_rhythm")]

    operations = [migrations.RunSQL(FILL, BACK)]
