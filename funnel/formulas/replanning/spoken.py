"""Where a lever is heading by what key results say of it.

What was read stays; until the key results end it goes where they are going, and from then on it goes on so, the less
sure the longer. Source: the product's domain notes 2.2, 2.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import hypot, sqrt

from funnel.formulas.planning import PlanRefused, Weight
from funnel.formulas.replanning.days import ONE_DAY, Months, Number, Plan, months_of
from funnel.formulas.replanning.landings import Landing

TENTH = 1.2815515655446004
"""How many standard deviations the tenth lies below the mean of a normal distribution."""
SHORTEST_LOOK = 0.25
"""Months: however soon a key result ends, it was looked at for a week."""


@dataclass(frozen=True)
class Guess:
    """A number that lies with 80 % between `p10` and `p90`."""

    p10: float
    p50: float
    p90: float

    def times(self, factor: float) -> Guess:
        """`factor` > 0."""
        return Guess(self.p10 * factor, self.p50 * factor, self.p90 * factor)

    def narrowed(self, factor: float) -> Guess:
        """The same middle, with the range times `factor`."""
        below, above = ((edge - self.p50) * factor for edge in (self.p10, self.p90))
        return Guess(self.p50 + below, self.p50, self.p50 + above)

    def midway(self, start: float) -> Guess:
        """The mean of the way there from a number that is known."""
        return Guess(*((start + value) / 2 for value in (self.p10, self.p50, self.p90)))


@dataclass(frozen=True)
class Course:
    """What a key result says of a lever: `meanwhile` from tomorrow to its last day `until`, `then` from there on.

    Of a volume both are what a month of mean weight brings, of a level where it stands on average.
    """

    until: date
    meanwhile: Guess
    then: Guess


def spoken_landing(
    *,
    start: date,
    end: date,
    today: date,
    actuals: Months,
    courses: Sequence[Course],
    is_volume: bool = True,
    monthly_weights: Sequence[Weight] | None = None,
    minimum: Number | None = None,
    maximum: Number | None = None,
) -> Landing:
    """Where a lever lands when the days left go as `courses` say: of several the volumes are added up, and the first
    of a level counts. All of one key result's guesses rise and fall together; several are independent.

    A sum that is heading for 40 to 60 a month until the end of June, of a year that has brought 30 in April and May
    each: twelve months of it are ten of the course and the sixty.

    >>> told = spoken_landing(start=date(2026, 4, 1), end=date(2027, 3, 31), today=date(2026, 5, 31),
    ...     actuals={date(2026, 4, 1): 30, date(2026, 5, 1): 30},
    ...     courses=[Course(date(2026, 6, 30), Guess(40, 50, 60), Guess(40, 50, 60))])
    >>> told.expected, round(told.p10), round(told.p90)
    (560.0, 370, 750)
    """
    if not courses:
        raise ValueError("A lever of which nothing is said lands nowhere.")
    plan = Plan(start, end, today, actuals, is_volume=is_volume, weights=monthly_weights)
    read = list(plan.read())
    told = [part_of(plan, course) for course in (courses if is_volume else courses[:1])]
    if is_volume:
        done = float(sum((span.value for span in read), Fraction(0)))
        whole = 1.0
    else:
        done = float(sum((months_of(span) * span.value for span in read), Fraction(0)))
        whole = float(plan.months)
    expected = (done + sum(part.p50 for part in told)) / whole
    below = hypot(*(part.p50 - part.p10 for part in told)) / whole
    above = hypot(*(part.p90 - part.p50 for part in told)) / whole
    least, most = (None if limit is None else float(limit) for limit in (minimum, maximum))
    if all(value >= 0 for value in plan.actuals.values()) and expected >= 0:
        least = max(least or 0.0, done if is_volume else 0.0)
    least = None if least is None else min(least, expected)
    most = None if most is None else max(most, expected)
    return Landing(
        expected=expected,
        p10=expected - below if least is None else max(expected - below, least),
        p90=expected + above if most is None else min(expected + above, most),
        sd=(below + above) / 2 / TENTH,
        rate=courses[0].then.p50,
        months=len(read),
        least=least,
        most=most,
        unread=plan.unread(),
    )


def part_of(plan: Plan, course: Course) -> Guess:
    """What the days of the period without an actual bring, those of a level times their months."""
    left = left_of(plan)
    soon = min(months_between(plan, plan.today + ONE_DAY, course.until), left)
    later = left - soon
    look = max(soon, SHORTEST_LOOK)
    # A walk that has wandered so far by `until` wanders on: the mean of its later steps is the less sure.
    wander = sqrt(1 + later / (3 * look)) if later else 1.0
    middle = soon * course.meanwhile.p50 + later * course.then.p50

    def at(meanwhile: float, then: float) -> float:
        return middle + soon * (meanwhile - course.meanwhile.p50) + later * wander * (then - course.then.p50)

    return Guess(at(course.meanwhile.p10, course.then.p10), middle, at(course.meanwhile.p90, course.then.p90))


def left_of(plan: Plan) -> float:
    """The months of mean weight of which nothing was read."""
    if not plan.is_volume:
        return max(float(plan.months - sum((months_of(span) for span in plan.read()), Fraction(0))), 0.0)
    covered = sum((plan.weight(span.first, span.last) for span in plan.read()), Fraction(0))
    return max(float((plan.whole - covered) / plan.mean_weight), 0.0)


def months_between(plan: Plan, first: date, last: date) -> float:
    """How many months of mean weight some days of the period are."""
    first, last = max(first, plan.first), min(last, plan.last)
    return float(plan.weight(first, last) / plan.mean_weight) if first <= last else 0.0


def months_ahead(
    start: date, end: date, first: date, last: date, monthly_weights: Sequence[Weight] | None = None
) -> float:
    """How many months of mean weight the days from one to another are, as far as they lie in a period.

    >>> months_ahead(date(2026, 4, 1), date(2027, 3, 31), date(2026, 6, 16), date(2026, 7, 31))
    1.5
    """
    try:
        return months_between(Plan(start, end, first, {}, is_volume=True, weights=monthly_weights), first, last)
    except PlanRefused:
        return 0.0
