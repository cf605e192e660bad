"""Choosing what is carried into the next cycle."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class CarryForm(forms.Form):
    """Which objectives go on. `offered` are the ids that may be chosen; one carried meanwhile is no mistake."""

    chosen = forms.TypedMultipleChoiceField(
        coerce=int,
        error_messages={
            "required": _("Choose at least one objective."),
            "invalid_choice": _("One of these objectives is not in the list any more. Look at the list again."),
        },
    )
    submission_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, offered: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chosen"].choices = [(pk, pk) for pk in offered]  # type: ignore[attr-defined]

    @property
    def ticked(self) -> set[str]:
        """The numbers that were sent, right or wrong: what was ticked stays ticked."""
        return set(self.data.getlist("chosen")) if self.is_bound else set()  # type: ignore[attr-defined]


class SentForm(forms.Form):
    """Which sending is to be taken back."""

    sent = forms.UUIDField()
