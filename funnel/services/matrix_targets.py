"""What is to stand in a matrix's cells, and what is to move between them: a whole sheet at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from funnel.models import CellTarget, Fit, Matrix, MoveTarget
from funnel.queries.matrices import Cell, CellMove
from funnel.services.matrices import hold_matrix
from funnel.services.readings import Saved, Unsaid
from people.refusals import Refusal

MOST_OF_ONE = 10_000_000


@dataclass(frozen=True)
class CellAim:
    """How many are to stand in a cell on the last day, None for no target. `before` is what whoever writes it saw."""

    cell: Cell
    count: int | None
    before: int | Unsaid | None = Unsaid.BEFORE

    @property
    def place(self) -> str:
        return place_of_cell(self.cell)

    @property
    def known_by(self) -> dict[str, Any]:
        return {"stage_id": self.cell[0], "fit": self.cell[1]}

    @property
    def stages(self) -> set[int]:
        return {self.cell[0]}


@dataclass(frozen=True)
class MoveAim:
    """How many are to move from one cell to another in the matrix's days; from outside where the first is None."""

    where: CellMove
    count: int | None
    before: int | Unsaid | None = Unsaid.BEFORE

    @property
    def place(self) -> str:
        return place_of_move(self.where)

    @property
    def known_by(self) -> dict[str, Any]:
        origin, fit, to, to_fit = self.where
        return {"from_stage_id": origin, "from_fit": fit, "to_stage_id": to, "to_fit": to_fit}

    @property
    def stages(self) -> set[int]:
        return {stage for stage in (self.where[0], self.where[2]) if stage is not None}


Aim = CellAim | MoveAim


def place_of_cell(cell: Cell) -> str:
    """By what a cell's field is named in a sheet."""
    return f"cell-{cell[0]}-{cell[1]}"


def place_of_move(where: CellMove) -> str:
    """By what a move's field is named in a sheet."""
    origin, fit, to, to_fit = where
    return f"move-{origin or 0}-{fit or 'x'}-{to}-{to_fit}"


@transaction.atomic
def save_matrix_targets(matrix: Matrix, aims: Iterable[Aim]) -> Saved:
    """Write many targets of a matrix at once: all of them, or none where one is refused.

    Sending the same again changes nothing. Raises `Refusal`: `retired`; and `targets` with, under each target's
    `place`, what is wrong with it: a stage or fit that is not the matrix's, a move to where it began, a number below 0
    or beyond ten million, or another one that somebody wrote there meanwhile.
    """
    given = {aim.place: aim for aim in aims}
    matrix = hold_matrix(matrix.pk)
    stages = set(matrix.stages.values_list("pk", flat=True))
    held: dict[str, CellTarget | MoveTarget] = {
        place_of_cell((row.stage_id, row.fit)): row for row in CellTarget.objects.filter(matrix=matrix)
    }
    held |= {
        place_of_move((row.from_stage_id, row.from_fit, row.to_stage_id, row.to_fit)): row
        for row in MoveTarget.objects.filter(matrix=matrix)
    }
    wrong = {
        place: [sentence] for place, aim in given.items() if (sentence := objection_to(aim, held.get(place), stages))
    }
    if wrong:
        raise Refusal("targets", _("Nothing is saved yet: look at what is marked."), wrong)
    return write(matrix, given, held)


def objection_to(aim: Aim, row: CellTarget | MoveTarget | None, stages: set[int]) -> str:
    """What stands against a target, as a sentence; empty where nothing does."""
    if not aim.stages <= stages:
        return _("Choose a stage of this matrix.")
    if isinstance(aim, MoveAim):
        origin, fit, to, to_fit = aim.where
        if to_fit not in Fit.values or (origin is None) != (fit == "") or (fit and fit not in Fit.values):
            return _("A fit is A, B or C.")
        if (origin, fit) == (to, to_fit):
            return _("A move leads to another cell.")
    elif aim.cell[1] not in Fit.values:
        return _("A fit is A, B or C.")
    if aim.count is not None and not 0 <= aim.count <= MOST_OF_ONE:
        return _("Type a whole number from 0 to %(most)s.") % {"most": f"{MOST_OF_ONE:,}"}
    present = None if row is None else row.count
    if aim.before is Unsaid.BEFORE or present in (aim.before, aim.count):
        return ""
    if present is None:
        return _("Someone emptied this in the meantime.")
    return _("Someone wrote %(value)s here in the meantime.") % {"value": f"{present:,}"}


def write(matrix: Matrix, given: dict[str, Aim], held: dict[str, CellTarget | MoveTarget]) -> Saved:
    """Bring the rows held to what is given."""
    saved = Saved()
    new_cells: list[CellTarget] = []
    new_moves: list[MoveTarget] = []
    changed: list[CellTarget | MoveTarget] = []
    emptied: list[CellTarget | MoveTarget] = []
    for place, aim in given.items():
        row, count = held.get(place), aim.count
        if count == (None if row is None else row.count):
            saved.unchanged += 1
        elif count is None:
            emptied += [row] if row else []
        elif row is not None:
            row.count = count
            changed.append(row)
        elif isinstance(aim, CellAim):
            new_cells.append(CellTarget(matrix=matrix, count=count, **aim.known_by))
        else:
            new_moves.append(MoveTarget(matrix=matrix, count=count, **aim.known_by))
    CellTarget.objects.bulk_create(new_cells)
    MoveTarget.objects.bulk_create(new_moves)
    CellTarget.objects.bulk_update([row for row in changed if isinstance(row, CellTarget)], ["count"])
    MoveTarget.objects.bulk_update([row for row in changed if isinstance(row, MoveTarget)], ["count"])
    CellTarget.objects.filter(pk__in=[row.pk for row in emptied if isinstance(row, CellTarget)]).delete()
    MoveTarget.objects.filter(pk__in=[row.pk for row in emptied if isinstance(row, MoveTarget)]).delete()
    saved.new, saved.changed, saved.emptied = len(new_cells) + len(new_moves), len(changed), len(emptied)
    return saved
