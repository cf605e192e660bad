"""The signature drawing: what it shows, what it leaves out, and that a hundred of them cost nothing."""

import time
from decimal import Decimal
from fractions import Fraction
from xml.etree import ElementTree

import pytest
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from objectives.formulas.bar import Bar
from okrplanner.stretch_bar import SIZES, stretch_bar

TRAIL = [0.06, 0.10, None, 0.19, 0.28, 0.36, 0.42, 0.475]


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def usual(**changes):
    shown = {"progress": 0.506, "score": 0.506, "landing": 0.605, "pace": 0.835, "must_hit": 0.333, "trail": TRAIL}
    return Bar.of(**(shown | changes))


def drawn(bar, size="row", label=""):
    return ElementTree.fromstring(stretch_bar(bar, size, label))  # noqa: S314 (our own drawing)


def marks(bar, name, size="row"):
    return [mark for mark in drawn(bar, size).iter() if name in mark.get("class", "").split()]


def test_a_goal_heading_for_the_band_is_drawn_in_its_colour_though_its_bar_is_short():
    root = drawn(usual())
    assert root.get("data-zone") == "in"
    assert marks(usual(), "value")[0].get("width") == "50.6%"
    assert marks(usual(), "landing-at")[0].get("x") == "60.5%"
    assert marks(usual(), "must-at")[0].get("x") == "33.3%"
    assert marks(usual(), "pace-at")[0].get("x") == "83.5%"


@pytest.mark.parametrize(("landing", "zone"), [(0.599, "below"), (0.6, "in"), (0.7, "in"), (0.701, "above")])
def test_the_zone_follows_the_landing(landing, zone):
    assert usual(landing=landing).zone == zone


def test_the_organizations_own_band_counts():
    assert usual(landing=0.58, band_lower=0.5, band_upper=0.58).zone == "in"
    band = marks(usual(band_lower=0.5, band_upper=0.58), "band")[0]
    assert (band.get("x"), band.get("width")) == ("50%", "8%")


def test_once_closed_the_score_gives_the_zone_and_nothing_is_foreseen():
    bar = usual(progress=0.65, score=0.65, landing=0.9, closed=True)
    assert bar.zone == "in"
    assert not marks(bar, "landing-at")
    assert not marks(bar, "lead")
    assert not marks(bar, "pace-at")


def test_without_a_report_only_the_scale_is_drawn():
    bar = Bar.of(progress=None, pace=0.5)
    assert bar.zone == "none"
    assert not marks(bar, "value")
    assert drawn(bar)[0].get("aria-label") == "No report yet"


def test_before_the_first_day_there_is_progress_but_no_zone():
    bar = usual(landing=None, pace=None)
    assert bar.zone == "none"
    assert drawn(bar)[0].get("aria-label") == "Progress 0.51"


def test_going_backwards_is_an_arrow_left_of_the_scale_without_a_landing():
    bar = usual(progress=-0.07, score=0, landing=-0.08)
    assert bar.zone == "below"
    assert marks(bar, "under")
    assert not marks(bar, "value")
    assert not marks(bar, "landing-at")


def test_past_the_challenge_is_an_arrow_right_of_a_full_bar():
    bar = usual(progress=1.34, score=1, landing=1.6)
    assert marks(bar, "over")
    assert marks(bar, "value")[0].get("width") == "100%"
    assert not marks(bar, "landing-at")


def test_a_landing_past_the_challenge_stays_on_the_scale():
    assert marks(usual(landing=1.2), "landing-at")[0].get("x") == "100%"


def test_a_committed_result_has_no_band_and_its_tick_at_one():
    bar = usual(progress=0.86, score=0.86, landing=1.02, intent="committed")
    assert not marks(bar, "band")
    assert not marks(bar, "challenge-at")
    assert marks(bar, "must-at")[0].get("x") == "100%"
    assert "On the mark" in drawn(bar)[0].get("aria-label")


def test_a_week_without_a_check_in_is_a_gap():
    assert len(marks(usual(), "trail")) == 7
    assert len(marks(usual(), "trail-line", "hero")) == 6


def test_only_the_last_eight_weeks_are_kept():
    assert usual(trail=[0.9, *TRAIL]).trail == tuple(TRAIL)


def test_a_volume_is_drawn_in_ink_without_band_and_pace():
    bar = Bar.plain(Fraction(1, 3), must_hit=Decimal("0.5"))
    assert drawn(bar).get("data-zone") == "plain"
    assert not marks(bar, "band")
    assert marks(bar, "value")[0].get("width") == "33.3%"
    assert drawn(bar)[0].get("aria-label") == "33% of the challenge"


@pytest.mark.parametrize("size", SIZES)
def test_every_size_is_well_formed_and_free_of_styles(size):
    text = stretch_bar(usual(), size)
    assert "style=" not in text
    assert "viewBox" not in text
    assert drawn(usual(), size)[0].get("height") == str(SIZES[size].height)


def test_the_tall_sizes_say_what_their_marks_are():
    words = [text.text for text in drawn(usual(), "hero").iter("text")]
    assert words == ["0", "0.6", "0.7", "1.0", "Challenge", "Stretch band", "84% elapsed", "Must-hit", "8 weeks ago"]


def test_words_that_would_touch_are_left_to_the_legend():
    words = [text.text for text in drawn(usual(must_hit=0.62, pace=0.97), "hero").iter("text")]
    assert "Must-hit" not in words
    assert "97% elapsed" not in words


def test_the_sentence_is_in_the_readers_language_and_a_label_is_escaped():
    assert drawn(usual())[0].get("aria-label") == "Progress 0.51, heading for 0.61 (In band)"
    assert "<b>" not in stretch_bar(usual(), "row", '"><b>')


def test_the_template_tag_needs_no_load():
    html = Template('{% stretch_bar bar size="card" %}').render(Context({"bar": usual()}))
    assert 'data-size="card"' in html


# Amounts end at 1e15 and have six decimals, so no progress can be larger than this.
ANY = st.none() | st.floats(-1e24, 1e24) | st.sampled_from([float("nan"), float("inf"), -float("inf")])


@given(
    progress=ANY,
    landing=ANY,
    pace=st.none() | st.floats(-1, 2),
    must_hit=ANY,
    trail=st.lists(ANY, max_size=12),
    size=st.sampled_from(sorted(SIZES)),
    closed=st.booleans(),
    intent=st.sampled_from(["aspirational", "committed"]),
)
def test_any_numbers_make_a_drawing(progress, landing, pace, must_hit, trail, size, closed, intent):
    bar = Bar.of(
        progress=progress,
        score=progress,
        landing=landing,
        pace=pace,
        must_hit=must_hit,
        trail=trail,
        closed=closed,
        intent=intent,
    )
    text = stretch_bar(bar, size)
    ElementTree.fromstring(text)  # noqa: S314 (our own drawing)
    assert "nan" not in text
    assert "inf" not in text


def test_a_hundred_bars_cost_nothing():
    bar = usual()
    began = time.perf_counter()
    for _ in range(100):
        stretch_bar(bar, "row")
    assert time.perf_counter() - began < 0.1
