"""The rounds of a cycle: what is due when, what covers it, and what became of it."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from objectives.formulas.rhythm import next_due, round_of, rounds_of, rounds_told
from objectives.formulas.scoring import Span
from people.formulas.holidays import public_holidays
from people.formulas.rhythm import Rhythm, monday_of
from people.queries import DaysOff

QUARTER = Span(date(2026, 4, 1), date(2026, 6, 30))
JAPAN = DaysOff("JP")
MONDAY, WEDNESDAY, FRIDAY = 0, 2, 4
WEEKLY = Rhythm(weekday=FRIDAY)

spans = st.builds(
    lambda start, days: Span(start, start + timedelta(days=days)),
    st.dates(date(2020, 1, 1), date(2027, 12, 31)),
    st.integers(0, 120),
)
rhythms = st.builds(
    Rhythm,
    check_in_weeks=st.sampled_from([1, 2]),
    weekday=st.integers(0, 6),
    days_off=st.one_of(
        st.just(JAPAN),
        st.frozensets(st.dates(date(2026, 1, 1), date(2026, 3, 31)), max_size=40),
    ),
)


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (None, date(2026, 4, 3)),
        (date(2026, 3, 27), date(2026, 4, 3)),
        (date(2026, 4, 1), date(2026, 4, 10)),
        (date(2026, 4, 5), date(2026, 4, 10)),
        (date(2026, 4, 6), date(2026, 4, 17)),
        (date(2026, 6, 21), date(2026, 6, 26)),
        (date(2026, 6, 22), None),
    ],
)
def test_a_check_in_covers_its_iso_week(last, expected):
    assert next_due(last, QUARTER, WEEKLY) == expected


def test_a_cycle_that_begins_after_the_due_day_owes_its_first_check_in_a_week_later():
    assert next_due(None, Span(date(2026, 4, 4), date(2026, 6, 30)), WEEKLY) == date(2026, 4, 10)
    assert next_due(None, Span(date(2026, 4, 4), date(2026, 4, 7)), WEEKLY) is None


def test_a_goal_begun_within_the_cycle_owes_nothing_for_the_weeks_before():
    assert next_due(None, QUARTER, WEEKLY, since=date(2026, 5, 9)) == date(2026, 5, 15)
    assert next_due(None, QUARTER, WEEKLY, since=date(2026, 8, 1)) is None
    # What was reported on the Monday covers the week in which the goal became active.
    assert next_due(date(2026, 5, 11), QUARTER, WEEKLY, since=date(2026, 5, 13)) == date(2026, 5, 22)


def test_two_weeks_are_one_round_counted_from_the_first_week_of_the_cycle():
    biweekly = Rhythm(check_in_weeks=2)
    quarter = Span(date(2026, 4, 6), date(2026, 7, 5))
    assert next_due(None, quarter, biweekly) == date(2026, 4, 17)
    assert next_due(date(2026, 4, 7), quarter, biweekly) == date(2026, 5, 1)
    assert [one.due for one in rounds_of(quarter, biweekly)][-1] is None  # half a round is left, due after the cycle
    assert next_due(date(2026, 6, 25), quarter, biweekly) is None


def test_weeks_run_through_the_turn_of_the_year_and_its_week_53():
    winter = Span(date(2026, 12, 1), date(2027, 2, 28))
    assert next_due(date(2026, 12, 29), winter, WEEKLY) == date(2027, 1, 8)
    assert next_due(date(2027, 1, 3), winter, WEEKLY) == date(2027, 1, 8)
    assert next_due(date(2026, 12, 27), winter, WEEKLY) == date(2027, 1, 1)
    japanese = Rhythm(weekday=FRIDAY, days_off=JAPAN)
    assert next_due(date(2026, 12, 27), winter, japanese) == date(2026, 12, 31)  # New Year's Day is a Friday
    break_of_the_company = DaysOff("JP", ((date(2026, 12, 28), date(2027, 1, 3), "年末年始休業"),))
    closed = Rhythm(weekday=FRIDAY, days_off=break_of_the_company)
    assert next_due(date(2026, 12, 27), winter, closed) == date(2027, 1, 8)  # a week without work owes nothing


def test_golden_week_moves_a_due_day_within_its_week():
    spring = Span(date(2026, 4, 6), date(2026, 7, 5))

    def due_in_golden_week(weekday):
        return round_of(date(2026, 5, 6), spring, Rhythm(weekday=weekday, days_off=JAPAN)).due

    # Monday 4 to Wednesday 6 May are holidays: who is due on them has only days after them in that week.
    assert [due_in_golden_week(weekday) for weekday in (MONDAY, WEDNESDAY, FRIDAY)] == [
        date(2026, 5, 7),
        date(2026, 5, 7),
        date(2026, 5, 8),
    ]
    # Showa Day is a Wednesday: the day before it.
    assert round_of(date(2026, 4, 29), spring, Rhythm(weekday=WEDNESDAY, days_off=JAPAN)).due == date(2026, 4, 28)


def test_a_week_nobody_works_in_owes_nothing_and_is_nothing_skipped():
    summer = Span(date(2026, 8, 3), date(2026, 8, 30))
    break_ = DaysOff("JP", ((date(2026, 8, 10), date(2026, 8, 14), "夏季休業"),))
    rhythm = Rhythm(weekday=FRIDAY, days_off=break_)
    assert next_due(date(2026, 8, 7), summer, rhythm) == date(2026, 8, 21)
    told = rounds_told([date(2026, 8, 7)], summer, rhythm, date(2026, 8, 25))
    assert [one.state for one in told] == ["reported", "free", "skipped", "open"]


def test_a_check_in_moves_what_is_due_to_the_next_round_and_in_the_last_one_ends_it():
    assert next_due(date(2026, 4, 6), QUARTER, WEEKLY) == date(2026, 4, 17)
    assert next_due(date(2026, 4, 18), QUARTER, WEEKLY) == date(2026, 4, 24)
    assert next_due(date(2026, 6, 22), QUARTER, WEEKLY) is None


@settings(max_examples=50)
@given(spans, rhythms, st.data())
def test_a_due_day_lies_in_its_cycle_and_round_and_on_a_working_day(span, rhythm, data):
    last = data.draw(st.none() | st.dates(span.start, span.end))
    due = next_due(last, span, rhythm)
    assume(due is not None)
    assert due in span
    assert rhythm.is_working_day(due)
    own = round_of(due, span, rhythm)
    assert own.due == due
    assert monday_of(due) == own.end - timedelta(days=6)
    assert last is None or own.start > last


@settings(max_examples=50)
@given(spans, rhythms, st.data())
def test_a_covered_round_owes_nothing_and_every_other_is_owed_or_free(span, rhythm, data):
    days = data.draw(st.lists(st.dates(span.start, span.end), max_size=6))
    today = data.draw(st.dates(span.start, span.end + timedelta(days=30)))
    told = rounds_told(days, span, rhythm, today)
    assert [one.round.start for one in told] == sorted(one.round.start for one in told)
    for one in told:
        covered = any(one.round.start <= day <= one.round.end for day in days)
        assert (one.state == "reported") == covered
        assert one.state != "skipped" or (one.round.due is not None and one.round.due < today)
    last = max(days, default=None)
    owed = [one.round.due for one in told if one.round.due and (last is None or one.round.start > last)]
    assert next_due(last, span, rhythm) == (owed[0] if owed else None)


def test_the_holidays_of_japan_are_known_in_both_languages_with_their_substitutes():
    assert public_holidays("JP", 2026)[date(2026, 9, 22)] == "国民の休日"
    assert public_holidays("JP", 2026, "en")[date(2026, 9, 22)] == "National Holiday"
    assert date(2026, 5, 6) in JAPAN
    assert date(2026, 5, 6) not in DaysOff("")
    assert date(2026, 12, 31) not in JAPAN
