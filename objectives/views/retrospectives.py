"""The retrospectives there are, how one begins, and the result that is kept."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from objectives.forms.retrospectives import StartRetrospectiveForm
from objectives.models import Cycle, Objective, Retrospective
from objectives.queries.looked_back import ended_objectives, thawed
from objectives.queries.meetings import REOPENED_WITHIN, people_of, teams_meeting_with
from objectives.queries.retrospectives import (
    actions_of,
    causes_of,
    groups_of,
    lessons_of,
    listed,
    objectives_to_look_back_at,
)
from objectives.sentences.retrospectives import finding
from objectives.services import retrospectives as services
from objectives.views.retrospective_room import answered, get_led, room
from people import clock
from people.access import get_insider, get_visible, read_id, refuse
from people.exports import csv_response
from people.forms import add_refusal
from people.models import Membership, Team
from people.refusals import Refusal
from people.search import LONGEST

PAGE = 20


@require_safe
def retrospectives(request: HttpRequest, slug: str) -> HttpResponse:
    """What is running, and the results of each cycle."""
    membership = get_insider(request, slug)
    asked = request.GET
    team = Team.objects.visible_to(membership).filter(pk=read_id(asked.get("team")) or 0).first()
    cycle = Cycle.objects.visible_to(membership).filter(pk=read_id(asked.get("cycle")) or 0).first()
    typed = asked.get("q", "")[:LONGEST].replace("\0", "")
    rows = listed(membership, team=team, cycle=cycle, words=typed)
    query = asked.copy()
    query.pop("page", None)
    all_of_them = Retrospective.objects.visible_to(membership)
    shown = {
        "team": team,
        "cycle": cycle,
        "typed": typed,
        "is_filtered": bool(team or cycle or typed.strip()),
        "teams": Team.objects.visible_to(membership).filter(retrospectives__isnull=False).distinct(),
        "cycles": Cycle.objects.visible_to(membership).filter(retrospectives__isnull=False).distinct(),
        "running": list(rows.running()),
        "page": Paginator(rows.exclude(pk__in=all_of_them.running().values("pk")), PAGE).get_page(asked.get("page")),
        "may_start": teams_meeting_with(membership).exists(),
        "query": f"{query.urlencode()}&" if query else "",
    }
    return render(request, "objectives/retrospectives.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def new_retrospective(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin to look back, or come into what was begun."""
    membership = get_insider(request, slug)
    objective = asked_objective(request, membership)
    if objective is None and not teams_meeting_with(membership).exists():
        refuse()
    suggestions = reverse("people_suggestions", args=[slug])
    settled: dict[str, Any] = {"membership": membership, "objective": objective, "suggestions": suggestions}
    if request.method == "POST":
        form = StartRetrospectiveForm(request.POST, **settled)
        if form.is_valid():
            try:
                row, _is_new = services.start_retrospective(**form.wish, by=membership)
            except Refusal as refusal:
                add_refusal(form, refusal)
            else:
                return redirect("retrospective", slug, row.pk)
    else:
        form = StartRetrospectiveForm(initial=asked_initial(request, membership), **settled)
    shown = {"form": form, "objective": objective, "others": objectives_beside(form, membership)}
    return render(request, "objectives/new_retrospective.html", shown, status=422 if form.errors else 200)


def asked_objective(request: HttpRequest, membership: Membership) -> Objective | None:
    """The objective named in the address: 404 for one that cannot be read, 403 where one takes no part."""
    asked = request.GET.get("objective")
    if not asked:
        return None
    rows = Objective.objects.select_related("cycle", "team")
    objective = get_visible(rows, membership, pk=read_id(asked) or 0)
    if not objectives_to_look_back_at(membership).filter(pk=objective.pk).exists():
        refuse()
    return objective


def asked_initial(request: HttpRequest, membership: Membership) -> dict[str, Any]:
    """The cycle and the team named in the address, else the present cycle and one's own team."""
    cycles = Cycle.objects.visible_to(membership)
    cycle = cycles.filter(pk=read_id(request.GET.get("cycle")) or 0).first()
    teams = list(teams_meeting_with(membership))
    team = next((each for each in teams if each.pk == read_id(request.GET.get("team"))), None)
    own = [each for each in teams if each.pk in membership.team_ids]
    return {
        "cycle": cycle or cycles.current_on(membership.organization.today),
        "team": team or next((each for each in own if not each.is_company), next(iter(own or teams), None)),
    }


def objectives_beside(form: StartRetrospectiveForm, membership: Membership) -> list[Objective]:
    """The objectives of the team chosen that can be looked back at one by one."""
    if form.objective is not None or form.is_bound:
        return []
    rows = objectives_to_look_back_at(membership).filter(looked_back=None)
    chosen = {name: form.initial[name] for name in ("cycle", "team") if form.initial.get(name)}
    return list(rows.filter(**chosen).order_by("position", "pk")[:PAGE])


@require_safe
def retrospective(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The room while it runs, the result afterwards."""
    membership = get_insider(request, slug)
    found = get_retrospective(membership, pk)
    return room(request, membership, found) if found.is_running else result(request, membership, found)


def get_retrospective(membership: Membership, pk: int) -> Retrospective:
    rows = Retrospective.objects.select_related("team", "cycle", "objective", "facilitator__user")
    return get_visible(rows, membership, pk=pk)


def result(request: HttpRequest, membership: Membership, found: Retrospective) -> HttpResponse:
    groups = groups_of(found, membership)
    notes = [note for group in groups for note in group.notes]
    lessons, actions = lessons_of(found), actions_of(found)
    ended_at = found.ended_at or clock.now()
    leads = Retrospective.objects.led_by(membership).filter(pk=found.pk).exists()
    shown = {
        "retrospective": found,
        "groups": groups,
        "notes": notes,
        "has_votes": any(group.votes for group in groups),
        "causes": causes_of(notes),
        "lessons": lessons,
        "actions": actions,
        "finding": finding(len(notes), len(lessons), len(actions)),
        "objectives": thawed(found.kept.get("objectives", []))
        if "objectives" in found.kept
        else ended_objectives(found, membership.organization),
        "present": people_of(found.kept.get("present", [found.facilitator_id])),
        "today": membership.organization.today,
        "may_reopen": leads and clock.now() - ended_at <= REOPENED_WITHIN,
    }
    return render(request, "objectives/retrospective.html", shown)


@require_POST
def end_retrospective(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_insider(request, slug)
    found = get_led(membership, pk)
    return answered(request, slug, pk, lambda: services.end_retrospective(found, by=membership))


@require_POST
def reopen_retrospective(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_insider(request, slug)
    found = get_led(membership, pk)
    return answered(request, slug, pk, lambda: services.reopen_retrospective(found, by=membership))


@require_POST
def discard_retrospective(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take one back that was begun by mistake."""
    membership = get_insider(request, slug)
    found = get_led(membership, pk)
    try:
        services.discard_retrospective(found)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        return redirect("retrospective", slug, pk)
    messages.success(request, _("Taken back. Nobody had written yet."))
    return redirect("retrospectives", slug)


@require_safe
def retrospective_csv(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The notes of an ended retrospective as a table; while it runs there is none, and the room is shown."""
    membership = get_insider(request, slug)
    found = get_retrospective(membership, pk)
    if found.is_running:
        return redirect("retrospective", slug, pk)
    header = [_("Answers"), _("Note"), _("Lies under"), _("Votes"), _("Cause"), _("Key result"), _("Lesson")]
    rows = [
        [
            note.get_question_display(),
            note.text,
            "" if note is group.head else group.head.text,
            group.votes if note is group.head else None,
            note.get_cause_display() if note.cause else "",
            note.key_result.title if note.key_result else "",
            group.lesson.text if note is group.head and group.lesson else "",
        ]
        for group in groups_of(found, membership)
        for note in group.notes
    ]
    name = f"{_('Retrospective')} {found.team.name} {found.cycle.name}"
    return csv_response(name, header, rows)
