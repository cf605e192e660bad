"""Numbers as people type them, in one reader for forms, the API and imports."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from funnel.formulas.multiples import Base
from funnel.formulas.numbers import NumberRefused, parse_amount

SENTENCES = {
    "empty": _("Type a number."),
    "not_a_number": _("This is not a number. Type it like 1,200, 3.2億 or 1.2M."),
    "misplaced_comma": _("The comma is in an unusual place. Type 1,200,000, or leave commas out."),
    "not_finite": _("Type a finite number."),
    "too_large": _("This number is too large."),
    "too_many_decimals": _("Type %(decimals)s decimal places at most."),
    "percent_not_allowed": _("This number is not a percentage: leave out the percent sign."),
    "unit_mismatch": _("Type the number in its own unit, or the digits alone."),
}

# What a target that is a multiple lacks, by what it is a multiple of.
BASE_MISSING: dict[Base, Any] = {
    "last_year": _("Type last year's value first: this target is a multiple of it."),
    "reference": _("Type the industry average first: this target is a multiple of it."),
}

RATE_DECIMALS = 12
# Money by its sign or code; a code of three letters may also be NPS, which falls below 0.
SPOKEN_UNITS = re.compile(r"[円¥￥$€£]|\A[A-Z]{3}\Z")


def sentence_of(refused: NumberRefused) -> str:
    """The refusal as a sentence in the reader's language."""
    sentence = str(SENTENCES.get(refused.code, SENTENCES["not_a_number"]))
    return sentence % refused.values if "%(" in sentence else sentence


def read_amount(typed: Any, *, unit: str, rate: bool) -> Decimal:
    return parse_amount(typed, unit=unit, rate=rate, decimals=RATE_DECIMALS if rate else 6)


class AmountInput(forms.TextInput):
    """A text field, for a browser would refuse 3.2億 in a number's."""

    def __init__(self, attrs: dict[str, Any] | None = None):
        super().__init__({"autocomplete": "off"} | (attrs or {}))


class AmountField(forms.Field):
    """A form field that answers a `Decimal` in its unit; with `rate`, `45%` and `45` both mean 0.45.

    Rates are typed and shown in per cent and stored 0–1. A phone opens its digits, unless the number may be
    `spoken`: money always is, and no digits of a phone know 億, 万 or a minus.
    """

    widget = AmountInput

    def __init__(self, *, unit: str = "", rate: bool = False, spoken: bool = False, **kwargs: Any):
        super().__init__(**kwargs)
        self.rate = rate
        self.spoken = spoken
        self.unit = unit

    @property
    def unit(self) -> str:
        return self._unit

    @unit.setter
    def unit(self, unit: str) -> None:
        self._unit = unit
        self.widget.attrs["inputmode"] = "text" if self.is_spoken() else "decimal"

    def is_spoken(self) -> bool:
        """Whether more than digits may be typed."""
        return not self.rate and (bool(SPOKEN_UNITS.search(self.unit)) if self.unit else self.spoken)

    def to_python(self, value: Any) -> Decimal | None:
        if value in self.empty_values or (isinstance(value, str) and not value.strip()):
            return None
        if isinstance(value, Decimal):
            return value
        try:
            if self.rate and isinstance(value, str) and not value.strip().endswith(("%", "％")):
                value = value.strip() + "%"
            return read_amount(value, unit=self.unit, rate=self.rate)
        except NumberRefused as refused:
            raise ValidationError(sentence_of(refused), code=refused.code) from refused

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Decimal):
            return plain(value * 100) if self.rate else grouped(value)
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != (Decimal(str(initial)) if initial not in self.empty_values else None)
        except (ValidationError, ArithmeticError):
            return True


def grouped(value: Decimal) -> str:
    """The number as it is typed, easier to read: 20,000,000."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain(value: Decimal) -> str:
    """The number as it is typed: no trailing zeros, no exponent."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class AmountSerializerField(serializers.Field):
    """The same reading for the API: a JSON number, or a string as people type it."""

    def __init__(self, *, unit: str = "", rate: bool = False, **kwargs: Any):
        super().__init__(**kwargs)
        self.unit = unit
        self.rate = rate

    def to_internal_value(self, data: Any) -> Decimal:
        try:
            return read_amount(data, unit=self.unit, rate=self.rate)
        except NumberRefused as refused:
            raise serializers.ValidationError(sentence_of(refused), code=refused.code) from refused

    def to_representation(self, value: Decimal) -> float | int:
        return int(value) if value == value.to_integral_value() else float(value)


class ChangeReasonField(serializers.CharField):
    """Why numbers of the plan change: kept with what stood there before."""

    def __init__(self, **kwargs: Any):
        given = {"max_length": 500, "allow_blank": True, "required": False}
        super().__init__(**given | {"help_text": "Why a number changes: kept with what it was before."} | kwargs)
