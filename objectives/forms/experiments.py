"""A small trial as people write it, and what follows from it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funnel.models import KPI
from objectives.access import teams_seen_by
from objectives.forms.actions import DayInput
from objectives.forms.goals import VersionedForm
from objectives.forms.key_results import KPIField
from objectives.forms.serving import ServesField
from objectives.models import Decision, Experiment
from objectives.services.rules import kpis_offered
from people.forms import ExpectsVersion, PersonField, TeamField
from people.models import Membership
from people.queries import possible_owners

WEEKS = 3


class ExperimentForm(VersionedForm):
    """What we try, what we believe, by what we will know, and until when."""

    kpi = KPIField(KPI.objects.none(), label=gettext_lazy("Lever"), required=False, empty_label=gettext_lazy("None"))

    class Meta:
        model = Experiment
        fields = ("title", "hypothesis", "sign", "starts_on", "ends_on", "team", "owner", "kpi")
        widgets = {
            "hypothesis": forms.Textarea(attrs={"rows": 2}),
            "starts_on": DayInput(),
            "ends_on": DayInput(),
        }
        help_texts = {
            "hypothesis": gettext_lazy("If we do this, then that, because … One sentence is enough."),
            "sign": gettext_lazy("A number and a day, agreed before it begins. For example: 3 of 10 order again."),
        }
        error_messages = {"title": {"required": gettext_lazy("Say in a few words what you try.")}}

    def __init__(self, *args: Any, membership: Membership, suggestions: str = "", **kwargs: Any):
        super().__init__(*args, **kwargs)
        present = self.instance
        self.fields["key_result"] = ServesField(
            membership,
            present=present.key_result,
            label=gettext_lazy("Which key result does this serve?"),
            required=False,
            initial=present.key_result,
        )
        teams = teams_seen_by(membership).filter(Q(closed_on=None) | Q(pk=present.team_id))
        self.fields["team"] = TeamField(teams, label=gettext_lazy("Team"), empty_label=None)
        owners = possible_owners(membership, present.owner_id)
        self.fields["owner"] = PersonField(owners, label=gettext_lazy("Owner"), suggestions=suggestions)
        levers = kpis_offered(membership, present.kpi_id).select_related("kgi")
        self.fields["kpi"].offer(levers.order_by("kgi__period_start", "kgi", "position"))
        if present._state.adding:
            today = membership.organization.today
            self.initial.update(starts_on=today, ends_on=today + timedelta(weeks=WEEKS))
        order = ["title", "hypothesis", "sign", "starts_on", "ends_on", "key_result", "kpi", "team", "owner"]
        self.order_fields(order)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        first, last = said.get("starts_on"), said.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", ValidationError(_("The last day lies before the first."), code="order"))
        return said

    def _post_clean(self) -> None:
        if "key_result" in self.cleaned_data:
            self.instance.key_result = self.cleaned_data["key_result"]
        super()._post_clean()


class DecisionForm(ExpectsVersion, forms.Form):
    """What came out and what follows from it."""

    result = forms.CharField(
        label=gettext_lazy("What came out"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Say what came out before deciding what follows.")},
    )
    decision = forms.ChoiceField(
        label=gettext_lazy("What follows"),
        choices=[choice for choice in Decision.choices if choice[0]],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what follows from it.")},
    )

    def __init__(self, data: Any = None, *, experiment: Experiment, **kwargs: Any):
        super().__init__(data, **kwargs)
        self.opened_on(experiment.version)
        self.fields["result"].initial, self.fields["decision"].initial = experiment.result, experiment.decision
