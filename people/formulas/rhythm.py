"""When a team reports, meets and looks back, and on which days it works.

Source: the product's domain notes 2.3 (an overdue check-in) and 3.5 (weekly or biweekly check-in, monthly review).
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import date, time, timedelta

DAY = timedelta(days=1)
SATURDAY = 5


def monday_of(day: date) -> date:
    """The Monday of the ISO week that holds the day.

    >>> monday_of(date(2027, 1, 3))
    datetime.date(2026, 12, 28)
    """
    return day - day.weekday() * DAY


def week_name(day: date) -> str:
    """The ISO week that holds the day, by the year it belongs to.

    >>> week_name(date(2027, 1, 3))
    '2026-W53'
    """
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02d}"


@dataclass(frozen=True)
class Rhythm:
    """What holds for one team, everything inherited filled in.

    `check_in_weeks` is 1 or 2, weekdays count from Monday, which is 0. `days_off` holds public holidays and what the
    company gives free; weekends are none of it. `review` is biweekly or monthly, `kpi_round` week or month.
    """

    check_in_weeks: int = 1
    weekday: int = 4
    days_off: Container[date] = field(default=frozenset(), compare=False)
    kpi_round: str = "week"
    review: str = "monthly"
    meeting_weekday: int | None = None
    meeting_time: time | None = None
    meeting_minutes: int | None = None

    def is_working_day(self, day: date, chosen: int | None = None) -> bool:
        """Whether people work: no day off, and no weekend unless that very weekday was chosen (the team's, if None).

        >>> rhythm = Rhythm(weekday=5, days_off={date(2026, 5, 6)})
        >>> [rhythm.is_working_day(date(2026, 5, day)) for day in (6, 8, 9, 10)]
        [False, True, True, False]
        """
        chosen = self.weekday if chosen is None else chosen
        return day not in self.days_off and (day.weekday() < SATURDAY or day.weekday() == chosen)

    def working_day(self, day: date, chosen: int | None = None) -> date | None:
        """The weekday `chosen` (the team's, if None) in the ISO week of the day, moved where nobody works on it.

        It moves to the nearest working day before it in that week, else to the nearest after it in that week. None
        where the week has no working day at all.

        >>> golden = {date(2026, 5, 4), date(2026, 5, 5), date(2026, 5, 6)}
        >>> Rhythm(weekday=2, days_off=golden).working_day(date(2026, 5, 8))
        datetime.date(2026, 5, 7)
        >>> Rhythm(weekday=4, days_off={date(2026, 3, 20)}).working_day(date(2026, 3, 16))
        datetime.date(2026, 3, 19)
        """
        chosen = self.weekday if chosen is None else chosen
        monday = monday_of(day)
        before = range(chosen, -1, -1)
        after = range(chosen + 1, 7)
        days = (monday + number * DAY for number in (*before, *after))
        return next((one for one in days if self.is_working_day(one, chosen)), None)

    def meeting_day(self, day: date) -> date | None:
        """The day of the team's meeting in the ISO week of a day; None where it has none or falls on a day off.

        A meeting is not moved by itself: people agree on another day.
        """
        if self.meeting_weekday is None:
            return None
        own = monday_of(day) + self.meeting_weekday * DAY
        return None if own in self.days_off else own
