"""What lies further down an objective's page: asked for when it is in view; without JavaScript pages of their own."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from funnel.models import KPI
from objectives.models import Action, ActionState, Experiment, KeyResult, Lesson, NotDoing, Objective, TargetChange
from objectives.queries.action_worth import effects_of
from objectives.queries.actions import SHOWN, marked, open_actions
from objectives.queries.agreement import agreements_of, said_of
from objectives.queries.objectives import connections_of
from objectives.queries.worth import worths_of
from people.access import get_insider, get_membership, get_visible
from people.models import Membership

MOST_CHANGES = 20
MOST_BESIDE = 3
MOST_ACTIONS, MOST_DONE = 30, 5


def part(request: HttpRequest, name: str, shown: dict[str, Any]) -> HttpResponse:
    """The part alone where htmx asks for it, else as a page that leads back to the objective."""
    template = f"objectives/_{name}.html" if request.htmx else f"objectives/{name}.html"  # type: ignore[attr-defined]
    return render(request, template, shown)


@require_safe
def objective_beside(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What it hangs together with, what the team will not do, how it was agreed, what changed since it began."""
    membership = get_membership(request, slug)
    rows = Objective.objects.readable_by(membership).select_related("cycle", "team", "owner__user")
    found = get_object_or_404(rows, pk=pk)
    shown = {
        "objective": found,
        "connections": connections_of(found, membership),
        "not_doing": not_doing_beside(found, membership),
        **agreement_told(found, membership),
        "target_changes": target_changes_of(found, membership),
        **learned_beside(found, membership),
    }
    return part(request, "objective_beside", shown)


def agreement_told(found: Objective, membership: Membership) -> dict[str, Any]:
    """Who agreed when; what the sides say to each other is not shared with partners."""
    if membership.is_partner:
        return {}
    agreement = agreements_of([found])[found.pk]
    return {"agreement": agreement, "said": said_of(agreement, found.owner_id)}


def target_changes_of(found: Objective, membership: Membership) -> list[TargetChange]:
    """What changed since it began, the newest first."""
    rows = TargetChange.objects.filter(key_result__objective=found).exclude(reason="")
    if membership.is_partner:
        rows = rows.filter(key_result__dropped_at=None)
    rows = rows.select_related("key_result", "changed_by__user").order_by("-changed_on", "-pk")
    return list(rows[:MOST_CHANGES])


def learned_beside(found: Objective, membership: Membership) -> dict[str, Any]:
    """The experiments that run for its key results, and what was learned from it; nothing for partners."""
    if membership.is_partner:
        return {}
    running = Experiment.objects.visible_to(membership).running().filter(key_result__objective=found)
    lessons = Lesson.objects.visible_to(membership).filter(objective=found)
    return {
        "running": list(running.order_by("ends_on", "pk")[:MOST_BESIDE]),
        "lessons": list(lessons[:MOST_BESIDE]),
        "today": membership.organization.today,
    }


def not_doing_beside(found: Objective, membership: Membership) -> list[NotDoing]:
    if membership.is_partner:
        return []
    return list(NotDoing.objects.filter(cycle=found.cycle_id, team=found.team_id))


@require_safe
def objective_worth(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What each key result is worth in the KGI's unit, put below its title."""
    membership = get_membership(request, slug)
    rows = Objective.objects.readable_by(membership).select_related("cycle")
    found = get_object_or_404(rows, pk=pk)
    key_results = list(found.key_results.filter(dropped_at=None))
    worths = worths_of(key_results, membership)
    for row in key_results:
        row.worth = worths.get(row.pk)  # type: ignore[attr-defined]
    return part(request, "objective_worth", {"objective": found, "key_results": key_results})


@require_safe
def key_result_actions(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The open actions of a key result, as they unfold on its objective's page; else the list of actions."""
    membership = get_membership(request, slug)
    key_result = get_visible(KeyResult.objects, membership, pk=pk)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(f"{reverse('actions', args=[slug])}?whose=all&key_result={key_result.pk}")
    rows = expected_of(marked(open_actions(membership).filter(key_result=key_result), membership), membership)
    shown = {"rows": rows, "today": membership.organization.today}
    return render(request, "objectives/_key_result_action_rows.html", shown)


@require_safe
def kpi_actions(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The action plan of a lever, as it stands on its page: the open actions, then the latest finished ones; else the
    list of actions."""
    membership = get_insider(request, slug)
    kpi = get_visible(KPI.objects.select_related("kgi"), membership, pk=pk)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(f"{reverse('actions', args=[slug])}?whose=all&kpi={kpi.pk}")
    of_lever = Q(kpi=kpi) | Q(kpi=None, key_result__kpi=kpi)
    rows = list(open_actions(membership).filter(of_lever)[:MOST_ACTIONS])
    done = Action.objects.visible_to(membership).filter(of_lever, state=ActionState.DONE).select_related(*SHOWN)
    rows += done.order_by("-closed_on", "-pk")[:MOST_DONE]
    shown = {
        "kpi": kpi,
        "rows": expected_of(marked(rows, membership), membership),
        "today": membership.organization.today,
    }
    return render(request, "objectives/_kpi_actions.html", shown)


def expected_of(rows: list[Action], membership: Membership) -> list[Action]:
    """The actions with `effect`: what each is to make of its lever and the KGI, None where it does not say."""
    effects = effects_of(rows, membership)
    for row in rows:
        row.effect = effects.get(row.pk)  # type: ignore[attr-defined]
    return rows
