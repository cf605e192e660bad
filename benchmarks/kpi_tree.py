"""The KPI tree's engine against the same tree written out by hand in Python and numpy."""

from __future__ import annotations

import ast
import random
from math import exp, log
from statistics import median

from benchmarks.measuring import compare, head, seconds, set_up

set_up()

import numpy as np  # noqa: E402
from scipy.optimize import brentq, minimize  # noqa: E402

from funnel.formulas.consistency import check  # noqa: E402
from funnel.formulas.kpi_tree import Formula, Lever, Tree  # noqa: E402
from funnel.formulas.sensitivity import sensitivity  # noqa: E402
from funnel.formulas.solving import solve_mix  # noqa: E402

COLUMNS = ("current", "plan")
CHANGE = 0.1
MOVED = 12
OFTEN = 100


class Shops:
    """Shops of visits × rate × basket each, a fee and rent: as a tree, and by hand over flat lists."""

    def __init__(self, shops: int) -> None:
        drawn = random.Random(shops)
        self.keys = [f"{name}_{at}" for at in range(shops) for name in ("visits", "rate", "basket")] + ["fee", "rent"]
        now = [each for _ in range(shops) for each in (drawn.uniform(800, 1200), drawn.uniform(0.01, 0.03), 5000.0)]
        self.now = [*now, 0.1, 20_000.0]
        self.plan = [*(value * drawn.uniform(1.02, 1.5) for value in now), 0.08, 20_000.0]
        self.goal = self.by_hand(self.now)
        formulas = [Formula(f"sales_{at}", f"visits_{at} * rate_{at} * basket_{at}") for at in range(shops)]
        total = Formula("sales", " + ".join(formula.key for formula in formulas))
        levers = [
            Lever(key, dict(zip(COLUMNS, values, strict=True)))
            for key, *values in zip(self.keys, self.now, self.plan, strict=True)
        ]
        self.nodes = [Formula("profit", "sales * (1 - fee) - rent"), total, *formulas, *levers]
        self.tree = Tree("profit", self.nodes)

    def by_hand(self, values):
        sales = 0.0
        for at in range(0, len(values) - 2, 3):
            sales += values[at] * values[at + 1] * values[at + 2]
        return sales * (1 - values[-2]) - values[-1]

    def slopes_by_hand(self, values) -> list[float]:
        rest, slopes, sales = 1 - values[-2], [], 0.0
        for at in range(0, len(values) - 2, 3):
            visits, rate, basket = values[at : at + 3]
            slopes += [rate * basket * rest, visits * basket * rest, visits * rate * rest]
            sales += visits * rate * basket
        return [*slopes, -sales, -1.0]

    def alone_by_hand(self) -> None:
        """Each lever's effect alone as one array, and the even ratio."""
        rows = np.tile(self.now, (len(self.now), 1))
        np.fill_diagonal(rows, self.plan)
        self.by_hand(list(rows.T))
        signs = [np.sign(then - now) for now, then in zip(self.now, self.plan, strict=True)]

        def gap(far: float) -> float:
            return self.by_hand([now * exp(sign * far) for now, sign in zip(self.now, signs, strict=True)])

        brentq(lambda far: gap(far) - 2 * self.goal, 0, 5)

    def swings_by_hand(self) -> None:
        for factor in (1 - CHANGE, 1 + CHANGE):
            rows = np.tile(self.now, (len(self.now), 1))
            np.fill_diagonal(rows, [value * factor for value in self.now])
            self.by_hand(list(rows.T))

    def mix_by_hand(self):
        """One run of scipy's solver from the present values, with slopes by hand."""

        def values(y) -> list[float]:
            return [*(value * exp(move) for value, move in zip(self.now, y, strict=False)), *self.now[MOVED:]]

        def slopes(y):
            here = values(y)
            pairs = zip(here[:MOVED], self.slopes_by_hand(here), strict=False)
            return np.array([value * slope for value, slope in pairs]) / self.by_hand(here)

        return minimize(
            lambda y: y @ y,
            np.zeros(MOVED),
            jac=lambda y: 2 * y,
            constraints={"type": "eq", "fun": lambda y: log(self.by_hand(values(y)) / self.goal / 1.5), "jac": slopes},
            method="SLSQP",
            options={"ftol": 1e-10},
        )

    def mix(self):
        return solve_mix(self.tree, column="current", goal_target=1.5 * self.goal, levers=self.keys[:MOVED])


def often(act):
    def acts() -> None:
        for _ in range(OFTEN):
            act()

    return acts


def main() -> None:
    sizes = {3 * shops + 2 + shops + 2: Shops(shops) for shops in (9, 49)}
    head()
    for nodes, shops in sizes.items():
        tree, values = shops.tree, shops.tree.column("current")
        assert len(tree.levers) + len(tree.formulas) == nodes
        assert np.isclose(tree.result(values), shops.goal)
        assert np.allclose(list(tree.gradient(values)[1].values()), shops.slopes_by_hand(shops.now))
        ours, plain = np.log(list(shops.mix().ratios.values())), shops.mix_by_hand().x
        assert ours @ ours <= plain @ plain * (1 + 1e-4)
        what = f"{nodes} nodes:"
        texts = [formula.text for formula in tree.formulas.values()]
        compare(
            f"{what} reading, beside Python's own parser",
            lambda s=shops: Tree("profit", s.nodes),
            lambda texts=texts: [ast.parse(text) for text in texts],
            rounds=25,
        )
        compare(
            f"{what} evaluating, {OFTEN} times",
            often(lambda tree=tree: tree.evaluate("current")),
            often(lambda s=shops: s.by_hand(s.now)),
        )
        compare(
            f"{what} all slopes, {OFTEN} times",
            often(lambda tree=tree, values=values: tree.gradient(values)),
            often(lambda s=shops: s.slopes_by_hand(s.now)),
        )
        compare(
            f"{what} sensitivity of every lever",
            lambda tree=tree: sensitivity(tree, column="current", change=CHANGE),
            shops.swings_by_hand,
            rounds=25,
        )
        compare(
            f"{what} consistency, {len(tree.levers) - 1} levers moving",
            lambda tree=tree, s=shops: check(tree, column="plan", goal_target=2 * s.goal),
            shops.alone_by_hand,
            rounds=25,
        )
        few = shops.keys[:MOVED]
        compare(
            f"{what} consistency, {MOVED} levers moving",
            lambda tree=tree, s=shops, few=few: check(tree, column="plan", goal_target=2 * s.goal, only=few),
            shops.alone_by_hand,
            rounds=25,
        )
        compare(f"{what} least-effort mix of {MOVED} levers", shops.mix, shops.mix_by_hand, rounds=25)
    largest = max(sizes)
    once = median(seconds(lambda: sizes[largest].tree.evaluate("current")) for _ in range(1000))
    print(f"\nEvaluating {largest} nodes after reading them takes {once * 1000:.3f} ms.")
    assert once < 0.001


if __name__ == "__main__":
    main()
