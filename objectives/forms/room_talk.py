"""What people type in a partner's room."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from objectives.services.room_talk import LONGEST
from people.forms import ExpectsVersion


def words(label: Any, rows: int) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": gettext_lazy("Write a word or two.")},
    )


class RoomMessageForm(forms.Form):
    """A message or a question. `submission_key` lets it arrive once, however often it is sent."""

    text = words(gettext_lazy("Message"), 3)
    is_question = forms.BooleanField(
        label=gettext_lazy("This is a question: it stays on top until it is settled"), required=False
    )
    submission_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs | {"initial": {"submission_key": uuid.uuid4()}})


class AnswerForm(forms.Form):
    """An answer to a question, or other words of one's own."""

    text = words(gettext_lazy("Your answer"), 2)
    submission_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs | {"initial": {"submission_key": uuid.uuid4()}})


class EditMessageForm(ExpectsVersion, forms.Form):
    """One's own words, said better."""

    text = words(gettext_lazy("Message"), 3)

    def __init__(self, *args: Any, version: int, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["text"].widget.attrs["autofocus"] = True
        self.opened_on(version)
