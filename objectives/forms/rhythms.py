"""What a team decides about its rhythm, and days off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from objectives.sentences.rhythm import time_words
from people.forms.versions import ExpectsVersion
from people.models import Cadence, DayOff, EveryWeeks, KPIRound, Organization, Review, Team, Weekday
from people.queries import Decision
from people.queries.rhythms import DECIDED

CHOICES: Mapping[str, Any] = {
    "check_in_weeks": EveryWeeks,
    "check_in_weekday": Weekday,
    "kpi_round": KPIRound,
    "review": Review,
    "meeting_weekday": Weekday,
}
UNDECIDED = {"check_in_weeks": EveryWeeks.WEEKLY, "kpi_round": KPIRound.WEEK, "review": Review.MONTHLY}


class CadenceForm(ExpectsVersion, forms.ModelForm):
    """Each thing is decided here or left as in the team above, which the empty choice says."""

    class Meta:
        model = Cadence
        fields = tuple(DECIDED.values())
        widgets = {
            "meeting_time": forms.TimeInput(format="%H:%M", attrs={"type": "time", "step": 300}),
            "meeting_minutes": forms.NumberInput(attrs={"min": 5, "max": 480, "step": 5, "inputmode": "numeric"}),
        }

    def __init__(self, *args: Any, team: Team, above: Mapping[str, Decision], names: Mapping[int, str], **kwargs: Any):
        self.team, self.above, self.names = team, above, names
        super().__init__(*args, **kwargs)
        self.opened_on(self.instance.version if self.instance.pk and not self.instance._state.adding else 0)
        for name, choices in CHOICES.items():
            field = self.fields[name]
            field.choices = [("", self.as_above(name)), *choices.choices]
            field.label = Cadence._meta.get_field(name).verbose_name
        self.fields["meeting_time"].help_text = self.inherited("meeting_time")
        self.fields["meeting_minutes"].help_text = self.inherited("meeting_minutes")
        self.fields["meeting_weekday"].label = _("Regular meeting")

    def decision(self, name: str) -> Decision | None:
        attribute = next(key for key, column in DECIDED.items() if column == name)
        return self.above.get(attribute)

    def as_above(self, name: str) -> str:
        """The empty choice: what holds if nothing is decided here."""
        decision = self.decision(name)
        if decision is not None:
            label = CHOICES[name](decision.value).label
            return _("As in %(team)s (%(value)s)") % {"team": self.names[decision.team], "value": label}
        if name == "check_in_weekday":
            label = Weekday(self.team.organization.check_in_weekday).label
            return _("As in the settings (%(value)s)") % {"value": label}
        if name == "meeting_weekday":
            return _("None")
        return _("As usual (%(value)s)") % {"value": UNDECIDED[name].label}

    def inherited(self, name: str) -> str:
        decision = self.decision(name)
        if decision is None:
            return ""
        value = (
            time_words(decision.value)
            if name == "meeting_time"
            else _("%(minutes)s minutes") % {"minutes": decision.value}
        )
        return _("Left empty: as in %(team)s (%(value)s).") % {"team": self.names[decision.team], "value": value}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        has_day = cleaned.get("meeting_weekday") is not None or self.decision("meeting_weekday") is not None
        asks_day = cleaned.get("meeting_time") is not None or cleaned.get("meeting_minutes") is not None
        if asks_day and not has_day and "meeting_weekday" not in self.errors:
            self.add_error("meeting_weekday", ValidationError(_("On which day does the team meet?"), code="no_weekday"))
        minutes = cleaned.get("meeting_minutes")
        if minutes is not None and not 5 <= minutes <= 480:
            self.add_error("meeting_minutes", _("A meeting lasts between 5 minutes and 8 hours."))
        return cleaned


class DayOffForm(forms.ModelForm):
    """One day, or several in a row."""

    last = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=gettext_lazy("Left empty for a single day."),
    )

    class Meta:
        model = DayOff
        fields = ("name", "first", "last")
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "off"}),
            "first": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        }

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.instance.organization = organization

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "last" in cleaned:
            cleaned["last"] = cleaned["last"] or cleaned.get("first")
        return cleaned

    def validate_constraints(self) -> None:
        """The service does: the same again is no error there."""

    def validate_unique(self) -> None:
        """As above."""
