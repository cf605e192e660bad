"""Teams and members for other programs."""

import pytest
from django.test import Client

from objectives.models import ObjectiveShare
from people.models import Membership, Team
from tests import asking
from tests.asking import patch, post
from tests.cast import person


def teams(cast, *parts):
    return asking.address(cast, "teams", *parts)


def members(cast, *parts):
    return asking.address(cast, "members", *parts)


def names(answer):
    assert answer.status_code == 200, answer.content
    return [row["name"] for row in answer.json()["results"]]


# Teams


def test_teams_are_told_as_a_tree(cast, sign_in):
    told = sign_in(cast.member).get(teams(cast)).json()["results"]
    assert [(row["name"], row["parent"], row["is_company"]) for row in told] == [
        ("北灯珈琲", None, True),
        ("法人営業", cast.company.pk, False),
        ("オンライン店", cast.company.pk, False),
    ]
    assert told[0].keys() >= {"id", "version", "name", "parent", "position", "closed_on", "merged_into"}


@pytest.mark.parametrize("number", [3, 30])
def test_the_number_of_queries_does_not_grow(cast, sign_in, number, django_assert_max_num_queries):
    for index in range(number):
        team = Team.objects.create(organization=cast.organization, parent=cast.sales, name=f"課 {index}")
        person(cast.organization, f"社員 {index}", f"{index}@hokuto.example", "member", team)
    client = sign_in(cast.member)
    for url, more in ((teams(cast), 3), (members(cast), 6)):
        with django_assert_max_num_queries(10):
            assert client.get(url, {"page_size": 100}).json()["count"] == number + more


def test_nobody_401_stranger_404_reader_403(cast, sign_in):
    for url in (teams(cast), teams(cast, cast.sales.pk), members(cast), members(cast, cast.member.pk)):
        assert Client().get(url).status_code == 401
        assert sign_in(cast.stranger).get(url).status_code == 404
    for who in (cast.executive, cast.manager, cast.member):
        client = sign_in(who)
        for answer in (
            post(client, teams(cast), {"name": "x"}),
            patch(client, teams(cast, cast.sales.pk), {"name": "x"}),
            post(client, teams(cast, cast.sales.pk, "close")),
            post(client, teams(cast, cast.sales.pk, "reopen")),
            post(client, teams(cast, cast.sales.pk, "merge"), {"into": cast.online.pk}),
            patch(client, members(cast, cast.member.pk), {"role": "admin"}),
            post(client, members(cast, cast.colleague.pk, "leave")),
            post(client, members(cast, cast.colleague.pk, "reinstate")),
        ):
            assert answer.status_code == 403


def test_a_partner_is_told_of_shared_teams_and_of_nobody_else(cast, sign_in):
    partner = sign_in(cast.partner)
    assert names(partner.get(teams(cast))) == []
    ObjectiveShare.objects.create(objective=cast.objective(), membership=cast.partner)
    assert names(partner.get(teams(cast))) == ["法人営業"]
    assert partner.get(teams(cast)).json()["results"][0]["parent"] is None
    assert partner.get(teams(cast, cast.online.pk)).status_code == 404
    assert names(partner.get(members(cast))) == ["Mori Agency"]
    assert partner.get(members(cast, cast.manager.pk)).status_code == 404


def test_an_administrator_makes_moves_closes_and_merges_teams(cast, sign_in):
    client = sign_in(cast.admin)
    made = post(client, teams(cast), {"name": " 品質　管理 ", "parent": cast.sales.pk}).json()
    assert (made["name"], made["parent"], made["version"]) == ("品質 管理", cast.sales.pk, 1)
    first = post(client, teams(cast), {"name": "品質", "position": 0}).json()
    assert (first["parent"], first["position"]) == (cast.company.pk, 0)
    moved = patch(client, teams(cast, made["id"]), {"parent": cast.online.pk}, **{"if-match": '"1"'}).json()
    assert (moved["parent"], moved["version"]) == (cast.online.pk, 2)
    stale = patch(client, teams(cast, made["id"]), {"name": "x"}, **{"if-match": '"1"'})
    assert (stale.status_code, stale.json()["current"]["version"]) == (409, 2)
    loop = patch(client, teams(cast, cast.online.pk), {"parent": made["id"]})
    assert (loop.status_code, list(loop.json()["fields"])) == (400, ["parent"])
    for _time in range(2):
        assert post(client, teams(cast, made["id"], "close")).json()["closed_on"] == "2026-05-20"
    assert names(client.get(teams(cast), {"closed": "true"})) == ["品質 管理"]
    assert post(client, teams(cast, made["id"], "reopen")).json()["closed_on"] is None
    goal = cast.objective()
    into = post(client, teams(cast, cast.sales.pk, "merge"), {"into": cast.online.pk}).json()
    assert into["id"] == cast.online.pk
    goal.refresh_from_db()
    assert goal.team == cast.online
    assert client.get(teams(cast, cast.sales.pk)).json()["merged_into"] == cast.online.pk
    refused = post(client, teams(cast, cast.company.pk, "close"))
    assert (refused.status_code, refused.json()["code"]) == (409, "company_stays")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "法人営業"}, "name"),
        ({"name": "x", "parent": 999_999}, "parent"),
    ],
)
def test_a_team_that_cannot_be_is_refused(cast, sign_in, body, field):
    answer = post(sign_in(cast.admin), teams(cast), body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_a_team_of_another_organization_is_not_known(cast, sign_in):
    theirs = cast.stranger.organization.teams.get()
    client = sign_in(cast.admin)
    assert client.get(teams(cast, theirs.pk)).status_code == 404
    assert post(client, teams(cast), {"name": "x", "parent": theirs.pk}).status_code == 400
    assert post(client, teams(cast, cast.sales.pk, "merge"), {"into": theirs.pk}).status_code == 400


# Members


def test_members_are_told_with_role_and_teams(cast, sign_in):
    told = sign_in(cast.colleague).get(members(cast, cast.manager.pk)).json()
    expected = {
        "id": cast.manager.pk,
        "name": "伊藤 遥",
        "email": "manager@hokuto.example",
        "role": "manager",
        "teams": [cast.sales.pk],
        "left_on": None,
    }
    assert told.items() >= expected.items()
    assert "password" not in str(told)


def test_members_are_narrowed_as_documented(cast, sign_in):
    Membership.objects.filter(pk=cast.colleague.pk).update(left_on="2026-05-01")
    client = sign_in(cast.member)
    assert names(client.get(members(cast), {"role": ["manager", "executive"], "ordering": "id"})) == [
        "中村 大輔",
        "伊藤 遥",
    ]
    assert names(client.get(members(cast), {"team": cast.online.pk})) == ["佐藤 美咲"]
    assert names(client.get(members(cast), {"left": "true"})) == ["佐藤 美咲"]
    assert names(client.get(members(cast), {"q": "山本"})) == ["山本 翔"]


def test_an_administrator_changes_role_and_teams(cast, sign_in):
    client = sign_in(cast.admin)
    url = members(cast, cast.member.pk)
    changed = patch(client, url, {"role": "manager", "teams": [cast.online.pk]}, **{"if-match": '"1"'}).json()
    assert (changed["role"], changed["teams"], changed["version"]) == ("manager", [cast.online.pk], 2)
    stale = patch(client, url, {"role": "member"}, **{"if-match": '"1"'})
    assert (stale.status_code, stale.json()["current"]["role"]) == (409, "manager")
    theirs = cast.stranger.organization.teams.get().pk
    for body, field in (({"role": "king"}, "role"), ({"teams": [theirs]}, "teams"), ({"teams": "all"}, "teams")):
        refused = patch(client, url, body)
        assert (refused.status_code, list(refused.json()["fields"])) == (400, [field])
    last = patch(client, members(cast, cast.admin.pk), {"role": "member"})
    assert (last.status_code, last.json()["code"]) == (400, "last_admin")


def test_whoever_leaves_hands_over_what_they_own(cast, sign_in):
    goal = cast.objective(owner=cast.manager)
    client = sign_in(cast.admin)
    url = members(cast, cast.manager.pk, "leave")
    refused = post(client, url)
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["successor"])
    assert post(client, url, {"successor": cast.stranger.pk}).status_code == 400
    for _time in range(2):
        gone = post(client, url, {"successor": cast.colleague.pk})
        assert (gone.status_code, gone.json()["left_on"]) == (200, "2026-05-20")
    goal.refresh_from_db()
    assert goal.owner == cast.colleague
    assert sign_in(cast.manager).get(members(cast)).status_code == 404
    back = post(client, members(cast, cast.manager.pk, "reinstate")).json()
    assert (back["left_on"], back["teams"]) == (None, [cast.sales.pk])
