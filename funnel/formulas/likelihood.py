"""What a probability means for a plan, and from where to where a lever may be expected to go.

A good plan is reached six to seven times out of ten; above nine it is safe, below a quarter a wish. Source: the
product's domain notes 2.4 and 2.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal
from typing import Literal, NamedTuple

import numpy as np

FANTASY = 0.25
SAFE = 0.9
FEWEST_READINGS = 3
AROUND = Decimal("0.2")
SAME = 1e-9
"""As a share: what is typed to twelve places comes out a hair beside what it was solved for."""
_THREE_FIGURES = Context(prec=3)

Verdict = Literal["fantasy", "bold", "in", "sure", "safe"]


class Span(NamedTuple):
    """From `low` over `likely` to `high`, in the lever's own unit."""

    low: Decimal
    likely: Decimal
    high: Decimal


def verdict(probability: float, lower: float, upper: float) -> Verdict:
    """What reaching a target with this probability (0–1) says of it; the zone lies from `lower` to `upper`, both in.

    >>> [verdict(p, 0.6, 0.7) for p in (0.1, 0.25, 0.6, 0.7, 0.78, 0.9, 0.91)]
    ['fantasy', 'bold', 'in', 'in', 'sure', 'sure', 'safe']
    """
    if probability < FANTASY:
        return "fantasy"
    if probability > SAFE:
        return "safe"
    if probability < lower:
        return "bold"
    return "in" if probability <= upper else "sure"


def reaches(goal: float, target: float, now: float | None) -> bool:
    """Whether a goal is at its target or past it; one that is to fall, below. A hair beside it is at it.

    >>> reaches(450, 450, 300), reaches(449, 450, 300), reaches(30, 32, 45), reaches(33, 32, 45)
    (True, False, True, False)
    """
    if abs(goal - target) <= SAME * max(abs(goal), abs(target)):
        return True
    return goal <= target if now is not None and target < now else goal >= target


def reached_unawares(goal: float, target: float, stated: float | None) -> bool:
    """Whether what levers come to today is at a target that the number stated for today still has to reach.

    >>> reached_unawares(540, 450, 300), reached_unawares(300, 450, 300), reached_unawares(30, 32, 45)
    (True, False, True)
    """
    return stated is not None and not reaches(stated, target, stated) and reaches(goal, target, stated)


def suggested_span(
    current: Decimal, readings: Sequence[Decimal], *, minimum: Decimal | None = None, maximum: Decimal | None = None
) -> Span:
    """Where nine out of ten past readings lay on either side, from three readings on; else a fifth around now.

    Within the limits, to three figures.

    >>> suggested_span(Decimal(10_000), [])
    Span(low=Decimal('8000'), likely=Decimal('10000'), high=Decimal('12000'))
    >>> suggested_span(Decimal("0.9"), [], maximum=Decimal(1))
    Span(low=Decimal('0.72'), likely=Decimal('0.9'), high=Decimal('1'))
    >>> suggested_span(Decimal(0), [Decimal(n) for n in (10, 20, 30, 40, 50)])
    Span(low=Decimal('14'), likely=Decimal('30'), high=Decimal('46'))
    """
    if len(readings) >= FEWEST_READINGS:
        found = [Decimal(float(q)) for q in np.quantile([float(value) for value in readings], (0.1, 0.5, 0.9))]
    else:
        away = abs(current) * AROUND
        found = [current - away, current, current + away]
    within = [_within(_THREE_FIGURES.create_decimal(value), minimum, maximum) for value in found]
    return Span(*(_plain(value) for value in within))


def _within(value: Decimal, minimum: Decimal | None, maximum: Decimal | None) -> Decimal:
    value = value if minimum is None else max(value, minimum)
    return value if maximum is None else min(value, maximum)


def _plain(value: Decimal) -> Decimal:
    """Without an exponent or zeros at the end."""
    short = value.normalize()
    return short.quantize(Decimal(1)) if short == short.to_integral_value() else short
