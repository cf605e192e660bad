"""The home of a consultant: several organizations by one login, none of which sees another."""

from datetime import date

import pytest

from funnel.models import KGI
from objectives.models import Action, Notice, NoticeKind
from people.models import Membership, Organization, Role, Team
from tests.funnel.plans import make_kgi, share

HOME = "/organizations/"


@pytest.fixture
def consultant(cast):
    """The partner of the cast, who is a manager of another company as well."""
    elsewhere = Organization.objects.get(slug="minami")
    second = Membership.objects.create(organization=elsewhere, user=cast.partner.user, role=Role.MANAGER)
    second.teams.set([Team.objects.get(organization=elsewhere)])
    return second


def other_kgi(consultant, name="南風の年商") -> KGI:
    return KGI.objects.create(
        organization=consultant.organization,
        name=name,
        period_start=date(2026, 4, 1),
        period_end=date(2027, 3, 31),
        must_hit_value=50_000_000,
    )


def test_every_organization_stands_there_with_its_kgi_and_what_is_due(cast, consultant, sign_in):
    share(make_kgi(cast, name="北灯の売上"), cast.partner)
    other_kgi(consultant)
    page = sign_in(cast.partner).get(HOME)
    said = page.content.decode()
    assert page.status_code == 200
    assert all(name in said for name in ("北灯珈琲", "南風商事", "北灯の売上", "南風の年商", "パートナー"))


def test_in_each_organization_only_what_one_sees_there(cast, consultant, sign_in):
    make_kgi(cast, name="共有していない売上")
    hidden = make_kgi(cast, name="取り下げた売上")
    share(hidden, cast.partner)
    KGI.objects.filter(pk=hidden.pk).update(dropped_at="2026-05-01T00:00:00Z")
    said = sign_in(cast.partner).get(HOME).content.decode()
    assert "共有していない売上" not in said
    assert "取り下げた売上" not in said
    assert "共有されたKGIはありません" in said


def test_what_is_due_is_counted_where_it_is_due(cast, consultant, sign_in):
    objective = cast.objective(key_results=0, title="分かち合う目標")
    objective.shares.create(membership=cast.partner)
    cast.key_result(objective)
    objective.key_results.update(owner=cast.partner)
    action = {"organization": cast.organization, "team": cast.sales, "title": "資料を送る", "created_by": cast.admin}
    served = {"key_result": objective.key_results.get(), "owner": cast.partner}
    Action.objects.create(**action, **served, due_on=date(2026, 5, 12))
    Action.objects.create(**action, **served, due_on=date(2026, 5, 22))
    Action.objects.create(**action, **served, due_on=date(2026, 6, 22))
    Notice.objects.create(membership=consultant, kind=NoticeKind.ACTION, occasion="one", text="頼みごと")
    shown = sign_in(cast.partner).get(HOME).context["rows"]
    north, south = (row["place"] for row in shown)
    assert (north.membership.organization.slug, south.membership.organization.slug) == ("hokuto", "minami")
    assert (north.owed, north.actions, north.actions_late, north.unread) == (1, 2, 1, 0)
    assert (south.owed, south.actions, south.unread) == (0, 0, 1)


def test_a_partner_is_led_to_their_room_which_counts_the_same_as_due(cast, consultant, sign_in):
    written, read = cast.objective(title="書ける目標"), cast.objective(title="読むだけの目標")
    written.shares.create(membership=cast.partner)
    read.shares.create(membership=cast.partner, may_write=False)
    client = sign_in(cast.partner)
    answer = client.get(HOME)
    north, _south = (row["place"] for row in answer.context["rows"])
    assert north.owed == client.get(cast.url("room/")).context["room"].due == written.key_results.count()
    assert cast.url("room/") in answer.text
    assert cast.url("this-week/") not in answer.text
    assert "/o/minami/this-week/" in answer.text


def test_a_key_result_of_one_organization_is_due_in_no_other(cast, consultant, sign_in):
    objective = cast.objective(key_results=0)
    cast.key_result(objective)
    assert all(not row["place"].owed for row in sign_in(cast.partner).get(HOME).context["rows"])


def test_who_works_for_several_comes_home_to_all_of_them(cast, consultant, sign_in):
    assert sign_in(cast.partner).get("/")["Location"] == HOME
    assert sign_in(cast.member).get("/")["Location"] == "/o/hokuto/this-week/"
    assert sign_in(cast.member).get(HOME)["Location"] == "/"
    assert HOME in sign_in(cast.partner).get(cast.url("this-week/")).content.decode()
    assert HOME not in sign_in(cast.member).get(cast.url("this-week/")).content.decode()


def test_an_organization_one_left_is_gone_from_there(cast, consultant, sign_in):
    Membership.objects.filter(pk=consultant.pk).update(left_on=date(2026, 5, 1))
    assert sign_in(cast.partner).get(HOME)["Location"] == "/"


def test_nobody_else_is_let_in(cast, client):
    assert client.get(HOME)["Location"].startswith("/accounts/login/")


def test_so_many_questions_for_an_organization_whatever_stands_there(
    cast, consultant, sign_in, django_assert_max_num_queries
):
    client = sign_in(cast.partner)
    for number in range(4):
        share(make_kgi(cast, name=f"売上 {number}"), cast.partner)
        other_kgi(consultant, f"南風 {number}")
        objective = cast.objective(key_results=3, title=f"目標 {number}")
        objective.shares.create(membership=cast.partner)
        objective.key_results.update(owner=cast.partner)
    with django_assert_max_num_queries(3 + 2 * 9):
        assert client.get(HOME).status_code == 200


def test_the_eleventh_organization_stands_on_the_next_page(cast, consultant, sign_in):
    for number in range(10):
        other = Organization.objects.create(name=f"会社 {number:02}", slug=f"other-{number}")
        Membership.objects.create(organization=other, user=cast.partner.user, role=Role.PARTNER)
    client = sign_in(cast.partner)
    assert len(client.get(HOME).context["rows"]) == 10
    assert len(client.get(f"{HOME}?page=2").context["rows"]) == 2
    assert client.get(f"{HOME}?page=%00x").status_code == 200
