from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from objectives.formulas.pace import (
    HealthInput,
    PaceRefused,
    days_elapsed,
    elapsed_share,
    health,
    key_result_pace,
    landing,
    phased_pace,
    seasonal_phases,
    stand,
    zone,
)
from objectives.formulas.scoring import Measure, MeasureRefused, Reading, Span, Step

QUARTER = Span(date(2026, 4, 1), date(2026, 6, 30))
MIDDLE = date(2026, 5, 16)
FRIDAY = 4

any_day = st.dates(date(2026, 3, 1), date(2026, 7, 31))
shares = st.floats(0, 1)
spans = st.builds(
    lambda start, length: Span(start, start + timedelta(days=length)),
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(0, 400),
)


def test_the_first_day_counts_as_elapsed_and_the_last_completes_the_cycle():
    assert days_elapsed(QUARTER, QUARTER.start) == 1
    assert elapsed_share(QUARTER, QUARTER.start) == 1 / 91
    assert elapsed_share(QUARTER, QUARTER.end) == 1
    assert elapsed_share(QUARTER, date(2026, 3, 31)) == 0
    assert elapsed_share(QUARTER, date(2027, 1, 1)) == 1
    assert elapsed_share(Span(MIDDLE, MIDDLE), MIDDLE) == 1


@pytest.mark.parametrize("kind", ["keep", "average", "quota"])
def test_a_level_is_expected_from_the_first_day(kind):
    assert key_result_pace(kind, QUARTER, date(2026, 3, 31)) == 0
    assert key_result_pace(kind, QUARTER, QUARTER.start, [(MIDDLE, 0.1)]) == 1


def test_phases_bend_the_pace_at_their_dates():
    phases = [(date(2026, 5, 31), 0.8), (date(2026, 4, 30), 0.2)]
    assert phased_pace(phases, QUARTER, date(2026, 3, 31)) == 0
    assert phased_pace(phases, QUARTER, date(2026, 4, 15)) == pytest.approx(0.1)
    assert phased_pace(phases, QUARTER, date(2026, 4, 30)) == pytest.approx(0.2)
    assert phased_pace(phases, QUARTER, date(2026, 5, 31)) == pytest.approx(0.8)
    assert phased_pace(phases, QUARTER, date(2026, 6, 15)) == pytest.approx(0.9)
    assert phased_pace(phases, QUARTER, date(2026, 8, 1)) == 1


def test_a_phase_on_the_last_day_is_what_the_cycle_ends_with():
    assert phased_pace([(QUARTER.end, 0.9)], QUARTER, QUARTER.end) == 0.9


@given(spans, st.dates(date(2020, 1, 1), date(2032, 1, 1)))
def test_without_phases_the_pace_is_the_elapsed_share(span, today):
    assert phased_pace([], span, today) == pytest.approx(elapsed_share(span, today))


@given(st.lists(st.tuples(any_day, st.floats(-1, 2)), max_size=6), any_day)
def test_a_pace_stays_within_zero_and_one(phases, today):
    assert 0 <= phased_pace(phases, QUARTER, today) <= 1


@given(spans)
def test_even_months_make_the_elapsed_share_at_the_end_of_a_whole_year(span):
    year = Span(date(span.start.year, 1, 1), date(span.start.year, 12, 31))
    phases = seasonal_phases(year, [1] * 12)
    assert [round(share * 12, 9) for _, share in phases] == list(range(1, 13))


@given(spans, st.lists(st.floats(0.1, 10), min_size=12, max_size=12))
def test_seasonal_phases_rise_to_one_on_the_last_day(span, weights):
    phases = seasonal_phases(span, weights)
    assert phases[-1] == (span.end, pytest.approx(1))
    assert phases == sorted(phases, key=lambda phase: (phase[0], phase[1]))


@pytest.mark.parametrize(
    ("weights", "code"),
    [([1] * 11, "twelve_weights"), ([1] * 11 + [-1], "negative_weight"), ([1] * 3 + [0] * 3 + [1] * 6, "no_weight")],
)
def test_a_pattern_that_says_nothing_is_refused(weights, code):
    with pytest.raises(PaceRefused) as refusal:
        seasonal_phases(QUARTER, weights)
    assert refusal.value.code == code


def test_landing_is_unknown_before_the_first_day():
    assert landing(0.5, 0) is None
    assert landing(None, 1) is None
    assert landing(-0.2, 0.5) == -0.4


@pytest.mark.parametrize(
    ("intent", "kind", "heading", "expected"),
    [
        ("aspirational", "reach", 0.65, "on_track"),
        ("aspirational", "reach", 0.6, "on_track"),
        ("aspirational", "reach", 0.21 / 0.35, "on_track"),
        ("aspirational", "reach", 0.599, "at_risk"),
        ("aspirational", "reach", 0.3, "at_risk"),
        ("aspirational", "reach", 0.299, "off_track"),
        ("aspirational", "reach", -0.1, "off_track"),
        ("committed", "reach", 0.95, "on_track"),
        ("committed", "reach", 0.94, "at_risk"),
        ("committed", "reach", 0.7, "at_risk"),
        ("committed", "reach", 0.69, "off_track"),
        ("aspirational", "keep", 0.94, "at_risk"),
        ("aspirational", "average", 0.6, "on_track"),
        ("aspirational", "quota", None, "not_started"),
    ],
)
def test_health_follows_the_landing(intent, kind, heading, expected):
    assert health(HealthInput(intent, kind, heading)) == expected


def test_the_organizations_band_moves_the_limits():
    assert health(HealthInput("aspirational", "reach", 0.55, band_lower=0.5)) == "on_track"
    assert health(HealthInput("aspirational", "reach", 0.25, band_lower=0.5)) == "at_risk"
    assert zone(0.75, "aspirational", 0.7, 0.8) == "in"
    assert zone(Decimal("0.6"), "aspirational", Decimal("0.60"), Decimal("0.70")) == "in"


def test_low_confidence_takes_health_down_one_step():
    assert health(HealthInput("aspirational", "reach", 0.7, confidence=4)) == "on_track"
    assert health(HealthInput("aspirational", "reach", 0.7, confidence=3)) == "at_risk"
    assert health(HealthInput("aspirational", "reach", 0.4, confidence=0)) == "off_track"
    assert health(HealthInput("aspirational", "reach", 0.1, confidence=0)) == "off_track"


def test_the_first_seven_days_are_never_worse_than_at_risk():
    assert health(HealthInput("committed", "reach", 0.0, days_elapsed=7)) == "at_risk"
    assert health(HealthInput("committed", "reach", 0.8, confidence=1, days_elapsed=1)) == "at_risk"
    assert health(HealthInput("committed", "reach", 0.0, days_elapsed=8)) == "off_track"


def test_an_overdue_check_in_replaces_on_track_only():
    assert health(HealthInput("aspirational", "reach", 0.7, overdue=True)) == "overdue"
    assert health(HealthInput("aspirational", "reach", 0.5, overdue=True)) == "at_risk"
    assert health(HealthInput("aspirational", "reach", 0.1, overdue=True)) == "off_track"
    assert health(HealthInput("aspirational", "reach", 0.0, overdue=True, started=False)) == "not_started"


def test_closed_and_measure_first_speak_before_all_else():
    assert health(HealthInput("aspirational", "reach", 0.1, closed=True, measure_first=True)) == "closed"
    assert health(HealthInput("aspirational", "reach", None, measure_first=True, overdue=True)) == "measure_first"


@given(st.floats(-1, 2), st.floats(0, 1), st.sampled_from(["committed", "aspirational"]))
def test_a_higher_landing_is_never_less_healthy(heading, better, intent):
    order = ["off_track", "at_risk", "on_track"]
    now, then = (health(HealthInput(intent, "reach", value)) for value in (heading, heading + better))
    assert order.index(then) >= order.index(now)


@given(st.floats(-1, 2), st.sampled_from(["reach", "keep"]))
def test_what_lies_in_the_band_or_above_is_on_track(heading, kind):
    intent = "committed" if kind == "keep" else "aspirational"
    on_track = health(HealthInput(intent, kind, heading)) == "on_track"
    assert on_track == (zone(heading, intent) in ("in", "above"))


def test_a_key_result_stands_as_its_check_ins_say():
    measure = Measure("cumulative", target_value=Decimal(30))
    said = [Reading(date(2026, 4, 20), Decimal(4), 8), Reading(date(2026, 5, 11), Decimal(6), 2)]
    found = stand(measure, "aspirational", QUARTER, said, date(2026, 5, 15))
    assert found.progress == pytest.approx(1 / 3)
    assert found.pace == pytest.approx(45 / 91)
    assert found.landing == pytest.approx(91 / 135)
    assert found.health == "at_risk"
    assert stand(measure, "aspirational", QUARTER, [], date(2026, 5, 15)).health == "not_started"


def test_a_milestone_is_started_by_its_first_finished_step():
    measure = Measure("milestone", steps=(Step(Decimal(1), True), Step(Decimal(1), False)))
    assert stand(measure, "aspirational", QUARTER, [], MIDDLE).health == "on_track"


def test_a_reading_from_the_future_has_no_standing():
    measure = Measure("cumulative", target_value=Decimal(30))
    with pytest.raises(MeasureRefused):
        stand(measure, "committed", QUARTER, [Reading(date(2026, 5, 20), Decimal(4))], MIDDLE)


def test_before_the_first_day_nothing_lands():
    found = stand(Measure("coverage", population=Decimal(5)), "committed", QUARTER, [], date(2026, 3, 1))
    assert (found.pace, found.landing, found.health) == (0, None, "not_started")
