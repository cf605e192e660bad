"""A team's meeting: begun once, led through an agenda made from its data, written down while people talk, kept."""

from __future__ import annotations

import re
import uuid
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from objectives import services
from objectives.messages.meetings import write_meeting
from objectives.models import (
    Action,
    ActionState,
    Health,
    KeyResult,
    KeyResultScore,
    LineKind,
    Meeting,
    MinuteLine,
    Notice,
    NoticeKind,
    ObjectiveState,
    Obstacle,
)
from objectives.queries.agenda import DECISIONS, OBSTACLES, PROMISED, RED, SILENT, STEPS, agenda_of
from objectives.queries.meetings import minutes_of
from objectives.services.actions import finish_action
from objectives.services.meetings import end_meeting, move_to, pull_in, reopen_meeting, start_meeting
from objectives.services.minutes import Wish, add_line, change_line, restore_line, withdraw_line
from objectives.services.obstacles import offer_help, solve_obstacle
from people.models import Delivery, Team, Topic
from people.refusals import Refusal
from tests.cast import Cast

NEXT_WEEK = "2026-05-27T10:00:00+09:00"
SAID = "山本さん 金曜までに見積もりを送る"


@pytest.fixture
def meeting(cast: Cast) -> Meeting:
    return start_meeting(cast.sales, by=cast.manager)[0]


def results(cast: Cast, *titles: str, **fields) -> list[KeyResult]:
    """Key results of an active objective of sales, one more than asked for where there would be too few."""
    objective = cast.objective(key_results=0, state=ObjectiveState.DRAFT)
    rows = [cast.key_result(objective, title=title, **fields) for title in titles]
    if len(rows) < 2:
        cast.key_result(objective, title="もう一つ")
    services.change_state(objective, to=ObjectiveState.ACTIVE, by=cast.admin)
    return rows


def live(client, meeting: Meeting, tag: str = "", **asked):
    return client.get(
        reverse("meeting_live", args=["hokuto", meeting.pk]), asked, headers={"If-None-Match": tag} if tag else {}
    )


def address(name: str, pk: int) -> str:
    return reverse(name, args=["hokuto", pk])


# Beginning, ending, beginning again


def test_whoever_comes_second_joins_the_meeting_that_is_running(cast, sign_in):
    first = sign_in(cast.manager).post(cast.url("meetings/start/"), {"team": cast.sales.pk})
    second = sign_in(cast.member).post(cast.url("meetings/start/"), {"team": cast.sales.pk})
    meeting = Meeting.objects.get()
    assert first.url == second.url == address("meeting", meeting.pk)
    assert (meeting.facilitator, meeting.date, meeting.cycle) == (cast.manager, date(2026, 5, 20), cast.cycle)
    page = sign_in(cast.colleague).get(cast.url("meetings/")).content.decode()
    assert address("meeting", meeting.pk) in page


def test_who_goes_back_and_chooses_another_team_begins_that_ones_meeting(cast, sign_in):
    client, key = sign_in(cast.admin), str(uuid.uuid4())
    for team in (cast.sales, cast.online, cast.online):
        client.post(reverse("start_meeting", args=["hokuto"]), {"team": team.pk, "submission_key": key})
    assert set(Meeting.objects.values_list("team", flat=True)) == {cast.sales.pk, cast.online.pk}
    first, second = Meeting.objects.order_by("pk")
    line = {"text": "話した", "submission_key": key}
    assert client.post(address("add_minute_line", first.pk), line).status_code == 302
    assert client.post(address("add_minute_line", second.pk), line).status_code == 422


def test_a_meeting_that_nobody_ended_ends_when_the_next_one_begins(cast, meeting, move_clock):
    move_clock(NEXT_WEEK)
    following, is_new = start_meeting(cast.sales, by=cast.member)
    meeting.refresh_from_db()
    assert is_new
    assert meeting.ended_at is not None
    assert following.previous == meeting


def test_a_meeting_ended_by_mistake_goes_on_within_a_day(cast, meeting, move_clock):
    pull_in(meeting, results(cast, "契約")[0], by=cast.member)
    end_meeting(meeting, by=cast.member)
    end_meeting(meeting, by=cast.member)
    again = reopen_meeting(meeting, by=cast.manager)
    assert again.is_running
    assert [item.key for item in agenda_of(again, cast.manager) if item.noun == "kr"]
    end_meeting(again, by=cast.manager)
    move_clock("2026-05-21T10:30:00+09:00")
    with pytest.raises(Refusal) as refusal:
        reopen_meeting(meeting, by=cast.manager)
    assert refusal.value.code == "ended_long_ago"
    assert Notice.objects.filter(kind=NoticeKind.MINUTES).count() == 2


# The agenda


def test_the_agenda_is_made_from_what_the_team_reported_in_its_order(cast, meeting, move_clock):
    add_line(meeting, SAID, by=cast.manager)
    add_line(meeting, "次: 紹介カードを配る", by=cast.manager)
    red, quiet, fine = results(cast, "赤", "静か", "順調")
    services.record_check_in(red, author=cast.member, value=Decimal(10), confidence=8)
    services.record_check_in(fine, author=cast.member, value=Decimal(40), confidence=8)
    move_clock("2026-05-20T10:30:00+09:00")
    end_meeting(meeting, by=cast.manager)
    move_clock(NEXT_WEEK)
    services.record_check_in(red, author=cast.member, value=Decimal(12), confidence=5, obstacle="承認が遅い")
    services.record_check_in(
        fine, author=cast.member, value=Decimal(60), confidence=8, obstacle="単価を誰が決めるか", next_step="三社に電話"
    )
    Obstacle.objects.filter(key_result=fine).update(kind="decision")
    following, _is_new = start_meeting(cast.sales, by=cast.manager)
    items = agenda_of(following, cast.manager)
    assert [item.section for item in items] == [PROMISED, PROMISED, RED, "changed", OBSTACLES, DECISIONS, STEPS, SILENT]
    by_key = {item.key: item for item in items}
    assert (by_key[f"kr:{red.pk}"].before, by_key[f"kr:{red.pk}"].value) == (Decimal(10), Decimal(12))
    assert by_key[f"kr:{red.pk}"].has_lost_confidence
    assert by_key[f"kr:{red.pk}"].obstacles == ["承認が遅い"]
    assert by_key[f"kr:{fine.pk}"].bar is not None
    assert by_key["silent"].names == ["山本 翔"]
    assert f"kr:{quiet.pk}" not in by_key
    pull_in(following, quiet, by=cast.member)
    following.refresh_from_db()
    assert agenda_of(following, cast.manager)[4].key == f"kr:{quiet.pk}"


def test_what_was_said_before_nine_in_the_morning_was_said_on_that_day(cast, meeting, move_clock):
    move_clock("2026-05-20T08:00:00+09:00")
    services.record_check_in(results(cast, "契約")[0], author=cast.member, value=Decimal(1), obstacle="承認が遅い")
    offer_help(Obstacle.objects.get(), by=cast.colleague, text="手伝います")
    (item,) = [item for item in agenda_of(meeting, cast.manager) if item.noun == "obstacle"]
    assert item.offers[0].day == date(2026, 5, 20)


def test_the_number_of_queries_does_not_grow_with_the_agenda(cast, sign_in):
    client = sign_in(cast.manager)
    meeting = start_meeting(cast.sales, by=cast.manager)[0]

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address("meeting", meeting.pk)).status_code == 200
        return len(queries)

    def grow() -> None:
        for row in results(cast, "結果 1", "結果 2", "結果 3"):
            services.record_check_in(
                row, author=cast.member, value=Decimal(5), obstacle=f"障害 {row.pk}", next_step="次"
            )
        add_line(meeting, SAID, by=cast.manager)

    grow()
    asked()
    before = asked()
    grow()
    assert asked() == before


# Minutes


def test_what_is_said_becomes_an_action_with_owner_and_day(cast, meeting, sign_in):
    key_result = results(cast, "契約")[0]
    client = sign_in(cast.member)
    sent = {"text": SAID, "item": f"kr:{key_result.pk}", "submission_key": str(uuid.uuid4())}
    for _twice in range(2):
        assert client.post(address("add_minute_line", meeting.pk), sent).status_code == 302
    line = MinuteLine.objects.get()
    assert (line.kind, line.text, line.key_result) == (LineKind.ACTION, SAID, key_result)
    action = line.action
    assert (action.title, action.owner, action.due_on) == ("見積もりを送る", cast.member, date(2026, 5, 22))
    assert (action.team, action.key_result) == (cast.sales, key_result)


def test_the_reading_is_shown_while_typing_and_a_tap_changes_it(cast, meeting, sign_in):
    client = sign_in(cast.member)
    read = address("read_minute_line", meeting.pk)
    page = client.get(read, {"text": SAID}).content.decode()
    assert "山本 翔" in page
    assert "5月22日(金)" in page
    note = client.get(read, {"text": SAID, "kind": "note"}).content.decode()
    assert "5月22日(金)" not in note
    client.post(address("add_minute_line", meeting.pk), {"text": SAID, "kind": "note"})
    line = MinuteLine.objects.get()
    assert (line.kind, Action.objects.count()) == (LineKind.NOTE, 0)
    client.post(address("set_minute_line_kind", line.pk), {"kind": "action"})
    line.refresh_from_db()
    assert line.action.owner == cast.member
    client.post(address("set_minute_line_kind", line.pk), {"kind": "decision"})
    assert Action.objects.get().state == ActionState.DROPPED


def test_a_day_said_without_a_name_waits_for_whoever_it_will_be(cast, meeting, sign_in):
    line = add_line(meeting, "金曜までに見積もりを送る", by=cast.manager, wish=Wish(kind=LineKind.ACTION))[0]
    assert not Action.objects.exists()
    page = sign_in(cast.member).get(address("edit_minute_line", line.pk)).content.decode()
    assert 'value="2026-05-22"' in page


def test_a_changed_line_changes_its_action_while_the_meeting_runs(cast, meeting, sign_in):
    line = add_line(meeting, SAID, by=cast.manager)[0]
    client = sign_in(cast.member)
    sent = {"text": line.text, "kind": "action", "owner": cast.manager.pk, "due": "2026-06-01", "version": 1}
    assert client.post(address("edit_minute_line", line.pk), sent | {"text": ""}).status_code == 422
    assert client.post(address("edit_minute_line", line.pk), sent).status_code == 302
    action = Action.objects.get()
    assert (action.owner, action.due_on, action.title) == (cast.manager, date(2026, 6, 1), "見積もりを送る")
    assert client.post(address("edit_minute_line", line.pk), sent | {"owner": ""}).status_code == 422
    withdraw_line(line, by=cast.member)
    assert Action.objects.get().state == ActionState.DROPPED
    restore_line(line, by=cast.member)
    assert Action.objects.get().state == ActionState.OPEN
    end_meeting(meeting, by=cast.manager)
    with pytest.raises(Refusal) as refusal:
        change_line(line, by=cast.manager, text="別の話", kind="note", owner=None, due=None)
    assert refusal.value.code == "meeting_ended"


@pytest.mark.parametrize("sent", [{"text": " "}, {"text": "x" * 501}, {"text": "話", "item": "kr:1; drop"}])
def test_a_line_that_cannot_be_kept_is_refused_with_what_was_typed(cast, meeting, sign_in, sent):
    answer = sign_in(cast.member).post(address("add_minute_line", meeting.pk), sent)
    assert answer.status_code == 422
    assert sent["text"].strip() in answer.content.decode()
    assert not MinuteLine.objects.exists()


# Live


def test_asking_each_second_costs_three_queries_and_no_write_until_something_changes(cast, meeting, sign_in):
    client = sign_in(cast.member)
    first = live(client, meeting)
    tag = first.headers["ETag"]
    with CaptureQueriesContext(connection) as queries:
        assert live(client, meeting, tag).status_code == 304
    assert len(queries) <= 3
    assert not any(query["sql"].startswith(("INSERT", "UPDATE")) for query in queries)
    add_line(meeting, "D: 承認は部長が行う", by=cast.manager)
    second = live(client, meeting, tag)
    assert second.status_code == 200
    assert "承認は部長が行う" in second.json()["parts"]["lines"]


def test_what_happens_meanwhile_shows_up_by_itself(cast, meeting, sign_in, move_clock):
    client = sign_in(cast.member)
    key_result = results(cast, "受注率")[0]
    action = add_line(meeting, SAID, by=cast.manager)[0].action

    def changed(tag: str) -> tuple[str, str]:
        answer = live(client, meeting, tag)
        assert answer.status_code == 200
        return answer.headers["ETag"], answer.json()["parts"]["lines"]

    tag, _lines = changed("")
    move_clock("2026-05-20T10:05:00+09:00")
    services.record_check_in(key_result, author=cast.member, value=Decimal(20), obstacle="承認に6日")
    tag, lines = changed(tag)
    assert "チェックイン" in lines or "Check-in" in lines
    solve_obstacle(Obstacle.objects.get(), by=cast.member, solution="部長決裁にした")
    tag, lines = changed(tag)
    assert "承認に6日" in lines
    finish_action(action, by=cast.member)
    tag, lines = changed(tag)
    assert lines.count("見積もりを送る") >= 2
    end_meeting(meeting, by=cast.manager)
    meeting.refresh_from_db()
    assert [event.kind for event in minutes_of(meeting, cast.member).events] == ["checked_in", "solved", "done"]
    assert live(client, meeting, tag).json() == {"ended": True}


def test_everybody_sees_who_is_here_and_looks_where_they_want(cast, meeting, sign_in, move_clock):
    first, second = results(cast, "一つめ", "二つめ")
    for row in (first, second):
        services.record_check_in(row, author=cast.member, value=Decimal(1))
    member = sign_in(cast.member)
    here = live(member, meeting).json()["parts"]["here"]
    assert "山本 翔" in here
    move_clock("2026-05-20T10:00:30+09:00")
    here = live(sign_in(cast.manager), meeting).json()["parts"]["here"]
    assert "山本 翔" not in here
    move_to(meeting, f"kr:{second.pk}", by=cast.manager, done=f"kr:{first.pk}")
    led, alone = live(member, meeting).json(), live(member, meeting, item=f"kr:{first.pk}").json()
    assert (led["item"], alone["item"]) == (f"kr:{second.pk}", f"kr:{first.pk}")
    assert "data-follow" in alone["parts"]["stage"]
    meeting.refresh_from_db()
    assert meeting.talked == [f"kr:{first.pk}"]
    move_clock("2026-05-20T10:02:30+09:00")
    assert move_to(meeting, f"kr:{first.pk}", by=cast.manager).agenda["spent"] == {f"kr:{second.pk}": 120}


@pytest.mark.django_db(transaction=True)
def test_two_who_write_at_the_same_moment_lose_nothing(cast):
    meeting = start_meeting(cast.sales, by=cast.manager)[0]
    together = Barrier(4)

    def write(name: str) -> None:
        together.wait()
        for number in range(5):
            add_line(meeting, f"{name} {number}", by=cast.member)
        connection.close()

    writers = [Thread(target=write, args=(name,)) for name in "abcd"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    meeting.refresh_from_db()
    assert meeting.lines.count() == 20
    assert meeting.version == 21


@pytest.mark.django_db(transaction=True)
def test_who_writes_into_yesterdays_meeting_while_todays_begins_is_told_that_it_ended(cast, move_clock):
    old = start_meeting(cast.sales, by=cast.manager)[0]
    move_clock("2026-05-21T10:00:00+09:00")
    refusals: list[str] = []

    def write() -> None:
        try:
            add_line(old, SAID, by=cast.member)
        except Refusal as refusal:
            refusals.append(refusal.code)
        connection.close()

    writer = Thread(target=write)
    with transaction.atomic():
        Team.objects.select_for_update(no_key=True).get(pk=cast.sales.pk)
        writer.start()
        while not is_somebody_waiting():
            assert writer.is_alive()
        new, is_new = start_meeting(cast.sales, by=cast.manager)
    writer.join()
    assert is_new
    assert refusals == ["meeting_ended"]
    assert set(Meeting.objects.running()) == {new}


def is_somebody_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return cursor.fetchone()[0]


# What is kept


def test_the_minutes_keep_the_figures_as_they_were(cast, meeting, sign_in, move_clock):
    key_result = results(cast, "受注率", unit="%")[0]
    services.record_check_in(key_result, author=cast.member, value=Decimal(15), confidence=6)
    KeyResultScore.objects.filter(key_result=key_result).update(health=Health.OFF_TRACK)
    add_line(meeting, "決定: 承認は部長が行う", by=cast.member, item=f"kr:{key_result.pk}")
    add_line(meeting, SAID, by=cast.member)
    end_meeting(meeting, by=cast.manager)
    move_clock(NEXT_WEEK)
    services.record_check_in(key_result, author=cast.member, value=Decimal(33), confidence=6)
    client = sign_in(cast.colleague)
    page = client.get(address("meeting", meeting.pk)).content.decode()
    assert "15" in page
    # Ids in addresses may hold any digits.
    assert "33" not in re.sub(r"<[^>]*>", " ", page)
    text = client.get(address("meeting_text", meeting.pk)).content.decode()
    assert "・承認は部長が行う" in text
    assert "見積もりを送る（山本 翔" in text
    found = client.get(cast.url("search/"), {"q": "承認は部長"}).content.decode()
    assert f"{address('meeting', meeting.pk)}#line-" in found
    listed = client.get(cast.url("meetings/"), {"q": "承認は部長"}).content.decode()
    assert f"{address('meeting', meeting.pk)}#line-" in listed
    assert "<mark>" in listed


def test_everybody_concerned_is_told_once_with_what_was_decided(cast, meeting, sign_in):
    add_line(meeting, "決定: 承認は部長が行う", by=cast.member)
    add_line(meeting, SAID, by=cast.member)
    end_meeting(meeting, by=cast.manager)
    end_meeting(meeting, by=cast.manager)
    told = Notice.objects.filter(kind=NoticeKind.MINUTES)
    assert [(notice.membership, notice.place) for notice in told] == [(cast.member, f"meetings/{meeting.pk}/")]
    page = sign_in(cast.member).get(cast.url("notices/")).content.decode()
    assert f'<a href="{address("meeting", meeting.pk)}">{meeting.team.name}</a>' in page
    (delivery,) = Delivery.objects.filter(topic=Topic.MEETING)
    post = write_meeting(delivery)
    assert post is not None
    assert [line.text for line in post.lines] == ["承認は部長が行う", "見積もりを送る"]
    assert "山本 翔" in post.lines[1].detail
    assert post.link.endswith(address("meeting", meeting.pk))
    reopen_meeting(meeting, by=cast.manager)
    delivery.refresh_from_db()
    assert delivery.cancelled_at is not None
    assert write_meeting(delivery) is None


def test_programs_read_meetings_with_their_lines(cast, meeting, sign_in):
    add_line(meeting, SAID, by=cast.member)
    add_line(meeting, "話だけ", by=cast.member)
    client = sign_in(cast.member)
    (found,) = client.get("/api/v1/o/hokuto/meetings/").json()["results"]
    assert [(line["kind"], line["action"] is not None) for line in found["lines"]] == [
        ("action", True),
        ("note", False),
    ]
    detail = client.get(f"/api/v1/o/hokuto/meetings/{meeting.pk}/").json()
    assert (detail["team"], detail["ended_at"], detail["facilitator"]) == (cast.sales.pk, None, cast.manager.pk)
    assert client.get("/api/v1/o/hokuto/meetings/?running=false").json()["count"] == 0
    assert sign_in(cast.partner).get("/api/v1/o/hokuto/meetings/").json()["count"] == 0


def test_the_list_teaches_where_there_is_nothing_and_pages_where_there_is_much(cast, sign_in, move_clock):
    client = sign_in(cast.member, language="en")
    assert "No meeting yet" in client.get(cast.url("meetings/")).content.decode()
    day = date(2026, 5, 20)
    Meeting.objects.bulk_create(
        Meeting(
            organization=cast.organization,
            team=cast.sales,
            date=day - timedelta(days=number),
            facilitator=cast.manager,
            ended_at="2026-05-20T11:00:00+09:00",
        )
        for number in range(21)
    )
    page = client.get(cast.url("meetings/")).content.decode()
    assert "1–20 / 21" in page
    assert "page=2" in page
