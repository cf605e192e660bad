"""The KPI tree of a KGI: looked at, added to, begun from the gallery."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from funnel.forms.kpi_trees import AddKPIForm, GalleryForm
from funnel.gallery import GALLERY, SEEDLINGS
from funnel.models import KGI, KPI, PLANNERS
from funnel.presenters.planned import column_of
from funnel.presenters.tree_findings import finding_of
from funnel.presenters.tree_rows import Layout
from funnel.queries.actuals import ACTUAL, read_book
from funnel.services.gallery import nodes_of, plant_tree
from funnel.services.trees import add_kpi as add
from funnel.trees import kpis_of
from people.access import get_editable, get_membership, get_visible, read_id
from people.forms import add_refusal
from people.refusals import Refusal

SHOWN = ("challenge", "must_hit", ACTUAL)


def views_of(show: str) -> list[dict[str, Any]]:
    """The ways to look at the tree's numbers."""
    now, must_hit, challenge = (
        pgettext("column of a plan", "Now"),
        _("Must-hit"),
        _("Challenge"),
    )
    names = {
        "challenge": f"{now} → {challenge}",
        "must_hit": f"{now} → {must_hit}",
        ACTUAL: _("Plan and actual"),
    }
    return [{"key": key, "name": names[key], "current": key == show} for key in SHOWN]


@require_safe
def kpi_tree(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The tree from the goal down, with what its levers make of it in the column asked for."""
    membership = get_membership(request, slug)
    kgi = get_visible(KGI.objects.select_related("organization", "funnel"), membership, pk=pk)
    asked = request.GET.get("show", "")
    show = asked if asked in SHOWN else column_of(kgi, asked)
    kpis = kpis_of(kgi)
    actuals = read_book(kgi, kpis, today=kgi.organization.today).column()
    layout = Layout(kgi, kpis, actuals, show)
    may_edit = membership.role in PLANNERS
    return render(
        request,
        "funnel/kpi_tree.html",
        {
            "kgi": kgi,
            "layout": layout,
            "finding": finding_of(layout),
            "views": views_of(show),
            "show": show,
            "is_actual": show == ACTUAL,
            "may_edit": may_edit,
            "may_plant": may_edit and not any(not kpi.is_goal for kpi in layout.kpis),
            "dropped": kgi.kpis.exclude(dropped_at=None).order_by("-dropped_at")[:10] if may_edit else [],
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def add_kpi(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Add a node: under another one, joined to its formula, or beside the tree."""
    membership = get_membership(request, slug)
    kgi = get_editable(KGI.objects.select_related("organization", "funnel"), membership, pk=pk)
    kpis = kpis_of(kgi)
    asked = read_id(request.GET.get("under"))
    under = next((kpi for kpi in kpis if kpi.pk == asked), None) or next((kpi for kpi in kpis if kpi.is_goal), None)
    form = AddKPIForm(
        request.POST if request.method == "POST" else None,
        instance=KPI(kgi=kgi, unit="" if kpis else kgi.unit),
        membership=membership,
        suggestions=reverse("people_suggestions", args=[slug]),
        kpis=kpis,
        under=under,
        initial={} if kpis else {"name": kgi.name},
    )
    if request.method == "POST" and form.is_valid():
        form.instance.key = form.cleaned_data["key"]
        try:
            made = add(form.instance, under=form.cleaned_data["under"], sign=form.cleaned_data["sign"])
        except Refusal as refused:
            form.instance.pk = None
            add_refusal(form, refused)
        else:
            messages.success(request, _("“%(name)s” is in the tree.") % {"name": made.name})
            # A goal alone is no tree to look at: its own page says what it is made of.
            return redirect("kpi_tree", slug, pk) if kpis else redirect("kpi", slug, pk, made.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "funnel/add_kpi.html", {"kgi": kgi, "form": form, "is_first": not kpis}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def kpi_gallery(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Trees to start from, each drawn with example numbers; a POST plants one."""
    membership = get_membership(request, slug)
    kgi = get_editable(KGI.objects.select_related("organization", "funnel"), membership, pk=pk)
    form = GalleryForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        seedling = SEEDLINGS[form.cleaned_data["tree"]]
        try:
            plant_tree(kgi, seedling, with_numbers=form.cleaned_data["with_numbers"])
        except Refusal as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, _("The tree stands. Now give every lever its numbers."))
            return redirect("kpi_tree", slug, pk)
    trees = [
        {
            "key": seedling.key,
            "name": seedling.name,
            "when": seedling.when,
            "layout": Layout(kgi, nodes_of(kgi, seedling, with_numbers=True), show="current"),
        }
        for seedling in GALLERY
    ]
    shown = {"kgi": kgi, "form": form, "trees": trees, "stands": kgi.kpis.standing().filter(is_goal=False).exists()}
    return render(request, "funnel/kpi_gallery.html", shown, status=422 if request.method == "POST" else 200)
