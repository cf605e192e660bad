"""Drafting, agreeing and changing goals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from objectives import rollup, tasks
from objectives.formulas.scoring import MeasureRefused, check_measure
from objectives.models import (
    Cycle,
    KeyResult,
    Objective,
    ObjectiveState,
    Step,
    TargetChange,
)
from people import clock
from people.models import Membership
from people.refusals import Refusal

FEWEST_KEY_RESULTS = 2
MOST_KEY_RESULTS = 5

Goal = TypeVar("Goal", Objective, KeyResult)

NEXT_STATES = {
    ObjectiveState.DRAFT: {ObjectiveState.PROPOSED, ObjectiveState.AGREED, ObjectiveState.ACTIVE},
    ObjectiveState.PROPOSED: {ObjectiveState.DRAFT, ObjectiveState.AGREED, ObjectiveState.ACTIVE},
    ObjectiveState.AGREED: {ObjectiveState.DRAFT, ObjectiveState.ACTIVE},
    ObjectiveState.ACTIVE: {ObjectiveState.CLOSED},
    ObjectiveState.CLOSED: {ObjectiveState.ACTIVE},
}


def leads(membership: Membership, objective: Objective) -> bool:
    """Whether the person decides on the objective: administrators, executives for the company, managers below them."""
    return Objective.objects.led_by(membership).filter(pk=objective.pk).exists()


def hold(row: Goal, expected_version: int | None) -> Goal:
    """Lock a goal for this transaction; `Refusal` `stale` when someone changed it since it was read."""
    held = type(row)._default_manager.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)
    if expected_version is not None and held.version != expected_version:
        raise Refusal(
            "stale", _("Someone changed this in the meantime. Look at the new state, then save again if still needed.")
        )
    return held


def refuse_closed(cycle: Cycle) -> None:
    if cycle.is_closed:
        raise Refusal("cycle_closed", _("This cycle is closed. Its goals can no longer be changed."))


@transaction.atomic
def save_objective(objective: Objective, *, expected_version: int | None = None) -> Objective:
    """Write a new or changed objective and give it its score row.

    A new one whose `submission_key` is known answers the first one. Raises `Refusal`: `cycle_closed`, `stale`.
    """
    refuse_closed(objective.cycle)
    if objective._state.adding:
        repeated = Objective.objects.filter(submission_key=objective.submission_key).first()
        if repeated is not None:
            return repeated
    else:
        held = hold(objective, expected_version)
        refuse_closed(held.cycle)
        objective.version = held.version + 1
        objective.state = held.state
    objective.organization_id = objective.cycle.organization_id
    objective.full_clean(exclude=["organization"], validate_unique=False)
    objective.save()
    key_results = objective.key_results.filter(dropped_at=None).values_list("pk", flat=True)
    rollup.rescore(objective.organization, list(key_results), objective.pk, objective.organization.today)
    tasks.wake()
    return objective


@transaction.atomic
def save_key_result(
    key_result: KeyResult,
    *,
    by: Membership,
    steps: Sequence[Step] | None = None,
    reason: str = "",
    expected_version: int | None = None,
) -> KeyResult:
    """Write a new or changed key result, with the steps of a milestone, and rescore it and its objective.

    Moving a target while the objective is active needs a reason, and is kept as a `TargetChange`. Steps left out of
    `steps` are removed, unless somebody ticked them. Raises `Refusal`: `cycle_closed`, `stale`, `reason_missing`,
    `weights_above_one`, `too_many_key_results`.
    """
    objective = Objective.objects.select_for_update(no_key=True, of=("self",)).get(pk=key_result.objective_id)
    refuse_closed(objective.cycle)
    changed = None
    if key_result._state.adding:
        repeated = KeyResult.objects.filter(submission_key=key_result.submission_key).first()
        if repeated is not None:
            return repeated
    else:
        held = hold(key_result, expected_version)
        key_result.version = held.version + 1
        moved = (held.must_hit_value, held.target_value) != (key_result.must_hit_value, key_result.target_value)
        if moved and objective.state == ObjectiveState.ACTIVE:
            if not reason.strip():
                raise Refusal.of_field(
                    "reason", "reason_missing", _("The objective is active: say why the target changes.")
                )
            changed = TargetChange(
                key_result=key_result,
                changed_on=by.organization.today,
                changed_by=by,
                old_must_hit=held.must_hit_value,
                old_target=held.target_value,
                new_must_hit=key_result.must_hit_value,
                new_target=key_result.target_value,
                reason=reason.strip(),
            )
    siblings = objective.key_results.filter(dropped_at=None).exclude(pk=key_result.pk)
    refuse_too_many(objective, siblings.count() + 1)
    refuse_weights([*siblings.values_list("weight", flat=True), key_result.weight])
    key_result.save()
    if changed is not None:
        changed.save()
    if steps is not None:
        replace_steps(key_result, steps)
    # A weight changes the shares of all the others, so the whole objective is rescored.
    rollup.rescore(by.organization, [key_result.pk], objective.pk, by.organization.today)
    tasks.wake()
    return key_result


def refuse_weights(weights: Iterable[float | None]) -> None:
    if sum(weight for weight in weights if weight is not None) > 1 + 1e-9:
        raise Refusal.of_field(
            "weight", "weights_above_one", _("Together the weights of the key results may be 1 at most.")
        )


def refuse_too_many(objective: Objective, count: int) -> None:
    if objective.state == ObjectiveState.ACTIVE and count > MOST_KEY_RESULTS:
        raise Refusal(
            "too_many_key_results",
            _("An active objective has %(most)s key results at most: more, and nobody knows what comes first.")
            % {"most": MOST_KEY_RESULTS},
        )


def replace_steps(key_result: KeyResult, steps: Sequence[Step]) -> None:
    kept = [step.pk for step in steps if step.pk is not None]
    key_result.steps.exclude(pk__in=kept).filter(done_on=None).delete()
    for position, step in enumerate(steps):
        step.key_result = key_result
        step.position = position
        step.save()


@transaction.atomic
def change_state(objective: Objective, *, to: str, by: Membership, expected_version: int | None = None) -> Objective:
    """Move an objective along draft → proposed → agreed → active → closed; the same state again is harmless.

    Agreeing, activating and closing belong to those who lead (`leads`); `PermissionDenied` for others. Raises
    `Refusal`: `cycle_closed`, `stale`, `no_such_step`, `key_result_count` when active with fewer than 2 or more than
    5 key results, `key_result_incomplete`.
    """
    objective = hold(objective, expected_version)
    refuse_closed(objective.cycle)
    if objective.state == to:
        return objective
    if to not in NEXT_STATES[ObjectiveState(objective.state)]:
        raise Refusal("no_such_step", _("An objective cannot go from this state to that one."))
    if to in {ObjectiveState.AGREED, ObjectiveState.ACTIVE, ObjectiveState.CLOSED} and not leads(by, objective):
        raise PermissionDenied
    if to == ObjectiveState.ACTIVE:
        refuse_unready(objective)
        objective.activated_on = objective.activated_on or by.organization.today
    objective.state = to
    objective.version += 1
    objective.save(update_fields=["state", "version", "activated_on"])
    key_results = objective.key_results.filter(dropped_at=None).values_list("pk", flat=True)
    rollup.rescore(by.organization, list(key_results), objective.pk, by.organization.today)
    tasks.wake()
    return objective


def refuse_unready(objective: Objective) -> None:
    """An objective that becomes active has 2–5 key results, each with the numbers its kind needs."""
    key_results = list(objective.key_results.filter(dropped_at=None).prefetch_related("steps"))
    if not FEWEST_KEY_RESULTS <= len(key_results) <= MOST_KEY_RESULTS:
        raise Refusal(
            "key_result_count",
            ngettext(
                "An objective needs 2 to 5 key results to become active; this one has %(count)s. "
                "With fewer nobody can tell when it is reached, with more nobody knows what comes first.",
                "An objective needs 2 to 5 key results to become active; this one has %(count)s. "
                "With fewer nobody can tell when it is reached, with more nobody knows what comes first.",
                len(key_results),
            )
            % {"count": len(key_results)},
        )
    for key_result in key_results:
        if key_result.measure_first:
            continue
        try:
            check_measure(key_result.measure)
        except MeasureRefused as refused:
            raise Refusal(
                "key_result_incomplete",
                _("“%(title)s” is not complete yet: its baseline, target or period is missing.")
                % {"title": key_result.title},
            ) from refused


@transaction.atomic
def drop_objective(objective: Objective, *, reason: str, by: Membership) -> Objective:
    """Take an objective out of the plan, with the reason; its history stays and `restore_objective` brings it back."""
    return _drop(objective, objective.cycle, reason, by)


@transaction.atomic
def drop_key_result(key_result: KeyResult, *, reason: str, by: Membership) -> KeyResult:
    """Take a key result out of its objective, with the reason. Raises `Refusal` `key_result_count` below 2."""
    objective = Objective.objects.select_for_update(no_key=True, of=("self",)).get(pk=key_result.objective_id)
    left = objective.key_results.filter(dropped_at=None).exclude(pk=key_result.pk).count()
    if objective.state == ObjectiveState.ACTIVE and left < FEWEST_KEY_RESULTS:
        raise Refusal("key_result_count", _("An active objective keeps at least 2 key results. Add another one first."))
    return _drop(key_result, objective.cycle, reason, by)


@transaction.atomic
def restore_objective(objective: Objective, *, by: Membership) -> Objective:
    """Undo `drop_objective`; harmless when it was never dropped."""
    return _restore(objective, objective.cycle, by)


@transaction.atomic
def restore_key_result(key_result: KeyResult, *, by: Membership) -> KeyResult:
    """Undo `drop_key_result`. Raises `Refusal` `too_many_key_results` when others took its place."""
    objective = Objective.objects.select_for_update(no_key=True, of=("self",)).get(pk=key_result.objective_id)
    siblings = objective.key_results.filter(dropped_at=None).exclude(pk=key_result.pk)
    refuse_too_many(objective, siblings.count() + 1)
    refuse_weights([*siblings.values_list("weight", flat=True), key_result.weight])
    return _restore(key_result, objective.cycle, by)


def _drop(goal: Goal, cycle: Cycle, reason: str, by: Membership) -> Goal:
    refuse_closed(cycle)
    if not reason.strip():
        raise Refusal.of_field("reason", "reason_missing", _("Say why it is dropped: others will want to know."))
    goal = hold(goal, None)
    if goal.dropped_at is None:
        goal.dropped_at, goal.dropped_reason, goal.version = clock.now(), reason.strip(), goal.version + 1
        goal.save(update_fields=["dropped_at", "dropped_reason", "version"])
        _rescore_around(goal, by)
    return goal


def _restore(goal: Goal, cycle: Cycle, by: Membership) -> Goal:
    refuse_closed(cycle)
    goal = hold(goal, None)
    if goal.dropped_at is not None:
        goal.dropped_at, goal.dropped_reason, goal.version = None, "", goal.version + 1
        goal.save(update_fields=["dropped_at", "dropped_reason", "version"])
        _rescore_around(goal, by)
    return goal


def _rescore_around(goal: Objective | KeyResult, by: Membership) -> None:
    key_results = [goal.pk] if isinstance(goal, KeyResult) else []
    objective_id = goal.objective_id if isinstance(goal, KeyResult) else goal.pk
    rollup.rescore(by.organization, key_results, objective_id, by.organization.today)
    tasks.wake()


@transaction.atomic
def make_key_results(objective: Objective, drafts: Sequence[KeyResult], *, by: Membership) -> list[KeyResult]:
    """Add key results made from a KGI's levers. A lever the objective measures already is left as it is.

    All are written or none. Raises what `save_key_result` raises.
    """
    Objective.objects.select_for_update(no_key=True, of=("self",)).get(pk=objective.pk)
    existing = {
        key_result.kpi_id: key_result for key_result in objective.key_results.filter(dropped_at=None).exclude(kpi=None)
    }
    position = objective.key_results.count()
    made = []
    for draft in drafts:
        if draft.kpi_id in existing:
            made.append(existing[draft.kpi_id])
            continue
        draft.objective, draft.position = objective, position
        position += 1
        made.append(save_key_result(draft, by=by))
    return made


@transaction.atomic
def change_cycle_state(cycle: Cycle, *, to: str, by: Membership) -> Cycle:
    """Open or close a cycle. Waits for check-ins under way; scores are settled once more, then stay."""
    cycle = Cycle.objects.select_for_update().get(pk=cycle.pk)
    if cycle.state == to:
        return cycle
    cycle.state = to
    cycle.save(update_fields=["state"])
    today = by.organization.today
    rollup.lock_roll_up(cycle.organization_id)
    objectives = list(cycle.objectives.filter(dropped_at=None).values_list("pk", flat=True))
    key_results = KeyResult.objects.filter(objective__in=objectives, dropped_at=None).values_list("pk", flat=True)
    rollup.rescore_key_results(by.organization, key_results, min(today, cycle.end))
    rollup.roll_up(by.organization, objectives, min(today, cycle.end))
    for pk in objectives:
        rollup.request_roll_up(cycle.organization_id, pk)
    tasks.wake()
    return cycle
