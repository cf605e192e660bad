"""The grid of readings: levers × weeks or months, as it is shown and as it is typed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from funnel.fields import RATE_DECIMALS, AmountField
from funnel.forms.funnels import suffix_of
from funnel.formulas.actuals import (
    MONTH,
    WEEK,
    WEEKS_OF_A_MONTH,
    last_of,
    legible,
    month_of,
    months_between,
    months_of_period,
    next_month,
    week_of,
    weeks_between,
)
from funnel.models import KPI
from funnel.queries.actuals import MONTHS_LOOKED_BACK, Actuals, Book
from funnel.services import Unsaid, Written, place_of

MOST_COLUMNS = {MONTH: 12, WEEK: 13}
MOST_ROWS = 60
FEWEST_CHARACTERS, MOST_CHARACTERS = 6, 14


@dataclass(frozen=True)
class GridColumn:
    """A week or month by its first day; `is_running` where it is not over."""

    first: date
    last: date
    is_running: bool


@dataclass
class GridCell:
    """One week or month of a lever: `saved` is what is written for it, `beneath` what its finer readings come to
    without that, `text` what the cell shows.
    """

    name: str
    column: GridColumn
    text: str
    saved: str
    beneath: str
    counted: Decimal | None
    errors: list[str] = field(default_factory=list)


@dataclass
class GridRow:
    """A lever, in people's units. `planned` is its must-hit target, else its challenge, for one week or month."""

    kpi: KPI
    name: str
    suffix: str
    field: AmountField
    cells: list[GridCell]
    planned: float | None

    @property
    def errors(self) -> list[tuple[GridColumn, str]]:
        return [(cell.column, sentence) for cell in self.cells for sentence in cell.errors]


class Grid:
    """What was read on the KPIs of a book, and what is typed over it.

    `typed` is what a form sends: under each cell's name its text, and under `shown` what stood there when it was
    opened, so that nobody overwrites what somebody else wrote meanwhile. Cells that were not sent stay as they are.
    """

    def __init__(
        self,
        book: Book,
        kpis: Sequence[KPI],
        *,
        by: str,
        until: date | None = None,
        names: Callable[[KPI], str] = str,
        typed: Mapping[str, Any] | None = None,
    ) -> None:
        self.book, self.by = book, by
        self.columns, self.has_earlier, self.has_later = columns_of(book, by, until)
        self.rows = [self._row(book.by_key[kpi.key], names(kpi)) for kpi in kpis]
        self.written: list[Written] = []
        self.is_valid = True
        if typed is not None:
            self._read(typed)

    @property
    def shown(self) -> str:
        """What is written for the cells now, for the form to send back."""
        return json.dumps({cell.name: cell.saved for row in self.rows for cell in row.cells if cell.saved})

    @property
    def size(self) -> int:
        """How many characters a cell shows."""
        longest = max((len(cell.text or cell.beneath) for row in self.rows for cell in row.cells), default=0)
        return min(max(longest, FEWEST_CHARACTERS), MOST_CHARACTERS)

    def refuse(self, fields: Mapping[str, Sequence[str]]) -> None:
        """Put sentences beside the cells they are about."""
        self.is_valid = False
        for row in self.rows:
            for cell in row.cells:
                cell.errors += fields.get(cell.name, ())

    def _row(self, actuals: Actuals, name: str) -> GridRow:
        kpi = actuals.kpi
        amount = amount_field(kpi)
        by_hand, beneath = actuals.by_hand(self.by), actuals.beneath(self.by)
        counted = actuals.months if self.by == MONTH else actuals.weeks
        cells = [
            GridCell(
                name=place_of(kpi.pk, self.by, column.last),
                column=column,
                text=text_of(amount, by_hand.get(column.first)),
                saved=text_of(amount, by_hand.get(column.first)),
                beneath=text_of(amount, beneath.get(column.first)),
                counted=kpi.in_people_units(counted.get(column.first)),
            )
            for column in self.columns
        ]
        unit = "%" if kpi.is_rate else suffix_of(kpi.unit)
        plan = kpi.in_people_units(planned(kpi, self.book, self.by))
        return GridRow(kpi, name, unit, amount, cells, None if plan is None else legible(float(plan)))

    def _read(self, typed: Mapping[str, Any]) -> None:
        before = shown_before(typed.get("shown", ""))
        for row in self.rows:
            for cell in row.cells:
                if cell.name not in typed:
                    continue
                text, seen = str(typed[cell.name]).strip(), before.get(cell.name, "")
                if text == seen:
                    continue
                cell.text = text
                try:
                    value = row.field.clean(cell.text)
                    present = read_back(row.field, seen)
                except ValidationError as wrong:
                    cell.errors += wrong.messages
                    self.is_valid = False
                else:
                    self.written.append(Written(row.kpi, cell.column.first, value, self.by, present))


def amount_field(kpi: KPI) -> AmountField:
    return AmountField(unit="" if kpi.is_rate else kpi.unit, rate=kpi.is_rate, required=False)


def text_of(amount: AmountField, value: Decimal | None) -> str:
    """A value as it is typed, with as many places as may be typed."""
    if value is None:
        return ""
    places = RATE_DECIMALS if amount.rate else 6
    return str(amount.prepare_value(round(value, places)))


def read_back(amount: AmountField, text: str) -> Decimal | Unsaid | None:
    """What a cell held when it was shown."""
    try:
        return amount.to_python(text)
    except ValidationError:
        return Unsaid.BEFORE


def shown_before(sent: Any) -> dict[str, str]:
    try:
        before = json.loads(sent or "{}")
    except ValueError:
        return {}
    if not isinstance(before, dict):
        return {}
    return {name: text for name, text in before.items() if isinstance(text, str)}


def columns_of(book: Book, by: str, until: date | None) -> tuple[list[GridColumn], bool, bool]:
    """The weeks or months shown, the last of them that of `until` or of the last day that can be read; and whether
    there are earlier and later ones.
    """
    start, end = bounds_of(book)
    if start > end:
        return [], False, False
    firsts = weeks_between(start, end) if by == WEEK else months_between(start, end)
    upto = [first for first in firsts if until is None or first <= until] or firsts[:1]
    shown = upto[-MOST_COLUMNS[by] :]
    columns = [GridColumn(first, last_of(by, first), last_of(by, first) >= book.today) for first in shown]
    return columns, shown[0] != firsts[0], shown[-1] != firsts[-1]


def bounds_of(book: Book) -> tuple[date, date]:
    """The first and the last day that can be read: the KGI's period up to today, five years of it at most, else the
    year behind us.
    """
    kgi, today = book.kgi, book.today
    start = kgi.period_start or next_month(month_of(today), -11)
    return max(start, next_month(month_of(today), -MONTHS_LOOKED_BACK)), min(kgi.period_end or today, today)


def step(grid: Grid, direction: int) -> date:
    """The first day of the last column, one page of columns earlier or later."""
    count = MOST_COLUMNS[grid.by] * direction
    last = grid.columns[-1].first
    return next_month(last, count) if grid.by == MONTH else week_of(last) + timedelta(weeks=count)


def planned(kpi: KPI, book: Book, by: str) -> Decimal | None:
    """What is planned of a lever for one month or week: of a volume its part, of a level the level."""
    must_hit, challenge = kpi.must_hit, kpi.challenge
    if kpi.is_goal:
        must_hit, challenge = book.kgi.must_hit_value, book.kgi.challenge_value
    value = must_hit if must_hit is not None else challenge
    if value is None or not kpi.period:
        return value
    monthly = value / months_of_period(kpi.period, book.months_of_whole)
    return monthly / WEEKS_OF_A_MONTH if by == WEEK else monthly
