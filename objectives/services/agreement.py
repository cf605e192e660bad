"""A side's word on what the other side changed."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from objectives.access import leads
from objectives.models import NoticeKind, Objective, ObjectiveState, StateChange
from objectives.queries.agreement import content_of
from objectives.services.notices import lay_aside
from objectives.services.planning import hold, refuse_closed_cycle, refuse_dropped, refuse_other_content
from people.models import Membership
from people.refusals import Refusal

CONFIRMED_IN = {ObjectiveState.PROPOSED, ObjectiveState.AGREED, ObjectiveState.ACTIVE}


@transaction.atomic
def confirm_objective(objective: Objective, *, by: Membership, seen: str = "") -> Objective:
    """Say yes to an objective as it stands, without moving it along; saying it again is harmless.

    The owner may, and those who lead; `PermissionDenied` for others. `seen` is the fingerprint of what the person read.
    Raises `Refusal`: `stale`, `cycle_closed`, `dropped`, `no_such_step` where there is nothing to confirm.
    """
    objective = hold(objective, None)
    if by.pk != objective.owner_id and not leads(by, objective):
        raise PermissionDenied
    refuse_other_content(objective, seen)
    refuse_closed_cycle(objective.cycle)
    refuse_dropped(objective)
    if objective.state not in CONFIRMED_IN:
        raise Refusal("no_such_step", _("There is nothing to confirm in this state."))
    content = content_of(objective.pk)
    last = objective.state_changes.filter(by=by).last()
    if last is None or (last.new_state, last.content) != (objective.state, content):
        StateChange.objects.create(
            objective=objective,
            old_state=objective.state,
            new_state=objective.state,
            by=by,
            content=content,
        )
    if by.pk == objective.owner_id:
        lay_aside(objective, NoticeKind.ADJUSTED)
    return objective
