"""A unit of the catalogue, as administrators write it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funnel.fields import AmountField
from people.forms import ExpectsVersion
from people.models import Better, Unit


class UnitForm(forms.ModelForm, ExpectsVersion):
    """Name, direction and scale. The scale is in the unit itself, and either end may be left open."""

    minimum = AmountField(label=gettext_lazy("Scale from"), required=False, spoken=True)
    maximum = AmountField(
        label=gettext_lazy("Scale to"),
        required=False,
        help_text=gettext_lazy("Only where the unit has ends, like NPS from −100 to 100."),
    )

    class Meta:
        model = Unit
        fields = ("name", "better", "minimum", "maximum")
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "off"}), "better": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["better"].choices = Better.choices
        self.opened_on(None if self.instance._state.adding else self.instance.version)
        if self.instance._state.adding:
            self.initial["better"] = Better.EITHER

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        lowest, highest = cleaned.get("minimum"), cleaned.get("maximum")
        if lowest is not None and highest is not None and lowest >= highest:
            self.add_error("maximum", ValidationError(_("The scale ends before it begins.")))
        return cleaned
