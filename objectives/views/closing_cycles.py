"""Closing a whole cycle, and opening it again: administrators, after seeing what it means."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from objectives import services
from objectives.forms.closing import ReopenForm
from objectives.models import Cycle
from objectives.queries.closing import closing_of, following_of, steps_of, still_open
from objectives.views.editing import PAGE_METHODS
from people.access import get_editable, get_membership, read_id
from people.forms import add_refusal
from people.refusals import Refusal


@require_http_methods(PAGE_METHODS)
def close_cycle(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What is still open, what closing does with it, and the button that does it."""
    membership = get_membership(request, slug)
    cycle = get_editable(Cycle.objects, membership, pk=pk)
    refusal = None
    if request.method == "POST":
        try:
            closed = services.close_cycle(cycle, by=membership, expected_version=read_id(request.POST.get("version")))
        except Refusal as refused:
            refusal, cycle = refused, Cycle.objects.get(pk=pk)
        else:
            undo = f"{reverse('change_cycle_state', args=[slug, pk])}?to={cycle.state}" if not cycle.is_closed else ""
            sentence = _("“%(cycle)s” is closed: its scores stay as they are.") % {"cycle": closed.name}
            messages.success(request, sentence, extra_tags=undo)
            return redirect(f"{reverse('closing', args=[slug])}?cycle={pk}")
    shown = {
        "cycle": cycle,
        "open": still_open(cycle),
        "closing": closing_of(membership, cycle),
        "following": following_of(cycle),
        "is_early": membership.organization.today <= cycle.end,
        "refusal": refusal,
    }
    return render(request, "objectives/close_cycle.html", shown, status=422 if refusal else 200)


@require_http_methods(PAGE_METHODS)
def reopen_cycle(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Why a closed cycle is opened again; everybody sees who did it and why."""
    membership = get_membership(request, slug)
    cycle = get_editable(Cycle.objects, membership, pk=pk)
    form = ReopenForm(request.POST if request.method == "POST" else None)
    form.opened_on(cycle.version)
    if request.method == "POST" and form.is_valid():
        try:
            services.reopen_cycle(
                cycle, reason=form.cleaned_data["reason"], by=membership, expected_version=form.expected_version
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
            form.expect(Cycle.objects.values_list("version", flat=True).get(pk=pk))
        else:
            messages.success(request, _("“%(cycle)s” is open: check-ins are taken.") % {"cycle": cycle.name})
            return redirect(f"{reverse('closing', args=[slug])}?cycle={pk}")
    shown = {"cycle": cycle, "form": form, "steps": steps_of(cycle)}
    return render(request, "objectives/reopen_cycle.html", shown, status=422 if form.errors else 200)
