"""What can be counted on paper of a look back: the time that is left, what people voted for, the causes they named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

Row = TypeVar("Row")
LONGEST_SECONDS = 3 * 60 * 60


def seconds_left(ends_at: datetime | None, paused: int, now: datetime) -> int:
    """What a timer shows, in whole seconds, 0 or more: of a running one until it ends, else what it was paused at.

    >>> noon = datetime(2026, 6, 30, 12)
    >>> seconds_left(datetime(2026, 6, 30, 12, 3), 0, noon), seconds_left(None, 90, noon)
    (180, 90)
    >>> seconds_left(datetime(2026, 6, 30, 11), 0, noon)
    0
    """
    if ends_at is None:
        return max(0, paused)
    return max(0, round((ends_at - now).total_seconds()))


def by_votes(rows: Iterable[Row], votes: Callable[[Row], int]) -> list[Row]:
    """Most votes first; what got the same number stays in its order.

    >>> by_votes(["a", "bbb", "cc", "d"], len)
    ['bbb', 'cc', 'a', 'd']
    """
    return sorted(rows, key=lambda row: -votes(row))


def counted(words: Iterable[str]) -> list[tuple[str, int]]:
    """How often each word was said, most often first; what was not sorted, the empty word, comes last.

    >>> counted(["", "focus", "", "", "start", "focus"])
    [('focus', 2), ('start', 1), ('', 3)]
    """
    found = Counter(words)
    return sorted(found.items(), key=lambda pair: (pair[0] == "", -pair[1]))
