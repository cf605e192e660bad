"""The notes of a retrospective: written, said better, gathered, sorted, voted for, made into lessons and actions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from objectives.forms.retrospectives import ActOnNoteForm, LearnForm, NoteForm
from objectives.models import Cause, Retrospective, RetrospectiveNote, Stage
from objectives.queries.retrospectives import groups_of
from objectives.services import retrospective_notes as services
from objectives.views.retrospective_room import answered, room_of
from people.access import get_editable, get_membership, get_visible, read_id
from people.forms import add_refusal
from people.models import Membership
from people.refusals import Refusal

WITH_ALL = ("team", "cycle", "objective", "facilitator__user")


def get_note(membership: Membership, pk: int, *, withdrawn: bool = False) -> RetrospectiveNote:
    """A note one may read where one takes part: 404 where it is hidden, 403 where one only reads."""
    rows = RetrospectiveNote.objects
    found = rows.revealed_to(membership) if withdrawn else rows.visible_to(membership)
    found = found.select_related("retrospective__team", "retrospective__organization", "key_result", "under")
    note = found.filter(pk=pk).first()
    if note is None:
        raise Http404
    get_editable(Retrospective.objects, membership, pk=note.retrospective_id)
    return note


@require_POST
def add_retrospective_note(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    found = get_editable(Retrospective.objects.select_related(*WITH_ALL), membership, pk=pk)
    form = NoteForm(request.POST, retrospective=found)
    if form.is_valid():
        try:
            services.add_note(found, by=membership, **form.cleaned_data)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return answered(request, slug, pk, lambda: None)
    if request.htmx or not found.is_running:  # type: ignore[attr-defined]
        return refused(request, form)
    return render(
        request, "objectives/retrospective_room.html", room_of(request, membership, found, form=form), status=422
    )


def refused(request: HttpRequest, form: Any) -> HttpResponse:
    """Why a form was refused, as one text."""
    said = " ".join(str(error) for errors in form.errors.values() for error in errors)
    return HttpResponse(said, status=422, content_type="text/plain; charset=utf-8")


@require_http_methods(["GET", "HEAD", "POST"])
def retrospective_note(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One note on a page of its own: its words for who wrote it, where it lies and its cause for everybody."""
    membership = get_membership(request, slug)
    note = get_note(membership, pk)
    found = note.retrospective
    if not found.is_running:
        return redirect(f"{reverse('retrospective', args=[slug, found.pk])}#note-{note.pk}")
    is_own = note.author_id == membership.pk and found.stage in services.WRITABLE
    form = None
    if is_own:
        form = NoteForm(request.POST if request.method == "POST" else None, retrospective=found, note=note)
    if request.method == "POST" and form is not None and form.is_valid():
        said = dict(form.cleaned_data)
        said.pop("version", None)
        try:
            services.change_note(note, by=membership, expected_version=form.expected_version, **said)
        except Refusal as refusal:
            if refusal.code == "stale":
                note.refresh_from_db()
                form.expect(note.version)
            add_refusal(form, refusal)
        else:
            return answered(request, slug, found.pk, lambda: None)
    if request.method == "POST" and form is None:
        return answered(request, slug, found.pk, lambda: services.refuse_change(note, membership))
    shown = {
        "note": note,
        "retrospective": found,
        "form": form,
        "causes": Cause.choices,
        "may_gather": not found.is_writing,
        "others": [group for group in groups_of(found, membership) if group.head.pk not in {note.pk, note.under_id}]
        if not found.is_writing
        else [],
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "objectives/retrospective_note.html", shown, status=status)


@require_POST
def withdraw_retrospective_note(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    note = get_note(membership, pk)

    def act() -> None:
        services.withdraw_note(note, by=membership)
        undo = reverse("restore_retrospective_note", args=[slug, pk])
        messages.success(request, _("Taken out: “%(line)s”.") % {"line": note.text}, extra_tags=undo)

    answer = answered(request, slug, note.retrospective_id, act)
    if answer.status_code == 204:
        return render(request, "_messages.html", {"oob": True})
    return answer


@require_POST
def restore_retrospective_note(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    note = get_note(membership, pk, withdrawn=True)
    return answered(request, slug, note.retrospective_id, lambda: services.restore_note(note, by=membership))


@require_POST
def group_retrospective_note(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Lay a note under another one, or by itself again."""
    membership = get_membership(request, slug)
    note = get_note(membership, pk)
    named = request.POST.get("under", "")
    under = None
    if named:
        rows = RetrospectiveNote.objects.filter(retrospective=note.retrospective_id)
        under = get_visible(rows, membership, pk=read_id(named) or 0)
    return answered(request, slug, note.retrospective_id, lambda: services.group_note(note, under))


@require_POST
def sort_retrospective_note(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Say which cause stands behind a note."""
    membership = get_membership(request, slug)
    note = get_note(membership, pk)
    cause = request.POST.get("cause", "")[:20].replace("\0", "")
    return answered(request, slug, note.retrospective_id, lambda: services.sort_note(note, cause))


@require_POST
def vote_for_note(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Give one of one's votes, or take it back."""
    membership = get_membership(request, slug)
    note = get_note(membership, pk)
    given = request.POST.get("vote") != "no"
    return answered(request, slug, note.retrospective_id, lambda: services.vote(note, by=membership, is_given=given))


@require_http_methods(["GET", "HEAD", "POST"])
def learn_from_note(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Make a lesson of a note."""
    membership = get_membership(request, slug)
    note = get_note(membership, pk)
    sent = request.POST if request.method == "POST" else None
    form = LearnForm(sent, initial={"text": note.text})

    def act(said: dict[str, Any]) -> None:
        services.learn_from(note, by=membership, **said)

    return made_of_note(request, slug, note, form, act, _("A lesson from a note"))


@require_http_methods(["GET", "HEAD", "POST"])
def act_on_note(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Make an action of a note."""
    membership = get_membership(request, slug)
    note = get_note(membership, pk)
    suggestions = reverse("people_suggestions", args=[slug])
    sent = request.POST if request.method == "POST" else None
    form = ActOnNoteForm(sent, membership=membership, suggestions=suggestions)

    def act(said: dict[str, Any]) -> None:
        services.act_on_note(note, by=membership, **said)

    return made_of_note(request, slug, note, form, act, _("An action from a note"))


def made_of_note(
    request: HttpRequest, slug: str, note: RetrospectiveNote, form: Any, act: Any, title: str
) -> HttpResponse:
    """The form's page, what it makes, or why not."""
    if form.is_bound and form.is_valid():
        try:
            act(form.cleaned_data)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return answered(request, slug, note.retrospective_id, lambda: None)
    if form.is_bound and request.htmx:  # type: ignore[attr-defined]
        return refused(request, form)
    shown = {"form": form, "note": note, "retrospective": note.retrospective, "title": title}
    is_over = note.retrospective.stage not in {Stage.GROUPING, Stage.VOTING, Stage.TALKING}
    if is_over and not form.is_bound:
        return redirect("retrospective", slug, note.retrospective_id)
    return render(request, "objectives/note_made_into.html", shown, status=422 if form.errors else 200)
