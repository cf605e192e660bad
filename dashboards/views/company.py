"""The company on one page: where the KGI stands, where objectives are heading, what moved, what is in the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from dashboards import queries
from dashboards.presenters.alignment_map import map_figure, map_rows
from dashboards.presenters.carrying import script
from dashboards.presenters.departments import departments_figure
from dashboards.presenters.distribution import spread_figure, spread_rows
from dashboards.presenters.kgi import kgi_row
from dashboards.sentences import (
    departments_finding,
    finding,
    map_finding,
    root_name,
    silence_finding,
    spread_finding,
)
from dashboards.views.live import live_context
from funnel.models import PLANNERS
from objectives.access import choose_cycle
from objectives.formulas.pace import elapsed_share
from objectives.models import Cycle
from objectives.queries.bars import week_number, weeks_in
from people.access import get_membership, get_visible, read_id
from people.models import Membership

OBSTACLES_SHOWN = 4
NEWEST_FIRST = "newest"


@require_safe
def company(request: HttpRequest, slug: str) -> HttpResponse:
    membership = get_membership(request, slug)
    return render(request, "dashboards/company.html", company_context(request, membership))


def company_context(request: HttpRequest, membership: Membership) -> dict[str, Any]:
    """What the parts of the dashboard show; the page, the meeting room and share links draw the same."""
    shown: dict[str, Any] = live_context(membership)
    cycle = choose_cycle(request, membership)
    today = membership.organization.today
    kgis = queries.kgis(membership, cycle, today)
    shown |= {"today": today, "kgis": [kgi_row(row) for row in kgis]}
    shown["may_write_kgis"] = membership.role in PLANNERS
    spread = queries.distribution(membership, cycle) if cycle else None
    if cycle is None or spread is None or spread.total == 0:
        return shown | {"is_empty": True}

    shift = queries.shift(membership, cycle, today)
    departments, silent = queries.teams(membership, cycle, today)
    newest_first = request.GET.get("obstacles") == NEWEST_FIRST
    obstacles = queries.obstacles(membership, cycle, today, newest_first=newest_first)
    shown |= {
        "week_number": week_number(cycle, today) if cycle.start <= today <= cycle.end else None,
        "week_count": weeks_in(cycle),
        "elapsed": elapsed_share(cycle.span, today),
        "finding": finding(kgis, spread, shift, is_closed=cycle.is_closed),
        "spread": spread,
        "spread_finding": spread_finding(spread, is_closed=cycle.is_closed),
        "spread_rows": spread_rows(spread, membership),
        "spread_figure": script("distribution", spread_figure(request, spread, membership, cycle)),
        "shift": shift,
        "movement": queries.movement(membership, cycle, today, everything=request.GET.get("movers") == "all"),
        "obstacles": obstacles,
        "obstacles_first": obstacles.shown[:OBSTACLES_SHOWN],
        "obstacles_more": obstacles.shown[OBSTACLES_SHOWN:],
        "longest_wait": max((row.days for row in obstacles.shown), default=0),
        "newest_first": newest_first,
        "departments": departments,
        "departments_finding": departments_finding(departments, spread.counts["below"]),
        "departments_figure": script("departments", departments_figure(request, departments, membership, cycle)),
        "weeks": range(1, max((len(row.scores) for row in departments), default=0) + 1),
        "silent": silent,
        "silence_finding": silence_finding(silent),
    }
    return shown | map_context(request, membership, cycle, kgis)


@require_safe
@vary_on_headers("HX-Request")
def company_map(request: HttpRequest, slug: str) -> HttpResponse:
    """The map of alignment alone, from `?root=` downwards: as JSON, or as the page's section where htmx asks."""
    membership = get_membership(request, slug)
    cycle = choose_cycle(request, membership)
    if cycle is None:
        raise Http404
    kgis = queries.kgis(membership, cycle, membership.organization.today)
    shown = map_context(request, membership, cycle, kgis)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "dashboards/_map.html", shown)
    root = shown["map"].root
    answer = {
        "root": root.pk if root else None,
        "finding": shown["map_finding"],
        "figure": shown["map_dict"],
        "objectives": [row.as_json() for row in shown["map_rows"]],
    }
    return HttpResponse(orjson.dumps(answer), content_type="application/json")


def map_context(
    request: HttpRequest, membership: Membership, cycle: Cycle, kgis: Sequence[queries.KGIStanding]
) -> dict[str, Any]:
    """What the section of the map shows; `?root=` names the objective whose branch is opened, 404 if it is not seen."""
    asked = request.GET.get("root", "")
    root = None
    if asked:
        number = read_id(asked)
        if number is None:
            raise Http404
        root = get_visible(queries.in_reach(membership, cycle), membership, pk=number)
    tree = queries.alignment(membership, cycle, root)
    figure = map_figure(
        request, tree, membership, cycle, root=root_name(membership.organization.name, cycle.name, kgis)
    )
    return {
        "cycle": cycle,
        "today": membership.organization.today,
        "map": tree,
        "map_dict": figure,
        "map_figure": script("alignment", figure),
        "map_finding": map_finding(tree, membership.organization.band_lower),
        "map_rows": map_rows(tree),
    }
