"""What every endpoint shares: who may ask, how rows are listed and written, how a refusal looks."""

from people.api.answers import Pages, answer, answer_refusal, first_sentence
from people.api.doors import Calculator, Door, UnknownAddress
from people.api.fields import RowField
from people.api.filters import Ordering, RowFilter
from people.api.nouns import Adding, Changing, Nested, Noun, addresses

__all__ = [
    "Adding",
    "Calculator",
    "Changing",
    "Door",
    "Nested",
    "Noun",
    "Ordering",
    "Pages",
    "RowField",
    "RowFilter",
    "UnknownAddress",
    "addresses",
    "answer",
    "answer_refusal",
    "first_sentence",
]
