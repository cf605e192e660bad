"""A level that drifts: where it stands after some readings, and how sure that is.

Local linear trend (Harvey, *Forecasting, structural time series models and the Kalman filter*, 1989) with a damped
drift: the rate of the past fades towards the rate at which similar key results reach their end. How noisy, how jumpy
and how fickle a key result is, is not known beforehand, so several regimes are followed side by side and weighed by how
well they foretold every reading but the last. Leaving the last one out keeps the weights from turning on it: within a
regime a higher last reading can only raise the end, and so it never lowers a probability.

Time is the share of the cycle, levels are progress: no unit, no direction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import exp, log, sqrt

SMALLEST_WEIGHT = 5e-3
LEAST_RATE = 0.6
ALIKE = 3.0
"""How many readings in a row say no more than one that stood alone: errors hang together."""


@dataclass(frozen=True)
class Regime:
    """Standard deviations in progress: of a reading, of the level's own wandering and of its drift's, per cycle.

    `fading` is the rate per cycle at which the drift forgets what made it differ from the usual.
    """

    weight: float
    reading: float
    wander: float
    turning: float
    fading: float


REGIMES = (
    Regime(0.15, 0.01, 0.04, 0.25, 0.7),
    Regime(0.30, 0.01, 0.12, 0.45, 1.2),
    Regime(0.28, 0.02, 0.40, 0.35, 6.0),
    Regime(0.15, 0.10, 0.20, 0.50, 3.0),
    Regime(0.15, 0.08, 1.00, 0.15, 6.0),
    Regime(0.09, 0.01, 0.04, 2.00, 4.0),
    Regime(0.03, 0.35, 0.50, 0.40, 6.0),
)


@dataclass(frozen=True)
class Usual:
    """The course expected of a key result that has said nothing: where it starts, its rate, and how far both spread."""

    level: float
    level_spread: float
    rate: float
    rate_spread: float


@dataclass(frozen=True)
class Followed:
    """A regime after the readings: its weight, and level and drift away from the usual with their variances."""

    weight: float
    regime: Regime
    usual: Usual
    time: float
    level: float
    drift: float
    level_variance: float
    covariance: float
    drift_variance: float

    def at(self, time: float) -> tuple[float, float]:
        """Mean and standard deviation of a reading at a later time."""
        ahead = max(time - self.time, 0.0)
        reach, _ = _damped(ahead, self.regime.fading)
        mean = self.usual.level + self.usual.rate * time + self.level + reach * self.drift
        return mean, sqrt(self._spread(ahead, reach) + self.regime.reading**2)

    def mean_until(self, time: float, readings: float) -> tuple[float, float]:
        """Mean and standard deviation of the mean of so many readings, spread evenly from now until then."""
        ahead = max(time - self.time, 1e-9)
        fading = self.regime.fading
        reach = (ahead - (1 - exp(-fading * ahead)) / fading) / (fading * ahead)
        mean = self.usual.level + self.usual.rate * (self.time + ahead / 2) + self.level + reach * self.drift
        certain = self.level_variance + 2 * reach * self.covariance + reach**2 * self.drift_variance
        walked = self.regime.wander**2 * ahead / 3 + self.regime.turning**2 * ahead**3 / 20
        return mean, sqrt(certain + walked + self.regime.reading**2 / max(readings / ALIKE, 1.0))

    def _spread(self, ahead: float, reach: float) -> float:
        known = self.level_variance + 2 * reach * self.covariance + reach**2 * self.drift_variance
        return known + self.regime.wander**2 * ahead + self.regime.turning**2 * ahead**3 / 3


def follow(
    usual: Usual,
    times: Sequence[float],
    levels: Sequence[float],
    *,
    regimes: Sequence[Regime] = REGIMES,
    exact: bool = False,
) -> list[Followed]:
    """Every regime that still deserves a weight after these readings, which are in order of time.

    `exact` says that a reading has no error of its own, as a sum has none.
    """
    tried = list(regimes)
    tried.append(_own_regime(times, levels, exact=exact))
    followed, likelihoods = [], []
    for regime in tried:
        found, likelihood = _follow(regime, usual, times, levels)
        followed.append(found)
        likelihoods.append(log(regime.weight) + likelihood)
    best = max(likelihoods)
    weights = [exp(likelihood - best) for likelihood in likelihoods]
    least = SMALLEST_WEIGHT * sum(weights)
    whole = sum(weight for weight in weights if weight >= least)
    return [
        replace(found, weight=weight / whole)
        for found, weight in zip(followed, weights, strict=True)
        if weight >= least
    ]


def _own_regime(times: Sequence[float], levels: Sequence[float], *, exact: bool) -> Regime:
    """As jumpy as the readings before the last show it: some measures' noise is out of all proportion to the way."""
    jumps = [abs(after - before) for before, after in pairwise(levels[:-1])]
    typical = sqrt(sum(jump * jump for jump in jumps) / len(jumps)) if jumps else 0.5
    typical = max(typical, 0.02)
    often = sqrt(max(len(times), 2))
    return Regime(0.05, 0.002 if exact else typical, typical * often / 2, 0.5, 2.0)


def _follow(regime: Regime, usual: Usual, times: Sequence[float], levels: Sequence[float]) -> tuple[Followed, float]:
    level = drift = covariance = time = likelihood = 0.0
    level_variance = usual.level_spread**2 + regime.reading**2
    noise, wander, turning = regime.reading**2, regime.wander**2, regime.turning**2
    # What a regime strays by itself is a part of how far key results spread, not something on top of it.
    drift_variance = max(usual.rate_spread**2 - wander - turning / 3, (LEAST_RATE * usual.rate_spread) ** 2)
    last = len(times) - 1
    for number, (at, found) in enumerate(zip(times, levels, strict=True)):
        ahead = at - time
        if ahead > 0:
            reach, kept = _damped(ahead, regime.fading)
            level += reach * drift
            drift *= kept
            level_variance += 2 * reach * covariance + reach * reach * drift_variance
            level_variance += wander * ahead + turning * ahead**3 / 3
            covariance = kept * (covariance + reach * drift_variance) + turning * ahead * ahead / 2
            drift_variance = kept * kept * drift_variance + turning * ahead
            time = at
        surprise = found - usual.level - usual.rate * at - level
        whole = level_variance + noise
        if number < last:
            likelihood -= 0.5 * (log(whole) + surprise * surprise / whole)
        gain, turn = level_variance / whole, covariance / whole
        level += gain * surprise
        drift += turn * surprise
        drift_variance -= turn * covariance
        covariance -= turn * level_variance
        level_variance -= gain * level_variance
    return Followed(0.0, regime, usual, time, level, drift, level_variance, covariance, drift_variance), likelihood


def _damped(ahead: float, fading: float) -> tuple[float, float]:
    """How far a drift of 1 leads in that time, and what is left of it afterwards."""
    kept = exp(-fading * ahead)
    return (1 - kept) / fading, kept
