"""The sheets of a workbook: their formats, their heads, and cells that are never taken for formulas.

People's words are written as strings, whatever they begin with. A formula is always ours, and is written with the
value it has, so that a viewer that does not calculate shows the right number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import ceil
from typing import Any
from unicodedata import east_asian_width

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

A4 = 9
LONGEST_CELL = 32_000
HEAD_ROW = 3
LINE, TALLEST = 14, 400
FIRST_ROW = HEAD_ROW + 1
FONT = {"ja": "Yu Gothic", "en": "Arial"}


@dataclass(frozen=True)
class Column:
    """A column with its head, its width in characters, and the name of its cells' format."""

    head: str
    width: float
    form: str = "text"


class Sheets:
    """A workbook in the making, in one language."""

    def __init__(self, target: Any, language: str):
        font = {"font_name": FONT.get(language, FONT["en"]), "font_size": 10}
        self.language = language
        self.book = Workbook(
            target,
            {
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "default_format_properties": font,
            },
        )
        self.book.set_calc_mode("auto")
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._widths: dict[str, list[float]] = {}
        self._lines: dict[tuple[str, int], int] = {}
        self.font = font

    def form(self, **given: Any) -> Any:
        """A format of cells; the same one for the same properties."""
        key = tuple(sorted(given.items()))
        if key not in self._made:
            self._made[key] = self.book.add_format({**self.font, "valign": "top", **given})
        return self._made[key]

    def named(self, name: str) -> Any:
        match name:
            case "text":
                return self.form(text_wrap=True)
            case "score":
                return self.form(num_format="0.00", align="right")
            case "percent":
                return self.form(num_format="0%", align="right")
            case "count":
                return self.form(num_format="0", align="right")
            case "date":
                return self.form(num_format="yyyy/mm/dd" if self.language == "ja" else "d mmm yyyy", align="left")
            case "typed":
                return self.form(num_format="0.00", align="right", bg_color="#FBF3DF")
            case "head":
                return self.form(bold=True, text_wrap=True, bottom=1, bg_color="#EBE7E0")
            case "title":
                return self.form(bold=True, font_size=16)
            case "meta":
                return self.form(font_color="#6E6761")
        return self.form(num_format=name, align="right")

    def sheet(self, name: str, title: str, meta: str, columns: Sequence[Column]) -> Worksheet:
        """A sheet with its title, its head, and everything it needs to be printed."""
        sheet = self.book.add_worksheet(sheet_name(name))
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&8" + plain(title).replace("&", "&&")[:100] + "&R&8&P / &N")
        sheet.hide_gridlines(2)
        sheet.write_string(0, 0, plain(title), self.named("title"))
        sheet.set_row(0, 26)
        sheet.write_string(1, 0, plain(meta), self.named("meta"))
        self._widths[sheet.get_name()] = [column.width for column in columns]
        for number, column in enumerate(columns):
            sheet.set_column(number, number, column.width)
            sheet.write_string(HEAD_ROW, number, column.head, self.named("head"))
        if columns:
            sheet.set_row(HEAD_ROW, 30)
            sheet.repeat_rows(HEAD_ROW)
        return sheet

    def rows(self, sheet: Worksheet, columns: Sequence[Column], count: int, *, frozen: int = 1) -> None:
        """Freeze the head, filter what stands under it, and give every row the height that its words need."""
        for (name, row), lines in self._lines.items():
            if name == sheet.get_name():
                sheet.set_row(row, min(LINE * lines + 2, TALLEST))
        sheet.freeze_panes(FIRST_ROW, frozen)
        sheet.autofilter(HEAD_ROW, 0, HEAD_ROW + max(count, 1), len(columns) - 1)

    def put(self, sheet: Worksheet, row: int, column: int, value: Any, form: str = "text") -> None:
        """A value as what it is; people's words always as a string."""
        style = self.named(form)
        if value is None or value == "":
            sheet.write_blank(row, column, None, style)
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value, style)
        elif isinstance(value, int | float | Decimal):
            sheet.write_number(row, column, float(value), style)
        elif isinstance(value, datetime | date):
            sheet.write_datetime(row, column, value, style)
        else:
            text = plain(str(value))[:LONGEST_CELL]
            sheet.write_string(row, column, text, style)
            widths = self._widths.get(sheet.get_name(), [])
            if column < len(widths):
                place = (sheet.get_name(), row)
                self._lines[place] = max(self._lines.get(place, 1), lines_of(text, widths[column]))

    def calculate(self, sheet: Worksheet, row: int, column: int, formula: str, value: Any, form: str) -> None:
        """A formula of ours with the value it has now; nothing where that is None."""
        sheet.write_formula(row, column, formula, self.named(form), "" if value is None else value)


def lines_of(text: str, width: float) -> int:
    """How many lines a text takes in a column of so many characters; a full-width one counts twice.

    >>> lines_of("六つの文字", 10), lines_of("a" * 21, 10), lines_of("", 10)
    (1, 3, 1)
    """
    lengths = (sum(2 if east_asian_width(letter) in "WFA" else 1 for letter in part) for part in text.split("\n"))
    return max(sum(max(ceil(length / width), 1) for length in lengths), 1)


def sheet_name(text: str) -> str:
    """As long and as plain as Excel takes a sheet's name.

    >>> sheet_name("Key results: A/B")
    'Key results A B'
    """
    return " ".join(re.sub(r"[\[\]:*?/\\]", " ", text).split()).strip("'")[:31]


def plain(text: str) -> str:
    """A person's words without what no cell can hold."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", text)


def cell(row: int, column: int) -> str:
    return str(xl_rowcol_to_cell(row, column))


def column_range(sheet: str, column: int, first: int, last: int) -> str:
    """A column's cells on another sheet, fixed: 'Objectives'!$F$5:$F$20."""
    name = sheet.replace("'", "''")
    return f"'{name}'!{xl_rowcol_to_cell(first, column, True, True)}:{xl_rowcol_to_cell(last, column, True, True)}"


def number_format(value: Any, unit: str, language: str) -> str:
    """How Excel writes an amount in its unit, the digits of the value kept.

    >>> number_format(Decimal("12.5"), "%", "ja"), number_format(3, "社", "ja"), number_format(3, "円", "en")
    ('#,##0.0#"%"', '#,##0"社"', '"¥"#,##0')
    """
    digits = "#,##0" if value is None or value == int(value) else "#,##0.0#"
    sign = plain(unit).replace('"', "").replace("\\", "")[:20]
    if sign == "円" and language != "ja":
        return f'"¥"{digits}'
    space = " " if language != "ja" and sign.isascii() and sign[:1].isalpha() else ""
    return f'{digits}"{space}{sign}"' if sign else digits
