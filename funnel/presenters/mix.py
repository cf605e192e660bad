"""The mix of least effort within limits, as the page shows it beside the levers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from funnel.forms.mixes import MixForm
from funnel.formulas.fitting import with_whole_rates
from funnel.formulas.kpi_tree import CURRENT, Tree, TreeRefused
from funnel.formulas.likelihood import reached_unawares
from funnel.formulas.solving import solve_mix
from funnel.models import KPI
from funnel.presenters.planned import Planned
from funnel.presenters.proposals import offer
from funnel.presenters.words import times
from funnel.sentences import sentence_of
from funnel.services.limits import Limits

NEAR = 1e-6
LARGEST = 1e15


@dataclass(frozen=True)
class Row:
    """A lever: its fields, where the mix takes it, and whether a limit holds it back."""

    kpi: KPI
    name: str
    suffix: str
    fields: Mapping[str, Any]
    now: str
    becomes: str
    ratio: str
    state: str
    errors: list[str]


@dataclass(frozen=True)
class Mixed:
    """`values` of the levers by key, None where nothing could be asked; `reached` whether they make the target."""

    planned: Planned
    column: str
    target: float | None
    tree: Tree
    values: Mapping[str, float] | None = None
    goal: float | None = None
    reached: bool = False
    refused: str = ""

    @property
    def finding(self) -> str:
        """What came of it, in one sentence."""
        planned = self.planned
        if self.target is None:
            return _("The KGI has no target here yet.")
        if self.refused:
            return self.refused
        goal, target = planned.goal(self.goal), planned.goal(self.target)
        if not self.reached:
            sentence = _("Within these limits %(target)s is out of reach: the best is %(goal)s.")
            return sentence % {"target": target, "goal": goal}
        if not self.moved:
            return _("%(target)s is reached as it is.") % {"target": target}
        values = {"target": target, "count": len(self.moved), "names": planned.listed(self.moved)}
        return _("%(target)s with the least effort: %(names)s.") % values

    @property
    def moved(self) -> list[str]:
        """Those that move, the farthest first."""
        now = self.tree.column(CURRENT)
        ratios = {key: abs(value / now[key] - 1) for key, value in (self.values or {}).items() if now[key]}
        return sorted((key for key, far in ratios.items() if far > NEAR), key=lambda key: -round(ratios[key], 6))

    def state(self, key: str) -> str:
        """Why a lever is where it is: locked, at a limit, 0, or nothing."""
        lever = self.tree.levers[key]
        if lever.locked:
            return _("locked")
        value = (self.values or {}).get(key)
        if value is None:
            return _("is 0: stays") if self.tree.value(key, CURRENT) == 0 else ""
        for limit, words in ((lever.minimum, _("at its lower limit")), (lever.maximum, _("at its upper limit"))):
            if limit is not None and abs(value - limit) <= NEAR * max(abs(limit), NEAR):
                return words
        return ""

    def rows(self, form: MixForm, units: Mapping[str, str]) -> list[Row]:
        return [self._row(kpi, form, units[kpi.key]) for kpi in form.levers]

    def _row(self, kpi: KPI, form: MixForm, unit: str) -> Row:
        key, planned = kpi.key, self.planned
        now = self.tree.value(key, CURRENT)
        becomes = (self.values or {}).get(key, now)
        names = ("minimum", "maximum", "effort", "locked", "version")
        fields = {name: form[f"{name}_{kpi.pk}"] for name in names}
        moves = key in self.moved
        return Row(
            kpi,
            planned.names[key],
            unit,
            fields,
            planned.said(key, now),
            planned.said(key, planned.rounded(key, becomes, now)) if moves else "",
            times(becomes / now) if moves and now else "",
            self.state(key),
            [str(error) for field in fields.values() for error in field.errors],
        )

    def proposal(self) -> dict[str, Any] | None:
        """The mix, to be kept or taken over; None where it moves nothing."""
        if not self.values or not self.moved or any(abs(self.values[key]) > LARGEST for key in self.moved):
            return None
        values = {key: self.values[key] for key in self.tree.levers if key in self.moved}
        title = _("The mix with the least effort") if self.reached else _("The best within the limits")
        return offer(self.planned, column=self.column, values=values, name=title, title=title)


def mix_of(planned: Planned, *, column: str, limits: Mapping[int, Limits]) -> Mixed:
    """The least effort for a column's target with these limits; what is unreachable answers the best."""
    target = planned.target(column)
    tree = planned.tree
    try:
        tree = with_whole_rates(limited(planned, limits), planned.rates)
        now = tree.column(CURRENT)
        if target is None:
            return Mixed(planned, column, None, tree)
        made = float(tree.result(now))
        if reached_unawares(made, target, planned.target(CURRENT)) and keeps_limits(tree):
            return Mixed(planned, column, target, tree, now, made, reached=True)
        free = [key for key, lever in tree.levers.items() if now[key] and not lever.locked]
        found = solve_mix(tree, column=CURRENT, goal_target=target, levers=free)
    except TreeRefused as refused:
        if refused.code == "unreachable" and refused.best is not None:
            best = refused.best
            return Mixed(planned, column, target, tree, best["values"], best["goal"])
        return Mixed(planned, column, target, tree, refused=sentence_of(refused, planned.names))
    goal = float(tree.result({**now, **found.values}))
    return Mixed(planned, column, target, tree, found.values, goal, reached=True)


def keeps_limits(tree: Tree) -> bool:
    """Whether every lever is within its limits as it is."""
    now = tree.column(CURRENT)
    return all(
        (lever.minimum is None or now[key] >= lever.minimum) and (lever.maximum is None or now[key] <= lever.maximum)
        for key, lever in tree.levers.items()
    )


def limited(planned: Planned, limits: Mapping[int, Limits]) -> Tree:
    """The tree with limits as they are typed instead of as they are saved."""
    levers = []
    for key, lever in planned.tree.levers.items():
        typed = limits.get(planned.nodes[key].pk)
        levers.append(
            lever
            if typed is None
            else replace(
                lever,
                minimum=None if typed.minimum is None else float(typed.minimum),
                maximum=None if typed.maximum is None else float(typed.maximum),
                effort=float(typed.effort),
                locked=typed.is_locked,
            )
        )
    return Tree(planned.tree.goal, [*planned.tree.formulas.values(), *levers])


def saved_limits(planned: Planned) -> dict[int, Limits]:
    """Limits as they are saved."""
    levers = (planned.nodes[key] for key in planned.tree.levers)
    return {kpi.pk: Limits(kpi.minimum, kpi.maximum, kpi.effort, kpi.is_locked) for kpi in levers}
