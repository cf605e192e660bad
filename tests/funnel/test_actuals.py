"""What readings of days, weeks and months come to."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from funnel.formulas.actuals import (
    MONTH,
    QUARTER,
    WEEK,
    WHOLE,
    Reading,
    actual,
    month_of_week,
    monthly,
    weekly,
)
from funnel.formulas.alarms import kpi_up_goal_flat

APRIL, MAY, JUNE, JULY = (date(2026, month, 1) for month in (4, 5, 6, 7))


def read(day: str, value: int | str, span: str = "", **more) -> Reading:
    return Reading(date.fromisoformat(day), Decimal(value), span, **more)


def test_a_week_between_two_months_belongs_to_that_of_its_thursday():
    assert monthly([read("2026-05-03", 70, WEEK)], is_volume=True) == {APRIL: 70}  # 27 April to 3 May
    assert monthly([read("2026-04-29", 10), read("2026-05-02", 5)], is_volume=True) == {APRIL: 10, MAY: 5}


def test_what_is_written_for_the_whole_counts_instead_of_its_parts():
    days = [read("2026-05-04", 10), read("2026-05-06", 20), read("2026-05-11", 5)]
    week = read("2026-05-10", 100, WEEK)
    month = read("2026-05-31", 1_000, MONTH)
    assert monthly(days, is_volume=True) == {MAY: 35}
    assert monthly([*days, week], is_volume=True) == {MAY: 105}
    assert monthly([*days, week, month], is_volume=True) == {MAY: 1_000}
    assert weekly([*days, week, month], is_volume=True) == {date(2026, 5, 4): 100, date(2026, 5, 11): 5}


def test_of_two_words_on_a_month_the_one_written_by_hand_counts_then_the_later():
    told = [read("2026-05-08", 900, MONTH, by_hand=False), read("2026-05-29", 950, MONTH, by_hand=False)]
    assert monthly(told, is_volume=True) == {MAY: 950}
    assert monthly([read("2026-05-20", 800, MONTH), *told], is_volume=True) == {MAY: 800}


def test_the_season_is_taken_out_of_the_mean():
    months = {APRIL: Decimal(50), MAY: Decimal(150)}
    weights = [Decimal(1)] * 12
    weights[3], weights[4] = Decimal("0.5"), Decimal("1.5")
    asked = {"period": QUARTER, "start": APRIL, "today": date(2026, 6, 3)}
    assert actual(months, **asked) == actual(months, **asked, weights=weights) == 300
    assert actual({APRIL: Decimal(50)}, **asked, weights=weights) == 300


def test_a_volume_without_an_ended_month_has_no_actual_yet():
    asked = {"start": APRIL, "today": date(2026, 5, 20)}
    assert actual({MAY: Decimal(10)}, period=WHOLE, **asked) is None
    assert actual({MAY: Decimal(10)}, period="", **asked) == 10


days = st.integers(0, 400).map(lambda number: date(2026, 1, 1) + timedelta(number))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(days, st.integers(0, 1000)), max_size=8), st.booleans())
def test_days_and_weeks_sum_to_the_months_and_means_stay_between(parts, by_week):
    readings = [
        Reading(day, Decimal(value), WEEK if by_week else "", order=at) for at, (day, value) in enumerate(parts)
    ]
    if by_week:
        readings = list({month_and_week(reading): reading for reading in readings}.values())
    months = monthly(readings, is_volume=True)
    assert sum(months.values()) == sum(reading.value for reading in readings)
    assert sum(weekly(readings, is_volume=True).values()) == sum(months.values())
    for month, mean in monthly(readings, is_volume=False).items():
        inside = [
            one.value for one in readings if (month_of_week(one.date) if by_week else one.date.replace(day=1)) == month
        ]
        assert min(inside) <= mean <= max(inside)


def month_and_week(reading: Reading) -> tuple[int, int]:
    return reading.date.isocalendar()[:2]


def test_the_alarm_names_levers_that_improve_while_the_goal_stands_still():
    today = date(2026, 8, 5)
    levers = {
        "visits": {APRIL: Decimal(100), JULY: Decimal(120)},
        "churn": {APRIL: Decimal("0.15"), JULY: Decimal("0.12")},
        "price": {APRIL: Decimal(100), JULY: Decimal(105)},
        "unread": {JULY: Decimal(5)},
    }
    falling = frozenset({"churn"})
    alarm = kpi_up_goal_flat({APRIL: Decimal(1000), JULY: Decimal(1019)}, levers, today=today, falling=falling)
    assert alarm is not None
    assert [move.key for move in alarm.levers] == ["visits", "churn"]
    assert kpi_up_goal_flat({APRIL: Decimal(1000), JULY: Decimal(1020)}, levers, today=today, falling=falling) is None
    assert kpi_up_goal_flat({JULY: Decimal(1000)}, levers, today=today) is None
