"""The scored tree of a cycle for other programs."""

from decimal import Decimal
from itertools import pairwise

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from objectives import rollup, services
from objectives.models import Cycle, ObjectiveShare
from tests import asking


def address(cast):
    return asking.address(cast, "alignment")


def nodes(answer):
    assert answer.status_code == 200, answer.content
    return {node["id"]: node for node in answer.json()["nodes"]}


def test_the_tree_tells_scores_parents_and_key_results(cast, sign_in):
    top = cast.objective(title="全国へ", team=cast.company, level="company", owner=cast.executive)
    low = cast.objective(title="通販を育てる")
    services.align(low, to=top, weight=0.5)
    services.align(low, to=top.key_results.first(), link="supports")
    key_result = low.key_results.first()
    services.record_check_in(key_result, author=cast.member, value=Decimal(50))
    rollup.drain()
    answer = sign_in(cast.colleague).get(address(cast))
    assert answer.json()["cycle"]["id"] == cast.cycle.pk
    told = nodes(answer)
    assert told.keys() == {top.pk, low.pk}
    low.scored.refresh_from_db()
    top.scored.refresh_from_db()
    assert {name: told[low.pk][name] for name in told[low.pk].keys() - {"key_results"}} == {
        "id": low.pk,
        "title": "通販を育てる",
        "level": "team",
        "kind": "aspirational",
        "state": "active",
        "team": cast.sales.pk,
        "owner": cast.manager.pk,
        "score": 0.25,
        "pace": low.scored.pace,
        "landing": low.scored.landing,
        "health": low.scored.health,
        "parents": [
            {"objective": top.pk, "link": "contributes", "weight": 0.5},
            {"key_result": top.key_results.first().pk, "link": "supports", "weight": None},
        ],
    }
    assert told[top.pk]["score"] == top.scored.score > 0
    assert [(row["title"], row["score"], row["owner"]) for row in told[low.pk]["key_results"]] == [
        ("結果 1", 0.5, cast.member.pk),
        ("結果 2", 0.0, cast.member.pk),
    ]


def test_another_cycle_is_told_when_asked_and_an_unknown_one_is_not_found(cast, sign_in):
    later = Cycle.objects.create(organization=cast.organization, name="次", start="2026-07-06", end="2026-10-04")
    goal = cast.objective(cycle=later, state="draft")
    client = sign_in(cast.member)
    assert nodes(client.get(address(cast))) == {}
    assert nodes(client.get(address(cast), {"cycle": later.pk})).keys() == {goal.pk}
    theirs = cast.stranger.organization.cycles.get()
    for cycle in (theirs.pk, 999_999_999, "x", "9" * 30):
        assert client.get(address(cast), {"cycle": cycle}).status_code == 404


def test_dropped_goals_are_left_out(cast, sign_in):
    goal, parent = cast.objective(key_results=3), cast.objective(title="親")
    services.align(goal, to=parent)
    services.drop_objective(parent, reason="x", by=cast.admin)
    services.drop_key_result(goal.key_results.first(), reason="x", by=cast.admin)
    told = nodes(sign_in(cast.member).get(address(cast)))
    assert told.keys() == {goal.pk}
    assert told[goal.pk]["parents"] == []
    assert len(told[goal.pk]["key_results"]) == 2


def test_a_partner_is_told_of_the_shared_branch_and_of_nothing_above_it(cast, sign_in):
    above, shared, below = cast.objective(title="上の目標"), cast.objective(title="共有"), cast.objective(title="下")
    services.align(shared, to=above)
    services.align(below, to=shared)
    partner = sign_in(cast.partner)
    empty = partner.get(address(cast)).json()
    assert empty == {"cycle": None, "nodes": []}
    ObjectiveShare.objects.create(objective=shared, membership=cast.partner)
    answer = partner.get(address(cast))
    told = nodes(answer)
    assert told.keys() == {shared.pk, below.pk}
    assert told[shared.pk]["parents"] == []
    assert told[below.pk]["parents"] == [{"objective": shared.pk, "link": "contributes", "weight": None}]
    assert told[shared.pk]["owner"] is None
    assert told[shared.pk]["key_results"][0]["owner"] is None
    for secret in ("上の目標", "伊藤", "山本"):
        assert secret not in answer.content.decode()


@pytest.fixture
def chain(cast):
    """Company, department, team and person, one below the other; the person's helps a key result of the team's."""
    rows = [cast.objective(title=title) for title in ("会社", "部", "課", "人")]
    for above, below in pairwise(rows[:3]):
        services.align(below, to=above)
    services.align(rows[3], to=rows[2].key_results.first())
    return rows


def test_a_tree_is_loaded_by_depth_from_the_top_or_from_a_root(cast, sign_in, chain):
    top, mid, low, deep = chain
    alone = cast.objective(title="ひとり")
    services.align(alone, to=top, link="supports")
    client = sign_in(cast.colleague)

    def depths(**asked):
        told = nodes(client.get(address(cast), asked))
        return {pk: (node["depth"], node["children"]) for pk, node in told.items()}

    assert depths(levels=1) == {top.pk: (1, 1), alone.pk: (1, 0)}
    assert depths(levels=3) == {top.pk: (1, 1), mid.pk: (2, 1), low.pk: (3, 1), alone.pk: (1, 0)}
    assert depths(root=mid.pk) == {mid.pk: (1, 1), low.pk: (2, 1), deep.pk: (3, 0)}
    assert depths(root=mid.pk, levels=2) == {mid.pk: (1, 1), low.pk: (2, 1)}
    whole, part = (nodes(client.get(address(cast), asked)) for asked in ({}, {"root": deep.pk}))
    assert {name: part[deep.pk][name] for name in whole[deep.pk]} == whole[deep.pk]


def test_what_is_no_depth_is_400_and_a_root_that_is_not_seen_404(cast, sign_in, chain):
    client = sign_in(cast.member)
    for asked in ({"levels": "0"}, {"levels": "x"}, {"levels": 101}, {"root": "-1"}, {"root": "²"}):
        answer = client.get(address(cast), asked)
        assert answer.status_code == 400, asked
        assert set(answer.json()["fields"]) == set(asked)
    services.drop_objective(chain[3], reason="x", by=cast.admin)
    later = Cycle.objects.create(organization=cast.organization, name="次", start="2026-07-06", end="2026-10-04")
    elsewhere = cast.objective(cycle=later, state="draft")
    for root in (chain[3].pk, elsewhere.pk, 999_999_999):
        assert client.get(address(cast), {"root": root}).status_code == 404
    partner = sign_in(cast.partner)
    ObjectiveShare.objects.create(objective=chain[1], membership=cast.partner)
    assert partner.get(address(cast), {"root": chain[0].pk}).status_code == 404
    told = nodes(partner.get(address(cast), {"levels": 2}))
    assert [(node["depth"], node["owner"], len(node["parents"])) for node in told.values()] == [
        (1, None, 0),
        (2, None, 1),
    ]


def test_the_tree_is_one_statement_and_not_sent_again_unchanged(cast, sign_in, chain):
    client = sign_in(cast.member)
    for asked in ({}, {"levels": 3}, {"root": chain[1].pk}):
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address(cast), asked)
        statements = [query["sql"] for query in queries if "objectives_objectivescore" in query["sql"]]
        assert len(statements) == 1, statements
        again = client.get(address(cast), asked, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
    services.change_state(chain[3], to="closed", by=cast.admin)
    assert client.get(address(cast), headers={"If-None-Match": answer.headers["ETag"]}).status_code == 200


def test_nobody_401_stranger_404_and_nothing_is_written(cast, sign_in):
    assert Client().get(address(cast)).status_code == 401
    assert sign_in(cast.stranger).get(address(cast)).status_code == 404
    assert asking.post(sign_in(cast.admin), address(cast), {}).status_code == 405


@pytest.mark.parametrize("number", [3, 30])
def test_the_number_of_queries_does_not_grow_with_the_goals(cast, sign_in, number, django_assert_max_num_queries):
    parent = cast.objective(title="親")
    for index in range(number):
        services.align(cast.objective(title=f"目標 {index}"), to=parent)
    client = sign_in(cast.member)
    with django_assert_max_num_queries(11):
        assert len(nodes(client.get(address(cast)))) == number + 1
