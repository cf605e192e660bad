"""How likely is it? Ranges of the levers, and where the KGI lands with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from funnel.forms.ranges import RangesForm
from funnel.formulas.kpi_tree import TreeRefused
from funnel.formulas.likelihood import Span
from funnel.models import KGI, KPI
from funnel.presenters.landing import Landing
from funnel.presenters.names import name_of
from funnel.presenters.tree_rows import unit_of
from funnel.queries.likelihood import likelihood_of, suggestions_for
from funnel.sentences import sentence_of
from funnel.services.ranges import COLUMNS, Range, save_ranges
from funnel.trees import kpis_of, reachable
from people.access import get_editable, get_membership, get_visible
from people.exports import csv_response
from people.forms import add_refusal
from people.refusals import Refusal

KGIS = KGI.objects.select_related("organization", "funnel")
PROPOSED = "proposed"


@require_http_methods(["GET", "HEAD", "POST"])
def likelihood(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Where the KGI lands with the ranges of its levers. A POST with `save` keeps them; any other only answers.

    `?fill=proposed` puts a proposal where no range is known; it is kept only when one says so.
    """
    membership = get_membership(request, slug)
    fetch = get_editable if request.method == "POST" else get_visible
    kgi = fetch(KGIS, membership, pk=pk)
    may_edit = KGI.objects.editable_by(membership).filter(pk=pk).exists()
    rows = kpis_of(kgi)
    levers = levers_of(rows)
    suggestions = suggestions_for(kgi, [lever for lever in levers if not lever.is_locked])
    stored = {lever.pk: Range(lever.low, lever.likely, lever.high) for lever in levers}
    filled = may_edit and request.method != "POST" and request.GET.get("fill") == PROPOSED
    start = proposed(stored, suggestions) if filled else stored
    form = RangesForm(
        request.POST if request.method == "POST" else None,
        levers=levers,
        names={lever.pk: name_of(lever) for lever in levers},
        units={lever.pk: unit_of(lever, kgi) for lever in levers},
        start=start,
    )
    saving = request.method == "POST" and "save" in request.POST
    valid = form.is_valid()
    if saving and valid:
        try:
            save_ranges(kgi, form.ranges(), expected_versions=form.expected_versions)
        except Refusal as refused:
            add_refusal(form, refused)
            if refused.code == "stale":
                form.expect(levers_of(kpis_of(kgi)))
        else:
            messages.success(request, _("Saved."))
            return redirect("likelihood", slug, pk)
    ranges = form.ranges() if request.method == "POST" and valid else start
    previewing = request.htmx and not saving  # type: ignore[attr-defined]
    # What stands on the page stays until what is typed can be read: nothing to calculate for that.
    landing, wrong = (None, "") if previewing and not valid else landing_of(kgi, rows, ranges)
    if landing and request.GET.get("download") == "csv":
        return likelihood_csv(landing)
    context = {
        "kgi": kgi,
        "form": form,
        "may_edit": may_edit,
        "rows": [lever_row(form, lever, suggestions.get(lever.pk), kgi) for lever in levers],
        "shown": bool(levers),
        "known": any(each.low is not None for each in ranges.values()),
        "missing": sum(1 for pk, each in stored.items() if each.low is None and pk in suggestions),
        "filled": filled,
        "landing": landing if landing and landing.varies else None,
        "drawing": landing.drawing() if landing and landing.varies else None,
        "wrong": wrong,
        "lower": round(float(kgi.organization.band_lower) * 100),
        "upper": round(float(kgi.organization.band_upper) * 100),
    }
    status = 422 if form.errors else 200
    if previewing:
        return render(request, "funnel/_likelihood_answers.html", context, status=status)
    return render(request, "funnel/likelihood.html", context, status=status)


def levers_of(rows: Sequence[KPI]) -> list[KPI]:
    """Those that the goal is calculated from, as the tree is read."""
    goal = next((row for row in rows if row.is_goal), None)
    return [row for row in reachable(rows, goal.key) if row.is_lever] if goal else []


def proposed(stored: Mapping[int, Range], suggestions: Mapping[int, tuple[Span, int]]) -> dict[int, Range]:
    """What is stored, and the suggestion where nothing is."""
    return {
        pk: Range(*suggestions[pk][0]) if each.low is None and pk in suggestions else each
        for pk, each in stored.items()
    }


def landing_of(kgi: KGI, rows: Sequence[KPI], ranges: Mapping[int, Range]) -> tuple[Landing | None, str]:
    """Where the KGI lands, or why that cannot be said."""
    names = {row.key: name_of(row) for row in rows}
    try:
        told = likelihood_of(kgi, rows, ranges)
    except TreeRefused as refused:
        return None, sentence_of(refused, names)
    return (Landing(kgi, told, names) if told else None), ""


def lever_row(form: RangesForm, lever: KPI, suggestion: tuple[Span, int] | None, kgi: KGI) -> dict[str, Any]:
    span, count = suggestion or (None, 0)
    labels = (_("Low"), _("Likely"), _("High"))
    return {
        "kpi": lever,
        "name": name_of(lever),
        "unit": unit_of(lever, kgi),
        "now": lever.in_people_units(lever.current),
        "fields": list(zip([form[f"{column}_{lever.pk}"] for column in COLUMNS], labels, strict=True)),
        "version": form[f"version_{lever.pk}"],
        "stored": list(zip([lever.in_people_units(getattr(lever, column)) for column in COLUMNS], labels, strict=True)),
        "errors": form.errors_of(lever),
        "low": lever.in_people_units(span.low) if span else None,
        "high": lever.in_people_units(span.high) if span else None,
        "count": count,
    }


def likelihood_csv(landing: Landing) -> HttpResponse:
    """The numbers of the drawing: targets, quantiles, what drives the spread, and how many samples fell where."""
    told = landing.simulation
    lines: list[list[Any]] = [
        [_("Probability"), each.label, number(each.value), number(each.probability)] for each in landing.chances
    ]
    quantiles = {"10%": told.p10, "50%": told.p50, "90%": told.p90, _("Mean"): told.mean}
    lines += [[_("Landing"), name, number(value), ""] for name, value in quantiles.items()]
    lines += [[_("Share of the spread"), each["name"], "", number(each["share"])] for each in landing.drivers]
    bins = told.bins
    lines += [
        [_("Samples"), f"{number(begin)} – {number(end)}", number((begin + end) / 2), count]
        for begin, end, count in zip(bins.edges[:-1], bins.edges[1:], bins.counts, strict=True)
    ]
    header = [_("What"), _("Name"), landing.kgi.unit, _("Share or count")]
    return csv_response(f"{landing.kgi.name} {_('How likely?')}", header, lines)


def number(value: Any) -> str:
    return f"{value:.12g}"
