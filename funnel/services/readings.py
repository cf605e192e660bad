"""Noting what KGIs and KPIs really were."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from funnel.models import EARLIEST, KGI, KPI, KPIReading, ReadingSpan
from funnel.services.funnels import ROOT
from funnel.services.kgis import hold_standing
from people.models import Membership
from people.refusals import Refusal

BY_HAND = "hand:"


def refuse_day(kgi: KGI, day: date) -> None:
    """Raise `Refusal` for a day on which nothing of this KGI can be known: `date_in_future`, `before_period`."""
    if day > kgi.organization.today:
        raise Refusal.of_field("date", "date_in_future", _("This day has not come yet."))
    if day < max(kgi.period_start or EARLIEST, EARLIEST):
        raise Refusal.of_field("date", "before_period", _("This day lies before the KGI's period."))


@transaction.atomic
def record_actual(kgi: KGI, *, date: date, value: Decimal, recorded_by: Membership | None) -> KPIReading:
    """Note what a KGI itself was on a day, counted as its targets are. A second word on a day replaces the first.

    It is a reading of the KPI at the root of the tree, which is made where there is no funnel yet.
    """
    KGI.objects.select_for_update(no_key=True).get(pk=kgi.pk)
    root, _created = kgi.kpis.get_or_create(
        is_goal=True, defaults={"key": ROOT.key, "name": str(ROOT.name), "unit": kgi.unit, "formula": ROOT.formula}
    )
    return record_reading(root, date=date, value=value, recorded_by=recorded_by, source=f"{BY_HAND}{date:%Y-%m-%d}")


@transaction.atomic
def record_by_hand(
    kpi: KPI, *, date: date, value: Decimal, recorded_by: Membership | None, span: str = ReadingSpan.DAY
) -> KPIReading:
    """Note what a KPI was on a day, or over the week or month that ends on it. A second word on it replaces the first.

    Raises `Refusal`: `date_in_future`, `before_period`, `dropped` with its KGI.
    """
    kgi = hold_standing(kpi.kgi_id)
    refuse_day(kgi, date)
    source = f"{BY_HAND}{span}:{date:%Y-%m-%d}" if span else f"{BY_HAND}{date:%Y-%m-%d}"
    return record_reading(kpi, date=date, value=value, recorded_by=recorded_by, source=source, span=span)


def record_reading(
    kpi: KPI,
    *,
    date: date,
    value: Decimal,
    recorded_by: Membership | None,
    source: str,
    span: str = ReadingSpan.DAY,
    replaces: str | None = None,
) -> KPIReading:
    """Note what a KPI was on a day. The same source is noted once; `replaces` takes the place of a corrected one."""
    if replaces is not None:
        kpi.readings.filter(source=replaces).delete()
    reading, _created = KPIReading.objects.update_or_create(
        kpi=kpi, source=source, defaults={"date": date, "span": span, "value": value, "recorded_by": recorded_by}
    )
    return reading
