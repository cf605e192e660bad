"""The files one has asked for: on their way, ready, or failed; nobody else sees them."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from people.access import get_membership, get_visible
from people.models import Export
from people.models.exports import MOST_KEPT

PER_PAGE = 30


@never_cache
@require_safe
def exports(request: HttpRequest, slug: str) -> HttpResponse:
    membership = get_membership(request, slug)
    rows = Export.objects.visible_to(membership).defer("content")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "people/exports.html", {"page": page, "most": MOST_KEPT})


@never_cache
@require_safe
@vary_on_headers("HX-Request")
def export(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One file: how far it is, then the way to it. What is under way asks again by itself."""
    membership = get_membership(request, slug)
    row = get_visible(Export.objects.defer("content"), membership, pk=pk)
    name = "people/_export.html" if request.htmx else "people/export.html"  # type: ignore[attr-defined]
    return render(request, name, {"export": row})


@require_safe
def download_export(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The file itself, to be saved, by whoever asked for it alone."""
    row = get_visible(Export.objects, get_membership(request, slug), pk=pk)
    if not row.is_done:
        raise Http404
    answer = HttpResponse(bytes(row.content or b""), content_type=row.content_type)
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=row.filename)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
