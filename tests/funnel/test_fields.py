"""Numbers as people type them, in forms."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from funnel.fields import AmountField


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("１２３", 123),
        ("1,200", 1200),
        ("１，２００", 1200),
        ("3.2億", 320_000_000),
        ("△5", -5),
        ("－５", -5),
        (" 7 ", 7),
        ("", None),
    ],
)
def test_amounts_are_read_as_typed(typed, meant):
    assert AmountField(required=False).clean(typed) == meant


@pytest.mark.parametrize("typed", ["NaN", "inf", "1e999", "1_000", "abc", "1,2,3", "٣٤", "9" * 40, "\x00", "1\u00002"])
def test_what_is_no_number_is_refused_in_words(typed):
    with translation.override("en"), pytest.raises(ValidationError) as refused:
        AmountField().clean(typed)
    assert refused.value.messages[0].endswith(".")


def test_a_percentage_means_itself_where_the_unit_is_percent():
    assert AmountField(unit="%").clean("45%") == 45


def test_a_rate_is_typed_in_percent_and_stored_as_a_share():
    assert AmountField(rate=True).clean("20") == AmountField(rate=True).clean("20%") == Decimal("0.2")
    assert AmountField(rate=True).prepare_value(Decimal("0.2")) == "20"


def test_a_percentage_of_anything_else_is_refused():
    with pytest.raises(ValidationError):
        AmountField(unit="件").clean("45%")


def test_what_was_typed_comes_back_as_typed():
    assert AmountField().prepare_value("abc") == "abc"
    assert AmountField().prepare_value(Decimal("1200.500000")) == "1,200.5"


@pytest.mark.parametrize(
    ("unit", "more", "keyboard"),
    [
        ("件", {}, "decimal"),
        ("%", {}, "decimal"),
        ("円", {}, "text"),
        ("万円", {}, "text"),
        ("$", {}, "text"),
        ("KRW", {}, "text"),
        ("NPS", {}, "text"),
        ("", {}, "decimal"),
        ("", {"spoken": True}, "text"),
        ("円", {"rate": True}, "decimal"),
    ],
)
def test_a_phone_opens_its_digits_unless_oku_or_a_minus_may_be_typed(unit, more, keyboard):
    assert AmountField(unit=unit, **more).widget.attrs["inputmode"] == keyboard
    late = AmountField(**more)
    late.unit = unit
    assert late.widget.attrs["inputmode"] == keyboard
