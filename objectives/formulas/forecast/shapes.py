"""What a forecast says, and what it starts from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Prior:
    """What to expect of a key result before it has said anything: where similar ones ended.

    `landing` is their mean progress at the end (1 is the target; of a quota and a keep the share of periods), `spread`
    its standard deviation, `weight` how many ended key results stand behind it; 0 is the product's own default.
    """

    landing: float
    spread: float
    weight: float = 0.0


@dataclass(frozen=True)
class Ended:
    """A finished key result: its kind, committed or aspirational, and the raw progress it ended with."""

    kind: str
    intent: str
    progress: float


@dataclass(frozen=True)
class Forecast:
    """Where a key result is likely to end.

    In four of five cases the end lies between `p10` and `p90`, numerically ordered and in the key result's own unit:
    what its current value will be on the last day. So reach and coverage have their last value, cumulative the sum,
    average the mean of all readings, keep its last reading, quota the sum of its last whole period, a milestone the
    weight of its finished steps. The probabilities, 0–1, are of a score of 0.6 and 0.7 or above, of the must-hit value
    and of the target, which for quota and keep is every period; None where there is nothing to say. `readings` is how
    many check-ins it rests on.
    """

    p10: float | None = None
    p50: float | None = None
    p90: float | None = None
    score_0_6: float | None = None
    score_0_7: float | None = None
    target: float | None = None
    must_hit: float | None = None
    readings: int = 0


@dataclass(frozen=True)
class Place:
    """A day of the likely course, in the key result's own unit."""

    date: date
    p10: float
    p50: float
    p90: float
