"""What the coach is told of a draft beside its own words: the team, the KGI, connections, earlier cycles."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funnel.models import KGI, KPI
from objectives import rollup, services
from objectives.formulas.drafting.draft import UNTOLD
from objectives.models import CheckIn, Cycle, CycleState, KeyResult, Kind, Level, Objective, ObjectiveState
from objectives.queries.coaching import WordsOf, Written, checks_of, draft_of, drafts_of, words_of
from objectives.services import align


@pytest.fixture
def next_cycle(cast):
    return Cycle.objects.create(
        organization=cast.organization, name="FY2026 Q2", start=date(2026, 7, 6), end=date(2026, 10, 4), is_first=True
    )


def drafted(cast, **fields):
    return cast.objective(state=ObjectiveState.DRAFT, **fields)


def test_a_draft_is_told_with_its_team_its_numbers_and_its_owner(cast, next_cycle):
    objective = drafted(cast, key_results=0, cycle=next_cycle, why="紹介が強い")
    cast.key_result(objective, kind=Kind.CUMULATIVE, start_value=None, measured_how="CRM")
    cast.key_result(objective, kind=Kind.QUOTA, unit="本", quota=Decimal(3), period="week", owner=None)
    cast.key_result(objective, kind=Kind.MILESTONE, unit="", start_value=None, target_value=None)
    draft = draft_of(cast.manager, objective)
    assert (draft.team_kind, draft.kgi, draft.level, draft.why) == ("sales", None, "team", "紹介が強い")
    assert draft.is_first_cycle
    added, quota, milestone = draft.key_results
    assert (added.start_value, added.target_value, added.owner, added.measured_how) == (0, 100, "山本 翔", "CRM")
    assert (quota.target_value, quota.start_value, quota.period, quota.owner) == (3, UNTOLD, "week", None)
    assert (milestone.unit, milestone.target_value) == (UNTOLD, UNTOLD)


def test_the_teams_other_objectives_count_with_their_intents_but_not_dropped_closed_and_personal_ones(cast):
    objective = drafted(cast)
    cast.objective(title="二つ目", kind="committed")
    cast.objective(title="ほかの部署", team=cast.online)
    cast.objective(title="わたしの", level=Level.INDIVIDUAL)
    services.change_state(cast.objective(title="終えた"), to="closed", by=cast.admin)
    services.drop_objective(cast.objective(title="やめた"), reason="重なる", by=cast.admin)
    draft = draft_of(cast.manager, objective)
    assert draft.objectives_in_team == 2
    assert draft.intents_in_team == ("committed", "aspirational")
    unsaved = Objective(cycle=cast.cycle, team=cast.sales, owner=cast.manager, title="新しい")
    (draft,) = drafts_of(cast.manager, [Written(unsaved)])
    assert (draft.objectives_in_team, draft.aligned_above, draft.aligned_below) == (3, 0, 0)


def test_a_kgi_is_found_by_itself_by_a_lever_and_through_what_it_helps(cast):
    kgi = KGI.objects.create(organization=cast.organization, name="年間売上")
    kpi = KPI.objects.create(kgi=kgi, key="orders", name="受注", unit="件")
    top = cast.objective(title="会社", team=cast.company, owner=cast.executive, level=Level.COMPANY, kgi=kgi)
    middle = cast.objective(title="途中")
    align(middle, to=top)
    low = drafted(cast, title="下")
    align(low, to=middle.key_results.first())
    assert draft_of(cast.manager, low).kgi == "年間売上"
    assert (draft_of(cast.manager, middle).aligned_above, draft_of(cast.manager, middle).aligned_below) == (1, 1)
    measuring = cast.objective(title="測る", key_results=1, state=ObjectiveState.DRAFT)
    lever = cast.key_result(measuring, title="受注", kpi=kpi)
    assert draft_of(cast.manager, measuring).kgi == "年間売上"
    unsaved = Objective(cycle=cast.cycle, team=cast.sales, owner=cast.manager, title="新しい")
    beside = measuring.key_results.exclude(pk=lever.pk).get()
    told = [Written(unsaved, parent=parent) for parent in (lever, beside, None)]
    assert [draft.kgi for draft in drafts_of(cast.manager, told)] == ["年間売上", None, None]


def test_earlier_cycles_are_found_by_the_kpi_or_by_words_and_unit(cast, next_cycle, move_clock):
    kgi = KGI.objects.create(organization=cast.organization, name="年間売上")
    kpi = KPI.objects.create(kgi=kgi, key="win_rate", name="受注率", unit="%", is_rate=True)
    before = cast.objective(key_results=0, state=ObjectiveState.DRAFT)
    deals = cast.key_result(before, title="新規商談　１０件", target_value=Decimal(10))
    cast.key_result(before, title="受注の割合", unit="%", kpi=kpi, target_value=Decimal(20))
    cast.key_result(before, title="ほかのこと")
    services.change_state(before, to=ObjectiveState.ACTIVE, by=cast.admin)
    CheckIn.objects.create(key_result=deals, author=cast.member, date=date(2026, 5, 19), value=Decimal(8))
    rollup.rescore(cast.organization, [deals.pk], before.pk, cast.organization.today)

    objective = drafted(cast, key_results=0, cycle=next_cycle)
    cast.key_result(objective, title="新規商談 12件", target_value=Decimal(12))
    cast.key_result(objective, title="受注率", unit="%", kpi=kpi, target_value=Decimal(25))
    cast.key_result(objective, title="新規商談", unit="社")
    by_words, by_kpi = draft_of(cast.manager, objective).history
    assert (by_words.measure, by_words.target_value, by_words.cycle) == ("新規商談　１０件", 10, "FY2026 Q1")
    assert (by_words.score, by_words.end_value) == (None, None)
    assert (by_kpi.measure, by_kpi.target_value) == ("受注率", 20)
    move_clock("2026-07-06T10:00:00+09:00")
    past = draft_of(cast.manager, objective).history[0]
    assert (past.score, past.end_value) == (0.8, 8)


@pytest.mark.parametrize("title", ["新規商談　１０件", "NPS（平均）→50", "Win rate: 25%", "ＡＢＭ・[80%] {3〜4}"])
def test_the_database_reads_a_titles_words_as_we_do(cast, title):
    row = cast.key_result(cast.objective(key_results=0, state=ObjectiveState.DRAFT), title=title)
    assert KeyResult.objects.annotate(words=WordsOf("title")).get(pk=row.pk).words == words_of(title)


def test_a_whole_plan_is_checked_with_as_many_queries_as_one_objective(cast, next_cycle):
    parent = cast.objective(title="会社", team=cast.company, owner=cast.executive, level=Level.COMPANY)
    rows = [drafted(cast, title=f"目標{number}", cycle=next_cycle) for number in range(4)]
    for row in rows:
        align(row, to=parent)

    def queries(objectives):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            found = checks_of(cast.manager, objectives)
        assert set(found) == {row.pk for row in objectives}
        assert all(0 <= one.strength <= 100 for one in found.values())
        return len(captured)

    assert queries(rows) == queries(rows[:1]) <= 7
    assert checks_of(cast.manager, []) == {}


def test_a_closed_cycle_counts_as_ended_whatever_its_last_day(cast, next_cycle):
    before = cast.objective(key_results=2)
    earlier = drafted(cast, key_results=1, title="もっと前")
    Objective.objects.filter(pk=earlier.pk).update(cycle=cast.closed_cycle, state=ObjectiveState.CLOSED)
    Cycle.objects.filter(pk=cast.cycle.pk).update(state=CycleState.CLOSED)
    objective = drafted(cast, key_results=0, cycle=next_cycle)
    cast.key_result(objective, title=before.key_results.first().title)
    history = draft_of(cast.manager, objective).history
    assert [past.cycle for past in history] == ["FY2025 Q4", "FY2026 Q1", "FY2026 Q1"]
    assert {past.score for past in history} == {0}
