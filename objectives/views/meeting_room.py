"""Meeting mode: one item large, the minutes beside it, and what everybody sees of everybody within two seconds."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from objectives.forms.meetings import EditLineForm, LineForm, people_offered
from objectives.models import KeyResult, LineKind, Meeting, MinuteLine
from objectives.queries.agenda import PROMISED, STEPS, Event, Item
from objectives.queries.meetings import (
    Minutes,
    here_now,
    kept_of,
    minutes_of,
    planned_minutes,
    pulse_of,
)
from objectives.sentences.meetings import happening, item_title, section_title
from objectives.services import meetings as services
from objectives.services.attendance import note_presence
from objectives.services.minutes import add_line, change_line, reading_of, restore_line, withdraw_line
from people import clock
from people.access import get_editable, get_membership, get_visible, read_id
from people.forms import add_refusal
from people.models import Membership
from people.refusals import Refusal

LISTS = (PROMISED, STEPS)
"""Parts of the agenda that are looked at as a whole."""
PARTS = {
    "stage": "objectives/_meeting_stage.html",
    "agenda": "objectives/_meeting_agenda.html",
    "lines": "objectives/_meeting_lines.html",
    "here": "objectives/_meeting_here.html",
}


@dataclass
class Stop:
    """An item as the list of the agenda shows it."""

    item: Item
    title: str
    section: str
    is_shown: bool
    is_current: bool
    is_talked: bool
    lines: int


@dataclass
class Entry:
    """One entry of the minutes: a line, or something that happened."""

    at: datetime
    line: MinuteLine | None = None
    event: Event | None = None
    sentence: str = ""

    @property
    def id(self) -> str:
        key = self.event.key.replace(":", "-") if self.event else ""
        return f"{self.event.kind if self.event else ''}-{key}-{self.at.timestamp():.0f}"


def room(request: HttpRequest, membership: Membership, meeting: Meeting) -> HttpResponse:
    """The running meeting as a page."""
    seen = pulse_of(meeting.pk, membership.organization.slug, membership.user_id)
    if seen is not None:
        note_presence(meeting.pk, seen.person, seen.seen_at)
    shown = shown_of(meeting, membership, request.GET.get("item", ""))
    shown |= {
        "planned": planned_minutes(membership.organization, meeting.team_id),
        "kinds": LineKind.choices,
        "new_key": uuid.uuid4(),
        "pullable": pullable(shown["minutes"], membership) if shown["may_write"] else [],
    }
    return render(request, "objectives/meeting_room.html", shown)


def shown_of(meeting: Meeting, membership: Membership, asked: str) -> dict[str, Any]:
    """What the parts of the page that change need; `asked` is the item somebody looks at by themselves."""
    minutes = minutes_of(meeting, membership)
    keys = minutes.keys
    current = meeting.current if meeting.current in keys else next(iter(keys), "")
    key = asked if asked in keys else current
    place = keys.index(key) if key else 0
    item = minutes.item(key)
    kept = kept_of(meeting)
    since = datetime.fromisoformat(kept["since"]) if "since" in kept else meeting.started_at
    return {
        "organization": membership.organization,
        "membership": membership,
        "meeting": meeting,
        "minutes": minutes,
        "may_write": Meeting.objects.editable_by(membership).filter(pk=meeting.pk).exists(),
        "leads": meeting.facilitator_id == membership.pk,
        "item": item,
        "item_lines": minutes.of(key),
        "section": section_title(item.section) if item else "",
        "beside": [each for each in minutes.items if item and each.section == item.section]
        if item and item.section in LISTS
        else [],
        "current": current,
        "is_elsewhere": key != current,
        "before": keys[place - 1] if place else "",
        "after": keys[place + 1] if place + 1 < len(keys) else "",
        "number": place + 1 if keys else 0,
        "stops": [
            Stop(
                each,
                item_title(each),
                section_title(each.section),
                each.key == key,
                each.key == current,
                each.key in meeting.talked,
                len(minutes.of(each.key)),
            )
            for each in minutes.items
        ],
        "entries": entries_of(minutes),
        "line_kinds": LineKind.choices,
        "current_title": item_title(standing) if (standing := minutes.item(current)) else "",
        "days": (meeting.date - item.since).days if item and item.since else 0,
        "here": here_now(meeting),
        "spent": minutes.spent.get(key, 0),
        "since": since,
        "now": clock.now(),
        "today": membership.organization.today,
    }


def entries_of(minutes: Minutes) -> list[Entry]:
    """What was written and what happened, in the order of time."""
    lines = [Entry(line.created_at, line=line) for line in minutes.lines]
    events = [Entry(event.at, event=event, sentence=happening(event)) for event in minutes.events]
    return sorted([*lines, *events], key=lambda entry: entry.at)


def pullable(minutes: Minutes, membership: Membership) -> list[KeyResult]:
    """The team's key results that are not on the agenda yet."""
    on = [item.pk for item in minutes.items if item.noun == "kr"]
    rows = KeyResult.objects.visible_to(membership).open().filter(objective__team=minutes.meeting.team_id)
    return list(rows.exclude(pk__in=on).order_by("objective__position", "objective_id", "position", "pk"))


# Live


@never_cache
@require_safe
def meeting_live(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What has changed since the asker's tag: nothing (304), or the parts as they are now.

    It is asked each second by everybody in the room, so that where nothing changed one question to the database is
    all it costs.
    """
    seen = pulse_of(pk, slug, request.user.pk or 0)
    if seen is None:
        raise Http404
    if not seen.has_ended and note_presence(pk, seen.person, seen.seen_at) and seen.seen_at is None:
        seen = pulse_of(pk, slug, request.user.pk or 0) or seen
    asked = request.GET.get("item", "")
    tag = f'"{seen.tag(asked, get_language())}"'
    if request.headers.get("If-None-Match", "").removeprefix("W/") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    if seen.has_ended:
        return JsonResponse({"ended": True}, headers={"ETag": tag})
    membership = get_membership(request, slug)
    meeting = get_visible(Meeting.objects.select_related("team", "facilitator__user", "previous"), membership, pk=pk)
    shown = shown_of(meeting, membership, asked)
    shown["live"] = True
    answer = {
        "ended": False,
        "item": shown["item"].key if shown["item"] else "",
        "spent": shown["spent"],
        "since": shown["since"].timestamp() if shown["current"] and not shown["is_elsewhere"] else None,
        "now": shown["now"].timestamp(),
        "parts": {name: render_to_string(template, shown, request) for name, template in PARTS.items()},
    }
    return JsonResponse(answer, headers={"ETag": tag})


# Leading


@require_POST
def move_agenda(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Turn to an item, mark one as talked about or take that back, or put a key result on the agenda."""
    membership = get_membership(request, slug)
    meeting = get_editable(Meeting.objects, membership, pk=pk)
    sent = request.POST
    try:
        if key_result := read_id(sent.get("pull")):
            row = get_visible(KeyResult.objects.select_related("objective"), membership, pk=key_result)
            services.pull_in(meeting, row, by=membership)
        elif sent.get("talked"):
            services.mark_talked(meeting, sent["talked"], by=membership)
        elif sent.get("untalked"):
            services.mark_talked(meeting, sent["untalked"], by=membership, is_done=False)
        else:
            services.move_to(meeting, sent.get("go", ""), by=membership, done=sent.get("done", ""))
    except Refusal as refusal:
        return HttpResponse(refusal.detail, status=422, content_type="text/plain; charset=utf-8")
    return answered(request, slug, pk)


def answered(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Open pages ask for what has changed by themselves; without a script the page is read anew."""
    return HttpResponse(status=204) if request.htmx else redirect("meeting", slug, pk)  # type: ignore[attr-defined]


# Lines


@require_safe
def read_minute_line(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """How a line would be read, while it is typed."""
    membership = get_membership(request, slug)
    meeting = get_editable(Meeting.objects, membership, pk=pk)
    form = LineForm(request.GET, membership=membership)
    form.is_valid()
    return reading(request, membership, meeting, form)


def reading(
    request: HttpRequest, membership: Membership, meeting: Meeting, form: LineForm, *, status: int = 200
) -> HttpResponse:
    said = form.cleaned_data
    typed = form.data.get("text", "")[:500].replace("\0", "")
    shown: dict[str, Any] = {"form": form, "kinds": LineKind.choices, "meeting": meeting, "typed": typed.strip()}
    if typed.strip():
        read = reading_of(typed, meeting, membership)
        people = people_offered(meeting)
        shown |= {
            "read": read,
            "kind": said.get("kind") or read.kind,
            "chosen_kind": said.get("kind") or "",
            "owner": said["owner"].user.name if said.get("owner") else name_of(read.owner, people, membership),
            "chosen_owner": said["owner"].pk if said.get("owner") else None,
            "due": said.get("due") or read.due,
            "chosen_due": said.get("due"),
            "people": [each for each in people if not read.candidates or each[0] in read.candidates],
        }
    return render(request, "objectives/_meeting_reading.html", shown, status=status)


def name_of(pk: int | None, people: list[tuple[int, str]], membership: Membership) -> str:
    if pk is None:
        return ""
    near = dict(people).get(pk)
    return near or Membership.objects.visible_to(membership).select_related("user").get(pk=pk).user.name


@require_POST
def add_minute_line(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    meeting = get_editable(Meeting.objects, membership, pk=pk)
    form = LineForm(request.POST, membership=membership)
    if form.is_valid():
        try:
            add_line(
                meeting,
                form.cleaned_data["text"],
                by=membership,
                item=form.cleaned_data["item"],
                wish=form.wish,
                submission_key=form.cleaned_data["submission_key"],
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            if request.htmx:  # type: ignore[attr-defined]
                shown = {"meeting": meeting, "new_key": uuid.uuid4()}
                return render(request, "objectives/_meeting_reading.html", shown)
            return redirect("meeting", slug, pk)
    if request.htmx:  # type: ignore[attr-defined]
        return reading(request, membership, meeting, form, status=422)
    return refused_line(request, membership, meeting, form)


def refused_line(request: HttpRequest, membership: Membership, meeting: Meeting, form: LineForm) -> HttpResponse:
    """Without a script: the page with what was typed and why it was refused."""
    row = get_visible(
        Meeting.objects.select_related("team", "facilitator__user", "previous"), membership, pk=meeting.pk
    )
    if not row.is_running:
        return redirect("meeting", membership.organization.slug, row.pk)
    shown = shown_of(row, membership, form.data.get("item", ""))
    shown |= {"kinds": LineKind.choices, "new_key": uuid.uuid4(), "form": form, "pullable": []}
    return render(request, "objectives/meeting_room.html", shown, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_minute_line(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A line of a running meeting: what it says, what it is, who does it and by when."""
    membership = get_membership(request, slug)
    line = get_line(membership, pk)
    form = EditLineForm(request.POST if request.method == "POST" else None, membership=membership, line=line)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            change_line(
                line,
                by=membership,
                text=said["text"],
                kind=said["kind"],
                owner=said["owner"],
                due=said["due"],
                expected_version=said["version"],
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return redirect(f"{reverse('meeting', args=[slug, line.meeting_id])}#line-{pk}")
    shown = {"form": form, "line": line, "meeting": line.meeting}
    return render(request, "objectives/edit_minute_line.html", shown, status=422 if form.errors else 200)


def get_line(membership: Membership, pk: int) -> MinuteLine:
    """A line of a meeting in which the person may write: 404 where they may not read it, 403 where they only may."""
    rows = MinuteLine.objects.select_related("meeting__team", "meeting__organization", "author__user")
    line = rows.filter(meeting__in=Meeting.objects.visible_to(membership).values("pk"), pk=pk).first()
    if line is None:
        raise Http404
    get_editable(Meeting.objects, membership, pk=line.meeting_id)
    return line


@require_POST
def withdraw_minute_line(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    return act_on_line(request, slug, pk, withdraw_line)


@require_POST
def restore_minute_line(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    return act_on_line(request, slug, pk, restore_line)


@require_POST
def set_minute_line_kind(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Say by one tap what a line is."""
    kind = request.POST.get("kind", "")

    def change(line: MinuteLine, *, by: Membership) -> MinuteLine:
        read = reading_of(line.text, line.meeting, by)
        action = getattr(line, "action", None)
        owner = action.owner if action else Membership.objects.filter(pk=read.owner or 0).first()
        due = action.due_on if action else read.due
        chosen = kind if kind in LineKind.values else line.kind
        return change_line(line, by=by, text=line.text, kind=chosen, owner=owner, due=due)

    return act_on_line(request, slug, pk, change)


def act_on_line(request: HttpRequest, slug: str, pk: int, act: Any) -> HttpResponse:
    membership = get_membership(request, slug)
    line = get_line(membership, pk)
    try:
        act(line, by=membership)
    except Refusal as refusal:
        return HttpResponse(refusal.detail, status=422, content_type="text/plain; charset=utf-8")
    if act is withdraw_line:
        undo = reverse("restore_minute_line", args=[slug, pk])
        messages.success(request, _("Taken out: “%(line)s”.") % {"line": line.text}, extra_tags=undo)
        if request.htmx:  # type: ignore[attr-defined]
            return render(request, "_messages.html", {"oob": True})
    return answered(request, slug, line.meeting_id)
