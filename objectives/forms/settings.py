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


class OrganizationForm(SeenForm):
    """What administrators decide for everybody. Band and calendar change how every open goal is read."""

    fiscal_year_start = forms.TypedChoiceField(label=gettext_lazy("First month of the fiscal year"), coerce=int)
    check_in_weekday = forms.TypedChoiceField(
        label=gettext_lazy("Check-ins are due on"), choices=Weekday.choices, coerce=int
    )
    band_lower = AmountField(label=gettext_lazy("Stretch band from"))
    band_upper = AmountField(label=gettext_lazy("Stretch band to"))

    class Meta:
        model = Organization
        fields = ("name", "time_zone", "fiscal_year_start", "check_in_weekday", "band_lower", "band_upper")
        widgets = {"time_zone": forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"})}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["fiscal_year_start"].choices = months()

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
