"""The forecasts of KGIs, as they are stored: from those of key results, through the tree."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Context, Decimal

from django.db import connection, transaction
from django.db.models import F

from funnel.formulas.kpi_tree import TreeRefused
from funnel.models import KGI, KPI
from funnel.queries.actuals import Book, read_books
from funnel.queries.landings import KGILanding, kgi_landing
from funnel.queries.likelihood import now_of
from funnel.trees import tree_of
from objectives.forecasting.courses import Told, spoken_of, told_by_kgi
from objectives.forecasting.key_results import (
    Priors,
    as_forecast,
    carriers_of,
    ended_as,
    forecasts_of,
    readings_of,
    within,
)
from objectives.formulas.forecast import Forecast
from objectives.formulas.scoring import MeasureRefused, Reading, score_key_result
from objectives.models import Combine, CycleState, KeyResult, KGIForecast, Kind, ObjectiveState
from people.models import LiveVersion, Organization

logger = logging.getLogger(__name__)

ADVISORY_LOCK = 0x6B6769  # "kgi": the first half of the two-part lock key, the second is the organization
AFTER_THE_END = timedelta(days=62)
"""How long after its period a KGI is still forecast: its last actuals come late."""
MOST_DRIVERS = 8
PLACES, WIDE = Decimal(1).scaleb(-6), Context(prec=40)

DONE = """
UPDATE people_liveversion
SET version = version + %(changed)s,
    forecast_version = CASE WHEN version = %(seen)s THEN version + %(changed)s ELSE %(seen)s END,
    changed_at = CASE WHEN %(changed)s > 0 THEN now() ELSE changed_at END
WHERE organization_id = %(organization)s
"""


@dataclass(frozen=True)
class Opened:
    """A KGI with its KPIs and what was read on them."""

    kgi: KGI
    kpis: list[KPI]
    book: Book


def forecast_moved() -> int:
    """Forecast the KGIs of every organization in which something has changed since; the number that changed.

    An organization in which it fails is logged, stays as it is, and does not keep the others waiting.
    """
    stale = LiveVersion.objects.exclude(version=F("forecast_version"))
    changed = 0
    for organization_id in list(stale.values_list("organization", flat=True)):
        try:
            changed += forecast_organization(organization_id)
        except Exception:  # whatever it is, the next round tries again
            logger.exception("Organization %s: forecasting its KGIs failed.", organization_id)
    return changed


@transaction.atomic
def forecast_organization(organization_id: int) -> int:
    """Forecast an organization's KGIs as of today; the number of forecasts that changed.

    Two at once wait for each other, and the second finds nothing to do. What changes meanwhile leaves the numbers
    apart, so that it is seen by the next round.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [ADVISORY_LOCK, organization_id])
    live = LiveVersion.objects.filter(organization=organization_id).first()
    if live is None or live.version == live.forecast_version:
        return 0
    organization = Organization.objects.get(pk=organization_id)
    changed = forecast_kgis(organization, organization.today)
    with connection.cursor() as cursor:
        cursor.execute(DONE, {"changed": int(changed > 0), "seen": live.version, "organization": organization_id})
    return changed


def forecast_kgis(
    organization: Organization, today: date, *, priors: Priors | None = None, kgis: Sequence[KGI] | None = None
) -> int:
    """Forecast the KGIs (all there are) as of a day and keep it; the number of rows that changed.

    With `priors` the key results are foretold anew from what had been said by that day, for a past one; without, their
    stored forecasts are taken.
    """
    rows = list(kgis_of(organization, today)) if kgis is None else list(kgis)
    opened = opened_of(rows, today)
    kgi_of = {kpi.pk: one.kgi.pk for one in opened for kpi in one.kpis}
    told = told_by_kgi(told_of(kgi_of, today, priors), kgi_of)
    return write({one.kgi.pk: landed(one, told.get(one.kgi.pk, ())) for one in opened}, today)


def kgis_of(organization: Organization, today: date) -> Iterable[KGI]:
    """The finished ones whose period is known and not long over."""
    rows = KGI.objects.filter(organization=organization, dropped_at=None, period_start__isnull=False).finished()
    return rows.filter(period_end__gte=today - AFTER_THE_END).select_related("organization").order_by("pk")


def opened_of(kgis: Sequence[KGI], today: date) -> list[Opened]:
    """With their KPIs and readings, in two queries."""
    kpis: dict[int, list[KPI]] = {kgi.pk: [] for kgi in kgis}
    for kpi in KPI.objects.standing().filter(kgi__in=kpis).order_by("position", "id"):
        kpis[kpi.kgi_id].append(kpi)
    books = read_books({kgi.pk: (kgi, kpis[kgi.pk]) for kgi in kgis}, today=today)
    return [Opened(kgi, kpis[kgi.pk], books[kgi.pk]) for kgi in kgis]


def told_of(kgi_of: Mapping[int, int], today: date, priors: Priors | None) -> list[Told]:
    """The key results of running cycles that measure the KPIs, with what is foretold of them."""
    rows = KeyResult.objects.filter(kpi__in=list(kgi_of), dropped_at=None, objective__dropped_at=None)
    rows = rows.select_related("objective__cycle", "scored")
    if priors is not None:
        rows = rows.filter(objective__cycle__start__lte=today, objective__cycle__end__gte=today)
        found = {row.pk: row for row in rows.prefetch_related("steps")}
        forecasts, values = forecasts_of(list(found), today, priors), values_then(list(found.values()), today)
        return without_parts([Told(found[pk], told, values[pk]) for pk, told in forecasts.items()])
    rows = rows.filter(objective__state__in=(ObjectiveState.ACTIVE, ObjectiveState.CLOSED))
    rows = rows.exclude(objective__cycle__state=CycleState.CLOSED).filter(scored__isnull=False)
    stored = [(row, told_now(row)) for row in rows.select_related("objective__cycle", "scored", "forecast")]
    return without_parts([Told(row, told, row.scored.current_value) for row, told in stored if told is not None])


def told_now(row: KeyResult) -> Forecast | None:
    """What is foretold of a key result; one closed before its cycle ends speaks as it ended, not by its silence.

    A sum brings no more. A present figure stays where it is, as uncertain as it was: nobody stops the world.
    """
    stored = getattr(row, "forecast", None)
    last = None if stored is None else as_forecast(stored)
    if row.objective.state != ObjectiveState.CLOSED:
        return last
    ended = ended_as(row)
    if ended is None or last is None or row.kind == Kind.CUMULATIVE:
        return ended
    if ended.p50 is None or last.p10 is None or last.p50 is None or last.p90 is None:
        return ended
    moved = ended.p50 - last.p50
    return replace(ended, p10=last.p10 + moved, p90=last.p90 + moved)


def without_parts(told: Sequence[Told]) -> list[Told]:
    """A sum speaks for what carries it: whatever does and measures the same KPI as well would count twice."""
    sums = {one.key_result.pk: one.key_result for one in told if one.key_result.combine == Combine.SUM and one.guess}
    kpis = {pk: {row.kpi_id} for pk, row in sums.items()}
    counted: set[tuple[int, int | None]] = set()
    while sums:
        below: dict[int, set[int | None]] = defaultdict(set)
        carriers = carriers_of(sums)
        for pk, rows in carriers.items():
            for row in rows:
                below[row.pk] |= kpis[pk]
        counted |= {(pk, kpi) for pk, those in below.items() for kpi in those}
        sums = {row.pk: row for rows in carriers.values() for row in rows if row.combine == Combine.SUM}
        kpis = below
    return [one for one in told if (one.key_result.pk, one.key_result.kpi_id) not in counted]


def values_then(rows: Sequence[KeyResult], day: date) -> dict[int, Decimal | None]:
    """Where key results stood on a past day; a sum that others carry stood where they did together."""
    said = readings_of([row.pk for row in rows], day)
    values = {row.pk: value_then(row, said[row.pk], day) for row in rows}
    sums = {row.pk: row for row in rows if row.combine == Combine.SUM}
    carriers = carriers_of(sums) if sums else {}
    parts = values_then([row for those in carriers.values() for row in those], day) if carriers else {}
    for pk, those in carriers.items():
        known = [value for row in those if (value := parts[row.pk]) is not None]
        values[pk] = sum(known, Decimal(0)) if known else values[pk]
    return values


def value_then(row: KeyResult, readings: Sequence[Reading], day: date) -> Decimal | None:
    """Where a key result stood on a past day by its own check-ins."""
    try:
        return score_key_result(row.measure, row.objective.cycle.span, readings, day).current_value
    except MeasureRefused:
        return None


def landed(opened: Opened, told: Iterable[Told]) -> KGILanding:
    """Where one KGI lands; nothing can be said of one whose tree cannot be calculated."""
    try:
        planned = tree_of(opened.kgi, opened.kpis, columns={"current": now_of(opened.kpis)})
        if planned is None:
            return KGILanding(None, 0, 0)
        return kgi_landing(planned, opened.book, spoken_of(planned, opened.book, told))
    except TreeRefused:
        return KGILanding(None, 0, 0)
    except Exception:  # whatever it is, the other KGIs must not wait for it
        logger.exception("KGI %s could not be forecast.", opened.kgi.pk)
        return KGILanding(None, 0, 0)


FIELDS = ("mean", "p10", "p50", "p90", "must_hit", "challenge", "drivers", "levers", "spoken")


def write(landings: Mapping[int, KGILanding], today: date) -> int:
    """Keep the day's forecasts; the number that differ from what was said last on this day."""
    held = {row.kgi_id: row for row in KGIForecast.objects.filter(kgi__in=landings, date=today)}
    new = [row_of(kgi_id, landing, today) for kgi_id, landing in landings.items()]
    changed = [row for row in new if row.kgi_id not in held or not same(row, held[row.kgi_id])]
    KGIForecast.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["kgi", "date"], update_fields=[*FIELDS, "made_at"]
    )
    return len(changed)


def row_of(kgi_id: int, landing: KGILanding, today: date) -> KGIForecast:
    goal = landing.goal
    row = KGIForecast(kgi_id=kgi_id, date=today, levers=landing.levers, spoken=landing.spoken)
    if goal is not None:
        row.mean, row.p10, row.p50, row.p90 = (rounded(value) for value in (goal.mean, goal.p10, goal.p50, goal.p90))
        row.must_hit, row.challenge = goal.probability.get("must_hit"), goal.probability.get("challenge")
        row.drivers = [{"key": key, "share": round(share, 4)} for key, share in goal.drivers[:MOST_DRIVERS]]
    return row


def rounded(value: float) -> Decimal | None:
    """As the column holds it."""
    kept = within(value)
    return None if kept is None else Decimal(repr(kept)).quantize(PLACES, context=WIDE)


def same(one: KGIForecast, other: KGIForecast) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in FIELDS)
