"""Quota and keep: the share of periods in which what was promised was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import erfc, exp, lgamma, sqrt
from typing import Any

from objectives.formulas.forecast.endings import Ending
from objectives.formulas.forecast.shapes import Prior
from objectives.formulas.forecast.silence import silent_for_good
from objectives.formulas.pace import elapsed_share
from objectives.formulas.scoring import Measure, Period, Reading, Span, periods_of, start_of_period

FUTURES = 256
_SEED = 20260401
FADING = 0.97
"""What an older period weighs beside the one after it."""
RATE_SPREAD, PERIOD_SPREAD, PRIOR_PERIODS = 0.28, 0.5, 1.6
KEEP_WEIGHT = 5.0
FADING_KEEP = 0.6
MARGIN_WEIGHT, FADING_READING, PRIOR_READINGS = 4.5, 0.84, 4.0
DRIFTS = 2.0
"""How much more the variance of a keep's reading is at the end of a cycle than at once."""


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
    learned = [(one.start, sums.get(one.start, 0.0)) for one in over if one.owed]
    open_now = ahead[0] if ahead and ahead[0].start <= today else None
    rate, rate_spread, squares, freedom = _rate(learned, open_now, sums, span, today, prior)
    silent = silent_for_good([reading.date for reading in readings], span.start, today) if readings else 0.0
    draws = _normals(len(ahead) + 2)
    rates = rate + rate_spread * draws[:, 0]
    # How regular a team is stays uncertain as well. Wilson and Hilferty's chi-squared (1931) from a normal draw.
    narrow = 2 / (9 * freedom)
    strays = np.sqrt(squares / (freedom * np.maximum(1 - narrow + draws[:, 1] * sqrt(narrow), 0.2) ** 3))
    total, last = np.full(FUTURES, sum(counted)), np.zeros(FUTURES)
    still, number = sum(counted), len(counted)
    final = next((sums.get(one.start, 0.0) for one in reversed(over) if one.owed), 0.0)
    for place, period in enumerate(ahead, start=2):
        had = sums.get(period.start, 0.0)
        if not (period.owed or (measure.period == "month" and had >= 1)):
            continue
        left = _share_left(period, span, today)
        brought = had + np.maximum(rates * left + strays * sqrt(left) * draws[:, place], 0.0)
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
    learned: Sequence[tuple[date, float]],
    open_now: Period | None,
    sums: dict[date, float],
    span: Span,
    today: date,
    prior: Prior,
) -> tuple[float, float, float, float]:
    """What a period brings as a share of the quota, how sure that is, and how far single periods stray from it.

    The last two are the sum of squares of that straying and the degrees of freedom it has.
    """
    usual = prior.landing + 0.15
    seen = [(share, 1.0, FADING ** (len(learned) - number)) for number, (_, share) in enumerate(learned)]
    if open_now is not None:
        begun = ((today - max(open_now.start, span.start)).days + 1) / ((open_now.end - open_now.start).days + 1)
        had = sums.get(open_now.start, 0.0)
        if open_now.start in sums or begun > 0.6:
            seen.append((had, begun, 1.0))
    # What was said last does not judge its own surprise: more of it must never be worth less.
    said_last = max(sums, default=None)
    before = [share for start, share in learned if start != said_last]
    middle = (PRIOR_PERIODS * usual + sum(before)) / (PRIOR_PERIODS + len(before))
    squares = PRIOR_PERIODS * PERIOD_SPREAD**2 + sum((share - middle) ** 2 for share in before)
    freedom = PRIOR_PERIODS + len(before)
    variance = squares / freedom
    precision, weighed = 1 / RATE_SPREAD**2, usual / RATE_SPREAD**2
    for share, exposure, weight in seen:
        precision += weight * exposure / variance
        weighed += weight * share / variance
    return weighed / precision, sqrt(1 / precision), squares, freedom


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
    margins = list(lasts.values())
    weight, good = KEEP_WEIGHT, KEEP_WEIGHT * prior.landing
    value = None
    if margins:
        level, spread = _usual_reading(margins, limit)
        weight, good = weight + MARGIN_WEIGHT, good + MARGIN_WEIGHT * 0.5 * erfc(-level / spread / sqrt(2))
    for number, margin in enumerate(margins):
        counts = FADING_KEEP ** (len(lasts) - 1 - number)
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
    if margins:
        now = ((silent, limit + side * margins[-1]),) if silent else ()
        wide = spread * sqrt(1 + DRIFTS * (1 - elapsed_share(span, today)))
        value = Ending(((1 - silent, limit + side * level, wide),), now)
    return Ends(Ending(points=tuple(points)), value)


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


def _usual_reading(lasts: Sequence[float], limit: float) -> tuple[float, float]:
    """Level and spread of the readings of a keep, later ones weighing more; few of them spread as a prior has it.

    The last one moves the level and does not judge its own surprise.
    """
    weights = [FADING_READING ** (len(lasts) - 1 - number) for number in range(len(lasts))]
    level = sum(weight * value for weight, value in zip(weights, lasts, strict=True)) / sum(weights)
    before = lasts[:-1]
    if not before:
        return level, max(0.05 * abs(limit), 1e-9)
    middle = sum(before) / len(before)
    usual = max(sum(abs(value) for value in before) / len(before), 0.01 * abs(limit), 1e-9)
    squares = PRIOR_READINGS * usual**2 + sum((value - middle) ** 2 for value in before)
    return level, sqrt(squares / (PRIOR_READINGS + len(before)) * (1 + 1 / len(lasts)))
