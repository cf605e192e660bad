"""What a change of an active key result leaves behind: what was measured before, who changed it and why."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from objectives.models import KeyResult, Kind, Objective, ObjectiveState, Step, TargetChange
from people.models import Membership
from people.refusals import Refusal

NUMBERS = {"start", "must_hit", "target"}


def aim(key_result: KeyResult) -> Decimal | None:
    """The one number a key result runs to: its challenge target, its quota, or all there are."""
    if key_result.kind == Kind.QUOTA:
        return key_result.quota
    return key_result.population if key_result.kind == Kind.COVERAGE else key_result.target_value


def parts_of(key_result: KeyResult) -> dict[str, Decimal | str | None]:
    """What a score of this kind follows from, beside the check-ins and steps."""
    parts = {"kind": key_result.kind, "must_hit": key_result.must_hit_value, "target": aim(key_result)}
    match key_result.kind:
        case Kind.REACH | Kind.AVERAGE:
            parts |= {"start": key_result.start_value, "combine": key_result.combine}
        case Kind.CUMULATIVE:
            parts |= {"start": key_result.start_value or Decimal(0), "combine": key_result.combine}
        case Kind.KEEP:
            parts |= {"limit": key_result.limit, "period": key_result.period}
        case Kind.QUOTA:
            parts |= {"period": key_result.period}
    return parts


def moved_in(held: KeyResult, key_result: KeyResult, steps: Sequence[Step] | None) -> dict[str, bool]:
    """What is measured differently from before, by name; and whether that was said before, or is said only now."""
    before, after = parts_of(held), parts_of(key_result)
    moved = {
        name: before.get(name) not in (None, "")
        for name in before | after
        if before.get(name) != after.get(name) and (name in NUMBERS or before.get(name))
    }
    # A baseline that was not known is awaited: finding it is no change.
    known = key_result.measure_first or held.start_value is not None
    if held.measure_first != key_result.measure_first and known and held.check_ins.exists():
        moved["measure_first"] = True
    if steps is not None and key_result.kind == Kind.MILESTONE:
        weights = dict(held.steps.values_list("pk", "weight"))
        finished = dict(held.steps.exclude(done_on=None).values_list("pk", "weight"))
        if weights and weights != finished | {step.pk: step.weight for step in steps}:
            moved["steps"] = True
    return moved


def target_change(
    held: KeyResult,
    key_result: KeyResult,
    steps: Sequence[Step] | None,
    objective: Objective,
    by: Membership,
    reason: str,
) -> TargetChange | None:
    """What stays visible of a change while people work on it; `Refusal` `reason_missing` without a reason."""
    moved = moved_in(held, key_result, steps)
    if not moved or objective.state != ObjectiveState.ACTIVE:
        return None
    if any(moved.values()) and not reason.strip():
        sentence = _("The objective is active: say why the target changes.")
        if not (moved.get("target") or moved.get("must_hit")):
            sentence = _("The objective is active: say why it is measured differently from now on.")
        raise Refusal.of_field("reason", "reason_missing", sentence)
    return TargetChange(
        key_result=key_result,
        changed_on=by.organization.today,
        changed_by=by,
        old_start=held.start_value,
        new_start=key_result.start_value,
        old_must_hit=held.must_hit_value,
        old_target=aim(held),
        new_must_hit=key_result.must_hit_value,
        new_target=aim(key_result),
        what=[name for name in TargetChange.PARTS if moved.get(name)],
        reason=reason.strip(),
    )
