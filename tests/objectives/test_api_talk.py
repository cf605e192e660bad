"""Obstacles and comments for other programs."""

import json

import pytest

from objectives import services
from objectives.models import Comment, Obstacle
from people.services import make_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(cast, client):
    """Sends and reads as a person with a token."""
    key_result = cast.objective(owner=cast.manager).key_results.first()
    cast.said, _new = services.record_check_in(key_result, author=cast.member, value=10, obstacle="承認待ち")
    cast.obstacle = Obstacle.objects.get()

    def ask(method, place, who=cast.member, data=None, **headers):
        _row, secret = make_token(who, name=f"t{who.pk}")
        return client.generic(
            method,
            f"/api/v1/o/{cast.organization.slug}/{place}",
            data=json.dumps(data or {}),
            content_type="application/json",
            headers={"Authorization": f"Bearer {secret}", **headers},
        )

    cast.ask = ask
    return cast


def test_an_obstacle_is_listed_and_cleared_by_its_version(program):
    place = f"obstacles/{program.obstacle.pk}/"
    assert program.ask("GET", "obstacles/?standing=true&q=承認").json()["count"] == 1
    assert program.ask("PATCH", place, data={"state": "solved"}, **{"If-Match": '"9"'}).status_code == 409
    wrong = program.ask("PATCH", place, data={"solution": "まだ"})
    assert (wrong.status_code, list(wrong.json()["fields"])) == (400, ["solution"])
    solved = program.ask("PATCH", place, data={"state": "solved", "solution": "電話"}, **{"If-Match": '"1"'}).json()
    assert (solved["state"], solved["solution"], solved["solved_by"]) == ("solved", "電話", program.member.pk)
    again = program.ask("PATCH", place, data={"state": "open", "owner": program.colleague.pk})
    assert (again.json()["state"], again.json()["owner"]) == ("helped", program.colleague.pk)
    assert program.ask("PATCH", place, who=program.executive).status_code == 403


def test_a_check_in_of_a_program_sorts_and_clears_obstacles(program):
    place = f"key-results/{program.said.key_result_id}/check-ins/"
    sent = {"value": 11, "obstacle": "人手", "obstacle_kind": "people", "solved_obstacles": [program.obstacle.pk]}
    assert program.ask("POST", place, data=sent).status_code == 201
    assert sorted(Obstacle.objects.values_list("text", "kind", "state")) == [
        ("人手", "people", "open"),
        ("承認待ち", "", "solved"),
    ]


def test_comments_are_written_changed_and_taken_back_by_their_author(program):
    offer = {"obstacle": program.obstacle.pk, "kind": "offer", "text": "聞いてみます"}
    made = program.ask("POST", "comments/", who=program.colleague, data=offer)
    assert made.status_code == 201
    assert Obstacle.objects.get().state == "helped"
    assert program.ask("POST", "comments/", data={"text": "どこへ"}).status_code == 400
    answer = {"obstacle": program.obstacle.pk, "kind": "answer", "text": "はい"}
    assert program.ask("POST", "comments/", who=program.colleague, data=answer).status_code == 403
    place = f"comments/{made.json()['id']}/"
    assert program.ask("PATCH", place, data={"text": "x"}).status_code == 403
    changed = program.ask("PATCH", place, who=program.colleague, data={"text": "明日聞きます"}).json()
    assert changed["edited_at"] is not None
    assert program.ask("POST", place + "withdraw/", who=program.colleague).status_code == 200
    assert program.ask("GET", f"comments/?obstacle={program.obstacle.pk}").json()["count"] == 0
    assert program.ask("POST", place + "restore/", who=program.colleague).status_code == 200
    assert Comment.objects.standing().count() == 1
