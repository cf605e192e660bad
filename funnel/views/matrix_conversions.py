"""The conversions of an ABM matrix, measured from its moves, and offered as the rates of a funnel."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from funnel import services
from funnel.forms.matrix_rates import RatesForm, measured_rates, plan_with
from funnel.models import KGI, PLANNERS, Matrix
from funnel.presenters.matrix import MatrixShown
from funnel.queries.matrices import WHOLE, read_board
from funnel.views.matrix import MATRICES, frame
from people.access import get_editable, get_insider, get_visible, refuse
from people.exports import csv_response
from people.forms import add_refusal
from people.models import Membership
from people.refusals import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
def matrix_conversions(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """How each stage is left, and the deal rate and win rate that follow; a POST takes them over into the funnel."""
    membership = get_insider(request, slug)
    row = get_visible(MATRICES, membership, pk=pk)
    if request.method == "POST" and membership.role not in PLANNERS:
        refuse()
    board = read_board(row, today=row.organization.today)
    shown = MatrixShown(board, board.column, WHOLE)
    if request.GET.get("download") == "csv":
        return conversions_csv(row, shown)
    kgi = KGI.objects.visible_to(membership).select_related("organization", "funnel").filter(matrices=row).first()
    rates = measured_rates(board, kgi)
    reason = _("Measured in the ABM matrix “%(name)s”, up to %(day)s.") % {"name": row.name, "day": board.today}
    form = RatesForm(request.POST if request.method == "POST" else None, rates=rates, reason=reason)
    if request.method == "POST" and form.is_valid() and kgi is not None:
        try:
            take_over(
                get_editable(KGI.objects.select_related("organization", "funnel"), membership, pk=kgi.pk),
                form,
                membership,
            )
        except Refusal as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, _("The funnel of “%(name)s” now counts with these rates.") % {"name": kgi.name})
            return redirect("matrix_conversions", slug, pk)
    return render(
        request,
        "funnel/matrix_conversions.html",
        frame(membership, row)
        | {
            "shown": shown,
            "board": board,
            "kgi": kgi,
            "form": form,
            "rates": [(rate, form[f"take_{rate.key}"] if rate.may_be_taken else None) for rate in rates],
            "may_take": any(rate.may_be_taken for rate in rates),
        },
        status=422 if request.method == "POST" else 200,
    )


@transaction.atomic
def take_over(kgi: KGI, form: RatesForm, by: Membership) -> None:
    """Write the chosen rates as what the KGI's funnel is now. Raises `Refusal`: `stale`, `has_tree`, `no_chain`."""
    plan, versions = plan_with(kgi, form.chosen)
    if plan is None:
        sentence = _("The funnel cannot be calculated with these rates. Look at its other numbers first.")
        raise Refusal("no_chain", sentence)
    services.save_funnel(kgi, plan, by=by, reason=form.cleaned_data["reason"], **versions)


def conversions_csv(row: Matrix, shown: MatrixShown) -> HttpResponse:
    """Every pair of stages with its share and range as a file; shares as 0–1."""
    header = [
        pgettext("stage a lead leaves", "From"),
        pgettext("stage a lead comes to", "To"),
        _("How many"),
        _("Of these"),
        pgettext("part of a whole", "Share"),
        pgettext("end of a range", "Low"),
        pgettext("end of a range", "High"),
        _("Chance of an order"),
        _("How it is known"),
    ]
    lines = []
    for stage in shown.conversions:
        chance = "" if stage.winning is None else f"{stage.winning:.6g}"
        if not stage.shares:
            lines.append([stage.stage.name, "", "", stage.count, "", "", "", chance, stage.words])
        for share in stage.shares:
            ends = ["" if each is None else f"{each:.6g}" for each in (share.low, share.high)]
            lines.append(
                [
                    stage.stage.name,
                    share.to,
                    share.count or "",
                    stage.count,
                    f"{share.share:.6g}",
                    *ends,
                    chance,
                    stage.words,
                ]
            )
    return csv_response(_("%(name)s conversions") % {"name": row.name}, header, lines)
