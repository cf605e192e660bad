"""The page on which an objective is drafted together with its key results, the coach beside it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from funnel.models import KGI
from objectives.access import choose_cycle, may_add_key_result, teams_planned_by
from objectives.forms.coaching import Reading, asked_of, draft_from, read_draft, read_objective
from objectives.forms.drafts import Act, DraftPage, key_result_of, opened, sent, tokens_of
from objectives.forms.proposals import Proposal, propose, propose_nodes
from objectives.formulas.drafting.draft import OBJECTIVE
from objectives.formulas.sketches import Sketch
from objectives.models import Cycle, CycleState, KeyResult, Kind, Level, Objective
from objectives.queries.coaching import Written, written_of
from objectives.queries.parents import possible_parents
from objectives.queries.recalling import learned_before
from objectives.queries.templates import sketch_named
from objectives.queries.worth import months_for
from objectives.services.drafts import DraftRefused, save_draft
from objectives.views.coaching import EDITED, Coach, coach_of, coach_of_key_result, coach_of_reading
from objectives.views.editing import PAGE_METHODS, back, page_of, parent_named
from people.access import get_membership, get_visible, read_id, refuse
from people.models import Membership, Unit

MOST_LEVERS = 5


@require_http_methods(PAGE_METHODS)
def new_objective(request: HttpRequest, slug: str) -> HttpResponse:
    """Draft an objective from nothing, from a lever, or from a set of the library."""
    membership = get_membership(request, slug)
    if membership.is_partner or not teams_planned_by(membership).exists():
        refuse()
    parent = parent_named(request.POST.get("parent") or request.GET.get("parent") or "", membership)
    objective = Objective(organization=membership.organization, owner=membership)
    initial = starting_point(request, membership, parent)
    suggestions = reverse("people_suggestions", args=[slug])
    if request.method == "POST":
        page = sent(
            *(membership, objective, [], request.POST),
            suggestions=suggestions,
            editable=frozenset(),
            initial=initial,
        )
        saved = save(request, page, parent)
        if saved is not None:
            return saved
    else:
        key_results, steps = begin(request, membership, objective, initial)
        page = opened(
            *(membership, objective, key_results),
            suggestions=suggestions,
            editable=frozenset(),
            initial=initial,
            steps=steps,
        )
    coach = coach_on(request, page, [row for row in page.rows if row.is_begun], parent)
    return answer(request, page, coach, parent)


@require_http_methods(PAGE_METHODS)
def draft_objective(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Write a whole objective, with all its key results, until it is under way."""
    membership = get_membership(request, slug)
    objective = get_visible(Objective.objects, membership, pk=pk)
    may_edit = Objective.objects.editable_by(membership).filter(pk=pk).exists()
    if not may_edit and not may_add_key_result(membership, objective):
        refuse()
    (written,) = written_of([objective])
    if not written.objective.is_draft and request.method != "POST":
        return redirect("edit_objective", slug, pk)
    rows = KeyResult.objects.filter(objective=pk).select_related("owner__user", "kpi__kgi").prefetch_related("steps")
    mine = rows if may_edit else rows.filter(owner=membership)
    editable = frozenset(mine.values_list("pk", flat=True))
    asked: dict[str, Any] = {
        "suggestions": reverse("people_suggestions", args=[slug]),
        "editable": editable,
        "may_edit": may_edit,
    }
    title = written.objective.title
    if request.method == "POST":
        # Also what was dropped meanwhile: what was typed into it is not lost without a word.
        page = sent(membership, written.objective, in_objective(rows, written), request.POST, **asked)
        saved = save(request, page, None)
        if saved is not None:
            return saved
    else:
        prefetch_related_objects(written.key_results, "steps")
        page = opened(membership, written.objective, written.key_results, **asked)
    coach = coach_on(request, page, page.rows, None)
    return answer(request, page, coach, None, title=title)


def in_objective(rows: Any, written: Written) -> list[KeyResult]:
    """The key results with the objective already read."""
    found = list(rows)
    for row in found:
        row.objective = written.objective
    return found


@require_POST
def coach_draft(request: HttpRequest, slug: str) -> HttpResponse:
    """The coach's answer to what is being typed: on the drafting page, or in the `editor` of one part of it."""
    membership = get_membership(request, slug)
    if membership.is_partner:
        refuse()
    data, pk = request.POST, read_id(request.POST.get("objective"))
    editor, places = data.get("editor", ""), [OBJECTIVE, *tokens_of(data)]
    if pk is None:
        parent = parent_named(data.get("parent", ""), membership)
        objective = Objective(organization=membership.organization, owner=membership)
        coach = coach_of_reading(membership, read_draft(data, membership, objective, parent=parent))
    else:
        (saved,) = written_of([get_visible(Objective.objects, membership, pk=pk)])
        if editor == EDITED:
            coach = coach_of_key_result(membership, saved, data, read_id(data.get("key_result")))
            places = [EDITED]
        elif editor == OBJECTIVE:
            coach = coach_of(read_objective(data, membership, saved))
        else:
            reading = read_draft(data, membership, saved.objective, saved.key_results)
            coach = coach_of_reading(membership, reading)
    shown = {"coach": coach, "margins": [coach.margin(where) for where in places], "editor": editor}
    return render(request, "objectives/_coach.html", shown)


# What the page opens with


def starting_point(
    request: HttpRequest, membership: Membership, parent: Objective | KeyResult | None
) -> dict[str, Any]:
    """What a new objective's form opens with: the team asked for, the cycle one plans, the KGI of what it helps."""
    teams = teams_planned_by(membership).order_by("position", "pk")
    team = teams.filter(pk=read_id(request.GET.get("team")) or 0).first()
    own = teams.filter(pk__in=membership.team_ids).first()
    cycle = choose_cycle(request, membership)
    if cycle is None or cycle.state == CycleState.CLOSED:
        cycle = Cycle.objects.visible_to(membership).exclude(state=CycleState.CLOSED).order_by("start").first()
    above = parent.objective if isinstance(parent, KeyResult) else parent
    asked = KGI.objects.visible_to(membership).filter(pk=read_id(request.GET.get("kgi")) or 0).first()
    return {
        "team": team or own or teams.first(),
        "personal": request.GET.get("level") == Level.INDIVIDUAL,
        "cycle": cycle,
        "kgi": asked.pk if asked is not None else above.kgi_id if above is not None else None,
    }


def begin(
    request: HttpRequest, membership: Membership, objective: Objective, initial: dict[str, Any]
) -> tuple[list[KeyResult], dict[int, Sequence[str]]]:
    """Fill a new objective in from the library and the levers asked for: its key results, and the steps of each."""
    sketch = sketch_named(membership, request.GET.get("template", ""), (get_language() or "ja")[:2])
    sketch = sketch or Sketch("")
    objective.title, objective.why, objective.kind = sketch.title, sketch.why, sketch.kind
    key_results = [key_result_of(one, objective) for one in sketch.key_results]
    steps: dict[int, Sequence[str]] = {place: one.steps for place, one in enumerate(sketch.key_results) if one.steps}
    for proposal in levers_asked(request, membership, initial):
        key_results.append(from_lever(proposal, objective))
    for key_result in key_results:
        if key_result.owner_id is None:
            key_result.owner = membership
    return key_results, steps


def levers_asked(request: HttpRequest, membership: Membership, initial: dict[str, Any]) -> list[Proposal]:
    """The levers named by `?lever=`, of the KGI named beside them, brought down to the cycle."""
    wanted, cycle = request.GET.getlist("lever")[:MOST_LEVERS], initial["cycle"]
    kgi = KGI.objects.visible_to(membership).filter(pk=initial["kgi"] or 0).select_related("organization", "funnel")
    if not wanted or cycle is None or (found := kgi.first()) is None:
        return []
    months = months_for(found, cycle)
    proposals = propose(found, months.share) if getattr(found, "funnel", None) is not None else []
    proposals += propose_nodes(found, months, leave_out=[row.kpi.key for row in proposals])
    by_key = {row.kpi.key: row for row in proposals}
    return [by_key[key] for key in dict.fromkeys(wanted) if key in by_key]


def from_lever(proposal: Proposal, objective: Objective) -> KeyResult:
    """A lever of the plan as a key result: its numbers in the cycle, its unit, how it is measured."""
    return KeyResult(
        objective=objective,
        title=proposal.name,
        kind=proposal.kind,
        unit=proposal.unit,
        start_value=proposal.start,
        must_hit_value=proposal.must_hit,
        target_value=proposal.target,
        measured_how=proposal.measured_how,
        measure_type=proposal.measure_type,
        measure_first=proposal.needs_measuring and proposal.kind != Kind.CUMULATIVE,
        owner_id=proposal.kpi.owner_id,
        kpi=proposal.kpi,
    )


# Saving and showing


def save(request: HttpRequest, page: DraftPage, parent: Objective | KeyResult | None) -> HttpResponse | None:
    """Write what was sent and lead on; None where it is drawn again, with what is wrong beside its field."""
    if page.is_shown_again or not page.is_valid():
        return None
    objective, rows, drafts = page.to_save()
    version = page.form.expected_version if page.form is not None and not page.is_new else None
    try:
        saved = save_draft(objective, drafts, by=page.membership, parent=parent, expected_version=version)
    except DraftRefused as refused:
        if page.may_be_written:
            page.meet(refused, rows)
            return None
        messages.error(request, refused.detail)
        return redirect(page_of(page.objective, page.membership.organization.slug))
    sentence = _("Drafted: “%(title)s”.") if page.is_new else _("Saved: “%(title)s”.")
    messages.success(request, sentence % {"title": saved.title})
    slug = page.membership.organization.slug
    response: HttpResponse
    if "stay" in request.POST:
        response = redirect("draft_objective", slug, saved.pk)
    else:
        response = back(request, page_of(saved, slug))
    # Tells static/js/draft.js that what it kept of this page has arrived, and was not answered by the door.
    response.set_cookie("drafted", page_key(request), max_age=86400, samesite="Lax", secure=request.is_secure())
    return response


def coach_on(request: HttpRequest, page: DraftPage, rows: Sequence[Any], parent: Objective | KeyResult | None) -> Coach:
    """The coach's answer to what the page shows."""
    if request.method == "POST":
        data = as_drawn(request.POST, page)
        standing = [row.key_result for row in page.rows if not row.is_new]
        fresh = Objective(organization=page.membership.organization, owner=page.membership)
        reading = read_draft(data, page.membership, objective_before(page) or fresh, standing, parent)
        return coach_of_reading(page.membership, reading)
    objective = page.objective
    if page.is_new:
        team, cycle = page.initial.get("team"), page.initial.get("cycle")
        if team is not None:
            objective.team = team
        if cycle is not None:
            objective.cycle = cycle
    written = Written(objective, [row.key_result for row in rows if row.is_begun], parent)
    tokens = tuple(row.token for row in rows if row.is_begun)
    asked = asked_of(tokens, written.key_results, objective)
    reading = Reading(draft_from(page.membership, written), tokens, is_new=page.is_new, asked=asked)
    return coach_of_reading(page.membership, reading)


def page_key(request: HttpRequest) -> str:
    """What tells this opening of the page from others: as it was sent, else a new one."""
    try:
        return str(uuid.UUID(request.POST.get("page", "")))
    except ValueError:
        return str(uuid.uuid4())


def objective_before(page: DraftPage) -> Objective | None:
    """The objective as it is saved, untouched by what was typed; None for a new one."""
    if page.is_new:
        return None
    return Objective.objects.select_related("cycle", "team", "kgi").get(pk=page.objective.pk)


def as_drawn(data: QueryDict, page: DraftPage) -> QueryDict:
    """What was sent, with the rows as they stand on the page by now."""
    drawn = data.copy()
    drawn.setlist("row", [row.token for row in page.rows])
    drawn.setlist("removed", [row.token for row in page.rows if row.is_removed])
    return drawn


def answer(
    request: HttpRequest,
    page: DraftPage,
    coach: Coach,
    parent: Objective | KeyResult | None,
    *,
    title: str = "",
) -> HttpResponse:
    membership = page.membership
    is_new = page.is_new
    parents = possible_parents_of(page, membership) if is_new else []
    shown = {
        "page": page,
        "form": page.form,
        "rows": [(row, coach.margin(row.token)) for row in page.rows],
        "coach": coach,
        "objective_margin": coach.margin(OBJECTIVE),
        "objective": None if is_new else page.objective,
        "title": title,
        "kinds": short_kinds(),
        "cycle": page.initial.get("cycle") if is_new else page.objective.cycle,
        "parent": parent,
        "parent_name": request.POST.get("parent") or request.GET.get("parent") or "",
        "parents": parents,
        "units": Unit.objects.visible_to(membership).offered().values_list("name", flat=True),
        "next": request.POST.get("next") or request.GET.get("next") or "",
        "no_cycle": is_new and page.form is not None and not page.form.fields["cycle"].queryset.exists(),
        "page_key": page_key(request),
        "learned_before": learned_before(membership, page.objective),
    }
    status = 422 if page.has_errors else 200
    shown["refused"] = status == 422
    is_part = request.htmx and page.is_shown_again and Act.of(request.POST).verb != "recall"  # type: ignore[attr-defined]
    return render(request, f"objectives/{'_draft_rows' if is_part else 'draft_objective'}.html", shown, status=status)


def possible_parents_of(page: DraftPage, membership: Membership) -> list[Objective]:
    """What a new objective could help: of the company and of the team above."""
    team, cycle = page.initial.get("team"), page.initial.get("cycle")
    if team is None or cycle is None:
        return []
    level = Level.INDIVIDUAL if page.initial.get("personal") else Level.TEAM
    return possible_parents(Objective(team=team, cycle=cycle, level=level), membership, "")


def short_kinds() -> list[tuple[str, str, str]]:
    """The kinds with an example each, short enough for a list to choose from."""
    examples = {
        Kind.REACH: _("15% → 25%"),
        Kind.CUMULATIVE: _("30 in the cycle"),
        Kind.QUOTA: _("3 every week"),
        Kind.AVERAGE: _("30 days on average"),
        Kind.KEEP: _("at least 95%, kept"),
        Kind.COVERAGE: _("all 50 of them"),
        Kind.MILESTONE: _("steps, finished or not"),
    }
    return [(str(kind), str(kind.label), examples[kind]) for kind in Kind]
