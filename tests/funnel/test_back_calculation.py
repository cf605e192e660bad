from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.formulas.back_calculation import (
    UNKNOWNS,
    FunnelInput,
    FunnelRefused,
    FunnelWarning,
    back_calculate,
    back_calculate_plan,
)

EXAMPLE = FunnelInput(
    revenue=100_000_000,
    unit_price=1_200_000,
    win_rate=Decimal("0.2"),
    deal_rate=Decimal("0.1"),
    cv_rate=Decimal("0.01"),
)


def test_a_hundred_million_at_a_million_two_needs_84_orders_and_416667_visits():
    found = back_calculate(EXAMPLE)
    assert (found.shown_orders, found.shown_deals, found.shown_cvs, found.shown_visits) == (84, 417, 4167, 416667)
    assert found.exact["orders"] == Fraction(250, 3)
    assert found.visits == Fraction(1_250_000, 3)
    assert (found.solved, found.warnings, found.defaulted) == ("visits", (), ())


def test_the_chain_is_exact_where_floats_are_not():
    assert back_calculate(FunnelInput(114, 1, Decimal("0.57"))).shown_deals == 200
    assert back_calculate(FunnelInput(114, 1, 0.57)).shown_deals == 200
    assert back_calculate(FunnelInput(Decimal("0.3"), Decimal("0.1"), 1)).shown_orders == 3


def test_unknown_rates_take_their_defaults():
    found = back_calculate(FunnelInput(1_000_000, 10_000, Decimal("0.5")))
    assert (found.deals, found.cvs, found.visits) == (200, 200, 20_000)
    assert set(found.defaulted) == {"cv_rate", "deal_rate"}


@pytest.mark.parametrize("unknown", UNKNOWNS)
def test_any_one_number_can_be_the_unknown(unknown):
    whole = back_calculate(EXAMPLE)
    found = back_calculate(replace(EXAMPLE, visits=whole.visits, **{unknown: None}))
    assert found.solved == unknown
    assert getattr(found, unknown) == getattr(whole, unknown)
    assert found.exact == whole.exact


def test_beside_another_unknown_the_deal_rate_is_one():
    found = back_calculate(FunnelInput(1_000_000, 10_000, None, None, Decimal("0.02"), 10_000))
    assert (found.solved, found.win_rate, found.deal_rate, found.defaulted) == (
        "win_rate",
        Fraction(1, 2),
        1,
        ("deal_rate",),
    )


def test_a_rate_above_one_is_found_but_warned_of():
    found = back_calculate(replace(EXAMPLE, cv_rate=None, visits=1_000))
    assert found.cv_rate == Fraction(25, 6)
    assert found.warnings == (FunnelWarning("rate_above_one", {"rate": "cv_rate", "value": Fraction(25, 6)}),)


def test_needing_more_deals_than_the_market_holds_names_both_numbers():
    found = back_calculate(replace(EXAMPLE, target_population=400, target_contacts=416))
    assert [(warning.code, warning.values) for warning in found.warnings] == [
        ("population_exceeded", {"of": "companies", "needed": 417, "available": 400}),
        ("population_exceeded", {"of": "contacts", "needed": 417, "available": 416}),
    ]
    assert back_calculate(replace(EXAMPLE, target_population=417, target_contacts=3_000)).warnings == ()


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"revenue": None}, "underdetermined", "revenue"),
        ({"unit_price": None}, "underdetermined", "unit_price"),
        ({"win_rate": None}, "underdetermined", "win_rate"),
        ({"visits": 1}, "overdetermined", "visits"),
        ({"visits": 1, "revenue": None, "win_rate": None}, "underdetermined", "revenue"),
        ({"visits": 1, "revenue": None, "win_rate": None, "deal_rate": None}, "underdetermined", "revenue"),
        ({"revenue": 0}, "not_positive", "revenue"),
        ({"unit_price": -1}, "not_positive", "unit_price"),
        ({"visits": 0, "cv_rate": None}, "not_positive", "visits"),
        ({"win_rate": 0}, "rate_out_of_range", "win_rate"),
        ({"deal_rate": Decimal("1.01")}, "rate_out_of_range", "deal_rate"),
        ({"cv_rate": Decimal("-0.1")}, "rate_out_of_range", "cv_rate"),
        ({"revenue": Decimal("NaN")}, "not_a_number", "revenue"),
        ({"revenue": Decimal("Infinity")}, "not_a_number", "revenue"),
        ({"revenue": float("inf")}, "not_a_number", "revenue"),
        ({"revenue": Decimal("1E+1000000")}, "not_a_number", "revenue"),
        ({"revenue": True}, "not_a_number", "revenue"),
        ({"revenue": "100"}, "not_a_number", "revenue"),
        ({"target_population": -1}, "negative", "target_population"),
    ],
)
def test_numbers_that_make_no_funnel_are_refused(changes, code, field):
    with pytest.raises(FunnelRefused) as refusal:
        back_calculate(replace(EXAMPLE, **changes))
    assert (refusal.value.code, refusal.value.field) == (code, field)


def test_a_plan_has_a_column_for_each_target():
    columns = back_calculate_plan(
        replace(EXAMPLE, revenue=None),
        current={"revenue": 60_000_000, "win_rate": Decimal("0.15")},
        must_hit=90_000_000,
        challenge=180_000_000,
    )
    assert list(columns) == ["current", "must_hit", "challenge"]
    assert columns["current"].win_rate == Fraction(3, 20)
    assert columns["challenge"].visits == 2 * columns["must_hit"].visits
    assert list(back_calculate_plan(EXAMPLE, challenge=1)) == ["challenge"]


def test_a_plan_from_known_visits_keeps_the_rate_found_from_them():
    given_visits = replace(EXAMPLE, cv_rate=None, visits=500_000, target_population=500)
    columns = back_calculate_plan(given_visits, must_hit=100_000_000, challenge=200_000_000)
    assert columns["must_hit"].visits == 500_000
    assert columns["challenge"].visits == 1_000_000
    assert columns["challenge"].warnings[0].code == "population_exceeded"


def test_a_plan_does_not_build_on_an_impossible_rate():
    impossible = replace(EXAMPLE, cv_rate=None, visits=1_000)
    with pytest.raises(FunnelRefused) as refusal:
        back_calculate_plan(impossible, must_hit=100_000_000)
    assert (refusal.value.code, refusal.value.field) == ("rate_out_of_range", "cv_rate")
    mended = back_calculate_plan(impossible, must_hit={"revenue": 100_000_000, "cv_rate": Decimal("0.01")})
    assert mended["must_hit"].shown_visits == 416667


amounts = st.decimals(min_value=Decimal("0.01"), max_value=10**12, places=2)
rates = st.decimals(min_value=Decimal("0.0001"), max_value=1, places=4)
funnels = st.builds(FunnelInput, amounts, amounts, rates, rates, rates)


@given(funnels)
def test_calculating_forwards_returns_the_target_exactly(funnel):
    found = back_calculate(funnel)
    assert found.visits * found.cv_rate * found.deal_rate * found.win_rate * found.unit_price == Fraction(
        funnel.revenue
    )


@given(funnels)
def test_calculating_forwards_from_any_shown_volume_reaches_the_target(funnel):
    found = back_calculate(funnel)
    target = Fraction(funnel.revenue)
    assert found.shown_orders * found.unit_price >= target
    assert found.shown_deals * found.win_rate * found.unit_price >= target
    assert found.shown_cvs * found.deal_rate * found.win_rate * found.unit_price >= target
    assert found.shown_visits * found.cv_rate * found.deal_rate * found.win_rate * found.unit_price >= target


@given(funnels)
def test_one_less_than_what_is_shown_would_not_reach_it(funnel):
    found = back_calculate(funnel)
    assert (found.shown_visits - 1) * found.cv_rate * found.deal_rate * found.win_rate * found.unit_price < Fraction(
        funnel.revenue
    )


@given(funnels, st.sampled_from(UNKNOWNS))
def test_leaving_out_any_number_finds_it_again(funnel, unknown):
    whole = back_calculate(funnel)
    again = back_calculate(replace(funnel, visits=whole.visits, **{unknown: None}))
    assert getattr(again, unknown) == getattr(whole, unknown)


@given(funnels)
def test_each_stage_needs_at_least_as_much_as_the_next(funnel):
    found = back_calculate(funnel)
    assert found.orders <= found.deals <= found.cvs <= found.visits
