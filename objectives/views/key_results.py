"""Writing, dropping and bringing back key results."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from funnel.formulas.numbers import format_amount
from funnel.models import KPI
from objectives import services
from objectives.access import may_add_key_result
from objectives.forms.agreement import ReturnForm
from objectives.forms.key_results import ALL_MEASURES, KeyResultForm, step_forms
from objectives.formulas.units import LOWER, Scale, UnitDoubt, doubts_on_measure
from objectives.models import KeyResult, Kind, Objective
from objectives.queries.templates import key_result_named
from objectives.queries.units import scale_of
from objectives.services.templates import COPIED
from objectives.views.coaching import beside_key_result
from objectives.views.editing import PAGE_METHODS, back, drop_goal, page_of, refused
from people.access import get_editable, get_membership, get_visible, read_id, refuse
from people.forms import add_refusal
from people.models import Membership, Unit
from people.refusals import Refusal

FROM_LIBRARY = (*COPIED, "steps")
TYPED = ("title", *ALL_MEASURES, "owner", "measured_how", "measure_type", "weight", "kpi", "reason")


def explained_kinds() -> list[tuple[str, str, str]]:
    """The kinds with what each is for, by example."""
    examples = {
        Kind.REACH: _("A figure moves from here to there: win rate 15% → 25%, days 45 → 30"),
        Kind.CUMULATIVE: _("What is added up over the cycle: 30 new customers"),
        Kind.QUOTA: _("So many every week or month: 3 posts a week"),
        Kind.AVERAGE: _("The mean of all readings: 30 days from proposal to order"),
        Kind.KEEP: _("A value held above or below a limit: a CRM entry rate of at least 95%"),
        Kind.COVERAGE: _("So many of all there are: reviews with all 50 key accounts"),
        Kind.MILESTONE: _("Steps that are finished or not: content calendar made"),
    }
    return [(str(kind), str(kind.label), examples[kind]) for kind in Kind]


@require_http_methods(PAGE_METHODS)
def new_key_result(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    rows = Objective.objects.select_related("cycle", "team", "kgi")
    objective = get_visible(rows, membership, pk=pk)
    if not may_add_key_result(membership, objective):
        refuse()
    key_result = KeyResult(objective=objective, position=objective.key_results.count())
    initial = from_kpi(request, membership) or from_library(request, membership)
    return edit(request, membership, key_result, initial=initial)


def from_kpi(request: HttpRequest, membership: Membership) -> dict[str, Any]:
    """What a lever named by `?kpi=` fills in."""
    kpi = KPI.objects.visible_to(membership).filter(pk=read_id(request.GET.get("kpi")) or 0).first()
    if kpi is None:
        return {}
    return {
        "kpi": kpi.pk,
        "title": kpi.name,
        "unit": "%" if kpi.is_rate else kpi.unit,
        "start_value": kpi.in_people_units(kpi.current),
        "must_hit_value": kpi.in_people_units(kpi.must_hit),
        "target_value": kpi.in_people_units(kpi.challenge),
        "measured_how": kpi.source,
    }


def from_library(request: HttpRequest, membership: Membership) -> dict[str, Any]:
    """What a key result of the library, named by `?template=` and `?row=`, fills in."""
    key, row = request.GET.get("template", ""), request.GET.get("row", "")
    sketch = key_result_named(membership, key, row, get_language() or "ja")
    if sketch is None:
        return {}
    return {name: getattr(sketch, name) for name in FROM_LIBRARY}


@require_http_methods(PAGE_METHODS)
def edit_key_result(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    rows = KeyResult.objects.select_related("objective__cycle", "objective__team", "owner__user")
    key_result = get_editable(rows, membership, pk=pk)
    return edit(request, membership, key_result)


def edit(
    request: HttpRequest, membership: Membership, key_result: KeyResult, *, initial: dict[str, Any] | None = None
) -> HttpResponse:
    """The page of one key result, new or not: `choose` changes the kind and `add_step` adds a row without saving."""
    slug, objective = membership.organization.slug, key_result.objective
    is_new = key_result._state.adding
    kind_is_fixed = not is_new and key_result.check_ins.exists()
    begun = initial or {}
    asked = (
        request.POST.get("kind") or request.GET.get("kind") or begun.get("kind") or ("" if is_new else key_result.kind)
    )
    kind = key_result.kind if kind_is_fixed else asked if asked in Kind.values else ""
    only_redraw = request.method == "POST" and ("choose" in request.POST or "add_step" in request.POST)
    title, status, form, steps = key_result.title, 200, None, None

    def fresh_form(data: QueryDict | None = None, row: KeyResult = key_result, **more: Any) -> KeyResultForm:
        suggestions = reverse("people_suggestions", args=[slug])
        return KeyResultForm(data, instance=row, membership=membership, kind=kind, suggestions=suggestions, **more)

    if kind and request.method == "POST" and not only_redraw:
        form = fresh_form(request.POST)
        steps = step_forms(key_result, request.POST) if kind == Kind.MILESTONE else None
        if is_complete(form, steps):
            try:
                saved = services.save_key_result(
                    form.save(commit=False),
                    by=membership,
                    steps=steps.steps if steps is not None else None,
                    reason=form.cleaned_data.get("reason", ""),
                    expected_version=form.expected_version if not is_new else None,
                )
            except Refusal as refusal:
                add_refusal(form, refusal)
                if refusal.code == "stale":
                    row = KeyResult.objects.select_related("objective__cycle").get(pk=key_result.pk)
                    form.meet(fresh_form(row=row))
            else:
                sentence = _("Saved: “%(title)s”.") % {"title": saved.title}
                doubts = doubts_of(saved, membership)
                if form.must_hit_lies_outside:
                    doubts.insert(0, doubt_on_must_hit(saved))
                if doubts:
                    messages.warning(request, with_doubts(sentence, doubts, saved, slug))
                else:
                    messages.success(request, sentence)
                return back(request, page_of(objective, slug))
        status = 422
    elif kind:
        redrawn = {name: request.POST[name] for name in TYPED if name in request.POST} if only_redraw else {}
        form = fresh_form(initial=begun | redrawn)
        if kind == Kind.MILESTONE:
            more = 1 if "add_step" in request.POST else 0
            typed = request.POST if only_redraw and "steps-TOTAL_FORMS" in request.POST else None
            steps = step_forms(key_result, typed, more=more, begun=begun.get("steps", ()))
        if only_redraw and "submission_key" in form.fields:
            form.initial["submission_key"] = request.POST.get("submission_key") or None
        if only_redraw and "version" in form.fields:
            form.initial["version"] = request.POST.get("version", "")
    elif request.method == "POST":
        status = 422
    shown = {
        "form": form,
        "steps": steps,
        "objective": objective,
        "key_result": None if is_new else key_result,
        "title": title,
        "kind": kind,
        "kinds": explained_kinds(),
        "kind_is_fixed": kind_is_fixed,
        "units": Unit.objects.visible_to(membership).offered().values_list("name", flat=True),
        "doubts": [] if is_new or kind != key_result.kind else doubts_of(key_result, membership),
        "kind_missing": status == 422 and not kind,
        "margin": beside_key_result(membership, key_result, request.POST if request.method == "POST" else None),
        "count": objective.key_results.filter(dropped_at=None).count(),
        "next": request.POST.get("next") or request.GET.get("next") or "",
        "back": page_of(objective, slug),
    }
    is_part = request.htmx and only_redraw  # type: ignore[attr-defined]
    template = "objectives/_key_result_fields.html" if is_part else "objectives/edit_key_result.html"
    return render(request, template, shown, status=status)


def with_doubts(sentence: str, doubts: list[str], saved: KeyResult, slug: str) -> str:
    """What was saved, and what of it looks odd, with the way back."""
    address = reverse("edit_key_result", args=[slug, saved.pk])
    return format_html('{} {} <a href="{}">{}</a>', sentence, " ".join(doubts), address, _("Change it"))


def doubt_on_must_hit(saved: KeyResult) -> str:
    """That the must-hit target lies outside the way."""
    challenge = saved.population if saved.kind == Kind.COVERAGE else saved.target_value
    doubt = _(
        "The must-hit target %(must_hit)s does not lie between the baseline %(start)s and the challenge %(target)s."
    )
    values = {"must_hit": saved.must_hit_value, "start": saved.start_value or 0, "target": challenge}
    return doubt % {name: said(value, saved.unit) for name, value in values.items() if value is not None}


def said(value: Decimal | int, unit: str = "") -> str:
    return format_amount(value, unit=unit, language=(get_language() or "ja")[:2])


def doubts_of(key_result: KeyResult, membership: Membership) -> list[str]:
    """What about the saved numbers does not suit their unit, as questions."""
    scale = scale_of(membership.organization_id, key_result.unit)
    return [sentence_of_doubt(doubt, scale, key_result) for doubt in doubts_on_measure(key_result.measure, scale)]


def sentence_of_doubt(doubt: UnitDoubt, scale: Scale | None, key_result: KeyResult) -> str:
    values = {"unit": key_result.unit, "value": said(doubt.value, key_result.unit)}
    if doubt.code == "outside_scale" and scale is not None:
        ends = [said(end) for end in (scale.minimum, scale.maximum) if end is not None]
        if len(ends) == 2:
            return _("%(value)s lies outside the scale of %(unit)s, %(from)s to %(to)s. Is it meant so?") % (
                values | {"from": ends[0], "to": ends[1]}
            )
        return _("%(value)s lies outside the scale of %(unit)s, which ends at %(end)s. Is it meant so?") % (
            values | {"end": ends[0]}
        )
    if scale is not None and scale.better == LOWER:
        return _("Less is usually better where one counts in %(unit)s. Should this number really grow?") % values
    return _("More is usually better where one counts in %(unit)s. Should this number really fall?") % values


def is_complete(form: KeyResultForm, steps: Any) -> bool:
    """Whether form and steps can be saved; every error stands where it belongs."""
    is_valid = form.is_valid()
    if steps is not None:
        is_valid = steps.is_valid() and is_valid
    form.check_measure(steps.steps if steps is not None and steps.is_valid() else None)
    return is_valid and not form.errors


@require_http_methods(PAGE_METHODS)
def drop_key_result(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    rows = KeyResult.objects.select_related("objective__cycle", "objective__team")
    key_result = get_editable(rows, membership, pk=pk)

    def drop(reason: str) -> None:
        services.drop_key_result(key_result, reason=reason, by=membership)

    page = page_of(key_result.objective, slug)
    undo = reverse("restore_key_result", args=[slug, pk])
    return drop_goal(request, key_result, drop, undo=undo, afterwards=page, back=page)


@require_POST
def restore_key_result(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Undo dropping. Its owner and whoever may change the objective may bring it back."""
    membership = get_membership(request, slug)
    rows = KeyResult.objects.filter(objective__organization=membership.organization_id, pk=pk)
    key_result = rows.select_related("objective__cycle").first()
    if key_result is None or key_result.objective.dropped_at is not None or membership.is_partner:
        raise Http404
    objective = key_result.objective
    if key_result.owner_id != membership.pk:
        get_editable(Objective.objects, membership, pk=objective.pk)
    form = ReturnForm(request.POST)
    if form.is_valid():
        try:
            services.restore_key_result(key_result, by=membership, reason=form.cleaned_data["reason"])
        except Refusal as refusal:
            if not refusal.fields:
                return refused(request, objective, refusal)
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Back in the plan: “%(title)s”.") % {"title": key_result.title})
            return back(request, page_of(objective, slug))
    shown = {"form": form, "key_result": key_result, "objective": objective, "next": request.POST.get("next", "")}
    return render(request, "objectives/restore_key_result.html", shown, status=422)
