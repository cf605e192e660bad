"""The numbers of a funnel as people type and read them: fields, units, and what a found one looks like."""

from __future__ import annotations

from decimal import ROUND_CEILING, Context, Decimal
from fractions import Fraction
from math import ceil
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from funnel.fields import RATE_DECIMALS, AmountField, plain
from funnel.formulas.back_calculation import RATES
from funnel.formulas.multiples import Multiple, multiple_of, read_multiple
from funnel.formulas.numbers import NumberRefused, format_amount, parse_amount
from funnel.models import FunnelNumber
from funnel.services import LINKS

NUMBERS = tuple(FunnelNumber.values)
COLUMN_NAMES = {
    "current": pgettext_lazy("column of a plan", "Now"),
    "must_hit": gettext_lazy("Must-hit"),
    "challenge": gettext_lazy("Challenge"),
}
_WIDE = Context(prec=80, rounding=ROUND_CEILING)


class PlannedField(AmountField):
    """A number of the funnel, or the multiple of last year or of the industry that was meant: 2x, 業界平均の3倍."""

    def is_spoken(self) -> bool:
        return self.spoken or super().is_spoken()

    def to_python(self, value: Any) -> Any:
        if isinstance(value, Multiple):
            return value
        multiple = read_multiple(value) if isinstance(value, str) else None
        return super().to_python(value) if multiple is None else multiple


def resolve(multiple: Multiple, base: Decimal, *, rate: bool) -> Decimal:
    """What a multiple comes to, with as many places as its number may have."""
    return multiple_of(base, multiple.factor, decimals=RATE_DECIMALS if rate else 6)


class CountField(AmountField):
    """A whole number, 0 or more, up to `largest`."""

    def __init__(self, *, largest: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.largest = largest

    def to_python(self, value: Any) -> Any:
        number = super().to_python(value)
        if number is None:
            return None
        if number != number.to_integral_value() or number < 0:
            raise ValidationError(_("Type a whole number, 0 or more."), code="not_whole")
        if number > self.largest:
            raise ValidationError(
                _("This number is too large: %(largest)s at most."),
                code="too_large",
                params={"largest": f"{self.largest:,}"},
            )
        return int(number)


def number_field(number: str, column: str, unit: str) -> PlannedField:
    name = _("%(number)s, %(column)s") % {"number": LINKS[number].name, "column": COLUMN_NAMES[column]}
    rate = number in RATES
    # A target is often said as a multiple, which the digits of a phone cannot.
    spoken = column != "current"
    field = PlannedField(
        label=name, required=False, rate=rate, unit="" if rate else unit_of(number, unit), spoken=spoken
    )
    field.widget.attrs |= {"aria-label": name, "aria-describedby": f"wrong-{number}"}
    return field


def unit_of(key: str, kgi_unit: str) -> str:
    """What a number of the funnel is counted in, in the reader's language."""
    return str(LINKS[key].unit) or kgi_unit


def suffix_of(unit: str) -> str:
    """A unit as it stands behind a field: who reads English need not read 円."""
    return _("yen") if unit in {"円", "￥", "¥"} else unit


def as_typed(value: Decimal, unit: str, *, rate: bool = False) -> str:
    """A number as a person would type it into a narrow field: 120万, 1.2M, 416,667; a rate in per cent."""
    if rate:
        return plain(value * 100)
    grouped = f"{value:,f}"
    grouped = grouped.rstrip("0").rstrip(".") if "." in grouped else grouped
    short = format_amount(value, unit="円", language=get_language() or "ja", figures=5).strip("¥円")
    try:
        return short if len(short) < len(grouped) and parse_amount(short, unit=unit) == value else grouped
    except NumberRefused:
        return grouped


def shown_up(number: str, value: Fraction) -> Decimal:
    """A number found, rounded up as it is shown: volumes and prices whole, rates to a hundredth of a per cent.

    Revenue is an outcome, not a need: it is cut instead, so that nobody counts on a yen that is not there.
    """
    if number == "revenue":
        return Decimal(int(value))
    if number in RATES:
        return Decimal(ceil(value * 10_000)) / 10_000
    return Decimal(ceil(value))


def up_to_twelve_places(value: Fraction) -> Decimal:
    """As exact as a column can hold, never less than it was."""
    return Decimal(ceil(value * 10**12)).scaleb(-12, _WIDE).normalize(_WIDE)
