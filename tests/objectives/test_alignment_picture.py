"""The picture of alignment: chains from the company down, each goal once, and every gap by its name."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funnel.models import KGI
from objectives import services
from objectives.models import Cycle, Level, ObjectiveShare
from people.models import Team


@pytest.fixture
def chain(cast):
    """Company, department, team and person, each helping the one above; the team below sales."""
    team = Team.objects.create(organization=cast.organization, parent=cast.sales, name="北の班")
    kgi = KGI.objects.create(organization=cast.organization, name="年間売上")
    top = cast.objective(title="全社の目標", team=cast.company, level=Level.COMPANY, kgi=kgi)
    department = cast.objective(title="部門の目標")
    low = cast.objective(title="班の目標", team=team)
    own = cast.objective(title="わたしの目標", team=team, level=Level.INDIVIDUAL, owner=cast.member)
    services.align(department, to=top.key_results.first(), weight=2)
    services.align(low, to=department)
    services.align(own, to=low, link="supports")
    return top, department, low, own


def picture(client, cast, query=""):
    response = client.get(cast.url(f"plan/alignment/{query}"))
    assert response.status_code == 200
    return response


def drawn(response):
    return [
        (node.key_result.title if node.key_result else node.objective.title, node.place.depth)
        for node in response.context["nodes"]
    ]


def test_chains_are_drawn_from_the_company_down_at_the_key_result_they_help(cast, sign_in, chain):
    answer = picture(sign_in(cast.colleague, language="en"), cast)
    assert drawn(answer) == [("全社の目標", 0), ("結果 1", 1), ("部門の目標", 2), ("班の目標", 3), ("わたしの目標", 4)]
    assert "All 3 objectives below the company’s" in answer.text
    assert "contributes, weight 2" in answer.text
    assert 'data-link="supports"' in answer.text
    assert answer.context["missing"].count == 0


def test_a_goal_with_two_parents_is_drawn_once_and_named_at_the_other(cast, sign_in, chain):
    _top, department, _low, own = chain
    services.align(own, to=department)
    places = [node.place for node in picture(sign_in(cast.member), cast).context["nodes"]]
    assert [(place.tie.parent, place.again) for place in places if place.goal == own.pk] == [
        (chain[2].pk, True),
        (department.pk, False),
    ]


def test_a_level_that_is_skipped_is_named_until_somebody_on_it_is_helped(cast, sign_in, chain):
    top, _department, low, own = chain
    services.unalign(own.parents.get())
    services.align(own, to=top)
    client = sign_in(cast.manager, language="en")
    answer = picture(client, cast)
    assert [(skip.objective, skip.parent) for skip in answer.context["missing"].skips] == [(own, top)]
    assert "Levels that are skipped" in answer.text
    assert cast.url(f"objectives/{own.pk}/align/") in answer.text
    services.align(own, to=low, link="supports")
    assert picture(client, cast).context["missing"].skips == []


def test_gaps_are_named_nobody_working_on_it_nothing_above_and_no_kgi(cast, sign_in):
    year = Cycle.objects.create(
        organization=cast.organization, name="FY2026", start=date(2026, 4, 1), end=date(2027, 3, 31), state="active"
    )
    of_year = cast.objective(title="一年の目標", team=cast.company, level=Level.COMPANY, cycle=year)
    lonely = cast.objective(title="全社の目標", team=cast.company, level=Level.COMPANY)
    loose = cast.objective(title="宙に浮く目標")
    client = sign_in(cast.manager)
    missing = picture(client, cast, f"?cycle={cast.cycle.pk}").context["missing"]
    assert missing.unbroken == [of_year]
    assert missing.lonely == [lonely]
    assert missing.loose == [loose]
    assert missing.orphans == [lonely, loose]
    services.align(loose, to=lonely)
    services.align(lonely, to=of_year)
    missing = picture(client, cast, f"?cycle={cast.cycle.pk}").context["missing"]
    assert (missing.unbroken, missing.lonely, missing.loose) == ([], [], [])


def test_a_large_plan_is_drawn_to_a_depth_and_the_rest_is_fetched_below_it(cast, sign_in, chain):
    top = chain[0]
    client = sign_in(cast.member)
    shallow = picture(client, cast, "?depth=2")
    assert drawn(shallow) == [("全社の目標", 0), ("結果 1", 1)]
    key_result = top.key_results.first()
    below = picture(client, cast, f"?root={top.pk}&inside={key_result.pk}")
    assert "<html" not in below.text
    assert drawn(below) == [("部門の目標", 0), ("班の目標", 1), ("わたしの目標", 2)]
    assert drawn(picture(client, cast, f"?root={chain[1].pk}"))[0] == ("部門の目標", 0)
    assert client.get(cast.url("plan/alignment/?root=999999")).status_code == 404


def test_a_filter_keeps_what_is_found_with_the_chain_above_it(cast, sign_in, chain):
    client = sign_in(cast.member)
    services.align(cast.objective(title="ほかの目標", team=cast.online), to=chain[0])
    assert "ほかの目標" not in dict(drawn(picture(client, cast, "?q=わたし")))
    by_team = picture(client, cast, f"?team={chain[2].team_id}")
    assert [node.objective.title for node in by_team.context["nodes"] if node.is_found] == ["班の目標", "わたしの目標"]
    assert drawn(picture(client, cast, "?q=どこにもない")) == []


def test_the_same_stands_in_a_table_and_in_a_file(cast, sign_in, chain):
    client = sign_in(cast.member, language="en")
    assert "<table" in picture(client, cast, "?view=table").text
    file = client.get(cast.url("plan/alignment/?download=csv"))
    lines = file.content.decode().splitlines()
    assert file["Content-Type"].startswith("text/csv")
    assert len(lines) == 5
    assert "部門の目標,全社の目標,結果 1,Contributes,2" in lines[2]


def test_values_that_add_up_into_a_key_result_are_marked(cast, sign_in, chain):
    key_result = chain[0].key_results.first()
    key_result.combine = "sum"
    key_result.save()
    assert "adds up the values below" in picture(sign_in(cast.member, language="en"), cast).text


def test_a_partner_sees_the_shared_branch_alone(cast, sign_in, chain):
    ObjectiveShare.objects.create(objective=chain[2], membership=cast.partner)
    answer = picture(sign_in(cast.partner), cast)
    assert drawn(answer)[0][0] == "班の目標"
    assert answer.context["missing"] is None
    assert "部門の目標" not in answer.text
    assert sign_in(cast.stranger).get(cast.url("plan/alignment/")).status_code == 404


def test_an_empty_cycle_says_what_will_stand_here(cast, sign_in):
    assert cast.url("plan/") in picture(sign_in(cast.member), cast).text
    Cycle.objects.filter(organization=cast.organization).delete()
    picture(sign_in(cast.member), cast)


def test_the_number_of_queries_does_not_grow_with_the_chains(cast, sign_in, chain):
    client = sign_in(cast.admin)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            picture(client, cast)
        return len(captured)

    queries()
    few = queries()
    for number in range(9):
        services.align(cast.objective(title=f"目標 {number}"), to=chain[number % 3])
    assert queries() == few
    assert few <= 24
