"""What was reported on a key result, and what a value would make of it before it is saved."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import F, QuerySet, Window
from django.db.models.functions import Lag

from objectives.formulas import pace, scoring
from objectives.formulas.bar import Bar
from objectives.formulas.reporting import Doubt, doubt, expected_value, is_falling
from objectives.formulas.units import Scale, doubt_on_value
from objectives.models import CheckIn, KeyResult, Kind
from objectives.queries.bars import earlier_weeks, key_result_bar, must_hit_place
from objectives.queries.units import scale_of
from people.models import Membership, Organization

OBSTACLE_WEEKS = 4
MOST_OBSTACLES = 5
ADDED_KINDS = {Kind.CUMULATIVE, Kind.QUOTA}


@dataclass(frozen=True)
class Standing:
    """A key result as the check-in shows it: what was said last and where it should be."""

    last: CheckIn | None
    expected: Decimal | None
    falling: bool
    bar: Bar


@dataclass(frozen=True)
class Preview:
    """What a value not saved yet would do."""

    value: Decimal | None
    change: Decimal | None
    before: float | None
    after: float | None
    landing: float | None
    zone: str
    doubt: Doubt | None
    off_scale: Scale | None
    bar: Bar
    counts_children: bool


def counted(key_result: KeyResult, *, corrects: CheckIn | None = None) -> list[CheckIn]:
    """The check-ins that count, oldest first, without the one that is about to be corrected."""
    return [row for row in key_result.check_ins.counted().oldest_first() if corrects is None or row.pk != corrects.pk]


def standing(key_result: KeyResult, organization: Organization, *, corrects: CheckIn | None = None) -> Standing:
    """What the check-in form stands on; the key result comes with `objective__cycle`, `scored` and its steps."""
    counting = key_result.check_ins.counted().newest_first()
    if corrects is not None:
        counting = counting.exclude(pk=corrects.pk)
    measure = key_result.measure
    scored = getattr(key_result, "scored", None)
    return Standing(
        last=counting.first(),
        expected=expected_value(measure, scored.pace) if scored else None,
        falling=is_falling(measure),
        bar=key_result_bar(key_result, organization, organization.today),
    )


def preview(
    key_result: KeyResult,
    organization: Organization,
    *,
    value: Decimal | None,
    steps_done: Collection[int] = (),
    day: date | None = None,
    corrects: CheckIn | None = None,
) -> Preview | None:
    """What recording this would make of the key result by its own check-ins; None where it cannot be scored."""
    today = organization.today
    day = min(day or today, today)
    earlier = counted(key_result, corrects=corrects)
    last = earlier[-1] if earlier else None
    span = key_result.objective.cycle.span
    measure = key_result.measure
    steps = list(key_result.steps.all()) if key_result.kind == Kind.MILESTONE else []
    if steps:
        ticked = set(steps_done) if last is None or last.date <= day else set(last.steps_done)
        measure = replace(measure, steps=tuple(scoring.Step(step.weight, step.pk in ticked) for step in steps))
    said = [scoring.Reading(row.date, row.value, row.confidence) for row in earlier]
    said.append(scoring.Reading(day, Decimal(0) if value is None else value))
    try:
        scored = scoring.score_key_result(measure, span, said, today)
    except scoring.MeasureRefused:
        return None
    stored = getattr(key_result, "scored", None)
    by_now = stored.pace if stored else 0.0
    landing = pace.landing(scored.progress, by_now)
    bar = Bar.of(
        progress=scored.progress,
        score=scored.score,
        landing=landing,
        pace=by_now,
        must_hit=must_hit_place(key_result),
        intent=key_result.intent,
        trail=earlier_weeks(stored.weekly_progress, key_result.objective.cycle, today) if stored else (),
        band_lower=organization.band_lower,
        band_upper=organization.band_upper,
    )
    has_change = value is not None and last is not None and key_result.kind not in {*ADDED_KINDS, Kind.MILESTONE}
    return Preview(
        value=value,
        change=value - last.value if has_change else None,  # type: ignore[operator,union-attr]
        before=stored.own_progress if stored and stored.check_in_count else None,
        after=scored.progress,
        landing=landing,
        zone=bar.zone,
        doubt=None if value is None else doubt(measure, value, [row.value for row in earlier]),
        off_scale=None if value is None else off_scale(key_result, measure, value, organization),
        bar=bar,
        counts_children=stored is not None and stored.progress != stored.own_progress,
    )


def off_scale(
    key_result: KeyResult, measure: scoring.Measure, value: Decimal, organization: Organization
) -> Scale | None:
    """The scale of the unit where the value does not lie on it."""
    scale = scale_of(organization.pk, key_result.unit)
    return scale if doubt_on_value(measure, value, scale) else None


def log_rows(rows: Iterable[CheckIn], membership: Membership) -> list[CheckIn]:
    """Check-ins of one page of a log, each with `before` (the value before it) and `is_mine`.

    Each row comes with its key result, author and `corrected_by`.
    """
    page = list(rows)
    present = {row.key_result_id for row in page if row.key_result.kind not in {*ADDED_KINDS, Kind.MILESTONE}}
    before = dict(
        CheckIn.objects.counted()
        .filter(key_result__in=present)
        .annotate(
            before=Window(
                Lag("value"),
                partition_by="key_result_id",
                order_by=[F("date").asc(), F("created_at").asc(), F("id").asc()],
            )
        )
        .values_list("pk", "before")
        if present
        else ()
    )
    for row in page:
        row.is_mine = row.author_id == membership.pk  # type: ignore[attr-defined]
        previous = before.get(row.pk)
        row.change = None if previous is None else row.value - previous  # type: ignore[attr-defined]
    return page


def log_of(key_results: Sequence[int] | QuerySet[KeyResult]) -> QuerySet[CheckIn]:
    """Everything said about the key results, corrected check-ins too, newest first."""
    return (
        CheckIn.objects.filter(key_result__in=key_results)
        .select_related("author__user", "key_result", "corrected_by__author__user")
        .newest_first()
    )


def open_obstacles(membership: Membership, today: date) -> QuerySet[CheckIn]:
    """What stands in the way of others: the latest check-ins that name an obstacle, newest first.

    An obstacle is over when a later check-in of the same key result names none; one older than four weeks is silent.
    """
    return (
        CheckIn.objects.visible_to(membership)
        .in_the_way()
        .filter(date__gte=today - timedelta(weeks=OBSTACLE_WEEKS))
        .exclude(author=membership)
        .select_related("author__user", "key_result__objective__team")
        .newest_first()[:MOST_OBSTACLES]
    )
