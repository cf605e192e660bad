"""What open dashboards ask once a second: whether anything has changed."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dashboards.queries.versions import version_seen_by, version_shown_to
from people.live import version_for
from people.models import Membership


@never_cache
@require_safe
def company_version(request: HttpRequest, slug: str) -> HttpResponse:
    """The organization's number, for a partner that of what they see, or 304 while the page was drawn from it.

    Everybody who has a dashboard open asks each second: beside signing in, one read of one row is all it costs.
    """
    asked = version_for(slug, request.user.pk or 0)
    if asked is None:
        raise Http404
    version = version_shown_to(asked.membership) if asked.is_partner else asked.version
    return version_answer(request, version)


def version_answer(request: HttpRequest, version: int | None) -> HttpResponse:
    """The answer that `static/js/live.js` reads; 404 for None."""
    if version is None:
        raise Http404
    tag = f'"{version}"'
    if request.headers.get("If-None-Match", "").removeprefix("W/") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    return JsonResponse({"version": version}, headers={"ETag": tag})


def live_context(membership: Membership) -> dict[str, object]:
    """What `dashboards/_live.html` needs; asked for before a page reads what it shows."""
    return {
        "live_version": version_seen_by(membership),
        "live_address": reverse("company_version", args=[membership.organization.slug]),
    }
