"""The tokens of a member, for programs that speak with the API in their name."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from people import services
from people.access import get_editable, get_membership
from people.forms.tokens import TokenForm
from people.models import APIToken, CalendarFeed, Membership, ShareLink
from people.refusals import Refusal

PAGE_METHODS = ["GET", "HEAD", "POST"]
PER_PAGE = 50
NEW = "token_just_made"


@never_cache
@require_http_methods(PAGE_METHODS)
def tokens(request: HttpRequest, slug: str) -> HttpResponse:
    """One's own tokens, and for administrators those of the others; making one shows its secret once."""
    membership = get_membership(request, slug)
    form = TokenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and made(request, membership, form):
        return redirect("tokens", slug)
    rows = APIToken.objects.visible_to(membership).filter(ended_at=None).select_related("membership__user")
    own = list(rows.filter(membership=membership))
    others = (
        rows.exclude(membership=membership).filter(membership__left_on=None).order_by("membership__user__name", "-id")
    )
    token, secret = just_made(request, membership)
    shown: dict[str, Any] = {
        "form": form,
        "own": own,
        "others": Paginator(others, PER_PAGE).get_page(request.GET.get("page")) if membership.is_admin else None,
        "new": token,
        "secret": secret,
        "example": request.build_absolute_uri(f"/api/v1/o/{slug}/key-results/"),
    }
    return render(request, "people/tokens.html", shown, status=422 if form.errors else 200)


def made(request: HttpRequest, membership: Membership, form: TokenForm) -> bool:
    """Make the token and keep its secret for the next page; where that is refused the form says why."""
    try:
        token, secret = services.make_token(membership, **form.wanted())
    except Refusal as refusal:
        form.add_error(None, refusal.detail)
        return False
    if secret:  # a form sent twice leaves the secret of the first time where it is
        request.session[NEW] = {"token": token.pk, "sealed": sealed(secret, token)}
    return True


def just_made(request: HttpRequest, membership: Membership) -> tuple[APIToken | None, str]:
    """The token made on the page before and its secret, once."""
    if request.method != "GET" or NEW not in request.session:
        return None, ""
    kept = request.session.pop(NEW)
    token = APIToken.objects.filter(membership=membership, pk=kept["token"], ended_at=None).first()
    return (token, unsealed(kept["sealed"], token)) if token else (None, "")


def pad(length: int, token: APIToken | CalendarFeed | ShareLink) -> bytes:
    return salted_hmac("people.token", str(token.submission_key), algorithm="sha512").digest()[:length]


def sealed(secret: str, token: APIToken | CalendarFeed | ShareLink) -> str:
    """The secret as a session may hold it between two pages: whoever reads the table learns nothing."""
    plain = secret.encode()
    return b64encode(bytes(a ^ b for a, b in zip(plain, pad(len(plain), token), strict=True))).decode()


def unsealed(text: str, token: APIToken | CalendarFeed | ShareLink) -> str:
    held = b64decode(text)
    return bytes(a ^ b for a, b in zip(held, pad(len(held), token), strict=True)).decode()


@require_http_methods(PAGE_METHODS)
def end_token(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Ask, then end a token: one's own, or as an administrator anybody's."""
    membership = get_membership(request, slug)
    token = get_editable(APIToken.objects.select_related("membership__user"), membership, pk=pk)
    if request.method == "POST":
        services.end_token(token)
        messages.success(request, _("Ended: “%(title)s”. It opens nothing any more.") % {"title": token.name})
        return redirect("tokens", slug)
    if token.ended_at is not None:
        return redirect("tokens", slug)
    return render(request, "people/end_token.html", {"token": token, "is_own": token.membership_id == membership.pk})
