"""Which lever moves the goal most.

Source: the product's domain notes 2.2, and its API contract.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, nan

from funnel.formulas.kpi_tree import Tree, TreeRefused
from funnel.formulas.what_if import goals_if


@dataclass(frozen=True)
class Swing:
    """A lever's say in the goal.

    `elasticity` is ∂ln goal ÷ ∂ln lever at the point, in percent of the goal per percent of the lever, None where
    either is 0. `low` and `high` are the goal at the lever's two ends, `swing` = |high − low|.
    """

    key: str
    elasticity: float | None
    low: float
    high: float
    swing: float


@dataclass(frozen=True)
class Sensitivity:
    """`levers`: the largest swing first, those that swing alike in the tree's order."""

    goal: float
    levers: tuple[Swing, ...]


def sensitivity(tree: Tree, *, column: str, change: float | None = None) -> Sensitivity:
    """What the goal does when each lever alone moves; locked levers are among them.

    With `change` (0.1 = ±10%) each lever is multiplied by 1 − change and 1 + change, not cut at its limits. Without,
    it moves over its own range from low to high; an end it lacks is its present value. Raises TreeRefused.

    >>> from funnel.formulas.kpi_tree import Formula, Lever
    >>> tree = Tree("profit", [Formula("profit", "sales * margin - rent"), Lever("rent", {"current": 100}),
    ...     Lever("sales", {"current": 1000}), Lever("margin", {"current": 0.25})])
    >>> for lever in sensitivity(tree, column="current", change=0.2).levers:
    ...     print(lever.key, round(lever.elasticity, 4), lever.low, lever.high, lever.swing)
    sales 1.6667 100.0 200.0 100.0
    margin 1.6667 100.0 200.0 100.0
    rent -0.6667 170.0 130.0 40.0
    """
    values = tree.column(column)
    goal, slopes = tree.gradient(values)
    ends = [_ends(tree, key, values[key], change) for key in tree.levers]
    lows = goals_if(tree, values, [{key: low} for key, (low, _) in zip(tree.levers, ends, strict=True)])
    highs = goals_if(tree, values, [{key: high} for key, (_, high) in zip(tree.levers, ends, strict=True)])
    swings = [
        Swing(key, _elasticity(goal, values[key], slopes[key]), low, high, abs(high - low))
        for key, low, high in zip(tree.levers, lows, highs, strict=True)
    ]
    if not all(isfinite(lever.swing) for lever in swings):
        raise TreeRefused("not_finite", tree.goal)
    return Sensitivity(float(goal), tuple(sorted(swings, key=_rank)))


def worth_of_point(tree: Tree, *, column: str, key: str, step: float) -> float:
    """What the goal changes by when a lever rises by `step` (0.01: one point of a rate). Raises TreeRefused.

    >>> from funnel.formulas.kpi_tree import Formula, Lever
    >>> tree = Tree("sales", [Formula("sales", "deals * win_rate * price"), Lever("deals", {"current": 400}),
    ...     Lever("win_rate", {"current": 0.2}), Lever("price", {"current": 3_000_000})])
    >>> round(worth_of_point(tree, column="current", key="win_rate", step=0.01))
    12000000
    """
    lever = tree.lever_key(key)
    values = tree.column(column)
    before, after = goals_if(tree, values, [{}, {lever: values[lever] + step}])
    return after - before


def _ends(tree: Tree, key: str, value: float, change: float | None) -> tuple[float, float]:
    if change is not None:
        return value * (1 - change), value * (1 + change)
    lever = tree.levers[key]
    return (value if lever.low is None else lever.low, value if lever.high is None else lever.high)


def _elasticity(goal: float, value: float, slope: float) -> float | None:
    elasticity = slope * value / goal if goal and value else nan
    return elasticity if isfinite(elasticity) else None


def _rank(lever: Swing) -> float:
    """Rounding of the last digits decides nothing."""
    return -float(f"{lever.swing:.11e}")
