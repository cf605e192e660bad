"""The grid in which the numbers of health KPIs are entered, and taking the last entry back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from objectives.forms.health_grid import (
    HealthRow,
    HealthTable,
    asked_kpis,
    keep_refused,
    read_tables,
    tables_of,
    undo_of,
    undone,
)
from objectives.models import HealthKPI
from objectives.presenters.health_chart import short_period
from objectives.queries.health_kpis import HealthStanding, health_standings
from objectives.sentences.health_kpis import board_finding, mark_of, outside_for, period_word
from objectives.services.health_readings import Recorded, record_readings
from people.access import get_insider, refuse
from people.models import Membership

UNDO = "health-readings-before"


def grid(
    request: HttpRequest, membership: Membership, standings: Sequence[HealthStanding], shown: dict[str, Any]
) -> HttpResponse:
    """The grid as it is; sent, all numbers that can be are saved, and what cannot is named beside its row."""
    today = membership.organization.today
    enterable = set(HealthKPI.objects.enterable_by(membership).standing().values_list("pk", flat=True))
    if request.method != "POST":
        tables = tables_of(standings, enterable, today=today, until=day_asked(request))
        return render(request, "objectives/health_grid.html", shown | {"tables": dressed(tables)})
    asked = asked_kpis(request.POST)
    if asked & {standing.kpi.pk for standing in standings} - enterable:
        refuse()
    typed = request.POST
    before = tables_of(standings, enterable, today=today, typed=typed)
    given = read_tables(before, typed)
    recorded = record_readings(given, by=membership)
    if recorded.before:
        request.session[UNDO] = undo_of(recorded)
    wrong = len(recorded.refused) + sum(len(row.errors) for table in before for row in table.rows)
    undo = reverse("undo_health_readings", args=[membership.organization.slug])
    if not request.htmx and not wrong:  # type: ignore[attr-defined]
        if recorded.written:
            messages.success(request, saved_word(recorded), extra_tags=undo)
        else:
            messages.info(request, _("Nothing has changed."))
        return redirect(f"{request.path}?{grid_query(request)}")
    after = health_standings([standing.kpi for standing in standings], today=today)
    tables = tables_of(after, enterable, today=today, typed=typed)
    keep_refused(tables, given, recorded, before)
    if request.htmx:  # type: ignore[attr-defined]
        for table in tables:
            table.rows = [row for row in table.rows if row.kpi.pk in asked]
        shown |= {"oob": True, "finding": board_finding(after)}
    shown |= {"tables": dressed(tables), "wrong": wrong, "saved": saved_word(recorded) if recorded.written else ""}
    page = "objectives/_health_answer.html" if request.htmx else "objectives/health_grid.html"  # type: ignore[attr-defined]
    return render(request, page, shown, status=422 if wrong else 200)


def grid_query(request: HttpRequest) -> str:
    query = request.GET.copy()
    query["view"] = "grid"
    return query.urlencode()


def day_asked(request: HttpRequest) -> date | None:
    try:
        return parse_date(request.GET.get("until", ""))
    except ValueError:
        return None


def dressed(tables: Sequence[HealthTable]) -> list[dict[str, Any]]:
    """The grids with what their rows and columns are called."""
    found = []
    for table in tables:
        heads = [short_period(table.period, first) for first in table.columns]
        found.append({"table": table, "heads": heads, "lines": [line_of(row, heads) for row in table.rows]})
    return found


def line_of(row: HealthRow, heads: Sequence[str]) -> dict[str, Any]:
    return {
        "row": row,
        "cells": list(zip(row.cells, heads, strict=True)),
        "mark": mark_of(row.kpi),
        "how_long": outside_for(row.standing) if row.standing.is_outside else "",
        "why_period": period_word(row.kpi, row.why.first) if row.why else "",
        "errors": [(short_period(row.kpi.period, first), sentence) for first, sentence in row.errors],
    }


def saved_word(recorded: Recorded) -> str:
    return ngettext("%(count)s number is saved.", "%(count)s numbers are saved.", recorded.written) % {
        "count": recorded.written
    }


@require_POST
def undo_health_readings(request: HttpRequest, slug: str) -> HttpResponse:
    """Put back what the person's last entry changed, unless somebody changed it since."""
    membership = get_insider(request, slug)
    kept = request.session.pop(UNDO, [])
    rows = HealthKPI.objects.enterable_by(membership).standing().filter(pk__in={each[0] for each in kept})
    recorded = record_readings(undone(kept, {kpi.pk: kpi for kpi in rows}), by=membership)
    if recorded.refused:
        messages.error(request, _("Somebody changed some of these numbers since: they stay as they are now."))
    elif recorded.written:
        messages.success(request, _("Put back as it was."))
    else:
        messages.info(request, _("There is nothing to be undone any more."))
    return redirect(f"{reverse('health_kpis', args=[slug])}?view=grid")
