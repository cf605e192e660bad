"""Does it add up? What the levers' targets make together, beside what the KGI needs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from funnel.models import KGI, PLANNERS, TargetColumn
from funnel.presenters.adding_up import Report
from funnel.presenters.findings import notes_on
from funnel.presenters.planned import TARGETS, column_of, read_plan
from funnel.presenters.proposals import act_on, offered_again
from people.access import get_editable, get_membership, get_visible
from people.exports import csv_response


@require_http_methods(["GET", "HEAD", "POST"])
def consistency(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Compare the levers' targets with the KGI's. A POST keeps one way to fit as a scenario, or as the targets."""
    membership = get_membership(request, slug)
    rows = KGI.objects.select_related("organization", "funnel")
    if request.method == "POST":
        kgi = get_editable(rows, membership, pk=pk)
    else:
        kgi = get_visible(rows, membership, pk=pk)
    column = column_of(kgi, request.GET.get("column", ""))
    address = f"{reverse('consistency', args=[slug, pk])}?column={column}"
    wrong = None
    if request.method == "POST":
        done = act_on(request, kgi, membership, back=address)
        if isinstance(done, HttpResponse):
            return done
        wrong = done
    planned, sentence = read_plan(kgi)
    page: dict[str, Any] = {
        "kgi": kgi,
        "column": column,
        "columns": [{"key": key, "name": TargetColumn(key).label, "current": key == column} for key in TARGETS],
        "may_edit": membership.role in PLANNERS,
        "wrong": sentence,
    }
    if planned is not None:
        report = Report.of(planned, column)
        if request.GET.get("download") == "csv" and report.told is not None:
            return csv_response(f"{_('Does it add up?')} {kgi.name}", *report.table())
        page |= {"report": report, "notes": notes_on(planned)}
        if wrong is not None:
            page["proposal"] = offered_again(planned, wrong)
            page["sending"] = wrong
        elif page["may_edit"]:
            page["proposal"] = report.proposal(request.GET.get("try", ""))
    return render(request, "funnel/consistency.html", page, status=200 if wrong is None else 422)
