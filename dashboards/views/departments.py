"""Departments and teams: over time against pace, week by week, and against an earlier cycle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from dashboards.presenters.cycles import cycle_rows, cycles_finding, unit_rows
from dashboards.presenters.departments import Ways, course_finding, course_rows, week_heads
from dashboards.presenters.heat import (
    landing_finding,
    landing_rows,
    landing_total,
    reporting_finding,
    reporting_rows,
    reporting_total,
)
from dashboards.queries.branches import Branch, Unit
from dashboards.queries.branches import branch as branch_of
from dashboards.queries.cycles import MOST_CYCLES, comparable, is_as_long
from dashboards.queries.cycles import compared as side_by_side
from dashboards.queries.departments import courses, weeks_begun
from dashboards.queries.heat import reporting
from dashboards.views.live import live_context
from objectives.access import choose_cycle
from objectives.formulas.pace import elapsed_share
from objectives.models import Cycle, CycleState
from objectives.queries.bars import week_number, weeks_in
from objectives.queries.team_week import teams_offered
from people.access import get_membership, read_id
from people.models import Membership

VIEWS = ("course", "heat", "cycles")
READINGS = ("check-ins", "landing")
PER_PAGE = 12
PER_MAP = 25
LONGEST_SEARCH = 100


@require_safe
def departments(request: HttpRequest, slug: str) -> HttpResponse:
    membership = get_membership(request, slug)
    cycle = choose_cycle(request, membership)
    today = membership.organization.today
    asked_view, asked_reading = request.GET.get("view", ""), request.GET.get("reading", "")
    view = asked_view if asked_view in VIEWS else VIEWS[0]
    reading = asked_reading if asked_reading in READINGS else READINGS[0]
    shown: dict[str, Any] = live_context(membership)
    shown |= {"today": today, "view": view, "reading": reading, "cycle": cycle}
    if cycle is None:
        return render(request, "dashboards/departments.html", shown | {"is_empty": True})
    branch = chosen_branch(request, membership, view)
    ways = Ways(slug, cycle, view, reading if view == "heat" else "")
    shown |= {
        "branch": branch,
        "ways": around(branch, ways, cycle),
        "week_number": week_number(cycle, today) if cycle.start <= today <= cycle.end else None,
        "week_count": weeks_in(cycle),
        "elapsed": elapsed_share(cycle.span, today),
        "heads": week_heads(cycle, today),
    }
    read = {"course": course, "cycles": beside, "check-ins": reported, "landing": heading}
    shown |= read[reading if view == "heat" else view](request, membership, cycle, branch, ways)
    return render(request, "dashboards/departments.html", shown)


def chosen_branch(request: HttpRequest, membership: Membership, view: str) -> Branch:
    """The branch named by `?team=` and narrowed by `?q=`; 404 for a team the reader does not see."""
    asked = request.GET.get("team", "")
    wanted = "" if view == "cycles" else request.GET.get("q", "").replace("\x00", "")[:LONGEST_SEARCH]
    branch = branch_of(membership, read_id(asked) or 0 if asked else None, wanted)
    if branch is None:
        raise Http404
    return branch


def around(branch: Branch, ways: Ways, cycle: Cycle) -> dict[str, Any]:
    """The addresses of a page: the other views of the same team, and the teams above it."""
    team = branch.top.pk if branch.top is not None and not branch.is_whole else None
    return {
        "team": team,
        "trail": [
            {"name": place.name, "address": ways.page(team=None if place.is_company else place.pk)}
            for place in branch.trail
        ],
        "views": {view: ways.page(view=view, reading=None, team=team) for view in VIEWS},
        "readings": {each: ways.page(view="heat", reading=each, team=team) for each in READINGS},
        "all": ways.page(team=team),
    }


def paged(request: HttpRequest, rows: Sequence[Any], most: int) -> Any:
    return Paginator(rows, most).get_page(request.GET.get("page"))


def course(request: HttpRequest, membership: Membership, cycle: Cycle, branch: Branch, ways: Ways) -> dict[str, Any]:
    today = membership.organization.today
    found = courses(membership, cycle, today, branch)
    page = paged(request, found, PER_PAGE)
    return {
        "is_empty": not found,
        "finding": course_finding(found, membership, is_closed=cycle.is_closed),
        "page": page,
        "rows": course_rows(page.object_list, membership, cycle, ways),
        "weeks": week_heads(cycle, today)[: weeks_begun(cycle, today)],
    }


def heading(request: HttpRequest, membership: Membership, cycle: Cycle, branch: Branch, ways: Ways) -> dict[str, Any]:
    organization, today = membership.organization, membership.organization.today
    found = courses(membership, cycle, today, branch)
    page = paged(request, found, PER_MAP)
    return {
        "is_empty": not found,
        "finding": landing_finding(found, organization),
        "page": page,
        "rows": landing_rows(page.object_list, cycle, today, ways, organization),
        "total": landing_total(found, cycle, today, organization),
    }


def reported(request: HttpRequest, membership: Membership, cycle: Cycle, branch: Branch, ways: Ways) -> dict[str, Any]:
    today = membership.organization.today
    found = reporting(membership, cycle, today, branch)
    page = paged(request, found, PER_MAP)
    return {
        "is_empty": not found,
        "finding": reporting_finding(found),
        "page": page,
        "rows": reporting_rows(page.object_list, cycle, today, ways, weeks_of(membership)),
        "total": reporting_total(found, cycle, today),
    }


def weeks_of(membership: Membership) -> Callable[[Unit], str]:
    """Where the present week of a team can be opened by this person, "" where it cannot."""
    offered = set() if membership.is_partner else set(teams_offered(membership).values_list("pk", flat=True))
    address = reverse("team_week", args=[membership.organization.slug])

    def week_of(unit: Unit) -> str:
        return f"{address}?team={unit.pk}" if unit.pk in offered else ""

    return week_of


def beside(request: HttpRequest, membership: Membership, cycle: Cycle, branch: Branch, ways: Ways) -> dict[str, Any]:
    """The cycle beside those named by `?with=`, else beside the last one that is as long; 404 for an unknown one."""
    begun = [each for each in Cycle.objects.visible_to(membership) if each.state != CycleState.DRAFT]
    others = {each.pk: each for each in begun if each.pk != cycle.pk}
    chosen = [others.get(read_id(asked) or 0) for asked in request.GET.getlist("with") if asked]
    if None in chosen:
        raise Http404
    if not chosen:
        chosen = [comparable(others.values(), cycle)]
    # In the order in which they were; one named twice stands once.
    picked = {each.pk: each for each in chosen if each is not None}
    compared = sorted(picked.values(), key=lambda each: (each.start, each.pk), reverse=True)[: MOST_CYCLES - 1]
    told = side_by_side(membership, [cycle, *compared], membership.organization.today, branch)
    return {
        "is_empty": not any(one.units for one in told),
        "finding": cycles_finding(told),
        "told": cycle_rows(told),
        "unit_rows": unit_rows(told, membership, ways),
        "others": list(others.values()),
        "compared": {each.pk for each in compared},
        "of_another_length": [each for each in compared if not is_as_long(each, cycle)],
        "page": None,
    }
