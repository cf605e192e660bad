"""Writing a key result of each kind, changing its target, dropping it."""

import re
import uuid
from decimal import Decimal

import pytest

from funnel.models import KGI, KPI
from objectives import services
from objectives.models import KeyResult, Kind, ObjectiveState, TargetChange

COMMON = {"title": "受注率", "measure_type": "result", "measured_how": "CRMの受注÷商談"}
OF_KIND = {
    "reach": {"unit": "%", "start_value": "２０％", "must_hit_value": "22", "target_value": "25%"},
    "cumulative": {"unit": "円", "start_value": "", "must_hit_value": "1,800万", "target_value": "3,600万"},
    "quota": {"unit": "本", "quota": "3", "period": "week"},
    "average": {"unit": "日", "start_value": "45", "target_value": "30"},
    "keep": {"unit": "%", "limit": "min", "target_value": "95", "period": "month"},
    "coverage": {"unit": "社", "population": "50", "must_hit_value": "40"},
}
STEPS = {
    "steps-TOTAL_FORMS": "3",
    "steps-INITIAL_FORMS": "0",
    "steps-0-title": "洗い出し",
    "steps-0-weight": "",
    "steps-1-title": "公開",
    "steps-1-weight": "３",
    "steps-2-title": "",
    "steps-2-weight": "5",
}


@pytest.fixture
def draft(cast):
    return cast.objective(key_results=0, state=ObjectiveState.DRAFT)


def new(cast, objective):
    return cast.url(f"objectives/{objective.pk}/key-results/new/")


def typed(kind, **fields):
    of_kind = STEPS if kind == "milestone" else OF_KIND[kind]
    return COMMON | of_kind | {"kind": kind, "combine": "score", "submission_key": str(uuid.uuid4())} | fields


def change(key_result, **fields):
    return {
        "kind": key_result.kind,
        "title": key_result.title,
        "unit": key_result.unit,
        "start_value": "0",
        "target_value": "100",
        "measure_type": "result",
        "combine": "score",
        "owner": key_result.owner_id or "",
        "version": key_result.version,
    } | fields


def test_the_kind_is_chosen_first_with_an_example_of_each(cast, draft, sign_in):
    text = sign_in(cast.manager, language="en").get(new(cast, draft)).content.decode()
    assert text.count('name="kind"') == 7
    assert "win rate 15% → 25%" in text
    assert 'name="title"' not in text


@pytest.mark.parametrize("kind", Kind.values)
def test_only_the_fields_of_the_kind_are_asked(cast, draft, sign_in, kind):
    text = sign_in(cast.manager).get(new(cast, draft) + f"?kind={kind}").content.decode()
    asked = {
        name for name in ("start_value", "target_value", "quota", "limit", "population") if f'name="{name}"' in text
    }
    assert asked == {name for name in OF_KIND.get(kind, {}) if name not in {"unit", "must_hit_value", "period"}}
    assert ('name="steps-0-title"' in text) == (kind == "milestone")


@pytest.mark.parametrize("kind", list(OF_KIND))
def test_each_kind_is_saved_as_people_type_it(cast, draft, sign_in, kind):
    response = sign_in(cast.manager).post(new(cast, draft), typed(kind, owner=cast.member.pk))
    assert response["Location"] == cast.url(f"objectives/{draft.pk}/")
    saved = KeyResult.objects.get()
    assert (saved.kind, saved.owner) == (kind, cast.member)
    services.change_state(draft, to="proposed", by=cast.manager)


def test_amounts_are_read_in_the_unit_typed_beside_them(cast, draft, sign_in):
    client = sign_in(cast.manager)
    client.post(new(cast, draft), typed("reach"))
    client.post(new(cast, draft), typed("cumulative"))
    assert list(KeyResult.objects.order_by("pk").values_list("start_value", "must_hit_value", "target_value")) == [
        (20, 22, 25),
        (None, 18_000_000, 36_000_000),
    ]


def test_steps_are_saved_in_order_and_empty_lines_are_none(cast, draft, sign_in):
    sign_in(cast.manager).post(new(cast, draft), typed("milestone"))
    assert list(KeyResult.objects.get().steps.values_list("title", "weight", "position")) == [
        ("洗い出し", 1, 0),
        ("公開", 3, 1),
    ]


def test_sending_the_form_twice_makes_one(cast, draft, sign_in):
    client, data = sign_in(cast.manager), typed("milestone")
    for _again in range(2):
        assert client.post(new(cast, draft), data).status_code == 302
    assert KeyResult.objects.get().steps.count() == 2


@pytest.mark.parametrize(
    ("kind", "fields", "where"),
    [
        ("reach", {"target_value": "20"}, "target_value"),
        ("reach", {"start_value": ""}, "start_value"),
        ("reach", {"target_value": ""}, "target_value"),
        ("reach", {"target_value": "NaN"}, "target_value"),
        ("reach", {"target_value": "1E+1000000"}, "target_value"),
        ("reach", {"unit": "件", "start_value": "20%", "target_value": "25"}, "start_value"),
        ("reach", {"title": ""}, "title"),
        ("reach", {"weight": "101"}, "weight"),
        ("reach", {"weight": "△5"}, "weight"),
        ("reach", {"owner": "見知らぬ人"}, "owner"),
        ("reach", {"measure_type": "luck"}, "measure_type"),
        ("reach", {"combine": "max"}, "combine"),
        ("cumulative", {"target_value": "0"}, "target_value"),
        ("quota", {"quota": "0"}, "quota"),
        ("quota", {"quota": ""}, "quota"),
        ("quota", {"period": ""}, "period"),
        ("quota", {"period": "day"}, "period"),
        ("keep", {"limit": ""}, "limit"),
        ("keep", {"target_value": ""}, "target_value"),
        ("coverage", {"population": "△5"}, "population"),
    ],
)
def test_bad_input_is_said_beside_its_field_and_what_was_typed_stays(cast, draft, sign_in, kind, fields, where):
    response = sign_in(cast.manager).post(new(cast, draft), typed(kind, **fields))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [where]
    assert "CRMの受注÷商談" in response.content.decode()
    assert not KeyResult.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"steps-0-title": "", "steps-1-title": ""},
        {"steps-1-weight": "0"},
        {"steps-1-weight": "たくさん"},
        {"steps-TOTAL_FORMS": "x"},
        {"steps-TOTAL_FORMS": "99999"},
        {"steps-INITIAL_FORMS": "2"},
    ],
)
def test_bad_steps_are_refused_not_an_error(cast, draft, sign_in, fields):
    response = sign_in(cast.manager).post(new(cast, draft), typed("milestone", **fields))
    assert response.status_code == 422
    assert not KeyResult.objects.exists()


def test_a_kind_that_does_not_exist_is_asked_for_again(cast, draft, sign_in):
    client = sign_in(cast.manager, language="en")
    response = client.post(new(cast, draft), COMMON | {"kind": "luck"})
    assert response.status_code == 422
    assert "Choose how it is measured." in response.content.decode()


def test_an_unknown_baseline_is_measured_first(cast, draft, sign_in):
    data = typed("reach", start_value="", target_value="", must_hit_value="", measure_first="on")
    assert sign_in(cast.manager).post(new(cast, draft), data).status_code == 302
    assert KeyResult.objects.get().scored.health == "measure_first"


def test_choosing_another_kind_keeps_what_was_typed_and_saves_nothing(cast, draft, sign_in):
    client = sign_in(cast.manager)
    data = typed("keep", title="CRMの入力率", choose="1")
    whole = client.post(new(cast, draft), data)
    part = client.post(new(cast, draft), data, headers={"hx-request": "true"})
    for response in (whole, part):
        text = response.content.decode()
        assert response.status_code == 200
        assert "CRMの入力率" in text
        assert data["submission_key"] in text
    assert part.content.decode().strip().startswith('<div id="key-result-fields"')
    assert not KeyResult.objects.exists()


def test_a_step_is_added_without_losing_the_others(cast, draft, sign_in):
    response = sign_in(cast.manager).post(new(cast, draft), typed("milestone", add_step="1"))
    text = response.content.decode()
    assert "洗い出し" in text
    assert 'name="steps-3-title"' in text
    assert not KeyResult.objects.exists()


def test_going_back_and_saving_again_is_told_that_the_key_result_is_there_already(cast, draft, sign_in):
    client, data = sign_in(cast.manager, language="en"), typed("reach", title="<b>受注率</b>")
    assert client.post(new(cast, draft), data).status_code == client.post(new(cast, draft), data).status_code == 302
    again = client.post(new(cast, draft), typed("reach", title="<b>受注率</b>"))
    assert again.status_code == 422
    address = cast.url(f"key-results/{KeyResult.objects.get().pk}/edit/")
    assert f'<a href="{address}">&lt;b&gt;受注率&lt;/b&gt;</a>' in again.content.decode()


def test_a_must_hit_target_outside_the_way_is_saved_with_a_doubt(cast, draft, sign_in):
    client = sign_in(cast.manager, language="en")
    text = client.post(new(cast, draft), typed("reach", must_hit_value="30"), follow=True).content.decode()
    assert "The must-hit target 30% does not lie between the baseline 20% and the challenge 25%." in text
    assert f'<a href="{cast.url(f"key-results/{KeyResult.objects.get().pk}/edit/")}">Change it</a>' in text
    assert text.count('<div class="toast"') == 2  # one waits in its template for a lost connection
    assert KeyResult.objects.get().must_hit_value == 30


def test_a_weight_is_typed_in_per_cent_and_shown_so_again(cast, draft, sign_in):
    client = sign_in(cast.manager)
    client.post(new(cast, draft), typed("reach", weight="40"))
    key_result = KeyResult.objects.get()
    assert key_result.weight == pytest.approx(0.4)
    text = client.get(cast.url(f"key-results/{key_result.pk}/edit/")).content.decode()
    assert re.search(r'name="weight" value="40"', text)


def test_weights_above_the_whole_are_said_beside_the_weight(cast, draft, sign_in):
    cast.key_result(draft, weight=0.7)
    response = sign_in(cast.manager).post(new(cast, draft), typed("reach", weight="40"))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["weight"]


def test_a_lever_fills_the_form_in_peoples_units(cast, draft, sign_in):
    kgi = KGI.objects.create(organization=cast.organization, name="年間売上")
    kpi = KPI.objects.create(
        kgi=kgi, key="win_rate", name="受注率", is_rate=True, current=Decimal("0.2"), challenge=Decimal("0.25")
    )
    form = sign_in(cast.manager).get(new(cast, draft) + f"?kind=reach&kpi={kpi.pk}").context["form"]
    shown = {name: form[name].value() for name in ("title", "unit", "start_value", "target_value", "kpi")}
    assert shown == {"title": "受注率", "unit": "%", "start_value": "20", "target_value": "25", "kpi": kpi.pk}


def test_a_rate_lever_asks_for_per_cent(cast, draft, sign_in):
    kgi = KGI.objects.create(organization=cast.organization, name="年間売上")
    kpi = KPI.objects.create(kgi=kgi, key="win_rate", name="受注率", is_rate=True)
    client = sign_in(cast.manager)
    response = client.post(new(cast, draft), typed("cumulative", kpi=kpi.pk))
    assert list(response.context["form"].errors) == ["kpi"]
    assert client.post(new(cast, draft), typed("reach", kpi=kpi.pk)).status_code == 302


# Editing


def test_moving_a_target_of_an_active_objective_asks_for_the_reason(cast, sign_in):
    key_result = cast.objective().key_results.first()
    client, url = sign_in(cast.manager), cast.url(f"key-results/{key_result.pk}/edit/")
    response = client.post(url, change(key_result, target_value="80"))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["reason"]
    assert client.post(url, change(key_result, target_value="80", reason="人が減った")).status_code == 302
    assert TargetChange.objects.get().reason == "人が減った"


def test_a_draft_asks_for_no_reason(cast, draft, sign_in):
    key_result = cast.key_result(draft)
    client, url = sign_in(cast.manager), cast.url(f"key-results/{key_result.pk}/edit/")
    assert 'name="reason"' not in client.get(url).content.decode()
    assert client.post(url, change(key_result, target_value="80")).status_code == 302


def test_the_kind_is_no_longer_offered_once_there_are_check_ins(cast, sign_in):
    key_result = cast.objective().key_results.first()
    services.record_check_in(key_result, author=cast.member, value=Decimal(5))
    client, url = sign_in(cast.manager), cast.url(f"key-results/{key_result.pk}/edit/")
    assert 'type="radio" name="kind"' not in client.get(url).content.decode()
    client.post(url, change(key_result, kind="cumulative"))
    assert KeyResult.objects.get(pk=key_result.pk).kind == "reach"


def test_another_kind_clears_what_it_does_not_use(cast, draft, sign_in):
    key_result = cast.key_result(draft)
    url = cast.url(f"key-results/{key_result.pk}/edit/")
    sign_in(cast.manager).post(url, change(key_result, kind="quota", quota="3", period="week"))
    saved = KeyResult.objects.get()
    assert (saved.kind, saved.quota, saved.start_value, saved.target_value) == ("quota", 3, None, None)


def test_a_stale_edit_shows_what_is_saved_and_keeps_what_was_typed(cast, sign_in):
    key_result = cast.objective().key_results.first()
    mine = change(key_result, title="わたしの言い方")
    key_result.title = "だれかの言い方"
    services.save_key_result(key_result, by=cast.manager)
    response = sign_in(cast.manager).post(cast.url(f"key-results/{key_result.pk}/edit/"), mine)
    text = response.content.decode()
    assert response.status_code == 422
    assert "だれかの言い方" in text
    assert "わたしの言い方" in text
    assert f'name="version" value="{key_result.version}"' in text


def test_whoever_moves_a_weight_second_is_shown_the_one_that_is_saved(cast, sign_in):
    key_result = cast.objective().key_results.first()
    mine = change(key_result, weight="30", reason="こちらも大事")
    key_result.weight = 0.7
    services.save_key_result(key_result, by=cast.manager, reason="粗利に効く")
    response = sign_in(cast.manager).post(cast.url(f"key-results/{key_result.pk}/edit/"), mine)
    assert response.status_code == 422
    saved = {difference.label: difference.saved for difference in response.context["form"].differences}
    assert saved["重み"].startswith("70")
    assert "変える理由" not in saved
    assert KeyResult.objects.get(pk=key_result.pk).weight == 0.7
    again = mine | {"version": KeyResult.objects.get(pk=key_result.pk).version}
    assert sign_in(cast.manager).post(cast.url(f"key-results/{key_result.pk}/edit/"), again).status_code == 302
    assert [row.old_share for row in TargetChange.objects.all()] == [0.5, 0.7]


def test_a_key_result_added_to_a_running_objective_asks_for_the_reason(cast, sign_in):
    objective = cast.objective()
    client = sign_in(cast.manager)
    response = client.post(new(cast, objective), typed("reach"))
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["reason"])
    assert client.post(new(cast, objective), typed("reach", reason="抜けていた")).status_code == 302
    assert TargetChange.objects.get().what == ["added"]


def test_steps_are_changed_removed_and_added(cast, draft, sign_in):
    client = sign_in(cast.manager)
    client.post(new(cast, draft), typed("milestone"))
    key_result = KeyResult.objects.get()
    audit, publish = key_result.steps.all()
    data = change(key_result) | {
        "steps-TOTAL_FORMS": "3",
        "steps-INITIAL_FORMS": "2",
        "steps-0-id": audit.pk,
        "steps-0-title": "洗い出し",
        "steps-0-DELETE": "on",
        "steps-1-id": publish.pk,
        "steps-1-title": "公開する",
        "steps-1-weight": "2",
        "steps-2-title": "見直し",
    }
    assert client.post(cast.url(f"key-results/{key_result.pk}/edit/"), data).status_code == 302
    assert key_result.steps.values_list("pk", "title", "weight").first() == (publish.pk, "公開する", 2)
    assert list(key_result.steps.values_list("title", flat=True)) == ["公開する", "見直し"]


def test_steps_of_another_milestone_are_not_touched(cast, draft, sign_in):
    client = sign_in(cast.manager)
    client.post(new(cast, draft), typed("milestone"))
    client.post(new(cast, draft), typed("milestone", title="もう一つ"))
    first, second = KeyResult.objects.order_by("pk")
    foreign = second.steps.first()
    data = change(first) | {
        "steps-TOTAL_FORMS": "1",
        "steps-INITIAL_FORMS": "1",
        "steps-0-id": foreign.pk,
        "steps-0-title": "乗っ取り",
    }
    client.post(cast.url(f"key-results/{first.pk}/edit/"), data)
    foreign.refresh_from_db()
    assert (foreign.title, foreign.key_result) == ("洗い出し", second)


# Who may


@pytest.mark.parametrize(
    ("who", "status"), [("admin", 200), ("manager", 200), ("member", 403), ("colleague", 403), ("stranger", 404)]
)
def test_who_adds_key_results_to_what_is_agreed(cast, sign_in, who, status):
    objective = cast.objective()
    client = sign_in(getattr(cast, who))
    assert client.get(new(cast, objective)).status_code == status


def test_members_of_the_team_propose_key_results_while_it_is_a_draft(cast, draft, sign_in):
    assert sign_in(cast.member).post(new(cast, draft), typed("reach", owner=cast.member.pk)).status_code == 302
    assert sign_in(cast.colleague).post(new(cast, draft), typed("reach")).status_code == 403


def test_the_owner_of_a_key_result_edits_it_and_others_do_not(cast, sign_in):
    key_result = cast.objective().key_results.first()
    url = cast.url(f"key-results/{key_result.pk}/edit/")
    assert sign_in(cast.member).get(url).status_code == 200
    assert sign_in(cast.colleague).get(url).status_code == 403
    assert sign_in(cast.colleague).post(url, change(key_result)).status_code == 403
    assert sign_in(cast.stranger).get(url).status_code == 404


# Dropping


def test_a_key_result_is_dropped_with_a_reason_and_brought_back(cast, sign_in):
    key_result = cast.objective(key_results=3).key_results.first()
    client, url = sign_in(cast.manager), cast.url(f"key-results/{key_result.pk}/drop/")
    assert client.get(url).status_code == 200
    assert client.post(url, {}).status_code == 422
    text = client.post(url, {"reason": "測れない"}, follow=True).content.decode()
    restore = cast.url(f"key-results/{key_result.pk}/restore/")
    assert f'action="{restore}"' in text
    assert client.get(url).status_code == 404
    assert client.post(restore).status_code == 302
    assert KeyResult.objects.get(pk=key_result.pk).dropped_at is None


def test_the_last_two_of_an_active_objective_stay_with_the_reason(cast, sign_in):
    key_result = cast.objective().key_results.first()
    client = sign_in(cast.manager, language="en")
    response = client.post(cast.url(f"key-results/{key_result.pk}/drop/"), {"reason": "x"})
    assert response.status_code == 422
    assert "keeps at least 2 key results" in response.content.decode()


def test_bringing_back_a_sixth_is_refused_with_a_sentence(cast, sign_in):
    objective = cast.objective(key_results=5)
    dropped = services.drop_key_result(objective.key_results.first(), reason="x", by=cast.manager)
    cast.key_result(objective)
    response = sign_in(cast.manager, language="en").post(cast.url(f"key-results/{dropped.pk}/restore/"))
    assert response.status_code == 422
    assert "5 key results at most" in response.content.decode()


@pytest.mark.parametrize(("who", "status"), [("colleague", 403), ("stranger", 404)])
def test_others_do_not_bring_it_back(cast, sign_in, who, status):
    key_result = cast.objective(key_results=3).key_results.first()
    services.drop_key_result(key_result, reason="x", by=cast.manager)
    response = sign_in(getattr(cast, who)).post(cast.url(f"key-results/{key_result.pk}/restore/"))
    assert response.status_code == status
