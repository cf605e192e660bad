"""How likely a goal is when its levers are known by their ranges only.

Every lever with a range is triangular (low, likely, high), independent of the others. It is drawn by Latin hypercubes:
of n samples one lies in each n-th part of its distribution, in an order drawn by itself. So every lever is spread
evenly however few the samples, estimates are far less noisy than by plain draws, and the rank of each sample is known
beforehand. Samples are drawn and calculated in blocks, each a Latin hypercube of its own, so that memory is bounded.
Source: M. D. McKay, R. J. Beckman and W. J. Conover, "A comparison of three methods for selecting values of input
variables", 1979; shares of the spread by squared rank correlation as in risk analysis (D. Vose, "Risk analysis", 2008).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from funnel.formulas.kpi_tree import CURRENT, Lever, Tree, TreeRefused

SAMPLES = 100_000
MOST_SAMPLES = 1_000_000
# What one request may cost: about a second of drawing, and of calculating.
MOST_DRAWS = 20_000_000
MOST_CALCULATED = 250_000_000
BINS = 40
# Where a goal divides by a lever near 0, a few samples lie so far out that a picture of all shows nothing.
PICTURED = (0.001, 0.999)

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Range:
    """What a lever may come to, `low` < `high`; `likely` is where it is densest."""

    low: float
    likely: float
    high: float

    def quantiles(self, shares: Array) -> Array:
        """Where rising shares (0–1) of the triangular distribution lie.

        >>> Range(0, 20, 100).quantiles(np.array([0.0, 0.05, 0.2, 0.8, 1.0])).tolist()
        [0.0, 10.0, 20.0, 60.0, 100.0]
        """
        width = self.high - self.low
        peak = (self.likely - self.low) / width
        rising = int(np.searchsorted(shares, peak))
        values = np.concatenate([shares[:rising] * peak, (1 - shares[rising:]) * (1 - peak)])
        np.sqrt(values, out=values)
        values[:rising] *= width
        values[rising:] *= -width
        values[:rising] += self.low
        values[rising:] += self.high
        return values.clip(self.low, self.high, out=values)


@dataclass(frozen=True)
class Driver:
    """`share` of the goal's spread, 0–1, that comes with a lever."""

    key: str
    share: float


@dataclass(frozen=True)
class Bins:
    """A picture of the distribution: `counts[i]` samples lie between `edges[i]` and `edges[i + 1]`.

    All samples are counted; the outermost 0.1 % at each end count to the outermost bins. A goal that does not vary has
    one bin without width.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Simulation:
    """The goal's distribution, in its own unit; `sd` is its standard deviation.

    `probability` of reaching each target, 0–1; `drivers` holds every lever, the largest share first: shares sum to 1,
    or are all 0 where the goal does not vary.
    """

    mean: float
    sd: float
    p10: float
    p50: float
    p90: float
    probability: Mapping[str, float]
    drivers: tuple[Driver, ...]
    bins: Bins
    samples: int


def simulate(tree: Tree, *, targets: Mapping[str, float], samples: int | None = None, seed: int = 0) -> Simulation:
    """The goal's distribution from its levers' ranges; a target is reached by a goal at or above it.

    A lever with low and high is drawn; without likely it is densest at its current value where that lies within, else
    in the middle. Any other lever has its current value. The same seed gives the same answer whatever the order of the
    nodes. `samples` 1–1,000,000; unsaid 100,000, of a tree too large for that as many as are possible. Raises
    TreeRefused: `too_many_samples` with the most that are possible in `found`, `division_by_zero` or `not_finite` where
    any sample comes to nothing that can be calculated.

    >>> from funnel.formulas.kpi_tree import Formula
    >>> tree = Tree("revenue", [Formula("revenue", "orders * price"), Lever("price", {"current": 1200}),
    ...     Lever("orders", {"current": 80}, low=60, likely=80, high=120)])
    >>> told = simulate(tree, targets={"must_hit": 96_000}, samples=10_000)
    >>> round(told.probability["must_hit"], 3), round(told.mean, -1), told.drivers[0]
    (0.667, 104000.0, Driver(key='orders', share=1.0))
    """
    varying, fixed = _sort_out(tree)
    most = min(MOST_SAMPLES, MOST_DRAWS // max(len(varying), 1), MOST_CALCULATED // max(tree.size, 1))
    if samples is None:
        samples = min(SAMPLES, most)
    if samples < 1:
        raise ValueError("A simulation takes 1 sample at least.")
    if samples > most:
        raise TreeRefused("too_many_samples", found=str(most))
    goals = np.empty(samples)
    draws = {key: _Draw(seed, key, within) for key, within in varying.items()}
    correlations = _Correlations(varying)
    for begun, size in _blocks(samples, tree.at_once):
        drawn = {key: draw.next(size) for key, draw in draws.items()}
        block = goals[begun : begun + size]
        block[:] = tree.result(fixed | {key: sample.values for key, sample in drawn.items()})
        correlations.add(block, {key: sample.ranks for key, sample in drawn.items()})
    if not np.all(np.isfinite(goals)):
        raise TreeRefused("not_finite", tree.goal)
    goals.sort()
    return _told(tree, goals, targets, correlations.shares())


def _sort_out(tree: Tree) -> tuple[dict[str, Range], dict[str, Any]]:
    """The levers that vary, by their sorted keys, and the values of all others."""
    used = set(tree.used_levers)
    varying: dict[str, Range] = {}
    fixed: dict[str, Any] = {}
    for key, lever in tree.levers.items():
        within = _range_of(lever)
        if within is None:
            fixed[key] = tree.value(key, CURRENT)
        elif key in used and within.low < within.high:
            varying[key] = within
        else:
            fixed[key] = within.likely
    return dict(sorted(varying.items())), fixed


def _range_of(lever: Lever) -> Range | None:
    if lever.low is None or lever.high is None:
        return None
    likely, current = lever.likely, lever.values.get(CURRENT)
    if likely is None and current is not None and lever.low <= current <= lever.high:
        likely = current
    if likely is None:
        likely = lever.low / 2 + lever.high / 2
    return Range(float(lever.low), float(likely), float(lever.high))


def _blocks(samples: int, longest: int) -> Iterator[tuple[int, int]]:
    """Where each block begins and how many samples it holds, all of them nearly alike."""
    count = -(-samples // longest)
    size, larger = divmod(samples, count)
    begun = 0
    for number in range(count):
        here = size + (number < larger)
        yield begun, here
        begun += here


@dataclass(frozen=True)
class _Sample:
    """A lever's values in a block, and the rank of each among them from 0."""

    values: Array
    ranks: NDArray[np.int64]


class _Draw:
    """A lever's samples, block by block, from random numbers of its own: other levers change nothing."""

    def __init__(self, seed: int, key: str, within: Range) -> None:
        self.random = np.random.default_rng(np.random.SeedSequence(seed % 2**64, spawn_key=tuple(key.encode())))
        self.within = within

    def next(self, size: int) -> _Sample:
        ranks = self.random.permutation(size)
        shares = self.random.random(size)
        shares += np.arange(size, dtype=np.float64)
        shares /= size
        return _Sample(self.within.quantiles(shares)[ranks], ranks)


class _Correlations:
    """The rank correlation of each lever with the goal, the mean over all blocks."""

    def __init__(self, keys: Iterable[str]) -> None:
        self.sums = dict.fromkeys(keys, 0.0)

    def add(self, goals: Array, ranks: Mapping[str, NDArray[np.int64]]) -> None:
        size = len(goals)
        of_goal = _centred_ranks(goals)
        spread = float(of_goal @ of_goal) * size * (size * size - 1) / 12
        if spread > 0:
            for key, of_lever in ranks.items():
                self.sums[key] += size * float(of_lever @ of_goal) / spread**0.5

    def shares(self) -> dict[str, float]:
        """The squares, scaled to sum 1."""
        squares = {key: total * total for key, total in self.sums.items()}
        whole = sum(squares.values())
        return {key: square / whole if whole > 0 else 0.0 for key, square in squares.items()}


def _centred_ranks(numbers: Array) -> Array:
    """The rank of each number less their mean; what is equal shares the mean of its ranks.

    >>> _centred_ranks(np.array([30.0, 10.0, 20.0, 20.0])).tolist()
    [1.5, -1.5, 0.0, 0.0]
    """
    order = numbers.argsort()
    ordered = numbers[order]
    ranks = np.arange(len(numbers), dtype=np.float64)
    new = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    if not np.all(new):
        first = np.flatnonzero(new)
        last = np.append(first[1:], len(numbers)) - 1
        ranks = ((first + last) / 2)[np.cumsum(new) - 1]
    centred = np.empty(len(numbers))
    centred[order] = ranks - (len(numbers) - 1) / 2
    return centred


def _told(tree: Tree, goals: Array, targets: Mapping[str, float], shares: Mapping[str, float]) -> Simulation:
    """What risen goals tell."""
    scale = float(max(abs(goals[0]), abs(goals[-1]))) or 1.0
    mean, sd = float((goals / scale).mean()) * scale, float((goals / scale).std()) * scale
    p10, p50, p90 = (float(quantile) for quantile in np.quantile(goals, (0.1, 0.5, 0.9)))
    bins = _bins_of(goals)
    if not all(map(isfinite, (mean, sd, p10, p50, p90, *bins.edges))):
        raise TreeRefused("not_finite", tree.goal)
    drivers = [Driver(key, shares.get(key, 0.0)) for key in sorted(tree.levers)]
    return Simulation(
        mean=mean,
        sd=sd,
        p10=p10,
        p50=p50,
        p90=p90,
        probability={
            name: (len(goals) - int(np.searchsorted(goals, target))) / len(goals) for name, target in targets.items()
        },
        drivers=tuple(sorted(drivers, key=lambda driver: -driver.share)),
        bins=bins,
        samples=len(goals),
    )


def _bins_of(goals: Array) -> Bins:
    """Bins of one width through the middle of risen goals."""
    low, high = (float(edge) for edge in np.quantile(goals, PICTURED))
    if low == high:
        low, high = float(goals[0]), float(goals[-1])
    if low == high:
        return Bins((low, high), (len(goals),))
    edges = np.linspace(low, high, BINS + 1)
    below = np.searchsorted(goals, edges[1:-1])
    counts = np.diff(np.concatenate([[0], below, [len(goals)]]))
    return Bins(tuple(edges.tolist()), tuple(counts.tolist()))
