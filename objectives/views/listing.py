"""The objectives of a cycle: searched, narrowed, paged, taken away as CSV."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from objectives.access import choose_cycle
from objectives.models import Cycle, Health, Level, Objective
from objectives.queries.listing import MOST_COUNTED, Page, around_of, page_of, summary_of
from objectives.queries.objectives import DROPPED, ZONES, Wanted, listed, wanted_from
from people.access import get_membership, read_id
from people.exports import csv_response

# Further on no list has rows, and the database would not count so far.
FARTHEST_PAGE = 10**6


@require_safe
def objectives(request: HttpRequest, slug: str) -> HttpResponse:
    membership = get_membership(request, slug)
    cycle = choose_cycle(request, membership)
    wanted = wanted_from(request.GET)
    shown: dict[str, Any] = {"wanted": wanted, "is_filtered": wanted != Wanted(sort=wanted.sort)}
    if cycle is None:
        page = Page([], 1, has_next=False, count=0, is_more=False)
    else:
        rows = listed(membership, cycle, wanted)
        if request.GET.get("download") == "csv":
            return objectives_csv(rows, cycle)
        around = around_of(membership, cycle, rows, team=wanted.team, is_filtered=shown["is_filtered"])
        number = max(1, min(read_id(request.GET.get("page")) or 1, FARTHEST_PAGE))
        page = page_of(membership, cycle, rows, number, around)
        shown |= {"around": around, "summary": around.summary, "teams": around.teams}
    query = request.GET.copy()
    for name in ("page", "download"):
        query.pop(name, None)
    shown |= {
        "page": page,
        "rows": page.rows,
        "counted": MOST_COUNTED,
        "asked_cycle": cycle.pk if cycle and request.GET.get("cycle") else "",
        "levels": Level.choices,
        "healths": [*Health.choices, (DROPPED, pgettext("objective", "Dropped"))],
        "zones": ZONES,
        "query": query.urlencode() + "&" if query else "",
    }
    template = "objectives/_objective_rows.html" if request.htmx else "objectives/objectives.html"  # type: ignore[attr-defined]
    return render(request, template, shown)


@require_safe
def objectives_summary(request: HttpRequest, slug: str) -> HttpResponse:
    """What the list's title says of a cycle with more objectives than are counted while it is drawn."""
    membership = get_membership(request, slug)
    cycle = choose_cycle(request, membership)
    shown = {"summary": summary_of(membership, cycle) if cycle else {}}
    return render(request, "objectives/objectives_summary.html", shown)


def objectives_csv(rows: Any, cycle: Cycle) -> HttpResponse:
    header = [
        _("Objective"),
        _("Team"),
        _("Owner"),
        _("Level"),
        _("Intent"),
        _("State"),
        _("Score"),
        _("Heading for"),
        _("Health"),
    ]

    def cells(row: Objective) -> list[Any]:
        scored = getattr(row, "scored", None)
        return [
            row.title,
            row.team.name,
            row.owner.user.name,
            row.get_level_display(),
            row.get_kind_display(),
            row.get_state_display(),
            rounded(scored.score if scored else None),
            rounded(scored.landing if scored else None),
            scored.get_health_display() if scored else "",
        ]

    return csv_response(f"{_('Objectives')} {cycle.name}", header, (cells(row) for row in rows.iterator(500)))


def rounded(share: float | None) -> str:
    return "" if share is None else f"{share:.4f}"
