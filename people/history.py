"""Telling the database who is at work, so that what its triggers keep says who, when and through which door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pghistory
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from structlog.contextvars import get_contextvars

from people import clock
from people.masking import without_secrets
from people.models import Door


class Late(DjangoJSONEncoder):
    """Writes a function as what it answers at the moment of the write."""

    def default(self, value: Any) -> Any:
        return value() if callable(value) else super().default(value)


@contextmanager
def told(
    door: str,
    *,
    user: int | Callable[[], int | None] | None = None,
    address: str = "",
    at: datetime | None = None,
) -> Iterator[None]:
    """While this lasts, what is written is known to come from here: `with told(Door.TASK, address=name): …`.

    It happens `at` one moment, the present one unless said otherwise; a command may last for hours, so each of its
    writes has its own. Inside another `told` this one holds, and the other again afterwards.
    """
    lasts = at is None and door == Door.COMMAND
    moment = (at or clock.now()).isoformat()
    with pghistory.context() as current:
        outside = dict(current.metadata)
        current.metadata.clear()
        current.metadata.update(
            door=str(door),
            user=user,
            address=without_secrets(address)[:300],
            at=(lambda: clock.now().isoformat()) if lasts else moment,
            request_id=str(get_contextvars().get("request_id", ""))[:64],
        )
        try:
            yield
        finally:
            current.metadata.clear()
            current.metadata.update(outside)


def tell(**more: Any) -> None:
    """Add to what is told already, for example `user` once it is known who a token belongs to."""
    pghistory.context(**more)


def remember(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: what a request writes is known to be its person's."""

    def answer(request: HttpRequest) -> HttpResponse:
        door = Door.API if request.path.startswith("/api/") else Door.PAGE
        # Only a request that writes needs to know its person.
        with told(door, user=lambda: request.user.pk, address=request.path):
            return get_response(request)

    return answer
