"""The people of the organization: who they are, what they may do, and what happens when they go."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from objectives import services
from objectives.forms.members import HandOverForm
from objectives.models import KeyResult, Objective
from objectives.queries.members import Wanted, data_of, listed_members, wanted_from
from objectives.services.members import carried_key_results, carried_objectives, carries
from objectives.views.editing import PAGE_METHODS
from people.access import get_editable, get_membership, get_visible, refuse
from people.exports import csv_response, file_name
from people.forms import add_refusal
from people.forms.members import EraseForm, MemberForm, PersonForm, explained_roles
from people.models import Membership, Role, Team
from people.queries import team_tree
from people.refusals import Refusal
from people.services.persons import belongs_elsewhere, correct_person, erase_person, refuse_to_erase

MEMBERS_PAGE = 50
MOST_SHOWN = 10


@require_safe
def members(request: HttpRequest, slug: str) -> HttpResponse:
    membership = get_membership(request, slug)
    if membership.is_partner:
        refuse()
    wanted = wanted_from(request.GET)
    rows = listed_members(membership, wanted)
    if request.GET.get("download") == "csv":
        return members_csv(rows, membership)
    query = request.GET.copy()
    for name in ("page", "download"):
        query.pop(name, None)
    everybody = Membership.objects.visible_to(membership)
    shown: dict[str, Any] = {
        "page": Paginator(rows, MEMBERS_PAGE).get_page(request.GET.get("page")),
        "wanted": wanted,
        "is_filtered": wanted != Wanted(sort=wanted.sort),
        "roles": Role.choices,
        "tree": team_tree(Team.objects.visible_to(membership).open().order_by("position", "pk")),
        "query": query.urlencode() + "&" if query else "",
        "here": everybody.active().count(),
        "left": everybody.exclude(left_on=None).count(),
    }
    template = "objectives/_member_rows.html" if request.htmx else "objectives/members.html"  # type: ignore[attr-defined]
    return render(request, template, shown)


def members_csv(rows: Any, membership: Membership) -> HttpResponse:
    header = [
        _("Name"),
        _("Reading"),
        _("E-mail address"),
        _("Role"),
        _("Teams"),
        _("Objectives"),
        _("Key results"),
        _("Left on"),
    ]

    def cells(member: Membership) -> list[Any]:
        user = member.user
        teams = _(", ").join(team.name for team in member.open_teams)  # type: ignore[attr-defined]
        goals = [member.goals, member.results]  # type: ignore[attr-defined]
        return [user.name, user.reading, user.email, member.get_role_display(), teams, *goals, member.left_on or ""]

    return csv_response(f"{_('People')} {membership.organization.name}", header, map(cells, rows))


@require_http_methods(PAGE_METHODS)
def member(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One person: read by colleagues; administrators decide on role and teams, and correct the name."""
    membership = get_membership(request, slug)
    one = fetch(membership, pk)
    if request.method == "POST" and not membership.is_admin:
        refuse()
    form, person = forms_of(request, membership, one)
    if request.method == "POST" and saved(request, membership, one, form, person):
        return redirect("member", slug, pk)
    objectives = carried_objectives(one).filter(dropped_at=None).select_related("cycle", "team")
    results = carried_key_results(one).filter(dropped_at=None, objective__dropped_at=None).select_related("objective")
    shown = {
        "one": one,
        "form": form,
        "person": person,
        "roles": explained_roles(),
        "counts": carries(one, dropped_too=False),
        "has_any": any(carries(one).values()),
        "objectives": Objective.objects.visible_to(membership).filter(pk__in=objectives)[:MOST_SHOWN],
        "results": KeyResult.objects.visible_to(membership)
        .filter(pk__in=results)
        .select_related("objective")[:MOST_SHOWN],
        "most": MOST_SHOWN,
        "is_me": one.pk == membership.pk,
        "elsewhere": membership.is_admin and belongs_elsewhere(one),
    }
    wrong = any(each is not None and each.errors for each in (form, person))
    return render(request, "objectives/member.html", shown, status=422 if wrong else 200)


def fetch(membership: Membership, pk: int) -> Membership:
    rows = Membership.objects.select_related("user", "organization").prefetch_related("teams")
    return get_visible(rows, membership, pk=pk)


def forms_of(
    request: HttpRequest, membership: Membership, one: Membership
) -> tuple[MemberForm | None, PersonForm | None]:
    """The forms an administrator has of a person; of one who left there is nothing to decide, of one erased none."""
    if not membership.is_admin or one.user.erased_at is not None:
        return None, None
    names = request.POST if request.method == "POST" and "name" in request.POST else None
    places = request.POST if request.method == "POST" and names is None else None
    form = None if one.left_on is not None else MemberForm(places, member=one)
    return form, PersonForm(names, member=one)


def saved(
    request: HttpRequest,
    membership: Membership,
    one: Membership,
    form: MemberForm | None,
    person: PersonForm | None,
) -> bool:
    """Save whichever of the two forms was sent."""
    name = one.user.name
    try:
        if person is not None and person.is_bound and person.is_valid():
            name = correct_person(one, by=membership, **person.cleaned_data).name
        elif form is not None and form.is_bound and form.is_valid():
            services.change_member(
                one,
                by=membership,
                role=form.cleaned_data["role"],
                teams=form.cleaned_data["teams"],
                expected_version=form.expected_version,
            )
        else:
            return False
    except Refusal as refusal:
        bound = person if person is not None and person.is_bound else form
        add_refusal(bound, refusal)  # type: ignore[arg-type]
        if refusal.code == "stale" and form is not None:
            form.expect(Membership.objects.values_list("version", flat=True).get(pk=one.pk))
        return False
    except ValidationError as error:
        person.add_error(None, error.messages)  # type: ignore[union-attr]
        return False
    messages.success(request, _("Saved: “%(title)s”.") % {"title": name})
    return True


@require_http_methods(PAGE_METHODS)
def leave(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Let somebody leave today, their goals handed over."""
    return hand_on(request, slug, pk, leaves=True)


@require_http_methods(PAGE_METHODS)
def hand_over(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Give a person's goals to others while the person stays."""
    return hand_on(request, slug, pk, leaves=False)


def hand_on(request: HttpRequest, slug: str, pk: int, *, leaves: bool) -> HttpResponse:
    membership = get_membership(request, slug)
    get_editable(Membership.objects, membership, pk=pk)
    one = fetch(membership, pk)
    data = request.POST if request.method == "POST" else None
    form = HandOverForm(data, member=one, suggestions=reverse("people_suggestions", args=[slug]))
    if data is not None and form.is_valid():
        try:
            if leaves:
                services.end_membership(
                    one, by=membership, successors=form.successors, expected_version=form.expected_version
                )
            else:
                given = services.hand_over(one, by=membership, successors=form.successors)
        except Refusal as refusal:
            add_refusal(form, refusal)
            if refusal.code == "stale":
                form.expect(Membership.objects.values_list("version", flat=True).get(pk=pk))
        else:
            if leaves:
                sentence = _("%(name)s has left. History keeps the name.")
            elif any(given.values()):
                sentence = _("Handed over: what %(name)s owned is in other hands.")
            else:
                sentence = _("Nothing was handed over: nobody was chosen.")
            messages.success(request, sentence % {"name": one.user.name})
            return redirect("home") if leaves and one.pk == membership.pk else redirect("member", slug, pk)
    shown = {"one": one, "form": form, "leaves": leaves, "is_me": one.pk == membership.pk}
    return render(request, "objectives/leave.html", shown, status=422 if form.errors else 200)


@require_POST
def reinstate_member(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    one = get_editable(Membership.objects.select_related("user", "organization"), membership, pk=pk)
    try:
        services.reinstate_member(one, by=membership)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    else:
        messages.success(request, _("%(name)s is back, in the old place.") % {"name": one.user.name})
    return redirect("member", slug, pk)


@require_safe
def member_data(request: HttpRequest, slug: str, pk: int) -> StreamingHttpResponse:
    """All that is kept of one person, as a file: for themselves, and for administrators who are asked for it."""
    membership = get_membership(request, slug)
    one = fetch(membership, pk)
    if one.pk != membership.pk and not membership.is_admin:
        refuse()
    answer = StreamingHttpResponse(data_of(one), content_type="application/json; charset=utf-8")
    name = file_name(f"{one.user.name} {membership.organization.name}") + ".json"
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer


@require_http_methods(PAGE_METHODS)
def erase_member(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Forget who somebody was, once they have left everywhere; asked for by typing the name."""
    membership = get_membership(request, slug)
    get_editable(Membership.objects, membership, pk=pk)
    one = fetch(membership, pk)
    refusal = None
    try:
        refuse_to_erase(one.user)
    except Refusal as refused:
        refusal = refused
    form = EraseForm(request.POST if request.method == "POST" else None, expected=one.user.name)
    if request.method == "POST" and one.user.erased_at is not None:
        return redirect("member", slug, pk)
    if request.method == "POST" and form.is_valid():
        try:
            erased = erase_person(one.user)
        except Refusal as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, _("Erased. From now on this person is “%(name)s”.") % {"name": erased.name})
            return redirect("member", slug, pk)
    shown = {"one": one, "form": form, "refusal": refusal}
    return render(request, "objectives/erase_member.html", shown, status=422 if form.errors else 200)
