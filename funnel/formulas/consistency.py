"""Do the levers' targets together make the goal's target?

Source: the product's domain notes 2.2, and its API contract.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import exp, isfinite, log, nan
from typing import Literal

import numpy as np

from funnel.formulas.attribution import shapley
from funnel.formulas.kpi_tree import CURRENT, Tree, TreeRefused
from funnel.formulas.roots import first_root
from funnel.formulas.what_if import goal_if

Verdict = Literal["overshoot", "undershoot", "consistent"]

TOLERANCE = 0.05
# An exact 5% stays 5% after rounding.
ROUNDING = 1e-12
# The even ratio is looked for from 1 to this, and to 1 ÷ this.
LARGEST_RATIO = 1e15
# Where more than 12 levers move in a sum: shares to about a hundredth of themselves, while somebody types.
EVALUATIONS = 20_000


@dataclass(frozen=True)
class LeverEffect:
    """`ratio` = target ÷ current, None where the current value is 0; `alone_ratio` the goal's ratio if only this lever
    moves; `log_share` its part of the logarithm of the goal's ratio, the parts of all levers summing to 1.
    """

    key: str
    ratio: float | None
    alone_ratio: float | None
    log_share: float | None


@dataclass(frozen=True)
class Consistency:
    """What the goal needs beside what the levers promise.

    `required_ratio` = target ÷ current and `implied_ratio` = implied ÷ current, None where the current goal is not
    above 0. `even_ratio` is the ratio that, applied to every moving lever (a falling one is divided by it), just
    reaches the target; None where no such ratio does. `verdict`: `overshoot` where the implied goal lies more than 5%
    above the target, `undershoot` where it lies more than 5% below, else `consistent`.
    """

    goal_current: float
    goal_implied: float
    required_ratio: float | None
    implied_ratio: float | None
    even_ratio: float | None
    verdict: Verdict
    levers: tuple[LeverEffect, ...]


def check(tree: Tree, *, column: str, goal_target: float, only: Collection[str] | None = None) -> Consistency:
    """Compare the goal's target with what the levers' values in a column make of it.

    All levers are listed in the tree's order; with `only` the others stay at their current values. Raises TreeRefused.

    >>> from funnel.formulas.kpi_tree import Formula, Lever
    >>> tree = Tree("orders", [Formula("orders", "visits * lead * deal * win"),
    ...     Lever("visits", {"current": 10_000, "plan": 50_000}), Lever("lead", {"current": 0.02, "plan": 0.05}),
    ...     Lever("deal", {"current": 0.05, "plan": 0.15}), Lever("win", {"current": 0.2, "plan": 0.35})])
    >>> found = check(tree, column="plan", goal_target=6)
    >>> found.verdict, round(found.required_ratio, 6), round(found.implied_ratio, 6), round(found.even_ratio, 6)
    ('overshoot', 3.0, 65.625, 1.316074)
    >>> [round(lever.log_share, 3) for lever in found.levers]
    [0.385, 0.219, 0.263, 0.134]
    """
    now, then = tree.column(CURRENT), tree.column(column)
    if only is not None:
        kept = {tree.lever_key(key) for key in only}
        then = {key: then[key] if key in kept else now[key] for key in now}
    goal_now, goal_then = float(tree.result(now)), float(tree.result(then))
    implied = ratio_of_goals(goal_then, goal_now)
    shares = _log_shares(tree, now, then, implied)
    return Consistency(
        goal_current=goal_now,
        goal_implied=goal_then,
        required_ratio=ratio_of_goals(goal_target, goal_now),
        implied_ratio=implied,
        even_ratio=_even_ratio(tree, now, then, goal_target),
        verdict=_verdict(goal_then, goal_target),
        levers=tuple(
            LeverEffect(key, _ratio(then[key], now[key]), _alone(tree, now, then, key, goal_now), shares.get(key))
            for key in tree.levers
        ),
    )


def ratio_of_goals(goal: float | None, current: float) -> float | None:
    """How many times the current goal: None where that is not above 0, since a multiple of a loss says nothing."""
    return _ratio(goal, current) if goal is not None and current > 0 else None


def _ratio(new: float | None, old: float) -> float | None:
    if new is None or old == 0:
        return None
    ratio = new / old
    return ratio if isfinite(ratio) else None


def _alone(tree: Tree, now: Mapping[str, float], then: Mapping[str, float], key: str, goal_now: float) -> float | None:
    if now[key] == then[key]:
        return 1.0 if goal_now > 0 else None
    return ratio_of_goals(goal_if(tree, now, {key: then[key]}), goal_now)


def _verdict(implied: float, target: float) -> Verdict:
    if abs(implied - target) <= (TOLERANCE + ROUNDING) * abs(target):
        return "consistent"
    return "overshoot" if implied > target else "undershoot"


def _even_ratio(tree: Tree, now: Mapping[str, float], then: Mapping[str, float], target: float) -> float | None:
    moving = {key: _direction(now[key], then[key]) for key in now if now[key] and now[key] != then[key]}
    if not moving:
        return None

    def gap(log_ratio: float) -> float:
        goal = goal_if(tree, now, {key: now[key] * exp(way * log_ratio) for key, way in moving.items()})
        return nan if goal is None else goal - target

    widest = log(LARGEST_RATIO)
    found = first_root(gap, -widest, widest)
    return None if found is None else exp(found)


def _direction(now: float, then: float) -> float:
    """1 where the lever grows away from 0, −1 where it falls."""
    return 1.0 if then / now > 1 else -1.0


def _log_shares(
    tree: Tree, now: Mapping[str, float], then: Mapping[str, float], implied: float | None
) -> dict[str, float]:
    """By key; none where a goal is 0 or less, also while only some of the levers have moved, or where it stays."""
    if implied is None or implied <= 0 or abs(log(implied)) < ROUNDING:
        return {}
    moving = [key for key in now if now[key] != then[key]]
    # In a product every order of moving them gives the same logarithms, however many they are.
    if tree.is_product_of(moving):
        goal_now = float(tree.result(now))
        parts = {key: _log(ratio_of_goals(goal_if(tree, now, {key: then[key]}), goal_now)) for key in moving}
    else:
        try:
            parts = shapley(tree, now, then, np.log, evaluations=EVALUATIONS)
        except TreeRefused:
            return {}
    if not all(map(isfinite, parts.values())):
        return {}
    return dict.fromkeys(now, 0.0) | {key: part / log(implied) for key, part in parts.items()}


def _log(ratio: float | None) -> float:
    return log(ratio) if ratio is not None and ratio > 0 else nan
