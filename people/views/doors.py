"""Letting somebody in: signed in by a link they were given, or by an account they have."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from people import attempts
from people.history import tell
from people.models import User


def enter(request: HttpRequest, user: User) -> None:
    """Sign in, in a session of its own: nothing of whoever sat here before stays."""
    request.session.flush()
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    tell(user=user.pk)


def paused(request: HttpRequest) -> HttpResponse | None:
    """A page that asks to wait, for whoever tries one link after the other that opens nothing."""
    return render(request, "429.html", status=429) if attempts.wait_for_link(request) else None


def account_with(request: HttpRequest, *, email: str, password: str) -> User | None:
    """The account that this password opens; counted and slowed down like signing in.

    Raises `ValidationError` where signing in is paused.
    """
    user = get_adapter(request).authenticate(request, email=email, password=password)
    return user if isinstance(user, User) and user.is_active else None


def account_quietly(request: HttpRequest, *, email: str, password: str) -> User | None:
    """The same, None where signing in is paused."""
    try:
        return account_with(request, email=email, password=password) if email and password else None
    except ValidationError:
        return None
