"""Looking back together: written unseen, revealed once, gathered, voted on, decided, and kept."""

from __future__ import annotations

import uuid
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from objectives.models import (
    Action,
    Lesson,
    Notice,
    NoticeKind,
    ObjectiveState,
    Question,
    Retrospective,
    RetrospectiveNote,
    RetrospectivePresence,
    RetrospectiveVote,
    Stage,
)
from objectives.queries.retrospectives import groups_of
from objectives.services.retrospective_notes import (
    act_on_note,
    add_note,
    group_note,
    learn_from,
    restore_note,
    say_ready,
    sort_note,
    vote,
    withdraw_note,
)
from objectives.services.retrospectives import (
    add_minute,
    end_retrospective,
    hand_over,
    left_of,
    move_stage,
    pause_timer,
    reopen_retrospective,
    start_retrospective,
    start_timer,
)
from people import clock
from people.refusals import Refusal
from tests.cast import Cast

SECRET = "承認に三週間かかった"
JS = {"HX-Request": "true"}


@pytest.fixture
def looking(cast: Cast) -> Retrospective:
    return start_retrospective(cast.cycle, cast.sales, by=cast.manager)[0]


def written(looking: Retrospective, by, *texts: str, question: str = Question.MISSED) -> list[RetrospectiveNote]:
    return [add_note(looking, text, by=by, question=question)[0] for text in texts]


def at(name: str, pk: int) -> str:
    return reverse(name, args=["hokuto", pk])


def live(client, looking: Retrospective, tag: str = ""):
    return client.get(at("retrospective_live", looking.pk), headers={"If-None-Match": tag} if tag else {})


# Beginning


def test_whoever_begins_second_comes_into_the_one_that_runs(cast, sign_in):
    sent = {"cycle": cast.cycle.pk, "team": cast.sales.pk, "votes_each": 4, "minutes": 5}
    first = sign_in(cast.manager).post(cast.url("retrospectives/new/"), sent | {"facilitator": cast.member.pk})
    second = sign_in(cast.member).post(cast.url("retrospectives/new/"), sent | {"facilitator": cast.member.pk})
    looking = Retrospective.objects.get()
    assert first.url == second.url == at("retrospective", looking.pk)
    assert (looking.facilitator, looking.votes_each, left_of(looking, clock.now())) == (cast.member, 4, 300)
    told = Notice.objects.filter(kind=NoticeKind.LOOK_BACK)
    assert [notice.membership for notice in told] == [cast.member]
    refused = sign_in(cast.member).post(cast.url("retrospectives/new/"), sent | {"team": cast.online.pk})
    assert refused.status_code == 422


def test_an_objective_is_looked_back_at_by_itself_beside_its_team(cast, sign_in, looking):
    objective = cast.objective()
    address = f"{cast.url('retrospectives/new/')}?objective={objective.pk}"
    client = sign_in(cast.member)  # who owns its key results
    assert objective.title in client.get(address).content.decode()
    sent = {"facilitator": cast.member.pk, "votes_each": 3}
    client.post(address, sent)
    client.post(address, sent)
    assert Retrospective.objects.filter(objective=objective).count() == 1
    assert sign_in(cast.colleague).get(address).status_code == 403
    assert sign_in(cast.stranger).get(address).status_code == 404


def test_a_cycle_that_has_not_begun_is_not_looked_back_at(cast):
    cast.cycle.start = cast.organization.today + timedelta(days=1)
    with pytest.raises(Refusal) as refusal:
        start_retrospective(cast.cycle, cast.sales, by=cast.manager)
    assert refusal.value.code == "not_begun"


# Writing: nobody reads anybody else


def test_while_people_write_no_door_tells_anybody_elses_words(cast, sign_in, looking):
    (note,) = written(looking, cast.member, SECRET)
    api = f"/api/v1/o/hokuto/retrospectives/{looking.pk}/"
    hidden = {
        at("retrospective", looking.pk): 200,
        at("retrospective_live", looking.pk): 200,
        at("retrospective_csv", looking.pk): 302,
        at("retrospective_note", note.pk): 404,
        f"{api}notes/": 200,
        f"{api}notes/{note.pk}/": 404,
    }
    for person in (cast.manager, cast.admin, cast.colleague):
        client = sign_in(person)
        for address, status in hidden.items():
            answer = client.get(address)
            assert (answer.status_code, SECRET in answer.content.decode()) == (status, False), address
        assert client.get(api).json()["notes"] == 1
        found = client.get(cast.url("retrospectives/"), {"q": SECRET})
        assert at("retrospective", looking.pk) not in found.content.decode()
    assert SECRET in sign_in(cast.member).get(at("retrospective", looking.pk)).content.decode()
    assert "メモは1枚" in live(sign_in(cast.manager), looking).json()["parts"]["head"]


def test_the_history_tells_nobody_who_wrote_which_note_also_when_it_is_revealed(cast, sign_in, looking):
    sign_in(cast.member).post(at("add_retrospective_note", looking.pk), {"question": "missed", "text": SECRET})
    client = sign_in(cast.admin)
    for stage in (Stage.GROUPING, Stage.VOTING):
        page, api = cast.url("settings/history/"), "/api/v1/o/hokuto/audit-events/"
        told = client.get(page).content.decode() + client.get(api, {"page_size": 500}).content.decode()
        told += b"".join(client.get(page, {"download": "csv"})).decode()
        told += b"".join(client.get(cast.url(f"settings/members/{cast.member.pk}/data/"))).decode()
        assert "objectives_retrospective" in told
        assert "retrospectivenote" not in told
        assert SECRET not in told
        move_stage(looking, stage)


def test_what_was_revealed_is_read_by_all_and_never_hidden_again(cast, sign_in, looking):
    written(looking, cast.member, SECRET)
    move_stage(looking, Stage.GROUPING)
    for person in (cast.manager, cast.colleague):
        assert SECRET in sign_in(person).get(at("retrospective", looking.pk)).content.decode()
    with pytest.raises(Refusal) as refusal:
        move_stage(looking, Stage.WRITING)
    assert refusal.value.code == "no_way_there"
    late = written(looking, cast.manager, "あとから一つ")[0]
    assert late in RetrospectiveNote.objects.visible_to(cast.member)


def test_a_note_sent_twice_is_written_once_and_a_refused_one_stays_typed(cast, sign_in, looking):
    client, key = sign_in(cast.member), str(uuid.uuid4())
    sent = {"question": "missed", "text": f" {SECRET}\n", "cause": "others", "submission_key": key}
    address = at("add_retrospective_note", looking.pk)
    assert client.post(address, sent, headers=JS).status_code == 204
    assert client.post(address, sent).status_code == 302
    note = RetrospectiveNote.objects.get()
    assert (note.text, note.cause, note.author) == (SECRET, "others", cast.member)
    page = client.post(address, {"question": "missed", "text": "長" * 301})
    assert page.status_code == 422
    assert "長" * 301 in page.content.decode()
    assert client.post(address, {"question": "missed", "text": " "}, headers=JS).status_code == 422
    assert sign_in(cast.colleague).post(address, sent).status_code == 403
    assert sign_in(cast.partner).post(address, sent).status_code == 404
    other = cast.key_result(cast.objective(team=cast.online, owner=cast.colleague))
    assert client.post(address, sent | {"key_result": other.pk}, headers=JS).status_code == 422


def test_only_its_writer_changes_a_note_takes_it_back_and_restores_it(cast, sign_in, looking):
    (note,) = written(looking, cast.member, "ひとこと")
    client = sign_in(cast.member)
    sent = {"question": "improve", "text": "もう一言", "version": note.version}
    client.post(at("retrospective_note", note.pk), sent)
    note.refresh_from_db()
    assert (note.text, note.question) == ("もう一言", "improve")
    assert client.post(at("retrospective_note", note.pk), sent).status_code == 422  # somebody was faster
    client.post(at("withdraw_retrospective_note", note.pk))
    assert not RetrospectiveNote.objects.visible_to(cast.member).exists()
    client.post(at("restore_retrospective_note", note.pk))
    assert RetrospectiveNote.objects.visible_to(cast.member).exists()
    move_stage(looking, Stage.GROUPING)
    for act in (withdraw_note, restore_note):
        with pytest.raises(Refusal) as refusal:
            act(note, by=cast.manager)
        assert refusal.value.code == "not_yours"
    move_stage(looking, Stage.VOTING)
    late = client.post(at("retrospective_note", note.pk), {"question": "improve", "text": "遅れて"}, follow=True)
    assert "投票の前" in late.content.decode()


def test_what_was_taken_out_or_back_a_moment_ago_is_refused_in_words(cast, looking):
    (note,) = written(looking, cast.member, "ひとこと")
    move_stage(looking, Stage.GROUPING)
    withdraw_note(note, by=cast.member)
    for act in (lambda: sort_note(note, "focus"), lambda: learn_from(note, by=cast.manager, text="学び")):
        with pytest.raises(Refusal) as refusal:
            act()
        assert refusal.value.code == "taken_out"
    Retrospective.objects.filter(pk=looking.pk).delete()
    with pytest.raises(Refusal) as refusal:
        add_minute(looking)
    assert refusal.value.code == "taken_back"


# Gathering


def test_notes_lie_one_deep_and_bring_what_lies_under_them_along(cast, looking):
    one, two, three = written(looking, cast.member, "一", "二", "三")
    with pytest.raises(Refusal) as refusal:
        group_note(one, two)
    assert refusal.value.code == "hidden"
    move_stage(looking, Stage.GROUPING)
    group_note(two, one)
    group_note(one, three)
    group_note(three, two)  # onto what lies under it already: nothing happens
    looking.refresh_from_db()
    (group,) = groups_of(looking, cast.manager)
    assert (group.head, group.gathered) == (three, [one, two])
    group_note(one, None)
    assert [len(each.notes) for each in groups_of(looking, cast.manager)] == [1, 2]
    sort_note(one, "others")
    assert RetrospectiveNote.objects.get(pk=one.pk).cause == "others"
    withdraw_note(RetrospectiveNote.objects.get(pk=three.pk), by=cast.member)
    assert [len(each.notes) for each in groups_of(looking, cast.manager)] == [1, 1]


# Voting


def test_votes_are_few_one_on_a_note_and_told_when_voting_ends(cast, sign_in, looking):
    one, two = written(looking, cast.member, "一", "二")
    Retrospective.objects.update(votes_each=1)
    move_stage(looking, Stage.GROUPING)
    with pytest.raises(Refusal) as refusal:
        vote(one, by=cast.member)
    assert refusal.value.code == "not_voting"
    move_stage(looking, Stage.VOTING)
    client = sign_in(cast.member)
    for _again in range(2):
        assert client.post(at("vote_for_note", two.pk), {"vote": "yes"}, headers=JS).status_code == 204
    assert client.post(at("vote_for_note", one.pk), {"vote": "yes"}, headers=JS).status_code == 422
    assert RetrospectiveVote.objects.count() == 1
    vote(two, by=cast.manager)
    notes = f"/api/v1/o/hokuto/retrospectives/{looking.pk}/notes/"
    assert [row["votes"] for row in client.get(notes).json()["results"]] == [None, None]
    move_stage(looking, Stage.TALKING)
    rows = client.get(notes).json()["results"]
    assert [row["votes"] for row in rows] == [0, 2]
    assert not {"author", "voters"} & rows[0].keys()
    looking.refresh_from_db()
    assert [group.head for group in groups_of(looking, cast.admin)] == [two, one]
    group_note(two, one)  # votes come along, one of each person
    assert groups_of(looking, cast.admin)[0].votes == 2


@pytest.mark.django_db(transaction=True)
def test_several_votes_at_the_same_moment_keep_to_the_limit(cast, looking):
    notes = written(looking, cast.member, *"一二三四五六")
    for stage in (Stage.GROUPING, Stage.VOTING):
        move_stage(looking, stage)
    barrier = Barrier(len(notes))

    def give(note: RetrospectiveNote) -> None:
        try:
            barrier.wait(20)
            vote(note, by=cast.member)
        except Refusal:
            pass
        finally:
            connection.close()

    threads = [Thread(target=give, args=(note,)) for note in notes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert RetrospectiveVote.objects.count() == looking.votes_each


# Leading


def test_who_leads_moves_the_stages_and_hands_the_lead_over(cast, sign_in, looking):
    written(looking, cast.member, SECRET)
    client = sign_in(cast.member)
    assert client.post(at("move_retrospective", looking.pk), {"to": "grouping"}).status_code == 403
    hand_over(looking, cast.member)
    for _twice in range(2):  # as when two who lead press at the same moment
        client.post(at("move_retrospective", looking.pk), {"to": "grouping"})
    looking.refresh_from_db()
    assert (looking.stage, looking.facilitator) == (Stage.GROUPING, cast.member)
    assert client.post(at("move_retrospective", looking.pk), {"to": "ended"}, headers=JS).status_code == 422
    assert sign_in(cast.manager).post(at("move_retrospective", looking.pk), {"to": "voting"}).status_code == 302
    with pytest.raises(Refusal) as refusal:
        hand_over(looking, cast.partner)
    assert refusal.value.code == "nobody_here"


def test_one_begun_by_mistake_is_taken_back_until_somebody_writes(cast, sign_in, looking):
    client = sign_in(cast.manager)
    (note,) = written(looking, cast.member, SECRET)
    client.post(at("discard_retrospective", looking.pk))
    assert Retrospective.objects.exists()
    note.delete()
    client.post(at("discard_retrospective", looking.pk))
    assert not Retrospective.objects.exists()


def test_the_timer_runs_by_the_servers_clock(cast, sign_in, looking, move_clock):
    client = sign_in(cast.manager)
    assert client.post(at("set_retrospective_timer", looking.pk), {"minutes": "999"}, headers=JS).status_code == 422
    client.post(at("set_retrospective_timer", looking.pk), {"minutes": "3"})
    move_clock("2026-05-20T10:01:00+09:00")
    looking.refresh_from_db()
    assert left_of(looking, clock.now()) == 120
    pause_timer(looking)
    move_clock("2026-05-20T10:30:00+09:00")
    looking = add_minute(looking)
    assert (left_of(looking, clock.now()), looking.timer_ends_at) == (180, None)
    looking = start_timer(looking)
    assert looking.timer_ends_at == clock.now() + timedelta(minutes=3)
    move_clock("2026-05-20T10:40:00+09:00")
    assert left_of(looking, clock.now()) == 0


def test_open_pages_are_answered_only_when_something_changed(cast, sign_in, looking):
    client = sign_in(cast.member)
    client.get(at("retrospective", looking.pk))
    tag = live(client, looking)["ETag"]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert live(client, looking, tag).status_code == 304
    assert len([query for query in asked if "objectives_retrospective" in query["sql"]]) == 1
    say_ready(looking, by=cast.manager)
    changed = live(client, looking, tag)
    assert changed.status_code == 200
    assert "書き終えた人は1人" in changed.json()["parts"]["head"]
    written(looking, cast.manager, SECRET)
    assert live(client, looking, changed["ETag"]).status_code == 200
    move_stage(looking, Stage.GROUPING)
    end_retrospective(looking, by=cast.manager)
    assert live(client, looking).json() == {"ended": True}
    assert live(sign_in(cast.partner), looking).status_code == 404
    assert live(sign_in(cast.stranger), looking).status_code == 404


def test_words_that_several_write_are_not_written_over_unseen(cast, sign_in, looking):
    address = at("write_summary", looking.pk)
    sign_in(cast.member).post(address, {"summary": "早く始める", "was": ""})
    late = sign_in(cast.manager).post(address, {"summary": "絞り込む", "was": ""})
    assert late.status_code == 422
    assert "絞り込む" in late.content.decode()
    long = sign_in(cast.manager).post(address, {"summary": "長" * 2001, "was": "早く始める"})
    assert (long.status_code, "2000文字以内" in long.content.decode()) == (422, True)
    looking.refresh_from_db()
    assert looking.summary == "早く始める"


# Deciding, and the end


def test_a_note_becomes_one_lesson_and_actions_for_anybody(cast, sign_in, looking):
    key_result = cast.key_result(cast.objective())
    note, _new = add_note(
        looking, SECRET, by=cast.member, question=Question.MISSED, key_result=key_result, cause="others"
    )
    for stage in (Stage.GROUPING, Stage.TALKING):
        move_stage(looking, stage)
    client = sign_in(cast.member)
    for _twice in range(2):
        sent = {"text": "承認は先に取る", "advice": "月初に頼む"}
        assert client.post(at("learn_from_note", note.pk), sent, headers=JS).status_code == 204
    lesson = Lesson.objects.get()
    assert (lesson.note, lesson.retrospective, lesson.team, lesson.cycle) == (note, looking, cast.sales, cast.cycle)
    assert (lesson.key_result, lesson.cause, lesson.question) == (key_result, "others", "missed")
    key = str(uuid.uuid4())
    for _twice in range(2):  # given to somebody else by whoever takes part
        sent = {"title": "承認の順を変える", "owner": cast.manager.pk, "submission_key": key}
        assert client.post(at("act_on_note", note.pk), sent, headers=JS).status_code == 204
    action = Action.objects.get()
    assert (action.owner, action.retrospective, action.key_result) == (cast.manager, looking, key_result)
    assert client.post(at("act_on_note", note.pk), {"title": ""}).status_code == 422


def test_the_result_is_kept_as_it_stood_and_opened_again_within_a_day(cast, sign_in, looking, move_clock):
    objective = cast.objective(title="午後を支える")
    (note,) = written(looking, cast.member, "=1+1 紹介が効いた", question=Question.SUCCEEDED)
    say_ready(looking, by=cast.member)
    with pytest.raises(Refusal) as refusal:
        end_retrospective(looking, by=cast.manager)
    assert refusal.value.code == "still_hidden"
    for stage in (Stage.GROUPING, Stage.TALKING):
        move_stage(looking, stage)
    learn_from(note, by=cast.manager, text="紹介を頼む")
    act_on_note(note, by=cast.manager, title="頼む相手を挙げる", owner=cast.member, due_on=None)
    for _twice in range(2):
        end_retrospective(looking, by=cast.manager)
    assert Notice.objects.filter(kind=NoticeKind.LOOKED).values_list("membership", flat=True).get() == cast.member.pk
    objective.title = "別の名前"
    objective.save()
    page = sign_in(cast.colleague).get(at("retrospective", looking.pk)).content.decode()
    for words in ("午後を支える", "紹介を頼む", "頼む相手を挙げる", cast.member.user.name, "紹介が効いた"):
        assert words in page
    assert "別の名前" not in page
    table = sign_in(cast.colleague).get(at("retrospective_csv", looking.pk)).content.decode()
    assert "'=1+1" in table
    assert "紹介を頼む" in table
    again = reopen_retrospective(looking, by=cast.manager)
    assert again.stage == Stage.TALKING
    end_retrospective(again, by=cast.manager)
    move_clock("2026-05-22T10:00:00+09:00")
    with pytest.raises(Refusal) as refusal:
        reopen_retrospective(again, by=cast.manager)
    assert refusal.value.code == "ended_long_ago"
    with pytest.raises(Refusal) as refusal:
        add_note(again, "遅い", by=cast.member, question=Question.MISSED)
    assert refusal.value.code == "retrospective_ended"


# The list and other programs


def test_the_list_shows_what_runs_then_each_cycle_and_is_searched(cast, sign_in, looking):
    old = start_retrospective(cast.closed_cycle, cast.sales, by=cast.manager)[0]
    written(old, cast.member, SECRET)
    move_stage(old, Stage.GROUPING)
    end_retrospective(old, by=cast.manager)
    client, address = sign_in(cast.colleague), cast.url("retrospectives/")
    page = client.get(address).content.decode()
    assert 0 < page.index(at("retrospective", looking.pk)) < page.index(at("retrospective", old.pk))
    for asked in ({"q": SECRET}, {"cycle": cast.closed_cycle.pk}):
        found = client.get(address, asked).content.decode()
        assert at("retrospective", old.pk) in found
        assert at("retrospective", looking.pk) not in found
    assert at("retrospective", old.pk) not in client.get(address, {"team": cast.online.pk}).content.decode()
    assert client.get(address, {"q": "ない言葉", "cycle": "x", "page": "9"}).status_code == 200
    assert sign_in(cast.partner).get(address).status_code == 404


def test_the_room_asks_as_many_questions_for_sixty_notes_as_for_two(cast, sign_in, looking):
    client = sign_in(cast.member)
    cast.objective()
    counts = []
    for number in (2, 58):
        RetrospectiveNote.objects.bulk_create(
            RetrospectiveNote(retrospective=looking, author=cast.member, question="missed", text=f"メモ {each}")
            for each in range(number)
        )
        Retrospective.objects.update(stage=Stage.GROUPING)
        client.get(at("retrospective", looking.pk))
        with CaptureQueriesContext(connection) as asked:
            client.get(at("retrospective", looking.pk))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_other_programs_begin_one_write_notes_and_filter(cast, sign_in):
    client, api = sign_in(cast.member), "/api/v1/o/hokuto/retrospectives/"
    given = {"cycle": cast.cycle.pk, "team": cast.sales.pk}
    first = client.post(api, given, content_type="application/json")
    assert (first.status_code, first.json()["stage"], first.json()["facilitator"]) == (201, "writing", cast.member.pk)
    assert client.post(api, given, content_type="application/json").json()["id"] == first.json()["id"]
    assert client.post(api, {}, content_type="application/json").status_code == 400
    foreign = given | {"team": cast.online.pk}
    assert client.post(api, foreign, content_type="application/json").status_code == 403
    notes = f"{api}{first.json()['id']}/notes/"
    note = {"question": "measure", "text": SECRET, "submission_key": str(uuid.uuid4())}
    for _twice in range(2):
        assert client.post(notes, note, content_type="application/json").json()["is_own"] is True
    assert client.get(notes).json()["count"] == 1
    assert sign_in(cast.manager).get(notes).json()["count"] == 0
    assert sign_in(cast.colleague).post(notes, note, content_type="application/json").status_code == 403
    for asked, count in (({"stage": "writing"}, 1), ({"stage": "ended"}, 0), ({"team": cast.online.pk}, 0)):
        assert client.get(api, asked).json()["count"] == count
    assert sign_in(cast.partner).get(api).json()["count"] == 0


def test_what_never_began_is_not_looked_back_at(cast, sign_in):
    draft = cast.objective(state=ObjectiveState.DRAFT)
    assert sign_in(cast.manager).get(f"{cast.url('retrospectives/new/')}?objective={draft.pk}").status_code == 403


def test_whoever_only_reads_is_not_waited_for(cast, sign_in, looking):
    reader, place = sign_in(cast.colleague), cast.url(f"retrospectives/{looking.pk}/")
    before = RetrospectivePresence.objects.count()
    assert reader.get(place).status_code == reader.get(f"{place}live/").status_code == 200
    assert RetrospectivePresence.objects.count() == before
    sign_in(cast.member).get(place)
    assert RetrospectivePresence.objects.filter(membership=cast.member).exists()
