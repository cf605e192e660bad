"""Moves and counts of a matrix that keeps numbers only."""

import uuid
from datetime import date, timedelta

import pytest

from funnel.models import CellCount, LeadMove
from funnel.queries.matrices import read_board
from funnel.services.lead_moves import MoveMade, count_cells, write_moves
from funnel.services.matrix_targets import place_of_cell, place_of_move
from people.refusals import Refusal
from tests.cast import TODAY
from tests.funnel.boards import make_board, stages


@pytest.fixture
def matrix(cast):
    return make_board(cast, has_leads=False)


@pytest.fixture
def at(matrix):
    return {name: stage.pk for name, stage in stages(matrix).items()}


def send(client, cast, matrix, **sent):
    return client.post(cast.url(f"matrix/{matrix.pk}/moves/"), sent)


def test_moves_of_a_day_are_written_once_however_often_they_are_sent(cast, sign_in, matrix, at):
    client = sign_in(cast.manager)
    sent = {
        "act": "moves",
        "date": "2026-05-19",
        "submission_key": str(uuid.uuid4()),
        "reason": "セミナーに来た",
        place_of_move((None, "", at["潜在"], "A")): "12",
        "origin1": f"{at['潜在']}-A",
        "to1": f"{at['顕在化']}-B",
        "count1": "３",
    }
    for _again in range(2):
        assert send(client, cast, matrix, **sent).status_code == 302
    moves = {(move.from_fit, move.to_stage.name, move.to_fit): move.count for move in LeadMove.objects.all()}
    assert moves == {("", "潜在", "A"): 12, ("A", "顕在化", "B"): 3}
    assert {(move.reason, move.by_id, move.date) for move in LeadMove.objects.all()} == {
        ("セミナーに来た", cast.manager.pk, date(2026, 5, 19))
    }


def test_what_is_wrong_stays_in_the_sheet_with_a_sentence(cast, sign_in, matrix, at):
    client = sign_in(cast.manager, language="en")
    name = place_of_move((None, "", at["潜在"], "A"))
    for sent in (
        {"date": "2026-05-19", name: "many"},
        {"date": "2026-05-21", name: "3"},
        {"date": "x", name: "3"},
        {"date": "2026-05-19"},
        {"date": "2026-05-19", name: "3", "origin1": "1-Z", "to1": "x", "count1": "4"},
        {"date": "2026-05-19", name: "3", "count2": "4"},
    ):
        response = send(client, cast, matrix, act="moves", **sent)
        assert response.status_code == 422, sent
        assert "i-warn" in response.content.decode().split("<main")[1]
        if name in sent:
            assert f'value="{sent[name]}"' in response.content.decode()
    assert not LeadMove.objects.exists()


def test_a_move_is_withdrawn_and_brought_back_and_never_edited_away(cast, sign_in, matrix, at):
    (move,) = write_moves(
        matrix, [MoveMade((None, "", at["潜在"], "A"), 5)], on=TODAY, by=cast.manager, submission_key=uuid.uuid4()
    )
    client = sign_in(cast.manager)
    for _again in range(2):
        assert send(client, cast, matrix, act="withdraw", move=move.pk).status_code == 302
    assert read_board(matrix, today=TODAY).arrows() == {}
    assert "data-struck" in client.get(cast.url(f"matrix/{matrix.pk}/moves/")).content.decode()
    for _again in range(2):
        assert send(client, cast, matrix, act="restore", move=move.pk).status_code == 302
    assert sum(read_board(matrix, today=TODAY).arrows().values()) == 5
    for stranger in ("0", "x", str(10**17), ""):
        assert send(client, cast, matrix, act="withdraw", move=stranger).status_code == 404


def test_counts_of_a_day_are_kept_and_a_second_word_on_it_replaces_the_first(cast, sign_in, matrix, at):
    client = sign_in(cast.manager)
    cell = place_of_cell((at["潜在"], "A"))
    for typed in ("40", "42"):
        assert send(client, cast, matrix, act="counts", date="2026-05-18", **{cell: typed}).status_code == 302
    assert CellCount.objects.get().count == 42
    assert send(client, cast, matrix, act="counts", date="2026-05-18", **{cell: "-1"}).status_code == 422
    assert send(client, cast, matrix, act="counts", date="2026-05-18").status_code == 422
    assert count_cells(matrix, {(at["潜在"], "A"): 42}, on=date(2026, 5, 18), by=cast.manager) == 0
    assert count_cells(matrix, {(at["潜在"], "A"): None}, on=date(2026, 5, 18), by=cast.manager) == 1
    assert not CellCount.objects.exists()


def test_more_that_leave_than_stand_there_are_a_warning_and_no_refusal(cast, sign_in, matrix, at):
    client = sign_in(cast.manager, language="en")
    name = place_of_move((at["潜在"], "A", at["顕在化"], "A"))
    response = client.post(
        cast.url(f"matrix/{matrix.pk}/moves/"), {"act": "moves", "date": "2026-05-19", name: "9"}, follow=True
    )
    assert "More have left than were counted there: 潜在 A." in response.content.decode()
    assert LeadMove.objects.get().count == 9


def test_a_matrix_with_a_list_of_leads_refuses_counted_moves(cast, sign_in):
    matrix = make_board(cast)
    first = matrix.stages.first().pk
    with pytest.raises(Refusal) as refused:
        write_moves(
            matrix, [MoveMade((None, "", first, "A"), 5)], on=TODAY, by=cast.manager, submission_key=uuid.uuid4()
        )
    assert refused.value.code == "has_leads"
    with pytest.raises(Refusal):
        count_cells(matrix, {(first, "A"): 4}, on=TODAY, by=cast.manager)
    response = sign_in(cast.manager).get(cast.url(f"matrix/{matrix.pk}/moves/"))
    assert response["Location"].endswith(f"/matrix/{matrix.pk}/leads/")


def test_what_is_no_move_of_this_matrix_is_refused(cast, matrix, at):
    def write(*where, count=1, on=TODAY, key=None):
        return write_moves(matrix, [MoveMade(where, count)], on=on, by=cast.manager, submission_key=key or uuid.uuid4())

    first = at["潜在"]
    for where in ((None, "A", first, "A"), (first, "A", first, "A"), (first, "A", 10**9, "A"), (first, "", first, "B")):
        with pytest.raises(Refusal) as refused:
            write(*where)
        assert refused.value.code == "moves"
    for days, code in ((1, "date_in_future"), (-200_000, "too_early")):
        with pytest.raises(Refusal) as refused:
            write(None, "", first, "A", on=TODAY + timedelta(days=days))
        assert refused.value.code == code
    key = uuid.uuid4()
    write(None, "", first, "A", key=key)
    other = make_board(cast, has_leads=False, name="別")
    with pytest.raises(Refusal) as refused:
        write_moves(
            other,
            [MoveMade((None, "", other.stages.first().pk, "A"), 1)],
            on=TODAY,
            by=cast.manager,
            submission_key=key,
        )
    assert refused.value.code == "submission_key_used"


def test_moves_are_written_by_planners_only(cast, sign_in, matrix, at):
    name = place_of_move((None, "", at["潜在"], "A"))
    sent = {"act": "moves", "date": "2026-05-19", name: "3"}
    assert send(sign_in(cast.member), cast, matrix, **sent).status_code == 403
    assert sign_in(cast.member).get(cast.url(f"matrix/{matrix.pk}/moves/")).status_code == 200
    for person in (cast.partner, cast.stranger):
        assert send(sign_in(person), cast, matrix, **sent).status_code == 404
