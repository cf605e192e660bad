"""A running retrospective: what everybody sees of everybody within two seconds, and how it is led."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from objectives.forms.retrospectives import (
    PRESETS,
    ActOnNoteForm,
    LearnForm,
    NoteForm,
    key_results_of,
)
from objectives.models import Cause, Retrospective, RetrospectiveNote, Stage
from objectives.queries.looked_back import ended_objectives
from objectives.queries.retrospectives import (
    Group,
    actions_of,
    by_question,
    groups_of,
    here_now,
    is_ready,
    lessons_of,
    progress_of,
    pulse_of,
    votes_left,
)
from objectives.sentences.retrospectives import onwards, prompt_of, task_of
from objectives.services import retrospective_notes as writing
from objectives.services import retrospectives as services
from objectives.services.attendance import note_looking_back
from people import clock
from people.access import get_editable, get_membership, get_visible, read_id, refuse
from people.models import Membership
from people.refusals import Refusal

PARTS = {
    "head": "objectives/_retrospective_head.html",
    "floor": "objectives/_retrospective_floor.html",
}
STAGES = [Stage.WRITING, Stage.GROUPING, Stage.VOTING, Stage.TALKING]


def room(request: HttpRequest, membership: Membership, found: Retrospective) -> HttpResponse:
    """The running retrospective as a page. Whoever only reads is not counted as being there: nobody waits for them."""
    if Retrospective.objects.editable_by(membership).filter(pk=found.pk).exists():
        note_looking_back(found.pk, membership.pk, None)
    return render(request, "objectives/retrospective_room.html", room_of(request, membership, found))


def room_of(
    request: HttpRequest, membership: Membership, found: Retrospective, *, form: NoteForm | None = None
) -> dict[str, Any]:
    """What the page needs; `form` is a note that was refused."""
    shown = shown_of(found, membership)
    shown["objectives"] = ended_objectives(found, membership.organization)
    if form is not None:
        shown["refused"] = form
    return shown


def shown_of(found: Retrospective, membership: Membership) -> dict[str, Any]:
    """What the parts of the page that change need."""
    organization = membership.organization
    groups = groups_of(found, membership)
    here = here_now(found)
    place = STAGES.index(Stage(found.stage))
    may_write = Retrospective.objects.editable_by(membership).filter(pk=found.pk).exists()
    now = clock.now()
    left = services.left_of(found, now)
    shown: dict[str, Any] = {
        "organization": organization,
        "membership": membership,
        "retrospective": found,
        "may_write": may_write,
        "may_add": may_write and found.stage in writing.WRITABLE,
        "leads": Retrospective.objects.led_by(membership).filter(pk=found.pk).exists(),
        "steps": [(each.value, each.label, number - place) for number, each in enumerate(STAGES)],
        "task": task_of(found.stage),
        "onwards": onwards(found.stage),
        "next_stage": STAGES[place + 1] if place + 1 < len(STAGES) else "",
        "previous_stage": STAGES[place - 1] if place > 1 else "",
        "here": here,
        "ready": sum(each.is_ready for each in here),
        "is_ready": is_ready(found, membership),
        "progress": progress_of(found, len(here)),
        "presets": PRESETS,
        "timer_left": left,
        "timer_clock": f"{left // services.MINUTE}:{left % services.MINUTE:02}",
        "now": now,
        "today": organization.today,
        "groups": groups,
        "causes": Cause.choices,
    }
    if found.stage == Stage.TALKING:
        return shown | talking(found, membership, groups)
    # Each field sends a key of its own: what is sent twice is written once.
    columns = [(value, label, prompt_of(value), rows, uuid.uuid4()) for value, label, rows in by_question(groups)]
    shown |= {"columns": columns, "key_results": list(key_results_of(found))}
    if found.stage == Stage.VOTING:
        shown["votes_left"] = votes_left(found, membership)
    return shown


def talking(found: Retrospective, membership: Membership, groups: list[Group]) -> dict[str, Any]:
    current = next((group for group in groups if group.head.pk == found.current), next(iter(groups), None))
    suggestions = reverse("people_suggestions", args=[membership.organization.slug])
    place = groups.index(current) if current else 0
    return {
        "current": current,
        "before": groups[place - 1] if current and place else None,
        "after": groups[place + 1] if current and place + 1 < len(groups) else None,
        "number": place + 1,
        "learn": LearnForm(initial={"text": current.head.text}) if current else None,
        "act": ActOnNoteForm(membership=membership, suggestions=suggestions),
        "lessons": lessons_of(found),
        "actions": actions_of(found),
    }


@never_cache
@require_safe
def retrospective_live(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What has changed since the asker's tag: nothing (304), or the parts as they are now.

    It is asked each second by everybody who takes part, so that where nothing changed one question to the database is
    all it costs.
    """
    seen = pulse_of(pk, slug, request.user.pk or 0)
    if seen is None:
        raise Http404
    if not seen.has_ended and seen.seen_at is not None:
        note_looking_back(pk, seen.person, seen.seen_at)
    tag = f'"{seen.tag(seen.person, get_language())}"'
    if request.headers.get("If-None-Match", "").removeprefix("W/") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    if seen.has_ended:
        return JsonResponse({"ended": True}, headers={"ETag": tag})
    membership = get_membership(request, slug)
    rows = Retrospective.objects.select_related("team", "cycle", "objective", "facilitator__user")
    found = get_visible(rows, membership, pk=pk)
    if not found.is_running:
        return JsonResponse({"ended": True})
    shown = shown_of(found, membership) | {"live": True}
    answer = {
        "ended": False,
        "stage": found.stage,
        "now": shown["now"].timestamp(),
        "summary": found.summary,
        "parts": {name: render_to_string(template, shown, request) for name, template in PARTS.items()},
    }
    return JsonResponse(answer, headers={"ETag": tag})


# Leading


def get_led(membership: Membership, pk: int) -> Retrospective:
    """The one the person may lead: 404 where they may not read it, 403 where somebody else leads."""
    found = get_visible(Retrospective.objects.select_related("team"), membership, pk=pk)
    if not Retrospective.objects.led_by(membership).filter(pk=pk).exists():
        refuse()
    return found


def answered(request: HttpRequest, slug: str, pk: int, act: Callable[[], Any]) -> HttpResponse:
    """Do it. Open pages ask for what has changed by themselves; without a script the page is read anew."""
    refusal = ""
    try:
        act()
    except Refusal as said:
        refusal = said.detail
    except ValidationError as wrong:
        refusal = " ".join(wrong.messages)
    if request.htmx:  # type: ignore[attr-defined]
        if refusal:
            return HttpResponse(refusal, status=422, content_type="text/plain; charset=utf-8")
        return HttpResponse(status=204)
    if refusal:
        messages.error(request, refusal)
    return redirect("retrospective", slug, pk)


@require_POST
def move_retrospective(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Go on to a stage, or back to one."""
    membership = get_membership(request, slug)
    found = get_led(membership, pk)
    return answered(request, slug, pk, lambda: services.move_stage(found, request.POST.get("to", "")))


@require_POST
def set_retrospective_timer(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Start the timer for some minutes or where it stands, pause it, add a minute, take it away."""
    membership = get_membership(request, slug)
    found = get_led(membership, pk)

    def act() -> None:
        match request.POST.get("act"):
            case "pause":
                services.pause_timer(found)
            case "more":
                services.add_minute(found)
            case "clear":
                services.clear_timer(found)
            case "go":
                services.start_timer(found)
            case _:
                minutes = read_id(request.POST.get("minutes", "").strip()) or 0
                services.start_timer(found, minutes * services.MINUTE)

    return answered(request, slug, pk, act)


@require_POST
def hand_over_retrospective(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Let somebody else lead."""
    membership = get_membership(request, slug)
    found = get_led(membership, pk)
    people = Membership.objects.filter(organization=membership.organization_id).colleagues()
    person = people.filter(pk=read_id(request.POST.get("facilitator")) or 0).first() or found.facilitator
    return answered(request, slug, pk, lambda: services.hand_over(found, person))


@require_POST
def turn_to_note(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show a note large to everybody."""
    membership = get_membership(request, slug)
    found = get_led(membership, pk)
    rows = RetrospectiveNote.objects.visible_to(membership).filter(retrospective=found)
    note = rows.filter(pk=read_id(request.POST.get("note")) or 0).first()
    if note is None:
        return answered(request, slug, pk, lambda: None)
    return answered(request, slug, pk, lambda: services.talk_about(found, note))


# Taking part


@require_POST
def say_ready(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    found = get_editable(Retrospective.objects, membership, pk=pk)
    done = request.POST.get("ready") != "no"
    return answered(request, slug, pk, lambda: writing.say_ready(found, by=membership, is_ready=done))


@require_POST
def write_summary(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What people take with them, in their words."""
    membership = get_membership(request, slug)
    found = get_editable(Retrospective.objects, membership, pk=pk)
    text = request.POST.get("summary", "").replace("\0", "")
    was = request.POST.get("was")
    try:
        services.write_summary(found, text, was=was)
    except (Refusal, ValidationError) as refusal:
        said = refusal.detail if isinstance(refusal, Refusal) else " ".join(refusal.messages)
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(said, status=422, content_type="text/plain; charset=utf-8")
        found = get_visible(
            Retrospective.objects.select_related("team", "cycle", "objective", "facilitator__user"), membership, pk=pk
        )
        if not found.is_running:
            messages.error(request, said)
            return redirect("retrospective", slug, pk)
        shown = room_of(request, membership, found) | {"summary_typed": text, "summary_refused": said}
        return render(request, "objectives/retrospective_room.html", shown, status=422)
    return answered(request, slug, pk, lambda: None)
