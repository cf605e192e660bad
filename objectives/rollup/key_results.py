"""What key results are worth by themselves: scored in Python by `formulas.scoring`, from their check-ins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef, prefetch_related_objects

from objectives.formulas import pace, scoring
from objectives.formulas.rhythm import next_due
from objectives.models import (
    Alignment,
    Combine,
    Cycle,
    Health,
    KeyResult,
    KeyResultScore,
    Kind,
    Link,
    Objective,
    ObjectiveState,
    Step,
)
from people.formulas.rhythm import Rhythm
from people.models import Organization
from people.queries import rhythms_of
from people.rows import Part, Prepared, columns, taken

AT_ONCE = 500

CARRIERS = Alignment.objects.filter(
    parent_key_result=OuterRef("pk"),
    link=Link.CONTRIBUTES,
    child__dropped_at=None,
    child__state__in=[ObjectiveState.ACTIVE, ObjectiveState.CLOSED],
    child__key_results__dropped_at=None,
    child__key_results__unit=OuterRef("unit"),
)

PARTS = (
    Part(KeyResult, "kr"),
    Part(Objective, "o", "id", "cycle_id", "team_id", "state", "activated_on"),
    Part(Cycle, "c"),
)
SOURCES = Prepared(
    "key_result_sources",
    f"""
SELECT {columns(PARTS)}, EXISTS (SELECT FROM objectives_phase WHERE key_result_id = kr.id)
FROM objectives_keyresult kr
JOIN objectives_objective o ON o.id = kr.objective_id
JOIN objectives_cycle c ON c.id = o.cycle_id
WHERE kr.id = ANY(%(ids)s)
""",  # noqa: S608 (names of columns)
    ids="bigint[]",
)
COUNTED = Prepared(
    "counted_check_ins",
    """
SELECT said.key_result_id, said.date, said.value, said.confidence, said.steps_done FROM objectives_checkin said
LEFT JOIN objectives_checkin newer ON newer.corrects_id = said.id
WHERE said.key_result_id = ANY(%(ids)s) AND said.date <= %(today)s AND newer.id IS NULL
ORDER BY said.date, said.created_at, said.id
""",
    ids="bigint[]",
    today="date",
)


class Said(NamedTuple):
    """What a check-in that counts says."""

    date: date
    value: Decimal
    confidence: int | None
    steps_done: Sequence[int]


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
    with connection.cursor() as cursor:
        key_results = [source_of(row) for row in SOURCES.execute(cursor, {"ids": list(ids)}).fetchall()]
        said = defaultdict(list)
        for pk, *facts in COUNTED.execute(cursor, {"ids": list(ids), "today": today}).fetchall():
            said[pk].append(Said(*facts))
        milestones = [key_result for key_result in key_results if key_result.kind == Kind.MILESTONE]
        prefetch_related_objects(milestones, "steps")
        mark_steps(milestones, said)
        prefetch_related_objects([one for one in key_results if one.is_phased], "phases")  # type: ignore[attr-defined]
        sums = [key_result.pk for key_result in key_results if key_result.combine == Combine.SUM]
        carried = (
            set(KeyResult.objects.filter(Exists(CARRIERS), pk__in=sums).values_list("pk", flat=True)) if sums else ()
        )
        rhythms = everyones or rhythms_of(organization, {key_result.objective.team_id for key_result in key_results})
        store(
            cursor,
            [
                score_by_itself(one, said[one.pk], rhythms[one.objective.team_id], today, is_carried=one.pk in carried)
                for one in key_results
            ],
        )


def source_of(row: Sequence[Any]) -> KeyResult:
    """The key result of a row of `SOURCES`, with its objective and cycle."""
    (key_result, objective, cycle), (is_phased,) = taken(PARTS, row)
    key_result.objective, objective.cycle = objective, cycle
    key_result.is_phased = is_phased
    return key_result


OWN = {
    "key_result_id": "bigint",
    "own_value": "numeric",
    "own_progress": "float8",
    "own_score": "float8",
    "phased_pace": "float8",
    "confidence": "smallint",
    "check_in_count": "int",
    "last_check_in_on": "date",
    "due_on": "date",
    "periods_counted": "smallint",
    "periods_met": "smallint",
}
# Lists of different lengths are no table of numbers: the weeks come as the text of each list.
STORE = Prepared(
    "store_scores",
    f"""
INSERT INTO objectives_keyresultscore ({", ".join(OWN)}, weekly_progress, share, pace, health)
SELECT {", ".join(OWN)}, weeks::float8[], 0, 0, '{Health.NOT_STARTED}'
FROM unnest({", ".join(f"%({name})s" for name in OWN)}, %(weeks)s) AS given({", ".join(OWN)}, weeks)
ON CONFLICT (key_result_id) DO UPDATE SET weekly_progress = EXCLUDED.weekly_progress,
    {", ".join(f"{name} = EXCLUDED.{name}" for name in OWN if name != "key_result_id")}
""",  # noqa: S608 (names of columns)
    **{name: f"{kind}[]" for name, kind in OWN.items()},
    weeks="text[]",
)


def store(cursor: Any, scores: Sequence[KeyResultScore]) -> None:
    """Keep what check-ins alone make of key results; what the roll-up adds stays as it is."""
    given: dict[str, Any] = {name: [getattr(score, name) for score in scores] for name in OWN}
    given["weeks"] = [as_list(score.weekly_progress) for score in scores]
    STORE.execute(cursor, given)


def as_list(numbers: Sequence[float | None]) -> str:
    """A list as PostgreSQL writes it.

    >>> as_list([0.5, None])
    '{0.5,NULL}'
    """
    return f"{{{','.join('NULL' if number is None else repr(number) for number in numbers)}}}"


def mark_steps(key_results: Iterable[KeyResult], said: Mapping[int, Sequence[Said]]) -> None:
    """Set on every milestone's steps the day they were finished: the first check-in that ticked them.

    The latest check-in decides which steps are finished at all, so that one ticked by mistake can be taken back.
    """
    changed = []
    for key_result in key_results:
        check_ins = said.get(key_result.pk, ())
        finished = set(check_ins[-1].steps_done) if check_ins else set()
        for step in key_result.steps.all():
            ticked = (check_in.date for check_in in check_ins if step.pk in check_in.steps_done)
            done_on = next(ticked, None) if step.pk in finished else None
            if step.done_on != done_on:
                step.done_on = done_on
                changed.append(step)
    Step.objects.bulk_update(changed, ["done_on"])


def score_by_itself(
    key_result: KeyResult, check_ins: Sequence[Said], rhythm: Rhythm, today: date, *, is_carried: bool
) -> KeyResultScore:
    """The key result's stored row as its check-ins alone have it, oldest first; steps and phases are prefetched.

    Nobody owes a check-in on a sum that others carry: what they report is its value.
    """
    span = key_result.objective.cycle.span
    readings = [scoring.Reading(check_in.date, check_in.value, check_in.confidence) for check_in in check_ins]
    measure = key_result.measure
    phases = key_result.phase_shares(measure) if key_result.is_phased else []  # type: ignore[attr-defined]
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
        due_on=None if is_carried else due_on(key_result, rhythm, check_ins[-1].date if check_ins else None),
        periods_counted=scored.periods_counted,
        periods_met=scored.periods_met,
        weekly_progress=weekly,
    )


def due_on(key_result: KeyResult, rhythm: Rhythm, last: date | None) -> date | None:
    """The day the next check-in is due, None where none is: not active, closed, the last one made."""
    objective = key_result.objective
    if objective.state != ObjectiveState.ACTIVE or objective.cycle.is_closed:
        return None
    return next_due(last, objective.cycle.span, rhythm, objective.activated_on)
