"""Asking the draft coach as a program: the shape, absent and null, both languages, and what is refused."""

import json

import pytest
from django.test import Client

from people.services import make_token
from tests.asking import post

URL = "/api/v1/calculate/draft-check/"
GOOD = {
    "objective": {
        "title": "雪国で焼いた一杯を、日本じゅうの朝へ",
        "kind": "aspirational",
        "team_kind": None,
        "kgi": "売上",
    },
    "key_results": [
        {
            "title": "北海道の外からの注文の割合",
            "kind": "reach",
            "unit": "%",
            "start_value": 31,
            "target_value": 42,
            "owner": "三浦",
            "measured_how": "注文の届け先、直近30日",
            "measure_type": "result",
        },
        {
            "title": "定期便を勧めた接客",
            "kind": "cumulative",
            "unit": "回",
            "start_value": 0,
            "target_value": 300,
            "owner": "大西",
            "measured_how": "レジの記録",
            "measure_type": "process",
        },
    ],
    "history": [],
    "objectives_in_team": 3,
}


@pytest.fixture
def client(cast, sign_in):
    return sign_in(cast.member, language="ja")


def ask(client, **question):
    return post(client, URL, question)


def rules(answer):
    assert answer.status_code == 200, answer.content
    return [(found["rule"], found["where"]) for found in answer.json()["findings"]]


def test_the_shops_number_is_caught_and_led_to_where_it_belongs_in_both_languages(client):
    question = {"objective": {"title": "オンラインストアの売上を2倍にする"}}
    for language, words in (("ja", "KGIに移しましょう"), ("en", "or in the KGI")):
        answer = ask(client, language=language, **question)
        [found] = answer.json()["findings"]
        assert found.keys() == {"rule", "where", "severity", "detail", "suggestion"}
        assert (found["rule"], found["where"], found["severity"]) == ("objective_has_number", "objective", "warn")
        assert "オンラインストアの売上 現状 → 2倍" in found["detail"]
        assert words in found["detail"]
        assert found["suggestion"] == "オンラインストアが、もっと多くのお客さまに選ばれるようになる"
        assert 0 < answer.json()["strength"] < 100


def test_a_good_draft_has_full_strength_and_no_findings(client):
    assert ask(client, language="ja", **GOOD).json() == {"strength": 100, "findings": []}


def test_what_is_absent_is_not_judged_and_what_is_null_is_missing(client):
    title = {"title": "受注率"}
    assert ask(client, objective={"title": "頼られる営業になる"}).json() == {"strength": 100, "findings": []}
    assert rules(ask(client, objective={}, key_results=[title, {"title": "商談"}])) == []
    missing = dict.fromkeys(("unit", "start_value", "owner", "measured_how", "target_value"))
    answer = ask(client, objective={"kgi": None}, key_results=[title | missing, {"title": "商談"}])
    assert rules(answer) == [
        ("no_kgi", "objective"),
        ("kr_no_target", "key_results.0"),
        ("kr_no_baseline", "key_results.0"),
        ("kr_no_unit", "key_results.0"),
        ("kr_no_owner", "key_results.0"),
        ("kr_no_measuring_method", "key_results.0"),
    ]
    assert rules(ask(client, objective={}, key_results=None)) == [("kr_count", "objective")]


def test_numbers_are_read_in_their_own_unit_as_people_type_them(client):
    results = [
        {"title": "受注率", "unit": "%", "start_value": "１５%", "target_value": "15％"},
        {"title": "全社の売上", "unit": "円", "start_value": "2億", "target_value": "3.2億円"},
    ]
    answer = ask(client, objective={}, key_results=results)
    assert rules(answer) == [("kr_same_as_start", "key_results.0")]
    assert answer.json()["findings"][0]["severity"] == "block"


def test_the_history_of_the_measure_and_what_is_round_the_draft_are_judged(client):
    results = [
        {"title": "新しい業界との商談", "kind": "cumulative", "unit": "件", "start_value": 0, "target_value": 90},
        {"title": "紹介してくださった方", "kind": "cumulative", "unit": "人", "start_value": 0, "target_value": 30},
    ]
    history = [
        {"measure": "新しい業界との商談", "score": 0.9, "start_value": 0, "end_value": number}
        for number in (12, 14, 13)
    ]
    answer = ask(
        client,
        objective={"title": "知らない業界の扉を開ける", "team_kind": "sales", "level": "team"},
        key_results=results,
        history=history,
        objectives_in_team=5,
        intents_in_team=["aspirational"] * 5,
        aligned_above=0,
        aligned_below=0,
    )
    assert dict(rules(answer)) == {
        "too_many_objectives": "objective",
        "alone": "objective",
        "all_aspirational": "objective",
        "out_of_reach": "key_results.0",
    }
    told = next(found for found in answer.json()["findings"] if found["rule"] == "out_of_reach")
    assert "14件" in told["detail"]
    assert 0 < int(told["suggestion"].removesuffix("件")) < 30


def test_without_a_language_the_reader_is_answered_in_theirs(cast, sign_in):
    question = {"objective": {"title": "営業力の強化"}}
    for language, words in (("ja", "だけでは、何がどう変わるのか"), ("en", "alone does not say")):
        client = sign_in(cast.member, language=language)
        assert words in ask(client, **question).json()["findings"][0]["detail"]


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ({}, "objective"),
        ({"objective": []}, "objective"),
        ({"objective": {}, "language": "fr"}, "language"),
        ({"objective": {"title": "a\0b"}}, "objective"),
        ({"objective": {"title": "長" * 501}}, "objective"),
        ({"objective": {"kind": "hoped"}}, "objective"),
        ({"objective": {}, "key_results": [{"target_value": 1e300}]}, "key_results"),
        ({"objective": {}, "key_results": [{"target_value": "NaN"}]}, "key_results"),
        ({"objective": {}, "key_results": [{"target_value": True}]}, "key_results"),
        ({"objective": {}, "key_results": [{}] * 21}, "key_results"),
        ({"objective": {}, "history": [{"measure": "商談", "score": "NaN"}]}, "history"),
        ({"objective": {}, "history": [{"score": 0.5}]}, "history"),
        ({"objective": {}, "objectives_in_team": -1}, "objectives_in_team"),
        ({"objective": {}, "intents_in_team": ["hoped"]}, "intents_in_team"),
    ],
)
def test_what_is_no_draft_is_refused_beside_its_field(client, question, field):
    answer = post(client, URL, question)
    assert answer.status_code == 400
    assert answer.json().keys() == {"code", "detail", "fields"}
    assert list(answer.json()["fields"]) == [field]


def test_no_number_beyond_json_is_an_error_of_ours(client):
    for number in ("NaN", "Infinity", "1e999", "1" + "0" * 400):
        body = json.dumps({"objective": {}, "history": [{"measure": "商談", "score": 7777}]}).replace("7777", number)
        assert client.post(URL, body, content_type="application/json").status_code == 400


def test_whoever_has_signed_in_may_ask_also_with_a_token_that_only_reads(cast):
    secret = make_token(cast.partner, name="下書き", is_read_only=True)[1]
    program = Client(headers={"authorization": f"Bearer {secret}"})
    assert ask(Client(), **GOOD).status_code == 401
    assert ask(program, **GOOD, nobody_knows_this=1).status_code == 200
