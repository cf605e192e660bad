"""Secret addresses from which calendars read: how they are made, and how they end."""

from __future__ import annotations

import secrets
import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from people import clock
from people.models import CalendarFeed, Membership
from people.models.doors import hash_of
from people.refusals import Refusal
from people.services.tokens import made_before

# As much of a secret as people may see to know which one it is.
SHOWN = 6
MOST_FEEDS = 20


@transaction.atomic
def make_feed(
    membership: Membership, *, name: str, language: str = "", submission_key: uuid.UUID | None = None
) -> tuple[CalendarFeed, str]:
    """Make an address, and answer it with its secret, which is kept nowhere and never to be had again.

    A `submission_key` used before answers the first and no secret. Raises `Refusal` `too_many_feeds`, and
    `ValidationError` for a name that is none.
    """
    Membership.objects.select_for_update(no_key=True).get(pk=membership.pk)
    first, submission_key = made_before(CalendarFeed, membership, submission_key)
    if first is not None:
        return first, ""
    if CalendarFeed.objects.good().filter(membership=membership).count() >= MOST_FEEDS:
        raise Refusal(
            "too_many_feeds", _("%(most)s calendar links are in use. End one of them first.") % {"most": MOST_FEEDS}
        )
    secret = secrets.token_urlsafe(32)
    feed = CalendarFeed(
        membership=membership,
        name=name,
        language=language,
        beginning=secret[:SHOWN],
        token_hash=hash_of(secret),
        submission_key=submission_key,
    )
    feed.full_clean()
    feed.save()
    return feed, secret


@transaction.atomic
def end_feed(feed: CalendarFeed) -> CalendarFeed:
    """From now on the address answers nothing. Ending it twice is harmless."""
    held = CalendarFeed.objects.select_for_update(no_key=True).get(pk=feed.pk)
    if held.ended_at is None:
        held.ended_at = clock.now()
        held.save(update_fields=["ended_at"])
    return held


@transaction.atomic
def reopen_feed(feed: CalendarFeed) -> CalendarFeed:
    """Let an ended address answer again, for whoever ended the wrong one. Twice is harmless."""
    held = CalendarFeed.objects.select_for_update(no_key=True).get(pk=feed.pk)
    if held.ended_at is not None:
        held.ended_at = None
        held.save(update_fields=["ended_at"])
    return held
