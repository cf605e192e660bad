"""Scenarios of a KGI: side by side, written, adopted as the plan, taken away."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from funnel import services
from funnel.forms.scenarios import AdoptForm, ScenarioForm
from funnel.formulas.kpi_tree import TreeRefused
from funnel.models import KGI, KPI, Scenario, TargetColumn
from funnel.presenters.names import name_of
from funnel.presenters.scenario_table import SideBySide, reach_sentence, reached_by
from funnel.presenters.tree_rows import unit_of
from funnel.queries.scenarios import levers_in, outcome_of, told_by
from funnel.sentences import sentence_of
from funnel.services.scenarios import ADOPTABLE, held_by_funnel, values_to_adopt
from funnel.trees import PlannedTree, kpis_of, tree_of
from people.access import get_editable, get_membership, get_visible, read_id
from people.exports import csv_response
from people.forms import add_refusal
from people.models import Membership
from people.refusals import Refusal

PAGE = ["GET", "HEAD", "POST"]
KGIS = KGI.objects.select_related("organization", "funnel")
SCENARIOS = Scenario.objects.select_related("kgi__organization", "kgi__funnel", "created_by__user")


def planned_tree(kgi: KGI) -> tuple[PlannedTree | None, str]:
    """The KGI's tree, or why there is none that can be calculated."""
    rows = kpis_of(kgi)
    try:
        return tree_of(kgi, rows), ""
    except TreeRefused as refused:
        return None, sentence_of(refused, {row.key: name_of(row) for row in rows})


@require_safe
def scenarios(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Now, must-hit, challenge and every scenario side by side; as a file with `?download=csv`."""
    membership = get_membership(request, slug)
    kgi = get_visible(KGIS, membership, pk=pk)
    planned, wrong = planned_tree(kgi)
    rows = kgi.scenarios.visible_to(membership).select_related("created_by__user").prefetch_related("values")
    shown = SideBySide(planned, list(rows)) if planned else None
    if shown and request.GET.get("download") == "csv":
        return scenarios_csv(shown)
    return render(
        request,
        "funnel/scenarios.html",
        {
            "kgi": kgi,
            "shown": shown,
            "wrong": wrong,
            "bars": shown.bars() if shown else None,
            "contributions": shown.contributions() if shown and shown.named else [],
            "may_edit": KGI.objects.editable_by(membership).filter(pk=pk).exists(),
            "may_name": not membership.is_partner,
        },
    )


def scenarios_csv(shown: SideBySide) -> HttpResponse:
    header = [_("Lever"), _("Key"), *(column.name for column in shown.columns)]
    lines = [
        [
            f"{line.name} ({line.unit})" if line.unit else line.name,
            line.kpi.key,
            *("" if cell.value is None else f"{cell.value:.12g}" for cell in line.cells),
        ]
        for line in shown.lines
    ]
    return csv_response(f"{shown.kgi.name} {_('Scenarios')}", header, lines)


@require_http_methods(PAGE)
def new_scenario(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Write a scenario, from now, a target or another scenario. A POST without `save` only answers."""
    membership = get_membership(request, slug)
    kgi = get_editable(KGIS, membership, pk=pk)
    return write(request, membership, kgi, None)


@require_http_methods(PAGE)
def edit_scenario(request: HttpRequest, slug: str, kgi: int, pk: int) -> HttpResponse:
    """Change a scenario. A POST without `save` only answers."""
    membership = get_membership(request, slug)
    scenario = get_editable(SCENARIOS, membership, pk=pk, kgi=kgi)
    return write(request, membership, scenario.kgi, scenario)


def write(request: HttpRequest, membership: Membership, kgi: KGI, scenario: Scenario | None) -> HttpResponse:
    planned, wrong = planned_tree(kgi)
    if planned is None:
        return render(request, "funnel/scenarios.html", {"kgi": kgi, "shown": None, "wrong": wrong, "may_edit": True})
    started_from, start = beginning(request, planned, scenario)
    form = ScenarioForm(
        request.POST if request.method == "POST" else None,
        levers=planned.levers,
        names={lever.pk: name_of(lever) for lever in planned.levers},
        units={lever.pk: unit_of(lever, kgi) for lever in planned.levers},
        scenario=scenario,
        start=start,
    )
    saving = request.method == "POST" and "save" in request.POST
    form.fields["name"].required = saving  # an answer needs no name yet
    valid = form.is_valid()
    form.fields["name"].required = True
    if saving and valid and save(form, kgi, scenario, membership):
        messages.success(request, _("Saved."))
        return redirect("scenarios", membership.organization.slug, kgi.pk)
    told = form.values() if request.method == "POST" else start
    outcome = outcome_of(planned, "typed", levers_in(planned, told))
    now = outcome_of(planned, "current", levers_in(planned, {}))
    context = {
        "kgi": kgi,
        "form": form,
        "scenario": scenario,
        "rows": [lever_row(form, lever, told.get(lever.pk), kgi) for lever in planned.levers],
        "started_from": started_from,
        "starts": starts(kgi, membership) if scenario is None else [],
        "outcome": outcome,
        "wrong": sentence_of(outcome.refused, {key: name_of(node) for key, node in planned.nodes.items()})
        if outcome.refused
        else "",
        "ratio": outcome.goal / now.goal if outcome.goal is not None and now.goal else None,
        "sentence": reach_sentence(kgi, outcome.goal),
        "reached": reached_by(kgi, outcome.goal, "must_hit"),
    }
    status = 422 if request.method == "POST" and form.errors else 200
    if request.htmx and not saving:  # type: ignore[attr-defined]
        return render(request, "funnel/_scenario_answers.html", context, status=status)
    template = "funnel/edit_scenario.html" if scenario else "funnel/new_scenario.html"
    return render(request, template, context, status=status)


def save(form: ScenarioForm, kgi: KGI, scenario: Scenario | None, membership: Membership) -> bool:
    """Whether it was saved; else the form says why not."""
    try:
        services.save_scenario(
            kgi,
            name=form.cleaned_data["name"],
            note=form.cleaned_data["note"],
            values=form.values(),
            by=membership,
            submission_key=None if scenario else form.cleaned_data["submission_key"],
            scenario=scenario,
            expected_version=form.expected_version,
        )
    except Refusal as refused:
        add_refusal(form, refused)
        if scenario is not None and refused.code == "stale":
            form.expect(Scenario.objects.values_list("version", flat=True).get(pk=scenario.pk))
        return False
    return True


def beginning(request: HttpRequest, planned: PlannedTree, scenario: Scenario | None) -> tuple[str, dict[int, Decimal]]:
    """What the fields begin with: those of the scenario, else of the column or the other scenario in `?start=`."""
    if scenario is not None:
        return "", told_by(scenario)
    asked = request.GET.get("start", "")
    if asked in ADOPTABLE:
        values = {lever.pk: getattr(lever, asked) for lever in planned.levers}
        return asked, {pk: value for pk, value in values.items() if value is not None}
    number = read_id(asked)
    other = planned.kgi.scenarios.filter(dropped_at=None, pk=number).first() if number else None
    return (str(other.pk), told_by(other)) if other else (TargetColumn.CURRENT.value, {})


def starts(kgi: KGI, membership: Membership) -> list[dict[str, Any]]:
    """What a new scenario may begin with."""
    columns = [{"name": column.value, "label": column.label} for column in TargetColumn]
    rows = kgi.scenarios.visible_to(membership)
    return columns + [{"name": str(row.pk), "label": row.name} for row in rows]


def lever_row(form: ScenarioForm, lever: KPI, told: Decimal | None, kgi: KGI) -> dict[str, Any]:
    """A lever's field with what it is now and how often that the typed number is."""
    ratio = told / lever.current if told is not None and lever.current else None
    return {
        "kpi": lever,
        "field": form[f"lever_{lever.pk}"],
        "unit": unit_of(lever, kgi),
        "now": lever.in_people_units(lever.current),
        "must_hit": lever.in_people_units(lever.must_hit),
        "read_as": lever.in_people_units(told),
        "ratio": ratio,
    }


@require_http_methods(PAGE)
def adopt_scenario(request: HttpRequest, slug: str, kgi: int, pk: int) -> HttpResponse:
    """Make a scenario the plan, after showing what changes and asking why."""
    membership = get_membership(request, slug)
    scenario = get_editable(SCENARIOS.prefetch_related("values"), membership, pk=pk, kgi=kgi)
    asked = (request.POST if request.method == "POST" else request.GET).get("column", "")
    column = TargetColumn(asked) if asked in ADOPTABLE else TargetColumn.MUST_HIT
    form = AdoptForm(request.POST if request.method == "POST" else None, initial={"column": column.value})
    form.opened_on(scenario.version)
    if request.method == "POST" and form.is_valid():
        try:
            services.adopt_scenario(
                scenario,
                column=form.cleaned_data["column"],
                by=membership,
                reason=form.cleaned_data["reason"],
                expected_version=form.expected_version,
            )
        except Refusal as refused:
            add_refusal(form, refused)
            scenario.refresh_from_db()
            form.expect(scenario.version)
        else:
            sentence = _("“%(name)s” is the plan now: %(column)s.")
            messages.success(request, sentence % {"name": scenario.name, "column": column.label})
            return redirect("scenarios", slug, kgi)
    planned, wrong = planned_tree(scenario.kgi)
    levers = planned.levers if planned else []
    changes = values_to_adopt(scenario, column, levers)
    context = {
        "kgi": scenario.kgi,
        "scenario": scenario,
        "form": form,
        "column": column,
        "columns": [{"name": each.value, "label": each.label} for each in ADOPTABLE],
        "changes": [change_of(lever, column, value, scenario.kgi) for lever, value in changes.items()],
        "kept": len(levers) - len(changes),
        "in_funnel": [name_of(lever) for lever in held_by_funnel(scenario.kgi, list(changes))],
        "outcome": outcome_of(planned, "", levers_in(planned, told_by(scenario))) if planned else None,
        "wrong": wrong,
    }
    return render(request, "funnel/adopt_scenario.html", context, status=422 if form.errors else 200)


def change_of(lever: KPI, column: str, value: Decimal, kgi: KGI) -> dict[str, Any]:
    return {
        "name": name_of(lever),
        "unit": unit_of(lever, kgi),
        "before": lever.in_people_units(getattr(lever, column)),
        "after": lever.in_people_units(value),
    }


@require_POST
def drop_scenario(request: HttpRequest, slug: str, kgi: int, pk: int) -> HttpResponse:
    """Take a scenario away; the next page offers to put it back."""
    membership = get_membership(request, slug)
    dropped = Scenario.objects.restorable_by(membership).filter(pk=pk, kgi=kgi).first()
    scenario = dropped or get_editable(SCENARIOS, membership, pk=pk, kgi=kgi)
    services.drop_scenario(scenario)
    undo = reverse("restore_scenario", args=[slug, kgi, pk])
    messages.success(request, _("Dropped: “%(title)s”.") % {"title": scenario.name}, extra_tags=undo)
    return redirect("scenarios", slug, kgi)


@require_POST
def restore_scenario(request: HttpRequest, slug: str, kgi: int, pk: int) -> HttpResponse:
    """Put a scenario back; harmless when it is there already."""
    membership = get_membership(request, slug)
    dropped = Scenario.objects.restorable_by(membership).filter(pk=pk, kgi=kgi).first()
    scenario = dropped or get_editable(SCENARIOS, membership, pk=pk, kgi=kgi)
    try:
        services.restore_scenario(scenario)
    except Refusal as refused:
        messages.error(request, refused.detail)
    else:
        messages.success(request, _("“%(name)s” is back.") % {"name": scenario.name})
    return redirect("scenarios", slug, kgi)
