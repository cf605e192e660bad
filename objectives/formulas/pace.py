"""Where a key result should be today, where it is heading, and what that means.

Source of every formula and threshold: the product's domain notes 2.3.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from objectives.formulas.scoring import (
    Measure,
    Reading,
    Span,
    check_readings,
    latest_confidence,
    periods_of,
    score_key_result,
)

Number = int | float | Decimal | Fraction

LEVEL_KINDS = frozenset({"keep", "average", "quota"})
# What cannot pass its target: steps done, accounts covered, periods kept.
BOUNDED_KINDS = frozenset({"milestone", "coverage", "quota", "keep"})

COMMITTED_ON_TRACK = 0.95
COMMITTED_AT_RISK = 0.7
LOW_CONFIDENCE = 3
FIRST_DAYS = 7

_DAY = timedelta(days=1)
_STEPS = ("on_track", "at_risk", "off_track")
# 0.21 ÷ 0.35 is 0.6 on paper and a little less in binary; a goal on a limit has reached it.
_TOLERANCE = 1e-9


class PaceRefused(ValueError):
    """A seasonal pattern that says nothing. `code` is twelve_weights, negative_weight or no_weight."""

    def __init__(self, code: str) -> None:
        super().__init__(_SENTENCES[code])
        self.code = code


_SENTENCES = {
    "twelve_weights": "A seasonal pattern has one weight for each month from January to December.",
    "negative_weight": "A month's weight cannot be below 0.",
    "no_weight": "The months of this cycle have no weight at all.",
}


@dataclass(frozen=True)
class HealthInput:
    """All that health looks at.

    `days_elapsed` is 1 on the first day of the cycle; `started` says that there is a check-in (for a milestone, a
    finished step); `overdue` that one is owed since before today.
    """

    intent: str
    kind: str
    landing: float | None
    confidence: int | None = None
    overdue: bool = False
    started: bool = True
    measure_first: bool = False
    closed: bool = False
    days_elapsed: int = FIRST_DAYS + 1
    band_lower: Number = 0.6


@dataclass(frozen=True)
class Standing:
    """A key result read whole: how far, how far by now, where to, how it does."""

    progress: float | None
    score: float | None
    pace: float
    landing: float | None
    health: str


def days_elapsed(span: Span, today: date) -> int:
    """The number of the day in the cycle: 1 on the first, 0 or less before it."""
    return (today - span.start).days + 1


def elapsed_share(span: Span, today: date) -> float:
    """The share of the cycle's days that have begun, within 0–1.

    >>> quarter = Span(date(2026, 4, 1), date(2026, 6, 30))
    >>> [round(elapsed_share(quarter, day), 3) for day in (date(2026, 3, 31), date(2026, 4, 1), date(2026, 6, 30))]
    [0.0, 0.011, 1.0]
    """
    return min(max(days_elapsed(span, today) / days_elapsed(span, span.end), 0.0), 1.0)


def phased_pace(phases: Sequence[tuple[date, float]], span: Span, today: date) -> float:
    """The share expected by today when a plan says how much is due by the end of which days.

    A straight line joins 0 before the first day, the phases in order of date, and 1 on the last day unless a phase
    stands there. Without phases that is the elapsed share. Shares are read within 0–1.

    >>> quarter = Span(date(2026, 4, 1), date(2026, 6, 30))
    >>> phased_pace([(date(2026, 4, 30), 0.5)], quarter, date(2026, 4, 15))
    0.25
    """
    if today < span.start:
        return 0.0
    points = {span.start - _DAY: 0.0, span.end: 1.0}
    points.update({day: min(max(share, 0.0), 1.0) for day, share in phases if day in span})
    line = sorted(points.items())
    for (before, lower), (after, upper) in pairwise(line):
        if today <= after:
            return lower + (upper - lower) * ((today - before).days / (after - before).days)
    return line[-1][1]


def seasonal_phases(span: Span, monthly_weights: Sequence[float]) -> list[tuple[date, float]]:
    """Phases for a cycle whose months weigh differently; weights from January to December, days of a month alike.

    Raises PaceRefused.

    >>> quarter = Span(date(2026, 4, 1), date(2026, 6, 30))
    >>> seasonal_phases(quarter, [0, 0, 0, 1, 1, 2, 0, 0, 0, 0, 0, 0])[:2]
    [(datetime.date(2026, 4, 30), 0.25), (datetime.date(2026, 5, 31), 0.5)]
    """
    if len(monthly_weights) != 12:
        raise PaceRefused("twelve_weights")
    if any(weight < 0 for weight in monthly_weights):
        raise PaceRefused("negative_weight")
    parts = []
    for month in periods_of("month", span):
        first, last = max(month.start, span.start), min(month.end, span.end)
        share_of_month = ((last - first).days + 1) / ((month.end - month.start).days + 1)
        parts.append((last, monthly_weights[month.start.month - 1] * share_of_month))
    total = sum(weight for _, weight in parts)
    if total <= 0:
        raise PaceRefused("no_weight")
    phases, reached = [], 0.0
    for last, weight in parts:
        reached += weight
        phases.append((last, min(reached / total, 1.0)))
    return phases


def key_result_pace(kind: str, span: Span, today: date, phases: Sequence[tuple[date, float]] = ()) -> float:
    """The progress expected by today. Keep, average and quota measure a level: 1 from the first day.

    >>> quarter = Span(date(2026, 4, 1), date(2026, 6, 30))
    >>> key_result_pace("keep", quarter, date(2026, 4, 1)), key_result_pace("keep", quarter, date(2026, 3, 31))
    (1.0, 0.0)
    """
    if kind in LEVEL_KINDS:
        return 1.0 if today >= span.start else 0.0
    return phased_pace(phases, span, today)


def landing(progress: float | None, pace: float | None, *, is_bounded: bool = False) -> float | None:
    """Where progress is heading at this rate: progress ÷ pace. None before the first day and without progress.

    What `is_bounded` heads for 1 at most: a kind that cannot pass its target, and whatever is a mean of scores (an
    objective, a key result that others contribute to).

    >>> landing(0.3, 0.5), landing(0.3, 0), landing(None, 0.5)
    (0.6, None, None)
    >>> landing(0.6, 0.5), landing(0.6, 0.5, is_bounded=True)
    (1.2, 1.0)
    """
    if progress is None or pace is None or pace <= 0:
        return None
    return min(progress / pace, 1.0) if is_bounded else progress / pace


def health(given: HealthInput) -> str:
    """One word for a key result: not_started, measure_first, on_track, at_risk, off_track, overdue or closed.

    Aspirational results are on track from the band's lower limit and at risk from half of it; committed ones and every
    keep from 0.95 and 0.7. A confidence of 3 or less takes it one step down, the first seven days never show worse than
    at risk, and an overdue check-in replaces on track only. What is started but has nothing to be heading from yet (a
    quota before its first counted period) is not started.

    >>> health(HealthInput("aspirational", "reach", 0.65)), health(HealthInput("committed", "reach", 0.65))
    ('on_track', 'off_track')
    >>> health(HealthInput("aspirational", "reach", 0.65, confidence=3))
    'at_risk'
    """
    if given.closed:
        return "closed"
    if given.measure_first:
        return "measure_first"
    if not given.started or given.landing is None:
        return "not_started"
    if given.intent == "committed" or given.kind == "keep":
        limits = (COMMITTED_ON_TRACK, COMMITTED_AT_RISK)
    else:
        limits = (float(given.band_lower), float(given.band_lower) / 2)
    step = sum(given.landing < limit - _TOLERANCE for limit in limits)
    if given.confidence is not None and given.confidence <= LOW_CONFIDENCE:
        step = min(step + 1, 2)
    if given.days_elapsed <= FIRST_DAYS:
        step = min(step, 1)
    if step == 0 and given.overdue:
        return "overdue"
    return _STEPS[step]


def zone(
    value: Number | None, intent: str, band_lower: Number = 0.6, band_upper: Number = 0.7
) -> Literal["below", "in", "above", "none"]:
    """Where a landing or score lies against the stretch band: below, in, above, or none for None.

    A committed result has no band: it is in from 0.95, where it counts as on track, else below, and never above.

    >>> [zone(value, "aspirational") for value in (0.59, 0.6, 0.7, 0.71, None)]
    ['below', 'in', 'in', 'above', 'none']
    >>> [zone(value, "committed") for value in (0.94, 0.95, 1.2)]
    ['below', 'in', 'in']
    """
    if value is None:
        return "none"
    place = float(value)
    if intent == "committed":
        return "below" if place < COMMITTED_ON_TRACK - _TOLERANCE else "in"
    if place < float(band_lower) - _TOLERANCE:
        return "below"
    return "in" if place <= float(band_upper) + _TOLERANCE else "above"


def stand(
    measure: Measure, intent: str, span: Span, readings: Sequence[Reading], today: date, band_lower: Number = 0.6
) -> Standing:
    """A key result as the score calculator answers it: from its measure, cycle and check-ins alone.

    Nobody owes a calculator a check-in, so health is never overdue. Raises MeasureRefused, also for check-ins after
    today or outside the cycle.

    >>> quarter, today = Span(date(2026, 4, 1), date(2026, 6, 30)), date(2026, 5, 15)
    >>> from decimal import Decimal
    >>> said = [Reading(date(2026, 5, 11), Decimal("41"), confidence=7)]
    >>> found = stand(Measure("reach", Decimal(32), Decimal(50)), "aspirational", quarter, said, today)
    >>> found.progress, round(found.pace, 3), round(found.landing, 3), found.health
    (0.5, 0.495, 1.011, 'on_track')
    """
    check_readings(span, readings, today)
    scored = score_key_result(measure, span, readings, today)
    pace = key_result_pace(measure.kind, span, today)
    heading = landing(scored.progress, pace, is_bounded=measure.kind in BOUNDED_KINDS)
    found = health(
        HealthInput(
            intent=intent,
            kind=measure.kind,
            landing=heading,
            confidence=latest_confidence(readings, today),
            started=bool(readings) or any(step.done for step in measure.steps),
            measure_first=measure.measure_first,
            days_elapsed=days_elapsed(span, today),
            band_lower=band_lower,
        )
    )
    return Standing(scored.progress, scored.score, pace, heading, found)
