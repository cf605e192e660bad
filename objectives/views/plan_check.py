"""The state of the whole plan, for whoever has to make it a good one before it begins."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from objectives.access import choose_cycle
from objectives.models import Cycle
from objectives.queries.plan_check import PlanState, own_branch, plan_state, tree_of
from objectives.sentences.drafting import strength_in_words, worded, worded_all
from objectives.sentences.plan_check import name_of
from people.access import get_membership, read_id
from people.exports import csv_response
from people.models import Membership, Team
from people.queries import Branch

MOST_SHOWN = 40


@require_safe
def plan_check(request: HttpRequest, slug: str) -> HttpResponse:
    """What the coach finds in the goals of the reader's teams, or of those asked for; as a file with `download`.

    Asked for by the plan's board it is one line and a link.
    """
    membership = get_membership(request, slug)
    if membership.is_partner:
        raise Http404
    cycle = choose_cycle(request, membership)
    if cycle is None:
        return render(request, "objectives/plan_check.html", {"state": None})
    tree = tree_of(membership, cycle)
    team = team_asked(request.GET.get("team"), membership, tree)
    state = plan_state(membership, cycle, tree, team)
    if request.GET.get("download") == "csv":
        return as_csv(state, cycle)
    drafts, begun = state.drafts, state.begun
    for goal in (*drafts, *begun):
        goal.said = worded(goal.gravest) if goal.gravest else None
    shown: dict[str, Any] = {
        "state": state,
        "drafts": drafts[:MOST_SHOWN],
        "drafts_left": max(0, len(drafts) - MOST_SHOWN),
        "begun": begun[:MOST_SHOWN],
        "changeable": {goal.objective.pk for goal in state.goals if goal.may_edit} if not cycle.is_closed else set(),
        "cycle": cycle,
        "team": team,
        "finding": finding(state),
        "word": strength_in_words(state.strength) if state.strength is not None else "",
        "is_open": not cycle.is_closed,
        "most_shown": MOST_SHOWN,
    }
    if request.htmx and request.htmx.target == "plan-check":  # type: ignore[attr-defined]
        return render(request, "objectives/_plan_check_line.html", shown)
    return render(request, "objectives/plan_check.html", shown)


def team_asked(asked: str | None, membership: Membership, tree: list[Branch]) -> Team | None:
    """The team named, the whole company for `all`, else the reader's own."""
    if asked is None:
        return own_branch(membership, tree)
    number = read_id(asked)
    return next((branch.team for branch in tree if branch.team.pk == number), None)


def finding(state: PlanState) -> list[str]:
    """The plan's state in one sentence, in parts between which a line may break."""
    drafts = state.drafts
    count = sum(1 for goal in drafts if goal.check.findings)
    # Translators: “|” marks where the title may break into two lines.
    if not state.goals:
        sentence = _("Nothing is planned here yet.")
    elif drafts and count == len(drafts):
        sentence = ngettext("The one draft| can be made better.", "All %(count)s drafts| can be made better.", count)
    elif count:
        sentence = ngettext(
            "%(count)s of %(total)s draft| can be made better.",
            "%(count)s of %(total)s drafts| can be made better.",
            len(drafts),
        )
    elif drafts:
        sentence = _("The coach has nothing to remark| about the drafts.")
    else:
        sentence = _("No drafts are left;| all is agreed on or under way.")
    return [part % {"count": count, "total": len(drafts)} for part in sentence.split("|")]


def as_csv(state: PlanState, cycle: Cycle) -> HttpResponse:
    """A line for every finding, and one for each goal without."""
    header = [
        _("Objective"),
        _("Team"),
        _("Owner"),
        _("State"),
        _("Strength"),
        _("Waits for"),
        _("Finding"),
        _("Where"),
        _("What and why"),
        _("A better version"),
    ]
    lines = []
    for goal in state.goals:
        objective = goal.objective
        waits = goal.agreement.names if goal.agreement and goal.agreement.waits_for else ""
        of_goal = [
            objective.title,
            objective.team.name,
            objective.owner.user.name,
            objective.get_state_display(),
            goal.check.strength,
            waits,
        ]
        said = worded_all(goal.check)
        lines += [[*of_goal, name_of(one.rule), one.where, one.detail, one.suggestion] for one in said] or [of_goal]
    return csv_response(_("State of the plan %(cycle)s") % {"cycle": cycle.name}, header, lines)
