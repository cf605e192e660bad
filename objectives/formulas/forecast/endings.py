"""A distribution of ends: bell curves and single points mixed, within bounds that cannot be passed.

Plain arithmetic on the error function; a mixture of a handful of parts is read in some ten microseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, exp, inf, pi, sqrt

Bell = tuple[float, float, float]
"""Weight, mean, standard deviation."""
Point = tuple[float, float]
"""Weight, place."""

_ROOT_TWO, _ROOT_TWO_PI = sqrt(2), sqrt(2 * pi)
_TOLERANCE = 1e-9
_STEPS = 60


@dataclass(frozen=True)
class Ending:
    """Weights sum to 1. What would fall below `floor` or above `cap` stands on it."""

    bells: tuple[Bell, ...] = ()
    points: tuple[Point, ...] = ()
    floor: float = -inf
    cap: float = inf

    def at_least(self, place: float) -> float:
        """The probability, 0–1, of ending there or beyond.

        >>> Ending(bells=((0.5, 0.6, 0.1),), points=((0.5, 0.2),)).at_least(0.6)
        0.25
        """
        aim = place - _TOLERANCE * max(1.0, abs(place))
        if aim > self.cap:
            return 0.0
        if aim <= self.floor:
            return 1.0
        found = sum(weight for weight, point in self.points if point >= aim)
        found += sum(weight * 0.5 * erfc((place - mean) / (spread * _ROOT_TWO)) for weight, mean, spread in self.bells)
        return min(max(found, 0.0), 1.0)

    def quantile(self, share: float) -> float:
        """The place below which this share, within 0–1, of all ends lies.

        >>> round(Ending(bells=((1.0, 0.5, 0.1),)).quantile(0.9), 3)
        0.628
        """
        return min(max(self._free_quantile(share), self.floor), self.cap)

    def _free_quantile(self, share: float) -> float:
        if not self.bells:
            return self._point_at(share)
        low = min([mean - 9 * spread for _, mean, spread in self.bells] + [point for _, point in self.points])
        high = max([mean + 9 * spread for _, mean, spread in self.bells] + [point for _, point in self.points])
        place = sum(weight * mean for weight, mean, _ in self.bells) / sum(weight for weight, _, _ in self.bells)
        for _ in range(_STEPS):
            below, slope = self._below(place)
            if below < share:
                low = place
            else:
                high = place
            step = (share - below) / slope if slope > 0 else inf
            if high - low < _TOLERANCE * max(1.0, abs(high)) or abs(step) < _TOLERANCE:
                break
            place = place + step if low < place + step < high else (low + high) / 2
        return place

    def _below(self, place: float) -> tuple[float, float]:
        below = sum(weight for weight, point in self.points if point <= place)
        slope = 0.0
        for weight, mean, spread in self.bells:
            away = (place - mean) / spread
            below += weight * 0.5 * erfc(-away / _ROOT_TWO)
            slope += weight * exp(-0.5 * away * away) / (spread * _ROOT_TWO_PI)
        return below, slope

    def _point_at(self, share: float) -> float:
        reached = 0.0
        ordered = sorted(self.points, key=lambda point: point[1])
        for weight, place in ordered:
            reached += weight
            if reached >= share - _TOLERANCE:
                return place
        return ordered[-1][1]
