"""The leads of a matrix: the list, one lead, moving several, removing and erasing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from funnel.forms.leads import LeadForm, MoveForm
from funnel.models import PLANNERS, Fit, Lead, LeadImport, LeadMove, Matrix
from funnel.models.matrices import LeadQuerySet
from funnel.queries.leads import NOBODY, SORTS, facets_of, leads_wanted, wanted_from
from funnel.services import leads as services
from people.access import get_editable, get_insider, get_visible, read_id, refuse
from people.exports import csv_stream
from people.forms import add_refusal
from people.models import Membership
from people.refusals import Refusal

PAGE = ["GET", "HEAD", "POST"]
PER_PAGE = 50
MATRICES = Matrix.objects.select_related("organization")
LEADS = Lead.objects.select_related("stage", "owner__user", "matrix__organization", "organization")
IN_A_CHUNK = 2_000


def matrix_named(request: HttpRequest, slug: str, pk: int) -> tuple[Membership, Matrix]:
    membership = get_insider(request, slug)
    return membership, get_visible(MATRICES, membership, pk=pk)


@require_safe
def leads(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """Searched, narrowed, sorted, fifty a page; as a file with `?download=csv`."""
    membership, matrix = matrix_named(request, slug, pk)
    wanted = wanted_from(request.GET)
    rows = leads_wanted(membership, matrix, wanted)
    if request.GET.get("download") == "csv":
        return leads_csv(matrix, rows)
    facets = facets_of(membership, matrix)
    query = request.GET.copy()
    for name in ("page", "download"):
        query.pop(name, None)
    shown = {
        "matrix": matrix,
        "wanted": wanted,
        "page": Paginator(rows.select_related("stage", "owner__user"), PER_PAGE).get_page(request.GET.get("page")),
        "total": facets.total,
        "facets": facets,
        "fits": [(fit, facets.fits.get(fit, 0)) for fit in Fit.values],
        "stages": [(stage, facets.stages.get(stage.pk, 0)) for stage in matrix.stages.all()],
        "sorts": [(value, label) for value, (label, _order) in SORTS.items()],
        "nobody": NOBODY,
        "may_plan": membership.role in PLANNERS,
        "under_way": LeadImport.objects.visible_to(membership).unfinished().filter(matrix=matrix).first(),
        "me": membership,
        "query": query.urlencode() + "&" if query else "",
    }
    is_part = request.htmx and request.htmx.target == "rows"  # type: ignore[attr-defined]
    return render(request, "funnel/_lead_rows.html" if is_part else "funnel/leads.html", shown)


def leads_csv(matrix: Matrix, rows: LeadQuerySet) -> HttpResponseBase:
    """As a file that can be read in again."""
    header = [
        pgettext("lead", "Company"),
        _("Contact"),
        _("Position of the contact"),
        _("E-mail"),
        _("Phone"),
        _("Industry"),
        _("Region"),
        _("Employees"),
        _("Yearly revenue"),
        _("Came by"),
        _("Stage"),
        _("Fit"),
        _("Here since"),
        _("Looked after by"),
        _("Note"),
        _("Number in another system"),
    ]

    def lines() -> Iterator[list[Any]]:
        for row in rows.select_related("stage", "owner__user").iterator(chunk_size=IN_A_CHUNK):
            yield [
                row.company,
                row.contact,
                row.role,
                row.email,
                row.phone,
                row.industry,
                row.region,
                row.employees,
                row.revenue,
                row.source,
                row.stage.name,
                row.fit,
                row.since.isoformat(),
                row.owner.user.email if row.owner else "",
                row.note,
                row.reference,
            ]

    return csv_stream(_("%(name)s leads") % {"name": matrix.name}, header, lines())


@require_http_methods(PAGE)
def new_lead(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Add one by hand: whoever is inside may."""
    membership, matrix = matrix_named(request, slug, pk)
    form = LeadForm(
        request.POST if request.method == "POST" else None,
        lead=Lead(matrix=matrix),
        matrix=matrix,
        membership=membership,
        suggestions=reverse("people_suggestions", args=[slug]),
    )
    if request.method == "POST" and form.is_valid():
        try:
            lead, _is_new = services.add_lead(form.written(), by=membership, since=form.cleaned_data["date"])
        except Refusal as refusal:
            add_refusal(form, refusal)
            form.twin = refusal.more.get("lead")  # type: ignore[attr-defined]
        except ValidationError as wrong:
            form.add_error(None, wrong)
        else:
            messages.success(request, _("Added: “%(name)s”.") % {"name": lead.company})
            return redirect("lead", slug, pk, lead.pk)
    shown = {"form": form, "matrix": matrix}
    return render(request, "funnel/edit_lead.html", shown, status=422 if form.errors else 200)


def lead_named(membership: Membership, matrix: int, pk: int) -> Lead:
    """A lead one may see: a removed one only for whoever may bring it back."""
    gone = LEADS.within_reach_of(membership).filter(pk=pk, matrix=matrix).exclude(removed_at=None).first()
    return gone or get_visible(LEADS, membership, pk=pk, matrix=matrix)


@require_safe
def lead(request: HttpRequest, slug: str, matrix: int, pk: int) -> HttpResponse:
    """What is known of a lead, and where it stood since when."""
    membership = get_insider(request, slug)
    found = lead_named(membership, matrix, pk)
    moves = found.moves.select_related("from_stage", "to_stage", "by__user")
    shown = {
        "lead": found,
        "matrix": found.matrix,
        "moves": moves,
        "may_edit": LEADS.within_reach_of(membership).filter(pk=pk).exists(),
        "may_erase": membership.role in PLANNERS and found.removed_at is not None and not services.is_erased(found),
        "is_erased": services.is_erased(found),
        "days": (found.organization.today - found.since).days,
    }
    return render(request, "funnel/lead.html", shown)


@require_http_methods(PAGE)
def edit_lead(request: HttpRequest, slug: str, matrix: int, pk: int) -> HttpResponse:
    membership = get_insider(request, slug)
    row = get_editable(LEADS, membership, pk=pk, matrix=matrix)
    name = row.company
    form = LeadForm(
        request.POST if request.method == "POST" else None,
        lead=row,
        matrix=row.matrix,
        membership=membership,
        suggestions=reverse("people_suggestions", args=[slug]),
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.save_lead(form.written(), by=membership, expected_version=form.expected_version)
        except Refusal as refusal:
            add_refusal(form, refusal)
            form.twin = refusal.more.get("lead")  # type: ignore[attr-defined]
            if refusal.code == "stale":
                form.expect(Lead.objects.values_list("version", flat=True).get(pk=pk))
        except ValidationError as wrong:
            form.add_error(None, wrong)
        else:
            messages.success(request, _("Saved."))
            return redirect("lead", slug, matrix, pk)
    shown = {"form": form, "matrix": row.matrix, "lead": row, "name": name}
    return render(request, "funnel/edit_lead.html", shown, status=422 if form.errors else 200)


@require_http_methods(PAGE)
def move_leads(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Bring the chosen leads (`lead=1&lead=2`) to another stage: its criteria are read first."""
    membership, matrix = matrix_named(request, slug, pk)
    asked = request.POST if request.method == "POST" else request.GET
    ids = [number for text in asked.getlist("lead")[: services.MOST_AT_ONCE] if (number := read_id(text)) is not None]
    chosen = LEADS.visible_to(membership).filter(matrix=matrix, pk__in=ids)
    own = list(LEADS.editable_by(membership).filter(matrix=matrix, pk__in=ids))
    if request.method == "POST" and ids and not own:
        if chosen.exists():
            refuse()
        raise Http404
    initial = {"stage": read_id(request.GET.get("stage"))}
    form = MoveForm(request.POST if request.method == "POST" else None, matrix=matrix, initial=initial)
    if request.method == "POST" and own and form.is_valid():
        given = form.cleaned_data
        try:
            moves = services.move_leads(
                matrix,
                [row.pk for row in own],
                stage=given["stage"],
                date=given["date"],
                reason=given["reason"],
                by=membership,
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            undo = reverse("undo_lead_moves", args=[slug, pk, moves[0].pk]) if moves else ""
            messages.success(request, moved_said(len(moves), given["stage"].name), extra_tags=undo)
            if len(own) == 1:
                return redirect("lead", slug, pk, own[0].pk)
            return redirect(f"{reverse('leads', args=[slug, pk])}?stage={given['stage'].pk}")
    stages = {stage.pk: stage for stage in matrix.stages.all()}
    shown = {
        "matrix": matrix,
        "form": form,
        "own": own,
        "others": chosen.count() - len(own),
        "choices": [(choice, stages[choice.data["value"].value]) for choice in form["stage"]],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "funnel/move_leads.html", shown, status=status)


def moved_said(count: int, stage: str) -> str:
    if not count:
        return _("They stand there already: nothing has moved.")
    return ngettext("%(count)s lead moved to “%(stage)s”.", "%(count)s leads moved to “%(stage)s”.", count) % {
        "count": count,
        "stage": stage,
    }


@require_POST
def undo_lead_moves(request: HttpRequest, slug: str, matrix: int, pk: int) -> HttpResponse:
    """Take back a move and those made with it: whoever made them may, and whoever plans. Again is harmless."""
    membership, found = matrix_named(request, slug, matrix)
    move = get_object_or_404(LeadMove.objects.exclude(lead=None), pk=pk, matrix=found)
    if move.by_id != membership.pk and membership.role not in PLANNERS:
        refuse()
    try:
        count = services.undo_moves(move, by=membership)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        return redirect("matrices", slug)
    said = ngettext("%(count)s lead is back where it stood.", "%(count)s leads are back where they stood.", count)
    messages.success(request, said % {"count": count} if count else _("Nothing was left to take back."))
    return redirect("leads", slug, matrix)


def within_reach(membership: Membership, matrix: int, pk: int) -> Lead:
    """A lead the person may change, removed or not: 404 where it may not be seen, 403 where only read."""
    gone = LEADS.within_reach_of(membership).filter(pk=pk, matrix=matrix).first()
    return gone or get_editable(LEADS, membership, pk=pk, matrix=matrix)


@require_POST
def remove_lead(request: HttpRequest, slug: str, matrix: int, pk: int) -> HttpResponse:
    """Take it out of the matrix; the toast can undo it. Again is harmless."""
    membership = get_insider(request, slug)
    row = within_reach(membership, matrix, pk)
    try:
        services.remove_lead(row, by=membership)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        return redirect("matrices", slug)
    undo = reverse("restore_lead", args=[slug, matrix, pk])
    messages.success(request, _("Removed: “%(name)s”.") % {"name": row.company}, extra_tags=undo)
    return redirect("leads", slug, matrix)


@require_POST
def restore_lead(request: HttpRequest, slug: str, matrix: int, pk: int) -> HttpResponse:
    membership = get_insider(request, slug)
    row = within_reach(membership, matrix, pk)
    try:
        services.restore_lead(row, by=membership)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    else:
        messages.success(request, _("“%(name)s” is back.") % {"name": row.company})
    return redirect("lead", slug, matrix, pk)


@require_POST
def erase_lead(request: HttpRequest, slug: str, matrix: int, pk: int) -> HttpResponse:
    """Erase a removed lead's personal data for good: whoever plans may."""
    membership = get_insider(request, slug)
    row = within_reach(membership, matrix, pk)
    if membership.role not in PLANNERS:
        refuse()
    try:
        services.erase_lead(row, by=membership)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    else:
        messages.success(request, _("The personal data of this lead are erased."))
    return redirect("lead", slug, matrix, pk)
