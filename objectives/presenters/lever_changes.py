"""By how much a lever moves, as people say it: rates in points, volumes with the period they are counted over."""

from __future__ import annotations

from django.utils.translation import gettext as _

from funnel.models import KPI
from funnel.presenters.tree_rows import unit_of


def unit_of_change(kpi: KPI) -> str:
    """What a change of the lever is counted in: a rate's in points, not in per cent of what it was."""
    return _("points") if kpi.is_rate else unit_of(kpi, kpi.kgi)
