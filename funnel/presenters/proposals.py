"""Calculated lever values shown from where to where, to be kept as a scenario or taken over as targets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from funnel.forms.proposals import Proposal, ProposalForm
from funnel.formulas.kpi_tree import CURRENT
from funnel.models import KGI, TargetColumn
from funnel.presenters.planned import Planned
from funnel.presenters.words import times
from funnel.services.scenarios import save_scenario
from funnel.services.targets import take_over_targets, wanted_of
from people.forms import add_refusal
from people.models import Membership
from people.refusals import Refusal


@dataclass(frozen=True)
class Change:
    """A lever in a proposal: now, its target as it stands, and what it becomes."""

    name: str
    now: str
    stands: str
    becomes: str
    ratio: str
    as_now: bool


def offer(planned: Planned, *, column: str, values: Mapping[str, float], name: str, title: str) -> dict[str, Any]:
    """What the page shows of a proposal made from calculated values."""
    said = planned.sayable(values)
    levers = [planned.nodes[key] for key in planned.tree.levers]
    proposal = Proposal.of(planned.kgi, column, {planned.nodes[key]: value for key, value in said.items()}, levers)
    return shown(planned, proposal, ProposalForm.offering(proposal, name), title)


def shown(planned: Planned, proposal: Proposal, form: ProposalForm, title: str = "") -> dict[str, Any]:
    changes = changes_of(planned, proposal)
    by_key = {kpi.key: float(proposal.values[kpi.pk]) for kpi in planned.nodes.values() if kpi.pk in proposal.values}
    goal = float(planned.tree.result({**planned.tree.column(CURRENT), **by_key}))
    return {
        "form": form,
        "title": title or _("Try it"),
        "changes": changes,
        "goal": planned.goal(goal, figures=4),
        "column": proposal.column,
        "column_name": TargetColumn(proposal.column).label,
        "has_as_now": any(change.as_now for change in changes),
    }


def changes_of(planned: Planned, proposal: Proposal) -> list[Change]:
    """The levers that move, then those whose target would go back to what they are now."""
    moved: list[Change] = []
    back: list[Change] = []
    for key in planned.tree.levers:
        kpi = planned.nodes[key]
        stands = getattr(kpi, proposal.column)
        wanted = wanted_of(kpi, proposal.column, proposal.values)
        if wanted is None or (kpi.pk not in proposal.values and wanted == stands):
            continue
        as_now = kpi.pk not in proposal.values
        (back if as_now else moved).append(
            Change(
                planned.names[key],
                planned.said(key, kpi.current),
                planned.said(key, stands),
                planned.said(key, wanted),
                times(float(wanted / kpi.current)) if kpi.current else times(None),
                as_now,
            )
        )
    return moved + back


def act_on(request: HttpRequest, kgi: KGI, by: Membership, *, back: str) -> HttpResponse | ProposalForm:
    """Keep a proposal that was sent as a scenario, or take it over; the form with what is wrong where it is refused."""
    form = ProposalForm(request.POST)
    if not form.is_valid():
        return form
    try:
        proposal = Proposal.opened(form.cleaned_data["proposal"], kgi)
        if "take_over" in request.POST:
            return redirect(_take_over(request, kgi, proposal, form.cleaned_data["reason"], by, back))
        scenario = save_scenario(
            kgi,
            name=form.cleaned_data["name"],
            values={int(pk): value for pk, value in proposal.values.items()},
            by=by,
            submission_key=form.cleaned_data["submission_key"],
        )
    except Refusal as refused:
        add_refusal(form, refused)
        return form
    messages.success(request, _("“%(name)s” is kept as a scenario.") % {"name": scenario.name})
    return redirect("scenarios", kgi.organization.slug, kgi.pk)


def _take_over(request: HttpRequest, kgi: KGI, proposal: Proposal, reason: str, by: Membership, back: str) -> str:
    changed = take_over_targets(
        kgi, column=proposal.column, values=proposal.values, versions=proposal.versions, by=by, reason=reason
    )
    count = len(changed)
    if count:
        sentence = ngettext(
            "%(count)s target has changed. What stood before is kept.",
            "%(count)s targets have changed. What stood before is kept.",
            count,
        )
        messages.success(request, sentence % {"count": count})
    else:
        messages.success(request, _("The targets are these already."))
    return back


def offered_again(planned: Planned, form: ProposalForm) -> dict[str, Any] | None:
    """The same proposal with what was typed and what is wrong; None where it cannot be read any more."""
    try:
        proposal = Proposal.opened(str(form.data.get("proposal", "")), planned.kgi)
    except Refusal:
        return None
    return shown(planned, proposal, form)
