"""What a stretch bar shows: positions on the scale 0–1 and the zone that colours them.

The drawing itself is elsewhere; here is only what is true of it. Source: the product's domain notes 2.3 (progress,
pace, landing, reading the score).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from objectives.formulas.pace import zone as zone_of

Number = int | float | Decimal | Fraction
Zone = Literal["below", "in", "above", "none", "plain"]

TRAIL_LENGTH = 8


def position(value: Number | None) -> float | None:
    """A number as a place on the scale, or None when there is nothing that could be drawn."""
    if value is None:
        return None
    place = float(value)
    return place if math.isfinite(place) else None


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch bar.

    `progress`, `landing`, `pace` and `must_hit` are places on the scale 0–1 (progress and landing raw: they may lie
    below 0 or above 1), `score` the clamped progress. `trail` holds the progress of up to eight earlier weeks, oldest
    first, None for a week without a check-in. `zone` is one of below, in, above, none; plain for volumes, which have
    no score and no band.
    """

    progress: float | None
    score: float | None
    landing: float | None
    pace: float | None
    must_hit: float | None
    intent: str
    trail: tuple[float | None, ...]
    zone: Zone
    band_lower: float
    band_upper: float
    committed: bool
    closed: bool

    @classmethod
    def of(
        cls,
        *,
        progress: Number | None,
        score: Number | None = None,
        landing: Number | None = None,
        pace: Number | None = None,
        must_hit: Number | None = None,
        intent: str = "aspirational",
        trail: Iterable[Number | None] = (),
        band_lower: Number = 0.6,
        band_upper: Number = 0.7,
        closed: bool = False,
    ) -> Bar:
        """The bar of a key result or an objective, its zone computed.

        The zone is that of the landing, or of the score once closed; `none` where nothing was reported yet
        (progress None) or nothing can be foreseen (landing None, before the first day).

        >>> bar = Bar.of(progress=0.506, score=0.506, landing=0.605, pace=0.835, must_hit=0.333)
        >>> bar.zone, bar.committed
        ('in', False)
        >>> Bar.of(progress=0.3, score=0.3, landing=0.359, pace=0.835).zone
        'below'
        >>> Bar.of(progress=None).zone
        'none'
        >>> Bar.of(progress=0.8, score=0.8, landing=0.8, closed=True).zone
        'above'
        """
        counted = score if closed else landing
        zone: Zone = "none"
        if progress is not None and position(counted) is not None:
            zone = zone_of(counted, intent, band_lower, band_upper)
        return cls(
            progress=position(progress),
            score=position(score),
            landing=position(landing),
            pace=position(pace),
            must_hit=position(must_hit),
            intent=str(intent),
            trail=tuple(position(value) for value in trail)[-TRAIL_LENGTH:],
            zone=zone,
            band_lower=float(band_lower),
            band_upper=float(band_upper),
            committed=intent == "committed",
            closed=closed,
        )

    @classmethod
    def plain(cls, value: Number | None, *, must_hit: Number | None = None) -> Bar:
        """A volume on its way to the challenge: `value` and `must_hit` as shares of the challenge, no band, no pace.

        >>> Bar.plain(0.33, must_hit=0.5).zone
        'plain'
        """
        return cls(
            progress=position(value),
            score=None,
            landing=None,
            pace=None,
            must_hit=position(must_hit),
            intent="",
            trail=(),
            zone="plain",
            band_lower=0.0,
            band_upper=0.0,
            committed=False,
            closed=False,
        )
