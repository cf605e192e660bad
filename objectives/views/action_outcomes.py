"""What came of one action: asked when it is finished, told on its page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from funnel.forms.amounts import suffix_of
from objectives.forms.action_outcomes import OutcomeForm
from objectives.models import Action, ActionState
from objectives.presenters.lever_changes import unit_of_change
from objectives.queries.action_outcomes import lever_seen, meanwhile_of, told_of
from objectives.services.action_outcomes import record_outcome
from objectives.views.editing import PAGE_METHODS, back
from people.access import get_membership, get_visible, refuse
from people.forms import add_refusal
from people.refusals import Refusal
from people.services.units import unit_of_money

ROWS = Action.objects.select_related("organization", "owner__user", "team", "key_result__objective", "kpi__kgi")


@require_http_methods(PAGE_METHODS)
def action_outcome(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What came of an action, to be read by whoever sees it and written by whoever may change it.

    `act=take` puts what the lever did meanwhile into the form, saving nothing.
    """
    membership = get_membership(request, slug)
    action = get_visible(ROWS, membership, pk=pk)
    may_edit = Action.objects.editable_by(membership).filter(pk=pk).exists()
    if request.method == "POST" and not may_edit:
        refuse()
    if request.htmx and request.method == "GET":  # type: ignore[attr-defined]
        shown = part_shown(action, membership) | {"may_edit": may_edit}
        return render(request, "objectives/_outcome_told.html", shown)
    lever = lever_seen(action, membership)
    today = membership.organization.today
    meanwhile = meanwhile_of(action, lever, today=today) if lever is not None else None
    is_dropped = action.state == ActionState.DROPPED
    form = None
    if may_edit and not (is_dropped and request.method != "POST"):
        form = OutcomeForm(
            request.POST if request.method == "POST" else None, action=action, membership=membership, lever=lever
        )
    taken = form is not None and request.POST.get("act") == "take"
    if form is not None and taken:
        form = OutcomeForm(action=action, membership=membership, lever=lever, initial=request.POST.dict())
        if meanwhile is not None and meanwhile.proposal is not None:
            form.initial["actual_change"] = meanwhile.proposal
    elif form is not None and request.method == "POST" and form.is_valid():
        try:
            record_outcome(action, by=membership, expected_version=form.expected_version, **form.said)
        except Refusal as refusal:
            add_refusal(form, refusal)
            if refusal.code == "stale":
                form.expect(Action.objects.values_list("version", flat=True).get(pk=pk))
        else:
            messages.success(request, _("Written down what came of “%(title)s”.") % {"title": action.title})
            return back(request, reverse("edit_action", args=[slug, pk]))
    action = ROWS.get(pk=pk)
    shown = part_shown(action, membership) | {"form": form, "may_edit": may_edit, "meanwhile": meanwhile}
    shown["change_unit"] = suffix_of(unit_of_change(lever)) if lever is not None else ""
    status = 422 if form is not None and form.errors else 200
    return render(request, "objectives/action_outcome.html", shown, status=status)


def part_shown(action: Action, membership: Any) -> dict[str, Any]:
    """What `_outcome_told.html` needs."""
    organization = membership.organization
    return {
        "action": action,
        "told": told_of(action, membership),
        "money": unit_of_money(organization.currency),
        "today": organization.today,
    }
