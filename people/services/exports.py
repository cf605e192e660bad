"""Asking for a file that the worker makes."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from people.models import Export, Membership
from people.refusals import Refusal
from people.services.keys import made_before
from people.waking import MAKE_EXPORTS, announce

MOST_UNFINISHED = 5


@transaction.atomic
def ask_export(
    membership: Membership,
    *,
    what: str,
    about: dict[str, Any],
    title: str,
    language: str,
    submission_key: uuid.UUID | None = None,
) -> Export:
    """Write down that somebody wants a file, and wake the worker.

    A `submission_key` used before answers the first. Of the person's older files only the latest are kept. Raises
    `Refusal` `too_many_exports` while so many wait already.
    """
    Membership.objects.select_for_update(no_key=True).get(pk=membership.pk)
    first, submission_key = made_before(Export, membership, submission_key)
    if first is not None:
        return first
    if Export.objects.unfinished().filter(membership=membership).count() >= MOST_UNFINISHED:
        raise Refusal(
            "too_many_exports",
            _("%(most)s of your files are still being made. Wait for one of them first.") % {"most": MOST_UNFINISHED},
        )
    export = Export.objects.create(
        organization_id=membership.organization_id,
        membership=membership,
        what=what,
        about=about,
        title=title[:200],
        language=language,
        submission_key=submission_key,
    )
    Export.objects.outnumbered(membership).delete()
    announce(MAKE_EXPORTS)
    return export
