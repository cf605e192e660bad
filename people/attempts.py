"""How often one may try to get in, so that guessing is hopeless and nobody is locked out of their own account.

A device on which somebody has signed in before carries a signed note that says so, and is counted by itself. Whoever
comes without it is counted by address, by address and account, and by account. So strangers who guess, however many,
close an account to other strangers only.

Counted before the password is looked at, in the cache all processes share, and alike for accounts that do not exist.
A cache that is away counts nothing.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from dataclasses import dataclass
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core import signing
from django.core.cache import DEFAULT_CACHE_ALIAS, caches
from django.http import HttpRequest, HttpResponse

from people import clock
from people.models import User, normalize_email

logger = logging.getLogger(__name__)

MINUTES, HOURS, DAYS = 60, 3_600, 86_400
SALT = "people.known-device"
DEVICE_LASTS = 400 * DAYS
MOST_ACCOUNTS = 5


@dataclass(frozen=True)
class Limit:
    """So many tries in so many seconds."""

    name: str
    most: int
    seconds: int


BY_DEVICE = Limit("device", 10, 5 * MINUTES)
BY_ADDRESS = Limit("address", 100, 5 * MINUTES)
BY_ACCOUNT_AND_ADDRESS = Limit("account-address", 5, 5 * MINUTES)
BY_ACCOUNT = Limit("account", 30, 1 * HOURS)
RESETS_BY_ADDRESS = Limit("resets-address", 20, 1 * HOURS)
RESETS_BY_ACCOUNT_AND_ADDRESS = Limit("resets-account-address", 5, 1 * HOURS)
RESETS_BY_ACCOUNT = Limit("resets-account", 20, 1 * HOURS)
UNKNOWN_LINKS = Limit("unknown-links", 60, 1 * HOURS)


def wait_for_sign_in(request: HttpRequest, email: str) -> int:
    """Count a try to sign in. 0 if it may be made, else the minutes until the next one may."""
    email = normalize_email(email)
    device = known_devices(request).get(account_of(email))
    if device is not None:
        return wait(BY_DEVICE, email, device)
    address = address_of(request)
    return wait(BY_ADDRESS, address) or wait(BY_ACCOUNT_AND_ADDRESS, email, address) or wait(BY_ACCOUNT, email)


def wait_for_reset(request: HttpRequest) -> int:
    """Count a request for a new password by where it comes from. 0 if it may be made, else the minutes to wait."""
    return wait(RESETS_BY_ADDRESS, address_of(request))


def may_send_reset(request: HttpRequest, email: str) -> bool:
    """Count a mail with a link. Whoever asked is not told when no more are sent: they might fill another's mailbox."""
    email = normalize_email(email)
    device = known_devices(request).get(account_of(email))
    if device is not None:
        return not wait(RESETS_BY_ACCOUNT_AND_ADDRESS, email, device)
    return not (wait(RESETS_BY_ACCOUNT_AND_ADDRESS, email, address_of(request)) or wait(RESETS_BY_ACCOUNT, email))


def wait_for_link(request: HttpRequest) -> int:
    """Count a link that opens nothing and never did. 0 while that may be said, else the minutes to wait."""
    return wait(UNKNOWN_LINKS, address_of(request))


def wait(limit: Limit, *whose: str) -> int:
    """Count one more. 0 while it is within the limit, else the minutes until counting begins anew."""
    now = int(clock.now().timestamp())
    whom = hashlib.sha256("\0".join(whose).encode()).hexdigest()[:32]
    key = f"attempts-{limit.name}-{now // limit.seconds}-{whom}"
    try:
        number = caches[DEFAULT_CACHE_ALIAS].count(key, timeout=2 * limit.seconds)  # type: ignore[attr-defined]
    except Exception:  # whatever a cache's client raises
        logger.warning("Sign-ins could not be counted; nobody is refused.", exc_info=True)
        return 0
    return 0 if number <= limit.most else -(-(limit.seconds - now % limit.seconds) // MINUTES)


def address_of(request: HttpRequest) -> str:
    """Where a request comes from; of IPv6 the network, because whoever has one address there has millions."""
    from allauth.core.internal.ratelimit import truncate_ip

    return truncate_ip(get_adapter().get_client_ip(request))


# Known devices


def cookie_name() -> str:
    return "__Host-devices" if settings.SESSION_COOKIE_SECURE else "devices"


def account_of(email: str) -> str:
    """How an account stands in the note: not readable for who finds the device."""
    return hashlib.sha256(email.encode()).hexdigest()[:16]


def known_devices(request: HttpRequest) -> dict[str, str]:
    """The accounts that were opened on this device, each with the device's name there."""
    try:
        note = signing.loads(request.COOKIES.get(cookie_name(), ""), salt=SALT, max_age=DEVICE_LASTS)
    except signing.BadSignature:
        return {}
    return note if isinstance(note, dict) else {}


def remember_device(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Let the device carry a note that this account was opened on it; it survives signing out."""
    known: dict[str, Any] = known_devices(request)
    account = account_of(user.email)
    if account in known:
        return
    kept = dict(list(known.items())[-(MOST_ACCOUNTS - 1) :]) | {account: secrets.token_urlsafe(9)}
    response.set_cookie(
        cookie_name(),
        signing.dumps(kept, salt=SALT),
        max_age=DEVICE_LASTS,
        secure=bool(settings.SESSION_COOKIE_SECURE),
        httponly=True,
        samesite="Lax",
    )
