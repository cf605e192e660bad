"""Reach, coverage and cumulative: the way from start to target, and how far it will lead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import accumulate, pairwise
from math import inf, sqrt

from objectives.formulas.forecast.endings import Ending
from objectives.formulas.forecast.shapes import Prior
from objectives.formulas.forecast.silence import Phases, last_report, own_time, silent_for_good
from objectives.formulas.forecast.trend import REGIMES, Followed, Regime, Usual, follow
from objectives.formulas.scoring import Span

Reported = Sequence[tuple[date, float]]
"""Days and progress, in order of the day."""

START_SPREAD = 0.01
# What comes in comes in lumps: sums wander more than they turn, and none has an error of its own.
SUM_REGIMES = (
    Regime(0.15, 0.002, 0.04, 0.25, 0.7),
    Regime(0.30, 0.002, 0.08, 0.50, 2.0),
    Regime(0.25, 0.002, 0.17, 1.20, 3.0),
    Regime(0.20, 0.002, 0.40, 0.60, 1.5),
    Regime(0.15, 0.002, 0.50, 0.50, 4.0),
    Regime(0.10, 0.002, 0.08, 2.20, 6.0),
)
FADES, BREAKS, BROKEN = 0.15, 0.5, 3.0
"""The shares, over a whole cycle, of key results whose reports end on the way and of those that find another rate; and
how much further such rates spread than those of whole cycles. However even the past, this can happen."""


def ending_of_way(kind: str, span: Span, reported: Reported, today: date, prior: Prior, phases: Phases) -> Ending:
    """Where progress will end. Sums that never fell do not fall, and a coverage ends with all there are."""
    days = [day for day, _ in reported]
    daily = dict(reported)
    silent = silent_for_good(days, span.start, today)
    if not reported:
        floor = -inf if kind == "reach" else 0.0
        cap = 1.0 if kind == "coverage" else inf
        return Ending(((1 - silent, prior.landing, prior.spread),), ((silent, 0.0),) if silent else (), floor, cap)
    times = [own_time(span, phases, day) for day in daily]
    usual = Usual(0.0, 0.003 if kind == "cumulative" else START_SPREAD, prior.landing, prior.spread)
    regimes = SUM_REGIMES if kind == "cumulative" else REGIMES
    followed = follow(usual, times, list(daily.values()), regimes=regimes, exact=kind == "cumulative")
    now = reported[-1][1]
    floor, cap = -inf, inf
    if kind != "reach":
        rises = all(after >= before for (_, before), (_, after) in pairwise(reported))
        floor = now if rises and now >= 0 else -inf
    if kind == "coverage":
        cap = max([1.0, *daily.values()])
    return mixed(followed, last_report(span, phases, days, today), silent, now, floor, cap)


def mixed(
    followed: Sequence[Followed], time: float, silent: float, now: float, floor: float = -inf, cap: float = inf
) -> Ending:
    """The regimes' ends together: as they go, given up half way, or at another rate from there.

    To them comes the present value, for the case that nothing more is reported already.
    """
    begun = max((one.time for one in followed), default=0.0)
    half, rest = (begun + time) / 2, (time - begun) / 2
    fades, breaks = (share * (time - begun) * (1 - silent) for share in (FADES, BREAKS))
    bells = []
    for one in followed:
        mean, spread = one.at(half)
        broken = sqrt(spread**2 + (rest * BROKEN * one.usual.rate_spread) ** 2)
        bells.append(((1 - silent - fades - breaks) * one.weight, *one.at(time)))
        bells.append((fades * one.weight, mean, spread))
        bells.append((breaks * one.weight, mean + rest * one.usual.rate, broken))
    return Ending(tuple(bells), ((silent, now),) if silent else (), floor, cap)


def sums(amounts: Reported) -> list[tuple[date, float]]:
    """What was added, as the sum so far.

    >>> sums([(date(2026, 4, 1), 0.1), (date(2026, 4, 8), 0.2)])[-1][1]
    0.30000000000000004
    """
    return list(zip((day for day, _ in amounts), accumulate(amount for _, amount in amounts), strict=True))
