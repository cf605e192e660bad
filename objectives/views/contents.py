"""Content: the calendar of it, one piece, moving it to another day, dropping it and bringing it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from funnel.forms.contents import ContentForm
from funnel.models import Content, ContentFormat, ContentState, Journey, TouchPoint
from funnel.services import contents as services
from objectives.queries.contents import (
    LATE,
    contents_wanted,
    is_late,
    last_day,
    marked,
    month_of,
    step,
    undated,
    wanted_from,
)
from objectives.views.editing import PAGE_METHODS, back
from people.access import get_editable, get_insider, get_visible, get_within_reach, read_id, refuse
from people.exports import csv_response
from people.forms import add_refusal
from people.models import Membership
from people.refusals import Refusal

MOST_ROWS_IN_A_FILE = 10_000
ROWS = Content.objects.select_related("touch_point__phase__journey", "owner__user")


@require_http_methods(PAGE_METHODS)
def contents(request: HttpRequest, slug: str) -> HttpResponse:
    """A month of content and what has no day yet; sent to it, one more piece in one line."""
    membership = get_insider(request, slug)
    today = membership.organization.today
    wanted = wanted_from(request.GET, today)
    if request.GET.get("download") == "csv":
        return contents_csv(membership, contents_wanted(membership, wanted)[:MOST_ROWS_IN_A_FILE])
    form = ContentForm(
        request.POST if request.method == "POST" else None,
        membership=membership,
        suggestions=reverse("people_suggestions", args=[slug]),
    )
    point = TouchPoint.objects.visible_to(membership).filter(pk=read_id(request.GET.get("touch_point")) or 0).first()
    if point is not None:
        form.fields["touch_point"].initial = point.pk
    if request.method == "POST" and form.is_valid():
        try:
            content, _is_new = services.add_content(form.changed(Content()), by=membership)
        except Refusal as refusal:
            add_refusal(form, refusal)
        except ValidationError as wrong:
            form.add_error(None, wrong.messages)
        else:
            undo = reverse("drop_content", args=[slug, content.pk])
            messages.success(request, _("Written down: “%(title)s”.") % {"title": content.title}, extra_tags=undo)
            return redirect(request.get_full_path())
    weeks = month_of(membership, wanted, language=get_language() or "ja")
    first, last = wanted.month, last_day(wanted.month)
    in_month = [row for week in weeks for day in week if day.is_in_month for row in day.contents]
    query = request.GET.copy()
    for name in ("month", "download", "touch_point"):
        query.pop(name, None)
    visible = Content.objects.visible_to(membership)
    owners = Membership.objects.filter(pk__in=visible.values("owner"))
    shown = {
        "form": form,
        "wanted": wanted,
        "weeks": weeks,
        "undated": undated(membership, wanted),
        "count": len(in_month),
        "done": sum(1 for row in in_month if row.state == ContentState.DONE),
        "late": visible.filter(is_late(today)).count(),
        "is_empty": not in_month and not wanted.is_narrowed and not visible.exists(),
        "has_points": TouchPoint.objects.visible_to(membership).exists(),
        "earlier": step(first, -1),
        "later": step(first, 1),
        "month": first,
        "last": last,
        "today": today,
        "journeys": Journey.objects.visible_to(membership).order_by("name"),
        "owners": owners.select_related("user").order_by("user__name"),
        "formats": ContentFormat.choices,
        "states": [*ContentState.choices, (LATE, pgettext("content", "Past its day"))],
        "own": set(Content.objects.editable_by(membership).values_list("pk", flat=True)),
        "query": query.urlencode() + "&" if query else "",
        "here": request.get_full_path(),
    }
    is_part = request.htmx and request.htmx.target == "rows"  # type: ignore[attr-defined]
    page = "objectives/_content_month.html" if is_part else "objectives/contents.html"
    return render(request, page, shown, status=422 if form.errors else 200)


def contents_csv(membership: Membership, rows: Any) -> HttpResponse:
    header = [
        _("Number"),
        _("Content"),
        pgettext("content", "Format"),
        _("State"),
        _("To be published on"),
        _("Published on"),
        _("Owner"),
        _("Touch point"),
        pgettext("journey", "Phase"),
        _("Customer journey"),
        _("Address"),
    ]
    lines = (
        [
            row.label,
            row.title,
            row.get_format_display(),
            row.get_state_display(),
            row.publish_on.isoformat() if row.publish_on else "",
            row.published_on.isoformat() if row.published_on else "",
            row.owner.user.name if row.owner else "",
            row.touch_point.name,
            row.touch_point.phase.name,
            row.touch_point.phase.journey.name,
            row.address,
        ]
        for row in (marked(each, membership.organization.today) for each in rows)
    )
    return csv_response(_("Content"), header, lines)


@require_http_methods(PAGE_METHODS)
def content(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One piece of content: changed by whoever plans or owns it, read by everybody inside."""
    membership = get_insider(request, slug)
    row = get_visible(ROWS, membership, pk=pk)
    may_edit = Content.objects.editable_by(membership).filter(pk=pk).exists()
    if request.method == "POST" and not may_edit:
        refuse()
    if request.method != "POST":
        return show(request, membership, row, form_of(membership, row) if may_edit else None)
    return changed(request, membership, row, form_of(membership, row, request.POST))


def form_of(membership: Membership, row: Content, data: Any = None) -> ContentForm:
    suggestions = reverse("people_suggestions", args=[membership.organization.slug])
    return ContentForm(data, membership=membership, content=row, suggestions=suggestions)


def show(request: HttpRequest, membership: Membership, row: Content, form: ContentForm | None) -> HttpResponse:
    """The page of one piece of content, with what was refused 422."""
    kept = marked(ROWS.get(pk=row.pk), membership.organization.today)
    shown = {
        "form": form,
        "content": kept,
        "journey": kept.touch_point.phase.journey,
        "next": request.POST.get("next") or request.GET.get("next") or "",
    }
    return render(request, "objectives/content.html", shown, status=422 if form is not None and form.errors else 200)


def changed(request: HttpRequest, membership: Membership, row: Content, form: ContentForm) -> HttpResponse:
    """Save what a form says and lead back, or show it with what is wrong."""
    slug = membership.organization.slug
    if form.is_valid():
        try:
            saved = services.save_content(form.changed(row), by=membership, expected_version=form.expected_version)
        except Refusal as refusal:
            add_refusal(form, refusal)
            if refusal.code == "stale":
                form.expect(Content.objects.values_list("version", flat=True).get(pk=row.pk))
        except ValidationError as wrong:
            form.add_error(None, wrong.messages)
        else:
            messages.success(request, _("Saved: “%(title)s”.") % {"title": saved.title})
            return back(request, reverse("contents", args=[slug]))
    return show(request, membership, row, form)


@require_POST
def schedule_content(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Move it to another day, or with `state` change how far it is; everything else stays."""
    membership = get_insider(request, slug)
    row = get_editable(ROWS, membership, pk=pk)
    whole = form_of(membership, row)
    sent = QueryDict(mutable=True)
    for name in whole.fields:
        value = request.POST.get(name) if name in {"publish_on", "state", "version", "next"} else None
        stands = "" if name == "version" else whole[name].value()
        sent[name] = stands if value is None else value
        sent[name] = "" if sent[name] is None else str(sent[name])
    return changed(request, membership, row, form_of(membership, row, sent))


@require_POST
def drop_content(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_insider(request, slug)
    row = services.drop_content(get_within_reach(ROWS, membership, pk=pk))
    undo = reverse("restore_content", args=[slug, pk])
    messages.success(request, _("Dropped: “%(title)s”.") % {"title": row.title}, extra_tags=undo)
    return back(request, reverse("contents", args=[slug]))


@require_POST
def restore_content(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_insider(request, slug)
    row = services.restore_content(get_within_reach(ROWS, membership, pk=pk))
    messages.success(request, _("“%(title)s” is back.") % {"title": row.title})
    return back(request, reverse("contents", args=[slug]))
