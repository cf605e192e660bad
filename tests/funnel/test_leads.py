"""Leads: added, judged, moved by a criterion, taken back, removed and erased."""

from datetime import date
from uuid import uuid4

import pytest

from funnel.models import Lead, LeadMove
from funnel.queries.matrices import cells_on
from funnel.services.leads import (
    erase_lead,
    move_leads,
    remove_lead,
    restore_lead,
    save_lead,
    undo_moves,
)
from funnel.services.matrices import save_fit_rule
from people.models import AuditEvent
from people.refusals import Refusal
from tests.cast import TODAY
from tests.funnel.matrix import LARGE, judged_matrix, make_lead, make_matrix, stage

pytestmark = pytest.mark.django_db


def test_a_lead_is_judged_when_it_comes_and_its_coming_is_a_move(cast):
    matrix = judged_matrix(cast)
    lead = make_lead(matrix, cast.member, industry="精密機器製造", employees=120)
    assert (lead.fit, lead.stage.name, lead.since) == ("A", "潜在", TODAY)
    (move,) = LeadMove.objects.all()
    assert (move.from_stage, move.from_fit, move.to_fit, move.date, move.by) == (None, "", "A", TODAY, cast.member)


def test_the_same_lead_is_not_added_twice(cast):
    matrix = make_matrix(cast.manager)
    key = uuid4()
    first = make_lead(matrix, cast.manager, submission_key=key)
    assert make_lead(matrix, cast.manager, submission_key=key) == first
    with pytest.raises(Refusal) as refused:
        make_lead(matrix, cast.manager, "㈱青葉精機")
    assert (refused.value.code, refused.value.more) == ("lead_known", {"lead": first.pk})
    make_lead(matrix, cast.manager, "青葉精機", contact="山田")
    make_lead(make_matrix(cast.manager, name="別"), cast.manager)


def test_a_fit_follows_what_is_known_until_somebody_sets_it(cast):
    matrix = judged_matrix(cast)
    lead = make_lead(matrix, cast.manager, industry="製造業")
    assert lead.fit == "B"
    lead.employees = 300
    lead = save_lead(lead, by=cast.manager, expected_version=1)
    assert (lead.fit, lead.version) == ("A", 2)
    lead.fit, lead.fit_is_set = "C", True
    assert save_lead(lead, by=cast.manager).fit == "C"
    assert [(move.from_fit, move.to_fit) for move in lead.moves.order_by("id")] == [("", "B"), ("B", "A"), ("A", "C")]
    assert save_lead(lead, by=cast.manager, expected_version=1).version == 3


def test_several_leads_are_moved_in_one_act_and_taken_back_in_one(cast):
    matrix = make_matrix(cast.manager)
    leads = [make_lead(matrix, cast.manager, f"会社{number}", since=date(2026, 5, 1)) for number in range(3)]
    ids = [lead.pk for lead in leads]
    to = stage(matrix, "顕在化")
    moves = move_leads(matrix, ids, stage=to, date=date(2026, 5, 18), reason="資料請求", by=cast.manager)
    assert len(moves) == 3
    assert move_leads(matrix, ids, stage=to, by=cast.manager) == []
    assert {(lead.stage, lead.since) for lead in Lead.objects.all()} == {(to, date(2026, 5, 18))}
    on = stage(matrix, "アポ獲得")
    move_leads(matrix, ids[:1], stage=on, by=cast.manager)
    assert undo_moves(moves[0], by=cast.manager) == 2
    assert undo_moves(moves[0], by=cast.manager) == 0
    back = {lead.pk: (lead.stage.name, lead.since) for lead in Lead.objects.select_related("stage")}
    assert back == {
        ids[0]: ("アポ獲得", TODAY),
        ids[1]: ("潜在", date(2026, 5, 1)),
        ids[2]: ("潜在", date(2026, 5, 1)),
    }
    assert LeadMove.objects.exclude(withdrawn_at=None).count() == 2


def test_a_lead_that_returns_keeps_its_fit_and_its_moves_still_add_up(cast):
    matrix = make_matrix(cast.manager)
    lead = make_lead(matrix, cast.manager, since=date(2026, 5, 1))
    (move,) = move_leads(matrix, [lead.pk], stage=stage(matrix, "顕在化"), by=cast.manager)
    lead.refresh_from_db()
    lead.fit, lead.fit_is_set = "A", True
    save_lead(lead, by=cast.manager)
    assert undo_moves(move, by=cast.manager) == 1
    first = stage(matrix, "潜在").pk
    cells = cells_on(matrix, date(2026, 5, 1))
    assert {cell: count for cell, count in cells.items() if count} == {(first, "C"): 1}
    assert {cell: count for cell, count in cells_on(matrix, TODAY).items() if count} == {(first, "A"): 1}


def test_whoever_moved_a_lead_does_not_take_it_back_once_others_look_after_it(cast, sign_in):
    matrix = make_matrix(cast.manager)
    lead = make_lead(matrix, cast.manager)
    (move,) = move_leads(matrix, [lead.pk], stage=stage(matrix, "顕在化"), by=cast.member)
    Lead.objects.update(owner=cast.colleague)
    assert sign_in(cast.member).post(at(cast, matrix, f"moves/{move.pk}/undo/")).status_code == 302
    lead.refresh_from_db()
    assert lead.stage.name == "顕在化"


@pytest.mark.parametrize(("day", "code"), [(date(2026, 5, 21), "day"), (date(2026, 5, 9), "before_last")])
def test_a_move_happens_neither_tomorrow_nor_before_the_last_one(cast, day, code):
    matrix = make_matrix(cast.manager)
    lead = make_lead(matrix, cast.manager, since=date(2026, 5, 10))
    with pytest.raises(Refusal) as refused:
        move_leads(matrix, [lead.pk], stage=stage(matrix, "顕在化"), date=day, by=cast.manager)
    assert (refused.value.code, list(refused.value.fields)) == (code, ["date"])


def test_leads_of_another_matrix_are_not_moved(cast):
    matrix, other = make_matrix(cast.manager), make_matrix(cast.manager, name="別")
    lead = make_lead(other, cast.manager)
    assert move_leads(matrix, [lead.pk], stage=stage(matrix, "受注"), by=cast.manager) == []
    with pytest.raises(Refusal) as refused:
        move_leads(matrix, [lead.pk], stage=stage(other, "受注"), by=cast.manager)
    assert refused.value.code == "stage"


def test_a_removed_lead_comes_back_judged_by_the_conditions_of_now(cast):
    matrix = make_matrix(cast.manager)
    lead = make_lead(matrix, cast.manager, employees=200)
    for _ in range(2):
        remove_lead(lead, by=cast.manager)
    assert not Lead.objects.visible_to(cast.manager).exists()
    save_fit_rule(matrix, fit="A", conditions=LARGE, by=cast.manager)
    for _ in range(2):
        assert restore_lead(lead, by=cast.manager).fit == "A"


def test_a_removed_lead_does_not_come_back_beside_the_same_one(cast):
    matrix = make_matrix(cast.manager)
    lead = make_lead(matrix, cast.manager)
    remove_lead(lead, by=cast.manager)
    make_lead(matrix, cast.manager)
    with pytest.raises(Refusal) as refused:
        restore_lead(lead, by=cast.manager)
    assert refused.value.code == "lead_known"


def test_erasing_takes_the_person_and_leaves_what_was_counted(cast):
    matrix = make_matrix(cast.manager)
    person = {
        "contact": "例野花子",
        "email": "hana@example.com",
        "phone": "03-0000-0000",
        "role": "購買部長",
        "note": "例野さんは多忙",
        "reference": "CRM-77",
    }
    lead = make_lead(matrix, cast.manager, **person)
    with pytest.raises(Refusal) as refused:
        erase_lead(lead, by=cast.manager)
    assert refused.value.code == "not_removed"
    remove_lead(lead, by=cast.manager)
    for _ in range(2):
        erase_lead(lead, by=cast.manager)
    lead.refresh_from_db()
    assert not any(getattr(lead, name) for name in person)
    assert lead.company
    assert lead.moves.count() == 1
    kept = AuditEvent.objects.filter(table="funnel_lead", row=lead.pk)
    assert kept
    assert not any(secret in str(event.before) + str(event.after) for event in kept for secret in person.values())
    with pytest.raises(Refusal) as refused:
        restore_lead(lead, by=cast.manager)
    assert refused.value.code == "erased"


# The pages


def at(cast, matrix, tail=""):
    return cast.url(f"matrix/{matrix.pk}/leads/{tail}")


def test_the_list_is_searched_narrowed_and_downloaded_at_a_constant_cost(cast, sign_in, django_assert_max_num_queries):
    matrix = make_matrix(cast.manager)
    for number in range(60):
        make_lead(matrix, cast.manager, f"会社{number:02}", source="紹介" if number % 2 else "=1+1")
    make_lead(matrix, cast.manager, "ミナト物流", contact="例野花子", owner=cast.member)
    client = sign_in(cast.member)
    with django_assert_max_num_queries(16):
        page = client.get(at(cast, matrix)).content.decode()
    assert "会社00" in page
    assert "会社59" not in page
    for query in ("q=みなと", "q=花子", f"owner={cast.member.pk}", "q=ﾐﾅﾄ 花子"):
        page = client.get(at(cast, matrix, f"?{query}")).content.decode()
        assert "ミナト物流" in page
        assert "会社00" not in page
    file = b"".join(client.get(at(cast, matrix, "?download=csv")).streaming_content).decode()
    assert len(file.splitlines()) == 62
    assert ",=1+1" not in file
    for nonsense in ("stage=²", "owner=x", "since=2026-99-99", "page=zero", "sort=;", "fit=Z"):
        assert client.get(at(cast, matrix, f"?{nonsense}")).status_code == 200


def test_a_lead_is_added_edited_moved_and_taken_back_on_its_pages(cast, sign_in):
    matrix = judged_matrix(cast)
    client = sign_in(cast.member)
    first = stage(matrix, "潜在").pk
    typed = {"company": "青葉", "industry": "製造", "employees": "１２０", "stage": first, "date": "2026-05-01"}
    answer = client.post(at(cast, matrix, "new/"), typed | {"owner": cast.member.pk})
    lead = Lead.objects.get()
    assert (answer.status_code, answer.url, lead.fit) == (302, at(cast, matrix, f"{lead.pk}/"), "A")
    twin = client.post(at(cast, matrix, "new/"), typed | {"company": "株式会社青葉"})
    assert (twin.status_code, at(cast, matrix, f"{lead.pk}/") in twin.content.decode()) == (422, True)
    edited = client.post(at(cast, matrix, f"{lead.pk}/edit/"), {"company": "青葉", "employees": "many", "version": 1})
    assert (edited.status_code, "many" in edited.content.decode()) == (422, True)
    stale = client.post(at(cast, matrix, f"{lead.pk}/edit/"), {"company": "青葉工業", "version": 0})
    assert stale.status_code == 422
    shown = client.get(at(cast, matrix, f"move/?lead={lead.pk}")).content.decode()
    assert stage(matrix, "案件化").criteria in shown
    assert client.post(at(cast, matrix, "move/"), {"lead": lead.pk, "date": "2026-05-20"}).status_code == 422
    moved = {"lead": lead.pk, "stage": stage(matrix, "案件化").pk, "date": "2026-05-20", "reason": "価格を聞かれた"}
    assert client.post(at(cast, matrix, "move/"), moved).status_code == 302
    assert "価格を聞かれた" in client.get(at(cast, matrix, f"{lead.pk}/")).content.decode()
    move = lead.moves.exclude(from_stage=None).get()
    for _ in range(2):
        assert client.post(at(cast, matrix, f"moves/{move.pk}/undo/")).status_code == 302
    lead.refresh_from_db()
    assert lead.stage.name == "潜在"
    for act in ("remove", "restore", "remove"):
        assert client.post(at(cast, matrix, f"{lead.pk}/{act}/")).status_code == 302
    assert client.post(at(cast, matrix, f"{lead.pk}/erase/")).status_code == 403
    assert sign_in(cast.manager).post(at(cast, matrix, f"{lead.pk}/erase/")).status_code == 302


def test_a_member_moves_no_lead_that_others_look_after(cast, sign_in):
    matrix = make_matrix(cast.manager)
    lead = make_lead(matrix, cast.manager, owner=cast.colleague)
    client = sign_in(cast.member)
    moved = {"lead": lead.pk, "stage": stage(matrix, "受注").pk, "date": "2026-05-20"}
    assert client.post(at(cast, matrix, "move/"), moved).status_code == 403
    assert client.get(at(cast, matrix, f"{lead.pk}/")).status_code == 200
    assert client.post(at(cast, matrix, f"{lead.pk}/edit/"), {}).status_code == 403
    assert sign_in(cast.partner).get(at(cast, matrix)).status_code == 404
    assert sign_in(cast.stranger).get(at(cast, matrix, f"{lead.pk}/")).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_who_move_one_lead_at_once_leave_one_after_the_other(cast):
    from threading import Barrier, Thread

    from django.db import connection

    matrix = make_matrix(cast.manager)
    lead = make_lead(matrix, cast.manager)
    start = Barrier(2)

    def move(name):
        start.wait()
        move_leads(matrix, [lead.pk], stage=stage(matrix, name), by=cast.manager)
        connection.close()

    threads = [Thread(target=move, args=(name,)) for name in ("顕在化", "案件化")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lead.refresh_from_db()
    first, second = lead.moves.exclude(from_stage=None).order_by("id")
    assert first.from_stage.name == "潜在"
    assert second.from_stage_id == first.to_stage_id
    assert lead.stage_id == second.to_stage_id
