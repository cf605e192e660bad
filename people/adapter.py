"""How allauth behaves here: sign-up is closed, people come by invitation, and guessing is slowed down."""

from __future__ import annotations

import ipaddress
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import ngettext

from people import attempts

UNKNOWN_ADDRESS = "0.0.0.0"  # noqa: S104 not listened on: it stands for whoever comes through a socket without one


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Where the request comes from, as the trusted proxies say; without them the address that knocked."""
        try:
            return without_wrapping(str(super().get_client_ip(request)))
        except (ImproperlyConfigured, PermissionDenied):
            return request.META.get("REMOTE_ADDR") or UNKNOWN_ADDRESS

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Raises `ValidationError` where trying is paused."""
        minutes = attempts.wait_for_sign_in(request, credentials.get("email") or "")
        if minutes:
            raise too_many_tries(minutes)

    def _rollback_login_failed_rl_usage(self) -> None:
        """The library's own counting is off: it would lock people out of accounts that others guess at."""

    def set_password(self, user: Any, password: str) -> None:
        """Whoever has just chosen the password has proven to be its person: the device is known from now on."""
        super().set_password(user, password)
        if self.request is not None:
            self.request.proven = user

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """To the door: every session has ended, this one too."""
        return reverse("account_login")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """On the installation's own address: what a request claims to be its host is nobody's to send by mail."""
        uid, _, secret = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": secret})
        return str(settings.SITE_URL) + path


def without_wrapping(address: str) -> str:
    """IPv4 as IPv4: written as IPv6, `::ffff:192.0.2.1`, all of it would be one network."""
    mapped = getattr(ipaddress.ip_address(address), "ipv4_mapped", None)
    return str(mapped or address)


def too_many_tries(minutes: int) -> ValidationError:
    sentence = ngettext(
        "After this many tries signing in is paused. Try again in %(minutes)s minute, use a device on which you have"
        " signed in before, or choose a new password by mail.",
        "After this many tries signing in is paused. Try again in %(minutes)s minutes, use a device on which you have"
        " signed in before, or choose a new password by mail.",
        minutes,
    )
    return ValidationError(sentence % {"minutes": minutes}, code="too_many_login_attempts")
