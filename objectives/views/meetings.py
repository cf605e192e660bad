"""The meetings of the teams, and one that has ended: minutes worth keeping."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from objectives.forms.meetings import StartMeetingForm
from objectives.models import Meeting, MinuteLine
from objectives.queries.agenda import SECTIONS, Item
from objectives.queries.meetings import (
    REOPENED_WITHIN,
    Minutes,
    minutes_of,
    past_meetings,
    people_of,
    running_meetings,
    teams_meeting_with,
)
from objectives.search import MOST, Wish, find
from objectives.sentences.meetings import happening, plain_text, section_title
from objectives.services import meetings as services
from objectives.views.meeting_room import room
from people import clock
from people.access import get_editable, get_membership, get_visible, read_id, refuse
from people.models import Membership, SearchKind, Team
from people.refusals import Refusal
from people.search import LONGEST, Marks, Query

PAGE = 20


@require_safe
def meetings(request: HttpRequest, slug: str) -> HttpResponse:
    """What is running, what can be begun, and the minutes there are."""
    membership = get_membership(request, slug)
    if membership.is_partner:
        raise Http404
    team = Team.objects.visible_to(membership).filter(pk=read_id(request.GET.get("team")) or 0).first()
    typed = request.GET.get("q", "")[:LONGEST].replace("\0", "")
    startable = list(teams_meeting_with(membership))
    query = request.GET.copy()
    query.pop("page", None)
    shown: dict[str, Any] = {
        "team": team,
        "typed": typed,
        "teams": Team.objects.visible_to(membership).filter(meetings__isnull=False).distinct(),
        "running": list(running_meetings(membership)),
        "form": StartMeetingForm(
            membership=membership, initial={"team": first_team(startable, membership), "submission_key": uuid.uuid4()}
        )
        if startable
        else None,
        "query": f"{query.urlencode()}&" if query else "",
        "today": membership.organization.today,
    }
    if typed.strip():
        shown["found"] = lines_found(membership, typed, team)
    else:
        shown["page"] = Paginator(past_meetings(membership, team), PAGE).get_page(request.GET.get("page"))
    return render(request, "objectives/meetings.html", shown)


def first_team(teams: list[Team], membership: Membership) -> Team | None:
    """The one most likely meant: an own team below the company, else any own, else the first."""
    own = [team for team in teams if team.pk in membership.team_ids]
    return next((team for team in own if not team.is_company), next(iter(own or teams), None))


def lines_found(membership: Membership, typed: str, team: Team | None) -> list[MinuteLine]:
    """The lines of minutes in which the words stand, best first, with what answers marked."""
    query = Query.of(typed)
    found = find(membership, Wish(query, [SearchKind.MINUTES]), many=MOST)
    lines = [line for group in found for line in group.rows if team is None or line.meeting.team_id == team.pk]
    marks = Marks(query, (line.text for line in lines))
    for line in lines:
        line.marked = marks.of(line.text)  # type: ignore[attr-defined]
    return lines


@require_POST
def start_meeting(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin a team's meeting, or come into the one that is running."""
    membership = get_membership(request, slug)
    if membership.is_partner:
        raise Http404
    form = StartMeetingForm(request.POST, membership=membership)
    if not form.is_valid():
        if Team.objects.visible_to(membership).filter(pk=read_id(request.POST.get("team")) or 0).exists():
            refuse()
        messages.error(request, _("Choose one of your teams."))
        return redirect("meetings", slug)
    meeting, _is_new = services.start_meeting(
        form.cleaned_data["team"], by=membership, submission_key=form.cleaned_data["submission_key"]
    )
    return redirect("meeting", slug, meeting.pk)


@require_safe
def meeting(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Meeting mode while it runs, the minutes afterwards."""
    membership = get_membership(request, slug)
    found = get_visible(
        Meeting.objects.select_related("team", "facilitator__user", "previous", "cycle"), membership, pk=pk
    )
    return room(request, membership, found) if found.is_running else minutes(request, membership, found)


def minutes(request: HttpRequest, membership: Membership, found: Meeting) -> HttpResponse:
    kept = minutes_of(found, membership)
    may_write = Meeting.objects.editable_by(membership).filter(pk=found.pk).exists()
    ended_at = found.ended_at or clock.now()
    shown = {
        "meeting": found,
        "minutes": kept,
        "sections": sections_of(kept),
        "loose": [line for line in kept.notes if line.item not in kept.keys],
        "happened": [(event, happening(event)) for event in kept.events],
        "present": people_of(found.present),
        "finding": finding(kept),
        "today": membership.organization.today,
        "plain_text": plain_text(kept, membership.organization.today),
        "following": Meeting.objects.filter(previous=found).first(),
        "may_reopen": may_write
        and clock.now() - ended_at <= REOPENED_WITHIN
        and not Meeting.objects.filter(previous=found).exists(),
    }
    return render(request, "objectives/meeting.html", shown)


def sections_of(kept: Minutes) -> list[tuple[str, list[tuple[Item, list[MinuteLine]]]]]:
    """The agenda by its parts, each with its title and with what was written at each item."""
    parts = [
        (section_title(section), [(item, kept.of(item.key)) for item in kept.items if item.section == section])
        for section in SECTIONS
    ]
    return [(title, rows) for title, rows in parts if rows]


def finding(kept: Minutes) -> list[str]:
    """What came of it, in one sentence, in parts between which a line may break."""
    decisions, actions = len(kept.decisions), len(kept.actions)
    if not decisions and not actions:
        return [_("Talked about, nothing decided.")]
    parts = []
    if decisions:
        count = decisions
        parts.append(ngettext("%(count)s decision,", "%(count)s decisions,", count) % {"count": count})
    count = actions
    parts.append(ngettext("%(count)s action.", "%(count)s actions.", count) % {"count": count})
    return parts


@require_safe
def meeting_text(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The minutes as plain text."""
    membership = get_membership(request, slug)
    found = get_visible(Meeting.objects.select_related("team", "previous"), membership, pk=pk)
    text = plain_text(minutes_of(found, membership), membership.organization.today)
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_POST
def end_meeting(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    found = get_editable(Meeting.objects, membership, pk=pk)
    services.end_meeting(found, by=membership)
    return redirect("meeting", slug, pk)


@require_POST
def reopen_meeting(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    found = get_editable(Meeting.objects, membership, pk=pk)
    try:
        services.reopen_meeting(found, by=membership)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    return redirect("meeting", slug, pk)
