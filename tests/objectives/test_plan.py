"""The board of a cycle: who sees what, what is named as missing, and what may be done there."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funnel.models import KGI, KPI
from objectives import services
from objectives.models import Alignment, Cycle, Level, NotDoing, Objective, ObjectiveShare, ObjectiveState
from people.models import Team
from people.refusals import Refusal


def page(client, cast, query=""):
    response = client.get(cast.url(f"plan/{query}"))
    assert response.status_code == 200
    return response.content.decode()


def board(client, cast, query=""):
    """The board without what stands beside it."""
    response = client.get(cast.url(f"plan/{query}"), headers={"hx-request": "true", "hx-target": "board"})
    assert response.status_code == 200
    return response.content.decode()


def test_the_title_says_how_many_are_still_to_be_agreed(cast, sign_in):
    for state in ("draft", "proposed", "active"):
        cast.objective(state=state)
    text = page(sign_in(cast.manager, language="en"), cast)
    assert "<span>FY2026 Q1: </span><span>1 under way, </span><span>2 more to agree on.</span>" in text


def test_an_empty_plan_teaches_what_an_objective_is(cast, sign_in):
    text = page(sign_in(cast.manager, language="en"), cast)
    assert "Nothing is planned for this cycle yet." in text
    assert cast.url("plan/objectives/new/") in text


def test_an_organization_without_a_cycle_is_told_what_to_do(cast, sign_in):
    Cycle.objects.filter(organization=cast.organization).delete()
    assert cast.url("cycles/new/") in page(sign_in(cast.admin), cast)
    assert cast.url("cycles/new/") not in page(sign_in(cast.member), cast)


def test_objectives_stand_below_their_team_with_drafts_beside_what_is_agreed(cast, sign_in):
    agreed = cast.objective(title="合意した目標")
    draft = cast.objective(title="まだの目標", state=ObjectiveState.DRAFT, key_results=3)
    own = cast.objective(title="わたしの目標", level=Level.INDIVIDUAL, owner=cast.member)
    response = sign_in(cast.manager).get(cast.url("plan/"))
    (sales,) = [plan for plan in response.context["board"].plans if plan.team == cast.sales]
    assert [row.objective for row in sales.agreed] == [agreed]
    assert [(row.objective, row.key_result_count) for row in sales.waiting] == [(draft, 3)]
    assert [row.objective for row in sales.personal] == [own]
    assert sales.count == 2


def test_an_objective_names_what_it_helps(cast, sign_in):
    parent = cast.objective(title="上の目標", team=cast.company, level=Level.COMPANY)
    child = cast.objective(title="下の目標")
    services.align(child, to=parent, link="supports")
    services.align(child, to=parent.key_results.first())
    text = page(sign_in(cast.member, language="en"), cast)
    assert "Supports:" in text
    assert "Contributes to:" in text


def test_two_parents_of_the_same_name_are_told_apart(cast, sign_in):
    year = Cycle.objects.create(
        organization=cast.organization, name="FY2026", start=date(2026, 4, 1), end=date(2027, 3, 31), state="active"
    )
    child = cast.objective(title="下の目標")
    for cycle, title in ((cast.cycle, "四半期の目標"), (year, "一年の目標")):
        parent = cast.objective(title=title, team=cast.company, level=Level.COMPANY, cycle=cycle, state="draft")
        services.align(child, to=cast.key_result(parent, title="新しい法人契約"))
    response = sign_in(cast.member).get(cast.url("plan/"))
    rows = [row for plan in response.context["board"].plans for row in plan.agreed if row.objective == child]
    assert [parent.place for parent in rows[0].parents] == ["四半期の目標", "一年の目標 · FY2026"]
    assert "一年の目標 · FY2026" in response.content.decode()


def test_more_than_five_objectives_are_a_warning_with_the_reason(cast, sign_in):
    for number in range(6):
        cast.objective(title=f"目標 {number}", key_results=0, state=ObjectiveState.DRAFT)
    text = page(sign_in(cast.manager, language="en"), cast)
    assert "6 objectives.</b>" in text
    assert "attention is spread so thin" in text


def test_company_objectives_nobody_works_for_are_named_until_somebody_does(cast, sign_in):
    top = cast.objective(title="全社の目標", team=cast.company, level=Level.COMPANY)
    client = sign_in(cast.manager)
    assert [row.pk for row in client.get(cast.url("plan/")).context["gaps"].lonely] == [top.pk]
    services.align(cast.objective(), to=top.key_results.first(), link="supports")
    assert client.get(cast.url("plan/")).context["gaps"].lonely == []


def test_objectives_that_lead_to_no_kgi_are_named(cast, sign_in):
    kgi = KGI.objects.create(organization=cast.organization, name="年間売上")
    kpi = KPI.objects.create(kgi=kgi, key="win_rate", name="受注率", is_rate=True)
    top = cast.objective(title="KGIにつながる", kgi=kgi)
    through = cast.objective(title="上を通してつながる")
    services.align(through, to=top, link="supports")
    by_measure = cast.objective(title="測る数でつながる")
    cast.key_result(by_measure, kpi=kpi, unit="%")
    orphan = cast.objective(title="どこにもつながらない")
    gaps = sign_in(cast.manager).get(cast.url("plan/")).context["gaps"]
    assert [row.pk for row in gaps.orphans] == [orphan.pk]


def test_levers_that_are_nobodys_key_result_are_named(cast, sign_in):
    kgi = KGI.objects.create(organization=cast.organization, name="年間売上", must_hit_value=Decimal(450_000_000))
    taken = KPI.objects.create(kgi=kgi, key="win_rate", name="受注率", is_rate=True)
    KPI.objects.create(kgi=kgi, key="deal_rate", name="商談化率", is_rate=True)
    KPI.objects.create(kgi=kgi, key="orders", name="受注", formula="deals * win_rate")
    cast.key_result(cast.objective(), kpi=taken, unit="%")
    (shown,) = sign_in(cast.member).get(cast.url("plan/")).context["kgis"]
    assert [kpi.name for kpi in shown.without] == ["商談化率"]
    assert "年間売上" in page(sign_in(cast.member), cast)


def test_a_kgi_of_another_period_is_left_out(cast, sign_in):
    KGI.objects.create(
        organization=cast.organization, name="去年", period_start=date(2025, 4, 1), period_end=date(2026, 3, 31)
    )
    assert sign_in(cast.member).get(cast.url("plan/")).context["kgis"] == []


# Filters


def test_a_team_is_shown_with_the_teams_below_it(cast, sign_in):
    below = Team.objects.create(organization=cast.organization, parent=cast.sales, name="北の班")
    cast.objective(title="上の班の目標")
    cast.objective(title="下の班の目標", team=below)
    cast.objective(title="ほかの目標", team=cast.online)
    text = board(sign_in(cast.manager), cast, f"?team={cast.sales.pk}")
    assert "上の班の目標" in text
    assert "下の班の目標" in text
    assert "ほかの目標" not in text


def test_state_and_words_narrow_the_board(cast, sign_in):
    cast.objective(title="進む目標")
    draft = cast.objective(title="下書きの目標", state=ObjectiveState.DRAFT, key_results=0)
    cast.key_result(draft, title="紹介の件数")
    client = sign_in(cast.manager)
    assert "進む目標" not in board(client, cast, "?state=draft")
    for words in ("下書き", "紹介", "下書き 紹介", "伊藤 下書き"):
        text = board(client, cast, f"?q={words}")
        assert "下書きの目標" in text
        assert "進む目標" not in text
    assert "下書きの目標" not in board(client, cast, "?q=見当たらない")


@pytest.mark.parametrize("query", ["?team=x", "?team=999999999999999999999", "?state=perfect", "?q=%00", "?q=%25_"])
def test_odd_filters_are_no_error(cast, sign_in, query):
    cast.objective()
    page(sign_in(cast.manager), cast, query)


def test_htmx_gets_the_board_alone(cast, sign_in):
    cast.objective()
    response = sign_in(cast.manager).get(cast.url("plan/"), headers={"hx-request": "true", "hx-target": "board"})
    text = response.content.decode().strip()
    assert text.startswith('<div id="board"')
    assert "<html" not in text


# Who sees and may what


def test_a_stranger_does_not_find_it(cast, sign_in):
    assert sign_in(cast.stranger).get(cast.url("plan/")).status_code == 404


def test_a_cycle_of_another_organization_does_not_exist(cast, sign_in):
    theirs = cast.stranger.organization.cycles.get()
    assert sign_in(cast.manager).get(cast.url(f"plan/?cycle={theirs.pk}")).status_code == 404


def test_readers_see_everything_and_no_button_they_may_not_use(cast, sign_in):
    objective = cast.objective(title="営業の目標")
    NotDoing.objects.create(cycle=cast.cycle, team=cast.sales, text="値引き")
    text = page(sign_in(cast.colleague), cast)
    assert "営業の目標" in text
    assert "値引き" in text
    assert f"objectives/{objective.pk}/edit/" not in text
    assert f"objectives/{objective.pk}/state/" not in text
    assert "not-doing/" not in text


def test_a_member_may_propose_the_own_draft_but_is_not_offered_to_agree(cast, sign_in):
    cast.objective(state=ObjectiveState.DRAFT, owner=cast.member)
    text = board(sign_in(cast.member), cast)
    assert 'name="to" value="proposed"' in text
    assert 'value="agreed"' not in text


def test_the_menu_of_an_objective_offers_what_the_reader_may_do(cast, sign_in):
    objective = cast.objective(state=ObjectiveState.PROPOSED, owner=cast.member)
    url = cast.url(f"objectives/{objective.pk}/menu/")
    for_manager = sign_in(cast.manager).get(url).content.decode()
    assert 'value="agreed"' in for_manager
    assert cast.url(f"objectives/{objective.pk}/drop/") in for_manager
    for_member = sign_in(cast.member).get(url).content.decode()
    assert 'value="draft"' in for_member
    assert 'value="agreed"' not in for_member
    assert sign_in(cast.colleague).get(url).status_code == 403
    assert sign_in(cast.stranger).get(url).status_code == 404


@pytest.mark.parametrize(
    ("came_from", "leads_back_to"),
    [
        ("http://testserver/o/hokuto/plan/?q=a#team-1", "/o/hokuto/plan/?q=a"),
        ("http://[", "/o/hokuto/plan/"),
        ("https://elsewhere.example/", "/o/hokuto/plan/"),
        ("", "/o/hokuto/plan/"),
    ],
)
def test_the_menu_leads_back_to_where_it_was_opened(cast, sign_in, came_from, leads_back_to):
    objective = cast.objective()
    headers = {"hx-request": "true", "hx-current-url": came_from}
    answer = sign_in(cast.manager).get(cast.url(f"objectives/{objective.pk}/menu/"), headers=headers)
    assert answer.status_code == 200
    assert f'name="next" value="{leads_back_to}#objective-{objective.pk}"' in answer.text


@pytest.mark.parametrize("state", ["draft", "proposed", "agreed", "active", "closed"])
@pytest.mark.parametrize("who", ["admin", "manager", "member"])
def test_an_act_bears_one_name_wherever_it_is_offered_and_no_other_is_done(cast, sign_in, state, who):
    objective = cast.objective(owner=cast.member, state="active" if state == "closed" else state)
    if state == "closed":
        services.change_state(objective, to="closed", by=cast.admin)
    client, person = sign_in(getattr(cast, who), language="en"), getattr(cast, who)
    on_page = client.get(cast.url(f"objectives/{objective.pk}/")).context["acts"]
    in_menu = client.get(cast.url(f"objectives/{objective.pk}/menu/")).context["acts"]
    (on_board,) = [
        row.acts
        for plan in client.get(cast.url("plan/")).context["board"].plans
        for row in (*plan.agreed, *plan.waiting)
        if row.objective == objective
    ]
    assert on_page == in_menu == on_board
    for to in ObjectiveState.values:
        if to in {act.to for act in on_page} | {state}:
            continue
        with pytest.raises((Refusal, PermissionDenied)):
            services.change_state(objective, to=to, by=person)
    for act in on_page:
        sent = {"to": act.to, "version": Objective.objects.get(pk=objective.pk).version, "comment": "数字を直して"}
        assert client.post(cast.url(f"objectives/{objective.pk}/state/"), sent).status_code == 302
        Objective.objects.filter(pk=objective.pk).update(state=state)


def test_a_partner_sees_the_shared_branch_and_learns_nothing_else(cast, sign_in):
    secret = cast.objective(title="社外秘の親")
    shared = cast.objective(title="共有した目標")
    services.align(shared, to=secret)
    ObjectiveShare.objects.create(objective=shared, membership=cast.partner)
    NotDoing.objects.create(cycle=cast.cycle, team=cast.sales, text="値引き")
    cast.sales.members.add(cast.partner)
    text = page(sign_in(cast.partner), cast)
    assert "共有した目標" in text
    assert "社外秘の親" not in text
    assert "値引き" not in text


def test_a_partner_is_told_nothing_of_what_the_plan_lacks(cast, sign_in):
    """Out of a few shared objectives nobody can say what is missing; and what a planner may do is not theirs."""
    kgi = KGI.objects.create(organization=cast.organization, name="年商")
    lever = KPI.objects.create(kgi=kgi, key="visits", name="訪問", unit="件")
    kgi.shares.create(membership=cast.partner)
    shared = [cast.objective(title=f"共有した目標 {number}") for number in range(6)]
    for objective in shared:
        ObjectiveShare.objects.create(objective=objective, membership=cast.partner)
    text = page(sign_in(cast.partner, language="en"), cast)
    assert "6 objectives are shared with you." in text
    assert all(f"objectives/{objective.pk}/" in text for objective in shared)
    untrue = ("a good number", "Beyond", "nobody&#x27;s key result", lever.name, "more to agree on", "strength")
    for words in (*untrue, f"kgis/{kgi.pk}/key-results/", "plan/check", "conflicts/", "orphans/", "Not connected yet"):
        assert words not in text, words


def test_a_closed_cycle_offers_nothing_to_change(cast, sign_in):
    objective = cast.objective()
    services.change_cycle_state(cast.cycle, to="closed", by=cast.admin)
    text = page(sign_in(cast.admin), cast, f"?cycle={cast.cycle.pk}")
    assert objective.title in text
    assert "/edit/" not in text.split('id="board"')[1]
    assert "not-doing/" not in text


# What we will not do


def test_what_a_team_will_not_do_is_written_in_place_once(cast, sign_in):
    client = sign_in(cast.manager)
    for _again in range(2):
        response = client.post(cast.url("plan/not-doing/"), {"team": cast.sales.pk, "text": " 値引きで　取る契約 "})
        assert response.status_code == 302
        assert response["Location"].endswith(f"#team-{cast.sales.pk}")
    assert [row.text for row in NotDoing.objects.all()] == ["値引きで 取る契約"]


def test_htmx_gets_the_teams_lines_back(cast, sign_in):
    response = sign_in(cast.manager).post(
        cast.url("plan/not-doing/"), {"team": cast.sales.pk, "text": "値引き"}, headers={"hx-request": "true"}
    )
    text = response.content.decode().strip()
    assert text.startswith(f'<div class="wont" id="wont-{cast.sales.pk}"')
    assert "値引き" in text


@pytest.mark.parametrize("headers", [{}, {"hx-request": "true"}])
def test_an_empty_line_is_refused_beside_its_field(cast, sign_in, headers):
    client = sign_in(cast.manager, language="en")
    response = client.post(cast.url("plan/not-doing/"), {"team": cast.sales.pk, "text": "  "}, headers=headers)
    assert response.status_code == 422
    assert "Write what you will leave undone." in response.content.decode()


def test_a_line_taken_away_can_be_put_back_at_once(cast, sign_in):
    wont = NotDoing.objects.create(cycle=cast.cycle, team=cast.sales, text="値引き & 展示会")
    client = sign_in(cast.manager)
    response = client.post(cast.url(f"plan/not-doing/{wont.pk}/remove/"), headers={"hx-request": "true"})
    undo = response.context["removed"]["undo_url"]
    assert not NotDoing.objects.exists()
    assert client.post(undo).status_code == 302
    assert NotDoing.objects.get().text == "値引き & 展示会"


@pytest.mark.parametrize(
    ("who", "status"), [("colleague", 403), ("member", 403), ("executive", 403), ("stranger", 404)]
)
def test_only_those_who_decide_for_a_team_write_what_it_will_not_do(cast, sign_in, who, status):
    wont = NotDoing.objects.create(cycle=cast.cycle, team=cast.sales, text="値引き")
    client = sign_in(getattr(cast, who))
    assert client.post(cast.url("plan/not-doing/"), {"team": cast.sales.pk, "text": "展示会"}).status_code == status
    assert client.post(cast.url(f"plan/not-doing/{wont.pk}/remove/")).status_code == status
    assert NotDoing.objects.count() == 1


# Size


def test_the_number_of_queries_does_not_grow_with_the_plan(cast, sign_in):
    client = sign_in(cast.admin)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(client, cast)
        return len(captured)

    def grow(count: int) -> None:
        top = cast.objective(title="全社", team=cast.company, level=Level.COMPANY)
        for number in range(count):
            child = cast.objective(title=f"目標 {number}", state="draft" if number % 2 else "active")
            services.align(child, to=top)
            team = Team.objects.create(organization=cast.organization, parent=cast.sales, name=f"班 {top.pk} {number}")
            NotDoing.objects.create(cycle=cast.cycle, team=team, text="値引き")

    grow(3)
    queries()
    few = queries()
    grow(20)
    assert queries() == few
    assert few <= 42


def test_a_very_large_plan_shows_the_first_teams_and_says_so(cast, sign_in, monkeypatch):
    monkeypatch.setattr("objectives.queries.plan.MOST_ROWS", 4)
    for team in (cast.sales, cast.online):
        for number in range(3):
            cast.objective(team=team, title=f"{team.name} {number}", key_results=0, state=ObjectiveState.DRAFT)
    text = board(sign_in(cast.admin, language="en"), cast)
    assert "3 of 6 objectives are shown." in text
    assert "オンライン店 0" not in text
    assert "オンライン店 2" in board(sign_in(cast.admin), cast, f"?team={cast.online.pk}")


def test_dropped_objectives_can_be_brought_back_from_the_board(cast, sign_in):
    objective = services.drop_objective(cast.objective(title="消えた目標"), reason="重なり", by=cast.manager)
    assert "消えた目標" not in page(sign_in(cast.colleague), cast)
    client = sign_in(cast.manager)
    assert "重なり" in page(client, cast)
    client.post(cast.url(f"objectives/{objective.pk}/restore/"))
    assert Objective.objects.get(pk=objective.pk).dropped_at is None


def test_dropped_objectives_are_found_by_a_filter_of_the_board(cast, sign_in):
    services.drop_objective(cast.objective(title="消えた目標"), reason="重なり", by=cast.manager)
    cast.objective(title="続く目標")
    text = board(sign_in(cast.manager), cast, "?state=dropped")
    assert "消えた目標" in text
    assert "重なり" in text
    assert "restore/" in text
    assert "続く目標" not in text
    assert "restore/" not in board(sign_in(cast.colleague), cast, "?state=dropped")
    assert "消えた目標" not in board(sign_in(cast.partner), cast, "?state=dropped")


# Aligning by hand


def drop_on(client, cast, child, parent, **more):
    url = cast.url(f"objectives/{child.pk}/align/board/")
    return client.post(url, {"parent": parent} | more, headers={"x-board": "1"})


def test_an_objective_dropped_on_another_contributes_to_it_and_that_can_be_undone(cast, sign_in):
    top = cast.objective(title="上の目標", team=cast.company, level=Level.COMPANY)
    child = cast.objective(title="下の目標", state=ObjectiveState.DRAFT)
    client = sign_in(cast.manager, language="en")
    for _again in range(2):
        answer = drop_on(client, cast, child, top.pk)
        assert answer.status_code == 200
        assert {row.objective.pk for row in answer.context["rows"]} == {child.pk, top.pk}
        assert f'id="objective-{child.pk}"' in answer.text
    (made,) = Alignment.objects.all()
    assert (made.child, made.parent, made.link, made.weight) == (child, top, "contributes", None)
    undo = cast.url(f"objectives/{child.pk}/align/board/?remove={made.pk}")
    for _again in range(2):
        assert client.post(undo, headers={"x-board": "1"}).status_code == 200
        assert not Alignment.objects.exists()


def test_it_may_be_dropped_on_a_single_key_result_that_a_row_shows_when_opened(cast, sign_in):
    top, child = cast.objective(title="上の目標"), cast.objective(title="下の目標")
    key_result = top.key_results.first()
    client = sign_in(cast.manager)
    assert f'data-parent="k{key_result.pk}"' in client.get(cast.url(f"objectives/{top.pk}/key-results/")).text
    answer = drop_on(client, cast, child, f"k{key_result.pk}")
    assert Alignment.objects.get().parent_key_result == key_result
    assert f'data-helps="k{key_result.pk}"' in answer.text


def test_a_loop_is_neither_offered_nor_made_and_the_refusal_is_a_sentence(cast, sign_in):
    top, middle, low = (cast.objective(title=title) for title in ("上", "中", "下"))
    services.align(middle, to=top.key_results.first())
    services.align(low, to=middle, link="supports")
    client = sign_in(cast.manager, language="en")
    below = client.get(cast.url(f"objectives/{top.pk}/below/")).json()["ids"]
    assert set(below) == {top.pk, middle.pk, low.pk}
    assert client.get(cast.url(f"objectives/{low.pk}/below/")).json()["ids"] == [low.pk]
    answer = drop_on(client, cast, top, low.pk)
    assert answer.status_code == 422
    assert "would be a loop" in answer.text
    assert Alignment.objects.count() == 2
    offered = client.get(cast.url(f"objectives/{top.pk}/align/?q=下")).context["found"]
    assert low not in offered


def test_a_support_that_is_there_stays_a_support(cast, sign_in):
    top, child = cast.objective(title="上の目標"), cast.objective(title="下の目標")
    services.align(child, to=top, link="supports")
    answer = drop_on(sign_in(cast.manager, language="en"), cast, child, top.pk)
    assert "already" in answer.text
    assert Alignment.objects.get().link == "supports"


def test_without_the_script_one_is_led_back_to_the_row(cast, sign_in):
    top, child = cast.objective(title="上の目標"), cast.objective(title="下の目標")
    answer = sign_in(cast.manager).post(cast.url(f"objectives/{child.pk}/align/board/"), {"parent": top.pk})
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"plan/?cycle={cast.cycle.pk}#objective-{child.pk}")


def test_only_what_the_reader_may_change_can_be_carried(cast, sign_in):
    objective = cast.objective(owner=cast.member)
    closed = cast.objective(title="終わった目標")
    services.change_state(closed, to="closed", by=cast.admin)
    handle = f'data-parent="{objective.pk}" data-moves'
    assert handle in board(sign_in(cast.member), cast)
    assert handle not in board(sign_in(cast.colleague), cast)
    text = board(sign_in(cast.admin), cast)
    assert f'data-parent="{closed.pk}"' not in text
    assert drop_on(sign_in(cast.colleague), cast, objective, closed.pk).status_code == 403


def test_the_levels_are_named_and_personal_objectives_stand_by_their_owner(cast, sign_in):
    Team.objects.create(organization=cast.organization, parent=cast.sales, name="北の班")
    for owner in (cast.member, cast.manager, cast.member):
        cast.objective(level=Level.INDIVIDUAL, owner=owner, title=f"{owner.user.name}の目標")
    cast.objective(team=cast.company, level=Level.COMPANY)
    cast.objective(team=cast.online)
    plans = sign_in(cast.admin).get(cast.url("plan/")).context["board"].plans
    assert [(plan.team, plan.rank) for plan in plans] == [
        (cast.company, "company"),
        (cast.sales, "department"),
        (cast.online, "team"),
    ]
    assert [(owner, len(rows)) for owner, rows in plans[1].people] == [(cast.member, 2), (cast.manager, 1)]
