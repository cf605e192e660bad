"""Actions: the list with its one-line form, one action with all that belongs to it, and what is done with it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from funnel.models import KPI
from objectives.access import teams_seen_by
from objectives.forms.actions import ActionForm
from objectives.models import Action, KeyResult
from objectives.queries.actions import SHOWN, STATES, Wanted, actions_wanted, counts_of, marked, wanted_from
from objectives.services import actions as services
from objectives.views.editing import PAGE_METHODS, back
from people.access import get_editable, get_membership, get_visible, read_id, refuse
from people.exports import csv_response
from people.forms import ReasonForm, add_refusal
from people.models import Membership
from people.refusals import Refusal

PAGE = 50
MOST_ROWS_IN_A_FILE = 10_000


@require_http_methods(PAGE_METHODS)
def actions(request: HttpRequest, slug: str) -> HttpResponse:
    """The list; sent to it, one more action in one line."""
    membership = get_membership(request, slug)
    wanted = wanted_from(request.GET)
    if request.GET.get("download") == "csv":
        return actions_csv(membership, wanted)
    form = ActionForm(
        request.POST if request.method == "POST" else None,
        membership=membership,
        serves=serves_from(request, membership),
        suggestions=reverse("people_suggestions", args=[slug]),
    )
    if request.method == "POST" and form.is_valid():
        try:
            action = added(form, membership)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return done(request, _("Written down: “%(title)s”.") % {"title": action.title})
    page = Paginator(actions_wanted(membership, wanted), PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    for name in ("page", "download"):
        query.pop(name, None)
    counts = counts_of(membership, wanted)
    shown = {
        "form": form,
        "wanted": wanted,
        "page": page,
        "rows": marked(page.object_list, membership),
        "counts": counts,
        "tabs": [(state, STATES[state], counts[state]) for state in STATES],
        "teams": teams_seen_by(membership),
        "narrowed_to": narrowed_to(membership, wanted),
        "may_add": not membership.is_partner or KeyResult.objects.checkable_by(membership).open().exists(),
        "today": membership.organization.today,
        "query": query.urlencode() + "&" if query else "",
    }
    is_part = request.htmx and request.htmx.target == "rows"  # type: ignore[attr-defined]
    page_name = "objectives/_action_rows.html" if is_part else "objectives/actions.html"
    return render(request, page_name, shown, status=422 if form.errors else 200)


def added(form: ActionForm, membership: Membership) -> Action:
    """What the one-line form says, written down for the team it belongs to."""
    said, served = form.cleaned_data, form.served
    return services.add_action(
        team=services.team_for(membership, served["key_result"]),
        title=said["title"],
        owner=said["owner"],
        due_on=said["due_on"],
        expected_effect=said["expected_effect"],
        by=membership,
        submission_key=said["submission_key"],
        **served,
    )


def serves_from(request: HttpRequest, membership: Membership) -> KeyResult | KPI | None:
    """What the address says the new action is for."""
    pk, lever = read_id(request.GET.get("key_result")), read_id(request.GET.get("kpi"))
    if pk is not None:
        return KeyResult.objects.visible_to(membership).filter(pk=pk).select_related("objective__team").first()
    return KPI.objects.visible_to(membership).filter(pk=lever).select_related("kgi").first() if lever else None


def narrowed_to(membership: Membership, wanted: Wanted) -> list[str]:
    """The person, key result and lever the list is narrowed to, by name."""
    people = Membership.objects.visible_to(membership).filter(pk=wanted.owner or 0).select_related("user")
    key_results = KeyResult.objects.readable_by(membership).filter(pk=wanted.key_result or 0)
    levers = KPI.objects.visible_to(membership).filter(pk=wanted.kpi or 0)
    names = [*(row.user.name for row in people)] if wanted.owner else []
    names += [row.title for row in key_results] if wanted.key_result else []
    return names + [row.name for row in levers] if wanted.kpi else names


def actions_csv(membership: Membership, wanted: Wanted) -> HttpResponse:
    header = [
        _("What is to be done"),
        _("Owner"),
        _("Team"),
        _("To be done by"),
        _("State"),
        _("Key result"),
        _("Lever"),
        _("Expected effect"),
        _("Closed on"),
    ]

    def written(day: date | None) -> str:
        return day.isoformat() if day else ""

    def lever_of(row: Action) -> str:
        return row.kpi.name if row.kpi and not membership.is_partner else ""

    def cells(row: Action) -> Iterable[Any]:
        return (
            row.title,
            row.owner.user.name,
            row.team.name,
            written(row.due_on),
            row.get_state_display(),
            row.key_result.title if row.key_result else "",
            lever_of(row),
            row.expected_effect,
            written(row.closed_on),
        )

    rows = actions_wanted(membership, wanted)[:MOST_ROWS_IN_A_FILE]
    return csv_response(_("Actions"), header, ([*cells(row)] for row in rows))


@require_http_methods(PAGE_METHODS)
def edit_action(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One action: to be changed by whoever may, to be read by everybody else who sees it."""
    membership = get_membership(request, slug)
    rows = Action.objects.select_related(*SHOWN, "organization", "created_by__user", "closed_by__user")
    action = get_visible(rows, membership, pk=pk)
    (row,) = marked([action], membership)
    if request.method == "POST" and not row.may_edit:
        refuse()
    title = action.title
    form = None
    if row.may_edit:
        form = ActionForm(
            request.POST if request.method == "POST" else None,
            membership=membership,
            action=action,
            suggestions=reverse("people_suggestions", args=[slug]),
        )
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            saved = services.save_action(form.changed(action), by=membership, expected_version=form.expected_version)
        except Refusal as refusal:
            add_refusal(form, refusal)
            if refusal.code == "stale":
                form.expect(Action.objects.values_list("version", flat=True).get(pk=pk))
        else:
            messages.success(request, _("Saved: “%(title)s”.") % {"title": saved.title})
            return back(request, reverse("actions", args=[slug]))
    shown = {"form": form, "action": rows.get(pk=pk), "title": title, "today": membership.organization.today}
    return render(request, "objectives/edit_action.html", shown, status=422 if form and form.errors else 200)


@require_POST
def finish_action(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Tick it off; the answer offers to undo that."""
    membership = get_membership(request, slug)
    action = get_editable(Action.objects, membership, pk=pk)
    try:
        action = services.finish_action(action, by=membership)
    except Refusal as refusal:
        return refused(request, refusal)
    if request.htmx:  # type: ignore[attr-defined]
        return row_answer(request, membership, pk)
    return done(
        request, _("Done: “%(title)s”.") % {"title": action.title}, undo=reverse("reopen_action", args=[slug, pk])
    )


@require_POST
def reopen_action(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Undo that it is done."""
    membership = get_membership(request, slug)
    action = get_editable(Action.objects, membership, pk=pk)
    try:
        action = services.reopen_action(action, by=membership)
    except Refusal as refusal:
        return refused(request, refusal)
    if request.htmx:  # type: ignore[attr-defined]
        return row_answer(request, membership, pk)
    return done(request, _("To do again: “%(title)s”.") % {"title": action.title})


@require_http_methods(PAGE_METHODS)
def drop_action(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    action = get_editable(Action.objects, membership, pk=pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.drop_action(action, by=membership, reason=form.cleaned_data["reason"])
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            undo = reverse("restore_action", args=[slug, pk])
            return done(request, _("Dropped: “%(title)s”.") % {"title": action.title}, undo=undo)
    shown = {"form": form, "goal": action, "back": reverse("edit_action", args=[slug, pk])}
    return render(request, "objectives/drop_goal.html", shown, status=422 if form.errors else 200)


@require_POST
def restore_action(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Bring back what was dropped."""
    membership = get_membership(request, slug)
    action = services.restore_action(get_editable(Action.objects, membership, pk=pk), by=membership)
    return done(request, _("To do again: “%(title)s”.") % {"title": action.title})


def done(request: HttpRequest, sentence: str, *, undo: str = "") -> HttpResponse:
    """Back to where the person came from, with what was done and the way to undo it."""
    messages.success(request, sentence, extra_tags=undo)
    slug = request.membership.organization.slug  # type: ignore[attr-defined]
    otherwise = reverse("actions", args=[slug])
    asked = request.GET.urlencode()
    return back(request, f"{otherwise}?{asked}" if asked and request.path == otherwise else otherwise)


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    messages.error(request, refusal.detail)
    return redirect("actions", request.membership.organization.slug)  # type: ignore[attr-defined]


def row_answer(request: HttpRequest, membership: Membership, pk: int) -> HttpResponse:
    """The row as it is now, for the tap that changed it."""
    (row,) = marked([get_visible(Action.objects.select_related(*SHOWN), membership, pk=pk)], membership)
    shown = {"row": row, "today": membership.organization.today, "changed": True}
    return render(request, "objectives/_action_row.html", shown)
