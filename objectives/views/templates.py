"""The library: sets to begin a draft with, and the organization's own templates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from objectives.access import choose_cycle, may_add_key_result, teams_planned_by
from objectives.forms.templates import TemplateForm, meet_rows, row_forms
from objectives.formulas.sketches import KeyResultSketch
from objectives.models import Area, CycleState, Objective, ObjectiveState, Template
from objectives.queries.templates import (
    Offer,
    key_of,
    our_offers,
    own_offers,
    single_measures,
    sketch_named,
    sketch_of,
    that_answer,
)
from objectives.services import templates as services
from objectives.views.editing import PAGE_METHODS
from people.access import get_editable, get_membership, get_visible, get_within_reach, read_id, refuse
from people.forms import add_refusal
from people.models import Membership, Role, Unit
from people.refusals import Refusal

FIRST_STEPS, SINGLE = "first-steps", "single"
MOST_DRAFTS = 100


# What a draft is to begin with beside the set, kept on the way through the library.
KEPT = ("cycle", "team", "parent", "kgi", "lever")


def language() -> str:
    return get_language() or "ja"


@require_safe
def library(request: HttpRequest, slug: str) -> HttpResponse:
    membership = get_membership(request, slug)
    if membership.is_partner:
        refuse()
    area = one_of(request, "area", {*Area.values, FIRST_STEPS, SINGLE})
    whose = one_of(request, "whose", {"ours", "own"})
    words = request.GET.get("q", "")[:100]
    own = that_answer([offer for offer in own_offers(membership) if fits(offer, area)], words)
    ours = that_answer([offer for offer in our_offers(membership, language()) if fits(offer, area)], words)
    lists_singles = area in {"", SINGLE} and whose != "own"
    cycle = choose_cycle(request, membership)
    target = draft_chosen(request, membership)
    drafts = list(drafts_for(membership)[:MOST_DRAFTS])
    kept = {name: request.GET[name] for name in KEPT if request.GET.get(name)}
    shown: dict[str, Any] = {
        "own": [] if whose == "ours" else own,
        "groups": [] if whose == "own" else grouped(ours),
        "singles": single_measures(membership, language(), words) if lists_singles else [],
        "words": words,
        "area": area,
        "areas": [(FIRST_STEPS, _("First steps")), *Area.choices, (SINGLE, _("Single measures"))],
        "whose": whose,
        "target": target,
        "drafts": drafts if target is None or target in drafts else [target, *drafts],
        "may_draft": teams_planned_by(membership).exists(),
        "kept": urlencode(kept),
        "kept_fields": kept.items(),
        "is_first": cycle is not None and cycle.is_first and not cycle.is_closed,
        "retired": retired_within_reach(membership),
    }
    shown["count"] = len(shown["own"]) + sum(len(offers) for _label, offers in shown["groups"])
    if request.htmx and request.htmx.target == "library":  # type: ignore[attr-defined]
        return render(request, "objectives/_library.html", shown)
    return render(request, "objectives/library.html", shown)


def one_of(request: HttpRequest, name: str, known: set[str]) -> str:
    asked = request.GET.get(name, "")
    return asked if asked in known else ""


def fits(offer: Offer, area: str) -> bool:
    return offer.is_for_beginners if area == FIRST_STEPS else area in {"", offer.area}


def grouped(offers: list[Offer]) -> list[tuple[str, list[Offer]]]:
    """The sets of each area, in the order of the areas."""
    groups: dict[str, list[Offer]] = {}
    for offer in offers:
        groups.setdefault(offer.area_label, []).append(offer)
    return list(groups.items())


def drafts_for(membership: Membership) -> QuerySet[Objective]:
    """The drafts to which the person may add a key result, the latest first."""
    rows = Objective.objects.visible_to(membership).exclude(cycle__state=CycleState.CLOSED)
    mine = Q(pk__in=Objective.objects.editable_by(membership).values("pk"))
    if membership.role == Role.MEMBER:
        mine |= Q(team__in=membership.team_ids)
    drafts = rows.filter(mine, state__in=[ObjectiveState.DRAFT, ObjectiveState.PROPOSED])
    return drafts.select_related("team").order_by("-pk")


def draft_chosen(request: HttpRequest, membership: Membership) -> Objective | None:
    """The objective that key results of the library are to be added to, where the person may."""
    number = read_id(request.GET.get("objective"))
    if number is None:
        return None
    objective = get_visible(Objective.objects.select_related("team", "cycle"), membership, pk=number)
    return objective if not objective.is_closed and may_add_key_result(membership, objective) else None


def retired_within_reach(membership: Membership) -> QuerySet[Template]:
    return Template.objects.within_reach_of(membership).exclude(retired_at=None).order_by("-retired_at")[:MOST_DRAFTS]


@require_http_methods(PAGE_METHODS)
def new_template(request: HttpRequest, slug: str) -> HttpResponse:
    """A template written from nothing, or from a set named by `?from=`."""
    membership = get_membership(request, slug)
    if membership.is_partner:
        refuse()
    key = request.GET.get("from", "")
    sketch = sketch_named(membership, key, language())
    initial: dict[str, Any] = {}
    rows: Sequence[KeyResultSketch] = ()
    if sketch is not None:
        initial = {"title": sketch.title, "why": sketch.why, "kind": sketch.kind}
        rows = sketch.key_results
        offer = next((each for each in our_offers(membership, language()) if each.key == key), None)
        if offer is not None:
            initial |= {"area": offer.area, "note": offer.helps}
    return edit(request, membership, Template(organization=membership.organization), initial=initial, rows=rows)


@require_http_methods(PAGE_METHODS)
def edit_template(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    template = get_editable(Template.objects.prefetch_related("key_results"), membership, pk=pk)
    return edit(request, membership, template, rows=sketch_of(template).key_results)


def edit(
    request: HttpRequest,
    membership: Membership,
    template: Template,
    *,
    rows: Sequence[KeyResultSketch],
    initial: dict[str, Any] | None = None,
) -> HttpResponse:
    """The page of one template, new or not; `add_row` adds a line without saving."""
    is_new, title = template._state.adding, template.title
    only_redraw = request.method == "POST" and "add_row" in request.POST
    if only_redraw:
        form = TemplateForm(instance=template, initial=request.POST.dict())
        lines = row_forms(rows, request.POST, more=1)
    elif request.method == "POST":
        form, lines = TemplateForm(request.POST, instance=template), row_forms(rows, request.POST)
        is_sound = lines.is_valid()
        if form.is_valid() and is_sound:
            expected = None if is_new else form.expected_version
            try:
                saved = services.save_template(
                    form.save(commit=False), lines.rows, by=membership, expected_version=expected
                )
            except Refusal as refusal:
                add_refusal(form, refusal)
                if refusal.code == "stale":
                    current = Template.objects.prefetch_related("key_results").get(pk=template.pk)
                    form.meet(TemplateForm(instance=current))
                    meet_rows(form, sketch_of(current).key_results, lines.rows)
            else:
                messages.success(request, _("Saved: “%(title)s”.") % {"title": saved.title})
                return redirect(f"{reverse('library', args=[membership.organization.slug])}#set-{key_of(saved)}")
    else:
        form, lines = TemplateForm(instance=template, initial=initial), row_forms(rows)
    status = 422 if not only_redraw and (form.errors or (lines.is_bound and lines.total_error_count())) else 200
    shown = {
        "form": form,
        "rows": lines,
        "template": None if is_new else template,
        "title": title,
        "units": Unit.objects.visible_to(membership).offered().values_list("name", flat=True),
    }
    is_part = request.htmx and only_redraw  # type: ignore[attr-defined]
    page = "objectives/_template_rows.html" if is_part else "objectives/edit_template.html"
    return render(request, page, shown, status=status)


@require_POST
def save_as_template(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Keep an objective as a template; who may change it is led to say when it helps."""
    membership = get_membership(request, slug)
    objective = get_visible(Objective.objects.all(), membership, pk=pk)
    if membership.is_partner:
        refuse()
    template = services.save_as_template(objective, by=membership)
    message = _("“%(title)s” is in the library now, without owners. Say when it helps, so that others find it.")
    if not Template.objects.editable_by(membership).filter(pk=template.pk).exists():
        message = _("“%(title)s” is in the library already.")
        messages.info(request, message % {"title": template.title})
        return redirect(f"{reverse('library', args=[slug])}#set-{key_of(template)}")
    messages.success(request, message % {"title": template.title})
    return redirect("edit_template", slug, template.pk)


@require_POST
def retire_template(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Offer it no longer; the toast can undo it."""
    membership = get_membership(request, slug)
    template = services.retire_template(get_within_reach(Template.objects, membership, pk=pk))
    undo = reverse("restore_template", args=[slug, pk])
    sentence = _("“%(title)s” is no longer offered.") % {"title": template.title}
    messages.success(request, sentence, extra_tags=undo)
    return redirect("library", slug)


@require_POST
def restore_template(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    template = services.restore_template(get_within_reach(Template.objects, membership, pk=pk))
    messages.success(request, _("“%(title)s” is offered again.") % {"title": template.title})
    return redirect(f"{reverse('library', args=[slug])}#set-{key_of(template)}")
