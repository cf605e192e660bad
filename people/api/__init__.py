"""What every endpoint shares: who may ask, how rows are listed and written, how a refusal looks."""

from people.api.answers import Pages, answer, answer_refusal, first_sentence
from people.api.doors import Calculator, Door, UnknownAddress
from people.api.fields import (
    LineField,
    NameField,
    OfferedField,
    QuickMixin,
    ReasonSerializer,
    RowField,
    SeenField,
    WordField,
    at_most,
    is_told,
)
from people.api.filters import Ordering, RowFilter
from people.api.nouns import Adding, Changing, Nested, Noun, addresses

__all__ = [
    "Adding",
    "Calculator",
    "Changing",
    "Door",
    "LineField",
    "NameField",
    "Nested",
    "Noun",
    "OfferedField",
    "Ordering",
    "Pages",
    "QuickMixin",
    "ReasonSerializer",
    "RowField",
    "RowFilter",
    "SeenField",
    "UnknownAddress",
    "WordField",
    "addresses",
    "answer",
    "answer_refusal",
    "at_most",
    "first_sentence",
    "is_told",
]
