"""A service's refusal, said on a form."""

from __future__ import annotations

from django import forms

from people.refusals import Refusal


def say(form: forms.BaseForm, refused: Refusal) -> None:
    """Beside the field it names, or above the form."""
    named = {name: sentences for name, sentences in refused.fields.items() if name in form.fields}
    for name, sentences in named.items():
        for sentence in sentences:
            form.add_error(name, sentence)
    if not named:
        form.add_error(None, refused.detail)
