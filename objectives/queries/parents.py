"""What an objective could help: searched, or suggested from above."""

from __future__ import annotations

from django.db import connection
from django.db.models import Case, Exists, IntegerField, OuterRef, Prefetch, Q, Value, When

from objectives.models import CycleState, KeyResult, Level, Objective, ObjectiveState
from people.models import Membership

MOST_FOUND, MOST_SUGGESTED = 20, 8
BUILDING_ON = """
WITH RECURSIVE below(id) AS (
    SELECT %s::bigint
    UNION
    SELECT a.child_id
    FROM below
    LEFT JOIN objectives_keyresult kr ON kr.objective_id = below.id
    JOIN objectives_alignment a ON a.parent_objective_id = below.id OR a.parent_key_result_id = kr.id
) SELECT id FROM below
"""


def building_on(objective: Objective) -> set[int]:
    """The ids of the objective and of all that helps it over however many steps: aligned to one of them it would loop.

    What was dropped is among them, as its connections come back with it.
    """
    with connection.cursor() as cursor:
        cursor.execute(BUILDING_ON, [objective.pk])
        return {pk for (pk,) in cursor.fetchall()}


def possible_parents(child: Objective, membership: Membership, words: str) -> list[Objective]:
    """Objectives with their key results that fit the words; without words those of the company and the team above.

    The child's own cycle comes first. What is closed is left out, and whatever would close a loop.
    """
    rows = Objective.objects.visible_to(membership).exclude(pk__in=building_on(child))
    rows = rows.exclude(state=ObjectiveState.CLOSED).exclude(cycle__state=CycleState.CLOSED)
    if words:
        for word in words.split():
            key_results = KeyResult.objects.filter(objective=OuterRef("pk"), dropped_at=None, title__icontains=word)
            rows = rows.filter(Q(title__icontains=word) | Q(team__name__icontains=word) | Q(Exists(key_results)))
    else:
        above = child.team_id if child.level == Level.INDIVIDUAL else child.team.parent_id
        rows = rows.filter(Q(level=Level.COMPANY) | Q(team=above)).exclude(level=Level.INDIVIDUAL)
    nearness = Case(When(cycle=child.cycle_id, then=Value(0)), default=Value(1), output_field=IntegerField())
    height = Case(When(level=Level.COMPANY, then=Value(0)), default=Value(1), output_field=IntegerField())
    shown_key_results = Prefetch("key_results", KeyResult.objects.filter(dropped_at=None), "shown_key_results")
    return list(
        rows.annotate(nearness=nearness, height=height)
        .select_related("team", "cycle")
        .prefetch_related(shown_key_results)
        .order_by("nearness", "height", "team__position", "position", "pk")[: MOST_FOUND if words else MOST_SUGGESTED]
    )
