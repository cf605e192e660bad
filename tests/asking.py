"""Asking the API in tests."""

from __future__ import annotations

from typing import Any

from tests.cast import Cast


def address(cast: Cast, *parts: Any) -> str:
    """`address(cast, "objectives", 3, "drop")` is /api/v1/o/hokuto/objectives/3/drop/."""
    return f"/api/v1/o/{cast.organization.slug}/" + "".join(f"{part}/" for part in parts)


def post(client: Any, url: str, body: Any = None, **headers: str) -> Any:
    return client.post(url, {} if body is None else body, content_type="application/json", headers=headers)


def patch(client: Any, url: str, body: Any, **headers: str) -> Any:
    return client.patch(url, body, content_type="application/json", headers=headers)


def put(client: Any, url: str, body: Any, **headers: str) -> Any:
    return client.put(url, body, content_type="application/json", headers=headers)
