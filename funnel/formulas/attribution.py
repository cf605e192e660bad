"""What each lever has to do with the gap between two sets of lever values: plan and actual, last year and this.

A lever's part is its Shapley value: what the goal moves by when the lever moves, averaged over all orders in which the
levers could move one after the other. The parts sum to the gap; levers that do the same have the same part; one that
does nothing has 0; the order in which they are written down has no say.
Source: L. S. Shapley, "A value for n-person games", 1953; for its integral G. Owen, "Multilinear extensions of games",
1972; for sampled orders J. Castro, D. Gómez and J. Tejada, "Polynomial calculation of the Shapley value based on
sampling", 2009, each order here with its reverse.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import fsum, isfinite
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from funnel.formulas.kpi_tree import CURRENT, Tree, TreeRefused

MOST_BY_SUBSETS = 12
# About a second at most: so many evaluations, fewer where one of them is long.
EVALUATIONS = 200_000
MOST_CALCULATED = 250_000_000
SEED = 1953

Method = Literal["exact", "sampled"]
Values = Mapping[str, float]
Array = NDArray[np.float64]
Measure = Callable[[Array], Any]


@dataclass(frozen=True)
class Part:
    key: str
    value: float


@dataclass(frozen=True)
class Attribution:
    """`gap` = goal at the end − goal at the start, in the goal's unit; `parts` sum to it, one for each lever.

    `method` is "exact", or "sampled" where the orders are too many to look at all of them.
    """

    gap: float
    parts: tuple[Part, ...]
    method: Method


def largest(parts: Sequence[Part], most: int) -> tuple[Part, ...]:
    """The parts that are not 0, the largest first; of more than `most` the rest is one without a key.

    >>> [(part.key, part.value) for part in largest([Part("a", 1), Part("b", -5), Part("c", 2), Part("d", 0)], 2)]
    [('b', -5), ('', 3)]
    """
    moved = sorted((part for part in parts if part.value), key=lambda part: -abs(part.value))
    if len(moved) <= most:
        return tuple(moved)
    return *moved[: most - 1], Part("", sum(part.value for part in moved[most - 1 :]))


def attribute(tree: Tree, *, start: str | Values, end: str | Values, evaluations: int = EVALUATIONS) -> Attribution:
    """The gap of the goal between two columns, or two sets of lever values, by lever, in the tree's order.

    A lever that a column or a set leaves out has its current value. `evaluations` as for `shapley`. Raises TreeRefused,
    also where the goal is undefined while only some of the levers have moved.

    >>> from funnel.formulas.kpi_tree import Formula, Lever
    >>> tree = Tree("revenue", [Formula("revenue", "orders * price"), Lever("orders", {"current": 80, "actual": 100}),
    ...     Lever("price", {"current": 1200, "actual": 1100})])
    >>> attribute(tree, start="current", end="actual")
    Attribution(gap=14000.0, parts=(Part(key='orders', value=23000.0), Part(key='price', value=-9000.0)),
    method='exact')
    """
    starts, ends = _values(tree, start), _values(tree, end)
    gap = float(tree.result(ends)) - float(tree.result(starts))
    if not isfinite(gap):
        raise TreeRefused("not_finite", tree.goal)
    parts = shapley(tree, starts, ends, evaluations=evaluations)
    return Attribution(gap, tuple(Part(key, value) for key, value in parts.items()), method_for(tree, starts, ends))


def shapley(
    tree: Tree,
    start_values: Values,
    end_values: Values,
    measure: Measure | None = None,
    *,
    evaluations: int = EVALUATIONS,
) -> dict[str, float]:
    """The Shapley value of every lever for the goal, or for `measure` of it, between two sets of lever values.

    Exact by all subsets up to 12 moving levers (of a tree of fewer than 60,000 operations); exact beyond by integration
    where the tree is multilinear and nothing is measured but the goal itself; else by orders drawn with a fixed seed,
    each with its reverse, in `evaluations` of the goal. `measure` takes an array: np.log makes the parts of a product
    the logarithms of the levers' ratios. Raises TreeRefused: `goal_not_positive` where the measure has no value.

    >>> from funnel.formulas.kpi_tree import Formula, Lever
    >>> tree = Tree("g", [Formula("g", "a * b"), Lever("a"), Lever("b"), Lever("c")])
    >>> shapley(tree, {"a": 2, "b": 3, "c": 1}, {"a": 4, "b": 5, "c": 9})
    {'a': 8.0, 'b': 6.0, 'c': 0.0}
    >>> {key: round(float(np.exp(part)), 6) for key, part in
    ...     shapley(tree, {"a": 2, "b": 3, "c": 1}, {"a": 4, "b": 9, "c": 1}, np.log).items()}
    {'a': 2.0, 'b': 3.0, 'c': 1.0}
    """
    moving = _moving(tree, start_values, end_values)
    game = _Game(tree, start_values, end_values, moving, measure)
    gap = game.gap()
    match _way(tree, moving, measure):
        case "subsets":
            parts = game.by_subsets()
        case "integration":
            parts = game.by_integration()
        case "orders":
            parts = game.by_sampled_orders(evaluations)
    settled = _settled(parts, gap)
    if not all(map(isfinite, settled)):
        raise TreeRefused("not_finite", tree.goal)
    values = dict.fromkeys(tree.levers, 0.0)
    return values | dict(zip(moving, settled, strict=True))


def method_for(tree: Tree, start_values: Values, end_values: Values, measure: Measure | None = None) -> Method:
    """How `shapley` finds the parts: "exact" or "sampled"."""
    way = _way(tree, _moving(tree, start_values, end_values), measure)
    return "sampled" if way == "orders" else "exact"


def _way(tree: Tree, moving: Sequence[str], measure: Measure | None) -> Literal["subsets", "integration", "orders"]:
    """All subsets of few levers, unless the tree is so long that this takes more than a moment."""
    if len(moving) <= MOST_BY_SUBSETS and tree.size << len(moving) <= MOST_CALCULATED:
        return "subsets"
    return "integration" if measure is None and tree.is_multilinear() else "orders"


class _Game:
    """The levers that move, as players of a game whose worth is the goal."""

    def __init__(self, tree: Tree, start: Values, end: Values, moving: Sequence[str], measure: Measure | None) -> None:
        self.tree = tree
        self.moving = moving
        self.measure = measure
        self.start = {key: float(start[key]) for key in tree.levers}
        self.end = {key: float(end[key]) for key in tree.levers}
        self.at_once = tree.at_once

    def gap(self) -> float:
        start, end = self._measured(np.array([self._goal(self.start), self._goal(self.end)]))
        return float(end) - float(start)

    def by_subsets(self) -> list[float]:
        """Every subset's goal; a lever's part is the weighted mean of what it adds to the subsets without it.

        Bit i of a subset's number says whether lever i has moved; s levers before it weigh s! (n − s − 1)! ÷ n!.
        """
        count = len(self.moving)
        if not count:
            return []
        subsets = np.arange(1 << count)
        chunks = range(0, len(subsets), self.at_once)
        goals = np.concatenate([self._goals_of_subsets(subsets[at : at + self.at_once]) for at in chunks])
        weights = _weights(count)
        parts = []
        for place in range(count):
            pairs = goals.reshape(-1, 2, 1 << place)
            before = weights.reshape(-1, 2, 1 << place)[:, 0]
            parts.append(float(((pairs[:, 1] - pairs[:, 0]) * before).sum()))
        return parts

    def by_integration(self) -> list[float]:
        """∫₀¹ of each lever's slope along the straight line from start to end, times its way.

        With every lever moved at the time t with probability t, the mean goal of a multilinear tree is the goal of the
        mean levers. The slopes are polynomials of degree n − 1 at most, so Gauss–Legendre with ⌈n ÷ 2⌉ nodes is exact.
        """
        nodes, weights = _gauss_legendre((len(self.moving) + 1) // 2)
        slopes: list[list[float]] = [[] for _ in self.moving]
        for node, weight in zip(nodes, weights, strict=True):
            here = {key: (1 - node) * self.start[key] + node * self.end[key] for key in self.tree.levers}
            _, gradient = self.tree.gradient(here)
            for place, key in enumerate(self.moving):
                slopes[place].append(weight * gradient[key])
        return [
            _finite_sum(of_lever) * (self.end[key] - self.start[key])
            for key, of_lever in zip(self.moving, slopes, strict=True)
        ]

    def by_sampled_orders(self, evaluations: int) -> list[float]:
        """The mean over drawn orders and their reverses; each of them alone sums to the gap."""
        count = len(self.moving)
        evaluations = min(evaluations, MOST_CALCULATED // self.tree.size)
        pairs = max(1, evaluations // (2 * (count + 1)))
        together = max(1, self.at_once // (2 * (count + 1)))
        random = np.random.default_rng(SEED)
        sums = np.zeros(count)
        for begun in range(0, pairs, together):
            drawn = min(together, pairs - begun)
            places = random.permuted(np.tile(np.arange(count), (drawn, 1)), axis=1)
            sums += self._marginals(np.concatenate([places, count - 1 - places])).sum(axis=0)
        return [float(part) for part in sums / (2 * pairs)]

    def _marginals(self, places: NDArray[np.int64]) -> Array:
        """What each lever adds where it stands at `places[order, lever]` in the order."""
        orders, count = places.shape
        steps = np.arange(count + 1)
        moved = {
            key: np.where(places[:, at, None] < steps, self.end[key], self.start[key]).ravel()
            for at, key in enumerate(self.moving)
        }
        goals = self._goals(moved, orders * (count + 1)).reshape(orders, count + 1)
        return np.take_along_axis(np.diff(goals, axis=1), places, axis=1)

    def _goals_of_subsets(self, subsets: NDArray[np.int64]) -> Array:
        moved = {
            key: np.where(subsets >> place & 1, self.end[key], self.start[key]) for place, key in enumerate(self.moving)
        }
        return self._goals(moved, len(subsets))

    def _goals(self, moved: Mapping[str, Array], count: int) -> Array:
        return self._measured(np.broadcast_to(self._goal({**self.start, **moved}), (count,)))

    def _goal(self, values: Mapping[str, Any]) -> Any:
        goal = self.tree.result(values)
        if not np.all(np.isfinite(goal)):
            raise TreeRefused("not_finite", self.tree.goal)
        return goal

    def _measured(self, goals: Array) -> Array:
        if self.measure is None:
            return goals
        with np.errstate(all="ignore"):
            measured = np.asarray(self.measure(goals), dtype=np.float64)
        if not np.all(np.isfinite(measured)):
            raise TreeRefused("goal_not_positive", self.tree.goal)
        return measured


def _values(tree: Tree, given: str | Values) -> dict[str, float]:
    if isinstance(given, str):
        return tree.column(given)
    for key, value in given.items():
        if key not in tree.levers:
            raise TreeRefused("not_a_lever", key)
        if not isfinite(value):
            raise TreeRefused("not_a_number", key)
    return {key: float(given[key]) if key in given else tree.value(key, CURRENT) for key in tree.levers}


def _moving(tree: Tree, start: Values, end: Values) -> list[str]:
    """The levers that differ, sorted by their keys: so their order in the tree changes nothing."""
    return [key for key in tree.used_levers if start[key] != end[key]]


def _settled(parts: list[float], gap: float) -> list[float]:
    """The parts with what rounding left of the gap put on the largest."""
    if parts:
        largest = max(range(len(parts)), key=lambda at: abs(parts[at]))
        parts[largest] += _finite_sum([gap, *(-part for part in parts)])
    return parts


def _finite_sum(numbers: Sequence[float]) -> float:
    return fsum(numbers) if all(map(isfinite, numbers)) else float("nan")


@lru_cache(maxsize=MOST_BY_SUBSETS)
def _weights(count: int) -> Array:
    """s! (n − s − 1)! ÷ n! for each subset of s of n levers that leaves one out."""
    sizes = np.zeros(1, dtype=np.int64)
    for _ in range(count):
        sizes = np.concatenate([sizes, sizes + 1])
    of_size = [1.0 / count]
    for size in range(1, count):
        of_size.append(of_size[-1] * size / (count - size))
    return np.array([*of_size, 0.0])[sizes]


@lru_cache(maxsize=64)
def _gauss_legendre(count: int) -> tuple[list[float], list[float]]:
    """Nodes and weights of Gauss–Legendre integration from 0 to 1."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return ((nodes + 1) / 2).tolist(), (weights / 2).tolist()
