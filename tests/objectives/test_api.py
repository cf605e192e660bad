"""Check-ins and calculators for other programs."""

import uuid

import pytest
from django.test import Client


@pytest.fixture
def key_result(cast):
    return cast.objective().key_results.first()


def address(cast, key_result):
    return f"/api/v1/o/{cast.organization.slug}/key-results/{key_result.pk}/check-ins/"


def post(client, url, body):
    return client.post(url, body, content_type="application/json")


def test_a_check_in_is_recorded_and_a_repeated_key_answers_the_first(cast, sign_in, key_result):
    client = sign_in(cast.member)
    body = {"value": "１，２００", "confidence": 7, "obstacle": "人手", "submission_key": str(uuid.uuid4())}
    first = post(client, address(cast, key_result), body)
    assert first.status_code == 201
    assert first.json()["value"] == 1200
    assert first.json()["key_result"] == {
        "id": key_result.pk,
        "progress": 12.0,
        "score": 1.0,
        "health": "on_track",
    }
    again = post(client, address(cast, key_result), body | {"value": 5})
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    listed = client.get(address(cast, key_result)).json()
    assert (listed["count"], listed["results"][0]["value"]) == (1, 1200)


@pytest.mark.parametrize("value", [True, "1_000", "NaN", "Infinity", "１２x", None, [], {}, "\x00", 10**400, "45%"])
def test_what_is_no_number_is_refused_beside_its_field(cast, sign_in, key_result, value):
    answer = post(sign_in(cast.member, language="en"), address(cast, key_result), {"value": value})
    assert answer.status_code == 400
    assert answer.json()["fields"]["value"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"value": 1, "date": "2026-06-01"},
        {"value": 1, "date": "yesterday"},
        {"value": 1, "confidence": 11},
        {"value": 1, "corrects": 10**30},
        {"value": 1, "submission_key": "x"},
        {"value": 1, "obstacle": "a\x00b"},
        {"value": 1, "obstacle": "a" * 2001},
    ],
)
def test_bad_input_has_one_shape(cast, sign_in, key_result, body):
    answer = post(sign_in(cast.member), address(cast, key_result), body)
    assert answer.status_code == 400
    assert answer.json().keys() == {"code", "detail", "fields"}


def test_a_closed_cycle_is_a_conflict(cast, sign_in, key_result):
    from objectives import services

    services.change_cycle_state(cast.cycle, to="closed", by=cast.admin)
    answer = post(sign_in(cast.member), address(cast, key_result), {"value": 1})
    assert (answer.status_code, answer.json()["code"]) == (409, "cycle_closed")


def test_nobody_401_stranger_404_reader_403(cast, sign_in, key_result):
    body = {"value": 1}
    assert post(Client(), address(cast, key_result), body).status_code == 401
    assert post(Client(), "/api/v1/o/nowhere/key-results/1/check-ins/", body).status_code == 401
    assert post(sign_in(cast.stranger), address(cast, key_result), body).status_code == 404
    assert post(sign_in(cast.partner), address(cast, key_result), body).status_code == 404
    refused = post(sign_in(cast.colleague), address(cast, key_result), body)
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")


def test_the_funnel_is_calculated_back(cast, sign_in):
    client = sign_in(cast.member)
    url = "/api/v1/calculate/back-calculation/"
    asked = {"revenue": 100000000, "unit_price": 1200000, "win_rate": 0.2, "deal_rate": 0.1, "cv_rate": 0.01}
    answer = post(client, url, asked | {"target_population": 300})
    assert answer.status_code == 200
    found = answer.json()
    assert {name: found[name] for name in ("orders", "deals", "cvs", "visits")} == {
        "orders": 84,
        "deals": 417,
        "cvs": 4167,
        "visits": 416667,
    }
    assert found["exact"]["orders"] == 83.333333
    assert [warning["code"] for warning in found["warnings"]] == ["population_exceeded"]
    refused = post(client, url, asked | {"visits": 1})
    assert (refused.status_code, refused.json()["code"]) == (400, "overdetermined")
    assert post(client, url, asked | {"win_rate": 0}).json()["fields"].keys() == {"win_rate"}
    solved = post(client, url, {**asked, "cv_rate": None, "visits": 250000}).json()
    assert solved["cv_rate"] == pytest.approx(1 / 60)


def test_a_key_result_is_scored_on_paper(cast, sign_in):
    answer = post(
        sign_in(cast.member),
        "/api/v1/calculate/score/",
        {
            "key_result": {"kind": "reach", "intent": "aspirational", "start_value": 32, "target_value": 50},
            "cycle": {"start": "2026-04-01", "end": "2026-06-30"},
            "check_ins": [{"date": "2026-05-11", "value": 41, "confidence": 7}],
            "today": "2026-05-15",
        },
    )
    assert answer.status_code == 200
    assert answer.json()["score"] == 0.5
    assert answer.json()["health"] == "on_track"


@pytest.mark.parametrize(
    "body",
    [
        {"key_result": {"kind": "reach", "start_value": 5, "target_value": 5}},
        {"key_result": {"kind": "nonsense"}},
        {"key_result": {"kind": "milestone", "steps": []}},
        {"cycle": {"start": "2026-06-30", "end": "2026-04-01"}},
        {"check_ins": [{"date": "2027-01-01", "value": 1}]},
        {"today": "0001-01-01", "check_ins": [{"date": "2026-05-11", "value": 1}]},
        {"cycle": {"start": "9999-01-01", "end": "9999-12-31"}},
    ],
)
def test_a_key_result_that_cannot_be_scored_is_refused(cast, sign_in, body):
    whole = {
        "key_result": {"kind": "reach", "start_value": 0, "target_value": 5},
        "cycle": {"start": "2026-04-01", "end": "2026-06-30"},
        "today": "2026-05-15",
    }
    answer = post(sign_in(cast.member), "/api/v1/calculate/score/", whole | body)
    assert answer.status_code == 400
    assert answer.json().keys() == {"code", "detail", "fields"}


def test_scores_are_rolled_up_on_paper_and_a_loop_is_refused(cast, sign_in):
    client = sign_in(cast.member)
    company = {"id": 1, "key_results": [{"score": 0.4, "weight": 0.5}, {"score": 0.8, "weight": 0.5}]}
    sales = {
        "id": 2,
        "key_results": [{"score": 0.9, "weight": 1}],
        "parents": [{"objective": 1, "link": "contributes", "weight": 0.5}],
    }
    answer = post(client, "/api/v1/calculate/roll-up/", {"objectives": [company, sales]})
    assert answer.json() == {"scores": {"1": pytest.approx(0.7), "2": 0.9}}
    loop = company | {"parents": [{"objective": 2}]}
    refused = post(client, "/api/v1/calculate/roll-up/", {"objectives": [loop, sales]})
    assert (refused.status_code, refused.json()["code"]) == (400, "loop")


@pytest.mark.parametrize(
    ("calculator", "field", "most", "body"),
    [
        (
            "score",
            "check_ins",
            2_000,
            lambda rows: {
                "key_result": {"kind": "cumulative", "target_value": 5},
                "cycle": {"start": "2026-04-01", "end": "2026-06-30"},
                "check_ins": [{"date": "2026-05-11", "value": 1}] * rows,
                "today": "2026-05-15",
            },
        ),
        ("roll-up", "objectives", 2_000, lambda rows: {"objectives": [{"id": number} for number in range(rows)]}),
        (
            "score",
            "key_result",
            200,
            lambda rows: {
                "key_result": {"kind": "milestone", "steps": [{"weight": 1}] * rows},
                "cycle": {"start": "2026-04-01", "end": "2026-06-30"},
                "today": "2026-05-15",
            },
        ),
    ],
    ids=["check-ins", "objectives", "steps"],
)
def test_a_calculator_says_how_much_it_takes(cast, sign_in, calculator, field, most, body):
    client = sign_in(cast.member, language="en")
    address = f"/api/v1/calculate/{calculator}/"
    assert post(client, address, body(most)).status_code == 200
    refused = post(client, address, body(most + 1))
    assert (refused.status_code, list(refused.json()["fields"])) == (400, [field])
    assert refused.json()["detail"] == f"Send {most} at once at most."


def test_the_schema_is_complete(cast, sign_in):
    answer = sign_in(cast.member).get("/api/v1/schema/")
    assert answer.status_code == 200
    assert b"/calculate/back-calculation/" in answer.content


def test_the_document_can_be_browsed_without_foreign_hosts(cast, sign_in):
    page = sign_in(cast.member).get("/api/v1/docs/").content.decode()
    assert "swagger" in page
    assert "//cdn." not in page
