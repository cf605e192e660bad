"""What is tried on a small scale: the list, one experiment, deciding what follows, withdrawing and bringing back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from funnel.models import KPI
from objectives.access import teams_seen_by
from objectives.forms.experiments import DecisionForm, ExperimentForm
from objectives.models import Action, Decision, Experiment, KeyResult, Objective
from objectives.queries.experiments import OVERDUE, RUNNING, counts_of, experiments_wanted, wanted_from, with_names
from objectives.services import experiments as services
from objectives.services.actions import team_for
from objectives.services.lessons import lacks
from objectives.views.editing import PAGE_METHODS, back
from objectives.views.lessons import named
from people.access import get_editable, get_insider, get_visible, get_within_reach
from people.forms import add_refusal
from people.models import Membership, Team
from people.refusals import Refusal

PAGE = 30


@require_safe
def experiments(request: HttpRequest, slug: str) -> HttpResponse:
    """Those that run, by the day they end, then those decided."""
    membership = get_insider(request, slug)
    wanted = wanted_from(request.GET)
    query = request.GET.copy()
    query.pop("page", None)
    running, overdue = counts_of(membership)
    states = [(RUNNING, _("Under way")), (OVERDUE, _("To be decided"))]
    shown = {
        "wanted": wanted,
        "page": Paginator(experiments_wanted(membership, wanted), PAGE).get_page(request.GET.get("page")),
        "running": running,
        "overdue": overdue,
        "today": membership.organization.today,
        "teams": teams_seen_by(membership),
        "states": [*states, *(choice for choice in Decision.choices if choice[0])],
        "query": query.urlencode() + "&" if query else "",
    }
    is_part = request.htmx and request.htmx.target == "rows"  # type: ignore[attr-defined]
    return render(request, "objectives/_experiment_rows.html" if is_part else "objectives/experiments.html", shown)


@require_safe
def experiment(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_insider(request, slug)
    return show(request, membership, seen(membership, pk))


def seen(membership: Membership, pk: int) -> Experiment:
    """One experiment; a withdrawn one only for whoever may bring it back."""
    rows = with_names(Experiment.objects.all()).select_related("key_result__objective", "kpi__kgi", "follows", "action")
    gone = rows.within_reach_of(membership).exclude(withdrawn_at=None).filter(pk=pk).first()
    return gone or get_visible(rows, membership, pk=pk)


def show(request: HttpRequest, membership: Membership, found: Experiment, form: Any = None) -> HttpResponse:
    """The page of one experiment, with a decision that was refused 422."""
    shown = {
        "experiment": found,
        "today": membership.organization.today,
        "may_edit": Experiment.objects.within_reach_of(membership).filter(pk=found.pk).exists(),
        "form": form or DecisionForm(experiment=found),
        "lesson": services.lesson_of(found),
        "may_drop_action": found.action is not None
        and found.action.is_open
        and Action.objects.editable_by(membership).filter(pk=found.action.pk).exists(),
        "follow_ups": Experiment.objects.visible_to(membership).filter(follows=found).order_by("pk"),
    }
    return render(request, "objectives/experiment.html", shown, status=422 if form is not None else 200)


@require_POST
def decide_experiment(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Say what came out and what follows; `act=open` lets it go on after all."""
    membership = get_insider(request, slug)
    get_editable(Experiment.objects, membership, pk=pk)
    found = seen(membership, pk)
    form = DecisionForm(request.POST, experiment=found)
    is_opened = request.POST.get("act") == "open"
    if is_opened or form.is_valid():
        said = {"decision": Decision.OPEN, "result": found.result} if is_opened else form.cleaned_data
        expected = None if is_opened else form.expected_version
        try:
            services.decide_experiment(
                found, decision=said["decision"], result=said["result"], by=membership, expected_version=expected
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
            if refusal.code == "stale":
                form.expect(Experiment.objects.values_list("version", flat=True).get(pk=pk))
        else:
            sentence = _("The experiment goes on.") if is_opened else _("Decided: “%(title)s”.")
            messages.success(request, sentence % {"title": found.title} if not is_opened else sentence)
            return redirect("experiment", slug, pk)
    return show(request, membership, found, form)


@require_http_methods(PAGE_METHODS)
def new_experiment(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin a small trial, for an action, key result or lever that the address names, or after one it `follows`."""
    membership = get_insider(request, slug)
    begun = Experiment(organization=membership.organization, created_by=membership, owner=membership)
    before = get_visible(Experiment.objects, membership, pk=pk) if (pk := named(request, "follows")) else None
    if before is not None:
        begun.follows, begun.team, begun.owner = before, before.team, before.owner
        begun.key_result, begun.kpi, begun.action = before.key_result, before.kpi, before.action
        begun.title, begun.hypothesis, begun.sign = before.title, before.hypothesis, before.sign
    else:
        key_results = KeyResult.objects.visible_to(membership).select_related("objective__team")
        begun.key_result = key_results.filter(pk=named(request, "key_result") or 0).first()
        begun.kpi = KPI.objects.visible_to(membership).filter(pk=named(request, "lever") or 0).first()
        actions = Action.objects.visible_to(membership).select_related("team", "key_result__objective__team", "kpi")
        begun.action = actions.filter(pk=named(request, "action") or 0).first()
        if begun.action is not None:
            begin_for_action(begun, begun.action)
        if begun.key_result is not None and begun.kpi is None:
            begun.kpi_id = begun.key_result.kpi_id
        if lacks(begun, "team_id"):
            begun.team = team_of(request, membership) or team_for(membership, begun.key_result)
    return edit(request, membership, begun)


def team_of(request: HttpRequest, membership: Membership) -> Team | None:
    """The team of the objective that the address names."""
    rows = Objective.objects.visible_to(membership).select_related("team").filter(pk=named(request, "objective") or 0)
    return found.team if (found := rows.first()) is not None else None


def begin_for_action(begun: Experiment, action: Action) -> None:
    """What a small trial of an action opens with."""
    services.tie_to_action(begun)
    begun.title = action.title
    begun.hypothesis = action.expected_effect


@require_http_methods(PAGE_METHODS)
def edit_experiment(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_insider(request, slug)
    rows = Experiment.objects.select_related("team", "owner__user", "key_result__objective__team", "organization")
    return edit(request, membership, get_editable(rows, membership, pk=pk))


def edit(request: HttpRequest, membership: Membership, row: Experiment) -> HttpResponse:
    """The page of an experiment, new or not."""
    is_new, title, slug = row._state.adding, row.title, membership.organization.slug
    more: dict[str, Any] = {"membership": membership, "suggestions": reverse("people_suggestions", args=[slug])}
    form = ExperimentForm(request.POST if request.method == "POST" else None, instance=row, **more)
    if request.method == "POST" and form.is_valid():
        try:
            written = form.save(commit=False)
            if is_new:
                saved, _is_first = services.add_experiment(written, by=membership)
            else:
                saved = services.save_experiment(written, by=membership, expected_version=form.expected_version)
        except Refusal as refusal:
            add_refusal(form, refusal)
            if refusal.code == "stale":
                form.meet(ExperimentForm(instance=Experiment.objects.get(pk=row.pk), **more))
        except ValidationError as wrong:
            form.add_error(None, wrong.messages)
        else:
            messages.success(request, _("Saved: “%(title)s”.") % {"title": saved.title})
            return back(request, reverse("experiment", args=[slug, saved.pk]))
    shown = {
        "form": form,
        "experiment": None if is_new else row,
        "title": title,
        "follows": row.follows,
        "action": row.action,
    }
    return render(request, "objectives/edit_experiment.html", shown, status=422 if form.errors else 200)


@require_POST
def scale_experiment(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Make it an action at full size, whose page asks for what is still to be said. Again leads to the same one."""
    membership = get_insider(request, slug)
    row = get_editable(Experiment.objects, membership, pk=pk)
    try:
        action, is_new = services.scale_experiment(row, by=membership)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        return redirect("experiment", slug, pk)
    if is_new:
        messages.success(request, _("It is an action now. Say by when, and what is expected of it."))
    return redirect("edit_action", slug, action.pk)


@require_POST
def withdraw_experiment(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take it back; the toast can undo it. Again is harmless."""
    membership = get_insider(request, slug)
    services.withdraw_experiment(get_within_reach(Experiment.objects, membership, pk=pk), by=membership)
    undo = reverse("restore_experiment", args=[slug, pk])
    messages.success(request, _("The experiment is taken back."), extra_tags=undo)
    return redirect("experiments", slug)


@require_POST
def restore_experiment(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_insider(request, slug)
    services.restore_experiment(get_within_reach(Experiment.objects, membership, pk=pk), by=membership)
    messages.success(request, _("The experiment is back."))
    return redirect("experiment", slug, pk)
