"""Rows that are put away instead of deleted: marked with the moment, and brought back by taking the mark off."""

from __future__ import annotations

from typing import Any

from people import clock
from people.refusals import stale


def put_away(held: Any, mark: str, *, expected_version: int | None = None) -> Any:
    """Set the moment `mark` of a row that is locked; put away already is harmless. Raises `Refusal` `stale`."""
    if getattr(held, mark) is None:
        if expected_version is not None and held.version != expected_version:
            raise stale()
        set_mark(held, mark, clock.now())
    return held


def bring_back(held: Any, mark: str) -> Any:
    """Take the moment `mark` off a row that is locked; not put away is harmless."""
    if getattr(held, mark) is not None:
        set_mark(held, mark, None)
    return held


def set_mark(held: Any, mark: str, moment: Any) -> None:
    setattr(held, mark, moment)
    held.version += 1
    held.save(update_fields=[mark, "version"])
