"""What levers must become for the goal to reach a target: one lever, or several with the least effort.

Source: the product's domain notes 2.2, and its API contract; for the solver D. Kraft, "A software package for
sequential quadratic programming", 1988, as in scipy.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import exp, isfinite, nan

from funnel.formulas.kpi_tree import LARGEST_NUMBER, Lever, Tree, TreeRefused
from funnel.formulas.least_effort import MOST, Levers, least_effort
from funnel.formulas.roots import FIRST_STEP, Function, Nearest, nearest_to_zero
from funnel.formulas.what_if import goal_if

# How near an answer's goal comes to the target, of the target.
NEAR = 1e-9
# How far from a lever's value another sign is looked for, in its own size; and from 0.
OTHER_SIGN = 1e6
FROM_ZERO = 1e15
FROM_ZERO_STEP = 1e-6


@dataclass(frozen=True)
class Solved:
    """`value` of the lever, `ratio` = value ÷ present value (None where that is 0), and whether its limits allow it."""

    value: float
    ratio: float | None
    within_limits: bool


@dataclass(frozen=True)
class Mix:
    """`values` and `ratios` (value ÷ present value) of the levers asked for; a locked one at 0 has no ratio."""

    values: Mapping[str, float]
    ratios: Mapping[str, float | None]


def solve_lever(tree: Tree, *, column: str, goal_target: float, lever: str) -> Solved:
    """The value of one lever that takes the goal to the target while the others stay at the column's values.

    Of several values the one nearest by its ratio, before those of the other sign. Raises TreeRefused: `not_a_lever`,
    `locked`, `unreachable` with the nearest that can be reached.

    >>> from funnel.formulas.kpi_tree import Formula
    >>> tree = Tree("value", [Formula("value", "price * margin / churn"), Lever("price", {"current": 500}),
    ...     Lever("margin", {"current": 0.8}, maximum=1), Lever("churn", {"current": 0.1})])
    >>> found = solve_lever(tree, column="current", goal_target=6000, lever="margin")
    >>> round(found.value, 12), round(found.ratio, 12), found.within_limits
    (1.2, 1.5, False)
    >>> round(solve_lever(tree, column="current", goal_target=8000, lever="churn").value, 12)
    0.05
    """
    key = tree.lever_key(lever)
    if tree.levers[key].locked:
        raise TreeRefused("locked", key)
    values = tree.column(column)
    value = (_line if tree.is_straight_in(key) else _curve)(tree, values, key, goal_target)
    return Solved(value, _ratio(value, values[key]), _allows(tree.levers[key], value))


def solve_mix(tree: Tree, *, column: str, goal_target: float, levers: Collection[str]) -> Mix:
    """The values of several levers that take the goal to the target with the least Σ effort · ln(ratio)².

    Each stays within its limits; locked ones and those not asked for stay at the column's values. Where a goal that
    is no product has several such mixes, the least of those found. Raises TreeRefused: `not_a_lever`, `lever_is_zero`,
    `nothing_to_move`, `unreachable` with the nearest that can be reached.

    >>> from funnel.formulas.kpi_tree import Formula
    >>> tree = Tree("orders", [Formula("orders", "visits * rate / churn"), Lever("visits", {"current": 1000}),
    ...     Lever("rate", {"current": 0.5}, maximum=0.55), Lever("churn", {"current": 0.1})])
    >>> found = solve_mix(tree, column="current", goal_target=8800, levers=["visits", "rate", "churn"])
    >>> {key: round(ratio, 6) for key, ratio in found.ratios.items()}
    {'visits': 1.264911, 'rate': 1.1, 'churn': 0.790569}
    """
    asked = list(dict.fromkeys(tree.lever_key(key) for key in levers))
    values = tree.column(column)
    moving = [key for key in asked if not tree.levers[key].locked]
    if not moving:
        raise TreeRefused("nothing_to_move")
    for key in moving:
        if values[key] == 0:
            raise TreeRefused("lever_is_zero", key)
    best = least_effort(Levers(tree, values, moving, goal_target))
    reached = {key: best.values.get(key, values[key]) for key in asked}
    if not best.is_reached:
        raise _unreachable(tree, values, reached)
    return Mix(reached, _ratios(reached, values))


def _line(tree: Tree, values: Mapping[str, float], key: str, target: float) -> float:
    goal, slopes = tree.gradient(values)
    if goal == target:
        return values[key]
    value = values[key] + (target - goal) / slopes[key] if slopes[key] else nan
    if not abs(value) <= LARGEST_NUMBER:
        raise _unreachable(tree, values, {key: values[key]})
    # Once more from there: what rounding left over where the way was long.
    value += (target - tree.result({**values, key: value})) / slopes[key]
    if abs(tree.result({**values, key: value}) - target) > NEAR * (abs(target) or abs(goal)):
        raise _unreachable(tree, values, {key: values[key]})
    return value


def _curve(tree: Tree, values: Mapping[str, float], key: str, target: float) -> float:
    present = values[key]

    def gap(value: float) -> float:
        goal = goal_if(tree, values, {key: value})
        return nan if goal is None else goal - target

    def by_ratio(log_ratio: float) -> float:
        return present * exp(log_ratio)

    def by_difference(times: float) -> float:
        return present + times * (abs(present) or 1.0)

    ways = [(by_ratio, MOST, FIRST_STEP), (by_difference, OTHER_SIGN, FIRST_STEP)]
    if present == 0:
        ways = [(by_difference, FROM_ZERO, FROM_ZERO_STEP)]
    nearest = present
    for way, farthest, first_step in ways:
        found = _along(way, gap, farthest, first_step)
        if found is None:
            continue
        value = way(found.at)
        if found.is_root or abs(gap(value)) <= NEAR * abs(target):
            return _sharpened(tree, values, key, value, target)
        nearest = min(nearest, value, key=lambda at: abs(gap(at)))
    raise _unreachable(tree, values, {key: nearest})


def _sharpened(tree: Tree, values: Mapping[str, float], key: str, value: float, target: float) -> float:
    """Newton's steps across the last rounding, as long as they come nearer."""
    goal, slopes = tree.gradient({**values, key: value})
    while goal != target and slopes[key]:
        closer = value + (target - goal) / slopes[key]
        goal_there = goal_if(tree, values, {key: closer})
        if goal_there is None or not abs(goal_there - target) < abs(goal - target):
            break
        value = closer
        goal, slopes = tree.gradient({**values, key: value})
    return value


def _along(way: Function, gap: Function, farthest: float, first_step: float) -> Nearest | None:
    return nearest_to_zero(lambda at: gap(way(at)), -farthest, farthest, first_step=first_step)


def _allows(lever: Lever, value: float) -> bool:
    over_low = lever.minimum is None or value >= lever.minimum - NEAR * abs(lever.minimum)
    under_high = lever.maximum is None or value <= lever.maximum + NEAR * abs(lever.maximum)
    return over_low and under_high


def _unreachable(tree: Tree, values: Mapping[str, float], nearest: Mapping[str, float]) -> TreeRefused:
    goal = goal_if(tree, values, nearest)
    if goal is None:
        goal, nearest = tree.result(values), {key: values[key] for key in nearest}
    best = {"goal": float(goal), "values": dict(nearest), "ratios": _ratios(nearest, values)}
    return TreeRefused("unreachable", best=best)


def _ratios(new: Mapping[str, float], old: Mapping[str, float]) -> dict[str, float | None]:
    return {key: _ratio(value, old[key]) for key, value in new.items()}


def _ratio(new: float, old: float) -> float | None:
    ratio = new / old if old else nan
    return ratio if isfinite(ratio) else None
