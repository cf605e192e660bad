"""Laws of the forecast: what must hold for every key result of every kind, and what an owner may rely on."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from objectives.formulas.forecast import (
    Ended,
    Prior,
    default_prior,
    forecast_key_result,
    learn_priors,
    path,
)
from objectives.formulas.scoring import KINDS, Measure, MeasureRefused, Reading, Span, Step, score_key_result

QUARTER = Span(date(2026, 4, 1), date(2026, 6, 30))
DAY = timedelta(days=1)
REACH = Measure("reach", Decimal(32), Decimal(50), must_hit_value=Decimal(41))
MEASURES = {
    "reach": REACH,
    "cumulative": Measure("cumulative", target_value=Decimal(30), must_hit_value=Decimal(15)),
    "quota": Measure("quota", quota=Decimal(20), period="week"),
    "average": Measure("average", Decimal(32), Decimal(50), must_hit_value=Decimal(41)),
    "keep": Measure("keep", target_value=Decimal(20), limit="min", period="week"),
    "coverage": Measure("coverage", population=Decimal(60)),
    "milestone": Measure("milestone", steps=tuple(Step(Decimal(w), w == 1) for w in (1, 2, 2, 3))),
}


def weekly(*values: float, start: date = QUARTER.start + 3 * DAY, every: int = 7) -> list[Reading]:
    return [Reading(start + every * place * DAY, Decimal(str(value))) for place, value in enumerate(values)]


def foretell(measure, readings, today, intent="aspirational", **more):
    return forecast_key_result(measure, intent, QUARTER, readings, today, **more)


def chances(found):
    return [found.score_0_6, found.score_0_7, found.target, found.must_hit]


@st.composite
def asked(draw, kinds=KINDS):
    """A key result on a day of the quarter, with check-ins on any days before it."""
    measure = MEASURES[draw(st.sampled_from(kinds))]
    today = QUARTER.start + DAY * draw(st.integers(0, 89))
    days = draw(st.lists(st.integers(0, (today - QUARTER.start).days), max_size=16).map(sorted))
    low = 0 if measure.kind == "coverage" else -20
    values = draw(st.lists(st.integers(low, 60), min_size=len(days), max_size=len(days)))
    said = [Reading(QUARTER.start + day * DAY, Decimal(value)) for day, value in zip(days, values, strict=True)]
    return measure, said, today


@settings(max_examples=50, deadline=None)
@given(asked(), st.sampled_from(("aspirational", "committed")))
def test_a_range_is_ordered_and_a_probability_is_one(case, intent):
    measure, said, today = case
    found = foretell(measure, said, today, intent)
    if found.p50 is not None:
        assert found.p10 <= found.p50 <= found.p90
    assert all(0 <= chance <= 1 for chance in chances(found) if chance is not None)
    assert found.target <= found.score_0_7 <= found.score_0_6
    assert (found.must_hit is None) == (measure.must_hit_value is None)
    assert found.readings == len(said)


@settings(max_examples=50, deadline=None)
@given(asked([kind for kind in KINDS if kind != "milestone"]), st.integers(1, 40))
def test_a_better_last_reading_never_lowers_a_probability(case, more):
    measure, said, today = case
    if not said:
        return
    better = [*said[:-1], replace(said[-1], value=said[-1].value + more)]
    before, after = chances(foretell(measure, said, today)), chances(foretell(measure, better, today))
    assert all(later >= earlier - 1e-9 for earlier, later in zip(before, after, strict=True) if earlier is not None), (
        before,
        after,
    )


@settings(max_examples=50, deadline=None)
@given(
    asked(["reach", "cumulative", "average", "keep"]), st.sampled_from((Decimal(-1), Decimal(1000), Decimal("-0.01")))
)
def test_neither_the_unit_nor_the_direction_changes_a_probability(case, factor):
    measure, said, today = case
    turned = replace(
        measure,
        start_value=None if measure.start_value is None else measure.start_value * factor,
        target_value=measure.target_value * factor,
        must_hit_value=None if measure.must_hit_value is None else measure.must_hit_value * factor,
        limit=measure.limit and ("min" if factor > 0 else "max"),
    )
    told = [replace(reading, value=reading.value * factor) for reading in said]
    as_it_was, as_turned = foretell(measure, said, today), foretell(turned, told, today)
    assert chances(as_turned) == pytest.approx(chances(as_it_was), abs=1e-6)
    if as_it_was.p50 is not None:
        ends = sorted(float(factor) * end for end in (as_it_was.p10, as_it_was.p50, as_it_was.p90))
        assert [as_turned.p10, as_turned.p50, as_turned.p90] == pytest.approx(ends, rel=1e-5, abs=1e-4)


@settings(max_examples=50, deadline=None)
@given(asked(), st.integers(0, 30))
def test_at_the_end_all_is_known(case, later):
    measure, said, _ = case
    found = foretell(measure, said, QUARTER.end + later * DAY)
    scored = score_key_result(measure, QUARTER, said, QUARTER.end + DAY)
    assert found.p10 == found.p50 == found.p90
    if scored.score is None:
        assert chances(found) == [None, None, None, None]
        return
    assert [found.score_0_6, found.score_0_7, found.target] == [
        float(scored.progress >= limit - 1e-9) for limit in (0.6, 0.7, 1)
    ]
    if measure.kind in ("reach", "average", "milestone") and scored.current_value is not None:
        assert found.p50 == float(scored.current_value)


@settings(max_examples=50, deadline=None)
@given(asked())
def test_the_likely_course_runs_from_the_present_to_the_forecast(case):
    measure, said, today = case
    found = foretell(measure, said, today)
    course = path(measure, QUARTER, said, today, found)
    if found.p50 is None:
        assert course == []
        return
    assert [place.date for place in (course[0], course[-1])] == [today, QUARTER.end]
    assert course[0].p10 == pytest.approx(course[0].p90)
    last = course[-1]
    assert (last.p10, last.p50, last.p90) == pytest.approx((found.p10, found.p50, found.p90))
    assert all(place.p10 <= place.p50 + 1e-9 and place.p50 <= place.p90 + 1e-9 for place in course)


@pytest.mark.parametrize("kind", ["reach", "cumulative", "average", "coverage"])
def test_the_range_narrows_while_the_cycle_goes_by(kind):
    random, widths = Random(5), [0.0, 0.0, 0.0]
    for _ in range(40):
        level, values = 0.0, []
        for _ in range(13):
            level += random.uniform(0, 3)
            added = random.randint(0, 4)
            values.append({"cumulative": added, "average": 40 + random.gauss(0, 4)}.get(kind, round(level, 1)))
        said = weekly(*values)
        for place, share in enumerate((0.25, 0.5, 0.75)):
            today = QUARTER.start + round(91 * share) * DAY
            found = foretell(MEASURES[kind], [one for one in said if one.date <= today], today)
            widths[place] += found.p90 - found.p10
    assert widths[0] > widths[1] > widths[2]


def test_without_a_check_in_there_is_only_what_similar_key_results_did():
    found = foretell(REACH, [], QUARTER.start)
    assert found.readings == 0
    assert found.p10 < 36 < 44 < found.p90
    assert 0.3 < found.score_0_6 < 0.7
    hopeful = foretell(REACH, [], QUARTER.start, prior=Prior(1.0, 0.2, 12))
    assert hopeful.score_0_6 > 0.85 > found.score_0_6


def test_one_check_in_proves_little():
    today = QUARTER.start + 10 * DAY
    one, none = foretell(REACH, weekly(34), today), foretell(REACH, [], today)
    assert one.p90 - one.p10 > 0.5 * 18
    assert one.p50 > none.p50


def test_an_even_pace_heads_for_its_end():
    said = weekly(*(32 + 1.4 * week for week in range(1, 8)))
    found = foretell(REACH, said, said[-1].date)
    assert found.p10 < 50 < found.p90
    assert found.score_0_6 > 0.9
    assert found.score_0_7 > 0.85
    halfway = weekly(*(32 + 0.4 * week for week in range(1, 8)))
    assert foretell(REACH, halfway, halfway[-1].date).score_0_6 < 0.2


def test_long_silence_makes_the_present_value_likely():
    said = weekly(34, 36, 38)
    soon, late = (foretell(REACH, said, said[-1].date + gone * DAY) for gone in (3, 40))
    assert late.score_0_6 < soon.score_0_6
    assert late.p10 == pytest.approx(38, abs=0.5)


def test_a_sum_that_never_fell_does_not_fall():
    found = foretell(MEASURES["cumulative"], weekly(0, 0, 1, 0, 0, 0), QUARTER.start + 45 * DAY)
    assert 1 <= found.p10 <= found.p50 <= found.p90
    assert found.score_0_6 < 0.1
    assert found.target < found.must_hit


def test_a_quota_once_missed_cannot_be_met_every_week():
    missed = weekly(20, 3, 20, 20, 20)
    found = foretell(MEASURES["quota"], missed, missed[-1].date)
    assert found.target == 0
    assert found.score_0_6 > 0.9
    kept = weekly(24, 25, 24, 23, 26)
    assert foretell(MEASURES["quota"], kept, kept[-1].date).target > 0.1


def test_a_keep_is_the_share_of_periods_inside():
    inside, outside = weekly(*[26] * 8), weekly(*[12] * 8)
    good, bad = (foretell(MEASURES["keep"], said, said[-1].date) for said in (inside, outside))
    assert good.score_0_7 > 0.95
    assert good.target > 0.3
    assert bad.score_0_6 == bad.target == 0
    assert bad.p50 == pytest.approx(12, abs=1)


def test_a_milestone_ends_at_one_of_its_steps():
    found = foretell(MEASURES["milestone"], [], QUARTER.start + 20 * DAY)
    assert {found.p10, found.p50, found.p90} <= {1.0, 3.0, 5.0, 8.0}
    done = replace(MEASURES["milestone"], steps=tuple(Step(Decimal(1), True) for _ in range(4)))
    assert foretell(done, [], QUARTER.start + 20 * DAY).target == 1


def test_a_plan_that_begins_late_is_not_held_against_who_follows_it():
    said = weekly(32, 32.5, 33, 34)
    phases = [(QUARTER.start + 45 * DAY, 0.2)]
    today = said[-1].date
    assert foretell(REACH, said, today, phases=phases).score_0_6 > foretell(REACH, said, today).score_0_6 + 0.2


def test_falling_targets_say_the_smaller_number_first():
    found = foretell(Measure("reach", Decimal(45), Decimal(30)), weekly(44, 43, 42, 41), QUARTER.start + 30 * DAY)
    assert found.p10 < found.p50 < found.p90 < 44


def test_measuring_first_has_no_forecast():
    found = foretell(Measure("reach", measure_first=True), weekly(3, 4), QUARTER.start + 30 * DAY)
    assert (found.p50, *chances(found)) == (None, None, None, None, None)


def test_what_cannot_be_scored_is_refused():
    with pytest.raises(MeasureRefused):
        foretell(Measure("reach", Decimal(5), Decimal(5)), [], QUARTER.start)


def test_outrageous_numbers_stay_numbers():
    said = weekly("1e25", "-1e25", "1e25", "0", "9e25")
    for kind, measure in MEASURES.items():
        found = foretell(measure, said, said[-1].date)
        assert all(value == value for value in (found.p10, found.p90, *chances(found)) if value is not None), kind


def test_an_organizations_own_past_moves_the_prior_slowly():
    usual = default_prior("reach", "aspirational")
    row = Ended("reach", "aspirational", 0.2)
    few, many = (learn_priors([row] * number)["reach", "aspirational"] for number in (2, 60))
    assert 0.2 < many.landing < few.landing < usual.landing
    assert many.spread < few.spread
    assert list(learn_priors([Ended("quota", "aspirational", 0.2)])) == [("quota", "aspirational")]
    assert learn_priors([Ended("reach", "aspirational", 1e9)] * 40)["reach", "aspirational"].landing < 2


@pytest.mark.parametrize("kind", KINDS)
def test_odd_cycles_and_years_of_silence_have_an_answer(kind):
    decade = Span(date(2026, 4, 1), date(2036, 3, 31))
    weekend = Span(date(2026, 4, 4), date(2026, 4, 5))
    said = [Reading(decade.start + 7 * week * DAY, Decimal(20)) for week in range(5)]
    for span, told, today in (
        (decade, said, date(2033, 1, 1)),
        (decade, [], date(2026, 3, 1)),
        (weekend, [Reading(weekend.start, Decimal(20))], weekend.start),
    ):
        found = forecast_key_result(MEASURES[kind], "committed", span, told, today)
        assert all(0 <= chance <= 1 for chance in chances(found) if chance is not None)
        assert found.p50 is None or found.p10 <= found.p50 <= found.p90
