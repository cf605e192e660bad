from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.formulas.back_calculation import FunnelInput, back_calculate
from funnel.formulas.planning import (
    STAGES,
    PlanRefused,
    divide_chain_to_cycle,
    divide_to_cycle,
    due_by,
    lead_days,
    months_share,
    stage_window,
)

FISCAL_YEAR = date(2026, 4, 1), date(2027, 3, 31)
QUARTER = date(2026, 4, 1), date(2026, 6, 30)


def test_every_quarter_of_a_fiscal_year_is_three_months_of_twelve():
    starts = [date(2026, 4, 1), date(2026, 7, 1), date(2026, 10, 1), date(2027, 1, 1)]
    ends = [date(2026, 6, 30), date(2026, 9, 30), date(2026, 12, 31), date(2027, 3, 31)]
    for start, end in zip(starts, ends, strict=True):
        assert months_share(*FISCAL_YEAR, start, end) == Fraction(3, 12)


def test_a_cycle_of_thirteen_weeks_counts_its_partial_months_by_days():
    expected = (Fraction(25, 30) + 1 + 1 + Fraction(5, 31)) / 12
    assert months_share(*FISCAL_YEAR, date(2026, 4, 6), date(2026, 7, 5)) == expected


def test_a_leap_february_has_29_days():
    assert months_share(date(2028, 2, 1), date(2028, 2, 29), date(2028, 2, 1), date(2028, 2, 1)) == Fraction(1, 29)


def test_only_what_lies_within_the_period_counts():
    assert months_share(*FISCAL_YEAR, date(2026, 1, 1), date(2026, 4, 30)) == Fraction(1, 12)
    assert months_share(*FISCAL_YEAR, date(2025, 1, 1), date(2028, 1, 1)) == 1
    assert months_share(*FISCAL_YEAR, date(2027, 4, 1), date(2027, 6, 30)) == 0
    assert months_share(*FISCAL_YEAR, date(2025, 4, 1), date(2026, 3, 31)) == 0


def test_seasonal_weights_go_from_january_to_december():
    december_heavy = [1] * 11 + [4]
    assert months_share(*FISCAL_YEAR, date(2026, 10, 1), date(2026, 12, 31), december_heavy) == Fraction(6, 15)
    assert months_share(*FISCAL_YEAR, *QUARTER, december_heavy) == Fraction(3, 15)
    assert months_share(*FISCAL_YEAR, *QUARTER, [0.1] * 12) == Fraction(1, 4)


@pytest.mark.parametrize(
    ("arguments", "code", "field"),
    [
        ((date(2026, 4, 2), date(2026, 4, 1), *QUARTER), "period_reversed", "period_end"),
        ((*FISCAL_YEAR, date(2026, 4, 2), date(2026, 4, 1)), "period_reversed", "cycle_end"),
        ((date(1, 1, 1), date(9999, 12, 31), *QUARTER), "period_too_long", "period_end"),
        ((*FISCAL_YEAR, *QUARTER, [1] * 4), "twelve_weights", "monthly_weights"),
        ((*FISCAL_YEAR, *QUARTER, [-1] + [1] * 11), "negative_weight", "monthly_weights"),
        ((*FISCAL_YEAR, *QUARTER, [0] * 12), "no_weight", "monthly_weights"),
    ],
)
def test_what_makes_no_share_is_refused(arguments, code, field):
    with pytest.raises(PlanRefused) as refusal:
        months_share(*arguments)
    assert (refusal.value.code, refusal.value.field) == (code, field)


def test_the_example_of_a_hundred_million_comes_down_to_a_quarter():
    year = back_calculate(FunnelInput(100_000_000, 1_200_000, Decimal("0.2"), Decimal("0.1")))
    assert divide_chain_to_cycle(year.exact, Fraction(1, 4)) == {
        "orders": 21,
        "deals": 105,
        "cvs": 1042,
        "visits": 104167,
    }


def test_a_volume_below_zero_is_refused():
    assert divide_to_cycle(Decimal("0"), Fraction(1, 4)) == 0
    with pytest.raises(PlanRefused):
        divide_to_cycle(-1, Fraction(1, 4))


def test_each_stage_is_due_earlier_by_the_lead_times_after_it():
    lead_times = {"visits": 14, "cvs": 7, "deals": 30}
    assert [lead_days(stage, lead_times) for stage in STAGES] == [51, 37, 30, 0]
    assert due_by("cvs", lead_times, date(2026, 6, 30)) == date(2026, 5, 24)
    assert stage_window("deals", lead_times, *QUARTER) == (date(2026, 3, 2), date(2026, 5, 31))
    assert due_by("visits", {}, date(2026, 6, 30)) == date(2026, 6, 30)


@pytest.mark.parametrize(
    ("stage", "lead_times", "day", "code"),
    [
        ("leads", {}, date(2026, 6, 30), "unknown_stage"),
        ("cvs", {"cvs": -1}, date(2026, 6, 30), "lead_time"),
        ("cvs", {"cvs": 10_000}, date(2026, 6, 30), "lead_time"),
        ("cvs", {"cvs": 3_000}, date(1, 6, 30), "lead_time"),
    ],
)
def test_lead_times_that_lead_nowhere_are_refused(stage, lead_times, day, code):
    with pytest.raises(PlanRefused) as refusal:
        due_by(stage, lead_times, day)
    assert refusal.value.code == code


days = st.dates(date(2020, 1, 1), date(2032, 12, 31))
weights = st.none() | st.lists(st.integers(1, 9), min_size=12, max_size=12)


@given(days, st.integers(0, 700), weights, st.data())
def test_the_parts_of_a_period_sum_to_the_whole(start, length, monthly_weights, data):
    end = start + timedelta(days=length)
    cut = data.draw(st.dates(start, end))
    before = months_share(start, end, start, cut, monthly_weights)
    after = months_share(start, end, cut + timedelta(days=1), end + timedelta(days=1), monthly_weights)
    assert before + after == 1


@given(days, st.integers(0, 700), days, st.integers(0, 400), weights)
def test_a_share_lies_between_nothing_and_all(start, length, cycle_start, cycle_length, monthly_weights):
    end, cycle_end = start + timedelta(days=length), cycle_start + timedelta(days=cycle_length)
    assert 0 <= months_share(start, end, cycle_start, cycle_end, monthly_weights) <= 1


@given(st.fractions(0, 10**9), st.lists(st.integers(1, 9), min_size=1, max_size=12))
def test_cycles_together_ask_for_at_least_the_whole_volume(volume, parts):
    divided = [divide_to_cycle(volume, Fraction(part, sum(parts))) for part in parts]
    assert volume <= sum(divided) < volume + len(parts)
