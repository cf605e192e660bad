"""What the goal needs beside what its levers promise."""

from itertools import permutations
from math import log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnel.formulas.consistency import check
from funnel.formulas.kpi_tree import Formula, Lever, Tree, TreeRefused

CHAIN = {"visits": (10_000, 50_000), "lead": (0.02, 0.05), "deal": (0.05, 0.15), "win": (0.2, 0.35)}


def tree_of(text: str, **levers: tuple[float, float]) -> Tree:
    return Tree(
        "g", [Formula("g", text), *(Lever(key, {"current": now, "plan": then}) for key, (now, then) in levers.items())]
    )


FUNNEL = tree_of("visits * lead * deal * win", **CHAIN)


def effects(found):
    return {lever.key: lever for lever in found.levers}


def test_four_levers_make_65_times_where_3_is_needed_and_an_even_1_316_is_enough():
    found = check(FUNNEL, column="plan", goal_target=6)
    assert (found.goal_current, found.goal_implied) == pytest.approx((2, 131.25), rel=1e-14)
    assert (found.required_ratio, found.implied_ratio) == pytest.approx((3, 65.625), rel=1e-14)
    assert found.even_ratio == pytest.approx(3**0.25, rel=1e-13)
    assert found.verdict == "overshoot"
    for lever in found.levers:
        now, then = CHAIN[lever.key]
        # In a chain each lever alone does to the goal what it does to itself.
        assert lever.ratio == pytest.approx(then / now)
        assert lever.alone_ratio == pytest.approx(then / now)
        assert lever.log_share == pytest.approx(log(then / now) / log(65.625))


def test_a_falling_lever_is_divided_by_the_even_ratio():
    tree = tree_of("price * margin / churn", price=(500, 500), margin=(0.5, 0.6), churn=(0.15, 0.05))
    found = check(tree, column="plan", goal_target=2 * 500 * 0.5 / 0.15)
    assert found.even_ratio == pytest.approx(2**0.5, rel=1e-12)
    at_even = 500 * (0.5 * found.even_ratio) / (0.15 / found.even_ratio)
    assert at_even == pytest.approx(2 * found.goal_current, rel=1e-12)
    assert effects(found)["churn"].ratio == pytest.approx(1 / 3)
    assert effects(found)["churn"].alone_ratio == pytest.approx(3)
    unmoved = effects(found)["price"]
    assert (unmoved.ratio, unmoved.alone_ratio, unmoved.log_share) == (1, 1, 0)


def test_a_goal_that_must_fall_has_an_even_ratio_below_one_where_its_levers_rise():
    found = check(tree_of("a * b", a=(2, 4), b=(3, 6)), column="plan", goal_target=1.5)
    assert found.even_ratio == pytest.approx(0.5, rel=1e-12)
    assert found.verdict == "overshoot"


@pytest.mark.parametrize(
    ("target", "verdict"),
    [(100, "overshoot"), (105, "consistent"), (110, "consistent"), (115.7, "consistent"), (116, "undershoot")],
)
def test_five_percent_is_still_consistent(target, verdict):
    tree = tree_of("a", a=(50, 110))
    assert check(tree, column="plan", goal_target=target).verdict == verdict


def test_the_fifth_percent_itself_is_consistent():
    assert check(tree_of("a", a=(1, 1.05)), column="plan", goal_target=1).verdict == "consistent"
    assert check(tree_of("a", a=(1, 0.95)), column="plan", goal_target=1).verdict == "consistent"


def test_only_some_levers_may_be_let_move():
    found = check(FUNNEL, column="plan", goal_target=6, only=["visits", "ｗｉｎ"])
    assert found.implied_ratio == pytest.approx(5 * 1.75)
    assert found.even_ratio == pytest.approx(3**0.5)
    assert [lever.ratio for lever in found.levers] == pytest.approx([5, 1, 1, 1.75])
    with pytest.raises(TreeRefused) as refused:
        check(FUNNEL, column="plan", goal_target=6, only=["g"])
    assert (refused.value.code, refused.value.key) == ("not_a_lever", "g")


def test_shares_are_shapley_values_of_the_logarithm_where_orders_matter():
    now, then = {"a": 2, "b": 3, "c": 10}, {"a": 5, "b": 4, "c": 30}
    tree = tree_of("a * b + c", **{key: (now[key], then[key]) for key in now})
    shares = dict.fromkeys(now, 0.0)
    for order in permutations(now):
        values = dict(now)
        for key in order:
            before = log(values["a"] * values["b"] + values["c"])
            values[key] = then[key]
            shares[key] += (log(values["a"] * values["b"] + values["c"]) - before) / 6
    implied = log((5 * 4 + 30) / (2 * 3 + 10))
    found = check(tree, column="plan", goal_target=40)
    assert {key: lever.log_share for key, lever in effects(found).items()} == pytest.approx(
        {key: share / implied for key, share in shares.items()}
    )
    assert sum(lever.log_share for lever in found.levers) == pytest.approx(1)


def test_the_shares_of_a_long_chain_are_exact_and_need_no_orders():
    levers = {f"l{at}": (1 + at, 1.1 * (1 + at) + at % 3) for at in range(40)}
    found = check(tree_of(" * ".join(levers), **levers), column="plan", goal_target=1)
    total = sum(log(then / now) for now, then in levers.values())
    assert [lever.log_share for lever in found.levers] == pytest.approx(
        [log(then / now) / total for now, then in levers.values()], rel=1e-9
    )


@pytest.mark.parametrize(
    ("text", "levers", "target"),
    [
        ("a - b", {"a": (5, 9), "b": (8, 8)}, 4),
        ("a * b", {"a": (0, 9), "b": (8, 9)}, 4),
        ("a - b", {"a": (8, 9), "b": (8, 6)}, 4),
    ],
)
def test_where_the_goal_is_not_above_zero_no_ratio_is_told(text, levers, target):
    found = check(tree_of(text, **levers), column="plan", goal_target=target)
    assert (found.required_ratio, found.implied_ratio) == (None, None)
    assert {(lever.alone_ratio, lever.log_share) for lever in found.levers} == {(None, None)}


def test_a_goal_that_ends_below_zero_has_ratios_but_no_shares():
    found = check(tree_of("a - b", a=(9, 5), b=(3, 8)), column="plan", goal_target=12)
    assert (found.implied_ratio, found.verdict) == (-0.5, "undershoot")
    assert [lever.alone_ratio for lever in found.levers] == pytest.approx([2 / 6, 1 / 6])
    assert {lever.log_share for lever in found.levers} == {None}


def test_where_nothing_moves_there_is_nothing_to_share_and_no_even_ratio():
    found = check(tree_of("a * b", a=(2, 2), b=(0.5, 0.5)), column="plan", goal_target=3)
    assert (found.implied_ratio, found.required_ratio, found.even_ratio) == (1, 3, None)
    assert [(lever.ratio, lever.alone_ratio, lever.log_share) for lever in found.levers] == [(1, 1, None)] * 2


def test_a_lever_that_starts_at_zero_has_no_ratio_and_takes_no_part_in_the_even_one():
    found = check(tree_of("a + b", a=(10, 12), b=(0, 8)), column="plan", goal_target=15)
    assert effects(found)["b"].ratio is None
    assert effects(found)["b"].alone_ratio == pytest.approx(1.8)
    assert found.even_ratio == pytest.approx(1.5)


def test_no_even_ratio_where_none_reaches_the_target():
    assert check(tree_of("a * b", a=(2, 4), b=(3, 6)), column="plan", goal_target=-1).even_ratio is None
    assert check(tree_of("a + b", a=(2, 4), b=(3, 3)), column="plan", goal_target=2.5).even_ratio is None


def test_a_lever_that_alone_would_divide_by_zero_has_no_effect_alone():
    found = check(tree_of("10 / (a - b)", a=(5, 3), b=(3, 2)), column="plan", goal_target=10)
    assert effects(found)["a"].alone_ratio is None
    assert {lever.log_share for lever in found.levers} == {None}
    assert found.implied_ratio == 2


ratios = st.floats(1.05, 20)


@settings(max_examples=40, deadline=None)
@given(st.lists(ratios, min_size=4, max_size=4), st.floats(0.05, 50), st.permutations(range(4)))
def test_the_even_ratio_reaches_the_target_and_the_order_of_levers_changes_nothing(drawn, times, order):
    text = "a * b * (1 + c) / d"
    levers = {key: (1.0 + at, (1.0 + at) * ratio) for at, (key, ratio) in enumerate(zip("abcd", drawn, strict=True))}
    levers["d"] = (4.0, 4.0 / drawn[3])
    found = check(tree_of(text, **levers), column="plan", goal_target=times)
    r = found.even_ratio
    assert r * 2 * r * (1 + 3 * r) / (4 / r) == pytest.approx(times, rel=1e-9)
    shuffled = {"abcd"[at]: levers["abcd"[at]] for at in order}
    other = check(tree_of(text, **shuffled), column="plan", goal_target=times)
    for key, lever in effects(found).items():
        assert effects(other)[key].log_share == pytest.approx(lever.log_share, abs=1e-12)
        assert effects(other)[key].alone_ratio == pytest.approx(lever.alone_ratio)
    assert other.even_ratio == pytest.approx(found.even_ratio)


def test_the_shares_of_many_levers_in_a_sum_are_those_of_all_orders_within_a_hundredth():
    # 8 like pairs beside each other: by symmetry each lever has a sixteenth.
    pairs = {f"{name}{at}": (2.0, 3.0) for at in range(8) for name in "ab"}
    tree = tree_of(" + ".join(f"a{at} * b{at}" for at in range(8)), **pairs)
    found = check(tree, column="plan", goal_target=50)
    assert [lever.log_share for lever in found.levers] == pytest.approx([1 / 16] * 16, rel=0.01)
    assert sum(lever.log_share for lever in found.levers) == pytest.approx(1, rel=1e-12)
    assert check(tree, column="plan", goal_target=50) == found
