"""The gap between two sets of numbers, by lever."""

import random
from fractions import Fraction
from itertools import combinations, pairwise, permutations
from math import factorial, fsum, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnel.formulas import attribution
from funnel.formulas.attribution import attribute, method_for, shapley
from funnel.formulas.kpi_tree import Formula, Lever, Tree, TreeRefused

FORMULAS = ["a + b - c + d", "a * b * c * d", "a * b + a * c - d", "a * b / (c + d)", "(a + b) * (a - c) / d", "a*a*b"]


def tree_of(text: str, keys: str | list[str], **others: str) -> Tree:
    formulas = [Formula("goal", text), *(Formula(key, other) for key, other in others.items())]
    return Tree("goal", [*formulas, *(Lever(key) for key in keys)])


def numbers(keys, seed: int, low: float = 1, high: float = 5) -> dict[str, float]:
    drawn = random.Random(seed)
    return {key: drawn.uniform(low, high) for key in keys}


def over_all_orders(tree: Tree, start: dict[str, float], end: dict[str, float]) -> dict[str, float]:
    """The definition, word for word."""
    parts = dict.fromkeys(start, Fraction(0))
    for order in permutations(start):
        values = dict(start)
        last = Fraction(tree.result(values))
        for key in order:
            values[key] = end[key]
            now = Fraction(tree.result(values))
            parts[key] += now - last
            last = now
    return {key: float(part / factorial(len(start))) for key, part in parts.items()}


@pytest.mark.parametrize("text", FORMULAS)
def test_parts_are_what_the_definition_says(text):
    tree, start, end = tree_of(text, "abcd"), numbers("abcd", 1), numbers("abcd", 2)
    assert shapley(tree, start, end) == pytest.approx(over_all_orders(tree, start, end), rel=1e-11, abs=1e-11)


def test_a_product_of_two_splits_what_they_do_together_in_halves():
    tree = tree_of("a * b", "ab")
    parts = shapley(tree, {"a": 100, "b": 8}, {"a": 120, "b": 10})
    assert parts == {"a": 20 * (8 + 10) / 2, "b": 2 * (100 + 120) / 2}


def test_a_product_of_three_is_split_as_by_hand():
    # Δa · (2bc + bc' + b'c + 2b'c') ÷ 6, and so around.
    tree = tree_of("a * b * c", "abc")
    parts = shapley(tree, {"a": 1, "b": 2, "c": 3}, {"a": 4, "b": 6, "c": 8})
    assert parts["a"] == pytest.approx(3 * (2 * 6 + 2 * 8 + 6 * 3 + 2 * 48) / 6)
    assert sum(parts.values()) == 4 * 6 * 8 - 6


def test_in_a_sum_each_lever_has_its_own_move():
    keys = [f"k{at}" for at in range(40)]
    start, end = numbers(keys, 3), numbers(keys, 4)
    parts = shapley(tree_of("+".join(keys), keys), start, end)
    assert parts == pytest.approx({key: end[key] - start[key] for key in keys})


def test_of_a_logarithm_each_factor_has_its_own_ratio():
    start, end = numbers("abcd", 5), numbers("abcd", 6)
    parts = shapley(tree_of("a * b / (c * d)", "abcd"), start, end, np.log)
    signs = {"a": 1, "b": 1, "c": -1, "d": -1}
    assert parts == pytest.approx({key: sign * log(end[key] / start[key]) for key, sign in signs.items()})


def test_a_measure_that_has_no_value_is_refused():
    tree = tree_of("a - b", "ab")
    with pytest.raises(TreeRefused) as refused:
        shapley(tree, {"a": 3, "b": 2}, {"a": 9, "b": 5}, np.log)
    assert (refused.value.code, refused.value.key) == ("goal_not_positive", "goal")


def test_the_funnel_that_grows_sixty_five_fold_is_attributed_to_its_four_levers():
    levers = ["visits", "lead_rate", "deal_rate", "win_rate"]
    tree = tree_of("visits * lead_rate * deal_rate * win_rate", levers)
    start = dict(zip(levers, (10_000, 0.02, 0.05, 0.2), strict=True))
    end = dict(zip(levers, (50_000, 0.05, 0.15, 0.35), strict=True))
    found = attribute(tree, start=start, end=end)
    assert found.gap == pytest.approx(131.25 - 2)
    assert found.method == "exact"
    assert [part.key for part in found.parts] == levers
    assert fsum(part.value for part in found.parts) == pytest.approx(found.gap, rel=1e-15)
    assert {part.key: part.value for part in found.parts} == pytest.approx(over_all_orders(tree, start, end))


# Many levers


def pairs(keys: list[str]) -> str:
    """A sum of products that share levers with their neighbours."""
    return "+".join(f"{one}*{other}" for one, other in pairwise(keys))


def ratio(keys: list[str]) -> str:
    half = len(keys) // 2
    return f"({'+'.join(keys[:half])}) / ({'+'.join(keys[half:])})"


@pytest.mark.parametrize("count", [3, 12, 13, 40])
@pytest.mark.parametrize(("write", "beyond"), [("*".join, "exact"), (pairs, "exact"), (ratio, "sampled")])
def test_parts_sum_to_the_gap_however_many_levers_move(write, beyond, count):
    keys = [f"k{at}" for at in range(count)]
    tree = tree_of(write(keys), keys)
    found = attribute(tree, start=numbers(keys, 7, 1, 2), end=numbers(keys, 8, 1, 2))
    assert found.method == ("exact" if count <= 12 else beyond)
    largest = max(abs(part.value) for part in found.parts)
    assert abs(fsum(part.value for part in found.parts) - found.gap) <= 4 * np.finfo(float).eps * largest


@pytest.mark.parametrize("count", [1, 2, 3, 6, 11, 12])
def test_integration_agrees_with_all_subsets(count, monkeypatch):
    keys = [f"k{at}" for at in range(count)]
    for text in ("*".join(keys), pairs(keys) or keys[0]):
        tree, start, end = tree_of(text, keys), numbers(keys, 9, 0.5, 2), numbers(keys, 10, 0.5, 2)
        by_subsets = shapley(tree, start, end)
        monkeypatch.setattr(attribution, "MOST_BY_SUBSETS", 0)
        assert shapley(tree, start, end) == pytest.approx(by_subsets, rel=1e-11)
        monkeypatch.undo()


def test_integration_agrees_with_the_closed_form_of_a_product_of_fifteen():
    """Each order's marginals of a product are products again: their mean over subset sizes needs no subset."""
    keys = [f"k{at}" for at in range(15)]
    start, end = numbers(keys, 11), numbers(keys, 12)
    exact = {}
    for key in keys:
        others = [other for other in keys if other != key]
        by_size = [Fraction(1)] + [Fraction(0)] * len(others)  # elementary symmetric sums of what moved
        for other in others:
            moved = [Fraction(0), *(total * Fraction(end[other]) for total in by_size[:-1])]
            by_size = [total * Fraction(start[other]) + up for total, up in zip(by_size, moved, strict=True)]
        n = len(keys)
        mean = sum(total * factorial(s) * factorial(n - s - 1) for s, total in enumerate(by_size)) / factorial(n)
        exact[key] = float(mean * (Fraction(end[key]) - Fraction(start[key])))
    parts = shapley(tree_of("*".join(keys), keys), start, end)
    assert parts == pytest.approx(exact, rel=1e-10)


def test_sampled_parts_lie_within_their_noise_of_the_exact_ones(monkeypatch):
    keys = [f"k{at}" for at in range(8)]
    tree, start, end = tree_of(f"({ratio(keys)}) * k0", keys), numbers(keys, 13), numbers(keys, 14)
    exact = shapley(tree, start, end)
    monkeypatch.setattr(attribution, "MOST_BY_SUBSETS", 0)
    sampled = shapley(tree, start, end)
    assert sampled == pytest.approx(exact, abs=0.003 * max(map(abs, exact.values())))
    assert sampled != exact
    assert sampled == shapley(tree, start, end)


# Laws

LEVERS = "abcdef"
VALUES = st.floats(0.1, 100, allow_nan=False)
SETS = st.fixed_dictionaries(dict.fromkeys(LEVERS, VALUES))


@settings(max_examples=50, deadline=None)
@given(start=SETS, end=SETS, text=st.sampled_from(["a*b*c + d*e*f", "a*b/(c+d) - e*f", "(a+b+c)*(d-e)/f"]))
def test_parts_sum_to_the_gap_and_turn_round_with_it(start, end, text):
    tree = tree_of(text, LEVERS)
    there, back = attribute(tree, start=start, end=end), attribute(tree, start=end, end=start)
    scale = max((abs(part.value) for part in there.parts), default=0)
    goals = abs(tree.result(start)) + abs(tree.result(end))
    assert fsum(part.value for part in there.parts) == pytest.approx(there.gap, abs=1e-15 * (scale + goals))
    for one, other in zip(there.parts, back.parts, strict=True):
        assert one.value == pytest.approx(-other.value, rel=1e-9, abs=1e-11 * (scale + goals))


@pytest.mark.parametrize("count", [4, 14])
def test_the_order_in_which_levers_are_written_changes_nothing(count):
    keys = [f"k{at}" for at in range(count)]
    start, end = numbers(keys, 15), numbers(keys, 16)
    formula = Formula("goal", f"{ratio(keys)} * k0")
    there = Tree("goal", [formula, *(Lever(key) for key in keys)])
    turned = Tree("goal", [*(Lever(key) for key in reversed(keys)), formula])
    assert shapley(there, start, end) == shapley(turned, start, end)


def test_levers_that_do_the_same_have_the_same_part_and_idle_ones_none():
    tree = tree_of("(a + b) * c + 0 * d", "abcde")
    start = {"a": 1, "b": 1, "c": 3, "d": 5, "e": 7}
    end = {"a": 2, "b": 2, "c": 4, "d": 6, "e": 8}
    parts = shapley(tree, start, end)
    assert parts["a"] == pytest.approx(parts["b"])
    assert (parts["d"], parts["e"]) == (0, 0)


def test_a_lever_that_feeds_several_nodes_counts_with_all_of_them():
    tree = tree_of("sales - cost", ["price", "orders", "rate"], sales="price * orders", cost="price * orders * rate")
    start, end = {"price": 10, "orders": 5, "rate": 0.5}, {"price": 12, "orders": 6, "rate": 0.4}
    assert shapley(tree, start, end) == pytest.approx(over_all_orders(tree, start, end))


def test_levers_that_did_not_move_have_nothing():
    tree = tree_of("a * b", "ab")
    assert shapley(tree, {"a": 2, "b": 3}, {"a": 2, "b": 3}) == {"a": 0, "b": 0}
    assert attribute(tree, start={"a": 2, "b": 3}, end={"a": 2, "b": 4}).parts[0].value == 0


# Columns, sets and what is refused


def test_columns_and_sets_may_be_mixed_and_what_they_leave_out_is_at_its_current_value():
    levers = [Lever("orders", {"current": 80, "actual": 100}), Lever("price", {"current": 1200})]
    tree = Tree("revenue", [Formula("revenue", "orders * price"), *levers])
    by_name = attribute(tree, start="current", end="actual")
    assert by_name == attribute(tree, start="current", end={"orders": 100})
    assert [(part.key, part.value) for part in by_name.parts] == [("orders", 24_000), ("price", 0)]


@pytest.mark.parametrize(
    ("end", "code", "key"),
    [
        ({"nobody": 1.0}, "not_a_lever", "nobody"),
        ({"a": float("nan")}, "not_a_number", "a"),
        ({"b": 0.0}, "division_by_zero", "goal"),
        ("actual", "no_value", "b"),
    ],
)
def test_what_cannot_be_attributed_is_refused_with_the_node(end, code, key):
    values = {} if code == "no_value" else {"current": 2.0}
    tree = Tree("goal", [Formula("goal", "a / b"), Lever("a", {"current": 1}), Lever("b", values)])
    with pytest.raises(TreeRefused) as refused:
        attribute(tree, start={"a": 1, "b": 1}, end=end)
    assert (refused.value.code, refused.value.key) == (code, key)


@pytest.mark.parametrize("more", ["", "+" + "+".join(f"k{at}" for at in range(14))])
def test_a_division_by_zero_on_the_way_is_refused_with_the_node(more):
    """Both ends can be calculated, but b and c cross: with one of them moved, the divisor is 0."""
    keys = ["a", "b", "c", *(f"k{at}" for at in range(14) if more)]
    tree = tree_of("margin" + more, keys, margin="a / (b - c)")
    start = dict.fromkeys(keys, 1.0) | {"b": 3, "c": 1}
    end = dict.fromkeys(keys, 2.0) | {"b": 1, "c": 3}
    with pytest.raises(TreeRefused) as refused:
        attribute(tree, start=start, end=end)
    assert (refused.value.code, refused.value.key) == ("division_by_zero", "margin")


def test_more_than_can_be_calculated_is_refused():
    keys = [f"k{at}" for at in range(4)]
    tree = tree_of("*".join(keys), keys)
    for start, end in ((1.0, 1e100), (1e100, 1.0)):
        with pytest.raises(TreeRefused) as refused:
            attribute(tree, start=dict.fromkeys(keys, start), end=dict.fromkeys(keys, end))
        assert refused.value.code == "not_finite"


def test_how_it_is_found_is_said_beforehand():
    keys = [f"k{at}" for at in range(13)]
    start, end = dict.fromkeys(keys, 1.0), dict.fromkeys(keys, 2.0)
    assert method_for(tree_of("*".join(keys), keys), start, end) == "exact"
    assert method_for(tree_of("*".join(keys), keys), start, end, np.log) == "sampled"
    assert method_for(tree_of(ratio(keys), keys), start, end | {"k0": 1.0}) == "exact"


def test_a_tree_too_long_for_all_subsets_is_attributed_otherwise(monkeypatch):
    tree, start, end = tree_of("a * b / (c + d)", "abcd"), numbers("abcd", 21), numbers("abcd", 22)
    monkeypatch.setattr(attribution, "MOST_CALCULATED", 16 * tree.size)
    assert attribute(tree, start=start, end=end).method == "exact"
    monkeypatch.setattr(attribution, "MOST_CALCULATED", 16 * tree.size - 1)
    found = attribute(tree, start=start, end=end)
    assert found.method == "sampled"
    assert fsum(part.value for part in found.parts) == pytest.approx(found.gap, rel=1e-14)


def test_a_tree_of_five_hundred_nodes_is_attributed():
    keys = [f"k{at}" for at in range(480)]
    tree = tree_of("products + rest", keys, products=pairs(keys[:100]), rest="+".join(keys[100:]))
    start, end = numbers(keys, 17), numbers(keys, 18)
    parts = shapley(tree, start, end)
    inner = {key: (end[key] - start[key]) for key in keys[100:]}
    assert {key: parts[key] for key in inner} == pytest.approx(inner)
    mean = {key: (start[key] + end[key]) / 2 for key in keys}
    assert parts["k50"] == pytest.approx((end["k50"] - start["k50"]) * (mean["k49"] + mean["k51"]))


def test_pairs_of_levers_share_what_only_they_do_together():
    """An independent check by dividends: v = Σ of what each subset adds, shared evenly among its levers."""
    tree, start, end = tree_of("a * b / (c + d)", "abcd"), numbers("abcd", 19), numbers("abcd", 20)

    def worth(moved: tuple[str, ...]) -> float:
        return tree.result({key: (end if key in moved else start)[key] for key in "abcd"})

    parts = dict.fromkeys("abcd", 0.0)
    dividends: dict[tuple[str, ...], float] = {}
    for size in range(5):
        for moved in combinations("abcd", size):
            inner = sum(value for part, value in dividends.items() if set(part) < set(moved))
            dividends[moved] = worth(moved) - inner
            for key in moved:
                parts[key] += dividends[moved] / size
    assert shapley(tree, start, end) == pytest.approx(parts, rel=1e-9)
