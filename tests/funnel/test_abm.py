"""Laws of the moves in an ABM matrix."""

import doctest
from math import isclose

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from funnel.formulas import abm
from funnel.formulas.abm import ASSUMED, MEASURED, RESTING, UNKNOWN, Stage, chain_of, forward, needed, wilson

KINDS = st.sampled_from([abm.OPEN, abm.OPEN, abm.OPEN, abm.HOLD, abm.LOST, abm.OUT])


@st.composite
def matrices(draw):
    """Stages with at least one on the way and one won, and whatever moved between them."""
    kinds = [abm.OPEN, *draw(st.lists(KINDS, max_size=5)), abm.WON]
    assumed = st.none() | st.floats(0, 1)
    stages = [Stage(key, kind, draw(assumed)) for key, kind in enumerate(kinds, start=1)]
    keys = st.sampled_from([stage.key for stage in stages])
    arrows = st.tuples(st.none() | keys, keys)
    moves = draw(st.dictionaries(arrows, st.integers(0, 400), max_size=25))
    stock = draw(st.dictionaries(keys, st.integers(0, 500), max_size=6))
    return stages, moves, stock


def test_the_worked_example_holds():
    assert doctest.testmod(abm).failed == 0


@given(matrices())
def test_shares_of_a_stage_are_one_together(made):
    stages, moves, _stock = made
    for leaving in chain_of(stages, moves).leaving.values():
        if leaving.known in (MEASURED, ASSUMED):
            assert isclose(sum(share.share for share in leaving.to.values()), 1, abs_tol=1e-12)
        else:
            assert leaving.to == {}


@given(matrices())
def test_a_chance_lies_between_none_and_certain(made):
    stages, moves, _stock = made
    chain = chain_of(stages, moves)
    for stage in stages:
        for chance in chain.chances({stage.key}).values():
            assert chance is None or 0 <= chance <= 1


@example(([Stage(1, assumed=2**-9), Stage(2, assumed=2**-9), Stage(3, abm.WON)], {}, {}), 1.0)
@given(matrices(), st.floats(0, 5000))
def test_what_is_needed_brings_the_orders_when_it_is_fed_forwards(made, orders):
    stages, moves, stock = made
    chain = chain_of(stages, moves)
    need = needed(chain, orders=orders, stock=stock, entering={1: 1.0})
    assert need.new is None or need.new >= 0
    assert all(count >= 0 for count in need.moves.values())
    assume(need.new is not None)
    flow = forward(chain, stock, {1: need.new})
    expected = need.from_stock if need.is_enough else orders
    assert isclose(flow.orders, expected, rel_tol=1e-9, abs_tol=1e-9)
    assert need.is_enough == (need.from_stock >= orders - 1e-9 * max(orders, 1.0))


@given(matrices(), st.floats(0, 1000), st.floats(0, 1000))
def test_more_orders_never_need_fewer_moves(made, orders, more):
    stages, moves, stock = made
    chain = chain_of(stages, moves)
    few = needed(chain, orders=orders, stock=stock, entering={1: 1.0})
    many = needed(chain, orders=orders + more, stock=stock, entering={1: 1.0})
    if few.new is None:
        assert many.new is None
    assume(many.new is not None)
    assert many.new >= few.new - 1e-9
    assert all(many.moves.get(arrow, 0) >= count - 1e-6 for arrow, count in few.moves.items())


@given(matrices())
def test_the_chance_of_a_stage_is_the_mean_of_where_it_leads(made):
    stages, moves, _stock = made
    chain = chain_of(stages, moves)
    for key, leaving in chain.leaving.items():
        chance = chain.winning[key]
        if chance and leaving.to:
            ahead = sum(one.share * (chain.winning.get(to) or 0.0) for to, one in leaving.to.items())
            assert isclose(chance, ahead, rel_tol=1e-6, abs_tol=1e-9)


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_range_holds_the_share_it_is_of(part, rest):
    low, high = wilson(part, part + rest)
    share = part / (part + rest) if part + rest else 0.5
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1


def test_too_few_moves_are_not_taken_for_a_share():
    stages = [Stage(1, assumed=0.4), Stage(2), Stage(3, abm.HOLD), Stage(4, abm.WON)]
    chain = chain_of(stages, {(1, 2): 4, (2, 4): 4, (3, 1): 2})

    assert chain.leaving[1].known == ASSUMED
    assert chain.leaving[1].to[2].share == 0.4
    assert chain.leaving[1].to[None].share == 0.6  # lost, where no stage stands for it
    assert chain.leaving[2].known == UNKNOWN
    assert chain.leaving[3].known == RESTING
    assert (chain.unknown, chain.resting) == ([2], [3])
    # Nothing is invented: what may come to an unknown stage has no chance that can be told.
    assert chain.winning == {1: None, 2: None, 3: 0.0, 4: 1.0}
    need = needed(chain, orders=3, stock={1: 10, 3: 2}, entering={1: 1.0})
    assert (need.new, need.from_stock, list(need.untold)) == (None, 0.0, [1])


def test_hold_is_a_state_one_may_return_from():
    stages = [Stage(1), Stage(2, abm.HOLD), Stage(3, abm.WON), Stage(4, abm.LOST)]
    chain = chain_of(stages, {(1, 3): 10, (1, 2): 10, (2, 1): 10, (2, 4): 10})

    # a = 1/2 + 1/2 · b and b = 1/2 · a
    assert chain.winning[1] == pytest.approx(2 / 3)
    assert chain.winning[2] == pytest.approx(1 / 3)
    flow = forward(chain, {}, {1: 30})
    assert flow.orders == pytest.approx(20)
    assert flow.moves[1, 2] == pytest.approx(20)


def test_leads_that_only_go_round_in_a_circle_bring_nothing_and_break_nothing():
    chain = chain_of([Stage(1), Stage(2, abm.HOLD), Stage(3, abm.WON)], {(1, 2): 10, (2, 1): 10})

    assert chain.winning == {1: 0.0, 2: 0.0, 3: 1.0}
    need = needed(chain, orders=5, stock={1: 100}, entering={1: 1.0})
    assert (need.new, need.from_stock) == (None, 0.0)


def test_the_stock_may_be_enough():
    stages = [Stage(1), Stage(2, abm.WON), Stage(3, abm.LOST)]
    chain = chain_of(stages, {(1, 2): 5, (1, 3): 5})
    need = needed(chain, orders=10, stock={1: 20}, entering={1: 1.0})

    assert (need.new, need.new_leads, need.is_enough) == (0.0, 0, True)
    assert needed(chain, orders=10.5, stock={1: 20}, entering={1: 1.0}).new_leads == 1


def test_who_enters_at_several_stages_is_as_many_as_must_enter():
    chain = chain_of([Stage(1), Stage(2), Stage(3, abm.WON), Stage(4, abm.LOST)], {(1, 2): 50, (1, 4): 50, (2, 3): 99})

    need = needed(chain, orders=40, stock={}, entering={1: 0.55, 2: 0.45})

    assert need.new == pytest.approx(55.17, abs=0.01)
    assert need.new_leads == 56
    assert need.whole_moves == {(None, 1): 31, (None, 2): 25, (1, 2): 16, (1, 4): 16, (2, 3): 40}
    assert sum(count for (origin, _to), count in need.whole_moves.items() if origin is None) == need.new_leads


def test_a_rate_between_two_stages_has_a_range_where_it_was_counted():
    stages = [Stage(1), Stage(2), Stage(3, abm.WON), Stage(4, abm.LOST)]
    chain = chain_of(stages, {(1, 2): 10, (1, 4): 30, (2, 3): 2})

    share = chain.rate(1, {2})
    assert (share.share, share.count) == (0.25, 40)
    assert share.low < 0.25 < share.high
    assert chain.rate(2, {3}) is None
    assert chain.rate(3, {4}) is None


def test_less_than_nothing_is_refused():
    chain = chain_of([Stage(1), Stage(2, abm.WON)], {(1, 2): 9})
    with pytest.raises(ValueError, match="fewer than none"):
        needed(chain, orders=-1, stock={}, entering={})


@given(st.integers(0, 500), st.lists(st.floats(0, 50), min_size=1, max_size=6))
def test_parts_of_a_whole_number_are_that_number_together(whole, weights):
    parts = abm.apportion(whole, weights)
    assert sum(parts) == whole
    assert all(part >= 0 for part in parts)
    if sum(weights) > 0:
        assert all(
            abs(part - whole * each / sum(weights)) < 1 + 1e-6 for part, each in zip(parts, weights, strict=True)
        )
