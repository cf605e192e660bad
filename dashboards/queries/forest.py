# ruff: noqa: S608 (statements are put together from constants alone; every value is a parameter)
"""All goals of a cycle as a forest: read narrow and whole, so that any part of it can be cut in Python.

Titles are read for what is drawn alone. However many goals there are, it is two statements.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from django.db.models import QuerySet

from dashboards.formulas.forest import below, kept
from dashboards.queries.sql import VALUE, WORKING, ZONE, band_of, rows
from objectives.models import Cycle, Health, Intent, Level, Objective
from objectives.queries.alignment import LONGER
from people.access import read_id
from people.models import Membership

MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Sought:
    """What a reader looks for in the map; a team stands for those below it too."""

    words: tuple[str, ...] = ()
    team: int | None = None
    kind: str = ""
    level: str = ""
    health: str = ""

    def __bool__(self) -> bool:
        return bool(self.words or self.team is not None or self.kind or self.level or self.health)


def sought_in(asked: Mapping[str, str], teams: Collection[int] = ()) -> Sought:
    """Filters from a query string; what is unknown is left out, so are teams but for `teams`, those seen."""
    text = unicodedata.normalize("NFKC", asked.get("q", "")).replace("\x00", "").lower()[:200]
    team = read_id(asked.get("team"))
    kind, level, health = asked.get("kind", ""), asked.get("level", ""), asked.get("health", "")
    return Sought(
        words=tuple(text.split()[:MOST_WORDS]),
        team=team if team in teams else None,
        kind=kind if kind in Intent.values else "",
        level=level if level in Level.values else "",
        health=health if health in Health.values else "",
    )


class Goal(NamedTuple):
    """An objective as the map needs it; `is_own` says that it is of the cycle itself, not of one beside it.

    `is_found` says that it is sought, `is_longer` that its cycle is a longer one.
    """

    pk: int
    team: int
    level: str
    kind: str
    health: str
    value: float | None
    zone: str
    key_results: int
    is_own: bool
    is_found: bool
    is_longer: bool


# `= ANY(ARRAY(…))` is one walk along an index, at half the cost of looking up row after row.
GOALS = f"""
SELECT g.id, g.team_id, g.level, g.kind, g.health, g.value, {ZONE.format(value="g.value", kind="g.kind")},
       g.key_results, g.cycle_id = %(cycle)s, g.is_found, g.is_longer
FROM (
    SELECT o.id, o.team_id, o.level, o.kind, o.cycle_id, o.position, COALESCE(s.health, 'not_started') AS health,
           {VALUE.format(row="s")} AS value, COALESCE(k.number, 0) AS key_results,
           {{found}} AS is_found, c."end" - c.start > %(days)s AS is_longer
    FROM {{visible}} o
    JOIN objectives_cycle c ON c.id = o.cycle_id
    LEFT JOIN (
        SELECT * FROM objectives_objectivescore WHERE objective_id = ANY(ARRAY(SELECT id FROM {{visible}} v))
    ) s ON s.objective_id = o.id
    LEFT JOIN (
        SELECT objective_id, COUNT(*) AS number FROM objectives_keyresult
        WHERE objective_id = ANY(ARRAY(SELECT id FROM {{visible}} v)) AND dropped_at IS NULL
        GROUP BY objective_id
    ) k ON k.objective_id = o.id
    {{joined}}
) g
ORDER BY g.level = 'company' DESC, g.position, g.id
"""

TIES = """
SELECT above.id, a.child_id, a.link = 'contributes', a.weight
FROM objectives_alignment a
LEFT JOIN objectives_keyresult helped ON helped.id = a.parent_key_result_id
JOIN objectives_objective above ON above.id = COALESCE(a.parent_objective_id, helped.objective_id)
WHERE a.child_id = ANY(ARRAY(SELECT id FROM {visible} v)) AND above.dropped_at IS NULL AND helped.dropped_at IS NULL
"""

# The words people search by: the objective's, its owner's name and how it is read, its team's.
SPOKEN = "lower(normalize(concat_ws(' ', o.title, u.name, u.reading, t.name), NFKC))"
NAMED = """
    JOIN people_team t ON t.id = o.team_id
    LEFT JOIN people_membership m ON m.id = o.owner_id {known}
    LEFT JOIN people_user u ON u.id = m.user_id
"""
BRANCH = """o.team_id IN (WITH RECURSIVE branch(id) AS (
    SELECT id FROM people_team WHERE id = %(team)s
    UNION SELECT p.id FROM people_team p JOIN branch ON p.parent_id = branch.id) SELECT id FROM branch)"""

COLUMNS = ("id", "title", "team_id", "owner_id", "level", "kind", "cycle_id", "position")


@dataclass
class Forest:
    """The goals a map may show, and how they hang together. `children` are those that contribute, in reading order.

    `helped` is whatever something helps, `held` whatever helps something that still stands, wherever that is.
    """

    goals: dict[int, Goal]
    children: dict[int, list[int]]
    weights: dict[tuple[int, int], float]
    helped: set[int]
    held: set[int]
    is_partner: bool
    sought: Sought = field(default_factory=Sought)

    @cached_property
    def parents(self) -> dict[int, list[int]]:
        above: dict[int, list[int]] = defaultdict(list)
        for parent, children in self.children.items():
            for child in children:
                above[child].append(parent)
        return above

    @cached_property
    def found(self) -> set[int]:
        """What is sought; without a wish everything."""
        return {pk for pk, goal in self.goals.items() if goal.is_found}

    @cached_property
    def roots(self) -> list[int]:
        """What begins a chain: the company's goals, and whatever else helps nothing here but is connected.

        To partners, who see nothing above their share, whatever is uppermost in it.
        """
        return [
            pk
            for pk, goal in self.goals.items()
            if pk not in self.parents
            and (goal.level == Level.COMPANY or pk in self.held or pk in self.helped or self.is_partner)
        ]

    @cached_property
    def own(self) -> list[Goal]:
        return [goal for goal in self.goals.values() if goal.is_own]

    @cached_property
    def reaching(self) -> set[int]:
        """The goals of the cycle below the company's that lead up to one of them."""
        company = [pk for pk, goal in self.goals.items() if goal.level == Level.COMPANY]
        reached = below(self.children, company)
        return {goal.pk for goal in self.own if goal.level != Level.COMPANY and goal.pk in reached}

    def narrowed(self) -> dict[int, list[int]]:
        """The chains with nothing in them but what is sought and the ways to it."""
        if not self.sought:
            return self.children
        shown = kept(self.children, self.found)
        return {
            parent: [child for child in children if child in shown]
            for parent, children in self.children.items()
            if parent in shown
        }


def in_reach(membership: Membership, cycle: Cycle) -> QuerySet[Objective]:
    """What may stand in the map: working objectives of this cycle and of those that share days with it."""
    return Objective.objects.visible_to(membership).filter(
        state__in=WORKING, cycle__start__lte=cycle.end, cycle__end__gte=cycle.start
    )


def forest_of(membership: Membership, cycle: Cycle, sought: Sought | None = None) -> Forest:
    """The forest of a cycle as the membership may see it, with what is sought marked in it."""
    sought = sought or Sought()
    conditions = [f"o.{name} = %({name})s" for name in ("kind", "level") if getattr(sought, name)]
    if sought.health:
        conditions.append("COALESCE(s.health, 'not_started') = %(health)s")
    if sought.team is not None:
        conditions.append(BRANCH)
    conditions += [f"position(%(word_{index})s IN {SPOKEN}) > 0" for index in range(len(sought.words))]
    # A partner is told of no owner, so no search tells of one either.
    joined = NAMED.replace("{known}", "AND m.id = %(reader)s" if membership.is_partner else "")
    values = {
        "cycle": cycle.pk,
        "reader": membership.pk,
        "kind": sought.kind,
        "level": sought.level,
        "health": sought.health,
        "team": sought.team,
        "days": (cycle.end - cycle.start + LONGER).days,
        **{f"word_{index}": word for index, word in enumerate(sought.words)},
        **band_of(membership.organization),
    }
    sql = GOALS.replace("{found}", " AND ".join(conditions) or "true")
    sql = sql.replace("{joined}", joined if sought.words else "")
    visible = in_reach(membership, cycle)
    goals = {row[0]: Goal._make(row) for row in rows(sql, visible, values, COLUMNS)}
    children: dict[int, list[int]] = defaultdict(list)
    weights: dict[tuple[int, int], float] = defaultdict(float)
    helped: set[int] = set()
    held: set[int] = set()
    for parent, child, contributes, weight in rows(TIES, visible, {}, ("id",)):
        helped.add(parent)
        held.add(child)
        if contributes and parent in goals:
            each = 1.0 / max(goals[parent].key_results, 1)
            if (parent, child) not in weights:
                children[parent].append(child)
            weights[parent, child] += each if weight is None else weight
    place = {pk: number for number, pk in enumerate(goals)}
    for below_it in children.values():
        below_it.sort(key=place.__getitem__)
    return Forest(goals, dict(children), dict(weights), helped, held, membership.is_partner, sought)
