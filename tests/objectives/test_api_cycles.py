"""Cycles for other programs."""

import pytest
from django.test import Client

from objectives import services
from objectives.models import Cycle, CycleState, ObjectiveShare
from tests import asking
from tests.asking import patch, post

NEXT = {"name": "FY2026 Q2", "start": "2026-07-06", "end": "2026-10-04"}


def address(cast, *parts):
    return asking.address(cast, "cycles", *parts)


def test_a_cycle_is_told_as_the_contract_says(cast, sign_in):
    client = sign_in(cast.member)
    listed = client.get(address(cast)).json()
    assert [row["id"] for row in listed["results"]] == [cast.cycle.pk, cast.closed_cycle.pk]
    told = client.get(address(cast, cast.cycle.pk)).json()
    expected = {
        "id": cast.cycle.pk,
        "name": "FY2026 Q1",
        "start": "2026-04-06",
        "end": "2026-07-05",
        "state": "active",
        "is_first": False,
        "version": 1,
    }
    assert told.items() >= expected.items()


def test_cycles_are_narrowed_as_documented(cast, sign_in):
    client = sign_in(cast.member)

    def ids(**asked):
        return [row["id"] for row in client.get(address(cast), asked).json()["results"]]

    assert ids(state="closed") == ids(on="2026-03-01") == ids(q="FY2025") == [cast.closed_cycle.pk]
    assert ids(name="FY2026 Q1") == [cast.cycle.pk]
    assert ids(ordering="start") == [cast.closed_cycle.pk, cast.cycle.pk]
    assert client.get(address(cast), {"state": "x"}).status_code == 400


@pytest.mark.parametrize("number", [3, 30])
def test_the_number_of_queries_does_not_grow_with_the_cycles(cast, sign_in, number, django_assert_max_num_queries):
    for index in range(number):
        Cycle.objects.create(organization=cast.organization, name=f"期 {index}", start="2020-01-01", end="2020-03-31")
    client = sign_in(cast.member)
    with django_assert_max_num_queries(8):
        assert client.get(address(cast), {"page_size": 100}).json()["count"] == number + 2


def test_nobody_401_stranger_404_reader_403(cast, sign_in):
    url = address(cast, cast.cycle.pk)
    for method, place in (("get", address(cast)), ("post", address(cast)), ("get", url), ("patch", url)):
        assert getattr(Client(), method)(place).status_code == 401
        assert getattr(sign_in(cast.stranger), method)(place).status_code == 404
    for who in (cast.executive, cast.manager, cast.member):
        assert post(sign_in(who), address(cast), NEXT).status_code == 403
        assert patch(sign_in(who), url, {"name": "x"}).status_code == 403
    theirs = cast.stranger.organization.cycles.get()
    assert sign_in(cast.admin).get(address(cast, theirs.pk)).status_code == 404


def test_a_partner_is_told_of_cycles_in_which_something_is_shared(cast, sign_in):
    goal = cast.objective()
    partner = sign_in(cast.partner)
    assert partner.get(address(cast)).json()["results"] == []
    assert partner.get(address(cast, cast.cycle.pk)).status_code == 404
    ObjectiveShare.objects.create(objective=goal, membership=cast.partner)
    assert [row["id"] for row in partner.get(address(cast)).json()["results"]] == [cast.cycle.pk]
    assert patch(partner, address(cast, cast.cycle.pk), {"name": "x"}).status_code == 403


def test_an_administrator_writes_cycles_and_a_repeated_one_is_answered_by_the_first(cast, sign_in):
    client = sign_in(cast.admin)
    made = post(client, address(cast), NEXT)
    assert (made.status_code, made.json()["state"], made["ETag"]) == (201, "draft", '"1"')
    assert post(client, address(cast), NEXT).json()["id"] == made.json()["id"]
    open_ = post(client, address(cast), NEXT | {"name": "FY2026", "state": "active", "version": 7}).json()
    assert (open_["state"], open_["version"]) == ("active", 1)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "a" * 61}, "name"),
        ({"start": "soon"}, "start"),
        ({"start": None}, "start"),
        ({"start": "1989-12-31"}, "start"),
        ({"end": "2200-01-01"}, "end"),
        ({"end": "2026-07-05"}, "end"),
        ({"end": "2029-12-31"}, "end"),
        ({"state": "gone"}, "state"),
        ({"name": "FY2026 Q1"}, "non_field_errors"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(cast, sign_in, body, field):
    answer = post(sign_in(cast.admin, language="en"), address(cast), NEXT | body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert Cycle.objects.filter(organization=cast.organization).count() == 2


def test_a_change_counts_on_its_version(cast, sign_in):
    client = sign_in(cast.admin)
    url = address(cast, cast.cycle.pk)
    tag = client.get(url)["ETag"]
    changed = patch(client, url, {"name": "第1四半期"}, **{"if-match": tag}).json()
    assert (changed["name"], changed["version"]) == ("第1四半期", 2)
    assert patch(client, url, {"name": "第1四半期"}).json()["version"] == 2
    first = patch(client, url, {"is_first": True}).json()
    assert (first["is_first"], first["version"]) == (True, 3)
    for body in ({"name": "x"}, {"state": "closed"}):
        stale = patch(client, url, body, **{"if-match": tag})
        assert (stale.status_code, stale.json()["current"]["name"]) == (409, "第1四半期")
    early = patch(client, url, {"end": "2026-04-01"})
    assert (early.status_code, list(early.json()["fields"])) == (400, ["end"])


def test_check_ins_stay_inside_their_cycle(cast, sign_in):
    key_result = cast.objective().key_results.first()
    services.record_check_in(key_result, author=cast.member, value=1)
    answer = patch(sign_in(cast.admin), address(cast, cast.cycle.pk), {"start": "2026-06-01"})
    assert (answer.status_code, answer.json()["code"], list(answer.json()["fields"])) == (
        400,
        "check_ins_outside",
        ["start"],
    )


def test_a_cycle_is_closed_and_opened_and_a_closed_one_is_opened_before_it_changes(cast, sign_in):
    key_result = cast.objective().key_results.first()
    client = sign_in(cast.admin)
    url = address(cast, cast.cycle.pk)
    assert patch(client, url, {"state": "closed"}).json()["state"] == "closed"
    key_result.scored.refresh_from_db()
    assert key_result.scored.health == "closed"
    frozen = patch(client, url, {"name": "x"})
    assert (frozen.status_code, frozen.json()["code"]) == (409, "cycle_closed")
    reopened = patch(client, url, {"name": "新しい名前", "state": "active"}).json()
    assert (reopened["name"], reopened["state"]) == ("新しい名前", CycleState.ACTIVE)
