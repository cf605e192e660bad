"""How lists of goals are narrowed."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Lower
from django_filters import rest_framework as filters

from funnel.models import KGI, KPI
from objectives.models import (
    Alignment,
    Cycle,
    Health,
    Intent,
    KeyResult,
    Kind,
    Level,
    MeasureType,
    Objective,
    ObjectiveState,
)
from objectives.queries.objectives import Normalized
from people.api import RowFilter
from people.models import Membership, Team, below


def with_words(rows: QuerySet, column: str, words: str) -> QuerySet:
    """The rows whose text holds every word, whatever the width and case of its letters."""
    rows = rows.annotate(folded=Lower(Normalized(column), output_field=CharField()))
    for word in unicodedata.normalize("NFKC", words).lower().split():
        rows = rows.filter(folded__contains=word)
    return rows


class GoalFilters(filters.FilterSet):
    """What lists of objectives and key results have in common; `above` leads to the objective."""

    above = ""

    q = filters.CharFilter(method="holding", help_text="Words of the title, of any width and case.")
    dropped = filters.BooleanFilter(
        method="as_they_are", help_text="`true` for what was taken out of the plan; left out otherwise."
    )
    team = RowFilter(Team.objects, method="of_branch", help_text="A team with all teams below it.")

    def holding(self, rows: QuerySet, name: str, words: str) -> QuerySet:
        return with_words(rows, "title", words)

    def as_they_are(self, rows: QuerySet, name: str, dropped: bool) -> QuerySet:
        return rows

    def of_branch(self, rows: QuerySet, name: str, team: Team) -> QuerySet:
        return rows.filter(**{f"{self.above}team__in": below([team.pk])})

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        rows = super().filter_queryset(queryset)
        if self.form.cleaned_data.get("dropped"):
            return rows.exclude(dropped_at=None)
        return rows.filter(dropped_at=None, **({f"{self.above}dropped_at": None} if self.above else {}))


class ObjectiveFilters(GoalFilters):
    cycle = RowFilter(Cycle.objects)
    owner = RowFilter(Membership.objects)
    kgi = RowFilter(KGI.objects)
    state = filters.MultipleChoiceFilter(choices=ObjectiveState.choices)
    level = filters.MultipleChoiceFilter(choices=Level.choices)
    kind = filters.MultipleChoiceFilter(choices=Intent.choices)
    health = filters.MultipleChoiceFilter(field_name="scored__health", choices=Health.choices)
    parent = RowFilter(
        Objective.objects, method="helping", help_text="Those that contribute to or support this objective."
    )

    class Meta:
        model = Objective
        fields: tuple[str, ...] = ()

    def helping(self, rows: QuerySet, name: str, parent: Any) -> QuerySet:
        helping = Alignment.objects.filter(Q(parent_objective=parent) | Q(parent_key_result__objective=parent))
        return rows.filter(pk__in=helping.values("child"))


class KeyResultFilters(GoalFilters):
    above = "objective__"

    cycle = RowFilter(Cycle.objects, field_name="objective__cycle")
    objective = RowFilter(Objective.objects)
    owner = RowFilter(Membership.objects)
    kpi = RowFilter(KPI.objects)
    kgi = RowFilter(KGI.objects, field_name="kpi__kgi")
    state = filters.MultipleChoiceFilter(
        field_name="objective__state", choices=ObjectiveState.choices, help_text="The state of its objective."
    )
    level = filters.MultipleChoiceFilter(
        field_name="objective__level", choices=Level.choices, help_text="The level of its objective."
    )
    kind = filters.MultipleChoiceFilter(choices=Kind.choices)
    measure_type = filters.ChoiceFilter(choices=MeasureType.choices)
    health = filters.MultipleChoiceFilter(field_name="scored__health", choices=Health.choices)

    class Meta:
        model = KeyResult
        fields: tuple[str, ...] = ()
