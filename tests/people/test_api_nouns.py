"""What every noun of the API does by itself, played with the teams of the cast."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import include, path
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.decorators import action

from people.api import Adding, Changing, Nested, Noun, RowField, RowFilter, addresses
from people.models import Membership, Team
from people.refusals import Refusal, stale


class TeamSerializer(serializers.ModelSerializer):
    parent = RowField(Team.objects)

    class Meta:
        model = Team
        fields = ("id", "version", "name", "parent")
        read_only_fields = ("version",)


class TeamFilters(filters.FilterSet):
    parent = RowFilter(Team.objects)
    position = filters.NumberFilter()


class Teams(Adding, Changing, Noun):
    queryset = Team.objects.all()
    serializer_class = TeamSerializer
    filterset_class = TeamFilters
    ordering_fields = {"name": "name", "above": "parent__name"}

    def may_add(self):
        return self.membership.is_admin

    def add(self, given):
        team = Team(organization=self.membership.organization, **given)
        team.full_clean()
        team.save()
        return team

    def change(self, row, given):
        if self.expected_version not in {None, row.version}:
            raise stale()
        Team.objects.filter(pk=row.pk).update(**given, version=row.version + 1)
        return row

    @action(detail=True, methods=["post"])
    def close(self, request, slug, pk):
        raise Refusal("has_people", f"{self.get_editable().name} has people.")


class People(Nested, Noun):
    queryset = Membership.objects.all()
    parents = Team.objects
    parent_field = "teams"

    class serializer_class(serializers.ModelSerializer):
        class Meta:
            model = Membership
            fields = ("id",)


urlpatterns = [
    path("api/v1/", include(addresses("teams", Teams))),
    path("api/v1/", include(addresses("teams/<int:parent>/people", People, name="team_people"))),
    path("", include("okrplanner.urls")),
]
pytestmark = pytest.mark.urls(__name__)
TEAMS = "/api/v1/o/hokuto/teams/"


def send(client, method, address, body, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return getattr(client, method)(address, body, content_type="application/json", headers=headers)


def test_a_list_is_paged_and_says_how_many_there_are(cast, sign_in):
    client = sign_in(cast.member)
    whole = client.get(TEAMS).json()
    assert (whole["count"], whole["next"], len(whole["results"])) == (3, None, 3)
    first = client.get(TEAMS, {"page_size": 2}).json()
    assert len(first["results"]) == 2
    second = client.get(first["next"]).json()
    assert [row["id"] for row in first["results"] + second["results"]] == [row["id"] for row in whole["results"]]
    beyond = client.get(TEAMS, {"page": 9})
    assert (beyond.status_code, beyond.json().keys()) == (404, {"code", "detail"})


def test_a_list_takes_as_many_queries_however_long_it_is(cast, sign_in, django_assert_num_queries):
    client = sign_in(cast.member)
    client.get(TEAMS)
    with CaptureQueriesContext(connection) as few:
        client.get(TEAMS)
    Team.objects.bulk_create(
        Team(organization=cast.organization, parent=cast.company, name=f"課 {number}") for number in range(40)
    )
    with django_assert_num_queries(len(few)):
        assert len(client.get(TEAMS).json()["results"]) == 43


def test_more_than_500_on_a_page_is_cut(cast, sign_in):
    Team.objects.bulk_create(
        Team(organization=cast.organization, parent=cast.company, name=f"課 {number}") for number in range(600)
    )
    client = sign_in(cast.member)
    assert len(client.get(TEAMS, {"page_size": 9_999}).json()["results"]) == 500
    assert len(client.get(TEAMS).json()["results"]) == 50


def test_a_list_is_narrowed_and_ordered_by_what_is_documented(cast, sign_in):
    client = sign_in(cast.member)

    def names(**query):
        return [row["name"] for row in client.get(TEAMS, query).json()["results"]]

    assert names(parent=cast.company.pk, ordering="-name") == ["法人営業", "オンライン店"]
    assert names(ordering="above,name")[-1] == cast.company.name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("parent", "x"),
        ("parent", "99999999999999999999999"),
        ("parent", "\x00"),
        ("position", "many"),
        ("ordering", "password"),
        ("ordering", "name,,"),
        ("ordering", "\x00"),
    ],
)
def test_a_filter_that_is_not_understood_is_refused_beside_its_name(cast, sign_in, name, value):
    answer = sign_in(cast.member).get(TEAMS, {name: value})
    assert (answer.status_code, answer.json()["code"], list(answer.json()["fields"])) == (400, "invalid", [name])


def test_a_filter_by_a_row_of_another_organization_is_refused(cast, sign_in):
    theirs = cast.stranger.organization.teams.get()
    assert sign_in(cast.member).get(TEAMS, {"parent": theirs.pk}).status_code == 400


def test_who_may_what(cast, sign_in):
    address = f"{TEAMS}{cast.sales.pk}/"
    for nobodys in (TEAMS, address, "/api/v1/o/nowhere/teams/", f"{TEAMS}999/"):
        assert Client().get(nobodys).status_code == 401
        assert Client().get(nobodys, headers={"accept": "image/png"}).status_code == 401
        assert sign_in(cast.stranger).get(nobodys).status_code == 404
    assert sign_in(cast.member).get(address).json()["name"] == cast.sales.name
    assert sign_in(cast.partner).get(TEAMS).json()["results"] == []
    assert sign_in(cast.partner).get(address).status_code == 404
    for body in ({"name": "営業"}, {}, [], "x"):
        assert send(sign_in(cast.member), "patch", address, body).status_code == 403
        assert send(sign_in(cast.member), "post", TEAMS, body).status_code == 403
        assert send(sign_in(cast.stranger), "patch", address, body).status_code == 404
        assert send(sign_in(cast.partner), "patch", address, body).status_code == 404


def test_a_row_is_added_and_changed(cast, sign_in):
    client = sign_in(cast.admin)
    added = send(client, "post", TEAMS, {"name": "物流", "parent": cast.company.pk})
    assert (added.status_code, added["ETag"], added.json()["version"]) == (201, '"1"', 1)
    assert client.get(added["Location"]).json() == added.json()
    changed = send(client, "patch", added["Location"], {"name": "配送"})
    assert (changed.status_code, changed["ETag"], changed.json()["name"]) == (200, '"2"', "配送")
    assert changed.json()["parent"] == cast.company.pk


@pytest.mark.parametrize("body", [{"name": ""}, {"name": "x", "parent": 999}, {"name": "x", "parent": True}, [], None])
def test_bad_input_is_refused_with_its_fields(cast, sign_in, body):
    answer = send(sign_in(cast.admin), "post", TEAMS, body)
    assert (answer.status_code, answer.json().keys()) == (400, {"code", "detail", "fields"})


def test_what_the_model_refuses_is_bad_input_too(cast, sign_in):
    answer = send(sign_in(cast.admin), "post", TEAMS, {"name": cast.sales.name, "parent": cast.company.pk})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["non_field_errors"])


@pytest.mark.parametrize("tag", ['"1"', 'W/"1"', "1", "*", ' "1" '])
def test_a_change_of_the_row_as_it_is_goes_through(cast, sign_in, tag):
    answer = send(sign_in(cast.admin), "patch", f"{TEAMS}{cast.sales.pk}/", {"name": "営業"}, if_match=tag)
    assert answer.status_code == 200


def test_a_change_of_a_row_changed_meanwhile_is_refused_with_the_row_as_it_is(cast, sign_in):
    client = sign_in(cast.admin)
    address = f"{TEAMS}{cast.sales.pk}/"
    send(client, "patch", address, {"name": "営業"}, if_match='"1"')
    late = send(client, "patch", address, {"name": "販売"}, if_match='"1"')
    assert (late.status_code, late.json()["code"], late["ETag"]) == (409, "stale", '"2"')
    assert late.json()["current"] == client.get(address).json()
    assert late.json()["current"]["name"] == "営業"


@pytest.mark.parametrize("tag", ["x", '"x"', '"1", "2"', "-1", "1.0", '"1', "１", "9" * 30, ""])
def test_what_is_no_version_is_refused(cast, sign_in, tag):
    answer = send(sign_in(cast.admin), "patch", f"{TEAMS}{cast.sales.pk}/", {"name": "営業"}, if_match=tag)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["If-Match"])
    cast.sales.refresh_from_db()
    assert cast.sales.name == "法人営業"


def test_an_act_has_its_own_address_and_its_refusal_the_one_shape(cast, sign_in):
    address = f"{TEAMS}{cast.sales.pk}/close/"
    refused = send(sign_in(cast.admin), "post", address, {})
    assert (refused.status_code, refused.json()["code"]) == (409, "has_people")
    late = send(sign_in(cast.admin), "post", address, {}, if_match='"9"')
    assert (late.status_code, late.json()["code"], late.json()["current"]["version"]) == (409, "stale", 1)
    assert send(sign_in(cast.member), "post", address, {}).status_code == 403
    assert send(Client(), "post", address, {}).status_code == 401


def test_a_noun_below_a_row_shows_what_belongs_to_it(cast, sign_in):
    address = f"{TEAMS}{cast.sales.pk}/people/"
    listed = sign_in(cast.colleague).get(address).json()
    assert {row["id"] for row in listed["results"]} == {cast.manager.pk, cast.member.pk}
    assert sign_in(cast.colleague).get(f"{address}{cast.member.pk}/").status_code == 200
    assert sign_in(cast.colleague).get(f"{address}{cast.colleague.pk}/").status_code == 404
    assert sign_in(cast.stranger).get(address).status_code == 404


@pytest.mark.parametrize("row", ["0", "9" * 30, "9" * 5000])
def test_a_number_no_row_can_have_is_not_found(cast, sign_in, row):
    assert sign_in(cast.admin).get(f"{TEAMS}{row}/").status_code == 404


def test_head_and_options_answer_and_other_methods_are_refused_in_the_one_shape(cast, sign_in):
    client = sign_in(cast.admin)
    address = f"{TEAMS}{cast.sales.pk}/"
    head = client.head(address)
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", '"1"')
    assert client.options(address).json() == {"methods": ["GET", "PATCH", "HEAD", "OPTIONS"]}
    refused = client.delete(address)
    assert (refused.status_code, refused.json()["code"]) == (405, "method_not_allowed")
