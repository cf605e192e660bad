"""The sheets of a matrix: target counts and target moves, moves of a day, counts of a day; shown and as typed."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from funnel.forms.amounts import CountField
from funnel.forms.readings import shown_before
from funnel.formulas.abm import Arrow, apportion
from funnel.models import Fit, MatrixStage
from funnel.queries.matrices import FITS, Board, Cell, CellMove
from funnel.services.lead_moves import LONGEST_REASON, MoveMade
from funnel.services.matrix_targets import (
    MOST_OF_ONE,
    Aim,
    CellAim,
    MoveAim,
    place_of_cell,
    place_of_move,
)
from funnel.services.readings import Unsaid
from people.access import read_id

MOST_ARROWS = 250
FREE_LINES = 3
NUMBER = CountField(largest=MOST_OF_ONE, required=False)


@dataclass
class SheetCell:
    """A cell to type a whole number into: `text` is what it shows, `beneath` what shows where it is empty."""

    name: str
    text: str = ""
    beneath: str = ""
    errors: list[str] = field(default_factory=list)

    def read(self) -> int | None:
        """What is typed, None for nothing. Raises ValidationError."""
        value: int | None = NUMBER.clean(self.text)
        return value


@dataclass
class SheetRow:
    """A line of a sheet under its name."""

    name: str
    cells: list[SheetCell]
    note: str = ""

    @property
    def errors(self) -> list[str]:
        return list(dict.fromkeys(sentence for cell in self.cells for sentence in cell.errors))


class Sheet:
    """Rows of cells; `typed` is what a form sends, under each cell's name its text."""

    cells: Callable[[], Iterable[SheetCell]]

    def __init__(self, typed: Mapping[str, Any] | None) -> None:
        self.typed = typed
        self.is_valid = typed is not None

    def text(self, name: str, stands: str) -> str:
        if self.typed is None or name not in self.typed:
            return stands
        return str(self.typed[name]).replace("\x00", "").strip()[:40]

    @property
    def wrong(self) -> int:
        return sum(1 for cell in self.cells() if cell.errors)

    def refuse(self, fields: Mapping[str, Any]) -> None:
        """Put the sentences of a refusal beside their cells."""
        for cell in self.cells():
            cell.errors += [str(sentence) for sentence in fields.get(cell.name, ())]
        self.is_valid = False

    def read_all(self, take: Callable[[SheetCell, int | None], None]) -> None:
        for cell in self.cells():
            try:
                take(cell, cell.read())
            except ValidationError as wrong:
                cell.errors += wrong.messages
                self.is_valid = False


class TargetSheet(Sheet):
    """Target counts of all cells, and target moves along the arrows, each with the fit that arrives.

    `proposed` puts what is needed into the moves, to be looked at before it is saved.
    """

    def __init__(
        self,
        board: Board,
        arrows: Sequence[Arrow],
        *,
        names: Callable[[Arrow], str],
        columns: Sequence[MatrixStage],
        typed: Mapping[str, Any] | None = None,
        proposed: Mapping[CellMove, int] | None = None,
    ) -> None:
        super().__init__(typed)
        self.columns = columns
        self.aims: list[Aim] = []
        self.kept = {place_of_cell(cell): count for cell, count in board.cell_targets.items()}
        self.kept |= {place_of_move(where): count for where, count in board.move_targets.items()}
        self.places: dict[str, Cell | CellMove] = {}
        proposed = proposed or {}
        self.cell_rows = [
            SheetRow(fit, [self.cell(place_of_cell((stage.pk, fit)), (stage.pk, fit)) for stage in columns])
            for fit in FITS
        ]
        self.move_rows = []
        for arrow in arrows[:MOST_ARROWS]:
            origin, to = arrow
            if to is None:
                continue
            cells = []
            for fit in FITS:
                where: CellMove = (origin, fit if origin is not None else "", to, fit)
                if (origin, where[1]) != (to, fit):
                    cells.append(self.cell(place_of_move(where), where, proposed.get(where)))
            if cells:
                self.move_rows.append(SheetRow(names(arrow), cells))
        if typed is not None:
            before = shown_before(typed.get("shown", ""))
            self.read_all(lambda cell, value: self.take(cell, value, before))

    def cell(self, name: str, place: Cell | CellMove, proposed: int | None = None) -> SheetCell:
        self.places[name] = place
        stands = self.kept.get(name) if proposed is None else proposed
        return SheetCell(name, self.text(name, as_text(stands)))

    def cells(self) -> Iterable[SheetCell]:
        return (cell for row in (*self.cell_rows, *self.move_rows) for cell in row.cells)

    def take(self, cell: SheetCell, value: int | None, before: Mapping[str, str]) -> None:
        if self.typed is None or cell.name not in self.typed:
            return
        seen = read_back(before[cell.name]) if cell.name in before else Unsaid.BEFORE
        if seen is not Unsaid.BEFORE and value == seen:
            return
        place = self.places[cell.name]
        if len(place) == 2:
            self.aims.append(CellAim(place, value, seen))
        else:
            self.aims.append(MoveAim(place, value, seen))

    @property
    def shown(self) -> str:
        """What is stored as the page is opened, so that nobody overwrites what somebody else wrote meanwhile."""
        if self.typed is not None and not any(cell.errors for cell in self.cells()):
            return json.dumps(shown_before(self.typed.get("shown", "")))
        return json.dumps({name: as_text(self.kept.get(name)) for name in self.places})


def proposal(board: Board, column: str) -> dict[CellMove, int]:
    """What the moves towards an order must come to by the last day: what moved so far and what is needed beyond, spread
    over the fits as they moved along each arrow, else as they stand where it begins.
    """
    need = board.needed(column)
    if need is None:
        return {}
    so_far = board.by_cell()
    found: dict[CellMove, int] = {}
    for (origin, to), more in need.whole_moves.items():
        if more <= 0 or not board.leads_on((origin, to)):
            continue
        moved = [
            sum(n for (a, _f, b, arrived), n in so_far.items() if (a, b, arrived) == (origin, to, fit)) for fit in FITS
        ]
        weights = [float(n) for n in moved]
        if not any(weights):
            weights = [float(board.at(origin, fit)) if origin is not None else 0.0 for fit in FITS]
        parts = apportion(more, weights if any(weights) else [1.0, 0.0, 0.0])
        for fit, past, part in zip(FITS, moved, parts, strict=True):
            if past + part:
                found[origin, fit if origin is not None else "", to, fit] = past + part
    return found


class DayForm(forms.Form):
    """The day of what is typed into a sheet, and once for all of it the criterion."""

    date = forms.DateField(label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    reason = forms.CharField(
        label=gettext_lazy("By which criterion"),
        max_length=LONGEST_REASON,
        required=False,
        validators=[ProhibitNullCharactersValidator()],
    )
    submission_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, today: dt.date, **kwargs: Any) -> None:
        super().__init__(data, initial={"date": today, "submission_key": uuid.uuid4()}, **kwargs)

    def clean_submission_key(self) -> uuid.UUID:
        return self.cleaned_data["submission_key"] or uuid.uuid4()


@dataclass
class FreeLine:
    """A move between any two cells: which are chosen, and how many."""

    number: int
    origin: str
    to: str
    cell: SheetCell
    errors: list[str] = field(default_factory=list)


class MoveSheet(Sheet):
    """How many moved on a day, along the usual arrows with the fit they have, and between any cells chosen."""

    def __init__(
        self,
        board: Board,
        arrows: Sequence[Arrow],
        *,
        names: Callable[[Arrow], str],
        typed: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(typed)
        self.moves: list[MoveMade] = []
        self.places: dict[str, CellMove] = {}
        self.rows = []
        for arrow in arrows[:MOST_ARROWS]:
            origin, to = arrow
            if to is None or origin == to:
                continue
            cells = []
            for fit in FITS:
                where: CellMove = (origin, fit if origin is not None else "", to, fit)
                name = place_of_move(where)
                self.places[name] = where
                cells.append(SheetCell(name, self.text(name, "")))
            self.rows.append(SheetRow(names(arrow), cells))
        self.choices = [(f"{stage.pk}-{fit}", f"{stage.name} {fit}") for stage in board.stages for fit in FITS]
        self.outside = ("0-x", pgettext("where leads come from", "From outside"))
        self.lines = [self.line(number) for number in range(1, FREE_LINES + 1)]
        if typed is not None:
            self.read_all(self.take)
            for line in self.lines:
                self.take_line(line)

    def line(self, number: int) -> FreeLine:
        return FreeLine(
            number,
            self.text(f"origin{number}", ""),
            self.text(f"to{number}", ""),
            SheetCell(f"count{number}", self.text(f"count{number}", "")),
        )

    def cells(self) -> Iterable[SheetCell]:
        yield from (cell for row in self.rows for cell in row.cells)
        yield from (line.cell for line in self.lines)

    def take(self, cell: SheetCell, value: int | None) -> None:
        if value and cell.name in self.places:
            self.moves.append(MoveMade(self.places[cell.name], value))

    def take_line(self, line: FreeLine) -> None:
        if not (line.origin or line.to or line.cell.text) or line.cell.errors:
            return
        origin, to, count = read_cell(line.origin), read_cell(line.to), line.cell.read()
        if origin is None or to is None or to[0] is None or not count:
            line.cell.errors.append(_("Choose from where and to where, and type how many."))
            self.is_valid = False
            return
        self.moves.append(MoveMade((origin[0], origin[1], to[0], to[1]), count, line.cell.name))


class CountSheet(Sheet):
    """How many stood in each cell at the end of a day; beneath stands what it comes to by the moves."""

    def __init__(self, board: Board, columns: Sequence[MatrixStage], *, typed: Mapping[str, Any] | None = None) -> None:
        super().__init__(typed)
        self.columns = columns
        self.counts: dict[Cell, int | None] = {}
        self.places: dict[str, Cell] = {}
        self.rows = []
        for fit in FITS:
            cells = []
            for stage in columns:
                name = place_of_cell((stage.pk, fit))
                self.places[name] = (stage.pk, fit)
                cells.append(SheetCell(name, self.text(name, ""), f"{board.at(stage.pk, fit):,}"))
            self.rows.append(SheetRow(fit, cells))
        if typed is not None:
            self.read_all(self.take)

    def cells(self) -> Iterable[SheetCell]:
        return (cell for row in self.rows for cell in row.cells)

    def take(self, cell: SheetCell, value: int | None) -> None:
        if value is not None:
            self.counts[self.places[cell.name]] = value


def as_text(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def read_back(text: str) -> int | Unsaid | None:
    """What a cell held when it was shown."""
    try:
        value: int | None = NUMBER.clean(text)
    except ValidationError:
        return Unsaid.BEFORE
    return value


def read_cell(text: str) -> tuple[int | None, str] | None:
    """A cell as a choice names it; None for what is none."""
    stage, _dash, fit = text.partition("-")
    if text == "0-x":
        return None, ""
    key = read_id(stage)
    return None if key is None or fit not in Fit.values else (key, fit)
