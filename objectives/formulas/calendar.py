"""Fiscal years and quarters, and which cycle comes next.

A fiscal year carries the number of the calendar year it begins in: with April as the first month, 1 April 2026 opens
FY2026 and FY2026 Q1. Source: the product's domain notes 3.20.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from funnel.formulas.fiscal import fiscal_year as days_of_fiscal_year
from objectives.formulas.scoring import Span

_DAY = timedelta(days=1)
_HALF_A_QUARTER = timedelta(days=45)
_LONGEST_QUARTER = 130
_MOST_SHIFT = 21


class CalendarRefused(ValueError):
    """A first month that is none."""

    def __init__(self) -> None:
        super().__init__("A fiscal year starts in a month from 1 to 12.")


@dataclass(frozen=True)
class Suggestion:
    """A cycle to plan: its name and its first and last day, both of which belong to it."""

    name: str
    start: date
    end: date


def fiscal_year(day: date, first_month: int) -> Suggestion:
    """The fiscal year a day belongs to. `first_month` is 1–12; raises CalendarRefused.

    >>> fiscal_year(date(2027, 3, 31), 4)
    Suggestion(name='FY2026', start=datetime.date(2026, 4, 1), end=datetime.date(2027, 3, 31))
    >>> fiscal_year(date(2027, 3, 31), 1).name
    'FY2027'
    """
    _check(first_month)
    start, end = days_of_fiscal_year(day, first_month)
    return Suggestion(f"FY{start.year}", start, end)


def fiscal_quarter(day: date, first_month: int) -> Suggestion:
    """The quarter of the fiscal year a day belongs to. `first_month` is 1–12; raises CalendarRefused.

    >>> fiscal_quarter(date(2026, 5, 20), 4)
    Suggestion(name='FY2026 Q1', start=datetime.date(2026, 4, 1), end=datetime.date(2026, 6, 30))
    >>> fiscal_quarter(date(2027, 1, 1), 4).name, fiscal_quarter(date(2027, 1, 1), 10).name
    ('FY2026 Q4', 'FY2026 Q2')
    """
    _check(first_month)
    year, _end = days_of_fiscal_year(day, first_month)
    number = (day.month - first_month) % 12 // 3
    start, end = _months_after(year, 3 * number), _months_after(year, 3 * number + 3) - _DAY
    return Suggestion(f"FY{year.year} Q{number + 1}", start, end)


def next_quarter(planned: Iterable[Span], taken: Collection[str], today: date, first_month: int) -> Suggestion:
    """The quarter to plan next: the one after the last that is planned, or today's where none is.

    A company that counts whole weeks goes on doing so: its next cycle begins on the day after the last and is as long,
    named after the quarter in which its middle lies. Otherwise the next cycle is the fiscal quarter, begun on the day
    after the last where the two lie close. Cycles of half a year and more are passed over. `taken` are the names in
    use: a quarter named already gives way to the one after it. Raises CalendarRefused.

    >>> next_quarter([], [], date(2026, 5, 20), 4).name
    'FY2026 Q1'
    >>> next_quarter([Span(date(2026, 4, 1), date(2026, 6, 30))], ["FY2026 Q1"], date(2026, 5, 20), 4)
    Suggestion(name='FY2026 Q2', start=datetime.date(2026, 7, 1), end=datetime.date(2026, 9, 30))
    >>> thirteen_weeks = Span(date(2026, 4, 6), date(2026, 7, 5))
    >>> next_quarter([thirteen_weeks], ["FY2026 Q1"], date(2026, 5, 20), 4)
    Suggestion(name='FY2026 Q2', start=datetime.date(2026, 7, 6), end=datetime.date(2026, 10, 4))
    """
    last = max((span for span in planned if _days(span) <= _LONGEST_QUARTER), key=lambda span: span.end, default=None)
    if last is None:
        quarter = fiscal_quarter(today, first_month)
    else:
        quarter = _following(last, first_month)
    while quarter.name in taken:
        quarter = _following(Span(quarter.start, quarter.end), first_month)
    return quarter


def _following(last: Span, first_month: int) -> Suggestion:
    own = fiscal_quarter(last.start + _HALF_A_QUARTER, first_month)
    after = last.end + _DAY
    if _days(last) % 7 == 0 and (last.start, last.end) != (own.start, own.end):
        length = timedelta(days=_days(last))
        return Suggestion(fiscal_quarter(after + length / 2, first_month).name, after, last.end + length)
    quarter = fiscal_quarter(after + _HALF_A_QUARTER, first_month)
    if abs((after - quarter.start).days) <= _MOST_SHIFT:
        quarter = Suggestion(quarter.name, after, quarter.end)
    return quarter


def _days(span: Span) -> int:
    return (span.end - span.start).days + 1


def next_year(taken: Collection[str], today: date, first_month: int) -> Suggestion:
    """The fiscal year to plan next: today's, or the first after it whose name is not taken. Raises CalendarRefused.

    >>> next_year(["FY2026"], date(2026, 5, 20), 4)
    Suggestion(name='FY2027', start=datetime.date(2027, 4, 1), end=datetime.date(2028, 3, 31))
    """
    year = fiscal_year(today, first_month)
    while year.name in taken:
        year = fiscal_year(year.end + _DAY, first_month)
    return year


def _check(first_month: int) -> None:
    if not 1 <= first_month <= 12:
        raise CalendarRefused


def _months_after(first: date, months: int) -> date:
    """The first of the month that many months after the first of a month."""
    month = first.month - 1 + months
    return date(first.year + month // 12, month % 12 + 1, 1)
