"""The catalogue of units: read by everybody inside, written by administrators."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from funnel.models import KGI
from objectives.forms.units import UnitForm
from objectives.formulas.units import normal
from objectives.models import KeyResult
from objectives.views.editing import PAGE_METHODS
from people.access import get_editable, get_membership, refuse
from people.forms import add_refusal
from people.models import Membership, Unit
from people.refusals import Refusal
from people.services.units import restore_unit as restore
from people.services.units import retire_unit as retire
from people.services.units import save_unit


@require_http_methods(PAGE_METHODS)
def units(request: HttpRequest, slug: str) -> HttpResponse:
    membership = get_membership(request, slug)
    if membership.is_partner or (request.method == "POST" and not membership.is_admin):
        refuse()
    form = None
    if membership.is_admin:
        data = request.POST if request.method == "POST" else None
        form = UnitForm(data, instance=Unit(organization=membership.organization))
        if saved(request, form):
            return redirect("units", slug)
    rows = list(Unit.objects.visible_to(membership))
    uses = uses_of_units(membership)
    for row in rows:
        row.uses = uses[normal(row.name)]  # type: ignore[attr-defined]
    shown: dict[str, Any] = {
        "form": form,
        "offered": [row for row in rows if row.retired_on is None],
        "retired": [row for row in rows if row.retired_on is not None],
    }
    return render(request, "objectives/units.html", shown, status=422 if form is not None and form.errors else 200)


def uses_of_units(membership: Membership) -> Counter[str]:
    """How many goals count in each unit, by its one spelling."""
    uses: Counter[str] = Counter()
    for rows in (KeyResult.objects.visible_to(membership), KGI.objects.visible_to(membership)):
        for unit, number in rows.order_by().values_list("unit").annotate(Count("pk")):
            uses[normal(unit)] += number
    return uses


@require_http_methods(PAGE_METHODS)
def edit_unit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    if membership.is_partner:
        refuse()
    unit = get_editable(Unit.objects, membership, pk=pk)
    name = unit.name
    form = UnitForm(request.POST if request.method == "POST" else None, instance=unit)
    if saved(request, form):
        return redirect("units", slug)
    shown = {"form": form, "unit": unit, "name": name, "uses": uses_of_units(membership)[normal(name)]}
    return render(request, "objectives/edit_unit.html", shown, status=422 if form.errors else 200)


def saved(request: HttpRequest, form: UnitForm) -> bool:
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        unit = save_unit(form.save(commit=False), expected_version=form.expected_version)
    except Refusal as refusal:
        add_refusal(form, refusal)
        if refusal.code == "stale":
            form.expect(Unit.objects.values_list("version", flat=True).get(pk=form.instance.pk))
        return False
    except ValidationError as error:
        form.add_error(None, error.messages)
        return False
    messages.success(request, _("Saved: “%(title)s”.") % {"title": unit.name})
    return True


@require_POST
def retire_unit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Offer it no longer; the toast can undo it."""
    membership = get_membership(request, slug)
    if membership.is_partner:
        refuse()
    unit = retire(get_editable(Unit.objects, membership, pk=pk))
    undo = reverse("restore_unit", args=[slug, pk])
    messages.success(request, _("“%(unit)s” is no longer offered.") % {"unit": unit.name}, extra_tags=undo)
    return redirect("units", slug)


@require_POST
def restore_unit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    if membership.is_partner:
        refuse()
    unit = restore(get_editable(Unit.objects, membership, pk=pk))
    messages.success(request, _("“%(unit)s” is offered again.") % {"unit": unit.name})
    return redirect("units", slug)
