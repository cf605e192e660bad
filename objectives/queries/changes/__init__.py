"""The history as people read it: which events belong to a row or answer a wish, and what each says in words.

One way for the pages, the file and the API: `events_of` or `listed` finds the events, `describe` puts them in words.
"""

from objectives.queries.changes.finding import (
    KINDS,
    Cursor,
    Page,
    Wanted,
    events_of,
    listed,
    page_of,
    wanted_from,
)
from objectives.queries.changes.telling import Change, Difference, Moment, describe, moments_of

__all__ = [
    "KINDS",
    "Change",
    "Cursor",
    "Difference",
    "Moment",
    "Page",
    "Wanted",
    "describe",
    "events_of",
    "listed",
    "moments_of",
    "page_of",
    "wanted_from",
]
