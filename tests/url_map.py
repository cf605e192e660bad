"""Every address of the product, as Django resolves it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Address:
    """One pattern: its name with the namespaces before it, its route, and the names of what varies in it."""

    name: str
    route: str
    view: Callable[..., Any] = field(compare=False)
    arguments: frozenset[str]

    @property
    def is_api(self) -> bool:
        return self.route.startswith("api/")

    @property
    def is_of_organization(self) -> bool:
        return "slug" in self.arguments


def walk(resolver: URLResolver, route: str = "", space: str = "", above: frozenset[str] = frozenset()) -> Iterator[Any]:
    arguments = above | resolver.pattern.converters.keys()
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from walk(entry, route + str(entry.pattern), inner, arguments)
        elif isinstance(entry, URLPattern):
            named = entry.pattern.converters.keys() | getattr(entry.pattern, "regex").groupindex.keys()  # noqa: B009
            name = entry.name or f"unnamed {route}{entry.pattern}"
            yield Address(space + name, route + str(entry.pattern), entry.callback, arguments | named)


@cache
def every_address() -> tuple[Address, ...]:
    return tuple(walk(get_resolver()))
