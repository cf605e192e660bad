"""Files of leads read by the worker, one after the other: the rows remember, a message only wakes.

A thousand lines are written in one transaction with how far the file is: where the worker is killed, the next round
goes on behind the last thousand that stands. An advisory lock of the session lets one process read files.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from itertools import islice
from typing import Any

from django.db import transaction

from funnel.formulas.lead_sheets import lines_of
from funnel.imports.batches import ADDED, CHANGED, UNCHANGED, WRONG, write_lines
from funnel.imports.lines import Reader, owners_by_name, stages_by_name
from funnel.models import LeadImport, LeadImportState, Matrix
from people import clock
from people.history import tell
from people.models import Membership
from people.refusals import Refusal
from people.waiting import work_off

logger = logging.getLogger(__name__)

IMPORT_LEADS = "funnel.tasks.import_leads"
ADVISORY_LOCK = 7_305
AT_ONCE = 1_000
MOST_TRIES = 3
KEPT_FOR = timedelta(days=7)
BEGUN_FOR = timedelta(days=1)


def read_waiting() -> int:
    """Read what waits, and what a killed worker left, until nothing does or the round has lasted; how many ended.

    Nothing while another process reads. What a long round leaves wakes the next one.
    """
    return work_off(ADVISORY_LOCK, LeadImport.objects.unfinished, claim, go_on, task=IMPORT_LEADS)


def claim() -> LeadImport | None:
    """The next file to be read; one begun too often without getting anywhere is given up instead."""
    for row in LeadImport.objects.unfinished().defer("content").order_by("id"):
        if row.tries >= MOST_TRIES:
            give_up(row, "broken")
            continue
        if LeadImport.objects.filter(pk=row.pk).update(tries=row.tries + 1, state=LeadImportState.RUNNING):
            return LeadImport.objects.select_related("matrix__organization").get(pk=row.pk)
    return None


def go_on(row: LeadImport, until: float) -> bool:
    """Read on where a file stands; whether it ended. Whatever goes wrong with it, those behind must not wait for it."""
    try:
        return read_on(row, until)
    except Refusal:
        give_up(row, "gone")
        return True
    except Exception:
        logger.exception("Import %s could not be read.", row.pk)
        give_up(row, "broken")
        return True


def read_on(row: LeadImport, until: float) -> bool:
    by = Membership.objects.active().select_related("organization").filter(pk=row.membership_id).first()
    if by is None or not Matrix.objects.editable_by(by).filter(pk=row.matrix_id, has_leads=True).exists():
        give_up(row, "gone")
        return True
    tell(user=by.user_id)
    reader = reader_of(row, by)
    lines = lines_of(bytes(row.content or b"").decode())
    for _line in islice(lines, row.done):
        pass
    while chunk := list(islice(lines, AT_ONCE)):
        if not write_chunk(row, reader, chunk, by):
            return True
        if time.monotonic() >= until and row.done < row.total:
            return False
    end(row, state=LeadImportState.DONE)
    return True


def reader_of(row: LeadImport, by: Membership) -> Reader:
    """What the import's columns mean, with the matrix's stages and the organization's people."""
    people = Membership.objects.filter(organization=row.organization_id).colleagues()
    named = list(people.values_list("pk", "user__name", "user__email"))
    return Reader(
        meanings=row.mapping,
        stages=stages_by_name(list(row.matrix.stages.all()), row.stages),
        owners=owners_by_name(named),
        today=clock.today(row.matrix.organization),
    )


@transaction.atomic
def write_chunk(row: LeadImport, reader: Reader, chunk: list[list[str]], by: Membership) -> bool:
    """Write the next lines, and with them that they are written. False where somebody gave the import up."""
    # The heading is line 1.
    lines = [reader.read(row.done + 2 + at, cells) for at, cells in enumerate(chunk)]
    batch = write_lines(row.matrix, lines, duplicates=row.duplicates, by=by, today=reader.today)
    row.done += len(chunk)
    row.tries = 0
    row.added += batch.count(ADDED)
    row.changed += batch.count(CHANGED)
    row.unchanged += batch.count(UNCHANGED)
    row.wrong += [[one.line.number, *one.wrong] for one in batch.outcomes if one.what == WRONG and one.wrong]
    names = ("done", "tries", "added", "changed", "unchanged", "wrong")
    told: dict[str, Any] = {name: getattr(row, name) for name in names}
    return bool(LeadImport.objects.filter(pk=row.pk, state=LeadImportState.RUNNING).update(**told))


def give_up(row: LeadImport, code: str) -> None:
    end(row, state=LeadImportState.FAILED, wrong=[*row.wrong, [0, code, ""]])


def end(row: LeadImport, **what: Any) -> None:
    """Let go of the file and of what was shown of it."""
    headings = [{"heading": one["heading"]} for one in row.headings]
    told = {"content": None, "headings": headings, "finished_at": clock.now()} | what
    LeadImport.objects.filter(pk=row.pk).update(**told)


def forget() -> None:
    """Let go of imports of more than a week ago, and of files whose columns nobody named for a day."""
    LeadImport.objects.filter(created_at__lt=clock.now() - KEPT_FOR).delete()
    begun = LeadImport.objects.filter(state=LeadImportState.MAPPING, created_at__lt=clock.now() - BEGUN_FOR)
    begun.delete()
