"""Writing a cycle down."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from objectives.models import Cycle

EARLIEST, LATEST = date(1990, 1, 1), date(2199, 12, 31)


class CycleForm(forms.ModelForm):
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
