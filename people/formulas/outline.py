"""A tree written down as people write one: indented lines, or the way from the top as 営業本部 > 法人営業."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

MOST_LEVELS = 8
_ARROW = re.compile(r"\s*(?:>|→|»|›|＞)\s*")
_BULLET = re.compile(r"^(?:[-*・•‐–—●○◦▪■□]\s*|\d{1,3}[.)]\s+)")
_TAB = 4


class OutlineRefused(ValueError):
    """A line that is no place in a tree: `code` is `too_deep`, `line` its number."""

    def __init__(self, code: str, line: int) -> None:
        super().__init__("A tree goes down eight levels at most.")
        self.code = code
        self.line = line


def read_outline(text: str) -> list[tuple[str, ...]]:
    """The names from the top down to each node, parents before children, each node once.

    Raises OutlineRefused.

    >>> read_outline("営業本部\\n　法人営業\\n　店舗営業\\n管理部 > 経理")
    [('営業本部',), ('営業本部', '法人営業'), ('営業本部', '店舗営業'), ('管理部',), ('管理部', '経理')]
    """
    found: dict[tuple[str, ...], None] = {}
    above: list[tuple[int, tuple[str, ...]]] = []
    for number, line in enumerate(text.splitlines(), 1):
        indent = sum(_TAB if mark == "\t" else 2 if mark == "\u3000" else 1 for mark in leading(line))
        content = _BULLET.sub("", unicodedata.normalize("NFKC", line).strip())
        names = [clean for part in _ARROW.split(content) if (clean := " ".join(part.split()))]
        if not names:
            continue
        while above and above[-1][0] >= indent:
            above.pop()
        path = above[-1][1] if above else ()
        for name in names:
            path = (*path, name)
            found.setdefault(path)
        if len(path) > MOST_LEVELS:
            raise OutlineRefused("too_deep", number)
        above.append((indent, path))
    return list(found)


def write_outline(paths: Iterable[tuple[str, ...]]) -> str:
    """The same tree as indented lines: what `read_outline` reads back.

    >>> write_outline([("営業本部",), ("営業本部", "法人営業")])
    '営業本部\\n　法人営業'
    """
    return "\n".join("\u3000" * (len(path) - 1) + path[-1] for path in paths)


def leading(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t\u3000"))]
