"""An ABM matrix: what stands where, what moves, what is still needed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from funnel.models import PLANNERS, Matrix
from funnel.presenters.matrix import (
    MatrixShown,
    column_asked,
    matrix_lines,
    move_lines,
    span_asked,
)
from funnel.presenters.matrix_arrows import MatrixArrows
from funnel.presenters.matrix_sankey import sankey
from funnel.queries.matrices import SPANS, read_board
from people.access import get_insider, get_visible
from people.exports import csv_response
from people.models import Membership

MATRICES = Matrix.objects.select_related("organization", "kgi")
MOST_WEEKS = 26


@require_safe
def matrix(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The matrix as a table or with its arrows, the flows of a span of days, and the moves week by week.

    `view=arrows` draws the moves over the stages, `span` chooses the days, `against` the target; `download` answers
    the cells or the moves as a file.
    """
    membership = get_insider(request, slug)
    row = get_visible(MATRICES, membership, pk=pk)
    board = read_board(row, today=row.organization.today)
    shown = MatrixShown(
        board,
        column_asked(board, request.GET.get("against")),
        span_asked(request.GET.get("span")),
        address_of_leads(row),
    )
    wanted = request.GET.get("download")
    if wanted == "csv":
        return csv_response(_("%(name)s cells") % {"name": row.name}, *matrix_lines(shown))
    if wanted == "moves":
        return csv_response(_("%(name)s moves") % {"name": row.name}, *move_lines(shown))
    arrows = MatrixArrows(shown)
    weeks = shown.weeks
    return render(
        request,
        "funnel/matrix.html",
        frame(membership, row)
        | {
            "shown": shown,
            "board": board,
            "view": "arrows" if request.GET.get("view") == "arrows" else "table",
            "arrows": arrows if arrows.drawn else None,
            "sankey": sankey(shown),
            "spans": [(key, SPAN_WORDS[key]()) for key in SPANS],
            "weeks": weeks[:MOST_WEEKS],
            "more_weeks": max(len(weeks) - MOST_WEEKS, 0),
        },
    )


SPAN_WORDS = {
    "week": lambda: _("Last week"),
    "month": lambda: _("Four weeks"),
    "whole": lambda: _("All so far"),
}


def frame(membership: Membership, row: Matrix) -> dict[str, Any]:
    """What every page of a matrix says around its own part."""
    return {"matrix": row, "may_edit": membership.role in PLANNERS, "leads_url": address_of_leads(row)}


def address_of_leads(row: Matrix) -> str:
    """Where the list of leads is, empty for a matrix without one."""
    if not row.has_leads:
        return ""
    try:
        return reverse("leads", args=[row.organization.slug, row.pk])
    except NoReverseMatch:
        return ""
