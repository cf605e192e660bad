"""The map of the company's goals: what is drawn, what each cell says, and where a click on it leads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards import figures
from dashboards.figures.company_map import LEAST, company_map
from dashboards.figures.company_map import Cell as Drawn
from dashboards.formulas import forest as trees
from dashboards.presenters.map_parts import HEALTH_SIGNS, Look, Row, Tally, below_of, grouped, wished
from dashboards.queries.forest import Forest, Goal
from dashboards.sentences import standing
from funnel.formulas.numbers import format_score
from objectives.models import Cycle, Health, Intent, Objective
from people.models import Membership, Team

BY = ("chain", "organization")
SHAPES = ("icicle", "treemap")
COLOURS = ("score", "health")
SIZES = ("results", "weight")
LEVELS = 3
MOST_FOUND = 240
"""So many goals and the ways to them are drawn in full when they are looked for; of more three levels."""


class CompanyMap:
    """A part of the forest as it is drawn. Teams have negative keys among the goals' positive ones."""

    def __init__(
        self,
        membership: Membership,
        cycle: Cycle,
        forest: Forest,
        teams: Sequence[Team],
        look: Look,
        hanging: Sequence[int],
    ) -> None:
        self.membership, self.cycle, self.forest, self.look = membership, cycle, forest, look
        self.teams = {team.pk: team for team in teams}
        self.order = {team.pk: number for number, team in enumerate(teams)}
        self.hanging = [pk for pk in hanging if pk in forest.found] if forest.sought else list(hanging)

    # What hangs together

    @cached_property
    def shown(self) -> list[Goal]:
        """The goals of the cycle that are sought."""
        return [goal for goal in self.forest.own if goal.is_found]

    @cached_property
    def children(self) -> Mapping[int, list[int]]:
        return self.forest.narrowed() if self.look.by == "chain" else self._in_teams()

    def _in_teams(self) -> dict[int, list[int]]:
        below: dict[int, list[int]] = defaultdict(list)
        for goal in self.shown:
            below[-goal.team].append(goal.pk)
        waiting, placed = [-key for key in below], set(below)
        parts: dict[int, list[int]] = defaultdict(list)
        while waiting:
            team = self.teams.get(waiting.pop())
            parent = team.parent_id if team else None
            if team is None or parent not in self.teams:
                continue
            parts[parent].append(team.pk)
            if -parent not in placed:
                placed.add(-parent)
                waiting.append(parent)
        for parent, inside in parts.items():
            below[-parent] += [-pk for pk in sorted(inside, key=self.order.__getitem__)]
        return dict(below)

    @cached_property
    def tops(self) -> list[int]:
        """What stands uppermost when nothing is opened: of a company that is one team, what is in it."""
        if self.look.by == "chain":
            if not self.forest.sought:
                return self.forest.roots
            shown = trees.kept(self.children, self.forest.found)
            return [pk for pk in self.forest.roots if pk in shown]
        tops = [
            -pk
            for pk in sorted(self.order, key=self.order.__getitem__)
            if -pk in self.children and self.teams[pk].parent_id not in self.teams
        ]
        return self.children[tops[0]] if len(tops) == 1 else tops

    @cached_property
    def start(self) -> int | None:
        """The key of what is opened."""
        return self.look.root if self.look.by == "chain" else -self.look.under if self.look.under else None

    @cached_property
    def top(self) -> list[int]:
        return self.tops if self.start is None else list(self.children.get(self.start, ()))

    @cached_property
    def scope(self) -> list[Goal]:
        """The goals the map speaks of: those of the cycle, or those below what is opened; only what is sought."""
        if self.start is None:
            return self.shown
        reached = trees.below(self.children, [self.start]) - {self.start}
        goals = self.forest.goals
        return [goals[key] for key in goals if key in reached and goals[key].is_found]

    # What is drawn

    @cached_property
    def own(self) -> dict[int, float]:
        by_results = self.look.size == "results"
        return {
            pk: 0.0 if not goal.is_found else float(max(goal.key_results, 1)) if by_results else 1.0
            for pk, goal in self.forest.goals.items()
        }

    @cached_property
    def cells(self) -> list[trees.Cell]:
        sought = bool(self.forest.sought)
        deep = sought and len(self.scope) <= MOST_FOUND
        by_weight = self.look.size == "weight" and self.look.by == "chain"
        size = dict.fromkeys(self.top, 1.0) if by_weight else trees.sizes(self.top, self.children, self.own)
        cells = trees.cut(
            self.top,
            self.children,
            size,
            levels=trees.DEEPEST if deep else LEVELS,
            least=LEAST[self.look.shape],
            weights=self.forest.weights if by_weight else None,
            own=self.own,
        )
        if self.look.by == "chain" and self.start is None and self.hanging:
            large = 1.0 if by_weight else sum(self.own[pk] for pk in self.hanging)
            cells.append(trees.Cell(None, "hanging", "", 1, large, 0, tuple(self.hanging)))
        return cells

    @cached_property
    def titles(self) -> dict[int, tuple[str, str]]:
        """Title and owner of what is drawn and of what is opened, by one query; partners are told of no owner."""
        keys = {cell.key for cell in self.cells if isinstance(cell.key, int) and cell.key > 0} | set(self.trail)
        rows = Objective.objects.filter(pk__in=keys).values_list("pk", "title", "owner__user__name")
        told = not self.membership.is_partner
        return {pk: (title, owner if told else "") for pk, title, owner in rows}

    @cached_property
    def trail(self) -> list[int]:
        """What is opened and what it stands below, from the top; goals by their first parent."""
        trail: list[int] = []
        key = self.start
        while key is not None and key not in trail:
            trail.append(key)
            if key > 0:
                key = next(iter(self.forest.parents.get(key, ())), None)
            else:
                parent = self.teams[-key].parent_id
                key = -parent if parent in self.teams and self.teams[parent].parent_id in self.teams else None
        return [key for key in reversed(trail) if key > 0] if self.look.by == "chain" else trail[::-1]

    @cached_property
    def tallies(self) -> dict[int, Tally]:
        """What the goals of each team and of those below come to."""
        tallies: dict[int, Tally] = {}
        for goal in self.shown:
            pk: int | None = goal.team
            while pk in self.teams:
                tallies.setdefault(pk, self.tally(())).add(goal)
                pk = self.teams[pk].parent_id
        return tallies

    def tally(self, goals: Iterable[Goal]) -> Tally:
        organization = self.membership.organization
        tally = Tally(organization.band_lower, organization.band_upper)
        for goal in goals:
            tally.add(goal)
        return tally

    # What it says

    def name_of(self, key: int) -> str:
        return self.titles.get(key, ("", ""))[0] if key > 0 else self.teams[-key].name

    @cached_property
    def root(self) -> str:
        if self.start is not None:
            return self.name_of(self.start)
        return f"{self.membership.organization.name}　{self.cycle.name}"

    @cached_property
    def rows(self) -> list[Row]:
        """The cells as one reads them: each with what stands below it."""
        below: dict[str, list[trees.Cell]] = defaultdict(list)
        for cell in self.cells:
            below[cell.parent].append(cell)
        rows: list[Row] = []
        waiting = list(reversed(below[""]))
        while waiting:
            cell = waiting.pop()
            rows.append(self.row_of(cell))
            waiting += reversed(below[cell.path])
        return rows

    def row_of(self, cell: trees.Cell) -> Row:
        key = cell.key
        if not isinstance(key, int):
            return self._folded(cell)
        if key < 0:
            tally = self.tallies[-key]
            opens = self.address(under=-key)
            return Row(cell, self.teams[-key].name, "", opens, False, below=tally.total, tally=tally)
        goal = self.forest.goals[key]
        title, owner = self.titles[key]
        is_found = bool(self.forest.sought) and goal.is_found
        team = self.teams[goal.team].name if goal.team in self.teams else ""
        below = len(self.children.get(key, ())) if self.look.by == "chain" else 0
        opens = self.address(root=key) if below else ""
        return Row(cell, title, self.page_of(key), opens, is_found, goal, team, owner, below)

    def _folded(self, cell: trees.Cell) -> Row:
        keys = [key for key in cell.folded if isinstance(key, int)]
        count = len(keys)
        if cell.path == "hanging":
            title = ngettext("%(count)s objective hangs nowhere", "%(count)s objectives hang nowhere", count)
            leads = self.list_address(gap="hanging")
        else:
            title = ngettext("and %(count)s more", "and %(count)s more", count)
            above = int(cell.parent.rpartition("/")[2]) if cell.parent else self.start
            leads = self.list_address(**({} if above is None else {"root": above} if above > 0 else {"under": -above}))
        tally = self.tally(self.forest.goals[key] for key in keys if key > 0)
        for key in keys:
            if key < 0:
                inside = self.tallies[-key]
                tally.total += inside.total
                tally.below += inside.below
                tally.healths += inside.healths
        return Row(
            cell, title % grouped(count=count), leads, "", bool(self.forest.sought), below=tally.total, tally=tally
        )

    # Where it leads

    @cached_property
    def asked(self) -> dict[str, Any]:
        """What the address says besides what is opened."""
        sought, look, usual = self.forest.sought, self.look, Look()
        said = {name: getattr(look, name) for name in ("by", "shape", "colour", "size")}
        return {
            "cycle": self.cycle.pk,
            **{name: value for name, value in said.items() if value != getattr(usual, name)},
            **wished(sought),
        }

    def page_of(self, key: int) -> str:
        return reverse("objective", args=[self.membership.organization.slug, key])

    def address(self, **opened: int | str) -> str:
        page = reverse("company_map", args=[self.membership.organization.slug])
        return f"{page}?{urlencode(self.asked | opened)}"

    def list_address(self, **part: int | str) -> str:
        page = reverse("company_map_list", args=[self.membership.organization.slug])
        asked = {name: value for name, value in self.asked.items() if name in ("cycle", "by")}
        return f"{page}?{urlencode(asked | wished(self.forest.sought) | part)}"

    @cached_property
    def steps(self) -> list[tuple[str, str]]:
        """The way back up, from the whole company: names and addresses; what is opened itself is left out."""
        opened = [
            (self.name_of(key), self.address(root=key) if key > 0 else self.address(under=-key))
            for key in self.trail[:-1]
        ]
        return [(_("The whole company"), self.address()), *opened] if self.start is not None else []

    def figure(self) -> figures.Figure:
        cells = [self._drawn(row) for row in self.rows]
        up = self.steps[-1][1] if self.steps else ""
        return company_map(cells, root=self.root, up=up, shape=self.look.shape)

    def _drawn(self, row: Row) -> Drawn:
        cell = row.cell
        tone, sign, notes = "role:well", "…", []
        by_health = self.look.colour == "health"
        if row.goal is not None:
            goal = row.goal
            glyph, wash = HEALTH_SIGNS[Health(goal.health)]
            word = Health(goal.health).label
            if by_health:
                tone, sign = wash, f"{glyph} {word}"
            else:
                tone, sign = figures.wash(goal.zone), figures.GLYPHS[goal.zone]
                sign += f" {format_score(goal.value)}" if goal.value is not None else ""
            if goal.kind == Intent.COMMITTED:
                sign += f" {Intent.COMMITTED.label}"
            if self.forest.sought and not goal.is_found:
                tone = "role:well"
            notes = [" · ".join(filter(None, (row.team, row.owner)))]
            notes += [standing(goal.zone, goal.value, goal.kind), f"{glyph} {word}"]
            if row.below:
                more = ngettext("%(count)s below: click to open", "%(count)s below: click to open", row.below)
                notes.append(more % grouped(count=row.below))
        elif row.tally is not None:
            tally = row.tally
            if cell.key is not None and by_health:
                glyph, tone = HEALTH_SIGNS[Health(tally.health)]
                sign = f"{glyph} {Health(tally.health).label} {tally.healths[tally.health]}/{tally.total}"
            elif cell.key is not None:
                tone, sign = figures.wash(tally.zone), figures.GLYPHS[tally.zone]
                sign += f" {format_score(tally.value)}" if tally.value is not None else ""
            elif tally.below:
                sign = f"▼ {number_format(tally.below, force_grouping=True)}"
            notes = [below_of(tally.total, tally.below)]
        return Drawn(
            path=cell.path,
            parent=cell.parent,
            title=row.title,
            size=cell.size,
            tone=tone,
            sign=sign,
            note="\n".join(notes),
            leads=row.leads,
            opens=row.opens,
            is_found=row.is_found,
        )
