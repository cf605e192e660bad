"""Writes that may be sent twice: what a request with an `Idempotency-Key` answered is given again, not done again."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.db import OperationalError, connection, transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg.errors import LockNotAvailable
from rest_framework import exceptions, status
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from people import clock
from people.models import APIToken, IdempotentAnswer
from people.parsers import LARGEST_BODY, BodyTooLarge
from people.refusals import Refusal

if TYPE_CHECKING:
    from people.api.doors import Door

HEADER = "Idempotency-Key"
KEY = re.compile(r"[\x21-\x7e]{1,200}")
# How long the second of two at the same moment waits for the first; then it is told to come again.
PATIENCE = "5s"
# What of an answer's head belongs to what was done.
KEPT_HEADERS = ("ETag", "Location")


class InProgress(exceptions.APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "in_progress"
    default_detail = gettext_lazy("The same request is being answered at this moment. Repeat it in a second.")
    wait = 1


def keep_body(request: Request) -> None:
    """Hold on to the body of a write with a key: whoever looks for a browser's CSRF token reads it away."""
    if HEADER in request.headers and length_of(request) <= LARGEST_BODY:
        request._request.body  # noqa: B018 reading it once keeps it


def length_of(request: Request) -> int:
    return int(request._request.META.get("CONTENT_LENGTH") or 0)


def answer_once(door: Door, request: Request) -> None:
    """Have the door answer a repeated write with its first answer. Raises 400 for a key that is none."""
    key = request.headers.get(HEADER)
    handler = getattr(door, str(request.method).lower(), None)
    if key is None or handler is None or request.method in SAFE_METHODS or door.changes_nothing:
        return
    if not KEY.fullmatch(key):
        raise exceptions.ValidationError({HEADER: [_("A key has 1 to 200 characters of visible ASCII.")]})
    setattr(door, str(request.method).lower(), partial(once, handler, key))


def once(handler: Callable[..., Any], key: str, request: Request, *args: Any, **kwargs: Any) -> Any:
    """Run the handler and keep its answer in one transaction, so that nothing can come between.

    Only what was done is kept: a refusal or an error leaves no trace, and the key may be used again.
    """
    asked = fingerprint(request)
    with transaction.atomic():
        mine = claim(request, key, asked)
        if mine is None:
            return repeated(request, key, asked)
        response = handler(request, *args, **kwargs)
        if not status.is_success(response.status_code):
            transaction.set_rollback(True)
            return response
        body = b"" if response.data is None else JSONRenderer().render(response.data)
        headers = {name: response[name] for name in KEPT_HEADERS if name in response}
        IdempotentAnswer.objects.filter(pk=mine).update(
            status=response.status_code, answer={"body": body.decode(), "headers": headers}
        )
        return response


def fingerprint(request: Request) -> str:
    """What must be the same for a request to be a repetition: method, address with its query, and body."""
    http = request._request
    # Also said by the parser, but here the body is needed before it is parsed.
    if length_of(request) > LARGEST_BODY:
        raise BodyTooLarge
    head = f"{http.method} {http.get_full_path()} {request.headers.get('If-Match', '')}\n"
    return sha256(head.encode() + http.body).hexdigest()


def of_asker(request: Request) -> dict[str, Any]:
    token = request.auth if isinstance(request.auth, APIToken) else None
    return {"user_id": request.user.pk, "token_id": token and token.pk}


def claim(request: Request, key: str, asked: str) -> int | None:
    """The id of a new row for this key, or None where the key has an answer. Waits for one that is being answered."""
    asker = of_asker(request)
    IdempotentAnswer.objects.filter(**asker, key=key).outlived().delete()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
            cursor.execute(
                """
                INSERT INTO people_idempotentanswer (user_id, token_id, key, request_hash, created_at)
                VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id
                """,
                [asker["user_id"], asker["token_id"], key, asked, clock.now()],
            )
            row = cursor.fetchone()
            cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise InProgress from error
        raise
    return row and row[0]


def repeated(request: Request, key: str, asked: str) -> HttpResponse:
    """The first answer. Raises `Refusal` `idempotency_key_reused` where the key was used for something else."""
    first = IdempotentAnswer.objects.filter(**of_asker(request), key=key).first()
    if first is None:  # cleared away between two statements
        raise InProgress
    if first.request_hash != asked:
        raise Refusal("idempotency_key_reused", _("This key was used for another request. Take a new one."))
    response = HttpResponse(
        first.answer["body"], status=first.status, content_type="application/json", headers=first.answer["headers"]
    )
    response["Idempotent-Replayed"] = "true"
    return response
