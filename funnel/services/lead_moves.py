"""Moves and counts of a matrix without a list of leads: written down, withdrawn, never edited away."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from funnel.models import EARLIEST, CellCount, Fit, LeadMove, Matrix
from funnel.queries.matrices import Cell, CellMove
from funnel.services.matrices import hold_matrix
from funnel.services.matrix_targets import MOST_OF_ONE, place_of_cell, place_of_move
from people import clock
from people.models import Membership
from people.refusals import Refusal

MOST_MOVES_AT_ONCE = 500
LONGEST_REASON = 300


@dataclass(frozen=True)
class MoveMade:
    """So many that went from a cell, None and "" for outside, to another. `place` is the field it was typed into."""

    where: CellMove
    count: int
    place: str = ""

    @property
    def field(self) -> str:
        return self.place or place_of_move(self.where)


@transaction.atomic
def write_moves(
    matrix: Matrix,
    moves: Sequence[MoveMade],
    *,
    on: date,
    by: Membership,
    submission_key: uuid.UUID,
    reason: str = "",
) -> list[LeadMove]:
    """Note moves of one day, all of them or none. A sheet that was sent already, by its key, is answered by its moves.

    That more leave a cell than were counted there is no reason to refuse: the count may be late. Raises `Refusal`:
    `has_leads` for a matrix that knows each lead, `retired`, `nothing`, `too_many`, `reason_too_long`,
    `submission_key_used`, `date_in_future`, `too_early`; and `moves` with what is wrong under each move's field.
    """
    matrix = hold_counted(matrix)
    keys = [uuid.uuid5(submission_key, f"{at}") for at in range(len(moves))]
    made = list(LeadMove.objects.filter(submission_key__in=keys).order_by("id"))
    if made:
        if any(move.matrix_id != matrix.pk for move in made):
            sentence = _("This form was already sent for something else. Open it again.")
            raise Refusal("submission_key_used", sentence)
        return made
    refuse_day(matrix, on)
    if not moves:
        raise Refusal("nothing", _("Type how many moved, in one cell at least."))
    if len(moves) > MOST_MOVES_AT_ONCE:
        raise Refusal("too_many", _("%(most)s moves at most are written at once.") % {"most": MOST_MOVES_AT_ONCE})
    if len(reason) > LONGEST_REASON:
        sentence = _("A criterion has %(most)s characters at most.") % {"most": LONGEST_REASON}
        raise Refusal.of_field("reason", "reason_too_long", sentence)
    stages = set(matrix.stages.values_list("pk", flat=True))
    wrong: dict[str, list[str]] = {}
    for move in moves:
        sentence = objection_to(move, stages)
        if sentence:
            wrong.setdefault(move.field, []).append(sentence)
    if wrong:
        raise Refusal("moves", _("Nothing is saved yet: look at what is marked."), wrong)
    at = clock.now()
    return LeadMove.objects.bulk_create(
        LeadMove(
            matrix=matrix,
            from_stage_id=move.where[0],
            from_fit=move.where[1],
            to_stage_id=move.where[2],
            to_fit=move.where[3],
            date=on,
            count=move.count,
            reason=reason.strip(),
            by=by,
            created_at=at,
            submission_key=key,
        )
        for move, key in zip(moves, keys, strict=True)
    )


def objection_to(move: MoveMade, stages: set[int]) -> str:
    """What stands against a move, as a sentence; empty where nothing does."""
    origin, fit, to, to_fit = move.where
    if to not in stages or (origin is not None and origin not in stages):
        return _("Choose a stage of this matrix.")
    if to_fit not in Fit.values or (origin is None) != (fit == "") or (fit and fit not in Fit.values):
        return _("A fit is A, B or C.")
    if (origin, fit) == (to, to_fit):
        return _("A move leads to another cell.")
    if not 1 <= move.count <= MOST_OF_ONE:
        return _("Type a whole number from 1 to %(most)s.") % {"most": f"{MOST_OF_ONE:,}"}
    return ""


@transaction.atomic
def withdraw_move(matrix: Matrix, move: int) -> LeadMove:
    """Take a move back: it stays to be seen, and counts no more. Again is harmless.

    Raises `Refusal`: `has_leads`, `retired`, `move` for one that is not the matrix's.
    """
    return mark(matrix, move, withdrawn=True)


@transaction.atomic
def restore_move(matrix: Matrix, move: int) -> LeadMove:
    """Undo `withdraw_move`; harmless where nothing was withdrawn. Raises `Refusal` as it does."""
    return mark(matrix, move, withdrawn=False)


def mark(matrix: Matrix, pk: int, *, withdrawn: bool) -> LeadMove:
    matrix = hold_counted(matrix)
    move = LeadMove.objects.select_for_update(no_key=True).filter(matrix=matrix, pk=pk).first()
    if move is None:
        raise Refusal("move", _("This move is not of this matrix."))
    if (move.withdrawn_at is not None) != withdrawn:
        move.withdrawn_at = clock.now() if withdrawn else None
        move.save(update_fields=["withdrawn_at"])
    return move


@transaction.atomic
def count_cells(matrix: Matrix, counts: Mapping[Cell, int | None], *, on: date, by: Membership) -> int:
    """Note how many stood in cells at the end of a day, None to take a count of that day back; how many were written.

    A second count of a cell on one day replaces the first, of which the history keeps what it was. The same again
    changes nothing. Raises `Refusal`: `has_leads`, `retired`, `date_in_future`, `too_early`; and `counts` with what is
    wrong under each cell's place.
    """
    matrix = hold_counted(matrix)
    refuse_day(matrix, on)
    stages = set(matrix.stages.values_list("pk", flat=True))
    wrong = {
        place_of_cell(cell): [sentence]
        for cell, count in counts.items()
        if (sentence := wrong_count(cell, count, stages))
    }
    if wrong:
        raise Refusal("counts", _("Nothing is saved yet: look at what is marked."), wrong)
    held = {(row.stage_id, row.fit): row for row in CellCount.objects.filter(matrix=matrix, date=on)}
    new, changed, emptied = [], [], []
    for cell, count in counts.items():
        row = held.get(cell)
        if count == (None if row is None else row.count):
            continue
        if count is None:
            emptied.append(held[cell].pk)
        elif row is None:
            new.append(CellCount(matrix=matrix, stage_id=cell[0], fit=cell[1], date=on, count=count, by=by))
        else:
            row.count, row.by = count, by
            changed.append(row)
    CellCount.objects.bulk_create(new)
    CellCount.objects.bulk_update(changed, ["count", "by"])
    CellCount.objects.filter(pk__in=emptied).delete()
    return len(new) + len(changed) + len(emptied)


def wrong_count(cell: Cell, count: int | None, stages: Iterable[int]) -> str:
    if cell[0] not in set(stages):
        return _("Choose a stage of this matrix.")
    if cell[1] not in Fit.values:
        return _("A fit is A, B or C.")
    if count is not None and not 0 <= count <= MOST_OF_ONE:
        return _("Type a whole number from 0 to %(most)s.") % {"most": f"{MOST_OF_ONE:,}"}
    return ""


def hold_counted(matrix: Matrix) -> Matrix:
    """Lock a matrix of which only numbers are kept. Raises `Refusal`: `has_leads`, `retired`."""
    matrix = hold_matrix(matrix.pk)
    if matrix.has_leads:
        sentence = _("This matrix keeps a list of leads: move the leads themselves.")
        raise Refusal("has_leads", sentence)
    return matrix


def refuse_day(matrix: Matrix, day: date) -> None:
    """Raise `Refusal` for a day that has not come, or lies before all that is known: `date_in_future`, `too_early`."""
    if day > matrix.organization.today:
        raise Refusal.of_field("date", "date_in_future", _("This day has not come yet."))
    if day < EARLIEST:
        raise Refusal.of_field("date", "too_early", _("This day lies too far back."))
