"""What key results that measure a KPI say of it: their forecasts in the KPI's own unit and period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import sqrt

from funnel.formulas.actuals import WEEKS_OF_A_MONTH
from funnel.formulas.replanning import Course, Guess, months_ahead
from funnel.models import KGI, KPI, KPIPeriod
from funnel.queries.actuals import Book
from funnel.queries.landings import Spoken
from funnel.trees import PlannedTree
from objectives.formulas.forecast import Forecast
from objectives.formulas.periods import periods_of
from objectives.models import KeyResult, Kind, Period

ONE_DAY = timedelta(days=1)
STATED = {Kind.REACH, Kind.AVERAGE, Kind.KEEP}
"""Kinds whose value is the present figure."""
ONE_PERIOD_OF_MANY = sqrt(0.5)
"""A quota's forecast is of one period; about half of its variance is that period's own, and evens out over many."""


@dataclass(frozen=True)
class Told:
    """A key result that measures a KPI, where it stands, and what is foretold of it."""

    key_result: KeyResult
    forecast: Forecast
    value: Decimal | None

    def now(self, otherwise: float) -> float:
        return otherwise if self.value is None else float(self.value)

    @property
    def guess(self) -> Guess | None:
        """None where nothing but what similar ones did is known of it."""
        told = self.forecast
        if not told.readings or told.p10 is None or told.p50 is None or told.p90 is None:
            return None
        return Guess(float(told.p10), float(told.p50), float(told.p90))


def spoken_of(planned: PlannedTree, book: Book, told: Iterable[Told]) -> dict[str, Spoken]:
    """What key results say of the nodes of a KGI's tree, by the nodes' keys; the goal itself is left to its actuals.

    Present figures outweigh sums: they are of the whole. Of several the one with the most check-ins counts. Sums are
    added up, but where people write the lever's actuals by hand the sums are a part of them only and say nothing.
    """
    kgi = planned.kgi
    if kgi.period_start is None or kgi.period_end is None:
        return {}
    periods = periods_of(planned.tree, {key: kpi.period for key, kpi in planned.nodes.items()})
    by_id = {kpi.pk: kpi for kpi in planned.nodes.values() if not kpi.is_goal}
    stated: dict[str, tuple[int, Course, bool]] = {}
    sums: dict[str, list[Course]] = {}
    for one in told:
        kpi, guess = by_id.get(one.key_result.kpi_id or 0), one.guess
        if kpi is None or guess is None or not overlaps(kgi, one.key_result):
            continue
        period = periods[kpi.key]
        if one.key_result.kind == Kind.CUMULATIVE and period:
            course = course_of_sum(kgi, one, guess, book.today)
            if course is not None and not is_written_by_hand(book, kpi):
                sums.setdefault(kpi.key, []).append(course)
            continue
        course = course_of_figure(one, kpi, guess, period)
        if course is not None and one.forecast.readings > stated.get(kpi.key, (0, None, None))[0]:
            stated[kpi.key] = (one.forecast.readings, course, one.key_result.kind == Kind.QUOTA)
    found = {key: Spoken(courses, periods[key], adds_up=False) for key, courses in sums.items()}
    return found | {key: Spoken([course], periods[key], adds) for key, (_count, course, adds) in stated.items()}


def overlaps(kgi: KGI, key_result: KeyResult) -> bool:
    span = key_result.objective.cycle.span
    return bool(kgi.period_start and kgi.period_end and span.start <= kgi.period_end and kgi.period_start <= span.end)


def is_written_by_hand(book: Book, kpi: KPI) -> bool:
    start = book.kgi.period_start or date.min
    return any(one.by_hand and one.date >= start for one in book.by_key[kpi.key].readings)


def course_of_sum(kgi: KGI, told: Told, end: Guess, today: date) -> Course | None:
    """What a sum over a cycle brings a month: until the cycle's end what is missing to its forecast, then its mean."""
    if kgi.period_start is None or kgi.period_end is None:
        return None
    span, start = told.key_result.objective.cycle.span, float(told.key_result.start_value or 0)
    # The sum is the whole cycle's, also where the KGI's period holds a part of it.
    both = min(kgi.period_start, span.start), max(kgi.period_end, span.end)
    cycle = months_ahead(*both, span.start, span.end, kgi.monthly_weights)
    rest = months_ahead(*both, max(today + ONE_DAY, span.start), span.end, kgi.monthly_weights)
    if not cycle:
        return None
    then = moved(end, -start).times(1 / cycle)
    return Course(span.end, moved(end, -told.now(start)).times(1 / rest) if rest else then, then)


def course_of_figure(told: Told, kpi: KPI, end: Guess, period: str) -> Course | None:
    """Where a present figure goes: evenly to its forecast, and there it stays. None for a kind that states none."""
    key_result = told.key_result
    until, factor = key_result.objective.cycle.end, float(factor_of(key_result, kpi, period) or 0)
    if not factor:
        return None
    there = end.times(factor)
    if key_result.kind == Kind.QUOTA:
        there = there.narrowed(ONE_PERIOD_OF_MANY)
    if key_result.kind in {Kind.QUOTA, Kind.AVERAGE}:
        return Course(until, there, there)
    return Course(until, there.midway(told.now(end.p50) * factor), there)


def factor_of(key_result: KeyResult, kpi: KPI, period: str) -> float | None:
    """What a figure is multiplied by to be a level, or what a month brings; None for what is neither."""
    if key_result.kind == Kind.QUOTA:
        per_week = key_result.period == Period.WEEK
        return (float(WEEKS_OF_A_MONTH) if per_week else 1.0) if period else None
    if key_result.kind not in STATED and key_result.kind != Kind.CUMULATIVE:
        return None
    if not period:
        return 0.01 if kpi.is_rate else 1.0
    return float(WEEKS_OF_A_MONTH) if kpi.period == KPIPeriod.WEEK else 1.0


def moved(guess: Guess, by: float) -> Guess:
    return Guess(guess.p10 + by, guess.p50 + by, guess.p90 + by)


def told_by_kgi(told: Iterable[Told], kgi_of: Mapping[int, int]) -> dict[int, list[Told]]:
    """Key results by the KGIs whose KPIs they measure; `kgi_of` has the KGIs by the KPIs' ids."""
    found: dict[int, list[Told]] = {}
    for one in told:
        kgi_id = kgi_of.get(one.key_result.kpi_id or 0)
        if kgi_id is not None:
            found.setdefault(kgi_id, []).append(one)
    return found
