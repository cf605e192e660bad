"""What the goal would be if some levers had other values: many such questions at once.

Source: the product's domain notes 2.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite

import numpy as np

from funnel.formulas.kpi_tree import Tree, TreeRefused

Change = Mapping[str, float]


def goals_if(tree: Tree, values: Mapping[str, float], changes: Sequence[Change]) -> list[float]:
    """The goal with `values` and each of `changes` in turn, all calculated as one array. Raises TreeRefused.

    >>> from funnel.formulas.kpi_tree import Formula, Lever
    >>> tree = Tree("g", [Formula("g", "a * b"), Lever("a"), Lever("b")])
    >>> goals_if(tree, {"a": 2, "b": 3}, [{}, {"a": 4}, {"a": 5, "b": 0.5}])
    [6.0, 12.0, 2.5]
    """
    if not changes:
        return []
    rows: dict[str, np.ndarray] = {}
    for row, change in enumerate(changes):
        for key, value in change.items():
            if key not in rows:
                rows[key] = np.full(len(changes), float(values[key]))
            rows[key][row] = value
    goals = np.broadcast_to(tree.result({**values, **rows}), (len(changes),))
    if not np.all(np.isfinite(goals)):
        raise TreeRefused("not_finite", tree.goal)
    return [float(goal) for goal in goals]


def goal_if(tree: Tree, values: Mapping[str, float], change: Change) -> float | None:
    """The goal with `values` and one change; None where it cannot be calculated.

    >>> from funnel.formulas.kpi_tree import Formula, Lever
    >>> tree = Tree("g", [Formula("g", "a / b"), Lever("a"), Lever("b")])
    >>> goal_if(tree, {"a": 2, "b": 4}, {"b": 5}), goal_if(tree, {"a": 2, "b": 4}, {"b": 0})
    (0.4, None)
    """
    try:
        goal = float(tree.result({**values, **change}))
    except TreeRefused:
        return None
    return goal if isfinite(goal) else None
