"""Goals that repeat or contradict each other: where they are seen beside each other, and settled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from objectives.access import choose_cycle
from objectives.forms.conflicts import KeepForm, MergeForm, ShareForm
from objectives.models import Conflict, ConflictKind, Cycle
from objectives.queries.conflicts import Shown, Wanted, kinds_of, narrowed, seen_by, shown_to, teams_in
from objectives.services.conflicts import keep_both, merge, reopen, share
from objectives.views.editing import PAGE_METHODS
from people.access import get_editable, get_membership, get_visible, read_id
from people.forms import add_refusal
from people.models import Membership, Team
from people.refusals import Refusal

WAYS = ("merge", "share", "keep")


@require_safe
def conflicts(request: HttpRequest, slug: str) -> HttpResponse:
    membership = get_membership(request, slug)
    if membership.is_partner:
        raise Http404
    cycle = choose_cycle(request, membership)
    wanted = wanted_from(request.GET, membership)
    rows = seen_by(membership, cycle)
    found = shown_to(membership, narrowed(rows, wanted, membership)) if cycle is not None else []
    is_open = rows.filter(settled_as="")
    open_count = is_open.count()
    shown = {
        "cycle": cycle,
        "wanted": wanted,
        "rows": found,
        "open_count": open_count,
        "settled_count": rows.count() - open_count,
        "kinds": kinds_of(is_open),
        "teams": teams_in(rows),
        "finding": finding(rows, open_count),
    }
    return render(request, "objectives/conflicts.html", shown)


def wanted_from(asked: QueryDict, membership: Membership) -> Wanted:
    """What the address asks for; what it does not know is left out."""
    kind = asked.get("kind", "")
    return Wanted(
        is_mine=asked.get("mine") == "1",
        team=Team.objects.visible_to(membership).filter(pk=read_id(asked.get("team")) or 0).first(),
        kind=kind if kind in ConflictKind.values else "",
        with_settled=asked.get("settled") == "1",
    )


def finding(rows: Any, count: int) -> str:
    contradictions = rows.filter(settled_as="", kind__in=[ConflictKind.OPPOSITE, ConflictKind.BASELINES]).count()
    if not count:
        return _("No two goals stand in each other's way.")
    if not contradictions:
        return ngettext("%(count)s goal is planned twice.", "%(count)s goals are planned twice.", count) % {
            "count": count
        }
    return ngettext(
        "%(count)s contradiction is to be settled before the work begins.",
        "%(count)s contradictions are to be settled before the work begins.",
        contradictions,
    ) % {"count": contradictions}


@require_http_methods(PAGE_METHODS)
def settle_conflict(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Both sides beside each other, and the way chosen to settle it: `?way=merge`, `share` or `keep`."""
    membership = get_membership(request, slug)
    conflict = get_editable(Conflict.objects.all(), membership, pk=pk)
    (shown,) = shown_to(membership, Conflict.objects.filter(pk=pk))
    ways = [way for way in WAYS if way != "share" or shown.can_be_shared]
    way = request.POST.get("way") or request.GET.get("way") or ways[0]
    if way not in ways:
        raise Http404
    form = form_for(way, shown, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            settled_by(membership, conflict, way, form.cleaned_data)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return done(request, shown, way, form.cleaned_data)
    context = {"shown": shown, "way": way, "ways": named_ways(ways), "form": form, "cycle": cycle_of(shown)}
    return render(request, "objectives/settle_conflict.html", context, status=422 if form.errors else 200)


def form_for(way: str, shown: Shown, data: Any) -> forms.Form:
    if way == "keep":
        return KeepForm(data)
    return ShareForm(data, shown=shown) if way == "share" else MergeForm(data, shown=shown)


def named_ways(ways: list[str]) -> list[tuple[str, str]]:
    names: dict[str, str] = {"merge": _("Merge"), "share": _("Share"), "keep": _("Keep both")}
    return [(way, names[way]) for way in ways]


def cycle_of(shown: Shown) -> Cycle:
    return min((side.objective.cycle for side in shown.sides), key=lambda cycle: cycle.end - cycle.start)


def settled_by(membership: Membership, conflict: Conflict, way: str, said: Mapping[str, Any]) -> None:
    acts: dict[str, Callable[[], Conflict]] = {
        "keep": lambda: keep_both(conflict, reason=said["reason"], by=membership),
        "share": lambda: share(
            conflict,
            stays=said["stays"],
            link=said["link"],
            drops_twin=said.get("drops_twin", False),
            by=membership,
        ),
        "merge": lambda: merge(conflict, stays=said["stays"], by=membership),
    }
    acts[way]()


def done(request: HttpRequest, shown: Shown, way: str, said: Mapping[str, Any]) -> HttpResponse:
    """Back to the list, with what was done and the way to undo it."""
    slug = shown.conflict.organization.slug
    undo = ""
    if way == "keep":
        sentence = _("Both stay. The reason stands beside them.")
        undo = reverse("reopen_conflict", args=[slug, shown.conflict.pk])
    else:
        stays, yields = shown.sides if shown.sides[0].objective.pk == said["stays"] else shown.sides[::-1]
        words = {"stays": stays.title, "yields": yields.title}
        if way == "merge":
            sentence = _("Merged: “%(stays)s” stays, “%(yields)s” was dropped.") % words
            undo = (
                reverse("restore_key_result", args=[slug, yields.key_result.pk])
                if yields.key_result is not None
                else reverse("restore_objective", args=[slug, yields.objective.pk])
            )
        else:
            words["yields"] = yields.objective.title
            sentence = _("Shared: “%(yields)s” now builds on “%(stays)s”.") % words
    messages.success(request, sentence, extra_tags=undo)
    return redirect(f"{reverse('conflicts', args=[slug])}?cycle={cycle_of(shown).pk}")


@require_POST
def reopen_conflict(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Undo that both stay."""
    membership = get_membership(request, slug)
    conflict = get_editable(Conflict.objects.all(), membership, pk=pk)
    try:
        reopen(conflict, by=membership)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    else:
        messages.success(request, _("It is open again."))
    seen = get_visible(Conflict.objects.select_related("first"), membership, pk=pk)
    return redirect(f"{reverse('conflicts', args=[slug])}?cycle={seen.first.cycle_id}")
