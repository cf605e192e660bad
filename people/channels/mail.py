"""Messages as mails: plain text and HTML that say the same."""

from __future__ import annotations

from email.headerregistry import Address
from smtplib import SMTPException, SMTPRecipientsRefused
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend

from people.channels.message import Message
from people.failures import Failure
from people.letters import one_line, reason_of


def write_mail(message: Message, *, to: str) -> EmailMultiAlternatives:
    """The mail, in the language that is active."""
    post = message.post
    parts = [*post.paragraphs, *(f"{line.text} {line.detail} {line.link}".strip() for line in post.lines)]
    return EmailMultiAlternatives(
        subject=one_line(post.subject),
        body="\n\n".join(part for part in (*parts, f"{post.link_label}: {post.link}" if post.link else "") if part),
        to=[Address(addr_spec=to).addr_spec],
        headers={
            "Message-ID": f"<{message.id}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}>",
            "Auto-Submitted": "auto-generated",
        },
    )


def send_mail(connection: BaseEmailBackend, mail: EmailMultiAlternatives) -> None:
    """Send it. Raises `Failure`, which says whether the server refused this mail or is away."""
    try:
        connection.open()
        connection.send_messages([mail])
    except (SMTPException, OSError) as reason:
        is_of_way = not isinstance(reason, SMTPRecipientsRefused)
        raise Failure("mail", one_line(reason_of(reason))[:150], is_of_way=is_of_way) from None
