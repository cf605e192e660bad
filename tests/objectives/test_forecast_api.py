"""The forecast as other programs ask for it."""

import pytest

pytestmark = pytest.mark.django_db
URL = "/api/v1/calculate/forecast/"
QUARTER = {"start": "2026-04-01", "end": "2026-06-30"}
REACH = {"kind": "reach", "intent": "aspirational", "start_value": 32, "must_hit_value": 41, "target_value": 50}
SAID = [{"date": f"2026-04-{day:02}", "value": 30 + day / 4, "confidence": 7} for day in (8, 15, 22, 29)]


def ask(client, **changed):
    body = {"key_result": REACH, "cycle": QUARTER, "check_ins": SAID, "today": "2026-05-01"} | changed
    return client.post(URL, body, content_type="application/json")


def test_a_program_asks_where_a_key_result_will_end(cast, sign_in):
    answer = ask(sign_in(cast.partner))
    assert answer.status_code == 200
    found = answer.json()
    assert found["end"].keys() == {"p10", "p50", "p90"}
    assert 37.25 < found["end"]["p10"] < found["end"]["p50"] < found["end"]["p90"]
    chances = found["probability"]
    assert chances.keys() == {"score_0_6", "score_0_7", "must_hit", "target"}
    assert 0 < chances["target"] < chances["score_0_7"] < chances["score_0_6"] < chances["must_hit"] < 1
    assert found["readings"] == 4


def test_what_there_is_nothing_to_say_of_is_null(cast, sign_in):
    client = sign_in(cast.member)
    no_must_hit = {"kind": "cumulative", "target_value": 30}
    assert ask(client, key_result=no_must_hit).json()["probability"]["must_hit"] is None
    keep = {"kind": "keep", "target_value": 95, "limit": "min"}
    silent = ask(client, key_result=keep, check_ins=[]).json()
    assert silent["end"] == {"p10": None, "p50": None, "p90": None}
    assert 0 < silent["probability"]["score_0_6"] < 1
    first = ask(client, key_result={"kind": "reach", "measure_first": True}).json()
    assert set(first["end"].values()) | set(first["probability"].values()) == {None}


def test_after_the_last_day_all_is_known(cast, sign_in):
    found = ask(sign_in(cast.member), today="2026-07-01").json()
    assert found["end"] == {"p10": 37.25, "p50": 37.25, "p90": 37.25}
    assert set(found["probability"].values()) == {0}


@pytest.mark.parametrize(
    "changed",
    [
        {"key_result": {"kind": "reach", "start_value": 5, "target_value": 5}},
        {"key_result": {"kind": "nonsense"}},
        {"key_result": {"kind": "milestone", "steps": []}},
        {"cycle": {"start": "2026-06-30", "end": "2026-04-01"}},
        {"cycle": {"start": "9999-01-01", "end": "9999-12-31"}},
        {"check_ins": [{"date": "2027-01-01", "value": 1}]},
        {"check_ins": SAID, "today": "2026-04-10"},
        {"check_ins": [{"date": "2026-04-08", "value": True}]},
    ],
)
def test_a_forecast_of_nonsense_is_refused(cast, sign_in, changed):
    answer = ask(sign_in(cast.member), **changed)
    assert answer.status_code == 400
    assert answer.json().keys() == {"code", "detail", "fields"}


def test_whoever_has_not_signed_in_is_told_so(client):
    assert ask(client).status_code == 401
