from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from objectives.formulas.scoring import (
    Measure,
    MeasureRefused,
    Reading,
    Span,
    Step,
    check_measure,
    check_readings,
    latest_confidence,
    periods_of,
    progress_at,
    score_key_result,
    weekly_progress,
)

QUARTER = Span(date(2026, 4, 1), date(2026, 6, 30))
LAST_DAY = QUARTER.end
AFTER = date(2026, 7, 1)


def reading(day, value, confidence=None):
    month, day_of_month = map(int, day.split("-"))
    return Reading(date(2026, month, day_of_month), None if value is None else Decimal(value), confidence)


def score(measure, *readings, today=LAST_DAY, span=QUARTER):
    return score_key_result(measure, span, readings, today)


@pytest.mark.parametrize(
    ("start", "target", "value", "progress"),
    [
        ("32", "50", "41", 0.5),
        ("45", "30", "36", 0.6),
        ("15", "5", "20", -0.5),
        ("12", "3", "1", 11 / 9),
        ("-10", "10", "5", 0.75),
    ],
)
def test_reach_measures_the_share_of_the_way_in_either_direction(start, target, value, progress):
    measure = Measure("reach", Decimal(start), Decimal(target))
    scored = score(measure, reading("5-1", value))
    assert scored.progress == pytest.approx(progress)
    assert scored.score == pytest.approx(min(max(progress, 0), 1))
    assert scored.current_value == Decimal(value)


def test_the_latest_reading_is_by_date_then_by_entry():
    measure = Measure("reach", Decimal(0), Decimal(100))
    late, early, corrected = reading("5-8", 40), reading("5-1", 90), reading("5-8", 50)
    assert score(measure, late, early, corrected).progress == 0.5


def test_confidence_is_the_last_one_stated():
    said = [reading("5-8", 40, 4), reading("5-1", 90, 8), reading("5-8", 50, 6), reading("5-15", 50)]
    assert latest_confidence(said, LAST_DAY) == 6
    assert latest_confidence(said, date(2026, 5, 7)) == 8
    assert latest_confidence(said, date(2026, 4, 30)) is None


def test_readings_after_the_day_asked_for_do_not_count():
    measure = Measure("reach", Decimal(0), Decimal(100))
    assert score(measure, reading("5-1", 10), reading("5-8", 40), today=date(2026, 5, 7)).progress == 0.1


def test_cumulative_adds_to_its_start():
    measure = Measure("cumulative", Decimal(100), Decimal(130))
    scored = score(measure, reading("5-1", 10), reading("5-8", "-1"), reading("5-8", 9))
    assert scored.current_value == Decimal(118)
    assert scored.progress == 0.6


def test_average_puts_the_mean_of_the_readings_into_the_formula():
    measure = Measure("average", Decimal(45), Decimal(30))
    scored = score(measure, reading("5-1", 40), reading("5-8", 35), reading("5-15", 33))
    assert scored.current_value == Decimal(36)
    assert scored.progress == 0.6


def test_coverage_is_done_over_population():
    assert score(Measure("coverage", population=Decimal(50)), reading("5-1", 35)).score == 0.7


def test_milestone_weighs_its_finished_steps():
    steps = (Step(Decimal(1), True), Step(Decimal(2), True), Step(Decimal(2), False))
    scored = score(Measure("milestone", steps=steps))
    assert scored.score == 0.6
    assert scored.current_value == Decimal(3)


@pytest.mark.parametrize(
    "measure",
    [
        Measure("reach", Decimal(32), Decimal(50)),
        Measure("cumulative", target_value=Decimal(30)),
        Measure("coverage", population=Decimal(50)),
        Measure("milestone", steps=(Step(Decimal(1), False),)),
    ],
)
def test_without_a_check_in_what_is_reached_stands_at_zero(measure):
    scored = score(measure)
    assert (scored.progress, scored.score) == (0, 0)


@pytest.mark.parametrize(
    "measure",
    [
        Measure("average", Decimal(0), Decimal(75)),
        Measure("keep", target_value=Decimal(95), limit="min"),
        Measure("quota", quota=Decimal(20), period="month"),
    ],
)
def test_without_anything_counted_a_level_has_no_score(measure):
    scored = score(measure, today=date(2026, 4, 3))
    assert (scored.progress, scored.score) == (None, None)


def test_a_key_result_to_be_measured_first_has_no_score_but_shows_its_value():
    measure = Measure("reach", target_value=Decimal(50), measure_first=True)
    scored = score(measure, reading("5-1", 34))
    assert (scored.current_value, scored.progress, scored.score) == (Decimal(34), None, None)
    assert weekly_progress(measure, QUARTER, [reading("5-1", 34)]) == [None] * 14


def test_a_monthly_quota_counts_ended_months_and_months_already_met():
    measure = Measure("quota", quota=Decimal(20), period="month")
    said = [reading("4-10", 5), reading("4-30", 10), reading("5-1", 20)]
    assert score(measure, *said, today=date(2026, 4, 30)).progress is None
    assert score(measure, *said, today=date(2026, 5, 1)).progress == pytest.approx((0.75 + 1) / 2)
    at_the_end = score(measure, *said, today=AFTER)
    assert at_the_end.progress == pytest.approx((0.75 + 1 + 0) / 3)
    assert (at_the_end.periods_counted, at_the_end.periods_met) == (3, 1)


def test_a_quota_beyond_its_measure_counts_once():
    measure = Measure("quota", quota=Decimal(20), period="month")
    scored = score(measure, reading("4-10", 60), today=AFTER)
    assert scored.progress == pytest.approx(1 / 3)


def test_a_quota_shows_the_sum_of_the_present_period():
    measure = Measure("quota", quota=Decimal(3), period="week")
    said = [reading("5-4", 2), reading("5-11", 1), reading("5-13", 1)]
    assert score(measure, *said, today=date(2026, 5, 17)).current_value == 2
    assert score(measure, *said, today=date(2026, 5, 18)).current_value == 0
    assert score(measure, today=date(2026, 5, 18)).current_value is None


def test_a_quota_never_checked_in_fails_the_periods_that_ended():
    assert score(Measure("quota", quota=Decimal(3), period="week"), today=date(2026, 4, 12)).score == 0


def test_a_week_counts_when_its_thursday_lies_in_the_cycle():
    weeks = [week for week in periods_of("week", QUARTER) if week.owed]
    assert len(weeks) == 13
    assert weeks[0].start == date(2026, 3, 30)
    assert weeks[-1].end == date(2026, 6, 28)
    measure = Measure("quota", quota=Decimal(3), period="week")
    outside = score(measure, reading("6-29", 3), today=AFTER)
    assert (outside.periods_counted, outside.periods_met) == (13, 0)


def test_the_first_days_of_2027_belong_to_week_53_of_2026():
    winter = Span(date(2026, 10, 1), date(2026, 12, 31))
    last = [week for week in periods_of("week", winter) if week.owed][-1]
    assert (last.start, last.end) == (date(2026, 12, 28), date(2027, 1, 3))
    assert last.start.isocalendar()[:2] == date(2027, 1, 3).isocalendar()[:2] == (2026, 53)
    spring = Span(date(2027, 1, 1), date(2027, 3, 31))
    first, second, *_ = periods_of("week", spring)
    assert (first.owed, second.owed) == (False, True)

    measure = Measure("quota", quota=Decimal(3), period="week")
    said = [Reading(date(2027, 1, 2), Decimal(3))]
    assert score_key_result(measure, spring, said, date(2027, 1, 3)).progress is None
    trail = weekly_progress(Measure("reach", Decimal(0), Decimal(10)), spring, said)
    assert trail[:2] == [0.3, None]
    assert len(trail) == 14


def test_a_period_that_runs_past_the_cycle_ends_with_it():
    cycle = Span(date(2026, 10, 1), date(2026, 12, 31))
    measure = Measure("quota", quota=Decimal(3), period="week")
    assert score_key_result(measure, cycle, [], date(2026, 12, 31)).periods_counted == 13
    assert score_key_result(measure, cycle, [], date(2027, 1, 1)).periods_counted == 14


def test_a_month_mostly_outside_the_cycle_counts_only_when_met():
    cycle = Span(date(2026, 4, 27), date(2026, 7, 5))
    measure = Measure("quota", quota=Decimal(20), period="month")
    spring, summer = Reading(date(2026, 4, 28), Decimal(19)), Reading(date(2026, 7, 1), Decimal(20))
    assert score_key_result(measure, cycle, [spring], date(2026, 7, 6)).periods_counted == 2
    assert score_key_result(measure, cycle, [spring, summer], date(2026, 7, 6)).periods_counted == 3


@pytest.mark.parametrize(
    ("limit", "target", "values", "inside"),
    [("min", 95, (96, 95, 94), 2), ("max", 1, ("0.5", "1", "1.01"), 2)],
)
def test_keep_is_the_share_of_readings_inside_its_limit(limit, target, values, inside):
    measure = Measure("keep", target_value=Decimal(target), limit=limit, period="week")
    days = ("5-4", "5-11", "5-18")
    scored = score(measure, *(reading(day, value) for day, value in zip(days, values, strict=True)))
    assert scored.progress == pytest.approx(inside / 3)
    assert (scored.periods_counted, scored.periods_met) == (3, inside)


def test_keep_takes_the_last_reading_of_each_period_and_names_the_missing_ones():
    measure = Measure("keep", target_value=Decimal(95), limit="min", period="month")
    said = [reading("4-10", 90), reading("4-20", 96), reading("6-2", 97)]
    scored = score(measure, *said, today=date(2026, 6, 3))
    assert scored.score == 1
    assert scored.current_value == 97
    assert scored.missing_periods == (date(2026, 5, 1),)


def test_the_trail_leaves_a_gap_for_a_week_without_a_check_in():
    measure = Measure("cumulative", target_value=Decimal(10))
    said = [reading("4-2", 1), reading("4-14", 2), reading("4-19", 1)]
    assert weekly_progress(measure, QUARTER, said)[:4] == [0.1, None, 0.4, None]


def test_the_trail_of_a_milestone_shows_what_was_finished_then():
    measure = Measure("milestone", steps=(Step(Decimal(1), True), Step(Decimal(3), True)))
    said = [reading("4-2", 1), reading("4-14", None), reading("4-22", 4)]
    assert weekly_progress(measure, QUARTER, said)[:4] == [0.25, None, 0.25, 1.0]


def test_must_hit_stands_on_the_scale_of_the_challenge_target():
    assert progress_at(Measure("reach", Decimal(45), Decimal(30)), Decimal(36)) == 0.6
    assert progress_at(Measure("coverage", population=Decimal(50)), Decimal(40)) == 0.8
    assert progress_at(Measure("quota", quota=Decimal(3), period="week"), Decimal(3)) is None
    assert progress_at(Measure("reach", target_value=Decimal(3), measure_first=True), Decimal(3)) is None


@pytest.mark.parametrize(
    ("measure", "code", "field"),
    [
        (Measure("hope"), "unknown_kind", "kind"),
        (Measure("reach", target_value=Decimal(1)), "missing", "start_value"),
        (Measure("reach", Decimal(1)), "missing", "target_value"),
        (Measure("reach", Decimal(1), Decimal("1.0")), "same_as_start", "target_value"),
        (Measure("reach", Decimal(1), Decimal(1), measure_first=True), "same_as_start", "target_value"),
        (Measure("cumulative", target_value=Decimal(0)), "same_as_start", "target_value"),
        (Measure("average", Decimal(1), Decimal(1)), "same_as_start", "target_value"),
        (Measure("keep", target_value=Decimal(1)), "missing", "limit"),
        (Measure("keep", limit="min"), "missing", "target_value"),
        (Measure("keep", target_value=Decimal(1), limit="above"), "unknown_limit", "limit"),
        (Measure("quota", period="week"), "missing", "quota"),
        (Measure("quota", quota=Decimal(0), period="week"), "not_positive", "quota"),
        (Measure("quota", quota=Decimal(1)), "missing", "period"),
        (Measure("quota", quota=Decimal(1), period="day"), "unknown_period", "period"),
        (Measure("coverage"), "missing", "population"),
        (Measure("coverage", population=Decimal(-1)), "not_positive", "population"),
        (Measure("milestone"), "no_steps", "steps"),
        (Measure("milestone", steps=(Step(Decimal(0), True),)), "not_positive", "steps"),
    ],
)
def test_a_measure_that_can_never_be_scored_is_refused(measure, code, field):
    with pytest.raises(MeasureRefused) as refusal:
        check_measure(measure)
    assert (refusal.value.code, refusal.value.field) == (code, field)


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (date(2026, 3, 31), "date_outside_cycle"),
        (date(2026, 7, 1), "date_outside_cycle"),
        (date(2026, 5, 2), "date_in_future"),
    ],
)
def test_readings_outside_the_cycle_or_after_today_are_refused(day, code):
    check_readings(QUARTER, [reading("5-1", 1)], date(2026, 5, 1))
    with pytest.raises(MeasureRefused) as refusal:
        check_readings(QUARTER, [Reading(day, Decimal(1))], date(2026, 5, 1))
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        (date(2026, 4, 2), date(2026, 4, 1), "span_reversed"),
        (date(2026, 4, 1), date(2126, 4, 1), "span_too_long"),
        (date(9999, 1, 1), date(9999, 12, 31), "span_too_far"),
    ],
)
def test_a_cycle_without_usable_days_is_refused(start, end, code):
    with pytest.raises(MeasureRefused) as refusal:
        Span(start, end)
    assert refusal.value.code == code


values = st.decimals(min_value=-(10**6), max_value=10**6, places=3)
days = st.dates(QUARTER.start, QUARTER.end)
readings_in_cycle = st.lists(st.builds(Reading, days, values), max_size=12)
positive = st.decimals(min_value=Decimal("0.001"), max_value=10**4, places=3)
measures = st.one_of(
    st.builds(Measure, st.sampled_from(["reach", "cumulative", "average"]), values, values),
    st.builds(Measure, st.just("coverage"), population=positive),
    st.builds(Measure, st.just("quota"), quota=positive, period=st.sampled_from(["week", "month"])),
    st.builds(
        Measure,
        st.just("keep"),
        target_value=values,
        limit=st.sampled_from(["min", "max"]),
        period=st.sampled_from(["week", "month", None]),
    ),
)


@given(measures, readings_in_cycle, days)
def test_a_score_is_its_progress_kept_within_zero_and_one(measure, said, today):
    assume(measure.start_value is None or measure.start_value != measure.target_value)
    scored = score_key_result(measure, QUARTER, said, today)
    if scored.progress is None:
        assert scored.score is None
    else:
        assert scored.score == min(max(scored.progress, 0), 1)
    assert 0 <= scored.periods_met <= scored.periods_counted


@given(values, values, st.lists(st.builds(Reading, days, values), min_size=1))
def test_falling_targets_are_measured_like_rising_ones(start, target, said):
    assume(start != target)
    for kind in ("reach", "cumulative", "average"):
        rising = score_key_result(Measure(kind, start, target), QUARTER, said, LAST_DAY)
        mirrored = [replace(one, value=-one.value) for one in said]
        falling = score_key_result(Measure(kind, -start, -target), QUARTER, mirrored, LAST_DAY)
        assert falling.progress == rising.progress


@given(values, values)
def test_start_stands_at_zero_and_target_at_one(start, target):
    assume(start != target)
    measure = Measure("reach", start, target)
    assert (progress_at(measure, start), progress_at(measure, target)) == (0, 1)


@given(measures, readings_in_cycle)
def test_the_order_of_different_days_does_not_matter(measure, said):
    assume(measure.start_value is None or measure.start_value != measure.target_value)
    one_a_day = list({one.date: one for one in said}.values())
    backwards = list(reversed(one_a_day))
    assert score_key_result(measure, QUARTER, one_a_day, LAST_DAY) == score_key_result(
        measure, QUARTER, backwards, LAST_DAY
    )


@given(measures, readings_in_cycle)
def test_the_trail_ends_where_the_key_result_stands(measure, said):
    assume(measure.start_value is None or measure.start_value != measure.target_value)
    trail = weekly_progress(measure, QUARTER, said)
    weeks_said = {(one.date - date(2026, 3, 30)).days // 7 for one in said}
    assert len(trail) == 14
    assert all(trail[week] is None for week in range(14) if week not in weeks_said)
    if said and measure.kind not in ("quota",):
        assert trail[max(weeks_said)] == score_key_result(measure, QUARTER, said, LAST_DAY).progress


@given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(0, 400), st.integers(1, 400))
def test_cycles_in_a_row_share_every_week_between_them(start, first_length, second_length):
    first = Span(start, start + timedelta(days=first_length))
    second = Span(first.end + timedelta(days=1), first.end + timedelta(days=second_length))
    whole = Span(first.start, second.end)
    owed = [[week.start for week in periods_of("week", span) if week.owed] for span in (first, second, whole)]
    assert owed[0] + owed[1] == owed[2]


@given(st.lists(st.tuples(positive, st.booleans()), min_size=1, max_size=8))
def test_a_milestone_is_the_weighted_share_of_its_finished_steps(pairs):
    steps = tuple(Step(weight, done) for weight, done in pairs)
    expected = Fraction(sum(w for w, done in pairs if done)) / Fraction(sum(w for w, _ in pairs))
    assert score(Measure("milestone", steps=steps)).progress == float(expected)
