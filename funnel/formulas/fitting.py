"""Which branch of a tree makes the goal, and how the levers could be set so that they fit its target.

Source: the product's domain notes 2.2 and its worked example (65.6 times against 3 times).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from math import log
from typing import Literal

from funnel.formulas.consistency import Consistency, check
from funnel.formulas.kpi_tree import CURRENT, Lever, Tree, TreeRefused
from funnel.formulas.likelihood import SAME, reaches
from funnel.formulas.solving import solve_lever, solve_mix

WayCode = Literal["even", "least_effort", "alone"]


@dataclass(frozen=True)
class Branch:
    """A formula right below the goal: the levers in it that move, and what they make of the goal alone."""

    key: str
    levers: tuple[str, ...]
    found: Consistency


@dataclass(frozen=True)
class Way:
    """One way to fit: `values` of the levers that change, from their current ones; `ratio` where one applies to all."""

    code: WayCode
    values: Mapping[str, float]
    ratio: float | None = None


@dataclass(frozen=True)
class Fit:
    """A goal's target beside its levers' values in a column.

    `whole` is the check of all levers, `moving` those whose value in the column differs from the current one,
    `branches` the formulas right below the goal with a moving lever, and `alone` the one of several that reaches the
    target by itself and makes the most; None where none does.
    """

    whole: Consistency
    moving: tuple[str, ...]
    branches: tuple[Branch, ...]
    alone: Branch | None

    @property
    def told(self) -> Consistency:
        """What the page speaks of: the branch that suffices alone, else the whole."""
        return self.alone.found if self.alone else self.whole

    @property
    def levers(self) -> tuple[str, ...]:
        return self.alone.levers if self.alone else self.moving


def fit(tree: Tree, *, column: str, goal_target: float) -> Fit:
    """Whether a column's levers make the goal's target, all together and branch by branch. Raises TreeRefused.

    >>> from funnel.formulas.kpi_tree import Formula
    >>> tree = Tree("revenue", [Formula("revenue", "orders * price"), Formula("orders", "visits * rate"),
    ...     Lever("visits", {"current": 100, "plan": 500}), Lever("rate", {"current": 0.1, "plan": 0.2}),
    ...     Lever("price", {"current": 10, "plan": 11})])
    >>> found = fit(tree, column="plan", goal_target=300)
    >>> found.alone.key, found.levers, found.told.implied_ratio, round(found.told.even_ratio, 6)
    ('orders', ('visits', 'rate'), 10.0, 1.732051)
    """
    now, then = tree.column(CURRENT), tree.column(column)
    moving = tuple(key for key in tree.levers if now[key] != then[key])
    whole = check(tree, column=column, goal_target=goal_target)
    branches = tuple(
        Branch(key, levers, check(tree, column=column, goal_target=goal_target, only=levers))
        for key in tree.children.get(tree.goal, ())
        if key in tree.formulas and (levers := _within(tree, key, moving))
    )
    enough = [
        branch
        for branch in branches
        if set(branch.levers) != set(moving)
        and branch.found.implied_ratio
        and reaches(branch.found.goal_implied, goal_target, branch.found.goal_current)
    ]
    alone = max(enough, key=lambda branch: branch.found.implied_ratio or 0.0, default=None)
    return Fit(whole, moving, branches, alone)


def _within(tree: Tree, key: str, moving: Collection[str]) -> tuple[str, ...]:
    met, waiting = {key}, [key]
    while waiting:
        new = [child for child in tree.children.get(waiting.pop(), ()) if child not in met]
        met.update(new)
        waiting += new
    return tuple(lever for lever in tree.levers if lever in met and lever in moving)


def with_whole_rates(tree: Tree, rates: Collection[str]) -> Tree:
    """The tree in which rates without an upper limit end at 100%, as long as they are not above it already."""
    levers: list[Lever] = []
    for key, lever in tree.levers.items():
        values = [value for value in lever.values.values() if value is not None]
        ends = key in rates and lever.maximum is None and all(0 <= value <= 1 for value in values)
        ends = ends and (lever.minimum is None or lever.minimum <= 1)
        levers.append(replace(lever, maximum=1.0) if ends else lever)
    return Tree(tree.goal, [*tree.formulas.values(), *levers])


def ways(tree: Tree, fitted: Fit, *, column: str, goal_target: float) -> tuple[Way, ...]:
    """Up to three ways to reach the target from today: the same ratio on each of the levers spoken of, the least effort
    over all that may be moved, and one lever alone. A way that is not possible within the limits is left out, and one
    that another already says.

    >>> from funnel.formulas.kpi_tree import Formula
    >>> tree = Tree("g", [Formula("g", "a * b"), Lever("a", {"current": 10, "plan": 90}),
    ...     Lever("b", {"current": 1, "plan": 2}, maximum=3)])
    >>> for way in ways(tree, fit(tree, column="plan", goal_target=40), column="plan", goal_target=40):
    ...     print(way.code, {key: round(value, 6) for key, value in way.values.items()})
    even {'a': 20.0, 'b': 2.0}
    alone {'a': 40.0}
    """
    found = [
        _even(tree, fitted, column=column, goal_target=goal_target),
        _least_effort(tree, goal_target=goal_target),
        _alone(tree, fitted, column=column, goal_target=goal_target),
    ]
    kept: list[Way] = []
    for way in found:
        if way is not None and way.values and not any(_same(way, other) for other in kept):
            kept.append(way)
    return tuple(kept)


def _same(one: Way, other: Way) -> bool:
    return one.values.keys() == other.values.keys() and all(
        abs(value - other.values[key]) <= 1e-6 * abs(value) for key, value in one.values.items()
    )


def _even(tree: Tree, fitted: Fit, *, column: str, goal_target: float) -> Way | None:
    moving = [key for key in fitted.levers if not tree.levers[key].locked]
    if not moving:
        return None
    found = check(tree, column=column, goal_target=goal_target, only=moving)
    ratio = found.even_ratio
    now = tree.column(CURRENT)
    if ratio is None or abs(ratio - 1) <= SAME:
        return None
    rises = {effect.key: (effect.ratio or 0) > 1 for effect in found.levers}
    values = {key: now[key] * ratio if rises[key] else now[key] / ratio for key in moving if now[key]}
    # One lever by itself is the third way.
    return Way("even", values, ratio) if len(values) > 1 and _allowed(tree, values) else None


def _least_effort(tree: Tree, *, goal_target: float) -> Way | None:
    now = tree.column(CURRENT)
    used = set(tree.used_levers)
    free = [key for key, lever in tree.levers.items() if key in used and not lever.locked and now[key]]
    try:
        mix = solve_mix(tree, column=CURRENT, goal_target=goal_target, levers=free)
    except TreeRefused:
        return None
    return Way("least_effort", {key: value for key, value in mix.values.items() if not _stays(value, now[key])})


def _alone(tree: Tree, fitted: Fit, *, column: str, goal_target: float) -> Way | None:
    """The lever that needs the smallest ratio; of equals one whose own target already goes so far, then the least
    effort.
    """
    now, then = tree.column(CURRENT), tree.column(column)
    best: tuple[tuple[float, bool, float], str, float, float] | None = None
    for key in fitted.levers or tree.used_levers:
        lever = tree.levers[key]
        if lever.locked or not now[key]:
            continue
        try:
            found = solve_lever(tree, column=CURRENT, goal_target=goal_target, lever=key)
        except TreeRefused:
            continue
        if not found.within_limits or found.ratio is None or found.ratio <= 0 or _stays(found.value, now[key]):
            continue
        far = round(abs(log(found.ratio)), 9)
        beyond = abs(found.value - now[key]) > abs(then[key] - now[key]) * (1 + SAME)
        rank = (far, beyond, lever.effort)
        if best is None or rank < best[0]:
            best = rank, key, found.value, found.ratio
    return None if best is None else Way("alone", {best[1]: best[2]}, best[3])


def _stays(value: float, now: float) -> bool:
    return abs(value - now) <= 1e-6 * abs(now)


def _allowed(tree: Tree, values: Mapping[str, float]) -> bool:
    for key, value in values.items():
        lever = tree.levers[key]
        if (lever.minimum is not None and value < lever.minimum) or (
            lever.maximum is not None and value > lever.maximum
        ):
            return False
    return True
