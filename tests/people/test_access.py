"""Who is let in where, and how rows are named in addresses and forms."""

import uuid
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from objectives.models import Objective
from people.access import get_editable, get_membership, get_visible, read_id

ENDLESS = "9" * 4_500


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("42", 42), ("007", 7), (12, 12), ("9" * 18, 10**18 - 1)])
def test_a_row_is_named_by_its_number(text, number):
    assert read_id(text) == number


@pytest.mark.parametrize(
    "text", ["", None, "x", "²", "１２", "٣", "-1", "+1", "1.0", "1e3", " 1", "1\n", "1\0", "1_000", "9" * 19, ENDLESS]
)
def test_what_is_no_number_of_a_row_names_none(text):
    assert read_id(text) is None


@pytest.fixture
def ask(cast, rf):
    """A request of one of the cast, as a view receives it."""

    def request_of(membership):
        request = rf.get("/")
        request.user = membership.user
        return request

    return request_of


def test_a_member_gets_their_place_and_the_request_remembers_it(cast, ask):
    request = ask(cast.member)
    membership = get_membership(request, cast.organization.slug)
    assert membership == cast.member == request.membership
    assert membership.team_ids == [cast.sales.pk]


def test_place_organization_and_teams_come_in_one_query(cast, ask, django_assert_num_queries):
    with django_assert_num_queries(1):
        membership = get_membership(ask(cast.member), cast.organization.slug)
        assert (membership.organization.name, membership.user.name) == ("北灯珈琲", "山本 翔")
        assert membership.team_ids == [cast.sales.pk]


@pytest.mark.parametrize("slug", ["hokuto", "nowhere"])
def test_a_stranger_cannot_tell_an_organization_from_none(cast, ask, slug):
    request = ask(cast.stranger)
    with pytest.raises(Http404):
        get_membership(request, slug)
    assert not hasattr(request, "membership")


def test_whoever_left_is_a_stranger(cast, ask):
    cast.member.left_on = date(2026, 5, 1)
    cast.member.save()
    with pytest.raises(Http404):
        get_membership(ask(cast.member), cast.organization.slug)


def test_a_person_who_may_not_sign_in_is_a_stranger(cast, ask):
    cast.member.user.is_active = False
    cast.member.user.save()
    with pytest.raises(Http404):
        get_membership(ask(cast.member), cast.organization.slug)


def test_a_reader_is_told_so_and_a_stranger_is_told_nothing(cast):
    objective = cast.objective()
    assert get_editable(Objective.objects, cast.manager, pk=objective.pk) == objective
    assert get_visible(Objective.objects, cast.colleague, pk=objective.pk) == objective
    with pytest.raises(PermissionDenied):
        get_editable(Objective.objects, cast.colleague, pk=objective.pk)
    for fetch in (get_visible, get_editable):
        with pytest.raises(Http404):
            fetch(Objective.objects, cast.stranger, pk=objective.pk)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("this-week/?key_result={}", 200),
        ("plan/?team={}", 200),
        ("objectives/?team={}", 200),
        ("plan/objectives/new/?team={}", 200),
        ("plan/objectives/new/?parent={}", 404),
        ("plan/objectives/new/?parent=k{}", 404),
        ("company/map/?root={}", 404),
        ("objectives/{objective}/key-results/new/?kpi={}", 200),
        ("key-results/{key_result}/check-ins/?corrects={}", 404),
    ],
)
@pytest.mark.parametrize("asked", [ENDLESS, "²"])
def test_an_address_with_an_odd_number_is_answered(cast, sign_in, path, expected, asked):
    objective = cast.objective()
    address = path.format(asked, objective=objective.pk, key_result=objective.key_results.first().pk)
    assert sign_in(cast.admin).get(cast.url(address)).status_code == expected


@pytest.mark.parametrize("asked", [ENDLESS, "²"])
def test_a_form_with_an_odd_number_is_answered(cast, sign_in, asked):
    objective = cast.objective()
    client = sign_in(cast.admin)
    key_result = objective.key_results.first()
    assert client.post(cast.url(f"objectives/{objective.pk}/align/"), {"remove": asked}).status_code == 404
    assert client.post(cast.url("plan/not-doing/"), {"team": asked, "text": "値引き"}).status_code == 404
    said = {"value": "5", "date": "2026-05-20", "submission_key": str(uuid.uuid4()), "confidence": "7"}
    said |= {"from": "week", "following": asked}
    answer = client.post(cast.url(f"key-results/{key_result.pk}/check-ins/"), said, headers={"hx-request": "true"})
    assert answer.status_code == 200
    assert key_result.check_ins.count() == 1
