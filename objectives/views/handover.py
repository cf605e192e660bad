"""Bringing a partner's work into the house: the page of the steps, and their part of it in the partner's room."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from funnel.models import PLANNERS, HandoverStep
from objectives.forms.handover import HandoverDayForm, StepForm
from objectives.queries.handover import Handover, handover_of
from objectives.queries.room_talk import room_page
from objectives.services import handover as services
from objectives.views.editing import PAGE_METHODS
from objectives.views.room_talk import get_room_partner, room_talk_shown
from people.access import get_editable, get_insider, get_membership, get_visible, read_id, refuse
from people.forms import add_refusal
from people.models import Membership
from people.refusals import Refusal

WEEKS = 12
"""So far ahead lies the day that is proposed."""


@require_http_methods(PAGE_METHODS)
def handover(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The handover of a partner's work; sent to it, the day from which it is done in-house."""
    membership = get_insider(request, slug)
    partner = get_room_partner(membership, pk)
    if request.method != "POST":
        return show(request, membership, partner)
    refuse_readers(membership)
    form = day_form(membership, handover_of(partner, membership, with_facts=False), request.POST)
    if form.is_valid():
        try:
            services.plan_handover(
                partner, by=membership, on=form.cleaned_data["on"], expected_version=form.expected_version
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
            if refusal.code == "stale":
                form.expect(handover_of(partner, membership, with_facts=False).version)
        else:
            return answered(request, membership, partner)
    return show(request, membership, partner, day=form)


@require_POST
def leave_off_handover(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_insider(request, slug)
    partner = get_room_partner(membership, pk)
    refuse_readers(membership)
    return act(request, membership, partner, lambda: services.leave_off_handover(partner, by=membership))


@require_POST
def add_handover_step(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_insider(request, slug)
    partner = get_room_partner(membership, pk)
    refuse_readers(membership)
    form = step_form(membership, partner, request.POST)
    if written(form, lambda: services.add_step(partner, by=membership, **form.said())):
        return answered(request, membership, partner)
    return show(request, membership, partner, new=form)


@require_POST
def edit_handover_step(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership, step, partner = step_at(request, slug, pk)
    refuse_readers(membership)
    form = step_form(membership, partner, request.POST, step=step)

    def save() -> None:
        services.save_step(step, by=membership, **form.said(), expected_version=form.expected_version)

    if written(form, save):
        return answered(request, membership, partner, step)
    return show(request, membership, partner, edit=form, editing=step.pk)


@require_POST
def tick_handover_step(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A step is done, or with `done=0` it is not; for those who plan, its owner, and the partner whose step it is."""
    membership, step, partner = step_at(request, slug, pk)
    get_editable(HandoverStep.objects, membership, pk=pk)
    done = request.POST.get("done") != "0"
    return act(request, membership, partner, lambda: services.tick_step(step, by=membership, done=done), step)


@require_POST
def move_handover_step(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """To the place `to` of the list, counted from 0."""
    membership, step, partner = step_at(request, slug, pk)
    refuse_readers(membership)
    to = read_id(request.POST.get("to"))
    if to is None:
        return answered(request, membership, partner, step)
    return act(request, membership, partner, lambda: services.move_step(step, by=membership, to=to), step)


@require_POST
def drop_handover_step(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership, step, partner = step_at(request, slug, pk)
    refuse_readers(membership)
    return act(request, membership, partner, lambda: services.drop_step(step, by=membership))


@require_POST
def restore_handover_step(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership, step, partner = step_at(request, slug, pk)
    refuse_readers(membership)
    return act(request, membership, partner, lambda: services.restore_step(step, by=membership), step)


def step_at(request: HttpRequest, slug: str, pk: int) -> tuple[Membership, HandoverStep, Membership]:
    """A step and the partner whose work it is about. A partner meets theirs while a handover is planned."""
    membership = get_membership(request, slug)
    rows = HandoverStep.objects.select_related("partner", "owner__user")
    step = get_visible(rows.filter(dropped_at=None) if membership.is_partner else rows, membership, pk=pk)
    partner = get_room_partner(membership, step.partner_id)
    if membership.is_partner and not is_planned(partner):
        raise Http404
    return membership, step, partner


def is_planned(partner: Membership) -> bool:
    return hasattr(partner, "room") and partner.room.handover_on is not None


def refuse_readers(membership: Membership) -> None:
    if membership.role not in PLANNERS:
        refuse()


def day_form(membership: Membership, found: Handover, data: Any = None) -> HandoverDayForm:
    otherwise = membership.organization.today + timedelta(weeks=WEEKS)
    return HandoverDayForm(data, handover=found, otherwise=otherwise, auto_id="id_handover_%s")


def step_form(
    membership: Membership, partner: Membership, data: Any = None, *, step: HandoverStep | None = None
) -> StepForm:
    suggestions = reverse("people_suggestions", args=[membership.organization.slug])
    auto_id = f"id_step_{step.pk if step is not None else 'new'}_%s"
    return StepForm(data, membership=membership, partner=partner, step=step, suggestions=suggestions, auto_id=auto_id)


def written(form: StepForm, write: Callable[[], Any]) -> bool:
    """Whether what was typed was taken; a refusal stands beside the field."""
    if not form.is_valid():
        return False
    try:
        write()
    except Refusal as refusal:
        add_refusal(form, refusal)
        return False
    return True


def act(
    request: HttpRequest,
    membership: Membership,
    partner: Membership,
    write: Callable[[], Any],
    step: HandoverStep | None = None,
) -> HttpResponse:
    try:
        write()
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    return answered(request, membership, partner, step)


def answered(
    request: HttpRequest, membership: Membership, partner: Membership, step: HandoverStep | None = None
) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        return show(request, membership, partner)
    place = f"#step-{step.pk}" if step is not None else "#handover"
    if membership.is_partner:
        return redirect(room_page(membership, partner) + place)
    return redirect(reverse("handover", args=[membership.organization.slug, partner.pk]) + place)


def show(
    request: HttpRequest,
    membership: Membership,
    partner: Membership,
    *,
    day: HandoverDayForm | None = None,
    new: StepForm | None = None,
    edit: StepForm | None = None,
    editing: int = 0,
) -> HttpResponse:
    """The page, or the part of it that htmx asks for; with a form that was refused 422."""
    if membership.is_partner:
        return render(request, "objectives/_room_handover.html", room_handover_shown(membership, partner))
    found = handover_of(partner, membership)
    shown: dict[str, Any] = {"one": partner, "handover": found}
    if found.may_plan:
        asked = editing or read_id(request.GET.get("edit"))
        own = next((step for step in found.steps if step.pk == asked), None)
        if own is not None:
            shown |= {"editing": own.pk, "edit_form": edit or step_form(membership, partner, step=own)}
        shown |= {
            "day_form": day or day_form(membership, found),
            "step_form": new or step_form(membership, partner),
            "is_adding": new is not None or request.GET.get("add") == "1",
        }
    refused = any(form is not None and form.errors for form in (day, new, edit))
    template = "objectives/_handover.html" if request.htmx else "objectives/handover.html"  # type: ignore[attr-defined]
    return render(request, template, shown, status=422 if refused else 200)


def room_handover_shown(membership: Membership, partner: Membership) -> dict[str, Any]:
    """What `_room_handover.html` needs: the list as the partner reads it, while a handover is planned."""
    if not is_planned(partner):
        return {"handover": None}
    return {"handover": handover_of(partner, membership, with_facts=False)}


def room_parts(request: HttpRequest, membership: Membership, partner: Membership) -> dict[str, Any]:
    """The talk and the handover as they stand in the partner's room, read by `membership`."""
    return room_talk_shown(request, membership, partner) | room_handover_shown(membership, partner)
