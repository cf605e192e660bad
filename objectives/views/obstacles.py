"""What is in the way: the list, one obstacle with all that is said about it, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from objectives.access import teams_seen_by
from objectives.forms.comments import WordsForm
from objectives.forms.obstacles import ObstacleForm, SolutionForm
from objectives.formulas.obstacles import tone_of
from objectives.models import Obstacle, ObstacleKind, ObstacleState
from objectives.queries.bars import key_result_bar
from objectives.queries.comments import may_talk
from objectives.queries.obstacles import (
    ANY,
    Wanted,
    dressed,
    may_change,
    obstacles_wanted,
    risen_to,
    wanted_from,
    with_names,
)
from objectives.sentences.coaching import prompts_for, remark_on
from objectives.services import obstacles as services
from objectives.views.comments import comments_shown
from people.access import get_editable, get_membership, get_visible, refuse
from people.exports import csv_response
from people.forms import add_refusal
from people.models import Membership, Role
from people.refusals import Refusal

PAGE = 30
MOST_ROWS_IN_A_FILE = 10_000
ANSWERING = (Role.MANAGER, Role.EXECUTIVE, Role.ADMIN)


@require_safe
def obstacles(request: HttpRequest, slug: str) -> HttpResponse:
    membership = get_membership(request, slug)
    wanted = wanted_from(request.GET)
    rows = obstacles_wanted(membership, wanted)
    today = membership.organization.today
    if request.GET.get("download") == "csv":
        return obstacles_csv(dressed(rows[:MOST_ROWS_IN_A_FILE], today))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    for name in ("page", "download"):
        query.pop(name, None)
    standing = obstacles_wanted(membership, Wanted())
    found = dressed(page.object_list, today)
    shown = {
        "wanted": wanted,
        "page": page,
        "rows": found,
        "standing": standing.count(),
        "oldest": dressed(standing[:1], today),
        "risen": standing.filter(risen_to(membership)).count() if membership.role in ANSWERING else 0,
        "may_be_risen": membership.role in ANSWERING,
        "teams": teams_seen_by(membership),
        "kinds": [(value or "unsorted", value, label) for value, label in ObstacleKind.choices],
        "states": [*ObstacleState.choices, (ANY, _("All, also those that are over"))],
        "query": query.urlencode() + "&" if query else "",
    }
    is_part = request.htmx and request.htmx.target == "rows"  # type: ignore[attr-defined]
    return render(request, "objectives/_obstacle_rows.html" if is_part else "objectives/obstacles.html", shown)


def obstacles_csv(rows: list[Obstacle]) -> HttpResponse:
    header = [
        _("In the way"),
        _("Kind"),
        _("State"),
        _("Objective"),
        _("Key result"),
        _("Team"),
        _("Named by"),
        _("Named on"),
        _("Days"),
        _("Who clears it"),
        _("Has risen to"),
        _("What helped"),
        _("Solved on"),
    ]
    return csv_response(
        _("Obstacles"),
        header,
        [
            [
                row.text,
                row.get_kind_display(),
                row.get_state_display(),
                row.key_result.objective.title,
                row.key_result.title,
                row.key_result.objective.team.name,
                row.raised_by.user.name,
                row.raised_on.isoformat(),
                row.days,  # type: ignore[attr-defined]
                row.owner.user.name,
                row.get_risen_to_display() if row.risen_to else "",
                row.solution,
                row.solved_on.isoformat() if row.solved_on else "",
            ]
            for row in rows
        ],
    )


@require_safe
def obstacle(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    return show(request, membership, get_visible(rows_in_full(), membership, pk=pk))


def rows_in_full() -> Any:
    return with_names(Obstacle.objects.all()).select_related(
        "key_result__objective__cycle", "key_result__scored", "check_in__author__user"
    )


def show(request: HttpRequest, membership: Membership, found: Obstacle, **forms: Any) -> HttpResponse:
    """The whole page, or the part of it that htmx swaps; with a form that was refused 422."""
    organization = membership.organization
    today = organization.today
    dressed([found], today)
    talks = may_talk(membership, found.key_result.objective_id)
    place = reverse("mention_suggestions", args=[organization.slug, found.key_result.objective_id])
    shown = {
        "obstacle": found,
        "today": today,
        "bar": key_result_bar(found.key_result, organization, today),
        "may_talk": talks,
        "may_answer": talks and membership.role in ANSWERING and found.is_standing,
        "may_change": may_change(membership, found),
        "is_owner": found.owner_id == membership.pk,
        "prompts": prompts_for(found.kind),
        "remark": request.session.pop(f"remark-{found.pk}", ""),
        "answer_form": WordsForm(mentions=place, auto_id="answer_%s"),
        "offer_form": WordsForm(mentions=place, auto_id="offer_%s"),
        "solution_form": SolutionForm(initial={"solution": found.solution}),
        "change_form": ObstacleForm(
            obstacle=found, membership=membership, suggestions=reverse("people_suggestions", args=[organization.slug])
        ),
        **comments_shown(request, membership, found),
    }
    shown |= forms
    refused = any(form.errors for form in forms.values() if hasattr(form, "errors"))
    template = "objectives/_obstacle.html" if request.htmx else "objectives/obstacle.html"  # type: ignore[attr-defined]
    return render(request, template, shown, status=422 if refused else 200)


def shown_anew(request: HttpRequest, membership: Membership, pk: int) -> HttpResponse:
    """After an act: the part that changed for htmx, else the page itself."""
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("obstacle", membership.organization.slug, pk)
    return show(request, membership, rows_in_full().get(pk=pk)) if seen(membership, pk) else HttpResponse(status=204)


def seen(membership: Membership, pk: int) -> bool:
    return Obstacle.objects.visible_to(membership).filter(pk=pk).exists()


def helped_by(request: HttpRequest, slug: str, pk: int) -> tuple[Membership, Obstacle]:
    """The obstacle, for whoever may help with it: everybody inside, a partner where the share says so."""
    membership = get_membership(request, slug)
    found = get_visible(rows_in_full(), membership, pk=pk)
    if not may_talk(membership, found.key_result.objective_id):
        refuse()
    return membership, found


def say(
    request: HttpRequest, membership: Membership, found: Obstacle, name: str, write: Callable[..., Any]
) -> HttpResponse:
    """Have the words written, or show what is wrong with them beside the field."""
    place = reverse("mention_suggestions", args=[membership.organization.slug, found.key_result.objective_id])
    form = WordsForm(request.POST, mentions=place, auto_id=f"{name.partition('_')[0]}_%s")
    if form.is_valid():
        try:
            write(
                found, by=membership, text=form.cleaned_data["text"], submission_key=form.cleaned_data["submission_key"]
            )
            return shown_anew(request, membership, found.pk)
        except Refusal as refusal:
            add_refusal(form, refusal)
    return show(request, membership, found, **{name: form})


@require_POST
def offer_help(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership, found = helped_by(request, slug, pk)
    return say(request, membership, found, "offer_form", services.offer_help)


@require_POST
def answer_obstacle(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The answer of somebody who leads. One that sounds like blame is taken all the same, and gently remarked on."""
    membership, found = helped_by(request, slug, pk)
    if membership.role not in ANSWERING:
        refuse()
    if "check" in request.POST:
        return render(
            request, "objectives/_remark.html", {"remark": remark_on(tone_of(request.POST.get("text", "")[:2000]))}
        )
    remark = remark_on(tone_of(request.POST.get("text", "")[:2000]))
    answer = say(request, membership, found, "answer_form", services.answer_obstacle)
    if remark and not request.htmx and answer.status_code == 302:  # type: ignore[attr-defined]
        request.session[f"remark-{found.pk}"] = remark
    return answer


@require_POST
def take_over_obstacle(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership, found = helped_by(request, slug, pk)
    return act(request, membership, found, lambda: services.take_over_obstacle(found, by=membership))


@require_POST
def change_obstacle(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    found = get_editable(rows_in_full(), membership, pk=pk)
    form = ObstacleForm(
        request.POST,
        obstacle=found,
        membership=membership,
        suggestions=reverse("people_suggestions", args=[membership.organization.slug]),
    )
    if form.is_valid():
        try:
            services.change_obstacle(
                found, by=membership, kind=form.cleaned_data["kind"], owner=form.cleaned_data["owner"]
            )
            return shown_anew(request, membership, found.pk)
        except Refusal as refusal:
            add_refusal(form, refusal)
    return show(request, membership, found, change_form=form)


@require_POST
def solve_obstacle(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    found = get_editable(rows_in_full(), membership, pk=pk)
    form = SolutionForm(request.POST)
    if not form.is_valid():
        return show(request, membership, found, solution_form=form)
    services.solve_obstacle(found, by=membership, solution=form.cleaned_data["solution"])
    return shown_anew(request, membership, found.pk)


@require_POST
def reopen_obstacle(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    found = get_editable(rows_in_full(), membership, pk=pk)
    return act(request, membership, found, lambda: services.reopen_obstacle(found, by=membership))


@require_POST
def withdraw_obstacle(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    found = get_editable(rows_in_full(), membership, pk=pk)
    return act(request, membership, found, lambda: services.withdraw_obstacle(found, by=membership))


def act(request: HttpRequest, membership: Membership, found: Obstacle, write: Callable[[], Any]) -> HttpResponse:
    try:
        write()
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    return shown_anew(request, membership, found.pk)
