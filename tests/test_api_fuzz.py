"""What no person would send: made from the API's own document, and by hand. Nothing of it may be an error of ours."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from people import clock, services
from tests.authorization import kept_world

pytestmark = pytest.mark.django_db
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
NOUNS = {
    "cycles": "cycle",
    "teams": "team",
    "members": "member",
    "objectives": "objective",
    "key-results": "key_result",
    "check-ins": "check_in",
    "kgis": "kgi",
    "kpis": "kpi",
    "readings": "reading",
    "scenarios": "scenario",
    "leads": "lead",
    "matrices": "matrix",
    "audit-events": "audit_event",
    "actions": "action",
    "activities": "activity",
    "comments": "comment",
    "experiments": "experiment",
    "health-kpis": "health_kpi",
    "journeys": "journey",
    "contents": "content",
    "lessons": "lesson",
    "candidates": "candidate",
    "meetings": "meeting",
    "retrospectives": "retrospective",
    "notes": "retrospective_note",
    "obstacles": "obstacle",
}


@cache
def document() -> dict[str, Any]:
    from okrplanner.api_docs import Document

    return json.loads(json.dumps(Document.generator_class().get_schema(public=True)))


def operations() -> list[str]:
    return [f"{method.upper()} {path}" for path, methods in document()["paths"].items() for method in methods]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Any]:
    """A company with a row of every kind, made once and taken back at the end."""
    relaxed = {"API_READS_PER_MINUTE": 10**9, "API_WRITES_PER_MINUTE": 10**9}
    with django_db_blocker.unblock(), kept_world(tmp_path_factory.mktemp("clock") / "clock", **relaxed) as made:
        yield made


@pytest.fixture(autouse=True)
def kept_connection() -> Iterator[None]:
    """A real request ends with closing connections that look used up, and one inside a test's transaction does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(scope="module")
def secret(world, django_db_blocker) -> str:
    """An administrator's token, used just now: what a use writes down is taken back with the rest."""
    with django_db_blocker.unblock():
        token, secret = services.make_token(world.cast.admin, name="fuzz")
        token.last_used_at = clock.now()
        token.save(update_fields=["last_used_at"])
    return secret


def numbers(world: Any, noun: str, name: str) -> list[int]:
    return [row[name] for kind, row in world.rows[NOUNS[noun]].items() if kind != "elsewhere"]


def with_real_rows(world: Any, path: str) -> dict[str, Any]:
    """The document of one address, with the company's slug and the numbers of its rows where the address names them."""
    told = document() | {"paths": {path: copy.deepcopy(document()["paths"][path])}}
    words = path.partition("{slug}/")[2].split("/")
    for operation in told["paths"][path].values():
        for parameter in operation.get("parameters", ()):
            match parameter["in"], parameter["name"]:
                case "path", "slug":
                    parameter["schema"] = {"type": "string", "enum": [world.cast.organization.slug]}
                case "path", "parent":
                    parameter["schema"] = {"type": "integer", "enum": numbers(world, words[2], "parent")[:1]}
                case "path", "id":
                    noun = words[2] if len(words) > 3 and "{parent}" in words else words[0]
                    parameter["schema"] = {"type": "integer", "enum": [*numbers(world, noun, "pk"), 999_999]}
    return told


@pytest.fixture(scope="module")
def apis(world) -> Callable[[str], Any]:
    """The document of one address, read once. Our modules are not searched for words to send: that takes seconds."""
    config = SchemathesisConfig.from_dict({"analysis": {"constants": {"enabled": False}}})
    application = get_wsgi_application()

    @cache
    def api_of(path: str) -> Any:
        api = schemathesis.openapi.from_dict(with_real_rows(world, path), config=config)
        api.app = application
        return api

    return api_of


@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
@pytest.mark.parametrize("label", operations())
def test_whatever_the_document_allows_or_forbids_is_answered_as_it_says(apis, secret, label, mode):
    method, path = label.split(" ", 1)
    operation = apis(path)[path][method]
    head = {"Authorization": f"Bearer {secret}", "Accept-Encoding": "identity"}

    @settings(
        max_examples=2,  # of each of some hundred operations; the odd bodies below are asked for one by one
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def attack(case):
        case.headers = dict(case.headers or {}) | head
        with transaction.atomic():
            case.call_and_validate(checks=CHECKS)

    attack()


# By hand

NASTY = [
    None,
    True,
    -1,
    0,
    1.5,
    1e300,
    2**31,
    2**63,
    10**300,
    "",
    " ",
    "true",
    "\x00",
    "a\x00b",
    "\u202e\u200b",
    "１，２００",
    "٣",
    "NaN",
    "1e400",
    "9" * 400,
    "x" * 5000,
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
    [],
    [None],
    [[]],
    [True],
    [2**63],
    ["x"],
    [{}],
    {},
    {"id": 1},
    {"\x00": "\x00"},
]
RAW = [
    b"",
    b" ",
    b"null",
    b"true",
    b"1",
    b'"x"',
    b"[]",
    b"[1]",
    b"[[]]",
    b"{",
    b"{}",
    b"\xff\xfe",
    b'{"a": "\xed\xa0\x80"}',
    b"\xef\xbb\xbf{}",
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"9" * 5_000,
    b"-Infinity",
]
TEXTS = ["NaN", "-Infinity", "1e400", "-1e400", '"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', "[" * 500 + "]" * 500]
KINDS = ["text/plain", "multipart/form-data", "multipart/form-data; boundary=x", "application/xml", "x", ""]
HALF = "\ud800".encode("utf-8", "surrogatepass")
QUESTIONS = [
    "",
    "\x00",
    "x",
    "-1",
    "0",
    "1.5",
    "9" * 30,
    "9" * 5000,
    "1e400",
    "٣",
    "2026-02-30",
    "9999-12-31",
    "id,,",
    HALF,
]


def writes() -> list[str]:
    return [label for label in operations() if not label.startswith("GET ")]


def fields_of(label: str) -> list[str]:
    method, path = label.split(" ", 1)
    body = document()["paths"][path][method.lower()].get("requestBody")
    if body is None:
        return []
    schema = body["content"]["application/json"]["schema"]
    while "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return list(schema.get("properties", ()))


@pytest.mark.parametrize("label", writes())
def test_no_body_is_an_error_of_ours(world, secret, label):
    method, path = label.split(" ", 1)
    words = path.partition("{slug}/")[2].split("/")
    address = path.replace("{slug}", world.cast.organization.slug)
    if "{parent}" in path:
        address = address.replace("{parent}", str(numbers(world, words[2], "parent")[0]))
    if "{id}" in path:
        noun = words[2] if "{parent}" in path else words[0]
        address = address.replace("{id}", str(numbers(world, noun, "pk")[0]))
    client = Client(headers={"authorization": f"Bearer {secret}"})

    def sent(body: bytes, kind: str = "application/json") -> None:
        with transaction.atomic():
            answer = client.generic(method, address, body, content_type=kind)
            assert answer.status_code < 500, (label, body[:200])
            assert answer.status_code == 204 or answer["Content-Type"] == "application/json", (label, body[:200])
            transaction.set_rollback(True)

    # Each operation gets some of each list, its neighbours the rest: one parser reads them for all. Of what its own
    # fields read it gets half, and little where it has none.
    names = [*fields_of(label), "nobody_knows_this"]
    turn, values = writes().index(label), 2 if len(names) > 1 else 8
    for body in RAW[turn % 4 :: 4]:
        sent(body)
    for kind in KINDS[turn % 3 :: 3]:
        sent(b'{"a": 1}', kind)
    for value in NASTY[turn % values :: values]:
        sent(json.dumps(dict.fromkeys(names, value)).encode())
    for text in TEXTS[turn % values :: values]:
        sent("{{{}}}".format(", ".join(f'"{name}": {text}' for name in names)).encode())
    # Alone, each meets what comes after the fields, as far as the others may be left out; by turns, to be done in time.
    for turn, name in enumerate(names):
        for value in NASTY[turn % 30 :: 30]:
            sent(json.dumps({name: value}).encode())


@pytest.mark.parametrize("label", [label for label in operations() if label.startswith("GET ")])
def test_no_question_is_an_error_of_ours(world, secret, label):
    path = label.split(" ", 1)[1]
    names = [one["name"] for one in document()["paths"][path]["get"].get("parameters", ()) if one["in"] == "query"]
    words = path.partition("{slug}/")[2].split("/")
    address = path.replace("{slug}", world.cast.organization.slug)
    if "{parent}" in path:
        address = address.replace("{parent}", str(numbers(world, words[2], "parent")[0]))
    if "{id}" in path:
        address = address.replace("{id}", str(numbers(world, words[2] if "{parent}" in path else words[0], "pk")[0]))
    client = Client(headers={"authorization": f"Bearer {secret}"})
    names += ["nobody_knows_this", "format"]

    def asked(question: dict[str, Any]) -> None:
        answer = client.get(address, question)
        assert answer.status_code < 500, (label, question)
        assert answer["Content-Type"] == "application/json", (label, question)

    for turn, value in enumerate(QUESTIONS):
        asked(dict.fromkeys(names, value))
        for name in names[turn % 4 :: 4]:
            asked({name: value})
