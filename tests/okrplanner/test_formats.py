"""How numbers, days, zones and people are written in both languages."""

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.utils import translation

from okrplanner import formats

ORGANIZATION = SimpleNamespace(band_lower=0.6, band_upper=0.7)


@pytest.fixture(params=["ja", "en"])
def reader(request):
    with translation.override(request.param):
        yield request.param


def render(source, **values):
    return Template(source).render(Context(values))


def test_amounts_read_as_people_say_them():
    with translation.override("ja"):
        assert render('{{ v|amount:"円" }}', v=Decimal(320_000_000)) == "3.2億円"
        assert render('{{ v|amount_full:"円" }}', v=Decimal(320_000_000)) == "¥320,000,000"
        assert render('{{ v|figure:"円" }}', v=Decimal(45_000_000)) == '4,500<span class="unit">万円</span>'
    with translation.override("en"):
        assert render('{{ v|amount:"円" }}', v=Decimal(450_000_000)) == "¥450M"
        assert render('{{ v|figure:"円" }}', v=Decimal(450_000_000)) == '¥450<span class="unit">M</span>'
        assert render('{{ v|figure:"%" }}', v=Decimal("-4.5")) == '−4.5<span class="unit">%</span>'


def test_a_change_of_an_amount_has_its_sign():
    shown = "{% for v in many %}{{ v|change:'円'|striptags }} {% endfor %}"
    many = [120_000_000, -30_000_000.0, 0, None]
    with translation.override("ja"):
        assert render(shown, many=many) == "＋1.2億円 −3,000万円 ±0円 – "
    with translation.override("en"):
        assert render(shown, many=many) == "+¥120M −¥30M ±¥0 – "


def test_a_unit_someone_typed_is_escaped(reader):
    assert "<script>" not in render("{{ v|figure:u }}{{ v|amount:u }}{{ v|change:u }}", v=3, u="<script>")


def test_what_is_not_known_is_a_dash(reader):
    source = '{{ v|amount:"円" }}{{ v|amount_full }}{{ v|figure }}{{ v|score }}{{ v|percent }}{{ v|ratio }}{{ v|day }}'
    assert render(source, v=None) == "–" * 7


def test_scores_shares_and_ratios():
    with translation.override("ja"):
        assert render("{{ v|score }}", v=-0.079) == "−0.08"
        assert render("{{ v|percent }}", v=0.25) == "25%"
        assert render("{{ v|ratio }}", v=2.2) == "2.2倍"
        assert render("{{ v|limit }}", v=0.65) == "0.65"
    with translation.override("en"):
        assert render("{{ v|ratio }}", v=2.2) == "2.2×"


@pytest.mark.parametrize(
    ("value", "sign", "text"), [(0.08, "up", "0.08"), (-0.12, "down", "0.12"), (0.001, "same", "0.00")]
)
def test_a_change_shows_its_sign(reader, value, sign, text):
    assert render("{% delta v %}", v=value) == f'<span class="delta" data-sign="{sign}">{text}</span>'


def test_days_are_written_as_people_write_them():
    monday = dt.date(2026, 4, 6)
    with translation.override("ja"):
        assert formats.day(monday) == "2026年4月6日(月)"
        assert formats.day_week(monday) == "4月6日(月)"
        assert formats.day_short(monday) == "4月6日"
    with translation.override("en"):
        assert formats.day(monday) == "Mon 6 Apr 2026"
        assert formats.day_week(monday) == "Mon 6 Apr"
        assert formats.day_short(monday) == "6 Apr"


def test_a_moment_counts_as_its_local_day(reader):
    late = dt.datetime(2026, 4, 5, 23, 0, tzinfo=dt.UTC)
    assert formats.day(late) == formats.day(dt.date(2026, 4, 6))


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("佐藤 美咲", "佐"),
        ("渡辺　結衣", "渡"),
        ("Misaki Sato", "MS"),
        ("Anna Maria Berg", "AB"),
        ("misaki", "M"),
        ("アンナ・ベルク", "ア"),
        ("", "・"),
        (None, "・"),
    ],
)
def test_a_stamp_shows_the_family_name_or_initials(name, letters):
    assert render("{{ name|seal }}", name=name) == letters


def test_a_person_is_stamp_and_name(reader):
    html = render("{% person name me=True %}", name="佐藤 <b>")
    assert html == (
        '<span class="person"><span class="seal" lang="ja" data-size="small" data-me aria-hidden="true">佐</span>'
        "佐藤 &lt;b&gt;</span>"
    )


@pytest.mark.parametrize(("landing", "zone"), [(0.41, "below"), (0.65, "in"), (0.82, "above"), (None, "none")])
def test_a_zone_is_a_shape_a_number_and_a_word(reader, landing, zone):
    html = render('{% zone landing "aspirational" organization %}', landing=landing, organization=ORGANIZATION)
    assert f'data-zone="{zone}"' in html
    assert f'href="#z-{zone}"' in html
    assert formats.zone_word(zone) in html
    if landing:
        assert f"{landing:.2f}" in html


def test_a_zone_without_its_word_still_says_it_to_a_screen_reader(reader):
    html = render('{% zone 0.65 "aspirational" organization word=False %}', organization=ORGANIZATION)
    assert f'<span class="visually-hidden"> {formats.zone_word("in")}</span>' in html


def test_a_committed_goal_has_a_mark_instead_of_a_band():
    with translation.override("en"):
        assert "On the mark" in render('{% zone 0.97 "committed" organization %}', organization=ORGANIZATION)
        assert "Below the mark" in render('{% zone 0.9 "committed" organization %}', organization=ORGANIZATION)


@pytest.mark.parametrize(
    "state", ["not_started", "measure_first", "on_track", "at_risk", "off_track", "overdue", "closed"]
)
def test_every_state_has_a_word_and_a_drawing(reader, state):
    assert formats.health_word(state)
    assert formats.health_word(state) in render("{% health state %}", state=state)


def test_a_place_in_the_navigation_is_found_by_its_address():
    assert formats.under("/o/demo/kgis/3/", "/o/demo/kgis/")
    assert not formats.under("/o/demo/plan/", "/o/demo/kgis/")
    assert not formats.under("/o/demo/plan/", "")


def test_a_family_name_that_looks_like_a_sign_shows_two_characters():
    with translation.override("ja"):
        assert render("{% seal name %}", name="三浦 健").startswith('<span class="seal" lang="ja" data-letters="2"')
        assert ">三浦</span>" in render("{% seal name %}", name="三浦 健")
        assert 'data-letters="2"' not in render("{% seal name %}", name="Ann Lee")


def test_japanese_words_are_marked_on_a_page_of_another_language(reader):
    marked = ' lang="ja"' if reader == "en" else ""
    assert render("<p{{ text|tongue }}>", text="常連へ") == f"<p{marked}>"
    assert render("<p{{ text|tongue }}>", text="To regulars") == "<p>"
