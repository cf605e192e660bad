"""Writing an objective, moving it along, dropping it and bringing it back."""

import re
import uuid

import pytest

from funnel.models import KGI, KPI
from funnel.services import drop_kgi
from objectives import services
from objectives.access import may_plan_for
from objectives.models import Alignment, Level, Objective, ObjectiveState
from people.models import Membership, Role, Team, User
from tests.cast import person

NEW = "plan/objectives/new/"


def typed(cast, **fields):
    return {
        "title": "総務の人が、紹介したくなる定期便にする",
        "why": "紹介がいちばん強い",
        "kind": "aspirational",
        "team": cast.sales.pk,
        "owner": cast.manager.pk,
        "cycle": cast.cycle.pk,
        "submission_key": str(uuid.uuid4()),
    } | fields


def change(objective, **fields):
    return {
        "title": objective.title,
        "kind": objective.kind,
        "team": objective.team_id,
        "owner": objective.owner_id,
        "version": objective.version,
    } | fields


# New


def test_a_manager_writes_an_objective_as_a_draft(cast, sign_in):
    response = sign_in(cast.manager).post(cast.url(NEW), typed(cast, title="  紹介したくなる\n定期便 "))
    objective = Objective.objects.get()
    assert response["Location"] == cast.url(f"objectives/{objective.pk}/")
    assert (objective.title, objective.state, objective.level) == ("紹介したくなる 定期便", "draft", "team")
    assert objective.scored.health == "not_started"


def test_the_form_opens_with_the_team_asked_for_and_the_reader_as_owner(cast, sign_in):
    form = sign_in(cast.admin).get(cast.url(f"{NEW}?team={cast.online.pk}")).context["form"]
    assert form["team"].value() in {cast.online, cast.online.pk}
    assert form["owner"].value() == cast.admin.pk


def test_sending_the_form_twice_makes_one(cast, sign_in):
    client, data = sign_in(cast.manager), typed(cast)
    first, again = client.post(cast.url(NEW), data), client.post(cast.url(NEW), data)
    assert first["Location"] == again["Location"]
    assert Objective.objects.count() == 1


def test_going_back_and_saving_again_is_told_that_the_objective_is_there_already(cast, sign_in):
    client = sign_in(cast.manager, language="en")
    first = client.post(cast.url(NEW), typed(cast))["Location"]
    again = client.post(cast.url(NEW), typed(cast))
    assert again.status_code == 422
    text = again.content.decode()
    assert f'This is written already: <a href="{first}">総務の人が、紹介したくなる定期便にする</a>.' in text
    assert Objective.objects.count() == 1
    services.drop_objective(Objective.objects.get(), reason="書きなおす", by=cast.manager)
    assert client.post(cast.url(NEW), typed(cast)).status_code == 302


def test_the_same_words_may_be_another_teams_or_another_persons_objective(cast, sign_in):
    client = sign_in(cast.admin)
    client.post(cast.url(NEW), typed(cast))
    for other in ({"team": cast.online.pk}, {"owner": cast.member.pk}):
        assert client.post(cast.url(NEW), typed(cast, **other)).status_code == 302


def test_written_for_a_parent_it_contributes_to_it(cast, sign_in):
    parent = cast.objective(team=cast.company, level=Level.COMPANY)
    key_result = parent.key_results.first()
    for name in (str(parent.pk), f"k{key_result.pk}"):
        response = sign_in(cast.manager).get(cast.url(f"{NEW}?parent={name}"))
        assert response.context["parent"] is not None
        sign_in(cast.manager).post(cast.url(NEW), typed(cast, title=f"{name}につながる目標", parent=name))
    assert set(Alignment.objects.values_list("parent_objective", "parent_key_result", "link")) == {
        (parent.pk, None, "contributes"),
        (None, key_result.pk, "contributes"),
    }


@pytest.mark.parametrize("name", ["x", "k", "999999", "k999999"])
def test_a_parent_that_does_not_exist_is_not_found(cast, sign_in, name):
    assert sign_in(cast.manager).get(cast.url(f"{NEW}?parent={name}")).status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "あ" * 201),
        ("kind", "perfect"),
        ("team", "x"),
        ("owner", ""),
        ("owner", "見知らぬ人"),
        ("cycle", "0"),
        ("kgi", "99999"),
    ],
)
def test_bad_input_is_said_beside_its_field_and_what_was_typed_stays(cast, sign_in, field, value):
    response = sign_in(cast.manager).post(cast.url(NEW), typed(cast, **{field: value}))
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert "紹介がいちばん強い" in response.content.decode()
    assert not Objective.objects.exists()


def test_nothing_is_written_for_a_closed_cycle(cast, sign_in):
    response = sign_in(cast.manager).post(cast.url(NEW), typed(cast, cycle=cast.closed_cycle.pk))
    assert response.status_code == 422
    assert "cycle" in response.context["form"].errors


def test_an_owner_is_found_by_a_part_of_the_name_or_the_address(cast, sign_in):
    client = sign_in(cast.manager)
    for name in ("山本 翔", "山本", "member@hokuto.example"):
        client.post(cast.url(NEW), typed(cast, title=f"{name}さんの目標", owner=name))
    assert list(Objective.objects.values_list("owner", flat=True)) == [cast.member.pk] * 3


def test_a_name_that_fits_several_people_is_asked_about(cast, sign_in):
    person(cast.organization, "山本 海", "umi@hokuto.example", Role.MEMBER)
    response = sign_in(cast.manager).post(cast.url(NEW), typed(cast, owner="山本"))
    assert response.status_code == 422
    assert "umi@hokuto.example" in str(response.context["form"].errors["owner"])


def test_strangers_partners_and_people_who_left_own_nothing(cast, sign_in):
    cast.colleague.left_on = cast.organization.today
    cast.colleague.save()
    for membership in (cast.stranger, cast.partner, cast.colleague):
        response = sign_in(cast.manager).post(cast.url(NEW), typed(cast, owner=membership.pk))
        assert "owner" in response.context["form"].errors


def test_in_a_large_organization_people_are_searched_not_listed(cast, sign_in):
    users = User.objects.bulk_create(
        User(email=f"p{number}@hokuto.example", name=f"社員 {number}") for number in range(60)
    )
    Membership.objects.bulk_create(Membership(organization=cast.organization, user=user) for user in users)
    client = sign_in(cast.manager)
    text = client.get(cast.url(NEW)).content.decode()
    assert "社員 42" not in text
    assert 'list="people"' in text
    assert 'value="伊藤 遥"' in text
    found = client.get(cast.url("plan/people/?owner=社員 42")).content.decode()
    assert 'value="社員 42"' in found
    assert found.count("<option") == 1
    assert client.get(cast.url("plan/people/?owner=")).content.decode().count("<option") == 20
    assert client.post(cast.url(NEW), typed(cast, owner="社員 42")).status_code == 302


# Who may create


@pytest.mark.parametrize(
    ("who", "team", "level", "may"),
    [
        ("admin", "online", "team", True),
        ("admin", "company", "company", True),
        ("executive", "company", "company", True),
        ("executive", "sales", "team", False),
        ("executive", "sales", "individual", False),
        ("manager", "sales", "team", True),
        ("manager", "sales", "individual", True),
        ("manager", "online", "team", False),
        ("manager", "company", "company", False),
        ("member", "sales", "team", True),
        ("member", "sales", "individual", True),
        ("member", "online", "team", False),
        ("member", "company", "company", False),
        ("partner", "sales", "team", False),
    ],
)
def test_everybody_plans_for_their_own_part(cast, who, team, level, may):
    assert may_plan_for(getattr(cast, who), getattr(cast, team), level) is may


def test_a_manager_plans_for_the_teams_below_too(cast):
    below = Team.objects.create(organization=cast.organization, parent=cast.sales, name="北の班")
    assert may_plan_for(cast.manager, below, Level.TEAM)


def test_teams_one_may_not_plan_for_are_neither_offered_nor_taken(cast, sign_in):
    client = sign_in(cast.manager)
    assert "オンライン店" not in str(client.get(cast.url(NEW)).context["form"]["team"])
    response = client.post(cast.url(NEW), typed(cast, team=cast.online.pk))
    assert response.status_code == 422
    assert not Objective.objects.exists()


def test_a_member_proposes_as_owner_and_cannot_put_it_on_others(cast, sign_in):
    client = sign_in(cast.member)
    assert client.post(cast.url(NEW), typed(cast)).status_code == 422
    assert client.post(cast.url(NEW), typed(cast, owner=cast.member.pk)).status_code == 302
    assert Objective.objects.get().state == "draft"


def test_a_personal_objective_is_told_from_the_teams(cast, sign_in):
    sign_in(cast.member).post(cast.url(NEW), typed(cast, owner=cast.member.pk, personal="on"))
    assert Objective.objects.get().level == Level.INDIVIDUAL


def test_the_company_team_makes_it_an_objective_of_the_company(cast, sign_in):
    data = typed(cast, team=cast.company.pk, owner=cast.executive.pk)
    assert sign_in(cast.executive).post(cast.url(NEW), data).status_code == 302
    assert Objective.objects.get().level == Level.COMPANY


@pytest.mark.parametrize(("who", "status"), [("partner", 403), ("stranger", 404)])
def test_others_may_not_write(cast, sign_in, who, status):
    client = sign_in(getattr(cast, who))
    assert client.get(cast.url(NEW)).status_code == status
    assert client.post(cast.url(NEW), typed(cast)).status_code == status


def test_a_member_without_a_team_may_not_write(cast, sign_in):
    lonely = person(cast.organization, "森 一人", "mori@hokuto.example", Role.MEMBER)
    assert sign_in(lonely).get(cast.url(NEW)).status_code == 403


# Edit


def test_an_edit_is_saved_and_counts_up_the_version(cast, sign_in):
    objective = cast.objective()
    kgi = KGI.objects.create(organization=cast.organization, name="年間売上")
    url = cast.url(f"objectives/{objective.pk}/edit/")
    response = sign_in(cast.manager).post(url, change(objective, title="新しい言い方", kgi=kgi.pk, kind="committed"))
    assert response["Location"] == cast.url(f"objectives/{objective.pk}/")
    saved = Objective.objects.get()
    assert (saved.title, saved.kgi, saved.kind) == ("新しい言い方", kgi, "committed")
    assert (saved.version, saved.state) == (objective.version + 1, "active")


def test_a_stale_edit_shows_what_is_saved_keeps_what_was_typed_and_can_then_be_sent(cast, sign_in):
    objective = cast.objective()
    client, url = sign_in(cast.manager, language="en"), cast.url(f"objectives/{objective.pk}/edit/")
    mine = change(objective, title="わたしの言い方")
    objective.title = "だれかの言い方"
    services.save_objective(objective)
    response = client.post(url, mine)
    text = response.content.decode()
    assert response.status_code == 422
    assert "Someone changed this in the meantime" in text
    assert "だれかの言い方" in text
    assert "わたしの言い方" in text
    (version,) = re.findall(r'name="version" value="(\d+)"', text)
    assert client.post(url, mine | {"version": version}).status_code == 302
    assert Objective.objects.get().title == "わたしの言い方"


def test_an_owner_who_left_stays_until_the_objective_is_handed_on(cast, sign_in):
    objective = cast.objective(owner=cast.member)
    cast.member.left_on = cast.organization.today
    cast.member.save()
    client, url = sign_in(cast.manager), cast.url(f"objectives/{objective.pk}/edit/")
    assert client.get(url).context["form"]["owner"].value() == cast.member.pk
    assert client.post(url, change(objective, title="新しい言い方")).status_code == 302
    assert Objective.objects.get().owner == cast.member


def test_an_objective_is_not_moved_to_a_team_one_may_not_plan_for(cast, sign_in):
    objective = cast.objective(owner=cast.member)
    url = cast.url(f"objectives/{objective.pk}/edit/")
    for client in (sign_in(cast.manager), sign_in(cast.member)):
        assert client.post(url, change(objective, team=cast.online.pk)).status_code == 422
    assert Objective.objects.get().team == cast.sales


@pytest.mark.parametrize("act", ["edit", "drop", "align"])
@pytest.mark.parametrize(
    ("who", "status"), [("colleague", 403), ("member", 403), ("executive", 403), ("stranger", 404)]
)
def test_readers_and_strangers_change_nothing(cast, sign_in, act, who, status):
    objective = cast.objective()
    client, url = sign_in(getattr(cast, who)), cast.url(f"objectives/{objective.pk}/{act}/")
    assert client.get(url).status_code == status
    assert client.post(url, change(objective, title="x", reason="x")).status_code == status
    assert Objective.objects.get().version == objective.version


def test_in_a_closed_cycle_the_refusal_is_a_sentence(cast, sign_in):
    objective = cast.objective()
    services.change_cycle_state(cast.cycle, to="closed", by=cast.admin)
    url = cast.url(f"objectives/{objective.pk}/edit/")
    response = sign_in(cast.manager, language="en").post(url, change(objective, title="x"))
    assert response.status_code == 422
    assert "This cycle is closed." in response.content.decode()


# States


def test_a_state_is_changed_and_one_comes_back_to_where_one_was(cast, sign_in):
    objective = cast.objective(state=ObjectiveState.DRAFT)
    data = {"to": "agreed", "version": objective.version, "next": cast.url("plan/?team=1#x")}
    response = sign_in(cast.manager).post(cast.url(f"objectives/{objective.pk}/state/"), data)
    assert response["Location"] == cast.url("plan/?team=1#x")
    assert Objective.objects.get().state == "agreed"


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil"])
def test_one_is_never_sent_to_another_site(cast, sign_in, address):
    objective = cast.objective(state=ObjectiveState.DRAFT)
    data = {"to": "proposed", "next": address}
    response = sign_in(cast.manager).post(cast.url(f"objectives/{objective.pk}/state/"), data)
    assert response["Location"] == cast.url(f"objectives/{objective.pk}/")


def test_starting_with_too_few_key_results_says_why_and_names_the_way_out(cast, sign_in):
    objective = cast.objective(key_results=1, state=ObjectiveState.AGREED)
    client = sign_in(cast.manager, language="en")
    response = client.post(cast.url(f"objectives/{objective.pk}/state/"), {"to": "active"})
    text = response.content.decode()
    assert response.status_code == 422
    assert "needs 2 to 5 key results" in text
    assert cast.url(f"objectives/{objective.pk}/key-results/new/") in text


@pytest.mark.parametrize(
    ("who", "to", "status"),
    [
        ("member", "agreed", 403),
        ("member", "proposed", 302),
        ("colleague", "proposed", 403),
        ("stranger", "agreed", 404),
    ],
)
def test_who_may_move_a_members_draft(cast, sign_in, who, to, status):
    objective = cast.objective(state=ObjectiveState.DRAFT, owner=cast.member)
    response = sign_in(getattr(cast, who)).post(cast.url(f"objectives/{objective.pk}/state/"), {"to": to})
    assert response.status_code == status


@pytest.mark.parametrize("data", [{}, {"to": "perfect"}, {"to": "closed"}, {"to": "proposed", "version": "0"}])
def test_an_odd_wish_is_refused_not_an_error(cast, sign_in, data):
    objective = cast.objective(state=ObjectiveState.DRAFT)
    assert sign_in(cast.manager).post(cast.url(f"objectives/{objective.pk}/state/"), data).status_code == 422


def test_looking_at_the_address_changes_nothing(cast, sign_in):
    objective = cast.objective()
    client = sign_in(cast.manager)
    for act in ("state", "restore"):
        assert client.get(cast.url(f"objectives/{objective.pk}/{act}/")).status_code == 405


# Dropping


def test_dropping_asks_for_the_reason_and_offers_to_undo(cast, sign_in):
    objective = cast.objective(title="消す目標")
    client, url = sign_in(cast.manager, language="en"), cast.url(f"objectives/{objective.pk}/drop/")
    assert "消す目標" in client.get(url).content.decode()
    assert client.post(url, {"reason": " "}).status_code == 422
    text = client.post(url, {"reason": "重なっていた"}, follow=True).content.decode()
    restore = cast.url(f"objectives/{objective.pk}/restore/")
    assert f'action="{restore}"' in text
    assert "Undo" in text
    assert Objective.objects.get().dropped_reason == "重なっていた"
    client.post(restore)
    assert Objective.objects.get().dropped_at is None
    assert client.post(restore).status_code == 302


@pytest.mark.parametrize(("who", "status"), [("colleague", 403), ("partner", 404), ("stranger", 404)])
def test_others_do_not_bring_it_back(cast, sign_in, who, status):
    objective = services.drop_objective(cast.objective(), reason="x", by=cast.manager)
    response = sign_in(getattr(cast, who)).post(cast.url(f"objectives/{objective.pk}/restore/"))
    assert response.status_code == status


def test_an_edit_leaves_an_objective_tied_to_its_dropped_kgi(cast, sign_in):
    kgi = KGI.objects.create(organization=cast.organization, name="年間売上")
    objective = cast.objective(kgi=kgi, level="team")
    drop_kgi(kgi, reason="方針が変わった")
    client, edit = sign_in(cast.manager, language="en"), cast.url(f"objectives/{objective.pk}/edit/")
    form = client.get(edit).context["form"]
    assert (kgi.pk, "年間売上 (dropped)") in [
        (getattr(pk, "value", pk), name) for pk, name in form.fields["kgi"].choices
    ]
    sent = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    assert client.post(edit, sent | {"title": "書き直した目標"}).status_code == 302
    assert Objective.objects.get(pk=objective.pk).kgi == kgi
    text = client.get(cast.url(f"objectives/{objective.pk}/")).content.decode()
    assert "年間売上 (dropped)" in text
    assert cast.url(f"kgis/{kgi.pk}/") not in text
    unserved = cast.objective(title="ほかの目標")
    assert client.post(cast.url(f"objectives/{unserved.pk}/edit/"), sent | {"version": "3"}).status_code == 422


def test_an_edit_leaves_a_key_result_tied_to_a_kpi_of_a_dropped_kgi(cast, sign_in):
    kgi = KGI.objects.create(organization=cast.organization, name="年間売上")
    kpi = KPI.objects.create(kgi=kgi, key="orders", name="受注", unit="件")
    key_result = cast.key_result(cast.objective(), kpi=kpi)
    drop_kgi(kgi, reason="方針が変わった")
    client, edit = sign_in(cast.manager), cast.url(f"key-results/{key_result.pk}/edit/")
    form = client.get(edit).context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    assert client.post(edit, sent | {"title": "書き直した結果"}).status_code == 302
    key_result.refresh_from_db()
    assert (key_result.title, key_result.kpi) == ("書き直した結果", kpi)


def test_an_edit_that_leaves_its_version_out_is_out_of_date(cast, sign_in):
    objective = cast.objective()
    client, edit = sign_in(cast.manager), cast.url(f"objectives/{objective.pk}/edit/")
    form = client.get(edit).context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    del sent["version"]
    response = client.post(edit, sent | {"title": "書き直した目標"})
    assert response.status_code == 422
    assert Objective.objects.get(pk=objective.pk).title == objective.title
