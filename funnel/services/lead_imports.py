"""Files of leads on their way: taken in, their columns named, sent to the worker, let go of."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from funnel.formulas.lead_sheets import MEANINGS, LeadSheet, guess
from funnel.imports.work import IMPORT_LEADS
from funnel.models import Duplicates, LeadImport, LeadImportState, Matrix
from funnel.services.matrices import refuse_used_key, share_matrix
from people.models import Membership
from people.refusals import Refusal
from people.waking import announce

MOST_AT_ONCE = 5


@transaction.atomic
def begin_import(
    matrix: Matrix, sheet: LeadSheet, *, filename: str, by: Membership, submission_key: uuid.UUID
) -> LeadImport:
    """Keep a file whose columns are to be named, as its headings let one guess. Sent again it is answered by the first.

    Raises `Refusal`: `retired`, `no_list`, `too_many` unread files of one person, `submission_key_used`.
    """
    matrix = share_matrix(matrix.pk)
    first = LeadImport.objects.defer("content").filter(submission_key=submission_key).first()
    if first is not None:
        if (first.matrix_id, first.membership_id) != (matrix.pk, by.pk):
            refuse_used_key()
        return first
    if not matrix.has_leads:
        raise Refusal("no_list", _("This matrix keeps numbers only, no list of leads."))
    # Files whose columns nobody named make room for the newest.
    begun = LeadImport.objects.filter(membership=by, state=LeadImportState.MAPPING).order_by("-id")
    LeadImport.objects.filter(pk__in=[row.pk for row in begun.only("pk")[MOST_AT_ONCE - 1 :]]).delete()
    if LeadImport.objects.unfinished().filter(membership=by).count() >= MOST_AT_ONCE:
        raise Refusal("too_many", _("Several of your files are still being read. Wait until one is done."))
    return LeadImport.objects.create(
        organization_id=matrix.organization_id,
        matrix=matrix,
        membership=by,
        filename=filename.replace("\x00", "")[:255],
        content=sheet.text.encode(),
        headings=[
            {"heading": column.heading, "first": list(column.first), "values": list(column.values)}
            for column in sheet.columns
        ],
        mapping=guess([column.heading for column in sheet.columns]),
        total=sheet.lines,
        submission_key=submission_key,
    )


@transaction.atomic
def map_import(
    row: LeadImport, *, mapping: Sequence[str], stages: Mapping[str, int], duplicates: str, send: bool
) -> LeadImport:
    """Say what a file's columns mean, and `send` it to the worker. Once sent, nothing changes: again is harmless.

    Raises `Refusal`: `mapping` for columns that are unknown or named twice, `company_missing` where no column is the
    company, `duplicates`.
    """
    held = LeadImport.objects.select_for_update(no_key=True).defer("content").get(pk=row.pk)
    if held.state != LeadImportState.MAPPING:
        return held
    named = [meaning for meaning in mapping if meaning]
    if len(mapping) != len(held.headings) or not set(named) <= set(MEANINGS):
        raise Refusal("mapping", _("Say for each column what it means, or leave it out."))
    if len(set(named)) < len(named):
        raise Refusal("mapping", _("Two columns cannot mean the same. Leave one of them out."))
    if "company" not in named:
        raise Refusal("company_missing", _("Say which column is the company."))
    if duplicates not in Duplicates.values:
        raise Refusal.of_field("duplicates", "duplicates", _("Say what becomes of leads that are there already."))
    ids = set(held.matrix.stages.values_list("pk", flat=True))
    held.mapping, held.duplicates = list(mapping), duplicates
    held.stages = {name: pk for name, pk in stages.items() if pk in ids}
    changed: dict[str, Any] = {"mapping": held.mapping, "stages": held.stages, "duplicates": held.duplicates}
    if send:
        held.state = LeadImportState.WAITING
        changed["state"] = held.state
        announce(IMPORT_LEADS)
    LeadImport.objects.filter(pk=held.pk).update(**changed)
    return held


@transaction.atomic
def drop_import(row: LeadImport) -> bool:
    """Let go of a file: one that is being read stops after the thousand lines at hand. Again is harmless."""
    return bool(LeadImport.objects.filter(pk=row.pk).delete()[0])
