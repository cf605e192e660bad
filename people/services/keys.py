"""What opens by a secret: tokens, calendars, share links. How their secrets are made, and how they end."""

from __future__ import annotations

import secrets
import uuid
from datetime import timedelta
from typing import TypeVar

from django.db import transaction

from people import clock
from people.models import APIToken, CalendarFeed, Export, Membership, SavedView, ShareLink
from people.models.doors import Key, hash_of

NOTED_EVERY = timedelta(hours=1)
Row = TypeVar("Row", APIToken, CalendarFeed, Export, SavedView, ShareLink)
AnyKey = TypeVar("AnyKey", bound=Key)


def made_before(model: type[Row], membership: Membership, key: uuid.UUID | None) -> tuple[Row | None, uuid.UUID]:
    """What the person made with this submission key, if anything, and the one to make it with.

    One that somebody else has used says nothing about this form: another takes its place.
    """
    first = model._default_manager.filter(submission_key=key).first() if key else None
    if first is None:
        return None, key or uuid.uuid4()
    return (first, first.submission_key) if first.membership_id == membership.pk else (None, uuid.uuid4())


def cut_key(row: AnyKey, *, shown: int, prefix: str = "") -> tuple[AnyKey, str]:
    """Save a new row; answers it with its secret, which is kept nowhere and never to be had again.

    People see the first `shown` characters of the secret, to know which one it is. Raises `ValidationError`.
    """
    secret = prefix + secrets.token_urlsafe(32)
    row.beginning, row.token_hash = secret[:shown], hash_of(secret)
    row.full_clean()
    row.save()
    return row, secret


@transaction.atomic
def end_key(row: AnyKey) -> AnyKey:
    """From now on it opens nothing. Ending it twice is harmless."""
    held = type(row)._default_manager.select_for_update(no_key=True).get(pk=row.pk)
    if held.ended_at is None:
        held.ended_at = clock.now()
        held.save(update_fields=["ended_at"])
    return held


@transaction.atomic
def reopen_key(row: AnyKey) -> AnyKey:
    """Let what was ended open again, for whoever ended the wrong one. Twice is harmless."""
    held = type(row)._default_manager.select_for_update(no_key=True).get(pk=row.pk)
    if held.ended_at is not None:
        held.ended_at = None
        held.save(update_fields=["ended_at"])
    return held


def note_use(row: CalendarFeed | ShareLink) -> None:
    """Note that the address was opened; nothing is written more than once an hour."""
    now = clock.now()
    if row.last_used_at is None or now - row.last_used_at >= NOTED_EVERY:
        type(row)._default_manager.filter(pk=row.pk).update(last_used_at=now)
