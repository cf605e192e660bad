"""Whether numbers suit their unit: a rank that is to grow, an NPS of 120. Such things are questioned, never refused.

One source for forms, check-ins and whatever drafts key results. Source: the product's domain notes 2.3 (no sign or
range limit follows from a unit) and 4 (NPS runs from −100 to 100, an average answer from 0 to 10).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from objectives.formulas.scoring import Measure

HIGHER, LOWER, EITHER = "higher", "lower", "either"
# Of these a value is the figure itself; of all others it is what was added, done or ticked.
FIGURE_KINDS = frozenset({"reach", "average", "keep"})
FIELDS = ("start_value", "must_hit_value", "target_value")


@dataclass(frozen=True)
class Scale:
    """What is known of a unit: which way is better, and the ends of its scale where it has some."""

    name: str
    better: str = EITHER
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    def holds(self, value: Decimal) -> bool:
        """Whether a value lies on the scale, both ends included.

        >>> nps = Scale("NPS", HIGHER, Decimal(-100), Decimal(100))
        >>> nps.holds(Decimal(100)), nps.holds(Decimal(120)), Scale("%").holds(Decimal(300))
        (True, False, True)
        """
        return (self.minimum is None or value >= self.minimum) and (self.maximum is None or value <= self.maximum)


@dataclass(frozen=True)
class UnitDoubt:
    """A reason to look again: `code` is `direction` or `outside_scale`, `field` the number it is about."""

    code: str
    field: str
    value: Decimal


def normal(unit: str) -> str:
    """One spelling of a unit, to be compared: full-width signs, spaces around it and case do not matter.

    >>> normal(" ％ "), normal("ＮＰＳ") == normal("nps")
    ('%', True)
    """
    return unicodedata.normalize("NFKC", unit).strip().casefold()


def find_scale(unit: str, scales: Iterable[Scale]) -> Scale | None:
    """The scale of the unit as people wrote it, None for one that is not in the catalogue.

    >>> find_scale("％", [Scale("件"), Scale("%")])
    Scale(name='%', better='either', minimum=None, maximum=None)
    """
    wanted = normal(unit)
    return next((scale for scale in scales if normal(scale.name) == wanted), None) if wanted else None


def doubts_on_measure(measure: Measure, scale: Scale | None) -> list[UnitDoubt]:
    """What about a key result's numbers does not suit their unit; empty where nothing is known of it.

    A reach and an average run from baseline to target, a keep has its limit as minimum or maximum. What is added up,
    and what is said of parts of a whole, has no such direction.

    >>> rank = Scale("位", LOWER, Decimal(1))
    >>> doubts_on_measure(Measure("reach", Decimal(3), Decimal(12)), rank)
    [UnitDoubt(code='direction', field='target_value', value=Decimal('12'))]
    >>> doubts_on_measure(Measure("reach", Decimal(12), Decimal(3)), rank)
    []
    >>> nps = Scale("NPS", HIGHER, Decimal(-100), Decimal(100))
    >>> doubts_on_measure(Measure("reach", Decimal(32), Decimal(120)), nps)
    [UnitDoubt(code='outside_scale', field='target_value', value=Decimal('120'))]
    >>> doubts_on_measure(Measure("keep", target_value=Decimal(30), limit="min"), Scale("日", LOWER))
    [UnitDoubt(code='direction', field='limit', value=Decimal('30'))]
    >>> doubts_on_measure(Measure("cumulative", Decimal(0), Decimal(30)), Scale("日", LOWER))
    []
    """
    if scale is None or measure.kind not in FIGURE_KINDS:
        return []
    doubts = []
    against = _against(measure, scale.better)
    if against is not None and measure.target_value is not None:
        doubts.append(UnitDoubt("direction", against, measure.target_value))
    for field in FIELDS:
        value = getattr(measure, field)
        if value is not None and not scale.holds(value):
            doubts.append(UnitDoubt("outside_scale", field, value))
    return doubts


def doubt_on_value(measure: Measure, value: Decimal, scale: Scale | None) -> UnitDoubt | None:
    """A doubt about one reported value, None where it lies on the scale or is no figure on it.

    >>> doubt_on_value(Measure("reach"), Decimal(120), Scale("NPS", HIGHER, Decimal(-100), Decimal(100)))
    UnitDoubt(code='outside_scale', field='value', value=Decimal('120'))
    >>> doubt_on_value(Measure("cumulative"), Decimal(120), Scale("点", HIGHER, Decimal(0), Decimal(100)))
    """
    if scale is None or measure.kind not in FIGURE_KINDS or scale.holds(value):
        return None
    return UnitDoubt("outside_scale", "value", value)


def _against(measure: Measure, better: str) -> str | None:
    """The field that contradicts the unit's direction."""
    if better == EITHER:
        return None
    if measure.kind == "keep":
        contradicts = "max" if better == HIGHER else "min"
        return "limit" if measure.limit == contradicts else None
    if measure.start_value is None or measure.target_value is None or measure.start_value == measure.target_value:
        return None
    rises = measure.target_value > measure.start_value
    return "target_value" if rises != (better == HIGHER) else None
