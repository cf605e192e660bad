"""Files of leads as spreadsheets save them: their lines, and what each column seems to mean."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from funnel.formulas.sheets import DAY, SheetRefused, plain, read_heading, text_of

LARGEST_FILE = 20_000_000
LARGEST_INSIDE = 400_000_000
MOST_LINES = 50_000
MOST_COLUMNS = 60
LONGEST_CELL = 1_000
LAST_ROW = 1_048_576
"""Of a sheet of Excel: a row that says to be behind it would have all rows before it made up."""
FIRST = 20
MOST_VALUES = 40

# What a column may mean, in the order a choice shows it.
MEANINGS = (
    "company",
    "contact",
    "role",
    "email",
    "phone",
    "industry",
    "region",
    "employees",
    "revenue",
    "source",
    "stage",
    "fit",
    "owner",
    "since",
    "note",
    "reference",
)
HEADINGS: dict[str, tuple[str, ...]] = {
    "company": (
        "会社名", "企業名", "会社", "企業", "社名", "法人名", "取引先名", "取引先", "顧客名", "貴社名", "勤務先",
        "アカウント名", "company", "companyname", "account", "accountname", "organization", "organisation", "customer",
    ),
    "contact": (
        "担当者", "担当者名", "先方担当者", "氏名", "名前", "お名前", "ご担当者", "ご担当者名", "姓名", "コンタクト",
        "contact", "contactname", "name", "fullname", "person", "lead", "leadname",
    ),
    "role": ("役職", "役職名", "肩書", "肩書き", "職位", "部署役職", "position", "title", "jobtitle", "role"),
    "email": (
        "メール", "メールアドレス", "eメール", "電子メール", "mail", "email", "e-mail", "emailaddress", "mailaddress",
    ),
    "phone": ("電話", "電話番号", "tel", "代表電話", "携帯", "携帯電話", "phone", "telephone", "phonenumber", "mobile"),
    "industry": ("業種", "業界", "業種名", "産業", "industry", "sector"),
    "region": (
        "都道府県", "地域", "エリア", "所在地", "都道府県名", "region", "prefecture", "area", "state", "location",
    ),
    "employees": (
        "従業員数", "従業員", "社員数", "従業員規模", "人数", "employees", "numberofemployees",
        "headcount", "companysize",
    ),
    "revenue": ("売上", "売上高", "年商", "売上規模", "年間売上", "revenue", "annualrevenue", "sales", "yearlyrevenue"),
    "source": (
        "流入元", "流入経路", "リードソース", "獲得経路", "経路", "きっかけ", "媒体", "チャネル",
        "source", "leadsource", "channel", "origin", "cameby",
    ),
    "stage": (
        "ステータス", "段階", "ステージ", "フェーズ", "状況", "進捗", "商談フェーズ", "リードステータス",
        "status", "stage", "phase", "leadstatus",
    ),
    "fit": ("ランク", "適合度", "確度", "評価", "abcランク", "fit", "rank", "grade", "score"),
    "owner": (
        "担当営業", "営業担当", "営業担当者", "自社担当", "自社担当者", "弊社担当", "所有者", "リード所有者", "担当",
        "owner", "leadowner", "salesrep", "assignedto", "lookedafterby", "rep",
    ),
    "since": (
        "日付", "登録日", "獲得日", "作成日", "更新日", "ステータス更新日", "発生日", "現段階の開始日",
        "date", "since", "createdat", "created", "heresince", "leaddate",
    ),
    "note": ("備考", "メモ", "コメント", "note", "notes", "memo", "comment", "remarks"),
    "reference": (
        "id", "管理番号", "顧客番号", "リードid", "取引先id", "顧客id", "外部id", "コード", "他システムの番号",
        "leadid", "accountid", "externalid", "reference", "numberinanothersystem", "code",
    ),
}  # fmt: skip
_BY_HEADING = {heading: meaning for meaning, headings in HEADINGS.items() for heading in headings}
_NOISE = re.compile(r"[\s　*※:：()\[\]_/・．.\-]+")
_XLSX, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Column:
    """A column of a file: its heading, its first cells, and its different values where they are few (else none)."""

    heading: str
    first: tuple[str, ...]
    values: tuple[str, ...]


@dataclass(frozen=True)
class LeadSheet:
    """A file of leads: `text` is all of it as CSV without its heading, `lines` how many lines that are."""

    columns: tuple[Column, ...]
    text: str
    lines: int


def simple(heading: str) -> str:
    """A heading without what tells nothing: width, case, spaces and marks.

    >>> simple("【会社名】 *必須"), simple("E-mail　Address")
    ('会社名', 'emailaddress')
    """
    said = unicodedata.normalize("NFKC", heading).casefold()
    return _NOISE.sub("", said).replace("【", "").replace("】", "").replace("必須", "").replace("任意", "")


def guess(headings: Sequence[str]) -> list[str]:
    """What columns mean by their headings, each meaning once; "" for those that say nothing.

    >>> guess(["企業名", "担当者", "担当営業", "e-mail", "ステータス", "好きな色", "会社名"])
    ['company', 'contact', 'owner', 'email', 'stage', '', '']
    """
    found: list[str] = []
    for heading in headings:
        meaning = _BY_HEADING.get(simple(heading), "")
        found.append(meaning if meaning not in found else "")
    return found


def read_lead_file(content: bytes) -> LeadSheet:
    """A CSV or TSV in UTF-8, UTF-16 or CP932, or the first filled sheet of an Excel workbook. Raises SheetRefused:
    `too_large`, `unknown_encoding`, `old_excel`, `broken_excel`, `empty`, `no_lines`, `too_many_lines`,
    `too_many_columns`.
    """
    if len(content) > LARGEST_FILE:
        raise SheetRefused("too_large")
    if content.startswith(_OLD_EXCEL):
        raise SheetRefused("old_excel")
    if content.startswith(_XLSX):
        return gather(workbook_lines(content))
    return gather(text_lines(text_of(content)))


def text_lines(text: str) -> Iterator[list[str]]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max("\t;,", key=first.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error:
        raise SheetRefused("unknown_encoding") from None


def workbook_lines(content: bytes) -> Iterator[list[str]]:
    # A workbook is a bundle of compressed parts: how much comes out of it is asked before it is opened.
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as bundle:
            if sum(part.file_size for part in bundle.infolist()) > LARGEST_INSIDE:
                raise SheetRefused("too_large")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            is_filled = False
            for row in sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS + 1, max_row=LAST_ROW):
                cells = [written(cell) for cell in row]
                is_filled = is_filled or any(cells)
                yield cells
            if is_filled:
                break
        book.close()
    except SheetRefused:
        raise
    except Exception as broken:  # whatever a damaged bundle makes its many readers raise
        raise SheetRefused("broken_excel") from broken


def written(cell: Any) -> str:
    """A typed cell as its text.

    >>> written(120.0), written(datetime(2026, 4, 1)), written(None), written("=1")
    ('120', '2026-04-01', '', '=1')
    """
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ", timespec="minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)


def gather(rows: Iterable[list[str]]) -> LeadSheet:
    """The columns and lines of a table: its first filled line has the headings. Empty lines are left out."""
    headings: list[str] | None = None
    first: list[list[str]] = []
    values: list[set[str] | None] = []
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    lines = 0
    for row in rows:
        cells = [plain(cell.replace("\x00", ""))[: LONGEST_CELL + 1] for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        if headings is None:
            if len(cells) > MOST_COLUMNS:
                raise SheetRefused("too_many_columns")
            headings = [" ".join(cell.split())[:80] for cell in cells]
            values = [set() for _cell in cells]
            continue
        if lines == MOST_LINES:
            raise SheetRefused("too_many_lines")
        lines += 1
        cells = (cells + [""] * (len(headings) - len(cells)))[: len(headings)]
        if lines <= FIRST:
            first.append(cells)
        for at, cell in enumerate(cells):
            known = values[at]
            if known is not None and cell and cell not in known:
                known.add(cell)
                if len(known) > MOST_VALUES or len(cell) > 40:
                    values[at] = None
        writer.writerow(cells)
    if headings is None:
        raise SheetRefused("empty")
    if not lines:
        raise SheetRefused("no_lines")
    columns = tuple(
        Column(heading, tuple(line[at] for line in first), tuple(sorted(values[at] or ())))
        for at, heading in enumerate(headings)
    )
    return LeadSheet(columns, buffer.getvalue(), lines)


def lines_of(text: str) -> Iterator[list[str]]:
    """The lines of a gathered file."""
    return csv.reader(io.StringIO(text, newline=""))


def read_day(text: str) -> date | None:
    """A day as people and spreadsheets write it, None for anything else.

    >>> read_day("2026/4/1"), read_day("２０２６年４月１日"), read_day("2026-04-01 09:30"), read_day("spring")
    (datetime.date(2026, 4, 1), datetime.date(2026, 4, 1), datetime.date(2026, 4, 1), None)
    """
    said = re.sub(r"[T\s]+\d{1,2}:\d{2}.*\Z", "", text.strip())
    found = read_heading(said)
    return found.date if found is not None and found.span == DAY else None
