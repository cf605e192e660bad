"""What people type at the door."""

from __future__ import annotations

from typing import Any

from allauth.account import forms
from allauth.core import context
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import ngettext

from people import attempts


class ResetPasswordForm(forms.ResetPasswordForm):
    """Asks for a link to choose a new password. The answer is the same whether the account exists or not."""

    def clean(self) -> dict[str, Any]:
        minutes = attempts.wait_for_reset(context.request)
        if minutes:
            sentence = ngettext(
                "Many links were asked for from here, so this is paused. Try again in %(minutes)s minute.",
                "Many links were asked for from here, so this is paused. Try again in %(minutes)s minutes.",
                minutes,
            )
            raise ValidationError(sentence % {"minutes": minutes}, code="too_many_resets")
        return dict(super().clean() or {})

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Send the link. Where many were sent to this address already no other follows, and nobody is told."""
        email = str(self.cleaned_data["email"])
        if attempts.may_send_reset(request, email):
            super().save(request, **kwargs)
        return email
