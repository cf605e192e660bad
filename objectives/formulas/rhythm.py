"""The rounds in which a cycle is reported on: what each covers, when it is due, and what became of it.

Source: the product's domain notes 2.3 (an overdue check-in) and 3.5 (weekly or biweekly check-in).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from objectives.formulas.scoring import Span
from people.formulas.rhythm import DAY, Rhythm, monday_of

WEEK = timedelta(days=7)
RoundState = Literal["reported", "skipped", "free", "open", "ahead"]


@dataclass(frozen=True)
class Round:
    """One or two ISO weeks, from a Monday to a Sunday, and the day by which they are to be reported on.

    `due` is None where nothing is owed: nobody works in its last week, or that day lies outside the cycle.
    """

    start: date
    end: date
    due: date | None


def round_of(day: date, span: Span, rhythm: Rhythm) -> Round:
    """The round that holds the day; rounds are counted from the cycle's first ISO week.

    >>> quarter = Span(date(2026, 4, 6), date(2026, 7, 5))
    >>> biweekly = Rhythm(check_in_weeks=2)
    >>> round_of(date(2026, 4, 14), quarter, biweekly) == round_of(date(2026, 4, 6), quarter, biweekly)
    True
    >>> round_of(date(2026, 4, 14), quarter, biweekly).due
    datetime.date(2026, 4, 17)
    """
    length = rhythm.check_in_weeks * WEEK
    first = monday_of(span.start)
    start = first + (day - first) // length * length
    due = rhythm.working_day(start + length - DAY)
    return Round(start, start + length - DAY, due if due is not None and due in span else None)


def rounds_of(span: Span, rhythm: Rhythm, since: date | None = None) -> Iterator[Round]:
    """The rounds of a cycle in order, from the one that holds `since`.

    >>> quarter = Span(date(2026, 4, 6), date(2026, 7, 5))
    >>> [len(list(rounds_of(quarter, Rhythm(check_in_weeks=weeks)))) for weeks in (1, 2)]
    [13, 7]
    """
    day = max(since or span.start, span.start)
    while day <= span.end:
        one = round_of(day, span, rhythm)
        yield one
        day = one.end + DAY


def next_due(last_check_in: date | None, span: Span, rhythm: Rhythm, since: date | None = None) -> date | None:
    """The day by which the next check-in is owed, None where the cycle brings none any more.

    Any check-in dated in a round covers it, so after one the next round that owes something is due. Nothing that was
    due before `since` is owed, the day on which the goal became active: at first it is the first due day from then on.

    >>> quarter, weekly = Span(date(2026, 4, 1), date(2026, 6, 30)), Rhythm()
    >>> next_due(None, quarter, weekly), next_due(date(2026, 4, 20), quarter, weekly)
    (datetime.date(2026, 4, 3), datetime.date(2026, 5, 1))
    >>> next_due(date(2026, 6, 22), quarter, weekly) is None
    True
    """
    begins = max(since or span.start, span.start)
    covered = None if last_check_in is None or last_check_in < span.start else round_of(last_check_in, span, rhythm)
    first = begins if covered is None else max(begins, covered.end + DAY)
    owed = (one.due for one in rounds_of(span, rhythm, first) if one.due is not None and one.due >= begins)
    return next(owed, None)


@dataclass(frozen=True)
class RoundTold:
    """A round and what became of it.

    Reported; skipped, when it ended without a check-in; free, when nothing was owed; open, while it can be reported
    yet; ahead, before it begins.
    """

    round: Round
    state: RoundState


def rounds_told(
    check_ins: Sequence[date], span: Span, rhythm: Rhythm, today: date, since: date | None = None
) -> list[RoundTold]:
    """Every round of the cycle with what became of it; `check_ins` are the days of those that count.

    >>> spring = Span(date(2026, 4, 20), date(2026, 5, 17))
    >>> told = rounds_told([date(2026, 4, 24)], spring, Rhythm(), date(2026, 5, 8))
    >>> [one.state for one in told]
    ['reported', 'skipped', 'open', 'ahead']
    """
    begins = max(since or span.start, span.start)
    return [RoundTold(one, _state(one, check_ins, begins, today)) for one in rounds_of(span, rhythm)]


def _state(one: Round, check_ins: Sequence[date], begins: date, today: date) -> RoundState:
    if any(one.start <= day <= one.end for day in check_ins):
        return "reported"
    if one.due is None or one.due < begins:
        return "free"
    if one.end < today:
        return "skipped"
    return "open" if one.start <= today else "ahead"


def review_days(span: Span, rhythm: Rhythm) -> list[date]:
    """The days on which a team looks at its OKRs as a whole: that of its meeting, else that of its check-ins.

    Every two weeks, counted from the cycle's first week, or in the last week of each month, an ISO week
    belonging to the month of its Thursday; moved before days off as due days are.

    >>> quarter = Span(date(2026, 4, 6), date(2026, 7, 5))
    >>> [day.isoformat() for day in review_days(quarter, Rhythm())]
    ['2026-05-01', '2026-05-29', '2026-06-26']
    >>> len(review_days(quarter, Rhythm(review="biweekly")))
    6
    """
    monday, found = monday_of(span.start), []
    number = 0
    while monday <= span.end:
        thursday = monday + 3 * DAY
        is_last_of_month = (thursday + WEEK).month != thursday.month
        if number % 2 if rhythm.review == "biweekly" else is_last_of_month:
            day = rhythm.working_day(monday, rhythm.meeting_weekday)
            if day is not None and day in span:
                found.append(day)
        monday += WEEK
        number += 1
    return found
