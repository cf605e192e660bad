"""Tables of readings as spreadsheets save them: a lever a line, a day, week or month a column.

Spreadsheets rewrite what looks like a date: a month may come back as 2026-04, 2026/04, 2026年4月, Apr-26 or Apr 2026.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from funnel.formulas.actuals import DAY, MONTH, WEEK

LARGEST_FILE = 1_000_000
MOST_LINES = 1_000
MOST_COLUMNS = 400

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?")
_WEEK = re.compile(r"(\d{4})-?w(\d{1,2})")
_MONTH_IN_WORDS = re.compile(r"([a-z]{3})[a-z]*[-. ]+(\d{4}|\d{2})")
_KEY = {"key", "キー"}
_FORMULA_MADE_HARMLESS = re.compile(r"'(?=[=+\-@|%＝＋－＠｜％])")


class SheetRefused(ValueError):
    """A file that holds no readings. `code` says why: `too_large`, `unknown_encoding`, `empty`, `no_dates`,
    `too_many_lines`, `too_many_columns`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Heading:
    """A column of readings: the day it is about, or the week or month that holds it."""

    at: int
    text: str
    span: str
    date: date


@dataclass(frozen=True)
class SheetLine:
    """A line as it stands in the file: `number` from 1, what the lever is called there, and its filled cells."""

    number: int
    lever: str
    key: str
    cells: tuple[tuple[Heading, str], ...]


@dataclass(frozen=True)
class Sheet:
    """`ignored` are the headings that are no date."""

    headings: tuple[Heading, ...]
    lines: tuple[SheetLine, ...]
    ignored: tuple[str, ...] = ()


def decode(content: bytes) -> str:
    """The text of a file of readings. Raises SheetRefused, as `text_of` and where it is too large."""
    if len(content) > LARGEST_FILE:
        raise SheetRefused("too_large")
    return text_of(content)


def text_of(content: bytes) -> str:
    """The text of a file as spreadsheets save it: in UTF-8, in UTF-16 with its mark, or in the CP932 of Japanese ones.

    >>> text_of("会社名".encode("cp932")) == text_of("会社名".encode("utf-16")) == text_of("\\ufeff会社名".encode())
    True

    Raises SheetRefused `unknown_encoding`.
    """
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp932")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise SheetRefused("unknown_encoding")


def read_sheet(text: str) -> Sheet:
    """What a table says, separated by commas, semicolons or tabs. Raises SheetRefused.

    >>> sheet = read_sheet("lever,unit,2026-04,May-26\\n訪問,回,\\"1,200\\",\\n")
    >>> [(heading.span, heading.date.isoformat()) for heading in sheet.headings], sheet.ignored
    ([('month', '2026-04-01'), ('month', '2026-05-01')], ('unit',))
    >>> [(line.number, line.lever, [cell for _heading, cell in line.cells]) for line in sheet.lines]
    [(2, '訪問', ['1,200'])]
    """
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise SheetRefused("empty")
    first = next(line for line in text.splitlines() if line.strip())
    delimiter = max("\t;,", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header: list[str] | None = None
    headings: tuple[Heading, ...] = ()
    lines: list[SheetLine] = []
    key_at = None
    try:
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) > MOST_COLUMNS:
                raise SheetRefused("too_many_columns")
            if header is None:
                header = row
                headings = tuple(filter(None, (read_heading(cell, at) for at, cell in enumerate(row) if at)))
                key_at = next((at for at, cell in enumerate(row) if at and cell.strip().lower() in _KEY), None)
                continue
            if len(lines) == MOST_LINES:
                raise SheetRefused("too_many_lines")
            lines.append(line_of(row, rows.line_num, headings, key_at))
    except csv.Error:
        raise SheetRefused("unknown_encoding") from None
    if not headings:
        raise SheetRefused("no_dates")
    dated = {heading.at for heading in headings}
    ignored = (
        cell.strip() for at, cell in enumerate(header or []) if at and at not in dated and at != key_at and cell.strip()
    )
    return Sheet(headings, tuple(lines), tuple(ignored))


def line_of(row: list[str], number: int, headings: tuple[Heading, ...], key_at: int | None) -> SheetLine:
    cells = tuple(
        (heading, row[heading.at].strip()) for heading in headings if heading.at < len(row) and row[heading.at].strip()
    )
    key = row[key_at].strip() if key_at is not None and key_at < len(row) else ""
    return SheetLine(number, plain(row[0]), plain(key), cells)


def plain(text: str) -> str:
    """A name as it was before it was made harmless for spreadsheets."""
    return _FORMULA_MADE_HARMLESS.sub("", text.strip(), count=1) if text.strip().startswith("'") else text.strip()


def read_heading(text: str, at: int = 0) -> Heading | None:
    """The day, ISO week or month a column is about; None for anything else.

    >>> headings = map(read_heading, ("２０２６年４月", "2026/4/9", "2026-W20", "Apr-26"))
    >>> [(one.span, one.date.isoformat()) for one in headings]
    [('month', '2026-04-01'), ('', '2026-04-09'), ('week', '2026-05-11'), ('month', '2026-04-01')]
    >>> read_heading("2026-13"), read_heading("合計")
    (None, None)
    """
    said = unicodedata.normalize("NFKC", text).strip().lower()
    try:
        if found := _DAY.fullmatch(said):
            return Heading(at, text.strip(), DAY, date(*map(int, found.groups())))
        if found := _WEEK.fullmatch(said):
            return Heading(at, text.strip(), WEEK, date.fromisocalendar(int(found[1]), int(found[2]), 1))
        if found := _MONTH.fullmatch(said):
            return Heading(at, text.strip(), MONTH, date(int(found[1]), int(found[2]), 1))
        if (found := _MONTH_IN_WORDS.fullmatch(said)) and found[1] in _MONTHS:
            year = int(found[2]) + (2000 if len(found[2]) == 2 else 0)
            return Heading(at, text.strip(), MONTH, date(year, _MONTHS.index(found[1]) + 1, 1))
    except ValueError:
        return None
    return None
