"""Who helps whom."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from objectives import rollup, tasks
from objectives.models import Alignment, KeyResult, Link, Objective
from objectives.services.planning import refuse_closed, refuse_dropped
from people.models import Membership
from people.refusals import Refusal

MOST_WEIGHT = 1000

REACHES = """
WITH RECURSIVE up(id) AS (
    SELECT %s::bigint
    UNION
    SELECT COALESCE(a.parent_objective_id, kr.objective_id)
    FROM up
    JOIN objectives_alignment a ON a.child_id = up.id
    LEFT JOIN objectives_keyresult kr ON kr.id = a.parent_key_result_id
) SELECT EXISTS (SELECT 1 FROM up WHERE id = %s)
"""


@transaction.atomic
def align(
    child: Objective,
    *,
    to: Objective | KeyResult,
    link: str = Link.CONTRIBUTES,
    weight: float | None = None,
    by: Membership | None = None,
) -> Alignment:
    """Align an objective to an objective or key result; aligning again changes link and weight.

    With `by` the weight is that person's to give or not (`weight_by`). Raises `Refusal`: `cycle_closed`,
    `objective_closed`, `dropped`, `weight`, `other_organization`, `loop` when the parent already leads, directly or
    not, to the child. Two that would close a loop together wait for each other, so that only one succeeds.
    """
    parent = to if isinstance(to, Objective) else to.objective
    refuse_closed(child, parent)
    refuse_dropped(child, parent, to)
    if by is not None:
        weight = weight_by(by, child, to=to, link=link, weight=weight)
    if weight is not None and not 0 <= weight <= MOST_WEIGHT:
        raise Refusal.of_field("weight", "weight", _("A weight lies between 0 and 1,000."))
    if parent.organization_id != child.organization_id:
        raise Refusal("other_organization", _("Both objectives must belong to the same organization."))
    rollup.lock_roll_up(child.organization_id)
    with connection.cursor() as cursor:
        cursor.execute(REACHES, [parent.pk, child.pk])
        if cursor.fetchone()[0]:
            raise Refusal.of_field(
                "parent",
                "loop",
                _("“%(parent)s” already builds on this objective; aligning both ways would be a loop.")
                % {"parent": parent.title},
            )
    alignment, _created = Alignment.objects.update_or_create(
        child=child,
        **same_parent(to),
        defaults={"link": link, "weight": None if weight is None else round(weight, 6)},
    )
    rescore_parent(parent)
    tasks.compare(child.organization_id, child.pk)
    return alignment


def weighable_by(by: Membership, parents: Iterable[Objective]) -> set[int]:
    """The ids of those parents whose contributions the person may weigh: a weight moves the parent's score."""
    rows = Objective.objects.filter(pk__in=[parent.pk for parent in parents])
    return set(rows.editable_by(by).values_list("pk", flat=True))


def weight_by(
    by: Membership, child: Objective, *, to: Objective | KeyResult, link: str, weight: float | None
) -> float | None:
    """The weight a connection is to have: the one given, by whoever may edit the parent, else the one it has.

    Raises `Refusal` `weight_not_yours`.
    """
    parent = to if isinstance(to, Objective) else to.objective
    if link != Link.CONTRIBUTES:
        return None
    if weighable_by(by, [parent]):
        return weight
    if weight is not None:
        raise Refusal(
            "weight_not_yours", _("The weight is up to those who write “%(parent)s”.") % {"parent": parent.title}
        )
    present = child.parents.filter(**same_parent(to)).first()
    return present.weight if present else None


def same_parent(to: Objective | KeyResult) -> dict[str, Any]:
    """What finds the connection to this parent."""
    return {
        "parent_objective": to if isinstance(to, Objective) else None,
        "parent_key_result": to if isinstance(to, KeyResult) else None,
    }


@transaction.atomic
def unalign(alignment: Alignment) -> None:
    """Take a connection away; taking it away twice is harmless.

    Raises `Refusal`: `cycle_closed`, `objective_closed`.
    """
    parent = alignment.parent
    refuse_closed(alignment.child, parent)
    rollup.lock_roll_up(parent.organization_id)
    Alignment.objects.filter(pk=alignment.pk).delete()
    rescore_parent(parent)
    tasks.compare(parent.organization_id, alignment.child_id)


def rescore_parent(parent: Objective) -> None:
    rollup.rescore(parent.organization, [], parent.pk, parent.organization.today)
    tasks.wake()
