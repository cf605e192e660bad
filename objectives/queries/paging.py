"""Pages that a statement cut, told as Django's paginator tells its own."""

from __future__ import annotations

from typing import ClassVar, Self


class Paged:
    """What the numbers below a list ask of a page. `size` is how many rows a full one has."""

    size: ClassVar[int]
    number: int
    has_next: bool

    @property
    def paginator(self) -> Self:
        return self

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def has_other_pages(self) -> bool:
        return self.has_previous or self.has_next

    @property
    def previous_page_number(self) -> int:
        return self.number - 1

    @property
    def next_page_number(self) -> int:
        return self.number + 1

    @property
    def start_index(self) -> int:
        return (self.number - 1) * self.size + 1
