"""The forecast of a key result whose last check-in may be a slip: it widens the range instead of ruling it.

Source: the product's domain notes 2.4; what is a slip is judged by `formulas.doubts`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from objectives.formulas.doubts import Doubt, doubt
from objectives.formulas.forecast import Forecast
from objectives.formulas.scoring import Measure, Reading, Span, start_of_period

BELIEVED = 0.25
"""How likely a value that looks like a slip is right after all: somebody was asked and kept it."""
WIDENED = 3.0
"""How much further than without it the range may reach to its side."""
CHANCES = ("score_0_6", "score_0_7", "must_hit", "target")


def forecast_wary(
    told: Callable[[Sequence[Reading]], Forecast],
    measure: Measure,
    span: Span,
    readings: Sequence[Reading],
    today: date,
) -> Forecast:
    """What `told` forecasts of readings; a last value that looks like a slip is read as what was likely meant, else
    left out, and counts with a quarter of the chances. Until the last day: what has ended is as it was reported.

    `told` is `forecast_key_result` of the same measure, span and day. Raises MeasureRefused.

    >>> from functools import partial
    >>> from objectives.formulas.forecast import forecast_key_result
    >>> quarter, day = Span(date(2026, 4, 1), date(2026, 6, 30)), date(2026, 4, 6)
    >>> visits = Measure("reach", Decimal(1200), Decimal(4800))
    >>> said = [Reading(date(2026, 4, number), Decimal(value)) for number, value in ((6, 1300), (13, 1450), (20, 1600))]
    >>> slip = [*said, Reading(date(2026, 4, 27), Decimal(17500))]
    >>> told = partial(forecast_key_result, visits, "aspirational", quarter, today=date(2026, 4, 27))
    >>> bold, wary = told(slip), forecast_wary(told, visits, quarter, slip, date(2026, 4, 27))
    >>> bold.p50 > 4800 > wary.p50, wary.target < bold.target, wary.p90 < bold.p50
    (True, True, True)
    """
    typed = told(readings)
    found = None if today >= span.end else doubt_of_last(measure, readings, today)
    if found is None or typed.p50 is None:
        return typed
    last = readings[-1]
    kept = list(readings[:-1]) if found.meant is None else [*readings[:-1], replace(last, value=found.meant)]
    likely = told(kept)
    if likely.p10 is None or likely.p50 is None or likely.p90 is None:
        return typed
    p10, p90 = likely.p10, likely.p90
    if typed.p50 > likely.p50:
        p90 = max(p90, min(typed.p50, likely.p50 + WIDENED * (p90 - likely.p50)))
    else:
        p10 = min(p10, max(typed.p50, likely.p50 - WIDENED * (likely.p50 - p10)))
    chances = {name: _mixed(getattr(likely, name), getattr(typed, name)) for name in CHANCES}
    return replace(likely, p10=p10, p90=p90, readings=typed.readings, **chances)


def doubt_of_last(measure: Measure, readings: Sequence[Reading], today: date) -> Doubt | None:
    """Whether the last of the readings, in order of entry, looks like a slip beside those before it."""
    known = [reading for reading in readings if reading.date <= today and reading.value is not None]
    if len(known) < 2 or known[-1] is not readings[-1]:
        return None
    values = [reading.value for reading in known if reading.value is not None]
    so_far = None
    if measure.kind == "quota" and measure.period:
        period = start_of_period(measure.period, known[-1].date)
        same = [one.value for one in known[:-1] if one.value and start_of_period(measure.period, one.date) == period]
        so_far = sum(same, Decimal(0))
    return doubt(measure, values[-1], values[:-1], so_far)


def _mixed(likely: float | None, typed: float | None) -> float | None:
    return likely if likely is None or typed is None else (1 - BELIEVED) * likely + BELIEVED * typed
