"""How the funnel's pages say numbers and titles in the reader's language."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from funnel.formulas.numbers import Number, format_amount, format_ratio


def language() -> str:
    return get_language() or "ja"


def times(ratio: Number | None, figures: int = 3) -> str:
    """A ratio as people say it: 3.5倍."""
    return format_ratio(ratio, language=language(), figures=figures)


def amount(value: Number | None, unit: str, figures: int = 3) -> str:
    """An amount as people say it: 1.2億円."""
    return format_amount(value, unit=unit, language=language(), figures=figures)


def percent(place: float) -> str:
    """A place in a drawing of full width, as an attribute of SVG."""
    return f"{place:.2f}".rstrip("0").rstrip(".") + "%"


def split(sentence: str, **values: object) -> list[str]:
    """The clauses of a title, filled in; split first, so that nobody's name can break it."""
    return [clause % values for clause in sentence.split("|")]


def already_there() -> str:
    """What is said where nothing has to move."""
    return _("The levers already come to this target as they are now. Check today's numbers.")


def within(name: str) -> str:
    """A name inside a sentence: its first letter small, but for an abbreviation's.

    >>> within("Site visits"), within("CVs"), within("受注")
    ('site visits', 'CVs', '受注')
    """
    is_word = name[:1].isascii() and name[1:2].islower()
    return name[:1].lower() + name[1:] if is_word else name
