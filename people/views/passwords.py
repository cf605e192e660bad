"""Asking for a link to choose a new password."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.views import PasswordResetView
from django.http import HttpResponse
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)


class ResetPassword(PasswordResetView):
    """Asks for a link. A mail server that is away is said so, alike for every address."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            answer: HttpResponse = super().form_valid(form)
        except (OSError, SMTPException) as reason:
            logger.error("A link to choose a new password did not go: %s.", type(reason).__name__)
            form.add_error(None, _("The mail could not be sent. Try again in a few minutes."))
            answer = self.form_invalid(form)
            answer.status_code = 503
        return answer
