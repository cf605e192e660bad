"""Typing from where to where levers may be expected to go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from funnel.forms.scenarios import Labels, LeverField, resolve_multiples
from funnel.models import KPI
from funnel.services.ranges import COLUMNS, Range, wrong_with
from people.access import read_id


class RangesForm(forms.Form):
    """Three fields for every lever; `start` holds what stands in them, by the levers' ids."""

    def __init__(
        self,
        *args: Any,
        levers: Sequence[KPI],
        names: Labels,
        units: Labels,
        start: Mapping[int, Range],
        **kwargs: Any,
    ):
        super().__init__(*args, **kwargs)
        self.levers = list(levers)
        words = {"low": _("Low: %(name)s"), "likely": _("Likely: %(name)s"), "high": _("High: %(name)s")}
        for lever in self.levers:
            for column in COLUMNS:
                label = words[column] % {"name": names[lever.pk]}
                field = LeverField(
                    label=label, required=False, rate=lever.is_rate, unit="" if lever.is_rate else units[lever.pk]
                )
                field.widget.attrs |= {"aria-label": label, "aria-describedby": f"wrong-{lever.pk}"}
                self.fields[f"{column}_{lever.pk}"] = field
                self.initial[f"{column}_{lever.pk}"] = getattr(start.get(lever.pk, Range()), column)
            self.fields[f"version_{lever.pk}"] = forms.CharField(required=False, widget=forms.HiddenInput)
            self.initial[f"version_{lever.pk}"] = lever.version

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        resolve_multiples(self, {f"{column}_{lever.pk}": lever for lever in self.levers for column in COLUMNS})
        for lever in self.levers:
            if not self.errors_of(lever) and (found := wrong_with(self.range_of(lever))):
                self.add_error(f"{found[0]}_{lever.pk}", found[2])
        return cleaned

    def ranges(self) -> dict[int, Range]:
        """What is typed and can be read, by the levers' ids."""
        return {lever.pk: self.range_of(lever) for lever in self.levers}

    def range_of(self, lever: KPI) -> Range:
        return Range(*(self.cleaned_data.get(f"{column}_{lever.pk}") for column in COLUMNS))

    @property
    def expected_versions(self) -> dict[int, int]:
        """The versions the form was opened on; one that names none is out of date."""
        read = {lever.pk: read_id(self.cleaned_data.get(f"version_{lever.pk}")) for lever in self.levers}
        return {pk: -1 if version is None else version for pk, version in read.items()}

    def expect(self, levers: Sequence[KPI]) -> None:
        """Let the next sending count on these versions; what was typed stays."""
        self.data = self.data.copy()
        for lever in levers:
            self.data[f"version_{lever.pk}"] = str(lever.version)

    def errors_of(self, lever: KPI) -> list[str]:
        """What is wrong with a lever's three numbers."""
        return [str(error) for column in COLUMNS for error in self.errors.get(f"{column}_{lever.pk}", ())]
