"""Comments and reactions: on objectives, key results, check-ins and obstacles."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from objectives.forms.comments import ReactionForm, WordsForm
from objectives.models import CheckIn, Comment, KeyResult, Objective, Obstacle
from objectives.queries.comments import (
    About,
    Talk,
    about_of,
    address_of,
    may_talk,
    nameable,
    objective_of,
    sees,
    talk_about,
    toggles_of,
)
from objectives.services import comments as services
from objectives.views.editing import PAGE_METHODS, back
from people.access import get_editable, get_membership, get_visible, read_id, refuse
from people.forms import add_refusal, find_people
from people.models import Membership
from people.refusals import Refusal

MOST_SUGGESTED = 6
RELATED = ("objective", "key_result__objective", "check_in__key_result__objective", "obstacle__key_result__objective")


@require_http_methods(PAGE_METHODS)
def objective_comments(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    return talk_page(request, membership, get_visible(Objective.objects, membership, pk=pk))


@require_http_methods(PAGE_METHODS)
def key_result_comments(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    rows = KeyResult.objects.select_related("objective")
    return talk_page(request, membership, get_visible(rows, membership, pk=pk))


@require_http_methods(PAGE_METHODS)
def check_in_comments(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    rows = CheckIn.objects.select_related("key_result__objective", "author__user")
    return talk_page(request, membership, get_visible(rows, membership, pk=pk))


@require_http_methods(PAGE_METHODS)
def obstacle_comments(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    rows = Obstacle.objects.select_related("key_result__objective")
    return talk_page(request, membership, get_visible(rows, membership, pk=pk))


def talk_page(request: HttpRequest, membership: Membership, about: About) -> HttpResponse:
    """The comments about one thing; sent to it, one more."""
    form = None
    if request.method == "POST":
        if not may_talk(membership, objective_of(about).pk):
            refuse()
        form = form_for(request, membership, about, request.POST)
        if said(form, lambda words: services.add_comment(about, by=membership, **words)):
            return answered(request, membership, about)
    return show(request, membership, about, form)


def form_for(request: HttpRequest, membership: Membership, about: About, data: Any = None, **more: Any) -> WordsForm:
    place = reverse("mention_suggestions", args=[membership.organization.slug, objective_of(about).pk])
    # Several talks stand on one page: every field needs a name of its own for its label, and to be found again.
    named = {"auto_id": f"id_{type(about).__name__.lower()}_{about.pk}_%s"}
    return WordsForm(data, mentions=place, **named | more)


def said(form: WordsForm, write: Any) -> bool:
    """Whether what was typed was taken; a refusal stands beside the field."""
    if not form.is_valid():
        return False
    words = {"text": form.cleaned_data["text"], "submission_key": form.cleaned_data["submission_key"]}
    try:
        write(words)
    except Refusal as refusal:
        add_refusal(form, refusal)
        return False
    return True


def answered(request: HttpRequest, membership: Membership, about: About) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        return show(request, membership, about)
    address = address_of(about, membership.organization.slug)
    return back(request, address + "#comments")


def show(
    request: HttpRequest, membership: Membership, about: About, form: WordsForm | None = None, *, editing: int = 0
) -> HttpResponse:
    """The comments as a page of their own, or as the part that htmx asks for; with a form that was refused 422."""
    refused = form is not None and bool(form.errors)
    shown = comments_shown(request, membership, about)
    if editing and form is not None:
        shown |= {"editing": editing, "edit_form": form}
    elif form is not None:
        shown["comment_form"] = form
    template = "objectives/_comments.html" if request.htmx else "objectives/comments.html"  # type: ignore[attr-defined]
    return render(request, template, shown | {"today": membership.organization.today}, status=422 if refused else 200)


def comments_shown(request: HttpRequest, membership: Membership, about: About) -> dict[str, Any]:
    """What `_comments.html` needs to stand on a page: `talk`, and the forms."""
    talk = talk_about(about, membership, everything=bool(request.GET.get("older")))
    return {
        "talk": talk,
        "about": about,
        "about_kind": type(about).__name__,
        "about_objective": objective_of(about),
        "comment_form": form_for(request, membership, about) if talk.may_write else None,
        **edited(request, membership, about, talk),
    }


def edited(request: HttpRequest, membership: Membership, about: About, talk: Talk) -> dict[str, Any]:
    """The form of the comment that is being edited, where one is."""
    asked = read_id(request.GET.get("edit"))
    row = next((row for row in talk.rows if row.pk == asked and row.author_id == membership.pk), None)
    if row is None or not talk.may_write:
        return {}
    form = form_for(request, membership, about, auto_id=f"id_comment_{row.pk}_%s", initial={"text": row.text})
    return {"editing": row.pk, "edit_form": form}


@require_POST
def edit_comment(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    comment = own_comment(membership, pk)
    about = about_of(comment)
    form = form_for(request, membership, about, request.POST, auto_id=f"id_comment_{comment.pk}_%s")
    if said(form, lambda words: services.change_comment(comment, by=membership, text=words["text"])):
        return answered(request, membership, about)
    return show(request, membership, about, form, editing=comment.pk)


def own_comment(membership: Membership, pk: int) -> Comment:
    """The person's own comment: 403 for another's, an administrator's too, whose words it would not be."""
    comment = get_visible(Comment.objects.select_related(*RELATED), membership, pk=pk)
    if comment.author_id != membership.pk or not may_talk(membership, comment.objective_id):
        refuse()
    return comment


@require_POST
def withdraw_comment(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    comment = get_editable(Comment.objects.select_related(*RELATED), membership, pk=pk)
    services.withdraw_comment(comment, by=membership)
    return answered(request, membership, about_of(comment))


@require_POST
def restore_comment(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    comment = get_editable(Comment.objects.select_related(*RELATED), membership, pk=pk)
    services.restore_comment(comment, by=membership)
    return answered(request, membership, about_of(comment))


@require_POST
def react_to_check_in(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    row = get_visible(CheckIn.objects.select_related("key_result__objective"), membership, pk=pk)
    return reacted(request, membership, row, "check_in", row.key_result.objective_id)


@require_POST
def react_to_comment(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    row = get_visible(Comment.objects.standing().select_related(*RELATED), membership, pk=pk)
    return reacted(request, membership, row, "comment", row.objective_id)


def reacted(
    request: HttpRequest, membership: Membership, row: CheckIn | Comment, column: str, objective_id: int
) -> HttpResponse:
    if not may_talk(membership, objective_id):
        refuse()
    form = ReactionForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    services.react(row, by=membership, kind=form.cleaned_data["kind"], on=form.cleaned_data["on"] == "1")
    slug = membership.organization.slug
    if not request.htmx:  # type: ignore[attr-defined]
        about = about_of(row) if isinstance(row, Comment) else row
        return back(request, address_of(about, slug) + "#comments")
    row.toggles = toggles_of(column, [row.pk], membership)[row.pk]  # type: ignore[union-attr]
    row.may_react = True  # type: ignore[union-attr]
    return render(request, "objectives/_reactions.html", {"row": row, "reacts_to": column})


@require_safe
def mention_suggestions(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The people who fit what is typed behind an @, each with what is to be put in: never a name of two people."""
    membership = get_membership(request, slug)
    objective = get_visible(Objective.objects, membership, pk=pk)
    typed = request.GET.get("q", "").replace("\0", "")[:60]
    people = nameable(membership, objective.pk).exclude(pk=membership.pk)
    if membership.is_partner:  # who could guess an address letter by letter
        for word in typed.split():
            people = people.filter(Q(user__name__icontains=word) | Q(user__reading__icontains=word))
    found = [person for person in find_people(people, typed)[: 3 * MOST_SUGGESTED] if sees(person, objective.pk)]
    same = same_names(people, [person.user.name for person in found])
    options = [
        (f"{person.user.name} {person.user.email}" if person.user.name in same else person.user.name, person)
        for person in found[:MOST_SUGGESTED]
    ]
    return render(request, "objectives/_mention_options.html", {"options": options})


def same_names(people: Any, names: list[str]) -> set[str]:
    """Those of the names that more than one person has."""
    seen: dict[str, int] = {}
    for name in people.filter(user__name__in=names).order_by().values_list("user__name", flat=True):
        seen[name] = seen.get(name, 0) + 1
    return {name for name, many in seen.items() if many > 1}
