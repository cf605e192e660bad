"""The organization's units, as forms offer them and as formulas read numbers by them."""

from __future__ import annotations

from objectives.formulas.units import Scale, find_scale
from people.models import Unit


def scales_of(organization_id: int) -> list[Scale]:
    """All that is known of the organization's units; retired ones still say what goals that have them mean."""
    return [
        Scale(unit.name, unit.better, unit.minimum, unit.maximum)
        for unit in Unit.objects.filter(organization=organization_id)
    ]


def scale_of(organization_id: int, unit: str) -> Scale | None:
    """What is known of one unit; None for one that is not in the catalogue."""
    return find_scale(unit, scales_of(organization_id)) if unit.strip() else None
