"""What the script of the plan's board asks for: aligning by hand, what a row may not be aligned to, key results."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from objectives import services
from objectives.access import possible_acts
from objectives.models import Alignment, Cycle, KeyResult, Objective
from objectives.queries.conflicts import open_pairs_in
from objectives.queries.parents import building_on
from objectives.queries.plan import Row, rows_of
from objectives.services.alignment import same_parent
from objectives.views.editing import parent_named
from people.access import get_editable, get_membership, get_visible, read_id
from people.models import Membership
from people.refusals import Refusal


@require_safe
def objective_below(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The ids of what an objective cannot be aligned to, as they are picked up: it and all that builds on it."""
    membership = get_membership(request, slug)
    rows = Objective.objects.visible_to(membership)
    below = building_on(get_visible(Objective.objects.all(), membership, pk=pk))
    return JsonResponse({"ids": sorted(rows.filter(pk__in=below).values_list("pk", flat=True))})


@require_safe
def board_key_results(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The key results of a row, fetched when it is opened: something can be aligned to each of them."""
    membership = get_membership(request, slug)
    objective = get_visible(Objective.objects.select_related("cycle"), membership, pk=pk)
    key_results = objective.key_results.filter(dropped_at=None).select_related("owner__user")
    return render(
        request, "objectives/_board_key_results.html", {"objective": objective, "key_results": list(key_results)}
    )


@require_POST
def align_on_board(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Align an objective to what it was dropped on, or, with `remove`, undo that.

    Answers the rows that changed with a message; without the board's script it leads back to the board.
    """
    membership = get_membership(request, slug)
    rows = Objective.objects.select_related("cycle", "team", "organization")
    objective = get_editable(rows, membership, pk=pk)
    remove = read_id(request.POST.get("remove") or request.GET.get("remove"))
    try:
        if remove is not None:
            parent = disconnected(request, objective, remove)
        else:
            parent = connected(request, objective, membership)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        return answered(request, membership, objective, [], status=422)
    return answered(request, membership, objective, [objective.pk, *([parent.pk] if parent else [])])


def connected(request: HttpRequest, objective: Objective, membership: Membership) -> Objective:
    """Align to the parent named, as a contribution; one that is there already stays as it is."""
    to = parent_named(request.POST.get("parent", ""), membership)
    if to is None:
        raise Refusal("parent", _("Choose what to connect this objective to."))
    if objective.parents.filter(**same_parent(to)).exists():
        messages.info(request, _("It is connected to “%(parent)s” already.") % {"parent": to.title})
    else:
        made = services.align(objective, to=to, by=membership)
        undo = f"{reverse('align_on_board', args=[membership.organization.slug, objective.pk])}?remove={made.pk}"
        messages.success(
            request,
            _("“%(child)s” now contributes to “%(parent)s”.") % {"child": objective.title, "parent": to.title},
            extra_tags=undo,
        )
    return to.objective if isinstance(to, KeyResult) else to


def disconnected(request: HttpRequest, objective: Objective, pk: int) -> Objective | None:
    """Take a connection away; None where it is gone already."""
    alignment = (
        Alignment.objects.filter(child=objective, pk=pk)
        .select_related("child__cycle", "parent_objective__cycle", "parent_key_result__objective__cycle")
        .first()
    )
    if alignment is None:
        return None
    parent = alignment.parent_key_result or alignment.parent
    services.unalign(alignment)
    messages.success(request, _("No longer connected to “%(parent)s”.") % {"parent": parent.title})
    return alignment.parent


def answered(
    request: HttpRequest, membership: Membership, objective: Objective, ids: list[int], status: int = 200
) -> HttpResponse:
    if request.headers.get("X-Board") is None:
        slug = membership.organization.slug
        return redirect(f"{reverse('plan', args=[slug])}?cycle={objective.cycle_id}#objective-{objective.pk}")
    chosen = Objective.objects.visible_to(membership).in_cycle(objective.cycle).filter(pk__in=ids)
    rows = dressed(rows_of(membership, chosen, [], known=len(ids))[0] if ids else [], objective.cycle)
    mark_conflicts(membership, objective.cycle, rows)
    shown: dict[str, Any] = {"rows": rows, "cycle": objective.cycle, "is_open": not objective.cycle.is_closed}
    return render(request, "objectives/_aligned.html", shown, status=status)


def dressed(rows: list[Row], cycle: Cycle) -> list[Row]:
    """The rows with what the reader may do with each of them."""
    for row in rows:
        row.objective.cycle = cycle
        row.acts = possible_acts(
            row.objective,
            may_edit=row.may_edit,
            may_lead=row.may_decide,
            is_owner=row.is_own,
        )
    return rows


def mark_conflicts(membership: Membership, cycle: Cycle, rows: list[Row]) -> int:
    """Say at each row how many open conflicts it has; how many there are in the cycle."""
    pairs = open_pairs_in(membership, cycle)
    counts = Counter(pk for pair in pairs for pk in pair)
    for row in rows:
        row.conflicts = counts[row.objective.pk]
    return len(pairs)


def board_words() -> dict[str, str]:
    """What the board's script says aloud; a name in braces is put in by the script."""
    return {
        "picked": _(
            "“%(title)s” is picked up. Choose with the arrow keys what it helps: right opens key results, "
            "Enter connects, Escape puts it back."
        )
        % {"title": "{title}"},
        "at": _("%(place)s, %(number)s of %(count)s") % {"place": "{place}", "number": "{number}", "count": "{count}"},
        "left": _("Put back; nothing has changed."),
        "nowhere": _("There is nothing on the board that it could help."),
        "fold": _("Fold in"),
        "unfold": _("Fold out"),
    }
