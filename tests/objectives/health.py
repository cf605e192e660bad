"""Health KPIs for tests: a row, and readings counted back from the week or month that runs."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from objectives.formulas.health_kpis import periods_until
from objectives.models import HealthKPI, HealthKPIReading
from people.models import Membership
from tests.cast import Cast

BEGAN = datetime(2025, 4, 1, 9, tzinfo=ZoneInfo("Asia/Tokyo"))
LAST_WEEK, WEEK_BEFORE = date(2026, 5, 11), date(2026, 5, 4)


def health_kpi(cast: Cast, **fields: Any) -> HealthKPI:
    """A KPI of sales that a week is to bring at most 1 % of, owned by the member, unless said otherwise."""
    given = {
        "organization": cast.organization,
        "team": cast.sales,
        "name": "焙煎の不良率",
        "unit": "%",
        "upper": Decimal(1),
        "owner": cast.member,
        "created_at": BEGAN,
    }
    return HealthKPI.objects.create(**given | fields)


def read(kpi: HealthKPI, by: Membership, *values: str | int | None, until: date = LAST_WEEK) -> list[HealthKPIReading]:
    """Readings of the periods up to one, the last value being of it; None leaves a period out."""
    firsts = periods_until(kpi.period, until, len(values))
    return HealthKPIReading.objects.bulk_create(
        HealthKPIReading(health_kpi=kpi, period_start=first, value=Decimal(value), recorded_by=by)
        for first, value in zip(firsts, values, strict=True)
        if value is not None
    )
