"""What a token is for, what it may do, and how long."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

from people import clock

NEVER = "0"


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("What it is for"),
        max_length=100,
        validators=[ProhibitNullCharactersValidator()],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    access = forms.ChoiceField(
        label=_("What it may do"),
        choices=[("read", _("Read only")), ("write", _("Read and write"))],
        initial="read",
        widget=forms.RadioSelect,
    )
    days = forms.ChoiceField(
        label=_("Good for"),
        choices=[("30", _("30 days")), ("90", _("90 days")), ("365", _("A year")), (NEVER, _("Until it is ended"))],
        initial="90",
        widget=forms.RadioSelect,
    )
    submission_key = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)

    def wanted(self) -> dict[str, Any]:
        """What the service takes."""
        typed = self.cleaned_data
        return {
            "name": typed["name"],
            "is_read_only": typed["access"] == "read",
            "expires_at": self.end(),
            "submission_key": typed["submission_key"],
        }

    def end(self) -> datetime | None:
        days = self.cleaned_data["days"]
        return None if days == NEVER else clock.now() + timedelta(days=int(days))
