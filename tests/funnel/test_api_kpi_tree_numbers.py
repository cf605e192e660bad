"""Attribution and simulation for other programs."""

from math import fsum

import pytest
from django.test import Client

from funnel.formulas.simulation import MOST_CALCULATED, MOST_DRAWS
from tests.asking import post

ATTRIBUTION = "/api/v1/calculate/kpi-tree/attribution/"
SIMULATION = "/api/v1/calculate/kpi-tree/simulation/"
SHOP = {
    "goal": "revenue",
    "nodes": [
        {"key": "revenue", "formula": "orders × price"},
        {"key": "orders", "current": 80, "actual": 100, "low": 60, "likely": 80, "high": 120},
        {"key": "price", "current": 1200, "actual": 1100},
    ],
}


@pytest.fixture
def client(cast, sign_in) -> Client:
    return sign_in(cast.partner)


def with_node(**fields) -> dict:
    """The shop with a node changed."""
    nodes = [node | fields if node["key"] == fields["key"] else node for node in SHOP["nodes"]]
    return SHOP | {"nodes": nodes}


# Attribution


def test_the_gap_is_told_by_lever(client):
    told = post(client, ATTRIBUTION, {"tree": SHOP, "from": "current", "to": "actual"})
    assert told.status_code == 200
    assert told.json() == {
        "gap": 14_000,
        "parts": [{"key": "orders", "value": 23_000}, {"key": "price", "value": -9_000}],
        "method": "exact",
    }


def test_forty_levers_that_move_sum_to_the_gap(client):
    keys = [f"k{at}" for at in range(40)]
    levers = [{"key": key, "current": 1 + at / 100, "actual": 1.5 - at / 90} for at, key in enumerate(keys)]
    formula = f"({' + '.join(keys[:20])}) ÷ ({' + '.join(keys[20:])})"
    tree = {"goal": "goal", "nodes": [{"key": "goal", "formula": formula}, *levers]}
    told = post(client, ATTRIBUTION, {"tree": tree, "from": "current", "to": "actual"}).json()
    assert told["method"] == "sampled"
    assert [part["key"] for part in told["parts"]] == keys
    assert fsum(part["value"] for part in told["parts"]) == pytest.approx(told["gap"], rel=1e-13)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"tree": SHOP, "from": "current"}, "to"),
        ({"tree": SHOP, "to": "current"}, "from"),
        ({"tree": SHOP, "from": "current", "to": "last_year"}, "to"),
        ({"from": "current", "to": "actual"}, "tree"),
    ],
)
def test_a_question_that_is_not_whole_is_refused_at_its_field(client, body, field):
    told = post(client, ATTRIBUTION, body)
    assert told.status_code == 400
    assert list(told.json()["fields"]) == [field]


def test_what_divides_by_zero_on_the_way_is_refused_in_japanese_with_the_node(client):
    levers = [{"key": "b", "current": 3, "actual": 1}, {"key": "c", "current": 1, "actual": 3}]
    tree = {"goal": "margin", "nodes": [{"key": "margin", "formula": "1 / (b - c)"}, *levers]}
    told = post(client, ATTRIBUTION, {"tree": tree, "from": "current", "to": "actual"})
    assert told.status_code == 400
    assert told.json()["code"] == "division_by_zero"
    assert told.json()["detail"] == "「margin」の式が0で割っています。"
    assert told.json()["place"]["node"] == "margin"


# Simulation


def test_the_likelihood_of_each_target_is_told(client):
    asked = {"tree": SHOP, "targets": {"must_hit": 96_000, "挑戦": 144_000}, "samples": 20_000, "seed": 7}
    told = post(client, SIMULATION, asked)
    assert told.status_code == 200
    body = told.json()
    # orders are triangular (60, 80, 120): the mean is a third of their sum, a third of them lies below 80
    assert body["mean"] == pytest.approx((60 + 80 + 120) / 3 * 1200, rel=1e-4)
    assert body["p10"] == pytest.approx((60 + (0.1 * 60 * 20) ** 0.5) * 1200, rel=1e-3)
    assert body["p50"] == pytest.approx((120 - (0.5 * 60 * 40) ** 0.5) * 1200, rel=1e-3)
    assert body["p90"] == pytest.approx((120 - (0.1 * 60 * 40) ** 0.5) * 1200, rel=1e-3)
    assert body["probability"] == {"must_hit": pytest.approx(2 / 3, abs=1e-3), "挑戦": 0}
    assert body["drivers"] == [{"key": "orders", "share": 1}, {"key": "price", "share": 0}]
    assert len(body["bins"]["edges"]) == len(body["bins"]["counts"]) + 1
    assert sum(body["bins"]["counts"]) == body["samples"] == 20_000
    assert post(client, SIMULATION, asked).json() == body
    assert post(client, SIMULATION, asked | {"seed": 8}).json()["mean"] != body["mean"]


def test_only_the_tree_is_needed(client):
    body = post(client, SIMULATION, {"tree": SHOP}).json()
    assert (body["probability"], body["samples"]) == ({}, 100_000)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"samples": 0}, "samples"),
        ({"samples": 1_000_001}, "samples"),
        ({"samples": "many"}, "samples"),
        ({"seed": 1.5}, "seed"),
        ({"seed": 2**70}, "seed"),
        ({"targets": [1]}, "targets"),
        ({"targets": {"must_hit": "96000"}}, "targets"),
        ({"targets": {"must_hit": None}}, "targets"),
        ({"targets": {str(number): number for number in range(101)}}, "targets"),
        ({"tree": with_node(key="orders", low="60")}, "tree"),
        ({"tree": with_node(key="orders", low=90)}, "tree"),
    ],
)
def test_a_simulation_that_is_not_understood_is_refused_at_its_field(client, wrong, field):
    told = post(client, SIMULATION, {"tree": SHOP} | wrong)
    assert told.status_code == 400
    assert list(told.json()["fields"]) == [field]


def test_names_that_are_no_text_are_no_error_of_ours(client):
    tree = {"tree": SHOP, "targets": {"\ud800": 1}}
    assert post(client, SIMULATION, tree).status_code in (200, 400)


def test_more_work_than_a_request_may_do_is_refused_with_what_is_possible(client):
    keys = [f"k{at}" for at in range(40)]
    levers = [{"key": key, "current": 1, "low": 1, "high": 2} for key in keys]
    tree = {"goal": "goal", "nodes": [{"key": "goal", "formula": "+".join(keys)}, *levers]}
    told = post(client, SIMULATION, {"tree": tree, "samples": 1_000_000})
    assert told.status_code == 400
    assert told.json()["code"] == "too_many_samples"
    most = min(MOST_DRAWS // 40, MOST_CALCULATED // 79)
    assert told.json()["place"]["found"] == str(most) == "500000"
    assert "500000" in told.json()["detail"]


# Who may ask


@pytest.mark.parametrize("address", [ATTRIBUTION, SIMULATION])
def test_whoever_has_not_signed_in_is_told_nothing(db, client, address):
    told = post(Client(), address, {"tree": SHOP})
    assert told.status_code == 401
    assert told.json()["code"] == "not_authenticated"
