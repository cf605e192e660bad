"""Writing a cycle down."""

from __future__ import annotations

from typing import Any

from django import forms

from objectives.models import Cycle
from objectives.services.cycles import state_of
from people.models import Organization


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
    """Name and days of a cycle, both of which belong to it, and whether the company takes its first steps in it."""

    class Meta:
        model = Cycle
        fields = ("name", "start", "end", "is_first")
        widgets = {
            "start": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "end": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
