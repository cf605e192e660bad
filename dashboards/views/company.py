"""The company on one page: where the KGI stands, where objectives are heading, what moved, what is in the way."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dashboards import queries
from dashboards.presenters.attainment import department_row, parts_of, zone_counts
from dashboards.presenters.carrying import script
from dashboards.presenters.distribution import spread_figure, spread_rows
from dashboards.presenters.kgi import kgi_row
from dashboards.presenters.patterns import SHOWN_AT_ONCE, worry_rows
from dashboards.sentences import (
    band_finding,
    before_finding,
    departments_finding,
    finding,
    shared_finding,
    silence_finding,
    spread_finding,
    waiting_finding,
)
from dashboards.views.live import live_context
from funnel.models import PLANNERS
from objectives.access import choose_cycle
from objectives.formulas.pace import elapsed_share
from objectives.queries.bars import week_number, weeks_in
from people.access import get_membership
from people.models import Membership

# What fits on a laptop beside the rest: two movers each way, three obstacles.
MOVERS_FIRST = 2
OBSTACLES_FIRST = 3


@require_safe
def company(request: HttpRequest, slug: str) -> HttpResponse:
    membership = get_membership(request, slug)
    return render(request, "dashboards/company.html", company_context(request, membership))


def company_context(request: HttpRequest, membership: Membership) -> dict[str, Any]:
    """What the parts of the dashboard show; the page, the meeting room and share links draw the same."""
    shown: dict[str, Any] = live_context(membership)
    cycle = choose_cycle(request, membership)
    today = membership.organization.today
    seen = queries.overview(membership, cycle, today, all_movers=request.GET.get("movers") == "all")
    kgis = [kgi_row(row, seen.landings.get(row.kgi.pk)) for row in seen.kgis]
    shown |= {"today": today, "cycle": cycle, "kgis": kgis, "may_write_kgis": membership.role in PLANNERS}
    if cycle is None or seen.is_empty:
        return shown | {"is_empty": True, "starts_on": cycle.start if cycle and seen.is_ahead else None}

    worries = [] if membership.is_partner else worry_rows(seen.patterns, membership, cycle)
    said = shared_finding(seen.spread, is_closed=cycle.is_closed) if membership.is_partner else None
    return shown | {
        "week_number": week_number(cycle, today) if cycle.start <= today <= cycle.end else None,
        "week_count": weeks_in(cycle),
        "elapsed": elapsed_share(cycle.span, today),
        "starts_on": cycle.start if seen.is_ahead else None,
        "finding": [said] if said else finding(seen),
        "band_finding": _("Against the band") if said else band_finding(seen),
        "before_finding": before_finding(seen.board),
        "zone_counts": zone_counts(seen.board),
        "parts_now": parts_of(seen.spread.counts),
        "parts_before": parts_of(seen.board.before or {}),
        "before_on": seen.board.before_on,
        "spread": seen.spread,
        "spread_finding": said or spread_finding(seen.spread, is_closed=cycle.is_closed),
        "spread_rows": spread_rows(seen.spread, membership),
        "spread_figure": script("distribution", spread_figure(request, seen.spread, membership, cycle)),
        "shift": seen.shift,
        "movement": seen.movement,
        "strongest": seen.movement.strongest(MOVERS_FIRST),
        "obstacles": seen.obstacles,
        "obstacles_first": seen.obstacles.shown[:OBSTACLES_FIRST],
        "waiting_finding": waiting_finding(seen.obstacles),
        "worries": worries[:SHOWN_AT_ONCE],
        "more_worries": worries[SHOWN_AT_ONCE:],
        "departments": [department_row(row, membership.organization) for row in seen.departments],
        "departments_finding": departments_finding(
            seen.departments, seen.spread.counts["below"], is_closed=cycle.is_closed
        ),
        "silence": seen.silence,
        "silence_finding": silence_finding(seen.silence),
    }
