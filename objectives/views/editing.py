"""Writing, agreeing, dropping and bringing back objectives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from objectives import services
from objectives.forms.goals import ObjectiveForm
from objectives.models import KeyResult, Objective, ObjectiveState
from objectives.services.planning import FEWEST_KEY_RESULTS
from objectives.views.coaching import beside_objective
from people.access import get_editable, get_membership, get_visible, read_id, refuse
from people.forms import ReasonForm, add_refusal
from people.models import Membership
from people.refusals import Refusal

PAGE_METHODS = ["GET", "HEAD", "POST"]


def back(request: HttpRequest, otherwise: str) -> HttpResponseRedirect:
    """To the page the person came from, if it is one of ours."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(asked if ours and asked.startswith("/") else otherwise)


def page_of(objective: Objective, slug: str) -> str:
    return reverse("objective", args=[slug, objective.pk])


def board_at(objective: Objective, slug: str) -> str:
    return f"{reverse('plan', args=[slug])}?cycle={objective.cycle_id}#objective-{objective.pk}"


def parent_named(name: str, membership: Membership) -> Objective | KeyResult | None:
    """What `?parent=12` (an objective) or `?parent=k34` (a key result) means; 404 for one that cannot be seen."""
    if not name:
        return None
    number = read_id(name.removeprefix("k"))
    if number is None:
        raise Http404
    if name.startswith("k"):
        return get_visible(KeyResult.objects.select_related("objective__cycle"), membership, pk=number)
    return get_visible(Objective.objects.select_related("cycle"), membership, pk=number)


@require_http_methods(PAGE_METHODS)
def edit_objective(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    rows = Objective.objects.select_related("cycle", "team", "owner__user")
    objective = get_editable(rows, membership, pk=pk)
    title = objective.title

    def fresh_form(data: Any = None, row: Objective = objective) -> ObjectiveForm:
        suggestions = reverse("people_suggestions", args=[slug])
        return ObjectiveForm(data, instance=row, membership=membership, suggestions=suggestions)

    form = fresh_form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_objective(form.save(commit=False), by=membership, expected_version=form.expected_version)
        except Refusal as refusal:
            add_refusal(form, refusal)
            if refusal.code == "stale":
                form.meet(fresh_form(row=rows.get(pk=pk)))
        else:
            messages.success(request, _("Saved: “%(title)s”.") % {"title": form.instance.title})
            return back(request, page_of(objective, slug))
    shown = {
        "form": form,
        "objective": objective,
        "title": title,
        "margin": beside_objective(membership, objective, request.POST if form.is_bound else None),
        "next": request.POST.get("next") or request.GET.get("next") or "",
    }
    return render(request, "objectives/edit_objective.html", shown, status=422 if form.errors else 200)


@require_POST
def change_objective_state(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    objective = get_editable(Objective.objects.select_related("cycle", "team"), membership, pk=pk)
    expected = read_id(request.POST.get("version"))
    try:
        objective = services.change_state(
            objective,
            to=request.POST.get("to", ""),
            by=membership,
            expected_version=expected,
            seen=request.POST.get("content", ""),
            comment=request.POST.get("comment", "").replace("\0", ""),
        )
    except Refusal as refusal:
        key_results = objective.key_results.filter(dropped_at=None).count()
        shown = {
            "objective": objective,
            "refusal": refusal,
            "key_results": key_results,
            "few": key_results < FEWEST_KEY_RESULTS,
        }
        return render(request, "objectives/change_objective_state.html", shown, status=422)
    sentences = {
        ObjectiveState.DRAFT: _("Back to draft: “%(title)s”."),
        ObjectiveState.PROPOSED: _("Proposed: “%(title)s”."),
        ObjectiveState.AGREED: _("Agreed: “%(title)s”."),
        ObjectiveState.ACTIVE: _("Under way: “%(title)s”."),
        ObjectiveState.CLOSED: _("Closed: “%(title)s”."),
    }
    messages.success(request, sentences[ObjectiveState(objective.state)] % {"title": objective.title})
    return back(request, page_of(objective, slug))


@require_http_methods(PAGE_METHODS)
def drop_objective(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    objective = get_editable(Objective.objects.select_related("cycle", "team"), membership, pk=pk)

    def drop(reason: str) -> None:
        services.drop_objective(objective, reason=reason, by=membership)

    undo = reverse("restore_objective", args=[slug, pk])
    afterwards = f"{reverse('plan', args=[slug])}?cycle={objective.cycle_id}"
    return drop_goal(request, objective, drop, undo=undo, afterwards=afterwards, back=page_of(objective, slug))


def drop_goal(
    request: HttpRequest,
    goal: Objective | KeyResult,
    drop: Callable[[str], None],
    *,
    undo: str,
    afterwards: str,
    back: str,
) -> HttpResponse:
    """Ask why, then `drop` with the reason and lead to `afterwards`; `undo` brings it back, `back` keeps it."""
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            drop(form.cleaned_data["reason"])
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Dropped: “%(title)s”.") % {"title": goal.title}, extra_tags=undo)
            return redirect(afterwards)
    shown = {
        "form": form,
        "goal": goal,
        "of_objective": goal.objective if isinstance(goal, KeyResult) else None,
        "what_hangs_on_it": goal.children.filter(child__dropped_at=None).count(),
        "back": back,
    }
    return render(request, "objectives/drop_goal.html", shown, status=422 if form.errors else 200)


@require_POST
def restore_objective(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Undo dropping. Whoever may change the objective may bring it back."""
    membership = get_membership(request, slug)
    rows = Objective.objects.filter(organization=membership.organization_id, pk=pk).select_related("cycle")
    objective = rows.first()
    if objective is None or membership.is_partner:
        raise Http404
    if not Objective.objects.within_reach_of(membership).filter(pk=pk).exists():
        refuse()
    try:
        services.restore_objective(objective, by=membership)
    except Refusal as refusal:
        return refused(request, objective, refusal)
    messages.success(request, _("Back in the plan: “%(title)s”.") % {"title": objective.title})
    return back(request, board_at(objective, slug))


def refused(request: HttpRequest, objective: Objective, refusal: Refusal) -> HttpResponse:
    """A refusal that has no form to stand in."""
    shown = {"objective": objective, "refusal": refusal}
    return render(request, "objectives/change_objective_state.html", shown, status=422)
