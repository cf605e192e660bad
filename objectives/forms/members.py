"""Who goes on with what, when somebody leaves or is away."""

from __future__ import annotations

import copy
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from objectives.services.members import (
    ACTIONS,
    EXPERIMENTS,
    KEY_RESULTS,
    KGIS,
    KPIS,
    OBJECTIVES,
    OBSTACLES,
    Successors,
    carried_objectives,
    carries,
)
from people.forms import PersonField
from people.forms.versions import ExpectsVersion
from people.models import Membership

MOST_SINGLE = 30
KINDS = {
    OBJECTIVES: gettext_lazy("Objectives"),
    KEY_RESULTS: gettext_lazy("Key results"),
    KGIS: gettext_lazy("KGIs"),
    KPIS: gettext_lazy("KPIs"),
    ACTIONS: gettext_lazy("Actions"),
    OBSTACLES: gettext_lazy("Obstacles"),
    EXPERIMENTS: gettext_lazy("Experiments"),
}


class HandOverForm(ExpectsVersion):
    """One successor for everything, others for a kind or for single objectives where that is better."""

    def __init__(self, *args: Any, member: Membership, suggestions: str = "", **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.opened_on(member.version)
        self.counts = carries(member)
        self.objectives = list(
            carried_objectives(member).filter(dropped_at=None).select_related("team", "cycle")[:MOST_SINGLE]
        )
        people = Membership.objects.colleagues().filter(organization=member.organization_id).exclude(pk=member.pk)
        anybody = PersonField(people, required=False, suggestions=suggestions, label=_("Successor"))
        if self.has_any:
            self.fields["successor"] = anybody
        for kind, label in KINDS.items():
            if self.counts[kind] and self.has_several_kinds:
                self.fields[f"kind_{kind}"] = labelled(anybody, str(label))
        if len(self.objectives) > 1:
            for objective in self.objectives:
                self.fields[f"objective_{objective.pk}"] = labelled(anybody, objective.title)

    @property
    def has_any(self) -> bool:
        return any(self.counts.values())

    @property
    def has_several_kinds(self) -> bool:
        return sum(1 for number in self.counts.values() if number) > 1

    @property
    def kinds(self) -> list[tuple[str, int]]:
        """What is to be handed over: kind and how much of it."""
        return [(str(label), self.counts[kind]) for kind, label in KINDS.items() if self.counts[kind]]

    @property
    def kind_fields(self) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith("kind_")]

    @property
    def objective_fields(self) -> list[tuple[Any, Any]]:
        fields = ((objective, f"objective_{objective.pk}") for objective in self.objectives)
        return [(objective, self[name]) for objective, name in fields if name in self.fields]

    @property
    def successors(self) -> Successors:
        typed = self.cleaned_data
        of_kind = {kind: typed.get(f"kind_{kind}") for kind in KINDS}
        of_objective = {row.pk: typed.get(f"objective_{row.pk}") for row in self.objectives}
        return Successors(
            of_all=typed.get("successor"),
            of_kind={kind: person for kind, person in of_kind.items() if person is not None},
            of_objective={pk: person for pk, person in of_objective.items() if person is not None},
        )


def labelled(field: PersonField, label: str) -> PersonField:
    """The same list of people under another name, without asking for it again."""
    other = copy.deepcopy(field)
    other.label = label
    return other
