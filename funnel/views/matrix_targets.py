"""The targets of an ABM matrix, typed like a sheet."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from funnel.forms.matrix_sheets import TargetSheet, proposal
from funnel.models import PLANNERS
from funnel.presenters.matrix import MatrixShown, column_asked, usual_arrows
from funnel.queries.matrices import WHOLE, read_board
from funnel.services.matrix_targets import save_matrix_targets
from funnel.services.readings import Saved
from funnel.views.matrix import MATRICES, frame
from people.access import get_insider, get_visible, refuse
from people.refusals import Refusal

NEEDED = "needed"


@require_http_methods(["GET", "HEAD", "POST"])
def matrix_targets(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """How many are to stand in each cell on the last day, and to move along each arrow; read by everybody inside.

    `?fill=needed` puts what the back-calculation says into the moves, to be looked at before it is saved.
    """
    membership = get_insider(request, slug)
    row = get_visible(MATRICES, membership, pk=pk)
    may_edit = membership.role in PLANNERS
    if request.method == "POST" and not may_edit:
        refuse()
    board = read_board(row, today=row.organization.today)
    column = column_asked(board, request.GET.get("against"))
    shown = MatrixShown(board, column, WHOLE)
    needed = proposal(board, column) if may_edit else {}
    filled = request.method != "POST" and request.GET.get("fill") == NEEDED and bool(needed)
    sheet = TargetSheet(
        board,
        usual_arrows(board, [(where[0], where[2]) for where in needed], used=False),
        names=lambda arrow: f"{shown.origin_name(arrow[0])} → {shown.to_name(arrow[1])}",
        columns=[*shown.on_the_way, *shown.apart],
        typed=request.POST if request.method == "POST" else None,
        proposed=needed if filled else None,
    )
    if request.method == "POST" and sheet.is_valid:
        try:
            saved = save_matrix_targets(row, sheet.aims)
        except Refusal as refused:
            sheet.refuse(refused.fields)
            if not refused.fields:
                messages.error(request, refused.detail)
        else:
            messages.success(request, said_of(saved))
            return redirect("matrix_targets", slug, pk)
    return render(
        request,
        "funnel/matrix_targets.html",
        frame(membership, row)
        | {
            "shown": shown,
            "sheet": sheet,
            "filled": filled,
            "may_fill": bool(needed),
            "needed": shown.needed,
        },
        status=422 if request.method == "POST" else 200,
    )


def said_of(saved: Saved) -> str:
    """What saving did, in words."""
    if not saved.written:
        return _("Nothing has changed.")
    return ngettext("%(count)s target is saved.", "%(count)s targets are saved.", saved.written) % {
        "count": saved.written
    }
