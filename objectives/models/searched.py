"""What of goals and check-ins can be searched, for the triggers that keep it."""

OBJECTIVES = """
    SELECT id AS row, organization_id AS organization, id AS branch, cycle_id AS cycle, title, why AS rest
    FROM objectives_objective
"""
KEY_RESULTS = """
    SELECT kr.id AS row, o.organization_id AS organization, o.id AS branch, o.cycle_id AS cycle,
           kr.title, kr.measured_how AS rest
    FROM objectives_keyresult kr JOIN objectives_objective o ON o.id = kr.objective_id
"""
CHECK_INS = """
    SELECT c.id AS row, o.organization_id AS organization, o.id AS branch, o.cycle_id AS cycle,
           '' AS title, concat_ws(' ', c.going_well, c.obstacle, c.next_step) AS rest, kr.id AS key_result
    FROM objectives_checkin c
    JOIN objectives_keyresult kr ON kr.id = c.key_result_id
    JOIN objectives_objective o ON o.id = kr.objective_id
"""
OBSTACLES = """
    SELECT b.id AS row, o.organization_id AS organization, o.id AS branch, o.cycle_id AS cycle,
           '' AS title, concat_ws(' ', b.text, b.solution) AS rest, kr.id AS key_result
    FROM objectives_obstacle b
    JOIN objectives_keyresult kr ON kr.id = b.key_result_id
    JOIN objectives_objective o ON o.id = kr.objective_id
"""
# An action of no key result belongs to no branch: partners never find it.
ACTIONS = """
    SELECT a.id AS row, a.organization_id AS organization, COALESCE(o.id, 0) AS branch, o.cycle_id AS cycle,
           a.title, concat_ws(' ', a.expected_effect, a.result) AS rest, kr.id AS key_result
    FROM objectives_action a
    LEFT JOIN objectives_keyresult kr ON kr.id = a.key_result_id
    LEFT JOIN objectives_objective o ON o.id = kr.objective_id
"""
MINUTES = """
    SELECT l.id AS row, m.organization_id AS organization, 0::bigint AS branch, m.cycle_id AS cycle,
           '' AS title, CASE WHEN l.withdrawn_at IS NULL THEN l.text ELSE '' END AS rest
    FROM objectives_minuteline l JOIN objectives_meeting m ON m.id = l.meeting_id
"""
# Neither lessons nor experiments belong to a branch: partners never find them.
LESSONS = """
    SELECT l.id AS row, l.organization_id AS organization, 0::bigint AS branch, l.cycle_id AS cycle, '' AS title,
           CASE WHEN l.retired_at IS NULL THEN concat_ws(' ', l.text, l.advice, l.measure, kr.title) ELSE '' END AS rest
    FROM objectives_lesson l LEFT JOIN objectives_keyresult kr ON kr.id = l.key_result_id
"""
EXPERIMENTS = """
    SELECT e.id AS row, e.organization_id AS organization, 0::bigint AS branch, NULL::bigint AS cycle,
           CASE WHEN e.withdrawn_at IS NULL THEN e.title ELSE '' END AS title,
           CASE WHEN e.withdrawn_at IS NULL THEN concat_ws(' ', e.hypothesis, e.sign, e.result) ELSE '' END AS rest
    FROM objectives_experiment e
"""
