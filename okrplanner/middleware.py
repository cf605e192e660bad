"""What every answer carries, and how one is led to the door and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import add_never_cache_headers, patch_cache_control, patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from people.masking import without_secrets

# What a page of ours never asks of the device.
PERMISSIONS = ("camera", "display-capture", "geolocation", "microphone", "payment", "publickey-credentials-get", "usb")
# Pages that show a key once.
SHOW_SECRETS = {"tokens", "invitations", "share_links"}
OURS_ALONE = {
    "Permissions-Policy": ", ".join(f"{name}=()" for name in PERMISSIONS),
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}


def keep_to_ourselves(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Outermost, so that pages, files, refusals and error pages alike say who may use them."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in OURS_ALONE.items():
            response.headers.setdefault(name, value)
        if without_secrets(request.path) != request.path or name_of(request) in SHOW_SECRETS:
            add_never_cache_headers(response)
        return response

    return answer


def name_of(request: HttpRequest) -> str:
    return getattr(request.resolver_match, "url_name", None) or ""


def own_page(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Keep a page and its fragment apart, and both out of shared caches.

    They share one address, so without `Vary` the Back button may show a fragment as a page.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        patch_vary_headers(response, ["HX-Request"])
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_cache=True)
        return response

    return answer


class SignInRequired(LoginRequiredMiddleware):
    """Leads whoever has not signed in to the door, and from there back to the page they were on.

    Somebody whose session has ended is told so. A part of a page asked for by htmx leads the whole page there.
    """

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            messages.info(request, _("You were signed out here. Sign in, and you are back where you were."))
        field = self.get_redirect_field_name(view_func) or REDIRECT_FIELD_NAME
        door = redirect_to_login(page_of(request), self.get_login_url(view_func), field)
        return HttpResponseClientRedirect(door.url) if request.htmx else door  # type: ignore[attr-defined]


def page_of(request: HttpRequest) -> str:
    """The address of the page somebody is on: of a form that was sent, or a part that was asked for, not its own."""
    if request.method in {"GET", "HEAD"} and not request.htmx:  # type: ignore[attr-defined]
        return request.get_full_path()
    came_from = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    if not url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        return "/"
    try:
        parts = urlsplit(came_from)
    except ValueError:  # a header may claim anything to be an address
        return "/"
    return parts.path + (f"?{parts.query}" if parts.query else "")
