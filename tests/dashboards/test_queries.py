"""The numbers behind the company dashboard, each read from what is stored."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from dashboards import queries
from dashboards.queries.sql import ZONE
from dashboards.queries.turns import Tree
from funnel.models import KGI
from funnel.services import record_actual, record_reading
from objectives import rollup, services
from objectives.formulas.pace import elapsed_share, key_result_pace, zone
from objectives.models import (
    Intent,
    KeyResult,
    Kind,
    Level,
    ObjectiveShare,
    ObjectiveSnapshot,
    ObjectiveState,
    Phase,
)
from people.models import Membership, Team
from tests.cast import NOW, TODAY, Cast

LAST_SUNDAY = date(2026, 5, 10)


@pytest.fixture
def spring(cast: Cast, move_clock):
    """The cast on the first day of the quarter: what is made now may be reported on from its first week."""
    move_clock("2026-04-06T09:00:00+09:00")
    cast.later = lambda: move_clock(NOW)
    return cast


def report(cast, key_result, value, day=TODAY, **said):
    return services.record_check_in(
        KeyResult.objects.get(pk=key_result.pk), author=cast.admin, value=Decimal(value), date=day, **said
    )[0]


def report_all(cast, objective, value, day=TODAY, **said):
    for key_result in objective.key_results.all():
        report(cast, key_result, value, day, **said)


def settle(cast, day=TODAY):
    """What the worker does: ancestors and the day's snapshot."""
    rollup.drain()
    rollup.rescore_organization(cast.organization, day)


def courses_of(membership, cycle):
    return queries.courses(membership, cycle, TODAY, queries.branch(membership))


def by_title(rows):
    return {row.title: row for row in rows}


# Where they are heading


def test_the_zone_in_sql_is_the_zone_of_the_formula(db):
    values = [None, -0.2, 0, 0.5999999, 0.6 - 1e-12, 0.6, 0.65, 0.7, 0.7 + 1e-12, 0.71, 0.94, 0.95, 1.0, 1.8]
    sql = f"SELECT {ZONE.format(value='%(value)s::float8', kind='%(kind)s')}"
    with connection.cursor() as cursor:
        for value in values:
            for kind in Intent.values:
                cursor.execute(sql, {"value": value, "kind": kind, "lower": 0.6, "upper": 0.7})
                assert cursor.fetchone()[0] == zone(value, kind), (value, kind)


def test_objectives_are_counted_by_where_they_are_heading(spring):
    low, mid, high, silent = (spring.objective(title=title) for title in ("下", "中", "上", "沈黙"))
    spring.objective(title="下書き", state=ObjectiveState.DRAFT)
    spring.later()
    pace = elapsed_share(spring.cycle.span, TODAY)
    for objective, landing in ((low, 0.3), (mid, 0.65), (high, 0.9)):
        report_all(spring, objective, round(100 * pace * landing))
    found = queries.board(spring.executive, spring.cycle, TODAY).spread
    assert found.counts == {"below": 1, "in": 1, "above": 1, "none": 1}
    assert (found.total, found.reported) == (4, 3)
    assert {row.title: row.zone for row in found.standings} == {"下": "below", "中": "in", "上": "above"}
    assert silent.title not in by_title(found.standings)


def test_a_committed_objective_is_below_until_its_mark(spring):
    objective = spring.objective(kind=Intent.COMMITTED)
    spring.later()
    pace = elapsed_share(spring.cycle.span, TODAY)
    report_all(spring, objective, round(100 * pace * 0.8))
    assert queries.board(spring.executive, spring.cycle, TODAY).spread.counts["below"] == 1
    report_all(spring, objective, round(100 * pace) + 1)
    assert queries.board(spring.executive, spring.cycle, TODAY).spread.counts["in"] == 1


def test_a_closed_cycle_is_read_by_its_scores_and_moves_no_more(spring):
    objective = spring.objective()
    spring.later()
    report_all(spring, objective, 65, obstacle="まだ残る")
    services.change_cycle_state(spring.cycle, to="closed", by=spring.admin)
    spring.cycle.refresh_from_db()
    found = queries.board(spring.executive, spring.cycle, TODAY).spread
    assert [(row.value, row.zone) for row in found.standings] == [(0.65, "in")]
    assert queries.movement(spring.executive, spring.cycle, TODAY).movers == ()
    assert queries.obstacles(spring.executive, spring.cycle, TODAY).total == 0
    assert queries.board(spring.executive, spring.cycle, TODAY).shift.known == 0


def test_many_objectives_are_counted_in_piles_that_hold_them_all(spring, monkeypatch):
    monkeypatch.setattr(queries.spread, "MOST_BRICKS", 3)
    objectives = [spring.objective(title=f"目標{number}") for number in range(4)]
    spring.later()
    for number, objective in enumerate(objectives):
        report_all(spring, objective, 10 * number + 5)
    found = queries.board(spring.executive, spring.cycle, TODAY).spread
    assert found.standings == ()
    assert sum(pile.count for pile in found.piles) == found.reported == 4


def test_a_weeks_shift_says_who_changed_sides_of_the_band(spring):
    risen, fallen, kept = (spring.objective(title=title) for title in ("上がった", "下がった", "同じ"))
    spring.later()
    for objective, landing in ((risen, 0.3), (fallen, 0.65), (kept, 0.65)):
        ObjectiveSnapshot.objects.create(
            objective=objective,
            date=queries.last_look(TODAY) - timedelta(days=1),
            score=landing,
            pace=1,
            landing=landing,
            health="on_track",
        )
    pace = elapsed_share(spring.cycle.span, TODAY)
    for objective, landing in ((risen, 0.65), (fallen, 0.2), (kept, 0.66)):
        report_all(spring, objective, round(100 * pace * landing))
    found = queries.board(spring.executive, spring.cycle, TODAY).shift
    assert (found.known, found.up, found.down) == (3, 1, 1)


# What moved


@pytest.mark.parametrize(
    ("today", "since"),
    [
        (date(2026, 5, 18), date(2026, 5, 10)),
        (date(2026, 5, 20), date(2026, 5, 10)),
        (date(2026, 5, 21), date(2026, 5, 17)),
        (date(2026, 5, 24), date(2026, 5, 17)),
        (date(2027, 1, 1), date(2026, 12, 27)),
    ],
)
def test_last_week_is_the_sunday_nearest_to_seven_days_ago(today, since):
    assert queries.last_look(today) == since


def test_what_moved_is_measured_against_the_pace_of_then(spring):
    objective = spring.objective(key_results=3)
    up, down, silent = objective.key_results.all()
    spring.later()
    for key_result, before, now in ((up, 20, 50), (down, 30, 25), (silent, 40, None)):
        report(spring, key_result, before, date(2026, 5, 8))
        if now is not None:
            report(spring, key_result, now, date(2026, 5, 18))
    found = queries.movement(spring.executive, spring.cycle, TODAY)
    assert (found.since, found.risen, found.fallen) == (LAST_SUNDAY, 1, 1)
    assert [mover.key_result.pk for mover in found.movers] == [up.pk, down.pk]
    then, now = 35 / 91, 45 / 91
    assert found.movers[0].delta == pytest.approx(0.5 / now - 0.2 / then)
    assert found.movers[0].before == 20
    assert found.movers[0].landing == pytest.approx(0.5 / now)
    assert found.movers[1].delta < 0


def test_a_first_report_is_a_beginning_and_silence_no_movement(spring):
    objective = spring.objective()
    first, silent = objective.key_results.all()
    spring.later()
    report(spring, first, 60)
    report(spring, silent, 20, date(2026, 4, 20))
    assert queries.movement(spring.executive, spring.cycle, TODAY).movers == ()


def test_what_measures_a_level_is_not_held_against_the_calendar(spring):
    objective = spring.objective()
    keep = spring.key_result(
        objective, kind=Kind.KEEP, target_value=Decimal(95), start_value=None, limit="min", period="week"
    )
    spring.later()
    report(spring, keep, 96, date(2026, 5, 8))
    report(spring, keep, 90, date(2026, 5, 18))
    (mover,) = queries.movement(spring.executive, spring.cycle, TODAY).movers
    assert mover.delta == pytest.approx(0.5 - 1)
    assert mover.before is None


def test_phased_targets_are_paced_as_the_formula_paces_them(spring):
    objective = spring.objective()
    phased = objective.key_results.first()
    for day, value in ((date(2026, 4, 20), 10), (date(2026, 5, 24), 70)):
        Phase.objects.create(key_result=phased, date=day, value=value)
    spring.later()
    report(spring, phased, 30, date(2026, 5, 8))
    report(spring, phased, 60, date(2026, 5, 18))
    shares = [(date(2026, 4, 20), 0.1), (date(2026, 5, 24), 0.7)]
    then = key_result_pace(Kind.REACH, spring.cycle.span, LAST_SUNDAY, shares)
    now = key_result_pace(Kind.REACH, spring.cycle.span, TODAY, shares)
    (mover,) = queries.movement(spring.executive, spring.cycle, TODAY).movers
    assert mover.delta == pytest.approx(0.6 / now - 0.3 / then)


def test_nothing_has_moved_in_the_first_week_of_a_cycle(spring, move_clock):
    objective = spring.objective()
    report_all(spring, objective, 5, date(2026, 4, 6))
    assert queries.movement(spring.executive, spring.cycle, date(2026, 4, 7)).movers == ()


def test_the_same_few_are_shown_however_many_moved(spring):
    objectives = [spring.objective(title=f"目標{number}") for number in range(5)]
    spring.later()
    for number, objective in enumerate(objectives):
        report_all(spring, objective, 30, date(2026, 5, 8))
        report_all(spring, objective, 10 + 20 * number, date(2026, 5, 18))
    found = queries.movement(spring.executive, spring.cycle, TODAY)
    assert len(found.movers) == 6
    assert found.risen + found.fallen == 10
    deltas = [mover.delta for mover in found.movers]
    assert deltas == sorted(deltas, reverse=True)


# What is in the way


def test_an_obstacle_stands_until_it_is_solved(spring):
    first, second = spring.objective().key_results.all()
    spring.later()
    report(spring, first, 10, date(2026, 5, 8), obstacle="見積の承認に6日かかる")
    report(spring, second, 10, date(2026, 5, 11), obstacle="釜が空かない")
    found = queries.obstacles(spring.executive, spring.cycle, TODAY)
    assert [(row.obstacle.text, row.days) for row in found.shown] == [
        ("見積の承認に6日かかる", 12),
        ("釜が空かない", 9),
    ]
    newest = queries.obstacles(spring.executive, spring.cycle, TODAY, newest_first=True)
    assert [row.obstacle.text for row in newest.shown] == ["釜が空かない", "見積の承認に6日かかる"]
    report(spring, first, 12, date(2026, 5, 18), solved=[found.shown[0].obstacle.pk])
    assert queries.obstacles(spring.executive, spring.cycle, TODAY).total == 1


def test_a_corrected_check_in_takes_its_obstacle_with_it(spring):
    key_result = spring.objective().key_results.first()
    spring.later()
    wrong = report(spring, key_result, 10, date(2026, 5, 8), obstacle="間違い")
    report(spring, key_result, 10, corrects=wrong, day=None)
    assert queries.obstacles(spring.executive, spring.cycle, TODAY).total == 0


# Departments and silence


def test_a_department_holds_its_teams_and_means_their_objectives(spring):
    field = Team.objects.create(organization=spring.organization, parent=spring.sales, name="札幌営業")
    one, two = spring.objective(team=spring.sales), spring.objective(team=field)
    spring.objective(team=spring.online)
    company = spring.objective(team=spring.company, level=Level.COMPANY)
    spring.later()
    report_all(spring, one, 20)
    report_all(spring, two, 40)
    report_all(spring, company, 10)
    departments = queries.overview(spring.executive, spring.cycle, TODAY).departments
    assert [(row.name, row.objectives) for row in departments] == [
        ("北灯珈琲", 1),
        ("法人営業", 2),
        ("オンライン店", 1),
    ]
    sales = departments[1]
    assert sales.score == pytest.approx(0.3)
    assert sales.landing == pytest.approx(0.3 / (45 / 91))
    assert (sales.open, sales.reported) == (4, 4)
    assert departments[2].zone == "none"


def test_past_weeks_come_from_the_snapshots_and_the_present_one_from_now(spring):
    objective = spring.objective()
    spring.later()
    for day, score in ((date(2026, 4, 12), 0.1), (date(2026, 5, 10), 0.3), (date(2026, 5, 13), 0.9)):
        ObjectiveSnapshot.objects.create(
            objective=objective, date=day, score=score, pace=0.2, landing=score, health="on_track"
        )
    report_all(spring, objective, 40)
    (sales,) = courses_of(spring.executive, spring.cycle)
    assert sales.scores == (0.1, None, None, None, 0.3, None, pytest.approx(0.4))
    assert sales.paces[0] == 0.2


def test_a_team_is_silent_when_it_owes_or_says_nothing_for_a_week(spring):
    heard, owing = spring.objective(team=spring.online), spring.objective(team=spring.sales)
    spring.later()
    report_all(spring, heard, 10, date(2026, 5, 19))
    report_all(spring, owing, 10, date(2026, 5, 4))
    (team,) = queries.voices(spring.executive, spring.cycle, TODAY).silence.teams
    assert (team.name, team.open, team.overdue, team.last, team.days) == ("法人営業", 2, 2, date(2026, 5, 4), 16)
    assert team.owing == ("山本 翔",)


@given(
    st.dictionaries(st.integers(1, 8), st.integers(0, 8), max_size=8).map(
        lambda parents: {child: parent for child, parent in parents.items() if parent < child}
    ),
    st.integers(0, 9),
)
def test_every_team_counts_for_one_department_or_for_itself_where_the_reader_does_not_see_it(parents, pk):
    tree = Tree(dict.fromkeys(range(9), "組"), {each: parents.get(each) for each in range(9)})
    departments = set(tree.departments)
    home = tree.home(pk, departments)
    assert home in departments if pk in tree.names else home == pk
    assert tree.home(home, departments) == home


# Whom it is shown to


def chain(cast):
    """Company → department → team → person, and one that hangs nowhere."""
    top = cast.objective(title="会社", level=Level.COMPANY, team=cast.company, owner=cast.executive)
    mid, low, deep = (cast.objective(title=title) for title in ("部", "課", "人"))
    for child, parent in ((mid, top), (low, mid), (deep, low)):
        services.align(child, to=parent)
    cast.objective(title="宙に浮く")
    return top, mid, low, deep


def test_a_partner_reads_their_branch_and_nothing_else(spring):
    _top, mid, _low, _deep = chain(spring)
    ObjectiveShare.objects.create(objective=mid, membership=spring.partner)
    spring.later()
    report_all(spring, mid, 10, date(2026, 5, 8), obstacle="見える")
    report_all(spring, mid, 30, date(2026, 5, 18), obstacle="見える")
    report_all(spring, spring.objective(title="隠れた"), 10, obstacle="見えない")
    partner, cycle = spring.partner, spring.cycle
    assert queries.board(partner, cycle, TODAY).spread.total == 3
    assert {row.obstacle.text for row in queries.obstacles(partner, cycle, TODAY).shown} == {"見える"}
    assert {mover.key_result.objective_id for mover in queries.movement(partner, cycle, TODAY).movers} == {mid.pk}
    assert [row.objectives for row in queries.overview(partner, cycle, TODAY).departments] == [3]


def test_a_stranger_reads_nothing_of_this_company(spring):
    chain(spring)
    stranger, cycle = spring.stranger, spring.cycle
    assert queries.board(stranger, cycle, TODAY).spread.total == 0
    assert courses_of(stranger, cycle) == []
    assert queries.voices(stranger, cycle, TODAY).open == 0
    assert queries.kgis(stranger, cycle, TODAY) == []


# The KGI


def kgi(cast, actual=320_000_000, **fields):
    made = KGI.objects.create(
        **{
            "organization": cast.organization,
            "name": "年間売上",
            "unit": "円",
            "period_start": date(2026, 4, 1),
            "period_end": date(2027, 3, 31),
            "last_year_value": 300_000_000,
            "must_hit_value": 450_000_000,
            "challenge_value": 900_000_000,
        }
        | fields
    )
    if actual is not None:
        record_actual(made, date=TODAY, value=Decimal(actual), recorded_by=cast.executive)
    return made


def test_a_kgi_says_where_an_even_way_would_stand_and_what_is_missing(cast):
    kgi(cast)
    (found,) = queries.kgis(cast.executive, cast.cycle, TODAY)
    assert found.elapsed == pytest.approx(50 / 365)
    assert found.required == pytest.approx(Decimal(300_000_000 + 150_000_000 * 50 / 365))
    assert found.missing == 130_000_000
    assert not found.is_reached


@pytest.mark.parametrize("years", [1, 10, 11, 100, 173])
def test_a_kgi_may_look_as_far_ahead_as_it_likes(cast, years):
    kgi(cast, period_end=date(2026 + years, 3, 31))
    (found,) = queries.kgis(cast.executive, cast.cycle, TODAY)
    days = (date(2026 + years, 3, 31) - date(2026, 3, 31)).days
    assert found.elapsed == pytest.approx(50 / days)
    assert found.required == pytest.approx(Decimal(300_000_000 + 150_000_000 * 50 / days))


def test_a_falling_kgi_is_reached_from_above(cast):
    kgi(cast, unit="日", last_year_value=45, must_hit_value=30, challenge_value=20, actual=29)
    (found,) = queries.kgis(cast.executive, cast.cycle, TODAY)
    assert found.is_falling
    assert found.is_reached
    assert not found.is_challenge_reached


def test_only_kgis_whose_period_touches_the_cycle_are_read_and_never_dropped_ones(cast):
    kgi(cast, name="前年", period_start=date(2025, 4, 1), period_end=date(2026, 3, 31))
    kgi(cast, name="やめた", dropped_at="2026-05-01T00:00:00Z")
    kgi(cast, name="日付なし", period_start=None, period_end=None)
    kgi(cast)
    found = queries.kgis(cast.executive, cast.cycle, TODAY)
    assert [row.kgi.name for row in found] == ["年間売上"]


def test_a_kgi_stands_where_its_last_actual_says_and_a_sum_within_a_cycle_is_none(cast):
    made = kgi(cast, actual=None, current_value=310_000_000)
    (found,) = queries.kgis(cast.executive, cast.cycle, TODAY)
    assert (found.value, found.read_on, found.missing) == (None, None, None)
    record_actual(made, date=date(2026, 5, 1), value=Decimal(330_000_000), recorded_by=cast.executive)
    root = made.kpis.get(key="revenue")
    key_result = cast.objective().key_results.first()
    type(key_result).objects.filter(pk=key_result.pk).update(kpi=root, kind="cumulative")
    record_reading(root, date=date(2026, 5, 8), value=Decimal(5_000_000), recorded_by=None, source="check-in:1")
    (found,) = queries.kgis(cast.executive, cast.cycle, TODAY)
    assert (found.value, found.read_on) == (330_000_000, date(2026, 5, 1))
    type(key_result).objects.filter(pk=key_result.pk).update(kind="reach")
    (found,) = queries.kgis(cast.executive, cast.cycle, TODAY)
    assert (found.value, found.read_on) == (5_000_000, date(2026, 5, 8))


def test_an_objective_without_a_report_is_no_zero_in_its_departments_line(spring):
    first = spring.objective(team=spring.sales)
    spring.later()
    report_all(spring, first, 10, date(2026, 5, 8))
    settle(spring)
    (before,) = courses_of(spring.executive, spring.cycle)
    spring.objective(team=spring.sales)
    settle(spring)
    (after,) = courses_of(spring.executive, spring.cycle)
    assert (after.score, after.scores) == (before.score, before.scores)
    assert after.objectives == before.objectives + 1


# Cost


def test_the_number_of_queries_does_not_depend_on_how_much_there_is(spring):
    def cost():
        member = Membership.objects.select_related("organization").get(pk=spring.executive.pk)
        with CaptureQueriesContext(connection) as captured:
            queries.overview(member, spring.cycle, TODAY)
        return len(captured)

    kgi(spring)
    top, *_rest = chain(spring)
    spring.later()
    report_all(spring, top, 10, date(2026, 5, 8), obstacle="障害")
    report_all(spring, top, 20, date(2026, 5, 18), obstacle="障害")
    settle(spring)
    few = cost()
    for number in range(12):
        objective = spring.objective(title=f"目標{number}", team=spring.online)
        services.align(objective, to=top)
        report_all(spring, objective, 10, date(2026, 5, 8), obstacle="障害")
        report_all(spring, objective, 12 + number, date(2026, 5, 18), obstacle="障害")
    settle(spring)
    assert cost() <= few <= 17
