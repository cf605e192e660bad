"""Walking through the key results of a draft."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from objectives.formulas.drafting.draft import UNTOLD, Draft, DraftKeyResult, Told, place_of
from objectives.formulas.drafting.text import language_of


def numbered(draft: Draft) -> Iterator[tuple[str, DraftKeyResult]]:
    """Every key result with where it stands."""
    for number, result in enumerate(key_results_of(draft)):
        yield place_of(number), result


def key_results_of(draft: Draft) -> tuple[DraftKeyResult, ...]:
    return () if draft.key_results is UNTOLD or draft.key_results is None else draft.key_results


def title_language(result: DraftKeyResult, draft: Draft) -> str:
    """The language a key result is written in; one of letters only (NPS) goes by its objective."""
    return language_of(result.title, draft.title)


def number_of(value: Told[Decimal]) -> Decimal | None:
    """A value that was told and is there."""
    return value if isinstance(value, Decimal) else None


def start_of(result: DraftKeyResult) -> Decimal | None:
    """Where a key result starts; what is added up starts at 0 unless something else is said."""
    start = number_of(result.start_value)
    return Decimal(0) if start is None and result.kind == "cumulative" else start
