"""When a goal counts as left alone: two weeks in which people worked and nothing happened for it.

Source: the product's domain notes 3.9 and 3.12 (daily activity is tied to a key result; no activity linked).
"""

from __future__ import annotations

from collections.abc import Container
from datetime import date, timedelta

IDLE_DAYS = 14
WEEK = 7
MOST_DAYS = 6 * IDLE_DAYS


def quiet_since(today: date, days_off: Container[date] = ()) -> date:
    """The day on or before which the last activity must lie for a goal to count as left alone.

    Two weeks back, and one more for each week among them that was off from Monday to Friday, twelve at most in all.

    >>> quiet_since(date(2026, 5, 20))
    datetime.date(2026, 5, 6)
    >>> summer = [date(2026, 8, day) for day in range(10, 15)]
    >>> quiet_since(date(2026, 8, 21), summer)
    datetime.date(2026, 7, 31)
    """
    day, counted, passed = today, 0, 0
    while counted < IDLE_DAYS and passed < MOST_DAYS:
        day -= timedelta(days=1)
        counted += 1
        passed += 1
        if day.weekday() == 0 and all(day + timedelta(days=ahead) in days_off for ahead in range(5)):
            counted -= WEEK
    return day
