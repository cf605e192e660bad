"""The mails that remind people to draft and to close: in their language, sent once, tried again while they fail."""

from __future__ import annotations

import logging
from contextlib import suppress
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from objectives.formulas.closing import final_from
from objectives.models import Cycle, Notice, NoticeKind
from objectives.queries.next_cycle import cycle_before
from objectives.reminders import closing_people, without_draft
from people import clock
from people.letters import PAUSES, one_line, send_round
from people.models import Membership

logger = logging.getLogger(__name__)


def write_reminder(person: Membership, cycle: Cycle) -> EmailMessage:
    """The mail with the way to the plan, as plain text."""
    with translation.override(person.user.language or settings.LANGUAGE_CODE):
        before = cycle_before(cycle)
        days = (cycle.start - cycle.organization.today).days
        shown: dict[str, Any] = {
            "name": one_line(person.user.name),
            "organization": one_line(cycle.organization.name),
            "cycle": one_line(cycle.name),
            "before": one_line(before.name) if before else "",
            "start": cycle.start,
            "days": days,
            "plan": address("plan", cycle, f"?cycle={cycle.pk}"),
            "carry_over": address("carry_over", cycle, "", cycle.pk),
        }
        subject = ngettext(
            "%(organization)s: %(cycle)s begins in %(days)s day",
            "%(organization)s: %(cycle)s begins in %(days)s days",
            days,
        )
        return EmailMessage(
            subject=one_line(subject % shown),
            body=render_to_string("objectives/mail/draft_now.txt", shown),
            to=[person.user.email],
        )


def write_closing(person: Membership, cycle: Cycle) -> EmailMessage:
    """The mail with the way to what is left to do before the cycle is closed, as plain text."""
    with translation.override(person.user.language or settings.LANGUAGE_CODE):
        days = (cycle.end - cycle.organization.today).days
        shown: dict[str, Any] = {
            "name": one_line(person.user.name),
            "organization": one_line(cycle.organization.name),
            "cycle": one_line(cycle.name),
            "end": cycle.end,
            "final": final_from(cycle.end),
            "days": days,
            "closing": address("closing", cycle, f"?cycle={cycle.pk}"),
        }
        subject = ngettext(
            "%(organization)s: %(cycle)s ends in %(days)s day",
            "%(organization)s: %(cycle)s ends in %(days)s days",
            days,
        )
        if not days:
            subject = _("%(organization)s: %(cycle)s ends today")
        return EmailMessage(
            subject=one_line(subject % shown),
            body=render_to_string("objectives/mail/close_now.txt", shown),
            to=[person.user.email],
        )


def address(name: str, cycle: Cycle, query: str, *arguments: int) -> str:
    path = reverse(name, args=[cycle.organization.slug, *arguments])
    return settings.SITE_URL.rstrip("/") + path + query


def send_waiting() -> int:
    """Send the reminders that are due, each once, however many do this at the same time; how many went."""
    return send_round(send_next)


def is_still_to_draft(person: Membership, cycle: Cycle) -> bool:
    """Whether somebody has no draft yet in a cycle that lies ahead: much may have happened since they were told."""
    if cycle.is_closed or cycle.start <= cycle.organization.today:
        return False
    return without_draft(cycle).filter(pk=person.pk).exists()


def is_still_to_close(person: Membership, cycle: Cycle) -> bool:
    """Whether something of theirs still runs in a cycle that is not over."""
    if cycle.is_closed or cycle.end < cycle.organization.today:
        return False
    return closing_people(cycle).filter(pk=person.pk).exists()


def letter_of(notice: Notice) -> EmailMessage | None:
    """The mail of a notice; None where it has nothing to say any more."""
    person, cycle = notice.membership, notice.cycle
    if cycle is None:
        return None
    if notice.kind == NoticeKind.CLOSE_NOW:
        return write_closing(person, cycle) if is_still_to_close(person, cycle) else None
    return write_reminder(person, cycle) if is_still_to_draft(person, cycle) else None


@transaction.atomic
def send_next(connection: BaseEmailBackend) -> bool | None:
    """Send one reminder that is due and that nobody else is sending; None when there is none."""
    rows = Notice.objects.to_mail().select_related("membership__user", "cycle__organization").order_by("id")
    notice = rows.select_for_update(skip_locked=True, of=("self",)).first()
    if notice is None:
        return None
    went = True
    notice.mail_tries = min(notice.mail_tries + 1, 1000)
    try:
        if (letter := letter_of(notice)) is not None:
            connection.open()
            connection.send_messages([letter])
    except Exception as reason:  # whatever is wrong with this one, those behind it must not wait for it
        logger.warning("The mail of notice %s did not go: %s.", notice.pk, type(reason).__name__)
        notice.mail_due_at = clock.now() + PAUSES[min(notice.mail_tries, len(PAUSES)) - 1]
        went = False
        with suppress(OSError, SMTPException):
            connection.close()
    else:
        notice.mailed_at, notice.mail_due_at = clock.now(), None
    notice.save(update_fields=["mailed_at", "mail_due_at", "mail_tries"])
    return went
