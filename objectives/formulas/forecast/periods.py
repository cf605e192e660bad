"""Quota and keep: the share of periods in which what was promised was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import exp, lgamma, sqrt
from typing import Any

from objectives.formulas.forecast.endings import Ending
from objectives.formulas.forecast.shapes import Prior
from objectives.formulas.forecast.silence import silent_for_good
from objectives.formulas.forecast.trend import Usual, follow
from objectives.formulas.pace import elapsed_share
from objectives.formulas.scoring import Measure, Period, Reading, Span, periods_of, start_of_period

FUTURES = 256
_SEED = 20260401
FADING = 0.9
"""What an older period weighs beside the one after it."""
RATE_SPREAD, PERIOD_SPREAD, PRIOR_PERIODS = 0.35, 0.35, 3.0
KEEP_WEIGHT = 4.0
LAST = 0.05
FARTHEST = 1e3


@dataclass(frozen=True)
class Ends:
    """How the score ends, and the figure the key result shows on its last day; None where there is nothing to say."""

    score: Ending
    value: Ending | None


def ends_of_quota(measure: Measure, span: Span, readings: Sequence[Reading], today: date, prior: Prior) -> Ends:
    """The share of the quota met, from 256 fixed futures of the periods still to come.

    What a period brings, as a share of its quota, is a bell curve round a rate that is learned from the periods before,
    later ones weighing more. The futures are the same ones in every forecast, so that more can never be worth less.
    """
    import numpy as np

    quota, sums = float(measure.quota or 1), _sums(measure, readings)
    periods = list(periods_of(measure.period or "week", span))
    over = [period for period in periods if today > min(period.end, span.end)]
    ahead = [period for period in periods if today <= min(period.end, span.end)]
    counted = [min(sums.get(one.start, 0.0), 1.0) for one in over if one.owed or _met_month(measure, one, sums)]
    learned = [sums.get(one.start, 0.0) for one in over if one.owed]
    open_now = ahead[0] if ahead and ahead[0].start <= today else None
    rate, rate_spread, spread = _rate(learned, open_now, sums, span, today, prior)
    silent = silent_for_good([reading.date for reading in readings], span.start, today) if readings else 0.0
    draws = _normals(len(ahead) + 1)
    rates = rate + rate_spread * draws[:, 0]
    total, last = np.full(FUTURES, sum(counted)), np.zeros(FUTURES)
    still, number, final = (
        sum(counted),
        len(counted),
        next((sums.get(one.start, 0.0) for one in reversed(over) if one.owed), 0.0),
    )
    for place, period in enumerate(ahead, start=1):
        had = sums.get(period.start, 0.0)
        if not (period.owed or (measure.period == "month" and had >= 1)):
            continue
        left = _share_left(period, span, today)
        brought = had + np.maximum(rates * left + spread * sqrt(left) * draws[:, place], 0.0)
        total = total + np.clip(brought, 0.0, 1.0)
        still, number = still + min(max(had, 0.0), 1.0), number + 1
        last, final = brought, had
    if not number:
        return Ends(Ending(points=((1.0, prior.landing),)), None)
    value = Ending(points=_points(last * quota, silent, final * quota)) if readings or over else None
    return Ends(Ending(points=_points(total / number, silent, still / number)), value)


def last_whole_sum(measure: Measure, span: Span, readings: Sequence[Reading]) -> float | None:
    """What the last period that is owed brought, as the forecast of a quota has it at the end."""
    sums = _sums(measure, readings)
    owed = [period for period in periods_of(measure.period or "week", span) if period.owed]
    return sums.get(owed[-1].start, 0.0) * float(measure.quota or 0) if owed else None


def _sums(measure: Measure, readings: Sequence[Reading]) -> dict[date, float]:
    """What every period brought, as a share of the quota, by the period's first day."""
    sums: dict[date, float] = {}
    for reading in readings:
        if reading.value is not None:
            start = start_of_period(measure.period or "week", reading.date)
            sums[start] = sums.get(start, 0.0) + float(reading.value) / float(measure.quota or 1)
    return sums


def _points(found: Any, silent: float, otherwise: float) -> tuple[tuple[float, float], ...]:
    each = (1 - silent) / FUTURES
    points = tuple((each, float(place)) for place in found)
    return (*points, (silent, otherwise)) if silent else points


def _met_month(measure: Measure, period: Period, sums: dict[date, float]) -> bool:
    return measure.period == "month" and sums.get(period.start, 0.0) >= 1


def _share_left(period: Period, span: Span, today: date) -> float:
    """The part of a period's days that lie after today and in the cycle."""
    days = (min(period.end, span.end) - max(period.start, span.start, today)).days + (today < period.start)
    return max(days, 0) / ((period.end - period.start).days + 1)


def _rate(
    learned: Sequence[float], open_now: Period | None, sums: dict[date, float], span: Span, today: date, prior: Prior
) -> tuple[float, float, float]:
    """What a period brings as a share of the quota, how sure that is, and how far single periods stray from it."""
    usual = prior.landing + 0.15
    seen = [(share, 1.0, FADING ** (len(learned) - number)) for number, share in enumerate(learned)]
    if open_now is not None:
        begun = ((today - max(open_now.start, span.start)).days + 1) / ((open_now.end - open_now.start).days + 1)
        had = sums.get(open_now.start, 0.0)
        if had > 0 or begun > 0.6:
            seen.append((had, begun, 1.0))
    # The last period's own sum does not judge its own surprise: more of it must never be worth less.
    before = [share for share, _, _ in seen[:-1]]
    middle = (PRIOR_PERIODS * usual + sum(before)) / (PRIOR_PERIODS + len(before))
    squares = PRIOR_PERIODS * PERIOD_SPREAD**2 + sum((share - middle) ** 2 for share in before)
    variance = max(squares / (PRIOR_PERIODS + len(before)), 0.05**2)
    precision, weighed = 1 / RATE_SPREAD**2, usual / RATE_SPREAD**2
    for share, exposure, weight in seen:
        precision += weight * exposure / variance
        weighed += weight * share / variance
    return weighed / precision, sqrt(1 / precision), sqrt(variance)


@lru_cache(maxsize=64)
def _normals(columns: int) -> Any:
    import numpy as np

    half = np.random.default_rng(_SEED).standard_normal((FUTURES // 2, columns))
    return np.concatenate([half, -half])


def ends_of_keep(measure: Measure, span: Span, readings: Sequence[Reading], today: date, prior: Prior) -> Ends:
    """The share of periods inside the limit: those that were, and a beta-binomial number of those to come.

    A period without a reading does not count, so those to come are as many as were reported on before.
    """
    limit = float(measure.target_value or 0)
    side = 1 if measure.limit == "min" else -1
    kind = measure.period or "week"
    lasts: dict[date, float] = {}
    for reading in readings:
        if reading.value is not None:
            lasts[start_of_period(kind, reading.date)] = side * (float(reading.value) - limit)
    over = [one for one in periods_of(kind, span) if today > min(one.end, span.end)]
    ahead = [one for one in periods_of(kind, span) if today <= min(one.end, span.end) and one.start not in lasts]
    owed = [one for one in over if one.owed]
    told = (sum(one.start in lasts for one in owed) + 2) / (len(owed) + 2)
    to_come = max(round(told * sum(one.owed for one in ahead)), 0)
    inside = sum(margin >= 0 for margin in lasts.values())
    weight, good = KEEP_WEIGHT, KEEP_WEIGHT * prior.landing
    for number, margin in enumerate(lasts.values()):
        counts = FADING ** (len(lasts) - 1 - number)
        weight, good = weight + counts, good + counts * (margin >= 0)
    silent = silent_for_good([reading.date for reading in readings], span.start, today) if lasts else 0.0
    whole = len(lasts) + to_come
    if not whole:
        return Ends(Ending(points=((1.0, prior.landing),)), None)
    points = [
        ((1 - silent) * chance, (inside + number) / whole)
        for number, chance in enumerate(_beta_binomial(to_come, good, weight - good))
    ]
    if silent:
        points.append((silent, inside / len(lasts)))
    return Ends(Ending(points=tuple(points)), _last_reading(measure, span, lasts, readings, today, silent, side))


def _beta_binomial(trials: int, good: float, bad: float) -> list[float]:
    def beta(one: float, other: float) -> float:
        return lgamma(one) + lgamma(other) - lgamma(one + other)

    good, bad = max(good, 0.05), max(bad, 0.05)
    least = beta(good, bad)
    return [
        exp(
            lgamma(trials + 1) - lgamma(number + 1) - lgamma(trials - number + 1)
            + beta(good + number, bad + trials - number) - least
        )
        for number in range(trials + 1)
    ]  # fmt: skip


def _last_reading(
    measure: Measure,
    span: Span,
    lasts: dict[date, float],
    readings: Sequence[Reading],
    today: date,
    silent: float,
    side: int,
) -> Ending | None:
    """The reading to be expected on the last day, from the readings' own level."""
    said = [(one.date, float(one.value)) for one in readings if one.value is not None]
    if not said:
        return None
    first, limit = said[0][1], float(measure.target_value or 0)
    away = [abs(value - limit) for _, value in said[:-1]] or [abs(said[0][1] - limit)]
    scale = max(sum(away) / len(away), 0.02 * abs(limit)) or 1.0
    levels = [min(max((value - first) / scale, -FARTHEST), FARTHEST) for _, value in said]
    times = [elapsed_share(span, day) for day, _ in said]
    followed = follow(Usual(0.0, 0.5, 0.0, 0.5), times, levels)
    bells = tuple(
        (one.weight * (1 - silent), first + mean * scale, spread * scale)
        for one, (mean, spread) in ((one, one.at(1 - LAST)) for one in followed)
    )
    return Ending(bells, ((silent, said[-1][1]),) if silent else ())
