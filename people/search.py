"""Finding rows by their words: how a query is read, which entries answer it, and making the entries anew."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, transaction

from people.models import Searched

LONGEST = 200
AT_ONCE = 2_000


def fold(texts: list[str]) -> list[str]:
    """The texts as the database folds them: width, case and kana in one spelling."""
    if not texts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT people_fold(typed) FROM unnest(%s::text[]) WITH ORDINALITY AS t(typed, place) ORDER BY place",
            [[text.replace("\x00", " ") for text in texts]],
        )
        return [folded for (folded,) in cursor.fetchall()]


@dataclass(frozen=True)
class Query:
    """What somebody typed, folded: the whole of it, and its words, all of which must be found."""

    phrase: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, typed: str) -> Query:
        # Folding may make one character many, so it is cut before, for speed, and after.
        (phrase,) = fold([typed[:LONGEST]])
        words = dict.fromkeys(phrase[:LONGEST].split())
        return cls(phrase[:LONGEST].strip(), tuple(words))

    def __bool__(self) -> bool:
        return bool(self.words)

    def grams(self, mark: str) -> str:
        """The pairs of characters behind a mark, as a text search query; a single character begins a pair."""
        pairs = {word[place : place + 2] for word in self.words for place in range(max(1, len(word) - 1))}
        return " & ".join(f"{quoted(mark + pair)}{':*' if len(pair) == 1 else ''}" for pair in sorted(pairs))

    def patterns(self) -> list[str]:
        """For LIKE: each word, wherever it stands."""
        return [f"%{escaped(word)}%" for word in self.words]


def quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def escaped(text: str) -> str:
    """A text for LIKE, in which nothing stands for anything else."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def sources() -> Iterator[tuple[str, str]]:
    """Each kind with the query that selects its entries from the rows themselves."""
    for model in apps.get_models():
        for trigger in getattr(model._meta, "triggers", ()):
            if isinstance(trigger, Searched) and not trigger.is_followed:
                yield trigger.kind, trigger.source


REWRITE = """
    SELECT count(people_make_searchable(%(kind)s, "row", organization, branch, cycle, title, rest))
    FROM ({source}) AS source WHERE "row" BETWEEN %(first)s AND %(last)s
"""
REMOVE = """
    DELETE FROM people_searchentry entry
    WHERE kind = %(kind)s AND "row" BETWEEN %(first)s AND %(last)s
      AND NOT EXISTS (SELECT FROM ({source}) AS source WHERE source."row" = entry."row")
"""
LAST = """
    SELECT max("row") FROM (
        SELECT max("row") AS "row" FROM ({source}) AS source
        UNION ALL SELECT max("row") FROM people_searchentry WHERE kind = %s) AS rows
"""


def rebuild(report: Callable[[str, int], None] = lambda kind, rows: None) -> None:
    """Make all entries anew from the rows, a few thousand at a time; what is right already is not written.

    While a batch runs, writers of words wait, for a moment: they would else be overtaken by what was read before.
    """
    for kind, source in sources():
        with connection.cursor() as cursor:
            cursor.execute(LAST.format(source=source), [kind])
            (last,) = cursor.fetchone()
        rows = 0
        for first in range(1, (last or 0) + 1, AT_ONCE):
            batch: dict[str, str | int] = {"kind": kind, "first": first, "last": first + AT_ONCE - 1}
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("LOCK TABLE people_searchentry IN SHARE ROW EXCLUSIVE MODE")
                cursor.execute(REWRITE.format(source=source), batch)
                rows += cursor.fetchone()[0]
                cursor.execute(REMOVE.format(source=source), batch)
        report(kind, rows)


# A letter with the marks that belong to it, or a run of spaces: what is folded in one piece.
PIECE = re.compile(r"\s+|\S[\u0300-\u036f\u3099\u309a\uff9e\uff9f]*")
Marked = list[tuple[str, bool]]


class Marks:
    """Where a query's words stand in texts as they were written, whatever width, case or kana they are in."""

    def __init__(self, query: Query, texts: Iterable[str]) -> None:
        self.words = query.words
        pieces = sorted({piece for text in texts for piece in PIECE.findall(text) if not piece.isspace()})
        self.folded = dict(zip(pieces, fold(pieces), strict=True))

    def spans(self, text: str) -> list[tuple[int, int]]:
        """The stretches of the text that answer, in order, those that touch or overlap joined."""
        folded, places = [], []
        for piece in PIECE.finditer(text):
            letters = self.folded.get(piece.group(), " ")
            folded.append(letters)
            places += [(piece.start(), piece.end())] * len(letters)
        whole = "".join(folded)
        hits = []
        for word in self.words:
            place = whole.find(word)
            while place >= 0:
                hits.append((places[place][0], places[place + len(word) - 1][1]))
                place = whole.find(word, place + len(word))
        joined: list[tuple[int, int]] = []
        for start, end in sorted(hits):
            if joined and start <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((start, end))
        return joined

    def of(self, text: str) -> Marked:
        """The text in parts, each with whether it answers."""
        return self._parts(text, self.spans(text), 0, len(text))

    def excerpt(self, text: str, before: int = 24, length: int = 110) -> Marked:
        """The part of a long text round the first answer; nothing where none stands in it."""
        spans = self.spans(text)
        if not spans:
            return []
        start = max(0, spans[0][0] - before)
        end = min(len(text), start + length)
        start = 0 if start < 6 else start
        end = len(text) if len(text) - end < 6 else end
        parts = self._parts(text, spans, start, end)
        return [*([("…", False)] if start else []), *parts, *([("…", False)] if end < len(text) else [])]

    @staticmethod
    def _parts(text: str, spans: list[tuple[int, int]], start: int, end: int) -> Marked:
        parts: Marked = []
        at = start
        for first, last in spans:
            first, last = max(first, at), min(last, end)
            if first >= last:
                continue
            if first > at:
                parts.append((text[at:first], False))
            parts.append((text[first:last], True))
            at = last
        if at < end:
            parts.append((text[at:end], False))
        return parts
