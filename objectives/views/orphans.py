"""What leads to no KGI, named so that somebody ties it to one, or says that it is meant to stand alone."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from objectives.access import choose_cycle
from objectives.models import KeyResult, Objective
from objectives.queries.orphans import orphans_of
from people.access import get_insider

MOST_SHOWN = 100


@require_safe
def orphans(request: HttpRequest, slug: str) -> HttpResponse:
    """Active objectives and key results of the cycle, and what whoever may change them can do about it."""
    membership = get_insider(request, slug)
    cycle = choose_cycle(request, membership)
    rows: list[Any] = list(orphans_of(membership, cycle)) if cycle is not None else []
    shown = rows[:MOST_SHOWN]
    ids = [row.pk for row in shown]
    editable = set(Objective.objects.editable_by(membership).filter(pk__in=ids).values_list("pk", flat=True))
    loose = [told["pk"] for row in shown for told in row.loose]
    changeable = set(KeyResult.objects.editable_by(membership).filter(pk__in=loose).values_list("pk", flat=True))
    is_open = cycle is not None and not cycle.is_closed
    for row in shown:
        row.may_edit = is_open and row.pk in editable
        for told in row.loose:
            told["may_edit"] = is_open and told["pk"] in changeable
    return render(
        request,
        "objectives/orphans.html",
        {
            "cycle": cycle,
            "alone": [row for row in shown if not row.is_tied],
            "partly": [row for row in shown if row.is_tied],
            "objective_count": sum(1 for row in rows if not row.is_tied),
            "key_result_count": sum(len(row.loose) for row in rows),
            "left": len(rows) - len(shown),
        },
    )
