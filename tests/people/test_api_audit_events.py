"""The history of an organization for other programs."""

import pytest
from django.test import Client

from people.models import AuditEvent, Door
from tests import asking
from tests.asking import patch, post

SHAPE = {
    "id",
    "at",
    "table",
    "row",
    "act",
    "before",
    "after",
    "user",
    "user_name",
    "token",
    "door",
    "address",
    "request_id",
}


def address(cast, *parts):
    return asking.address(cast, "audit-events", *parts)


@pytest.fixture
def renamed(cast, sign_in):
    """An objective that the manager gave another name through the API."""
    goal = cast.objective(title="古い言葉")
    patch(sign_in(cast.manager), asking.address(cast, "objectives", goal.pk), {"title": "新しい言葉"})
    return goal


def test_an_event_says_who_when_what_before_and_after(cast, sign_in, renamed):
    asked = {"table": "objectives_objective", "row": renamed.pk, "act": "update", "door": "api"}
    answer = sign_in(cast.admin).get(address(cast), asked).json()
    assert answer["count"] == 1
    event = answer["results"][0]
    assert event.keys() >= SHAPE
    assert (event["before"], event["after"]) == ({"title": "古い言葉"}, {"title": "新しい言葉"})
    assert (event["user"], event["user_name"], event["token"]) == (cast.manager.user_id, "伊藤 遥", None)
    assert event["address"] == asking.address(cast, "objectives", renamed.pk)
    one = sign_in(cast.admin).get(address(cast, event["id"]))
    assert one.json() == event


def test_events_are_listed_newest_first_and_narrowed(cast, sign_in, renamed, move_clock):
    move_clock("2026-05-21T10:00:00+09:00")
    post(sign_in(cast.admin), asking.address(cast, "objectives", renamed.pk, "drop"), {"reason": "x"})
    client = sign_in(cast.admin)

    def ids(**asked):
        answer = client.get(address(cast), asked | {"page_size": 500})
        assert answer.status_code == 200, answer.content
        return [row["id"] for row in answer.json()["results"]]

    everything = list(AuditEvent.objects.filter(organization=cast.organization).order_by("-at", "-id"))
    (first, second) = [event.pk for event in reversed(everything) if event.door == Door.API]
    assert ids() == [event.pk for event in everything]
    assert ids(door="api") == [second, first]
    assert ids(user=cast.manager.user_id) == [first]
    assert ids(table="objectives_objective", row=renamed.pk, user=cast.admin.user_id) == [second]
    assert ids(since="2026-05-21T00:00:00+09:00", until="2026-05-22T00:00:00+09:00") == [second]
    assert ids(until="2026-05-21T00:00:00+09:00") == [first]
    assert ids(table="nothing") == ids(act="delete", door="api") == []


@pytest.mark.parametrize(
    ("name", "value"), [("row", "x"), ("row", "9" * 30), ("user", "-1"), ("door", "window"), ("since", "yesterday")]
)
def test_a_filter_that_means_nothing_is_refused(cast, sign_in, name, value):
    answer = sign_in(cast.admin).get(address(cast), {name: value})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [name])


def test_nobody_401_stranger_404_and_only_administrators_read(cast, sign_in, renamed):
    event = AuditEvent.objects.filter(organization=cast.organization).first()
    for url in (address(cast), address(cast, event.pk)):
        assert Client().get(url).status_code == 401
        assert sign_in(cast.stranger).get(url).status_code == 404
        for who in (cast.executive, cast.manager, cast.member, cast.partner):
            refused = sign_in(who).get(url)
            assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    theirs = AuditEvent.objects.filter(organization=cast.stranger.organization).first()
    assert sign_in(cast.admin).get(address(cast, theirs.pk)).status_code == 404


def test_nothing_can_be_written_there(cast, sign_in, renamed):
    client = sign_in(cast.admin)
    event = AuditEvent.objects.filter(organization=cast.organization).first()
    assert post(client, address(cast), {"table": "x"}).status_code == 405
    assert patch(client, address(cast, event.pk), {"table": "x"}).status_code == 405
    assert client.delete(address(cast, event.pk)).status_code == 405


def test_the_number_of_queries_does_not_grow_with_the_events(cast, sign_in, django_assert_max_num_queries):
    client = sign_in(cast.admin)
    for rows in (1, 10):
        for index in range(rows):
            cast.objective(title=f"目標 {rows} {index}", state="draft")
        with django_assert_max_num_queries(9):
            assert client.get(address(cast), {"page_size": 500}).json()["count"] >= rows


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        ("2026-05-20T10:00:00+09:00", 200),
        ("0199-09-02T15:18:12.026Z", 200),
        ("3506-03-17T06:51:19-16:48", 200),
        ("9999-12-31T23:59:59-23:59", 400),
        ("0001-01-01T00:00:00+23:59", 400),
        ("yesterday", 400),
    ],
)
def test_any_moment_can_be_asked_for_that_a_calendar_knows(cast, sign_in, moment, code):
    for name in ("since", "until"):
        answer = sign_in(cast.admin).get(address(cast), {name: moment})
        assert answer.status_code == code
        assert code == 200 or list(answer.json()["fields"]) == [name]
