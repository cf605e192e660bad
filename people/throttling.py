"""How much one program may ask for. Apart from `api`, because DRF reads its settings while views are being imported.

Counted in the cache all processes share, in windows of one minute. A cache that is away counts nothing: limits protect
the service, and must not be what takes it down.
"""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core.cache import DEFAULT_CACHE_ALIAS, caches
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from people import clock
from people.attempts import address_of
from people.models import APIToken

logger = logging.getLogger(__name__)

WINDOW = 60
FAILURES_PER_MINUTE = 60


class TooManyRequests(APIException):
    """429, with the seconds after which the next request is answered."""

    status_code = 429
    default_code = "throttled"

    def __init__(self, wait: int):
        super().__init__(_("Too many requests. Come again in %(seconds)s s.") % {"seconds": wait})
        self.wait = wait


class ByMinute(BaseThrottle):
    """So many reads and so many writes a minute for each token, and for each person in a browser.

    A calculator changes nothing, so it counts as a read.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return True
        token = request.auth
        who = f"token-{token.pk}" if isinstance(token, APIToken) else f"user-{request.user.pk}"
        if request.method in SAFE_METHODS or getattr(view, "changes_nothing", False):
            refuse_beyond(settings.API_READS_PER_MINUTE, f"reads-{who}")
        else:
            refuse_beyond(settings.API_WRITES_PER_MINUTE, f"writes-{who}")
        return True


def count_failure(request: Request) -> None:
    """A token that is not good was sent. Raises `TooManyRequests` when one address does that all the time."""
    refuse_beyond(FAILURES_PER_MINUTE, f"failures-{address_of(request._request)}")


def refuse_beyond(limit: int, what: str) -> None:
    now = int(clock.now().timestamp())
    if count(f"api-{what}-{now // WINDOW}") > limit:
        raise TooManyRequests(WINDOW - now % WINDOW)


def count(key: str) -> int:
    """One more of this. Processes that count at the same moment count together; 0 where the cache is away."""
    cache: Any = caches[DEFAULT_CACHE_ALIAS]  # both of ours can count
    try:
        return cache.count(key, timeout=2 * WINDOW)
    except Exception:  # whatever a cache's client raises
        logger.warning("Requests could not be counted; nobody is refused.", exc_info=True)
        return 0
