"""The mix of levers that reaches a goal with the least effort, in the logarithms of their ratios.

With y = ln(ratio) of each lever, Σ effort · y² is to be least where the goal equals the target and y lies within the
levers' limits. Where the goal is a product of the levers, ln goal is straight in y, and the answer is one walk along
slope ÷ effort on which what meets its limit stays there (the Karush–Kuhn–Tucker conditions hold all the way). Elsewhere
such walks, and those of single levers, are the starts of sequential quadratic programming; the least answer counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import product
from math import exp, isfinite, log, nan

import numpy as np
from numpy.typing import NDArray

from funnel.formulas.kpi_tree import Lever, Tree, TreeRefused
from funnel.formulas.roots import first_root
from funnel.formulas.what_if import goal_if, goals_if

Vector = NDArray[np.float64]

# No ratio is looked for beyond e to this, about 10^50, nor below its reciprocal.
MOST = 115.0
# Relative to the target: what counts as reached, and what polishing aims at.
REACHED = 1e-10
POLISHED = 1e-15
SINGLE_STARTS = 5
# A run of the solver grows with the cube of the levers and with the tree: many levers, and long trees, have fewer.
LEVERS_STARTED = 300
OPERATIONS_STARTED = 20_000
FAR = 1e300
LEAST_EFFORT = 1e-12
CORNERS_AT_ONCE = 10


@dataclass(frozen=True)
class Best:
    """`values` of the moving levers; `is_reached` says whether they make the target or only come nearest."""

    values: Mapping[str, float]
    is_reached: bool


class Levers:
    """The goal as a function of the logarithms y of the moving levers' ratios, and how far each may go."""

    def __init__(self, tree: Tree, values: Mapping[str, float], moving: Sequence[str], target: float) -> None:
        self.tree = tree
        self.values = values
        self.moving = moving
        self.target = target
        nodes = [tree.levers[key] for key in moving]
        self.present = np.array([values[key] for key in moving], dtype=float)
        # Only how efforts compare counts.
        efforts = np.array([node.effort for node in nodes], dtype=float)
        self.effort = np.maximum(efforts / efforts.max(), LEAST_EFFORT)
        ends = [_log_limits(node, value) for node, value in zip(nodes, self.present, strict=True)]
        self.low = np.array([low for low, _ in ends])
        self.high = np.array([high for _, high in ends])
        # Whether each lever has a value of its sign within its limits.
        self.are_possible = bool(np.all(self.low <= self.high))
        # e^ln(x) is not x to the last digit, a limit is.
        self.least = np.array([nan if node.minimum is None else node.minimum for node in nodes])
        self.most = np.array([nan if node.maximum is None else node.maximum for node in nodes])
        grows = self.present > 0
        self.at_low = np.where(self.low > -MOST, np.where(grows, self.least, self.most), self.present * exp(-MOST))
        self.at_high = np.where(self.high < MOST, np.where(grows, self.most, self.least), self.present * exp(MOST))
        self.begin = np.clip(np.zeros(len(moving)), self.low, self.high)
        self.goal_at_begin = self.goal(self.begin)
        self.in_logarithms = target > 0 and self.goal_at_begin > 0
        self.scale = abs(target) or abs(self.goal_at_begin) or 1.0

    @property
    def is_product(self) -> bool:
        return self.tree.is_product_of(self.moving)

    def values_at(self, y: Vector) -> dict[str, float]:
        values = self.present * np.exp(y)
        values = np.where(y == self.low, self.at_low, np.where(y == self.high, self.at_high, values))
        if self.are_possible:
            values = np.fmin(np.fmax(values, self.least), self.most)
        return dict(zip(self.moving, values.tolist(), strict=True))

    def goal(self, y: Vector) -> float:
        goal = goal_if(self.tree, self.values, self.values_at(y))
        return nan if goal is None else goal

    def gap(self, y: Vector) -> float:
        """0 where the target is reached, in logarithms where the goal has any; NaN where it is undefined."""
        if not self.in_logarithms:
            return self.difference(y)
        goal = self.goal(y)
        return log(goal) - log(self.target) if goal > 0 else nan

    def difference(self, y: Vector) -> float:
        """0 where the target is reached; NaN where the goal is undefined."""
        return (self.goal(y) - self.target) / self.scale

    def without_logarithms(self) -> Levers:
        plain = copy(self)
        plain.in_logarithms = False
        return plain

    def slopes(self, y: Vector) -> Vector:
        """∂gap ÷ ∂y, exactly. Raises TreeRefused."""
        values = self.values_at(y)
        goal, gradient = self.tree.gradient({**self.values, **values})
        if self.in_logarithms and goal <= 0:
            raise TreeRefused("goal_not_positive", self.tree.goal)
        slopes = np.array([gradient[key] * values[key] for key in self.moving])
        return slopes / (goal if self.in_logarithms else self.scale)

    def cost(self, y: Vector) -> float:
        return float(self.effort @ (y * y))

    def is_reached(self, y: Vector) -> bool:
        return abs(self.goal(y) - self.target) <= REACHED * self.scale


# A slope may be as steep as 10^300: what comes of it is looked at, and left where it is no number.
@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def least_effort(levers: Levers) -> Best:
    """The mix of least effort that reaches the target, or the one that comes nearest to it."""
    if not levers.are_possible:
        return Best({key: levers.values[key] for key in levers.moving}, False)
    if levers.is_reached(levers.begin):
        return Best(levers.values_at(levers.begin), True)
    found = [start for way in _ways(levers) if (start := _walk(levers, way)) is not None]
    if not found:
        nearest = _farthest(levers)
        start = _walk(levers, nearest)
        if start is None:
            return Best(levers.values_at(nearest), levers.is_reached(nearest))
        found = [start]
    if not levers.is_product:
        found += [better for start in (levers.begin, *found) if (better := _improved(levers, start)) is not None]
    polished = [polish(levers, y) for y in found]
    reached = [y for y in polished if levers.is_reached(y)]
    return Best(levers.values_at(min(reached or polished, key=levers.cost)), bool(reached))


def _log_limits(node: Lever, present: float) -> tuple[float, float]:
    """From where to where ln(ratio) may go: an empty way where no value of the present sign is within the limits."""
    least, most = (node.minimum, node.maximum) if present > 0 else (_negative(node.maximum), _negative(node.minimum))
    size = abs(present)
    low = log(least) - log(size) if least is not None and least > 0 else -MOST
    if most is not None and most <= 0:
        return 1.0, -1.0
    return max(low, -MOST), min(log(most) - log(size) if most is not None else MOST, MOST)


def _negative(limit: float | None) -> float | None:
    return None if limit is None else -limit


def _ways(levers: Levers) -> Iterator[Vector]:
    """Directions in which to walk from the present values, the most promising first."""
    try:
        slopes = levers.slopes(levers.begin)
    except TreeRefused:
        slopes = np.zeros(len(levers.moving))
    if np.any(slopes):
        yield slopes / levers.effort
    if levers.is_product:
        return
    if np.any(slopes):
        yield np.sign(slopes)
    promising = np.argsort(-(slopes**2) / levers.effort, kind="stable")
    starts = min(SINGLE_STARTS, LEVERS_STARTED // len(promising) + 1, OPERATIONS_STARTED // levers.tree.size)
    for place in promising[:starts]:
        way = np.zeros(len(levers.moving))
        way[place] = 1.0
        yield way


def _walk(levers: Levers, way: Vector) -> Vector | None:
    """The first place along a straight way at which the target is reached; what meets its limit stays there.

    The way begins at the present values, or where the limits put them.
    """
    longest = np.max(np.abs(way), initial=0.0)
    if not 0 < longest < np.inf:
        return None
    way = way / longest
    moves = way != 0

    def place(far: float) -> Vector:
        return np.clip(far * way, levers.low, levers.high)

    def end(sign: int) -> float:
        ends = np.where(way * sign > 0, levers.high, levers.low)
        return float(np.max(ends[moves] / way[moves] * sign, initial=0.0))

    found = first_root(lambda far: levers.difference(place(far)), -min(end(-1), MOST), min(end(1), MOST))
    return None if found is None else place(found)


def _improved(levers: Levers, start: Vector) -> Vector | None:
    """From a mix that reaches the target to one near it with less effort, by scipy's SLSQP with exact slopes.

    The variables are y · √effort, in which the effort is a plain distance.
    """
    # Loading scipy's solvers takes 0.4 s, and most processes and requests never need them.
    from scipy.optimize import minimize

    root = np.sqrt(levers.effort)

    def gap(z: Vector) -> float:
        value = levers.gap(z / root)
        if not isfinite(value):
            raise TreeRefused("not_finite", levers.tree.goal)
        return value

    try:
        answer = minimize(
            lambda z: z @ z,
            start * root,
            jac=lambda z: 2 * z,
            bounds=list(zip(levers.low * root, levers.high * root, strict=True)),
            constraints={"type": "eq", "fun": gap, "jac": lambda z: levers.slopes(z / root) / root},
            method="SLSQP",
            options={"maxiter": 60, "ftol": 1e-12},
        )
    except TreeRefused:  # it stepped where the goal, or its logarithm, is undefined
        return _improved(levers.without_logarithms(), start) if levers.in_logarithms else None
    better = np.clip(answer.x / root, levers.low, levers.high)
    return better if np.all(np.isfinite(better)) else None


def polish(levers: Levers, y: Vector) -> Vector:
    """Newton's steps across the last rounding, along slope ÷ effort, which changes the effort least."""
    gap = levers.gap(y)
    for _ in range(20):
        if not abs(gap) > POLISHED:
            break
        try:
            way = levers.slopes(y) / levers.effort
            steepness = float(levers.slopes(y) @ way)
        except TreeRefused:
            break
        if not steepness > 0:
            break
        closer = np.clip(y - gap / steepness * way, levers.low, levers.high)
        gap_there = levers.gap(closer)
        if not abs(gap_there) < abs(gap):
            break
        y, gap = closer, gap_there
    return y


def _farthest(levers: Levers) -> Vector:
    """The mix within the limits whose goal comes nearest to a target that no straight walk has reached.

    A goal in which every lever only rises or only falls is farthest in a corner of the limits; from the best corner
    scipy's L-BFGS-B goes on, for goals that turn around in between.
    """
    from scipy.optimize import minimize

    upwards = 1.0 if levers.goal_at_begin < levers.target else -1.0
    seen: list[tuple[float, Vector]] = []

    def miss(y: Vector) -> float:
        goal = levers.goal(y)
        if isfinite(goal):
            seen.append((upwards * goal, y.copy()))
        value = levers.gap(y)
        return -upwards * value if isfinite(value) else FAR

    def slope(y: Vector) -> Vector:
        try:
            return -upwards * levers.slopes(y)
        except TreeRefused:
            return np.zeros(len(y))

    for corner in [levers.begin, *_corners(levers, upwards)]:
        miss(corner)
    for start in (levers.begin, _highest(seen, levers.begin)):
        minimize(miss, start, jac=slope, bounds=list(zip(levers.low, levers.high, strict=True)), method="L-BFGS-B")
    passed = [y for height, y in seen if height >= upwards * levers.target]
    return passed[0] if passed else _highest(seen, levers.begin)


def _highest(seen: Sequence[tuple[float, Vector]], otherwise: Vector) -> Vector:
    return max(seen, key=lambda place: place[0], default=(0.0, otherwise))[1]


def _corners(levers: Levers, upwards: float) -> Iterator[Vector]:
    corner = levers.begin
    for _ in range(5):
        try:
            slopes = upwards * levers.slopes(corner)
        except TreeRefused:
            break
        corner = np.where(slopes > 0, levers.high, np.where(slopes < 0, levers.low, corner))
        yield corner
    if len(levers.moving) <= CORNERS_AT_ONCE:
        every = [np.array(ends) for ends in product(*zip(levers.low, levers.high, strict=True))]
        try:
            goals = goals_if(levers.tree, levers.values, [levers.values_at(corner) for corner in every])
        except TreeRefused:
            return
        yield every[int(np.argmax(upwards * np.array(goals)))]
