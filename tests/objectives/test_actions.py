"""Actions: one line for oneself or others, ticked off in one tap, taken back, dropped with a reason."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funnel.models import KGI, KPI
from objectives.models import Action, ActionState, Meeting, MinuteLine, Notice, NoticeKind, ObjectiveShare
from objectives.services.actions import add_action, drop_action, finish_action, reopen_action, restore_action
from people.refusals import Refusal
from tests.cast import TODAY

pytestmark = pytest.mark.django_db


def add(cast, **fields):
    """An action of sales that the member writes for themselves, unless said otherwise."""
    given = {"team": cast.sales, "title": "見本を送る", "owner": cast.member, "due_on": None, "by": cast.member}
    return add_action(**given | fields)


def test_a_new_owner_is_told_once_and_nobody_is_told_of_their_own_act(cast):
    key = uuid.uuid4()
    first = add(cast, owner=cast.member, by=cast.manager, submission_key=key)
    again = add(cast, owner=cast.member, by=cast.manager, submission_key=key)
    add(cast)
    assert again == first
    (told,) = Notice.objects.filter(kind=NoticeKind.ACTION)
    assert (told.membership, told.by, told.place) == (cast.member, cast.manager, f"actions/{first.pk}/")


def test_members_write_for_themselves_and_leads_for_others(cast):
    with pytest.raises(Refusal) as refused:
        add(cast, owner=cast.manager)
    assert refused.value.code == "not_yours_to_give"
    assert add(cast, owner=cast.colleague, by=cast.manager).owner == cast.colleague


def test_whoever_is_in_the_meeting_gives_actions_and_a_line_makes_one_only(cast):
    meeting = Meeting.objects.create(
        organization=cast.organization, team=cast.sales, date=TODAY, facilitator=cast.manager
    )
    line = MinuteLine.objects.create(meeting=meeting, text="あ" * 400, author=cast.member)
    first = add(cast, owner=cast.manager, title=line.text, minute_line=line)
    assert len(first.title) == 200
    assert add(cast, owner=cast.manager, title=line.text, minute_line=line) == first
    assert Action.objects.count() == 1


def test_done_dropped_and_back_each_twice(cast):
    action = add(cast)
    for _ in range(2):
        done = finish_action(action, by=cast.member)
    assert (done.state, done.closed_on, done.closed_by, done.version) == (ActionState.DONE, TODAY, cast.member, 2)
    with pytest.raises(Refusal) as refused:
        drop_action(action, by=cast.member, reason="やめる")
    assert refused.value.code == "already_done"
    for _ in range(2):
        opened = reopen_action(action, by=cast.member)
    assert (opened.state, opened.closed_on, opened.closed_by) == (ActionState.OPEN, None, None)
    with pytest.raises(Refusal):
        drop_action(action, by=cast.member, reason=" ")
    dropped = drop_action(action, by=cast.member, reason="相手の都合")
    assert (dropped.state, dropped.dropped_reason) == (ActionState.DROPPED, "相手の都合")
    with pytest.raises(Refusal):
        finish_action(action, by=cast.member)
    assert restore_action(action, by=cast.member).dropped_reason == ""
    assert restore_action(action, by=cast.member).version == 5


@pytest.fixture
def action(cast):
    objective = cast.objective()
    return add(
        cast, key_result=objective.key_results.first(), due_on=TODAY - timedelta(days=3), expected_effect="月3件"
    )


def test_one_line_writes_an_action_once_however_often_it_is_sent(cast, sign_in):
    key_result = cast.objective().key_results.first()
    client, key = sign_in(cast.member), str(uuid.uuid4())
    sent = {"title": "  見本を\n送る ", "owner": cast.member.pk, "due_on": "2026-05-22", "serves": key_result.pk}
    for _ in range(2):
        answer = client.post(cast.url("actions/"), sent | {"submission_key": key})
        assert answer.status_code == 302
    (made,) = Action.objects.all()
    assert (made.title, made.key_result, made.team) == ("見本を 送る", key_result, cast.sales)
    assert "見本を 送る" in client.get(answer.url).content.decode()


def test_what_cannot_be_taken_stands_beside_its_field_and_what_was_typed_stays(cast, sign_in):
    client = sign_in(cast.member, language="en")
    empty = client.post(cast.url("actions/"), {"title": "", "owner": cast.member.pk})
    assert empty.status_code == 422
    assert "Say in a few words what is to be done." in empty.content.decode()
    others = client.post(cast.url("actions/"), {"title": "送る", "owner": cast.colleague.pk})
    assert others.status_code == 422
    assert "Only those who lead the team" in others.content.decode()
    assert 'value="送る"' in others.content.decode()


def test_a_tap_ticks_it_off_and_the_row_offers_to_undo_that(cast, sign_in, action):
    client = sign_in(cast.member)
    row = client.post(cast.url(f"actions/{action.pk}/done/"), headers={"hx-request": "true"})
    assert f'id="action-{action.pk}" data-state="done"' in row.content.decode()
    assert f"/actions/{action.pk}/reopen/" in row.content.decode()
    without_script = client.post(cast.url(f"actions/{action.pk}/reopen/"))
    assert without_script.status_code == 302
    action.refresh_from_db()
    assert action.state == ActionState.OPEN


def test_lists_hold_what_they_say(cast, sign_in, action):
    theirs = add(cast, owner=cast.colleague, by=cast.colleague, team=cast.online, title="写真を撮る")
    client = sign_in(cast.member)

    def listed(query: str) -> set[int]:
        return {row.pk for row in client.get(cast.url(f"actions/?{query}")).context["rows"]}

    assert listed("") == {action.pk}
    assert listed("whose=all") == {action.pk, theirs.pk}
    assert listed("whose=all&state=overdue") == {action.pk}
    assert listed("whose=all&state=done") == set()
    assert listed(f"whose=all&team={cast.online.pk}") == {theirs.pk}
    assert listed(f"whose=all&owner={cast.colleague.pk}") == {theirs.pk}
    assert listed(f"whose=all&key_result={action.key_result_id}") == {action.pk}
    assert listed("whose=all&q=写真") == {theirs.pk}
    assert listed("whose=nonsense&state=x&team=²&q=%00") == {action.pk}
    table = client.get(cast.url("actions/?whose=all&download=csv")).content.decode()
    assert "見本を送る" in table
    assert "写真を撮る" in table


def test_the_page_of_one_is_a_form_for_whoever_may_change_it(cast, sign_in, action):
    assert sign_in(cast.colleague).get(cast.url(f"actions/{action.pk}/")).context["form"] is None
    client = sign_in(cast.manager)
    sent = {
        "title": "別の見本",
        "owner": cast.member.pk,
        "team": cast.sales.pk,
        "serves": "",
        "version": action.version,
    }
    assert client.post(cast.url(f"actions/{action.pk}/"), sent).status_code == 302
    action.refresh_from_db()
    assert (action.title, action.key_result, action.version) == ("別の見本", None, 2)
    stale = client.post(cast.url(f"actions/{action.pk}/"), sent | {"title": "もう一つ"})
    assert stale.status_code == 422
    assert client.post(cast.url(f"actions/{action.pk}/"), sent | {"title": "もう一つ", "version": 2}).status_code == 302
    assert client.get(cast.url(f"actions/{action.pk}/changes/")).status_code == 200


def test_a_partner_sees_and_writes_only_where_the_share_says_so(cast, sign_in, action):
    share = ObjectiveShare.objects.create(
        objective=action.key_result.objective, membership=cast.partner, may_write=False
    )
    add(cast, title="共有していない行動")
    client = sign_in(cast.partner)
    shown = client.get(cast.url("actions/?whose=all"))
    assert "見本を送る" in shown.content.decode()
    assert "共有していない行動" not in shown.content.decode()
    kgi = KGI.objects.create(organization=cast.organization, name="年間売上")
    Action.objects.filter(pk=action.pk).update(kpi=KPI.objects.create(kgi=kgi, key="win_rate", name="成約率"))
    file = client.get(cast.url("actions/?whose=all&download=csv")).content.decode()
    assert "見本を送る" in file
    assert "成約率" not in file
    sent = {"title": "広告の下書き", "owner": cast.partner.pk, "serves": action.key_result_id}
    assert client.post(cast.url("actions/"), sent).status_code == 422
    share.may_write = True
    share.save()
    assert client.post(cast.url("actions/"), sent).status_code == 302
    assert Action.objects.get(title="広告の下書き").owner == cast.partner


def test_a_dropped_action_says_why_and_comes_back(cast, sign_in, action):
    client = sign_in(cast.member)
    assert client.post(cast.url(f"actions/{action.pk}/drop/"), {"reason": ""}).status_code == 422
    assert client.post(cast.url(f"actions/{action.pk}/drop/"), {"reason": "先方の都合"}).status_code == 302
    assert "先方の都合" in client.get(cast.url("actions/?state=dropped")).content.decode()
    assert client.post(cast.url(f"actions/{action.pk}/restore/")).status_code == 302
    action.refresh_from_db()
    assert action.is_open


def test_search_finds_actions_but_not_dropped_ones(cast, sign_in, action):
    client = sign_in(cast.colleague)
    address = cast.url("search/?q=見本を送る&kind=action")
    assert f"/actions/{action.pk}/" in client.get(address).content.decode()
    drop_action(action, by=cast.member, reason="やめる")
    assert f"/actions/{action.pk}/" not in client.get(address).content.decode()


def test_the_list_takes_as_many_queries_for_forty_as_for_one(cast, sign_in, action):
    client = sign_in(cast.manager)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(cast.url("actions/?whose=all")).status_code == 200
        return len(captured)

    queries()
    few = queries()
    for number in range(39):
        add(cast, title=f"行動 {number}", key_result=action.key_result)
    assert queries() == few
