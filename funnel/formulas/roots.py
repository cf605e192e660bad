"""Where a function of one number is 0, looked for from 0 outwards on both sides.

Source: R. P. Brent, "Algorithms for Minimization without Derivatives", 1973, as in scipy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import isfinite

Function = Callable[[float], float]

FIRST_STEP = 1e-2
GROWTH = 1.25
# Brent's method stops at this absolute width; below it only the relative one counts.
NARROWEST = 1e-300
# At a place where a function jumps from one infinity to the other its values are large, at a root they are small.
POLE = 1e-3
FAR = 1e300
FINISHED = object()


@dataclass(frozen=True)
class Nearest:
    """`at` is the root found, or where there is none the place at which the function comes nearest to 0."""

    at: float
    is_root: bool


def first_root(function: Function, low: float, high: float, *, first_step: float = FIRST_STEP) -> float | None:
    """The root nearest to 0 in low ≤ 0 ≤ high, with steps that grow outwards; None where none is met.

    `function` answers NaN where it has no value.

    >>> round(first_root(lambda x: (x - 2) * (x + 5), -10, 10), 9)
    2.0
    """
    return _search(function, low, high, first_step)[0]


def nearest_to_zero(function: Function, low: float, high: float, *, first_step: float = FIRST_STEP) -> Nearest | None:
    """`first_root`, or where there is none the place where the function comes nearest to 0.

    None where it has no value anywhere.

    >>> nearest_to_zero(lambda x: x * x + 1, -10, 10)
    Nearest(at=0.0, is_root=False)
    """
    root, met = _search(function, low, high, first_step)
    return Nearest(root, True) if root is not None else _nearest_miss(function, met)


Met = list[tuple[float, float]]


def _search(function: Function, low: float, high: float, first_step: float) -> tuple[float | None, Met]:
    begin = (0.0, function(0.0))
    if begin[1] == 0.0:
        return 0.0, [begin]
    sides = [_Side(function, end, first_step, begin) for end in (high, low) if end]
    walks = [side.roots() for side in sides]
    while walks:
        found: list[float] = []
        for walk in tuple(walks):
            root = next(walk, FINISHED)
            if isinstance(root, float):
                found.append(root)
            elif root is FINISHED:
                walks.remove(walk)
        if found:
            return min(found, key=abs), []
    return None, [place for side in sides for place in side.met] or [begin]


class _Side:
    """One way outwards from 0: the places looked at so far."""

    def __init__(self, function: Function, end: float, first_step: float, begin: tuple[float, float]) -> None:
        self.function = function
        self.end = end
        self.step = first_step if end > 0 else -first_step
        self.met: Met = [begin]

    def roots(self) -> Iterator[float | None]:
        """For each step the root it passed, or None."""
        while self.met[-1][0] != self.end:
            here, value = self.met[-1]
            further = here * GROWTH + self.step
            there = further if abs(further) < abs(self.end) else self.end
            self.met.append((there, self.function(there)))
            yield root_between(self.function, (here, value), self.met[-1])


def root_between(function: Function, one: tuple[float, float], other: tuple[float, float]) -> float | None:
    """The root between two places whose values are known, None where their signs are the same or it is a pole."""
    (a, at_a), (b, at_b) = one, other
    if at_b == 0.0:
        return b
    if not (isfinite(at_a) and isfinite(at_b)) or (at_a > 0) == (at_b > 0):
        return None
    # Loading scipy's solvers takes 0.4 s, and most processes and requests never need them.
    from scipy.optimize import brentq

    try:
        root = float(brentq(function, a, b, xtol=NARROWEST, maxiter=1000, disp=False))
    except ValueError:  # met a place without a value
        return None
    is_root = abs(function(root)) <= POLE * max(abs(at_a), abs(at_b))
    return root if is_root else None


def _nearest_miss(function: Function, met: Met) -> Nearest | None:
    """Between the places looked at, one where the function turns around may come nearer, and may even touch 0."""
    from scipy.optimize import minimize_scalar

    line = sorted({at: value for at, value in met if isfinite(value)}.items())
    if not line:
        return None
    nearest, distance = min(((at, abs(value)) for at, value in line), key=lambda place: place[1])
    for before, here, after in zip(line, line[1:], line[2:], strict=False):
        if not abs(before[1]) > abs(here[1]) < abs(after[1]):
            continue

        def height(at: float, sign: float = 1.0 if here[1] > 0 else -1.0) -> float:
            value = function(at)
            return sign * value if isfinite(value) else FAR

        within = (before[0], after[0])
        turned = float(minimize_scalar(height, bounds=within, method="bounded", options={"xatol": 1e-10}).x)
        value = function(turned)
        root = root_between(function, here, (turned, value))
        if root is not None:
            return Nearest(root, True)
        if abs(value) < distance:
            nearest, distance = turned, abs(value)
    return Nearest(nearest, distance == 0.0)
