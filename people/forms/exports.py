"""Which file somebody asks for."""

from __future__ import annotations

import uuid

from django import forms

from people.models import ExportKind


class ExportForm(forms.Form):
    what = forms.ChoiceField(choices=ExportKind.choices)
    submission_key = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)
