"""A health KPI as people write it, one of its readings, and what is done about it."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from funnel.fields import AmountField
from funnel.models import KPI
from objectives.access import teams_decided_by
from objectives.forms.goals import VersionedForm
from objectives.forms.key_results import KPIField
from objectives.models import HealthKPI, HealthKPIReading, Period
from objectives.services.health_readings import MOST_WORDS
from objectives.services.rules import kpis_offered
from people.forms import ExpectsVersion, PersonField, TeamField
from people.models import Membership
from people.queries import possible_owners

DAYS_FOR_AN_ACTION = 7


class HealthKPIForm(VersionedForm):
    """What is watched, by which marks, over which periods, and who looks after it."""

    lower = AmountField(label=gettext_lazy("At least"), required=False, spoken=True)
    upper = AmountField(label=gettext_lazy("At most"), required=False, spoken=True)
    kpi = KPIField(
        KPI.objects.none(),
        label=gettext_lazy("Lever it feeds"),
        required=False,
        empty_label=gettext_lazy("None"),
        help_text=gettext_lazy("What is entered here then counts as the lever's actual, too."),
    )

    class Meta:
        model = HealthKPI
        fields = ("name", "unit", "lower", "upper", "period", "team", "owner", "definition", "kpi")
        widgets = {
            "unit": forms.TextInput(attrs={"list": "units", "autocomplete": "off"}),
            "period": forms.RadioSelect,
        }
        labels = {"definition": gettext_lazy("How it is counted")}
        help_texts = {
            "definition": gettext_lazy("From which source, and what counts: so that everybody counts alike."),
        }

    def __init__(self, *args: Any, membership: Membership, suggestions: str = "", **kwargs: Any):
        super().__init__(*args, **kwargs)
        teams = teams_decided_by(membership).open()
        self.fields["team"] = TeamField(teams, label=gettext_lazy("Team"), empty_label=None)
        owners = possible_owners(membership, self.instance.owner_id)
        self.fields["owner"] = PersonField(owners, label=gettext_lazy("Owner"), required=False, suggestions=suggestions)
        self.fields["period"].choices = Period.choices
        levers = kpis_offered(membership, self.instance.kpi_id).select_related("kgi")
        self.fields["kpi"].offer(levers.order_by("kgi__period_start", "kgi", "position"))
        unit = self.data.get(self.add_prefix("unit"), "") if self.is_bound else self.instance.unit
        for name in ("lower", "upper"):
            self.fields[name].unit = str(unit).strip()[:20]
        self.order_fields(["name", "unit", "lower", "upper", "period", "team", "owner", "definition", "kpi"])

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


class HealthReadingForm(ExpectsVersion, forms.Form):
    """One week or month of a KPI: the number, and what was the matter."""

    period_start = forms.DateField(
        label=gettext_lazy("A day in the week"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    cause = forms.CharField(label=gettext_lazy("Cause"), max_length=MOST_WORDS, required=False)
    countermeasure = forms.CharField(label=gettext_lazy("Counter-measure"), max_length=MOST_WORDS, required=False)

    def __init__(
        self, data: Any = None, *, kpi: HealthKPI, reading: HealthKPIReading | None, first: date, **kwargs: Any
    ):
        super().__init__(data, **kwargs)
        self.fields["value"] = AmountField(label=gettext_lazy("Value"), unit=kpi.unit, required=False)
        if kpi.period == Period.MONTH:
            self.fields["period_start"].label = gettext_lazy("A day in the month")
        self.opened_on(reading.version if reading else 0)
        self.fields["period_start"].initial = first
        if reading is not None:
            for name in ("value", "cause", "countermeasure"):
                self.fields[name].initial = getattr(reading, name)
        self.order_fields(["period_start", "value", "cause", "countermeasure"])


class HealthActionForm(forms.Form):
    """A counter-measure that somebody takes on."""

    title = forms.CharField(label=gettext_lazy("What is to be done"), max_length=200)
    due_on = forms.DateField(
        label=gettext_lazy("To be done by"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    submission_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, data: Any = None, *, membership: Membership, kpi: HealthKPI, title: str = "", **kwargs: Any):
        super().__init__(data, **kwargs)
        owner = kpi.owner if kpi.owner is not None and kpi.owner.left_on is None else membership
        people = possible_owners(membership, owner.pk)
        self.fields["owner"] = PersonField(people, label=gettext_lazy("Owner"), initial=owner)
        self.fields["title"].initial = title[:200]
        self.fields["due_on"].initial = membership.organization.today + timedelta(days=DAYS_FOR_AN_ACTION)
        self.order_fields(["title", "owner", "due_on"])
