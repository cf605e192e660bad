"""Writing down what a KGI is today."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funnel.fields import AmountField
from funnel.forms.kgis import LARGEST_AMOUNT
from funnel.models import KGI
from funnel.services import refuse_day
from people.refusals import Refusal


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
        try:
            refuse_day(self.kgi, day)
        except Refusal as refusal:
            raise ValidationError(refusal.detail, code=refusal.code) from refusal
        return day
