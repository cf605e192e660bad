"""What levers must become for the goal to reach a target."""

from dataclasses import asdict
from math import exp, inf, isfinite, log, sqrt

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from funnel.formulas.consistency import check
from funnel.formulas.kpi_tree import Formula, Lever, Tree, TreeRefused
from funnel.formulas.roots import first_root, nearest_to_zero
from funnel.formulas.sensitivity import sensitivity
from funnel.formulas.solving import solve_lever, solve_mix

NOW = {"a": 4.0, "b": 3.0, "c": 2.0}
FORMULAS = [
    "a * b * c",
    "a * b / c",
    "a + b + c",
    "a * b + c",
    "(a + b) * c",
    "a / (b + c)",
    "a * a * b + c / b",
    "a * b - c",
    "(a * b + c) / (a + c)",
    "-a * b / (0 - c)",
]


def tree_of(text: str, values: dict[str, float] = NOW, **options: dict) -> Tree:
    levers = [Lever(key, {"current": value}, **options.get(key, {})) for key, value in values.items()]
    return Tree("g", [Formula("g", text), *levers])


def one(tree, target, lever="a"):
    return solve_lever(tree, column="current", goal_target=target, lever=lever)


def mix(tree, target, levers="abc"):
    return solve_mix(tree, column="current", goal_target=target, levers=levers)


def refused_by(act, *arguments, **options) -> TreeRefused:
    with pytest.raises(TreeRefused) as refused:
        act(*arguments, **options)
    return refused.value


def goal_with(tree: Tree, values) -> float:
    return tree.result(tree.column("current") | dict(values))


def effort_of(ratios, **efforts) -> float:
    return sum(efforts.get(key, 1) * log(ratio) ** 2 for key, ratio in ratios.items())


# One lever


@pytest.mark.parametrize(
    ("text", "target", "value"),
    [
        ("a * b * c", 60, 10),
        ("a + b + c", 3, -2),
        ("(a + b) * c", 0, -3),
        ("a * b - c / b", 10 - 2 / 3, 10 / 3),
        ("b / a", 12, 0.25),
        ("b / a", -12, -0.25),
        ("a * a * b", 75, 5),
        ("b / (1 - a / 10)", 30, 9),
        ("a * (10 - a)", 9, 9),
        ("a * (10 - a)", 25, 5),
        ("a * a - 6 * a", -5, 5),
        ("a / (a + b)", 0.9, 27),
    ],
)
def test_one_lever_is_solved_as_by_hand(text, target, value):
    tree = tree_of(text)
    found = one(tree, target)
    assert found.value == pytest.approx(value, rel=1e-6 if text == "a * (10 - a)" and target == 25 else 1e-12)
    assert found.ratio == pytest.approx(value / 4, rel=1e-6)
    assert found.within_limits


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(FORMULAS), st.floats(0.2, 8), st.sampled_from("abc"))
def test_what_one_lever_is_solved_to_makes_the_goal(text, ratio, lever):
    tree = tree_of(text)
    target = goal_with(tree, {lever: NOW[lever] * ratio})
    found = one(tree, target, lever)
    assert goal_with(tree, {lever: found.value}) == pytest.approx(target, rel=1e-9)
    if tree.is_straight_in(lever):
        assert found.value == pytest.approx(NOW[lever] * ratio, rel=1e-9)


def test_a_value_out_of_its_limits_is_told_as_such():
    for limits, within in (({"maximum": 9}, False), ({"maximum": 10}, True), ({"minimum": 11}, False)):
        assert one(tree_of("a * b * c", a=limits), 60).within_limits is within


def test_a_lever_at_zero_is_solved_without_a_ratio():
    found = one(tree_of("a * b + c", {"a": 0.0, "b": 4.0, "c": 1.0}), 9)
    assert (found.value, found.ratio) == (2, None)
    found = one(tree_of("a * a + c", {"a": 0.0, "b": 4.0, "c": 1.0}), 1e-8 + 1)
    assert (abs(found.value), found.ratio) == (pytest.approx(1e-4), None)


def test_where_the_target_is_made_already_the_lever_stays():
    assert (one(tree_of("a * b * c"), 24).value, one(tree_of("a * a"), 16).value) == (4, 4)


@pytest.mark.parametrize(
    ("text", "target", "nearest"),
    [("b + c", 9, 5), ("a * a + b", 2, 3), ("a * (10 - a)", 26, 25), ("b - a * a", 4, 3), ("a - a + b", 9, 3)],
)
def test_what_one_lever_cannot_reach_is_refused_with_the_nearest(text, target, nearest):
    refused = refused_by(one, tree_of(text), target)
    assert (refused.code, refused.best["goal"]) == ("unreachable", pytest.approx(nearest, abs=1e-6))
    assert goal_with(tree_of(text), refused.best["values"]) == refused.best["goal"]


def test_locked_and_unknown_levers_are_refused():
    tree = tree_of("a * b * c", a={"locked": True})
    assert (refused_by(one, tree, 9).code, refused_by(one, tree, 9).key) == ("locked", "a")
    assert (refused_by(one, tree, 9, "g").code, refused_by(mix, tree, 9, ["b", "x"]).key) == ("not_a_lever", "x")
    assert refused_by(mix, tree, 9, "a").code == "nothing_to_move"


# Several levers


@settings(max_examples=40, deadline=None)
@given(st.floats(0.01, 100), st.integers(1, 9))
def test_on_a_product_equal_efforts_give_the_even_ratio_and_falling_levers_are_divided(times, down):
    values = {f"l{at}": 0.3 + at for at in range(10)}
    text = f"{' * '.join(list(values)[:down])} / {' / '.join(list(values)[down:])}"
    plan = {key: value * (3 if at < down else 1 / 3) for at, (key, value) in enumerate(values.items())}
    levers = [Lever(key, {"current": value, "plan": plan[key]}, effort=7.0) for key, value in values.items()]
    tree = Tree("g", [Formula("g", text), *levers])
    target = goal_with(tree, {}) * times
    even = times**0.1
    found = mix(tree, target, values)
    assert found.ratios == pytest.approx(
        {key: even if at < down else 1 / even for at, key in enumerate(values)}, rel=1e-9
    )
    assert check(tree, column="plan", goal_target=target).even_ratio == pytest.approx(even, rel=1e-9)


def test_on_a_product_less_effort_moves_further_as_the_closed_form_says():
    # ln rᵢ = λ · kᵢ ÷ effortᵢ with λ so that Σ kᵢ ln rᵢ = ln(times); k is how often the lever is a factor.
    tree = tree_of("a * a * b / c", a={"effort": 2}, b={"effort": 5}, c={"effort": 1})
    unit = log(10) / (4 / 2 + 1 / 5 + 1 / 1)
    found = mix(tree, goal_with(tree, {}) * 10)
    assert found.ratios == pytest.approx({"a": exp(2 / 2 * unit), "b": exp(unit / 5), "c": exp(-unit)}, rel=1e-12)


def test_on_a_product_what_meets_its_limit_stays_there_and_the_others_share_the_rest():
    tree = tree_of("a * b * c", a={"maximum": 4.4}, b={"maximum": 30})
    found = mix(tree, goal_with(tree, {}) * 8)
    rest = sqrt(8 / 1.1)
    assert found.values["a"] == 4.4
    assert found.ratios == pytest.approx({"a": 1.1, "b": rest, "c": rest}, rel=1e-12)


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(FORMULAS),
    st.lists(st.floats(-1.2, 1.2), min_size=3, max_size=3),
    st.lists(st.sampled_from([0.1, 1.0, 1.0, 4.0]), min_size=3, max_size=3),
    st.floats(0, 1.5),
)
@example("a * b - c", [-1.0, -1.0, 1.0], [1.0, 1.0, 1.0], 0.0)
@example("a + b + c", [1.2, 0.0, 0.0], [1.0, 1.0, 1.0], 1.5)
def test_a_mix_makes_the_goal_within_its_limits_with_no_more_effort_than_a_known_one(text, logs, efforts, spare):
    known = {key: exp(move) for key, move in zip(NOW, logs, strict=True)}
    options = {
        key: {
            "effort": effort,
            "minimum": NOW[key] * min(known[key], 1) / (1 + spare),
            "maximum": NOW[key] * max(known[key], 1) * (1 + spare),
        }
        for key, effort in zip(NOW, efforts, strict=True)
    }
    tree = tree_of(text, **options)
    target = goal_with(tree, {key: NOW[key] * ratio for key, ratio in known.items()})
    found = mix(tree, target)
    assert goal_with(tree, found.values) == pytest.approx(target, rel=1e-9, abs=1e-9)
    for key, value in found.values.items():
        assert options[key]["minimum"] <= value <= options[key]["maximum"]
        assert value == pytest.approx(NOW[key] * found.ratios[key])
    effort = dict(zip(NOW, efforts, strict=True))
    assert effort_of(found.ratios, **effort) <= effort_of(known, **effort) * (1 + 1e-6) + 1e-9


@pytest.mark.parametrize(
    ("text", "times"),
    [("a * b + c", 3), ("a + b + c", 4), ("a / (b + c)", 3), ("(a * b + c) / (a + c)", 1.5), ("a * b - c", 0.3)],
)
def test_no_mix_on_a_fine_grid_takes_less_effort(text, times):
    efforts = {"a": 1.0, "b": 2.0, "c": 0.5}
    tree = tree_of(text, **{key: {"effort": effort} for key, effort in efforts.items()})
    target = goal_with(tree, {}) * times
    found = mix(tree, target)
    # Two levers on a grid, and the third wherever the goal crosses the target between two places of a fine line.
    coarse, fine = np.linspace(-2.5, 2.5, 61), np.linspace(-4, 4, 401)
    y_a, y_b, y_c = np.meshgrid(coarse, coarse, fine, indexing="ij")
    missing = tree.result({"a": 4 * np.exp(y_a), "b": 3 * np.exp(y_b), "c": 2 * np.exp(y_c)}) - target
    crossing = missing[:, :, 1:] * missing[:, :, :-1] <= 0
    effort = y_a**2 + 2 * y_b**2 + 0.5 * y_c**2
    least = np.minimum(effort[:, :, 1:], effort[:, :, :-1])[crossing].min()
    assert effort_of(found.ratios, **efforts) <= least * 1.02 + 1e-3


def test_of_two_equal_terms_one_is_moved_where_that_takes_less():
    # For a + b = 20 from 1 + 1 both to 10 take 2 ln(10)² = 10.6; one to about 19 takes 8.7.
    tree = tree_of("a + b", {"a": 1.0, "b": 1.0})
    found = mix(tree, 20, "ab")
    assert sum(found.values.values()) == pytest.approx(20, rel=1e-9)
    assert effort_of(found.ratios) < log(19) ** 2 < 2 * log(10) ** 2


def test_efforts_count_only_beside_each_other():
    efforts = {"a": 1, "b": 3, "c": 0.2}
    ratios = [
        mix(tree_of("a * b + c", **{key: {"effort": effort * scale} for key, effort in efforts.items()}), 40)
        for scale in (1, 1e-6, 1e9)
    ]
    assert ratios[1].ratios == pytest.approx(ratios[0].ratios, rel=1e-9)
    assert ratios[2].ratios == pytest.approx(ratios[0].ratios, rel=1e-9)


@settings(max_examples=10, deadline=None)
@given(st.permutations("abc"), st.sampled_from(FORMULAS), st.floats(0.6, 2))
def test_the_order_of_levers_changes_nothing(order, text, times):
    target = goal_with(tree_of(text), {}) * times
    found, other = mix(tree_of(text), target), mix(tree_of(text, {key: NOW[key] for key in order}), target, order)
    assert effort_of(other.ratios) == pytest.approx(effort_of(found.ratios), rel=1e-6, abs=1e-12)


def test_locked_levers_and_those_not_asked_for_stay():
    tree = tree_of("a * b * c", b={"locked": True})
    found = mix(tree, 48, "ab")
    assert (found.values, found.ratios) == ({"a": pytest.approx(8), "b": 3}, {"a": pytest.approx(2), "b": 1})
    assert mix(tree, 48, ["ａ", "a"]).values == {"a": pytest.approx(8)}


def test_a_present_value_out_of_its_limits_is_moved_into_them():
    tree = tree_of("a * b * c", a={"minimum": 5}, c={"maximum": 1})
    assert mix(tree, 24).values == pytest.approx({"a": 4 * sqrt(2), "b": 3 * sqrt(2), "c": 1}, rel=1e-9)
    assert mix(tree, 10).values == pytest.approx({"a": 5, "b": 2, "c": 1}, rel=1e-9)
    assert mix(tree_of("a + b * c", a={"minimum": 5}), 11).values == pytest.approx({"a": 5, "b": 3, "c": 2}, rel=1e-9)


def test_a_lever_at_zero_is_refused_unless_it_is_locked():
    values = {"a": 4.0, "b": 0.0, "c": 2.0}
    refused = refused_by(mix, tree_of("a + b + c", values), 9)
    assert (refused.code, refused.key) == ("lever_is_zero", "b")
    found = mix(tree_of("a + b + c", values, b={"locked": True}), 9)
    assert (found.values["b"], found.ratios["b"], sum(found.values.values())) == (0, None, pytest.approx(9))


def test_levers_below_zero_are_moved_by_ratios_too():
    found = mix(tree_of("a * b + c", {"a": -4.0, "b": 3.0, "c": 2.0}, a={"minimum": -8}), -40)
    assert -8 <= found.values["a"] < -4
    assert found.values["a"] * found.values["b"] + found.values["c"] == pytest.approx(-40, rel=1e-9)


@pytest.mark.parametrize(
    ("text", "options", "target", "nearest"),
    [
        ("a * b * c", {"a": {"maximum": 6}, "b": {"maximum": 3}, "c": {"maximum": 4}}, 100, 72),
        ("a * b / c", {"a": {"maximum": 6}, "b": {"maximum": 3}, "c": {"minimum": 1.5}}, 100, 12),
        ("a * b * c", {"a": {"minimum": 3}, "b": {"minimum": 2}, "c": {"minimum": 1}}, 5, 6),
        ("a + b * c", {"a": {"maximum": 6}, "b": {"maximum": 5}, "c": {"maximum": 4}}, 100, 26),
        ("a * b - c", {"a": {"maximum": 6}, "b": {"maximum": 4}, "c": {"minimum": 1}}, 100, 23),
        ("a / (b + c)", {"a": {"maximum": 8}, "b": {"minimum": 1}, "c": {"minimum": 1}}, 100, 4),
        ("a * (10 - a) + b * c * 0", {"a": {}, "b": {}, "c": {}}, 30, 25),
        ("a * b * c", {}, -5, 0),
        ("a * b * c", {"a": {"minimum": -9, "maximum": 0}, "b": {}, "c": {}}, 30, 24),
    ],
)
def test_what_a_mix_cannot_reach_is_refused_with_the_nearest(text, options, target, nearest):
    tree = tree_of(text, **options)
    refused = refused_by(mix, tree, target)
    best = refused.best
    assert (refused.code, best["goal"]) == ("unreachable", pytest.approx(nearest, rel=1e-6, abs=1e-6))
    assert goal_with(tree, best["values"]) == pytest.approx(best["goal"], rel=1e-12)
    assert best["values"] == pytest.approx({key: NOW[key] * ratio for key, ratio in best["ratios"].items()}, abs=1e-12)


@pytest.mark.parametrize(("low", "high"), [(0.07, 12.3), (3.0, 49.0), (1e-7, 1e7), (0.3, 0.7)])
def test_what_stands_at_its_limit_is_the_limit_to_the_last_digit(low, high):
    tree = tree_of(
        "a * b / c", {"a": 0.6, "b": 0.6, "c": 0.6}, **{key: {"minimum": low, "maximum": high} for key in "abc"}
    )
    assert refused_by(mix, tree, 1e90).best["values"] == {"a": high, "b": high, "c": low}
    assert refused_by(mix, tree, 1e-90).best["values"] == {"a": low, "b": low, "c": high}


def test_the_very_edge_of_what_limits_allow_is_reached():
    tree = tree_of("a * b + c", a={"maximum": 6}, b={"maximum": 4}, c={"maximum": 3})
    assert mix(tree, 27).values == pytest.approx({"a": 6, "b": 4, "c": 3}, rel=1e-9)
    assert refused_by(mix, tree, 27.001).best["goal"] == pytest.approx(27)


EXTREME = st.sampled_from([0.0, 1.0, -1.0, 5e-324, 1e-300, 1e-50, 1e50, 1e100, -1e100, 3.3, -7.0])


def finite(told) -> bool:
    if isinstance(told, dict):
        return all(map(finite, told.values()))
    if isinstance(told, list | tuple):
        return all(map(finite, told))
    return not isinstance(told, float) or isfinite(told)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(FORMULAS), st.lists(EXTREME, min_size=10, max_size=10))
@example("b / a", [1.0, 1e-300, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1e100])
@example("a + b + c", [1e-300, 1e-300, 1.0, 1.0, 1.0, 1.0, 0.0, 1e50, 1.0, 1e100])
def test_the_strangest_numbers_are_answered_with_numbers_or_refused(text, drawn):
    levers = [
        Lever(
            key,
            {"current": drawn[at], "plan": drawn[at + 3]},
            minimum=min(drawn[at + 6], drawn[0]),
            maximum=max(drawn[at + 6], drawn[0]),
        )
        for at, key in enumerate("abc")
    ]
    tree = Tree("g", [Formula("g", text), *levers])
    for act in (
        lambda: solve_lever(tree, column="current", goal_target=drawn[9], lever="a"),
        lambda: solve_mix(tree, column="current", goal_target=drawn[9], levers="abc"),
        lambda: check(tree, column="plan", goal_target=drawn[9]),
        lambda: sensitivity(tree, column="plan", change=0.1),
        lambda: sensitivity(tree, column="plan", change=1e300),
    ):
        try:
            assert finite(asdict(act()))
        except TreeRefused as refused:
            assert refused.best is None or finite(refused.best)  # noqa: PT017 either is an answer


# Roots


@pytest.mark.parametrize("pole", [0.5, 3.0])
def test_a_pole_is_no_root(pole):
    assert first_root(lambda x: 1 / (x - pole) if x != pole else inf, -10, 10) is None
    found = first_root(lambda x: 1 / (x - pole) + 0.25 if x != pole else inf, -10, 10)
    assert found == pytest.approx(pole - 4)


def test_a_function_that_only_touches_zero_is_met_between_the_steps():
    found = nearest_to_zero(lambda x: (x - 2.3) ** 2, -10, 10)
    assert found.at == pytest.approx(2.3, abs=1e-6)
    assert not isfinite(nearest_to_zero(lambda x: x - 2.3 if x < 1 else float("nan"), 0, 10).at - inf)
