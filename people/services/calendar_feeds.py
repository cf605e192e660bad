"""Secret addresses from which calendars read."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from people.models import CalendarFeed, Membership
from people.refusals import Refusal
from people.services.keys import cut_key, made_before

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
    feed = CalendarFeed(
        membership=membership,
        name=name,
        language=language,
        submission_key=submission_key,
    )
    return cut_key(feed, shown=SHOWN)
