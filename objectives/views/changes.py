"""The history of one row: who changed what, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db import models
from django.db.models.expressions import RawSQL
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from funnel.forms.kgis import KGIForm
from funnel.models import KGI, Journey, Lead
from objectives.access import teams_decided_by
from objectives.forms.goals import ObjectiveForm
from objectives.forms.key_results import KeyResultForm
from objectives.forms.put_back import PutBack
from objectives.models import (
    Action,
    Alignment,
    CheckIn,
    Cycle,
    Experiment,
    HealthKPI,
    KeyResult,
    Lesson,
    NotDoing,
    Objective,
)
from objectives.queries.changes import Change, Cursor, describe, events_of, moments_of, page_of
from objectives.queries.changes.naming import ROWS
from objectives.views.alignment import connect_again
from objectives.views.editing import PAGE_METHODS
from people.access import get_insider, get_membership, get_visible, read_id, refuse
from people.models import AuditEvent, Membership, Team

PAGE = 40
FEW = 5


@dataclass(frozen=True)
class WayBack:
    """A button beside a change: `address` is a page to open, or with `is_act` what is sent."""

    label: str
    address: str
    is_act: bool


@require_http_methods(PAGE_METHODS)
def objective_changes(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    rows = Objective.objects.readable_by(membership).select_related("cycle", "team", "owner__user")
    found = get_object_or_404(rows, pk=pk)
    page = reverse("objective", args=[slug, pk])
    return changes(request, membership, found, found.title, page)


@require_http_methods(PAGE_METHODS)
def key_result_changes(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    rows = KeyResult.objects.filter(objective__in=Objective.objects.readable_by(membership).values("pk"))
    if membership.is_partner:
        rows = rows.filter(dropped_at=None)
    found = get_object_or_404(
        rows.select_related("objective__cycle", "objective__team", "owner__user", "objective__organization"), pk=pk
    )
    page = f"{reverse('objective', args=[slug, found.objective_id])}?key_result={pk}#course"
    return changes(request, membership, found, found.title, page)


@require_http_methods(PAGE_METHODS)
def kgi_changes(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    rows = KGI.objects.visible_to(membership)
    if not membership.is_partner:
        rows = KGI.objects.filter(organization=membership.organization_id)
    found = get_object_or_404(rows.select_related("organization"), pk=pk)
    page = f"{reverse('kgis', args=[slug])}#dropped" if found.dropped_at else reverse("kgi", args=[slug, pk])
    return changes(request, membership, found, found.name, page)


@require_safe
def cycle_changes(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    found = get_visible(Cycle.objects, membership, pk=pk)
    return changes(request, membership, found, found.name, f"{reverse('plan', args=[slug])}?cycle={pk}")


@require_safe
def team_changes(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    found = get_visible(Team.objects, membership, pk=pk)
    page = reverse("settings", args=[slug]) if membership.is_partner else reverse("team", args=[slug, pk])
    return changes(request, membership, found, found.name, page)


@require_safe
def member_changes(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    found = get_visible(Membership.objects.select_related("user"), membership, pk=pk)
    return changes(request, membership, found, found.user.name, reverse("member", args=[slug, pk]))


@require_safe
def check_in_changes(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    rows = CheckIn.objects.select_related("key_result")
    found = get_visible(rows, membership, pk=pk)
    page = reverse("check_in", args=[slug, found.key_result_id])
    return changes(request, membership, found, found.key_result.title, page)


@require_safe
def action_changes(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    found = get_visible(Action.objects, membership, pk=pk)
    return changes(request, membership, found, found.title, reverse("edit_action", args=[slug, pk]))


@require_safe
def health_kpi_changes(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    found = get_visible(HealthKPI.objects, membership, pk=pk)
    return changes(request, membership, found, found.name, reverse("health_kpi", args=[slug, pk]))


@require_safe
def lesson_changes(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    found = get_visible(Lesson.objects, membership, pk=pk)
    return changes(request, membership, found, str(found), reverse("lesson", args=[slug, pk]))


@require_safe
def experiment_changes(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    found = get_visible(Experiment.objects, membership, pk=pk)
    return changes(request, membership, found, found.title, reverse("experiment", args=[slug, pk]))


@require_safe
def journey_changes(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_insider(request, slug)
    found = get_visible(Journey.objects, membership, pk=pk)
    return changes(request, membership, found, found.name, reverse("journey", args=[slug, pk]))


@require_safe
def lead_changes(request: HttpRequest, slug: str, matrix: int, pk: int) -> HttpResponse:
    membership = get_insider(request, slug)
    found = get_visible(Lead.objects, membership, pk=pk, matrix=matrix)
    return changes(request, membership, found, found.company, reverse("lead", args=[slug, matrix, pk]))


def changes(request: HttpRequest, membership: Membership, row: models.Model, title: str, back: str) -> HttpResponse:
    """The page of a row's history; `?put_back=` asks whether to take one change back, and sending it does so."""
    events = events_of(row, membership)
    cursor = Cursor.read(request.GET.get("older", ""))
    is_part = request.htmx and request.htmx.target == "recent-changes"  # type: ignore[attr-defined]
    page = page_of(events, cursor, FEW if is_part else PAGE)
    told = describe(page.events, membership)
    moments = moments_of(told)
    if is_part:
        return render(request, "objectives/_changes.html", {"moments": moments, "is_short": True})
    asked = put_back_asked(request, membership, row, events)
    if asked is not None and request.method == "POST" and asked.save():
        messages.success(request, _("Put back: “%(title)s”.") % {"title": title})
        return redirect(request.path)
    ways = ways_back(told, row, membership)
    for change in told:
        change.way_back = ways.get(change.event.pk)
    shown: dict[str, Any] = {
        "row": row,
        "title": title,
        "noun": ROWS[row._meta.db_table],
        "back": back,
        "moments": moments,
        "older": page.older,
        "is_later": cursor is not None,
        "asked": asked,
        "asked_change": describe([asked.event], membership)[0] if asked is not None else None,
    }
    status = 422 if asked is not None and request.method == "POST" else 200
    return render(request, "objectives/changes.html", shown, status=status)


def put_back_asked(
    request: HttpRequest, membership: Membership, row: models.Model, events: models.QuerySet[AuditEvent]
) -> PutBack | None:
    """The change of this row that is to be taken back; 403 for whoever may not edit the row."""
    named = request.POST.get("put_back") if request.method == "POST" else request.GET.get("put_back")
    if not isinstance(row, Objective | KeyResult | KGI):
        return None
    if request.method == "POST" and not may_edit(row, membership):
        refuse()
    if not named:
        if request.method == "POST":
            raise Http404
        return None
    event = events.filter(table=row._meta.db_table, row=row.pk, pk=read_id(named) or 0).first()
    if event is None:
        raise Http404
    if not may_edit(row, membership):
        refuse()
    if event.act != AuditEvent.Act.UPDATE:
        raise Http404
    if request.method == "POST":
        return PutBack(row, event, membership, request.POST.get("reason", "")[:500])
    return PutBack(row, event, membership)


def may_edit(row: Objective | KeyResult | KGI, membership: Membership) -> bool:
    return type(row).objects.editable_by(membership).filter(pk=row.pk).exists()


def columns_of(form: type[forms.ModelForm]) -> set[str]:
    return {form._meta.model._meta.get_field(name).column for name in form._meta.fields}  # type: ignore[union-attr]


# What the form of each row edits; whether one change still fits is asked when it is opened.
EDITED: dict[type[models.Model], set[str]] = {
    Objective: columns_of(ObjectiveForm) - {"cycle_id"} | {"level"},
    KeyResult: columns_of(KeyResultForm) - {"kind"},
    KGI: columns_of(KGIForm),
}
RESTORED = {Objective: "restore_objective", KeyResult: "restore_key_result", KGI: "restore_kgi"}
PAGES = {Objective: "objective_changes", KeyResult: "key_result_changes", KGI: "kgi_changes"}


def ways_back(told: list[Change], row: models.Model, membership: Membership) -> dict[int, WayBack]:
    """For each change that can be undone by this reader, how; the acts themselves ask again."""
    slug = membership.organization.slug
    ways: dict[int, WayBack] = {}
    of_goals = {model._meta.db_table: model for model in (Objective, KeyResult, KGI)}
    for table, model in of_goals.items():
        updates = [each.event for each in told if each.event.table == table and each.event.act == "update"]
        if not updates or membership.is_partner:
            continue
        ids = {event.row for event in updates}
        editable = set(model.objects.editable_by(membership).filter(pk__in=ids).values_list("pk", flat=True))  # type: ignore[attr-defined]
        restorable = restorable_of(model, ids, membership)
        now = columns_now(model, ids)
        for event in updates:
            after = event.after or {}
            if after.get("dropped_at") and event.row in restorable:
                address = reverse(RESTORED[model], args=[slug, event.row])
                ways[event.pk] = WayBack(_("Bring back"), address, is_act=True)
                restorable.discard(event.row)
            elif event.row in editable and stands(after, now[event.row], EDITED[model] & after.keys()):
                address = f"{reverse(PAGES[model], args=[slug, event.row])}?put_back={event.pk}#put-back"
                ways[event.pk] = WayBack(_("Put back"), address, is_act=False)
    ways |= connections_again(told, membership)
    return ways | said_again(told, membership)


def columns_now(model: type[models.Model], ids: set[int]) -> dict[int, dict[str, Any]]:
    """The rows as they are, column by column, spelled as their history is."""
    row = RawSQL(f'to_jsonb("{model._meta.db_table}")', [], output_field=models.JSONField())  # noqa: S611
    return dict(model._default_manager.filter(pk__in=ids).annotate(now=row).values_list("pk", "now"))


def stands(after: dict[str, Any], now: dict[str, Any], columns: set[str]) -> bool:
    """Whether a change still holds: what was put back, or changed again, offers nothing to put back."""
    return bool(columns) and all(after[column] == now.get(column) for column in columns)


def restorable_of(model: type[models.Model], ids: set[int], membership: Membership) -> set[int]:
    """Those of the rows that are dropped and that the person may bring back."""
    rows: models.QuerySet[Any]
    if model is KGI:
        rows = KGI.objects.restorable_by(membership)
    elif model is Objective:
        rows = Objective.objects.within_reach_of(membership).exclude(dropped_at=None)
    else:
        own = Objective.objects.editable_by(membership).values("pk")
        reach = models.Q(objective__in=own) | models.Q(owner=membership)
        rows = KeyResult.objects.filter(reach, objective__dropped_at=None).exclude(dropped_at=None)
    return set(rows.filter(pk__in=ids).values_list("pk", flat=True))


def connections_again(told: list[Change], membership: Membership) -> dict[int, WayBack]:
    """A connection that was taken away can be made again, with the link and weight it had."""
    gone = [each.event for each in told if each.event.table == Alignment._meta.db_table and each.event.act == "delete"]
    if not gone or membership.is_partner:
        return {}
    children = {event.before["child_id"] for event in gone if event.before}
    editable = set(Objective.objects.editable_by(membership).filter(pk__in=children).values_list("pk", flat=True))
    present = {
        (row.child_id, row.parent_objective_id, row.parent_key_result_id)
        for row in Alignment.objects.filter(child__in=children)
    }
    ways = {}
    for event in gone:
        was = event.before or {}
        ends = (was["child_id"], was["parent_objective_id"], was["parent_key_result_id"])
        if was["child_id"] not in editable or ends in present:
            continue
        present.add(ends)  # the latest end of a connection offers it, the earlier ones do not
        address = connect_again(membership.organization.slug, Alignment(**was))
        ways[event.pk] = WayBack(_("Connect again"), address, is_act=True)
    return ways


def said_again(told: list[Change], membership: Membership) -> dict[int, WayBack]:
    """What a team had decided not to do can be said again, while the cycle is open."""
    gone = [each.event for each in told if each.event.table == NotDoing._meta.db_table and each.event.act == "delete"]
    if not gone:
        return {}
    teams = set(teams_decided_by(membership).values_list("pk", flat=True))
    open_cycles = set(Cycle.objects.visible_to(membership).exclude(state="closed").values_list("pk", flat=True))
    present = set(NotDoing.objects.filter(cycle__in=open_cycles).values_list("cycle", "team", "text"))
    ways = {}
    for event in gone:
        was = event.before or {}
        said = (was["cycle_id"], was["team_id"], was["text"])
        if was["team_id"] not in teams or was["cycle_id"] not in open_cycles or said in present:
            continue
        present.add(said)
        again = QueryDict(mutable=True)
        again.update({"team": str(was["team_id"]), "cycle": str(was["cycle_id"]), "text": was["text"]})
        address = f"{reverse('add_not_doing', args=[membership.organization.slug])}?{again.urlencode()}"
        ways[event.pk] = WayBack(_("Write it again"), address, is_act=True)
    return ways
