"""The days in which a lever works for a period: what was read in them, and what is left.

A volume is planned as a total over the period, spread by the months' weights; a level (a rate, a price) as its mean.
Where a lever works with a lead time, its days count earlier by it: what happens in the last days comes too late.
Months are compared with the season taken out of them: as though they were months of mean weight. All days inclusive.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import NamedTuple

from funnel.formulas.actuals import (
    MONTH,
    WHOLE,
    last_of,
    month_of,
    months_between,
    months_of_period,
    next_month,
)
from funnel.formulas.planning import PlanRefused, Weight, months_in, months_share

Number = int | float | Decimal | Fraction
Months = Mapping[date, Number]

LONGEST_LEAD_TIME = 3660
ONE_DAY = timedelta(days=1)


class Whole(NamedTuple):
    """A month as a whole: what it brought, and its weight."""

    month: date
    value: Fraction
    weight: Fraction


class Span(NamedTuple):
    """Days of one month; `value` is what was read of them."""

    first: date
    last: date
    value: Fraction = Fraction(0)


class Plan:
    """A lever's days: those of the period, earlier by the lead time. Raises PlanRefused."""

    def __init__(
        self,
        start: date,
        end: date,
        today: date,
        actuals: Months,
        *,
        is_volume: bool,
        weights: Sequence[Weight] | None,
        lead_days: int = 0,
    ) -> None:
        if not 0 <= lead_days <= LONGEST_LEAD_TIME:
            raise PlanRefused("lead_time", "lead_days")
        self.is_volume = is_volume
        self.weights = weights if is_volume else None
        months_share(start, end, start, end, self.weights)
        self.start, self.end, self.today = start, end, today
        self.lead = timedelta(days=lead_days)
        self.first, self.last = start - self.lead, end - self.lead
        self.actuals = {month: exact(value) for month, value in sorted(actuals.items()) if month <= today}
        self.running = month_of(today)
        self.months = months_in(start, end)
        self.whole = self.weight(self.first, self.last)
        self.mean_weight = self.whole / self.months

    def weight(self, first: date, last: date) -> Fraction:
        """The weight of the lever's days in the months they work for."""
        return _weight(first + self.lead, last + self.lead, self.weights)

    def left(self) -> list[Span]:
        """The months, or parts of them, that still count: from tomorrow, or from the running month where it was not
        read.
        """
        begin = max(self.today + ONE_DAY if self.running in self.actuals else self.running, self.first)
        return self._months(begin, self.last)

    def before(self) -> list[Span]:
        """What counts before the period, because of the lead time, and was not read."""
        return [span for span in self._months(self.first, self.start - ONE_DAY) if _month(span) not in self.actuals]

    def read(self) -> Iterator[Span]:
        """The read months, or parts of them, that count. A part of a volume's month brought its share of the days."""
        for month, value in self.actuals.items():
            until = min(last_of(MONTH, month), self.today)
            first, last = max(month, self.first), min(until, self.last)
            if first <= last:
                share = Fraction(_days(first, last), _days(month, until)) if self.is_volume else 1
                yield Span(first, last, value * share)

    def past(self) -> list[Whole]:
        """The whole months read before the running one; to a level all weigh the same."""
        months = [month for month in self.actuals if month < self.running]
        whole = [Whole(month, self.actuals[month], self._weight_of_month(month)) for month in months]
        return [one for one in whole if one.weight]

    def past_of_period(self) -> list[Whole]:
        return [one for one in self.past() if self.start <= one.month and last_of(MONTH, one.month) <= self.end]

    def unread(self) -> tuple[date, ...]:
        """The months of the period that are over and without an actual."""
        over = months_between(self.start, min(self.end, next_month(self.running, -1)))
        return tuple(month for month in over if month not in self.actuals)

    def per_month(self, value: Fraction, weight: Fraction) -> Fraction:
        """What a month of mean weight brings where days of this weight bring this value."""
        return value / weight * self.mean_weight

    def _weight_of_month(self, month: date) -> Fraction:
        return self.weight(month, last_of(MONTH, month)) if self.is_volume else self.mean_weight

    def _months(self, first: date, last: date) -> list[Span]:
        if last < first:
            return []
        months = months_between(first, last)
        return [Span(max(month, first), min(last_of(MONTH, month), last)) for month in months]


def periods_in(period: str, start: date, end: date) -> Fraction:
    """How many of a lever's own periods (week, month, quarter, year, whole) the KGI's period has.

    A target counted by it times this is the period's total; a landing `times` 1 ÷ this is counted as the target is.

    >>> year = date(2026, 4, 1), date(2027, 3, 31)
    >>> periods_in("month", *year), periods_in("quarter", *year), periods_in("whole", *year)
    (Fraction(12, 1), Fraction(4, 1), Fraction(1, 1))
    """
    months = months_in(start, end)
    return Fraction(1) if period == WHOLE else months / Fraction(months_of_period(period))


def exact(number: Number) -> Fraction:
    if isinstance(number, float):
        if not isfinite(number):
            raise ValueError("This is not a finite number.")
        return Fraction(repr(number))
    return Fraction(number)


def months_of(span: Span) -> Fraction:
    return months_in(span.first, span.last)


def _month(span: Span) -> date:
    return month_of(span.first)


def _days(first: date, last: date) -> int:
    return (last - first).days + 1


def _weight(first: date, last: date, weights: Sequence[Weight] | None) -> Fraction:
    """The months' weights from one day to another, as a share of a year's."""
    if last < first:
        return Fraction(0)
    years = range(first.year, last.year + 1)
    shares = (months_share(date(year, 1, 1), date(year, 12, 31), first, last, weights) for year in years)
    return sum(shares, Fraction(0))
