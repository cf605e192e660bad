"""The courses a quarter can take, as cumulated shares of its end: what the forecast was tuned on, and what it was not.

None of them is the model's own: it knows straight lines that wander, not powers, steps, seasons or deadlines.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, floor, pi, sin
from random import Random

Course = Callable[[float], float]
"""The share of the end that is reached by a share of the cycle: 0 at 0, 1 at 1, and anything between."""


def steady(random: Random) -> Course:
    return lambda time: time


def late_surge(random: Random) -> Course:
    power = random.uniform(1.6, 4)
    return lambda time: time**power


def early_then_stall(random: Random) -> Course:
    knee, rest = random.uniform(0.25, 0.6), random.uniform(0, 0.25)
    return lambda time: (1 - rest) * min(time / knee, 1) + rest * time


def s_curve(random: Random) -> Course:
    middle, steep = random.uniform(0.3, 0.7), random.uniform(6, 14)
    low, high = (1 / (1 + exp(-steep * (place - middle))) for place in (0, 1))
    return lambda time: (1 / (1 + exp(-steep * (time - middle))) - low) / (high - low)


def bends(random: Random) -> Course:
    """A rate that changes twice, at any time and to any other."""
    knees = sorted(random.uniform(0.1, 0.9) for _ in range(2))
    rates = [random.expovariate(1) + 0.05 for _ in range(3)]
    return _by_rates([0, *knees, 1], rates)


def step_jumps(random: Random) -> Course:
    """Nothing for weeks, then a contract: one to four jumps."""
    jumps = sorted((random.random(), random.uniform(0.3, 1)) for _ in range(random.randint(1, 4)))
    whole = sum(size for _, size in jumps)
    return lambda time: 1.0 if time >= 1 else sum(size for at, size in jumps if at <= time) / whole


def seasonal(random: Random) -> Course:
    """Three months of different weight, with a swing of ten days on top."""
    months = _by_rates([0, 1 / 3, 2 / 3, 1], [random.uniform(0.2, 2.5) for _ in range(3)])
    swing, start = random.uniform(0, 0.03), random.uniform(0, 2 * pi)
    return lambda time: months(time) + swing * (sin(start + 18 * pi * time) - sin(start)) * (time < 1)


def turnaround(random: Random) -> Course:
    """It gets worse before it gets better."""
    depth, bottom = random.uniform(0.1, 0.5), random.uniform(0.15, 0.45)
    return lambda time: (
        -depth * time / bottom if time < bottom else -depth + (1 + depth) * (time - bottom) / (1 - bottom)
    )


def deadline(random: Random) -> Course:
    """A third to a half of it in the last tenth of the cycle."""
    kept = random.uniform(0.33, 0.5)
    return lambda time: (1 - kept) * time + kept * max(0.0, (time - 0.9) / 0.1)


def pause(random: Random) -> Course:
    """A month in which nobody had the time."""
    begins, long = random.uniform(0.1, 0.6), random.uniform(0.2, 0.35)
    return _by_rates([0, begins, begins + long, 1], [1, 0.02, 1])


def saturation(random: Random) -> Course:
    """Fast at first, then ever slower."""
    speed = random.uniform(2, 6)
    return lambda time: (1 - exp(-speed * time)) / (1 - exp(-speed))


def stairs(random: Random) -> Course:
    """Figures that are only looked at every third or fifth of the cycle."""
    number = random.randint(3, 5)
    return lambda time: floor(time * number + 1e-9) / number


def random_walk(random: Random) -> Course:
    """Twenty-six spells of luck around an even pace."""
    places = [0.0]
    for _ in range(26):
        places.append(places[-1] + 1 / 26 + random.gauss(0, 0.07))
    return lambda time: places[round(time * 26)] if time < 1 else 1.0


def revised(random: Random) -> Course:
    """Told too well for weeks, and then put right."""
    too_much, at = random.uniform(0.1, 0.4), random.uniform(0.4, 0.9)
    return lambda time: time * (1 + too_much) if time < at else time


def _by_rates(corners: list[float], rates: list[float]) -> Course:
    parts = list(zip(corners, corners[1:], rates, strict=False))
    whole = sum((high - low) * rate for low, high, rate in parts)
    return lambda time: sum((min(time, high) - low) * rate for low, high, rate in parts if time > low) / whole


TUNED = {
    "steady": steady,
    "late surge": late_surge,
    "early, then stall": early_then_stall,
    "S-curve": s_curve,
    "bends": bends,
    "noisy": steady,
    "dead": steady,
}
HELD_OUT = {
    "step jumps": step_jumps,
    "seasonal": seasonal,
    "turnaround": turnaround,
    "deadline": deadline,
    "pause": pause,
    "wild": bends,
    "given up": s_curve,
}
UNSEEN = {"saturation": saturation, "stairs": stairs, "random walk": random_walk, "revised": revised}
"""Written when the model was finished, and run once."""
NOISY = {"noisy", "wild"}
SILENT = {"dead", "given up"}
