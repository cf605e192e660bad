"""KGIs: the list, one KGI, writing one, dropping it and bringing it back."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from funnel import services
from funnel.forms.funnels import shown_up, unit_of
from funnel.forms.kgis import KGIForm
from funnel.models import KGI, KPI, PLANNERS, KPIReading
from funnel.presenters.aimed import aimed_before
from funnel.presenters.names import name_of
from funnel.presenters.notes import notes_on
from funnel.services import COLUMNS, LINKS
from people.access import get_editable, get_membership, get_visible, refuse
from people.forms import ReasonForm
from people.refusals import Refusal


@require_safe
def kgis(request: HttpRequest, slug: str) -> HttpResponse:
    """All KGIs one may see, with what is still missing on each."""
    membership = get_membership(request, slug)
    rows = KGI.objects.visible_to(membership).select_related("organization", "funnel", "owner__user")
    rows = rows.annotate(has_tree=Exists(KPI.objects.goals_of_trees().filter(kgi=OuterRef("pk"))))
    if not membership.is_partner:
        rows = rows.annotate(objective_count=Count("objectives", filter=Q(objectives__dropped_at=None)))
    listed = [{"kgi": kgi, "notes": notes_on(kgi), "ratio": ratio_to_now(kgi)} for kgi in rows]
    return render(
        request,
        "funnel/kgis.html",
        {
            "rows": listed,
            "unfinished": sum(1 for row in listed if row["notes"]),
            "dropped": KGI.objects.restorable_by(membership).order_by("-dropped_at"),
            "may_edit": membership.role in PLANNERS,
        },
    )


def ratio_to_now(kgi: KGI) -> Any:
    """How many times today's value the highest target is."""
    target = kgi.challenge_value if kgi.challenge_value is not None else kgi.must_hit_value
    if target is None or not kgi.current_value or kgi.current_value < 0:
        return None
    return target / kgi.current_value


@require_http_methods(["GET", "HEAD", "POST"])
def new_kgi(request: HttpRequest, slug: str) -> HttpResponse:
    """Write a KGI."""
    membership = get_membership(request, slug)
    if membership.role not in PLANNERS:
        refuse()
    form = KGIForm(
        request.POST or None,
        instance=KGI(organization=membership.organization),
        membership=membership,
        suggestions=reverse("people_suggestions", args=[slug]),
    )
    if request.method == "POST" and form.is_valid():
        form.instance.submission_key = form.cleaned_data["submission_key"]
        try:
            kgi = services.save_kgi(form.instance, by=membership)
        except Refusal as refused:
            form.add_error(None, refused.detail)
        else:
            messages.success(request, _("Saved. Next: calculate back from it."))
            return redirect("kgi", slug, kgi.pk)
    return render(request, "funnel/new_kgi.html", {"form": form}, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_kgi(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Change a KGI."""
    membership = get_membership(request, slug)
    kgi = get_editable(KGI.objects, membership, pk=pk)
    name = kgi.name
    suggestions = reverse("people_suggestions", args=[slug])
    form = KGIForm(request.POST or None, instance=kgi, membership=membership, suggestions=suggestions)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_kgi(
                form.instance,
                expected_version=form.expected_version,
                by=membership,
                reason=form.cleaned_data.get("reason", ""),
            )
        except Refusal as refused:
            form.add_error(None, refused.detail)
            form.expect(KGI.objects.values_list("version", flat=True).get(pk=pk))
        else:
            messages.success(request, _("Saved."))
            return redirect("kgi", slug, pk)
    return render(
        request,
        "funnel/edit_kgi.html",
        {"form": form, "kgi": kgi, "name": name},
        status=422 if request.method == "POST" else 200,
    )


@require_safe
def kgi(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One KGI: how far it is to go, why, what was read on its levers and which objectives serve it."""
    membership = get_membership(request, slug)
    kgi = get_visible(KGI.objects.select_related("organization", "owner__user", "funnel"), membership, pk=pk)
    may_edit = membership.role in PLANNERS
    return render(
        request,
        "funnel/kgi.html",
        {
            "kgi": kgi,
            "ratio": ratio_to_now(kgi),
            "notes": notes_on(kgi),
            "kpis": read_levers(kgi),
            "objectives": kgi.objectives.visible_to(membership).select_related("scored", "owner__user", "cycle"),
            "aimed": aimed_before(kgi),
            "actual": KPIReading.objects.filter(kpi__kgi=kgi, kpi__is_goal=True).order_by("-date", "-id").first(),
            "has_tree": kgi.kpis.goals_of_trees().exists(),
            "may_edit": may_edit,
            "may_plan": not membership.is_partner,
        },
    )


def read_levers(kgi: KGI) -> list[dict[str, Any]]:
    """The KGI's levers in people's units: now, targets, and the last reading with how far it has come."""
    latest = KPIReading.objects.filter(kpi__kgi=kgi).order_by("kpi_id", "-date", "-id").distinct("kpi_id")
    levers = kgi.kpis.standing().levers().prefetch_related(Prefetch("readings", queryset=latest, to_attr="latest"))
    return [read_lever(kpi, kgi) for kpi in levers]


def read_lever(kpi: KPI, kgi: KGI) -> dict[str, Any]:
    reading = kpi.latest[0] if kpi.latest else None  # type: ignore[attr-defined]
    row = {
        "pk": kpi.pk,
        "name": name_of(kpi),
        "unit": "%" if kpi.is_rate else unit_of(kpi.key, kgi.unit) if kpi.key in LINKS else kpi.unit,
        "reading": reading,
        "read": kpi.in_people_units(reading.value) if reading else None,
        "span": reading.span if reading and kpi.period else "",
    }
    for column in COLUMNS:
        value = getattr(kpi, column)
        if value is not None and kpi.key in LINKS:
            value = shown_up(kpi.key, Fraction(value)) if kpi.key == "visits" or kpi.is_rate else value
        row[column] = kpi.in_people_units(value)
    return row


@require_http_methods(["GET", "HEAD", "POST"])
def drop_kgi(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take a KGI out of the plan, with the reason; the next page offers to bring it back."""
    membership = get_membership(request, slug)
    restorable = KGI.objects.restorable_by(membership).filter(pk=pk).first()
    kgi = restorable or get_editable(KGI.objects, membership, pk=pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        services.drop_kgi(kgi, reason=form.cleaned_data["reason"])
        undo = reverse("restore_kgi", args=[slug, kgi.pk])
        messages.success(request, _("Dropped: “%(title)s”.") % {"title": kgi.name}, extra_tags=undo)
        return redirect("kgis", slug)
    served = kgi.objectives.filter(dropped_at=None).count()
    status = 422 if form.errors else 200
    return render(request, "funnel/drop_kgi.html", {"form": form, "kgi": kgi, "served": served}, status=status)


@require_POST
def restore_kgi(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Bring a dropped KGI back; harmless when it is there already."""
    membership = get_membership(request, slug)
    dropped = KGI.objects.restorable_by(membership).filter(pk=pk).first()
    kgi = services.restore_kgi(dropped or get_editable(KGI.objects, membership, pk=pk))
    messages.success(request, _("“%(name)s” is back in the plan.") % {"name": kgi.name})
    return redirect("kgi", slug, kgi.pk)
