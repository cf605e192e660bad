"""Stretch bars from stored scores."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, timedelta

from django.db.models import Case, Count, DateField, F, FloatField, Q, QuerySet, Value, When
from django.db.models.functions import TruncWeek

from objectives.formulas.bar import TRAIL_LENGTH, Bar
from objectives.formulas.pace import COMMITTED_ON_TRACK
from objectives.formulas.scoring import progress_at
from objectives.models import Cycle, Health, Intent, KeyResult, Kind, Objective, ObjectiveSnapshot
from people.models import Organization

NOTHING_REPORTED = {Health.NOT_STARTED, Health.MEASURE_FIRST}


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def week_number(cycle: Cycle, day: date) -> int:
    """Which ISO week of the cycle a day lies in: 1 for the week that holds its first day."""
    return (monday_of(day) - monday_of(cycle.start)).days // 7 + 1


def weeks_in(cycle: Cycle) -> int:
    """How many ISO weeks the cycle touches."""
    return week_number(cycle, cycle.end)


def earlier_weeks(weekly: Sequence[float | None], cycle: Cycle, today: date) -> list[float | None]:
    """Of a key result's weekly progress the last eight weeks before the present one."""
    now = max(0, min(week_number(cycle, today) - 1, len(weekly)))
    return list(weekly[max(0, now - TRAIL_LENGTH) : now])


def must_hit_place(key_result: KeyResult) -> float | None:
    """Where the must-hit target stands on the key result's scale from 0 to 1."""
    if key_result.must_hit_value is None or key_result.kind == Kind.MILESTONE:
        return None
    return progress_at(key_result.measure, key_result.must_hit_value)


def key_result_bar(key_result: KeyResult, organization: Organization, today: date) -> Bar:
    """The bar of a key result fetched with `objective__cycle` and `scored`."""
    scored = getattr(key_result, "scored", None)
    cycle = key_result.objective.cycle
    is_reported = scored is not None and scored.health not in NOTHING_REPORTED
    return Bar.of(
        progress=scored.progress if scored and is_reported else None,
        score=scored.score if scored else None,
        landing=scored.landing if scored else None,
        pace=scored.pace if scored else None,
        must_hit=must_hit_place(key_result),
        intent=key_result.intent,
        trail=earlier_weeks(scored.weekly_progress, cycle, today) if scored else (),
        band_lower=organization.band_lower,
        band_upper=organization.band_upper,
        closed=scored is not None and scored.health == Health.CLOSED,
    )


def objective_bar(
    objective: Objective, organization: Organization, trail: Sequence[float | None] = (), *, at_end: bool = False
) -> Bar:
    """The bar of an objective fetched with `scored`; `trail` from `objective_trails`.

    `at_end` reads it as if it were closed now: its zone is that of the score.
    """
    scored = getattr(objective, "scored", None)
    is_reported = scored is not None and scored.health not in NOTHING_REPORTED
    return Bar.of(
        progress=scored.score if scored and is_reported else None,
        score=scored.score if scored else None,
        landing=scored.landing if scored else None,
        pace=scored.pace if scored else None,
        intent=objective.kind,
        trail=trail,
        band_lower=organization.band_lower,
        band_upper=organization.band_upper,
        closed=at_end or (scored is not None and scored.health == Health.CLOSED),
    )


def objective_trails(objective_ids: Collection[int], today: date) -> dict[int, list[float | None]]:
    """The scores at the end of each of the eight weeks before the present one, oldest first, from the snapshots."""
    this_week = monday_of(today)
    weeks = [this_week - timedelta(weeks=back) for back in range(TRAIL_LENGTH, 0, -1)]
    last_words = (
        ObjectiveSnapshot.objects.filter(objective__in=objective_ids, date__gte=weeks[0], date__lt=this_week)
        .annotate(week=TruncWeek("date", output_field=DateField()))
        .order_by("objective_id", "week", "-date")
        .distinct("objective_id", "week")
        .values_list("objective_id", "week", "score")
    )
    found: dict[int, dict[date, float | None]] = defaultdict(dict)
    for pk, week, score in last_words:
        found[pk][week] = score
    trails = {}
    for pk in objective_ids:
        trail = [found[pk].get(week) for week in weeks] if pk in found else []
        while trail and trail[0] is None:
            trail.pop(0)
        trails[pk] = trail
    return trails


def zones_of(organization: Organization) -> dict[str, Q]:
    """For objectives `with_heading`, what makes them below, in and above the band, or silent (none).

    The zones are those of `formulas.pace.zone`.
    """
    committed = Q(kind=Intent.COMMITTED)
    silent = Q(scored=None) | Q(heading=None) | Q(scored__health__in=NOTHING_REPORTED)
    below = Q(heading__lt=F("lower") - 1e-9)
    above = ~committed & Q(heading__gt=organization.band_upper + 1e-9)
    return {
        "below": ~silent & below,
        "in": ~silent & ~below & ~above,
        "above": ~silent & above,
        "none": silent,
    }


def zone_counts(organization: Organization) -> dict[str, Count]:
    """Aggregates that count objectives heading (or, once closed, ended) below and above the band, and the silent ones.

    Whatever is left of `total` lies in the band.
    """
    zones = zones_of(organization)
    return {
        "total": Count("pk"),
        "silent": Count("pk", filter=zones["none"]),
        "below": Count("pk", filter=zones["below"]),
        "above": Count("pk", filter=zones["above"]),
    }


def with_heading(rows: QuerySet[Objective], organization: Organization) -> QuerySet[Objective]:
    """The objectives with what their zone is read from: `heading`, and `lower`, where their band or mark begins."""
    return rows.annotate(
        heading=Case(When(scored__health=Health.CLOSED, then=F("scored__score")), default=F("scored__landing")),
        lower=Case(
            When(kind=Intent.COMMITTED, then=Value(COMMITTED_ON_TRACK)),
            default=Value(organization.band_lower),
            output_field=FloatField(),
        ),
    )
