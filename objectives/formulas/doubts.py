"""Whether a value that is being reported looks like a slip, and which one was most likely meant. Nothing is refused.

Source: the product's domain notes 2.3 (what a check-in's value means for each kind) and 3.6.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from objectives.formulas.reporting import ADDED_KINDS, ends_of_way, exactly
from objectives.formulas.scoring import Measure

# A zero too many or too few, per cent and shares, thousands, 万, millions, 億: how numbers slip, likeliest first.
FACTORS = tuple(Fraction(10) ** power for power in (-1, 1, -2, 2, -3, 3, -4, 4, -6, 6, -8, 8))


@dataclass(frozen=True)
class Doubt:
    """Why a value may be a slip, what it was compared with, and the value that was likely meant, if one is likely.

    `code` is tenfold, tenth, sign, step, beyond, total, less or negative.
    """

    code: str
    against: Decimal
    meant: Decimal | None = None


@dataclass(frozen=True)
class Region:
    """Where values of a key result are to be expected; `slack` is how far outside of it is still nothing special."""

    low: Fraction
    high: Fraction
    slack: Fraction

    def holds(self, value: Fraction) -> bool:
        return self.low - self.slack <= value <= self.high + self.slack


def doubt(measure: Measure, value: Decimal, earlier: Sequence[Decimal], so_far: Decimal | None = None) -> Doubt | None:
    """A reason to ask "did you mean …?", or None.

    `earlier` are the values reported before, oldest first; `so_far` is the sum of a quota's present period. A present
    figure is compared with the last one (or the baseline, or the limit to be kept), an added one with the largest yet
    and with the whole that is to be reached.

    >>> doubt(Measure("reach", Decimal(1200), Decimal(4800)), Decimal(30200), [Decimal(2496), Decimal(2910)])
    Doubt(code='tenfold', against=Decimal('2910'), meant=Decimal('3020'))
    >>> doubt(Measure("reach", Decimal(1200), Decimal(4800)), Decimal(3020), [Decimal(2496), Decimal(2910)])
    >>> doubt(Measure("reach", Decimal(15), Decimal(25)), Decimal("0.19"), [Decimal(18)])
    Doubt(code='tenth', against=Decimal('18'), meant=Decimal('19'))
    >>> doubt(Measure("reach", Decimal(200), Decimal(500)), Decimal(3020000), [Decimal(280), Decimal(291)])
    Doubt(code='tenfold', against=Decimal('291'), meant=Decimal('302'))
    >>> doubt(Measure("cumulative", target_value=Decimal(60)), Decimal(15), [Decimal(3), Decimal(4), Decimal(5)])
    Doubt(code='total', against=Decimal('12'), meant=Decimal('3'))
    """
    if measure.kind == "milestone":
        return None
    if measure.kind in ADDED_KINDS:
        sum_so_far = so_far if measure.kind == "quota" else sum(earlier, Decimal(0))
        return _doubt_added(measure, value, earlier, sum_so_far)
    if measure.kind == "coverage":
        found = _doubt_covered(measure, value, earlier)
        if found:
            return found
    return _doubt_figure(measure, value, earlier)


def _doubt_figure(measure: Measure, value: Decimal, earlier: Sequence[Decimal]) -> Doubt | None:
    ends = ends_of_way(measure)
    last = earlier[-1] if earlier else measure.start_value if ends else measure.target_value
    if last is None:
        return None
    steps = [abs(Fraction(after) - Fraction(before)) for before, after in pairwise(earlier)]
    whole = abs(ends[1] - ends[0]) if ends else max(abs(Fraction(last)), abs(Fraction(measure.target_value or 0)))
    usual = max(steps, default=whole / 3)
    step = abs(Fraction(value) - Fraction(last))
    aims = [Fraction(last), *map(Fraction, earlier), *(ends[1:] if ends else (Fraction(measure.target_value or last),))]
    region = Region(min(aims), max(aims), max(usual * 3 / 2 if steps else Fraction(0), whole / 10))
    likely = _likely(value, region)
    if step * 2 <= whole:
        # Small beside the whole way, and yet a slip: nothing moved like that before, and a zero explains it.
        is_odd = len(steps) > 1 and likely is not None and step > 5 * usual
        if not (is_odd and usual and abs(Fraction(likely or 0) - Fraction(last)) <= 2 * usual):
            return None
    elif region.holds(Fraction(value)) and not steps and ends:
        return None if step <= 3 * usual else Doubt("step", last)
    if last and value and (value < 0) == (last < 0):
        if abs(value) >= 10 * abs(last) or (likely is not None and abs(likely) < abs(value)):
            return Doubt("tenfold", last, likely)
        if abs(value) * 10 <= abs(last) or (likely is not None and abs(likely) > abs(value)):
            return Doubt("tenth", last, likely)
    if step <= 3 * usual or not step:
        return None
    if last and (value < 0) != (last < 0) and region.holds(-Fraction(value)):
        return Doubt("sign", last, -value)
    return Doubt("step", last, likely)


def _doubt_covered(measure: Measure, value: Decimal, earlier: Sequence[Decimal]) -> Doubt | None:
    """The total done so far: it does not pass what there is, and it hardly ever falls."""
    population, last = measure.population, earlier[-1] if earlier else Decimal(0)
    if population is None:
        return None
    if value > population:
        region = Region(Fraction(last), Fraction(population), Fraction(0))
        return Doubt("beyond", population, _likely(value, region))
    if 0 <= value < last:
        together = last + value
        is_added = 0 < value * 2 <= last and together <= population
        return Doubt("less", last, together if is_added else None)
    return None


def _doubt_added(measure: Measure, value: Decimal, earlier: Sequence[Decimal], so_far: Decimal | None) -> Doubt | None:
    positive = [amount for amount in earlier if amount > 0]
    largest = max(positive, default=None)
    ends = ends_of_way(measure)
    whole = abs(ends[1] - ends[0]) if ends else Fraction(measure.quota or 0)
    is_falling = bool(ends and ends[1] < ends[0])
    if value < 0 and not is_falling:
        usual = largest is None or -value <= 3 * largest
        return Doubt("negative", Decimal(0), -value if usual else None)
    rest = value - so_far if so_far and value >= so_far else None
    fits_as_total = rest is not None and largest is not None and rest * 2 <= largest * 3
    if largest:
        region = Region(Fraction(min(positive)) / 3, Fraction(largest) * 2, Fraction(0))
        likely = _likely(value, region)
        is_slip = Fraction(value) * 5 > whole or (len(positive) > 1 and likely is not None)
        if value >= 10 * largest and is_slip and not (fits_as_total and likely is None):
            return Doubt("tenfold", largest, likely)
        if len(positive) > 1 and 0 < value * 100 <= min(positive) and likely is not None and likely > value:
            return Doubt("tenth", min(positive), likely)
        if len(positive) > 1 and fits_as_total and value >= 3 * largest:
            return Doubt("total", so_far or Decimal(0), rest)
    # More at once than is to be reached in all: most often the total was typed instead of what was added.
    if whole and Fraction(value) > (whole if earlier else 2 * whole):
        return Doubt("beyond", exactly(whole), rest if fits_as_total else None)
    return None


def _likely(value: Decimal, region: Region) -> Decimal | None:
    """The value that a slip in the zeros would have made of what was meant, where one lies where it should."""
    return next((each for each in _slips(value) if region.holds(Fraction(each))), None)


def _slips(value: Decimal) -> Iterator[Decimal]:
    if value:
        for factor in FACTORS:
            meant = Fraction(value) * factor
            if (meant * 10**6).denominator == 1:
                yield exactly(meant)
