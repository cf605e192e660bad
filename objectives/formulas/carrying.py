"""What a key result starts from when it is carried into the next cycle.

Source: the product's domain notes 2.3 (kinds), issue of the start of a cycle: the baseline is where it stands, a target
stays where it is still ahead.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from objectives.formulas.scoring import Measure

FROM_WHERE_IT_STANDS = ("reach", "average")


def renewed(measure: Measure, value: Decimal | None) -> Measure | None:
    """The measure with a fresh baseline; None for a milestone of which nothing is left to do.

    `value` is where the key result stands, in its own unit, None where nobody ever said. Reach begins at the last value
    and average at the mean, with two decimals at most; cumulative begins again at 0, its targets meaning what is to be
    added. A target stays only where it lies beyond the new baseline in the direction it had; otherwise it is None, to
    be decided, and so is a must-hit target. Keep and quota stay as they are, coverage begins again, of a milestone the
    unfinished steps remain.

    >>> renewed(Measure("reach", start_value=Decimal(15), target_value=Decimal(25)), Decimal(22)).start_value
    Decimal('22')
    >>> renewed(Measure("reach", start_value=Decimal(45), target_value=Decimal(30)), Decimal(28)).target_value is None
    True
    """
    if measure.kind == "milestone":
        left = tuple(step for step in measure.steps if not step.done)
        return replace(measure, steps=left) if left or not measure.steps else None
    if measure.kind == "cumulative":
        return _towards(_by_what_is_added(measure), Decimal(0), rises=_rises(measure))
    if measure.kind in FROM_WHERE_IT_STANDS and value is not None:
        start = value if measure.kind == "reach" else _legible(value)
        return _towards(replace(measure, measure_first=False), start, rises=_rises(measure))
    return measure


def _legible(mean: Decimal) -> Decimal:
    """A mean as people write one down: with two decimals at most."""
    return round(mean, 2) if mean != mean.to_integral_value() else mean


def _by_what_is_added(measure: Measure) -> Measure:
    """A running total's targets, as what is to be added to where it began."""
    start = measure.start_value or Decimal(0)

    def added(target: Decimal | None) -> Decimal | None:
        return None if target is None else target - start

    return replace(measure, target_value=added(measure.target_value), must_hit_value=added(measure.must_hit_value))


def _rises(measure: Measure) -> bool | None:
    """Whether more is better; None where the baseline or the target was never said."""
    start = Decimal(0) if measure.kind == "cumulative" and measure.start_value is None else measure.start_value
    if start is None or measure.target_value is None:
        return None
    return measure.target_value > start


def _towards(measure: Measure, start: Decimal, *, rises: bool | None) -> Measure:
    def ahead(target: Decimal | None) -> Decimal | None:
        if target is None or target == start or (rises is not None and (target > start) != rises):
            return None
        return target

    target = ahead(measure.target_value)
    return replace(
        measure,
        start_value=start,
        target_value=target,
        must_hit_value=ahead(measure.must_hit_value) if target is not None else None,
    )
