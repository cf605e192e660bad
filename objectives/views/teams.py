"""The tree of teams: read by everybody inside, arranged by administrators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from objectives import services
from objectives.models import NotDoing
from objectives.services.teams import open_objectives
from objectives.views.editing import PAGE_METHODS
from people.access import get_editable, get_membership, get_visible, read_id, refuse
from people.forms import add_refusal
from people.forms.teams import MergeForm, TeamForm
from people.models import Membership, Team
from people.queries import team_tree
from people.refusals import Refusal
from people.services import create_team


@require_http_methods(PAGE_METHODS)
def teams(request: HttpRequest, slug: str) -> HttpResponse:
    membership = get_membership(request, slug)
    if membership.is_partner or (request.method == "POST" and not membership.is_admin):
        refuse()
    form = None
    if membership.is_admin:
        data = request.POST if request.method == "POST" else None
        asked = {"parent": read_id(request.GET.get("below"))}
        form = TeamForm(data, organization=membership.organization, initial=asked)
        if data is not None and form.is_valid():
            made = act(form, lambda: create_team(membership.organization, **without_version(form)))
            if made is not None:
                messages.success(request, _("“%(team)s” is part of the company now.") % {"team": made.name})
                return redirect("teams", slug)
    rows = list(counted_teams(membership))
    closed = [team for team in rows if team.closed_on is not None]
    shown: dict[str, Any] = {
        "tree": team_tree(team for team in rows if team.closed_on is None),
        "closed": sorted(closed, key=lambda team: team.closed_on, reverse=True),  # type: ignore[arg-type,return-value]
        "count": len(rows) - len(closed) - 1,
        "form": form,
    }
    return render(request, "objectives/teams.html", shown, status=422 if form is not None and form.errors else 200)


def counted_teams(membership: Membership) -> Any:
    """All teams with how many work in them and how many of their goals are open."""
    here = Q(members__left_on=None, members__user__is_active=True)
    return (
        Team.objects.visible_to(membership)
        .select_related("merged_into")
        .annotate(people=Count("members", filter=here, distinct=True), goals=open_goals())
        .order_by("position", "pk")
    )


def open_goals() -> Count:
    is_over = Q(objectives__state="closed") | Q(objectives__cycle__state="closed")
    return Count("objectives", filter=Q(objectives__dropped_at=None) & ~is_over, distinct=True)


def without_version(form: TeamForm) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in ("name", "parent") if name in form.cleaned_data}


def act(form: TeamForm | MergeForm, do: Callable[[], Team]) -> Team | None:
    """Do it, or say in the form why not."""
    try:
        return do()
    except Refusal as refusal:
        add_refusal(form, refusal)
        return None
    except ValidationError as error:
        form.add_error("name", error.messages)
        return None


@require_http_methods(PAGE_METHODS)
def team(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Rename a team or place it below another one; of a closed one, what became of it."""
    membership = get_membership(request, slug)
    if membership.is_partner:
        refuse()
    one = get_visible(counted_teams(membership), membership, pk=pk)
    if request.method == "POST" and not membership.is_admin:
        refuse()
    form = None
    if membership.is_admin and one.closed_on is None:
        data = request.POST if request.method == "POST" else None
        form = TeamForm(data, organization=membership.organization, team=one)
        if data is not None and form.is_valid():
            expected = form.expected_version
            saved = act(form, lambda: services.change_team(one, **without_version(form), expected_version=expected))
            if saved is not None:
                messages.success(request, _("Saved: “%(title)s”.") % {"title": saved.name})
                return redirect("teams", slug)
            form.expect(Team.objects.values_list("version", flat=True).get(pk=pk))
    shown = {
        "team": one,
        "form": form,
        "people": one.members.active().select_related("user"),
        "children": Team.objects.open().filter(parent=one).order_by("position", "pk"),
    }
    return render(request, "objectives/team.html", shown, status=422 if form is not None and form.errors else 200)


@require_POST
def place_team(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One place up or down among its siblings."""
    membership = get_membership(request, slug)
    one = get_editable(Team.objects, membership, pk=pk)
    siblings = Team.objects.open().filter(parent=one.parent_id).order_by("position", "pk")
    order = list(siblings.values_list("pk", flat=True))
    step = {"up": -1, "down": 1}.get(request.POST.get("to", ""))
    if step is not None and one.pk in order and one.parent_id is not None:
        services.change_team(one, position=max(0, order.index(one.pk) + step))
    return redirect(reverse("teams", args=[slug]) + f"#team-{one.pk}")


@require_http_methods(PAGE_METHODS)
def merge_team(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Give everything a team has to another one, after showing what that is."""
    membership = get_membership(request, slug)
    one = get_editable(Team.objects.select_related("merged_into", "organization"), membership, pk=pk)
    if request.method == "POST" and one.merged_into is not None and str(one.merged_into_id) == request.POST.get("into"):
        return redirect("teams", slug)
    form = MergeForm(request.POST if request.method == "POST" else None, team=one)
    if request.method == "POST" and form.is_valid():
        expected, into = form.expected_version, form.cleaned_data["into"]
        merged = act(form, lambda: services.merge_team(one, into=into, by=membership, expected_version=expected))
        if merged is not None:
            sentence = _("“%(team)s” is part of “%(into)s” now.") % {"team": one.name, "into": merged.name}
            messages.success(request, sentence)
            return redirect("teams", slug)
        form.expect(Team.objects.values_list("version", flat=True).get(pk=pk))
    shown = {
        "team": one,
        "form": form,
        "goals": open_objectives(one).count(),
        "people": one.members.active().count(),
        "children": list(Team.objects.open().filter(parent=one).order_by("position", "pk")),
        "undone": NotDoing.objects.filter(team=one).exclude(cycle__state="closed").count(),
    }
    return render(request, "objectives/merge_team.html", shown, status=422 if form.errors else 200)


@require_POST
def close_team(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    one = get_editable(Team.objects, membership, pk=pk)
    try:
        services.close_team(one, by=membership)
    except Refusal as refusal:
        return refused(request, membership, one, refusal)
    undo = reverse("reopen_team", args=[slug, pk])
    messages.success(request, _("“%(team)s” is closed.") % {"team": one.name}, extra_tags=undo)
    return redirect("teams", slug)


@require_POST
def reopen_team(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    one = get_editable(Team.objects, membership, pk=pk)
    try:
        services.reopen_team(one, by=membership)
    except Refusal as refusal:
        return refused(request, membership, one, refusal)
    messages.success(request, _("“%(team)s” is open again.") % {"team": one.name})
    return redirect("teams", slug)


def refused(request: HttpRequest, membership: Membership, one: Team, refusal: Refusal) -> HttpResponse:
    """What keeps a team from closing or opening, with the ways out beside it."""
    shown = {"team": one, "refusal": refusal, "objectives": open_objectives(one).select_related("cycle")[:10]}
    return render(request, "objectives/close_team.html", shown, status=422)
