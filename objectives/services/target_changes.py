"""What a change of an active key result leaves behind: what was measured before, who changed it and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext as _

from objectives.formulas.alignment import AlignmentRefused, shares
from objectives.models import KeyResult, Kind, NoticeKind, Objective, ObjectiveState, Step, TargetChange
from objectives.services.notices import tell
from people.models import Membership
from people.refusals import Refusal

NUMBERS = {"start", "must_hit", "target"}


def parts_of(key_result: KeyResult) -> dict[str, Decimal | str | None]:
    """What a score of this kind follows from, beside the check-ins and steps."""
    parts = {"kind": key_result.kind, "must_hit": key_result.must_hit_value, "target": key_result.aim}
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
    if weight_of(held) != weight_of(key_result):
        moved["weight"] = True
    return moved


def weight_of(key_result: KeyResult) -> float | None:
    return None if key_result.weight is None else round(key_result.weight, 6)


def shares_of(held: KeyResult, key_result: KeyResult) -> tuple[float | None, float | None]:
    """What part of the objective's score the key result carries before and after its weight moves."""
    siblings = held.objective.key_results.filter(dropped_at=None).exclude(pk=held.pk)
    weights = list(siblings.values_list("weight", flat=True))
    try:
        return tuple(shares([each.weight, *weights])[0] for each in (held, key_result))  # type: ignore[return-value]
    except AlignmentRefused:
        return None, None


def arrival(
    key_result: KeyResult, objective: Objective, by: Membership, reason: str, *, what: str
) -> TargetChange | None:
    """What stays visible of a key result that joins an active objective; `Refusal` `reason_missing` without a reason.

    `what` is `added` or `restored`. It has no target before that day.
    """
    if objective.state != ObjectiveState.ACTIVE:
        return None
    if not reason.strip():
        sentence = _("The objective is active: say why this key result is added.")
        if what == "restored":
            sentence = _("The objective is active: say why this key result comes back.")
        raise Refusal.of_field("reason", "reason_missing", sentence)
    return TargetChange(
        key_result=key_result,
        changed_on=by.organization.today,
        changed_by=by,
        what=[what],
        reason=reason.strip(),
    )


def keep_change(change: TargetChange | None, objective: Objective, told: set[int]) -> None:
    """Keep what changed of an active key result, and tell those whose goals hang on it and who are not `told` yet.

    A baseline that was awaited is no news.
    """
    if change is None:
        return
    change.save()
    if not change.reason:
        return
    tell(
        concerned_by(objective) - told,
        NoticeKind.CHANGED,
        occasion=f"target:{change.pk}",
        key_result=change.key_result,
        objective=objective,
        by=change.changed_by,
        text=change.reason,
    )


def tell_of_drop(goal: Objective | KeyResult, objective: Objective, by: Membership, told: Iterable[int] = ()) -> None:
    """Tell the same people that it was taken out of the plan."""
    key_result = goal if isinstance(goal, KeyResult) else None
    tell(
        concerned_by(objective) - set(told),
        NoticeKind.DROPPED,
        occasion=f"dropped:{'k' if key_result else 'o'}{goal.pk}:{goal.version}",
        key_result=key_result,
        objective=objective,
        by=by,
        text=goal.dropped_reason,
    )


def concerned_by(objective: Objective) -> set[int]:
    """The owners of an objective, of its key results, and of what is aligned to it or to one of them."""
    key_results = objective.key_results.filter(dropped_at=None)
    below = Objective.objects.filter(
        Q(parents__parent_objective=objective) | Q(parents__parent_key_result__objective=objective), dropped_at=None
    ).exclude(state=ObjectiveState.CLOSED)
    owners = {objective.owner_id, *key_results.exclude(owner=None).values_list("owner", flat=True)}
    return owners | set(below.values_list("owner", flat=True))


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
            if set(moved) == {"weight"}:
                sentence = _("The objective is active: say why the weight changes.")
        raise Refusal.of_field("reason", "reason_missing", sentence)
    old_share, new_share = shares_of(held, key_result) if "weight" in moved else (None, None)
    return TargetChange(
        key_result=key_result,
        changed_on=by.organization.today,
        changed_by=by,
        old_start=held.start_value,
        new_start=key_result.start_value,
        old_must_hit=held.must_hit_value,
        old_target=held.aim,
        new_must_hit=key_result.must_hit_value,
        new_target=key_result.aim,
        old_share=old_share,
        new_share=new_share,
        what=[name for name in TargetChange.PARTS if moved.get(name)],
        reason=reason.strip(),
    )
