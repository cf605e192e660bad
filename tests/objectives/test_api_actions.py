"""Actions and the daily log for other programs."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from funnel.models import KGI, KPI
from objectives.models import Action, ObjectiveShare
from objectives.services.actions import add_action
from tests.cast import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def key_result(cast):
    return cast.objective().key_results.first()


def address(cast, path: str) -> str:
    return f"/api/v1/o/{cast.organization.slug}/{path}"


def send(client, method: str, path: str, **sent):
    return getattr(client, method)(path, sent, content_type="application/json")


def test_an_action_is_written_changed_done_and_dropped(cast, sign_in, key_result):
    client = sign_in(cast.member, language="en")
    made = send(
        client, "post", address(cast, "actions/"), title="見本を 送る", key_result=key_result.pk, due_on="2026-05-29"
    )
    assert made.status_code == 201
    row = made.json()
    assert (row["owner"], row["team"], row["state"], row["version"]) == (cast.member.pk, cast.sales.pk, "open", 1)
    one = address(cast, f"actions/{row['id']}/")
    done = send(client, "patch", one, title="見本を三つ送る", state="done").json()
    assert (done["title"], done["state"], done["closed_on"]) == ("見本を三つ送る", "done", "2026-05-20")
    assert send(client, "patch", one, state="dropped", dropped_reason="不要").status_code == 409
    assert send(client, "patch", one, state="open").json()["closed_by"] is None
    why = send(client, "patch", one, state="dropped")
    assert (why.status_code, list(why.json()["fields"])) == (400, ["reason"])
    assert send(client, "patch", one, state="dropped", dropped_reason="不要").json()["dropped_reason"] == "不要"
    stale = client.patch(one, {"title": "古い"}, content_type="application/json", headers={"if-match": '"1"'})
    assert (stale.status_code, stale.json()["current"]["state"]) == (409, "dropped")
    others = send(client, "post", address(cast, "actions/"), title="任せる", owner=cast.colleague.pk)
    assert (others.status_code, others.json()["code"]) == (400, "not_yours_to_give")
    assert Action.objects.count() == 1


def test_lists_of_actions_are_narrowed(cast, sign_in, key_result):
    first = add_action(
        team=cast.sales,
        title="Call three hotels",
        owner=cast.member,
        due_on=TODAY - timedelta(days=1),
        by=cast.member,
        key_result=key_result,
    )
    second = add_action(team=cast.online, title="写真", owner=cast.colleague, due_on=None, by=cast.colleague)
    client = sign_in(cast.manager)

    def ids(query: str) -> list[int]:
        return [row["id"] for row in client.get(address(cast, f"actions/?{query}")).json()["results"]]

    assert ids("") == [first.pk, second.pk]
    assert ids("q=ｃａｌｌ") == ids(f"key_result={key_result.pk}") == ids("due_before=2026-05-20") == [first.pk]
    assert ids(f"team={cast.online.pk}") == ids(f"owner={cast.colleague.pk}") == [second.pk]
    assert ids("state=done") == []
    assert client.get(address(cast, "actions/?state=nonsense")).status_code == 400


def test_a_line_of_the_log_is_written_once_changed_and_taken_back(cast, sign_in, key_result):
    client = sign_in(cast.member)
    sent = {"text": "試飲会", "key_result": key_result.pk, "submission_key": "6f1b6a3e-0c5e-4c8b-9d55-1f2b1c6f6d11"}
    first = send(client, "post", address(cast, "activities/"), **sent).json()
    assert send(client, "post", address(cast, "activities/"), **sent).json() == first
    assert (first["date"], first["member"], first["key_result"]) == ("2026-05-20", cast.member.pk, key_result.pk)
    one = address(cast, f"activities/{first['id']}/")
    assert send(client, "patch", one, text="試飲会を二回", key_result=None).json()["key_result"] is None
    assert send(client, "patch", one, date="2026-05-21").status_code == 400
    assert send(sign_in(cast.manager), "patch", one, text="x").status_code == 403
    assert send(client, "post", f"{one}withdraw/").json()["withdrawn_at"] is not None
    assert client.get(one).status_code == 404
    assert send(client, "post", f"{one}restore/").status_code == 200
    listed = client.get(address(cast, f"activities/?member={cast.member.pk}&date_from=2026-05-20&q=二回")).json()
    assert [row["id"] for row in listed["results"]] == [first["id"]]


def test_the_plan_of_an_action_and_what_came_of_it_are_numbers(cast, sign_in, key_result):
    kgi = KGI.objects.create(organization=cast.organization, name="売上", unit="円", owner=cast.executive)
    lever = KPI.objects.create(kgi=kgi, key="win", name="受注率", is_rate=True, current=Decimal("0.2"))
    client = sign_in(cast.member, language="en")
    sent = {
        "title": "提案書の型",
        "kpi": lever.pk,
        "starts_on": "2026-05-01",
        "approach": "untried",
        "why_nobody": "手間がかかる",
        "expected_change": 0.005,
        "cost": "12万",
    }
    made = send(client, "post", address(cast, "actions/"), **sent)
    assert made.status_code == 201, made.json()
    row = made.json()
    assert (row["expected_change"], row["cost"], row["began_on"], row["approach"]) == (0.005, 120_000, None, "untried")
    one = address(cast, f"actions/{row['id']}/")
    told = {"actual_change": 0.003, "result": "三社中二社", "deals": 3, "orders": 2, "revenue": 2_400_000}
    done = client.patch(
        one, told | {"state": "done"}, content_type="application/json", headers={"if-match": str(row["version"])}
    )
    assert done.status_code == 200, done.json()
    row = done.json()
    assert {name: row[name] for name in told} == told
    assert row["state"] == "done"
    stale = client.patch(one, {"orders": 9}, content_type="application/json", headers={"if-match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    same_title = {"title": row["title"], "orders": 9}
    stale = client.patch(one, same_title, content_type="application/json", headers={"if-match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    for wrong in ({"deals": -1}, {"revenue": True}, {"revenue": -5}, {"cost": "たくさん"}, {"approach": "x"}):
        answer = send(client, "patch", one, **wrong)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, list(wrong))
    assert send(sign_in(cast.colleague), "patch", one, orders=3).status_code == 403
    listed = client.get(address(cast, "actions/?approach=untried")).json()
    assert [each["id"] for each in listed["results"]] == [row["id"]]


def test_partners_are_told_no_number_of_an_action(cast, sign_in, key_result):
    ObjectiveShare.objects.create(objective=key_result.objective, membership=cast.partner, may_write=True)
    action = add_action(
        team=cast.sales, title="見本", owner=cast.member, due_on=None, by=cast.member, key_result=key_result
    )
    Action.objects.filter(pk=action.pk).update(cost=5, revenue=6, deals=7, orders=8, expected_change=9, result="届いた")
    client = sign_in(cast.partner)
    one = address(cast, f"actions/{action.pk}/")
    row = client.get(one).json()
    hidden = ("cost", "revenue", "deals", "orders", "expected_change", "actual_change")
    assert {row[name] for name in hidden} == {None}
    assert row["result"] == "届いた"
    for inside in ({"revenue": 9}, {"expected_change": 1}, {"expected_change": None}, {"cost": None}):
        refused = send(client, "patch", one, **inside)
        assert (refused.status_code, refused.json()["code"]) == (400, "not_for_partners"), inside
    new = {"title": "別の見本", "key_result": key_result.pk, "expected_change": 1}
    refused = send(client, "post", address(cast, "actions/"), **new)
    assert (refused.status_code, refused.json()["code"]) == (400, "not_for_partners")
    action.refresh_from_db()
    assert (action.expected_change, action.cost, action.revenue) == (9, 5, 6)


def test_a_line_and_an_experiment_name_their_action(cast, sign_in, key_result):
    action = add_action(
        team=cast.sales, title="見本", owner=cast.member, due_on=None, by=cast.member, key_result=key_result
    )
    client = sign_in(cast.member)
    line = send(client, "post", address(cast, "activities/"), text="送った", action=action.pk).json()
    assert (line["action"], line["key_result"]) == (action.pk, key_result.pk)
    listed = client.get(address(cast, f"activities/?action={action.pk}")).json()
    assert [row["id"] for row in listed["results"]] == [line["id"]]
    days = {"starts_on": "2026-05-01", "ends_on": "2026-05-15"}
    trial = send(client, "post", address(cast, "experiments/"), title="試し", action=action.pk, **days).json()
    assert (trial["action"], trial["key_result"]) == (action.pk, key_result.pk)
    changed = send(client, "patch", address(cast, f"experiments/{trial['id']}/"), action=None).json()
    assert changed["action"] is None
