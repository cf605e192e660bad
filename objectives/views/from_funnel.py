"""From a KGI's funnel or tree to the key results of a cycle."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from funnel.models import KGI
from objectives import services
from objectives.access import choose_cycle, teams_planned_by
from objectives.forms.from_funnel import (
    DestinationForm,
    DivideForm,
    NewObjectiveForm,
    OwnerField,
    ProposedForm,
    advice_on,
    open_cycles,
)
from objectives.forms.proposals import Proposal, first_picks, propose, propose_nodes, with_worth, worthiest
from objectives.models import Cycle, KeyResult, Objective, ObjectiveState
from objectives.queries.worth import movable_of
from people.access import get_membership, get_visible, refuse
from people.forms import add_refusal
from people.models import Membership
from people.refusals import Refusal

MOST_WRITTEN_OUT = 40


@require_http_methods(["GET", "HEAD", "POST"])
def make_key_results(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Divide the funnel to a cycle, choose and change what is proposed, and write it as key results."""
    membership = get_membership(request, slug)
    kgi = get_visible(KGI.objects.select_related("organization", "funnel"), membership, pk=pk)
    may_write_new = not membership.is_partner and teams_planned_by(membership).exists()
    if not may_write_new and not Objective.objects.editable_by(membership).exists():
        refuse()
    cycles = open_cycles(membership)
    cycle = chosen_cycle(request, membership, cycles)
    typed = request.POST if request.method == "POST" else None
    divide = DivideForm(request.POST if typed else request.GET, kgi=kgi, cycle=cycle) if cycle is not None else None
    proposals = proposals_of(kgi, divide) if divide is not None else []
    if cycle is None or divide is None or not proposals:
        shown: dict[str, Any] = {"kgi": kgi, "cycle": cycle, "rows": None, "finding": finding(cycle)}
        return render(request, "objectives/make_key_results.html", shown)

    taken = measured_already(membership, cycle, proposals)
    picks = asked_picks(request, proposals) or suggested(kgi, proposals, taken)
    written, others = written_out(proposals, typed, picks)
    owners = {row.kpi.owner_id for row in written if row.kpi.owner_id is not None}
    owner = OwnerField(membership, reverse("people_suggestions", args=[slug]), owners)
    rows = [
        ProposedForm(
            typed,
            proposal=proposal,
            owner=owner,
            picked=proposal.kpi.key in picks,
            taken=taken.get(proposal.kpi.pk),
        )
        for proposal in written
    ]
    destination = DestinationForm(typed, membership=membership, cycle=cycle, may_write_new=may_write_new)
    writes_new = destination.chosen == DestinationForm.NEW and may_write_new
    new = new_objective_form(typed if writes_new else None, kgi, cycle, membership, slug)

    if typed is not None:
        if typed.get("cycle", "") != str(cycle.pk):
            destination.add_error(None, _("The cycle you chose is no longer open. Look at the numbers for this one."))
        made = [] if destination.errors else save(divide, rows, destination, new if writes_new else None, membership)
        if made:
            messages.success(request, said_of_made(kgi, len(made)))
            objective = made[0].objective
            advice = advice_on(objective.key_results.filter(dropped_at=None).count())
            if advice:
                messages.info(request, advice)
            return redirect("objective", slug, objective.pk)
    shown = {
        "kgi": kgi,
        "cycle": cycle,
        "finding": finding(cycle),
        "cycles_open": cycles,
        "divide": divide,
        "rows": rows,
        "others": others,
        "counts_worth": any(row.proposal.worth for row in rows),
        "advice": advice_on(sum(1 for row in rows if row.is_picked)),
        "destination": destination,
        "new": new if may_write_new else None,
        "writes_new": writes_new,
    }
    status = 422 if typed is not None or not divide.is_valid() else 200
    if request.htmx and request.htmx.target == "proposals":  # type: ignore[attr-defined]
        return render(request, "objectives/_proposals.html", shown | {"oob": True}, status=status)
    return render(request, "objectives/make_key_results.html", shown, status=status)


def finding(cycle: Cycle | None) -> list[str]:
    """The title in clauses."""
    if cycle is None:
        return [_("Key results need a cycle.")]
    # Translators: “|” marks where a title may break into two lines.
    return [clause % {"cycle": cycle.name} for clause in _("Which two to five levers|decide %(cycle)s?").split("|")]


def chosen_cycle(request: HttpRequest, membership: Membership, cycles: list[Cycle]) -> Cycle | None:
    """The cycle asked for where it is open, else the one people work in, else the first that is open."""
    asked = request.POST.get("cycle", "") if request.method == "POST" else ""
    current = choose_cycle(request, membership)
    for wanted in (asked, str(current.pk) if current else ""):
        for cycle in cycles:
            if str(cycle.pk) == wanted:
                return cycle
    return cycles[0] if cycles else None


def has_funnel(kgi: KGI) -> bool:
    return getattr(kgi, "funnel", None) is not None


def said_of_made(kgi: KGI, count: int) -> str:
    if has_funnel(kgi):
        sentence = ngettext(
            "%(count)s key result comes from the funnel.", "%(count)s key results come from the funnel.", count
        )
    else:
        sentence = ngettext(
            "%(count)s key result comes from the KPI tree.", "%(count)s key results come from the KPI tree.", count
        )
    return sentence % {"count": count}


def proposals_of(kgi: KGI, divide: DivideForm) -> list[Proposal]:
    """The links of the funnel where there is one, then whatever else the tree holds; with what each is worth."""
    months = divide.months
    proposals = propose(kgi, months.share) if has_funnel(kgi) else []
    proposals += propose_nodes(kgi, months, leave_out=[row.kpi.key for row in proposals])
    return with_worth(proposals, movable_of(kgi), months)


def suggested(kgi: KGI, proposals: list[Proposal], taken: dict[int, KeyResult]) -> set[str]:
    return first_picks(proposals, taken) if has_funnel(kgi) else worthiest(proposals, taken)


def written_out(proposals: list[Proposal], typed: Any, picks: set[str]) -> tuple[list[Proposal], list[Proposal]]:
    """What stands on the page with its fields, and what is only named: a tree may have hundreds of nodes."""
    if typed is not None:
        there = {row.kpi.key for row in proposals if f"{row.kpi.key}-title" in typed}
    else:
        there = {row.kpi.key for row in proposals[:MOST_WRITTEN_OUT]} | picks
    written = [
        row for row in proposals if row.kpi.key in there or (row.obstacle and len(proposals) <= MOST_WRITTEN_OUT)
    ]
    return written, [row for row in proposals if row not in written and not row.obstacle]


def asked_picks(request: HttpRequest, proposals: list[Proposal]) -> set[str]:
    """The levers the reader came from, if they can be key results."""
    asked = set(request.GET.getlist("lever"))
    return {row.kpi.key for row in proposals if row.kpi.key in asked and not row.obstacle}


def measured_already(membership: Membership, cycle: Cycle, proposals: list[Proposal]) -> dict[int, KeyResult]:
    """The cycle's key results that measure one of these KPIs, by KPI."""
    rows = (
        KeyResult.objects.visible_to(membership)
        .in_cycle(cycle)
        .filter(kpi__in=[row.kpi.pk for row in proposals])
        .exclude(objective__state=ObjectiveState.CLOSED)
        .select_related("objective")
    )
    return {row.kpi_id: row for row in rows if row.kpi_id is not None}


def new_objective_form(typed: Any, kgi: KGI, cycle: Cycle, membership: Membership, slug: str) -> NewObjectiveForm:
    teams = teams_planned_by(membership).order_by("position", "pk")
    return NewObjectiveForm(
        typed,
        instance=Objective(organization=membership.organization, owner=membership, cycle=cycle, kgi=kgi),
        initial={
            "title": _("Make the road from the first visit to the order a pleasure to walk"),
            "team": teams.filter(pk__in=membership.team_ids).first() or teams.first(),
        },
        membership=membership,
        suggestions=reverse("people_suggestions", args=[slug]),
    )


def save(
    divide: DivideForm,
    rows: list[ProposedForm],
    destination: DestinationForm,
    new: NewObjectiveForm | None,
    membership: Membership,
) -> list[KeyResult]:
    """Write what was picked; empty where something is wrong, which the forms then say."""
    forms = [divide, destination, *rows, *([new] if new is not None else [])]
    valid = [form.is_valid() for form in forms]
    if not any(row.is_picked for row in rows):
        destination.add_error(None, _("Tick at least one line: nothing has been chosen yet."))
        return []
    if not all(valid):
        return []
    objective = new.save(commit=False) if new is not None else destination.cleaned_data["objective"]
    try:
        return services.make_key_results(objective, [row.draft() for row in rows if row.is_picked], by=membership)
    except Refusal as refusal:
        add_refusal(destination, refusal)
        return []
