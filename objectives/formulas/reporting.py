"""What helps a person report a value: where it should be today, and whether what they typed looks like a slip.

Source: the product's domain notes 2.3 (progress, pace) and 3.6 (a check-in takes under a minute).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from itertools import pairwise

from objectives.formulas.scoring import Measure

_WIDE = Context(prec=40)
WAY_KINDS = frozenset({"reach", "cumulative", "average", "coverage"})
ADDED_KINDS = frozenset({"cumulative", "quota"})


@dataclass(frozen=True)
class Doubt:
    """Why a value may be a slip: tenfold, tenth, step, beyond or negative. `against` is what it was compared with."""

    code: str
    against: Decimal


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
    return _decimal(start + (target - start) * Fraction(repr(float(progress))))


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


def doubt(measure: Measure, value: Decimal, earlier: Sequence[Decimal]) -> Doubt | None:
    """A reason to ask "is every digit right?", or None. Nothing is refused for it.

    `earlier` are the values reported before, oldest first. A present figure is compared with the last one (or the
    baseline), an added one with the largest yet and with the whole that is to be reached.

    >>> doubt(Measure("reach", Decimal(1200), Decimal(4800)), Decimal(30200), [Decimal(2496), Decimal(2910)])
    Doubt(code='tenfold', against=Decimal('2910'))
    >>> doubt(Measure("reach", Decimal(1200), Decimal(4800)), Decimal(3020), [Decimal(2496), Decimal(2910)])
    >>> doubt(Measure("cumulative", target_value=Decimal(30)), Decimal(31), [Decimal(3)])
    Doubt(code='tenfold', against=Decimal('3'))
    """
    if measure.kind == "milestone":
        return None
    if measure.kind in ADDED_KINDS:
        return _doubt_added(measure, value, earlier)
    if measure.kind == "coverage" and measure.population is not None and value > measure.population:
        return Doubt("beyond", measure.population)
    ends = ends_of_way(measure)
    last = earlier[-1] if earlier else measure.start_value
    if last is None:
        return None
    step = abs(Fraction(value) - Fraction(last))
    whole = abs(ends[1] - ends[0]) if ends else abs(Fraction(last))
    if step * 2 <= whole:
        return None
    if last and (value < 0) == (last < 0):
        if abs(value) >= 10 * abs(last):
            return Doubt("tenfold", last)
        if value and abs(value) * 10 <= abs(last):
            return Doubt("tenth", last)
    steps = [abs(Fraction(after) - Fraction(before)) for before, after in pairwise(earlier)]
    usual = max(steps, default=whole / 3)
    return Doubt("step", last) if step > 3 * usual and step > 0 else None


def _doubt_added(measure: Measure, value: Decimal, earlier: Sequence[Decimal]) -> Doubt | None:
    if value < 0:
        return Doubt("negative", Decimal(0))
    largest = max((amount for amount in earlier if amount > 0), default=None)
    ends = ends_of_way(measure)
    whole = abs(ends[1] - ends[0]) if ends else Fraction(measure.quota or 0)
    if largest and value >= 10 * largest and Fraction(value) * 5 > whole:
        return Doubt("tenfold", largest)
    # More at once than is to be reached in all: most often the total was typed instead of what was added.
    if earlier and whole and Fraction(value) > whole:
        return Doubt("beyond", _decimal(whole))
    return None


def _decimal(value: Fraction) -> Decimal:
    return (
        _WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))
        .quantize(Decimal("0.000001"), context=_WIDE)
        .normalize()
    )


def _places(value: Fraction) -> int:
    """How many decimals a number is written with, six at most."""
    return next((places for places in range(7) if (value * 10**places).denominator == 1), 6)
