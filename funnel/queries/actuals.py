"""What was read on the levers of a KGI, in one query, and what they come to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from funnel.formulas import actuals
from funnel.formulas.actuals import MONTH, MONTHS_OF_A_YEAR, Reading, Values
from funnel.formulas.planning import months_in
from funnel.models import KGI, KPI, KPIReading

ACTUAL = "actual"
"""The column of a tree that the actuals make."""
BY_HAND = "hand:"
MONTHS_LOOKED_BACK = 60


@dataclass(frozen=True)
class Actuals:
    """What was read on one KPI. Rates are 0–1, as they are stored."""

    kpi: KPI
    readings: list[Reading] = field(default_factory=list)

    @property
    def is_volume(self) -> bool:
        """Whether its readings add up: it is counted over a period."""
        return bool(self.kpi.period)

    @cached_property
    def months(self) -> Values:
        """Of each month with readings, under its first day: what came in, or the mean. Of a KGI that is no volume the
        last reading, since it says where the whole stood.
        """
        if self.kpi.is_goal and not self.is_volume:
            return self._last_of_months()
        return actuals.monthly(self.readings, is_volume=self.is_volume)

    @cached_property
    def weeks(self) -> Values:
        """The same of each ISO week, under its Monday."""
        return actuals.weekly(self.readings, is_volume=self.is_volume)

    def by_hand(self, span: str) -> Values:
        """What somebody wrote for whole weeks or whole months."""
        chosen = actuals.written([one for one in self.readings if one.by_hand], span)
        return {first: one.value for first, one in chosen.items()}

    def beneath(self, span: str) -> Values:
        """What the weeks or months come to without what was written for them by hand."""
        rest = Actuals(self.kpi, [one for one in self.readings if not (one.by_hand and one.span == span)])
        return rest.months if span == MONTH else rest.weeks

    def _last_of_months(self) -> Values:
        last = {
            actuals.month_of(one.date): one.value
            for one in sorted(self.readings, key=lambda one: (one.date, one.order))
        }
        return last | {first: one.value for first, one in actuals.written(self.readings, MONTH).items()}


@dataclass(frozen=True)
class Book:
    """All readings of a KGI, by the keys of its KPIs."""

    kgi: KGI
    today: date
    by_key: dict[str, Actuals]

    @property
    def months_of_whole(self) -> Decimal:
        """The months of the KGI's period; a year's where it has none."""
        start, end = self.kgi.period_start, self.kgi.period_end
        return decimal(months_in(start, end)) if start and end else Decimal(MONTHS_OF_A_YEAR)

    @property
    def is_empty(self) -> bool:
        return not any(one.readings for one in self.by_key.values())

    def ended(self, key: str) -> dict[date, Decimal]:
        """The months of the KGI's period that are over, of one KPI."""
        return actuals.ended(self.by_key[key].months, start=self.kgi.period_start, today=self.today)

    def actual(self, key: str) -> Decimal | None:
        """What a KPI is at the pace so far, counted as its targets are."""
        one = self.by_key[key]
        return actuals.actual(
            one.months,
            period=one.kpi.period,
            start=self.kgi.period_start,
            today=self.today,
            months_of_whole=self.months_of_whole,
            weights=self.kgi.monthly_weights,
        )

    def column(self) -> dict[str, Decimal | None]:
        """The actuals of all levers that were read, as a column of their tree."""
        values = {key: self.actual(key) for key, one in self.by_key.items() if one.kpi.is_lever}
        return {key: value for key, value in values.items() if value is not None}


def read_book(kgi: KGI, kpis: Iterable[KPI], *, today: date) -> Book:
    """The readings of the last five years."""
    return read_books({kgi.pk: (kgi, list(kpis))}, today=today)[kgi.pk]


def read_books(kgis: Mapping[int, tuple[KGI, Sequence[KPI]]], *, today: date) -> dict[int, Book]:
    """The readings of the last five years up to a day, of several KGIs under their ids. One query."""
    since = actuals.next_month(actuals.month_of(today), -MONTHS_LOOKED_BACK)
    found: dict[int, list[Reading]] = {kpi.pk: [] for _kgi, rows in kgis.values() for kpi in rows}
    read = KPIReading.objects.filter(kpi__in=found, date__gte=since, date__lte=today).order_by("date", "id")
    for kpi_id, day, value, span, source, pk in read.values_list("kpi", "date", "value", "span", "source", "id"):
        found[kpi_id].append(Reading(day, value, span, source.startswith(BY_HAND), pk))
    return {
        pk: Book(kgi, today, {kpi.key: Actuals(kpi, found[kpi.pk]) for kpi in rows}) for pk, (kgi, rows) in kgis.items()
    }


def decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / value.denominator
