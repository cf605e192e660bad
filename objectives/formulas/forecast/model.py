"""The forecast of one key result: which kind is foretold how, and what is said of its end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from objectives.formulas.forecast.endings import Ending
from objectives.formulas.forecast.levels import ending_of_way, sums
from objectives.formulas.forecast.means import ending_of_mean
from objectives.formulas.forecast.periods import ends_of_keep, ends_of_quota, last_whole_sum
from objectives.formulas.forecast.priors import default_prior
from objectives.formulas.forecast.shapes import Forecast, Place, Prior
from objectives.formulas.forecast.silence import Phases, own_time
from objectives.formulas.forecast.steps import ending_of_steps
from objectives.formulas.scoring import Measure, Reading, Span, check_measure, progress_at, score_key_result

BAND = (0.6, 0.7)
_ENOUGH = 1e-9
_DAY = timedelta(days=1)
# Beyond a thousand times the way, start and target say nothing, and squares would run out of range.
FARTHEST = 1e3


def forecast_key_result(
    measure: Measure,
    intent: str,
    span: Span,
    readings: Sequence[Reading],
    today: date,
    prior: Prior | None = None,
    phases: Phases = (),
) -> Forecast:
    """Where a key result is likely to end, as of a day.

    `readings` are the check-ins that count, in order of entry; those after `today` are left out. `prior` is what
    similar key results did, the product's default unless given; `phases` are days and the share of the way due by their
    end. On the last day and after it all is known: probabilities are 0 or 1. A key result whose baseline is still to be
    measured has no forecast. Raises MeasureRefused.

    >>> from decimal import Decimal
    >>> from datetime import timedelta
    >>> quarter = Span(date(2026, 4, 1), date(2026, 6, 30))
    >>> days_to_order = Measure("reach", Decimal(45), Decimal(30))
    >>> said = [Reading(quarter.start + timedelta(7 * week), Decimal(45 - week)) for week in range(7)]
    >>> found = forecast_key_result(days_to_order, "aspirational", quarter, said, date(2026, 5, 15))
    >>> [round(end) for end in (found.p10, found.p50, found.p90)], round(found.score_0_6, 2)
    ([31, 33, 37], 0.86)
    """
    check_measure(measure)
    if measure.measure_first:
        return Forecast(readings=len(readings))
    known = sorted((one for one in readings if one.date <= today), key=lambda reading: reading.date)
    if today >= span.end:
        return _finished(measure, span, known, today)
    return _ahead(measure, span, known, today, prior or default_prior(measure.kind, intent), phases)


def _finished(measure: Measure, span: Span, known: Sequence[Reading], today: date) -> Forecast:
    # The last period of a quota has ended only on the day after; on the last day it counts as it stands.
    scored = score_key_result(measure, span, known, max(today, span.end + _DAY))
    end = _present(measure, scored.current_value)
    if measure.kind == "quota" and known:
        end = last_whole_sum(measure, span, known)
    if scored.score is None or scored.progress is None:
        return Forecast(end, end, end, readings=len(known))
    reached = scored.progress + _ENOUGH
    must = _must_hit(measure)
    low, high, whole = (float(reached >= limit) for limit in (*BAND, 1.0))
    met = None if must is None else float(reached >= must)
    return Forecast(end, end, end, low, high, whole, met, len(known))


def _ahead(
    measure: Measure, span: Span, known: Sequence[Reading], today: date, prior: Prior, phases: Phases
) -> Forecast:
    if measure.kind in ("quota", "keep"):
        ends = (ends_of_quota if measure.kind == "quota" else ends_of_keep)(measure, span, known, today, prior)
        return _said(measure, ends.score, ends.value, known, own_scale=True)
    if measure.kind == "milestone":
        ending = ending_of_steps(measure, own_time(span, (), today), prior)
    else:
        reported = [(one.date, _progress(measure, one)) for one in known if one.value is not None]
        if measure.kind == "average":
            ending = ending_of_mean(span, reported, today, prior)
        else:
            reported = sums(reported) if measure.kind == "cumulative" else reported
            ending = ending_of_way(measure.kind, span, reported, today, prior, phases)
    return _said(measure, ending, ending, known)


def _progress(measure: Measure, reading: Reading) -> float:
    """The reading as a share of the way; of a cumulative, the part of the way it added."""
    value = reading.value or Decimal(0)
    if measure.kind == "cumulative" and measure.start_value:
        value = value + measure.start_value
    share = progress_at(measure, value) or 0.0
    return min(max(share, -FARTHEST), FARTHEST)


def _said(
    measure: Measure, score: Ending, value: Ending | None, known: Sequence[Reading], *, own_scale: bool = False
) -> Forecast:
    p10 = p50 = p90 = None
    if value is not None:
        places = [value.quantile(share) for share in (0.1, 0.5, 0.9)]
        p10, p50, p90 = sorted(places if own_scale else [_in_unit(measure, place) for place in places])
    must = _must_hit(measure)
    low, high, whole = (score.at_least(limit) for limit in (*BAND, 1.0))
    met = None if must is None else score.at_least(must)
    return Forecast(p10, p50, p90, low, high, whole, met, len(known))


def _present(measure: Measure, current: Decimal | None) -> float | None:
    """The current value; what runs from a start stands there until somebody reports."""
    if current is not None:
        return float(current)
    return float(measure.start_value or 0) if measure.kind in ("reach", "cumulative", "coverage") else None


def _must_hit(measure: Measure) -> float | None:
    return None if measure.must_hit_value is None else progress_at(measure, measure.must_hit_value)


def _in_unit(measure: Measure, progress: float) -> float:
    """A place on the scale from 0 to 1 in the key result's own unit."""
    if measure.kind == "coverage":
        return progress * float(measure.population or 0)
    if measure.kind == "milestone":
        return progress * float(sum(step.weight for step in measure.steps))
    start = float(measure.start_value or 0)
    return start + progress * (float(measure.target_value or 0) - start)


def path(
    measure: Measure,
    span: Span,
    readings: Sequence[Reading],
    today: date,
    forecast: Forecast,
    phases: Phases = (),
) -> list[Place]:
    """The likely course from today to the last day, for the fan of a chart; empty where nothing is ahead or said.

    It begins at the present value and ends at the forecast. Between them the middle follows the plan's pace, and the
    range opens as a walk's does, with the root of the way. A quota's period sums have no course: their middle is level.
    """
    if forecast.p10 is None or forecast.p50 is None or forecast.p90 is None or not span.start <= today < span.end:
        return []
    known = [one for one in readings if one.date <= today]
    scored = score_key_result(measure, span, known, today)
    present = _present(measure, scored.current_value)
    now = forecast.p50 if present is None or measure.kind == "quota" else present
    first, days = own_time(span, phases, today), (span.end - today).days
    places = []
    for number in range(days + 1):
        day = date.fromordinal(today.toordinal() + number)
        gone = (own_time(span, phases, day) - first) / (1 - first) if first < 1 else 1.0
        middle = now + gone * (forecast.p50 - now)
        wide = gone**0.5
        low, high = (middle + wide * (edge - forecast.p50) for edge in (forecast.p10, forecast.p90))
        places.append(Place(day, low, middle, high))
    return places
