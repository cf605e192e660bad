"""People as they are pasted from a mail or a spreadsheet: one on a line, with what stands beside the address.

Full-width characters, `、` and tabs, names before and after the address, quotes, mailto: and the head of a table are
all read. What a word beside the address means, a role, a team or a name, is for whoever knows the teams.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass

HEAD_WORDS = {"email", "e-mail", "mail", "address", "メール", "メールアドレス", "アドレス", "eメール"}
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0b-\x1f\x7f]")
_IN_BRACKETS = re.compile(r"^(.*?)[<(\[]\s*(?:mailto:)?([^<>()\[\]\s]*@[^<>()\[\]\s]*)\s*[>)\]](.*)$")
_ALONE = re.compile(r"^(?:mailto:)?(\S*@\S*)$")
_LAST = re.compile(r"^(.*?)\s+(?:mailto:)?(\S+@\S+)$")
_COMMAS = str.maketrans({"、": ",", "，": ",", "﹐": ","})


@dataclass(frozen=True)
class PastedPerson:
    """One line as read. `others` are the words beside the address that are not surely the name.

    `problem` is empty, or `no_address` or `several_addresses`.
    """

    line: int
    text: str
    email: str = ""
    name: str = ""
    others: tuple[str, ...] = ()
    problem: str = ""


def read_people(text: str) -> list[PastedPerson]:
    """The people of a pasted text in its order; blank lines and the head of a table are passed over.

    >>> [(one.name, one.email) for one in read_people("山田 太郎 <taro@example.com>; Hana <hana@example.com>")]
    [('山田 太郎', 'taro@example.com'), ('Hana', 'hana@example.com')]
    >>> read_people("佐藤\\tｓａｔｏ＠example.com\\t管理者\\t営業部")[0].others
    ('佐藤', '管理者', '営業部')
    >>> read_people("a@example.com、メンバー")[0].others, read_people("営業部")[0].problem
    (('メンバー',), 'no_address')
    """
    people: list[PastedPerson] = []
    lines = re.split(r"\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]", text)
    for number, raw in enumerate(lines, 1):
        line = _INVISIBLE.sub("", unicodedata.normalize("NFKC", raw)).strip(" ;")
        if not line.strip():
            continue
        cells = cells_of(line)
        if not people and "@" not in line and any(cell.casefold() in HEAD_WORDS for cell in cells):
            continue
        with_address = [cell for cell in cells if "@" in cell]
        if len(with_address) > 1 and len(with_address) == len(cells):
            people.extend(person_of(number, cell, [cell]) for cell in cells)
        else:
            people.append(person_of(number, line.strip(), cells))
    return people


def cells_of(line: str) -> list[str]:
    """The parts of a line, cut at tabs where there are any, else at semicolons or commas outside quotes."""
    if "\t" in line:
        parts = line.split("\t")
    else:
        plain = line.translate(_COMMAS)
        delimiter = ";" if ";" in plain else ","
        try:
            (parts,) = csv.reader([plain], delimiter=delimiter, skipinitialspace=True)
        except (csv.Error, ValueError):
            parts = plain.split(delimiter)
    cleaned = (" ".join(part.strip(" \t\"'“”").split()) for part in parts)
    return [part for part in cleaned if part]


def person_of(number: int, text: str, cells: list[str]) -> PastedPerson:
    with_address = [cell for cell in cells if "@" in cell]
    if not with_address:
        return PastedPerson(number, text, problem="no_address")
    if len(with_address) > 1:
        return PastedPerson(number, text, problem="several_addresses")
    cell = with_address[0]
    name, email, behind = "", cell, ""
    if found := _IN_BRACKETS.match(cell):
        name, email, behind = found[1], found[2], found[3]
    elif found := _ALONE.match(cell):
        email = found[1]
    elif found := _LAST.match(cell):
        name, email = found[1], found[2]
    if "@" in name + behind or email.count("@") > 1:
        return PastedPerson(number, text, problem="several_addresses")
    others = tuple(other for other in (*(one for one in cells if one is not cell), behind.strip(" ,")) if other)
    return PastedPerson(number, text, email.lower(), name.strip(" \"'“”,"), others)
