"""Saved views: a page with its filters under a name, chosen and kept from a menu of that page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from people.access import get_editable, get_membership
from people.forms import add_refusal
from people.forms.saved_views import ChangeViewForm, SavedViewForm
from people.models import Membership, SavedView, ViewedPage
from people.refusals import Refusal
from people.services import saved_views as services

DELETED = "deleted_views"
UNDONE_AT_MOST = 5


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
def saved_views(request: HttpRequest, slug: str) -> HttpResponse:
    """The views of the page named by `?of=`, and a form that keeps the present one; without it all there are.

    A fragment where htmx asks, else a page.
    """
    membership = get_membership(request, slug)
    page = request.GET.get("of", "")
    if page not in ViewedPage.values:
        if page or request.method == "POST":
            raise Http404
        return answered(request, membership, "", "")
    query = services.kept_of(page, asked_query(request))
    form = SavedViewForm(request.POST if request.method == "POST" else None, membership=membership, query=query)
    if request.method == "POST" and form.is_valid():
        try:
            view = services.save_view(membership, page=page, **form.cleaned_data)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Kept: “%(title)s”.") % {"title": view.name})
            if not request.htmx:  # type: ignore[attr-defined]
                return redirect(services.address_of(view, slug))
            query = view.query
            form = SavedViewForm(membership=membership, query=query)
    return answered(request, membership, page, query, form)


def asked_query(request: HttpRequest) -> str:
    """The filters of the page that asks: of the address it is on, of the link that led here, or as they were sent."""
    if request.method == "POST":
        return request.POST.get("query", "")
    if request.htmx:  # type: ignore[attr-defined]
        try:
            return urlsplit(request.headers.get("HX-Current-URL", "")).query
        except ValueError:  # a header may claim anything to be an address
            return ""
    return request.META.get("QUERY_STRING", "")


def answered(
    request: HttpRequest, membership: Membership, page: str, query: str, form: SavedViewForm | None = None
) -> HttpResponse:
    slug = membership.organization.slug
    rows = SavedView.objects.visible_to(membership).select_related("membership__user")
    rows = rows.filter(page=page) if page else rows.order_by("page", "name", "id")
    form = form or SavedViewForm(membership=membership, query=query)
    shown: dict[str, Any] = {
        "form": form,
        "page": page,
        "page_name": ViewedPage(page).label if page else "",
        "page_address": reverse(page, args=[slug]) if page else "",
        "query": query,
        "views": [
            {
                "view": row,
                "address": services.address_of(row, slug),
                "is_own": row.membership_id == membership.pk,
                "may_change": row.membership_id == membership.pk or membership.is_admin,
            }
            for row in rows
        ],
    }
    name = "people/_saved_view_list.html" if request.htmx else "people/saved_views.html"  # type: ignore[attr-defined]
    return render(request, name, shown, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def change_saved_view(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Another name, or for everybody."""
    membership = get_membership(request, slug)
    view = get_editable(SavedView.objects, membership, pk=pk)
    form = ChangeViewForm(request.POST if request.method == "POST" else None, membership=membership, view=view)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            view = services.change_view(
                view, by=membership, name=typed["name"], is_shared=typed.get("is_shared", False)
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect(services.address_of(view, slug))
    shown = {"form": form, "view": view, "address": services.address_of(view, slug)}
    return render(request, "people/change_saved_view.html", shown, status=422 if form.errors else 200)


@require_POST
@vary_on_headers("HX-Request")
def delete_saved_view(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    view = get_editable(SavedView.objects, membership, pk=pk)
    remembered = services.delete_view(view)
    kept = {**request.session.get(DELETED, {}), str(pk): remembered}
    request.session[DELETED] = dict(list(kept.items())[-UNDONE_AT_MOST:])
    undo = reverse("restore_saved_view", args=[slug, pk])
    messages.success(request, _("Deleted: “%(title)s”.") % {"title": view.name}, extra_tags=undo)
    if request.htmx:  # type: ignore[attr-defined]
        return answered(request, membership, view.page, request.POST.get("query", ""))
    return redirect(view.page, slug)


@require_POST
def restore_saved_view(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take a deletion back, in the browser in which it was done."""
    membership = get_membership(request, slug)
    if SavedView.objects.filter(pk=pk).exists():
        view = get_editable(SavedView.objects, membership, pk=pk)
        return redirect(services.address_of(view, slug))
    remembered = request.session.get(DELETED, {}).get(str(pk))
    if remembered is None or remembered["organization_id"] != membership.organization_id:
        raise Http404
    try:
        view = services.restore_view(remembered)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        return redirect(remembered["page"], slug)
    messages.success(request, _("“%(title)s” is back.") % {"title": view.name})
    return redirect(services.address_of(view, slug))
