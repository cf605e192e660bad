"""Readings over time: how often they come, how long it has been silent, and whether anybody will report again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from math import exp
from statistics import median

from objectives.formulas.pace import elapsed_share, phased_pace
from objectives.formulas.scoring import Span

Phases = Sequence[tuple[date, float]]

USUAL_GAP = 7.0
GIVEN_UP = 0.08
"""The share of key results that nobody reports on any more, at any time of a cycle."""
SUREST = 0.99
_DAY = timedelta(days=1)
# A plan that expects nothing for a month does not stop the world: a tenth of time goes by the calendar.
BY_CALENDAR = 0.1


def cadence(days: Sequence[date]) -> float:
    """The usual number of days between two readings, a week where there are too few to tell.

    >>> cadence([date(2026, 4, 1), date(2026, 4, 15), date(2026, 4, 29)])
    14.0
    """
    ordered = sorted(set(days))
    gaps = [(after - before).days for before, after in pairwise(ordered)]
    return float(median(gaps)) if len(gaps) >= 2 else USUAL_GAP


def silent_for_good(days: Sequence[date], since: date, today: date) -> float:
    """The probability, 0–1, that nothing will be reported any more, from how long nothing was.

    A gap as long as usual says nothing; one several times as long says nearly all.
    """
    usual = max(cadence(days), 3.0)
    last = max(days, default=since)
    late = max((today - last).days - 1.5 * usual, 0.0)
    alive = (1 - GIVEN_UP) * exp(-late / (1.5 * usual))
    return min(GIVEN_UP / (GIVEN_UP + alive), SUREST) if late else 0.0


def own_time(span: Span, phases: Phases, day: date) -> float:
    """The day as a share of the way: elapsed, or as the phased plan has it; it never stands still or runs back."""
    elapsed = elapsed_share(span, day)
    if not phases:
        return elapsed
    corners = {span.start - _DAY: 0.0, span.end: 1.0} | dict(phases)
    expected = max([phased_pace(phases, span, day), *(share for on, share in corners.items() if on <= day)])
    return BY_CALENDAR * elapsed + (1 - BY_CALENDAR) * min(expected, 1.0)


def last_report(span: Span, phases: Phases, days: Sequence[date], today: date) -> float:
    """When the cycle's last reading may be expected: a quarter of the usual gap before its end, and after today."""
    before_end = timedelta(days=round(min(cadence(days), 7.0) / 4))
    now = own_time(span, phases, today)
    return max(own_time(span, phases, span.end - before_end), now + (1 - now) / 3)
