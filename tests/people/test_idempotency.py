"""Writes with an `Idempotency-Key`: sent twice, done once."""

import json
import re
import threading
import time

import pytest
from django.db import connection
from django.test import Client

from objectives.models import CheckIn
from people import clock, services, tasks
from people.api import once
from people.models import APIToken, IdempotentAnswer
from tests.people.test_api_nouns import urlpatterns  # noqa: F401 the nouns of that play are this one's too

pytestmark = pytest.mark.urls(__name__)
TEAMS = "/api/v1/o/hokuto/teams/"


@pytest.fixture
def address(cast):
    return f"/api/v1/o/hokuto/key-results/{cast.objective().key_results.first().pk}/check-ins/"


def program(membership):
    secret = services.make_token(membership, name="表計算")[1]
    return Client(headers={"authorization": f"Bearer {secret}", "accept-language": "en"})


def send(client, address, body, key="a", method="post", **headers):
    sent = json.dumps(body) if not isinstance(body, str | bytes) else body
    headers = {"idempotency-key": key} | {name.replace("_", "-"): value for name, value in headers.items()}
    return client.generic(method.upper(), address, sent, content_type="application/json", headers=headers)


def test_a_repeated_write_is_answered_as_the_first_time_and_not_done_again(cast, address):
    client = program(cast.member)
    first = send(client, address, {"value": 12})
    again = send(client, address, {"value": 12})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Content-Type"] == first["Content-Type"]
    assert ("Idempotent-Replayed" in first, again["Idempotent-Replayed"]) == (False, "true")
    assert CheckIn.objects.count() == 1


def test_the_head_of_the_first_answer_comes_again_too(cast):
    client = program(cast.admin)
    first = send(client, TEAMS, {"name": "物流", "parent": cast.company.pk})
    again = send(client, TEAMS, {"name": "物流", "parent": cast.company.pk})
    assert (again["ETag"], again["Location"]) == (first["ETag"], first["Location"]) == ('"1"', first["Location"])
    changed = send(client, first["Location"], {"name": "配送"}, "b", "patch", if_match='"1"')
    assert (changed.status_code, changed["ETag"]) == (200, '"2"')
    assert send(client, first["Location"], {"name": "配送"}, "b", "patch", if_match='"1"').content == changed.content


@pytest.mark.parametrize(
    "other",
    [
        lambda address: (address, {"value": 13}, "post"),
        lambda address: (f"{address}?page=1", {"value": 12}, "post"),
        lambda address: (TEAMS, {"value": 12}, "post"),
    ],
)
def test_a_key_used_for_something_else_is_a_conflict(cast, address, other):
    client = program(cast.admin)
    send(client, address, {"value": 12})
    where, body, method = other(address)
    refused = send(client, where, body, method=method)
    assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_key_reused")
    assert CheckIn.objects.count() == 1


def test_a_browser_whose_csrf_token_is_checked_repeats_itself_too(cast, address, settings):
    browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
    browser.force_login(cast.member.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    page = browser.get(cast.url("settings/me/")).content.decode()
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    first = send(browser, address, {"value": 12}, x_csrftoken=token)
    again = send(browser, address, {"value": 12}, x_csrftoken=token)
    assert (first.status_code, again.content) == (201, first.content)
    assert send(browser, address, {"value": 12}, "b").status_code == 403
    assert CheckIn.objects.count() == 1


def test_keys_of_others_do_not_meet(cast, address, sign_in):
    first, second = program(cast.member), program(cast.member)
    clients = [first, second, sign_in(cast.member), program(cast.manager)]
    assert len({send(client, address, {"value": 12}).json()["id"] for client in clients}) == 4


def test_after_a_day_a_key_is_free_again(cast, address, move_clock):
    client = program(cast.member)
    first = send(client, address, {"value": 12}).json()
    move_clock("2026-05-21T09:59:59+09:00")
    assert send(client, address, {"value": 12}).json() == first
    move_clock("2026-05-21T10:00:00+09:00")
    assert send(client, address, {"value": 13}).json()["id"] != first["id"]


def test_a_refusal_is_not_kept_so_the_request_can_be_mended(cast, address):
    client = program(cast.member)
    assert send(client, address, {"value": "x"}).status_code == 400
    assert send(program(cast.colleague), address, {"value": 1}).status_code == 403
    assert not IdempotentAnswer.objects.exists()
    assert send(client, address, {"value": 12}).status_code == 201


def test_an_error_is_not_kept_and_leaves_nothing_behind(cast, address, monkeypatch):
    client = program(cast.member)
    client.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr(once.JSONRenderer, "render", lambda *args: 1 / 0)
        assert send(client, address, {"value": 12}).status_code == 500
    assert not CheckIn.objects.exists()
    assert not IdempotentAnswer.objects.exists()
    assert send(client, address, {"value": 12}).status_code == 201


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "日", "x" * 201, "a\x7f", "a\tb"])
def test_what_is_no_key_is_refused(cast, address, key):
    refused = send(program(cast.member), address, {"value": 12}, key)
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["Idempotency-Key"])
    assert not CheckIn.objects.exists()


def test_the_longest_key_is_taken(cast, address):
    assert send(program(cast.member), address, {"value": 12}, "~" * 200).status_code == 201


def test_reading_and_calculating_keep_nothing(cast, address):
    client = program(cast.member)
    assert client.get(address, headers={"idempotency-key": "a"}).status_code == 200
    assert send(client, "/api/v1/calculate/roll-up/", {"objectives": []}).status_code == 200
    assert not IdempotentAnswer.objects.exists()


def test_a_body_that_is_too_large_is_refused_as_ever(cast, address):
    assert send(program(cast.member), address, b" " * 3_000_000).status_code == 413
    assert send(program(cast.member), address, b" " * 1_000_001).status_code == 413


def test_who_may_not_see_it_any_more_is_not_answered_from_memory(cast, address):
    client = program(cast.member)
    send(client, address, {"value": 12})
    type(cast.member).objects.filter(pk=cast.member.pk).update(left_on="2026-05-19")
    assert send(client, address, {"value": 12}).status_code == 401


def test_answers_older_than_a_day_are_cleared_away(cast, address, move_clock):
    client = program(cast.member)
    send(client, address, {"value": 12}, "old")
    move_clock("2026-05-21T09:00:00+09:00")
    send(client, address, {"value": 12}, "young")
    move_clock("2026-05-21T10:30:00+09:00")
    for _ in range(2):
        tasks.forget_answers()
        assert list(IdempotentAnswer.objects.values_list("key", flat=True)) == ["young"]


# Two at the same moment: real transactions


class Meeting:
    """Two programs with one token, of which the first is held inside its transaction until told to go on."""

    def __init__(self, monkeypatch, client):
        self.client = client
        self.is_inside, self.may_go_on = threading.Event(), threading.Event()
        render = once.JSONRenderer.render

        def hold(renderer, *args, **kwargs):
            if not self.is_inside.is_set():
                self.is_inside.set()
                assert self.may_go_on.wait(30)
                if self.breaks:
                    raise ZeroDivisionError
            return render(renderer, *args, **kwargs)

        self.breaks = False
        monkeypatch.setattr(once.JSONRenderer, "render", hold)

    def start(self, address, body):
        answers = []

        def work():
            try:
                answers.append(send(self.client, address, body))
            finally:
                connection.close()

        thread = threading.Thread(target=work)
        thread.start()
        return thread, answers


@pytest.fixture
def meeting(transactional_db, cast, monkeypatch):
    client = program(cast.member)
    client.raise_request_exception = False
    return Meeting(monkeypatch, client)


def wait_until_somebody_waits_for_a_lock():
    deadline = time.monotonic() + 30
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted")
            if cursor.fetchone():
                return
    pytest.fail("Nobody waits.")


def test_of_two_at_the_same_moment_the_second_waits_and_gets_the_answer_of_the_first(meeting, address):
    first, answered = meeting.start(address, {"value": 12})
    assert meeting.is_inside.wait(30)
    second, answered_too = meeting.start(address, {"value": 12})
    wait_until_somebody_waits_for_a_lock()
    meeting.may_go_on.set()
    first.join(30)
    second.join(30)
    assert answered[0].content == answered_too[0].content
    assert CheckIn.objects.count() == 1


def test_where_the_first_breaks_the_second_does_it(meeting, address):
    meeting.breaks = True
    first, answered = meeting.start(address, {"value": 12})
    assert meeting.is_inside.wait(30)
    second, answered_too = meeting.start(address, {"value": 12})
    wait_until_somebody_waits_for_a_lock()
    meeting.may_go_on.set()
    first.join(30)
    second.join(30)
    assert (answered[0].status_code, answered_too[0].status_code) == (500, 201)
    assert CheckIn.objects.count() == 1


def test_whoever_would_wait_too_long_is_told_to_come_again(meeting, address, monkeypatch):
    monkeypatch.setattr(once, "PATIENCE", "50ms")
    first, answered = meeting.start(address, {"value": 12})
    assert meeting.is_inside.wait(30)
    second, answered_too = meeting.start(address, {"value": 12})
    second.join(30)
    assert (answered_too[0].status_code, answered_too[0].json()["code"]) == (409, "in_progress")
    assert answered_too[0]["Retry-After"] == "1"
    meeting.may_go_on.set()
    first.join(30)
    assert answered[0].status_code == 201
    assert CheckIn.objects.count() == 1


def test_without_the_claim_both_would_be_done(meeting, address, monkeypatch):
    monkeypatch.setattr(once, "claim", lambda *args: 0)
    first, _ = meeting.start(address, {"value": 12})
    assert meeting.is_inside.wait(30)
    meeting.may_go_on.set()
    second, _ = meeting.start(address, {"value": 12})
    first.join(30)
    second.join(30)
    assert CheckIn.objects.count() == 2


def test_what_is_kept_goes_with_its_token_and_its_person(cast, address):
    send(program(cast.member), address, {"value": 12})
    assert IdempotentAnswer.objects.get().created_at == clock.now()
    APIToken.objects.all().delete()
    assert not IdempotentAnswer.objects.exists()
