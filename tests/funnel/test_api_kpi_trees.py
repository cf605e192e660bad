"""Asking the calculators of KPI trees: evaluate, consistency, sensitivity, solve."""

import json

import pytest
from django.test import Client

from people.services import make_token
from tests.asking import post

CHAIN = {"visits": (10_000, 50_000), "lead": (0.02, 0.05), "deal": (0.05, 0.15), "win": (0.2, 0.35)}
LEVERS = [{"key": key, "current": now, "challenge": then} for key, (now, then) in CHAIN.items()]
ORDERS = {"goal": "orders", "nodes": [*LEVERS, {"key": "orders", "formula": "visits * lead * deal * win"}]}
BODIES = {
    "evaluate": {"column": "current"},
    "consistency": {"column": "challenge", "goal_target": 6},
    "sensitivity": {"column": "current", "change": 0.1},
    "solve": {"column": "current", "goal_target": 6, "lever": "win"},
}


@pytest.fixture
def client(cast, sign_in):
    return sign_in(cast.member, language="en")


def ask(client, what, tree=ORDERS, **question):
    return post(client, f"/api/v1/calculate/kpi-tree/{what}/", {"tree": tree, **question})


def tree_of(formula: str, *levers: dict, goal: str = "goal") -> dict:
    return {"goal": goal, "nodes": [{"key": "goal", "formula": formula}, *levers]}


def test_every_node_is_evaluated_in_the_column_asked_and_current_where_it_has_none(client):
    tree = tree_of(
        "売上 × （１ − 率） ÷ 2", {"key": "売上", "current": 80, "must_hit": 100}, {"key": "率", "current": 0.2}
    )
    answer = ask(client, "evaluate", tree, column="must_hit")
    assert (answer.status_code, answer.json()) == (200, {"values": {"売上": 100, "率": 0.2, "goal": 40}})


def test_the_four_levers_make_65_times_where_3_is_needed_and_an_even_1_316_is_enough(client):
    answer = ask(client, "consistency", column="challenge", goal_target=6)
    told = answer.json()
    assert (answer.status_code, told["verdict"]) == (200, "overshoot")
    assert told.keys() == {
        *("goal_current", "goal_implied", "required_ratio", "implied_ratio", "even_ratio", "verdict", "levers")
    }
    assert (told["goal_current"], told["goal_implied"]) == pytest.approx((2, 131.25))
    assert (told["required_ratio"], told["implied_ratio"]) == pytest.approx((3, 65.625))
    assert told["even_ratio"] == pytest.approx(3**0.25, rel=1e-12)
    assert [lever["key"] for lever in told["levers"]] == list(CHAIN)
    assert [lever["ratio"] for lever in told["levers"]] == pytest.approx([5, 2.5, 3, 1.75])
    assert sum(lever["log_share"] for lever in told["levers"]) == pytest.approx(1)
    assert told["levers"][0].keys() == {"key", "ratio", "alone_ratio", "log_share"}


def test_a_ratio_that_says_nothing_is_null(client):
    tree = tree_of("a - b", {"key": "a", "current": 5, "challenge": 20}, {"key": "b", "current": 8})
    told = ask(client, "consistency", tree, column="challenge", goal_target=10).json()
    assert (told["goal_current"], told["goal_implied"], told["verdict"]) == (-3, 12, "overshoot")
    assert (told["required_ratio"], told["implied_ratio"]) == (None, None)
    assert told["levers"][0] == {"key": "a", "ratio": 4, "alone_ratio": None, "log_share": None}


def test_the_largest_swing_stands_first_and_locked_levers_too(client):
    levers = [
        {"key": "rent", "current": 100, "low": 90, "high": 130, "locked": True},
        {"key": "sales", "current": 1000, "low": 800, "high": 1100},
        {"key": "margin", "current": 0.25},
    ]
    tree = tree_of("sales * margin - rent", *levers)
    told = ask(client, "sensitivity", tree, column="current", change=0.2).json()
    assert told["goal"] == 150
    assert [lever["key"] for lever in told["levers"]] == ["sales", "margin", "rent"]
    rent = told["levers"][2]
    assert (rent.pop("elasticity"), rent) == (
        pytest.approx(-2 / 3),
        {"key": "rent", "low": 170, "high": 130, "swing": 40},
    )
    ranges = ask(client, "sensitivity", tree, column="current").json()["levers"]
    assert [(lever["key"], lever["low"], lever["high"], lever["swing"]) for lever in ranges] == [
        ("sales", 100, 175, 75),
        ("rent", 160, 120, 40),
        ("margin", 150, 150, 0),
    ]


def test_one_lever_is_solved_and_its_limits_told(client):
    tree = tree_of("a * b", {"key": "a", "current": 10}, {"key": "b", "current": 0.5, "max": 1})
    assert ask(client, "solve", tree, column="current", goal_target=15, lever="b").json() == {
        "value": 1.5,
        "ratio": 3,
        "within_limits": False,
    }
    nothing = tree_of("a + b", {"key": "a", "current": 10}, {"key": "b", "current": 0})
    assert ask(client, "solve", nothing, column="current", goal_target=15, lever="b").json() == {
        "value": 5,
        "ratio": None,
        "within_limits": True,
    }


def test_several_levers_are_solved_with_the_least_effort(client):
    told = ask(client, "solve", column="current", goal_target=6, levers=["visits", "win"]).json()
    assert told.keys() == {"values", "ratios"}
    assert told["ratios"] == pytest.approx({"visits": 3**0.5, "win": 3**0.5})
    assert told["values"] == pytest.approx({"visits": 10_000 * 3**0.5, "win": 0.2 * 3**0.5})


def test_a_goal_out_of_reach_names_the_nearest(client):
    tree = tree_of("a * b", {"key": "a", "current": 10, "max": 12}, {"key": "b", "current": 2, "max": 3})
    answer = ask(client, "solve", tree, column="current", goal_target=60, levers=["a", "b"])
    told = answer.json()
    assert (answer.status_code, told["code"], list(told["fields"])) == (400, "unreachable", ["goal_target"])
    best = told["best"]
    assert (best["goal"], best["values"]) == (36, {"a": 12, "b": 3})
    assert best["ratios"] == pytest.approx({"a": 1.2, "b": 1.5})
    alone = tree_of("a + b * 0", {"key": "a", "current": 10}, {"key": "b", "current": 2})
    told = ask(client, "solve", alone, column="current", goal_target=60, lever="b").json()
    assert (told["code"], told["best"]) == ("unreachable", {"goal": 10, "values": {"b": 2}, "ratios": {"b": 1}})


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ({}, "lever"),
        ({"lever": "visits", "levers": ["win"]}, "levers"),
        ({"lever": "orders"}, "lever"),
        ({"levers": ["win", "orders"]}, "levers"),
        ({"levers": []}, "levers"),
        ({"levers": "win"}, "levers"),
        ({"lever": "win", "goal_target": "6"}, "goal_target"),
        ({"lever": "win", "goal_target": None}, "goal_target"),
        ({"lever": "win", "column": "next_year"}, "column"),
    ],
)
def test_a_question_that_asks_for_no_lever_is_refused_beside_its_field(client, question, field):
    answer = ask(client, "solve", **({"column": "current", "goal_target": 6} | question))
    assert answer.status_code == 400
    assert field in answer.json()["fields"]


@pytest.mark.parametrize("change", [0, -0.1, "0.1", True])
def test_a_swing_of_nothing_is_refused(client, change):
    answer = ask(client, "sensitivity", column="current", change=change)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["change"])


@pytest.mark.parametrize(
    ("formula", "code", "place"),
    [
        ("a * ghost", "unknown_key", {"node": "goal", "start": 4, "end": 9, "found": "ghost"}),
        ("a ** 2", "value_missing", {"node": "goal", "start": 3, "end": 4, "found": "*"}),
        ("a ^ 2", "unknown_character", {"node": "goal", "start": 2, "end": 3, "found": "^"}),
        ("a + goal", "loop", {"node": "goal", "start": None, "end": None, "found": "goal → goal"}),
        ("a / (b - b)", "division_by_zero", {"node": "goal", "start": None, "end": None, "found": None}),
        ("a + " + "1" * 2000, "too_long", {"node": "goal", "start": 2000, "end": 2004, "found": "1111"}),
    ],
)
def test_what_makes_no_tree_is_refused_with_its_place(client, formula, code, place):
    tree = tree_of(formula, {"key": "a", "current": 1}, {"key": "b", "current": 2})
    for what, question in BODIES.items():
        answer = ask(client, what, tree, **(question | ({"lever": "a"} if what == "solve" else {})))
        told = answer.json()
        assert (answer.status_code, told["code"], told["place"]) == (400, code, place)
        assert told["fields"] == {"tree": [told["detail"]]}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "true", '"5"', "[]", "1" + "0" * 400])
def test_what_is_no_number_is_refused_at_its_node(client, number):
    body = json.dumps({"tree": ORDERS, **BODIES["consistency"]}).replace("50000", number)
    answer = client.post("/api/v1/calculate/kpi-tree/consistency/", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json().keys() >= {"code", "detail"}


def test_ten_to_the_three_hundred_is_refused(client):
    tree = tree_of("a * 2", {"key": "a", "current": 1e300})
    told = ask(client, "evaluate", tree, column="current").json()
    assert (told["code"], told["place"]["node"]) == ("too_large", "a")
    tree = tree_of("a / (a * a * a * a)", {"key": "a", "current": 1e99})
    assert ask(client, "evaluate", tree, column="current").json()["code"] == "not_finite"


def test_more_than_500_nodes_are_refused(client):
    levers = [{"key": f"a{number}", "current": 1} for number in range(500)]
    answer = ask(client, "evaluate", tree_of("a1", *levers), column="current")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_a_refusal_is_said_in_the_readers_language(cast, sign_in):
    japanese = sign_in(cast.member)
    told = ask(japanese, "evaluate", tree_of("a / 0", {"key": "a", "current": 1}), column="current").json()
    assert "「goal」" in told["detail"]
    assert "0で割" in told["detail"]
    told = ask(japanese, "solve", column="current", goal_target=6).json()
    assert told["detail"] == "1つのレバー（lever）か、複数のレバー（levers）の、どちらか一方だけを指定してください。"


def test_whoever_has_signed_in_may_calculate_also_with_a_token_that_only_reads(cast):
    secret = make_token(cast.partner, name="帳票", is_read_only=True)[1]
    program = Client(headers={"authorization": f"Bearer {secret}"})
    for what, question in BODIES.items():
        assert ask(Client(), what, **question).status_code == 401
        assert ask(program, what, **question).status_code == 200
