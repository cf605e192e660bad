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
