"""Telling people what happened to goals of theirs, each once, and noting what they have read."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from objectives.models import Cycle, KeyResult, Notice, Objective
from people import clock
from people.models import Membership


@transaction.atomic
def tell(
    people: Iterable[Membership | int],
    kind: str,
    *,
    occasion: str,
    objective: Objective | None = None,
    key_result: KeyResult | None = None,
    cycle: Cycle | None = None,
    by: Membership | None = None,
    text: str = "",
    place: str = "",
    in_own_room: bool = False,
) -> None:
    """Tell people of one act, named by `occasion`; telling it again tells nobody twice.

    `place` is the address below the organization at which to look, where that is not the objective's page.

    Nobody is told of what they did themselves, nor anybody who has left, nor a partner of what is not shared with them;
    `in_own_room` says that it lies in the room of every partner among them.
    """
    objective = objective or (key_result.objective if key_result is not None else None)
    asked = {person if isinstance(person, int) else person.pk for person in people}
    rows = Membership.objects.active().filter(pk__in=asked - {by.pk if by is not None else 0})
    if objective is not None:
        rows = rows.filter(organization=objective.organization_id)
    Notice.objects.bulk_create(
        [
            Notice(
                membership=person,
                kind=kind,
                objective=objective,
                key_result=key_result,
                cycle=cycle,
                by=by,
                text=text[:1000],
                place=place[:200],
                occasion=occasion[:80],
            )
            for person in rows.select_related("user")
            if may_know(person, objective, in_own_room=in_own_room)
        ],
        ignore_conflicts=True,
    )


def may_know(person: Membership, objective: Objective | None, *, in_own_room: bool = False) -> bool:
    """Whether the person may read the objective, dropped or not; without one, a partner what lies in their own room."""
    if objective is None:
        return in_own_room or not person.is_partner
    return not person.is_partner or Objective.objects.readable_by(person).filter(pk=objective.pk).exists()


def mark_read(membership: Membership, *, notices: Iterable[int] | None = None) -> None:
    """Note that the person has read these of their notices, or all of them; again is harmless."""
    rows = Notice.objects.filter(membership=membership, read_at=None)
    if notices is not None:
        rows = rows.filter(pk__in=list(notices))
    rows.update(read_at=clock.now())


def lay_aside(objective: Objective, *kinds: str) -> None:
    """What nobody is asked any more counts as read."""
    Notice.objects.filter(objective=objective, kind__in=kinds, read_at=None).update(read_at=clock.now())
