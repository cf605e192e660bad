"""Drafting, agreeing and changing goals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import NoReturn, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from objectives import rollup, tasks
from objectives.access import DECIDING, NEXT_STATES, leads
from objectives.formulas.drafting.rules.counting import FEWEST_KEY_RESULTS, MOST_KEY_RESULTS
from objectives.formulas.scoring import MeasureRefused, check_measure
from objectives.models import (
    Cycle,
    KeyResult,
    Objective,
    ObjectiveState,
    Step,
)
from objectives.queries.agreement import content_of, open_points_of
from objectives.services.grades import forget_plain, write_grade
from objectives.services.measures import refuse_measure
from objectives.services.rules import refuse_unit_of_rate
from objectives.services.steps import noting_edit, record_step
from objectives.services.target_changes import arrival, keep_change, target_change, tell_of_drop
from people import clock
from people.models import Membership
from people.refusals import Refusal, stale
from people.services.owners import hold_owner
from people.services.teams import refuse_closed_team

UNDONE_WITHIN = timedelta(minutes=10)

Goal = TypeVar("Goal", Objective, KeyResult)


def hold(row: Goal, expected_version: int | None) -> Goal:
    """Lock a goal for this transaction; `Refusal` `stale` when someone changed it since it was read."""
    held = type(row)._default_manager.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)
    refuse_stale(held, expected_version)
    return held


def refuse_stale(held: Goal, expected_version: int | None) -> None:
    if expected_version is not None and held.version != expected_version:
        raise stale()


def refuse_dropped(*goals: Objective | KeyResult) -> None:
    if any(goal.dropped_at is not None for goal in goals):
        raise Refusal("dropped", _("This was taken out of the plan in the meantime. Bring it back before changing it."))


def refuse_used_key() -> NoReturn:
    raise Refusal("submission_key_used", _("This form was already sent for something else. Open it again."))


def refuse_closed_cycle(cycle: Cycle) -> None:
    if cycle.is_closed:
        raise Refusal("cycle_closed", _("This cycle is closed. Its goals can no longer be changed."))


def refuse_closed(*objectives: Objective) -> None:
    """What was closed keeps its score: nothing in it changes until it is opened again."""
    for objective in objectives:
        refuse_closed_cycle(objective.cycle)
        if objective.state == ObjectiveState.CLOSED:
            raise Refusal(
                "objective_closed",
                _("“%(title)s” is closed. Begin it again before changing anything in it.") % {"title": objective.title},
            )


@transaction.atomic
def save_objective(
    objective: Objective, *, by: Membership | None = None, expected_version: int | None = None
) -> Objective:
    """Write a new or changed objective and give it its score row.

    With `by` it is kept who made another goal of one that was proposed or agreed on (`noting_edit`).

    A new one whose `submission_key` is known answers the first one, also when both arrive at the same moment. Raises
    `Refusal`: `cycle_closed`, `objective_closed`, `stale`, `dropped`, `submission_key_used`, `team_closed`, `owner`.
    """
    refuse_closed_cycle(objective.cycle)
    objective.organization_id = objective.cycle.organization_id
    if objective._state.adding:
        objective.full_clean(exclude=["organization"], validate_unique=False)
        try:
            with transaction.atomic():
                objective.save(force_insert=True)
        except IntegrityError:
            return first_of_key(objective)
        hold_place(objective, before=Objective())
    else:
        hold_place(objective, before=Objective.objects.get(pk=objective.pk))
        held = hold(objective, expected_version)
        refuse_closed(held)
        refuse_dropped(held)
        objective.version = held.version + 1
        objective.state, objective.activated_on = held.state, held.activated_on
        objective.full_clean(exclude=["organization"], validate_unique=False)
        with noting_edit(objective.pk, by):
            objective.save()
    key_results = objective.key_results.filter(dropped_at=None).values_list("pk", flat=True)
    rollup.rescore(objective.organization, list(key_results), objective.pk, objective.organization.today)
    tasks.wake()
    tasks.compare(objective.organization_id, objective.pk)
    return objective


def hold_place(objective: Objective, *, before: Objective) -> None:
    """Keep the team and the owner it is given from closing and leaving until the transaction ends.

    They come before the objective: that is the order in which merging and handing over take them. Raises `Refusal`:
    `team_closed`, `owner`.
    """
    if before.team_id != objective.team_id:
        refuse_closed_team(objective.team_id)
    hold_owner(objective.owner_id, before=before.owner_id)


def hold_team_of(returning: QuerySet[Objective]) -> None:
    """Keep the team that an objective comes back to from closing. Raises `Refusal` `team_closed`."""
    for team_id in returning.values_list("team", flat=True):
        refuse_closed_team(team_id, is_chosen=False)


def first_of_key(objective: Objective) -> Objective:
    """The objective that the same form made before."""
    first = Objective.objects.filter(
        organization=objective.organization_id, submission_key=objective.submission_key
    ).first()
    if first is None:
        refuse_used_key()
    return first  # type: ignore[return-value]


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

    Changing what is measured (`moved_in`) or adding to it while the objective is active needs a reason, and is kept
    as a `TargetChange`; a baseline found by measuring first is kept without one. Those whose goals hang on it are told.
    Steps left out of `steps` are removed, unless somebody ticked them. While the objective is a draft, numbers may
    still be missing.
    Raises `Refusal`: `cycle_closed`, `objective_closed`, `stale`, `dropped`, `kind_fixed`, `reason_missing`,
    `weights_above_one`, `too_many_key_results`, `submission_key_used`, `rate_in_percent`, `owner`, and what the measure
    lacks (`refuse_measure`).
    """
    same = KeyResult.objects.filter(submission_key=key_result.submission_key)
    present = same.values_list("owner", flat=True).first()
    hold_owner(key_result.owner_id, before=present)
    objective = Objective.objects.select_for_update(no_key=True, of=("self",)).get(pk=key_result.objective_id)
    refuse_closed(objective)
    changed, is_new = None, key_result._state.adding
    if is_new:
        repeated = KeyResult.objects.filter(submission_key=key_result.submission_key).first()
        if repeated is not None:
            if repeated.objective_id != objective.pk:
                refuse_used_key()
            return repeated
        refuse_dropped(objective)
    else:
        held = hold(key_result, expected_version)
        refuse_dropped(objective, held)
        if held.kind != key_result.kind and held.check_ins.exists():
            raise Refusal.of_field(
                "kind", "kind_fixed", _("There are check-ins already: what they mean follows from the kind.")
            )
        key_result.version = held.version + 1
        changed = target_change(held, key_result, steps, objective, by, reason)
    refuse_measure(key_result, steps, complete=objective.state == ObjectiveState.ACTIVE)
    refuse_unit_of_rate(key_result.kpi, kind=key_result.kind, unit=key_result.unit)
    siblings = objective.key_results.filter(dropped_at=None).exclude(pk=key_result.pk)
    refuse_too_many(objective, siblings.count() + 1)
    if key_result.weight is not None:
        key_result.weight = round(key_result.weight, 6)
    refuse_weights([*siblings.values_list("weight", flat=True), key_result.weight])
    if is_new:
        changed = arrival(key_result, objective, by, reason, what="added")
    with noting_edit(objective.pk, by, changed.reason if changed is not None else "") as told:
        key_result.save()
        if steps is not None:
            replace_steps(key_result, steps)
    keep_change(changed, objective, told)
    # A weight changes the shares of all the others, so the whole objective is rescored.
    rollup.rescore(by.organization, [key_result.pk], objective.pk, by.organization.today)
    tasks.wake()
    tasks.compare(objective.organization_id, objective.pk)
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
def change_state(
    objective: Objective,
    *,
    to: str,
    by: Membership,
    expected_version: int | None = None,
    seen: str = "",
    comment: str = "",
    open_points: Sequence[str] | None = None,
) -> Objective:
    """Move an objective along draft → proposed → agreed → active → closed; the same state again is harmless.

    Each step is kept with `comment` and what it was about. `seen` is the fingerprint of what the person decides on, as
    `agreements_of` has it: where the goal is another one by now, they look again. `open_points` are the codes of what
    was still missing when it begins, found here unless they are given. Closing keeps a `Grade` with the computed score.

    Agreeing, activating and closing belong to those who lead (`leads`); `PermissionDenied` for others. Raises
    `Refusal`: `cycle_closed`, `stale`, `dropped`, `no_such_step`, `comment_missing` where a lead sends back what the
    owner proposed, `key_result_count` when it would be active with fewer than 2 or more than 5 key results,
    `key_result_incomplete`, `team_closed` where it would begin again in such a team.
    """
    if to == ObjectiveState.ACTIVE:
        hold_team_of(Objective.objects.filter(pk=objective.pk, state=ObjectiveState.CLOSED))
    objective = hold(objective, None)
    before = objective.state
    if before == to:
        return objective
    refuse_stale(objective, expected_version)
    refuse_other_content(objective, seen)
    refuse_closed_cycle(objective.cycle)
    refuse_dropped(objective)
    if to not in NEXT_STATES[ObjectiveState(before)]:
        raise Refusal("no_such_step", _("An objective cannot go from this state to that one."))
    if to in DECIDING and not leads(by, objective):
        raise PermissionDenied
    if to == ObjectiveState.DRAFT and by.pk != objective.owner_id and not comment.strip():
        sentence = _("Say what should become different: without it, nobody knows what to do next.")
        raise Refusal.of_field("comment", "comment_missing", sentence)
    if to == ObjectiveState.ACTIVE:
        refuse_unready(objective)
        objective.activated_on = objective.activated_on or by.organization.today
        if open_points is None and before != ObjectiveState.CLOSED:
            open_points = open_points_of(objective, by)
    objective.state = to
    objective.version += 1
    objective.save(update_fields=["state", "version", "activated_on"])
    record_step(objective, before=before, by=by, comment=comment, open_points=open_points or ())
    key_results = objective.key_results.filter(dropped_at=None).values_list("pk", flat=True)
    rollup.rescore(by.organization, list(key_results), objective.pk, by.organization.today)
    tasks.wake()
    if ObjectiveState.CLOSED in (before, to):
        tasks.compare(objective.organization_id, objective.pk)
    if to == ObjectiveState.CLOSED:
        write_grade(objective, None, by=by)
    elif before == ObjectiveState.CLOSED:
        forget_plain([objective.pk])
    return objective


def refuse_other_content(objective: Objective, seen: str) -> None:
    """Nobody agrees to what they have not seen. Raises `Refusal` `stale`."""
    if seen and seen != content_of(objective.pk):
        raise stale()


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
    """Take an objective out of the plan, with the reason; its history stays and `restore_objective` brings it back.

    Raises `Refusal`: `cycle_closed`, `objective_closed`, `reason_missing`.
    """
    objective = hold(objective, None)
    refuse_closed(objective)
    was_dropped = objective.dropped_at is not None
    objective = _drop(objective, reason, by)
    if objective.state == ObjectiveState.ACTIVE and not was_dropped:
        tell_of_drop(objective, objective, by)
    return objective


@transaction.atomic
def drop_key_result(key_result: KeyResult, *, reason: str, by: Membership) -> KeyResult:
    """Take a key result out of its objective, with the reason.

    Raises `Refusal`: `cycle_closed`, `objective_closed`, `reason_missing`, `key_result_count` below 2.
    """
    objective = Objective.objects.select_for_update(no_key=True, of=("self",)).get(pk=key_result.objective_id)
    refuse_closed(objective)
    left = objective.key_results.filter(dropped_at=None).exclude(pk=key_result.pk).count()
    if objective.state == ObjectiveState.ACTIVE and left < FEWEST_KEY_RESULTS:
        raise Refusal("key_result_count", _("An active objective keeps at least 2 key results. Add another one first."))
    was_dropped = KeyResult.objects.filter(pk=key_result.pk).exclude(dropped_at=None).exists()
    with noting_edit(objective.pk, by, reason.strip()) as told:
        key_result = _drop(key_result, reason, by)
    if objective.state == ObjectiveState.ACTIVE and not was_dropped:
        tell_of_drop(key_result, objective, by, told)
    return key_result


@transaction.atomic
def restore_objective(objective: Objective, *, by: Membership) -> Objective:
    """Undo `drop_objective`; harmless when it was never dropped. Raises `Refusal`: `cycle_closed`, `team_closed`."""
    refuse_closed_cycle(objective.cycle)
    hold_team_of(Objective.objects.filter(pk=objective.pk).exclude(dropped_at=None))
    return _restore(objective, by)


@transaction.atomic
def restore_key_result(key_result: KeyResult, *, by: Membership, reason: str = "") -> KeyResult:
    """Undo `drop_key_result`; into an active objective with a reason, unless one takes back what one just did.

    Raises `Refusal`: `cycle_closed`, `objective_closed`, `reason_missing`, `too_many_key_results` when others took its
    place.
    """
    objective = Objective.objects.select_for_update(no_key=True, of=("self",)).get(pk=key_result.objective_id)
    refuse_closed(objective)
    key_result = hold(key_result, None)
    if key_result.dropped_at is None:
        return key_result
    siblings = objective.key_results.filter(dropped_at=None).exclude(pk=key_result.pk)
    refuse_too_many(objective, siblings.count() + 1)
    refuse_weights([*siblings.values_list("weight", flat=True), key_result.weight])
    is_undo = key_result.dropped_by_id == by.pk and clock.now() - key_result.dropped_at < UNDONE_WITHIN
    changed = None if is_undo else arrival(key_result, objective, by, reason, what="restored")
    with noting_edit(objective.pk, by, changed.reason if changed is not None else "") as told:
        key_result = _restore(key_result, by)
    keep_change(changed, objective, told)
    return key_result


def _drop(goal: Goal, reason: str, by: Membership) -> Goal:
    if not reason.strip():
        raise Refusal.of_field("reason", "reason_missing", _("Say why it is dropped: others will want to know."))
    goal = hold(goal, None)
    if goal.dropped_at is None:
        goal.dropped_at, goal.dropped_by, goal.dropped_reason = clock.now(), by, reason.strip()
        goal.version += 1
        goal.save(update_fields=["dropped_at", "dropped_by", "dropped_reason", "version"])
        _rescore_around(goal, by)
    return goal


def _restore(goal: Goal, by: Membership) -> Goal:
    goal = hold(goal, None)
    if goal.dropped_at is not None:
        goal.dropped_at, goal.dropped_by, goal.dropped_reason = None, None, ""
        goal.version += 1
        goal.save(update_fields=["dropped_at", "dropped_by", "dropped_reason", "version"])
        _rescore_around(goal, by)
    return goal


def _rescore_around(goal: Objective | KeyResult, by: Membership) -> None:
    key_results = [goal.pk] if isinstance(goal, KeyResult) else []
    objective_id = goal.objective_id if isinstance(goal, KeyResult) else goal.pk
    rollup.rescore(by.organization, key_results, objective_id, by.organization.today)
    tasks.wake()
    tasks.compare(by.organization_id, objective_id)


@transaction.atomic
def make_key_results(objective: Objective, drafts: Sequence[KeyResult], *, by: Membership) -> list[KeyResult]:
    """Add key results made from a KGI's levers, to a new objective or to one that exists.

    A lever the objective measures already is left as it is, so sending twice makes them once. All are written or none.
    Raises what `save_objective` and `save_key_result` raise.
    """
    if objective._state.adding:
        objective = save_objective(objective, by=by)
    for draft in drafts:
        hold_owner(draft.owner_id, before=None)
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
        reason = _("Made from the lever “%(name)s”") % {"name": draft.kpi.name} if draft.kpi else ""
        made.append(save_key_result(draft, by=by, reason=reason))
    return made
