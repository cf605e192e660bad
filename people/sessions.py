"""How long somebody stays signed in, and where.

A session ends after some idle days and, however busy, after some more; both are days of the house's clock. When a
password changes, an account is closed or erased, the database ends every session of that person (`User`'s trigger), so
whatever door it happens through.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.sessions.models import Session
from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from people import clock
from people.attempts import remember_device
from people.models import APIToken, User

BEGAN, SEEN = "began", "seen"
RENEWED_AFTER = timedelta(days=1).total_seconds()


def keep(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: end sessions that are over, remember when and where the others were seen, once a day."""

    def answer(request: HttpRequest) -> HttpResponse:
        if SESSION_KEY in request.session and (not request.user.is_authenticated or is_over(request)):
            logout(request)
        response = get_response(request)
        if isinstance(getattr(request, "auth", None), APIToken):  # a program has neither a session nor a device
            return response
        proven = getattr(request, "proven", None) or request.user
        if isinstance(proven, User) and proven.is_active:
            remember_device(request, response, proven)
        if request.user.is_authenticated:
            renew(request)
        return response

    return answer


def is_over(request: HttpRequest) -> bool:
    now = clock.now().timestamp()
    began, seen = request.session.get(BEGAN), request.session.get(SEEN)
    if began is None or seen is None:  # begun before sessions said so, or just now
        return False
    return now - began > settings.SESSION_ABSOLUTE_DAYS * 86_400 or now - seen > settings.SESSION_IDLE_DAYS * 86_400


def renew(request: HttpRequest) -> None:
    """Note that the session is in use. Nothing is written more than once a day."""
    now = clock.now().timestamp()
    if BEGAN in request.session and now - request.session[SEEN] < RENEWED_AFTER:
        return
    request.session.setdefault(BEGAN, now)
    request.session[SEEN] = now
    UserSession.objects.create_from_request(request)


def forget_old_sessions() -> None:
    """Let go of what nobody can come back to: sessions that are over, and what was noted of their devices."""
    now = clock.now()
    idle = now - timedelta(days=settings.SESSION_IDLE_DAYS, seconds=RENEWED_AFTER)
    over = UserSession.objects.filter(
        Q(last_seen_at__lt=idle) | Q(created_at__lt=now - timedelta(days=settings.SESSION_ABSOLUTE_DAYS))
    )
    Session.objects.filter(session_key__in=over.values("session_key")).delete()
    over.delete()
    Session.objects.filter(expire_date__lt=now).delete()
