"""Setting up ABM matrices: the list, one's name and days, its stages and the conditions of its fits."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from funnel.forms.matrices import FIELD_NAMES, FitForm, MatrixForm, StageForm
from funnel.models import PLANNERS, FitRule, Matrix, MatrixStage
from funnel.queries.fits import count_fits, rules_of
from funnel.queries.leads import counts_of, facets_of
from funnel.services import matrices as services
from people.access import get_editable, get_insider, get_visible, read_id, refuse
from people.forms import add_refusal
from people.models import Membership
from people.refusals import Refusal

PAGE = ["GET", "HEAD", "POST"]
MATRICES = Matrix.objects.select_related("organization", "kgi")


@require_safe
def matrices(request: HttpRequest, slug: str) -> HttpResponse:
    """All matrices, with how many leads stand in each."""
    membership = get_insider(request, slug)
    rows = list(Matrix.objects.visible_to(membership).select_related("kgi"))
    counts = counts_of(rows)
    may_edit = membership.role in PLANNERS
    shown = {
        "rows": [(row, counts.get(row.pk, 0)) for row in rows],
        "may_edit": may_edit,
        "retired": list(Matrix.objects.within_reach_of(membership).exclude(retired_at=None).order_by("-retired_at")),
    }
    return render(request, "funnel/matrices.html", shown)


@require_http_methods(PAGE)
def new_matrix(request: HttpRequest, slug: str) -> HttpResponse:
    membership = get_insider(request, slug)
    if membership.role not in PLANNERS:
        refuse()
    begun = Matrix(organization=membership.organization)
    form = MatrixForm(request.POST if request.method == "POST" else None, membership=membership, matrix=begun)
    if request.method == "POST" and form.is_valid():
        try:
            made, is_new = services.add_matrix(form.written(), by=membership)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            if is_new:
                messages.success(request, _("The matrix is made. Next: read the criteria of its stages."))
            return redirect("matrix_stages", slug, made.pk)
    return render(request, "funnel/edit_matrix.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(PAGE)
def edit_matrix(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_insider(request, slug)
    matrix = get_editable(MATRICES, membership, pk=pk)
    name = matrix.name
    form = MatrixForm(request.POST if request.method == "POST" else None, membership=membership, matrix=matrix)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_matrix(form.written(), by=membership, expected_version=form.expected_version)
        except Refusal as refusal:
            add_refusal(form, refusal)
            if refusal.code == "stale":
                form.expect(Matrix.objects.values_list("version", flat=True).get(pk=pk))
        else:
            messages.success(request, _("Saved."))
            return redirect("leads" if form.matrix.has_leads else "matrix", slug, pk)
    shown = {"form": form, "matrix": matrix, "name": name}
    return render(request, "funnel/edit_matrix.html", shown, status=422 if form.errors else 200)


@require_POST
def retire_matrix(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take it out of the lists with its leads; the toast can undo it. Again is harmless."""
    membership = get_insider(request, slug)
    matrix = services.retire_matrix(within_reach(membership, pk), by=membership)
    undo = reverse("restore_matrix", args=[slug, pk])
    messages.success(request, _("Retired: “%(name)s”.") % {"name": matrix.name}, extra_tags=undo)
    return redirect("matrices", slug)


@require_POST
def restore_matrix(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_insider(request, slug)
    matrix = services.restore_matrix(within_reach(membership, pk), by=membership)
    messages.success(request, _("“%(name)s” is back.") % {"name": matrix.name})
    return redirect("matrices", slug)


def within_reach(membership: Membership, pk: int) -> Matrix:
    """A matrix the person may change, retired or not: 404 where it may not be seen, 403 where only read."""
    gone = Matrix.objects.within_reach_of(membership).filter(pk=pk).first()
    return gone or get_editable(Matrix.objects, membership, pk=pk)


@require_http_methods(PAGE)
def matrix_stages(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The stages in their order with their criteria; a new one is added here."""
    membership = get_insider(request, slug)
    matrix = get_visible(MATRICES, membership, pk=pk)
    may_edit = membership.role in PLANNERS
    if request.method == "POST" and not may_edit:
        refuse()
    form = StageForm(request.POST if request.method == "POST" else None, stage=MatrixStage(matrix=matrix))
    if request.method == "POST" and form.is_valid():
        try:
            stage, _is_new = services.add_stage(form.written(), by=membership)
        except Refusal as refusal:
            add_refusal(form, refusal)
        except ValidationError as wrong:
            form.add_error(None, wrong)
        else:
            messages.success(request, _("Added: “%(name)s”.") % {"name": stage.name})
            return redirect("matrix_stages", slug, pk)
    return stages_page(request, membership, matrix, form, status=422 if form.errors else 200)


def stages_page(
    request: HttpRequest, membership: Membership, matrix: Matrix, form: StageForm | None = None, *, status: int = 200
) -> HttpResponse:
    counts = facets_of(membership, matrix).stages
    rows = list(matrix.stages.all())
    shown = {
        "matrix": matrix,
        "rows": [(row, counts.get(row.pk, 0)) for row in rows],
        "form": form or StageForm(stage=MatrixStage(matrix=matrix)),
        "may_edit": membership.role in PLANNERS,
        "is_full": len(rows) >= services.MOST_STAGES,
    }
    return render(request, "funnel/matrix_stages.html", shown, status=status)


def stage_of(request: HttpRequest, slug: str, matrix: int, pk: int) -> tuple[Membership, MatrixStage]:
    """A stage of a matrix one may change, or 403, or 404."""
    membership = get_insider(request, slug)
    found = get_editable(MATRICES, membership, pk=matrix)
    stage = get_object_or_404(found.stages, pk=pk)
    stage.matrix = found
    return membership, stage


@require_http_methods(PAGE)
def edit_stage(request: HttpRequest, slug: str, matrix: int, pk: int) -> HttpResponse:
    membership, stage = stage_of(request, slug, matrix, pk)
    name = stage.name
    form = StageForm(request.POST if request.method == "POST" else None, stage=stage)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_stage(form.written(), by=membership, expected_version=form.expected_version)
        except Refusal as refusal:
            add_refusal(form, refusal)
            if refusal.code == "stale":
                version = MatrixStage.objects.filter(pk=pk).values_list("version", flat=True).first()
                form.expect(version or 0)
        except ValidationError as wrong:
            form.add_error(None, wrong)
        else:
            messages.success(request, _("Saved."))
            return redirect("matrix_stages", slug, matrix)
    shown = {"form": form, "stage": stage, "matrix": stage.matrix, "name": name}
    return render(request, "funnel/edit_stage.html", shown, status=422 if form.errors else 200)


@require_POST
def move_stage(request: HttpRequest, slug: str, matrix: int, pk: int) -> HttpResponse:
    """One place up or down, or to the place that is named."""
    membership, stage = stage_of(request, slug, matrix, pk)
    to = read_id(request.POST.get("to"))
    if to is not None:
        try:
            services.move_stage(stage, to=min(to, services.MOST_STAGES), by=membership)
        except Refusal as refusal:
            messages.error(request, refusal.detail)
    return redirect(f"{reverse('matrix_stages', args=[slug, matrix])}#stage-{pk}")


@require_POST
def remove_stage(request: HttpRequest, slug: str, matrix: int, pk: int) -> HttpResponse:
    """Take a stage away that nothing stands in; one that was removed already is harmless."""
    membership = get_insider(request, slug)
    found = get_editable(MATRICES, membership, pk=matrix)
    stage = found.stages.filter(pk=pk).first()
    if stage is None:
        if MatrixStage.objects.filter(pk=pk).exists():
            get_object_or_404(found.stages, pk=pk)
        return redirect("matrix_stages", slug, matrix)
    try:
        services.remove_stage(stage, by=membership)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        return stages_page(request, membership, found, status=422)
    messages.success(request, _("Removed: “%(name)s”.") % {"name": stage.name})
    return redirect("matrix_stages", slug, matrix)


@require_http_methods(PAGE)
def matrix_fits(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The conditions of A and B; before they are saved, how many leads they would make A, B and C."""
    membership = get_insider(request, slug)
    matrix = get_visible(MATRICES, membership, pk=pk)
    may_edit = membership.role in PLANNERS
    if request.method == "POST" and not may_edit:
        refuse()
    standing = rules_of(matrix)
    versions = dict(FitRule.objects.filter(matrix=matrix).values_list("fit", "version"))
    data = request.POST if request.method == "POST" else None
    forms = [FitForm(fit, standing.get(fit, []), versions.get(fit, 0), data) for fit in ("A", "B")]
    wrong = any(form.errors for form in forms)
    refusal: Refusal | None = None
    if data is not None and not wrong and "save" in data:
        try:
            changed = save_fits(matrix, forms, data, membership)
        except Refusal as refused:
            refusal = refused
        else:
            messages.success(request, fits_said(changed))
            return redirect("matrix_fits", slug, pk)
    before = count_fits(matrix, standing)
    after = (
        count_fits(matrix, {form.fit: form.conditions for form in forms}) if data is not None and not wrong else None
    )
    if refusal is not None and refusal.code == "stale":
        for form in forms:
            form.version = versions.get(form.fit, 0)
    shown: dict[str, Any] = {
        "matrix": matrix,
        "forms": forms,
        "fields": FIELD_NAMES.items(),
        "may_edit": may_edit,
        "before": before,
        "after": after,
        "counts": [(fit, before[fit], after[fit] if after else None) for fit in before],
        "refusal": refusal,
    }
    status = 422 if wrong or refusal is not None else 200
    return render(request, "funnel/matrix_fits.html", shown, status=status)


def save_fits(matrix: Matrix, forms: list[FitForm], data: Any, membership: Membership) -> int:
    """Save both fits; how many leads came to another one. A form that names no version is out of date."""
    read = {form.fit: read_id(data.get(f"{form.fit}-version")) for form in forms}
    _rules, changed = services.save_fit_rules(
        matrix,
        {form.fit: form.kept() for form in forms},
        by=membership,
        expected_versions={fit: -1 if version is None else version for fit, version in read.items()},
    )
    return changed


def fits_said(changed: int) -> str:
    if not changed:
        return _("Saved. No lead came to another fit.")
    return ngettext(
        "Saved. %(count)s lead came to another fit.", "Saved. %(count)s leads came to another fit.", changed
    ) % {"count": f"{changed:,}"}
