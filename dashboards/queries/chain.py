# ruff: noqa: S608 (statements are put together from constants alone; every value is a parameter)
"""The chain of goals, cut on the server: a browser draws hundreds of cells, not ten thousand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from dashboards.queries.sql import VALUE, WORKING, ZONE, band_of, rows, working
from objectives.models import Alignment, Cycle, Level, Objective
from people.models import Membership

MAP_LEVELS = 3
MOST_ROOTS = 24
MOST_CHILDREN = 12
MOST_CELLS = 240
MOST_HANGING = 8


@dataclass(frozen=True, slots=True)
class Goal:
    """An objective at one place of the map. `path` joins the ids from the root, since it may hang in several places."""

    pk: int
    path: str
    parent: str
    depth: int
    title: str
    kind: str
    team: str
    value: float | None
    zone: str
    key_results: int
    children: int
    siblings: int


@dataclass(frozen=True, slots=True)
class Map:
    """Three levels of the goals' chain, and what hangs nowhere. Of a branch, its root and three levels below."""

    goals: tuple[Goal, ...]
    root: Objective | None = None
    hanging: tuple[Objective, ...] = ()
    hanging_total: int = 0

    @property
    def top(self) -> list[Goal]:
        return [goal for goal in self.goals if not goal.parent]

    @property
    def left_out(self) -> int:
        """How many goals of the first level are not drawn."""
        return max((goal.siblings for goal in self.top), default=0) - len(self.top)

    def hidden_below(self) -> dict[str, int]:
        """For each goal's path, how many of those right below it are not drawn."""
        drawn = Counter(goal.parent for goal in self.goals)
        return {goal.path: goal.children - drawn[goal.path] for goal in self.goals}


MAP = f"""
WITH RECURSIVE eligible AS MATERIALIZED (
    SELECT o.id, o.title, o.kind, o.level, o.position, o.team_id FROM objectives_objective o WHERE o.id IN {{visible}}
), link AS MATERIALIZED (
    SELECT a.parent_objective_id AS parent, a.child_id AS child
    FROM eligible JOIN objectives_alignment a ON a.child_id = eligible.id
    WHERE a.link = 'contributes' AND a.parent_objective_id IS NOT NULL
    UNION
    SELECT kr.objective_id, a.child_id
    FROM eligible
    JOIN objectives_alignment a ON a.child_id = eligible.id
    JOIN objectives_keyresult kr ON kr.id = a.parent_key_result_id AND kr.dropped_at IS NULL
    WHERE a.link = 'contributes' AND a.parent_key_result_id IS NOT NULL
), edge AS MATERIALIZED (
    SELECT link.parent, link.child,
           ROW_NUMBER() OVER (PARTITION BY link.parent ORDER BY e.position, e.id) AS nth,
           COUNT(*) OVER (PARTITION BY link.parent) AS siblings
    FROM link JOIN eligible e ON e.id = link.child
    WHERE link.parent IN (SELECT id FROM eligible)
), root AS (
    SELECT e.id, ROW_NUMBER() OVER (ORDER BY e.level = 'company' DESC, e.position, e.id) AS nth,
           COUNT(*) OVER () AS siblings
    FROM eligible e
    WHERE CASE WHEN %(root)s::bigint IS NOT NULL THEN e.id = %(root)s
          ELSE NOT EXISTS (SELECT 1 FROM edge WHERE edge.child = e.id)
               AND (e.level = 'company' OR EXISTS (SELECT 1 FROM edge WHERE edge.parent = e.id)
                    OR EXISTS (SELECT 1 FROM objectives_alignment a WHERE a.child_id = e.id)) END
), tree AS (
    SELECT id, id::text AS path, ''::text AS parent, 1 AS depth, nth, siblings FROM root
    WHERE nth <= {MOST_ROOTS}
    UNION ALL
    SELECT edge.child, tree.path || '/' || edge.child, tree.path, tree.depth + 1, edge.nth, edge.siblings
    FROM tree JOIN edge ON edge.parent = tree.id AND edge.nth <= {MOST_CHILDREN}
    WHERE tree.depth < %(levels)s
), below AS (
    SELECT parent, COUNT(*) AS children FROM edge GROUP BY parent
), drawn AS (
    SELECT * FROM tree ORDER BY depth, nth, path LIMIT %(most)s
)
SELECT g.id, g.path, g.parent, g.depth, g.title, g.kind, g.team, g.value, {ZONE.format(value="g.value", kind="g.kind")},
       g.key_results, g.children, g.siblings
FROM (
    SELECT tree.id, tree.path, tree.parent, tree.depth, e.title, e.kind, t.name AS team,
           {VALUE.format(row="s")} AS value, tree.siblings, tree.nth,
           (SELECT COUNT(*) FROM objectives_keyresult kr WHERE kr.objective_id = e.id AND kr.dropped_at IS NULL)
               AS key_results,
           COALESCE(below.children, 0) AS children
    FROM drawn AS tree
    JOIN eligible e ON e.id = tree.id
    LEFT JOIN below ON below.parent = tree.id
    JOIN people_team t ON t.id = e.team_id
    LEFT JOIN objectives_objectivescore s ON s.objective_id = e.id
) g
ORDER BY g.depth, g.parent, g.nth
"""


def in_reach(membership: Membership, cycle: Cycle) -> QuerySet[Objective]:
    """What may stand in the map: working objectives of this cycle and of those that share days with it."""
    return Objective.objects.visible_to(membership).filter(
        state__in=WORKING, cycle__start__lte=cycle.end, cycle__end__gte=cycle.start
    )


def alignment(membership: Membership, cycle: Cycle, root: Objective | None = None) -> Map:
    """The chain of goals: company objectives, what contributes to them, and what contributes to that.

    With a `root` the branch below it. At most twelve children of a goal and 240 goals in all are read; a goal says how
    many stand below it.
    """
    values = {
        "root": root.pk if root else None,
        "levels": MAP_LEVELS + (1 if root else 0),
        "most": MOST_CELLS,
        **band_of(membership.organization),
    }
    goals = tuple(Goal(*row) for row in rows(MAP, in_reach(membership, cycle), values))
    if root is not None:
        return Map(goals, root)
    hanging = hanging_nowhere(membership, cycle)
    shown = list(hanging.select_related("team").order_by("position", "pk")[: MOST_HANGING + 1])
    total = len(shown) if len(shown) <= MOST_HANGING else hanging.count()
    return Map(goals, None, tuple(shown[:MOST_HANGING]), total)


def hanging_nowhere(membership: Membership, cycle: Cycle) -> QuerySet[Objective]:
    """Objectives below the company's that neither contribute to nor support anything that still stands."""
    standing = Alignment.objects.filter(child=OuterRef("pk")).filter(
        Q(parent_objective__isnull=False, parent_objective__dropped_at=None)
        | Q(
            parent_key_result__isnull=False,
            parent_key_result__dropped_at=None,
            parent_key_result__objective__dropped_at=None,
        )
    )
    return working(membership, cycle).exclude(level=Level.COMPANY).exclude(Exists(standing))
