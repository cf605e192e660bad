"""Experiments: begun, decided with what came out, tried again, made a lesson of, taken back."""

from __future__ import annotations

import uuid
from datetime import date

import pytest

from objectives.models import Action, Decision, Experiment, Lesson
from objectives.services import close_team
from objectives.services.actions import add_action
from objectives.services.experiments import add_experiment, decide_experiment, save_experiment
from objectives.services.lessons import add_lesson
from people.models import Team
from people.refusals import Refusal

pytestmark = pytest.mark.django_db


def begun(by, **fields):
    days = {"starts_on": date(2026, 5, 4), "ends_on": date(2026, 5, 18)}
    return add_experiment(Experiment(**{"title": "三つのオフィスで試飲会"} | days | fields), by=by)[0]


def test_an_experiment_is_begun_on_its_page_decided_and_followed_by_another(cast, sign_in):
    key_result = cast.objective().key_results.first()
    client = sign_in(cast.manager)
    sent = {
        "title": "試飲会",
        "starts_on": "2026-05-04",
        "ends_on": "2026-05-18",
        "key_result": key_result.pk,
        "team": cast.sales.pk,
        "owner": cast.member.pk,
        "submission_key": uuid.uuid4(),
    }
    refused = client.post(cast.url("experiments/new/"), sent | {"ends_on": "2026-05-01"})
    assert refused.status_code == 422
    assert refused.context["form"].errors["ends_on"]
    for _twice in range(2):
        assert client.post(cast.url("experiments/new/"), sent).status_code == 302
    first = Experiment.objects.get()
    assert (first.owner, first.key_result, first.is_running) == (cast.member, key_result, True)
    listed = client.get(cast.url("experiments/?state=overdue")).context
    assert (list(listed["page"].object_list), listed["running"], listed["overdue"]) == ([first], 1, 1)

    client = sign_in(cast.member)
    decide = cast.url(f"experiments/{first.pk}/decide/")
    assert client.post(decide, {"decision": "again", "result": " ", "version": 1}).status_code == 422
    said = {"decision": "again", "result": "三社中一社", "version": 1}
    assert client.post(decide, said).status_code == 302
    assert client.post(decide, said).status_code == 302
    assert client.post(decide, said | {"result": "別の結果"}).status_code == 422
    first.refresh_from_db()
    assert (first.decision, first.decided_on, first.decided_by) == (Decision.AGAIN, date(2026, 5, 20), cast.member)
    again = client.get(cast.url(f"experiments/new/?follows={first.pk}")).context["form"]
    assert (again["title"].value(), again["key_result"].value()) == ("試飲会", str(key_result.pk))
    sent = sent | {"owner": cast.member.pk, "submission_key": uuid.uuid4()}
    assert client.post(cast.url(f"experiments/new/?follows={first.pk}"), sent).status_code == 302
    assert Experiment.objects.get(follows=first).title == "試飲会"


def test_what_runs_for_an_objective_and_what_it_taught_stand_beside_it(cast, sign_in):
    objective = cast.objective()
    begun(cast.member, key_result=objective.key_results.first())
    add_lesson(Lesson(text="始めるのが遅れた", objective=objective), by=cast.member)
    beside = cast.url(f"objectives/{objective.pk}/beside/")
    page = sign_in(cast.colleague).get(beside, headers={"hx-request": "true"}).text
    assert "三つのオフィスで試飲会" in page
    assert "始めるのが遅れた" in page


def test_a_decided_experiment_makes_one_lesson_whoever_writes_it(cast, sign_in):
    decided = decide_experiment(begun(cast.member), decision="stop", result="注文はなかった", by=cast.member)
    address = cast.url(f"lessons/new/?experiment={decided.pk}")
    form = sign_in(cast.member).get(address).context["form"]
    assert (form["text"].value(), form["cause"].value()) == ("注文はなかった", "method")
    sent = {"text": "注文はなかった", "question": "improve", "team": cast.sales.pk, "submission_key": uuid.uuid4()}
    for person in (cast.member, cast.manager):
        assert sign_in(person).post(address, sent | {"submission_key": uuid.uuid4()}).status_code == 302
    lesson = Lesson.objects.get()
    assert sign_in(cast.manager).get(address).url == cast.url(f"lessons/{lesson.pk}/")
    assert "三つのオフィスで試飲会" in sign_in(cast.manager).get(cast.url(f"lessons/{lesson.pk}/")).content.decode()


def test_what_cannot_be_given_followed_or_decided_is_refused(cast):
    running = begun(cast.member)
    for by, fields, code in [
        (cast.member, {"owner": cast.colleague}, "not_yours_to_give"),
        (cast.member, {"follows": running}, "not_decided"),
        (cast.member, {"title": " "}, "title_missing"),
        (cast.partner, {}, "partner"),
    ]:
        with pytest.raises(Refusal) as refused:
            begun(by, **fields)
        assert refused.value.code == code
    with pytest.raises(Refusal) as refused:
        decide_experiment(running, decision="scale", result="", by=cast.member)
    assert refused.value.code == "result_missing"


def test_a_closed_team_is_given_none(cast):
    shop = Team.objects.create(organization=cast.organization, parent=cast.company, name="店")
    moved, stays = begun(cast.member), begun(cast.member, team=shop)
    close_team(shop, by=cast.admin)
    moved.team = shop
    for act in (lambda: begun(cast.member, team=shop), lambda: save_experiment(moved, by=cast.member)):
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.fields.keys() == {"team"}
    stays.title = "名前を変える"
    assert save_experiment(stays, by=cast.member).version == 2


def test_an_experiment_taken_back_is_seen_by_nobody_else_and_comes_back(cast, sign_in):
    running = begun(cast.member)
    client = sign_in(cast.member)
    for _twice in range(2):
        assert client.post(cast.url(f"experiments/{running.pk}/withdraw/")).status_code == 302
    assert sign_in(cast.colleague).get(cast.url(f"experiments/{running.pk}/")).status_code == 404
    for _twice in range(2):
        assert sign_in(cast.manager).post(cast.url(f"experiments/{running.pk}/restore/")).status_code == 302
    assert sign_in(cast.colleague).get(cast.url(f"experiments/{running.pk}/")).status_code == 200


def test_an_experiment_begun_from_an_action_serves_what_the_action_serves(cast, sign_in):
    key_result = cast.objective().key_results.first()
    action = add_action(
        team=cast.sales, title="提案書の型", owner=cast.member, due_on=None, by=cast.member, key_result=key_result
    )
    client = sign_in(cast.member)
    address = cast.url(f"experiments/new/?action={action.pk}")
    form = client.get(address).context["form"]
    assert (form["title"].value(), form["key_result"].value()) == ("提案書の型", str(key_result.pk))
    sent = {
        "title": "三社で型を試す",
        "starts_on": "2026-05-04",
        "ends_on": "2026-05-18",
        "key_result": key_result.pk,
        "team": cast.sales.pk,
        "owner": cast.member.pk,
        "submission_key": uuid.uuid4(),
    }
    assert client.post(address, sent).status_code == 302
    made = Experiment.objects.get()
    assert made.action == action
    assert "提案書の型" in client.get(cast.url(f"experiments/{made.pk}/")).text
    told = client.get(cast.url(f"actions/{action.pk}/outcome/"), headers={"hx-request": "true"}).text
    assert "三社で型を試す" in told


def test_what_is_to_be_scaled_becomes_one_action_however_often_it_is_asked(cast, sign_in):
    running = begun(cast.member, hypothesis="型があれば早い")
    address = cast.url(f"experiments/{running.pk}/action/")
    assert sign_in(cast.member).post(address).status_code == 302
    assert not Action.objects.exists()
    decide_experiment(running, decision="scale", result="三社中三社", by=cast.member)
    assert sign_in(cast.colleague).post(address).status_code == 403
    for person in (cast.member, cast.manager):
        assert sign_in(person).post(address).status_code == 302
    action = Action.objects.get()
    assert (action.title, action.expected_effect, action.owner) == (running.title, "型があれば早い", cast.member)
    running.refresh_from_db()
    assert running.action == action
    page = sign_in(cast.member).get(cast.url(f"experiments/{running.pk}/")).text
    assert f"actions/{action.pk}/" in page
    assert f"experiments/{running.pk}/action/" not in page


def test_what_is_stopped_offers_to_drop_its_action_with_the_result_as_reason(cast, sign_in):
    action = add_action(team=cast.sales, title="提案書の型", owner=cast.member, due_on=None, by=cast.member)
    stopped = decide_experiment(begun(cast.member, action=action), decision="stop", result="差がない", by=cast.member)
    client = sign_in(cast.member)
    page = client.get(cast.url(f"experiments/{stopped.pk}/")).text
    assert f"actions/{action.pk}/drop/" in page
    action.refresh_from_db()
    assert action.is_open
    client.post(cast.url(f"actions/{action.pk}/drop/"), {"reason": "差がない"})
    action.refresh_from_db()
    assert (action.state, action.dropped_reason) == ("dropped", "差がない")
    assert f"actions/{action.pk}/drop/" not in client.get(cast.url(f"experiments/{stopped.pk}/")).text
