"""What becomes of what was left undone: carried over into the next cycle at once, where that is possible."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from objectives.models import Cycle, CycleState, Grade, Objective, Outcome
from objectives.queries.closing import following_of
from objectives.queries.next_cycle import is_long, next_to_open
from objectives.services.carrying import carry_over, open_next_cycle
from people.models import Membership
from people.refusals import Refusal


def carry_on(objectives: Sequence[Objective], *, by: Membership) -> list[Objective]:
    """Make drafts in the next cycle of those of a cycle's objectives that are to go on there; what stands there then.

    The next cycle is opened where nobody has and the person may. Where that cannot be, or somebody leaves or a team
    closes at this moment, what was decided stays, and is offered ticked when the next cycle's goals are chosen. Each
    draft is the same again for the same objective.
    """
    ids = [row.pk for row in objectives if row.is_closed]
    decided = set(Grade.objects.filter(objective__in=ids, outcome=Outcome.CARRIED).values_list("pk", flat=True))
    going = [row for row in objectives if row.pk in decided]
    if not going:
        return []
    following = next_of(going[0].cycle, by)
    if following is None or following.state == CycleState.CLOSED:
        return []
    made: list[Objective] = []
    for row in going:
        key = uuid.uuid5(row.submission_key, f"carried-into-{following.pk}")
        try:
            made += carry_over(following, chosen=[row.pk], by=by, submission_key=key)
        except Refusal:
            continue
    return made


def next_of(cycle: Cycle, by: Membership) -> Cycle | None:
    """The cycle after this one, opened if the calendar has it next and the person opens cycles."""
    following = following_of(cycle)
    if following is not None:
        return following
    suggested = next_to_open(by)
    if suggested is None or suggested.start <= cycle.start:
        return None
    if is_long(Cycle(start=suggested.start, end=suggested.end)) != is_long(cycle):
        return None
    try:
        return open_next_cycle(by=by)
    except Refusal:
        return following_of(cycle)
