"""What helps a person report a value: where it should be today.

Source: the product's domain notes 2.3 (progress, pace) and 3.6 (a check-in takes under a minute).
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from objectives.formulas.scoring import Measure

_WIDE = Context(prec=40)
WAY_KINDS = frozenset({"reach", "cumulative", "average", "coverage"})
ADDED_KINDS = frozenset({"cumulative", "quota"})


def ends_of_way(measure: Measure) -> tuple[Fraction, Fraction] | None:
    """Start and target of the kinds that have a way, None while either is unknown.

    >>> ends_of_way(Measure("coverage", population=Decimal(50)))
    (Fraction(0, 1), Fraction(50, 1))
    """
    if measure.kind == "coverage":
        return (Fraction(0), Fraction(measure.population)) if measure.population else None
    if measure.kind == "milestone":
        return Fraction(0), Fraction(100)
    if measure.kind not in WAY_KINDS or measure.target_value is None:
        return None
    start = measure.start_value
    if start is None and measure.kind == "cumulative":
        start = Decimal(0)
    return None if start is None else (Fraction(start), Fraction(measure.target_value))


def value_at(measure: Measure, progress: float) -> Decimal | None:
    """The value that lies at a share of the way, in the key result's unit; of a milestone, per cent of its steps.

    None for keep and quota, which have no way, and while its ends are unknown.

    >>> value_at(Measure("reach", Decimal(45), Decimal(30)), 0.6)
    Decimal('36')
    """
    ends = ends_of_way(measure)
    if ends is None:
        return None
    start, target = ends
    return exactly(start + (target - start) * Fraction(repr(float(progress))))


def is_falling(measure: Measure) -> bool:
    """Whether less is better.

    >>> is_falling(Measure("reach", Decimal(12), Decimal(3))), is_falling(Measure("keep", limit="max"))
    (True, True)
    """
    if measure.kind == "keep":
        return measure.limit == "max"
    ends = ends_of_way(measure)
    return ends is not None and ends[1] < ends[0]


def expected_value(measure: Measure, pace: float) -> Decimal | None:
    """Where the value should be today, rounded towards the target to the precision of the measure's own numbers.

    Of an average and a keep the target itself, of a quota the quota of one period, of a milestone per cent of its
    steps; None while the measure does not say.

    >>> expected_value(Measure("reach", Decimal(1200), Decimal(4800)), 0.835)
    Decimal('4206')
    >>> expected_value(Measure("reach", Decimal(12), Decimal(3)), 0.5)
    Decimal('7')
    >>> expected_value(Measure("keep", target_value=Decimal(95), limit="min"), 1.0)
    Decimal('95')
    """
    if measure.kind in ("keep", "average"):
        return measure.target_value
    if measure.kind == "quota":
        return measure.quota
    ends = ends_of_way(measure)
    value = value_at(measure, pace)
    if ends is None or value is None:
        return None
    rounding = ROUND_FLOOR if ends[1] < ends[0] else ROUND_CEILING
    return value.quantize(_last_place(ends), rounding=rounding, context=_WIDE)


def legible(measure: Measure, value: Decimal) -> Decimal:
    """A computed value to the precision of the measure's own numbers: nobody says 3,379.12 visits.

    >>> legible(Measure("reach", Decimal(1200), Decimal(4800)), Decimal("3379.12"))
    Decimal('3379')
    """
    ends = ends_of_way(measure)
    return value if ends is None else value.quantize(_last_place(ends), rounding=ROUND_HALF_UP, context=_WIDE)


def _last_place(ends: tuple[Fraction, Fraction]) -> Decimal:
    places = max(_places(end) for end in ends) + (abs(ends[1] - ends[0]) < 5)
    return Decimal(1).scaleb(-places)


def exactly(value: Fraction) -> Decimal:
    """A number as a decimal, to the millionth.

    >>> exactly(Fraction(100)), exactly(Fraction(1, 8))
    (Decimal('100'), Decimal('0.125'))
    """
    quotient = _WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))
    return Decimal(f"{quotient.quantize(Decimal('0.000001'), context=_WIDE).normalize():f}")


def _places(value: Fraction) -> int:
    """How many decimals a number is written with, six at most."""
    return next((places for places in range(7) if (value * 10**places).denominator == 1), 6)
