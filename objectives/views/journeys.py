"""Customer journeys: the list, beginning one, its table to be read and filled in, and its phases."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from funnel.forms.journeys import LABELS, LINES, JourneyForm, NewPhaseForm, PhaseForm, RemovePhaseForm
from funnel.models import KPI, PLANNERS, Journey, JourneyPhase, TouchPoint
from funnel.services import journeys as services
from funnel.services.journeys import CELLS, COPY, MOST_PHASES, USUAL, Cell
from objectives.queries.journeys import ROWS, Picture, listed, picture_of, removed_of, table_of
from objectives.views.editing import PAGE_METHODS, back
from people.access import get_editable, get_insider, get_visible, get_within_reach, read_id, refuse
from people.exports import csv_response
from people.forms import add_refusal
from people.models import Membership
from people.refusals import Refusal

MOST_CELLS = MOST_PHASES * len(CELLS)


@require_safe
def journeys(request: HttpRequest, slug: str) -> HttpResponse:
    membership = get_insider(request, slug)
    put_away = Journey.objects.within_reach_of(membership).exclude(retired_at=None).order_by("-retired_at")
    shown = {"rows": listed(membership), "retired": put_away, "may_plan": membership.role in PLANNERS}
    return render(request, "objectives/journeys.html", shown)


@require_http_methods(PAGE_METHODS)
def new_journey(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin a journey: with the usual phases, a copy of the one the address names, or empty."""
    membership = get_insider(request, slug)
    if membership.role not in PLANNERS:
        refuse()
    source = Journey.objects.visible_to(membership).filter(pk=read_id(request.GET.get("copy")) or 0).first()
    form = JourneyForm(request.POST if request.method == "POST" else None, membership=membership)
    if source is not None and not form.is_bound:
        form.initial.update(start=COPY, source=source.pk, customer=source.customer, kgi=source.kgi_id)
        form.initial["name"] = _("%(name)s (copy)") % {"name": source.name[:110]}
    elif not form.is_bound:
        form.initial["kgi"] = read_id(request.GET.get("kgi"))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        journey = Journey(name=said["name"], customer=said["customer"], kgi=said["kgi"])
        if said["submission_key"]:
            journey.submission_key = said["submission_key"]
        try:
            made, _is_new = services.add_journey(
                journey, by=membership, start=said["start"] or USUAL, source=said.get("source")
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Saved: “%(title)s”.") % {"title": made.name})
            return redirect("journey", slug, made.pk)
    shown = {"form": form, "journey": None}
    return render(request, "objectives/edit_journey.html", shown, status=422 if form.errors else 200)


@require_http_methods(PAGE_METHODS)
def edit_journey(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Its name, which customer it is about, and the KGI whose levers it is to move."""
    membership = get_insider(request, slug)
    journey = get_editable(Journey.objects.select_related("organization"), membership, pk=pk)
    title = journey.name
    form = JourneyForm(request.POST if request.method == "POST" else None, membership=membership, journey=journey)
    if request.method == "POST" and form.is_valid():
        for name in ("name", "customer", "kgi"):
            setattr(journey, name, form.cleaned_data[name])
        try:
            saved = services.save_journey(journey, by=membership, expected_version=form.expected_version)
        except Refusal as refusal:
            add_refusal(form, refusal)
            if refusal.code == "stale":
                form.expect(Journey.objects.values_list("version", flat=True).get(pk=pk))
        else:
            messages.success(request, _("Saved: “%(title)s”.") % {"title": saved.name})
            return redirect("journey", slug, pk)
    shown = {"form": form, "journey": journey, "title": title}
    return render(request, "objectives/edit_journey.html", shown, status=422 if form.errors else 200)


@require_POST
def retire_journey(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_insider(request, slug)
    journey = services.retire_journey(get_within_reach(Journey.objects, membership, pk=pk))
    undo = reverse("restore_journey", args=[slug, pk])
    messages.success(request, _("Put away: “%(title)s”.") % {"title": journey.name}, extra_tags=undo)
    return redirect("journeys", slug)


@require_POST
def restore_journey(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_insider(request, slug)
    journey = services.restore_journey(get_within_reach(Journey.objects, membership, pk=pk))
    messages.success(request, _("“%(title)s” is back.") % {"title": journey.name})
    return redirect("journey", slug, pk)


@require_safe
def journey(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The whole journey as a table; `?download=csv` the same as a file."""
    membership = get_insider(request, slug)
    found = get_visible(Journey.objects.select_related("kgi"), membership, pk=pk)
    if request.GET.get("download") == "csv":
        labels = LABELS | {"contents": _("Content"), "actions": _("Actions"), "levers": _("Levers")}
        header, rows = table_of(picture_of(found, membership), labels)
        return csv_response(found.name, header, rows)
    return render(request, "objectives/journey.html", shown_of(found, membership))


def shown_of(found: Journey, membership: Membership) -> dict[str, Any]:
    may_plan = membership.role in PLANNERS
    picture = picture_of(found, membership)
    phases, points = removed_of(found) if may_plan else ([], [])
    return {
        "journey": found,
        "picture": picture,
        "rows": rows_of(picture),
        "head": [cell_of(column, "name") for column in picture.columns],
        "findings": picture.findings,
        "may_plan": may_plan,
        "may_add_phase": may_plan and len(picture.columns) < MOST_PHASES,
        "new_phase": NewPhaseForm(),
        "removed_phases": phases,
        "removed_points": points,
        "today": membership.organization.today,
    }


def rows_of(picture: Picture) -> list[dict[str, Any]]:
    labels = LABELS | {"contents": _("Content"), "actions": _("Actions")}
    return [
        {"name": name, "label": labels[name], "cells": [cell_of(column, name) for column in picture.columns]}
        for name in ROWS
    ]


def cell_of(column: Any, name: str) -> dict[str, Any]:
    """A cell as the table draws it."""
    labels = LABELS | {"contents": _("Content"), "actions": _("Actions")}
    is_text = name in CELLS
    return {
        "column": column,
        "phase": column.phase,
        "name": name,
        "label": labels[name],
        "is_text": is_text,
        "text": column.text_of(name) if is_text else "",
        "points": getattr(column, name, ()) if name in {"online", "offline"} else column.points,
        "example": getattr(column.example, name, "") if column.example is not None and name != "name" else "",
        "is_last": False,
    }


@require_POST
def write_cells(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Write the cells named, each by itself; answers those that changed and those refused, 422 where there are any."""
    membership = get_insider(request, slug)
    found = get_editable(Journey.objects.select_related("kgi"), membership, pk=pk)
    cells, versions = cells_sent(request)
    refused: dict[tuple[int, str], services.Refused] = {}
    try:
        written = services.write_cells(found, cells, versions=versions)
    except Refusal as refusal:
        return render(request, "objectives/_journey_answer.html", {"cells": [], "said": refusal.detail}, status=422)
    refused = {(each.cell.phase, each.cell.name): each for each in written.refused}
    shown = shown_of(found, membership)
    phases = written.phases | {pk for pk, _name in refused}
    answered = [
        cell | {"refused": refused.get((cell["phase"].pk, cell["name"]))}
        for row in [{"cells": shown["head"]}, *shown["rows"]]
        for cell in row["cells"]
        if cell["phase"].pk in phases
    ]
    shown |= {"cells": answered, "gone": [each for each in written.refused if each.code == "gone"]}
    return render(request, "objectives/_journey_answer.html", shown, status=422 if refused else 200)


def cells_sent(request: HttpRequest) -> tuple[list[Cell], dict[int, int]]:
    """The cells a page sends, `cell`, `text` and `was` in the same order, and the versions it saw as `12:3`."""
    sent = request.POST
    cells = []
    known = sent.getlist("was")
    for place, (named, text) in enumerate(zip(sent.getlist("cell"), sent.getlist("text"), strict=False)):
        phase, _dash, name = named.partition("-")
        number = read_id(phase)
        if number is not None and place < MOST_CELLS:
            cells.append(Cell(number, name, text[:20_000], known[place][:20_000] if place < len(known) else None))
    versions = {}
    for named in sent.getlist("version")[:MOST_PHASES]:
        phase, _colon, version = named.partition(":")
        numbers = read_id(phase), read_id(version)
        if numbers[0] is not None and numbers[1] is not None:
            versions[numbers[0]] = numbers[1]
    return cells, versions


@require_POST
def serve_lever(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Say which touch point is to move a lever that none moves yet."""
    membership = get_insider(request, slug)
    found = get_editable(Journey.objects, membership, pk=pk)
    points = TouchPoint.objects.visible_to(membership).filter(phase__journey=found)
    point = points.filter(pk=read_id(request.POST.get("touch_point")) or 0).first()
    lever = KPI.objects.visible_to(membership).filter(pk=read_id(request.POST.get("kpi")) or 0).first()
    if point is None or lever is None:
        messages.error(request, _("Choose a touch point and a lever."))
        return redirect(f"{reverse('journey', args=[slug, pk])}#journey-findings")
    point.kpi = lever
    try:
        services.save_touch_point(point)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    else:
        messages.success(request, _("Saved: “%(title)s”.") % {"title": point.name})
    return redirect(f"{reverse('journey', args=[slug, pk])}#journey-findings")


@require_POST
def add_phase(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_insider(request, slug)
    found = get_editable(Journey.objects.select_related("kgi"), membership, pk=pk)
    form = NewPhaseForm(request.POST)
    if form.is_valid():
        try:
            phase = services.add_phase(found, name=form.cleaned_data["name"])
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Saved: “%(title)s”.") % {"title": phase.name})
            return redirect(f"{reverse('journey', args=[slug, pk])}#c-{phase.pk}-name")
    shown = shown_of(found, membership) | {"new_phase": form}
    return render(request, "objectives/journey.html", shown, status=422)


@require_http_methods(PAGE_METHODS)
def edit_phase(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """All cells of one phase in a form: the way without a script, and on a phone."""
    membership = get_insider(request, slug)
    phase = get_editable(JourneyPhase.objects.select_related("journey"), membership, pk=pk)
    title = phase.name

    def fresh(data: Any = None) -> PhaseForm:
        row = JourneyPhase.objects.get(pk=pk)
        points = TouchPoint.objects.filter(phase=row, removed_at=None).order_by("position", "pk")
        by_medium: dict[str, list[TouchPoint]] = {"online": [], "offline": []}
        for point in points:
            by_medium[point.medium].append(point)
        return PhaseForm(data, phase=row, **by_medium)

    form = fresh(request.POST if request.method == "POST" else None)
    present: list[tuple[str, str]] = []
    if request.method == "POST" and form.is_valid():
        refused = written_form(form, phase)
        for each in refused:
            if each.code == "stale":
                present.append((str(LABELS[each.cell.name]), each.present or "–"))
            else:
                form.add_error(each.cell.name if each.cell.name in form.fields else None, each.sentence)
        if present:
            form.add_error(None, services.stale().detail)
            form.expect(JourneyPhase.objects.values_list("version", flat=True).get(pk=pk))
        if not form.errors:
            messages.success(request, _("Saved: “%(title)s”.") % {"title": form.cleaned_data["name"]})
            return back(request, f"{reverse('journey', args=[slug, phase.journey_id])}#c-{pk}-name")
    shown = {
        "form": form,
        "phase": phase,
        "title": title,
        "present": present,
        "lines": LINES,
    }
    return render(request, "objectives/edit_phase.html", shown, status=422 if form.errors else 200)


def written_form(form: PhaseForm, phase: JourneyPhase) -> list[services.Refused]:
    """Write all cells of a form or none of them; answers those refused."""
    expected = form.expected_version
    try:
        with transaction.atomic():
            versions = {phase.pk: -1 if expected is None else expected}
            written = services.write_cells(phase.journey, form.cells(phase), versions=versions)
            if written.refused:
                transaction.set_rollback(True)
    except Refusal as refusal:
        form.add_error(None, refusal.detail)
        return []
    return written.refused


@require_POST
def move_phase(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One place to the left, or with `by=1` to the right."""
    membership = get_insider(request, slug)
    phase = get_editable(JourneyPhase.objects.select_related("journey"), membership, pk=pk)
    try:
        services.move_phase(phase, by_places=1 if request.POST.get("by") == "1" else -1)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    return redirect(f"{reverse('journey', args=[slug, phase.journey_id])}#c-{pk}-name")


@require_http_methods(PAGE_METHODS)
def remove_phase(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take a phase out; asked is where its touch points go, or said what goes with it."""
    membership = get_insider(request, slug)
    rows = JourneyPhase.objects.select_related("journey")
    gone = rows.within_reach_of(membership).exclude(removed_at=None).filter(pk=pk).first()
    phase = gone or get_editable(rows, membership, pk=pk)
    form = RemovePhaseForm(request.POST if request.method == "POST" else None, phase=phase)
    if request.method == "POST" and form.is_valid():
        try:
            services.remove_phase(phase, move_to=form.cleaned_data["move_to"])
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            undo = reverse("restore_phase", args=[slug, pk])
            messages.success(request, _("Removed: “%(title)s”.") % {"title": phase.name}, extra_tags=undo)
            return redirect("journey", slug, phase.journey_id)
    points = TouchPoint.objects.filter(phase=phase, removed_at=None).order_by("position", "pk")
    shown = {"form": form, "phase": phase, "points": points.prefetch_related("contents")}
    return render(request, "objectives/remove_phase.html", shown, status=422 if form.errors else 200)


@require_POST
def restore_phase(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_insider(request, slug)
    phase = get_within_reach(JourneyPhase.objects.select_related("journey"), membership, pk=pk)
    try:
        services.restore_phase(phase)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        return redirect("journeys", slug)
    messages.success(request, _("“%(title)s” is back.") % {"title": phase.name})
    return redirect(f"{reverse('journey', args=[slug, phase.journey_id])}#c-{pk}-name")
