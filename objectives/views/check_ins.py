"""Reporting on one key result, correcting a report, and all that was reported."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from funnel.fields import plain
from objectives.forms.check_ins import CheckInForm
from objectives.models import CheckIn, KeyResult
from objectives.queries import check_ins as queries
from objectives.queries import previews
from objectives.views.week import next_sheet, sheet_place
from people.access import get_membership, get_visible, read_id, refuse
from people.models import Membership
from people.refusals import Refusal

LOG_PAGE = 20


@require_http_methods(["GET", "HEAD", "POST"])
def check_in(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    key_result = get_visible(
        KeyResult.objects.select_related(
            "objective__cycle", "objective__team", "objective__owner", "owner__user", "scored"
        ).prefetch_related("steps"),
        membership,
        pk=pk,
    )
    may_write = KeyResult.objects.checkable_by(membership).filter(pk=key_result.pk).exists()
    if not may_write and (request.method == "POST" or "preview" in request.GET or "corrects" in request.GET):
        refuse()
    corrects = corrected(request, key_result)
    if request.method == "POST":
        return record(request, membership, key_result, corrects)
    if corrects is not None and hasattr(corrects, "corrected_by"):
        newer = f"?corrects={corrects.corrected_by.pk}"
        return redirect(reverse("check_in", args=[slug, key_result.pk]) + newer)
    if "preview" in request.GET:
        return preview(request, membership, key_result, corrects)
    form = None
    if may_write and key_result.objective.is_open:
        form = CheckInForm(key_result=key_result, membership=membership, corrects=corrects)
    return render(request, "objectives/check_in.html", page(request, membership, key_result, form, corrects))


def corrected(request: HttpRequest, key_result: KeyResult) -> CheckIn | None:
    """The check-in named by `corrects`, 404 for one that is not of this key result."""
    asked = request.POST.get("corrects") or request.GET.get("corrects") or ""
    if not asked:
        return None
    number = read_id(asked)
    rows = key_result.check_ins.select_related("corrected_by")
    found = None if number is None else rows.filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def record(
    request: HttpRequest, membership: Membership, key_result: KeyResult, corrects: CheckIn | None
) -> HttpResponse:
    form = CheckInForm(request.POST, key_result=key_result, membership=membership, corrects=corrects)
    from_week = request.POST.get("from") == "week"
    saved = False
    if form.is_valid():
        try:
            form.save()
            saved = True
        except Refusal:
            saved = False
    if not saved:
        shown = page(request, membership, key_result, form, corrects) | {"from_week": from_week}
        if from_week and request.htmx:  # type: ignore[attr-defined]
            shown |= sheet_place(membership, key_result)
        template = "objectives/_check_in_form.html" if request.htmx else "objectives/check_in.html"  # type: ignore[attr-defined]
        return render(request, template, shown, status=422)
    messages.success(
        request,
        _("Corrected: “%(title)s”.") % {"title": key_result.title}
        if corrects
        else _("Saved: “%(title)s”.") % {"title": key_result.title},
    )
    if from_week and request.htmx:  # type: ignore[attr-defined]
        chosen = read_id(request.POST.get("following"))
        return next_sheet(request, membership, chosen=chosen, saved=True)
    slug = membership.organization.slug
    response = redirect("this_week", slug) if from_week else redirect("check_in", slug, key_result.pk)
    # Tells static/js/check_in.js that what it kept of this form has arrived, and was not answered by the door.
    response.set_cookie(
        "saved", str(form.cleaned_data["submission_key"]), max_age=600, samesite="Lax", secure=request.is_secure()
    )
    return response


def preview(
    request: HttpRequest, membership: Membership, key_result: KeyResult, corrects: CheckIn | None
) -> HttpResponse:
    """What the value being typed would make of the key result."""
    form = CheckInForm(request.GET, key_result=key_result, membership=membership, corrects=corrects)
    form.is_valid()
    standing = queries.standing(key_result, membership.organization, corrects=corrects)
    typed = form.cleaned_data.get("value")
    shown: dict[str, Any] = {
        "key_result": key_result,
        "standing": standing,
        "form": form,
        "oob": True,
        "refused": form.errors.get("value") if request.GET.get("value", "").strip() else None,
    }
    if form.is_milestone or typed is not None:
        shown["preview"] = previews.preview(
            key_result,
            membership.organization,
            value=typed,
            steps_done=form.cleaned_data.get("steps_done", ()),
            day=form.cleaned_data.get("date"),
            corrects=corrects,
        )
        shown["read_back"] = typed is not None and plain(typed) != request.GET["value"].strip()
    return render(request, "objectives/_check_in_preview.html", shown)


def page(
    request: HttpRequest,
    membership: Membership,
    key_result: KeyResult,
    form: CheckInForm | None,
    corrects: CheckIn | None,
) -> dict[str, Any]:
    log = Paginator(queries.log_of([key_result.pk]), LOG_PAGE).get_page(request.GET.get("page"))
    return {
        "key_result": key_result,
        "form": form,
        "corrects": corrects,
        "standing": queries.standing(key_result, membership.organization, corrects=corrects),
        "today": membership.organization.today,
        "log": log,
        "log_rows": queries.log_rows(log.object_list, membership),
        "may_correct": form is not None,
        "from_week": request.GET.get("from") == "week",
    }
