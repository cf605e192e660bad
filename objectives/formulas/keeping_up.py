"""The corridor in which a key result's number is to stay once it has been reached.

Source: the product's domain notes 2.3 (kinds) and 3.5: health KPIs pass inside their corridor.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from objectives.formulas.scoring import Measure


@dataclass(frozen=True)
class Corridor:
    """At least `lower`, at most `upper`, in the key result's own unit; both None where people must say."""

    lower: Decimal | None = None
    upper: Decimal | None = None
    period: Literal["week", "month"] = "week"


def corridor_of(measure: Measure, ended: Decimal | None, *, period: str = "", months: int = 3) -> Corridor:
    """What a key result becomes as a health KPI: its own limit or quota, else no worse than where it ended.

    `ended` is its final value, None where nobody ever reported; then its target counts. What adds up is kept up by the
    month: the sum ÷ the cycle's `months`. A milestone has no number to keep.

    >>> corridor_of(Measure("reach", start_value=Decimal(15), target_value=Decimal(25)), Decimal(22)).lower
    Decimal('22')
    >>> corridor_of(Measure("reach", start_value=Decimal(45), target_value=Decimal(30)), Decimal(28)).upper
    Decimal('28')
    >>> corridor_of(Measure("keep", limit="max", target_value=Decimal(1), period="month"), None, period="month")
    Corridor(lower=None, upper=Decimal('1'), period='month')
    >>> corridor_of(Measure("cumulative", target_value=Decimal(30)), Decimal(24)).lower
    Decimal('8')
    """
    own: Literal["week", "month"] = "month" if period == "month" else "week"
    match measure.kind:
        case "keep":
            if measure.limit == "max":
                return Corridor(upper=measure.target_value, period=own)
            return Corridor(lower=measure.target_value, period=own)
        case "quota":
            return Corridor(lower=measure.quota, period=own)
        case "cumulative":
            total = ended if ended is not None else measure.target_value
            return Corridor(lower=None if total is None else _legible(total / months), period="month")
        case "reach" | "average":
            value = ended if ended is not None else measure.target_value
            value = None if value is None else _legible(value)
            if _falls(measure):
                return Corridor(upper=value)
            return Corridor(lower=value)
        case "coverage":
            return Corridor(lower=ended if ended is not None else measure.population, period="month")
    return Corridor()


def _falls(measure: Measure) -> bool:
    start, target = measure.start_value, measure.target_value
    return start is not None and target is not None and target < start


def _legible(value: Decimal) -> Decimal:
    """A number as people write one down: with two decimals at most."""
    if value == value.to_integral_value():
        return value.to_integral_value()
    return round(value, 2)
