"""Turning mails off by the link that stands in them."""

from __future__ import annotations

from django.db import transaction

from people.models import Membership, ReminderPreference, Topic


@transaction.atomic
def set_mails(membership: Membership, topic: str, *, is_wanted: bool) -> ReminderPreference:
    """Turn reminders, or the digest, off or on again for one person. Twice is harmless."""
    ReminderPreference.objects.get_or_create(membership=membership)
    held = ReminderPreference.objects.select_for_update(no_key=True).get(membership=membership)
    name = "digest" if topic == Topic.DIGEST else "is_on"
    if getattr(held, name) is not is_wanted:
        setattr(held, name, is_wanted)
        held.version += 1
        held.save(update_fields=[name, "version"])
    return held
