"""Moves and counts of a matrix that keeps numbers only: written down, withdrawn, brought back."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from funnel.forms.matrix_sheets import CountSheet, DayForm, MoveSheet
from funnel.models import PLANNERS, CellCount, LeadMove, Matrix
from funnel.presenters.matrix import MatrixShown, usual_arrows
from funnel.queries.matrices import WHOLE, Board, read_board
from funnel.services.lead_moves import count_cells, restore_move, withdraw_move, write_moves
from funnel.views.matrix import MATRICES, frame
from people.access import get_insider, get_visible, read_id, refuse
from people.forms import add_refusal
from people.models import Membership
from people.refusals import Refusal

ON_A_PAGE = 50
MOST_COUNTS = 30
COUNTS, MOVES = "counts", "moves"


@require_http_methods(["GET", "HEAD", "POST"])
def matrix_moves(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Write how many moved on a day, or stood where, and see what was written.

    A POST says by `act` what it is: `moves`, `counts`, `withdraw` or `restore` with the `move`. A matrix with a list of
    leads leads there instead: its leads are moved themselves.
    """
    membership = get_insider(request, slug)
    row = get_visible(MATRICES, membership, pk=pk)
    if request.method == "POST" and membership.role not in PLANNERS:
        refuse()
    if row.has_leads:
        messages.error(request, _("This matrix keeps a list of leads: move the leads themselves."))
        return redirect("leads", slug, pk)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if act in ("withdraw", "restore"):
        return mark(request, row, act)
    if request.method == "POST" and act != COUNTS:
        act = MOVES
    board = read_board(row, today=row.organization.today)
    shown = MatrixShown(board, board.column, WHOLE)
    moves = MoveSheet(
        board,
        usual_arrows(board),
        names=lambda arrow: f"{shown.origin_name(arrow[0])} → {shown.to_name(arrow[1])}",
        typed=request.POST if act == MOVES else None,
    )
    counts = CountSheet(board, [*shown.on_the_way, *shown.apart], typed=request.POST if act == COUNTS else None)
    forms = {
        name: DayForm(request.POST if act == name else None, today=board.today, auto_id=f"{name}_%s")
        for name in (MOVES, COUNTS)
    }
    sheet = counts if act == COUNTS else moves
    if act and forms[act].is_valid() and sheet.is_valid:
        try:
            said = written(row, act, moves, counts, forms[act], membership)
        except Refusal as refused:
            sheet.refuse(refused.fields)
            if not refused.fields or refused.fields.keys() & {"date", "reason"}:
                add_refusal(forms[act], refused)
        else:
            messages.success(request, said)
            warn_of_short(request, row)
            return redirect("matrix_moves", slug, pk)
    page = Paginator(written_moves(row), ON_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "funnel/matrix_moves.html",
        frame(membership, row)
        | {
            "shown": shown,
            "board": board,
            "moves": moves,
            "counts": counts,
            "moves_form": forms[MOVES],
            "counts_form": forms[COUNTS],
            "page": page,
            "counted": counted_days(row),
            "act": act,
        },
        status=422 if act else 200,
    )


def written(row: Matrix, act: str, moves: MoveSheet, counts: CountSheet, form: DayForm, membership: Membership) -> str:
    """Write what was typed; what was done, in words. Raises `Refusal`."""
    given = form.cleaned_data
    if act == COUNTS:
        if not counts.counts:
            raise Refusal("nothing", _("Type how many stood there, in one cell at least."))
        done = count_cells(row, counts.counts, on=given["date"], by=membership)
        if not done:
            return _("Nothing has changed.")
        return ngettext("%(count)s count is saved.", "%(count)s counts are saved.", done) % {"count": done}
    made = write_moves(
        row,
        moves.moves,
        on=given["date"],
        by=membership,
        submission_key=given["submission_key"],
        reason=given["reason"],
    )
    total = sum(move.count for move in made)
    return ngettext("%(count)s move is written.", "%(count)s moves are written.", total) % {"count": f"{total:,}"}


def mark(request: HttpRequest, row: Matrix, act: str) -> HttpResponse:
    """Withdraw a move, or bring it back."""
    pk = read_id(request.POST.get("move"))
    if pk is None or not LeadMove.objects.filter(matrix=row, pk=pk).exists():
        raise Http404
    (withdraw_move if act == "withdraw" else restore_move)(row, pk)
    messages.success(request, _("The move is withdrawn.") if act == "withdraw" else _("The move counts again."))
    warn_of_short(request, row)
    return redirect("matrix_moves", row.organization.slug, row.pk)


def warn_of_short(request: HttpRequest, row: Matrix) -> None:
    """Say which cells more have left than were counted there."""
    board: Board = read_board(row, today=row.organization.today)
    short = MatrixShown(board, board.column, WHOLE).short
    if short:
        sentence = _("More have left than were counted there: %(cells)s. Count these cells anew.")
        messages.warning(request, sentence % {"cells": _(", ").join(short)})


def written_moves(row: Matrix) -> QuerySet[LeadMove]:
    return (
        LeadMove.objects.filter(matrix=row, lead=None)
        .select_related("from_stage", "to_stage", "by__user")
        .order_by("-date", "-id")
    )


def counted_days(row: Matrix) -> list[CellCount]:
    """The counts of cells, the latest first."""
    return list(
        CellCount.objects.filter(matrix=row)
        .select_related("stage", "by__user")
        .order_by("-date", "stage__position", "fit")[:MOST_COUNTS]
    )
