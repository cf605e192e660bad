"""Lessons: written once, tied to what they are about, found again, retired and brought back."""

from __future__ import annotations

import uuid

import pytest

from objectives.models import Cause, Lesson, Question, Retrospective, RetrospectiveNote
from objectives.services.lessons import add_lesson, restore_lesson, retire_lesson, save_lesson
from people.refusals import Refusal

pytestmark = pytest.mark.django_db


def written(by, **fields):
    return add_lesson(Lesson(**{"text": "試飲をした週だけ、商談が増えた"} | fields), by=by)[0]


def test_a_lesson_takes_team_and_cycle_from_its_key_result_and_a_repeated_one_is_the_first(cast):
    key_result = cast.objective(cycle=cast.cycle).key_results.first()
    key = uuid.uuid4()
    lesson = Lesson(text=" 試飲を\n先に ", key_result=key_result, submission_key=key)
    first, is_new = add_lesson(lesson, by=cast.colleague)
    assert (first.text, is_new) == ("試飲を 先に", True)
    assert (first.team, first.cycle, first.objective) == (cast.sales, cast.cycle, key_result.objective)
    again, is_new = add_lesson(Lesson(text="別の言葉", submission_key=key), by=cast.colleague)
    assert (again, is_new) == (first, False)


def test_a_note_makes_one_lesson_and_brings_a_retired_one_back(cast):
    looked_back = Retrospective.objects.create(
        organization=cast.organization, cycle=cast.cycle, team=cast.online, facilitator=cast.manager
    )
    note = RetrospectiveNote.objects.create(
        retrospective=looked_back,
        author=cast.member,
        question=Question.MISSED,
        text="始めるのが遅かった",
        cause=Cause.START,
    )
    first, is_new = add_lesson(Lesson(note=note, question=note.question), by=cast.manager)
    assert (first.text, first.cause, first.team, is_new) == (note.text, Cause.START, cast.online, True)
    retire_lesson(first, by=cast.manager)
    again, is_new = add_lesson(Lesson(note=note), by=cast.admin)
    assert (again, is_new, again.retired_at) == (first, False, None)


def test_empty_foreign_and_partners_lessons_are_refused(cast):
    strange = cast.stranger.organization
    for by, fields, code in [
        (cast.member, {"text": "　 "}, "text_missing"),
        (cast.member, {"team": strange.teams.get()}, "other_organization"),
        (cast.member, {"cycle": strange.cycles.get()}, "other_organization"),
        (cast.partner, {}, "partner"),
    ]:
        with pytest.raises(Refusal) as refused:
            written(by, **fields)
        assert refused.value.code == code
    assert not Lesson.objects.exists()


def test_a_lesson_is_changed_retired_and_brought_back_and_all_of_it_twice(cast):
    lesson = written(cast.member)
    assert lesson.team == cast.sales
    lesson.advice = "四半期の初めに試飲を置く"
    assert [save_lesson(lesson, by=cast.member).version for _ in range(2)] == [2, 2]
    lesson.advice = "やめる"
    with pytest.raises(Refusal) as refused:
        save_lesson(lesson, by=cast.member, expected_version=1)
    assert refused.value.code == "stale"
    assert [retire_lesson(lesson, by=cast.member).version for _ in range(2)] == [3, 3]
    assert not Lesson.objects.visible_to(cast.admin).exists()
    with pytest.raises(Refusal) as refused:
        save_lesson(lesson, by=cast.member)
    assert refused.value.code == "retired"
    assert [restore_lesson(lesson, by=cast.member).version for _ in range(2)] == [4, 4]


def test_lessons_are_written_found_changed_and_retired_on_their_pages(cast, sign_in):
    key_result = cast.objective().key_results.first()
    client = sign_in(cast.member)
    address = cast.url(f"lessons/new/?key_result={key_result.pk}")
    opened = client.get(address).context["form"]
    assert (opened["team"].value(), opened["cycle"].value()) == (cast.sales.pk, cast.cycle.pk)
    sent = {"text": "", "question": "missed", "cause": "start", "key_result": key_result.pk, "team": cast.sales.pk}
    refused = client.post(address, sent | {"advice": "四月に始める"})
    assert refused.status_code == 422
    assert "四月に始める" in refused.content.decode()
    key = uuid.uuid4()
    for _twice in range(2):
        answer = client.post(address, sent | {"text": "始めるのが遅れた", "submission_key": key})
        assert answer.status_code == 302
    lesson = Lesson.objects.get()
    assert (lesson.key_result, lesson.cause, answer.url) == (key_result, Cause.START, cast.url(f"lessons/{lesson.pk}/"))

    written(cast.colleague, text="別のチームの学び", team=cast.online)
    for asked, found in [
        ("", 2),
        (f"?team={cast.sales.pk}", 1),
        (f"?team={cast.company.pk}", 2),
        ("?cause=start", 1),
        ("?cause=unsorted&question=missed", 0),
        ("?q=遅れた", 1),
    ]:
        assert client.get(cast.url(f"lessons/{asked}")).context["page"].paginator.count == found, asked

    edited = cast.url(f"lessons/{lesson.pk}/edit/")
    assert client.post(edited, sent | {"text": "遅れた", "version": 1}).status_code == 302
    assert client.post(edited, sent | {"text": "別", "version": 1}).status_code == 422
    for _twice in range(2):
        assert client.post(cast.url(f"lessons/{lesson.pk}/retire/")).status_code == 302
    assert sign_in(cast.colleague).get(cast.url(f"lessons/{lesson.pk}/")).status_code == 404
    assert sign_in(cast.member).post(cast.url(f"lessons/{lesson.pk}/restore/")).status_code == 302
    lesson.refresh_from_db()
    assert (lesson.text, lesson.retired_at) == ("遅れた", None)


def test_the_list_of_lessons_asks_as_often_however_many_there_are(cast, sign_in, django_assert_max_num_queries):
    client = sign_in(cast.member)
    key_result = cast.objective().key_results.first()
    for number in range(12):
        written(cast.member, text=f"学び {number}", key_result=key_result)
    with django_assert_max_num_queries(14):
        assert len(client.get(cast.url("lessons/")).context["page"].object_list) == 12


def test_a_lesson_about_the_same_measure_stands_beside_the_draft_of_a_key_result(cast, sign_in):
    (ended,) = cast.many(1, cycle=cast.closed_cycle)
    measured = cast.drafted(ended, title="商談からの受注率", unit="%")
    measured.save()
    for number, team in enumerate((cast.online, cast.sales, cast.online)):
        advice = "見積もりは当日に送る"
        written(cast.member, text=f"学び {number}", advice=advice, key_result=measured, team=team)
    retire_lesson(written(cast.member, text="古い学び", key_result=measured), by=cast.member)
    written(cast.member, text="関わりのない学び", measure="月の残業時間")
    client = sign_in(cast.manager)
    typed = {"title": "提案が選ばれる", "team": cast.sales.pk, "cycle": cast.cycle.pk, "row": ["n1", "n2"]}
    typed |= {"n1-title": "受注率を25%にする", "n1-kind": "reach", "n2-title": "新しい商談", "n2-kind": "reach"}
    answer = client.post(cast.url("plan/objectives/coach/"), typed)
    beside = {margin.where: [row.text for row in margin.learned] for margin in answer.context["margins"]}
    assert beside == {"objective": [], "n1": ["学び 1", "学び 2"], "n2": []}
    assert "見積もりは当日に送る" in answer.content.decode()


def test_the_lessons_of_the_objective_it_came_from_stand_beside_its_draft(cast, sign_in):
    (before,) = cast.many(1, cycle=cast.closed_cycle)
    written(cast.member, text="始めるのが遅れた", objective=before)
    carried = cast.objective(state="draft", carried_from=before)
    page = sign_in(cast.manager).get(cast.url(f"objectives/{carried.pk}/draft/"))
    assert [row.text for row in page.context["learned_before"]] == ["始めるのが遅れた"]
    assert "始めるのが遅れた" in page.content.decode()


def test_a_file_of_lessons_names_the_day_of_the_organization(cast, sign_in, move_clock):
    move_clock("2026-05-20T08:00:00+09:00")
    written(cast.member)
    told = sign_in(cast.member).get(cast.url("lessons/"), {"download": "csv"}).content.decode()
    assert "2026-05-20" in told
