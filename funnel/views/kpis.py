"""One node of a KPI tree: read, written, put elsewhere, taken out and put back."""

from __future__ import annotations

import copy
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from funnel.forms.kpi_trees import KPIForm, MoveKPIForm, belongs_to_funnel
from funnel.formulas.unfinished import Unfinished
from funnel.models import KGI, KPI
from funnel.presenters.names import name_of
from funnel.presenters.tree_rows import unit_of
from funnel.sentences import sentence_of
from funnel.services import COLUMNS, LINKS
from funnel.services import drop_kpi as drop
from funnel.services import move_kpi as move
from funnel.services import restore_kpi as restore
from funnel.services.trees import reorder_kpi, write_kpi
from funnel.trees import in_words, keys_for_names, kpis_of, missing_keys, named_in, node_of
from people.access import get_editable, get_membership, get_visible
from people.forms import add_refusal
from people.refusals import Refusal

MOST_SHOWN = 12
ROWS = KPI.objects.select_related("kgi__organization", "kgi__funnel", "owner__user")


@require_http_methods(["GET", "HEAD", "POST"])
def kpi(request: HttpRequest, slug: str, kgi: int, pk: int) -> HttpResponse:
    """A node with all that is known of it. A POST with `save` writes it; any other only answers what it comes to."""
    membership = get_membership(request, slug)
    fetch = get_editable if request.method == "POST" else get_visible
    row = fetch(ROWS, membership, pk=pk, kgi=kgi)
    shown_row = copy.copy(row)
    in_funnel = belongs_to_funnel(row.kgi, row, LINKS)
    form = KPIForm(
        request.POST if request.method == "POST" else None,
        instance=row,
        membership=membership,
        suggestions=reverse("people_suggestions", args=[slug]),
        in_funnel=in_funnel,
    )
    saving = request.method == "POST" and "save" in request.POST
    if saving and form.is_valid():
        given = form.cleaned_data
        try:
            write_kpi(
                form.instance,
                key=given.get("key"),
                formula=given.get("formula"),
                create_missing=given.get("create_missing", False),
                expected_version=form.expected_version,
                by=membership,
                reason=given.get("reason", ""),
            )
        except Refusal as refused:
            add_refusal(form, refused)
            form.expect(KPI.objects.values_list("version", flat=True).get(pk=pk))
        else:
            messages.success(request, _("Saved."))
            return redirect("kpi", slug, kgi, pk)
    kpis = kpis_of(row.kgi)
    shown = {"kgi": row.kgi, "kpi": shown_row, "form": form, "in_funnel": in_funnel, **answer_to(form, kpis)}
    status = 422 if request.method == "POST" and form.errors else 200
    if request.htmx and not saving:  # type: ignore[attr-defined]
        return render(request, "funnel/_kpi_answer.html", shown, status=status)
    may_edit = KPI.objects.editable_by(membership).filter(pk=pk).exists()
    return render(request, "funnel/kpi.html", shown | around(shown_row, kpis, may_edit=may_edit), status=status)


def answer_to(form: KPIForm, kpis: list[KPI]) -> dict[str, Any]:
    """What the node as it is typed comes to, and the goal with it; or where its formula goes wrong."""
    if form.is_bound:
        form.is_valid()
    typed = copy.copy(form.instance)
    saved = next(kpi for kpi in kpis if kpi.pk == typed.pk)
    typed.key, typed.formula = saved.key, saved.formula
    if form.is_bound and "formula" in form.fields:
        # A formula that was refused is cleaned no more, but still the one to answer to.
        typed.formula = keys_for_names(form["formula"].value() or "", kpis).strip()
    rows = [typed if kpi.pk == typed.pk else kpi for kpi in kpis]
    names = {kpi.key: name_of(kpi) for kpi in rows}
    tree = Unfinished([node_of(kpi, {}) for kpi in rows])
    columns = [tree.evaluate(column) for column in COLUMNS]
    wrong = next((column.wrong[typed.key] for column in columns if typed.key in column.wrong), None)
    goal = next((kpi for kpi in rows if kpi.is_goal), None)
    return {
        "typed": typed,
        "unknown": missing_keys(typed.kgi, typed.formula, known=names),
        "wrong": sentence_of(wrong, names) if wrong else "",
        "answers": answers(typed, columns) if typed.formula and not wrong else None,
        "goal": goal if goal and goal.pk != typed.pk else None,
        "goal_answers": answers(goal, columns) if goal else None,
    }


def answers(kpi: KPI, columns: list[Any]) -> dict[str, Any]:
    """What a node comes to in every column, in people's units."""
    scale = 100 if kpi.is_rate else 1
    values = [column.values[kpi.key] for column in columns]
    shown = [None if value is None else value * scale for value in values]
    return {"unit": unit_of(kpi, kpi.kgi), "is_known": shown[0] is not None, **dict(zip(COLUMNS, shown, strict=True))}


def around(kpi: KPI, kpis: list[KPI], *, may_edit: bool) -> dict[str, Any]:
    """What stands beside a node's form: where it is, what it was before, what was read."""
    names = {row.key: name_of(row) for row in kpis}
    named = named_in(kpi.formula)
    above = [row for row in kpis if kpi.key in named_in(row.formula)]
    changes = kpi.plan_changes.select_related("changed_by__user").order_by("-changed_at", "-id")[:MOST_SHOWN]
    scale = 100 if kpi.is_rate else 1
    return {
        "name": names.get(kpi.key, kpi.name),
        "unit": unit_of(kpi, kpi.kgi),
        "numbers": {
            column: kpi.in_people_units(getattr(kpi, column)) for column in (*COLUMNS, "last_year", "reference")
        },
        "range": [kpi.in_people_units(value) for value in (kpi.low, kpi.likely, kpi.high)] if kpi.low else None,
        "formula": in_words(kpi.formula, names),
        "above": above,
        "below": [row for row in kpis if row.key in named],
        "keys": [row for row in kpis if row.pk != kpi.pk],
        "changes": [
            {
                "change": change,
                "before": change.before * scale,
                "after": None if change.after is None else change.after * scale,
            }
            for change in changes
        ],
        "readings": [
            {"reading": reading, "value": reading.value * scale}
            for reading in kpi.readings.select_related("recorded_by__user").order_by("-date", "-id")[:MOST_SHOWN]
        ],
        "move": MoveKPIForm(kpi=kpi, kpis=kpis, above=above[0] if above else None) if may_edit else None,
        "may_edit": may_edit,
        "may_move": may_edit and not kpi.is_goal,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def move_kpi(request: HttpRequest, slug: str, kgi: int, pk: int) -> HttpResponse:
    """Put a node under another one, or one place up or down among its siblings."""
    membership = get_membership(request, slug)
    row = get_editable(ROWS, membership, pk=pk, kgi=kgi)
    kpis = kpis_of(row.kgi)
    above = next((kpi for kpi in kpis if row.key in named_in(kpi.formula)), None)
    form = MoveKPIForm(request.POST if request.method == "POST" else None, kpi=row, kpis=kpis, above=above)
    if request.method == "POST" and form.is_valid():
        step = request.POST.get("step")
        expected = form.expected_version or 0
        try:
            if step in ("up", "down"):
                reorder_kpi(row, upwards=step == "up", expected_version=expected)
            else:
                given = form.cleaned_data
                move(row, under=given["under"], sign=given["sign"] or "*", expected_version=expected)
        except Refusal as refused:
            add_refusal(form, refused)
            form.expect(KPI.objects.values_list("version", flat=True).get(pk=pk))
        else:
            messages.success(request, _("“%(name)s” has moved.") % {"name": name_of(row)})
            return redirect("kpi_tree", slug, kgi)
    shown = {"kgi": row.kgi, "kpi": row, "name": name_of(row), "form": form}
    return render(request, "funnel/move_kpi.html", shown, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def drop_kpi(request: HttpRequest, slug: str, kgi: int, pk: int) -> HttpResponse:
    """Take a node out of its tree; the next page offers to put it back."""
    membership = get_membership(request, slug)
    dropped = KPI.objects.restorable_by(membership).filter(pk=pk, kgi=kgi).select_related("kgi").first()
    row = dropped or get_editable(ROWS, membership, pk=pk, kgi=kgi)
    wrong = ""
    if request.method == "POST":
        try:
            drop(row)
        except Refusal as refused:
            wrong = refused.detail
        else:
            undo = reverse("restore_kpi", args=[slug, kgi, pk])
            messages.success(request, _("“%(name)s” is out of the tree.") % {"name": name_of(row)}, extra_tags=undo)
            return redirect("kpi_tree", slug, kgi)
    below = [kpi for kpi in kpis_of(row.kgi) if kpi.key in named_in(row.formula)]
    shown = {"kgi": row.kgi, "kpi": row, "name": name_of(row), "below": below, "wrong": wrong}
    return render(request, "funnel/drop_kpi.html", shown, status=422 if wrong else 200)


@require_POST
def restore_kpi(request: HttpRequest, slug: str, kgi: int, pk: int) -> HttpResponse:
    """Put a node back that was taken out; harmless when it stands."""
    membership = get_membership(request, slug)
    get_visible(KGI.objects, membership, pk=kgi)
    dropped = KPI.objects.restorable_by(membership).filter(pk=pk, kgi=kgi).first()
    row = dropped or get_editable(KPI.objects, membership, pk=pk, kgi=kgi)
    try:
        row = restore(row)
    except Refusal as refused:
        messages.error(request, refused.detail)
        return redirect("kpi_tree", slug, kgi)
    used = any(row.key in named_in(kpi.formula) for kpi in kpis_of(row.kgi))
    sentence = _("“%(name)s” is back in the tree.") if used else _("“%(name)s” is back, beside the tree.")
    messages.success(request, sentence % {"name": name_of(row)})
    return redirect("kpi_tree", slug, kgi)
