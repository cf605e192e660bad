"""Coming to agree on an objective: beginning it, sending it back, confirming what the other side changed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from objectives import services
from objectives.access import NEXT_STATES, leads
from objectives.forms.agreement import BeginForm, SendBackForm
from objectives.models import Objective, ObjectiveState
from objectives.queries.agreement import agreements_of, open_points_of, worded_points
from objectives.queries.coaching import checks_of
from objectives.services.planning import FEWEST_KEY_RESULTS, refuse_unready
from objectives.views.editing import PAGE_METHODS, back, page_of, refused
from people.access import get_editable, get_membership, read_id, refuse
from people.forms import add_refusal
from people.models import Membership
from people.refusals import Refusal


def led(request: HttpRequest, slug: str, pk: int) -> tuple[Membership, Objective]:
    """The objective, for whoever decides on it."""
    membership = get_membership(request, slug)
    rows = Objective.objects.select_related("cycle", "team", "owner__user", "kgi")
    objective = get_editable(rows, membership, pk=pk)
    if not leads(membership, objective):
        refuse()
    return membership, objective


def may_become(objective: Objective, state: str) -> bool:
    open_to_change = objective.dropped_at is None and not objective.cycle.is_closed
    return open_to_change and state in NEXT_STATES[ObjectiveState(objective.state)]


@require_http_methods(PAGE_METHODS)
def begin_objective(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What is still open, and the button that begins it all the same."""
    membership, objective = led(request, slug, pk)
    advice = len(checks_of(membership, [objective])[pk].findings)
    points = open_points_of(objective, membership, advice=advice)
    form = BeginForm(request.POST if request.method == "POST" else None)
    refusal = hindrance(objective)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_state(
                objective,
                to=ObjectiveState.ACTIVE,
                by=membership,
                expected_version=read_id(request.POST.get("version")),
                seen=request.POST.get("content", ""),
                comment=form.cleaned_data["comment"],
                open_points=points,
            )
        except Refusal as refused_by:
            refusal = refused_by
        else:
            messages.success(request, _("Under way: “%(title)s”.") % {"title": objective.title})
            return back(request, page_of(objective, slug))
    key_results = objective.key_results.filter(dropped_at=None).count()
    shown = {
        "objective": objective,
        "agreement": agreements_of([objective])[pk],
        "points": worded_points(points),
        "refusal": refusal,
        "few": key_results < FEWEST_KEY_RESULTS,
        "may_begin": may_become(objective, ObjectiveState.ACTIVE),
        "form": form,
        "next": request.POST.get("next") or request.GET.get("next") or "",
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "objectives/begin_objective.html", shown, status=status)


def hindrance(objective: Objective) -> Refusal | None:
    """What keeps it from beginning whatever anybody thinks of it."""
    try:
        refuse_unready(objective)
    except Refusal as refusal:
        return refusal
    return None


@require_http_methods(PAGE_METHODS)
def send_back_objective(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Give a proposal back to its owner, with what should become different."""
    membership, objective = led(request, slug, pk)
    form = SendBackForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_state(
                objective,
                to=ObjectiveState.DRAFT,
                by=membership,
                expected_version=read_id(request.POST.get("version")),
                seen=request.POST.get("content", ""),
                comment=form.cleaned_data["comment"],
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(
                request, _("Sent back to %(name)s: “%(title)s”.") % {"name": objective.owner, "title": objective.title}
            )
            return back(request, page_of(objective, slug))
    shown = {
        "objective": objective,
        "agreement": agreements_of([objective])[pk],
        "form": form,
        "may_send_back": may_become(objective, ObjectiveState.DRAFT),
        "next": request.POST.get("next") or request.GET.get("next") or "",
    }
    return render(request, "objectives/send_back_objective.html", shown, status=422 if form.errors else 200)


@require_POST
def confirm_objective(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Say yes to the objective as it stands."""
    membership = get_membership(request, slug)
    objective = get_editable(Objective.objects.select_related("cycle", "team"), membership, pk=pk)
    try:
        services.confirm_objective(objective, by=membership, seen=request.POST.get("content", ""))
    except Refusal as refusal:
        return refused(request, objective, refusal)
    messages.success(request, _("Confirmed: “%(title)s”.") % {"title": objective.title})
    return back(request, page_of(objective, slug))
