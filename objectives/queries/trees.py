# ruff: noqa: S608 (statements are put together from constants alone; every value is a parameter)
"""The scored tree of a cycle, written as JSON where its rows lie: by one statement, in few passes.

Each part of it is read for all shown objectives at once, `= ANY(ARRAY(…))` being one walk along an index, and comes as
one text, because tens of thousands of small rows cost Python more than cutting. What belongs together is found here by
number: joined in the statement, the parts would be at the mercy of the planner's guess how many they are.
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import QuerySet

from objectives.access import teams_seen_by
from objectives.models import Cycle, Health, Objective
from objectives.models.shares import read_branch_once
from people.models import Membership

MOST_LEVELS = 100
NOT_STARTED = f"'{Health.NOT_STARTED.value}'"

# What is right below an objective, by an index each: joined by either of two columns, it would read all alignments.
BELOW = """
    SELECT child_id FROM objectives_alignment
    WHERE parent_objective_id = place.id AND link = 'contributes'
    UNION
    SELECT child_id FROM objectives_alignment
    WHERE link = 'contributes' AND parent_key_result_id = ANY(ARRAY(
        SELECT id FROM objectives_keyresult WHERE objective_id = place.id AND dropped_at IS NULL))
"""
# In the recursion each objective is met once a level; `MIN` keeps the level it is nearest to the top at.
LEVELS = f"""
        UNION
        SELECT o.id, place.depth + 1
        FROM place CROSS JOIN LATERAL ({BELOW}) step JOIN {{visible}} o ON o.id = step.child_id
        WHERE place.depth < %(levels)s
    ), shown AS MATERIALIZED (SELECT id, MIN(depth) AS depth FROM place GROUP BY id)
"""
SHOWN = "ANY(ARRAY(SELECT id FROM shown))"

# Each begins a statement with what is `shown`, and by depth with who is `tied` to whom among what is seen.
EVERYTHING = "WITH shown AS MATERIALIZED (SELECT id FROM {visible} own)"
# At the top is what contributes to nothing seen, so that all ties of the cycle are read for it, once.
FROM_TOP = f"""
    WITH RECURSIVE own AS MATERIALIZED (SELECT id FROM {{visible}} seen), tied AS MATERIALIZED (
        SELECT a.child_id, COALESCE(a.parent_objective_id, (
            SELECT objective_id FROM objectives_keyresult WHERE id = a.parent_key_result_id AND dropped_at IS NULL
        )) AS above_id
        FROM objectives_alignment a WHERE a.child_id = ANY(ARRAY(SELECT id FROM own)) AND a.link = 'contributes'
    ), place(id, depth) AS (
        SELECT id, 1
        FROM (SELECT id FROM own EXCEPT SELECT child_id FROM tied WHERE above_id IN (SELECT id FROM own)) top
        {LEVELS}
"""
FROM_ROOT = f"""
    WITH RECURSIVE place(id, depth) AS (
        SELECT id, 1 FROM {{visible}} seen WHERE id = %(root)s
        {LEVELS}, below AS MATERIALIZED (
        SELECT child_id, parent_objective_id AS above_id FROM objectives_alignment
        WHERE parent_objective_id = {SHOWN} AND link = 'contributes'
        UNION ALL
        SELECT a.child_id, kr.objective_id
        FROM objectives_keyresult kr
        JOIN objectives_alignment a ON a.parent_key_result_id = kr.id AND a.link = 'contributes'
        WHERE kr.objective_id = {SHOWN} AND kr.dropped_at IS NULL
    ), tied AS (
        SELECT child_id, above_id FROM below
        WHERE child_id IN (SELECT id FROM {{visible}} seen WHERE id = ANY(ARRAY(SELECT child_id FROM below)))
    )
"""


def number(column: str) -> str:
    """A column as a JSON number, null where it is."""
    return f"COALESCE(({column})::text, 'null')"


# Put together as text, which takes two thirds of what json_build_object does: only titles hold what must be escaped.
NODES = f"""
SELECT o.id, concat(
    '{{"id":', o.id, ',"title":', to_json(o.title), ',"level":"', o.level, '","kind":"', o.kind, '","state":"', o.state,
    '","team":', {number("{team}")}, ',"owner":', {number("{owner}")}, ',"score":', {number("s.score")},
    ',"pace":', {number("s.pace")}, ',"landing":', {number("s.landing")},
    ',"health":"', COALESCE(s.health, {NOT_STARTED}), '"') AS text
FROM {{visible}} o
JOIN people_team t ON t.id = o.team_id
LEFT JOIN objectives_objectivescore s ON s.objective_id = o.id
WHERE o.id = {SHOWN}
ORDER BY t.position, o.team_id, o.position, o.id
"""

PARENTS = f"""
SELECT a.child_id AS id, string_agg(concat(
    CASE WHEN a.parent_key_result_id IS NULL THEN concat('{{"objective":', above.id)
         ELSE concat('{{"key_result":', a.parent_key_result_id) END,
    ',"link":"', a.link, '","weight":', {number("a.weight")}, '}}'), ',' ORDER BY a.id) AS text
FROM objectives_alignment a
LEFT JOIN objectives_keyresult helped ON helped.id = a.parent_key_result_id
JOIN objectives_objective above
    ON above.id = COALESCE(a.parent_objective_id, helped.objective_id) AND above.dropped_at IS NULL
WHERE a.child_id = {SHOWN} AND helped.dropped_at IS NULL {{told_above}}
GROUP BY a.child_id
"""

LEAVES = f"""
SELECT kr.objective_id AS id, string_agg(concat(
    '{{"id":', kr.id, ',"title":', to_json(kr.title), ',"kind":"', kr.kind, '","owner":', {number("{kr_owner}")},
    ',"share":', {number("ks.share")}, ',"progress":', {number("ks.progress")}, ',"score":', {number("ks.score")},
    ',"pace":', {number("ks.pace")}, ',"health":"', COALESCE(ks.health, {NOT_STARTED}), '"}}'
    ), ',' ORDER BY kr.position, kr.id) AS text
FROM objectives_keyresult kr LEFT JOIN objectives_keyresultscore ks ON ks.key_result_id = kr.id
WHERE kr.objective_id = {SHOWN} AND kr.dropped_at IS NULL
GROUP BY kr.objective_id
"""

DEPTHS = "SELECT id, depth::text AS text FROM shown"
# Only where it is loaded by depth: who reads the whole tree has counted already.
CHILDREN = """
SELECT above_id AS id, COUNT(DISTINCT child_id)::text AS text FROM tied
WHERE above_id IN (SELECT id FROM shown) GROUP BY above_id
"""
# No text holds its character 30: in JSON it is escaped.
CUT = chr(30)
PART = "SELECT '{part}', string_agg(id::text, ','), string_agg(text, chr(30)) FROM ({rows}) {part}"


def tree_as_json(
    membership: Membership, cycle: Cycle, *, root: int | None = None, levels: int | None = None
) -> list[str]:
    """The cycle's objectives that the membership may see, each as a JSON text, by team and position: one statement.

    With `root` only the branch below that objective, itself first of all; with `levels` only as many levels of it, or
    of the whole tree from what contributes to nothing seen. Then each says its `depth` from 1 and how many `children`
    contribute to it. Empty where the root is not in the cycle or not seen. What a partner may not hear of (teams,
    owners, what lies above the share) is null or left out.
    """
    if membership.is_partner:
        read_branch_once(membership)
    columns = ("id", "title", "level", "kind", "state", "team_id", "owner_id", "position")
    visible = Objective.objects.visible_to(membership).in_cycle(cycle)
    named: dict[str, Any] = {"root": root, "levels": levels or MOST_LEVELS}
    by_depth = root is not None or levels is not None
    parts = {
        "visible": f"({compiled(visible.values(*columns), named, 'visible')})",
        "team": "o.team_id",
        "owner": "o.owner_id",
        "kr_owner": "kr.owner_id",
        "told_above": "",
    }
    if membership.is_partner:
        members = compiled(Membership.objects.visible_to(membership).values("pk"), named, "members")
        teams = compiled(teams_seen_by(membership).values("pk"), named, "teams")
        above = compiled(Objective.objects.visible_to(membership).values("pk"), named, "above")
        parts |= {
            "team": f"CASE WHEN o.team_id IN ({teams}) THEN o.team_id END",
            "owner": f"CASE WHEN o.owner_id IN ({members}) THEN o.owner_id END",
            "kr_owner": f"CASE WHEN kr.owner_id IN ({members}) THEN kr.owner_id END",
            "told_above": f"AND above.id IN ({above})",
        }
    begin = EVERYTHING if not by_depth else FROM_TOP if root is None else FROM_ROOT
    asked = {"nodes": NODES, "parents": PARENTS, "leaves": LEAVES}
    asked |= {"depths": DEPTHS, "children": CHILDREN} if by_depth else {}
    sql = begin + " UNION ALL ".join(
        PART.replace("{part}", part).replace("{rows}", rows) for part, rows in asked.items()
    )
    for name, text in parts.items():
        sql = sql.replace(f"{{{name}}}", text)
    with connection.cursor() as cursor:
        cursor.execute(sql, named)
        found = {part: cut(ids, texts) for part, ids, texts in cursor.fetchall()}
    parents, leaves = found["parents"], found["leaves"]
    if not by_depth:
        return [
            f'{text},"parents":[{parents.get(pk, "")}],"key_results":[{leaves.get(pk, "")}]}}'
            for pk, text in found["nodes"].items()
        ]
    depths, children = found["depths"], found["children"]
    return [
        f'{text},"parents":[{parents.get(pk, "")}],"key_results":[{leaves.get(pk, "")}]'
        f',"children":{children.get(pk, 0)},"depth":{depths[pk]}}}'
        for pk, text in found["nodes"].items()
    ]


def cut(ids: str | None, texts: str | None) -> dict[str, str]:
    """A part's texts by the objectives' numbers; None and None where it has no rows."""
    return dict(zip(ids.split(","), texts.split(CUT), strict=True)) if ids and texts is not None else {}


def compiled(rows: QuerySet, named: dict[str, Any], prefix: str) -> str:
    """The statement of `rows` as a part of a larger one; what it is given stands in `named` afterwards."""
    sql, given = rows.order_by().query.sql_with_params()
    names = [f"{prefix}_{index}" for index in range(len(given))]
    named |= dict(zip(names, given, strict=True))
    return sql % tuple(f"%({name})s" for name in names)
