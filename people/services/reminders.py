"""When and how one person wants to be reminded."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from people.models import Channel, Membership, ReminderPreference
from people.refusals import Refusal, stale

WRITTEN = ("is_on", "weekday", "hour", "channel_id", "digest", "digest_weekday", "digest_hour")


@transaction.atomic
def save_preference(preference: ReminderPreference, *, expected_version: int | None = None) -> ReminderPreference:
    """Write a person's wishes; version 0 is that of somebody who has none yet. The same again is harmless.

    Raises `Refusal`: `stale`, `channel` for one that is not theirs; and `ValidationError`.
    """
    person = Membership.objects.select_for_update(no_key=True).get(pk=preference.membership_id)
    held = ReminderPreference.objects.filter(membership=person).first()
    before = held or ReminderPreference(membership=person, version=0)
    if all(getattr(before, name) == getattr(preference, name) for name in WRITTEN):
        return held or preference
    if expected_version is not None and before.version != expected_version:
        raise stale()
    own = Channel.objects.at_work().filter(membership=person)
    if preference.channel_id is not None and not own.filter(pk=preference.channel_id).exists():
        raise Refusal.of_field("channel", "channel", _("Choose one of your own channels."))
    preference.version = before.version + 1
    preference.full_clean(validate_unique=held is None)
    preference.save(force_insert=held is None, force_update=held is not None)
    return preference
