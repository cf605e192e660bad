"""Share links: made, listed and ended by people inside, opened by somebody without a login."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboards.presenters.sharing import without_ways_in
from dashboards.sentences import reported_finding
from dashboards.views.company import company_context
from dashboards.views.live import version_answer
from people.access import get_editable, get_membership, refuse
from people.forms import add_refusal
from people.forms.share_links import ShareLinkForm
from people.models import Membership, ShareLink
from people.models.doors import hash_of
from people.refusals import Refusal
from people.services.keys import end_key, note_use, reopen_key
from people.services.share_links import make_share_link
from people.views.once import just_made, keep_secret

PER_PAGE = 50


# Inside


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def share_links(request: HttpRequest, slug: str) -> HttpResponse:
    """One's own links, and for administrators those of the others; making one shows its address once."""
    membership = get_insider(request, slug)
    form = ShareLinkForm(request.POST if request.method == "POST" else None, language=get_language())
    if request.method == "POST" and form.is_valid() and made(request, membership, form):
        return redirect("share_links", slug)
    rows = ShareLink.objects.visible_to(membership).filter(ended_at=None).select_related("membership__user")
    others = rows.exclude(membership=membership).order_by("membership__user__name", "-id")
    link, secret = just_made(request, ShareLink, membership)
    shown: dict[str, Any] = {
        "form": form,
        "own": list(rows.filter(membership=membership)),
        "others": Paginator(others, PER_PAGE).get_page(request.GET.get("page")) if membership.is_admin else None,
        "new": link,
        "address": settings.SITE_URL + reverse("shared_company", args=[secret]) if secret else "",
    }
    return render(request, "dashboards/share_links.html", shown, status=422 if form.errors else 200)


def get_insider(request: HttpRequest, slug: str) -> Membership:
    """Whoever may share: everybody but partners, to whom things are shared themselves."""
    membership = get_membership(request, slug)
    if membership.is_partner:
        refuse()
    return membership


def made(request: HttpRequest, membership: Membership, form: ShareLinkForm) -> bool:
    """Make the link and keep its secret for the next page; where that is refused the form says why."""
    try:
        link, secret = make_share_link(membership, **form.cleaned_data)
    except Refusal as refusal:
        add_refusal(form, refusal)
        return False
    keep_secret(request, link, secret)
    return True


@require_POST
def end_share_link(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """End a link: one's own, or as an administrator anybody's."""
    membership = get_insider(request, slug)
    link = end_key(get_editable(ShareLink.objects, membership, pk=pk))
    undo = reverse("restore_share_link", args=[slug, pk])
    messages.success(
        request, _("Ended: “%(title)s”. The link opens nothing any more.") % {"title": link.name}, extra_tags=undo
    )
    return redirect("share_links", slug)


@require_POST
def restore_share_link(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_insider(request, slug)
    link = reopen_key(get_editable(ShareLink.objects, membership, pk=pk))
    messages.success(request, _("“%(title)s” opens again.") % {"title": link.name})
    return redirect("share_links", slug)


# Outside


@login_not_required
@require_safe
def shared_company(request: HttpRequest, secret: str) -> HttpResponse:
    """The company dashboard as whoever made the link sees it: numbers, goals and teams, no person and no way in.

    Expired, ended, unknown and orphaned links answer alike.
    """
    rows = ShareLink.objects.good().select_related("membership__organization", "membership__user")
    link = rows.prefetch_related("membership__teams").filter(token_hash=hash_of(secret)).first()
    if link is None:
        return unlisted(request, render(request, "dashboards/share_closed.html", {"is_shared": True}, status=404))
    note_use(link)
    membership = link.membership
    with translation.override(link.language or membership.user.language or settings.LANGUAGE_CODE):
        shown = shared_context(request, membership) | {
            "link": link,
            "live_address": reverse("shared_version", args=[secret]),
        }
        page = render(request, "dashboards/shared_company.html", shown)
        page.content = without_ways_in(page.content.decode())
        page["Content-Language"] = get_language()
    return unlisted(request, page)


def shared_context(request: HttpRequest, membership: Membership) -> dict[str, Any]:
    """What the page shows, of the present cycle, whatever the address asks for and whoever is signed in beside it."""
    request.GET = QueryDict("")
    request.membership = membership  # type: ignore[attr-defined]
    shown = company_context(request, membership) | {"is_shared": True}
    if "obstacles" in shown:
        shown["waiting_finding"] = reported_finding(shown["obstacles"])
    return shown


def unlisted(request: HttpRequest, page: HttpResponse) -> HttpResponse:
    """Nobody is to find the page or to learn its address from the next one, and it leaves nothing in the browser."""
    request.META.pop("CSRF_COOKIE_NEEDS_UPDATE", None)
    page["X-Robots-Tag"] = "noindex, nofollow"
    page["Referrer-Policy"] = "no-referrer"
    return page


@login_not_required
@require_safe
def shared_version(request: HttpRequest, secret: str) -> HttpResponse:
    """As `company_version`, for whoever has the link: one query."""
    rows = ShareLink.objects.good().filter(token_hash=hash_of(secret))
    version = rows.values_list("membership__organization__live_version__version").first()
    return unlisted(request, version_answer(request, None if version is None else version[0] or 0))
