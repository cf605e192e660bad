"""Telling the database who is at work, so that what its triggers keep says who, when and through which door."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pghistory
from django.http import HttpRequest, HttpResponse
from structlog.contextvars import get_contextvars

from people import clock
from people.models import Door

# What follows these in an address opens something, and is kept nowhere.
SECRET_IN_PATH = re.compile(r"(/(?:start|invitations?/accept|reset/key|share)/)[^/]{8,}")
SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}


def without_secrets(path: str) -> str:
    """An address as it may be written down: one-time keys in it are left out."""
    return SECRET_IN_PATH.sub(r"\1…", path)


def told(door: str, *, user: int | None = None, address: str = "") -> pghistory.context:
    """While this lasts, what is written is known to come from here: `with told(Door.TASK, address=name): …`."""
    return pghistory.context(
        door=str(door),
        user=user,
        address=without_secrets(address)[:300],
        at=clock.now().isoformat(),
        request_id=str(get_contextvars().get("request_id", ""))[:64],
    )


def tell(**more: Any) -> None:
    """Add to what is told already, for example `user` once it is known who a token belongs to."""
    pghistory.context(**more)


def remember(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: what a request writes is known to be its person's."""

    def answer(request: HttpRequest) -> HttpResponse:
        if request.method in SAFE_METHODS:
            return get_response(request)
        door = Door.API if request.path.startswith("/api/") else Door.PAGE
        with told(door, user=request.user.pk, address=request.path):
            return get_response(request)

    return answer
