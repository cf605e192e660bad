"""Rows and figures of the page, from what was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards import figures, queries
from dashboards.sentences import kgi_finding, standing, zone_name
from objectives.formulas.pace import elapsed_share
from objectives.models import Cycle
from objectives.queries.bars import weeks_in
from people.models import Membership

CLOSEST = 13.0


def script(element_id: str, figure: figures.Figure) -> SafeString:
    """A figure as the page carries it, in a script element that nothing in it can leave."""
    text = orjson.dumps(figure).decode()
    for sign, escape in (("<", "\\u003C"), (">", "\\u003E"), ("&", "\\u0026")):
        text = text.replace(sign, escape)
    return format_html('<script id="{}" type="application/json">{}</script>', element_id, mark_safe(text))  # noqa: S308


def address_of(request: HttpRequest, objective_id: int) -> str:
    return reverse("objective", args=[request.membership.organization.slug, objective_id])  # type: ignore[attr-defined]


def band_of(membership: Membership) -> figures.Band:
    return figures.Band(membership.organization.band_lower, membership.organization.band_upper)


# The KGI's bar


@dataclass(frozen=True, slots=True)
class Mark:
    """Something on the KGI's bar: its place on the scale as an SVG length, its name and value."""

    role: str
    at: str
    name: str
    value: Any
    anchor: str
    has_label: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """The bar from zero to the value, as SVG lengths: to the left of `zero` where the value is negative."""

    zero: str
    at: str
    length: str


@dataclass(frozen=True, slots=True)
class KGIRow:
    """A KGI with what its section says of it; `bar` is None where all is zero, and empty without an actual."""

    standing: queries.KGIStanding
    bar: Bar | None
    marks: tuple[Mark, ...]

    @property
    def sentence(self) -> str:
        return kgi_finding(self.standing)

    @property
    def gap(self) -> Any:
        missing = self.standing.missing
        return None if missing is None else abs(missing)

    @property
    def times_must(self) -> Any:
        return self._times(self.standing.kgi.must_hit_value)

    @property
    def times_challenge(self) -> Any:
        return self._times(self.standing.kgi.challenge_value)

    def _times(self, target: Any) -> Any:
        last_year = self.standing.kgi.last_year_value
        return target / last_year if target is not None and last_year else None


def kgi_row(row: queries.KGIStanding) -> KGIRow:
    """Places on a scale that holds 0, value and targets; a word that would touch another is left out."""
    kgi = row.kgi
    marked = (
        ("challenge", _("Challenge"), kgi.challenge_value),
        ("must", _("Must-hit"), kgi.must_hit_value),
        ("was", _("Last year"), kgi.last_year_value),
        ("pace", "", row.required),
    )
    values = [float(value) for value in (0, row.value, *(value for *_names, value in marked)) if value is not None]
    lowest, scale = min(values), max(values) - min(values)
    if scale <= 0:
        return KGIRow(row, None, ())

    def place_of(value: Any) -> float:
        return (float(value) - lowest) / scale * 100

    marks: list[Mark] = []
    labelled: list[float] = []
    for role, name, value in marked:
        if value is None:
            continue
        place = place_of(value)
        has_label = bool(name) and all(abs(other - place) >= CLOSEST for other in labelled)
        if has_label:
            labelled.append(place)
        anchor = "end" if place > 92 else "start" if place < 6 else "middle"
        marks.append(Mark(role, f"{place:.2f}%", name, value, anchor, has_label))
    zero, now = place_of(0), place_of(row.value or 0)
    bar = Bar(f"{zero:.2f}%", f"{min(zero, now):.2f}%", f"{abs(now - zero):.2f}%")
    return KGIRow(row, bar, tuple(marks))


# The distribution


def bin_name(number: int) -> str:
    if number >= figures.BINS:
        return _("1.0 and above")
    return f"{number * figures.BIN:.2f}–{(number + 1) * figures.BIN:.2f}"


def spread_rows(spread: queries.Distribution, membership: Membership) -> list[dict[str, Any]]:
    """The distribution as a table: for each twentieth of the scale, how many in which zone."""
    band = band_of(membership)
    rows: dict[int, dict[str, Any]] = {}
    for pile in spread.piles:
        number = figures.bin_of(pile.bin * figures.BIN, pile.zone, band, committed=pile.kind == "committed")
        row = rows.setdefault(number, {"name": bin_name(number), "below": 0, "in": 0, "above": 0})
        row[pile.zone] += pile.count
    return [rows[number] | {"inside": rows[number]["in"]} for number in sorted(rows)]


def spread_figure(
    request: HttpRequest, spread: queries.Distribution, membership: Membership, cycle: Cycle
) -> figures.Figure:
    band = band_of(membership)
    axis = _("Score") if cycle.is_closed else _("Heading for")
    if spread.standings:
        bricks = [
            figures.Brick(
                value=row.value,
                zone=row.zone,
                title=row.title,
                note=f"{row.team}　{standing(row.zone, row.value, row.kind)}",
                address=address_of(request, row.pk),
                committed=row.kind == "committed",
            )
            for row in spread.standings
        ]
        return figures.distribution(bricks, band, axis=axis)
    piles = []
    for row in spread_rows(spread, membership):
        for zone_ in figures.ZONES:
            if row[zone_]:
                note = ngettext("%(count)s objective", "%(count)s objectives", row[zone_]) % {"count": row[zone_]}
                piles.append((row["name"], zone_, row[zone_], f"{row['name']}　{zone_name(zone_)}　{note}"))
    numbers = {bin_name(number): number for number in range(figures.BINS + 1)}
    return figures.distribution(
        [figures.Pile(numbers[name], zone_, count, note) for name, zone_, count, note in piles], band, axis=axis
    )


# The departments


def departments_figure(
    request: HttpRequest, departments: Sequence[queries.Department], membership: Membership, cycle: Cycle
) -> figures.Figure:
    slug = membership.organization.slug
    panels = [
        figures.Panel(
            name=row.name,
            address=f"{reverse('objectives', args=[slug])}?cycle={cycle.pk}&team={row.pk}",
            scores=row.scores,
            paces=row.paces,
            landing=row.landing,
            zone=row.zone,
            verdict=_("Heading for %(standing)s") % {"standing": standing(row.zone, row.landing)},
        )
        for row in departments
    ]
    weeks = weeks_in(cycle)
    return figures.departments(
        panels,
        band_of(membership),
        weeks=weeks,
        now=weeks * elapsed_share(cycle.span, membership.organization.today),
        closed=cycle.is_closed,
        week_label=_("Week {week}"),
    )


# The map


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
