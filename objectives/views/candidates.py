"""Choosing a partner: the comparison of candidates, one of them with what everybody noticed, and the decision."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from funnel.models import PLANNERS, Candidate, CandidateState
from objectives.forms.candidates import CandidateForm, ConnectForm, DecideForm, RatingForm
from objectives.formulas.candidates import GROUPS, PROMPTS
from objectives.queries.candidates import (
    NAME,
    NEWEST,
    UNDERSTANDING,
    WARNINGS,
    Rated,
    all_rated,
    narrowed,
    overview,
    wanted_from,
    with_people,
)
from objectives.sentences.candidates import ANSWER_NAMES, GROUP_NAMES, NOT_SEEN, WORDINGS
from objectives.services import candidates as services
from objectives.views.changes import changes
from objectives.views.editing import PAGE_METHODS
from people.access import get_editable, get_insider, get_visible, refuse
from people.exports import csv_response
from people.forms import add_refusal
from people.models import Membership
from people.refusals import Refusal

PAGE = 40
SORT_NAMES = [
    (NEWEST, gettext_lazy("Newest first")),
    (UNDERSTANDING, gettext_lazy("Most understanding first")),
    (WARNINGS, gettext_lazy("Fewest warning signs first")),
    (NAME, gettext_lazy("Name")),
]


@require_safe
def candidates(request: HttpRequest, slug: str) -> HttpResponse:
    """Those under consideration side by side, then those decided."""
    membership = get_insider(request, slug)
    wanted = wanted_from(request.GET)
    every = all_rated(membership)
    rows = narrowed(every, wanted)
    if request.GET.get("download") == "csv":
        return candidates_csv(rows)
    query = request.GET.copy()
    for name in ("page", "download"):
        query.pop(name, None)
    shown = {
        "wanted": wanted,
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "overview": overview(every),
        "groups": heads(),
        "sorts": SORT_NAMES,
        "may_edit": membership.role in PLANNERS,
        "query": query.urlencode() + "&" if query else "",
    }
    is_part = request.htmx and request.htmx.target == "rows"  # type: ignore[attr-defined]
    return render(request, "objectives/_candidate_rows.html" if is_part else "objectives/candidates.html", shown)


def heads() -> list[tuple[str, list[Any]]]:
    """The columns of the comparison by their groups."""
    return [
        (str(GROUP_NAMES[group]), [WORDINGS[prompt.code] for prompt in PROMPTS if prompt.group == group])
        for group in GROUPS
    ]


def candidates_csv(rows: list[Rated]) -> HttpResponse:
    header = [
        _("Name"),
        pgettext("candidate", "What for"),
        _("State"),
        _("Reason"),
        _("Rated by"),
        _("Understanding of the business (%)"),
        _("Questions they asked"),
        _("Questions one knows about"),
        _("Warning signs"),
        _("Raters disagree"),
        *(WORDINGS[prompt.code].sentence for prompt in PROMPTS),
    ]
    return csv_response(_("Candidates"), header, [csv_row(row) for row in rows])


def csv_row(row: Rated) -> list[Any]:
    """What stays hidden from the reader for now stays empty."""
    known = row.standing
    told = [known.asked, known.askable, len(known.warnings), len(known.disputed)] if row.is_readable else [""] * 4
    return [
        row.candidate.name,
        row.candidate.purpose,
        row.candidate.get_state_display(),
        row.candidate.reason,
        row.raters,
        row.percent,
        *told,
        *(cell.word if row.is_readable else "" for cell in row.cells),
    ]


@require_safe
def interview_sheet(request: HttpRequest, slug: str) -> HttpResponse:
    """The scorecard without answers, on one page of paper, to be taken along."""
    get_insider(request, slug)
    groups = [
        (str(GROUP_NAMES[group]), [WORDINGS[each.code] for each in PROMPTS if each.group == group]) for group in GROUPS
    ]
    answers = [*(ANSWER_NAMES[answer] for answer in sorted(ANSWER_NAMES, reverse=True)), NOT_SEEN]
    return render(request, "objectives/interview_sheet.html", {"groups": groups, "answers": answers})


@require_safe
def candidate(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_insider(request, slug)
    return show(request, membership, get_visible(with_people(Candidate.objects.all()), membership, pk=pk))


def show(
    request: HttpRequest, membership: Membership, found: Candidate, *, decide: Any = None, connect: Any = None
) -> HttpResponse:
    """The page of one candidate, with a decision that was refused 422."""
    may_edit = membership.role in PLANNERS
    asked = found.state == CandidateState.CHOSEN and may_edit
    shown = {
        "one": Rated(found, membership),
        "candidate": found,
        "may_edit": may_edit,
        "decide": decide or DecideForm(candidate=found),
        "connect": connect or (ConnectForm(candidate=found, membership=membership) if asked else None),
    }
    return render(request, "objectives/candidate.html", shown, status=422 if decide or connect else 200)


@require_safe
def candidate_changes(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Without the ratings: what others noted is read where it may be."""
    membership = get_insider(request, slug)
    found = get_visible(Candidate.objects, membership, pk=pk)
    return changes(request, membership, found, found.name, reverse("candidate", args=[slug, pk]))


@require_http_methods(PAGE_METHODS)
def new_candidate(request: HttpRequest, slug: str) -> HttpResponse:
    membership = get_insider(request, slug)
    if membership.role not in PLANNERS:
        refuse()
    return edit(request, membership, Candidate(organization=membership.organization, created_by=membership))


@require_http_methods(PAGE_METHODS)
def edit_candidate(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_insider(request, slug)
    return edit(request, membership, get_editable(Candidate.objects, membership, pk=pk))


def edit(request: HttpRequest, membership: Membership, row: Candidate) -> HttpResponse:
    """The page on which a candidate is written, new or not."""
    is_new, name, slug = row._state.adding, row.name, membership.organization.slug
    form = CandidateForm(request.POST if request.method == "POST" else None, instance=row)
    if request.method == "POST" and form.is_valid():
        try:
            written = form.save(commit=False)
            if is_new:
                saved = services.add_candidate(written, by=membership)[0]
            else:
                saved = services.save_candidate(written, by=membership, expected_version=form.expected_version)
        except Refusal as refusal:
            add_refusal(form, refusal)
            if refusal.code == "stale":
                form.meet(CandidateForm(instance=Candidate.objects.get(pk=row.pk)))
        else:
            messages.success(request, _("Saved: “%(title)s”.") % {"title": saved.name})
            return redirect("candidate", slug, saved.pk)
    shown = {"form": form, "candidate": None if is_new else row, "name": name}
    return render(request, "objectives/edit_candidate.html", shown, status=422 if form.errors else 200)


@require_http_methods(PAGE_METHODS)
def rate_candidate(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One's own sheet; everybody inside has one, and writes no other."""
    membership = get_insider(request, slug)
    found = get_visible(Candidate.objects, membership, pk=pk)
    mine = found.ratings.editable_by(membership).first()
    if request.method != "POST" and found.state != CandidateState.OPEN:
        return redirect("candidate", slug, pk)
    form = RatingForm(request.POST if request.method == "POST" else None, rating=mine)
    if request.method == "POST" and form.is_valid():
        try:
            services.rate_candidate(found, by=membership, expected_version=form.expected_version, **form.said())
        except Refusal as refusal:
            add_refusal(form, refusal)
            present = found.ratings.editable_by(membership).values_list("version", flat=True).first()
            form.expect(present or 0)
        else:
            messages.success(request, _("Your sheet is kept. Now you see what the others noticed."))
            return redirect("candidate", slug, pk)
    shown = {"form": form, "candidate": found, "is_first": mine is None}
    return render(request, "objectives/rate_candidate.html", shown, status=422 if form.errors else 200)


@require_POST
def decide_candidate(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Choose, decline, or consider them again."""
    membership = get_insider(request, slug)
    found = get_editable(with_people(Candidate.objects.all()), membership, pk=pk)
    form = DecideForm(request.POST, candidate=found)
    is_reopening = request.POST.get("act") == "reopen"
    if is_reopening:
        form.fields["state"].required = False
    if form.is_valid():
        typed = form.cleaned_data
        try:
            if is_reopening:
                services.reopen_candidate(found, by=membership, expected_version=form.expected_version)
                sentence = _("Under consideration again: “%(title)s”.")
            else:
                services.decide_candidate(
                    found,
                    state=typed["state"],
                    reason=typed["reason"],
                    by=membership,
                    expected_version=form.expected_version,
                )
                is_chosen = typed["state"] == CandidateState.CHOSEN
                sentence = _("Chosen: “%(title)s”.") if is_chosen else _("Declined: “%(title)s”.")
        except Refusal as refusal:
            add_refusal(form, refusal)
            found.refresh_from_db()
            form.expect(found.version)
        else:
            messages.success(request, sentence % {"title": found.name})
            return redirect("candidate", slug, pk)
    return show(request, membership, found, decide=form)


@require_POST
def connect_candidate(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Say which partner they became, or that they are none."""
    membership = get_insider(request, slug)
    found = get_editable(with_people(Candidate.objects.all()), membership, pk=pk)
    form = ConnectForm(request.POST, candidate=found, membership=membership)
    if form.is_valid():
        partner = form.cleaned_data["partner"]
        try:
            services.connect_candidate(found, partner=partner, by=membership, expected_version=form.expected_version)
        except Refusal as refusal:
            add_refusal(form, refusal)
            found.refresh_from_db()
            form.expect(found.version)
        else:
            messages.success(request, _("Saved."))
            return redirect("candidate", slug, pk)
    return show(request, membership, found, connect=form)
