"""What a service refused, said on the form that asked."""

from __future__ import annotations

from django import forms

from people.refusals import Refusal


def add_refusal(form: forms.BaseForm, refusal: Refusal) -> None:
    """Say a service's refusal beside the field it names, or above the form."""
    named = {name: sentences for name, sentences in refusal.fields.items() if name in form.fields}
    for name, sentences in named.items():
        for sentence in sentences:
            form.add_error(name, sentence)
    if not named:
        form.add_error(None, refusal.detail)
