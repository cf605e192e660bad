"""Departments and teams over time, week by week, and against an earlier cycle."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboards.queries.branches import branch
from dashboards.queries.cycles import comparable, compared, day_at
from dashboards.queries.departments import courses
from objectives import services
from objectives.models import (
    Cycle,
    CycleState,
    KeyResult,
    Objective,
    ObjectiveScore,
    ObjectiveShare,
    ObjectiveSnapshot,
)
from people.models import Team
from tests.cast import NOW, TODAY

MOST_QUERIES = 18


@pytest.fixture
def spring(cast, move_clock):
    """Sales with a team below it, and the shop; in the quarter's seventh week."""
    move_clock("2026-04-06T09:00:00+09:00")
    cast.field = Team.objects.create(
        organization=cast.organization, parent=cast.sales, name="札幌営業の長い名前のチーム", position=1
    )
    cast.sold = cast.objective(title="午後を珈琲で支える", team=cast.sales)
    cast.visited = cast.objective(title="訪ねた数だけ頼られる", team=cast.field)
    cast.shop = cast.objective(title="朝の定番になる", team=cast.online, owner=cast.colleague)
    move_clock(NOW)
    return cast


def report(cast, objective, value, day=TODAY):
    for key_result in objective.key_results.all():
        services.record_check_in(
            KeyResult.objects.get(pk=key_result.pk), author=cast.admin, value=Decimal(value), date=day
        )


def keep(objective, day, landing, score=0.3, health="on_track"):
    ObjectiveSnapshot.objects.create(
        objective=objective, date=day, score=score, pace=0.3, landing=landing, health=health
    )


def ended(cast, *landings):
    """Objectives of sales in the quarter before, where each of them headed after half of it, and how it ended."""
    for number, (landing, score) in enumerate(landings):
        objective = written(cast, cycle=cast.closed_cycle, title=f"前期の目標{number}", state="closed")
        keep(objective, date(2026, 2, 18), landing)
        ObjectiveScore.objects.create(objective=objective, score=score, pace=1, landing=score, health="closed")


def written(cast, **fields):
    """An objective of sales just as it lies in the table, without key results."""
    given = {"cycle": cast.cycle, "team": cast.sales, "owner": cast.manager, "title": "目標", "state": "active"}
    return Objective.objects.create(organization=cast.organization, **given | fields)


def page(client, cast, query=""):
    return client.get(cast.url(f"company/departments/{query}"))


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


# Which teams stand side by side


def test_teams_stand_in_the_order_of_the_organization_and_hold_what_is_below_them(spring):
    report(spring, spring.sold, 20)
    report(spring, spring.visited, 40)
    found = courses(spring.executive, spring.cycle, TODAY, branch(spring.executive))
    assert [(row.unit.name, row.objectives, row.score) for row in found] == [
        ("法人営業", 2, pytest.approx(0.3)),
        ("オンライン店", 1, None),
    ]


def test_a_department_opens_into_its_teams_with_its_own_goals_first(spring):
    opened = branch(spring.executive, spring.sales.pk)
    assert [place.name for place in opened.trail] == ["北灯珈琲", "法人営業"]
    assert [(unit.name, unit.is_own) for unit in opened.units] == [("法人営業", True), (spring.field.name, False)]
    found = courses(spring.executive, spring.cycle, TODAY, opened)
    assert [row.objectives for row in found] == [1, 1]
    (leaf,) = branch(spring.executive, spring.field.pk).units
    assert not leaf.is_own


def test_a_team_is_found_by_a_part_of_its_name_however_deep_it_is(spring, sign_in):
    (unit,) = branch(spring.executive, wanted="札幌").units
    assert (unit.name, unit.above) == (spring.field.name, "法人営業")
    client = sign_in(spring.executive, language="en")
    assert spring.field.name in text_of(page(client, spring, "?q=札幌"))
    assert "No team with objectives is called “" in text_of(page(client, spring, "?q=大阪"))


def test_a_partner_sees_the_teams_of_what_is_shared_and_no_other(spring, sign_in):
    ObjectiveShare.objects.create(objective=spring.visited, membership=spring.partner)
    report(spring, spring.visited, 40)
    text = text_of(page(sign_in(spring.partner, language="en"), spring))
    assert spring.field.name in text
    assert "オンライン店" not in text
    assert "法人営業" not in text
    assert "The teams whose goals are shared with you" in text
    assert "no team is below the band" not in text
    for path in (f"?team={spring.sales.pk}", f"?team={spring.sales.pk}&view=heat"):
        assert page(sign_in(spring.partner), spring, path).status_code == 404


# The page


@pytest.mark.parametrize("view", ["course", "heat", "heat&reading=landing", "cycles"])
def test_every_role_may_open_every_view_and_a_stranger_none(spring, sign_in, view):
    for role in ("admin", "executive", "manager", "member", "partner"):
        assert page(sign_in(getattr(spring, role)), spring, f"?view={view}").status_code == 200
    assert page(sign_in(spring.stranger), spring, f"?view={view}").status_code == 404


def test_the_title_says_who_is_below_the_band_and_who_fell_this_week(spring, sign_in):
    keep(spring.sold, date(2026, 5, 17), 0.65)
    keep(spring.visited, date(2026, 5, 17), 0.65)
    report(spring, spring.sold, 10)
    report(spring, spring.visited, 10)
    report(spring, spring.shop, 40)
    text = text_of(page(sign_in(spring.executive, language="en"), spring))
    assert "Only 法人営業 is below the band on average, at 0.20." in text
    assert "法人営業 fell below it since last week." in text
    assert "They rank nobody" in text


@pytest.mark.parametrize("query", ["?team=999999", "?team=x", "?team=%00", "?cycle=0", "?view=cycles&with=999999"])
def test_an_unknown_team_or_cycle_is_not_found(spring, sign_in, query):
    assert page(sign_in(spring.executive), spring, query).status_code == 404


def test_before_anything_is_active_the_page_says_what_it_is_for(cast, sign_in):
    for view in ("course", "heat", "cycles"):
        text = text_of(page(sign_in(cast.executive, language="en"), cast, f"?view={view}"))
        assert "No active objective in this cycle yet" in text
    Cycle.objects.filter(organization=cast.organization).delete()
    assert "No cycle yet" in text_of(page(sign_in(cast.executive, language="en"), cast))


def test_a_cycle_that_has_not_begun_and_one_that_is_closed_can_be_looked_at(spring, sign_in):
    ended(spring, (0.65, 0.65))
    ahead = Cycle.objects.create(
        organization=spring.organization, name="FY2026 Q2", start=date(2026, 7, 6), end=date(2026, 10, 4)
    )
    written(spring, cycle=ahead)
    for cycle in (ahead, spring.closed_cycle):
        for view in ("course", "heat", "heat&reading=landing", "cycles"):
            assert page(sign_in(spring.executive), spring, f"?cycle={cycle.pk}&view={view}").status_code == 200


def test_many_teams_are_paged(spring, sign_in):
    for number in range(15):
        team = Team.objects.create(
            organization=spring.organization, parent=spring.company, name=f"第{number}部", position=10 + number
        )
        written(spring, team=team)
    client = sign_in(spring.executive)
    first, second = (page(client, spring, f"?page={number}").content.decode() for number in (1, 2))
    assert first.count('class="plot"') == 12
    assert second.count('class="plot"') == 5


# Cycles beside each other


def test_the_same_share_of_another_cycle_is_counted_in_days():
    quarter = Cycle(start=date(2026, 1, 5), end=date(2026, 4, 5))
    assert [day_at(quarter, share) for share in (0, 45 / 91, 1)] == [
        date(2026, 1, 4),
        date(2026, 2, 18),
        date(2026, 4, 5),
    ]


def test_the_last_cycle_of_the_same_length_is_the_one_to_compare_with(spring):
    year = Cycle(pk=90, start=date(2025, 4, 7), end=date(2026, 4, 5), state=CycleState.CLOSED)
    older = Cycle(pk=91, start=date(2025, 10, 6), end=date(2026, 1, 4), state=CycleState.CLOSED)
    draft = Cycle(pk=92, start=date(2026, 1, 5), end=date(2026, 4, 5), state=CycleState.DRAFT)
    assert comparable([spring.cycle, year, older, draft], spring.cycle) == older
    assert comparable([spring.cycle, year, older, spring.closed_cycle], spring.cycle) == spring.closed_cycle
    assert comparable([spring.cycle, year], spring.cycle) is None


def test_two_cycles_are_compared_at_the_same_share_and_at_the_end(spring, sign_in):
    ended(spring, (0.65, 0.9), (0.2, 0.66), (0.1, 0.1))
    report(spring, spring.sold, 32)
    report(spring, spring.shop, 5)
    now, before = compared(spring.executive, [spring.cycle, spring.closed_cycle], TODAY, branch(spring.executive))
    assert before.day == date(2026, 2, 18)
    assert now.whole.then.counts == {"below": 1, "in": 1, "above": 0, "none": 1}
    assert now.whole.end is None
    assert before.whole.then.counts == {"below": 2, "in": 1, "above": 0, "none": 0}
    assert before.whole.end.counts == {"below": 1, "in": 1, "above": 1, "none": 0}
    assert before.whole.end.mean == pytest.approx((0.9 + 0.66 + 0.1) / 3)
    assert [(unit.name, told.then.total) for unit, told in before.units] == [("法人営業", 3)]
    text = text_of(page(sign_in(spring.executive, language="en"), spring, "?view=cycles"))
    assert "At this point of FY2025 Q4, 1 of 3 were in the band. Now it is 1 of 3." in text


def test_without_an_earlier_cycle_the_page_says_so(spring, sign_in):
    spring.closed_cycle.delete()
    text = text_of(page(sign_in(spring.executive, language="en"), spring, "?view=cycles"))
    assert "There is no earlier cycle of the same length yet." in text


# Cost


@pytest.mark.parametrize("view", ["course", "heat", "heat&reading=landing", "cycles"])
def test_the_number_of_queries_does_not_grow_with_teams_and_goals(spring, sign_in, view):
    client = sign_in(spring.executive)

    def cost():
        with CaptureQueriesContext(connection) as captured:
            assert page(client, spring, f"?view={view}").status_code == 200
        return len(captured)

    report(spring, spring.sold, 10)
    ended(spring, (0.65, 0.65))
    first = cost()
    for number in range(3):
        team = Team.objects.create(organization=spring.organization, parent=spring.sales, name=f"{number}課")
        report(spring, spring.objective(team=team), 10, TODAY - timedelta(days=8 * number))
    assert cost() == first <= MOST_QUERIES
