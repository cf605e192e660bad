"""Signing in by e-mail and password, as allauth does it, except with the password that is printed for everybody."""

import ipaddress
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

LONGEST_PASSWORD = 128


def is_from_this_machine(request: HttpRequest | None) -> bool:
    """Whether the embedded mode was asked directly by a browser beside it, not through anything that forwards."""
    if not settings.EMBEDDED or request is None or {"HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED"} & request.META.keys():
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


class EmailBackend(AuthenticationBackend):
    """Refuses the example password from anywhere but this machine, whoever's it is, as if it were wrong."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> AbstractBaseUser | None:
        known_to_all = constant_time_compare(credentials.get("password") or "", settings.EXAMPLE_PASSWORD)
        if known_to_all and not is_from_this_machine(request):
            return None
        return super().authenticate(request, **credentials)


class PasswordOfOnesOwn:
    """Neither so long that hashing it becomes work, nor the one that is printed for everybody."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        if len(password) > LONGEST_PASSWORD:
            sentence = _("This password is too long. Use %(most)s characters at most.")
            raise ValidationError(sentence % {"most": LONGEST_PASSWORD}, code="password_too_long")
        if not settings.EMBEDDED and constant_time_compare(password, settings.EXAMPLE_PASSWORD):
            raise ValidationError(_("This is the example's password, which everybody knows."), code="password_known")

    def get_help_text(self) -> str:
        return _("At most %(most)s characters.") % {"most": LONGEST_PASSWORD}
