"""Meeting-room mode: the dashboard in large type, sheet after sheet, on a screen that nobody touches."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboards.presenters.departments import Ways, course_finding, course_rows, week_heads
from dashboards.presenters.heat import reporting_finding, reporting_rows
from dashboards.queries.branches import branch as branch_of
from dashboards.queries.departments import courses
from dashboards.queries.heat import reporting
from dashboards.sentences import reported_finding
from dashboards.views.company import company_context
from objectives.access import choose_cycle
from objectives.models import Cycle
from people import clock
from people.access import get_insider
from people.models import Membership

SECONDS = (10, 20, 30, 60)
MOST_TEAMS = 12
"""As many departments as are read from the other end of a table."""


@require_safe
def company_room(request: HttpRequest, slug: str) -> HttpResponse:
    """The sheets in a row; without a script one long page, with one a rotation (`static/js/room.js`)."""
    membership = get_insider(request, slug)
    now = clock.now()
    shown = company_context(request, membership) | {
        "seconds": SECONDS,
        "now": timezone.localtime(now, membership.organization.zone),
        "moment": now.timestamp(),
    }
    cycle = choose_cycle(request, membership)
    if cycle is not None and not shown.get("is_empty"):
        shown |= departments_shown(membership, cycle) | {"waiting_finding": reported_finding(shown["obstacles"])}
    return render(request, "dashboards/company_room.html", shown)


def departments_shown(membership: Membership, cycle: Cycle) -> dict[str, Any]:
    """What the sheets of the small multiples and of the heat map show."""
    today = membership.organization.today
    branch = branch_of(membership, None, "")
    if branch is None:
        return {}
    ways = Ways(membership.organization.slug, cycle, "course", "")
    found = courses(membership, cycle, today, branch)
    told = reporting(membership, cycle, today, branch)
    return {
        "course_finding": course_finding(found, membership, is_closed=cycle.is_closed),
        "heat_finding": reporting_finding(told),
        "course_rows": course_rows(found[:MOST_TEAMS], membership, cycle, ways),
        "heat_rows": reporting_rows(told[:MOST_TEAMS], cycle, today, ways, lambda _unit: ""),
        "heads": week_heads(cycle, today),
    }
