"""Average: the readings that stand, and those that are still to come."""

from __future__ import annotations

from datetime import date

from objectives.formulas.forecast.endings import Ending
from objectives.formulas.forecast.levels import Reported
from objectives.formulas.forecast.shapes import Prior
from objectives.formulas.forecast.silence import cadence, own_time, silent_for_good
from objectives.formulas.forecast.trend import Regime, Usual, follow
from objectives.formulas.scoring import Span

RATE_SPREAD = 0.3
RISE = 0.3
"""How much of the usual landing the readings of a cycle usually gain between its first day and its last."""
# A mean is made of readings that stray and seldom turn.
REGIMES = (
    Regime(0.45, 0.05, 0.10, 0.05, 0.5),
    Regime(0.25, 0.12, 0.05, 0.1, 0.5),
    Regime(0.20, 0.30, 0.20, 0.2, 0.5),
    Regime(0.10, 0.80, 0.50, 0.2, 0.5),
)


def ending_of_mean(span: Span, reported: Reported, today: date, prior: Prior) -> Ending:
    """Where the mean of all readings will end: past readings are fixed, future ones come as often as before."""
    if not reported:
        return Ending(((1.0, prior.landing, prior.spread),))
    days = [day for day, _ in reported]
    times = [own_time(span, (), day) for day in days]
    usual = Usual(prior.landing * (1 - RISE / 2), prior.spread, prior.landing * RISE, RATE_SPREAD)
    followed = follow(usual, times, [level for _, level in reported], regimes=REGIMES)
    gap = cadence(days)
    to_come = max((span.end - max([today, *days])).days / gap, 0.5)
    said, until_now = len(reported), sum(level for _, level in reported)
    silent = silent_for_good(days, span.start, today)
    bells = []
    for one in followed:
        mean, spread = one.mean_until(1.0, to_come)
        whole = said + to_come
        bells.append((one.weight * (1 - silent), (until_now + to_come * mean) / whole, to_come * spread / whole))
    return Ending(tuple(bells), ((silent, until_now / said),) if silent else ())
