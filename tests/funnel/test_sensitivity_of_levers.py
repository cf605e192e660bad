"""Which lever moves the goal most."""

from math import log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnel.formulas.kpi_tree import Formula, Lever, Tree, TreeRefused
from funnel.formulas.sensitivity import sensitivity, worth_of_point

NOW = {"sales": 1000.0, "margin": 0.25, "churn": 0.1, "rent": 100.0}
TEXT = "sales * margin / churn - rent"


def profit(sales, margin, churn, rent) -> float:
    return sales * margin / churn - rent


def tree_of(text: str, *levers: Lever) -> Tree:
    return Tree("g", [Formula("g", text), *levers])


PLAIN = tree_of(TEXT, *(Lever(key, {"current": value}) for key, value in NOW.items()))


def by_key(found):
    return {lever.key: lever for lever in found.levers}


@settings(max_examples=40)
@given(st.lists(st.floats(0.1, 100), min_size=4, max_size=4), st.floats(0.001, 0.9))
def test_the_ends_of_each_swing_are_the_goal_with_that_lever_moved(drawn, change):
    values = dict(zip(NOW, drawn, strict=True))
    tree = tree_of(TEXT, *(Lever(key, {"current": value}) for key, value in values.items()))
    found = sensitivity(tree, column="current", change=change)
    assert found.goal == pytest.approx(profit(**values))
    for lever in found.levers:
        low = profit(**values | {lever.key: values[lever.key] * (1 - change)})
        high = profit(**values | {lever.key: values[lever.key] * (1 + change)})
        assert (lever.low, lever.high, lever.swing) == pytest.approx((low, high, abs(high - low)), abs=1e-9)
    swings = [lever.swing for lever in found.levers]
    assert swings == pytest.approx(sorted(swings, reverse=True), rel=1e-10)


def test_elasticity_is_percent_of_the_goal_per_percent_of_the_lever():
    found = by_key(sensitivity(PLAIN, column="current", change=0.1))
    for key, value in NOW.items():
        step = 1e-6
        up, down = profit(**NOW | {key: value * (1 + step)}), profit(**NOW | {key: value * (1 - step)})
        secant = (log(up) - log(down)) / (log(1 + step) - log(1 - step))
        assert found[key].elasticity == pytest.approx(secant, rel=1e-6)
    assert found["sales"].elasticity == pytest.approx(2500 / 2400)


def test_in_a_chain_every_elasticity_is_one_and_ties_stand_in_the_trees_order():
    tree = tree_of("c * a * d * b", *(Lever(key, {"current": 0.1 + at / 7}) for at, key in enumerate("badc")))
    found = sensitivity(tree, column="current", change=0.3)
    assert [lever.key for lever in found.levers] == list("badc")
    assert [lever.elasticity for lever in found.levers] == pytest.approx([1] * 4)


def test_without_a_change_each_lever_moves_over_its_own_range():
    tree = tree_of(
        "a * b - c",
        Lever("a", {"current": 10}, low=8, high=11),
        Lever("b", {"current": 5}),
        Lever("c", {"current": 4}, high=30),
    )
    found = sensitivity(tree, column="current")
    assert [(lever.key, lever.low, lever.high, lever.swing) for lever in found.levers] == [
        ("c", 46, 20, 26),
        ("a", 36, 51, 15),
        ("b", 46, 46, 0),
    ]


def test_swings_are_not_cut_at_limits_and_locked_levers_are_listed():
    tree = tree_of("a * b", Lever("a", {"current": 10}, maximum=10), Lever("b", {"current": 2}, locked=True))
    found = by_key(sensitivity(tree, column="current", change=0.5))
    assert (found["a"].low, found["a"].high) == (10, 30)
    assert (found["b"].low, found["b"].high) == (10, 30)


def test_where_lever_or_goal_is_zero_there_is_no_elasticity():
    tree = tree_of("a * b + c", Lever("a", {"current": 0}), Lever("b", {"current": 2}), Lever("c", {"current": 3}))
    found = by_key(sensitivity(tree, column="current", change=0.1))
    assert (found["a"].elasticity, found["b"].elasticity, found["c"].elasticity) == (None, 0, 1)
    nothing = sensitivity(tree_of("a - a", Lever("a", {"current": 3})), column="current", change=0.1)
    assert (nothing.goal, nothing.levers[0].elasticity, nothing.levers[0].swing) == (0, None, 0)


def test_a_range_over_a_pole_is_refused():
    tree = tree_of("a / b", Lever("a", {"current": 1}), Lever("b", {"current": 1}, low=0, high=2))
    with pytest.raises(TreeRefused) as refused:
        sensitivity(tree, column="current")
    assert (refused.value.code, refused.value.key) == ("division_by_zero", "g")


def test_a_point_of_a_rate_is_worth_what_the_goal_gains_by_it():
    assert worth_of_point(PLAIN, column="current", key="margin", step=0.01) == pytest.approx(1000 * 0.01 / 0.1)
    assert worth_of_point(PLAIN, column="current", key="churn", step=-0.01) == pytest.approx(250 / 0.09 - 250 / 0.1)
    with pytest.raises(TreeRefused) as refused:
        worth_of_point(PLAIN, column="current", key="ghost", step=1)
    assert refused.value.code == "not_a_lever"
