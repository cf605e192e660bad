"""Health KPIs: numbers that are to stay inside a corridor. Their pass mark is 100 %, and more is no merit.

A period is an ISO week, known by its Monday, or a calendar month, known by its first day. Periods without a reading
stay missing: they are neither inside nor outside. Source: the product's domain notes, section 3, practice 5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import combinations
from statistics import median

from funnel.formulas.actuals import MONTH, first_of, last_of, month_of, months_between, next_month, weeks_between

MOST = Decimal(2)
"""Where attainment ends: beyond twice the mark a health KPI has nothing more to tell."""
DAYS_OF_GRACE = 2
TREND_PERIODS, FEWEST_READINGS = 6, 3
LEAST_AGREEMENT, LEAST_CHANGE, LEAST_SCALE = Decimal("0.75"), Decimal("0.2"), Decimal("0.01")


class Side(StrEnum):
    """Where a value lies as seen from the corridor."""

    INSIDE = "inside"
    BELOW = "below"
    ABOVE = "above"


class Trend(StrEnum):
    """Where the values are going: not up or down, but further from or nearer to the marks that hold them."""

    BETTER = "better"
    WORSE = "worse"
    STEADY = "steady"


@dataclass(frozen=True)
class Corridor:
    """At least `lower`, at most `upper`, or between both; at least one of the two is given."""

    lower: Decimal | None = None
    upper: Decimal | None = None

    def side(self, value: Decimal) -> Side:
        """A value on a mark is inside.

        >>> [Corridor(Decimal(20), Decimal(45)).side(Decimal(days)).value for days in (19, 20, 46)]
        ['below', 'inside', 'above']
        """
        if self.lower is not None and value < self.lower:
            return Side.BELOW
        return Side.ABOVE if self.upper is not None and value > self.upper else Side.INSIDE

    def holds(self, value: Decimal) -> bool:
        return self.side(value) is Side.INSIDE

    def attainment(self, value: Decimal) -> Decimal | None:
        """How much of the mark a value reaches, 0 to 2; at least 1 where it is inside, less outside.

        At least: value ÷ lower. At most: upper ÷ value. Between: 1 inside, else by the mark that is missed. Twice the
        mark is the end of it, and what an "at most" reaches with a value of 0 or less. A mark of 0 or less has no
        shares: inside is 1, outside None.

        >>> to_rise, to_fall = Corridor(lower=Decimal(95)), Corridor(upper=Decimal(1))
        >>> to_rise.attainment(Decimal("76")), to_fall.attainment(Decimal("1.25")), to_fall.attainment(Decimal(0))
        (Decimal('0.8'), Decimal('0.8'), Decimal('2'))
        >>> between = Corridor(Decimal(20), Decimal(45))
        >>> [between.attainment(Decimal(days)) for days in (15, 30, 60)]
        [Decimal('0.75'), Decimal('1'), Decimal('0.75')]
        >>> Corridor(upper=Decimal(0)).attainment(Decimal(3)), Corridor(lower=Decimal(-5)).attainment(Decimal(0))
        (None, Decimal('1'))
        """
        side = self.side(value)
        is_between = self.lower is not None and self.upper is not None
        if side is Side.INSIDE and is_between:
            return Decimal(1)
        by_lower = side is Side.BELOW or self.upper is None
        mark = self.lower if by_lower else self.upper
        if mark is None or mark <= 0:
            return Decimal(1) if side is Side.INSIDE else None
        if by_lower:
            return min(max(value, Decimal(0)) / mark, MOST)
        return MOST if value * MOST <= mark else mark / value

    def room(self, value: Decimal) -> Decimal:
        """How far a value lies inside the nearest mark, in the KPI's unit; negative outside."""
        rooms = []
        if self.lower is not None:
            rooms.append(value - self.lower)
        if self.upper is not None:
            rooms.append(self.upper - value)
        return min(rooms)

    @property
    def width(self) -> Decimal | None:
        """From mark to mark; None where there is only one."""
        return None if self.lower is None or self.upper is None else self.upper - self.lower


def run_outside(values: Sequence[Decimal | None], corridor: Corridor) -> int:
    """How many periods in a row, up to the last reading, were outside; `values` are a period each, oldest first.

    Periods after the last reading are left aside. One that is missing in between ends the row: what nobody read is
    not told to have been outside.

    >>> at_most_one = Corridor(upper=Decimal(1))
    >>> [run_outside([None if v is None else Decimal(v) for v in row], at_most_one)
    ...     for row in ([0, 2, 3, None], [2, None, 3], [2, 1], [])]
    [2, 1, 0, 0]
    """
    count = 0
    read = list(values)
    while read and read[-1] is None:
        read.pop()
    for value in reversed(read):
        if value is None or corridor.holds(value):
            break
        count += 1
    return count


def trend(values: Sequence[Decimal | None], corridor: Corridor) -> Trend | None:
    """Where the last six periods are going as seen from the corridor; None with fewer than three readings.

    The slope is Theil and Sen's: the median of the slopes between all pairs of readings, of how far each lies inside
    its nearest mark. It counts as better or worse when three of four pairs agree on it, and when it comes to a fifth
    of the corridor over these periods. As wide as the corridor counts its width; with one mark the usual distance
    from it, and at least a hundredth of it.

    >>> falling = [Decimal(text) for text in ("99.1", "98.4", "98.6", "97.2", "96.5", "95.8")]
    >>> trend(falling, Corridor(lower=Decimal(95))).value, trend(falling, Corridor(upper=Decimal(99))).value
    ('worse', 'better')
    >>> trend([Decimal(31), None, Decimal(33), Decimal(32)], Corridor(Decimal(20), Decimal(45))).value
    'steady'
    """
    latest = values[-TREND_PERIODS:]
    points = [(place, corridor.room(value)) for place, value in enumerate(latest) if value is not None]
    if len(points) < FEWEST_READINGS:
        return None
    slopes = [(after - before) / (later - earlier) for (earlier, before), (later, after) in combinations(points, 2)]
    slope = median(slopes)
    agreeing = sum(1 for each in slopes if each * slope > 0)
    change = abs(slope) * (points[-1][0] - points[0][0])
    if agreeing < LEAST_AGREEMENT * len(slopes) or change < LEAST_CHANGE * scale_of(points, corridor):
        return Trend.STEADY
    return Trend.BETTER if slope > 0 else Trend.WORSE


def scale_of(points: Sequence[tuple[int, Decimal]], corridor: Corridor) -> Decimal:
    """What a change is compared with."""
    if corridor.width is not None:
        return corridor.width
    mark = corridor.lower if corridor.lower is not None else corridor.upper
    return max(median(abs(room) for _place, room in points), abs(mark or Decimal(0)) * LEAST_SCALE)


# Weeks and months


def periods_between(period: str, first: date, last: date) -> list[date]:
    """The first days of all weeks or months from that of one day to that of another.

    >>> [day.isoformat() for day in periods_between("week", date(2026, 12, 30), date(2027, 1, 5))]
    ['2026-12-28', '2027-01-04']
    """
    if period == MONTH:
        return months_between(first, last)
    return weeks_between(first, last)


def periods_until(period: str, day: date, count: int) -> list[date]:
    """The `count` weeks or months up to the one that holds a day, oldest first.

    >>> [first.isoformat() for first in periods_until("month", date(2026, 1, 31), 3)]
    ['2025-11-01', '2025-12-01', '2026-01-01']
    """
    return [step(period, day, back) for back in range(1 - count, 1)]


def step(period: str, day: date, number: int) -> date:
    """The first day of the week or month `number` later than the one that holds a day."""
    if period == MONTH:
        return next_month(month_of(day), number)
    return first_of(period, day) + timedelta(weeks=number)


def is_owed(period: str, first: date, *, today: date, since: date) -> bool:
    """Whether a reading of a period is to be there by now: two days after its end. Nothing is owed of periods that
    had ended when the KPI began.

    >>> [is_owed("week", date(2026, 5, 11), today=date(2026, 5, day), since=date(2026, 5, 1)) for day in (18, 19)]
    [False, True]
    """
    end = last_of(period, first)
    return since <= end and end + timedelta(days=DAYS_OF_GRACE) <= today


@dataclass(frozen=True)
class Course:
    """The readings of a KPI over a row of periods, oldest first, and what they say."""

    corridor: Corridor
    periods: tuple[date, ...]
    values: tuple[Decimal | None, ...]

    @classmethod
    def of(cls, corridor: Corridor, periods: Sequence[date], read: Mapping[date, Decimal]) -> Course:
        return cls(corridor, tuple(periods), tuple(read.get(first) for first in periods))

    @property
    def last(self) -> tuple[date, Decimal] | None:
        """The last period with a reading, and what was read."""
        pairs = zip(reversed(self.periods), reversed(self.values), strict=True)
        return next(((first, value) for first, value in pairs if value is not None), None)

    @property
    def run(self) -> int:
        return run_outside(self.values, self.corridor)

    @property
    def is_outside(self) -> bool:
        """Whether the last reading is."""
        return self.run > 0

    @property
    def outside_since(self) -> date | None:
        """The first period of the row that is outside up to the last reading."""
        if not self.run or self.last is None:
            return None
        return self.periods[self.periods.index(self.last[0]) - self.run + 1]

    @property
    def trend(self) -> Trend | None:
        return trend(self.values, self.corridor)

    def last_values(self, count: int) -> list[tuple[date, Decimal | None]]:
        return list(zip(self.periods, self.values, strict=True))[-count:]
