"""Reporting on one key result, correcting a report, and all that was reported."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from funnel.fields import plain
from objectives.forms.check_ins import CheckInForm
from objectives.models import CheckIn, KeyResult, Kind
from objectives.queries import check_ins as queries
from objectives.queries import previews
from objectives.views.just_saved import find_just_saved, just_saved
from objectives.views.week import is_biweekly, next_sheet, sheet_place
from people.access import get_membership, get_visible, read_id, refuse
from people.models import Membership
from people.refusals import Refusal

LOG_PAGE = 20
SHOWN_WITH = ("objective__team", "objective__owner", "owner__user", "scored")


@require_http_methods(["GET", "HEAD", "POST"])
def check_in(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    beside = () if request.method == "POST" else SHOWN_WITH
    rows = KeyResult.objects.select_related("objective__cycle", *beside)
    found = rows.checkable_by(membership).filter(pk=pk).first()
    may_write = found is not None
    key_result = found or get_visible(rows, membership, pk=pk)
    if key_result.kind == Kind.MILESTONE:
        prefetch_related_objects([key_result], "steps")
    if not may_write and (request.method == "POST" or "preview" in request.GET or "corrects" in request.GET):
        refuse()
    corrects = corrected(request, key_result)
    if request.POST.get("person", str(membership.pk)) != str(membership.pk):
        refuse()  # kept on this device by somebody else who used it
    if request.method == "POST":
        return record(request, membership, key_result, corrects)
    if corrects is not None and hasattr(corrects, "corrected_by"):
        if "preview" in request.GET:
            return HttpResponse(status=204)  # what was typed has been sent meanwhile: whoever waits is led on by that
        way = {"from": "week"} if request.GET.get("from") == "week" else {}
        newer = urlencode({"corrects": corrects.corrected_by.pk, **way})
        return redirect(f"{reverse('check_in', args=[slug, key_result.pk])}?{newer}")
    if "preview" in request.GET:
        return preview(request, membership, key_result, corrects)
    form = None
    if may_write and key_result.objective.is_open:
        form = CheckInForm(key_result=key_result, membership=membership, corrects=corrects)
    shown = page(request, membership, key_result, form, corrects)
    shown["just_saved"] = find_just_saved(request, membership)
    return render(request, "objectives/check_in.html", shown)


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
    way = request.POST.get("from")
    saved = None
    if form.is_valid():
        with suppress(Refusal):
            saved = form.save()
    if way == "kept":
        return answer_kept(form, saved is not None)
    if saved is None:
        return show_refused(request, membership, key_result, form, corrects, from_week=way == "week")
    row, is_new = saved
    row.key_result = key_result
    arrived_before = not is_new and form.says_other_than(row)
    following = read_id(request.POST.get("following"))
    if way == "week" and request.htmx:  # type: ignore[attr-defined]
        shown = just_saved(row, membership, arrived_before=arrived_before)
        return next_sheet(request, membership, chosen=following, saved=shown)
    # The next page says what was saved: a message would be kept in the session, which then is written as well.
    query = {"saved": row.pk} | ({"again": 1} if arrived_before else {})
    if way == "week":
        address = reverse("this_week", args=[membership.organization.slug])
        query |= {"key_result": following} if following else {}
    else:
        address = reverse("check_in", args=[membership.organization.slug, key_result.pk])
    response = redirect(f"{address}?{urlencode(query)}")
    # Tells static/js/check_in.js that what it kept of this form has arrived, and was not answered by the door.
    response.set_cookie(
        "saved", str(form.cleaned_data["submission_key"]), max_age=600, samesite="Lax", secure=request.is_secure()
    )
    return response


def show_refused(
    request: HttpRequest,
    membership: Membership,
    key_result: KeyResult,
    form: CheckInForm,
    corrects: CheckIn | None,
    *,
    from_week: bool,
) -> HttpResponse:
    shown = page(request, membership, key_result, form, corrects) | {"from_week": from_week}
    if from_week and request.htmx:  # type: ignore[attr-defined]
        shown |= sheet_place(membership, key_result)
    template = "objectives/_check_in_form.html" if request.htmx else "objectives/check_in.html"  # type: ignore[attr-defined]
    return render(request, template, shown, status=422)


def answer_kept(form: CheckInForm, is_saved: bool) -> HttpResponse:
    """What a browser learns of a check-in it had kept without a connection: nothing more, or why it was refused."""
    if is_saved:
        return HttpResponse(status=204)
    sentences = [str(sentence) for errors in form.errors.values() for sentence in errors]
    return HttpResponse("\n".join(sentences), status=422, content_type="text/plain; charset=utf-8")


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
        doubt = shown["preview"].doubt if shown["preview"] else None
        shown["meant_typed"] = plain(doubt.meant) if doubt and doubt.meant is not None else ""
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
        "two_weeks": is_biweekly(membership, key_result),
    }
