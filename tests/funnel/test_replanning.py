"""What the rest of a period needs of a lever, and where the lever and its KGI are heading."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import sqrt
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from funnel.formulas.kpi_tree import Formula, Lever, Tree, TreeRefused
from funnel.formulas.planning import PlanRefused
from funnel.formulas.replanning import (
    Course,
    Guess,
    Landing,
    goal_landing,
    landing,
    landing_tree,
    own_course,
    periods_in,
    replan,
    spoken_landing,
)
from funnel.formulas.replanning.landings import student

YEAR = {"start": date(2026, 4, 1), "end": date(2027, 3, 31)}
SEASON = [1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 3]  # March twice and December thrice the others: 15 in all


def months(*values, first: date = YEAR["start"]) -> dict[date, float]:
    """Values of months in a row."""
    count = first.year * 12 + first.month - 1
    return {date((count + at) // 12, (count + at) % 12 + 1, 1): value for at, value in enumerate(values)}


def rest_of(*values, target=1200, today=date(2026, 8, 1), **asked):
    return replan(target=target, today=today, actuals=months(*values), **YEAR | asked)


# What the rest of a volume needs


@pytest.mark.parametrize(
    ("values", "needed", "rate", "verdict"),
    [
        ((100, 100, 100, 100), 100, 100, "on_course"),
        ((120, 90, 110, 100), 97.5, 105, "on_course"),
        ((60, 70, 110, 80), 110, 80, "within_best"),
        ((60, 70, 100, 80), 111.25, 77.5, "harder_than_best"),
        ((0, 0, 0, 0), 150, 0, "harder_than_best"),
        ((1200,), 0, 1200, "reached"),
        ((), 150, None, "no_past_month"),
    ],
)
def test_the_rest_of_an_even_year_is_what_is_missing_by_the_months_left(values, needed, rate, verdict):
    rest = rest_of(*values)
    assert (rest.needed_per_month, rest.run_rate, rest.verdict) == (needed, rate, verdict)
    assert rest.needed_total == pytest.approx(needed * 8)
    assert [part.value for part in rest.by_month] == pytest.approx([needed] * 8)
    assert rest.done == sum(values)


def test_the_best_month_stands_beside_it():
    rest = rest_of(60, 70, 100, 80)
    assert (rest.best.month, rest.best.value, rest.best.per_month) == (date(2026, 6, 1), 100, 100)
    assert rest.ratio == pytest.approx(1.1125)
    earlier = rest_of(130, 0, 60, 70, 100, 80, start=date(2026, 6, 1), end=date(2027, 5, 31), today=date(2026, 10, 1))
    assert (earlier.best.month, earlier.run_rate) == (date(2026, 4, 1), 77.5)


def test_the_running_month_counts_with_what_it_brought_so_far():
    rest = rest_of(100, 100, 100, 100, 50, today=date(2026, 8, 10))
    left = Fraction(21, 31) + 7
    assert rest.needed_per_month == pytest.approx(float(750 / left))
    assert (rest.by_month[0].first, rest.by_month[0].last) == (date(2026, 8, 11), date(2026, 8, 31))
    assert rest.by_month[0].value == pytest.approx(float(750 / left * Fraction(21, 31)))
    assert rest.run_rate == 100
    unread = rest_of(100, 100, 100, 100, today=date(2026, 8, 10))
    assert (unread.by_month[0].first, unread.needed_per_month) == (date(2026, 8, 1), 100)


def test_a_season_is_taken_out_and_put_back_in():
    """Of 1,500 December brings 300: with 100 a month so far, 100 a month of ordinary weight are on course."""
    rest = rest_of(100, 100, 100, 100, target=1500, monthly_weights=SEASON)
    mean = 1500 / 12
    assert (rest.needed_per_month, rest.run_rate) == (pytest.approx(mean), pytest.approx(mean))
    assert rest.verdict == "on_course"
    by_month = {part.first.month: part.value for part in rest.by_month}
    assert by_month == pytest.approx({8: 100, 9: 100, 10: 100, 11: 100, 12: 300, 1: 100, 2: 100, 3: 200})


def test_the_best_month_is_the_best_for_its_season():
    actuals = {"today": date(2027, 1, 1), "monthly_weights": SEASON}
    rest = rest_of(100, 100, 100, 100, 100, 100, 100, 110, 250, target=1500, **actuals)
    assert (rest.best.month, rest.best.value) == (date(2026, 11, 1), 110)
    assert rest.best.per_month == pytest.approx(110 * 15 / 12)


def test_with_a_lead_time_the_last_days_come_too_late_and_those_before_count():
    asked = {"target": 1200, "today": date(2026, 8, 1), "lead_days": 31}
    rest = replan(actuals=months(100, 100, 100, 100), **YEAR, **asked)
    assert rest.usable_until == date(2027, 2, 28)
    assert rest.assumed == pytest.approx(100 * (30 / 30 + 1 / 31))  # 1 March to 31 March work for 1 April to 1 May
    assert rest.by_month[-1].last == date(2027, 2, 28)
    assert rest.needed_total == pytest.approx(1200 - 400 - rest.assumed)
    read = replan(actuals=months(0, 100, 100, 100, 100, first=date(2026, 3, 1)), **YEAR, **asked)
    assert (read.assumed, read.needed_total) == (0, 800)
    assert read.verdict == "harder_than_best"


def test_when_the_lead_time_is_longer_than_what_is_left_it_cannot_be_made_up():
    rest = rest_of(*[90] * 11, today=date(2027, 3, 1), lead_days=45)
    assert (rest.verdict, rest.needed_per_month, rest.by_month) == ("not_reachable_in_time", None, ())
    assert rest.needed_total > 0
    assert rest_of(*[90] * 12, today=date(2027, 4, 1)).verdict == "not_reachable_in_time"
    assert rest_of(*[100] * 12, today=date(2027, 4, 1)).verdict == "reached"


def test_months_without_weight_can_bring_nothing():
    weights = [0, 0, 0, *[1] * 9]
    rest = rest_of(*[100] * 9, today=date(2027, 1, 1), monthly_weights=weights)
    assert (rest.verdict, rest.needed_total) == ("not_reachable_in_time", 300)


def test_no_month_goes_beyond_its_limit():
    assert rest_of(10, maximum=100).verdict == "beyond_limits"
    assert rest_of(10, maximum=1190 / 8).verdict == "harder_than_best"


def test_of_costs_the_rest_may_bring_so_much_at_most():
    assert rest_of(*[90] * 4, falls=True).verdict == "on_course"
    assert rest_of(*[110] * 4, falls=True).verdict == "harder_than_best"
    within = rest_of(150, 80, 110, 110, falls=True)
    assert (within.verdict, within.best.value, within.needed_per_month) == ("within_best", 80, 93.75)
    assert rest_of(1300, falls=True).verdict == "not_reachable_in_time"
    assert rest_of(*[100] * 12, today=date(2027, 4, 1), falls=True).verdict == "reached"


def test_months_that_are_over_and_unread_are_named():
    actuals = {date(2026, 4, 1): 100, date(2026, 7, 1): 100}
    rest = replan(target=1200, today=date(2026, 8, 20), actuals=actuals, **YEAR)
    assert rest.unread == (date(2026, 5, 1), date(2026, 6, 1))
    assert rest.needed_per_month == 125


def test_before_the_period_all_of_it_is_left():
    rest = replan(target=1200, today=date(2026, 2, 10), actuals=months(120, first=date(2026, 1, 1)), **YEAR)
    assert (rest.needed_per_month, rest.run_rate, rest.verdict) == (100, None, "within_best")
    assert rest.unread == ()


# What the rest of a level needs


def test_a_rate_makes_up_in_the_rest_what_its_mean_lacks():
    rest = rest_of(*[Decimal("0.15")] * 6, target=Decimal("0.2"), today=date(2026, 10, 1), is_volume=False, maximum=1)
    assert (rest.needed_per_month, rest.needed_total, rest.done) == (0.25, None, 0.15)
    assert (rest.verdict, rest.ratio) == ("harder_than_best", pytest.approx(0.25 / 0.15))
    late = rest_of(*[0.1] * 11, target=0.2, today=date(2027, 3, 1), is_volume=False, maximum=1)
    assert (late.needed_per_month, late.verdict) == (1.3, "beyond_limits")


def test_a_level_is_not_bent_by_seasons_or_lead_times():
    rest = rest_of(0.2, 0.3, target=0.3, today=date(2026, 6, 1), is_volume=False, monthly_weights=SEASON, lead_days=20)
    assert (rest.best.per_month, rest.run_rate) == (0.3, 0.25)


def test_a_rate_that_should_fall_is_judged_the_other_way():
    asked = {"target": 0.05, "today": date(2026, 8, 1), "is_volume": False, "falls": True, "minimum": 0}
    assert rest_of(0.05, 0.04, 0.05, 0.05, **asked).verdict == "on_course"
    assert rest_of(0.06, 0.06, 0.06, 0.04, **asked).verdict == "within_best"
    assert rest_of(0.06, 0.06, 0.06, 0.06, **asked).verdict == "harder_than_best"
    assert rest_of(0.2, 0.2, 0.2, 0.2, **asked).verdict == "beyond_limits"


def test_a_level_of_a_period_that_is_over_is_reached_or_not():
    over = {"today": date(2027, 4, 1), "is_volume": False}
    assert rest_of(*[0.2] * 12, target=0.2, **over).verdict == "reached"
    assert rest_of(*[0.2] * 12, target=0.21, **over).verdict == "not_reachable_in_time"
    assert rest_of(target=0.21, **over).verdict == "not_reachable_in_time"


@settings(max_examples=50, deadline=None)
@given(
    values=st.lists(st.integers(0, 500), max_size=14),
    day=st.integers(0, 400),
    lead=st.integers(0, 120),
    weights=st.none() | st.lists(st.integers(1, 9), min_size=12, max_size=12),
    target=st.integers(1, 9_999),
)
def test_what_is_done_and_what_the_rest_needs_come_to_the_target(values, day, lead, weights, target):
    today = date(2026, 3, 1) + timedelta(days=day)
    actuals = {month: value for month, value in months(*values, first=date(2026, 2, 1)).items() if month <= today}
    asked = {"target": target, "monthly_weights": weights, "lead_days": lead, **YEAR}
    rest = replan(today=today, actuals=actuals, **asked)
    assert rest.done + rest.assumed + rest.needed_total >= target * (1 - 1e-12)
    if rest.by_month:
        assert sum(part.value for part in rest.by_month) == pytest.approx(rest.needed_total)
        assert rest.by_month[-1].last == rest.usable_until
    if rest.verdict == "not_reachable_in_time":
        assert rest.needed_total > 0
        assert today >= rest.usable_until or not rest.by_month


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"end": date(2026, 3, 31)}, "period_reversed"),
        ({"end": date(2096, 3, 31)}, "period_too_long"),
        ({"monthly_weights": [1] * 11}, "twelve_weights"),
        ({"monthly_weights": [0] * 12}, "no_weight"),
        ({"lead_days": -1}, "lead_time"),
    ],
)
def test_what_makes_no_plan_is_refused(wrong, code):
    with pytest.raises(PlanRefused) as refused:
        rest_of(100, **wrong)
    assert refused.value.code == code


def test_targets_and_landings_are_counted_in_a_levers_own_period():
    year = (YEAR["start"], YEAR["end"])
    counted = {period: periods_in(period, *year) for period in ("month", "quarter", "year", "whole")}
    assert counted == {"month": 12, "quarter": 4, "year": 1, "whole": 1}
    assert float(periods_in("week", *year)) == pytest.approx(365.25 / 7)
    assert periods_in("month", date(2026, 4, 1), date(2026, 9, 30)) == 6


# Where a lever lands


def lands(*values, today=date(2026, 8, 1), **asked) -> Landing:
    told = landing(today=today, actuals=months(*values), **YEAR | asked)
    assert told is not None
    return told


def test_a_volume_lands_at_what_is_done_and_its_mean_for_the_rest():
    told = lands(60, 70, 110, 80)
    assert (told.expected, told.rate, told.months) == (pytest.approx(960), 80, 4)
    assert told.least == 320


def test_a_season_is_kept_in_mind():
    told = lands(100, 100, 100, 100, monthly_weights=SEASON)
    assert told.expected == pytest.approx(1500)
    assert told.rate == pytest.approx(125)


def test_the_range_is_the_predictive_one():
    """Checked by hand: variance from 2 prior months of ±30 % and 4 read, for 8 months and for the mean itself."""
    values, mean = (60, 70, 110, 80), 80
    variance = (2 * (0.3 * mean) ** 2 + sum((value - mean) ** 2 for value in values)) / 5
    sd = sqrt(variance * (8 + 8**2 / 4))
    told = lands(*values)
    assert told.sd == pytest.approx(sd)
    assert told.p90 - told.expected == pytest.approx(stats.t.ppf(0.9, 5) * sd, rel=1e-3)
    assert told.expected - told.p10 == pytest.approx(told.p90 - told.expected)


def test_one_or_two_months_leave_the_range_wide_and_the_end_leaves_none():
    def width(count: int) -> float:
        today = date(2026 + (3 + count) // 12, (3 + count) % 12 + 1, 1)
        told = lands(*[100] * count, today=today)
        assert told.expected == pytest.approx(1200)
        return (told.p90 - told.p10) / told.expected

    widths = [width(count) for count in range(1, 13)]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 1
    assert widths[1] > 0.5
    assert widths[5] < 0.25
    assert widths[11] == 0


def test_the_range_holds_what_it_promises():
    """Companies whose months differ by 25 %: after four of them, the year lands within the range 8 times in 10."""
    random = Random(20)
    held = 0
    for _ in range(400):
        year = [max(random.gauss(100, 25), 0) for _ in range(12)]
        told = lands(*year[:4])
        held += told.p10 <= sum(year) <= told.p90
    assert 0.74 < held / 400 < 0.88


def test_a_volume_never_lands_below_what_is_done():
    told = lands(500, today=date(2026, 5, 1))
    assert told.p10 == pytest.approx(max(500, told.expected - (told.p90 - told.expected)))
    wild = lands(900, 10, 5, 5)
    assert wild.p10 == wild.least == wild.low == 920


def test_a_month_that_was_not_read_is_expected_like_the_others():
    told = landing(today=date(2026, 8, 1), actuals={date(2026, 4, 1): 90, date(2026, 7, 1): 110}, **YEAR)
    assert told.expected == pytest.approx(1200)
    assert told.unread == (date(2026, 5, 1), date(2026, 6, 1))


def test_before_a_month_is_over_earlier_ones_speak_or_a_week_of_the_running_one():
    earlier = landing(today=date(2026, 4, 3), actuals=months(90, 110, 4, first=date(2026, 2, 1)), **YEAR)
    assert earlier.expected == pytest.approx(4 + 100 * (27 / 30 + 11))
    running = lands(40, today=date(2026, 4, 10))
    assert running.expected == pytest.approx(1440)
    assert running.p90 - running.p10 > lands(120, today=date(2026, 5, 1)).p90 * 1.1
    assert landing(today=date(2026, 4, 6), actuals=months(40), **YEAR) is None
    assert landing(today=date(2026, 9, 1), actuals={}, **YEAR) is None


def test_a_level_lands_at_its_past_and_the_mean_of_the_last_three_months():
    told = lands(0.10, 0.10, 0.20, 0.20, 0.20, 0.20, today=date(2026, 10, 1), is_volume=False, maximum=1)
    assert told.rate == pytest.approx(0.2)
    assert told.expected == pytest.approx((0.1 * 2 + 0.2 * 10) / 12)
    assert 0.14 < told.p10 < told.expected < told.p90 < 0.22
    over = lands(*[0.1] * 6, *[0.3] * 6, today=date(2027, 4, 1), is_volume=False)
    assert (over.expected, over.sd) == (pytest.approx(0.2), 0)


def test_a_level_stays_within_its_limits():
    told = lands(0.95, today=date(2026, 5, 1), is_volume=False, maximum=1)
    assert (told.p90, told.high) == (1, 1)
    fallen = lands(0.01, 0.2, 0.01, today=date(2026, 7, 1), is_volume=False)
    assert fallen.low >= 0


def test_what_was_read_weighs_more_than_a_limit_it_passes():
    told = lands(*[100] * 4, minimum=0, maximum=300)
    assert (told.expected, told.p90) == (pytest.approx(1200), told.expected)
    simulated = landing_tree(TREE, landings={"visits": told}, targets={}, samples=500)
    assert simulated.p90 <= told.expected * 5 * (1 + 1e-12)
    low = lands(0.1, 0.1, today=date(2026, 6, 1), is_volume=False, minimum=0.5)
    assert low.p10 == low.expected == pytest.approx(0.1)


def test_a_landing_can_be_counted_by_the_month():
    year = lands(60, 70, 110, 80)
    month = year.times(1 / 12)
    assert (month.expected, month.p10, month.least) == pytest.approx((80, year.p10 / 12, 320 / 12))
    assert (month.low, month.high) == pytest.approx((year.low / 12, year.high / 12))


@pytest.mark.parametrize("freedom", [2, 3, 4, 8, 13])
def test_students_quantile_is_near_enough(freedom):
    assert student(freedom) == pytest.approx(stats.t.ppf(0.9, freedom), rel=0.004)


# Where the KGI lands


TREE = Tree(
    "revenue",
    [
        Formula("revenue", "visits * rate * price"),
        Lever("visits", {"current": 1000, "must_hit": 2000}),
        Lever("rate", {"current": 0.1}),
        Lever("price", {"current": 50, "must_hit": 60}),
    ],
)


def test_the_kgi_lands_as_its_levers_do():
    visits = lands(*[1000] * 6, today=date(2026, 10, 1)).times(1 / 12)
    told = landing_tree(TREE, landings={"visits": visits}, targets={"now": 5_000, "more": 7_000}, samples=20_000)
    assert told.p50 == pytest.approx(5_000, rel=1e-3)
    assert told.p10 == pytest.approx(visits.p10 * 5, rel=1e-3)
    assert told.p90 == pytest.approx(visits.p90 * 5, rel=1e-3)
    assert told.probability["now"] == pytest.approx(0.5, abs=0.001)
    assert told.probability["more"] == 0
    assert told.drivers[0].key == "visits"


def test_levers_without_a_landing_stay_in_the_column_asked():
    rate = Landing(expected=0.1, p10=0.1, p90=0.1, sd=0, rate=0.1, months=12)
    asked = {"landings": {"rate": rate}, "targets": {}, "samples": 100}
    assert landing_tree(TREE, **asked).mean == pytest.approx(5_000)
    assert landing_tree(TREE, column="must_hit", **asked).mean == pytest.approx(12_000)


def test_a_landing_of_what_is_no_lever_is_refused():
    with pytest.raises(TreeRefused) as refused:
        landing_tree(TREE, landings={"revenue": lands(100)}, targets={})
    assert (refused.value.code, refused.value.key) == ("not_a_lever", "revenue")


# What key results say of a lever, and what the KGI's own actuals say beside its tree


def said(low, middle, high, until=date(2026, 6, 30)) -> Course:
    guess = Guess(low, middle, high)
    return Course(until, guess, guess)


@settings(max_examples=50)
@given(
    st.lists(st.floats(0, 1e6), max_size=3),
    st.floats(0, 1e6),
    st.floats(0, 1e6),
    st.floats(0, 1e6),
    st.floats(0, 1e5),
    st.booleans(),
)
def test_what_is_said_lies_within_its_range_keeps_what_is_done_and_more_is_never_less(
    read, low, more, still_more, raised, is_volume
):
    def told(by):
        course = said(low + by, low + more + by, low + more + still_more + by)
        return spoken_landing(
            **YEAR, today=date(2026, 6, 30), actuals=months(*read), courses=[course], is_volume=is_volume
        )

    lands = told(0.0)
    assert lands.p10 <= lands.expected <= lands.p90
    assert not is_volume or lands.p10 >= sum(read) * (1 - 1e-9)
    assert told(raised).expected >= lands.expected * (1 - 1e-9)


def test_the_longer_ago_a_key_result_ends_the_less_it_is_sure():
    early, late = (
        spoken_landing(**YEAR, today=date(2026, 5, 31), actuals={}, courses=[said(40, 50, 60, until)])
        for until in (date(2026, 6, 30), date(2027, 3, 31))
    )
    assert early.expected == pytest.approx(late.expected)
    assert early.p90 - early.p10 > late.p90 - late.p10


def test_two_teams_add_up_and_a_level_is_said_once():
    two = [said(40, 50, 60), said(40, 50, 60)]
    one = spoken_landing(**YEAR, today=date(2026, 4, 1), actuals={}, courses=two[:1])
    both = spoken_landing(**YEAR, today=date(2026, 4, 1), actuals={}, courses=two)
    assert both.expected == pytest.approx(2 * one.expected)
    assert both.p90 - both.p10 == pytest.approx(sqrt(2) * (one.p90 - one.p10))
    level = spoken_landing(**YEAR, today=date(2026, 4, 1), actuals={}, courses=two, is_volume=False)
    assert level.expected == pytest.approx(50)


def test_a_kgis_own_course_counts_the_more_the_less_is_left():
    tree = Tree("g", [Formula("g", "a * 1"), Lever("a", {"current": 100})])
    stood = {date(2026, month, 1): Decimal(200 + 10 * month) for month in range(4, 12)}
    middles = []
    for today in (date(2026, 7, 1), date(2026, 12, 1), date(2027, 3, 31)):
        own = own_course(stood, start=YEAR["start"], end=YEAR["end"], today=today)
        middles.append(goal_landing(tree, landings={}, targets={}, own=own, samples=2_000).p50)
    assert 100 < middles[0] < middles[1] < middles[2]
    assert middles[2] == pytest.approx(350, rel=0.01)
    assert own_course({date(2026, 4, 1): 1, date(2026, 5, 1): 2}, **YEAR, today=date(2026, 6, 1)) is None


def test_a_goal_that_falls_is_reached_from_above():
    tree = Tree("g", [Formula("g", "a * 1"), Lever("a", low=0, likely=50, high=100)])
    rising, falling = (
        goal_landing(tree, landings={}, targets={"must_hit": 25.0}, falls=falls, samples=10_000).probability["must_hit"]
        for falls in (False, True)
    )
    assert rising == pytest.approx(0.875, abs=0.01)
    assert rising + falling == pytest.approx(1)
