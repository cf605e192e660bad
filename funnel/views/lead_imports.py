"""Bringing leads in from a file: chosen, its columns named, looked at, and read by the worker."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from funnel.forms.leads import LeadFileForm
from funnel.formulas.lead_sheets import FIRST, MEANINGS
from funnel.imports.batches import WRONG, Batch, Outcome
from funnel.imports.lines import WRONG as SENTENCES
from funnel.imports.lines import folded
from funnel.imports.work import reader_of
from funnel.models import Duplicates, Lead, LeadImport, LeadImportState, Matrix
from funnel.services import lead_imports as services
from people.access import get_editable, get_insider, get_visible, read_id
from people.exports import csv_response
from people.forms import add_refusal
from people.models import Membership
from people.refusals import Refusal

PAGE = ["GET", "HEAD", "POST"]
MATRICES = Matrix.objects.select_related("organization")
IMPORTS = LeadImport.objects.select_related("matrix__organization").defer("content")
MOST_LISTED = 100
MOST_KEPT = 10
LABELS = {
    **{name: Lead._meta.get_field(name).verbose_name for name in MEANINGS if name != "owner"},
    "owner": Lead._meta.get_field("owner").verbose_name,
}
WHAT = {
    "added": pgettext_lazy("line of a file", "new"),
    "changed": pgettext_lazy("line of a file", "changes"),
    "unchanged": pgettext_lazy("line of a file", "as before"),
    "wrong": pgettext_lazy("line of a file", "left out"),
}


@require_http_methods(PAGE)
def import_leads(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Choose a file or paste a table; the next page asks what its columns mean."""
    membership = get_insider(request, slug)
    matrix = get_editable(MATRICES, membership, pk=pk)
    form = LeadFileForm(request.POST, request.FILES) if request.method == "POST" else LeadFileForm()
    if request.method == "POST" and form.is_valid():
        file = request.FILES.get("file")
        try:
            row = services.begin_import(
                matrix,
                form.sheet,
                filename=file.name or "" if file else "",
                by=membership,
                submission_key=form.cleaned_data.get("submission_key")
                or form.get_initial_for_field(form.fields["submission_key"], "submission_key"),
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("lead_import", slug, pk, row.pk)
    shown = {
        "form": form,
        "matrix": matrix,
        "earlier": IMPORTS.visible_to(membership).filter(matrix=matrix)[:MOST_KEPT],
    }
    return render(request, "funnel/import_leads.html", shown, status=422 if form.errors else 200)


def import_named(membership: Membership, matrix: int, pk: int) -> LeadImport:
    get_editable(MATRICES, membership, pk=matrix)
    return get_visible(IMPORTS, membership, pk=pk, matrix=matrix)


@never_cache
@require_http_methods(PAGE)
@vary_on_headers("HX-Request")
def lead_import(request: HttpRequest, slug: str, matrix: int, pk: int) -> HttpResponse:
    """What the columns mean and what would happen; once sent, how far it is, then what became of it."""
    membership = get_insider(request, slug)
    row = import_named(membership, matrix, pk)
    if row.state != LeadImportState.MAPPING:
        if request.method == "POST":
            return redirect("lead_import", slug, matrix, pk)
        is_part = request.htmx and request.htmx.target == "import"  # type: ignore[attr-defined]
        name = "funnel/_lead_import.html" if is_part else "funnel/lead_import.html"
        return render(request, name, {"row": row, "matrix": row.matrix, "wrong": said(row)[:MOST_LISTED]})
    refusal = None
    if request.method == "POST":
        try:
            row.mapping, row.stages, row.duplicates = read_mapping(request, row)
            sent = services.map_import(
                row, mapping=row.mapping, stages=row.stages, duplicates=row.duplicates, send="send" in request.POST
            )
        except Refusal as refused:
            refusal = refused
        else:
            if "send" in request.POST or sent.state != LeadImportState.MAPPING:
                return redirect("lead_import", slug, matrix, pk)
    outcomes = [] if refusal is not None or "company" not in row.mapping else preview(row, membership)
    shown = {
        "row": row,
        "matrix": row.matrix,
        "refusal": refusal,
        "columns": columns_of(row),
        "meanings": LABELS.items(),
        "stages": stages_to_name(row),
        "choices": list(row.matrix.stages.all()),
        "duplicates": Duplicates.choices,
        "outcomes": [row_of(outcome) for outcome in outcomes],
        "wrong": sum(1 for outcome in outcomes if outcome.what == WRONG),
    }
    return render(request, "funnel/map_leads.html", shown, status=422 if refusal is not None else 200)


def read_mapping(request: HttpRequest, row: LeadImport) -> tuple[list[str], dict[str, int], str]:
    mapping = [request.POST.get(f"column-{at}", "") for at in range(len(row.headings))]
    stages: dict[str, int] = {}
    values = [value for one in row.headings for value in one.get("values", ())]
    for name in values:
        chosen = read_id(request.POST.get(f"stage-{name}"))
        if chosen is not None:
            stages[name] = chosen
    return mapping, stages, request.POST.get("duplicates", "")


def columns_of(row: LeadImport) -> list[dict[str, Any]]:
    return [
        {
            "at": at,
            "heading": one["heading"],
            "examples": [cell for cell in dict.fromkeys(one.get("first", ())) if cell][:3],
            "meaning": row.mapping[at] if at < len(row.mapping) else "",
        }
        for at, one in enumerate(row.headings)
    ]


def stages_to_name(row: LeadImport) -> list[tuple[str, int | None]]:
    """The names in the stage column that the matrix does not have, each with the stage it was mapped to."""
    if "stage" not in row.mapping:
        return []
    known = {folded(stage.name) for stage in row.matrix.stages.all()}
    values = row.headings[row.mapping.index("stage")].get("values", ())
    return [(value, row.stages.get(value)) for value in values if folded(value) not in known]


def preview(row: LeadImport, membership: Membership) -> list[Outcome]:
    """What would become of the first lines; nothing is written."""
    reader = reader_of(row, membership)
    cells = zip(*(one.get("first", ()) for one in row.headings), strict=True)
    lines = [reader.read(number + 2, line) for number, line in enumerate(cells)][:FIRST]
    batch = Batch(row.matrix, row.duplicates, membership, reader.today)
    batch.plan(lines)
    return batch.outcomes


def row_of(outcome: Outcome) -> tuple[Outcome, str, str, str, str]:
    """What the page says of a line: what happens and why, the company and the contact."""
    said = outcome.line.values if outcome.lead is None else vars(outcome.lead)
    return outcome, str(WHAT[outcome.what]), sentence_of(outcome), said.get("company", ""), said.get("contact", "")


def sentence_of(outcome: Outcome) -> str:
    if outcome.wrong is None:
        return ""
    code, field = outcome.wrong
    return wrong_said(code, field)


def wrong_said(code: str, field: str) -> str:
    sentence = str(SENTENCES.get(code, SENTENCES["broken"]))
    if not field:
        return sentence
    return _("%(column)s: %(sentence)s") % {"column": LABELS.get(field, field), "sentence": sentence}


def said(row: LeadImport) -> list[tuple[int, str]]:
    """Each line that was left out, with what is wrong with it."""
    return [(number, wrong_said(code, field)) for number, code, field in row.wrong]


@require_safe
def wrong_leads(request: HttpRequest, slug: str, matrix: int, pk: int) -> HttpResponse:
    """The lines that were left out, as a file."""
    membership = get_insider(request, slug)
    row = import_named(membership, matrix, pk)
    return csv_response(_("Lines left out"), [_("Line"), _("What is wrong")], said(row))


@require_POST
def drop_import(request: HttpRequest, slug: str, matrix: int, pk: int) -> HttpResponse:
    """Let go of a file, also while it is read: what was read stays. Again is harmless."""
    membership = get_insider(request, slug)
    found = get_editable(MATRICES, membership, pk=matrix)
    row = IMPORTS.visible_to(membership).filter(pk=pk, matrix=found).first()
    if row is None and LeadImport.objects.filter(pk=pk).exists():
        raise Http404
    if row is not None:
        services.drop_import(row)
    messages.success(request, _("The file is let go of."))
    return redirect("import_leads", slug, matrix)
