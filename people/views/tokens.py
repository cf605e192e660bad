"""The tokens of a member, for programs that speak with the API in their name."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from people import services
from people.access import get_editable, get_membership
from people.forms.tokens import TokenForm
from people.models import APIToken, Membership
from people.refusals import Refusal
from people.views.once import just_made, keep_secret

PAGE_METHODS = ["GET", "HEAD", "POST"]
PER_PAGE = 50


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
    token, secret = just_made(request, APIToken, membership)
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
    keep_secret(request, token, secret)
    return True


@require_http_methods(PAGE_METHODS)
def end_token(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Ask, then end a token: one's own, or as an administrator anybody's."""
    membership = get_membership(request, slug)
    token = get_editable(APIToken.objects.select_related("membership__user"), membership, pk=pk)
    if request.method == "POST":
        services.end_key(token)
        messages.success(request, _("Ended: “%(title)s”. It opens nothing any more.") % {"title": token.name})
        return redirect("tokens", slug)
    if token.ended_at is not None:
        return redirect("tokens", slug)
    return render(request, "people/end_token.html", {"token": token, "is_own": token.membership_id == membership.pk})
