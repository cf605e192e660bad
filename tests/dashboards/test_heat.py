"""Team by week: of the check-ins that were owed, how many were made, by each team's own rhythm."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from dashboards.presenters.heat import reporting_finding
from dashboards.queries.branches import branch
from dashboards.queries.heat import reporting
from objectives import services
from objectives.models import Combine, KeyResult, Kind, Period
from objectives.queries.rounds import rounds_of
from people.models import Cadence, DayOff, Team
from tests.cast import NOW, TODAY


@pytest.fixture
def spring(cast, move_clock):
    """Sales reports every week, the shop every second; two key results each, from the quarter's first day."""
    move_clock("2026-04-06T09:00:00+09:00")
    Cadence.objects.create(team=cast.online, check_in_weeks=2)
    cast.sold = cast.objective(title="午後を珈琲で支える", team=cast.sales)
    cast.shop = cast.objective(title="朝の定番になる", team=cast.online, owner=cast.colleague)
    move_clock(NOW)
    return cast


def say(cast, key_result, *days):
    for day in days:
        services.record_check_in(KeyResult.objects.get(pk=key_result.pk), author=cast.admin, value=Decimal(5), date=day)


def cells_of(cast, team, today=TODAY):
    found = {one.unit.pk: one for one in reporting(cast.executive, cast.cycle, today, branch(cast.executive))}
    return [(cell.state, cell.made, cell.asked) for cell in found[team.pk].cells]


def test_a_week_counts_what_was_owed_and_what_was_made(spring):
    one, two = spring.sold.key_results.all()
    say(spring, one, date(2026, 4, 8), date(2026, 4, 16))
    say(spring, two, date(2026, 4, 12), date(2026, 4, 13), date(2026, 5, 19))
    assert cells_of(spring, spring.sales) == [
        ("owed", 2, 2),
        ("owed", 2, 2),
        ("owed", 0, 2),
        ("owed", 0, 2),
        ("owed", 0, 2),
        ("owed", 0, 2),
        ("open", 1, 2),
        *[("ahead", 0, 0)] * 6,
    ]


def test_a_round_of_two_weeks_is_asked_for_in_its_second(spring):
    one, two = spring.shop.key_results.all()
    say(spring, one, date(2026, 4, 7), date(2026, 5, 18))
    say(spring, two, date(2026, 4, 14), date(2026, 4, 15))
    cells = cells_of(spring, spring.online)
    assert cells[:9] == [
        ("free", 0, 0),
        ("owed", 2, 2),
        ("free", 0, 0),
        ("owed", 0, 2),
        ("free", 0, 0),
        ("owed", 0, 2),
        ("free", 0, 0),
        ("open", 1, 2),
        ("ahead", 0, 0),
    ]


def test_a_week_without_a_working_day_asks_for_nothing_and_counts_who_reports_anyway(spring):
    DayOff.objects.create(organization=spring.organization, name="休業", first=date(2026, 4, 20), last=date(2026, 5, 1))
    say(spring, spring.sold.key_results.first(), date(2026, 4, 29))
    assert cells_of(spring, spring.sales)[2:4] == [("free", 0, 0), ("owed", 1, 1)]


def test_nothing_is_owed_before_a_goal_begins_nor_after_it_is_closed(spring, move_clock):
    late = spring.objective(title="途中から", team=spring.sales)
    type(late).objects.filter(pk=late.pk).update(activated_on=date(2026, 5, 9))
    move_clock("2026-04-22T10:00:00+09:00")
    services.change_state(spring.sold, to="closed", by=spring.admin)
    move_clock(NOW)
    assert [cell[2] for cell in cells_of(spring, spring.sales)[:7]] == [2, 2, 0, 0, 0, 2, 2]


def test_a_report_is_heard_though_it_brings_no_progress_yet(spring):
    quota = spring.key_result(spring.sold, kind=Kind.QUOTA, quota=Decimal(20), period=Period.MONTH, start_value=None)
    first = spring.key_result(spring.sold, measure_first=True, start_value=None)
    KeyResult.objects.filter(objective=spring.sold).exclude(pk__in=[quota.pk, first.pk]).delete()
    say(spring, quota, date(2026, 4, 8), date(2026, 4, 16))
    say(spring, first, date(2026, 4, 9))
    assert [cell[1] for cell in cells_of(spring, spring.sales)[:3]] == [2, 1, 0]


def test_a_sum_that_others_carry_owes_nothing(spring):
    whole = spring.objective(title="みんなの合計", team=spring.company)
    summed, _own = whole.key_results.all()
    services.align(spring.sold, to=summed)
    KeyResult.objects.filter(pk=summed.pk).update(combine=Combine.SUM)
    found = reporting(spring.executive, spring.cycle, TODAY, branch(spring.executive))
    assert [(one.unit.name, one.key_results) for one in found] == [
        ("北灯珈琲", 1),
        ("法人営業", 2),
        ("オンライン店", 2),
    ]


def test_every_week_is_judged_as_the_strip_of_a_key_result_judges_it(spring):
    """The strip counts one key result at a time from its check-ins: the heat map must add up to the same."""
    field = Team.objects.create(organization=spring.organization, parent=spring.online, name="焙煎")
    roasted = spring.objective(title="豆の声を聞く", team=field)
    for number, key_result in enumerate(KeyResult.objects.order_by("pk")):
        begun = key_result.objective.activated_on or TODAY
        days = [begun + timedelta(days=day) for day in range(0, 45, 5 + 3 * number)]
        say(spring, key_result, *[day for day in days if day <= TODAY])
    key_results = list(KeyResult.objects.select_related("objective__cycle", "objective__team"))
    strips = rounds_of(key_results, spring.organization)
    for team, goals in ((spring.sales, [spring.sold]), (spring.online, [spring.shop, roasted])):
        told = [one for each in key_results if each.objective in goals for one in strips[each.pk]]
        cells = cells_of(spring, team)
        for state in ("owed", "open"):
            marks = [
                one
                for one in told
                if one.state == "reported" or one.state in {"owed": "skipped", "open": "open"}[state]
            ]
            marks = [one for one in marks if (one.round.end < TODAY) == (state == "owed")]
            assert sum(made for kind, made, _asked in cells if kind == state) == sum(
                one.state == "reported" for one in marks
            )
            assert sum(asked for kind, _made, asked in cells if kind == state) == len(marks)


def test_the_title_says_the_share_and_who_went_silent(spring):
    say(spring, spring.sold.key_results.first(), date(2026, 5, 15))
    found = reporting(spring.executive, spring.cycle, TODAY, branch(spring.executive))
    first, second = reporting_finding(found)
    assert "18" in first
    assert "オンライン店" in second
