"""Formulas: what is read, what is refused and where, and what changing one leaves alone."""

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from funnel.formulas.formula import (
    FormulaRefused,
    Key,
    Negative,
    Number,
    Operation,
    is_key,
    keys_of,
    read_formula,
    renamed,
    with_operand,
    without_operand,
    written,
)

VALUES = {"a": 2.0, "b": 3.0, "c": 5.0, "訪問": 7.0}

numbers = st.floats(min_value=0, max_value=1e6, allow_nan=False).map(lambda number: f"{number:.6f}")
formulas = st.recursive(
    st.one_of(st.sampled_from(list(VALUES)), numbers),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" + ", "-", " * ", "/", "×", "÷", "＋", "−"]), inner).map("".join),
        inner.map("({})".format),
        inner.map("-{}".format),
    ),
    max_leaves=12,
)


def calculated(part) -> float:
    """Plain recursion over what was read, another way than the engine's."""
    match part:
        case Number(value=value):
            return value
        case Key(key=key):
            return VALUES[key]
        case Negative(of=inner):
            return -calculated(inner)
        case Operation(sign=sign, left=left, right=right):
            one, other = calculated(left), calculated(right)
            if sign == "/":
                return one / other if other else math.nan
            return {"+": one + other, "-": one - other, "*": one * other}[sign]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2 + 3 * 4", 14),
        ("(2 + 3) * 4", 20),
        ("10 - 2 - 3", 5),
        ("24 / 4 / 2", 3),
        ("-2 * -3", 6),
        ("- (1 + 1)", -2),
        ("2 - -3", 5),
        (".5 + 1.", 1.5),
        ("１０ × （３ − １） ÷ 4", 5),
        ("訪問*a", 14),
        ("ａ + ｂ", 5),
        ("a\n+\tb　+c", 10),
    ],
)
def test_a_formula_is_calculated_as_at_school(text, value):
    assert calculated(read_formula(text)) == value


@pytest.mark.parametrize(
    ("text", "code", "start", "end", "found"),
    [
        ("", "empty", 0, 0, ""),
        ("  　", "empty", 3, 3, ""),
        ("a + ", "value_missing", 4, 4, ""),
        ("a + * b", "value_missing", 4, 5, "*"),
        ("* a", "value_missing", 0, 1, "*"),
        ("()", "value_missing", 1, 2, ")"),
        ("a ** 2", "value_missing", 3, 4, "*"),
        ("+ a", "value_missing", 0, 1, "+"),
        ("a ^ 2", "unknown_character", 2, 3, "^"),
        ("a * 20%", "unknown_character", 6, 7, "%"),
        ("a == b", "unknown_character", 2, 3, "="),
        ("a, b", "unknown_character", 1, 2, ","),
        ("a * ²", "unknown_character", 4, 5, "²"),
        ("a * ٣", "unknown_character", 4, 5, "٣"),
        ("a * .", "unknown_character", 4, 5, "."),
        ("'x'", "unknown_character", 0, 1, "'"),
        ("a\x00", "unknown_character", 1, 2, "\x00"),
        ("__import__(os)", "operator_missing", 10, 11, "("),
        ("a b", "operator_missing", 2, 3, "b"),
        ("2 a", "operator_missing", 2, 3, "a"),
        ("1.2.3", "operator_missing", 3, 5, ".3"),
        ("(a + b", "not_closed", 0, 1, "("),
        ("a * (b + (c)", "not_closed", 4, 5, "("),
        ("a + b)", "not_opened", 5, 6, ")"),
        ("1" * 400, "number_too_large", 0, 400, "1" * 400),
        ("a + " + "k" * 61, "key_too_long", 4, 65, "k" * 61),
        ("a" + "+a" * 1000, "too_long", 2000, 2001, "a"),
        ("(" * 51 + "a" + ")" * 51, "too_deep", 50, 51, "("),
        ("-" * 51 + "a", "too_deep", 50, 51, "-"),
    ],
)
def test_what_is_no_formula_is_refused_at_its_place(text, code, start, end, found):
    with pytest.raises(FormulaRefused) as refused:
        read_formula(text)
    assert (refused.value.code, refused.value.start, refused.value.end) == (code, start, end)
    assert refused.value.found == found


def test_the_longest_and_the_deepest_formula_are_read():
    assert sum(1 for _ in keys_of(read_formula("a" + "+a" * 999 + " "))) == 1000
    assert calculated(read_formula("(" * 50 + "a" + ")" * 50)) == 2


@settings(max_examples=50)
@given(st.one_of(st.text(), st.text(alphabet="ab1.+-*/()（）×÷ 　訪\0%^", max_size=60)))
@example("(" * 1999)
@example("-" * 2000)
@example("1" * 2000)
def test_any_text_is_read_or_refused_within_the_text_and_nothing_else_happens(text):
    try:
        part = read_formula(text)
    except FormulaRefused as error:
        refused = error
    else:
        assert calculated_or_nan(written(part)) == pytest.approx(calculated_or_nan(text), nan_ok=True)
        return
    assert 0 <= refused.start <= refused.end <= len(text)
    assert refused.found == text[refused.start : refused.end]


def calculated_or_nan(text: str) -> float:
    try:
        return calculated(read_formula(text))
    except (KeyError, OverflowError):
        return math.nan


@settings(max_examples=50)
@given(formulas)
def test_what_is_written_again_says_the_same(text):
    part = read_formula(text)
    again = written(part)
    assert calculated(read_formula(again)) == pytest.approx(calculated(part), nan_ok=True)
    assert written(read_formula(again)) == again


@settings(max_examples=50)
@given(formulas)
def test_renaming_there_and_back_leaves_the_text_as_it_was(text):
    assert "visits" not in text
    assert renamed(renamed(text, "訪問", "visits"), "visits", "訪問") == text
    assert [key.key for key in keys_of(read_formula(renamed(text, "訪問", "visits")))] == [
        "visits" if key.key == "訪問" else key.key for key in keys_of(read_formula(text))
    ]


@settings(max_examples=50)
@given(formulas, st.sampled_from("+-*/"))
def test_an_operand_joins_the_whole_formula(text, sign):
    whole = calculated(read_formula(text))
    joined = calculated(read_formula(with_operand(text, sign, "c")))
    expected = {"+": whole + 5, "-": whole - 5, "*": whole * 5, "/": whole / 5}[sign]
    assert joined == pytest.approx(expected, nan_ok=True)


def test_an_operand_is_left_out_where_the_rest_still_means_something():
    assert without_operand("visits * rate + other", "other") == "visits * rate"
    assert without_operand("a / b", "a") == "1 / b"
    assert without_operand("a * b * b", "b") is None
    assert without_operand("a * b", "c") is None


def test_keys_are_letters_digits_and_underscores():
    assert all(map(is_key, ["visits", "来店数", "_", "Ａ１", "été", "k" * 60]))
    assert not any(map(is_key, ["", "1a", "a b", "a-b", "a.b", "k" * 61, "(a)", "a\n"]))
