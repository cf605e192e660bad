"""Acts on plans that change more than one row."""

from datetime import date
from decimal import Decimal

from funnel.models import KPI, KPIReading
from people.models import Membership


def record_reading(
    kpi: KPI, *, date: date, value: Decimal, recorded_by: Membership | None, source: str, replaces: str | None = None
) -> KPIReading:
    """Note what a KPI was on a day. The same source is noted once; `replaces` takes the place of a corrected one."""
    if replaces is not None:
        kpi.readings.filter(source=replaces).delete()
    reading, _ = KPIReading.objects.update_or_create(
        kpi=kpi, source=source, defaults={"date": date, "value": value, "recorded_by": recorded_by}
    )
    return reading
