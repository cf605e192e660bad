"""An objective with all its key results, written at once while it is a draft."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from objectives.access import may_add_key_result
from objectives.models import KeyResult, Kind, Objective, Step
from objectives.services.planning import (
    drop_key_result,
    hold_place,
    refuse_closed_cycle,
    refuse_dropped,
    refuse_used_key,
)
from objectives.services.rules import AMOUNTS
from objectives.services.writing import WRITTEN, Help, write_key_result, write_objective
from people.models import Membership
from people.refusals import Refusal, stale
from people.services.owners import hold_owner

WRITTEN_IN_ROW = (
    *("title", "kind", "unit", *AMOUNTS, "limit", "period", "measure_first", "combine", "owner_id", "measured_how"),
    *("measure_type", "weight", "kpi_id"),
)


@dataclass(frozen=True)
class DraftRow:
    """One key result of a draft as it is to be; `steps` None leaves those it has.

    `expected_version` is the one it was read at; None for a new one.
    """

    key_result: KeyResult
    steps: Sequence[Step] | None = None
    expected_version: int | None = None
    is_removed: bool = False


class DraftRefused(Refusal):
    """What of a draft cannot be saved: the refusals by the place of their row, that of the objective under None."""

    def __init__(self, parts: Mapping[int | None, Refusal]):
        first = next(iter(parts.values()))
        super().__init__(first.code, first.detail, first.fields, more=first.more)
        self.parts = dict(parts)


@transaction.atomic
def save_draft(
    objective: Objective,
    rows: Sequence[DraftRow],
    *,
    by: Membership,
    parent: Objective | KeyResult | None = None,
    expected_version: int | None = None,
) -> Objective:
    """Write an objective that is not under way yet, with its key results in the order given: all of it or nothing.

    What is as it was is not touched, whoever changed it meanwhile; what is removed is dropped. A new objective is
    connected to `parent`; one whose `submission_key` is known is answered by the first as it is, and so is each new
    key result. Numbers may still be missing. `PermissionDenied` for what the person may not write. Raises
    `DraftRefused`: `under_way` for an objective that has begun, `stale` for all that others changed since it was read,
    and what `write_objective`, `write_key_result` and `drop_key_result` raise.
    """
    with part(None):
        is_new = objective._state.adding
        for row in rows:
            hold_owner(row.key_result.owner_id, before=owner_before(row.key_result))
        if is_new:
            written = write_objective(objective, by=by, helps=[Help(parent)] if parent is not None else None)
            if written is not objective:
                return written
        else:
            written = hold_draft(objective)
    if not is_new:
        refuse_all_stale(written, objective, rows, expected_version)
    if not is_new and differs(written, objective, WRITTEN):
        if not Objective.objects.editable_by(by).filter(pk=objective.pk).exists():
            raise PermissionDenied
        with part(None):
            written = write_objective(objective, by=by, expected_version=written.version)
    for place, row in enumerate(rows):
        row.key_result.objective = written
        row.key_result.position = place
        with part(place):
            save_row(row, by)
    return written


@contextmanager
def part(place: int | None) -> Iterator[None]:
    """Say with a refusal which part of the draft it is about."""
    try:
        yield
    except Refusal as refusal:
        raise DraftRefused({place: refusal}) from refusal


def owner_before(key_result: KeyResult) -> int | None:
    return KeyResult.objects.filter(submission_key=key_result.submission_key).values_list("owner", flat=True).first()


def hold_draft(objective: Objective) -> Objective:
    """The objective as it is saved, held until the transaction ends. Raises `Refusal` `under_way`."""
    hold_place(objective, before=Objective.objects.get(pk=objective.pk))
    held = Objective.objects.select_for_update(no_key=True, of=("self",)).get(pk=objective.pk)
    refuse_closed_cycle(held.cycle)
    refuse_dropped(held)
    if not held.is_draft:
        sentence = _("It is under way by now. Change the objective and its key results on their own pages.")
        raise Refusal("under_way", sentence)
    return held


def refuse_all_stale(
    held: Objective, objective: Objective, rows: Sequence[DraftRow], expected_version: int | None
) -> None:
    """Name at once everything that somebody else changed and that would be overwritten."""
    parts: dict[int | None, Refusal] = {}
    if differs(held, objective, WRITTEN) and held.version != expected_version:
        parts[None] = stale()
    for place, row in enumerate(rows):
        before = saved(row.key_result)
        if before is None or before.version == row.expected_version or before.dropped_at is not None:
            continue
        if row.is_removed or is_changed(before, row):
            parts[place] = stale()
    if parts:
        raise DraftRefused(parts)


def saved(key_result: KeyResult) -> KeyResult | None:
    """The key result as it stands; None for a new one."""
    return None if key_result._state.adding else KeyResult.objects.get(pk=key_result.pk)


def differs(before: Objective | KeyResult, after: Objective | KeyResult, names: Sequence[str]) -> bool:
    return any(getattr(before, name) != getattr(after, name) for name in names)


def is_changed(before: KeyResult, row: DraftRow) -> bool:
    if differs(before, row.key_result, WRITTEN_IN_ROW):
        return True
    if row.steps is None or row.key_result.kind != Kind.MILESTONE:
        return False
    steps = list(before.steps.values_list("pk", "title", "weight"))
    return steps != [(step.pk, step.title, step.weight) for step in row.steps]


def save_row(row: DraftRow, by: Membership) -> None:
    """Write one key result where it is new or changed, drop it where it was removed, else only keep its place."""
    key_result, before = row.key_result, saved(row.key_result)
    if before is None:
        if not row.is_removed:
            add_row(row, by)
        return
    if before.objective_id != key_result.objective_id:
        refuse_used_key()
    if row.is_removed:
        if before.dropped_at is None:
            refuse_unless_editable(before, by)
            drop_key_result(before, reason=_("Left out while drafting"), by=by)
    elif is_changed(before, row):
        refuse_dropped(before)
        refuse_unless_editable(before, by)
        write_key_result(key_result, by=by, steps=row.steps, complete=False, expected_version=row.expected_version)
    elif before.position != key_result.position:
        KeyResult.objects.filter(pk=before.pk).update(position=key_result.position)


def add_row(row: DraftRow, by: Membership) -> None:
    """Write a new key result; one that the same form made is left as it is."""
    key_result = row.key_result
    first = KeyResult.objects.filter(submission_key=key_result.submission_key).first()
    if first is not None:
        if first.objective_id != key_result.objective_id:
            refuse_used_key()
        return
    if not may_add_key_result(by, key_result.objective):
        raise PermissionDenied
    write_key_result(key_result, by=by, steps=row.steps, complete=False)


def refuse_unless_editable(key_result: KeyResult, by: Membership) -> None:
    if not KeyResult.objects.editable_by(by).filter(pk=key_result.pk).exists():
        raise PermissionDenied
