"""A secret that one page makes and the next one shows, once."""

from __future__ import annotations

from typing import TypeVar

from django.http import HttpRequest

from people.models import Membership
from people.models.doors import Key
from people.sealing import open_seal, seal

AnyKey = TypeVar("AnyKey", bound=Key)


def keep_secret(request: HttpRequest, row: Key, secret: str) -> None:
    """Keep the secret for the next page. A form sent twice, which has none, leaves that of the first time there."""
    if secret:
        request.session[place(type(row))] = {"row": row.pk, "sealed": seal(secret)}


def just_made(request: HttpRequest, model: type[AnyKey], membership: Membership) -> tuple[AnyKey | None, str]:
    """The row made on the page before and its secret, once."""
    kept = request.session.pop(place(model), None) if request.method == "GET" else None
    if kept is None:
        return None, ""
    row = model._default_manager.filter(membership=membership, pk=kept["row"], ended_at=None).first()
    return (row, open_seal(kept["sealed"])) if row else (None, "")


def place(model: type[Key]) -> str:
    return f"made_{model._meta.model_name}"
