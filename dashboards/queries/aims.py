"""The KGIs a cycle works for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Exists, F, OuterRef, Q

from funnel.formulas.planning import elapsed_share
from funnel.models import KGI, KPIReading
from funnel.services import BY_HAND
from objectives.models import Cycle, KeyResult, Kind
from people.models import Membership

MOST_KGIS = 4


@dataclass(frozen=True, slots=True)
class KGIStanding:
    """A KGI today: the last actual of its period and its day, None until one is in.

    `required` is where an even way from last year's value to the must-hit target would stand by now.
    """

    kgi: KGI
    value: Decimal | None
    read_on: date | None
    elapsed: float | None
    required: Decimal | None

    @property
    def missing(self) -> Decimal | None:
        """The must-hit target less the value, None where either is unknown."""
        must_hit = self.kgi.must_hit_value
        return None if self.value is None or must_hit is None else must_hit - self.value

    @property
    def way(self) -> Decimal | None:
        """From last year's value to the must-hit target, None where there is no such way."""
        must_hit, last_year = self.kgi.must_hit_value, self.kgi.last_year_value
        return None if must_hit is None or last_year is None else (must_hit - last_year) or None

    @property
    def days(self) -> int | None:
        """How many days its period has."""
        first, last = self.kgi.period_start, self.kgi.period_end
        return None if first is None or last is None else (last - first).days + 1

    @property
    def is_falling(self) -> bool:
        """Whether less is better: the must-hit target lies below last year's value."""
        last_year, must_hit = self.kgi.last_year_value, self.kgi.must_hit_value
        return last_year is not None and must_hit is not None and must_hit < last_year

    @property
    def is_reached(self) -> bool:
        """Whether the must-hit target is reached."""
        return self._has_reached(self.kgi.must_hit_value)

    @property
    def is_challenge_reached(self) -> bool:
        return self._has_reached(self.kgi.challenge_value)

    def _has_reached(self, target: Decimal | None) -> bool:
        if self.value is None or target is None:
            return False
        return self.value <= target if self.is_falling else self.value >= target


def kgis(membership: Membership, cycle: Cycle | None, today: date) -> list[KGIStanding]:
    """The KGIs whose period touches the cycle, in the order of their periods."""
    return kgis_between(membership, cycle.start if cycle else None, cycle.end if cycle else None, today)


def kgis_between(membership: Membership, first: date | None, last: date | None, today: date) -> list[KGIStanding]:
    """The KGIs whose period touches the days, in the order of their periods."""
    rows = KGI.objects.visible_to(membership).finished()
    if first is not None and last is not None:
        rows = rows.filter(Q(period_start=None) | Q(period_start__lte=last), period_end__gte=first)
    ordered = rows.order_by(F("period_start").asc(nulls_last=True), "pk")
    shown = list(ordered[:MOST_KGIS])
    actuals = readings_of(shown, today) if shown else {}
    return [standing_of(kgi, actuals.get(kgi.pk), today) for kgi in shown]


def readings_of(kgis: Sequence[KGI], day: date) -> dict[int, KPIReading]:
    """The last reading of each KGI's root in its period up to a day.

    A sum within a cycle begins at 0 each time and is no reading of the year's number; it is left out, and so is what
    came in during one week or month.
    """
    sums = KeyResult.objects.filter(kpi=OuterRef("kpi"), kind__in=(Kind.CUMULATIVE, Kind.QUOTA))
    readings = (
        KPIReading.objects.filter(kpi__kgi__in=kgis, kpi__is_goal=True, date__lte=day)
        .filter(Q(source__startswith=BY_HAND) | ~Exists(sums))
        .filter(Q(span="") | Q(kpi__period=""))
        .filter(Q(kpi__kgi__period_start=None) | Q(date__gte=F("kpi__kgi__period_start")))
        .filter(date__lte=F("kpi__kgi__period_end"))
        .select_related("kpi")
    )
    latest = readings.order_by("kpi_id", "-date", "-id").distinct("kpi_id")
    return {reading.kpi.kgi_id: reading for reading in latest}


def standing_of(kgi: KGI, reading: KPIReading | None, today: date) -> KGIStanding:
    elapsed = required = None
    if kgi.period_start and kgi.period_end and kgi.period_start <= today:
        # Not a cycle's span: a KGI may look decades ahead.
        share = elapsed_share(kgi.period_start, kgi.period_end, today)
        elapsed = float(share)
        if kgi.must_hit_value is not None and kgi.last_year_value is not None:
            way = kgi.must_hit_value - kgi.last_year_value
            required = kgi.last_year_value + way * share.numerator / share.denominator
    value, read_on = (reading.value, reading.date) if reading else (None, None)
    return KGIStanding(kgi, value, read_on, elapsed, required)
