"""What the tables of the plan share: the column of numbers, and to whom a row's history belongs."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class AmountColumn(models.DecimalField):
    """A number in its own unit, up to 10^15 with six decimals."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_digits", 24)
        kwargs.setdefault("decimal_places", 6)
        super().__init__(*args, **kwargs)


class LeverColumn(AmountColumn):
    """A lever's number: an amount, or a rate stored 0–1, with twelve decimals."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_digits", 30)
        kwargs.setdefault("decimal_places", 12)
        super().__init__(*args, **kwargs)


OF_KGI = "SELECT organization_id FROM funnel_kgi WHERE id = touched.kgi_id"
OF_KPI = (
    "SELECT kgi.organization_id FROM funnel_kgi kgi JOIN funnel_kpi kpi ON kpi.kgi_id = kgi.id "
    "WHERE kpi.id = touched.kpi_id"
)


class TargetColumn(models.TextChoices):
    """The columns a KGI and every lever carry."""

    CURRENT = "current", pgettext_lazy("column of a plan", "Now")
    MUST_HIT = "must_hit", _("Must-hit")
    CHALLENGE = "challenge", _("Challenge")
