"""Forms that know which state of a row they were opened on."""

from __future__ import annotations

from typing import Any

from django import forms


class ExpectsVersion(forms.Form):
    """Carries the row's version; one that names none is out of date: leaving it out is no way round."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def opened_on(self, version: int | None) -> None:
        """Which version the form shows; None for a row that is new."""
        if version is None:
            del self.fields["version"]
        else:
            self.fields["version"].initial = version

    @property
    def expected_version(self) -> int | None:
        if "version" not in self.fields:
            return None
        version: Any = self.cleaned_data.get("version")
        return -1 if version is None else version

    def expect(self, version: int) -> None:
        """Someone saved in between: let the next sending count on what is saved now; what was typed stays."""
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = version
