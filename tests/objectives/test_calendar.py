"""Fiscal years and quarters, and the cycle that comes next."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from objectives.formulas.calendar import CalendarRefused, fiscal_quarter, fiscal_year, next_quarter, next_year
from objectives.formulas.scoring import Span

days = st.dates(date(1990, 1, 1), date(2190, 12, 31))
months = st.integers(1, 12)


@given(days, months)
def test_every_day_lies_in_its_quarter_and_the_quarter_in_its_year(day, month):
    quarter, year = fiscal_quarter(day, month), fiscal_year(day, month)
    assert quarter.start <= day <= quarter.end
    assert year.start <= quarter.start
    assert quarter.end <= year.end
    assert quarter.name.startswith(year.name + " Q")


@given(days, months)
def test_quarters_follow_each_other_without_a_gap(day, month):
    quarter = fiscal_quarter(day, month)
    following = fiscal_quarter(quarter.end + timedelta(days=1), month)
    assert following.start == quarter.end + timedelta(days=1)
    assert following.name != quarter.name


@given(days, months, st.integers(20, 120))
def test_the_next_quarter_begins_after_the_last_one_planned(start, month, length):
    last = Span(start, start + timedelta(days=length))
    following = next_quarter([last], [], start, month)
    assert following.end > last.end
    assert following.start <= following.end


@pytest.mark.parametrize("month", [0, 13, -1])
def test_a_month_that_is_none_is_refused(month):
    with pytest.raises(CalendarRefused):
        fiscal_year(date(2026, 5, 20), month)


def test_calendar_quarters_go_on_by_the_calendar():
    first = fiscal_quarter(date(2026, 4, 1), 4)
    assert next_quarter([Span(first.start, first.end)], [first.name], first.start, 4).end == date(2026, 9, 30)


def test_a_quarter_that_ended_a_few_days_late_is_followed_without_a_gap():
    late = Span(date(2026, 4, 1), date(2026, 7, 3))
    following = next_quarter([late], [], date(2026, 5, 20), 4)
    assert (following.name, following.start, following.end) == ("FY2026 Q2", date(2026, 7, 4), date(2026, 9, 30))


def test_whole_weeks_go_on_as_whole_weeks():
    weeks = Span(date(2026, 5, 4), date(2026, 8, 2))
    following = next_quarter([weeks], [], date(2026, 5, 20), 4)
    assert (following.start, following.end) == (date(2026, 8, 3), date(2026, 11, 1))


def test_a_year_does_not_hide_the_quarter_to_plan():
    year = Span(date(2026, 4, 1), date(2027, 3, 31))
    assert next_quarter([year], ["FY2026"], date(2026, 5, 20), 4).name == "FY2026 Q1"


def test_names_in_use_are_passed_over():
    taken = ["FY2026 Q1", "FY2026 Q2", "FY2026"]
    assert next_quarter([], taken, date(2026, 5, 20), 4).name == "FY2026 Q3"
    assert next_year(taken, date(2026, 5, 20), 4).name == "FY2027"
