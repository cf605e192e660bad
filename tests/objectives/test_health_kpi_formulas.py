"""What a health KPI's values say: attainment, rows outside, trend, periods."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from objectives.formulas.health_kpis import (
    MOST,
    Corridor,
    Course,
    Side,
    Trend,
    is_owed,
    periods_between,
    periods_until,
    run_outside,
    trend,
)

MONDAY = date(2026, 5, 18)
amounts = st.decimals(-(10**9), 10**9, places=3)
corridors = st.one_of(
    st.builds(Corridor, lower=amounts),
    st.builds(lambda upper: Corridor(upper=upper), amounts),
    st.builds(lambda low, width: Corridor(low, low + width), amounts, st.decimals("0.001", 10**6, places=3)),
)
rows = st.lists(st.none() | amounts, max_size=8)


def decimals(*texts: str | int | None) -> list[Decimal | None]:
    return [None if text is None else Decimal(text) for text in texts]


@settings(max_examples=50)
@given(corridors, amounts)
def test_the_whole_mark_is_reached_exactly_inside(corridor, value):
    reached = corridor.attainment(value)
    if reached is None:
        assert not corridor.holds(value)
    else:
        assert 0 <= reached <= MOST
        assert (reached >= 1) == corridor.holds(value)


@settings(max_examples=50)
@given(amounts, amounts, amounts)
def test_a_better_value_never_reaches_less(mark, one, other):
    worse, better = sorted([one, other])
    for corridor, low, high in (
        (Corridor(lower=mark), worse, better),
        (Corridor(upper=mark), better, worse),
    ):
        assert (corridor.attainment(low) or 0) <= (corridor.attainment(high) or 0)


@settings(max_examples=50)
@given(rows, amounts)
def test_at_most_is_at_least_seen_in_a_mirror(values, mark):
    mirrored = [None if value is None else -value for value in values]
    at_least, at_most = Corridor(lower=mark), Corridor(upper=-mark)
    assert run_outside(values, at_least) == run_outside(mirrored, at_most)
    assert trend(values, at_least) == trend(mirrored, at_most)


@settings(max_examples=50)
@given(rows, corridors)
def test_a_row_outside_is_as_long_as_it_is_told(values, corridor):
    run = run_outside(values, corridor)
    read = list(values)
    while read and read[-1] is None:
        read.pop()
    assert all(value is not None and not corridor.holds(value) for value in read[len(read) - run :])
    assert run == len(read) or read[-run - 1] is None or corridor.holds(read[-run - 1])


@pytest.mark.parametrize(
    ("values", "corridor", "expected"),
    [
        (("0.8", "0.9", "1.1", "1.3", "1.4", "1.6"), Corridor(upper=Decimal(1)), Trend.WORSE),
        (("1.6", "1.4", "1.3", "1.1", "0.9", "0.8"), Corridor(upper=Decimal(1)), Trend.BETTER),
        (("95.0", "95.1", "94.9", "95.0"), Corridor(lower=Decimal(95)), Trend.STEADY),
        (("95.00", "95.01", "95.02", "95.03"), Corridor(lower=Decimal(95)), Trend.STEADY),
        (("120", "125", "118", "300", "122", "121"), Corridor(lower=Decimal(100)), Trend.STEADY),
        ((32, 36, 41, 44, 48), Corridor(Decimal(20), Decimal(45)), Trend.WORSE),
        ((30, 31, 34, 33), Corridor(Decimal(20), Decimal(45)), Trend.STEADY),
        ((5, 3, 1, 0), Corridor(upper=Decimal(0)), Trend.BETTER),
        ((0, 0, 0, 0), Corridor(upper=Decimal(0)), Trend.STEADY),
        ((2, None, 3), Corridor(upper=Decimal(1)), None),
    ],
)
def test_the_trend_is_told_by_the_corridor_and_not_by_up_and_down(values, corridor, expected):
    assert trend(decimals(*values), corridor) is expected


def test_a_course_says_since_when_it_is_outside_and_leaves_the_running_week_open():
    weeks = periods_until("week", MONDAY, 5)
    values = dict(zip(weeks, decimals("0.8", "1.2", "1.4", "1.3"), strict=False))
    course = Course.of(Corridor(upper=Decimal(1)), weeks, values)
    assert weeks[-1] == MONDAY
    assert course.values[-1] is None
    assert (course.run, course.outside_since, course.last) == (
        3,
        date(2026, 4, 27),
        (date(2026, 5, 11), Decimal("1.3")),
    )
    assert course.corridor.side(Decimal("1.3")) is Side.ABOVE
    calm = Course.of(Corridor(upper=Decimal(2)), weeks, values)
    assert (calm.is_outside, calm.outside_since) == (False, None)
    assert Course.of(Corridor(upper=Decimal(2)), weeks, {}).last is None


@settings(max_examples=30)
@given(st.sampled_from(["week", "month"]), st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 60))
def test_periods_follow_each_other_without_gap(period, day, more):
    last = day + timedelta(days=more * 7)
    found = periods_between(period, day, last)
    assert found[0] <= day
    assert found == periods_until(period, last, len(found))
    assert all(first.weekday() == 0 if period == "week" else first.day == 1 for first in found)


def test_a_month_is_owed_two_days_after_its_end_and_not_before_the_kpi_began():
    may = date(2026, 5, 1)
    assert not is_owed("month", may, today=date(2026, 6, 1), since=date(2026, 5, 20))
    assert is_owed("month", may, today=date(2026, 6, 2), since=date(2026, 5, 20))
    assert not is_owed("month", may, today=date(2026, 6, 2), since=date(2026, 6, 1))
