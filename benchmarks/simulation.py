"""Simulation and Shapley values against what a hand-written line of numpy takes for the same tree."""

from __future__ import annotations

import resource
from itertools import product
from math import factorial

import numpy as np

from benchmarks.measuring import compare, head
from funnel.formulas.attribution import shapley
from funnel.formulas.kpi_tree import Formula, Lever, Tree
from funnel.formulas.simulation import simulate

LOW, LIKELY, HIGH = 0.5, 1.0, 2.0


def levers(count: int) -> list[Lever]:
    return [Lever(f"k{at}", {"current": LIKELY}, low=LOW, likely=LIKELY, high=HIGH) for at in range(count)]


def chain(count: int) -> Tree:
    """A product of all levers: the funnel."""
    players = levers(count)
    return Tree("goal", [Formula("goal", " * ".join(one.key for one in players)), *players])


def branched() -> Tree:
    """Forty nodes: ten branches of three levers, products and ratios, summed up."""
    players = levers(29)
    branches = [Formula(f"b{at}", f"k{3 * at} * k{3 * at + 1} / k{min(3 * at + 2, 28)}") for at in range(10 - 1)]
    last = Formula("b9", "k27 * k28 + 1")
    total = Formula("goal", " + ".join(f"b{at}" for at in range(10)))
    return Tree("goal", [total, *branches, last, *players])


def plain_simulation(samples: int, count: int) -> tuple[float, ...]:
    """Plain draws of each lever, their product, and the same figures of it; nothing is said of what drives it."""
    random = np.random.default_rng(0)
    goal = np.ones(samples)
    for _ in range(count):
        goal *= random.triangular(LOW, LIKELY, HIGH, samples)
    quantiles = np.quantile(goal, (0.1, 0.5, 0.9))
    return (*quantiles, goal.mean(), goal.std(), (goal >= 1).mean(), (goal >= 2).mean())


def plain_shapley(start: list[float], end: list[float]) -> list[float]:
    """Every subset of a product one by one, as one would write it down."""
    count = len(start)
    goals = {}
    for moved in product((0, 1), repeat=count):
        goal = 1.0
        for value, other, is_moved in zip(start, end, moved, strict=True):
            goal *= other if is_moved else value
        goals[moved] = goal
    weights = [factorial(size) * factorial(count - size - 1) / factorial(count) for size in range(count)]
    parts = [0.0] * count
    for moved, goal in goals.items():
        size = sum(moved)
        for at in range(count):
            if not moved[at]:
                parts[at] += weights[size] * (goals[(*moved[:at], 1, *moved[at + 1 :])] - goal)
    return parts


def numpy_shapley(start: list[float], end: list[float]) -> list[float]:
    """The same for all subsets at once: a hand-written product over 2^n numbers, and n sums over them."""
    count = len(start)
    subsets = np.arange(1 << count)
    goals = np.ones(1 << count)
    sizes = np.zeros(1 << count, dtype=int)
    for at in range(count):
        moved = subsets >> at & 1
        goals *= np.where(moved, end[at], start[at])
        sizes += moved
    weights = np.array([factorial(size) * factorial(count - size - 1) / factorial(count) for size in range(count)])
    return [
        float((weights[sizes[without]] * (goals[without | 1 << at] - goals[without])).sum())
        for at in range(count)
        for without in [subsets[subsets >> at & 1 == 0]]
    ]


def main() -> None:
    targets = {"must_hit": 1.0, "challenge": 2.0}
    head()
    for samples, count in ((10_000, 4), (100_000, 4), (100_000, 10), (1_000_000, 20)):
        tree = chain(count)
        compare(
            f"{samples:,} samples × {count} levers",
            lambda tree=tree, samples=samples: simulate(tree, targets=targets, samples=samples),
            lambda samples=samples, count=count: plain_simulation(samples, count),
            rounds=3 if samples > 100_000 else 15,
        )
    forty = branched()
    compare(
        "100,000 samples × 29 levers, 40 nodes",
        lambda: simulate(forty, targets=targets),
        lambda: plain_simulation(100_000, 29),
    )
    random = np.random.default_rng(1)
    for count in (4, 8, 12):
        tree = chain(count)
        start, end = random.uniform(1, 2, count).tolist(), random.uniform(1, 2, count).tolist()
        sides = [dict(zip(tree.levers, values, strict=True)) for values in (start, end)]
        assert np.allclose(list(shapley(tree, *sides).values()), numpy_shapley(start, end))
        compare(
            f"Shapley values of {count} levers, beside numpy",
            lambda tree=tree, sides=sides: shapley(tree, *sides),
            lambda start=start, end=end: numpy_shapley(start, end),
            rounds=15,
        )
        compare(
            f"Shapley values of {count} levers, beside a loop",
            lambda tree=tree, sides=sides: shapley(tree, *sides),
            lambda start=start, end=end: plain_shapley(start, end),
        )
    sides = [{key: float(value) for key in forty.levers for value in [random.uniform(1, 2)]} for _ in range(2)]
    whole = chain(40)
    ends = [{key: float(random.uniform(1, 1.2)) for key in whole.levers} for _ in range(2)]
    compare(
        "Shapley values of 40 levers, exact, beside evaluating once",
        lambda: shapley(whole, *ends),
        lambda: whole.result(ends[0]),
    )
    compare(
        "Shapley values of 29 levers, sampled, beside evaluating once",
        lambda: shapley(forty, *sides),
        lambda: forty.result(sides[0]),
    )
    print(f"\nAt most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB in use, Python included.")


if __name__ == "__main__":
    main()
