"""The pages on which administrators take care of people, and people of themselves."""

import json

import pytest

from objectives import services
from people.models import AuditEvent, Membership, Role, Team, User


def one(cast, member, path="") -> str:
    return cast.url(f"settings/members/{member.pk}/{path}")


def place(**more):
    return {"role": "member", "teams": [], "version": "1"} | more


def test_everybody_inside_finds_their_colleagues(cast, sign_in):
    cast.objective(owner=cast.manager)
    for who in (cast.admin, cast.executive, cast.manager, cast.member):
        page = sign_in(who).get(cast.url("settings/members/"))
        assert "佐藤 美咲" in page.text
    by_goals = sign_in(cast.admin).get(cast.url("settings/members/?sort=-goals")).context["page"].object_list
    assert [(row.pk, row.goals, row.results) for row in by_goals[:2]] == [
        (cast.member.pk, 0, 2),
        (cast.manager.pk, 1, 0),
    ]


def test_a_person_carries_what_stands_and_what_was_dropped_still_goes_to_others(cast, sign_in):
    objective = cast.objective(owner=cast.manager)
    client = sign_in(cast.admin)
    page = client.get(one(cast, cast.manager))
    assert (page.context["counts"]["objectives"], list(page.context["objectives"])) == (1, [objective])
    services.drop_objective(objective, reason="方針の変更", by=cast.admin)
    page = client.get(one(cast, cast.manager))
    assert (page.context["counts"]["objectives"], list(page.context["objectives"])) == (0, [])
    assert client.get(one(cast, cast.member)).context["counts"]["key_results"] == 0
    assert one(cast, cast.manager, "hand-over/") in page.text


def test_people_are_found_by_words_role_team_and_whether_they_left(cast, sign_in):
    services.end_membership(cast.colleague, by=cast.admin)
    client = sign_in(cast.admin)

    def found(query):
        page = client.get(cast.url(f"settings/members/?{query}")).context["page"]
        return {row.pk for row in page.object_list}

    assert found("q=伊藤") == {cast.manager.pk}
    assert found("role=partner") == {cast.partner.pk}
    assert found(f"team={cast.sales.pk}") == {cast.manager.pk, cast.member.pk}
    assert found("state=left") == {cast.colleague.pk}
    assert found("q=%00&team=x&role=x&sort=x&page=x") == {
        cast.admin.pk,
        cast.executive.pk,
        cast.manager.pk,
        cast.member.pk,
        cast.partner.pk,
    }
    part = client.get(cast.url("settings/members/?q=nobody"), headers={"hx-request": "true"}).text
    assert "<html" not in part


def test_the_list_is_downloaded_with_every_cell_made_safe(cast, sign_in):
    User.objects.filter(pk=cast.member.user_id).update(name="=HYPERLINK(1)")
    file = sign_in(cast.admin).get(cast.url("settings/members/?download=csv"))
    text = file.content.decode()
    assert text.startswith("\ufeff")
    assert "'=HYPERLINK(1)" in text
    assert len(text.splitlines()) == 7


def test_a_person_is_read_by_colleagues_and_changed_by_administrators(cast, sign_in):
    page = sign_in(cast.manager).get(one(cast, cast.member))
    assert page.status_code == 200
    assert '<button class="button" data-kind="danger"' not in page.text
    client = sign_in(cast.admin)
    assert "Sees and changes everything" in sign_in(cast.admin, language="en").get(one(cast, cast.member)).text
    typed = place(role="manager", teams=[cast.sales.pk, cast.online.pk])
    for _turn in range(2):
        assert client.post(one(cast, cast.member), typed).status_code == 302
    changed = Membership.objects.get(pk=cast.member.pk)
    assert (changed.role, set(changed.team_ids)) == (Role.MANAGER, {cast.sales.pk, cast.online.pk})
    assert changed.version == 2


def test_what_another_administrator_decided_meanwhile_is_not_written_over(cast, sign_in):
    services.change_member(cast.member, by=cast.admin, role=Role.MANAGER)
    client = sign_in(cast.admin, language="en")
    for version in ("1", ""):
        late = client.post(one(cast, cast.member), place(role="executive", version=version))
        assert late.status_code == 422
        assert "Someone changed this in the meantime." in late.text
    again = place(role="executive", version=late.context["form"]["version"].value())
    assert client.post(one(cast, cast.member), again).status_code == 302


@pytest.mark.parametrize(("typed", "where"), [({"role": "emperor"}, "role"), ({"teams": ["999999"]}, "teams")])
def test_what_cannot_be_chosen_is_said_beside_its_field(cast, sign_in, typed, where):
    page = sign_in(cast.admin).post(one(cast, cast.member), place(**typed))
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [where]


def test_the_last_administrator_is_told_why_not(cast, sign_in):
    client = sign_in(cast.admin, language="en")
    page = client.post(one(cast, cast.admin), place(role="member"))
    assert page.status_code == 422
    assert "This is the last administrator" in page.text
    page = client.post(one(cast, cast.admin, "leave/"), {"version": "1"})
    assert page.status_code == 422
    assert "This is the last administrator" in page.text


def test_an_administrator_corrects_a_name(cast, sign_in):
    client = sign_in(cast.admin)
    typed = {"name": "山本 翔太", "reading": "やまもと しょうた"}
    assert client.post(one(cast, cast.member), typed).status_code == 302
    assert User.objects.get(pk=cast.member.user_id).name == "山本 翔太"
    empty = client.post(one(cast, cast.member), {"name": " ", "reading": ""})
    assert empty.status_code == 422
    assert list(empty.context["person"].errors) == ["name"]


WRITES = ["", "leave/", "hand-over/", "reinstate/", "erase/"]


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize(("who", "status"), [("manager", 403), ("member", 403), ("partner", 404), ("stranger", 404)])
def test_readers_and_strangers_decide_nothing(cast, sign_in, who, status, path):
    client = sign_in(getattr(cast, who))
    assert client.post(one(cast, cast.colleague, path), place(role="admin", name="誰")).status_code == status
    colleague = Membership.objects.select_related("user").get(pk=cast.colleague.pk)
    assert (colleague.role, colleague.left_on, colleague.user.name) == (Role.MEMBER, None, "佐藤 美咲")


def test_a_partner_finds_only_themselves(cast, sign_in):
    client = sign_in(cast.partner)
    assert client.get(cast.url("settings/members/")).status_code == 403
    assert client.get(one(cast, cast.member)).status_code == 404
    assert client.get(one(cast, cast.partner)).status_code == 200
    assert client.get(one(cast, cast.stranger)).status_code == 404


# Leaving


def test_leaving_shows_what_goes_to_whom_and_hands_it_over(cast, sign_in):
    first = cast.objective(owner=cast.manager)
    second = cast.objective(owner=cast.manager, title="二つ目の目標")
    client = sign_in(cast.admin)
    page = client.get(one(cast, cast.manager, "leave/"))
    assert page.context["form"].kinds[0][1] == 2
    assert second.title in page.text
    missing = client.post(one(cast, cast.manager, "leave/"), {"version": "1"})
    assert missing.status_code == 422
    assert list(missing.context["form"].errors) == ["successor"]
    typed = {"version": "1", "successor": cast.member.pk, f"objective_{second.pk}": cast.colleague.pk}
    for _turn in range(2):
        assert client.post(one(cast, cast.manager, "leave/"), typed).status_code == 302
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.owner, second.owner) == (cast.member, cast.colleague)
    assert sign_in(cast.manager).get(cast.url("this-week/")).status_code == 404
    assert "伊藤 遥" in sign_in(cast.admin).get(one(cast, cast.manager)).text


def test_a_partner_is_not_offered_as_a_successor(cast, sign_in):
    cast.objective(owner=cast.manager)
    client = sign_in(cast.admin)
    page = client.post(one(cast, cast.manager, "leave/"), {"version": "1", "successor": cast.partner.pk})
    assert page.status_code == 422
    assert list(page.context["form"].errors) == ["successor"]


def test_goals_are_handed_over_while_the_person_stays(cast, sign_in):
    objective = cast.objective(owner=cast.manager)
    client = sign_in(cast.admin, language="en")
    nobody = client.post(one(cast, cast.manager, "hand-over/"), {"version": "1"}, follow=True)
    assert "Nothing was handed over" in nobody.text
    client.post(one(cast, cast.manager, "hand-over/"), {"version": "1", "successor": cast.member.pk})
    objective.refresh_from_db()
    assert objective.owner == cast.member
    assert Membership.objects.get(pk=cast.manager.pk).left_on is None


def test_who_left_is_taken_back(cast, sign_in):
    services.end_membership(cast.member, by=cast.admin)
    client = sign_in(cast.admin)
    assert client.get(one(cast, cast.member)).context["form"] is None
    for _turn in range(2):
        assert client.post(one(cast, cast.member, "reinstate/")).status_code == 302
    assert sign_in(cast.member).get(cast.url("this-week/")).status_code == 200


def test_an_administrator_who_leaves_is_led_out(cast, sign_in):
    services.change_member(cast.executive, by=cast.admin, role=Role.ADMIN)
    answer = sign_in(cast.admin).post(one(cast, cast.admin, "leave/"), {"version": "1"})
    assert answer.headers["location"] == "/"


# One person's data


def read(answer) -> dict:
    return json.loads(b"".join(answer.streaming_content))


def test_the_data_of_a_person_is_handed_to_them_and_to_administrators(cast, sign_in):
    objective = cast.objective(owner=cast.member)
    services.record_check_in(objective.key_results.first(), author=cast.member, value=3, obstacle="人手")
    client = sign_in(cast.member)
    client.post(cast.url("settings/me/"), {"name": "山本 翔", "reading": "やまもと", "language": "en"})
    for who in (cast.member, cast.admin):
        data = read(sign_in(who).get(one(cast, cast.member, "data/")))
        assert data["profile"]["email"] == cast.member.user.email
        assert data["membership"]["role"] == "member"
        assert [row["obstacle"] for row in data["check_ins"]] == ["人手"]
        assert [row["title"] for row in data["objectives"]] == [objective.title]
        assert any(row["table"] == "people_user" for row in data["history"])
    assert sign_in(cast.manager).get(one(cast, cast.member, "data/")).status_code == 403
    assert sign_in(cast.partner).get(one(cast, cast.partner, "data/")).status_code == 200
    assert sign_in(cast.stranger).get(one(cast, cast.member, "data/")).status_code == 404


def test_another_organizations_rows_are_not_in_the_data(cast, sign_in):
    elsewhere = cast.stranger.organization
    there = Membership.objects.create(organization=elsewhere, user=cast.member.user, role="admin")
    sign_in(there).post(f"/o/{elsewhere.slug}/settings/members/{cast.stranger.pk}/", place(role="manager"))
    assert AuditEvent.objects.filter(organization=elsewhere, user=cast.member.user_id).exists()
    assert read(sign_in(cast.admin).get(one(cast, cast.member, "data/")))["history"] == []


def test_erasing_asks_for_the_name_and_only_for_who_has_left(cast, sign_in):
    client = sign_in(cast.admin, language="en")
    address = one(cast, cast.member, "erase/")
    early = client.post(address, {"name": cast.member.user.name})
    assert early.status_code == 422
    assert "Only who has left can be erased" in early.text
    services.end_membership(cast.member, by=cast.admin)
    wrong = client.post(address, {"name": "山本"})
    assert wrong.status_code == 422
    assert list(wrong.context["form"].errors) == ["name"]
    for _turn in range(2):
        assert client.post(address, {"name": " 山本\u3000翔 "}).status_code == 302
    assert User.objects.get(pk=cast.member.user_id).erased_at is not None
    assert "山本" not in client.get(one(cast, cast.member)).text


# Oneself


def test_people_change_their_own_name_and_language(cast, sign_in):
    client = sign_in(cast.partner)
    answer = client.post(cast.url("settings/me/"), {"name": "森 エージェンシー", "reading": "もり", "language": "en"})
    assert answer.status_code == 302
    user = User.objects.get(pk=cast.partner.user_id)
    assert (user.name, user.reading, user.language) == ("森 エージェンシー", "もり", "en")
    assert 'lang="en"' in client.get(cast.url("settings/me/")).text
    wrong = client.post(cast.url("settings/me/"), {"name": "", "language": "xx"})
    assert wrong.status_code == 422
    assert list(wrong.context["form"].errors) == ["name", "language"]
    assert sign_in(cast.stranger).get(cast.url("settings/me/")).status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_people(cast, sign_in, django_assert_max_num_queries):
    for number in range(30):
        user = User.objects.create(email=f"p{number}@hokuto.example", name=f"社員 {number}")
        membership = Membership.objects.create(organization=cast.organization, user=user)
        team = Team.objects.create(organization=cast.organization, parent=cast.sales, name=f"班{number}")
        membership.teams.set([team])
    client = sign_in(cast.admin)
    client.get(cast.url("settings/members/"))
    with django_assert_max_num_queries(18):
        client.get(cast.url("settings/members/"))
    with django_assert_max_num_queries(30):
        client.get(one(cast, cast.manager))


def test_the_number_of_queries_of_leaving_does_not_grow_with_the_goals(cast, sign_in, django_assert_max_num_queries):
    client = sign_in(cast.admin)
    for number in range(8):
        cast.objective(owner=cast.manager, title=f"目標 {number}", key_results=0, state="draft")
    client.get(one(cast, cast.manager, "leave/"))
    with django_assert_max_num_queries(22):
        client.get(one(cast, cast.manager, "leave/"))
