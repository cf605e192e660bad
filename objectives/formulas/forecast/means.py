"""Average: the readings that stand, and those that are still to come."""

from __future__ import annotations

from datetime import date

from objectives.formulas.forecast.endings import Ending
from objectives.formulas.forecast.levels import Reported
from objectives.formulas.forecast.shapes import Prior
from objectives.formulas.forecast.silence import cadence, own_time, silent_for_good
from objectives.formulas.forecast.trend import Usual, follow
from objectives.formulas.scoring import Span

RATE_SPREAD = 0.4


def ending_of_mean(span: Span, reported: Reported, today: date, prior: Prior) -> Ending:
    """Where the mean of all readings will end: past readings are fixed, future ones come as often as before."""
    days = [day for day, _ in reported]
    times = [own_time(span, (), day) for day in days]
    followed = follow(Usual(prior.landing, prior.spread, 0.0, RATE_SPREAD), times, [level for _, level in reported])
    gap = cadence(days)
    to_come = max((span.end - max([today, *days])).days / gap, 0.5)
    said, until_now = len(reported), sum(level for _, level in reported)
    silent = silent_for_good(days, span.start, today) if said else 0.0
    bells = []
    for one in followed:
        mean, spread = one.mean_until(1.0, to_come)
        whole = said + to_come
        bells.append((one.weight * (1 - silent), (until_now + to_come * mean) / whole, to_come * spread / whole))
    return Ending(tuple(bells), ((silent, until_now / said),) if silent else ())
