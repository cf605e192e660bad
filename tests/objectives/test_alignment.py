from dataclasses import replace
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from objectives.formulas.alignment import (
    AlignmentLoop,
    AlignmentRefused,
    KeyResultNode,
    Link,
    ObjectiveNode,
    find_loop,
    roll_up,
    shares,
)


def objective(name, *scores, pace=1.0, **common):
    key_results = (KeyResultNode(f"{name}.{n}", score, **common) for n, score in enumerate(scores))
    return ObjectiveNode(name, tuple(key_results), pace)


def test_an_objective_is_the_mean_of_its_key_results():
    assert roll_up([objective("o", 0.2, 0.4, 0.9)], []).scores["o"] == pytest.approx(0.5)


def test_an_edited_weight_stays_and_the_others_share_the_rest():
    first, second, third = (KeyResultNode(n, score) for n, score in enumerate((1.0, 0.0, 0.5)))
    node = ObjectiveNode("o", (replace(first, weight=0.6), second, third))
    assert roll_up([node], []).scores["o"] == pytest.approx(0.6 + 0.2 * 0.5)


def test_what_has_no_score_is_left_out_of_the_mean_but_keeps_its_share():
    first, second, third = (KeyResultNode(n, score) for n, score in enumerate((1.0, None, 0.0)))
    node = ObjectiveNode("o", (replace(first, weight=0.5), second, third))
    assert roll_up([node], []).scores["o"] == pytest.approx(0.5 / 0.75)
    assert roll_up([objective("o", None, None), objective("empty")], []).scores == {"o": None, "empty": None}


def test_a_contributing_child_weighs_like_one_of_the_key_results():
    parent, child = objective("p", 0.2, 0.4), objective("c", 0.9)
    assert roll_up([parent, child], [Link("c", "p")]).scores["p"] == pytest.approx(0.5)
    assert roll_up([parent, child], [Link("c", "p", weight=1)]).scores["p"] == pytest.approx((0.3 + 0.9) / 2)


def test_an_objective_without_key_results_is_the_mean_of_its_children():
    nodes = [objective("p"), objective("a", 0.2), objective("b", 0.8), objective("unscored", None)]
    links = [Link(child, "p") for child in ("a", "b", "unscored")]
    assert roll_up(nodes, links).scores["p"] == pytest.approx(0.5)


def test_a_supporting_child_changes_no_number():
    nodes = [objective("p", 0.2), objective("c", 0.9)]
    assert roll_up(nodes, [Link("c", "p", link="supports")]).scores["p"] == pytest.approx(0.2)


def test_several_parents_each_get_the_whole_score():
    nodes = [objective("p"), objective("q"), objective("c", 0.7)]
    rolled = roll_up(nodes, [Link("c", "p"), Link("c", "q")])
    assert rolled.scores["p"] == rolled.scores["q"] == pytest.approx(0.7)


def test_a_key_result_and_its_children_are_weighed_together():
    nodes = [objective("p", 0.2, 0.6), objective("a", 0.8), objective("b", 0.5)]
    links = [Link("a", parent_key_result="p.0"), Link("b", parent_key_result="p.0", weight=2)]
    rolled = roll_up(nodes, links)
    assert rolled.key_result_scores["p.0"] == pytest.approx((0.2 + 0.8 + 2 * 0.5) / 4)
    assert rolled.scores["p"] == pytest.approx((0.5 + 0.6) / 2)


@pytest.mark.parametrize("own", [KeyResultNode("k", 0.0, has_check_in=False), KeyResultNode("k", None)])
def test_the_children_speak_alone_for_a_key_result_without_a_score_of_its_own(own):
    nodes = [ObjectiveNode("p", (own,)), objective("c", 0.8)]
    assert roll_up(nodes, [Link("c", parent_key_result="k")]).scores["p"] == pytest.approx(0.8)


def test_a_key_result_whose_children_have_no_score_keeps_its_own():
    nodes = [ObjectiveNode("p", (KeyResultNode("k", 0.0, has_check_in=False),)), objective("c", None)]
    assert roll_up(nodes, [Link("c", parent_key_result="k")]).scores["p"] == 0


def test_children_in_the_same_unit_may_sum():
    shared = KeyResultNode("k", 0.1, combine="sum", value=3.0, start=10.0, target=110.0, unit="社")
    nodes = [
        ObjectiveNode("p", (shared,)),
        ObjectiveNode("a", (KeyResultNode("a.0", 0.5, value=20.0, unit="社"), KeyResultNode("a.1", 0.5, value=7.0))),
        ObjectiveNode("b", (KeyResultNode("b.0", 0.5, value=40.0, unit="社"),)),
    ]
    rolled = roll_up(nodes, [Link("a", parent_key_result="k"), Link("b", parent_key_result="k")])
    assert rolled.key_result_values["k"] == 60
    assert rolled.key_result_scores["k"] == rolled.scores["p"] == pytest.approx(0.5)


def test_sums_travel_up_more_than_one_step():
    top = KeyResultNode("t", None, combine="sum", target=100.0, unit="社")
    middle = replace(top, id="m", target=50.0)
    nodes = [
        ObjectiveNode("top", (top,)),
        ObjectiveNode("middle", (middle,)),
        ObjectiveNode("leaf", (KeyResultNode("l", 0.2, value=25.0, unit="社"),)),
    ]
    rolled = roll_up(nodes, [Link("leaf", parent_key_result="m"), Link("middle", parent_key_result="t")])
    assert rolled.key_result_scores == {"l": 0.2, "m": 0.5, "t": 0.25}


def test_without_anything_to_sum_a_key_result_keeps_its_own_value():
    shared = KeyResultNode("k", 0.1, combine="sum", value=3.0, target=30.0, unit="社")
    nodes = [ObjectiveNode("p", (shared,)), objective("c", 0.9, value=4.0, unit="件")]
    rolled = roll_up(nodes, [Link("c", parent_key_result="k")])
    assert (rolled.key_result_scores["k"], rolled.key_result_values["k"]) == (0.1, 3.0)


def test_pace_weighs_what_the_score_weighs():
    keep, reach, unscored = KeyResultNode(1, 1.0, pace=1.0), KeyResultNode(2, 0.2, pace=0.4), KeyResultNode(3, None)
    parent = ObjectiveNode("p", (keep, reach, unscored), pace=0.1)
    rolled = roll_up([parent, objective("c", 0.3, pace=0.4)], [Link("c", "p")])
    assert rolled.paces["p"] == pytest.approx((1.0 + 0.4 + 1.0) / 3)  # the child is paced by its own key result
    assert rolled.scores["p"] == pytest.approx(0.5)
    assert roll_up([ObjectiveNode("p", pace=0.4)], []).paces["p"] == 0.4


def test_weights_may_be_taken_as_given():
    node = ObjectiveNode("p", (KeyResultNode(1, 0.2, weight=3), KeyResultNode(2, 0.6, weight=1)))
    rolled = roll_up([node, objective("c", 0.9)], [Link("c", "p", weight=4)], as_given=True)
    assert rolled.scores["p"] == pytest.approx((0.6 + 0.6 + 3.6) / 8)
    with pytest.raises(AlignmentRefused) as refusal:
        roll_up([node], [])
    assert refusal.value.code == "weights_above_one"


def test_neither_tiny_nor_huge_weights_fall_out_of_range():
    for weight in (5e-324, 1e308):
        key_results = tuple(KeyResultNode(n, 0.5, weight=weight, pace=0.25) for n in range(3))
        rolled = roll_up([ObjectiveNode("p", key_results)], [], as_given=True)
        assert (rolled.scores["p"], rolled.paces["p"]) == (0.5, 0.25)


def test_an_objective_whose_every_weight_is_zero_has_no_score():
    assert roll_up([ObjectiveNode("p", (KeyResultNode(1, 0.5, weight=0),))], []).scores["p"] is None


@pytest.mark.parametrize(
    "links",
    [
        [Link("a", "a")],
        [Link("a", parent_key_result="a.0")],
        [Link("a", "b"), Link("b", "c"), Link("c", "a", link="supports")],
        [Link("a", parent_key_result="b.0"), Link("b", "a")],
    ],
)
def test_a_loop_is_refused(links):
    nodes = [objective("a", 0.5), objective("b", 0.5), objective("c", 0.5)]
    with pytest.raises(AlignmentLoop) as refusal:
        roll_up(nodes, links)
    assert refusal.value.code == "loop"
    assert refusal.value.path[0] == "a"


@pytest.mark.parametrize("link", [Link("x", "a"), Link("a", "x"), Link("a", parent_key_result="x"), Link("a")])
def test_a_link_to_nowhere_is_refused(link):
    with pytest.raises(AlignmentRefused) as refusal:
        roll_up([objective("a", 0.5)], [link])
    assert refusal.value.code == "unknown_objective"


@pytest.mark.parametrize(
    ("weights", "code"),
    [
        ([0.6, 0.5], "weights_above_one"),
        ([1.5, None], "weights_above_one"),
        ([-0.1, None], "weight_negative"),
        ([float("nan")], "weight_negative"),
        ([inf], "weight_negative"),
    ],
)
def test_shares_that_cannot_be_are_refused(weights, code):
    with pytest.raises(AlignmentRefused) as refusal:
        shares(weights)
    assert refusal.value.code == code


def test_ten_tenths_are_one():
    assert shares([0.1] * 10) == [0.1] * 10
    assert shares([0.1] * 10 + [None])[-1] == pytest.approx(0)
    assert shares([]) == []


def test_a_long_chain_and_a_wide_diamond_hold_no_loop():
    chain = [(n, n + 1) for n in range(20_000)]
    assert find_loop(chain) is None
    assert find_loop([("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]) is None
    assert find_loop([*chain, (20_000, 5)])[0] == 5


scores = st.none() | st.floats(0, 1)


@st.composite
def graphs(draw):
    size = draw(st.integers(1, 7))
    nodes = []
    for n in range(size):
        key_results = tuple(
            KeyResultNode(
                (n, k),
                draw(scores),
                weight=draw(st.none() | st.floats(0, 0.25)),
                has_check_in=draw(st.booleans()),
                pace=draw(st.floats(0.01, 1)),
                combine=draw(st.sampled_from(["score", "score", "sum"])),
                value=draw(st.none() | st.floats(-100, 100)),
                target=100.0,
                unit=draw(st.sampled_from(["社", "件"])),
            )
            for k in range(draw(st.integers(0, 4)))
        )
        nodes.append(ObjectiveNode(n, key_results, draw(st.floats(0.01, 1))))
    links = []
    for child, parent in draw(st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)), max_size=10)):
        if child > parent:
            onto = [key_result.id for key_result in nodes[parent].key_results]
            key_result = draw(st.sampled_from([None, *onto]))
            links.append(
                Link(
                    child,
                    parent if key_result is None else None,
                    key_result,
                    draw(st.sampled_from(["contributes", "contributes", "supports"])),
                    draw(st.none() | st.floats(0, 3)),
                )
            )
    return nodes, links


@given(graphs(), st.randoms())
def test_the_roll_up_does_not_depend_on_the_order_of_anything(graph, chance):
    nodes, links = graph
    shuffled = [
        replace(node, key_results=tuple(chance.sample(node.key_results, len(node.key_results)))) for node in nodes
    ]
    chance.shuffle(shuffled)
    rolled, again = roll_up(nodes, links), roll_up(shuffled, chance.sample(links, len(links)))
    assert again == rolled


@given(graphs())
def test_a_score_stays_between_its_smallest_and_largest_part(graph):
    nodes, links = graph
    rolled = roll_up(nodes, links)
    for node in nodes:
        parts = [rolled.key_result_scores[key_result.id] for key_result in node.key_results]
        parts += [rolled.scores[link.child] for link in links if link.parent_objective == node.id]
        scored = [part for part in parts if part is not None]
        score = rolled.scores[node.id]
        if score is None:
            continue
        assert min(scored) - 1e-12 <= score <= max(scored) + 1e-12
        assert 0 <= score <= 1 + 1e-12


@given(graphs())
def test_a_pace_stays_between_those_it_is_made_of(graph):
    nodes, links = graph
    rolled = roll_up(nodes, links)
    paces = [pace for node in nodes for pace in (node.pace, *(key_result.pace for key_result in node.key_results))]
    for node in nodes:
        assert min(paces) - 1e-12 <= rolled.paces[node.id] <= max(paces) + 1e-12


@given(graphs())
def test_an_acyclic_graph_has_no_loop_and_a_way_back_makes_one(graph):
    _, links = graph
    edges = [
        (link.child, link.parent_key_result[0] if link.parent_key_result else link.parent_objective) for link in links
    ]
    assert find_loop(edges) is None
    if edges:
        child, parent = edges[0]
        assert find_loop([*edges, (parent, child)]) is not None


@given(st.lists(st.none() | st.floats(0, 0.125), min_size=1, max_size=8))
def test_shares_sum_to_one_unless_every_one_is_edited(weights):
    found = shares(weights)
    assert all(0 <= share < inf for share in found)
    if None in weights:
        assert sum(found) == pytest.approx(1)
    else:
        assert found == weights
