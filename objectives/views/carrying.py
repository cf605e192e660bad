"""The start of the next cycle: opening it, and carrying into it what goes on."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from objectives import services
from objectives.access import teams_planned_by
from objectives.forms.carrying import CarryForm, SentForm
from objectives.models import Cycle
from objectives.queries.carrying import MOST_OFFERED, Offer, carryable_by, narrowed, offers_of
from objectives.queries.next_cycle import PREPARING, cycle_before, next_to_open
from objectives.views.editing import PAGE_METHODS
from people.access import get_membership, get_visible, read_id, refuse
from people.forms import add_refusal
from people.models import Membership, Team
from people.refusals import Refusal


@require_http_methods(PAGE_METHODS)
def open_next_cycle(request: HttpRequest, slug: str) -> HttpResponse:
    """What opening the next cycle means, and the one click that does it."""
    membership = get_membership(request, slug)
    if membership.role not in PREPARING:
        refuse()
    refusal = None
    if request.method == "POST":
        try:
            cycle = services.open_next_cycle(by=membership)
        except Refusal as refused:
            refusal = refused
        else:
            sentence = _("“%(cycle)s” is in preparation: everybody can draft in it now.")
            messages.success(request, sentence % {"cycle": cycle.name})
            return redirect("carry_over", slug, cycle.pk)
    shown = {"following": next_to_open(membership), "refusal": refusal, "may_edit": membership.is_admin}
    return render(request, "objectives/open_next_cycle.html", shown, status=422 if refusal else 200)


@require_http_methods(PAGE_METHODS)
def carry_over(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The last cycle's objectives, to choose which of them go on in this one."""
    membership = get_membership(request, slug)
    cycle = get_visible(Cycle.objects, membership, pk=pk)
    if not teams_planned_by(membership).exists():
        refuse()
    before = cycle_before(cycle)
    rows = carryable_by(membership, before) if before else None
    data = request.POST if request.method == "POST" else None
    form = CarryForm(data, offered=rows.values_list("pk", flat=True) if data is not None and rows is not None else ())
    if data is not None and form.is_valid() and carried(request, form, cycle, before, membership):
        return redirect(f"{reverse('plan', args=[slug])}?cycle={cycle.pk}")
    asked = request.GET
    team = Team.objects.visible_to(membership).filter(pk=read_id(asked.get("team")) or 0).first()
    words = asked.get("q", "").replace("\0", "").strip()[:100]
    found = narrowed(rows, team=team, words=words) if rows is not None else None
    offers = offers_of(membership, cycle, found) if found is not None else []
    shown: dict[str, Any] = {
        "cycle": cycle,
        "before": before,
        "form": form,
        "groups": [(team, list(group)) for team, group in groupby(offers, key=lambda offer: offer.team)],
        "ticked": {offer.objective.pk for offer in offers if is_ticked(offer, form, asked.get("tick", ""))},
        "total": rows.count() if rows is not None else 0,
        "is_cut": len(offers) == MOST_OFFERED,
        "left": sum(offer.carried is None for offer in offers),
        "teams": Team.objects.filter(pk__in=rows.values("team")) if rows is not None else [],
        "asked": {"team": team, "q": words},
        "is_ended": before is not None and before.end < membership.organization.today,
    }
    return render(request, "objectives/carry_over.html", shown, status=422 if form.errors else 200)


def is_ticked(offer: Offer, form: CarryForm, tick: str) -> bool:
    """What was sent stays; else all or none where that was asked for, and what is advised otherwise."""
    if offer.carried is not None or tick == "none":
        return False
    if form.is_bound:
        return str(offer.objective.pk) in form.ticked
    return tick == "all" or offer.is_advised


def carried(request: HttpRequest, form: CarryForm, cycle: Cycle, before: Cycle | None, membership: Membership) -> bool:
    key = form.cleaned_data["submission_key"]
    try:
        made = services.carry_over(cycle, chosen=form.cleaned_data["chosen"], by=membership, submission_key=key)
    except Refusal as refusal:
        add_refusal(form, refusal)
        return False
    undo = f"{reverse('undo_carrying', args=[membership.organization.slug, cycle.pk])}?sent={key}"
    sentence = ngettext(
        "%(count)s objective of %(cycle)s stands here as a draft.",
        "%(count)s objectives of %(cycle)s stand here as drafts.",
        len(made),
    )
    messages.success(request, sentence % {"count": len(made), "cycle": before}, extra_tags=undo)
    return True


@require_POST
def undo_carrying(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take back what one sending made, as far as nobody has touched it."""
    membership = get_membership(request, slug)
    cycle = get_visible(Cycle.objects, membership, pk=pk)
    if not teams_planned_by(membership).exists():
        refuse()
    form = SentForm(request.GET)
    key = form.cleaned_data["sent"] if form.is_valid() else None
    try:
        count = services.undo_carrying(cycle, by=membership, submission_key=key) if key else 0
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    else:
        sentence = (
            ngettext("%(count)s draft was taken back.", "%(count)s drafts were taken back.", count)
            if count
            else _("There was nothing to take back: the drafts have been worked on, or are gone.")
        )
        messages.success(request, sentence % {"count": count})
    return redirect("carry_over", slug, cycle.pk)
