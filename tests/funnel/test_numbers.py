from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.formulas.numbers import (
    NumberRefused,
    format_amount,
    format_percent,
    format_ratio,
    format_score,
    parse_amount,
)

UNITS = ["", "円", "万円", "百万円", "件", "%", "人", "件/月", "$"]


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("１２３", "", "123"),
        ("１，２００", "", "1200"),
        ("1,200", "", "1200"),
        ("1、200", "", "1200"),
        ("１．５", "", "1.5"),
        (".5", "", "0.5"),
        ("007", "", "7"),
        ("+5", "", "5"),
        ("－５", "", "-5"),
        ("−5", "", "-5"),
        ("△5", "", "-5"),
        ("▲ 1,200", "", "-1200"),
        ("ー5", "", "-5"),
        ("- 0", "", "0"),
        ("3.2億", "円", "320000000"),
        ("3.2 億 円", "円", "320000000"),
        ("4,500万", "", "45000000"),
        ("1億2,000万円", "円", "120000000"),
        ("1億2,000万5,000円", "円", "120005000"),
        ("5千万", "円", "50000000"),
        ("3百万", "円", "3000000"),
        ("8千", "回", "8000"),
        ("1万5千", "回", "15000"),
        ("1.2兆", "円", "1200000000000"),
        ("1.2M", "", "1200000"),
        ("500k", "", "500000"),
        ("¥450M", "円", "450000000"),
        ("￥１，２００", "円", "1200"),
        ("−¥6M", "円", "-6000000"),
        ("¥-6", "円", "-6"),
        ("¥1,200", "", "1200"),
        ("120万円", "", "1200000"),
        ("$1,200", "$", "1200"),
        ("50件", "件", "50"),
        ("50 件", "件", "50"),
        ("50件", "件/月", "50"),
        ("50件／月", "件/月", "50"),
        ("120m", "m", "120"),
        ("12ｾｯﾄ", "セット", "12"),
        ("3 Deals", "deals", "3"),
        ("320", "万円", "320"),
        ("320万円", "万円", "320"),
        ("3.2億", "万円", "32000"),
        ("¥1,200,000", "万円", "120"),
        ("320百万円", "百万円", "320"),
        ("50万", "万人", "50"),
        ("500,000人", "万人", "50"),
        ("45%", "%", "45"),
        ("４５％", "％", "45"),
        ("45", "%", "45"),
        ("△12.5 %", "%", "-12.5"),
    ],
)
def test_numbers_are_read_as_people_type_them(text, unit, expected):
    assert parse_amount(text, unit=unit) == Decimal(expected)


def test_a_rate_reads_percent_as_a_share_of_one():
    assert parse_amount("45%", rate=True) == Decimal("0.45")
    assert parse_amount("0.45", rate=True) == Decimal("0.45")
    assert parse_amount("0.0125%", rate=True) == Decimal("0.000125")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" 　", "empty"),
        ("abc", "not_a_number"),
        ("1_000", "not_a_number"),
        ("1e5", "not_a_number"),
        ("1e999", "not_a_number"),
        ("--5", "not_a_number"),
        ("1-5", "not_a_number"),
        ("1 200", "not_a_number"),
        ("5.", "not_a_number"),
        ("1.2.3", "not_a_number"),
        ("万", "not_a_number"),
        ("億5", "not_a_number"),
        ("2万3億", "not_a_number"),
        ("1億20000万", "not_a_number"),
        ("1.5億2000万", "not_a_number"),
        ("٣٤", "not_a_number"),
        ("३४", "not_a_number"),
        ("①", "not_a_number"),
        ("½", "not_a_number"),
        ("𝟏𝟐", "not_a_number"),
        ("三億", "not_a_number"),
        ("0x10", "unit_mismatch"),
        ("12\x00", "unit_mismatch"),
        ("5㍘", "not_a_number"),
        ("1" * 101, "not_a_number"),
        ("1,2,3", "misplaced_comma"),
        ("12,34", "misplaced_comma"),
        ("1,2345", "misplaced_comma"),
        (",100", "misplaced_comma"),
        ("0,123", "misplaced_comma"),
        ("1,200,", "misplaced_comma"),
        ("nan", "not_finite"),
        ("-Infinity", "not_finite"),
        ("∞", "not_finite"),
        ("1" * 17, "too_large"),
        ("9999兆", "too_large"),
        ("0.1234567", "too_many_decimals"),
        ("45%", "percent_not_allowed"),
        ("4,500円", "unit_mismatch"),
        ("¥4,500", "unit_mismatch"),
        ("50社", "unit_mismatch"),
    ],
)
def test_what_is_no_number_is_refused_with_its_reason(text, code):
    with pytest.raises(NumberRefused) as refusal:
        parse_amount(text, unit="件")
    assert refusal.value.code == code
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (True, "not_a_number"),
        (None, "not_a_number"),
        ([], "not_a_number"),
        (float("nan"), "not_finite"),
        (float("inf"), "not_finite"),
        (Decimal("NaN"), "not_finite"),
        (Decimal("sNaN"), "not_finite"),
        (Decimal("-Infinity"), "not_finite"),
        (Decimal("1E+1000000"), "too_large"),
        (Decimal("1E-1000000"), "too_many_decimals"),
        (Decimal("0.1234567"), "too_many_decimals"),
        (1e300, "too_large"),
        (10**400, "too_large"),
        (5e-324, "too_many_decimals"),
    ],
)
def test_values_from_other_programs_are_refused_alike(value, code):
    with pytest.raises(NumberRefused) as refusal:
        parse_amount(value)
    assert refusal.value.code == code


def test_the_last_binary_digits_of_a_float_are_rounded_away():
    assert parse_amount(0.1 + 0.2) == Decimal("0.3")
    assert parse_amount(1e5) == Decimal("100000")
    assert parse_amount(Decimal("0E-1000000")) == 0


def test_the_largest_and_finest_numbers_pass():
    assert parse_amount("1000兆") == Decimal("1e15")
    assert parse_amount("△0.000001") == Decimal("-0.000001")


@pytest.mark.parametrize(
    ("value", "unit", "japanese", "english"),
    [
        (0, "円", "0円", "¥0"),
        (9_996, "円", "9,996円", "¥9,996"),
        (12_800, "円", "1.28万円", "¥12.8k"),
        (1_200_000, "円", "120万円", "¥1.2M"),
        (99_995_000, "円", "1億円", "¥100M"),
        (450_000_000, "円", "4.5億円", "¥450M"),
        (1_200_000_000_000, "円", "1.2兆円", "¥1.2T"),
        (-24_000_000, "円", "−2,400万円", "−¥24M"),
        (50, "百万円", "5,000万円", "¥50M"),
        (12, "万人", "12万人", "120k 人"),
        (1_200, "人", "1,200人", "1,200 人"),
        (416_667, "", "416,667", "416,667"),
        (1_234_567, "回", "123万回", "1.23M 回"),
        (45, "%", "45%", "45%"),
        (-12.5, "%", "−12.5%", "−12.5%"),
        (0.00412, "", "0.00412", "0.00412"),
        (30.456, "日", "30.46日", "30.46 日"),
        (1_200, "$", "$1,200", "$1,200"),
        (1_200_000, "円/月", "120万円/月", "¥1.2M/月"),
        (Fraction(250, 3), "件", "83.33件", "83.33 件"),
        (-0.0000001, "", "−0.0000001", "−0.0000001"),
        (None, "件", "–", "–"),
    ],
)
def test_amounts_are_said_as_people_say_them(value, unit, japanese, english):
    assert format_amount(value, unit=unit, language="ja") == japanese
    assert format_amount(value, unit=unit, language="en") == english


def test_a_rounded_zero_carries_no_minus():
    assert format_score(-0.004) == "0.00"
    assert format_percent(0) == "0%"
    assert format_ratio(Fraction(100, 3), language="en") == "33.3×"


amounts = st.decimals(min_value=-(10**15), max_value=10**15, places=6, allow_nan=False, allow_infinity=False)


@given(amounts)
def test_a_full_figure_is_read_back_unchanged(value):
    for unit in ("", "円", "件", "%", "件/月", "$"):
        for language in ("ja", "en"):
            assert parse_amount(format_amount(value, unit=unit, language=language, precise=True), unit=unit) == value


@given(st.integers(min_value=-(10**11), max_value=10**11))
def test_a_full_figure_of_a_scaled_unit_is_read_back_unchanged(value):
    for unit in ("万円", "百万円", "千人"):
        assert parse_amount(format_amount(value, unit=unit, precise=True), unit=unit) == value


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_a_shortened_amount_is_off_by_half_a_percent_at_most(value):
    for unit in ("円", "人", "万円"):
        for language in ("ja", "en"):
            said = parse_amount(format_amount(value, unit=unit, language=language), unit=unit, limit=Decimal("1e16"))
            assert abs(said - value) <= Decimal("0.005") * abs(value)


def read_or_refused(text, unit, rate):
    try:
        return parse_amount(text, unit=unit, rate=rate)
    except NumberRefused:
        return Decimal(0)


@given(
    st.one_of(st.text(max_size=40), st.text(alphabet="0123456789０１２,.，-△万億千兆円%kM 　¥", max_size=20)),
    st.sampled_from(UNITS),
    st.booleans(),
)
def test_any_text_is_a_number_or_a_refusal(text, unit, rate):
    value = read_or_refused(text, unit, rate)
    assert abs(value) <= Decimal("1e15")
    assert value.as_tuple().exponent >= -6


@given(amounts)
def test_sign_and_width_of_the_digits_do_not_matter(value):
    plain = f"{abs(value):f}"
    wide = plain.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789."})
    assert parse_amount(wide) == abs(value)
    assert {parse_amount(sign + plain) for sign in "-−－△▲"} == {-abs(value)}
