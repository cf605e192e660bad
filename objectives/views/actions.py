"""Actions: as list, board and timeline, one action with all that belongs to it, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from funnel.fields import plain
from funnel.forms.amounts import suffix_of
from funnel.models import KPI, TouchPoint
from objectives.access import teams_seen_by
from objectives.forms.actions import ActionForm
from objectives.models import Action, Approach, KeyResult
from objectives.presenters.action_timeline import GOAL, GROUPINGS, grouped, window_from
from objectives.presenters.lever_changes import unit_of_change
from objectives.queries.action_worth import Together, effect_of, effects_of, levers_of, together
from objectives.queries.actions import (
    OPEN,
    OVERDUE,
    SHOWN,
    STATES,
    UNDER_WAY,
    Wanted,
    actions_wanted,
    board_of,
    counts_of,
    marked,
    narrowed,
    offered_goals,
    on_days,
    wanted_from,
)
from objectives.services import actions as services
from objectives.views.editing import PAGE_METHODS, back
from people.access import get_editable, get_membership, get_visible, read_id, refuse
from people.exports import csv_response
from people.forms import ReasonForm, add_refusal
from people.models import Membership
from people.refusals import Refusal
from people.services.units import unit_of_money

PAGE = 50
MOST_BARS = 100
OPEN_STATES = {OPEN, UNDER_WAY, OVERDUE}
MOST_ROWS_IN_A_FILE = 10_000


@require_http_methods(PAGE_METHODS)
def actions(request: HttpRequest, slug: str) -> HttpResponse:
    """The list; sent to it, one more action in one line."""
    membership = get_membership(request, slug)
    wanted = wanted_from(request.GET)
    if request.GET.get("download") == "csv":
        return actions_csv(membership, wanted)
    touch_point = touch_point_from(request, membership)
    form = ActionForm(
        request.POST if request.method == "POST" else None,
        membership=membership,
        serves=serves_from(request, membership) or (touch_point.kpi if touch_point else None),
        suggestions=reverse("people_suggestions", args=[slug]),
    )
    if request.method == "POST" and form.is_valid():
        try:
            action = added(form, membership, touch_point)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return done(request, _("Written down: “%(title)s”.") % {"title": action.title})
    page = Paginator(actions_wanted(membership, wanted), PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    for name in ("page", "download"):
        query.pop(name, None)
    counts = counts_of(membership, wanted)
    shown = frame(membership, wanted, "actions", counts) | {
        "form": form,
        "touch_point": touch_point,
        "page": page,
        "rows": with_effects(marked(page.object_list, membership), membership),
        "tabs": [(state, STATES[state], counts[state], wanted.asked(state=state)) for state in STATES],
        "may_add": not membership.is_partner or KeyResult.objects.checkable_by(membership).open().exists(),
        "query": query.urlencode() + "&" if query else "",
        "moved_together": moved_together(membership, wanted) if wanted.state in OPEN_STATES else [],
    }
    page_name = "objectives/_action_rows.html" if asks_rows(request) else "objectives/actions.html"
    return render(request, page_name, shown, status=422 if form.errors else 200)


@require_safe
def actions_board(request: HttpRequest, slug: str) -> HttpResponse:
    """The wanted actions in columns by how far they are."""
    membership = get_membership(request, slug)
    wanted = replace(wanted_from(request.GET), state=OPEN)
    counts = counts_of(membership, wanted)
    columns = board_of(membership, wanted, counts)
    with_effects([row for column in columns for row in column.rows], membership)
    shown = frame(membership, wanted, "actions_board", counts) | {
        "columns": columns,
        "moved_together": moved_together(membership, wanted),
    }
    page_name = "objectives/_action_board.html" if asks_rows(request) else "objectives/actions_board.html"
    return render(request, page_name, shown)


@require_safe
def actions_timeline(request: HttpRequest, slug: str) -> HttpResponse:
    """The wanted actions as bars along the weeks, below what they serve or by team."""
    membership = get_membership(request, slug)
    wanted = replace(wanted_from(request.GET), state=OPEN)
    counts = counts_of(membership, wanted)
    window = window_from(request.GET, membership.organization.today)
    by = request.GET.get("by", "")
    by = by if by in GROUPINGS else GOAL
    rows, outside = on_days(membership, wanted, window.first, window.last)
    found = marked(rows[: MOST_BARS + 1], membership)
    asked = wanted.asked()
    shown = frame(membership, wanted, "actions_timeline", counts) | {
        "window": window,
        "by": by,
        "groups": grouped(found[:MOST_BARS], window, by=by),
        "outside": outside,
        "is_cut": len(found) > MOST_BARS,
        "most": MOST_BARS,
        "asked": f"{asked}&" if asked else "",
        "moved_together": moved_together(membership, wanted),
    }
    page_name = "objectives/_action_timeline.html" if asks_rows(request) else "objectives/actions_timeline.html"
    return render(request, page_name, shown)


def asks_rows(request: HttpRequest) -> bool:
    """Whether only what the filters narrow is to be shown anew."""
    return bool(request.htmx and request.htmx.target == "rows")  # type: ignore[attr-defined]


def frame(membership: Membership, wanted: Wanted, face: str, counts: dict[str, int]) -> dict[str, Any]:
    """What list, board and timeline share: the filters, and the ways to the same actions in another form."""
    slug, asked = membership.organization.slug, wanted.asked()
    key_results, levers = offered_goals(membership, wanted)
    names = {"actions": _("List"), "actions_board": _("Board"), "actions_timeline": _("Timeline")}
    return {
        "wanted": wanted,
        "counts": counts,
        "address": reverse(face, args=[slug]),
        "faces": [
            (name, reverse(view, args=[slug]) + (f"?{asked}" if asked else ""), view == face)
            for view, name in names.items()
        ],
        "teams": teams_seen_by(membership),
        "key_results": key_results,
        "levers": levers,
        "approaches": [choice for choice in Approach.choices if choice[0]],
        "narrowed_to": narrowed_to(membership, wanted),
        "today": membership.organization.today,
    }


def with_effects(rows: list[Action], membership: Membership) -> list[Action]:
    """The actions with `effect`: what each open one is to move, and by how much the KGI follows.

    What is done is in today's numbers already.
    """
    effects = effects_of([row for row in rows if row.is_open], membership)
    for row in rows:
        row.effect = effects.get(row.pk)  # type: ignore[attr-defined]
    return rows


def moved_together(membership: Membership, wanted: Wanted) -> list[Together]:
    """What all the open actions that answer the wish are to move together, those on other pages too."""
    return together(narrowed(membership, wanted), membership)


def added(form: ActionForm, membership: Membership, touch_point: TouchPoint | None) -> Action:
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
        touch_point=touch_point,
        **served,
    )


def touch_point_from(request: HttpRequest, membership: Membership) -> TouchPoint | None:
    """The touch point of a journey that the address says the new action is for."""
    pk = read_id(request.GET.get("touch_point"))
    rows = TouchPoint.objects.visible_to(membership).select_related("phase__journey", "kpi__kgi")
    return rows.filter(pk=pk).first() if pk is not None else None


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
    """The wanted actions as a file; partners get no column about levers, money or what is won."""
    rows = list(actions_wanted(membership, wanted).select_related("touch_point")[:MOST_ROWS_IN_A_FILE])
    effects, levers = effects_of(rows, membership), levers_of(rows, membership)
    money = unit_of_money(membership.organization.currency)

    def written(day: date | None) -> str:
        return day.isoformat() if day else ""

    def in_people_units(row: Action, change: Decimal | None) -> Any:
        lever = levers.get(row.pk)
        return "" if lever is None or change is None else plain(lever.in_people_units(change) or Decimal(0))

    def money_in_full(amount: Decimal | None) -> str:
        return "" if amount is None else plain(amount)

    def worth(row: Action) -> Any:
        effect = effects.get(row.pk)
        return "" if effect is None or effect.worth is None or not row.is_open else round(effect.worth, 2)

    everybody: list[tuple[str, Callable[[Action], Any]]] = [
        (_("What is to be done"), lambda row: row.title),
        (_("Owner"), lambda row: row.owner.user.name),
        (_("Team"), lambda row: row.team.name),
        (_("Begins on"), lambda row: written(row.starts_on)),
        (_("To be done by"), lambda row: written(row.due_on)),
        (_("State"), lambda row: _("Under way") if row.is_under_way else row.get_state_display()),
        (_("Under way since"), lambda row: written(row.began_on)),
        (_("Closed on"), lambda row: written(row.closed_on)),
        (_("Key result"), lambda row: row.key_result.title if row.key_result else ""),
        (_("Expected effect"), lambda row: row.expected_effect),
        (_("Approach"), lambda row: row.get_approach_display() if row.approach else ""),
        (_("What speaks for it"), lambda row: row.merits),
        (_("What may go wrong"), lambda row: row.risks),
        (_("Why does nobody do it?"), lambda row: row.why_nobody),
        (_("What came of it"), lambda row: row.result),
    ]
    inside: list[tuple[str, Callable[[Action], Any]]] = [
        (_("Lever"), lambda row: levers[row.pk].name if row.pk in levers else ""),
        (_("Touch point"), lambda row: row.touch_point.name if row.touch_point else ""),
        (_("Expected change of the lever"), lambda row: in_people_units(row, row.expected_change)),
        (_("What the lever moved by"), lambda row: in_people_units(row, row.actual_change)),
        (_("Unit of the change"), lambda row: unit_of_change(levers[row.pk]) if row.pk in levers else ""),
        ("KGI", lambda row: levers[row.pk].kgi.name if row.pk in levers else ""),
        (_("What the KGI gains by it"), worth),
        (_("Unit of the KGI"), lambda row: levers[row.pk].kgi.unit if row.pk in levers else ""),
        (_("Cost (%(unit)s)") % {"unit": money}, lambda row: money_in_full(row.cost)),
        (_("Deals from it"), lambda row: row.deals),
        (_("Orders from it"), lambda row: row.orders),
        (_("Revenue from it (%(unit)s)") % {"unit": money}, lambda row: money_in_full(row.revenue)),
    ]
    columns = everybody if membership.is_partner else everybody + inside
    header = [name for name, _cell in columns]
    return csv_response(_("Actions"), header, ([cell(row) for _name, cell in columns] for row in rows))


@require_http_methods(PAGE_METHODS)
def edit_action(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One action: to be changed by whoever may, to be read by everybody else who sees it."""
    membership = get_membership(request, slug)
    rows = Action.objects.select_related(
        *SHOWN, "organization", "created_by__user", "closed_by__user", "touch_point__phase__journey"
    )
    action = get_visible(rows, membership, pk=pk)
    (row,) = marked([action], membership)
    if request.method == "POST" and not row.may_edit:
        refuse()
    title = action.title
    form = None
    if row.may_edit:
        typed = request.POST if request.method == "POST" else request.GET if asks_worth(request) else None
        form = ActionForm(
            typed, membership=membership, action=action, suggestions=reverse("people_suggestions", args=[slug])
        )
        if asks_worth(request) and request.method != "POST":
            return render(request, "objectives/_action_worth.html", worth_shown(form, membership) | {"oob": True})
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
    found = rows.get(pk=pk)
    shown = {"form": form, "action": found, "title": title, "today": membership.organization.today}
    if form is not None:
        shown |= worth_shown(form, membership)
    else:
        shown |= {"effect": effects_of([found], membership).get(pk), "money": money_of(membership)}
    return render(request, "objectives/edit_action.html", shown, status=422 if form and form.errors else 200)


def asks_worth(request: HttpRequest) -> bool:
    """Whether only what is typed is to be turned into the KGI's unit."""
    return bool(request.htmx and request.htmx.target == "worth")  # type: ignore[attr-defined]


def worth_shown(form: ActionForm, membership: Membership) -> dict[str, Any]:
    """What the change typed, or kept, makes of the KGI, and the unit it is typed in."""
    lever, change = form.lever, form.change_meant
    effect = effect_of(lever.pk, change, membership) if lever is not None and change is not None else None
    return {
        "effect": effect,
        "lever": lever,
        "change_unit": suffix_of(unit_of_change(lever)) if lever is not None else "",
        "wrong": form.change_wrong,
    }


def money_of(membership: Membership) -> str:
    return unit_of_money(membership.organization.currency)


@require_POST
def begin_action(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take it up."""
    membership = get_membership(request, slug)
    action = get_editable(Action.objects, membership, pk=pk)
    try:
        action = services.begin_action(action, by=membership)
    except Refusal as refusal:
        return refused(request, refusal)
    return done(request, _("Under way: “%(title)s”.") % {"title": action.title})


@require_POST
def pause_action(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Put it back among those to do."""
    membership = get_membership(request, slug)
    action = get_editable(Action.objects, membership, pk=pk)
    try:
        action = services.pause_action(action, by=membership)
    except Refusal as refusal:
        return refused(request, refusal)
    return done(request, _("To do again: “%(title)s”.") % {"title": action.title})


@require_POST
def finish_action(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Tick it off; the answer offers to undo that."""
    membership = get_membership(request, slug)
    action = get_editable(Action.objects, membership, pk=pk)
    try:
        action = services.finish_action(action, by=membership)
    except Refusal as refusal:
        return refused(request, refusal)
    if request.htmx and not asks_rows(request):  # type: ignore[attr-defined]
        return row_answer(request, membership, pk)
    said = _("Done: “%(title)s”.") % {"title": action.title}
    address = reverse("action_outcome", args=[slug, pk])
    asked = format_html('{} <a href="{}">{}</a>', said, address, _("What came of it?"))
    return done(request, asked, undo=reverse("reopen_action", args=[slug, pk]))


@require_POST
def reopen_action(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Undo that it is done."""
    membership = get_membership(request, slug)
    action = get_editable(Action.objects, membership, pk=pk)
    try:
        action = services.reopen_action(action, by=membership)
    except Refusal as refusal:
        return refused(request, refusal)
    if request.htmx and not asks_rows(request):  # type: ignore[attr-defined]
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
    """Back to where the person came from, with what stands in the way; the board shows what has become of it."""
    messages.error(request, refusal.detail)
    slug = request.membership.organization.slug  # type: ignore[attr-defined]
    return back(request, reverse("actions", args=[slug]))


def row_answer(request: HttpRequest, membership: Membership, pk: int) -> HttpResponse:
    """The row as it is now, for the tap that changed it."""
    rows = marked([get_visible(Action.objects.select_related(*SHOWN), membership, pk=pk)], membership)
    (row,) = with_effects(rows, membership)
    shown = {"row": row, "today": membership.organization.today, "changed": True}
    return render(request, "objectives/_action_row.html", shown)
