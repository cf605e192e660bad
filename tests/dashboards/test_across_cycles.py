"""Several cycles: how goals ended against the band, what was said of them before, and which habits come back."""

import re
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboards.formulas.goal_setting import TeamCycle, habits
from dashboards.formulas.reliability import CHANCES, Said, baseline, brier, reliability
from dashboards.queries.across import across, choose_cycles
from dashboards.queries.branches import branch
from dashboards.queries.foretold import foretold
from dashboards.queries.promised import promises
from funnel.services import record_actual
from objectives.models import (
    CheckIn,
    Cycle,
    CycleState,
    CycleStep,
    Grade,
    KeyResultScore,
    KGIForecast,
    Objective,
    ObjectiveScore,
)
from tests import asking
from tests.cast import TODAY
from tests.funnel.plans import make_kgi

MOST_QUERIES = 22
SAID = st.lists(
    st.builds(
        lambda chance, right, wrong: Said(chance, right + wrong, right), st.floats(0, 1), *[st.integers(0, 9)] * 2
    )
)


# Laws


@settings(max_examples=50)
@given(SAID)
def test_every_case_lies_in_one_part_of_the_scale_and_nobody_is_worse_than_always_wrong(said):
    found = reliability(said)
    assert found.cases == sum(row.cases for row in said)
    assert sum(cell.right for cell in found.cells) == sum(row.right for row in said)
    assert [(cell.low, cell.high) for cell in found.cells] == list(CHANCES)
    assert all(cell.low - 1e-9 <= cell.said <= cell.high + 1e-9 for cell in found.cells if cell.cases)
    assert found.brier is None or 0 <= found.brier <= 1


@settings(max_examples=50)
@given(st.integers(0, 30), st.integers(0, 30), st.floats(0, 1))
def test_no_single_chance_said_of_all_is_better_than_the_share_that_came_true(right, wrong, chance):
    if right + wrong:
        cases = right + wrong
        assert brier([Said(right / cases, cases, right)]) == pytest.approx(baseline(cases, right))
        assert brier([Said(chance, cases, right)]) >= baseline(cases, right) - 1e-9


@settings(max_examples=50)
@given(
    st.lists(st.builds(TeamCycle, ended=st.integers(0, 4), low=st.integers(0, 4), own=st.integers(0, 9)), max_size=8)
)
def test_a_habit_shows_in_at_least_half_of_the_cycles_that_can_be_judged(cycles):
    for habit in habits(cycles):
        assert 2 * len(habit.shown) >= habit.judged > 0
        assert all(0 <= number < len(cycles) for number in habit.shown)


# The company


def ended(cast, cycle, score, *, confidence=None, team=None, kind="aspirational", **grade):
    """An objective that ended with a score, its key result sure of it half-way; graded where a grade is given."""
    objective = Objective.objects.create(
        organization=cast.organization,
        cycle=cycle,
        team=team or cast.sales,
        owner=cast.manager,
        title=f"終わった目標 {score}",
        kind=kind,
        state="closed",
    )
    ObjectiveScore.objects.create(objective=objective, score=score, pace=1, landing=score, health="closed")
    if grade:
        Grade.objects.create(objective=objective, computed=score, graded_by=cast.manager, **grade)
    key_result = cast.drafted(objective)
    key_result.save()
    KeyResultScore.objects.create(
        key_result=key_result,
        score=score,
        own_progress=score,
        health="closed",
        check_in_count=1,
        last_check_in_on=cycle.end,
    )
    if confidence is not None:
        day = cycle.start + timedelta(days=40)
        CheckIn.objects.create(
            key_result=key_result, author=cast.member, date=day, value=Decimal(40), confidence=confidence
        )
    return objective


def quarter(cast, number):
    """A closed quarter, so many before the last one."""
    start = cast.closed_cycle.start - timedelta(weeks=13 * number)
    return Cycle.objects.create(
        organization=cast.organization,
        name=f"FY2025 前{number}",
        start=start,
        end=start + timedelta(weeks=13, days=-1),
        state=CycleState.CLOSED,
    )


def seen_by(member, **asked):
    chosen = choose_cycles(member, TODAY, wants_long=None)
    return across(member, chosen, TODAY, branch(member, **asked))


def page(client, cast, query=""):
    return client.get(cast.url(f"company/cycles/{query}"))


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_a_grade_stands_before_the_score_and_those_that_differ_are_counted(cast, sign_in):
    ended(cast, cast.closed_cycle, 0.5, override=0.65, reason="市場が半減した")
    ended(cast, cast.closed_cycle, 0.65, outcome="finished")
    ended(cast, cast.closed_cycle, 0.2)
    ended(cast, cast.closed_cycle, 0.96, kind="committed")
    (last,) = seen_by(cast.executive).ends
    assert last.is_over
    assert last.aspirational.counts == {"below": 1, "in": 2, "above": 0, "none": 0}
    assert last.aspirational.median == pytest.approx(0.65)
    assert (last.committed.counts["in"], last.graded, last.changed) == (1, 2, 1)
    text = text_of(page(sign_in(cast.executive, language="en"), cast))
    assert "Of 3 aspirational objectives in FY2025 Q4, 2 ended in the band." in text
    assert "1 of 2 grades differs from the score" in text
    assert "It is no ranking, says nothing of persons and decides no pay" in text


def test_a_grade_that_is_only_proposed_moves_nothing(cast):
    running = ended(cast, cast.cycle, 0.3, override=0.9, reason="最後の週を数える")
    Objective.objects.filter(pk=running.pk).update(state="active")
    (now,) = seen_by(cast.executive).ends
    assert (now.aspirational.median, now.graded, now.changed) == (0.3, 0, 0)


def test_what_was_said_half_way_is_held_against_what_came(cast, sign_in):
    for number in range(10):
        ended(cast, cast.closed_cycle, 0.65 if number < 6 else 0.3, confidence=9 + number % 2)
    corrected = CheckIn.objects.order_by("pk").last()
    CheckIn.objects.create(
        key_result=corrected.key_result,
        author=cast.member,
        date=corrected.date,
        value=40,
        confidence=9,
        corrects=corrected,
    )
    seen = seen_by(cast.executive)
    _early, half, late = seen.confidences
    assert [(cell.cases, cell.right) for cell in half.cells] == [(0, 0), (0, 0), (0, 0), (10, 6)]
    assert half.cells[3].said == pytest.approx(0.94)
    assert (seen.confidences[0].cases, late.cases) == (0, 10)
    text = text_of(page(sign_in(cast.executive, language="en"), cast))
    assert "Confidence 9–10 came true in 6 of 10 cases: a little too sure." in text
    assert "60% (6 of 10)" in text
    told = foretold(cast.executive, seen.over, branch(cast.executive), seen.reported)
    assert (told.told.cases, told.is_drawn) == (10, False)


def test_a_kgi_is_held_against_what_was_forecast_of_it_half_way(cast, sign_in):
    first, last = cast.closed_cycle.start, cast.closed_cycle.end
    kgi = make_kgi(cast, period_start=first, period_end=last, must_hit_value=100, challenge_value=200)
    for day, chance in ((first + timedelta(days=3), 0.9), (first + timedelta(days=40), 0.3), (last, 1.0)):
        KGIForecast.objects.create(kgi=kgi, date=day, p50=100, must_hit=chance, challenge=0.1)
    record_actual(kgi, value=Decimal(150), date=last, recorded_by=cast.manager)
    told = promises(cast.executive, TODAY).kept
    assert [(one.is_challenge, one.chance, one.is_reached) for one in told] == [(False, 0.3, True), (True, 0.1, False)]
    ended(cast, cast.closed_cycle, 0.65)
    assert "30% on" in text_of(page(sign_in(cast.executive, language="en"), cast))


def test_a_habit_is_named_with_the_cycles_that_show_it_and_the_remedy(cast, sign_in):
    before = quarter(cast, 1)
    for cycle in (cast.closed_cycle, before):
        ended(cast, cycle, 0.2)
        ended(cast, cycle, 0.3)
        ended(cast, cycle, 0.65, team=cast.online)
    (team,) = seen_by(cast.executive).habits
    ((habit, cycles),) = team.habits
    assert (team.name, habit.code, cycles) == ("法人営業", "too_ambitious", (before, cast.closed_cycle))
    response = page(sign_in(cast.executive, language="en"), cast)
    assert "Begin lower in the next cycle, and mix in key results that are surer." in text_of(response)
    assert f"?cycle={before.pk}&amp;team={cast.sales.pk}&amp;zone=below" in response.content.decode()
    assert seen_by(cast.executive, team=cast.online.pk).habits == ()


def test_a_cycle_that_was_closed_early_did_not_fall_silent(cast):
    for _one in range(3):
        ended(cast, cast.closed_cycle, 0.65)
    closed_on = cast.closed_cycle.end - timedelta(days=40)
    KeyResultScore.objects.update(last_check_in_on=closed_on)
    assert [habit.code for team in seen_by(cast.executive).habits for habit, _cycles in team.habits] == ["died_out"]
    at = datetime.combine(closed_on, time(12), tzinfo=UTC)
    CycleStep.objects.create(
        cycle=cast.closed_cycle, old_state="active", new_state="closed", by=cast.admin, created_at=at
    )
    assert seen_by(cast.executive).habits == ()


def test_confidence_is_held_against_the_outcome_from_three_key_results_on(cast, sign_in):
    def shown():
        (row,) = page(client, cast).context["unit_rows"]
        return row["apart"]

    client = sign_in(cast.executive)
    for _one in range(2):
        ended(cast, cast.closed_cycle, 0.3, confidence=9)
    assert shown() == "–"
    ended(cast, cast.closed_cycle, 0.3, confidence=9)
    assert shown() == "+90"


def test_teams_stand_in_the_order_of_the_organization_whatever_they_reached(cast):
    for score in (0.65, 0.55, 0.78):
        ended(cast, cast.closed_cycle, score, team=cast.online)
        ended(cast, cast.closed_cycle, 0.1)
    units = seen_by(cast.executive).units
    assert [(row.unit.name, row.skills[0].share) for row in units] == [("法人営業", 0.0), ("オンライン店", 1.0)]


def test_the_page_teaches_before_anything_ended_and_opens_to_all_but_partners_and_strangers(cast, sign_in):
    client = sign_in(cast.member, language="en")
    assert "It fills by itself once the first cycle has ended." in text_of(page(client, cast))
    cast.objective()
    assert "Once this cycle has ended you see here" in text_of(page(client, cast))
    for query in ("?team=999999", "?team=x", "?team=%00"):
        assert page(client, cast, query).status_code == 404
    assert page(client, cast, "?last=x&kind=nothing").status_code == 200
    for outsider in (cast.partner, cast.stranger):
        assert page(sign_in(outsider), cast).status_code == 404


def test_eight_cycles_are_shown_and_older_ones_on_demand(cast, sign_in):
    for number in range(1, 9):
        ended(cast, quarter(cast, number), 0.65)
    client = sign_in(cast.executive, language="en")
    first = page(client, cast)
    assert len(first.context["cycles"]) == 6
    assert "Show older cycles too (2)" in text_of(first)
    assert len(page(client, cast, "?last=16").context["cycles"]) == 8


def test_as_many_queries_for_many_goals_and_cycles(cast, sign_in):
    def asked():
        page(client, cast)
        with CaptureQueriesContext(connection) as queries:
            page(client, cast)
        return len(queries)

    client = sign_in(cast.executive)
    for score in (0.2, 0.3):
        ended(cast, cast.closed_cycle, score, confidence=5)
    few = asked()
    for number in range(1, 4):
        cycle = quarter(cast, number)
        for score in (0.2, 0.65, 0.9):
            ended(cast, cycle, score, confidence=7, team=cast.online)
    assert asked() == few <= MOST_QUERIES


def test_programs_read_the_numbers_of_the_page(cast, sign_in):
    ended(cast, cast.closed_cycle, 0.65, confidence=7)
    ended(cast, cast.closed_cycle, 0.2, confidence=8)
    address = asking.address(cast, "dashboard", "across-cycles")
    client = sign_in(cast.member)
    answer = client.get(address).json()
    assert [each["cycle"]["name"] for each in answer["cycles"]] == ["FY2025 Q4"]
    counts = {name: answer["cycles"][0]["aspirational"][name] for name in ("total", "median", "below", "inside")}
    assert counts == {"total": 2, "median": pytest.approx(0.425), "below": 1, "inside": 1}
    assert [cell["cases"] for cell in answer["confidence"][1]["cells"]] == [0, 0, 2, 0]
    assert answer["units"][0]["cycles"] == [
        {"cycle": cast.closed_cycle.pk, "ended": 2, "well": 1, "apart": pytest.approx(0.25), "is_few": True}
    ]
    assert client.get(address, {"last": 0}).status_code == 400
    assert client.get(address, {"team": 0}).status_code == 404
    assert sign_in(cast.partner).get(address).status_code == 404
