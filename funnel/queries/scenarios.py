"""What a KGI's plan comes to in each of its columns: now, the two targets, and every scenario."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from funnel.formulas.attribution import Attribution, attribute, method_for
from funnel.formulas.kpi_tree import CURRENT, TreeRefused
from funnel.models import Scenario
from funnel.trees import COLUMNS, PlannedTree


@dataclass(frozen=True)
class Outcome:
    """A column calculated: what its levers are and what every node comes to, by key; `refused` says why it does not.

    `name` is that of the column, or the scenario's number.
    """

    name: str
    levers: Mapping[str, float | None]
    values: Mapping[str, float]
    goal: float | None = None
    refused: TreeRefused | None = None
    scenario: Scenario | None = None


def outcomes_of(planned: PlannedTree, scenarios: Iterable[Scenario]) -> list[Outcome]:
    """Now, must-hit and challenge, then every scenario; `values` of the scenarios are to be fetched beforehand."""
    plan = [outcome_of(planned, name, column_of(planned, name)) for name in COLUMNS]
    return plan + [
        outcome_of(planned, str(scenario.pk), levers_in(planned, told_by(scenario)), scenario) for scenario in scenarios
    ]


def told_by(scenario: Scenario) -> dict[int, Decimal]:
    """The values a scenario names, by the levers' ids."""
    return {value.kpi_id: value.value for value in scenario.values.all()}


def column_of(planned: PlannedTree, name: str) -> dict[str, float | None]:
    """Every lever's value in a column of the plan, its current one where it has none."""
    values = {key: lever.values for key, lever in planned.tree.levers.items()}
    return {key: of[CURRENT] if of.get(name) is None else of[name] for key, of in values.items()}


def levers_in(planned: PlannedTree, told: Mapping[int, Decimal]) -> dict[str, float | None]:
    """Every lever's value where some are told by their ids: the others have their current one."""
    now = column_of(planned, CURRENT)
    return {key: float(told[node.pk]) if (node := planned.nodes[key]).pk in told else now[key] for key in now}


def outcome_of(
    planned: PlannedTree, name: str, levers: Mapping[str, float | None], scenario: Scenario | None = None
) -> Outcome:
    """What the levers come to. Never fails: what cannot be calculated says why."""
    try:
        values = planned.tree.calculate(complete(levers))
    except TreeRefused as refused:
        return Outcome(name, levers, {}, refused=refused, scenario=scenario)
    return Outcome(name, levers, values, goal=values[planned.goal.key], scenario=scenario)


def complete(levers: Mapping[str, float | None]) -> dict[str, float]:
    """Raises TreeRefused `no_value` where a lever has none."""
    values: dict[str, float] = {}
    for key, value in levers.items():
        if value is None:
            raise TreeRefused("no_value", key)
        values[key] = value
    return values


def gap_by_lever(planned: PlannedTree, start: Outcome, end: Outcome) -> Attribution | None:
    """The way from one outcome to another by lever; None where either is missing, or where so many levers move that
    the parts could only be estimated, in a second instead of a moment.
    """
    if start.goal is None or end.goal is None:
        return None
    try:
        starts, ends = complete(start.levers), complete(end.levers)
        if method_for(planned.tree, starts, ends) != "exact":
            return None
        return attribute(planned.tree, start=starts, end=ends)
    except TreeRefused:
        return None
