"""The API's document: complete, valid, and to be browsed by members without foreign hosts."""

import io

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, get_resolver

METHODS = {"get", "post", "put", "patch", "delete"}
UNDESCRIBED = {"api_schema", "api_docs", "api_unknown_address"}


@pytest.fixture(scope="module")
def document():
    from okrplanner.api_docs import Document

    return Document.generator_class().get_schema(public=True)


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_the_document_is_valid_and_nothing_in_it_is_guessed():
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=io.StringIO(), stderr=io.StringIO())


def test_every_address_of_the_api_is_described(document):
    found = [pattern for pattern in get_resolver("okrplanner.api").url_patterns if isinstance(pattern, URLPattern)]
    wanted = {
        "/api/v1/"
        + str(pattern.pattern)
        .replace("<slug:slug>", "{slug}")
        .replace("<int:pk>", "{id}")
        .replace("<int:parent>", "{parent}")
        for pattern in found
        if pattern.name not in UNDESCRIBED
    }
    assert set(document["paths"]) == wanted


def test_every_operation_says_what_it_is_about_and_how_it_refuses(document):
    for path, method, operation in operations(document):
        where = f"{method} {path}"
        assert operation["description"], where
        assert len(operation["tags"]) == 1, where
        assert operation["security"] == [{"token": []}, {"session": []}], where
        assert {"401", "429"} <= operation["responses"].keys(), where
        assert "Retry-After" in operation["responses"]["429"]["headers"], where
        if "{slug}" in path:
            assert {"403", "404"} <= operation["responses"].keys(), where
        for code, answer in operation["responses"].items():
            if code.startswith("4"):
                shape = answer["content"]["application/json"]["schema"]
                assert shape == {"$ref": "#/components/schemas/Refusal"}, where


def test_every_write_takes_a_key_and_every_change_a_version(document):
    for path, method, operation in operations(document):
        heads = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "header"}
        writes = method != "get" and "{slug}" in path
        assert ("Idempotency-Key" in heads) == writes, f"{method} {path}"
        assert ("If-Match" in heads) == (writes and "{id}" in path), f"{method} {path}"
        if writes:
            assert {"400", "409", "413", "415"} <= operation["responses"].keys(), f"{method} {path}"


def test_every_list_is_paged_and_says_how_it_is_ordered(document):
    lists = [
        (path, operation)
        for path, method, operation in operations(document)
        if method == "get" and any(one["name"] == "page_size" for one in operation.get("parameters", ()))
    ]
    assert len(lists) >= 8
    for path, operation in lists:
        answer = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert {"count", "next", "previous", "results"} == document["components"]["schemas"][answer][
            "properties"
        ].keys(), path


def test_refusals_have_the_one_shape(document):
    assert document["components"]["schemas"]["Refusal"]["required"] == ["code", "detail"]


@pytest.mark.parametrize("page", ["schema", "docs"])
def test_only_members_read_it(cast, sign_in, page):
    address = f"/api/v1/{page}/"
    refused = Client().get(address)
    assert (refused.status_code, refused.json().keys()) == (401, {"code", "detail"})
    assert sign_in(cast.partner).get(address).status_code == 200
    if page == "docs":
        shown = Client().get(address, headers={"accept": "text/html"})
        assert (shown.status_code, shown["Content-Type"]) == (401, "text/html; charset=utf-8")
        assert "/accounts/login/?next=/api/v1/docs/" in shown.content.decode()


def test_the_page_holds_nothing_the_policy_forbids(cast, sign_in):
    page = sign_in(cast.member).get("/api/v1/docs/").content.decode()
    assert "swagger-ui" in page
    for forbidden in ("<style", "style=", " onload", "//cdn.", "https://"):
        assert forbidden not in page
    assert "<script>" not in page
