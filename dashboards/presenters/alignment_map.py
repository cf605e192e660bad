"""The map of alignment, as a figure and as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import ngettext

from dashboards import figures, queries
from dashboards.presenters.carrying import address_of
from dashboards.sentences import standing
from objectives.models import Cycle
from people.models import Membership


@dataclass(frozen=True, slots=True)
class MapRow:
    """A line of the table under the map."""

    goal: queries.Goal
    indent: int
    hidden: int

    def as_json(self) -> dict[str, Any]:
        goal = self.goal
        return {
            "id": goal.pk,
            "path": goal.path,
            "parent": goal.parent or None,
            "title": goal.title,
            "team": goal.team,
            "kind": goal.kind,
            "value": goal.value,
            "zone": goal.zone,
            "key_results": goal.key_results,
            "children": goal.children,
            "hidden": self.hidden,
        }


def map_rows(tree: queries.Map) -> list[MapRow]:
    """The goals as one reads them: each with what stands below it."""
    below: dict[str, list[queries.Goal]] = {}
    for goal in tree.goals:
        below.setdefault(goal.parent, []).append(goal)
    hidden = tree.hidden_below()
    rows: list[MapRow] = []
    waiting = list(reversed(below.get("", [])))
    while waiting:
        goal = waiting.pop()
        rows.append(MapRow(goal, min(goal.depth, 4), hidden[goal.path]))
        waiting += reversed(below.get(goal.path, []))
    return rows


def map_figure(
    request: HttpRequest, tree: queries.Map, membership: Membership, cycle: Cycle, *, root: str
) -> figures.Figure:
    slug = membership.organization.slug
    deeper = f"{reverse('company_map', args=[slug])}?cycle={cycle.pk}&root="
    hidden = tree.hidden_below()
    goals = [goal for goal in tree.goals if tree.root is None or goal.parent]
    above = f"{tree.root.pk}/" if tree.root else ""
    cells = [
        figures.Cell(
            path=goal.path.removeprefix(above),
            parent="" if above and goal.parent == above[:-1] else goal.parent.removeprefix(above),
            title=goal.title,
            team=goal.team,
            zone=goal.zone,
            value=goal.value,
            weight=goal.key_results,
            leads=address_of(request, goal.pk),
            opens=f"{deeper}{goal.pk}" if goal.children else "",
            note=cell_note(goal, hidden[goal.path]),
        )
        for goal in goals
    ]
    return figures.alignment_map(cells, root=tree.root.title if tree.root else root)


def cell_note(goal: queries.Goal, hidden: int) -> str:
    note = standing(goal.zone, goal.value, goal.kind)
    if hidden > 0:
        more = ngettext("%(count)s more below: click to open", "%(count)s more below: click to open", hidden)
        note = f"{note}　{more % {'count': hidden}}"
    return note
