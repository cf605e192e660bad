"""What is kept of how both sides come to agree on an objective, and who is told of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from objectives.models import NoticeKind, Objective, ObjectiveState, StateChange
from objectives.queries.agreement import Leading, content_of
from objectives.services.notices import lay_aside, tell
from people.models import Membership

LONGEST_COMMENT = StateChange._meta.get_field("comment").max_length or 0


def record_step(
    objective: Objective, *, before: str, by: Membership, comment: str = "", open_points: Sequence[str] = ()
) -> StateChange:
    """Keep a step of a held objective that is in its new state already, with what it was about, and tell those asked.

    Whoever proposes asks the nearest who lead; whoever sends back, agrees or begins tells the owner.
    """
    step = StateChange.objects.create(
        objective=objective,
        old_state=before,
        new_state=objective.state,
        by=by,
        comment=comment.strip()[:LONGEST_COMMENT],
        content=content_of(objective.pk),
        open_points=list(open_points),
    )
    lay_aside(objective, NoticeKind.PROPOSED, NoticeKind.ADJUSTED, NoticeKind.SENT_BACK)
    match objective.state:
        case ObjectiveState.PROPOSED:
            tell_of(step, NoticeKind.PROPOSED, Leading([objective.organization_id]).nearest(objective))
        case ObjectiveState.DRAFT:
            tell_of(step, NoticeKind.SENT_BACK, [objective.owner_id])
        case ObjectiveState.AGREED:
            tell_of(step, NoticeKind.AGREED, [objective.owner_id])
        case ObjectiveState.ACTIVE if before != ObjectiveState.CLOSED:
            tell_of(step, NoticeKind.BEGUN, [objective.owner_id])
    return step


def tell_of(step: StateChange, kind: str, people: Sequence[Membership | int]) -> None:
    tell(people, kind, occasion=f"step:{step.pk}", objective=step.objective, by=step.by, text=step.comment)


STANDING = {ObjectiveState.PROPOSED, ObjectiveState.AGREED, ObjectiveState.ACTIVE}


@contextmanager
def noting_edit(objective_id: int, by: Membership | None, reason: str = "") -> Iterator[set[int]]:
    """Keep that somebody makes another goal of a held objective that was proposed or agreed on.

    Of an active one only what a lead changes for its owner is kept here: other changes of it have a reason instead.
    Several edits of the same person in a row are one, unless they have reasons. Yields whom it told in the end.
    """
    told: set[int] = set()
    objective = Objective.objects.get(pk=objective_id)
    if by is None or objective.state not in STANDING:
        yield told
        return
    content = content_of(objective_id)
    yield told
    if content_of(objective_id) != content:
        told |= note_edit(Objective.objects.get(pk=objective_id), by, reason)


def note_edit(objective: Objective, by: Membership, reason: str) -> set[int]:
    of_lead = by.pk != objective.owner_id and Objective.objects.led_by(by).filter(pk=objective.pk).exists()
    if objective.state == ObjectiveState.ACTIVE and not of_lead:
        return set()
    last = objective.state_changes.last()
    if last is not None and last.by_id == by.pk and is_edit(last) and not reason:
        last.content = content_of(objective.pk)
        last.save(update_fields=["content"])
        return set()
    step = StateChange.objects.create(
        objective=objective,
        old_state=objective.state,
        new_state=objective.state,
        by=by,
        comment=reason,
        content=content_of(objective.pk),
    )
    if not of_lead:
        return set()
    tell_of(step, NoticeKind.ADJUSTED, [objective.owner_id])
    return {objective.owner_id}


def is_edit(step: StateChange) -> bool:
    return step.old_state == step.new_state and not step.comment
