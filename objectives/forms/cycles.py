"""Writing a cycle down."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from objectives.models import Cycle
from objectives.services.cycles import state_of
from people.models import Organization

EARLIEST, LATEST = date(1990, 1, 1), date(2199, 12, 31)


class SeenForm(forms.ModelForm):
    """A form that knows which state of the row it was opened on."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            del self.fields["seen"]
        else:
            self.fields["seen"].initial = state_of(self.instance)

    @property
    def expected_state(self) -> str | None:
        return self.cleaned_data.get("seen")

    def meet(self, current: Cycle | Organization) -> None:
        """Someone saved in between: let the next sending count on what is saved now; what was typed stays."""
        self.data = self.data.copy()
        self.data[self.add_prefix("seen")] = state_of(current)


class CycleForm(SeenForm):
    """Name and days of a cycle; both days belong to it."""

    class Meta:
        model = Cycle
        fields = ("name", "start", "end")
        widgets = {
            "start": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "end": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("start", "end"):
            day = cleaned.get(name)
            if day is not None and not EARLIEST <= day <= LATEST:
                self.add_error(name, ValidationError(_("Choose a day between 1990 and 2199.")))
        start, end = cleaned.get("start"), cleaned.get("end")
        if start is not None and end is not None and end < start:
            self.add_error("end", ValidationError(_("The last day lies before the first.")))
        return cleaned
