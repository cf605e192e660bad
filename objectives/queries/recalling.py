"""Lessons that come back beside a draft. What a company has learned is read once and kept until a lesson changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Sum

from objectives.formulas.recalling import Memory, Told
from objectives.models import Lesson, Objective
from objectives.queries.lessons import with_names
from people.models import Membership

MOST_KEPT = 8
MOST_OF_CARRIED = 4
SHOWN = ("text", "advice", "measure", "team__name", "cycle__name", "key_result__title")
# By organization: what tells that its lessons are still the same, and the lessons.
kept: OrderedDict[int, tuple[Any, Memory]] = OrderedDict()


@dataclass(frozen=True)
class Asked:
    """A key result that is being written: its title, the lever it measures, and the team it is for."""

    title: str
    lever: int | None = None
    team: int | None = None


def recalled(membership: Membership, asked: Mapping[str, Asked]) -> dict[str, list[Lesson]]:
    """For each key result by its name the few lessons that answer it; each lesson once, beside the first it fits."""
    if membership.is_partner or not asked:
        return {}
    memory = memory_of(membership.organization_id)
    if memory is None:
        return {}
    seen: set[int] = set()
    found: dict[str, list[int]] = {}
    for name, one in asked.items():
        told = [row.id for row in memory.recall(one.title, team=one.team, lever=one.lever)]
        found[name] = [pk for pk in told if pk not in seen]
        seen.update(told)
    if not seen:
        return {}
    shown = Lesson.objects.visible_to(membership).filter(pk__in=seen).select_related("team", "cycle", "key_result")
    rows = {row.pk: row for row in shown.only(*SHOWN)}
    return {name: [rows[pk] for pk in ids if pk in rows] for name, ids in found.items()}


def memory_of(organization_id: int) -> Memory | None:
    """All standing lessons of an organization, ready to be asked; None where it has none.

    A key result that was given another title meanwhile is known by its old one until a lesson changes.
    """
    rows = Lesson.objects.filter(organization=organization_id, retired_at=None).order_by()
    state = tuple(rows.aggregate(count=Count("pk"), last=Max("pk"), versions=Sum("version")).values())
    if not state[0]:
        return None
    known = kept.get(organization_id)
    if known is None or known[0] != state:
        told = rows.values_list("pk", "key_result__title", "measure", "team", "kpi")
        known = kept[organization_id] = (
            state,
            Memory(Told(pk, title or measure, team, lever, order=pk) for pk, title, measure, team, lever in told),
        )
        while len(kept) > MOST_KEPT:
            kept.popitem(last=False)
    return known[1]


def learned_before(membership: Membership, objective: Objective) -> Sequence[Lesson]:
    """The lessons of the objective that this one was carried over from, the newest few."""
    if membership.is_partner or objective.carried_from_id is None:
        return []
    rows = with_names(Lesson.objects.visible_to(membership)).filter(objective=objective.carried_from_id)
    return list(rows[:MOST_OF_CARRIED])
