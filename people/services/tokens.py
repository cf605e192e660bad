"""Tokens: how other programs get in."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from people import clock
from people.models import APIToken, Membership
from people.refusals import Refusal
from people.services.keys import cut_key, made_before

PREFIX = "okr_"
SHOWN = 10
MOST_GOOD_TOKENS = 50


@transaction.atomic
def make_token(
    membership: Membership,
    *,
    name: str,
    is_read_only: bool = False,
    expires_at: datetime | None = None,
    submission_key: uuid.UUID | None = None,
) -> tuple[APIToken, str]:
    """Make a token, and answer it with its secret, which is kept nowhere and never to be had again.

    A `submission_key` used before answers the first token and no secret. Raises `Refusal`: `expired` for a moment that
    has passed, `too_many_tokens`, and `ValidationError` for a name that is none.
    """
    Membership.objects.select_for_update(no_key=True).get(pk=membership.pk)
    first, submission_key = made_before(APIToken, membership, submission_key)
    if first is not None:
        return first, ""
    if expires_at is not None and expires_at <= clock.now():
        raise Refusal.of_field("expires_at", "expired", _("This moment has passed."))
    if APIToken.objects.good().filter(membership=membership).count() >= MOST_GOOD_TOKENS:
        raise Refusal(
            "too_many_tokens", _("%(most)s tokens are in use. End one of them first.") % {"most": MOST_GOOD_TOKENS}
        )
    token = APIToken(
        membership=membership,
        name=name,
        is_read_only=is_read_only,
        expires_at=expires_at,
        submission_key=submission_key,
    )
    return cut_key(token, shown=SHOWN, prefix=PREFIX)
