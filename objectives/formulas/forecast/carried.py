"""A key result that is the sum of what others report: its end follows from theirs.

Each part is foretold by its own readings; the whole has the sum of their means and of their variances, as independent
parts do, and is bell-shaped, as sums soon are. Foretelling the summed course instead would take a part that begins late
for a rise, and one that has ended for a standstill. What moves all parts together makes the true range wider.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from objectives.formulas.forecast.endings import Ending
from objectives.formulas.forecast.shapes import Forecast
from objectives.formulas.scoring import Measure, progress_at

# Swanson's rule: a distribution's mean and variance from its tenth, fiftieth and ninetieth percentiles.
OUTER, MIDDLE = 0.3, 0.4


def forecast_sum(measure: Measure, parts: Sequence[Forecast]) -> Forecast:
    """Where the sum of the parts ends, in the measure's unit; empty where no part says anything of its end.

    `readings` is the sum of the parts' check-ins.

    >>> from decimal import Decimal
    >>> whole = Measure("cumulative", Decimal(0), Decimal(100))
    >>> found = forecast_sum(whole, [Forecast(20, 30, 40, readings=5), Forecast(30, 30, 30, readings=3)])
    >>> [round(end, 1) for end in (found.p10, found.p50, found.p90)], round(found.score_0_6, 2), found.readings
    ([50.1, 60.0, 69.9], 0.5, 8)
    """
    told = [
        (part.p10, part.p50, part.p90)
        for part in parts
        if part.p10 is not None and part.p50 is not None and part.p90 is not None
    ]
    start, target = float(measure.start_value or 0), float(measure.target_value or 0)
    if not told or target == start:
        return Forecast()
    mean = variance = 0.0
    for low, middle, high in told:
        expected = OUTER * (low + high) + MIDDLE * middle
        mean += expected
        variance += OUTER * ((low - expected) ** 2 + (high - expected) ** 2) + MIDDLE * (middle - expected) ** 2
    way = target - start
    place, spread = (mean - start) / way, sqrt(variance) / abs(way)
    ending = Ending(bells=((1.0, place, spread),)) if spread > 1e-9 else Ending(points=((1.0, place),))
    p10, p50, p90 = sorted(start + ending.quantile(share) * way for share in (0.1, 0.5, 0.9))
    must = None if measure.must_hit_value is None else progress_at(measure, measure.must_hit_value)
    return Forecast(
        p10,
        p50,
        p90,
        score_0_6=ending.at_least(0.6),
        score_0_7=ending.at_least(0.7),
        target=ending.at_least(1.0),
        must_hit=None if must is None else ending.at_least(must),
        readings=sum(part.readings for part in parts),
    )
