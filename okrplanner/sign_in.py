"""Signing in by e-mail and password, as allauth does it, except with the password that is printed for everybody."""

import ipaddress
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare


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
