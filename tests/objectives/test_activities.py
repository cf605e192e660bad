"""The daily log: one line a day, and the goals that nobody has worked on for two weeks."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from objectives.models import Activity, Comment, Objective, ObjectiveShare
from objectives.queries.activities import idle_objectives
from objectives.services import record_check_in
from objectives.services.actions import add_action, finish_action
from objectives.services.activities import log_activity
from people.models import DayOff
from tests.cast import TODAY
from tests.reading import whole

pytestmark = pytest.mark.django_db


@pytest.fixture
def key_result(cast):
    return cast.objective().key_results.first()


def test_one_line_is_written_once_and_the_next_begins_with_the_same_key_result(cast, sign_in, key_result):
    client, key = sign_in(cast.member), str(uuid.uuid4())
    sent = {"text": " 試飲会を\n開いた ", "key_result": key_result.pk, "date": "2026-05-19", "submission_key": key}
    for _ in range(2):
        assert client.post(cast.url("activities/"), sent).status_code == 302
    (line,) = Activity.objects.all()
    assert (line.text, line.date, line.membership) == ("試飲会を 開いた", TODAY - timedelta(days=1), cast.member)
    page = client.get(cast.url("activities/"))
    assert page.context["form"]["key_result"].initial == key_result.pk
    assert "試飲会を 開いた" in page.content.decode()


def test_days_to_come_and_empty_lines_are_refused_and_what_was_typed_stays(cast, sign_in):
    client = sign_in(cast.member, language="en")
    tomorrow = client.post(cast.url("activities/"), {"text": "明日の準備", "date": "2026-05-21"})
    assert tomorrow.status_code == 422
    assert "This day has not come yet." in tomorrow.content.decode()
    assert "明日の準備" in tomorrow.content.decode()
    assert client.post(cast.url("activities/"), {"text": "", "date": "2026-05-20"}).status_code == 422
    assert not Activity.objects.exists()


def test_the_line_of_this_week_answers_with_itself_and_what_was_written_today(cast, sign_in, key_result):
    client = sign_in(cast.member)
    address, sent = cast.url("activities/line/"), {"text": "見積もりを送った", "date": "2026-05-20", "key_result": ""}
    part = client.post(address, sent, headers={"hx-request": "true"})
    assert part.status_code == 200
    assert "見積もりを送った" in part.content.decode()
    assert "<html" not in part.content.decode()
    assert client.post(address, sent | {"text": " "}, headers={"hx-request": "true"}).status_code == 422
    without_script = client.post(address, sent | {"next": cast.url("this-week/")})
    assert without_script.url == cast.url("this-week/")


def test_only_whoever_wrote_a_line_changes_it_and_takes_it_back(cast, sign_in, key_result):
    line = log_activity(cast.member, text="電話した", key_result=key_result)
    address = cast.url(f"activities/{line.pk}/")
    assert sign_in(cast.manager).get(address).status_code == 403
    client = sign_in(cast.member)
    sent = {"text": "三軒に電話した", "date": "2026-05-20", "key_result": "", "version": 1}
    assert client.post(address, sent).status_code == 302
    assert client.post(address, sent | {"text": "二軒"}).status_code == 422
    for _ in range(2):
        assert client.post(f"{address}withdraw/").status_code == 302
    assert client.get(address).status_code == 404
    assert sign_in(cast.manager).post(f"{address}restore/").status_code == 404
    for _ in range(2):
        assert client.post(f"{address}restore/").status_code == 302
    line.refresh_from_db()
    assert (line.text, line.key_result, line.withdrawn_at) == ("三軒に電話した", None, None)


def test_the_log_is_narrowed_by_person_team_goal_week_and_words_and_costs_the_same_for_fifty(cast, sign_in, key_result):
    first = log_activity(cast.member, text="試飲会", key_result=key_result)
    other = log_activity(cast.colleague, text="写真撮影", date=TODAY - timedelta(days=9))
    client = sign_in(cast.manager)

    def listed(query: str) -> set[int]:
        days = client.get(cast.url(f"activities/?{query}")).context["days"]
        return {row.pk for _day, lines in days for row in lines}

    assert listed("") == listed("week=x&person=²") == {first.pk, other.pk}
    assert listed(f"person={cast.member.pk}") == listed(f"team={cast.sales.pk}") == {first.pk}
    assert listed(f"key_result={key_result.pk}") == listed(f"objective={key_result.objective_id}") == {first.pk}
    assert listed("week=2026-05-11") == listed("q=写真") == {other.pk}

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            listed("")
        return len(captured)

    queries()
    few = queries()
    Activity.objects.bulk_create(
        Activity(
            organization=cast.organization, membership=cast.member, date=TODAY, text=f"行 {n}", key_result=key_result
        )
        for n in range(50)
    )
    assert queries() == few


def test_a_partner_logs_only_what_is_shared_for_writing_and_reads_no_others(cast, sign_in, key_result):
    log_activity(cast.member, text="社内の話")
    client = sign_in(cast.partner)
    sent = {"text": "広告を出した", "date": "2026-05-20", "key_result": key_result.pk}
    assert client.post(cast.url("activities/"), sent).status_code == 422
    ObjectiveShare.objects.create(objective=key_result.objective, membership=cast.partner, may_write=True)
    assert client.post(cast.url("activities/"), sent | {"key_result": ""}).status_code == 422
    assert client.post(cast.url("activities/"), sent).status_code == 302
    page = client.get(cast.url("activities/")).content.decode()
    assert "広告を出した" in page
    assert "社内の話" not in page


# Two weeks without activity


def idle(cast) -> set[int]:
    return {row.pk for row in idle_objectives(cast.manager)}


@pytest.fixture
def quiet(cast):
    """An objective that began five weeks ago and of which nothing was heard since."""
    objective = cast.objective()
    Objective.objects.update(activated_on=TODAY - timedelta(days=35))
    return objective


def test_each_sign_of_work_within_two_weeks_wakes_an_objective(cast, quiet):
    key_result = quiet.key_results.first()
    old = TODAY - timedelta(days=14)
    log_activity(cast.member, text="前に", date=old, key_result=key_result)
    record_check_in(key_result, author=cast.member, value=Decimal(1), date=old)
    assert idle(cast) == {quiet.pk}
    assert idle_objectives(cast.manager).get().last_activity_on == old
    line = log_activity(cast.member, text="最近", date=old + timedelta(days=1), key_result=key_result)
    assert idle(cast) == set()
    Activity.objects.filter(pk=line.pk).delete()
    assert idle(cast) == {quiet.pk}
    action = add_action(
        team=cast.sales, title="電話", owner=cast.member, due_on=None, by=cast.member, key_result=key_result
    )
    assert idle(cast) == set()
    type(action).objects.update(created_at=quiet.created_at - timedelta(days=30))
    assert idle(cast) == {quiet.pk}
    finish_action(action, by=cast.member)
    assert idle(cast) == set()
    type(action).objects.all().delete()
    Comment.objects.create(organization=cast.organization, objective=quiet, author=cast.manager, text="どうですか")
    assert idle(cast) == set()


def test_days_before_it_began_and_weeks_in_which_nobody_worked_do_not_count(cast, quiet, move_clock):
    Objective.objects.update(activated_on=TODAY - timedelta(days=13))
    assert idle(cast) == set()
    Objective.objects.update(activated_on=TODAY - timedelta(days=14))
    assert idle(cast) == {quiet.pk}
    monday = TODAY - timedelta(days=9)
    DayOff.objects.create(
        organization=cast.organization, name="臨時休業", first=monday, last=monday + timedelta(days=4)
    )
    assert idle(cast) == set()
    move_clock("2026-05-27T10:00:00+09:00")
    assert idle(cast) == {quiet.pk}


def test_drafts_and_closed_cycles_are_never_idle(cast, quiet):
    draft = cast.objective(state="draft")
    Objective.objects.filter(pk=draft.pk).update(activated_on=None)
    assert idle(cast) == {quiet.pk}
    Objective.objects.filter(pk=quiet.pk).update(state="closed")
    assert idle(cast) == set()


def test_pages_of_objectives_say_which_is_idle_and_what_is_to_be_done(cast, quiet, sign_in):
    busy = cast.objective(title="動いている目標")
    Objective.objects.filter(pk=quiet.pk).update(title="止まっている目標")
    key_result = busy.key_results.first()
    add_action(
        team=cast.sales, title="見本を送る", owner=cast.member, due_on=None, by=cast.member, key_result=key_result
    )
    client = sign_in(cast.manager, language="en")
    listed = client.get(cast.url("objectives/")).content.decode()
    assert listed.count("no activity since") == 1
    only = client.get(cast.url("objectives/?idle=1")).content.decode()
    assert "止まっている目標" in only
    assert "動いている目標" not in only
    assert "No activity for two weeks:" in client.get(cast.url(f"objectives/{quiet.pk}/")).content.decode()
    page = whole(client, cast.url(f"objectives/{busy.pk}/"))
    assert "1 open action" in page
    assert "見本を送る" in page
    assert "No activity for two weeks:" not in page


def test_a_line_of_an_action_serves_what_the_action_serves(cast, sign_in):
    served, other = cast.objective().key_results.order_by("pk")
    action = add_action(
        team=cast.sales, title="見本を送る", owner=cast.member, due_on=None, by=cast.member, key_result=served
    )
    client = sign_in(cast.member, language="en")
    sent = {"text": "三社に送った", "date": TODAY, "action": action.pk, "key_result": other.pk}
    assert client.post(cast.url("activities/"), sent | {"submission_key": uuid.uuid4()}).status_code == 302
    line = Activity.objects.get()
    assert (line.action, line.key_result) == (action, served)
    listed = client.get(cast.url(f"activities/?action={action.pk}"))
    assert [row for _day, rows in listed.context["days"] for row in rows] == [line]
    assert "見本を送る" in listed.text
    edit = cast.url(f"activities/{line.pk}/")
    assert client.post(edit, sent | {"action": "", "version": 1}).status_code == 302
    line.refresh_from_db()
    assert (line.action, line.key_result) == (None, other)
    assert client.post(edit, sent | {"action": "999999", "version": 2}).status_code == 422


def test_only_ones_own_open_actions_are_offered_for_a_line_and_none_asked_where_there_are_none(cast, sign_in):
    client = sign_in(cast.member)
    assert "action" not in client.get(cast.url("activities/")).context["form"].fields
    mine = add_action(team=cast.sales, title="見本を送る", owner=cast.member, due_on=None, by=cast.member)
    add_action(team=cast.sales, title="他人の", owner=cast.manager, due_on=None, by=cast.manager)
    over = add_action(team=cast.sales, title="済んだ", owner=cast.member, due_on=None, by=cast.member)
    finish_action(over, by=cast.member)
    offered = client.get(cast.url("activities/")).context["form"].fields["action"].choices
    assert [value for value, _name in offered] == ["", mine.pk]
