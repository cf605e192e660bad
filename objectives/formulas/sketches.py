"""A draft that is not a row yet: from the library, from the cycle before, or copied."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class KeyResultSketch:
    """A key result to begin with; numbers are in its own unit, None where whoever uses it fills them in."""

    title: str
    kind: str = "reach"
    unit: str = ""
    start_value: Decimal | None = None
    must_hit_value: Decimal | None = None
    target_value: Decimal | None = None
    limit: str = ""
    quota: Decimal | None = None
    period: str = ""
    population: Decimal | None = None
    measured_how: str = ""
    measure_type: str = "result"
    steps: tuple[str, ...] = ()
    owner_id: int | None = None
    kpi_id: int | None = None


@dataclass(frozen=True)
class Sketch:
    """An objective to begin with: its words and its key results."""

    title: str
    why: str = ""
    kind: str = "aspirational"
    key_results: tuple[KeyResultSketch, ...] = field(default_factory=tuple)
