"""Active objectives and key results that lead to no KGI: neither they nor anything they help has to do with one."""

from __future__ import annotations

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject

from objectives.models import Cycle, KeyResult, Objective, ObjectiveState
from objectives.models.goals import KeyResultQuerySet, ObjectiveQuerySet
from people.models import Membership

# Objectives that serve a KGI, and whatever helps them, one of their key results, or an objective or key result that
# measures a KPI; over however many steps. A key result that measures one does not speak for those beside it.
SERVING = """
    WITH RECURSIVE measuring AS (
        SELECT kr.id, kr.objective_id
        FROM objectives_keyresult kr
        JOIN objectives_objective o ON o.id = kr.objective_id AND o.dropped_at IS NULL
        JOIN funnel_kpi kpi ON kpi.id = kr.kpi_id AND kpi.dropped_at IS NULL
        JOIN funnel_kgi kgi ON kgi.id = kpi.kgi_id AND kgi.dropped_at IS NULL
        WHERE o.organization_id = %s AND kr.dropped_at IS NULL
    ), serving(id) AS (
        SELECT o.id FROM objectives_objective o
        JOIN funnel_kgi kgi ON kgi.id = o.kgi_id AND kgi.dropped_at IS NULL
        WHERE o.organization_id = %s AND o.dropped_at IS NULL
        UNION
        SELECT o.id FROM measuring
        JOIN objectives_alignment a ON a.parent_key_result_id = measuring.id
        JOIN objectives_objective o ON o.id = a.child_id AND o.dropped_at IS NULL
        UNION
        SELECT o.id FROM measuring
        JOIN objectives_alignment a ON a.parent_objective_id = measuring.objective_id
        JOIN objectives_objective o ON o.id = a.child_id AND o.dropped_at IS NULL
        UNION
        SELECT o.id
        FROM serving
        CROSS JOIN LATERAL (
            SELECT child_id FROM objectives_alignment WHERE parent_objective_id = serving.id
            UNION ALL
            SELECT child_id FROM objectives_alignment WHERE parent_key_result_id = ANY(ARRAY(
                SELECT id FROM objectives_keyresult WHERE objective_id = serving.id AND dropped_at IS NULL))
        ) AS help
        JOIN objectives_objective o ON o.id = help.child_id AND o.dropped_at IS NULL
    ) SELECT id FROM serving
"""
MEASURING = Q(kpi__isnull=False, kpi__dropped_at=None, kpi__kgi__dropped_at=None)


def serving_kgis(membership: Membership) -> RawSQL:
    """The ids of the objectives that lead to a KGI with all their key results."""
    organization = membership.organization_id
    return RawSQL(SERVING, [organization, organization])  # noqa: S611 (a constant statement, two parameters)


def key_results_of_objective() -> KeyResultQuerySet:
    return KeyResult.objects.filter(objective=OuterRef("pk"), dropped_at=None)


def without_kgi(membership: Membership, objectives: ObjectiveQuerySet) -> ObjectiveQuerySet:
    """Those of the objectives that lead to no KGI, not even by what one of their key results measures."""
    measured = Exists(key_results_of_objective().filter(MEASURING))
    return objectives.exclude(pk__in=serving_kgis(membership)).exclude(measured)


def orphans_of(membership: Membership, cycle: Cycle) -> ObjectiveQuerySet:
    """The cycle's active objectives with something in them that leads to no KGI, by one statement.

    `loose` are their key results that measure no KPI, as id, title and owner's name; `is_tied` says that another one
    does, so that the objective itself leads to a KGI. Those that do not come first.
    """
    loose = key_results_of_objective().exclude(MEASURING)
    return (
        Objective.objects.visible_to(membership)
        .in_cycle(cycle)
        .filter(state=ObjectiveState.ACTIVE)
        .exclude(pk__in=serving_kgis(membership))
        .annotate(
            is_tied=Exists(key_results_of_objective().filter(MEASURING)),
            loose=ArraySubquery(
                loose.order_by("position", "pk").values(
                    told=JSONObject(pk="pk", title="title", owner="owner__user__name")
                )
            ),
        )
        .filter(Q(is_tied=False) | Exists(loose))
        .select_related("team", "owner__user")
        .order_by("is_tied", "team__position", "team", "position", "pk")
    )
