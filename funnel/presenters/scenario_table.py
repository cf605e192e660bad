"""Scenarios side by side: what each comes to, how far that reaches, and which lever brings what of the way from now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from funnel.formulas.attribution import largest
from funnel.formulas.likelihood import SAME, reaches
from funnel.models import KGI, KPI, Scenario, TargetColumn
from funnel.presenters.names import name_of
from funnel.presenters.plots import Scale
from funnel.presenters.tree_rows import unit_of
from funnel.presenters.words import amount
from funnel.queries.scenarios import Outcome, gap_by_lever, outcomes_of
from funnel.sentences import sentence_of
from funnel.trees import COLUMNS, PlannedTree

MOST_PARTS = 6
# What lies so many times further than the rest would press everything else against zero: it is drawn cut instead.
FARTHEST = 1.5
WORDS = {
    "must_hit": pgettext_lazy("a target within a sentence", "must-hit"),
    "challenge": pgettext_lazy("a target within a sentence", "the challenge"),
}


@dataclass(frozen=True)
class Cell:
    """A node's number in a column, as people say it; `differs` from must-hit."""

    value: float | None
    ratio: float | None
    differs: bool


@dataclass(frozen=True)
class Line:
    """A node through all columns."""

    kpi: KPI
    name: str
    unit: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Column:
    """A column as it is shown. `reached` holds whether it reaches must-hit and challenge, None without that target."""

    name: str
    outcome: Outcome
    ratio: float | None
    reached: dict[str, bool | None]
    sentence: str
    wrong: str = ""

    @property
    def scenario(self) -> Scenario | None:
        return self.outcome.scenario

    @property
    def goal(self) -> float | None:
        return self.outcome.goal


class SideBySide:
    """A KGI's plan and scenarios, ready to be drawn."""

    def __init__(self, planned: PlannedTree, scenarios: Sequence[Scenario]) -> None:
        self.planned, self.kgi = planned, planned.kgi
        self.names = {key: name_of(node) for key, node in planned.nodes.items()}
        self.outcomes = outcomes_of(planned, scenarios)
        self.now, self.must_hit = self.outcomes[0], self.outcomes[1]
        self.columns = [self.column(outcome) for outcome in self.outcomes]
        self.named = [column for column in self.columns if column.scenario]
        self.lines = [self.line(node) for node in planned.nodes.values()]
        self.has_must_hit = any(lever.must_hit is not None for lever in planned.levers)

    def column(self, outcome: Outcome) -> Column:
        name = outcome.scenario.name if outcome.scenario else str(TargetColumn(outcome.name).label)
        now = self.outcomes[0].goal
        ratio = outcome.goal / now if outcome.goal is not None and now else None
        wrong = sentence_of(outcome.refused, self.names) if outcome.refused else ""
        reached = {target: reached_by(self.kgi, outcome.goal, target) for target in COLUMNS[1:]}
        return Column(name, outcome, ratio, reached, wrong or reach_sentence(self.kgi, outcome.goal), wrong)

    def line(self, node: KPI) -> Line:
        return Line(node, self.names[node.key], unit_of(node, self.kgi), [self.cell(node, o) for o in self.outcomes])

    def cell(self, node: KPI, outcome: Outcome) -> Cell:
        value, now, planned = (self.number(node, each) for each in (outcome, self.now, self.must_hit))
        scale = 100 if node.is_rate else 1
        differs = outcome.scenario is not None and not alike(value, planned)
        ratio = value / now if value is not None and now and not alike(value, now) else None
        return Cell(None if value is None else value * scale, ratio, differs)

    def number(self, node: KPI, outcome: Outcome) -> float | None:
        return outcome.levers.get(node.key) if node.is_lever else outcome.values.get(node.key)

    # What is drawn

    @property
    def targets(self) -> list[dict[str, Any]]:
        return [
            {"name": name, "label": TargetColumn(name).label, "value": value}
            for name in COLUMNS[1:]
            if (value := self.planned.target(name)) is not None
        ]

    def bars(self) -> dict[str, Any]:
        """The goal in each column as a bar, with the targets across all of them."""
        goals = {id(column): column.goal for column in self.columns if column.goal is not None}
        compared = [goals[id(column)] for column in [*self.columns[:2], *self.named] if id(column) in goals]
        scale = scale_of([*compared, *(target["value"] for target in self.targets)], list(goals.values()))
        rows = [{"column": column} | drawn(scale, goals.get(id(column))) for column in self.columns]
        marks = [target | {"x": scale.at(target["value"])} for target in self.targets]
        return {"rows": rows, "marks": marks, "zero": scale.at(0.0)}

    def contributions(self) -> list[dict[str, Any]]:
        """For each column but now, which lever brings how much of the way; on one scale for all."""
        found = [(column, gap_by_lever(self.planned, self.now, column.outcome)) for column in self.columns[1:]]
        shown = {id(column): largest(gap.parts, MOST_PARTS) for column, gap in found if gap}
        compared = [part.value for column in [self.columns[1], *self.named] for part in shown.get(id(column), ())]
        scale = scale_of(compared, [part.value for parts in shown.values() for part in parts])
        return [
            {
                "column": column,
                "gap": gap.gap if gap else None,
                "zero": scale.at(0.0),
                "parts": [
                    {"name": self.names.get(part.key) or pgettext("levers", "The others"), "value": part.value}
                    | drawn(scale, part.value)
                    for part in shown.get(id(column), ())
                ],
            }
            for column, gap in found
            if column.scenario or (gap and any(part.value for part in gap.parts))
        ]

    # What it says

    def finding(self) -> list[str]:
        """The page's title in clauses."""
        count = len(self.named)
        if not count:
            return [_("What if the levers were others?")]
        for target in COLUMNS[1:]:
            if self.planned.target(target) is not None:
                return [reach_finding(count, sum(bool(each.reached[target]) for each in self.named), target)]
        best = max(
            (each for each in self.named if each.goal is not None), key=lambda each: each.goal or 0, default=None
        )
        if best is None:
            return [_("None of the scenarios can be calculated yet.")]
        sentence = _("“%(name)s” comes furthest: %(value)s.")
        return [sentence % {"name": best.name, "value": amount(best.goal, self.kgi.unit)}]


def scale_of(compared: Sequence[float], everything: Sequence[float]) -> Scale:
    """Zero, all that is compared, and of everything else what is not much further away."""
    low, high = min([0.0, *compared]), max([0.0, *compared])
    near = [value for value in everything if low * FARTHEST <= value <= high * FARTHEST]
    low, high = min([low, *near]), max([high, *near])
    return Scale(low * 1.04, high * 1.04)


def drawn(scale: Scale, value: float | None) -> dict[str, Any]:
    """A bar from zero to a value; `cut` where it goes on beyond the drawing."""
    if value is None:
        return {"x": "", "width": "", "cut": False}
    return {"x": scale.at(min(0.0, value)), "width": scale.wide(0.0, value), "cut": not scale.holds(value)}


def alike(left: float | None, right: float | None) -> bool:
    if left is None or right is None:
        return left is right
    return abs(left - right) <= SAME * max(abs(left), abs(right))


def reached_by(kgi: KGI, goal: float | None, target: str) -> bool | None:
    """Whether a goal reaches the KGI's target of a column; None where either is missing."""
    aim: Decimal | None = getattr(kgi, f"{target}_value")
    if goal is None or aim is None:
        return None
    now = None if kgi.current_value is None else float(kgi.current_value)
    return reaches(goal, float(aim), now)


def reach_sentence(kgi: KGI, goal: float | None) -> str:
    """How far a goal reaches, in a few words; empty without a target."""
    if goal is None:
        return ""
    if reached_by(kgi, goal, "challenge"):
        return _("Reaches the challenge target")
    if reached_by(kgi, goal, "must_hit"):
        return _("Reaches must-hit")
    for target, sentence in (("must_hit", _("%(value)s from must-hit")), ("challenge", _("%(value)s from challenge"))):
        aim = getattr(kgi, f"{target}_value")
        if aim is not None:
            return sentence % {"value": amount(abs(float(aim) - goal), kgi.unit)}
    return ""


def reach_finding(count: int, reached: int, target: str) -> str:
    """How many of the scenarios reach a target, as a sentence."""
    words = {"count": count, "reached": reached, "target": WORDS[target]}
    if reached == 0:
        return (
            ngettext(
                "The scenario does not reach %(target)s.", "None of the %(count)s scenarios reaches %(target)s.", count
            )
            % words
        )
    if reached == count:
        return ngettext("The scenario reaches %(target)s.", "All %(count)s scenarios reach %(target)s.", count) % words
    return (
        ngettext(
            "Of %(count)s scenarios, %(reached)s reaches %(target)s.",
            "Of %(count)s scenarios, %(reached)s reach %(target)s.",
            reached,
        )
        % words
    )
