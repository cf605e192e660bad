"""The grid of health KPIs: rows of KPIs, columns of weeks or months, as it is shown and as it is typed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date

from funnel.fields import AmountField
from funnel.forms.readings import read_back, text_of
from objectives.formulas.health_kpis import Side, periods_until, step
from objectives.models import HealthKPI, Period
from objectives.queries.health_kpis import KNOWN, SHOWN, HealthStanding, Read
from objectives.services.health_readings import LEFT, GivenReading, Recorded

BETWEEN = "|"
PERIODS = (Period.WEEK, Period.MONTH)


@dataclass
class HealthCell:
    """One week or month of a KPI: what is saved and what the cell shows. `outside` is the side on which the reading
    lies outside, empty where it is inside or missing.
    """

    name: str
    first: date
    read: Read | None
    saved: str
    text: str
    outside: str
    is_missing: bool


@dataclass
class HealthWhy:
    """The words on a reading outside: why it is so, and what is done about it."""

    first: date
    read: Read
    cause: str
    countermeasure: str


@dataclass
class HealthRow:
    """A KPI in the grid. `errors` are sentences with the period they are about; `state` says what became of it."""

    standing: HealthStanding
    may_enter: bool
    cells: list[HealthCell]
    why: HealthWhy | None
    errors: list[tuple[date, str]] = field(default_factory=list)
    written: int = 0

    @property
    def kpi(self) -> HealthKPI:
        return self.standing.kpi

    @property
    def shown(self) -> str:
        """What stands in the cells now, for the form to send back: nobody overwrites what was not seen."""
        return BETWEEN.join(cell.saved for cell in self.cells)


@dataclass
class HealthTable:
    """All KPIs that are counted over the same period, with the columns they share."""

    period: str
    columns: list[date]
    rows: list[HealthRow]
    earlier: date | None
    later: date | None

    @property
    def is_week(self) -> bool:
        return self.period == Period.WEEK

    @property
    def sent(self) -> str:
        return " ".join(f"{first:%Y-%m-%d}" for first in self.columns)


def cell_name(kpi: HealthKPI, first: date, kind: str = "r") -> str:
    """What a field is called: `r` a reading, `c` its cause, `m` the counter-measure, `v` the version that was seen."""
    return f"{kind}-{kpi.pk}-{first:%Y-%m-%d}"


def amount_of(kpi: HealthKPI) -> AmountField:
    return AmountField(unit=kpi.unit, required=False)


def tables_of(
    standings: Sequence[HealthStanding],
    enterable: Collection[int],
    *,
    today: date,
    until: date | None = None,
    typed: Mapping[str, Any] | None = None,
) -> list[HealthTable]:
    """The weekly and the monthly grid, as far as there are such KPIs; `typed` keeps the columns it was sent from."""
    tables = []
    for period in PERIODS:
        rows = [standing for standing in standings if standing.kpi.period == period]
        if not rows:
            continue
        columns = sent_columns(typed, period) or columns_until(period, today, until)
        known = periods_until(period, today, KNOWN[period])
        before, after = periods_until(period, columns[0], 2)[0], columns[-1]
        tables.append(
            HealthTable(
                period,
                columns,
                [row_of(standing, standing.kpi.pk in enterable, columns) for standing in rows],
                before if before >= known[0] else None,
                min(known[-1], later(period, after)) if after < known[-1] else None,
            )
        )
    return tables


def columns_until(period: Period, today: date, until: date | None) -> list[date]:
    """The periods shown, up to the one that holds `until`, else the running one; none before those that are known."""
    known = periods_until(period, today, KNOWN[period])
    last = max([first for first in known if until is None or first <= until], default=known[0])
    place = max(known.index(last), SHOWN[period] - 1)
    return known[place - SHOWN[period] + 1 : place + 1]


def later(period: Period, last: date) -> date:
    """The last column of the page after one that ends with `last`."""
    return step(period, last, SHOWN[period])


def sent_columns(typed: Mapping[str, Any] | None, period: Period) -> list[date]:
    """The columns a form was shown with; none where it does not say so, or says what can be none."""
    if typed is None:
        return []
    found = []
    for text in str(typed.get(f"columns-{period}", "")).split()[: KNOWN[period]]:
        try:
            first = parse_date(text)
        except ValueError:
            return []
        if first is None or not 1900 <= first.year < 2200 or periods_until(period, first, 1) != [first]:
            return []
        found.append(first)
    return found


def row_of(standing: HealthStanding, may_enter: bool, columns: Sequence[date]) -> HealthRow:
    kpi = standing.kpi
    amount = amount_of(kpi)
    cells = []
    for first in columns:
        read = standing.reads.get(first)
        text = text_of(amount, read.value if read else None)
        cells.append(
            HealthCell(
                cell_name(kpi, first),
                first,
                read,
                text,
                text,
                outside_of(standing, read),
                read is None and standing.owes(first),
            )
        )
    last = standing.last
    asks = last is not None and standing.is_outside and last.period_start in columns
    why = HealthWhy(last.period_start, last, last.cause, last.countermeasure) if last is not None and asks else None
    return HealthRow(standing, may_enter, cells, why)


def outside_of(standing: HealthStanding, read: Read | None) -> str:
    side = standing.course.corridor.side(read.value) if read is not None else Side.INSIDE
    return "" if side is Side.INSIDE else side.value


def asked_kpis(typed: Mapping[str, Any]) -> set[int]:
    """The KPIs that a form speaks of."""
    found = set()
    for name in typed:
        kind, _dash, rest = name.partition("-")
        number = rest.partition("-")[0]
        if kind in {"r", "c", "m", "s"} and len(number) <= 18 and number.isascii() and number.isdigit():
            found.add(int(number))
    return found


def read_tables(tables: Sequence[HealthTable], typed: Mapping[str, Any]) -> list[GivenReading]:
    """What was typed over the grid, cell by cell; what cannot be read is named on its row and keeps its text."""
    given = []
    for table in tables:
        for row in table.rows:
            if row.may_enter:
                given += read_row(row, typed)
    return given


def read_row(row: HealthRow, typed: Mapping[str, Any]) -> list[GivenReading]:
    kpi, amount = row.kpi, amount_of(row.kpi)
    seen = dict(zip((cell.first for cell in row.cells), str(typed.get(f"s-{kpi.pk}", "")).split(BETWEEN), strict=False))
    given = []
    for cell in row.cells:
        before, text = seen.get(cell.first, ""), str(typed.get(cell.name, seen.get(cell.first, ""))).strip()
        words = {
            name: words_in(typed.get(cell_name(kpi, cell.first, kind)))
            for kind, name in (("c", "cause"), ("m", "countermeasure"))
        }
        is_typed = text != before
        if not is_typed and all(said is None for said in words.values()):
            continue
        value: Any = LEFT
        if is_typed:
            cell.text = text
            try:
                value = amount.clean(text)
            except ValidationError as wrong:
                row.errors += [(cell.first, str(sentence)) for sentence in wrong.messages]
                continue
        given.append(
            GivenReading(
                kpi,
                cell.first,
                value,
                before=read_back(amount, before) if is_typed else LEFT,
                version=version_seen(typed.get(cell_name(kpi, cell.first, "v"))),
                **words,
            )
        )
    return given


def words_in(text: Any) -> str | None:
    """What was written in a field, None where the form has none; a database takes no NUL."""
    return None if text is None else str(text).replace("\0", "")


def version_seen(text: Any) -> int | None:
    text = str(text or "")
    return int(text) if len(text) <= 9 and text.isascii() and text.isdigit() else None


def keep_refused(
    tables: Sequence[HealthTable], given: Sequence[GivenReading], recorded: Recorded, before: Sequence[HealthTable]
) -> None:
    """Put what was refused back on the grid as it now is: the sentence on its row, the text in its cell."""
    told = {row.kpi.pk: row for table in before for row in table.rows}
    by_place = {each.place: each for each in given}
    for table in tables:
        for row in table.rows:
            old = told.get(row.kpi.pk)
            if old is None:
                continue
            row.errors += old.errors
            for first, sentence in sorted(
                (place[1], refused.detail) for place, refused in recorded.refused.items() if place[0] == row.kpi.pk
            ):
                row.errors.append((first, sentence))
            wrong = {first for first, _sentence in row.errors}
            for cell, was in zip(row.cells, old.cells, strict=True):
                if cell.first in wrong:
                    cell.text = was.text
            row.written = sum(1 for undo in recorded.before if undo.kpi.pk == row.kpi.pk)
            if row.why is not None and row.why.first in wrong:
                said = by_place.get((row.kpi.pk, row.why.first))
                if said is not None:
                    row.why.cause = said.cause or row.why.cause
                    row.why.countermeasure = said.countermeasure or row.why.countermeasure


def undo_of(recorded: Recorded) -> list[list[Any]]:
    """What stood there before, as a session keeps it."""
    return [
        [
            each.kpi.pk,
            f"{each.period_start:%Y-%m-%d}",
            None if each.value is None else str(each.value),
            each.cause,
            each.countermeasure,
            each.version,
        ]
        for each in recorded.before
    ]


def undone(kept: Sequence[Sequence[Any]], kpis: Mapping[int, HealthKPI]) -> list[GivenReading]:
    """The same, to be written again; KPIs that are no longer there are left out."""
    return [
        GivenReading(
            kpis[pk],
            date.fromisoformat(first),
            None if value is None else Decimal(value),
            cause=cause,
            countermeasure=countermeasure,
            version=version,
        )
        for pk, first, value, cause, countermeasure, version in kept
        if pk in kpis
    ]
