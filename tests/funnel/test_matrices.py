"""Setting up a matrix: its stages with their criteria, and the conditions by which leads are judged."""

from datetime import date
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from funnel.models import CountsAs, Lead, LeadMove, Matrix, MatrixStage, StageKind
from funnel.services.leads import move_leads, remove_lead
from funnel.services.matrices import (
    add_stage,
    move_stage,
    remove_stage,
    restore_matrix,
    retire_matrix,
    save_fit_rule,
    save_matrix,
    save_stage,
)
from people.refusals import Refusal
from tests.funnel.matrix import LARGE, MAKERS, judged_matrix, make_lead, make_matrix, stage

pytestmark = pytest.mark.django_db


def names(matrix):
    return [row.name for row in matrix.stages.all()]


def test_a_matrix_begins_with_the_stages_of_the_house_each_with_a_written_criterion(cast):
    matrix = make_matrix(cast.manager)
    assert names(matrix) == [
        "潜在",
        "準顕在",
        "顕在化",
        "アポ見込み",
        "アポ獲得",
        "訪問済",
        "案件化",
        "受注",
        "失注",
        "ターゲット外",
        "保留",
    ]
    assert all(row.criteria for row in matrix.stages.all())
    counting = {row.counts_as: row.name for row in matrix.stages.exclude(counts_as="")}
    assert counting == {"cvs": "顕在化", "deals": "案件化", "orders": "受注"}
    kinds = {row.name: row.kind for row in matrix.stages.exclude(kind=StageKind.OPEN)}
    assert kinds == {"受注": "won", "失注": "lost", "ターゲット外": "out", "保留": "hold"}


def test_a_form_sent_twice_makes_one_matrix(cast):
    key = uuid4()
    first = make_matrix(cast.manager, submission_key=key)
    assert make_matrix(cast.manager, submission_key=key) == first
    assert Matrix.objects.count() == 1
    with pytest.raises(Refusal) as refused:
        make_matrix(cast.stranger, submission_key=key)
    assert refused.value.code == "submission_key_used"


def test_a_matrix_needs_a_name_days_in_order_and_a_kgi_of_the_house(cast):
    with pytest.raises(Refusal) as refused:
        make_matrix(cast.manager, name="  ")
    assert refused.value.code == "name_missing"
    with pytest.raises(ValidationError):
        make_matrix(cast.manager, ends_on=date(2026, 3, 1))


def test_a_changed_matrix_is_saved_once_and_a_stale_one_refused(cast):
    matrix = make_matrix(cast.manager)
    matrix.name = "関西の製造業"
    assert save_matrix(matrix, by=cast.manager, expected_version=1).version == 2
    assert save_matrix(matrix, by=cast.manager, expected_version=1).version == 2
    matrix.name = "九州"
    with pytest.raises(Refusal) as refused:
        save_matrix(matrix, by=cast.manager, expected_version=1)
    assert refused.value.code == "stale"


def test_a_matrix_with_leads_keeps_its_list(cast):
    matrix = make_matrix(cast.manager)
    make_lead(matrix, cast.manager)
    matrix.has_leads = False
    with pytest.raises(Refusal) as refused:
        save_matrix(matrix, by=cast.manager)
    assert refused.value.code == "has_leads"


def test_a_retired_matrix_hides_its_leads_and_comes_back_with_them(cast):
    matrix = make_matrix(cast.manager)
    make_lead(matrix, cast.manager)
    for _ in range(2):
        retire_matrix(matrix, by=cast.manager)
        assert not Matrix.objects.visible_to(cast.manager).exists()
        assert not Lead.objects.visible_to(cast.manager).exists()
    with pytest.raises(Refusal) as refused:
        make_lead(matrix, cast.manager, "別の会社")
    assert refused.value.code == "retired"
    for _ in range(2):
        restore_matrix(matrix, by=cast.manager)
        assert Lead.objects.visible_to(cast.manager).count() == 1


def test_a_stage_on_the_way_joins_behind_the_others_on_the_way_and_is_renamed_and_moved(cast):
    matrix = make_matrix(cast.manager)
    stage_, is_new = add_stage(MatrixStage(matrix=matrix, name=" 稟議 中 ", criteria="稟議に上がった"), by=cast.manager)
    assert is_new
    assert names(matrix)[6:9] == ["案件化", "稟議 中", "受注"]
    again, is_new = add_stage(MatrixStage(matrix=matrix, name="稟議 中", criteria="稟議に上がった"), by=cast.manager)
    assert (again, is_new) == (stage_, False)
    stage_.name = "社内稟議"
    save_stage(stage_, by=cast.manager, expected_version=stage_.version)
    move_stage(stage_, to=0, by=cast.manager)
    assert names(matrix)[:2] == ["社内稟議", "潜在"]
    assert [row.position for row in matrix.stages.all()] == list(range(12))


def test_two_stages_have_neither_one_name_nor_one_volume(cast):
    matrix = make_matrix(cast.manager)
    with pytest.raises(Refusal) as refused:
        add_stage(MatrixStage(matrix=matrix, name="受注", criteria="別の基準"), by=cast.manager)
    assert refused.value.code == "named_twice"
    with pytest.raises(Refusal) as refused:
        add_stage(MatrixStage(matrix=matrix, name="内示", counts_as=CountsAs.ORDER), by=cast.manager)
    assert (refused.value.code, list(refused.value.fields)) == ("counts_twice", ["counts_as"])


def test_a_stage_in_which_leads_stand_says_how_many_and_where_they_could_go(cast):
    matrix = make_matrix(cast.manager)
    lead = make_lead(matrix, cast.manager, stage=stage(matrix, "準顕在"))
    with pytest.raises(Refusal) as refused:
        remove_stage(stage(matrix, "準顕在"), by=cast.manager)
    assert refused.value.code == "stage_in_use"
    assert all(said in refused.value.detail for said in ("1", "潜在"))
    move_leads(matrix, [lead.pk], stage=stage(matrix, "潜在"), by=cast.manager)
    with pytest.raises(Refusal):
        remove_stage(stage(matrix, "準顕在"), by=cast.manager)
    unused = stage(matrix, "アポ見込み")
    for _ in range(2):
        remove_stage(unused, by=cast.manager)
    assert "アポ見込み" not in names(matrix)
    assert [row.position for row in matrix.stages.all()] == list(range(10))


def test_new_conditions_judge_all_leads_anew_but_those_set_by_hand(cast, django_assert_max_num_queries):
    matrix = make_matrix(cast.manager)
    for number in range(30):
        make_lead(matrix, cast.manager, f"会社{number}", employees=number * 10, industry="製造業")
    by_hand = make_lead(matrix, cast.manager, "手で決めた", employees=500, industry="製造業", fit="C", fit_is_set=True)
    gone = make_lead(matrix, cast.manager, "消えた", employees=500)
    remove_lead(gone, by=cast.manager)
    with django_assert_max_num_queries(8):
        _rule, changed = save_fit_rule(matrix, fit="A", conditions=LARGE, by=cast.manager, expected_version=0)
    assert changed == 20
    assert Lead.objects.filter(fit="A").count() == 20
    by_hand.refresh_from_db()
    assert by_hand.fit == "C"
    moves = LeadMove.objects.filter(from_fit="C", to_fit="A")
    assert moves.count() == 20
    assert {move.from_stage_id for move in moves} == {move.to_stage_id for move in moves} == {by_hand.stage_id}
    assert save_fit_rule(matrix, fit="A", conditions=LARGE, by=cast.manager, expected_version=0)[1] == 0


def test_conditions_of_a_stale_form_are_refused_and_so_are_those_that_cannot_be_asked(cast):
    matrix = judged_matrix(cast)
    with pytest.raises(Refusal) as refused:
        save_fit_rule(matrix, fit="A", conditions=MAKERS, by=cast.manager, expected_version=0)
    assert refused.value.code == "stale"
    with pytest.raises(Refusal) as refused:
        save_fit_rule(matrix, fit="B", conditions=[{"field": "phone"}], by=cast.manager)
    assert refused.value.code == "condition_field"
    with pytest.raises(Refusal):
        save_fit_rule(matrix, fit="C", conditions=[], by=cast.manager)


# The pages


def test_a_matrix_is_made_and_set_up_on_its_pages(cast, sign_in):
    client = sign_in(cast.manager)
    typed = {"name": "関東", "starts_on": "2026-04-01", "ends_on": "2026-09-30", "has_leads": "True"}
    wrong = client.post(cast.url("matrix/new/"), typed | {"ends_on": "2026-03-01"})
    assert (wrong.status_code, "関東" in wrong.content.decode()) == (422, True)
    assert client.post(cast.url("matrix/new/"), typed).status_code == 302
    matrix = Matrix.objects.get()
    stages = cast.url(f"matrix/{matrix.pk}/stages/")
    assert "問い合わせ" in client.get(stages).content.decode()
    assert client.post(stages, {"name": "潜在", "kind": "open"}).status_code == 422
    assert client.post(stages, {"name": "稟議", "kind": "open", "assumed_rate": "30"}).status_code == 302
    added = stage(matrix, "稟議")
    assert str(added.assumed_rate) == "0.300000000000"
    assert client.post(f"{stages}{added.pk}/move/", {"to": "0"}).status_code == 302
    assert names(matrix)[0] == "稟議"
    edited = client.post(f"{stages}{added.pk}/", {"name": "社内稟議", "kind": "open", "version": "2"})
    assert edited.status_code == 302
    make_lead(matrix, cast.manager, stage=stage(matrix, "社内稟議"))
    assert client.post(f"{stages}{added.pk}/remove/").status_code == 422
    assert "関東" in client.get(cast.url("matrix/")).content.decode()
    for act in ("retire", "retire", "restore"):
        assert client.post(cast.url(f"matrix/{matrix.pk}/{act}/")).status_code == 302


def test_conditions_are_counted_before_they_are_saved(cast, sign_in):
    matrix = make_matrix(cast.manager)
    for number in range(5):
        make_lead(matrix, cast.manager, f"会社{number}", employees=number * 100)
    address = cast.url(f"matrix/{matrix.pk}/fits/")
    client = sign_in(cast.manager)
    typed = {"A-0-field": "employees", "A-0-is": "at_least", "A-0-value": "２００", "A-version": "0", "B-version": "0"}
    shown = client.post(address, typed | {"preview": "1"})
    assert (shown.status_code, shown.context["after"]) == (200, {"A": 3, "B": 0, "C": 2})
    assert not Lead.objects.filter(fit="A").exists()
    wrong = client.post(address, typed | {"A-0-value": "many", "save": "1"})
    assert (wrong.status_code, "many" in wrong.content.decode()) == (422, True)
    assert client.post(address, typed | {"save": "1"}).status_code == 302
    assert Lead.objects.filter(fit="A").count() == 3
    assert client.post(address, typed | {"save": "1", "A-0-value": "300"}).status_code == 422
    assert sign_in(cast.member).get(address).status_code == 200
    assert sign_in(cast.member).post(address, typed).status_code == 403
    assert sign_in(cast.partner).get(address).status_code == 404
