"""Key results that lead to no KGI: neither they nor anything above their objective has to do with one."""

from __future__ import annotations

from django.db.models import Q

from objectives.models import Alignment, KeyResult, Objective, ObjectiveState
from objectives.models.goals import KeyResultQuerySet
from people.models import Membership, Organization


def orphans_of(membership: Membership) -> KeyResultQuerySet:
    """Those of active objectives which measure no KPI of a plan, and whose objective serves no KGI, neither by itself
    nor through what it helps.
    """
    leading = objectives_leading_to_kgis(membership.organization)
    return (
        KeyResult.objects.visible_to(membership)
        .filter(objective__state=ObjectiveState.ACTIVE)
        .filter(Q(kpi=None) | Q(kpi__dropped_at__isnull=False) | Q(kpi__kgi__dropped_at__isnull=False))
        .exclude(objective__in=leading)
        .select_related("objective__team", "owner__user")
        .order_by("objective__team__position", "objective__team", "objective__position", "objective", "position", "pk")
    )


def objectives_leading_to_kgis(organization: Organization) -> set[int]:
    """The ids of all objectives that serve a KGI, or help, over however many steps, one that does or a key result that
    measures a KPI.
    """
    standing = Objective.objects.filter(organization=organization, dropped_at=None)
    leading = set(standing.filter(kgi__isnull=False, kgi__dropped_at=None).values_list("pk", flat=True))
    helpers: dict[int, list[int]] = {}
    links = Alignment.objects.filter(child__organization=organization, child__dropped_at=None).values_list(
        "child",
        "parent_objective",
        "parent_key_result__objective",
        "parent_key_result__kpi__kgi",
        "parent_key_result__dropped_at",
    )
    for child, parent, of_key_result, measured, dropped in links:
        if measured is not None and dropped is None:
            leading.add(child)
        above = parent or of_key_result
        if above is not None:
            helpers.setdefault(above, []).append(child)
    waiting = list(leading)
    while waiting:
        found = [child for child in helpers.get(waiting.pop(), ()) if child not in leading]
        leading.update(found)
        waiting += found
    return leading
