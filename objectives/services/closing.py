"""Closing objectives: each with its grade, one by one or several in one act."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from objectives.access import leads
from objectives.models import Objective, ObjectiveState
from objectives.services.grades import checked, grade_of, word_of, write_grade
from objectives.services.planning import change_state, hold, refuse_closed_cycle, refuse_dropped, refuse_stale
from people.models import Membership
from people.refusals import Refusal

MOST_AT_ONCE = 50


@transaction.atomic
def close_objective(
    objective: Objective,
    *,
    by: Membership,
    override: float | None = None,
    reason: str = "",
    outcome: str = "",
    outcome_reason: str = "",
    comment: str = "",
    expected_version: int | None = None,
) -> Objective:
    """Close a running objective with its grade, or correct the grade of a closed one as long as its cycle is open.

    The computed score is kept beside `override` (0–1), which needs its `reason`. The step says `comment`, else why it
    is graded so. The same again is harmless. It belongs to those who lead: `PermissionDenied` for others. Raises
    `Refusal`: `cycle_closed`, `stale`, `dropped`, `no_such_step` for one that was never begun, and what
    `grades.checked` raises.
    """
    held = hold(objective, None)
    if not leads(by, held):
        raise PermissionDenied
    refuse_closed_cycle(held.cycle)
    refuse_dropped(held)
    if held.state not in {ObjectiveState.ACTIVE, ObjectiveState.CLOSED}:
        raise Refusal("no_such_step", _("An objective cannot go from this state to that one."))
    word = checked(held, override=override, reason=reason, outcome=outcome, outcome_reason=outcome_reason)
    grade = grade_of(held)
    if held.state == ObjectiveState.CLOSED and grade is not None and word == word_of(grade):
        return held
    refuse_stale(held, expected_version)
    if held.state == ObjectiveState.CLOSED:
        write_grade(held, word, by=by)
        return counted_up(held)
    closed = change_state(held, to=ObjectiveState.CLOSED, by=by, comment=comment or word.reason or word.outcome_reason)
    closed.grade = write_grade(closed, word, by=by)  # type: ignore[attr-defined]
    return closed


@transaction.atomic
def propose_grade(
    objective: Objective,
    *,
    by: Membership,
    override: float | None = None,
    reason: str = "",
    outcome: str = "",
    outcome_reason: str = "",
    expected_version: int | None = None,
) -> Objective:
    """Keep what the owner, or whoever leads, says of a running objective's end, without closing it.

    The same again is harmless. `PermissionDenied` for those who may not edit it. Raises `Refusal`: `cycle_closed`,
    `objective_closed`, `stale`, `dropped`, `no_such_step`, and what `grades.checked` raises.
    """
    held = hold(objective, None)
    if not Objective.objects.editable_by(by).filter(pk=held.pk).exists():
        raise PermissionDenied
    refuse_closed_cycle(held.cycle)
    refuse_dropped(held)
    if held.state == ObjectiveState.CLOSED:
        sentence = _("“%(title)s” is closed already. Those who lead can still correct its grade.")
        raise Refusal("objective_closed", sentence % {"title": held.title})
    if held.state != ObjectiveState.ACTIVE:
        raise Refusal("no_such_step", _("An objective cannot go from this state to that one."))
    word = checked(held, override=override, reason=reason, outcome=outcome, outcome_reason=outcome_reason)
    if word == word_of(grade_of(held)):
        return held
    refuse_stale(held, expected_version)
    write_grade(held, word, by=by)
    return counted_up(held)


def counted_up(held: Objective) -> Objective:
    """A grade is part of what is shown of an objective: whoever has another version open learns of it."""
    held.version += 1
    held.save(update_fields=["version"])
    return held


@transaction.atomic
def close_objectives(objectives: Iterable[Objective], *, by: Membership) -> list[Objective]:
    """Close running objectives with their computed scores and what was proposed for them, all of them or none.

    What is closed already, or not the person's to close, is left out. Raises what `close_objective` raises.
    """
    wanted = sorted(row.pk for row in objectives)[:MOST_AT_ONCE]
    running = Objective.objects.led_by(by).filter(pk__in=wanted, state=ObjectiveState.ACTIVE).order_by("pk")
    closed = []
    for row in running.select_for_update(no_key=True, of=("self",)):
        closed.append(change_state(row, to=ObjectiveState.CLOSED, by=by))
    return closed


@transaction.atomic
def undo_closing(closed: Mapping[int, int], *, by: Membership) -> list[Objective]:
    """Take back that objectives were closed, as far as nobody has changed them since: versions by number.

    A grade that was only the computed score goes; what people said stays as their proposal. Again is harmless. Raises
    what `change_state` raises.
    """
    rows = Objective.objects.led_by(by).filter(pk__in=closed, state=ObjectiveState.CLOSED).order_by("pk")
    back = []
    for row in rows:
        if row.version != closed[row.pk]:
            continue
        back.append(change_state(row, to=ObjectiveState.ACTIVE, by=by, expected_version=closed[row.pk]))
    return back
