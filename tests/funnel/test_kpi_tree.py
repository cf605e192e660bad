"""The engine under funnel, tree and scenarios: what it evaluates, how it slopes, and what is no tree."""

import random
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnel.formulas.kpi_tree import Formula, Lever, Tree, TreeRefused

PAYBACK = {
    "profit": "new * value - cost",
    "value": "price * margin / churn",
    "cost": "visits * (1 + fee) * 2",
    "new": "visits * rate",
}
NOW = {"visits": 1000, "rate": 0.02, "price": 500, "margin": 0.6, "churn": 0.1, "fee": 0.25}


def payback(values) -> float:
    visits, rate, price, margin, churn, fee = (values[key] for key in NOW)
    return visits * rate * (price * margin / churn) - visits * (1 + fee) * 2


def tree_of(goal, formulas, levers) -> Tree:
    return Tree(
        goal,
        [
            *(Lever(key, {"current": value}) for key, value in levers.items()),
            *map(Formula, formulas, formulas.values()),
        ],
    )


def test_a_tree_is_evaluated_as_by_hand():
    values = tree_of("profit", PAYBACK, NOW).evaluate("current")
    assert values == NOW | {"new": 20, "value": pytest.approx(3000), "cost": 2500, "profit": pytest.approx(57_500)}


def test_a_lever_without_a_column_has_its_current_value():
    tree = Tree("g", [Formula("g", "a + b"), Lever("a", {"current": 1, "plan": 5}), Lever("b", {"current": 2})])
    assert (tree.evaluate("plan")["g"], tree.evaluate("current")["g"], tree.evaluate("unheard")["g"]) == (7, 3, 3)


def test_the_goal_may_be_a_lever():
    assert Tree("a", [Lever("a", {"current": 3})]).evaluate("current") == {"a": 3}


def test_keys_in_full_width_letters_are_the_plain_ones():
    tree = Tree("Ｇ", [Formula("Ｇ", "ａ＊２"), Lever("a", {"current": 4})])
    assert tree.evaluate("current") == {"a": 4, "G": 8}


@settings(max_examples=25)
@given(st.randoms(use_true_random=False))
def test_the_order_of_nodes_changes_nothing(chance):
    nodes = [*(Lever(key, {"current": value}) for key, value in NOW.items()), *map(Formula, PAYBACK, PAYBACK.values())]
    expected = Tree("profit", nodes).evaluate("current")
    chance.shuffle(nodes)
    assert Tree("profit", nodes).evaluate("current") == expected


@settings(max_examples=50)
@given(st.lists(st.floats(0.5, 50), min_size=6, max_size=6))
def test_slopes_are_those_of_finite_differences(drawn):
    values = dict(zip(NOW, drawn, strict=True))
    goal, slopes = tree_of("profit", PAYBACK, NOW).gradient(values)
    assert goal == pytest.approx(payback(values), rel=1e-12)
    for key, value in values.items():
        step = value * 1e-5
        secant = (payback(values | {key: value + step}) - payback(values | {key: value - step})) / (2 * step)
        assert slopes[key] == pytest.approx(secant, rel=1e-6, abs=1e-6)


def test_arrays_are_calculated_as_the_numbers_in_them():
    tree = tree_of("profit", PAYBACK, NOW)
    many = {key: np.linspace(value, 2 * value, 7) for key, value in NOW.items()}
    expected = [payback({key: values[at] for key, values in many.items()}) for at in range(7)]
    assert tree.result(many) == pytest.approx(expected, rel=1e-12)
    assert tree.result(NOW | {"churn": many["churn"]}) == pytest.approx(
        [payback(NOW | {"churn": churn}) for churn in many["churn"]], rel=1e-12
    )


def nodes(*formulas: tuple[str, str], **levers) -> list:
    return [*(Formula(*formula) for formula in formulas), *(Lever(key, {"current": v}) for key, v in levers.items())]


@pytest.mark.parametrize(
    ("given_nodes", "code", "key", "start", "end", "found"),
    [
        (nodes(("g", "a * ghost"), a=1), "unknown_key", "g", 4, 9, "ghost"),
        (nodes(("g", "h"), ("h", "a + "), a=1), "value_missing", "h", 4, 4, ""),
        (nodes(("g", "a ^ 2"), a=1), "unknown_character", "g", 2, 3, "^"),
        (nodes(("g", "h"), ("h", "i + a"), ("i", "h"), a=1), "loop", "h", None, None, "h → i → h"),
        (nodes(("g", "a"), ("other", "a"), a=1), "unused_formula", "other", None, None, ""),
        (nodes(("g", "a"), ("x", "y"), ("y", "x"), a=1), "loop", "x", None, None, "x → y → x"),
        (nodes(("h", "a"), a=1), "unknown_goal", "g", None, None, ""),
        ([*nodes(("g", "a"), a=1), Lever("ａ")], "repeated_key", "a", None, None, ""),
        ([*nodes(("g", "a"), a=1), Lever("1a")], "key", "1a", None, None, ""),
        (nodes(("g", "a"), a=1) + [Lever(f"x{at}") for at in range(499)], "too_many_nodes", "", None, None, ""),
        (nodes(("g", "a"), a=float("nan")), "not_a_number", "a", None, None, ""),
        (nodes(("g", "a"), a=float("-inf")), "not_a_number", "a", None, None, ""),
        (nodes(("g", "a"), a=1e300), "too_large", "a", None, None, ""),
        ([*nodes(("g", "a")), Lever("a", low=3, high=2)], "range", "a", None, None, ""),
        ([*nodes(("g", "a")), Lever("a", low=3, likely=2)], "range", "a", None, None, ""),
        ([*nodes(("g", "a")), Lever("a", minimum=3, maximum=2)], "limits", "a", None, None, ""),
        ([*nodes(("g", "a")), Lever("a", effort=0)], "effort", "a", None, None, ""),
    ],
)
def test_what_is_no_tree_is_refused_at_its_node(given_nodes, code, key, start, end, found):
    with pytest.raises(TreeRefused) as refused:
        Tree("g", given_nodes)
    told = refused.value
    assert (told.code, told.key, told.start, told.end, told.found) == (code, key, start, end, found)
    assert str(told)


@pytest.mark.parametrize(
    ("formulas", "levers", "code", "key"),
    [
        ({"g": "1 / h", "h": "a - b"}, {"a": 2, "b": 2}, "division_by_zero", "g"),
        ({"g": "a", "h": "a / 0", "i": "h"}, {"a": 2}, "unused_formula", "i"),
        ({"g": "h", "h": "a * a * a * a"}, {"a": 1e99}, "not_finite", "h"),
        ({"g": "1 / (a * a * a * a)"}, {"a": 1e99}, "not_finite", "g"),
        ({"g": "a + b"}, {"a": 1, "b": None}, "no_value", "b"),
    ],
)
def test_what_cannot_be_calculated_is_refused_at_its_node(formulas, levers, code, key):
    with pytest.raises(TreeRefused) as refused:
        tree_of("g", formulas, levers).evaluate("current")
    assert (refused.value.code, refused.value.key) == (code, key)


def test_an_array_with_a_zero_below_a_line_is_refused_too():
    tree = tree_of("g", {"g": "a / b"}, {"a": 1, "b": 1})
    for codes, values in (("division_by_zero", [1.0, 0.0]), ("not_finite", [1.0, 1e-320])):
        with pytest.raises(TreeRefused) as refused:
            tree.result({"a": 1e90, "b": np.array(values)})
        assert (refused.value.code, refused.value.key) == (codes, "g")


@pytest.mark.parametrize(
    ("text", "straight", "product"),
    [
        ("a * b + c", "abc", ""),
        ("a * b / c", "ab", "abc"),
        ("-a * 2 / (b + c)", "a", "a"),
        ("a * a * b", "bc", "abc"),
        ("a - b * (1 - c)", "abc", ""),
        ("a / b - c", "ac", ""),
    ],
)
def test_a_tree_knows_where_it_is_straight_and_where_it_is_a_product(text, straight, product):
    tree = tree_of("g", {"g": text}, dict.fromkeys("abc", 2.0))
    values = {"a": 2.0, "b": 3.0, "c": 5.0}
    for key in "abc":
        assert tree.is_straight_in(key) == (key in straight)
        low, middle, high = (tree.result(values | {key: value}) for value in (1.0, 2.0, 3.0))
        if key in straight:
            assert high - middle == pytest.approx(middle - low)
    assert tree.is_product_of(product)
    assert [key for key in "abc" if not tree.is_product_of({key, *product})] == [k for k in "abc" if k not in product]


def test_a_chain_as_deep_as_a_tree_may_be_and_a_sum_as_long_as_a_formula_may_be_are_calculated():
    chain = {f"f{at}": f"f{at + 1} + a" for at in range(498)} | {"f498": "a"}
    assert tree_of("f0", chain, {"a": 1}).evaluate("current")["f0"] == 499
    assert tree_of("g", {"g": "a" + "+a" * 999}, {"a": 1}).evaluate("current")["g"] == 1000


def test_two_hundred_nodes_are_evaluated_within_a_millisecond():
    drawn = random.Random(4)
    levers = {f"l{at}": drawn.uniform(0.5, 2) for at in range(101)}
    formulas = {f"f{at}": f"l{at} * l{at + 1} + f{at + 1} / 2" for at in range(98)} | {"f98": "l98 - l99 * l100"}
    tree = tree_of("f0", formulas, levers)
    times = []
    for _ in range(50):
        began = time.perf_counter()
        tree.evaluate("current")
        times.append(time.perf_counter() - began)
    assert min(times) < 0.001
