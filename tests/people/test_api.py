"""What every address of the API shares: how it reads, how it refuses."""

import pytest
from django.test import Client

from people.parsers import LARGEST_BODY

CALCULATORS = ["score", "roll-up", "back-calculation"]


def send(client, address, body, kind="application/json"):
    return client.generic("POST", f"/api/v1/{address}", body, content_type=kind)


@pytest.mark.parametrize("calculator", CALCULATORS)
@pytest.mark.parametrize(
    "body",
    [
        b"[" * 50_000,
        b'{"objectives":' * 50_000,
        b"{",
        b"",
        b"\xff\xfe",
        b'{"today": NaN}',
        b'{"revenue": ' + b"9" * 5_000 + b"}",
        "{\u201ctoday\u201d: 1}".encode(),
    ],
)
def test_what_is_no_json_is_refused_in_the_one_shape(cast, sign_in, calculator, body):
    answer = send(sign_in(cast.member), f"calculate/{calculator}/", body)
    assert answer.status_code == 400
    assert answer.json().keys() <= {"code", "detail", "fields"}
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    "body", [b"[" * 900 + b"]" * 900, b"[]", b"null", b"1", b'"text"', b'{"a":' * 500 + b"1" + b"}" * 500]
)
@pytest.mark.parametrize("calculator", CALCULATORS)
def test_what_is_json_but_not_what_was_asked_is_refused_too(cast, sign_in, calculator, body):
    answer = send(sign_in(cast.member), f"calculate/{calculator}/", body)
    assert answer.status_code == 400
    assert answer.json().keys() == {"code", "detail", "fields"} or answer.json()["code"] == "parse_error"


def test_what_nests_deeper_than_anybody_needs_is_refused_before_it_is_looked_at(cast, sign_in):
    client = sign_in(cast.member)
    for deep, code in ((49, "invalid"), (50, "parse_error"), (900, "parse_error")):
        answer = send(client, "calculate/roll-up/", b'{"objectives": ' + b"[" * deep + b"]" * deep + b"}")
        assert (answer.status_code, answer.json()["code"]) == (400, code), deep


@pytest.mark.parametrize("charset", ["rot13", "zlib", "utf-16", "nonsense"])
def test_json_is_read_as_utf_8_whatever_is_claimed(cast, sign_in, charset):
    body = '{"objectives": [{"id": "目標", "key_results": [{"score": 0.5}]}]}'.encode()
    answer = send(sign_in(cast.member), "calculate/roll-up/", body, f"application/json; charset={charset}")
    assert (answer.status_code, answer.json()) == (200, {"scores": {"目標": 0.5}})


def test_a_body_beyond_the_limit_is_refused_without_reading_it_all(cast, sign_in):
    client = sign_in(cast.member, language="en")
    answer = send(client, "calculate/roll-up/", b" " * (LARGEST_BODY + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert answer.json()["detail"] == "This request is too large: 1 MB at most."
    fits = b'{"objectives": []}'
    assert send(client, "calculate/roll-up/", fits + b" " * (LARGEST_BODY - len(fits))).status_code == 200


def test_another_kind_of_body_is_refused_in_the_one_shape(cast, sign_in):
    answer = sign_in(cast.member).post("/api/v1/calculate/score/", {"today": "2026-05-20"})
    assert answer.status_code == 415
    assert answer.json().keys() == {"code", "detail"}


@pytest.mark.parametrize(
    "path", ["", "nope/", "calculate/nope/", "o/hokuto/nope/", "o/北灯/key-results/1/check-ins/", "o/%0A/x/"]
)
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_an_unknown_address_is_answered_in_the_one_shape(cast, sign_in, path, method):
    answer = getattr(sign_in(cast.member, language="en"), method)(f"/api/v1/{path}")
    assert answer.status_code == 404
    assert answer.json() == {"code": "not_found", "detail": "There is nothing here."}
    assert getattr(Client(), method)(f"/api/v1/{path}").status_code == 401


def test_an_address_without_its_last_stroke_is_led_on(cast, sign_in):
    answer = sign_in(cast.member).get("/api/v1/schema")
    assert (answer.status_code, answer["Location"]) == (301, "/api/v1/schema/")


@pytest.mark.parametrize("body", [rb'{"objectives": "\ud800"}', rb'{"\udc00": 1}', rb'{"objectives": ["\ud800x"]}'])
def test_halves_of_characters_are_refused_and_whole_ones_are_not(cast, sign_in, body):
    client = sign_in(cast.member)
    refused = send(client, "calculate/roll-up/", body)
    assert (refused.status_code, refused.json()["code"]) == (400, "parse_error")
    whole = rb'{"objectives": [{"id": "\ud83d\ude00", "key_results": [{"score": 0.5}]}]}'
    assert send(client, "calculate/roll-up/", whole).json() == {"scores": {"😀": 0.5}}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e999999"])
def test_a_number_without_end_is_refused_beside_its_field(cast, sign_in, number):
    body = f'{{"revenue": {number}, "unit_price": 1, "win_rate": 1, "deal_rate": 1, "cv_rate": 1}}'.encode()
    refused = send(sign_in(cast.member), "calculate/back-calculation/", body)
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["revenue"])
    body = f'{{"objectives": [{{"id": "a", "key_results": [{{"score": {number}}}]}}]}}'.encode()
    assert send(sign_in(cast.member), "calculate/roll-up/", body).status_code == 400
