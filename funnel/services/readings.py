"""Noting what KGIs and KPIs really were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from django.db import transaction
from django.utils.translation import gettext as _

from funnel.formulas.actuals import first_of, last_of
from funnel.formulas.numbers import format_amount
from funnel.models import EARLIEST, KGI, KPI, KPIReading, ReadingSpan
from funnel.queries.actuals import BY_HAND
from funnel.services.funnels import ROOT
from funnel.services.kgis import hold_standing
from people import live
from people.models import Membership
from people.refusals import Refusal

LARGEST_READING = Decimal("1e15")


class Unsaid(Enum):
    """Of a written reading: whoever sends it does not say what stood there before."""

    BEFORE = "before"


@dataclass(frozen=True)
class Written:
    """What somebody writes for a KPI's day, or for the whole week or month that holds the day; None takes it back.

    `before` is what they saw there: None for nothing.
    """

    kpi: KPI
    date: date
    value: Decimal | None
    span: str = ReadingSpan.DAY
    before: Decimal | Unsaid | None = Unsaid.BEFORE

    @property
    def source(self) -> str:
        return source_by_hand(self.span, self.date)

    @property
    def place(self) -> str:
        return place_of(self.kpi.pk, self.span, self.date)


@dataclass
class Saved:
    """How many of the readings sent are new, changed, taken back, or were so already."""

    new: int = 0
    changed: int = 0
    emptied: int = 0
    unchanged: int = 0

    @property
    def written(self) -> int:
        return self.new + self.changed + self.emptied


def place_of(kpi_id: int, span: str, day: date) -> str:
    """Where a reading stands in a grid of levers and days, weeks or months."""
    return f"{kpi_id}:{span}:{last_of(span, day):%Y-%m-%d}"


def source_by_hand(span: str, day: date) -> str:
    """By what a reading written by hand is known: one a day, one for each week and each month."""
    return f"{BY_HAND}{span}:{last_of(span, day):%Y-%m-%d}" if span else f"{BY_HAND}{day:%Y-%m-%d}"


def refuse_day(kgi: KGI, day: date, span: str = ReadingSpan.DAY) -> None:
    """Raise `Refusal` for a day, or the week or month that holds it, of which nothing can be known for this KGI:
    `date_in_future`, `before_period`.
    """
    if first_of(span, day) > kgi.organization.today:
        raise Refusal.of_field("date", "date_in_future", _("This day has not come yet."))
    if last_of(span, day) < max(kgi.period_start or EARLIEST, EARLIEST):
        raise Refusal.of_field("date", "before_period", _("This day lies before the KGI's period."))


@transaction.atomic
def record_actual(kgi: KGI, *, date: date, value: Decimal, recorded_by: Membership | None) -> KPIReading:
    """Note what a KGI itself was on a day, counted as its targets are. A second word on a day replaces the first.

    It is a reading of the KPI at the root of the tree, which is made where there is no funnel yet.
    """
    KGI.objects.select_for_update(no_key=True).get(pk=kgi.pk)
    live.moved(kgi.organization_id)
    root, _created = kgi.kpis.get_or_create(
        is_goal=True, defaults={"key": ROOT.key, "name": str(ROOT.name), "unit": kgi.unit, "formula": ROOT.formula}
    )
    return record_reading(root, date=date, value=value, recorded_by=recorded_by, source=f"{BY_HAND}{date:%Y-%m-%d}")


@transaction.atomic
def record_by_hand(
    kpi: KPI, *, date: date, value: Decimal, recorded_by: Membership | None, span: str = ReadingSpan.DAY
) -> KPIReading:
    """Note what a KPI was on a day, or over the week or month that holds it. A second word on it replaces the first.

    Raises `Refusal`: `date_in_future`, `before_period`, `dropped` with its KGI.
    """
    kgi = hold_standing(kpi.kgi_id)
    refuse_day(kgi, date, span)
    return record_reading(
        kpi,
        date=min(last_of(span, date), kgi.organization.today),
        value=value,
        recorded_by=recorded_by,
        source=source_by_hand(span, date),
        span=span,
    )


@transaction.atomic
def save_readings(kgi: KGI, readings: Iterable[Written], *, recorded_by: Membership | None) -> Saved:
    """Write many readings of a KGI's KPIs at once: all of them, or none where one is refused.

    Sending the same again changes nothing. Raises `Refusal`: `dropped` with its KGI, and `readings` with, under each
    reading's `place`, what is wrong with it: a day that cannot be known, two words on one place, a value beyond 10^15,
    or another one that somebody wrote there meanwhile.
    """
    given = list(readings)
    kgi = hold_standing(kgi.pk)
    sources = {reading.source for reading in given}
    held = {
        (row.kpi_id, row.source): row
        for row in KPIReading.objects.select_for_update(no_key=True).filter(kpi__kgi=kgi, source__in=sources)
    }
    wrong: dict[str, list[str]] = {}
    wanted: dict[tuple[int, str], Written] = {}
    for reading in given:
        key = (reading.kpi.pk, reading.source)
        sentence = objection_to(kgi, reading, held, wanted.get(key))
        if sentence:
            wrong.setdefault(reading.place, []).append(sentence)
        wanted[key] = reading
    if wrong:
        raise Refusal("readings", _("Nothing is saved yet: look at what is marked."), wrong)
    return write(kgi, wanted, held, recorded_by)


def objection_to(
    kgi: KGI, reading: Written, held: Mapping[tuple[int, str], KPIReading], other: Written | None
) -> str | None:
    """What stands against a reading, as a sentence."""
    try:
        refuse_day(kgi, reading.date, reading.span)
    except Refusal as refused:
        return refused.detail
    if reading.value is not None and abs(reading.value) > LARGEST_READING:
        return _("This number is too large.")
    if other is not None and other.value != reading.value:
        return _("Two different values are given for this.")
    row = held.get((reading.kpi.pk, reading.source))
    present = row.value if row else None
    if reading.before is Unsaid.BEFORE or present in (reading.before, reading.value):
        return None
    shown = reading.kpi.in_people_units(present)
    if shown is None:
        return _("Someone emptied this in the meantime.")
    return _("Someone wrote %(value)s here in the meantime.") % {
        "value": format_amount(shown, unit="%" if reading.kpi.is_rate else "", precise=True)
    }


def write(
    kgi: KGI,
    wanted: Mapping[tuple[int, str], Written],
    held: Mapping[tuple[int, str], KPIReading],
    recorded_by: Membership | None,
) -> Saved:
    """Bring the rows held to what is wanted."""
    saved, emptied = Saved(), []
    new: list[KPIReading] = []
    changed: list[KPIReading] = []
    for key, reading in wanted.items():
        row = held.get(key)
        if reading.value == (row.value if row else None):
            saved.unchanged += 1
        elif reading.value is None:
            emptied.append(key)
        else:
            day = min(last_of(reading.span, reading.date), kgi.organization.today)
            (changed if row else new).append(
                KPIReading(
                    pk=row.pk if row else None,
                    kpi=reading.kpi,
                    date=day,
                    span=reading.span,
                    value=reading.value,
                    recorded_by=recorded_by,
                    source=reading.source,
                )
            )
    KPIReading.objects.bulk_create(new)
    KPIReading.objects.bulk_update(changed, ["date", "value", "recorded_by"])
    KPIReading.objects.filter(pk__in=[held[key].pk for key in emptied]).delete()
    saved.new, saved.changed, saved.emptied = len(new), len(changed), len(emptied)
    return saved


def record_reading(
    kpi: KPI,
    *,
    date: date,
    value: Decimal,
    recorded_by: Membership | None,
    source: str,
    span: str = ReadingSpan.DAY,
) -> KPIReading:
    """Note what a KPI was on a day. The same source is noted once."""
    reading, _created = KPIReading.objects.update_or_create(
        kpi=kpi, source=source, defaults={"date": date, "span": span, "value": value, "recorded_by": recorded_by}
    )
    return reading
