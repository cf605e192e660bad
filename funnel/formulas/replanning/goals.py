"""Where a KGI lands: its levers through the tree, and what its own actuals say beside them.

Source: the product's domain notes 2.2, 2.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import inf, nextafter, sqrt

from funnel.formulas.actuals import MONTH, last_of
from funnel.formulas.kpi_tree import CURRENT, Formula, Lever, Tree
from funnel.formulas.planning import elapsed_share, months_in
from funnel.formulas.replanning.days import Months
from funnel.formulas.replanning.landings import RECENT_MONTHS, Landing, student
from funnel.formulas.simulation import Simulation, simulate

FEWEST_MONTHS = 3
MONTHS_BEFORE = 2
SPREAD_OF_STEPS = 0.3
RESTLESSNESS = 0.01
"""Before it is known better, a number moves from month to month by a hundredth of itself more or less than usual."""
OWN = "own_course"


@dataclass(frozen=True)
class Done:
    """What a KGI that adds up has brought so far, counted as its targets are, and the share of its period left."""

    value: float
    left: float


@dataclass(frozen=True)
class Own:
    """Where a KGI's own actuals are heading, and how much that counts beside its tree, 0–1."""

    landing: Landing
    weight: float


@dataclass(frozen=True)
class GoalLanding:
    """Where a KGI lands. `probability` of each target, 0–1, whichever way it goes; `drivers` are the levers whose
    uncertainty makes the range, the largest share first, with the KGI's own key for its own course.
    """

    mean: float
    p10: float
    p50: float
    p90: float
    probability: Mapping[str, float]
    drivers: tuple[tuple[str, float], ...]


def own_course(months: Months, *, start: date, end: date, today: date) -> Own | None:
    """Where a number that stands somewhere each month is heading, by how it moved; None before three months are read.

    `months` holds, under their first days, where it stood at their ends. The last three steps between them go on, as
    differently as all of them differed. It counts the more the less of the period is left.

    >>> stood = {date(2026, month, 1): 300 + 10 * (month - 3) for month in range(4, 10)}
    >>> own = own_course(stood, start=date(2026, 4, 1), end=date(2027, 3, 31), today=date(2026, 10, 1))
    >>> own.landing.expected, round(own.landing.p10), round(own.landing.p90), round(own.weight, 2)
    (420.0, 407, 433, 0.5)
    """
    stood = {month: float(value) for month, value in sorted(months.items()) if month <= today}
    if len(stood) < FEWEST_MONTHS or not start <= today:
        return None
    days, values = list(stood), list(stood.values())
    gaps = [max(float(months_in(before, after - timedelta(days=1))), 1.0) for before, after in pairwise(days)]
    moves = [(after - before) / gap for (before, after), gap in zip(pairwise(values), gaps, strict=True)]
    known, recent = sum(gaps), min(RECENT_MONTHS, len(moves))
    mean = (values[-1] - values[-1 - recent]) / sum(gaps[-recent:])
    usual = max(SPREAD_OF_STEPS * abs(mean), RESTLESSNESS * abs(values[-1]))
    usually = (values[-1] - values[0]) / known
    squares = sum(gap * (move - usually) ** 2 for move, gap in zip(moves, gaps, strict=True))
    freedom = MONTHS_BEFORE + len(moves) - 1
    sd = sqrt((MONTHS_BEFORE * usual**2 + squares) / freedom)
    since = min(last_of(MONTH, days[-1]), today)
    left = float(months_in(since + timedelta(days=1), end)) if since < end else 0.0
    sd *= sqrt(left + left * left / sum(gaps[-recent:]))
    expected, wide = values[-1] + left * mean, student(freedom) * sd
    landed = Landing(expected=expected, p10=expected - wide, p90=expected + wide, sd=sd, rate=mean, months=len(stood))
    return Own(landed, float(elapsed_share(start, end, today)))


def goal_landing(
    tree: Tree,
    *,
    landings: Mapping[str, Landing],
    targets: Mapping[str, float],
    falls: bool = False,
    done: Done | None = None,
    own: Own | None = None,
    samples: int | None = None,
    seed: int = 0,
) -> GoalLanding:
    """Where the goal lands when its levers land as `landings` say; a lever without one is drawn from its own range, or
    stays at its current value.

    What a goal that adds up has brought is `done`: the tree then speaks of the rest alone. Where the goal's own
    actuals are heading is mixed in by its weight. A goal that `falls` reaches a target from above. Raises TreeRefused.

    >>> tree = Tree("revenue", [Formula("revenue", "orders * price"), Lever("orders", {"current": 900}),
    ...     Lever("price", {"current": 10})])
    >>> orders = Landing(expected=960, p10=860, p90=1060, sd=74, rate=80, months=6)
    >>> told = goal_landing(tree, landings={"orders": orders}, targets={"must_hit": 9_600}, samples=10_000)
    >>> round(told.p10, -2), round(told.p50, -2), round(told.p90, -2), round(told.probability["must_hit"], 2)
    (8600.0, 9600.0, 10600.0, 0.5)
    >>> goal_landing(tree, landings={}, targets={"must_hit": 9_000}, falls=True, samples=100).probability["must_hit"]
    1.0
    >>> told = goal_landing(tree, landings={"orders": orders}, targets={}, done=Done(7_200, left=0.25), samples=10_000)
    >>> round(told.p10, -1), round(told.p50, -1), round(told.p90, -1)
    (9350.0, 9600.0, 9850.0)
    """
    levers = {key: _lever(tree, key, landings.get(key)) for key in tree.levers}
    nodes: list[Lever | Formula] = [*tree.formulas.values(), *levers.values()]
    goal = tree.goal
    if done is not None:
        goal = _name(tree, "landing")
        bring = [Lever(_name(tree, "done"), {CURRENT: done.value}), Lever(_name(tree, "left"), {CURRENT: done.left})]
        nodes += [*bring, Formula(goal, f"{bring[0].key} + {bring[1].key} * {tree.goal}")]
    elif own is not None and own.weight > 0:
        goal = _name(tree, "landing")
        parts = [_landed(_name(tree, OWN), own.landing), Lever(_name(tree, "weight"), {CURRENT: own.weight})]
        weight = parts[1].key
        nodes += [*parts, Formula(goal, f"{weight} * {parts[0].key} + (1 - {weight}) * {tree.goal}")]
    # One that falls has reached a target that it equals.
    passed = {name: nextafter(float(value), inf) for name, value in targets.items()} if falls else targets
    told = simulate(Tree(goal, nodes), targets=passed, samples=samples, seed=seed)
    return _told(tree, told, falls)


def _told(tree: Tree, told: Simulation, falls: bool) -> GoalLanding:
    own = _name(tree, OWN)
    drivers = [
        (tree.goal if driver.key == own else driver.key, driver.share) for driver in told.drivers if driver.share > 0
    ]
    return GoalLanding(
        mean=told.mean,
        p10=told.p10,
        p50=told.p50,
        p90=told.p90,
        probability={name: 1 - chance if falls else chance for name, chance in told.probability.items()},
        drivers=tuple(drivers),
    )


def _lever(tree: Tree, key: str, lands: Landing | None) -> Lever:
    if lands is not None:
        return _landed(key, lands)
    lever = tree.levers[key]
    if lever.low is None or lever.high is None:
        return Lever(key, {CURRENT: tree.value(key, CURRENT)})
    return lever


def _landed(key: str, lands: Landing) -> Lever:
    return Lever(key, low=lands.low, likely=lands.expected, high=lands.high)


def _name(tree: Tree, name: str) -> str:
    """A key that no node of the tree has."""
    while name in tree.levers or name in tree.formulas:
        name += "_"
    return name
