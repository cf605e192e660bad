"""What a lever stood at before something was done and afterwards, over the same length of time.

A level (a rate, a price, a stock) is the mean of its weeks, a volume what came in, brought to the lever's own period.
Where nothing was read by the week, whole months are compared. Source: the product's domain notes 2.2, 3.15.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from funnel.formulas.actuals import (
    DAY,
    MONTH,
    WEEK,
    WEEKS_OF_A_MONTH,
    Reading,
    Values,
    first_of,
    last_of,
    monthly,
    months_of_period,
    next_month,
    weekly,
)

MOST_WEEKS, MOST_MONTHS = 26, 6
FEW_READINGS = 3
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Side:
    """The level of one side in the lever's number for its period, None where nothing was read; and on how many
    readings between which days it rests."""

    level: Decimal | None
    readings: int
    first: date
    last: date


@dataclass(frozen=True)
class Levels:
    """A lever before something and since, over as many weeks or months (`span`) on either side."""

    before: Side
    since: Side
    span: str
    length: int

    @property
    def change(self) -> Decimal | None:
        """What the level moved by; None where one side was not read."""
        if self.before.level is None or self.since.level is None:
            return None
        return self.since.level - self.before.level

    @property
    def rests_on_few(self) -> bool:
        return min(self.before.readings, self.since.readings) < FEW_READINGS


def levels_around(
    readings: Sequence[Reading],
    *,
    began: date,
    ended: date,
    today: date,
    period: str,
    months_of_whole: Decimal | int = 12,
) -> Levels | None:
    """The lever over the whole weeks that have passed since `ended`, and over as many before `began`.

    None while no whole week has passed. `period` is the lever's, "" for a level.

    >>> weeks = [Reading(date(2026, 3, 29) + n * timedelta(weeks=1), Decimal(n), WEEK) for n in range(8)]
    >>> found = levels_around(
    ...     weeks, began=date(2026, 4, 20), ended=date(2026, 5, 1), today=date(2026, 5, 20), period="week"
    ... )
    >>> found.length, round(found.before.level, 1), round(found.change, 1), found.rests_on_few
    (2, Decimal('2.5'), Decimal('4.0'), True)
    >>> levels_around(weeks, began=date(2026, 4, 20), ended=date(2026, 5, 18), today=date(2026, 5, 20), period="")
    """
    by_week = between(readings, WEEK, began, ended, today, period, months_of_whole)
    if by_week is not None and by_week.change is not None:
        return by_week
    by_month = between(readings, MONTH, began, ended, today, period, months_of_whole)
    return by_month if by_month is not None and by_month.change is not None else by_week


def between(
    readings: Sequence[Reading],
    span: str,
    began: date,
    ended: date,
    today: date,
    period: str,
    months_of_whole: Decimal | int,
) -> Levels | None:
    """The same counted by weeks or by months; None while none of them has passed."""
    step = by_weeks if span == WEEK else next_month
    most = MOST_WEEKS if span == WEEK else MOST_MONTHS
    running, since = first_of(span, today), step(first_of(span, ended), 1)
    after: list[date] = []
    while len(after) < most and since < running:
        after.append(since)
        since = step(since, 1)
    if not after:
        return None
    start = first_of(span, began)
    before = [step(start, -number) for number in range(len(after), 0, -1)]
    counted = [one for one in readings if span == MONTH or one.span in (DAY, WEEK)]
    values = (weekly if span == WEEK else monthly)(counted, is_volume=bool(period))
    factor = slots_in(span, period, months_of_whole)
    return Levels(
        side_of(counted, values, span, before, factor), side_of(counted, values, span, after, factor), span, len(after)
    )


def by_weeks(monday: date, number: int) -> date:
    return monday + number * timedelta(weeks=1)


def slots_in(span: str, period: str, months_of_whole: Decimal | int) -> Decimal | None:
    """How many weeks or months a volume's period has; None for a level."""
    if not period:
        return None
    months = months_of_period(period, months_of_whole)
    return months * WEEKS_OF_A_MONTH if span == WEEK else months


def side_of(
    readings: Sequence[Reading], values: Values, span: str, slots: Sequence[date], factor: Decimal | None
) -> Side:
    first, last = slots[0], last_of(span, slots[-1])
    read = sum(1 for one in readings if first <= one.date <= last)
    found = [values[slot] for slot in slots if slot in values]
    level: Decimal | None = None
    if found and factor is None:
        level = sum(found, Decimal(0)) / len(found)
    elif found and factor is not None:
        # A week without a reading brought nothing, or is told by the next one; before the first and after the last
        # reading of all nothing is known.
        known = sum(1 for slot in slots if min(values) <= slot <= max(values))
        level = sum(found, Decimal(0)) / known * factor
    return Side(level, read, first, last)
