"""Links by which somebody without a login sees the company dashboard."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from people import clock
from people.models import Membership, ShareLink
from people.refusals import Refusal
from people.services.keys import cut_key, made_before

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
    link = ShareLink(
        membership=membership,
        name=name,
        language=language,
        expires_at=clock.now() + timedelta(days=days),
        submission_key=submission_key,
    )
    return cut_key(link, shown=SHOWN)
