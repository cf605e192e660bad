"""The course of a key result as a drawing, and the doubt about a likely slip."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from objectives.formulas.history import (
    NARROW,
    WIDE,
    Change,
    History,
    draw,
    levels_of,
    nice_ticks,
    pace_of,
    points_of,
)
from objectives.formulas.reporting import expected_value, value_at
from objectives.formulas.scoring import Measure, Reading, Span, progress_at

QUARTER = Span(date(2026, 4, 6), date(2026, 7, 5))
AMOUNTS = st.decimals(min_value=-(10**15), max_value=10**15, places=6)
DAYS = st.integers(0, 90).map(lambda days: QUARTER.start + timedelta(days=days))
VISITS = Measure("reach", Decimal(1200), Decimal(4800))


@given(st.lists(st.tuples(DAYS, AMOUNTS), max_size=40), AMOUNTS, AMOUNTS, st.sampled_from([WIDE, NARROW]))
def test_everything_stays_inside_the_frame(said, start, target, frame):
    measure = Measure("reach", start, target)
    readings = [Reading(day, value) for day, value in said]
    history = History(
        QUARTER,
        tuple(points_of(measure, readings)),
        tuple(levels_of(QUARTER, None, target)),
        tuple(pace_of(measure, QUARTER)),
        landing=target,
    )
    plot = draw(history, frame)
    for mark in (*plot.dots, *plot.ticks, *((plot.landing,) if plot.landing else ())):
        assert frame.left - 0.1 <= mark.x <= plot.plot_right + 0.1
        assert frame.top - 0.1 <= mark.y <= plot.floor + 0.1
    assert len(plot.ticks) <= 5
    assert len(plot.months) <= frame.months


@given(st.lists(st.tuples(DAYS, st.decimals(-1000, 1000, places=2)), min_size=1, max_size=30))
def test_a_cumulative_line_ends_at_the_sum(said):
    points = points_of(Measure("cumulative", target_value=Decimal(30)), [Reading(day, value) for day, value in said])
    assert points[-1].value == sum(value for _, value in said)


def test_a_quota_begins_again_in_every_period():
    measure = Measure("quota", quota=Decimal(20), period="month")
    days = [date(2026, 4, 10), date(2026, 4, 20), date(2026, 5, 4)]
    points = points_of(measure, [Reading(day, Decimal(7)) for day in days])
    assert [(int(point.value), point.begins) for point in points] == [(7, True), (14, False), (7, True)]


def test_two_check_ins_of_one_day_make_one_dot_with_the_later_value():
    day = date(2026, 5, 4)
    points = points_of(VISITS, [Reading(day, Decimal(1300)), Reading(day, Decimal(1400))])
    assert [dot.value for dot in draw(History(QUARTER, tuple(points), ())).dots] == [1400]


@given(st.floats(-1e12, 1e12), st.floats(1e-9, 1e12))
def test_ticks_are_round_few_and_inside(low, width):
    high = low + width
    ticks = nice_ticks(low, high)
    assert len(ticks) <= 5
    give = (width + abs(low)) * 1e-6
    assert all(low - give <= float(tick) <= high + give for tick in ticks)


def test_labels_never_cover_one_another():
    levels = levels_of(QUARTER, Decimal(4790), Decimal(4800))
    history = History(QUARTER, tuple(points_of(VISITS, [Reading(QUARTER.start, Decimal(1200))])), tuple(levels))
    places = sorted(label.y for label in draw(history).labels)
    assert places[1] - places[0] >= 14


def test_a_target_moved_twice_leaves_two_old_lines():
    changes = [
        Change(date(2026, 5, 1), None, Decimal(6000)),
        Change(date(2026, 6, 1), None, Decimal(5000)),
    ]
    levels = levels_of(QUARTER, None, Decimal(4800), changes)
    assert [(level.kind, int(level.value)) for level in levels] == [("old", 6000), ("old", 5000), ("challenge", 4800)]
    assert [level.last for level in levels] == [date(2026, 5, 1), date(2026, 6, 1), QUARTER.end]


def test_a_target_first_set_in_mid_cycle_begins_there():
    levels = levels_of(QUARTER, Decimal(50), Decimal(100), [Change(date(2026, 5, 1), None, Decimal(100))])
    assert [(level.kind, level.first) for level in levels] == [("must", date(2026, 5, 1)), ("challenge", QUARTER.start)]


@given(
    st.sampled_from(["reach", "average", "cumulative"]),
    st.integers(-10_000, 10_000),
    st.integers(-10_000, 10_000),
    st.integers(-200, 300),
)
def test_the_value_at_a_progress_has_that_progress(kind, start, target, per_cent):
    if start == target:
        target += 1
    measure = Measure(kind, Decimal(start), Decimal(target))
    value = value_at(measure, per_cent / 100)
    assert value is not None
    assert progress_at(measure, value) == pytest.approx(per_cent / 100, abs=1e-5)


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.floats(0, 1))
def test_what_is_expected_is_never_behind_the_pace(start, target, pace):
    if start == target:
        target += 1
    measure = Measure("reach", Decimal(start), Decimal(target))
    expected = expected_value(measure, pace)
    assert expected is not None
    assert progress_at(measure, expected) >= pace - 1e-5
