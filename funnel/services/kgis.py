"""Acts on KGIs."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from funnel.models import KGI
from funnel.services.changes import Values, note_changes, values_of
from people import clock, live
from people.models import Membership
from people.refusals import Refusal, stale
from people.services.owners import hold_owner


@transaction.atomic
def save_kgi(kgi: KGI, *, expected_version: int | None = None, by: Membership | None = None, reason: str = "") -> KGI:
    """Write a new or changed KGI. One whose `submission_key` is known answers the first.

    A number that stood and changes is kept with `by` whom and for what `reason`.

    Raises `Refusal`: `stale`, `owner`, `submission_key_used` for a key of another organization; and `ValidationError`
    for what cannot be.
    """
    before: Values = {}
    if kgi._state.adding:
        # Two clicks at once must not make two rows: the second waits here for the first.
        type(kgi.organization).objects.select_for_update(no_key=True).get(pk=kgi.organization_id)
        if kgi.submission_key is not None:
            repeated = KGI.objects.filter(submission_key=kgi.submission_key).first()
            if repeated is not None:
                if repeated.organization_id != kgi.organization_id:
                    sentence = _("This form was already sent for something else. Open it again.")
                    raise Refusal("submission_key_used", sentence)
                return repeated
        hold_owner(kgi.owner_id, before=None)
    else:
        present = KGI.objects.filter(pk=kgi.pk).values_list("owner", flat=True).first()
        hold_owner(kgi.owner_id, before=present)
        held = KGI.objects.select_for_update(no_key=True).get(pk=kgi.pk)
        if held.dropped_at is not None or (expected_version is not None and held.version != expected_version):
            raise stale()
        kgi.version = held.version + 1
        before = values_of(held)
    kgi.full_clean(exclude=["organization", "owner"], validate_unique=False)
    kgi.save()
    live.moved(kgi.organization_id)
    note_changes(kgi, before, by=by, reason=reason)
    return kgi


@transaction.atomic
def drop_kgi(kgi: KGI, *, reason: str) -> KGI:
    """Take a KGI out of the plan, with the reason; its funnel and its objectives stay, and `restore_kgi` undoes it.

    Dropping it again changes nothing. Raises `Refusal` `reason_missing`.
    """
    if not reason.strip():
        raise Refusal.of_field("reason", "reason_missing", _("Say why it is dropped: others will want to know."))
    kgi = KGI.objects.select_for_update(no_key=True).get(pk=kgi.pk)
    if kgi.dropped_at is None:
        kgi.dropped_at, kgi.dropped_reason, kgi.version = clock.now(), reason.strip(), kgi.version + 1
        kgi.save(update_fields=["dropped_at", "dropped_reason", "version"])
        live.moved(kgi.organization_id)
    return kgi


@transaction.atomic
def restore_kgi(kgi: KGI) -> KGI:
    """Undo `drop_kgi`; harmless when it was never dropped."""
    kgi = KGI.objects.select_for_update(no_key=True).get(pk=kgi.pk)
    if kgi.dropped_at is not None:
        kgi.dropped_at, kgi.dropped_reason, kgi.version = None, "", kgi.version + 1
        kgi.save(update_fields=["dropped_at", "dropped_reason", "version"])
        live.moved(kgi.organization_id)
    return kgi


def hold_standing(kgi_id: int) -> KGI:
    """Lock a KGI for a change of what belongs to it, which dashboards show and forecasts follow.

    Raises `Refusal` `dropped` for one taken out of the plan.
    """
    kgi = KGI.objects.select_for_update(no_key=True).get(pk=kgi_id)
    if kgi.dropped_at is not None:
        raise Refusal("dropped", _("This was taken out of the plan in the meantime. Bring it back before changing it."))
    live.moved(kgi.organization_id)
    return kgi
