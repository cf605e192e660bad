"""The state of a whole plan: what helps most comes first, and each thing to mend leads there."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funnel.models import KGI
from objectives import services
from objectives.models import Conflict, ConflictKind, Cycle, Level, ObjectiveState
from people.models import Team


def state(client, cast, query=""):
    response = client.get(cast.url(f"plan/check/{query}"))
    assert response.status_code == 200
    return response


@pytest.fixture
def weak(cast):
    """A draft with a number in it and no key result."""
    return cast.objective(title="売上を2倍にする", state=ObjectiveState.DRAFT, key_results=0)


def test_drafts_stand_the_weakest_first_with_a_way_to_mend_them(cast, sign_in, weak):
    better = cast.objective(title="毎朝の一杯を、北海道の習慣にする", state=ObjectiveState.DRAFT)
    client = sign_in(cast.manager, language="en")
    answer = state(client, cast)
    drafts = answer.context["state"].drafts
    assert [goal.objective for goal in drafts] == [weak, better]
    assert drafts[0].check.strength < drafts[1].check.strength
    assert "A number stands in the objective" in answer.text
    assert cast.url(f"objectives/{weak.pk}/draft/") in answer.text
    for_reader = state(sign_in(cast.colleague, language="en"), cast, "?team=all")
    assert weak.title in for_reader.text
    assert cast.url(f"objectives/{weak.pk}/draft/") not in for_reader.text


def test_findings_are_counted_by_rule_what_helps_most_first(cast, sign_in, weak):
    for number in range(3):
        cast.objective(title=f"午後の一杯を支える {number}杯目", state=ObjectiveState.DRAFT, key_results=0)
    habits = state(sign_in(cast.admin), cast).context["state"].habits
    counted = {habit.rule: len(habit.goals) for habit in habits}
    assert counted["kr_count"] == 4
    assert counted["objective_has_number"] >= 1
    assert [habit.gain for habit in habits] == sorted((habit.gain for habit in habits), reverse=True)


def test_a_manager_sees_the_own_branch_first_and_may_ask_for_all(cast, sign_in):
    cast.objective(title="営業の目標")
    cast.objective(title="店の目標", team=cast.online)
    client = sign_in(cast.manager)
    own = state(client, cast).context
    assert own["team"] == cast.sales
    assert {goal.objective.team for goal in own["state"].goals} == {cast.sales}
    assert {goal.objective.team for goal in state(client, cast, "?team=all").context["state"].goals} == {
        cast.sales,
        cast.online,
    }
    assert state(sign_in(cast.admin), cast).context["team"] is None


def test_each_team_is_held_against_what_it_can_carry(cast, sign_in):
    kgi = KGI.objects.create(organization=cast.organization, name="年間売上")
    for number in range(5):
        kind = "committed" if number == 0 else "aspirational"
        cast.objective(title=f"目標 {number}", kind=kind, kgi=kgi if number < 2 else None)
    cast.objective(title="わたしの目標", level=Level.INDIVIDUAL, owner=cast.member)
    answer = state(sign_in(cast.admin, language="en"), cast)
    (sales,) = [row for row in answer.context["state"].teams if row.branch.team == cast.sales]
    assert (sales.count, sales.most, sales.advice) == (5, 4, "many")
    assert (sales.aspirational, sales.committed, sales.to_kgi) == (5, 1, 2)
    assert "too many, 4 at most" in answer.text
    Cycle.objects.filter(pk=cast.cycle.pk).update(is_first=True)
    (sales,) = [row for row in state(sign_in(cast.admin), cast).context["state"].teams if row.branch.team == cast.sales]
    assert sales.most == 2


def test_conflicts_and_missing_connections_are_counted(cast, sign_in, weak):
    other = cast.objective(title="売上を倍にする", team=cast.online)
    Conflict.objects.create(
        organization=cast.organization, kind=ConflictKind.SAME_OBJECTIVE, first=weak, second=other, likeness=0.9
    )
    found = state(sign_in(cast.admin), cast).context["state"]
    assert found.conflicts == 2
    assert {goal.pk for goal in found.missing.loose} == {weak.pk, other.pk}
    of_sales = state(sign_in(cast.admin), cast, f"?team={cast.sales.pk}").context["state"]
    assert [goal.pk for goal in of_sales.missing.loose] == [weak.pk]


def test_the_board_asks_for_a_line_of_it(cast, sign_in, weak):
    client = sign_in(cast.manager)
    text = client.get(cast.url("plan/check/"), headers={"hx-request": "true", "hx-target": "plan-check"}).text
    assert text.strip().startswith('<section class="section" id="plan-check"')
    assert "<html" not in text
    assert cast.url("plan/check/") in client.get(cast.url("plan/")).text


def test_the_file_has_a_line_for_each_finding(cast, sign_in, weak):
    file = sign_in(cast.manager, language="en").get(cast.url("plan/check/?download=csv"))
    lines = file.content.decode().splitlines()
    assert file["Content-Type"].startswith("text/csv")
    assert all(weak.title in line for line in lines[1:])
    assert any("A number stands in the objective" in line for line in lines)


def test_an_empty_plan_says_what_will_stand_here(cast, sign_in):
    client = sign_in(cast.admin, language="en")
    assert "As soon as something is drafted" in state(client, cast).text
    Cycle.objects.filter(organization=cast.organization).delete()
    state(client, cast)


def test_partners_and_strangers_do_not_find_it(cast, sign_in):
    for person in (cast.partner, cast.stranger):
        assert sign_in(person).get(cast.url("plan/check/")).status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_plan(cast, sign_in, weak):
    client = sign_in(cast.admin)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            state(client, cast)
        return len(captured)

    def grow(first: int, last: int) -> None:
        for number in range(first, last):
            team = Team.objects.create(organization=cast.organization, parent=cast.sales, name=f"班 {number}")
            child = cast.objective(title=f"目標 {number}", team=team, state="proposed" if number % 2 else "active")
            services.align(child, to=weak)

    grow(0, 2)
    queries()
    few = queries()
    grow(2, 8)
    assert queries() == few
    assert few <= 60
