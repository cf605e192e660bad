"""Touch points: one with its lever, its content and its actions; moved, removed and brought back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from funnel.forms.contents import ContentForm
from funnel.forms.journeys import TouchPointForm
from funnel.models import PLANNERS, Content, TouchPoint
from funnel.presenters.levers import told_lever
from funnel.services import contents
from funnel.services import journeys as services
from objectives.queries.journeys import levers_of, points_of
from objectives.views.editing import PAGE_METHODS, back
from people.access import get_editable, get_insider, get_visible, get_within_reach, refuse
from people.forms import add_refusal
from people.models import Membership
from people.refusals import Refusal

ROWS = TouchPoint.objects.select_related("phase__journey__kgi", "kpi__kgi__funnel")


@require_http_methods(PAGE_METHODS)
def touch_point(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One touch point with what leads on from it: changed by whoever plans, read by everybody inside."""
    membership = get_insider(request, slug)
    point = get_visible(ROWS, membership, pk=pk)
    may_plan = membership.role in PLANNERS
    if request.method == "POST" and not may_plan:
        refuse()
    title = point.name
    form = TouchPointForm(request.POST if request.method == "POST" else None, point=point, levers=levers_offered(point))
    if request.method == "POST" and form.is_valid():
        try:
            saved = services.save_touch_point(form.changed(point), expected_version=form.expected_version)
        except Refusal as refusal:
            add_refusal(form, refusal)
            if refusal.code == "stale":
                form.expect(TouchPoint.objects.values_list("version", flat=True).get(pk=pk))
        else:
            messages.success(request, _("Saved: “%(title)s”.") % {"title": saved.name})
            return back(request, f"{reverse('journey', args=[slug, point.phase.journey_id])}#p-{saved.number}")
    return show(request, membership, ROWS.get(pk=pk), title=title, form=form)


def levers_offered(point: TouchPoint) -> list[tuple[int, str]]:
    """The levers of the journey's KGI in words, and the present one wherever it stands."""
    found = [(lever.kpi.pk, lever.label) for lever in levers_of(point.phase.journey)]
    if point.kpi is not None and point.kpi_id not in dict(found):
        found.append((point.kpi.pk, told_lever(point.kpi).label))
    return found


def show(
    request: HttpRequest,
    membership: Membership,
    point: TouchPoint,
    *,
    title: str,
    form: Any = None,
    content_form: Any = None,
) -> HttpResponse:
    """The page of one touch point, with what was refused 422."""
    slug, today = membership.organization.slug, membership.organization.today
    (told,) = points_of(TouchPoint.objects.filter(pk=point.pk), membership, today)
    own = set(Content.objects.editable_by(membership).filter(touch_point=point).values_list("pk", flat=True))
    wrong = any(each is not None and each.errors for each in (form, content_form))
    shown = {
        "point": told,
        "journey": point.phase.journey,
        "title": title,
        "form": form or TouchPointForm(point=point, levers=levers_offered(point)),
        "content_form": content_form
        or ContentForm(membership=membership, point=point, suggestions=reverse("people_suggestions", args=[slug])),
        "own": own,
        "may_plan": membership.role in PLANNERS,
        "today": today,
    }
    return render(request, "objectives/touch_point.html", shown, status=422 if wrong else 200)


@require_POST
def add_content(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One more piece of content for a touch point, in one line."""
    membership = get_insider(request, slug)
    point = get_visible(ROWS, membership, pk=pk)
    form = ContentForm(
        request.POST, membership=membership, point=point, suggestions=reverse("people_suggestions", args=[slug])
    )
    if form.is_valid():
        try:
            content, _is_new = contents.add_content(form.changed(Content(touch_point=point)), by=membership)
        except Refusal as refusal:
            add_refusal(form, refusal)
        except ValidationError as wrong:
            form.add_error(None, wrong.messages)
        else:
            undo = reverse("drop_content", args=[slug, content.pk])
            messages.success(request, _("Written down: “%(title)s”.") % {"title": content.title}, extra_tags=undo)
            return back(request, f"{reverse('touch_point', args=[slug, pk])}#contents")
    return show(request, membership, point, title=point.name, content_form=form)


@require_POST
def move_touch_point(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One place up, or with `by=1` down, within its cell."""
    membership = get_insider(request, slug)
    point = get_editable(ROWS, membership, pk=pk)
    try:
        services.move_touch_point(point, by_places=1 if request.POST.get("by") == "1" else -1)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    return back(request, f"{reverse('journey', args=[slug, point.phase.journey_id])}#p-{point.number}")


@require_POST
def remove_touch_point(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_insider(request, slug)
    point = get_within_reach(ROWS, membership, pk=pk)
    try:
        services.remove_touch_point(point)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    else:
        undo = reverse("restore_touch_point", args=[slug, pk])
        messages.success(request, _("Removed: “%(title)s”.") % {"title": point.name}, extra_tags=undo)
    return redirect("journey", slug, point.phase.journey_id)


@require_POST
def restore_touch_point(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_insider(request, slug)
    point = get_within_reach(ROWS, membership, pk=pk)
    try:
        services.restore_touch_point(point)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    else:
        messages.success(request, _("“%(title)s” is back.") % {"title": point.name})
    return redirect(f"{reverse('journey', args=[slug, point.phase.journey_id])}#p-{point.number}")
