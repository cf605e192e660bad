# ruff: noqa: S608 (statements are put together from constants alone; every value is a parameter)
"""The scored tree of a cycle, written as JSON where its rows lie: by one statement, in one pass."""

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
    WHERE parent_objective_id = {above} AND link = 'contributes'
    UNION
    SELECT child_id FROM objectives_alignment
    WHERE link = 'contributes' AND parent_key_result_id = ANY(ARRAY(
        SELECT id FROM objectives_keyresult WHERE objective_id = {above} AND dropped_at IS NULL))
"""

ABOVE = """
    SELECT a.id, a.link, a.weight, a.parent_key_result_id, above.id AS above_id
    FROM objectives_alignment a
    LEFT JOIN objectives_keyresult helped ON helped.id = a.parent_key_result_id
    JOIN objectives_objective above
        ON above.id = COALESCE(a.parent_objective_id, helped.objective_id) AND above.dropped_at IS NULL
    WHERE a.child_id = o.id AND helped.dropped_at IS NULL
"""

# One statement with either: as a condition inside a CASE the latter would be asked of each objective by itself.
FROM_ROOT = "o.id = %(root)s"
FROM_TOP = """
    NOT EXISTS (SELECT 1 FROM objectives_alignment a JOIN {visible} above ON above.id = a.parent_objective_id
                WHERE a.child_id = o.id AND a.link = 'contributes')
    AND NOT EXISTS (SELECT 1 FROM objectives_alignment a
                    JOIN objectives_keyresult helped ON helped.id = a.parent_key_result_id AND helped.dropped_at IS NULL
                    JOIN {visible} above ON above.id = helped.objective_id
                    WHERE a.child_id = o.id AND a.link = 'contributes')
"""

# In the recursion each objective is met once a level; `MIN` keeps the level it is nearest to the top at.
DEPTHS = f"""
    WITH RECURSIVE place(id, depth) AS (
        SELECT o.id, 1 FROM {{visible}} o WHERE {{begin}}
        UNION
        SELECT o.id, place.depth + 1
        FROM place CROSS JOIN LATERAL ({BELOW.format(above="place.id")}) step JOIN {{visible}} o ON o.id = step.child_id
        WHERE place.depth < %(levels)s
    ), shown AS MATERIALIZED (SELECT id, MIN(depth) AS depth FROM place GROUP BY id)
"""


def number(column: str) -> str:
    """A column as a JSON number, null where it is."""
    return f"COALESCE(({column})::text, 'null')"


# Put together as text, which takes two thirds of what json_build_object does: only titles hold what must be escaped.
PARENTS = f"""
    SELECT string_agg(concat(
        CASE WHEN a.parent_key_result_id IS NULL THEN concat('{{"objective":', a.above_id)
             ELSE concat('{{"key_result":', a.parent_key_result_id) END,
        ',"link":"', a.link, '","weight":', {number("a.weight")}, '}}'), ',' ORDER BY a.id)
    FROM ({ABOVE}) a {{told_above}}
"""

LEAVES = f"""
    SELECT string_agg(concat(
        '{{"id":', kr.id, ',"title":', to_json(kr.title), ',"kind":"', kr.kind, '","owner":', {number("{kr_owner}")},
        ',"share":', {number("ks.share")}, ',"progress":', {number("ks.progress")}, ',"score":', {number("ks.score")},
        ',"pace":', {number("ks.pace")}, ',"health":"', COALESCE(ks.health, {NOT_STARTED}), '"}}'
        ), ',' ORDER BY kr.position, kr.id)
    FROM objectives_keyresult kr LEFT JOIN objectives_keyresultscore ks ON ks.key_result_id = kr.id
    WHERE kr.objective_id = o.id AND kr.dropped_at IS NULL
"""

NODES = f"""
{{depths}}
SELECT concat(
    '{{"id":', o.id, ',"title":', to_json(o.title), ',"level":"', o.level, '","kind":"', o.kind, '","state":"', o.state,
    '","team":', {number("{team}")}, ',"owner":', {number("{owner}")}, ',"score":', {number("s.score")},
    ',"pace":', {number("s.pace")}, ',"landing":', {number("s.landing")},
    ',"health":"', COALESCE(s.health, {NOT_STARTED}),
    '","parents":[', ({PARENTS}), '],"key_results":[', ({LEAVES}), ']'{{more}}, '}}')
FROM {{visible}} o
{{shown}}
JOIN people_team t ON t.id = o.team_id
LEFT JOIN objectives_objectivescore s ON s.objective_id = o.id
ORDER BY t.position, o.team_id, o.position, o.id
"""

# Only where it is loaded by depth: who reads the whole tree has counted already.
CHILDREN = f"""
    , ',"children":', (SELECT COUNT(*) FROM ({BELOW.format(above="o.id")}) step JOIN {{visible}} below
                       ON below.id = step.child_id), ',"depth":', shown.depth
"""


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
            "told_above": f"WHERE a.above_id IN ({above})",
        }
    sql = NODES.replace("{depths}", DEPTHS if by_depth else "").replace("{more}", CHILDREN if by_depth else "")
    sql = sql.replace("{begin}", FROM_TOP if root is None else FROM_ROOT)
    sql = sql.replace("{shown}", "JOIN shown ON shown.id = o.id" if by_depth else "")
    for name, text in parts.items():
        sql = sql.replace(f"{{{name}}}", text)
    with connection.cursor() as cursor:
        cursor.execute(sql, named)
        return [text for (text,) in cursor.fetchall()]


def compiled(rows: QuerySet, named: dict[str, Any], prefix: str) -> str:
    """The statement of `rows` as a part of a larger one; what it is given stands in `named` afterwards."""
    sql, given = rows.order_by().query.sql_with_params()
    names = [f"{prefix}_{index}" for index in range(len(given))]
    named |= dict(zip(names, given, strict=True))
    return sql % tuple(f"%({name})s" for name in names)
