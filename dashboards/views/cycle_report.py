"""The report of a cycle, for the company or a team: to read, to print, and to have made as a PDF or a workbook."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dashboards.queries.branches import Place
from dashboards.queries.branches import branch as branch_of
from dashboards.queries.report import read_report
from dashboards.reports.telling import told
from objectives.access import choose_cycle, teams_shown
from objectives.models import Cycle
from people.access import get_membership, read_id
from people.forms import add_refusal
from people.forms.exports import ExportForm
from people.models import ExportKind, Membership
from people.refusals import Refusal
from people.services.exports import ask_export

MOST_OFFERED = 300


@require_http_methods(["GET", "HEAD", "POST"])
def cycle_report(request: HttpRequest, slug: str) -> HttpResponse:
    """The report of `?cycle=`, of `?team=` with all teams below it. Posting asks for it as a file."""
    membership = get_membership(request, slug)
    if membership.is_partner:
        raise Http404
    cycle = choose_cycle(request, membership)
    asked = request.GET.get("team", "")
    branch = branch_of(membership, read_id(asked) or 0 if asked else None)
    if branch is None:
        raise Http404
    team = None if branch.is_whole else branch.top
    form = ExportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and cycle is not None and form.is_valid():
        try:
            export = ask_export(membership, **wanted(form, cycle, team, slug, membership))
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("export", slug, export.pk)
    shown: dict[str, Any] = {"cycle": cycle, "team": team, "form": form, "is_empty": True, "site": ""}
    shown["team_options"] = list(teams_shown(membership, cycle).order_by("position", "name", "pk")[:MOST_OFFERED])
    if cycle is not None:
        shown |= told(read_report(membership, cycle, membership.organization.today, branch))
    return render(request, "dashboards/cycle_report.html", shown, status=422 if form.errors else 200)


def wanted(form: ExportForm, cycle: Cycle, team: Place | None, slug: str, membership: Membership) -> dict[str, Any]:
    """What is asked for: the report as it stands when the worker comes to it."""
    query = {"cycle": cycle.pk} | ({"team": team.pk} if team is not None else {})
    named = {"cycle": cycle.name, "scope": team.name if team is not None else membership.organization.name}
    return {
        **form.cleaned_data,
        "about": {
            "cycle": cycle.pk,
            "team": team.pk if team is not None else None,
            "address": f"{reverse('cycle_report', args=[slug])}?{urlencode(query)}",
        },
        "title": f"{_('Cycle report: %(cycle)s, %(scope)s') % named}"
        f" ({'PDF' if form.cleaned_data['what'] == ExportKind.REPORT_PDF else 'Excel'})",
        "language": get_language() or "ja",
    }
