"""The forecasts of key results, as they are stored."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from math import isfinite
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from objectives.formulas.doubtful import forecast_wary
from objectives.formulas.forecast import Ended, Forecast, Prior, forecast_key_result, forecast_sum, learn_priors
from objectives.formulas.scoring import MeasureRefused, Reading
from objectives.models import (
    Alignment,
    CheckIn,
    Combine,
    CycleState,
    Intent,
    KeyResult,
    KeyResultForecast,
    Kind,
    Link,
    ObjectiveState,
)
from people.models import Organization
from people.waking import FORECAST_OPEN, announce

logger = logging.getLogger(__name__)

AT_ONCE = 500
MOST_ENDED = 2_000
LARGEST = 9e17
Priors = Mapping[tuple[str, str], Prior]

HELPING = Alignment.objects.filter(
    link=Link.CONTRIBUTES,
    child__dropped_at=None,
    child__state__in=[ObjectiveState.ACTIVE, ObjectiveState.CLOSED],
)
HELPERS = HELPING.filter(parent_key_result=OuterRef("pk"))

WRITE = """
INSERT INTO objectives_keyresultforecast AS was
    (key_result_id, p10, p50, p90, score_0_6, score_0_7, must_hit, target, readings, made_on)
SELECT *, %(made_on)s FROM unnest(%(key_result)s::bigint[], %(p10)s::numeric(24, 6)[], %(p50)s::numeric(24, 6)[],
    %(p90)s::numeric(24, 6)[], %(score_0_6)s::float8[], %(score_0_7)s::float8[], %(must_hit)s::float8[],
    %(target)s::float8[], %(readings)s::int[])
ON CONFLICT (key_result_id) DO UPDATE
SET p10 = EXCLUDED.p10, p50 = EXCLUDED.p50, p90 = EXCLUDED.p90, score_0_6 = EXCLUDED.score_0_6,
    score_0_7 = EXCLUDED.score_0_7, must_hit = EXCLUDED.must_hit, target = EXCLUDED.target,
    readings = EXCLUDED.readings, made_on = EXCLUDED.made_on
WHERE (was.p10, was.p50, was.p90, was.score_0_6, was.score_0_7, was.must_hit, was.target, was.readings, was.made_on)
    IS DISTINCT FROM (EXCLUDED.p10, EXCLUDED.p50, EXCLUDED.p90, EXCLUDED.score_0_6, EXCLUDED.score_0_7,
                      EXCLUDED.must_hit, EXCLUDED.target, EXCLUDED.readings, EXCLUDED.made_on)
"""
ENDS = ("p10", "p50", "p90")
CHANCES = ("score_0_6", "score_0_7", "must_hit", "target")


def forecast_touched(
    organization: Organization, objective_ids: Iterable[int], today: date, *, above: Iterable[int] = ()
) -> None:
    """Forecast the key results of some objectives, and the sums of those `above`, beside their scores, which must not
    wait for a forecast that fails: it is tried again when the day is over.
    """
    touched = Q(objective__in=list(objective_ids)) | Q(objective__in=list(above), combine=Combine.SUM)
    rows = KeyResult.objects.filter(touched, dropped_at=None)
    try:
        with transaction.atomic():
            forecast_key_results(organization, rows.values_list("pk", flat=True), today)
    except Exception:  # whatever it is
        logger.exception("Organization %s: forecasting what was touched failed.", organization.pk)


def forecast_key_results(
    organization: Organization, key_result_ids: Iterable[int], today: date, priors: Priors | None = None
) -> int:
    """Foretell from their check-ins dated up to `today` where the key results end; the number of rows that changed.

    What is closed, dropped or not begun is left as it is: its last forecast is what was said before the end. `priors`
    are read where they are not given.
    """
    ids = sorted(set(key_result_ids))
    if not ids:
        return 0
    priors = priors_of(organization) if priors is None else priors
    return sum(
        write(forecasts_of(ids[start : start + AT_ONCE], today, priors), today) for start in range(0, len(ids), AT_ONCE)
    )


def forget_forecasts(organization: Organization, today: date) -> None:
    """Have everything open forecast again at once, though it was forecast today; pages follow when it is done."""
    rows = KeyResultForecast.objects.filter(key_result__objective__organization=organization, made_on__gte=today)
    if rows.update(made_on=today - timedelta(days=1)):
        announce(FORECAST_OPEN)


def open_and_stale(organization: Organization, today: date) -> QuerySet[KeyResult]:
    """The open key results that were not forecast today."""
    rows = KeyResult.objects.filter(dropped_at=None, objective__organization=organization)
    rows = rows.filter(objective__state=ObjectiveState.ACTIVE, objective__dropped_at=None)
    rows = rows.exclude(objective__cycle__state=CycleState.CLOSED)
    return rows.filter(Q(forecast=None) | Q(forecast__made_on__lt=today))


def forecasts_of(ids: Sequence[int], today: date, priors: Priors) -> dict[int, Forecast]:
    """The forecasts of the open ones among some key results, by id.

    Four queries however many there are, and as many again for each level of sums that others carry.
    """
    rows = list(
        KeyResult.objects.filter(pk__in=ids, dropped_at=None, objective__dropped_at=None)
        .filter(objective__state=ObjectiveState.ACTIVE)
        .exclude(objective__cycle__state=CycleState.CLOSED)
        .select_related("objective__cycle")
        .annotate(has_helpers=Exists(HELPERS))
        .prefetch_related("steps", "phases")
    )
    said = readings_of([row.pk for row in rows], today)
    sums = {row.pk: row for row in rows if row.combine == Combine.SUM and row.has_helpers}  # type: ignore[attr-defined]
    carried = sums_of(sums, today, priors) if sums else {}
    return {row.pk: carried.get(row.pk) or forecast_of(row, said[row.pk], today, priors) for row in rows}


def sums_of(sums: Mapping[int, KeyResult], today: date, priors: Priors) -> dict[int, Forecast]:
    """The forecasts of sums from those of what carries them; what is closed counts as it ended.

    A sum to which nobody has reported yet is left out.
    """
    carriers = carriers_of(sums)
    ahead = forecasts_of([row.pk for rows in carriers.values() for row in rows], today, priors)
    parts = {
        pk: [part for row in rows if (part := ahead.get(row.pk) or ended_as(row)) is not None]
        for pk, rows in carriers.items()
    }
    return {
        pk: forecast_sum(sums[pk].measure, told) for pk, told in parts.items() if any(part.readings for part in told)
    }


def carriers_of(sums: Mapping[int, KeyResult]) -> dict[int, list[KeyResult]]:
    """The key results that carry sums, by the sums' ids: those in its unit of the objectives that contribute to it."""
    ties = HELPING.filter(parent_key_result__in=sums).values_list("parent_key_result", "child")
    above: dict[int, list[int]] = defaultdict(list)
    for pk, child in ties:
        above[child].append(pk)
    rows = KeyResult.objects.filter(objective__in=above, dropped_at=None)
    rows = rows.select_related("objective__cycle", "scored", "forecast")
    found: dict[int, list[KeyResult]] = defaultdict(list)
    for row in rows:
        for pk in above[row.objective_id]:
            if row.unit == sums[pk].unit:
                found[pk].append(row)
    return found


def ended_as(row: KeyResult) -> Forecast | None:
    """What is closed stands where it stands, by its own check-ins or by those of what carried it."""
    scored, last = getattr(row, "scored", None), getattr(row, "forecast", None)
    if scored is None or scored.current_value is None:
        return None
    value = float(scored.current_value)
    return Forecast(value, value, value, readings=scored.check_in_count or (last.readings if last else 0))


def readings_of(ids: Sequence[int], today: date) -> dict[int, list[Reading]]:
    """The check-ins that count, up to a day, in order of entry."""
    found: dict[int, list[Reading]] = defaultdict(list)
    rows = CheckIn.objects.filter(key_result__in=ids, date__lte=today).counted().oldest_first()
    for pk, day, value, confidence in rows.values_list("key_result", "date", "value", "confidence"):
        found[pk].append(Reading(day, value, confidence))
    return found


def forecast_of(row: KeyResult, readings: Sequence[Reading], today: date, priors: Priors) -> Forecast:
    """One key result's forecast: empty where nothing can be said, or where others report for it."""
    if row.has_helpers and not readings:  # type: ignore[attr-defined]
        return Forecast()
    measure, intent = row.measure, row.intent
    try:
        span = row.objective.cycle.span
        told = partial(
            forecast_key_result,
            measure,
            intent,
            span,
            today=today,
            prior=priors.get((row.kind, intent)),
            phases=row.phase_shares(measure),
        )
        return forecast_wary(told, measure, span, readings, today)
    except MeasureRefused:
        # A draft that was begun may lack the numbers its kind needs; it has no forecast until it has them.
        return Forecast(readings=len(readings))
    except Exception:  # whatever it is, the scores and all other forecasts must not wait for it
        logger.exception("Key result %s could not be forecast.", row.pk)
        return Forecast(readings=len(readings))


def as_forecast(row: KeyResultForecast) -> Forecast:
    p10, p50, p90 = (None if value is None else float(value) for value in (row.p10, row.p50, row.p90))
    return Forecast(
        p10, p50, p90, row.score_0_6, row.score_0_7, row.target, must_hit=row.must_hit, readings=row.readings
    )


def write(forecasts: Mapping[int, Forecast], today: date) -> int:
    """Keep forecasts; the number of rows that changed."""
    if not forecasts:
        return 0
    told = list(forecasts.values())
    values: dict[str, Any] = {name: [within(getattr(one, name)) for one in told] for name in (*ENDS, *CHANCES)}
    values |= {"key_result": list(forecasts), "readings": [one.readings for one in told], "made_on": today}
    with connection.cursor() as cursor:
        cursor.execute(WRITE, values)
        return int(cursor.rowcount)


def within(value: float | None) -> float | None:
    """A number as far as a column holds it."""
    return None if value is None or not isfinite(value) else min(max(float(value), -LARGEST), LARGEST)


_learned: dict[int, tuple[date, Priors]] = {}


def priors_of(organization: Organization) -> Priors:
    """What this process learned today from the organization's ended key results: it changes by quarters."""
    today = organization.today
    day, priors = _learned.get(organization.pk, (None, {}))
    if day != today:
        priors = learn(organization)
        _learned[organization.pk] = (today, priors)
    return priors


def learn(organization: Organization) -> Priors:
    """What the organization's own ended key results say of those of the same kind and intent. One query."""
    rows = (
        KeyResult.objects.filter(objective__organization=organization, objective__cycle__state=CycleState.CLOSED)
        .filter(dropped_at=None, objective__dropped_at=None, scored__check_in_count__gt=0)
        .exclude(scored__own_progress=None)
        .order_by("-objective__cycle__end", "-pk")
    )
    ended = rows.values_list("kind", "objective__kind", "scored__own_progress")[:MOST_ENDED]
    return learn_priors(
        Ended(kind, str(Intent.COMMITTED) if kind == Kind.KEEP else str(intent), progress)
        for kind, intent, progress in ended
        if progress is not None
    )
