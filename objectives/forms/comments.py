"""What people type when they talk to each other."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from objectives.models import ReactionKind


class WordsForm(forms.Form):
    """A few words. `submission_key` lets them arrive once, however often they are sent."""

    text = forms.CharField(
        label=gettext_lazy("Comment"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Write a word or two.")},
    )
    submission_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, mentions: str = "", **kwargs: Any):
        begun = {"submission_key": uuid.uuid4()} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs | {"initial": begun})
        if mentions:
            self.fields["text"].widget.attrs |= {"data-mentions": mentions}


class ReactionForm(forms.Form):
    """One of the four words, said or taken back."""

    kind = forms.ChoiceField(choices=ReactionKind.choices)
    on = forms.ChoiceField(choices=[("1", "1"), ("0", "0")])
