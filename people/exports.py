"""Tables handed out as files that Excel opens without surprise.

The one place where a cell is made harmless: a spreadsheet takes a text that begins with = + - @ | or % for a formula.
A per cent sign by itself is a unit, not a formula: with nothing behind it there is nothing to run.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import SuspiciousFileOperation
from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import get_valid_filename

# Excel in Japan reads a file without it as CP932.
BYTE_ORDER_MARK = "\ufeff"

_FORMULA_BEGINS = tuple("=+-@|%\t\r＝＋－＠｜％")
_PLAIN_UNIT = re.compile(r"[%％]")
_PLAIN_NUMBER = re.compile(r"[-+−]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?%?")


def safe_cell(value: Any) -> str:
    """A value as the text of a cell that no spreadsheet will run.

    >>> safe_cell("==1+1"), safe_cell("\u3000＝HYPERLINK(1)"), safe_cell("-5.5"), safe_cell(None), safe_cell("%")
    ("'==1+1", "'＝HYPERLINK(1)", '-5.5', '', '%')
    """
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    text = str(value).replace("\x00", "").replace("\ufeff", "").strip(" \u3000")
    is_plain = _PLAIN_NUMBER.fullmatch(text) or _PLAIN_UNIT.fullmatch(text)
    if text.startswith(_FORMULA_BEGINS) and not is_plain:
        return "'" + text
    return text


def csv_response(name: str, header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A CSV file to be saved under `name`, with a byte order mark and every cell made safe."""
    buffer = io.StringIO(BYTE_ORDER_MARK, newline="")
    buffer.seek(0, io.SEEK_END)
    csv.writer(buffer).writerows([safe_cell(cell) for cell in row] for row in (header, *rows))
    answer = HttpResponse(buffer.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = content_disposition_header(True, file_name(name) + ".csv") or "attachment"
    return answer


def csv_stream(name: str, header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """The same for a file of any length: it is sent while it is read."""

    def parts() -> Iterator[str]:
        yield BYTE_ORDER_MARK + csv_line(header)
        for row in rows:
            yield csv_line(row)

    answer = StreamingHttpResponse(parts(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = content_disposition_header(True, file_name(name) + ".csv") or "attachment"
    return answer


def csv_line(row: Sequence[Any]) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerow([safe_cell(cell) for cell in row])
    return buffer.getvalue()


def file_name(name: str) -> str:
    """The name without what a file's name may not hold; the product's where nothing is left of it."""
    try:
        return get_valid_filename(name)
    except SuspiciousFileOperation:
        return "okrplanner"
