"""What one was told, and what of it one has read."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from objectives.queries.notices import notices_for, told
from objectives.services.notices import mark_read
from objectives.views.editing import back
from people.access import get_membership, read_id

PAGE = 30


@require_safe
def notices(request: HttpRequest, slug: str) -> HttpResponse:
    membership = get_membership(request, slug)
    rows = notices_for(membership)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    shown = {
        "page": page,
        "lines": [told(notice, membership) for notice in page.object_list],
        "unread": rows.unread().count(),
    }
    return render(request, "objectives/notices.html", shown)


@require_POST
def read_notices(request: HttpRequest, slug: str) -> HttpResponse:
    """Note that one has read a notice, or all of them."""
    membership = get_membership(request, slug)
    asked = request.POST.get("notice")
    mark_read(membership, notices=None if asked is None else [read_id(asked) or 0])
    return back(request, reverse("notices", args=[slug]))
