"""Which file somebody asks for."""

from __future__ import annotations

import uuid

from django import forms

from people.models import ExportKind

REPORTS = (ExportKind.REPORT_PDF, ExportKind.REPORT_WORKBOOK)


class ExportForm(forms.Form):
    what = forms.ChoiceField(choices=[(kind.value, kind.label) for kind in REPORTS])
    submission_key = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)
