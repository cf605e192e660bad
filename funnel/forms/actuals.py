"""Writing down what a KGI is today."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funnel.fields import AmountField
from funnel.forms.kgis import EARLIEST, LARGEST_AMOUNT
from funnel.models import KGI


class ActualForm(forms.Form):
    """A value and its day."""

    value = AmountField(
        label=gettext_lazy("Actual"),
        help_text=gettext_lazy(
            "Count it as last year's value and the targets: for a year's sum, the last twelve months."
        ),
    )
    date = forms.DateField(
        label=gettext_lazy("As of"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, kgi: KGI, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.kgi = kgi
        self.fields["value"].unit = kgi.unit
        self.initial.setdefault("date", kgi.organization.today)

    def clean_value(self) -> Any:
        value = self.cleaned_data["value"]
        if abs(value) > LARGEST_AMOUNT:
            raise ValidationError(_("This number is too large."), code="too_large")
        return value

    def clean_date(self) -> Any:
        day = self.cleaned_data["date"]
        if day > self.kgi.organization.today:
            raise ValidationError(_("This day has not come yet."), code="date_in_future")
        if day < max(self.kgi.period_start or EARLIEST, EARLIEST):
            raise ValidationError(_("This day lies before the KGI's period."), code="before_period")
        return day
