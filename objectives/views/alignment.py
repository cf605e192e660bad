"""Saying what an objective helps."""

from __future__ import annotations

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from objectives import services
from objectives.forms.goals import AlignForm
from objectives.models import Alignment, KeyResult, Link, Objective
from objectives.queries.parents import possible_parents
from objectives.services.alignment import weighable_by, weight_by
from objectives.views.editing import PAGE_METHODS, page_of, parent_named
from people.access import get_editable, get_membership, read_id
from people.forms import add_refusal
from people.models import Membership
from people.refusals import Refusal


@require_http_methods(PAGE_METHODS)
def align_objective(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    rows = Objective.objects.select_related("cycle", "team", "organization")
    objective = get_editable(rows, membership, pk=pk)
    words = (request.POST.get("q") or request.GET.get("q") or "").replace("\0", "").strip()[:100]
    form = AlignForm(initial={"parent": request.GET.get("parent", "")})
    if request.method == "POST":
        if "remove" in request.POST:
            return remove(request, membership, objective)
        asked = request.GET.copy()
        asked.update(request.POST)
        form = AlignForm(asked)
        if form.is_valid() and aligned(request, membership, objective, form):
            return redirect("align_objective", slug, pk)
    found = possible_parents(objective, membership, words)
    parents = parents_of(objective)
    weighable = weighable_by(membership, [*found, *(one.parent for one in parents)])
    shown = {
        "objective": objective,
        "form": form,
        "found": found,
        "q": words,
        "chosen": form["parent"].value(),
        "parents": parents,
        "weighable": weighable,
        "may_weigh": bool(weighable),
        "back": page_of(objective, slug),
    }
    is_part = request.htmx and request.htmx.target == "found"  # type: ignore[attr-defined]
    template = "objectives/_possible_parents.html" if is_part else "objectives/align_objective.html"
    return render(request, template, shown, status=422 if form.errors else 200)


def parents_of(objective: Objective) -> list[Alignment]:
    return list(
        objective.parents.select_related(
            "parent_objective__team",
            "parent_objective__cycle",
            "parent_key_result__objective__team",
            "parent_key_result__objective__cycle",
        ).order_by("pk")
    )


def weight_of(
    request: HttpRequest, membership: Membership, objective: Objective, to: Objective | KeyResult, form: AlignForm
) -> float | None:
    """The weight typed, or the one the connection had before the undo."""
    typed, link = form.cleaned_data["weight"], form.cleaned_data["link"]
    if typed is None and link == Link.CONTRIBUTES:
        try:
            name, weight = signing.loads(request.GET.get("kept", ""), salt=f"alignment of {objective.pk}")
        except signing.BadSignature:
            name, weight = None, None
        if name == form.cleaned_data["parent"]:
            return weight
    return weight_by(membership, objective, to=to, link=link, weight=typed)


def aligned(request: HttpRequest, membership: Membership, objective: Objective, form: AlignForm) -> bool:
    """Do it; a refusal goes into the form."""
    parent = parent_named(form.cleaned_data["parent"], membership)
    if parent is None:
        raise Http404
    try:
        weight = weight_of(request, membership, objective, parent, form)
        services.align(objective, to=parent, link=form.cleaned_data["link"], weight=weight)
    except Refusal as refusal:
        add_refusal(form, refusal)
        return False
    messages.success(request, _("Connected to “%(parent)s”.") % {"parent": parent.title})
    return True


def remove(request: HttpRequest, membership: Membership, objective: Objective) -> HttpResponse:
    """Take one connection away; it can be put back at once."""
    slug = membership.organization.slug
    asked = read_id(request.POST.get("remove"))
    if asked is None:
        raise Http404
    alignment = (
        Alignment.objects.filter(child=objective, pk=asked)
        .select_related("child__cycle", "parent_objective__cycle", "parent_key_result__objective__cycle")
        .first()
    )
    address = reverse("align_objective", args=[slug, objective.pk])
    if alignment is None:
        return redirect(address)
    parent = alignment.parent_key_result or alignment.parent_objective
    undo = connect_again(slug, alignment)
    try:
        services.unalign(alignment)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        return redirect(address)
    sentence = _("No longer connected to “%(parent)s”.") % {"parent": parent.title}  # type: ignore[union-attr]
    messages.success(request, sentence, extra_tags=undo)
    return redirect(address)


def connect_again(slug: str, was: Alignment) -> str:
    """Where to send to for a connection as it was, its weight included: whoever undoes it need not be free to weigh."""
    name = f"k{was.parent_key_result_id}" if was.parent_key_result_id else str(was.parent_objective_id)
    again = QueryDict(mutable=True)
    again.update({"parent": name, "link": was.link})
    if was.weight is not None and was.link == Link.CONTRIBUTES:
        again["kept"] = signing.dumps([name, was.weight], salt=f"alignment of {was.child_id}")
    return f"{reverse('align_objective', args=[slug, was.child_id])}?{again.urlencode()}"
