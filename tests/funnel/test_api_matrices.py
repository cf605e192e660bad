"""ABM matrices by program: read only."""

import json

import pytest

from people.services import make_token
from tests.funnel.boards import busy, funnel_kgi, make_board, stages


@pytest.fixture
def ask(client, cast):
    secrets = {}

    def asked(person, path):
        if person not in secrets:
            _token, secrets[person] = make_token(person, name="表")
        address = f"/api/v1/o/{cast.organization.slug}/matrices/{path}"
        return client.get(address, headers={"authorization": f"Bearer {secrets[person]}"})

    return asked


def test_the_list_names_matrices_with_their_stages(cast, ask, django_assert_max_num_queries):
    for number in range(5):
        make_board(cast, name=f"市場{number}")
    ask(cast.member, "")
    with django_assert_max_num_queries(14):
        answer = ask(cast.member, "").json()
    assert answer["count"] == 5
    assert [stage["counts_as"] for stage in answer["results"][0]["stages"]] == ["", "cvs", "deals", "orders", "", ""]
    assert "cells" not in answer["results"][0]
    assert ask(cast.partner, "").json()["count"] == 0


def test_one_matrix_tells_cells_moves_conversions_and_what_is_needed(cast, ask):
    matrix = busy(cast, funnel_kgi(cast))
    at = {name: stage.pk for name, stage in stages(matrix).items()}
    told = ask(cast.member, f"{matrix.pk}/?span=whole").json()

    cells = {(cell["stage"], cell["fit"]): cell["count"] for cell in told["cells"]}
    assert cells[at["失注"], "A"] == 70
    assert told["orders"] == 10
    assert sum(move["count"] for move in told["moves"]) == 220
    (won,) = [one for one in told["conversions"] if one["stage"] == at["案件化"]]
    assert (won["known"], won["count"], won["chance_of_order"]) == ("measured", 20, 0.5)
    (need,) = told["needed"]
    assert (need["against"], need["wanted"], need["new_leads"]) == ("challenge", 100, 720)
    assert json.dumps(told)


def test_the_span_chooses_the_moves_and_is_checked(cast, ask):
    matrix = busy(cast)
    assert sum(move["count"] for move in ask(cast.member, f"{matrix.pk}/?span=week").json()["moves"]) == 0
    wrong = ask(cast.member, f"{matrix.pk}/?span=year")
    assert (wrong.status_code, list(wrong.json()["fields"])) == (400, ["span"])


def test_strangers_and_partners_find_none(cast, ask):
    matrix = busy(cast)
    for person in (cast.partner, cast.stranger):
        assert ask(person, f"{matrix.pk}/").status_code == 404
