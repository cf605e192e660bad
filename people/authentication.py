"""Who calls the API. Apart from `api`, because DRF reads its settings while its views are still being imported."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from people import clock
from people.history import tell
from people.models import APIToken, User
from people.models.doors import hash_of
from people.throttling import count_failure

logger = logging.getLogger(__name__)

LONGEST_TOKEN = 200
# How often it is written down that a token is in use.
USE_IS_WRITTEN_EVERY = timedelta(minutes=1)


class BearerToken(BaseAuthentication):
    """`Authorization: Bearer <token>`. Where it is sent, the browser's session does not count."""

    def authenticate(self, request: Request) -> tuple[User, APIToken] | None:
        scheme, _blank, secret = request.headers.get("Authorization", "").strip().partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = find_token(secret.strip())
        if token is None:
            count_failure(request)
            raise exceptions.AuthenticationFailed(_("This token is not known, or not good any more."))
        user = token.membership.user
        if "Accept-Language" not in request.headers:
            translation.activate(user.language or settings.LANGUAGE_CODE)
        tell(user=user.pk, token=token.pk)
        note_use(token)
        return user, token

    def authenticate_header(self, request: Request) -> str:
        """Naming a scheme makes a stranger's answer 401 instead of 403."""
        return "Bearer"


def find_token(secret: str) -> APIToken | None:
    if not 0 < len(secret) <= LONGEST_TOKEN:
        return None
    return APIToken.objects.good().filter(token_hash=hash_of(secret)).select_related("membership__user").first()


def note_use(token: APIToken) -> None:
    """Once a minute at most; that it cannot be written is no reason to refuse the request."""
    now = clock.now()
    if token.last_used_at is not None and token.last_used_at > now - USE_IS_WRITTEN_EVERY:
        return
    long_ago = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_IS_WRITTEN_EVERY)
    try:
        with transaction.atomic():
            APIToken.objects.filter(long_ago, pk=token.pk).update(last_used_at=now)
    except DatabaseError:
        logger.warning("The use of token %s could not be written down.", token.pk, exc_info=True)


class BrowserSession(SessionAuthentication):
    """The browser's session, with its CSRF token."""

    def authenticate_header(self, request: Any) -> str:
        return "Session"


class MayWrite(BasePermission):
    """A read-only token changes nothing; calculators it may use."""

    code = "read_only_token"

    @property
    def message(self) -> str:
        return _("This token may only read.")

    def has_permission(self, request: Request, view: Any) -> bool:
        token = request.auth
        return (
            not isinstance(token, APIToken)
            or not token.is_read_only
            or request.method in SAFE_METHODS
            or getattr(view, "changes_nothing", False)
        )
