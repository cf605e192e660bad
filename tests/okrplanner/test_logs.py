"""One line per request, with an id that leads through everything it caused and nothing that opens anything."""

import io
import json
import logging

import pytest
from django.db import connection
from django.test import Client

from okrplanner.logs import formatter
from people.models import AuditEvent

LINE = {
    "time",
    "level",
    "logger",
    "event",
    "method",
    "path",
    "status",
    "ms",
    "bytes",
    "request_id",
    "user",
    "organization",
}


@pytest.fixture
def lines():
    """Every line written so far, as the JSON form writes it."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatter("json"))
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)


def test_a_request_leaves_one_line(lines, cast, sign_in):
    response = sign_in(cast.member).get("/o/sales-company/this-week/", {"q": "payroll"}, follow=True)
    path = response.request["PATH_INFO"]
    (line,) = lines()
    assert line.keys() == LINE
    assert line["method"] == "GET"
    assert line["path"] == path
    assert line["status"] == response.status_code
    assert line["user"] == cast.member.user_id
    assert line["bytes"] == len(response.content)
    assert line["ms"] > 0
    assert "payroll" not in json.dumps(line)


def test_the_organization_is_named(lines, cast, sign_in):
    slug = cast.organization.slug
    sign_in(cast.member).get(f"/o/{slug}/this-week/")
    assert [line["organization"] for line in lines()] == [slug]


def test_an_id_that_the_proxy_gave_is_taken_and_answered(lines, client):
    response = client.get("/accounts/login/", headers={"x-request-id": "proxy-0001-abc"})
    assert response["X-Request-ID"] == "proxy-0001-abc"
    assert [line["request_id"] for line in lines()] == ["proxy-0001-abc"]


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "with space 12345", 'quote"12345678', "new\nline12345"])
def test_an_id_that_is_none_is_replaced(lines, client, given):
    response = client.get("/accounts/login/", headers={"x-request-id": given})
    (line,) = lines()
    assert line["request_id"] == response["X-Request-ID"] != given
    assert len(line["request_id"]) == 32


def test_two_requests_never_share_an_id(lines, client):
    client.get("/accounts/login/")
    client.get("/accounts/login/")
    first, second = lines()
    assert first["request_id"] != second["request_id"]


def test_a_one_time_key_and_a_password_are_in_no_line(lines, client, db):
    client.get("/accounts/password/reset/key/1-abcdefgh12345678/")
    client.post("/accounts/login/", {"login": "someone@sample.example", "password": "a-very-secret-password"})
    text = json.dumps(lines())
    assert len(lines()) == 2
    assert "abcdefgh12345678" not in text
    assert "a-very-secret-password" not in text
    assert "someone@" not in text


def test_what_a_request_wrote_carries_its_id(cast, sign_in):
    objective = cast.objective()
    key_result = objective.key_results.first()
    sign_in(cast.member).post(
        f"/api/v1/o/{cast.organization.slug}/key-results/{key_result.pk}/check-ins/",
        {"value": 50, "confidence": 7},
        content_type="application/json",
        headers={"x-request-id": "written-by-this-request"},
    )
    assert AuditEvent.objects.filter(table="objectives_checkin", request_id="written-by-this-request").exists()


def test_a_failure_is_one_line_with_its_traceback_and_the_same_id(lines, cast, sign_in):
    client = sign_in(cast.member)
    client.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE people_membership RENAME TO elsewhere")
    response = client.get(f"/o/{cast.organization.slug}/this-week/", headers={"x-request-id": "failed-0001"})
    assert response.status_code == 500
    failure = next(line for line in lines() if line["level"] == "error")
    assert failure["request_id"] == "failed-0001"
    assert "Traceback" in failure["exception"]
    assert "people_membership" in failure["exception"]
    (line,) = [line for line in lines() if line["event"] == "request"]
    assert (line["status"], line["level"]) == (500, "warning")


def test_an_answer_of_failure_is_named_by_every_line(lines, client, db):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'objectives'")
    assert client.get("/health/ready", headers={"x-request-id": "not-ready-0001"}).status_code == 503
    assert {line["logger"] for line in lines()} == {"okrplanner.request", "django.request"}
    assert {line["request_id"] for line in lines()} == {"not-ready-0001"}
    logging.getLogger("between").warning("Nobody asked for this.")
    assert "request_id" not in lines()[-1]


def test_health_and_static_files_leave_no_line_while_they_work(lines, db):
    client = Client()
    assert client.get("/health/live").status_code == 200
    assert lines() == []
    assert client.get("/static/nothing.css").status_code == 404
    assert len(lines()) == 1


def test_every_logger_writes_the_same_lines_without_secrets(lines):
    try:
        raise ValueError("redis://:s3cret@redis:6379/0 of tanaka@sample.example")
    except ValueError:
        logging.getLogger("somebody.else").exception("Could not open %s", "/start/abcdefghijkl/")
    (line,) = lines()
    assert line["event"] == "Could not open /start/…/"
    assert line["logger"] == "somebody.else"
    assert line["level"] == "error"
    assert "ValueError: redis://…@redis:6379/0 of …@…" in line["exception"]
    assert "s3cret" not in json.dumps(line)


def test_a_line_for_reading_is_one_line():
    record = logging.LogRecord("somebody", logging.WARNING, "file", 1, "It is %s.", ("late",), None)
    text = formatter("console").format(record)
    assert "It is late." in text
    assert "somebody" in text
    assert "\n" not in text
