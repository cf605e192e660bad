"""What key results are worth by themselves: scored in Python by `formulas.scoring`, from their check-ins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db.models import Exists, OuterRef, Prefetch, prefetch_related_objects

from objectives.formulas import pace, scoring
from objectives.formulas.rhythm import next_due
from objectives.models import Alignment, CheckIn, Combine, KeyResult, KeyResultScore, Kind, Link, ObjectiveState, Step
from people.formulas.rhythm import Rhythm
from people.models import Organization
from people.queries import rhythms_of

AT_ONCE = 500

CARRIERS = Alignment.objects.filter(
    parent_key_result=OuterRef("pk"),
    link=Link.CONTRIBUTES,
    child__dropped_at=None,
    child__state__in=[ObjectiveState.ACTIVE, ObjectiveState.CLOSED],
    child__key_results__dropped_at=None,
    child__key_results__unit=OuterRef("unit"),
)


def rescore_key_results(organization: Organization, key_result_ids: Iterable[int], today: date) -> None:
    """Recompute from their check-ins dated up to `today` what the key results are worth by themselves.

    The objectives are held (`hold`), or a check-in recorded meanwhile would be overwritten by a reading before it.
    """
    ids = list(key_result_ids)
    everyones = rhythms_of(organization) if len(ids) > AT_ONCE else None
    for start in range(0, len(ids), AT_ONCE):
        rescore_some(organization, ids[start : start + AT_ONCE], today, everyones)


def rescore_some(
    organization: Organization, ids: Sequence[int], today: date, everyones: Mapping[int, Rhythm] | None
) -> None:
    key_results = list(
        KeyResult.objects.filter(pk__in=ids)
        .select_related("objective__cycle")
        .annotate(is_carried=Exists(CARRIERS))
        .prefetch_related(
            "phases",
            Prefetch(
                "check_ins", CheckIn.objects.filter(date__lte=today).counted().oldest_first(), "counted_check_ins"
            ),
        )
    )
    milestones = [key_result for key_result in key_results if key_result.kind == Kind.MILESTONE]
    prefetch_related_objects(milestones, "steps")
    mark_steps(milestones)
    rhythms = everyones or rhythms_of(organization, {key_result.objective.team_id for key_result in key_results})
    KeyResultScore.objects.bulk_create(
        [score_by_itself(one, rhythms[one.objective.team_id], today) for one in key_results],
        update_conflicts=True,
        unique_fields=["key_result"],
        update_fields=OWN_FIELDS,
    )


OWN_FIELDS = [
    "own_value",
    "own_progress",
    "own_score",
    "phased_pace",
    "confidence",
    "check_in_count",
    "last_check_in_on",
    "due_on",
    "periods_counted",
    "periods_met",
    "weekly_progress",
]


def mark_steps(key_results: Iterable[KeyResult]) -> None:
    """Set on every milestone's steps the day they were finished: the first check-in that ticked them.

    The latest check-in decides which steps are finished at all, so that one ticked by mistake can be taken back.
    """
    changed = []
    for key_result in key_results:
        check_ins = key_result.counted_check_ins  # type: ignore[attr-defined]
        finished = set(check_ins[-1].steps_done) if check_ins else set()
        for step in key_result.steps.all():
            ticked = (check_in.date for check_in in check_ins if step.pk in check_in.steps_done)
            done_on = next(ticked, None) if step.pk in finished else None
            if step.done_on != done_on:
                step.done_on = done_on
                changed.append(step)
    Step.objects.bulk_update(changed, ["done_on"])


def score_by_itself(key_result: KeyResult, rhythm: Rhythm, today: date) -> KeyResultScore:
    """The key result's stored row as its check-ins alone have it; steps, phases and check-ins are prefetched."""
    span = key_result.objective.cycle.span
    check_ins = key_result.counted_check_ins  # type: ignore[attr-defined]
    readings = [scoring.Reading(check_in.date, check_in.value, check_in.confidence) for check_in in check_ins]
    measure = key_result.measure
    phases = key_result.phase_shares(measure)
    try:
        scored = scoring.score_key_result(measure, span, readings, today)
        weekly = scoring.weekly_progress(measure, span, readings)
    except scoring.MeasureRefused:
        # A draft may lack the numbers its kind needs; it has no score until it has them.
        scored, weekly = scoring.Scored(current_value=None, progress=None, score=None), []
    return KeyResultScore(
        key_result=key_result,
        own_value=scored.current_value,
        own_progress=scored.progress,
        own_score=scored.score,
        phased_pace=pace.phased_pace(phases, span, today) if phases else None,
        confidence=scoring.latest_confidence(readings, today),
        check_in_count=len(check_ins),
        last_check_in_on=check_ins[-1].date if check_ins else None,
        due_on=due_on(key_result, rhythm, check_ins[-1].date if check_ins else None),
        periods_counted=scored.periods_counted,
        periods_met=scored.periods_met,
        weekly_progress=weekly,
    )


def due_on(key_result: KeyResult, rhythm: Rhythm, last: date | None) -> date | None:
    """The day the next check-in is due, None where none is: not active, closed, the last one made.

    Nobody owes one on a sum that others carry: what they report is its value.
    """
    objective = key_result.objective
    is_sum_of_others = key_result.combine == Combine.SUM and key_result.is_carried  # type: ignore[attr-defined]
    if is_sum_of_others or objective.state != ObjectiveState.ACTIVE or objective.cycle.is_closed:
        return None
    return next_due(last, objective.cycle.span, rhythm, objective.activated_on)
