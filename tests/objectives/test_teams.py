"""The pages on which the tree of teams is read and arranged."""

import pytest

from objectives import services
from objectives.models import Objective
from people.models import Team
from people.services import create_team


def one(cast, team, path="") -> str:
    return cast.url(f"settings/teams/{team.pk}/{path}")


def names(client, cast) -> list[str]:
    return [branch.team.name for branch in client.get(cast.url("settings/teams/")).context["tree"]]


@pytest.fixture
def area(cast):
    return create_team(cast.organization, name="札幌", parent=cast.sales)


def test_everybody_inside_reads_the_tree_with_its_counts(cast, area, sign_in):
    cast.objective()
    page = sign_in(cast.member).get(cast.url("settings/teams/"))
    tree = {branch.team.pk: branch for branch in page.context["tree"]}
    assert (tree[cast.sales.pk].team.people, tree[cast.sales.pk].team.goals) == (2, 1)
    assert [tree[pk].depth for pk in (cast.company.pk, cast.sales.pk, area.pk)] == [0, 1, 2]
    assert page.context["form"] is None
    assert sign_in(cast.admin).get(one(cast, area)).status_code == 200


WRITES = ["", "place/", "merge/", "close/", "reopen/"]


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize(("who", "status"), [("manager", 403), ("member", 403), ("stranger", 404)])
def test_readers_and_strangers_arrange_nothing(cast, area, sign_in, who, status, path):
    typed = {"name": "名", "parent": cast.online.pk, "into": cast.online.pk, "to": "up", "version": "1"}
    assert sign_in(getattr(cast, who)).post(one(cast, area, path), typed).status_code == status
    assert sign_in(getattr(cast, who)).post(cast.url("settings/teams/"), typed).status_code == status
    area.refresh_from_db()
    assert (area.name, area.parent, area.closed_on) == ("札幌", cast.sales, None)


def test_a_partner_and_another_organization_are_kept_out(cast, sign_in):
    assert sign_in(cast.partner).get(cast.url("settings/teams/")).status_code == 403
    elsewhere = Team.objects.get(organization=cast.stranger.organization)
    for path in ("", "merge/"):
        assert sign_in(cast.admin).get(one(cast, elsewhere, path)).status_code == 404


def test_a_team_is_added_once(cast, sign_in):
    client, typed = sign_in(cast.admin), {"name": "商品開発", "parent": cast.company.pk}
    assert client.post(cast.url("settings/teams/"), typed).status_code == 302
    again = client.post(cast.url("settings/teams/"), typed)
    assert again.status_code == 422
    assert list(again.context["form"].errors) == ["name"]
    assert names(client, cast).count("商品開発") == 1
    assert (
        client.get(cast.url(f"settings/teams/?below={cast.sales.pk}")).context["form"]["parent"].value()
        == cast.sales.pk
    )


@pytest.mark.parametrize(
    ("typed", "where"), [({"name": " "}, "name"), ({"parent": "0"}, "parent"), ({"name": "長" * 101}, "name")]
)
def test_bad_input_is_said_beside_its_field(cast, sign_in, typed, where):
    page = sign_in(cast.admin).post(cast.url("settings/teams/"), {"name": "班", "parent": cast.company.pk} | typed)
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [where]


def test_a_team_is_renamed_and_moved(cast, area, sign_in):
    client = sign_in(cast.admin, language="en")
    typed = {"name": "道央", "parent": cast.online.pk, "version": "1"}
    for _turn in range(2):
        assert client.post(one(cast, area), typed).status_code == 302
    area.refresh_from_db()
    assert (area.name, area.parent, area.version) == ("道央", cast.online, 2)
    late = client.post(one(cast, area), typed | {"name": "道東"})
    assert late.status_code == 422
    assert "Someone changed this in the meantime." in late.text
    again = typed | {"name": "道東", "version": late.context["form"]["version"].value()}
    assert client.post(one(cast, area), again).status_code == 302


def test_nothing_below_a_team_is_offered_as_its_parent(cast, area, sign_in):
    client = sign_in(cast.admin)
    offered = client.get(one(cast, cast.sales)).context["form"].fields["parent"].queryset
    assert set(offered) == {cast.company, cast.online}
    page = client.post(one(cast, cast.sales), {"name": "営業", "parent": area.pk, "version": "1"})
    assert list(page.context["form"].errors) == ["parent"]
    assert client.post(one(cast, cast.company), {"name": "新社名", "version": "1"}).status_code == 302


def test_a_team_goes_up_and_down_among_its_siblings(cast, sign_in):
    client = sign_in(cast.admin)
    before = names(client, cast)
    client.post(one(cast, cast.online, "place/"), {"to": "up"})
    assert names(client, cast) == [before[0], cast.online.name, cast.sales.name]
    for to in ("up", "sideways", ""):
        assert client.post(one(cast, cast.online, "place/"), {"to": to}).status_code == 302
    client.post(one(cast, cast.online, "place/"), {"to": "down"})
    assert names(client, cast) == before


def test_merging_shows_what_goes_over_and_does_it(cast, area, sign_in):
    objective = cast.objective()
    client = sign_in(cast.admin)
    page = client.get(one(cast, cast.sales, "merge/"))
    assert (page.context["goals"], page.context["people"], page.context["children"]) == (1, 2, [area])
    nothing = client.post(one(cast, cast.sales, "merge/"), {"version": "1"})
    assert nothing.status_code == 422
    assert list(nothing.context["form"].errors) == ["into"]
    for _turn in range(2):
        typed = {"into": cast.online.pk, "version": "1"}
        assert client.post(one(cast, cast.sales, "merge/"), typed).status_code == 302
    objective.refresh_from_db()
    assert objective.team == cast.online
    assert cast.sales.name in client.get(cast.url("settings/teams/")).text, "among the closed ones"


def test_a_team_with_something_open_says_what_keeps_it(cast, area, sign_in):
    objective = cast.objective(team=area)
    client = sign_in(cast.admin, language="en")
    page = client.post(one(cast, area, "close/"))
    assert page.status_code == 422
    assert objective.title in page.text
    assert one(cast, area, "merge/") in page.text
    assert client.post(one(cast, cast.company, "close/")).status_code == 422


def test_closing_can_be_undone(cast, sign_in):
    client = sign_in(cast.admin)
    for _turn in range(2):
        page = client.post(one(cast, cast.online, "close/"), follow=True)
        assert one(cast, cast.online, "reopen/") in page.text
    assert cast.online.name not in names(client, cast)
    for _turn in range(2):
        assert client.post(one(cast, cast.online, "reopen/")).status_code == 302
    assert cast.online.name in names(client, cast)


def test_a_closed_team_vanishes_from_choices_and_its_objectives_keep_its_name(cast, sign_in):
    old = cast.objective(team=cast.online)
    services.change_state(old, to="closed", by=cast.admin)
    services.close_team(cast.online, by=cast.admin)
    client = sign_in(cast.admin)
    form = client.get(cast.url("plan/objectives/new/")).context["form"]
    assert cast.online not in form.fields["team"].queryset
    assert (cast.online.pk, cast.online.name) in client.get(cast.url("objectives/")).context["teams"], (
        "its objective is listed here"
    )
    assert cast.online.name in client.get(cast.url(f"objectives/{old.pk}/")).text
    assert cast.online.name in client.get(cast.url("plan/")).text
    assert client.post(cast.url("plan/not-doing/"), {"team": cast.online.pk, "text": "x"}).status_code == 404
    Objective.objects.filter(pk=old.pk).delete()
    assert (cast.online.pk, cast.online.name) not in client.get(cast.url("objectives/")).context["teams"]
    assert f'value="{cast.online.pk}"' not in client.get(cast.url("plan/")).text
    assert client.get(cast.url("company/")).status_code == 200


def test_the_number_of_queries_does_not_grow_with_the_teams(cast, sign_in, django_assert_max_num_queries):
    client = sign_in(cast.admin)
    client.get(cast.url("settings/teams/"))
    for number in range(30):
        create_team(cast.organization, name=f"班 {number}", parent=cast.sales)
    with django_assert_max_num_queries(16):
        client.get(cast.url("settings/teams/"))
    with django_assert_max_num_queries(20):
        client.get(one(cast, cast.sales))
