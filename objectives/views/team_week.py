"""A team's week, for whoever leads it, and a word to those whose check-in is waited for."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from objectives.queries.team_week import Silent, TeamWeek, first_team, teams_offered
from objectives.queries.team_week import team_week as week_of_team
from objectives.services.nudges import nudge as nudge_person
from objectives.views.editing import back
from people.access import get_membership, get_visible, read_id, refuse
from people.models import Membership, Role, Team
from people.queries import team_tree
from people.refusals import Refusal


@require_safe
def team_week(request: HttpRequest, slug: str) -> HttpResponse:
    membership = get_membership(request, slug)
    if membership.is_partner:
        raise Http404
    teams = list(teams_offered(membership))
    team = chosen_team(request, membership, teams)
    shown = {
        "teams": team_tree(teams),
        "team": team,
        "week": week_of_team(membership, team) if team is not None else None,
        "today": membership.organization.today,
    }
    return render(request, "objectives/team_week.html", shown)


def chosen_team(request: HttpRequest, membership: Membership, teams: list[Team]) -> Team | None:
    """The team named by `?team=`, else the one the person leads; 404 for one whose week they cannot open."""
    asked = request.POST.get("team") or request.GET.get("team") or ""
    if not asked:
        return first_team(membership, teams)
    team = next((each for each in teams if str(each.pk) == asked), None)
    if team is None:
        raise Http404
    return team


@require_POST
def nudge(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask one person for their check-in, or everybody in the team's week who has not been asked today."""
    membership = get_membership(request, slug)
    if membership.is_partner:
        raise Http404
    if membership.role == Role.MEMBER:
        refuse()
    team = chosen_team(request, membership, list(teams_offered(membership)))
    asked = read_id(request.POST.get("person"))
    week = week_of_team(membership, team) if asked is None and team is not None else None
    people = asked_in(week) if week else [get_visible(Membership.objects.select_related("user"), membership, pk=asked)]
    told, refusal = 0, None
    for person in people:
        try:
            nudge_person(person, by=membership)
        except Refusal as said:
            refusal = said
        else:
            told += 1
    if request.htmx and asked is not None:  # type: ignore[attr-defined]
        return render(request, "objectives/_nudged.html", {"refusal": refusal, "asked": asked})
    if told:
        sentence = ngettext(
            "%(count)s person was asked for a check-in.", "%(count)s people were asked for a check-in.", told
        )
        messages.success(request, sentence % {"count": told})
    elif refusal is not None:
        messages.error(request, refusal.detail)
    address = reverse("team_week", args=[slug])
    return back(request, f"{address}?team={team.pk}" if team is not None else address)


def asked_in(week: TeamWeek) -> list[Membership]:
    rows: list[Silent] = week.to_nudge
    return [row.person for row in rows]
