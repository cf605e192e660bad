"""What is said about a KGI that is not specific, measurable, dated or high enough."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from funnel.formulas.fiscal import fiscal_year
from funnel.formulas.kgi_check import KGIFigures, check_kgi, is_vague
from funnel.formulas.multiples import Multiple, multiple_of, read_multiple
from funnel.presenters.notes import SAYINGS

YEAR = {"period_start": date(2026, 4, 1), "period_end": date(2027, 3, 31)}
SOLID = {"current": 300, "last_year": 300, "must_hit": 450, "challenge": 900, "why": "理由", "picture": "姿", **YEAR}


def codes(**figures):
    return [
        finding.code for finding in check_kgi(KGIFigures(**{"name": "年間売上"} | SOLID | figures), date(2026, 5, 20))
    ]


def test_a_solid_kgi_is_left_in_peace():
    assert codes() == []


@pytest.mark.parametrize(
    "name",
    [
        "売上を上げる",
        "売上アップ",
        "新規顧客を増やす",
        "顧客満足度の向上",
        "ＥＣ売上を伸ばす",
        "Raise sales",
        "Grow our revenue",
        "More customers",
    ],
)
def test_a_name_that_only_wishes_is_vague(name):
    assert is_vague(name)
    assert codes(name=name) == ["name_vague"]


@pytest.mark.parametrize(
    "name",
    [
        "年間売上",
        "EC売上を2026年度末までに1.5倍に伸ばす",
        "売上を倍増する",
        "売上高成長率",
        "Annual revenue",
        "Double revenue",
        "Grow revenue by 30%",
        "新規顧客数",
    ],
)
def test_a_name_that_says_what_or_how_much_is_not(name):
    assert not is_vague(name)


def test_a_year_in_the_name_is_no_amount():
    assert is_vague("2026年度に売上を上げる")
    assert is_vague("Raise B2B sales in FY2026")


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"must_hit": None, "challenge": None}, ["no_target"]),
        ({"must_hit": None}, ["no_must_hit"]),
        ({"challenge": None, "must_hit": 400}, ["no_challenge"]),
        ({"period_end": None}, ["not_dated"]),
        ({"period_start": date(2025, 4, 1), "period_end": date(2026, 3, 31)}, ["period_over"]),
        ({"current": None}, ["no_current"]),
        ({"current": 200, "must_hit": 300}, ["same_as_last_year"]),
        ({"must_hit": 305, "challenge": 310}, ["hardly_above_last_year"]),
        ({"must_hit": 300}, ["same_as_current"]),
        ({"must_hit": 250}, ["below_current"]),
        ({"must_hit": 900, "challenge": 450}, ["must_hit_above_challenge"]),
        ({"must_hit": 450, "challenge": 450}, ["targets_alike"]),
        ({"challenge": 3001}, ["above_ten_times"]),
        ({"why": " "}, ["high_without_why"]),
        ({"picture": ""}, ["high_without_picture"]),
    ],
)
def test_each_weakness_is_named(figures, expected):
    assert codes(**figures) == expected


def test_a_kgi_that_is_to_fall_may_have_its_challenge_lowest():
    assert codes(current=45, last_year=45, must_hit=38, challenge=30) == []


def test_an_ordinary_target_needs_no_reason():
    assert codes(challenge=500, why="", picture="") == []


def test_a_kgi_from_zero_has_no_ratio_and_no_complaint_about_it():
    assert codes(current=0, last_year=0, why="", picture="") == []


def test_every_code_has_something_to_say():
    every = {
        "name_vague", "no_target", "no_must_hit", "no_challenge", "not_dated", "period_over", "no_current",
        "same_as_last_year", "hardly_above_last_year", "same_as_current", "below_current", "must_hit_above_challenge",
        "targets_alike", "above_ten_times", "high_without_why", "high_without_picture",
    }  # fmt: skip
    assert set(SAYINGS) == every


@pytest.mark.parametrize(
    ("typed", "factor"),
    [
        ("昨年の150%", Fraction(3, 2)),
        ("昨年比１２０％", Fraction(6, 5)),
        ("前年の2倍", Fraction(2)),
        ("去年の1.5倍", Fraction(3, 2)),
        ("昨対110%", Fraction(11, 10)),
        ("150% of last year", Fraction(3, 2)),
        ("3 times last year", Fraction(3)),
        ("2x", Fraction(2)),
        ("×3", Fraction(3)),
        ("２．５倍", Fraction(5, 2)),
    ],
)
def test_a_multiple_of_last_year_is_understood(typed, factor):
    assert read_multiple(typed) == Multiple(factor)


@pytest.mark.parametrize(
    ("typed", "factor"),
    [
        ("業界平均の3倍", Fraction(3)),
        ("業界平均比１２０％", Fraction(6, 5)),
        ("同業他社の1.5倍", Fraction(3, 2)),
        ("3× the industry", Fraction(3)),
        ("3x industry average", Fraction(3)),
        ("150% of the industry average", Fraction(3, 2)),
        ("1.2 times the industry’s average", Fraction(6, 5)),
        ("industry average x 2", Fraction(2)),
    ],
)
def test_a_multiple_of_the_industry_is_understood(typed, factor):
    assert read_multiple(typed) == Multiple(factor, "reference")


@pytest.mark.parametrize(
    "typed", ["", "150%", "3.2億", "1,200", "2xx", "0倍", "1e9x", "99999倍", "昨年", "x", "１億の2倍", "業界平均の0倍"]
)
def test_anything_else_is_no_multiple(typed):
    assert read_multiple(typed) is None


def test_a_multiple_is_exact_where_it_can_be():
    assert multiple_of(Decimal(300_000_000), Fraction(3, 2)) == 450_000_000
    assert multiple_of(Decimal("0.1"), Fraction(1, 3)) == Decimal("0.033333")


def test_a_fiscal_year_holds_its_day():
    assert fiscal_year(date(2027, 3, 31), 4) == (date(2026, 4, 1), date(2027, 3, 31))
    assert fiscal_year(date(2028, 2, 29), 3) == (date(2027, 3, 1), date(2028, 2, 29))
    assert fiscal_year(date(2026, 12, 31), 1) == (date(2026, 1, 1), date(2026, 12, 31))
