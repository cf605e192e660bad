"""What a partner's levers brought: their parts, the portions that are theirs, and the rest."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.formulas.contribution import between, contribution, subtree
from funnel.formulas.kpi_tree import Formula, Lever, Tree, TreeRefused

KEYS = ("visits", "cv_rate", "deal_rate", "win_rate", "price")
NUMBERS = st.floats(min_value=0.01, max_value=1000)


def funnel() -> Tree:
    levers = [Lever(key, {"current": 2.0}) for key in KEYS]
    return Tree(
        "revenue",
        [
            Formula("revenue", "orders * price"),
            Formula("orders", "deals * win_rate"),
            Formula("deals", "cvs * deal_rate"),
            Formula("cvs", "visits * cv_rate"),
            *levers,
        ],
    )


def values(drawn: list[float]) -> dict[str, float]:
    return dict(zip(KEYS, drawn, strict=True))


@given(
    st.lists(NUMBERS, min_size=5, max_size=5),
    st.lists(NUMBERS, min_size=5, max_size=5),
    st.lists(st.floats(min_value=0.01, max_value=1), min_size=5, max_size=5),
    st.sets(st.sampled_from(KEYS)),
)
def test_what_is_theirs_and_the_others_are_the_whole_difference(begun, ended, drawn, held):
    portions = {key: portion for key, portion in values(drawn).items() if key in held}
    found = contribution(funnel(), start=values(begun), end=values(ended), portions=portions)
    assert found.own + found.others == pytest.approx(found.gap, rel=1e-9, abs=1e-6)
    assert found.end - found.start == pytest.approx(found.gap, rel=1e-9, abs=1e-6)
    assert {part.key for part in found.parts} == held


@given(
    st.lists(NUMBERS, min_size=5, max_size=5), st.lists(NUMBERS, min_size=5, max_size=5), st.sets(st.sampled_from(KEYS))
)
def test_whoever_has_all_of_every_lever_that_moved_brought_the_whole_difference(begun, ended, moved):
    start = values(begun)
    end = start | {key: value for key, value in values(ended).items() if key in moved}
    found = contribution(funnel(), start=start, end=end, portions=dict.fromkeys(moved, 1.0))
    assert found.own == pytest.approx(found.gap, rel=1e-9, abs=1e-6)


@given(st.lists(NUMBERS, min_size=5, max_size=5), st.sampled_from(KEYS))
def test_a_lever_that_did_not_move_brings_nothing(ended, still):
    start = dict.fromkeys(KEYS, 2.0)
    found = contribution(funnel(), start=start, end=values(ended) | {still: 2.0}, portions={still: 1.0})
    assert found.own == found.parts[0].value == 0


@given(st.integers(min_value=0, max_value=2**16), st.floats(min_value=0.01, max_value=1))
def test_half_the_portion_is_half_of_what_counts(seed, portion):
    drawn = random.Random(seed)
    end = {key: drawn.uniform(0.1, 9) for key in KEYS}
    whole = contribution(funnel(), start={}, end=end, portions={"visits": 1.0})
    part = contribution(funnel(), start={}, end=end, portions={"visits": portion})
    assert part.own == pytest.approx(whole.own * portion)
    assert part.gap == whole.gap


def test_each_number_on_the_way_is_asked_in_its_own_tree():
    tree = funnel()
    assert between(tree, ["cv_rate"]) == ["cvs", "deals", "orders", "revenue"]
    deals = subtree(tree, "deals")
    assert set(deals.levers) == {"visits", "cv_rate", "deal_rate"}
    found = contribution(deals, start={}, end={"cv_rate": 3.0}, portions={"cv_rate": 1.0})
    assert (found.start, found.end, found.own) == (8, 12, 4)


def test_a_number_that_is_no_lever_can_be_in_nobodys_hands():
    with pytest.raises(TreeRefused) as refused:
        contribution(funnel(), start={}, end={}, portions={"orders": 1.0})
    assert refused.value.code == "not_a_lever"
