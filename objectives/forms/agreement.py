"""What is said when an objective is sent back."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy


class SendBackForm(forms.Form):
    """What should become different, in the lead's words."""

    comment = forms.CharField(
        label=gettext_lazy("What should become different"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": gettext_lazy("Say what should become different: without it, nobody knows what to do next.")
        },
    )


class BeginForm(forms.Form):
    """What is said when an objective begins."""

    comment = forms.CharField(
        label=gettext_lazy("Comment"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class ReturnForm(forms.Form):
    """Why a key result comes back to an objective that is under way."""

    reason = forms.CharField(
        label=gettext_lazy("Why it comes back"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
