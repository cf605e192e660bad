"""Targets of a matrix: a sheet of counts and moves, sent as a whole."""

import json

import pytest

from funnel.forms.matrix_sheets import proposal
from funnel.models import CellTarget, MoveTarget
from funnel.queries.matrices import read_board
from funnel.services.matrix_targets import (
    CellAim,
    MoveAim,
    place_of_cell,
    place_of_move,
    save_matrix_targets,
)
from people.refusals import Refusal
from tests.cast import TODAY
from tests.funnel.boards import busy, funnel_kgi, make_board, stages


@pytest.fixture
def matrix(cast):
    return busy(cast)


def places(matrix):
    at = {name: stage.pk for name, stage in stages(matrix).items()}
    return place_of_cell((at["潜在"], "A")), place_of_move((at["潜在"], "B", at["顕在化"], "B"))


def send(client, cast, matrix, **sent):
    return client.post(cast.url(f"matrix/{matrix.pk}/targets/"), sent)


def test_a_sheet_of_targets_is_saved_as_a_whole(cast, sign_in, matrix):
    cell, move = places(matrix)
    client = sign_in(cast.manager)
    before = json.dumps({cell: "", move: ""})

    assert send(client, cast, matrix, **{cell: "１２０", move: "1,400", "shown": before}).status_code == 302
    assert CellTarget.objects.get(matrix=matrix).count == 120
    row = MoveTarget.objects.get(matrix=matrix)
    assert (row.count, row.from_fit, row.to_fit) == (1400, "B", "B")
    page = client.get(cast.url(f"matrix/{matrix.pk}/targets/")).content.decode()
    assert 'value="1,400"' in page


def test_the_same_again_is_harmless_and_an_emptied_cell_has_no_target(cast, sign_in, matrix):
    cell, _move = places(matrix)
    client = sign_in(cast.manager)
    send(client, cast, matrix, **{cell: "5", "shown": json.dumps({cell: ""})})
    send(client, cast, matrix, **{cell: "5", "shown": json.dumps({cell: ""})})
    assert CellTarget.objects.get(matrix=matrix).count == 5
    send(client, cast, matrix, **{cell: "", "shown": json.dumps({cell: "5"})})
    assert not CellTarget.objects.filter(matrix=matrix).exists()


@pytest.mark.parametrize("typed", ["たくさん", "-3", "1.5", "99999999", "1e999", "\x00"])
def test_what_cannot_be_a_target_stays_in_its_cell_with_a_sentence(cast, sign_in, matrix, typed):
    cell, move = places(matrix)
    response = send(
        sign_in(cast.manager), cast, matrix, **{cell: typed, move: "7", "shown": json.dumps({cell: "", move: ""})}
    )
    if typed == "\x00":
        assert response.status_code == 302
        return
    page = response.content.decode()
    assert response.status_code == 422
    assert f'value="{typed}"' in page
    assert 'value="7"' in page
    assert 'aria-invalid="true"' in page
    assert not MoveTarget.objects.exists()


def test_what_somebody_wrote_meanwhile_is_not_overwritten(cast, sign_in, matrix):
    cell, _move = places(matrix)
    client = sign_in(cast.manager, language="en")
    shown = json.dumps({cell: ""})
    send(client, cast, matrix, **{cell: "5", "shown": shown})
    response = send(client, cast, matrix, **{cell: "9", "shown": shown})

    assert response.status_code == 422
    assert "Someone wrote 5 here in the meantime." in response.content.decode()
    assert CellTarget.objects.get(matrix=matrix).count == 5


def test_readers_see_the_targets_and_cannot_write_them(cast, sign_in, matrix):
    cell, _move = places(matrix)
    client = sign_in(cast.member)
    page = client.get(cast.url(f"matrix/{matrix.pk}/targets/")).content.decode()
    assert f'name="{cell}"' not in page
    assert send(client, cast, matrix, **{cell: "5"}).status_code == 403
    assert send(sign_in(cast.stranger), cast, matrix, **{cell: "5"}).status_code == 404


def test_stages_and_fits_of_another_matrix_are_refused(cast, matrix):
    at, other = stages(matrix), stages(make_board(cast, name="別"))
    wrong = [
        CellAim((other["潜在"].pk, "A"), 3),
        CellAim((at["潜在"].pk, "D"), 3),
        MoveAim((at["潜在"].pk, "A", at["潜在"].pk, "A"), 3),
        MoveAim((None, "A", at["潜在"].pk, "A"), 3),
        MoveAim((at["潜在"].pk, "A", other["受注"].pk, "A"), 3),
    ]
    with pytest.raises(Refusal) as refused:
        save_matrix_targets(matrix, wrong)
    assert set(refused.value.fields) == {aim.place for aim in wrong}
    assert not CellTarget.objects.exists()


def test_what_is_needed_is_proposed_before_it_is_saved(cast, sign_in):
    matrix = busy(cast, funnel_kgi(cast))
    board = read_board(matrix, today=TODAY)
    found = proposal(board, "challenge")
    at = {name: stage.pk for name, stage in stages(matrix).items()}

    assert found[None, "", at["潜在"], "A"] == 80 + 720
    assert found[at["案件化"], "A", at["受注"], "A"] == 100
    assert not any(where[2] == at["失注"] for where in found)
    client = sign_in(cast.manager)
    page = client.get(cast.url(f"matrix/{matrix.pk}/targets/?fill=needed")).content.decode()
    assert 'value="800"' in page
    assert not MoveTarget.objects.exists()
    name = place_of_move((at["案件化"], "A", at["受注"], "A"))
    send(client, cast, matrix, **{name: "100", "shown": json.dumps({name: ""})})
    assert MoveTarget.objects.get().count == 100
