"""Tokens: how other programs get in, and how that ends."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from people import clock
from people.models import APIToken, CalendarFeed, Membership, SavedView, ShareLink
from people.models.doors import hash_of
from people.refusals import Refusal

PREFIX = "okr_"
# As much of a token as people may see to know which one it is.
SHOWN = 10
MOST_GOOD_TOKENS = 50
Secret = TypeVar("Secret", APIToken, CalendarFeed, SavedView, ShareLink)


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
    secret = PREFIX + secrets.token_urlsafe(32)
    token = APIToken(
        membership=membership,
        name=name,
        is_read_only=is_read_only,
        expires_at=expires_at,
        beginning=secret[:SHOWN],
        token_hash=hash_of(secret),
        submission_key=submission_key,
    )
    token.full_clean()
    token.save()
    return token, secret


def made_before(model: type[Secret], membership: Membership, key: uuid.UUID | None) -> tuple[Secret | None, uuid.UUID]:
    """What the person made with this key, if anything, and the key to make it with.

    A key that somebody else has used says nothing about this form: another takes its place.
    """
    first = model._default_manager.filter(submission_key=key).first() if key else None
    if first is None:
        return None, key or uuid.uuid4()
    return (first, first.submission_key) if first.membership_id == membership.pk else (None, uuid.uuid4())


@transaction.atomic
def end_token(token: APIToken) -> APIToken:
    """From now on the token opens nothing. Ending it twice is harmless."""
    held = APIToken.objects.select_for_update(no_key=True).get(pk=token.pk)
    if held.ended_at is None:
        held.ended_at = clock.now()
        held.save(update_fields=["ended_at"])
    return held
