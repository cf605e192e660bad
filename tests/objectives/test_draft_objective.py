"""An objective written on one page together with its key results, the coach beside it."""

import re
import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funnel.models import KGI, KPI
from objectives import services
from objectives.models import Cycle, KeyResult, Kind, Level, Objective, ObjectiveState, Step
from objectives.services.drafts import DraftRefused, DraftRow, save_draft
from people.models import Role
from tests.cast import person

NEW, COACH = "plan/objectives/new/", "plan/objectives/coach/"
TITLE = "はたらく人の午後を、珈琲で支える"


def head(cast, **fields):
    return {
        "title": TITLE,
        "why": "紹介がいちばん強い",
        "kind": "aspirational",
        "team": cast.sales.pk,
        "owner": cast.manager.pk,
        "cycle": cast.cycle.pk,
        "submission_key": str(uuid.uuid4()),
        "row": [],
    } | fields


def row(token, title, kind="reach", **fields):
    """One key result as it is sent; numbers only where they are given."""
    sent = {
        "title": title,
        "kind": kind,
        "unit": "件",
        "measure_type": "result",
        "submission_key": str(uuid.uuid4()),
    } | fields
    return {f"{token}-{name}": value for name, value in sent.items()}


def page(cast, *rows, **fields):
    sent = head(cast, **fields)
    for one in rows:
        sent |= one
        sent["row"] = [*sent["row"], next(iter(one)).split("-")[0]]
    return sent


def as_shown(response):
    """All that the page would send back as it stands."""
    drawn = response.context["page"]
    sent = {"row": [one.token for one in drawn.rows]}
    for form in [drawn.form, *(one.form for one in drawn.rows)]:
        for name in form.fields if form is not None else ():
            value = form[name].value()
            if value not in (None, False, ""):
                sent[form.add_prefix(name)] = getattr(value, "pk", value)
    return sent


@pytest.fixture
def draft(cast):
    return cast.objective(state=ObjectiveState.DRAFT)


def test_an_objective_is_drafted_with_all_its_key_results_at_once(cast, sign_in):
    client = sign_in(cast.manager)
    assert [one.token for one in client.get(cast.url(NEW)).context["page"].rows] == ["n0", "n1"]
    sent = page(
        cast,
        row("n1", "サイト訪問", kind="reach", unit="回", start_value="1万", target_value="4万", owner=cast.member.pk),
        row("n0", "検索順位", unit="位", start_value="12", target_value="3"),
        row("n2", "週に3本", kind="quota", unit="本", quota="3", period="week"),
        row("n3", "準備", kind="milestone", unit="", steps="調べる\n\n 書く \n公開する"),
        row("n4", " "),
    )
    response = client.post(cast.url(NEW), sent | {"page": (key := str(uuid.uuid4()))})
    objective = Objective.objects.get()
    assert response.cookies["drafted"].value == key
    assert response["Location"] == cast.url(f"objectives/{objective.pk}/")
    assert (objective.state, objective.title) == ("draft", TITLE)
    found = list(objective.key_results.all())
    assert [one.title for one in found] == ["サイト訪問", "検索順位", "週に3本", "準備"]
    assert (found[0].start_value, found[0].target_value, found[0].owner) == (10_000, 40_000, cast.member)
    assert (found[2].quota, found[2].period, found[2].target_value) == (3, "week", None)
    assert [step.title for step in found[3].steps.all()] == ["調べる", "書く", "公開する"]
    again = client.post(cast.url(NEW), sent)
    assert (again["Location"], KeyResult.objects.count()) == (response["Location"], 4)


def test_a_draft_may_be_saved_with_numbers_missing_but_not_with_none_to_go(cast, sign_in):
    client = sign_in(cast.manager, language="en")
    wrong = page(cast, row("n0", "契約"), row("n1", "訪問", start_value="5", target_value="5"))
    response = client.post(cast.url(NEW), wrong)
    assert response.status_code == 422
    assert "there would be nothing to reach" in response.content.decode()
    assert not Objective.objects.exists()
    assert client.post(cast.url(NEW), wrong | {"n1-target_value": "8"}).status_code == 302
    assert KeyResult.objects.get(title="契約").target_value is None


def test_what_is_wrong_in_one_row_keeps_everything_typed_and_writes_nothing(cast, sign_in):
    sent = page(cast, row("n0", "契約", target_value="たくさん"), row("n1", "", start_value="3"), row("n2", " "))
    response = sign_in(cast.manager).post(cast.url(NEW), sent)
    assert response.status_code == 422
    assert [set(one.form.errors) for one in response.context["page"].rows] == [{"target_value"}, {"title"}, set()]
    assert "たくさん" in response.content.decode()
    assert not Objective.objects.exists()


def test_a_new_objective_that_is_refused_is_still_a_new_one(cast, sign_in):
    client = sign_in(cast.manager)
    sent = page(cast, row("n0", "契約"), row("n1", "契約"))
    response = client.post(cast.url(NEW), sent)
    assert response.status_code == 422
    assert [bool(one.form.errors) for one in response.context["page"].rows] == [False, True]
    assert not Objective.objects.exists()
    assert client.post(cast.url(NEW), as_shown(response) | {"n1-title": "訪問"}).status_code == 302


def test_a_lever_fills_in_what_the_plan_says(cast, sign_in):
    kgi = KGI.objects.create(organization=cast.organization, name="年間売上", unit="円", challenge_value=Decimal(100))
    KPI.objects.create(kgi=kgi, key="goal", name="年間売上", unit="円", is_goal=True, formula="rate * deals")
    KPI.objects.create(kgi=kgi, key="deals", name="商談", unit="件", current=50, challenge=60)
    KPI.objects.create(
        kgi=kgi, key="rate", name="受注率", is_rate=True, current=Decimal("0.2"), must_hit="0.22", challenge="0.25"
    )
    response = sign_in(cast.manager).get(cast.url(f"{NEW}?kgi={kgi.pk}&lever=rate&lever=unknown&team={cast.sales.pk}"))
    first, second = response.context["page"].rows
    said = {
        name: first.form[name].value() for name in ("title", "unit", "start_value", "must_hit_value", "target_value")
    }
    assert said == {"title": "受注率", "unit": "%", "start_value": "20", "must_hit_value": "22", "target_value": "25"}
    assert first.form["kpi"].value() is not None
    assert not second.is_begun
    assert response.context["form"]["kgi"].value() == kgi.pk


def test_a_set_of_the_library_opens_with_its_words_and_steps(cast, sign_in):
    response = sign_in(cast.manager).get(cast.url(f"{NEW}?template=marketing-order"))
    shown = response.context["page"]
    assert shown.form["title"].value()
    assert len(shown.rows) >= 2
    assert all(one.is_begun for one in shown.rows)
    assert client_saves(sign_in(cast.manager), cast, response)
    assert Objective.objects.get().key_results.count() == len(shown.rows)


def client_saves(client, cast, response):
    return client.post(cast.url(NEW), as_shown(response)).status_code == 302


def test_rows_are_added_moved_and_taken_out_without_saving(cast, sign_in, draft):
    client, url = sign_in(cast.manager), cast.url(f"objectives/{draft.pk}/draft/")
    first, second = draft.key_results.all()
    sent = as_shown(client.get(url)) | {"title": "まだ書いている"}

    def drawn(**act):
        response = client.post(url, sent | act)
        assert response.status_code == 200
        return response.context["page"]

    added = drawn(act="add", **{"new-title": "足した結果"})
    assert [one.token for one in added.rows] == [f"k{first.pk}", f"k{second.pk}", "n0"]
    assert added.rows[2].form["title"].value() == "足した結果"
    assert added.form["title"].value() == "まだ書いている"
    assert [one.token for one in drawn(act=f"down:k{first.pk}").rows] == [f"k{second.pk}", f"k{first.pk}"]
    assert drawn(act=f"remove:k{first.pk}").rows[0].is_removed
    assert drawn(act="kind", **{f"k{first.pk}-kind": "milestone"}).rows[0].form.is_milestone
    fragment = client.post(url, sent | {"act": "add"}, headers={"HX-Request": "true"}).content.decode()
    assert fragment.lstrip().startswith('<div id="draft-rows"')
    assert KeyResult.objects.count() == 2


def test_a_whole_draft_is_changed_at_once_and_what_is_as_it_was_is_not_touched(cast, sign_in, draft):
    client, url = sign_in(cast.manager), cast.url(f"objectives/{draft.pk}/draft/")
    first, second = draft.key_results.all()
    sent = as_shown(client.get(url))
    sent |= {"row": [f"k{second.pk}", f"k{first.pk}", "n0"], "removed": f"k{first.pk}"}
    sent |= {f"k{second.pk}-target_value": "50", "title": "新しい言い方", "stay": "1"} | row("n0", "三つ目")
    assert client.post(url, sent)["Location"] == url
    draft.refresh_from_db()
    assert draft.title == "新しい言い方"
    standing = draft.key_results.filter(dropped_at=None)
    assert [(one.title, one.target_value) for one in standing] == [("結果 2", 50), ("三つ目", None)]
    assert client.post(url, sent).status_code == 302
    assert draft.key_results.filter(dropped_at=None).count() == 2
    before = {one.pk: one.version for one in KeyResult.objects.all()}
    again = as_shown(client.get(url))
    assert client.post(url, again).status_code == 302
    assert {one.pk: one.version for one in KeyResult.objects.all()} == before


def test_the_second_of_two_people_is_shown_what_changed_in_each_part(cast, sign_in, draft):
    client, url = sign_in(cast.manager, language="en"), cast.url(f"objectives/{draft.pk}/draft/")
    first, second = draft.key_results.all()
    sent = as_shown(client.get(url)) | {"title": "わたしの言い方", f"k{first.pk}-target_value": "70"}
    draft.title = "だれかの言い方"
    services.save_objective(draft)
    for one, target in ((first, 80), (second, 90)):
        one.target_value = Decimal(target)
        services.save_key_result(one, by=cast.admin)
    response = client.post(url, sent)
    text = response.content.decode()
    assert response.status_code == 422
    # The row left as it was read would have gone back to its old number.
    assert text.count("Someone changed this in the meantime") == 3
    assert all(word in text for word in ("だれかの言い方", "わたしの言い方", "<dd>80</dd>", "<dd>90</dd>"))
    assert (Objective.objects.get().title, KeyResult.objects.get(pk=first.pk).target_value) == ("だれかの言い方", 80)
    assert client.post(url, as_shown(response)).status_code == 302
    assert (Objective.objects.get().title, KeyResult.objects.get(pk=first.pk).target_value) == ("わたしの言い方", 70)


def test_what_others_did_to_the_rest_is_no_obstacle(cast, sign_in, draft):
    client, url = sign_in(cast.manager), cast.url(f"objectives/{draft.pk}/draft/")
    first, second = draft.key_results.all()
    sent = as_shown(client.get(url)) | {f"k{first.pk}-target_value": "70"}
    services.change_state(draft, to="proposed", by=cast.manager)
    services.drop_key_result(second, reason="x", by=cast.admin)
    cast.key_result(draft, title="あとから")
    assert client.post(url, sent).status_code == 302
    standing = draft.key_results.filter(dropped_at=None)
    assert {one.title: one.target_value for one in standing} == {"結果 1": 70, "あとから": 100}
    changed = sent | {f"k{second.pk}-target_value": "1", f"k{first.pk}-version": "9"}
    assert client.post(url, changed).status_code == 422


def test_steps_keep_their_weights_where_their_line_stays(cast, draft, sign_in):
    milestone = cast.key_result(
        draft,
        kind=Kind.MILESTONE,
        title="準備",
        unit="",
        start_value=None,
        target_value=None,
        steps=[Step(title="調べる", weight=Decimal(3)), Step(title="書く")],
    )
    client, url = sign_in(cast.manager), cast.url(f"objectives/{draft.pk}/draft/")
    sent = as_shown(client.get(url))
    assert sent[f"k{milestone.pk}-steps"] == "調べる\n書く"
    assert client.post(url, sent | {f"k{milestone.pk}-steps": "公開する\n調べる"}).status_code == 302
    assert list(milestone.steps.values_list("title", "weight")) == [("公開する", 1), ("調べる", 3)]


def test_once_it_is_under_way_its_own_pages_change_it(cast, sign_in, draft):
    client, url = sign_in(cast.manager), cast.url(f"objectives/{draft.pk}/draft/")
    sent = as_shown(client.get(url)) | {"title": "間に合わない"}
    services.change_state(draft, to="active", by=cast.admin)
    assert client.get(url)["Location"] == cast.url(f"objectives/{draft.pk}/edit/")
    response = client.post(url, sent)
    assert response.status_code == 422
    assert "間に合わない" in response.content.decode()
    assert Objective.objects.get().title == TITLE


def test_a_member_adds_key_results_to_the_teams_draft_and_changes_only_the_own(cast, sign_in, draft):
    own, other = draft.key_results.all()
    KeyResult.objects.filter(pk=other.pk).update(owner=cast.manager)
    client, url = sign_in(cast.member), cast.url(f"objectives/{draft.pk}/draft/")
    shown = client.get(url).context["page"]
    assert shown.form is None
    assert [one.form is None for one in shown.rows] == [False, True]
    sent = as_shown(client.get(url)) | {f"k{own.pk}-target_value": "60"}
    sent |= {f"k{other.pk}-target_value": "1", "title": "x", "row": [*sent["row"], "n0"]} | row("n0", "提案")
    assert client.post(url, sent).status_code == 302
    found = {one.title: one.target_value for one in draft.key_results.all()}
    assert found == {"結果 1": 60, "結果 2": 100, "提案": None}
    assert Objective.objects.get().title == TITLE
    with pytest.raises(PermissionDenied):
        save_draft(draft, [DraftRow(other, expected_version=other.version, is_removed=True)], by=cast.member)


@pytest.mark.parametrize(("who", "status"), [("colleague", 403), ("stranger", 404)])
def test_readers_and_strangers_draft_nothing(cast, sign_in, draft, who, status):
    client, url = sign_in(getattr(cast, who)), cast.url(f"objectives/{draft.pk}/draft/")
    assert client.get(url).status_code == status
    assert client.post(url, {"title": "x"}).status_code == status


def test_a_refusal_names_its_part_and_nothing_is_written(cast, draft):
    (first, second) = draft.key_results.all()
    first.title, second.weight = "別の言い方", 2.0
    rows = [DraftRow(first, expected_version=first.version), DraftRow(second, expected_version=second.version)]
    with pytest.raises(DraftRefused) as caught:
        save_draft(draft, rows, by=cast.manager, expected_version=draft.version)
    assert [(place, one.code) for place, one in caught.value.parts.items()] == [(1, "weight")]
    assert KeyResult.objects.get(pk=first.pk).title == "結果 1"


def test_it_is_connected_to_what_it_helps(cast, sign_in):
    top = cast.objective(title="会社", team=cast.company, owner=cast.executive, level=Level.COMPANY)
    response = sign_in(cast.manager).get(cast.url(NEW))
    assert [one.pk for one in response.context["parents"]] == [top.pk]
    sent = page(cast, row("n0", "契約"), parent=f"k{top.key_results.first().pk}")
    assert sign_in(cast.manager).post(cast.url(NEW), sent).status_code == 302
    made = Objective.objects.get(title=TITLE, team=cast.sales)
    assert made.parents.get().parent_key_result == top.key_results.first()


# The coach


def test_whoever_has_no_field_on_the_page_is_told_on_the_objective_what_keeps_it_from_being_saved(cast, sign_in, draft):
    KeyResult.objects.update(owner=cast.manager)
    Cycle.objects.filter(pk=cast.cycle.pk).update(state="closed")
    client = sign_in(cast.member, language="en")
    response = client.post(cast.url(f"objectives/{draft.pk}/draft/"), page(cast), follow=True)
    assert response.redirect_chain == [(cast.url(f"objectives/{draft.pk}/"), 302)]
    assert "This cycle is closed" in response.text


def test_what_a_browser_keeps_is_kept_for_one_person_in_one_organization(cast, sign_in, draft):
    for who in (cast.manager, cast.admin):
        client = sign_in(who)
        for path, name in ((NEW, "new"), (f"objectives/{draft.pk}/draft/", draft.pk)):
            assert f'data-kept="{who.pk}-{name}"' in client.get(cast.url(path)).text


def test_the_coach_answers_what_is_typed_and_proposes_where_the_number_belongs(cast, sign_in):
    client = sign_in(cast.manager)
    sent = page(cast, row("n0", "サイト訪問"), row("n1", ""), title="オンラインストアの売上を2倍にする")
    text = client.post(cast.url(COACH), sent, headers={"HX-Request": "true"}).content.decode()
    assert 'data-finding="objective_has_number"' in text
    assert re.search(r'data-(use|add-row)="[^"]+', text)
    assert 'id="coach-n0"' in text
    assert re.search(r'id="coach-n1" hx-swap-oob="innerHTML">\s*</div>', text)
    calm = client.post(cast.url(COACH), page(cast, row("n0", ""), title="")).content.decode()
    assert "data-finding" not in calm


def test_whoever_writes_the_first_key_result_is_not_told_that_it_is_alone(cast, sign_in):
    client = sign_in(cast.manager)
    said = 'data-finding="kr_count"'
    assert said not in client.post(cast.url(COACH), page(cast, row("n0", "サイト訪問"))).text
    draft = cast.objective(key_results=1, state=ObjectiveState.DRAFT)
    assert said in client.get(cast.url(f"objectives/{draft.pk}/draft/")).text


def test_a_new_objective_of_the_company_is_not_blamed_for_standing_alone(cast, sign_in):
    client = sign_in(cast.executive, language="en")
    sent = page(
        cast, row("n0", "サイト訪問"), team=cast.company.pk, owner=cast.executive.pk, title="毎朝が待ち遠しくなる"
    )
    said = "No team is aligned with this objective of the company yet."
    assert said not in client.post(cast.url(COACH), sent).text
    company = cast.objective(team=cast.company, level="company", owner=cast.executive, state=ObjectiveState.DRAFT)
    assert said in client.get(cast.url(f"objectives/{company.pk}/draft/")).text


@pytest.mark.parametrize(
    "odd",
    [
        {"row": "n0", "n0-title": "x", "n0-kind": "perfect", "n0-target_value": "1e400", "n0-kpi": "²"},
        {"row": ["k99999999999", "n0", "n0", "zz"], "team": "²", "cycle": "a", "kgi": "9" * 30, "parent": ""},
        {"title": "a\0b", "row": "n0", "n0-title": "\0"},
    ],
)
def test_the_coach_takes_whatever_is_typed(cast, sign_in, odd):
    placed = {"team": cast.sales.pk, "cycle": cast.cycle.pk} | odd
    assert sign_in(cast.manager).post(cast.url(COACH), placed).status_code == 200


def test_the_coach_asks_the_database_as_often_whatever_is_typed(cast, sign_in, draft):
    client = sign_in(cast.manager)
    Cycle.objects.create(organization=cast.organization, name="次", start=date(2026, 7, 6), end=date(2026, 10, 4))

    def queries(*rows):
        with CaptureQueriesContext(connection) as captured:
            assert client.post(cast.url(COACH), page(cast, *rows)).status_code == 200
        return len(captured)

    one = queries(row("n0", "契約", start_value="1", target_value="9"))
    five = queries(*(row(f"n{number}", f"結果{number}", start_value="1", target_value="9") for number in range(5)))
    assert one == five <= 20


def test_the_page_asks_the_database_as_often_however_many_rows_there_are(cast, sign_in, draft):
    client, url = sign_in(cast.manager), cast.url(f"objectives/{draft.pk}/draft/")

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    queries()
    before = queries()
    for number in range(3):
        cast.key_result(draft, title=f"もう一つ {number}")
    assert queries() == before
    lonely = person(cast.organization, "森 一人", "mori@hokuto.example", Role.MEMBER)
    assert sign_in(lonely).get(cast.url(NEW)).status_code == 403
