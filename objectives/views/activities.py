"""The daily log: one line of one's day, the list by days, and a line changed, taken back or brought back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from objectives.access import teams_seen_by
from objectives.forms.activities import ActivityForm
from objectives.models import Action, Activity, KeyResult, Objective
from objectives.queries.activities import Wanted, activities_wanted, by_day, lines_of_today, wanted_from
from objectives.services import activities as services
from objectives.views.editing import PAGE_METHODS, back
from people.access import get_editable, get_membership, read_id
from people.forms import add_refusal
from people.models import Membership
from people.refusals import Refusal

PAGE = 60
# The line stands beside other forms.
LINE_IDS = "activity_%s"


@require_http_methods(PAGE_METHODS)
def activities(request: HttpRequest, slug: str) -> HttpResponse:
    """The log by days; sent to it, one more line."""
    membership = get_membership(request, slug)
    wanted = wanted_from(request.GET)
    form = ActivityForm(
        request.POST if request.method == "POST" else None,
        membership=membership,
        serves=served_by_address(request, membership),
        action=action_by_address(request, membership),
    )
    if request.method == "POST" and logged(form, membership) is not None:
        messages.success(request, _("It stands in the log."))
        return back(request, f"{reverse('activities', args=[slug])}?{request.GET.urlencode()}".removesuffix("?"))
    page = Paginator(activities_wanted(membership, wanted), PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    shown = {
        "form": form,
        "may_log": may_log(membership),
        "wanted": wanted,
        "page": page,
        "days": by_day(page.object_list, membership),
        "teams": teams_seen_by(membership),
        "people": people_of(membership),
        "narrowed_to": narrowed_to(membership, wanted),
        "today": membership.organization.today,
        "query": query.urlencode() + "&" if query else "",
    }
    is_part = request.htmx and request.htmx.target == "rows"  # type: ignore[attr-defined]
    page_name = "objectives/_activity_days.html" if is_part else "objectives/activities.html"
    return render(request, page_name, shown, status=422 if form.errors else 200)


@require_http_methods(PAGE_METHODS)
def activity_line(request: HttpRequest, slug: str) -> HttpResponse:
    """The line to write into, with what one has written today: a part of other pages, or a page by itself."""
    membership = get_membership(request, slug)
    form = ActivityForm(request.POST, membership=membership, auto_id=LINE_IDS) if request.method == "POST" else None
    made = logged(form, membership) if form is not None else None
    if made is not None and not request.htmx:  # type: ignore[attr-defined]
        messages.success(request, _("It stands in the log."))
        return back(request, reverse("activities", args=[slug]))
    shown = line_shown(membership) | {"activity_made": made}
    if form is not None and made is None:
        shown["activity_form"] = form
    is_part = bool(request.htmx)  # type: ignore[attr-defined]
    page = "objectives/_activity_line.html" if is_part else "objectives/activity_line.html"
    return render(request, page, shown, status=422 if form is not None and form.errors else 200)


def line_shown(membership: Membership) -> dict[str, Any]:
    """What `_activity_line.html` needs on any page; nothing where the person has nothing to write about."""
    if not may_log(membership):
        return {}
    return {
        "activity_form": ActivityForm(membership=membership, auto_id=LINE_IDS),
        "activity_lines": lines_of_today(membership),
    }


def may_log(membership: Membership) -> bool:
    """Everybody inside; a partner where a share says so."""
    return not membership.is_partner or KeyResult.objects.checkable_by(membership).open().exists()


def logged(form: ActivityForm, membership: Membership) -> Activity | None:
    """The line the form says, written; None where it was refused, which the form then says."""
    if not form.is_valid():
        return None
    said = form.cleaned_data
    try:
        return services.log_activity(
            membership,
            text=said["text"],
            date=said["date"],
            key_result=said["key_result"],
            action=said["action"],
            submission_key=said["submission_key"],
        )
    except Refusal as refusal:
        add_refusal(form, refusal)
        return None


def served_by_address(request: HttpRequest, membership: Membership) -> KeyResult | None:
    pk = read_id(request.GET.get("key_result"))
    if pk is None:
        return None
    return KeyResult.objects.visible_to(membership).open().filter(pk=pk).select_related("objective__team").first()


def action_by_address(request: HttpRequest, membership: Membership) -> Action | None:
    pk = read_id(request.GET.get("action"))
    if pk is None:
        return None
    return Action.objects.visible_to(membership).open().filter(pk=pk).select_related("key_result").first()


def people_of(membership: Membership) -> list[Membership]:
    """Those whose lines the list can be narrowed to, those in one's teams first; everybody else by their own page."""
    rows = Membership.objects.visible_to(membership).active().select_related("user")
    mine = Q(pk=membership.pk) | Q(teams__in=membership.team_ids)
    return list(rows.filter(mine).distinct().order_by("user__reading", "user__name", "pk")[:100])


def narrowed_to(membership: Membership, wanted: Wanted) -> list[str]:
    """The objective, the key result and the action the list is narrowed to, by name."""
    names: list[str] = []
    if wanted.objective:
        rows = Objective.objects.readable_by(membership).filter(pk=wanted.objective)
        names += rows.values_list("title", flat=True)
    if wanted.key_result:
        of_one = KeyResult.objects.readable_by(membership).filter(pk=wanted.key_result)
        names += of_one.values_list("title", flat=True)
    if wanted.action:
        names += Action.objects.visible_to(membership).filter(pk=wanted.action).values_list("title", flat=True)
    return names


@require_http_methods(PAGE_METHODS)
def edit_activity(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    rows = Activity.objects.select_related("key_result__objective__team", "organization", "action")
    activity = get_editable(rows, membership, pk=pk)
    form = ActivityForm(request.POST if request.method == "POST" else None, membership=membership, activity=activity)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_activity(form.changed(activity), by=membership, expected_version=form.expected_version)
        except Refusal as refusal:
            add_refusal(form, refusal)
            if refusal.code == "stale":
                form.expect(Activity.objects.values_list("version", flat=True).get(pk=pk))
        else:
            messages.success(request, _("Changed."))
            return back(request, reverse("activities", args=[slug]))
    shown = {"form": form, "activity": activity}
    return render(request, "objectives/edit_activity.html", shown, status=422 if form.errors else 200)


@require_POST
def withdraw_activity(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take a line of one's own back; the toast can undo it. Again is harmless."""
    membership = get_membership(request, slug)
    gone = Activity.objects.written_by(membership).filter(pk=pk).first()
    activity = gone or get_editable(Activity.objects, membership, pk=pk)
    services.withdraw_activity(activity)
    undo = reverse("restore_activity", args=[slug, pk])
    messages.success(request, _("The line is taken back."), extra_tags=undo)
    return back(request, reverse("activities", args=[slug]))


@require_POST
def restore_activity(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Undo taking it back; only whoever wrote a line can see it once it is taken back."""
    membership = get_membership(request, slug)
    own = Activity.objects.written_by(membership).filter(pk=pk).first()
    if own is None:
        get_editable(Activity.objects, membership, pk=pk)
    services.restore_activity(get_object_or_404(Activity.objects.written_by(membership), pk=pk))
    messages.success(request, _("The line is back."))
    return back(request, reverse("activities", args=[slug]))
