"""Whom a share link is for, how long it opens, and in which language."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

from people.services.share_links import MOST_DAYS

A_FORTNIGHT = 14


class ShareLinkForm(forms.Form):
    name = forms.CharField(
        label=_("Whom it is for"),
        max_length=100,
        validators=[ProhibitNullCharactersValidator()],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("For example: the board, or our bank."),
    )
    days = forms.IntegerField(
        label=_("Good for how many days"),
        min_value=1,
        max_value=MOST_DAYS,
        initial=A_FORTNIGHT,
        help_text=_("At most 90. It can be ended at any time."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    submission_key = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, language: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["language"].initial = language
