"""A lesson as people write it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy

from funnel.models import KPI
from objectives.access import teams_seen_by
from objectives.forms.goals import VersionedForm
from objectives.forms.key_results import KPIField
from objectives.forms.serving import ServesField
from objectives.models import Cycle, KeyResult, Lesson
from objectives.queries.lessons import learned_from
from objectives.services.rules import kpis_offered
from people.forms import TeamField
from people.models import Membership


class LearnedFromField(ServesField):
    """A key result that something was learned from, also one of a cycle that has ended."""

    def rows(self, also: list[int]) -> list[KeyResult]:
        return learned_from(self.membership, also=also)


class LessonForm(VersionedForm):
    """What we learned and what to do next time, and what it is about, so that it comes back there."""

    kpi = KPIField(KPI.objects.none(), label=gettext_lazy("Lever"), required=False, empty_label=gettext_lazy("None"))

    class Meta:
        model = Lesson
        fields = ("text", "advice", "question", "cause", "measure", "team", "cycle", "kpi")
        widgets = {
            "text": forms.Textarea(attrs={"rows": 2}),
            "advice": forms.Textarea(attrs={"rows": 2}),
        }
        labels = {"measure": gettext_lazy("Or the measure in words")}
        help_texts = {
            "measure": gettext_lazy("Where no key result stands for it. For example: repeat purchases."),
        }
        error_messages = {"text": {"required": gettext_lazy("Say in a sentence what you learned.")}}

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any):
        super().__init__(*args, **kwargs)
        present = self.instance
        self.fields["key_result"] = LearnedFromField(
            membership,
            present=present.key_result,
            label=gettext_lazy("About which key result"),
            required=False,
            initial=present.key_result,
        )
        teams = teams_seen_by(membership).filter(Q(closed_on=None) | Q(pk=present.team_id))
        self.fields["team"] = TeamField(teams, label=gettext_lazy("Team"), empty_label=None)
        cycles = Cycle.objects.visible_to(membership).order_by("-start", "-pk")
        self.fields["cycle"].queryset = cycles
        self.fields["cycle"].empty_label = str(gettext_lazy("None in particular"))
        levers = kpis_offered(membership, present.kpi_id).select_related("kgi")
        self.fields["kpi"].offer(levers.order_by("kgi__period_start", "kgi", "position"))
        self.fields["question"].choices = [choice for choice in self.fields["question"].choices if choice[0]]
        self.order_fields(["text", "advice", "question", "cause", "key_result", "measure", "kpi", "team", "cycle"])

    def _post_clean(self) -> None:
        if "key_result" in self.cleaned_data:
            self.instance.key_result = self.cleaned_data["key_result"]
        super()._post_clean()
