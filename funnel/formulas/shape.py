"""A funnel's outline: widths on a logarithmic scale, so that 400,000 visits and 84 orders can both be read.

The classical drawing, its widths by area or height, would show the orders as a hairline.
"""

from fractions import Fraction
from math import log1p

Figure = int | float | Fraction

NARROWEST = 0.06


def width(volume: Figure, largest: Figure) -> float:
    """A stage's width, 0–1, `largest` being 1: equal factors are equal steps. Something is never narrower than 0.06.

    >>> [round(width(volume, 400_000), 2) for volume in (400_000, 4_000, 84, 0)]
    [1.0, 0.64, 0.34, 0]
    """
    if volume <= 0 or largest <= 0:
        return 0
    return max(NARROWEST, min(1.0, log1p(float(volume)) / log1p(float(largest))))
