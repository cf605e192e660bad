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
           a.title, a.expected_effect AS rest, kr.id AS key_result
    FROM objectives_action a
    LEFT JOIN objectives_keyresult kr ON kr.id = a.key_result_id
    LEFT JOIN objectives_objective o ON o.id = kr.objective_id
"""
MINUTES = """
    SELECT l.id AS row, m.organization_id AS organization, 0::bigint AS branch, m.cycle_id AS cycle,
           '' AS title, CASE WHEN l.withdrawn_at IS NULL THEN l.text ELSE '' END AS rest
    FROM objectives_minuteline l JOIN objectives_meeting m ON m.id = l.meeting_id
"""
