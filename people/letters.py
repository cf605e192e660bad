"""The mails that invite people: written in the reader's language, sent once, tried again while they fail."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from people import clock
from people.links import invitation_link
from people.models import Invitation, Role

logger = logging.getLogger(__name__)

FILE_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
# How long to wait after each mail that failed; the last one holds from then on.
PAUSES = [timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6)]
# A task is ended after four minutes; the sweep goes on with what is left.
LONGEST_ROUND = 100.0


def is_mail_sent() -> bool:
    """Whether mail leaves the house; else it lies in files, and people must be given their links otherwise."""
    return settings.EMAIL_BACKEND != FILE_BACKEND


def one_line(text: str) -> str:
    """A text as it may stand in the head of a mail: whatever breaks or steers a line is a blank."""
    return " ".join(
        re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069]", " ", text).split()
    )


def write_invitation(invitation: Invitation) -> EmailMultiAlternatives:
    """The mail with the link, as plain text and as HTML."""
    with translation.override(invitation.language or settings.LANGUAGE_CODE):
        inviter = invitation.invited_by.user if invitation.invited_by else None
        shown: dict[str, Any] = {
            "invitation": invitation,
            "organization": one_line(invitation.organization.name),
            "name": one_line(invitation.name),
            "inviter": one_line(inviter.name) if inviter else "",
            "is_partner": invitation.role == Role.PARTNER,
            "team": one_line(invitation.team.name) if invitation.team else "",
            "expires_at": invitation.expires_at.astimezone(invitation.organization.zone),
            "link": invitation_link(invitation),
            "language": translation.get_language(),
        }
        subject = _("Invitation to %(organization)s on okrplanner") % {"organization": shown["organization"]}
        mail = EmailMultiAlternatives(
            subject=one_line(subject),
            body=render_to_string("people/mail/invitation.txt", shown),
            to=[invitation.email],
            reply_to=[inviter.email] if inviter else None,
        )
        mail.attach_alternative(render_to_string("people/mail/invitation.html", shown), "text/html")
        return mail


def send_waiting() -> int:
    """Send the invitations that are due, each once, however many do this at the same time; how many went."""
    return send_round(send_next)


def send_round(send_next: Callable[[BaseEmailBackend], bool | None]) -> int:
    """Send one mail after the other over one connection, until none is due or the round has lasted; how many went.

    `send_next` sends and marks one in a transaction of its own, and answers None when there is none: when this is
    ended in the middle, only the one in hand may go twice.
    """
    sent = 0
    began = time.monotonic()
    connection: BaseEmailBackend = get_connection()
    try:
        while time.monotonic() - began < LONGEST_ROUND:
            went = send_next(connection)
            if went is None:
                break
            sent += went
    finally:
        with suppress(OSError, SMTPException):
            connection.close()
    return sent


@transaction.atomic
def send_next(connection: BaseEmailBackend) -> bool | None:
    """Send one invitation that is due and that nobody else is sending; None when there is none."""
    rows = Invitation.objects.due().select_related("organization", "team", "invited_by__user").order_by("id")
    invitation = rows.select_for_update(skip_locked=True, of=("self",)).first()
    if invitation is None:
        return None
    invitation.tries = min(invitation.tries + 1, 1000)
    try:
        connection.open()
        connection.send_messages([write_invitation(invitation)])
    except Exception as reason:  # whatever is wrong with this one, those behind it must not wait for it
        logger.warning("The mail of invitation %s did not go: %s.", invitation.pk, type(reason).__name__)
        invitation.failure = one_line(reason_of(reason))[:200]
        invitation.try_at = clock.now() + PAUSES[min(invitation.tries, len(PAUSES)) - 1]
        with suppress(OSError, SMTPException):
            connection.close()
    else:
        invitation.sent_at, invitation.try_at, invitation.failure = clock.now(), None, ""
    invitation.save(update_fields=["sent_at", "tries", "try_at", "failure"])
    return not invitation.failure


def reason_of(reason: Exception) -> str:
    """What the mail server said, without what it may have repeated of the mail."""
    refused = getattr(reason, "recipients", None)
    code, said = (
        next(iter(refused.values()))
        if refused
        else (
            getattr(reason, "smtp_code", None),
            getattr(reason, "smtp_error", b""),
        )
    )
    text = said.decode(errors="replace") if isinstance(said, bytes) else str(said or "")
    return f"{code} {text}".strip() if code else (getattr(reason, "strerror", None) or type(reason).__name__)
