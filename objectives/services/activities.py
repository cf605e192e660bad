"""The daily log: a line written, changed, withdrawn and brought back by whoever wrote it."""

from __future__ import annotations

import uuid
from datetime import date as Date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from objectives.models import Action, Activity, KeyResult
from objectives.services.planning import refuse_used_key
from people.models import Membership
from people.refusals import Refusal, stale
from people.services.putting_away import bring_back, put_away

WRITTEN = ("text", "date", "key_result_id", "action_id")


@transaction.atomic
def log_activity(
    membership: Membership,
    *,
    text: str,
    date: Date | None = None,
    key_result: KeyResult | None = None,
    action: Action | None = None,
    submission_key: uuid.UUID | None = None,
) -> Activity:
    """Write one line of the person's day, today's where no day is named.

    A line that belongs to an action serves the action's key result, where it has one. A `submission_key` that made one
    already is answered by the first. Raises `Refusal`: `text_missing`, `date_in_future`, `not_shared`,
    `other_organization`, `submission_key_used`.
    """
    activity = Activity(
        organization_id=membership.organization_id,
        membership=membership,
        date=date or membership.organization.today,
        text=" ".join(text.split()),
        key_result=key_result,
        action=action,
        submission_key=submission_key or uuid.uuid4(),
    )
    serve_with_action(activity)
    refuse_line(activity, membership)
    activity.full_clean(exclude=["organization"], validate_unique=False)
    try:
        with transaction.atomic():
            activity.save(force_insert=True)
    except IntegrityError:
        known = Activity.objects.filter(membership=membership, submission_key=activity.submission_key).first()
        if known is None:
            refuse_used_key()
        return known  # type: ignore[return-value]
    return activity


@transaction.atomic
def change_activity(activity: Activity, *, by: Membership, expected_version: int | None = None) -> Activity:
    """Write a changed line; the same again is harmless.

    Raises `Refusal`: `stale`, `withdrawn`, `text_missing`, `date_in_future`, `not_shared`, `other_organization`.
    """
    held = hold(activity)
    activity.text = " ".join(activity.text.split())
    serve_with_action(activity)
    if all(getattr(held, name) == getattr(activity, name) for name in WRITTEN):
        return held
    if expected_version is not None and held.version != expected_version:
        raise stale()
    if held.withdrawn_at is not None:
        raise Refusal("withdrawn", _("This line was taken back. Bring it back before changing it."))
    for name in WRITTEN:
        setattr(held, name, getattr(activity, name))
    refuse_line(held, by)
    held.version += 1
    held.full_clean(exclude=["organization"], validate_unique=False)
    held.save()
    return held


@transaction.atomic
def withdraw_activity(activity: Activity) -> Activity:
    """Take a line back; again is harmless."""
    return put_away(hold(activity), "withdrawn_at")


@transaction.atomic
def restore_activity(activity: Activity) -> Activity:
    """Undo taking a line back; again is harmless."""
    return bring_back(hold(activity), "withdrawn_at")


def serve_with_action(activity: Activity) -> None:
    """Let a line serve what its action serves."""
    if activity.action is not None and activity.action.key_result_id is not None:
        activity.key_result_id = activity.action.key_result_id


def hold(activity: Activity) -> Activity:
    """The line as it is, locked until the transaction ends."""
    return Activity.objects.select_for_update(no_key=True, of=("self",)).get(pk=activity.pk)


def refuse_line(activity: Activity, by: Membership) -> None:
    """Raise `Refusal` for a line without words, a day to come, or a partner's about what is not shared for writing."""
    if not activity.text:
        raise Refusal.of_field("text", "text_missing", _("Say in one line what you did."))
    if activity.date > by.organization.today:
        raise Refusal.of_field("date", "date_in_future", _("This day has not come yet."))
    if activity.action is not None and activity.action.organization_id != by.organization_id:
        raise Refusal.of_field("action", "other_organization", _("This belongs to another organization."))
    if by.is_partner:
        checkable = KeyResult.objects.checkable_by(by)
        if activity.key_result_id is None or not checkable.filter(pk=activity.key_result_id).exists():
            sentence = _("Choose a key result that is shared with you for writing.")
            raise Refusal.of_field("key_result", "not_shared", sentence)
