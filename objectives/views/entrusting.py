"""Putting levers into a partner's hands, and taking them back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from funnel.models import KPI, PLANNERS, KGIShare, PartnerLever
from funnel.presenters.names import name_of
from objectives.forms.entrusting import LeverForm, levers_to_entrust
from objectives.queries.contribution_content import month_word
from objectives.queries.contributions import actuals_of
from objectives.services import entrusting as services
from objectives.views.editing import PAGE_METHODS
from objectives.views.partners import get_partner
from people.access import get_editable, get_insider, get_visible, read_id, refuse
from people.forms import add_refusal
from people.models import Membership
from people.refusals import Refusal


@require_http_methods(PAGE_METHODS)
def entrust_lever(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Choose a lever by `?kpi=`, then write what is agreed on it."""
    membership = get_insider(request, slug)
    one = get_partner(membership, pk)
    if membership.role not in PLANNERS:
        refuse()
    levers = KPI.objects.editable_by(membership).levers().filter(is_goal=False).select_related("kgi")
    asked = request.GET.get("kpi", "")
    if not asked:
        offered = levers_to_entrust(levers.order_by("kgi__period_start", "kgi", "position", "pk"))
        return render(request, "objectives/choose_lever.html", {"one": one, "offered": offered})
    return write(request, membership, one, get_visible(levers_seen(), membership, pk=read_id(asked) or 0), None)


def levers_seen() -> Any:
    return KPI.objects.select_related("kgi")


@require_http_methods(PAGE_METHODS)
def edit_partner_lever(request: HttpRequest, slug: str, partner: int, pk: int) -> HttpResponse:
    """Write another portion, start or days; a last day takes the lever back, `undo` undoes what was a mistake."""
    membership = get_insider(request, slug)
    one = get_partner(membership, partner)
    wants_undo = request.method == "POST" and request.POST.get("undo") == "1"
    if wants_undo and membership.role in PLANNERS and not PartnerLever.objects.filter(membership=one, pk=pk).exists():
        return to_levers(one)
    rows = PartnerLever.objects.filter(membership=one).select_related("kpi__kgi", "membership__organization")
    row = get_editable(rows, membership, pk=pk)
    if wants_undo:
        return undo(request, membership, one, row)
    return write(request, membership, one, row.kpi, row)


def undo(request: HttpRequest, membership: Membership, one: Membership, row: PartnerLever) -> HttpResponse:
    try:
        services.remove_lever(row, by=membership)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        return redirect("edit_partner_lever", one.organization.slug, one.pk, row.pk)
    if KGIShare.objects.filter(kgi=row.kpi.kgi_id, membership=one).exists():
        sentence = _("“%(lever)s” was not put into their hands after all.")
    else:
        sentence = _("“%(lever)s” was not put into their hands after all, and is no longer shared with them.")
    messages.success(request, sentence % {"lever": name_of(row.kpi)})
    return to_levers(one)


def to_levers(one: Membership) -> HttpResponse:
    return redirect(f"{reverse('partner', args=[one.organization.slug, one.pk])}#levers")


def write(
    request: HttpRequest, membership: Membership, one: Membership, kpi: KPI, row: PartnerLever | None
) -> HttpResponse:
    """The page on which one lever is agreed on."""
    today = one.organization.today
    sent, measured = request.POST if request.method == "POST" else None, actuals_of(kpi, today=today)
    form = LeverForm(sent, kpi=kpi, row=row, today=today, measured=measured)
    if request.method == "POST" and form.is_valid():
        try:
            if row is None:
                services.entrust_lever(kpi, one, by=membership, **form.agreed())
            else:
                version = form.expected_version or 0
                services.change_lever(row, by=membership, expected_version=version, **form.agreed())
        except Refusal as refusal:
            add_refusal(form, refusal)
            if refusal.code == "stale" and row is not None:
                form.expect(PartnerLever.objects.get(pk=row.pk).version)
        else:
            messages.success(request, said(one, kpi, form.cleaned_data.get("ended_on")))
            return to_levers(one)
    shown = {
        "form": form,
        "one": one,
        "kpi": kpi,
        "name": name_of(kpi),
        "row": row,
        "read_in": month_word(measured[-1][0]) if measured else "",
        "may_undo": row is not None and not services.is_reported(row),
    }
    return render(request, "objectives/edit_partner_lever.html", shown, status=422 if form.errors else 200)


def said(one: Membership, kpi: KPI, ended_on: Any) -> str:
    values = {"lever": name_of(kpi), "name": one.user.name}
    if ended_on is not None and ended_on <= one.organization.today:
        return _("“%(lever)s” is back in your hands.") % values
    return _("“%(lever)s” is in the hands of %(name)s.") % values
