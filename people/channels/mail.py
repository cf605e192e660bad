"""Messages as mails: plain text and HTML that say the same."""

from __future__ import annotations

from smtplib import SMTPException, SMTPRecipientsRefused
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.utils import translation

from people.channels.message import Message
from people.failures import Failure
from people.letters import one_line, reason_of

LONGEST_SUBJECT = 200


def write_mail(message: Message, *, to: str, unsubscribe: str = "") -> EmailMultiAlternatives:
    """The mail, in the language that is active. `unsubscribe` is an address that turns such mails off."""
    post = message.post
    shown = {
        "post": post,
        "organization": one_line(message.organization),
        "unsubscribe": unsubscribe,
        "language": translation.get_language(),
    }
    headers = {
        # The same however often it is tried: a mailbox that gets it twice shows it once.
        "Message-ID": f"<{message.id}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
    }
    if unsubscribe:
        headers["List-Unsubscribe"] = f"<{unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail = EmailMultiAlternatives(
        subject=one_line(post.subject)[:LONGEST_SUBJECT],
        body=render_to_string("people/mail/message.txt", shown).strip() + "\n",
        to=[to],
        headers=headers,
    )
    mail.attach_alternative(render_to_string("people/mail/message.html", shown), "text/html")
    return mail


def send_mail(connection: BaseEmailBackend, mail: EmailMultiAlternatives) -> None:
    """Send it. Raises `Failure`, which says whether the server refused this mail or is away."""
    try:
        connection.open()
        connection.send_messages([mail])
    except (SMTPException, OSError) as reason:
        is_of_way = not isinstance(reason, SMTPRecipientsRefused)
        raise Failure("mail", one_line(reason_of(reason))[:150], is_of_way=is_of_way) from None
