"""How likely a target is, from what the same measure gained in earlier cycles.

What a measure gains in a cycle is taken to spread log-normally. With the gains g of n cycles, each counting three
quarters of the one after it, the mean of ln g is m; their spread is mixed with a prior of 0.8 (a factor of 2.2 either
way) that weighs as much as one cycle, so that one cycle proves little and three alike prove something:

    s² = (0.8² + Σ (ln g − m)²) ÷ n
    P(gain ≥ d) = 1 − Φ((ln d − m) ÷ (s · √(1 + 1/n)))

A good draft has a likelihood of 0.60–0.70; above 0.90 is playing safe, below 0.25 is fantasy.
Source: the product's domain notes 2.4 for the limits; the spread is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log, sqrt
from statistics import NormalDist

SAFE, FANTASY = 0.9, 0.25
PRIOR_SPREAD = 0.8
FADING = 0.75
# A cycle that gained nothing, or lost, counts as this share of what it wanted: there is no logarithm of less.
LEAST_GAIN = 0.05


def likelihood(gain: float, past: Sequence[float]) -> float | None:
    """The probability (0–1) of gaining at least `gain`, from what was gained before, the oldest first; None without.

    >>> round(likelihood(30, [30]), 2), round(likelihood(60, [20, 22, 21]), 2), round(likelihood(5, [20, 22, 21]), 2)
    (0.5, 0.03, 1.0)
    """
    if not past or gain <= 0:
        return None
    middle, spread = _gains(past)
    return 1 - NormalDist().cdf((log(gain) - middle) / spread)


def _gains(past: Sequence[float]) -> tuple[float, float]:
    logs = [log(gain) for gain in past]
    weights = [FADING ** (len(logs) - 1 - place) for place in range(len(logs))]
    middle = sum(weight * value for weight, value in zip(weights, logs, strict=True)) / sum(weights)
    variance = (PRIOR_SPREAD**2 + sum((value - middle) ** 2 for value in logs)) / len(logs)
    return middle, sqrt(variance * (1 + 1 / len(logs)))
