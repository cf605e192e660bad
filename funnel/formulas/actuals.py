"""What levers really were: readings of days, weeks and months brought to months, weeks and a lever's own period.

A lever with a period is a volume: what is read on a day came in since the reading before, and days add up. A lever
without one is a level (a rate, a price, a stock): a month's value is the mean of what was read in it. Of both, what
is written for a whole week or month counts instead of everything read inside it. An ISO week belongs to the month of
its Thursday. Source: the product's domain notes 2.2, 2.4.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

DAY, WEEK, MONTH = "", "week", "month"
QUARTER, YEAR, WHOLE = "quarter", "year", "whole"
MONTHS_OF_A_YEAR = 12
# 365.25 days make 12 months of 30.4375 days.
WEEKS_OF_A_MONTH = Decimal("30.4375") / 7
_ONE_DAY = timedelta(days=1)

Values = Mapping[date, Decimal]


@dataclass(frozen=True)
class Reading:
    """What was read on a day, or for the whole week or month that holds it. `by_hand` outweighs what a check-in told
    of the same week or month; among equals the later counts, and of one day the one with the higher `order`.
    """

    date: date
    value: Decimal
    span: str = DAY
    by_hand: bool = True
    order: int = 0


# Weeks and months


def week_of(day: date) -> date:
    """The Monday of the ISO week."""
    return day - day.weekday() * _ONE_DAY


def month_of(day: date) -> date:
    """The first day of the month."""
    return day.replace(day=1)


def month_of_week(day: date) -> date:
    """The first day of the month to which a day's ISO week belongs: that of its Thursday.

    >>> month_of_week(date(2026, 4, 30)), month_of_week(date(2027, 1, 1))
    (datetime.date(2026, 4, 1), datetime.date(2026, 12, 1))
    """
    return month_of(week_of(day) + 3 * _ONE_DAY)


def next_month(first: date, number: int = 1) -> date:
    """The first day of the month `number` months later, earlier where it is negative."""
    month = first.year * 12 + first.month - 1 + number
    return date(month // 12, month % 12 + 1, 1)


def first_of(span: str, day: date) -> date:
    """The first day of the week or month that holds a day; the day itself for no span."""
    return week_of(day) if span == WEEK else month_of(day) if span == MONTH else day


def last_of(span: str, day: date) -> date:
    """The last day of the week or month that holds a day; the day itself for no span.

    >>> last_of(WEEK, date(2026, 5, 20)), last_of(MONTH, date(2028, 2, 3))
    (datetime.date(2026, 5, 24), datetime.date(2028, 2, 29))
    """
    if span == WEEK:
        # The calendar ends on a Friday.
        return week_of(day) + min(6 * _ONE_DAY, date.max - week_of(day))
    return day.replace(day=monthrange(day.year, day.month)[1]) if span == MONTH else day


def months_between(first: date, last: date) -> list[date]:
    """The first days of the months from that of one day to that of another."""
    count = (last.year - first.year) * 12 + last.month - first.month
    return [next_month(month_of(first), number) for number in range(count + 1)]


def weeks_between(first: date, last: date) -> list[date]:
    """The Mondays from the week of one day to that of another."""
    monday = week_of(first)
    return [monday + 7 * number * _ONE_DAY for number in range((week_of(last) - monday).days // 7 + 1)]


# From readings to months and weeks


def written(readings: Iterable[Reading], span: str) -> dict[date, Reading]:
    """What counts of the readings for whole weeks or whole months, under their first days."""
    chosen: dict[date, Reading] = {}
    for reading in sorted(readings, key=lambda one: (one.by_hand, one.date, one.order)):
        if reading.span == span:
            chosen[first_of(span, reading.date)] = reading
    return chosen


def weekly(readings: Sequence[Reading], *, is_volume: bool) -> dict[date, Decimal]:
    """The value of each week with readings, under its Monday. What is written for a month says nothing of its weeks.

    >>> day = lambda text, value: Reading(date.fromisoformat(text), Decimal(value))
    >>> weekly([day("2026-05-18", 5), day("2026-05-20", 7)], is_volume=True)
    {datetime.date(2026, 5, 18): Decimal('12')}
    """
    found = _gathered(((week_of(one.date), one.value) for one in readings if one.span == DAY), is_volume)
    found |= {monday: one.value for monday, one in written(readings, WEEK).items()}
    return dict(sorted(found.items()))


def monthly(readings: Sequence[Reading], *, is_volume: bool) -> dict[date, Decimal]:
    """The value of each month with readings, under its first day.

    >>> read = [Reading(date(2026, 5, 8), Decimal(30)), Reading(date(2026, 5, 15), Decimal(50)),
    ...     Reading(date(2026, 5, 17), Decimal(90), WEEK)]
    >>> monthly(read, is_volume=True)  # the week of the 11th counts instead of the 15th
    {datetime.date(2026, 5, 1): Decimal('120')}
    >>> monthly(read, is_volume=False)
    {datetime.date(2026, 5, 1): Decimal('60')}
    >>> monthly([*read, Reading(date(2026, 5, 31), Decimal(500), MONTH)], is_volume=True)
    {datetime.date(2026, 5, 1): Decimal('500')}
    """
    weeks = written(readings, WEEK)
    parts = [(month_of_week(monday), one.value) for monday, one in weeks.items()]
    parts += [(month_of(one.date), one.value) for one in readings if one.span == DAY and week_of(one.date) not in weeks]
    found = _gathered(parts, is_volume)
    found |= {first: one.value for first, one in written(readings, MONTH).items()}
    return dict(sorted(found.items()))


def _gathered(parts: Iterable[tuple[date, Decimal]], is_volume: bool) -> dict[date, Decimal]:
    lists: dict[date, list[Decimal]] = {}
    for first, value in parts:
        lists.setdefault(first, []).append(value)
    return {
        first: sum(values, Decimal(0)) / (1 if is_volume else len(values)) for first, values in lists.items() if values
    }


# A lever's own period


def months_of_period(period: str, months_of_whole: Decimal | int = MONTHS_OF_A_YEAR) -> Decimal:
    """How many months a lever's period has; `months_of_whole` are those of the KGI.

    >>> months_of_period(QUARTER), months_of_period(WHOLE, 18), round(months_of_period(WEEK), 4)
    (Decimal('3'), Decimal('18'), Decimal('0.2300'))
    """
    if period == WEEK:
        return 1 / WEEKS_OF_A_MONTH
    return Decimal({MONTH: 1, QUARTER: 3, YEAR: MONTHS_OF_A_YEAR}.get(period, months_of_whole))


def ended(months: Values, *, start: date | None, today: date) -> dict[date, Decimal]:
    """The months of a period that are over: from that of its first day to the last one before today's."""
    first = month_of(start) if start else date.min
    return {month: value for month, value in months.items() if first <= month < month_of(today)}


def actual(
    months: Values,
    *,
    period: str,
    start: date | None,
    today: date,
    months_of_whole: Decimal | int = MONTHS_OF_A_YEAR,
    weights: Sequence[Decimal] | None = None,
) -> Decimal | None:
    """What a lever is, counted as its targets are, at the pace of the KGI's period so far; None where nothing is read.

    Of a volume: the mean of the ended months times the months of its period. `weights`, one for each month from
    January to December, take the season out of that mean. Of a level: the mean of the ended months, or where none has
    ended, the running one.

    >>> months = {date(2026, 4, 1): Decimal(100), date(2026, 5, 1): Decimal(140), date(2026, 6, 1): Decimal(30)}
    >>> actual(months, period=YEAR, start=date(2026, 4, 1), today=date(2026, 6, 10))
    Decimal('1440')
    >>> actual(months, period="", start=date(2026, 6, 1), today=date(2026, 6, 10))
    Decimal('30')
    """
    over = ended(months, start=start, today=today)
    if not period:
        over = over or {month: value for month, value in months.items() if month == month_of(today)}
        return sum(over.values(), Decimal(0)) / len(over) if over else None
    shares = sum((relative_weight(month, weights) for month in over), Decimal(0))
    if not shares:
        return None
    return sum(over.values(), Decimal(0)) / shares * months_of_period(period, months_of_whole)


def relative_weight(month: date, weights: Sequence[Decimal] | None) -> Decimal:
    """What a month brings beside the mean month: 1 where no season is known."""
    if not weights or not sum(weights):
        return Decimal(1)
    return Decimal(weights[month.month - 1]) * len(weights) / sum(weights)


def legible(value: float) -> float:
    """A mean as people say it: whole from a hundred, with three figures below.

    >>> legible(10_114.29), legible(19.264), legible(0.020857)
    (10114, 19.3, 0.0209)
    """
    return round(value) if abs(value) >= 100 else float(f"{value:.3g}")
