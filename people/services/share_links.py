"""Links by which somebody without a login sees the company dashboard: how they are made, and how they end."""

from __future__ import annotations

import secrets
import uuid
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from people import clock
from people.models import Membership, ShareLink
from people.models.doors import hash_of
from people.refusals import Refusal
from people.services.tokens import made_before

# As much of a secret as people may see to know which one it is.
SHOWN = 6
MOST_LINKS = 20
MOST_DAYS = 90


@transaction.atomic
def make_share_link(
    membership: Membership,
    *,
    name: str,
    days: int,
    language: str = "",
    submission_key: uuid.UUID | None = None,
) -> tuple[ShareLink, str]:
    """Make a link good for so many days; answer it with its secret, which is kept nowhere and never to be had again.

    A `submission_key` used before answers the first and no secret. Raises `Refusal`: `partner` for whoever is one,
    `days` for less than one day or more than 90, `too_many_links`; and `ValidationError` for a name that is none.
    """
    held = Membership.objects.select_for_update(no_key=True).get(pk=membership.pk)
    if held.is_partner:
        raise Refusal("partner", _("A partner sees what is shared, and cannot pass it on."))
    first, submission_key = made_before(ShareLink, membership, submission_key)
    if first is not None:
        return first, ""
    if not 1 <= days <= MOST_DAYS:
        raise Refusal.of_field("days", "days", _("From 1 to %(most)s days.") % {"most": MOST_DAYS})
    if ShareLink.objects.good().filter(membership=membership).count() >= MOST_LINKS:
        raise Refusal(
            "too_many_links", _("%(most)s share links are in use. End one of them first.") % {"most": MOST_LINKS}
        )
    secret = secrets.token_urlsafe(32)
    link = ShareLink(
        membership=membership,
        name=name,
        language=language,
        beginning=secret[:SHOWN],
        token_hash=hash_of(secret),
        expires_at=clock.now() + timedelta(days=days),
        submission_key=submission_key,
    )
    link.full_clean()
    link.save()
    return link, secret


@transaction.atomic
def end_share_link(link: ShareLink) -> ShareLink:
    """From now on the link opens nothing. Ending it twice is harmless."""
    held = ShareLink.objects.select_for_update(no_key=True).get(pk=link.pk)
    if held.ended_at is None:
        held.ended_at = clock.now()
        held.save(update_fields=["ended_at"])
    return held


@transaction.atomic
def reopen_share_link(link: ShareLink) -> ShareLink:
    """Let an ended link open again until its day, for whoever ended the wrong one. Twice is harmless."""
    held = ShareLink.objects.select_for_update(no_key=True).get(pk=link.pk)
    if held.ended_at is not None:
        held.ended_at = None
        held.save(update_fields=["ended_at"])
    return held


def note_use(link: ShareLink) -> None:
    """Note that the link was opened; nothing is written more than once an hour."""
    now = clock.now()
    if link.last_used_at is None or now - link.last_used_at >= timedelta(hours=1):
        ShareLink.objects.filter(pk=link.pk).update(last_used_at=now)
