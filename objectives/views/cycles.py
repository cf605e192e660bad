"""The cycles of an organization: planned, opened and closed by administrators, read by everybody."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from objectives import services
from objectives.forms.cycles import CycleForm
from objectives.formulas.calendar import Suggestion, next_quarter, next_year
from objectives.models import Cycle, CycleState, CycleStep, Objective, ObjectiveState
from objectives.queries.next_cycle import next_cycle_of
from objectives.views.editing import PAGE_METHODS
from people.access import get_editable, get_membership, refuse
from people.forms import add_refusal
from people.models import Membership
from people.refusals import Refusal


@require_safe
def cycles(request: HttpRequest, slug: str) -> HttpResponse:
    membership = get_membership(request, slug)
    live = Q(objectives__in=Objective.objects.visible_to(membership))
    # What counts others has no order by itself.
    rows = Cycle.objects.visible_to(membership).order_by("-start", "end", "id")
    rows = rows.annotate(
        objective_count=Count("objectives", filter=live),
        open_count=Count("objectives", filter=live & ~Q(objectives__state=ObjectiveState.CLOSED)),
    )
    steps = CycleStep.objects.none() if membership.is_partner else CycleStep.objects
    again = steps.filter(old_state=CycleState.CLOSED).select_related("by__user")
    shown = {
        "rows": rows.prefetch_related(Prefetch("cycle_steps", again, to_attr="opened_again")),
        "may_edit": membership.is_admin,
        "today": membership.organization.today,
        "suggestion": suggestions(membership)["quarter"] if membership.is_admin else None,
        "next_cycle": next_cycle_of(membership),
    }
    return render(request, "objectives/cycles.html", shown)


def suggestions(membership: Membership) -> dict[str, Suggestion]:
    """The quarter and the year to plan next, by the organization's fiscal calendar."""
    organization = membership.organization
    rows = list(Cycle.objects.visible_to(membership))
    names = {cycle.name for cycle in rows}
    spans = [cycle.span for cycle in rows]
    first = organization.fiscal_year_start
    return {
        "quarter": next_quarter(spans, names, organization.today, first),
        "year": next_year(names, organization.today, first),
    }


@require_http_methods(PAGE_METHODS)
def new_cycle(request: HttpRequest, slug: str) -> HttpResponse:
    membership = get_membership(request, slug)
    if not membership.is_admin:
        refuse()
    offered = suggestions(membership)
    suggestion = offered["year"] if request.GET.get("suggest") == "year" else offered["quarter"]
    initial = {"name": suggestion.name, "start": suggestion.start, "end": suggestion.end}
    data = request.POST if request.method == "POST" else None
    form = CycleForm(data, initial=initial, instance=Cycle(organization=membership.organization))
    if saved(request, membership, form):
        return redirect("cycles", slug)
    shown = {"form": form, "one": None, "offered": offered}
    return render(request, "objectives/edit_cycle.html", shown, status=422 if form.errors else 200)


@require_http_methods(PAGE_METHODS)
def edit_cycle(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    cycle = get_editable(Cycle.objects, membership, pk=pk)
    name = cycle.name
    form = CycleForm(request.POST if request.method == "POST" else None, instance=cycle)
    if saved(request, membership, form):
        return redirect("cycles", slug)
    shown: dict[str, Any] = {"form": form, "one": cycle, "name": name}
    return render(request, "objectives/edit_cycle.html", shown, status=422 if form.errors else 200)


def saved(request: HttpRequest, membership: Membership, form: CycleForm) -> bool:
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        cycle = services.save_cycle(form.save(commit=False), by=membership, expected_state=form.expected_state)
    except Refusal as refusal:
        add_refusal(form, refusal)
        if refusal.code == "stale":
            form.meet(Cycle.objects.get(pk=form.instance.pk))
        return False
    except ValidationError as error:
        form.add_error(None, error.messages)
        return False
    messages.success(request, _("Saved: “%(title)s”.") % {"title": cycle.name})
    return True


@require_POST
def change_first_steps(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Leave the mode of the first steps in a cycle, or return to it; the toast can undo it."""
    membership = get_membership(request, slug)
    cycle = get_editable(Cycle.objects, membership, pk=pk)
    is_first = (request.POST.get("to") or request.GET.get("to")) == "first"
    board = f"{reverse('plan', args=[slug])}?cycle={pk}"
    try:
        services.set_first_steps(cycle, is_first=is_first)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        return redirect(board)
    undo = f"{request.path}?to={'all' if is_first else 'first'}"
    sentence = _("“%(cycle)s” is a cycle of first steps: small and sure.")
    if not is_first:
        sentence = _("“%(cycle)s” is planned like any other cycle from now on.")
    messages.success(request, sentence % {"cycle": cycle.name}, extra_tags=undo)
    return redirect(board)


@require_POST
def change_cycle_state(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Open or close a cycle; closing can be undone at once by opening it again."""
    membership = get_membership(request, slug)
    cycle = get_editable(Cycle.objects, membership, pk=pk)
    to = request.POST.get("to") or request.GET.get("to") or ""
    if to not in CycleState.values:
        messages.error(request, _("A cycle can be in preparation, running or closed."))
        return redirect("cycles", slug)
    before = cycle.state
    reason = request.POST.get("reason", "").replace("\0", "")
    try:
        services.change_cycle_state(cycle, to=to, by=membership, reason=reason)
    except Refusal:
        return redirect("reopen_cycle", slug, pk)
    sentences = {
        CycleState.DRAFT: _("“%(cycle)s” is in preparation again."),
        CycleState.ACTIVE: _("“%(cycle)s” is open: check-ins are taken."),
        CycleState.CLOSED: _("“%(cycle)s” is closed: its scores stay as they are."),
    }
    undo = f"{request.path}?to={before}" if before != to else ""
    messages.success(request, sentences[CycleState(to)] % {"cycle": cycle.name}, extra_tags=undo)
    return redirect("cycles", slug)
