"""Outside partners: what is shared with each, and the room in which they see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from funnel.models import KGI, KPI, PLANNERS, PartnerRoom
from funnel.presenters.names import name_of
from objectives.forms.sharing import BusinessSheetForm
from objectives.models import Objective
from objectives.queries.bars import key_result_bar, objective_bar
from objectives.queries.candidates import scored_as
from objectives.queries.contributions import (
    MOST_REPORTS,
    levers_of,
    reports_for,
    reports_of_earlier,
    sees_fee,
    with_latest,
)
from objectives.queries.partners import (
    MOST_FOUND,
    Room,
    along_with,
    kgis_for,
    objective_shares,
    objectives_to_share,
    partners_of,
    room_of,
)
from objectives.queries.room_talk import with_open_questions
from objectives.sentences.health_kpis import listed
from objectives.services import sharing as services
from objectives.views.editing import PAGE_METHODS
from objectives.views.handover import room_parts
from people.access import get_insider, get_membership, get_visible, read_id, refuse
from people.forms import add_refusal
from people.models import Membership
from people.refusals import Refusal
from people.services.units import unit_of_money

MOST_NAMED = 3
"""Of the objectives that come along with a shared one so many are named."""


@require_safe
def partners(request: HttpRequest, slug: str) -> HttpResponse:
    """Everybody from outside, and how much each of them sees; below them what was reported of those who left."""
    membership = get_insider(request, slug)
    rows = with_open_questions(partners_of(membership), membership)
    return render(request, "objectives/partners.html", {"rows": rows, "earlier": reports_of_earlier(membership)})


def get_partner(membership: Membership, pk: int) -> Membership:
    """A partner of the organization who is still here, or 404."""
    partner = partners_of(membership).select_related("organization", "user", "room").filter(pk=pk).first()
    if partner is None:
        raise Http404
    return partner


@require_safe
def partner(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What one partner sees of the company, each thing with the switch that opens or closes it."""
    membership = get_insider(request, slug)
    one = get_partner(membership, pk)
    search = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    found = objectives_to_share(membership, one, search)
    shares = along_with(objective_shares(membership, one), one)
    for share in shares:
        share.along_names = named(share.along)  # type: ignore[attr-defined]
    shown = {
        "one": one,
        "may_edit": membership.role in PLANNERS,
        "sees_fee": sees_fee(membership, one),
        "kgis": kgis_for(membership, one),
        "shares": shares,
        "some_not_mine": any(not share.may_edit for share in shares),  # type: ignore[attr-defined]
        "found": found,
        "search": search,
        "is_cut": len(found) == MOST_FOUND,
        "room": PartnerRoom.objects.visible_to(membership).filter(membership=one).first(),
        "was_candidate": scored_as(one, membership),
        "money": unit_of_money(membership.organization.currency),
        **levers_shown(membership, one),
    }
    return render(request, "objectives/partner.html", shown)


def named(titles: Sequence[str]) -> str:
    """The first of them, and that there are more."""
    said = listed(titles[:MOST_NAMED])
    return _("%(names)s and more") % {"names": said} if len(titles) > MOST_NAMED else said


@require_POST
def share_with_partner(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Open or close one KGI, KPI or objective; the answer leads back to its line."""
    membership = get_insider(request, slug)
    one = get_partner(membership, pk)
    if membership.role not in PLANNERS:
        refuse()
    sent = request.POST
    kept: list[KPI] = []
    noun, number, shared = sent.get("noun"), read_id(sent.get("id")) or 0, sent.get("shared") == "1"
    try:
        if noun == "kgi":
            kgi = get_visible(KGI.objects, membership, pk=number)
            kept = services.share_kgi(kgi, one, by=membership, shared=shared)
            title = kgi.name
        elif noun == "kpi":
            kpi = get_visible(KPI.objects, membership, pk=number)
            services.share_kpi(kpi, one, by=membership, shared=shared)
            title = kpi.name
        elif noun == "objective":
            objective = get_visible(Objective.objects, membership, pk=number)
            may_write = sent.get("may_write") == "1"
            services.share_objective(objective, one, by=membership, shared=shared, may_write=may_write)
            title = objective.title
        else:
            raise BadRequest
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    else:
        sentence = _("Shared: “%(title)s”.") if shared else _("No longer shared: “%(title)s”.")
        if kept:
            sentence = _("No longer shared: “%(title)s”. They still see the levers in their hands: %(levers)s.")
        messages.success(request, sentence % {"title": title, "levers": listed(name_of(kpi) for kpi in kept)})
    return redirect(f"{reverse('partner', args=[slug, pk])}#{noun}s")


@require_http_methods(PAGE_METHODS)
def edit_partner_room(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Write the business-model sheet of a partner's room."""
    membership = get_insider(request, slug)
    one = get_partner(membership, pk)
    if membership.role not in PLANNERS:
        refuse()
    room = PartnerRoom.objects.visible_to(membership).filter(membership=one).first()
    form = BusinessSheetForm(request.POST if request.method == "POST" else None, room=room, partner=one)
    if request.method == "POST" and form.is_valid():
        sheet = {name: form.cleaned_data[name] for name in (*services.SHEET, *services.TERMS)}
        try:
            services.save_room(one, by=membership, sheet=sheet, expected_version=form.expected_version or 0)
        except Refusal as refusal:
            add_refusal(form, refusal)
            present = PartnerRoom.objects.filter(membership=one).values_list("version", flat=True).first()
            form.expect(present or 0)
        else:
            messages.success(request, _("Saved."))
            return redirect("partner", slug, pk)
    shown = {"form": form, "one": one}
    return render(request, "objectives/edit_partner_room.html", shown, status=422 if form.errors else 200)


@require_safe
def own_room(request: HttpRequest, slug: str) -> HttpResponse:
    """The partner's own room; nobody else has one."""
    membership = get_membership(request, slug)
    if not membership.is_partner:
        raise Http404
    shown = room_shown(membership, is_own=True) | room_parts(request, membership, membership)
    return render(request, "objectives/partner_room.html", shown)


@require_safe
def partner_room(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A partner's room exactly as they see it, for those who share things with them."""
    membership = get_insider(request, slug)
    one = get_partner(membership, pk)
    shown = room_shown(one, is_own=False) | room_parts(request, membership, one)
    shown["sees_fee"] = sees_fee(membership, one)
    return render(request, "objectives/partner_room.html", shown)


def room_shown(partner: Membership, *, is_own: bool) -> dict[str, Any]:
    """What a partner's room shows, all of it read with their eyes."""
    return {
        "room": drawn(room_of(partner)),
        "is_own": is_own,
        "sees_fee": is_own,
        "money": unit_of_money(partner.organization.currency),
        "reports": with_latest(list(reports_for(partner, partner)[:MOST_REPORTS])),
    }


def levers_shown(membership: Membership, partner: Membership) -> dict[str, Any]:
    """The levers in a partner's hands and those taken back, and the reports about them."""
    rows = list(levers_of(membership, partner))
    editable = set(KGI.objects.editable_by(membership).values_list("pk", flat=True)) if rows else set()
    for row in rows:
        row.may_edit = row.kpi.kgi_id in editable  # type: ignore[attr-defined]
    today = partner.organization.today
    return {
        "held": [row for row in rows if row.ended_on is None or row.ended_on > today],
        "given_back": [row for row in rows if row.ended_on is not None and row.ended_on <= today],
        "reports": with_latest(list(reports_for(membership, partner)[:MOST_REPORTS])),
    }


def drawn(room: Room) -> Room:
    """The room with the bars of its goals."""
    organization = room.partner.organization
    today = organization.today
    for goal in room.objectives:
        goal.bar = objective_bar(goal, organization)  # type: ignore[attr-defined]
        for row in goal.shown:  # type: ignore[attr-defined]
            row.objective = goal
            row.bar = key_result_bar(row, organization, today)
            row.may_check_in = row.pk in room.checkable
    return room
