"""The organization's name, calendar and stretch band."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funnel.fields import AmountField
from objectives.forms.cycles import SeenForm
from people.models import Organization, Weekday
from people.services.units import CURRENCIES


def months() -> list[tuple[int, str]]:
    """The months as one chooses the first of the fiscal year."""
    names = [
        _("January"),
        _("February"),
        _("March"),
        _("April"),
        _("May"),
        _("June"),
        _("July"),
        _("August"),
        _("September"),
        _("October"),
        _("November"),
        _("December"),
    ]
    return list(enumerate(names, 1))


def currencies(present: str) -> list[tuple[str, str]]:
    """The currencies to choose from, and the present one whatever it is."""
    offered = {code: f"{name} ({code})" for code, (_sign, name) in CURRENCIES.items()}
    return list(({} if present in offered else {present: present}).items()) + list(offered.items())


class OrganizationForm(SeenForm):
    """What administrators decide for everybody. Band and calendar change how every open goal is read."""

    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"), help_text=gettext_lazy("What a new KGI is counted in at first.")
    )
    fiscal_year_start = forms.TypedChoiceField(
        label=gettext_lazy("First month of the fiscal year"),
        coerce=int,
        help_text=gettext_lazy(
            "Cycles that exist keep their days and names; the next ones to be suggested follow the new calendar."
        ),
    )
    check_in_weekday = forms.TypedChoiceField(
        label=gettext_lazy("Check-ins are due on"),
        choices=Weekday.choices,
        coerce=int,
        help_text=gettext_lazy("Teams may decide otherwise under “Rhythm”. From the day after, check-ins are overdue."),
    )
    band_lower = AmountField(label=gettext_lazy("Stretch band from"))
    band_upper = AmountField(
        label=gettext_lazy("Stretch band to"),
        help_text=gettext_lazy("Where an aspirational goal lands well. Usually 0.6 to 0.7."),
    )

    class Meta:
        model = Organization
        fields = (
            "name",
            "time_zone",
            "currency",
            "fiscal_year_start",
            "check_in_weekday",
            "holidays",
            "band_lower",
            "band_upper",
        )
        widgets = {"time_zone": forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"})}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["fiscal_year_start"].choices = months()
        self.fields["time_zone"].help_text = _("It decides when a day, a week and a cycle begin.")
        self.fields["holidays"].help_text = _("Nothing is due on them: the day before counts instead.")
        self.fields["currency"].choices = currencies(self.instance.currency)

    def clean_band_lower(self) -> float:
        return self.limit("band_lower")

    def clean_band_upper(self) -> float:
        return self.limit("band_upper")

    def limit(self, name: str) -> float:
        value = self.cleaned_data[name]
        if not 0 < value < 1:
            raise ValidationError(_("A limit of the band lies between 0 and 1, like 0.6."), code="limit")
        return float(value)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        lower, upper = cleaned.get("band_lower"), cleaned.get("band_upper")
        if lower is not None and upper is not None and lower >= upper:
            self.add_error("band_upper", ValidationError(_("The band's upper limit lies above its lower one.")))
        return cleaned
