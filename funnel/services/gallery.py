"""Planting a tree of the gallery."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from funnel.gallery import MONEY, Seed, Seedling
from funnel.models import KGI, KPI
from funnel.services.kgis import hold_standing
from funnel.trees import kpis_of
from people.refusals import Refusal


def nodes_of(kgi: KGI, seedling: Seedling, *, with_numbers: bool) -> list[KPI]:
    """The rows a tree of the gallery would make, named in the reader's language, `with_numbers` filled in."""
    return [
        KPI(
            kgi=kgi,
            key=seed.key,
            name=str(seed.name),
            unit=unit_of(seed, kgi),
            is_rate=seed.is_rate,
            formula=seed.formula,
            period=seed.period,
            current=seed.value if with_numbers else None,
            is_goal=seed is seedling.goal,
            position=position,
        )
        for position, seed in enumerate(seedling.seeds)
    ]


def unit_of(seed: Seed, kgi: KGI) -> str:
    return kgi.unit if seed.unit == MONEY else str(seed.unit)


@transaction.atomic
def plant_tree(kgi: KGI, seedling: Seedling, *, with_numbers: bool = False) -> KPI:
    """Build a tree of the gallery as the KGI's, and answer its goal. A goal that stands alone becomes this one and
    keeps its name, its owner and its readings. Planting the same again changes nothing.

    Raises `Refusal`: `tree_stands` where other nodes stand, `dropped` with the KGI.
    """
    kgi = hold_standing(kgi.pk)
    rows = kpis_of(kgi)
    nodes = nodes_of(kgi, seedling, with_numbers=with_numbers)
    goal = next((row for row in rows if row.is_goal), None)
    if goal is not None and {(row.key, row.formula) for row in rows} == {(node.key, node.formula) for node in nodes}:
        return goal
    if any(not row.is_goal for row in rows):
        sentence = _("A tree stands here already. Take its nodes out first, or change them one by one.")
        raise Refusal("tree_stands", sentence)
    if goal is None:
        goal = nodes[0]
        goal.name = kgi.name
        goal.save()
    else:
        goal.key, goal.formula, goal.position = nodes[0].key, nodes[0].formula, 0
        goal.unit, goal.is_rate = nodes[0].unit, nodes[0].is_rate
        goal.version += 1
        goal.save(update_fields=["key", "formula", "position", "unit", "is_rate", "version"])
    KPI.objects.bulk_create(nodes[1:])
    return goal
