"""Key results that lead to no KGI, named so that somebody ties them to one, or lets them go."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from objectives.queries.orphans import orphans_of
from people.access import get_membership, refuse

PAGE_SIZE = 50


@require_safe
def orphans(request: HttpRequest, slug: str) -> HttpResponse:
    """The list, by team and objective."""
    membership = get_membership(request, slug)
    if membership.is_partner:
        refuse()
    page = Paginator(orphans_of(membership), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "objectives/orphans.html", {"page": page, "count": page.paginator.count})
