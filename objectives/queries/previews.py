"""What a value would make of a key result before it is saved, and whether it looks like a slip."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from objectives.formulas import pace, scoring
from objectives.formulas.bar import Bar
from objectives.formulas.doubts import Doubt, doubt
from objectives.formulas.units import Scale, doubt_on_value
from objectives.models import CheckIn, KeyResult, Kind, Limit
from objectives.queries.bars import earlier_weeks, must_hit_place
from objectives.queries.check_ins import ADDED_KINDS, counted
from objectives.queries.units import scale_of
from people.models import Organization


@dataclass(frozen=True)
class Preview:
    """What a value not saved yet would do.

    `was` and `now` are what the key result stands at without and with it: of a cumulative one the sum, of a quota the
    sum of the present period, of an average the mean. `inside` is whether a reading keeps what is to be kept.
    """

    value: Decimal | None
    change: Decimal | None
    before: float | None
    after: float | None
    was: Decimal | None
    now: Decimal | None
    inside: bool | None
    steps_done: int
    landing: float | None
    zone: str
    doubt: Doubt | None
    off_scale: Scale | None
    bar: Bar
    counts_children: bool


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
    if key_result.kind == Kind.MILESTONE:
        ticked = set(steps_done) if last is None or last.date <= day else set(last.steps_done)
        steps = tuple(scoring.Step(step.weight, step.pk in ticked) for step in key_result.steps.all())
        measure = replace(measure, steps=steps)
    said = readings(earlier)
    try:
        without = scoring.score_key_result(measure, span, said, today)
        said.append(scoring.Reading(day, Decimal(0) if value is None else value))
        scored = scoring.score_key_result(measure, span, said, today)
    except scoring.MeasureRefused:
        return None
    stored = getattr(key_result, "scored", None)
    by_now = stored.pace if stored else 0.0
    landing = pace.landing(scored.progress, by_now, is_bounded=key_result.kind in pace.BOUNDED_KINDS)
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
    values = [row.value for row in earlier]
    return Preview(
        value=value,
        change=value - last.value if has_change else None,  # type: ignore[operator,union-attr]
        before=stored.own_progress if stored and stored.check_in_count else None,
        after=scored.progress,
        was=without.current_value,
        now=scored.current_value,
        inside=None if value is None else is_kept(key_result, value),
        steps_done=sum(step.done for step in measure.steps),
        landing=landing,
        zone=bar.zone,
        doubt=None if value is None else doubt(measure, value, values, without.current_value),
        off_scale=None if value is None else off_scale(key_result, measure, value, organization),
        bar=bar,
        counts_children=stored is not None and stored.progress != stored.own_progress,
    )


def readings(rows: Sequence[CheckIn]) -> list[scoring.Reading]:
    return [scoring.Reading(row.date, row.value, row.confidence) for row in rows]


def is_kept(key_result: KeyResult, value: Decimal) -> bool | None:
    """Whether a reading lies where a keep is to stay; None of any other kind, and while its limit is not known."""
    if key_result.kind != Kind.KEEP or key_result.target_value is None:
        return None
    return value <= key_result.target_value if key_result.limit == Limit.MAX else value >= key_result.target_value


def doubt_of(check_in: CheckIn, organization: Organization) -> Doubt | None:
    """Whether a check-in just saved looks like a slip beside those before it."""
    key_result = check_in.key_result
    earlier = [row for row in counted(key_result) if (row.date, row.pk) < (check_in.date, check_in.pk)]
    try:
        without = scoring.score_key_result(
            key_result.measure, key_result.objective.cycle.span, readings(earlier), organization.today
        )
    except scoring.MeasureRefused:
        return None
    return doubt(key_result.measure, check_in.value, [row.value for row in earlier], without.current_value)


def off_scale(
    key_result: KeyResult, measure: scoring.Measure, value: Decimal, organization: Organization
) -> Scale | None:
    """The scale of the unit where the value does not lie on it."""
    scale = scale_of(organization.pk, key_result.unit)
    return scale if doubt_on_value(measure, value, scale) else None
