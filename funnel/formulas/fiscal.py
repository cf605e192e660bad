"""The fiscal year a day belongs to. Source: the product's domain notes 3.20."""

from calendar import monthrange
from datetime import date


def fiscal_year(day: date, first_month: int = 4) -> tuple[date, date]:
    """First and last day of the fiscal year that holds a day; `first_month` 1–12.

    >>> fiscal_year(date(2026, 5, 20)), fiscal_year(date(2026, 3, 31)), fiscal_year(date(2026, 5, 20), 1)
    ((datetime.date(2026, 4, 1), datetime.date(2027, 3, 31)), (datetime.date(2025, 4, 1), datetime.date(2026, 3, 31)),
     (datetime.date(2026, 1, 1), datetime.date(2026, 12, 31)))
    """
    year = day.year if day.month >= first_month else day.year - 1
    last_month = (first_month - 2) % 12 + 1
    last_year = year if first_month == 1 else year + 1
    return date(year, first_month, 1), date(last_year, last_month, monthrange(last_year, last_month)[1])
