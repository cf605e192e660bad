"""Which lever? What moves the goal most, what a point is worth, and the mix that reaches a target most easily."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from funnel.forms.mixes import MixForm
from funnel.models import KGI, KPI, PLANNERS, TargetColumn
from funnel.presenters.mix import mix_of, saved_limits
from funnel.presenters.planned import Planned, column_of, read_plan
from funnel.presenters.proposals import act_on, offered_again
from funnel.presenters.swings import CHANGES, Swings
from funnel.services.limits import save_limits
from people.access import get_editable, get_membership, get_visible
from people.exports import csv_response
from people.forms import add_refusal
from people.refusals import Refusal

RANGE = "range"
WRITES = frozenset({"save", "keep", "take_over"})


@require_http_methods(["GET", "HEAD", "POST"])
def sensitivity(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Rank the levers, and mix them. A POST answers the mix for readers too; with `save` it keeps limits, efforts and
    locks, with `keep` or `take_over` the mix itself.
    """
    membership = get_membership(request, slug)
    rows = KGI.objects.select_related("organization", "funnel")
    writing = request.method == "POST" and not WRITES.isdisjoint(request.POST)
    kgi = get_editable(rows, membership, pk=pk) if writing else get_visible(rows, membership, pk=pk)
    wrong = None
    if writing and "save" not in request.POST:
        done = act_on(request, kgi, membership, back=reverse("sensitivity", args=[slug, pk]))
        if isinstance(done, HttpResponse):
            return done
        wrong = done
    planned, sentence = read_plan(kgi)
    page: dict[str, Any] = {"kgi": kgi, "may_edit": membership.role in PLANNERS, "wrong": sentence}
    if planned is None:
        return render(request, "funnel/sensitivity.html", page, status=422 if request.method == "POST" else 200)
    if wrong is not None:
        page |= {"proposal": offered_again(planned, wrong), "sending": wrong}
    page |= ranking(request, planned)
    if request.GET.get("download") == "csv":
        return csv_response(f"{_('Which lever?')} {kgi.name}", *page["swings"].table())
    form = form_of(request if request.method == "POST" and wrong is None else None, planned)
    valid = form.is_valid() if form.is_bound else True
    if valid and "save" in request.POST:
        try:
            save_limits(kgi, form.limits(), versions=form.versions)
        except Refusal as refused:
            add_refusal(form, refused)
            levers = KPI.objects.filter(pk__in=[lever.pk for lever in form.levers])
            form.expect(dict(levers.values_list("pk", "version")))
            valid = False
        else:
            messages.success(request, _("Limits, efforts and locks are saved."))
            return redirect(f"{reverse('sensitivity', args=[slug, pk])}?target={form.chosen}#mix")
    page |= mixing(request, planned, form, valid=valid)
    status = 200 if valid and wrong is None else 422
    is_part = request.htmx and request.method == "POST"  # type: ignore[attr-defined]
    template = "funnel/_mix_answers.html" if is_part else "funnel/sensitivity.html"
    return render(request, template, page, status=status)


def ranking(request: HttpRequest, planned: Planned) -> dict[str, Any]:
    """The levers ranked at a column, by per cent or over their ranges."""
    column = request.GET.get("column", "")
    column = column if column in TargetColumn.values else TargetColumn.CURRENT.value
    asked = request.GET.get("change", "")
    change = None if asked == RANGE else int(asked) if asked in map(str, CHANGES) else CHANGES[1]
    ways = [(str(each), f"±{each}%") for each in CHANGES] + [(RANGE, pgettext("of a lever", "Own range"))]
    chosen = RANGE if change is None else str(change)
    return {
        "swings": Swings(planned, column, change),
        "column": column,
        "change": chosen,
        "columns": [{"key": key, "name": name, "current": key == column} for key, name in TargetColumn.choices],
        "changes": [{"key": key, "name": name, "current": key == chosen} for key, name in ways],
    }


def form_of(request: HttpRequest | None, planned: Planned) -> MixForm:
    """The levers' limits as typed, or as saved where nothing was sent."""
    targets = [column for column in ("must_hit", "challenge") if planned.target(column) is not None]
    return MixForm(
        None if request is None else request.POST,
        levers=[kpi for key, kpi in planned.nodes.items() if key in planned.tree.levers],
        names=planned.names,
        units=units_of(planned),
        targets=targets,
        target=targets[0] if targets else "must_hit",
    )


def units_of(planned: Planned) -> dict[str, str]:
    return {key: "%" if planned.nodes[key].is_rate else planned.nodes[key].unit for key in planned.tree.levers}


def mixing(request: HttpRequest, planned: Planned, form: MixForm, *, valid: bool) -> dict[str, Any]:
    """The mix with what is typed; with what is saved while something typed is wrong."""
    if form.is_bound:
        asked = form.chosen
        limits = form.limits() if valid else saved_limits(planned)
    else:
        asked = request.GET.get("target", "") or form.default_target
        limits = saved_limits(planned)
        form.initial["target"] = asked
    column = column_of(planned.kgi, asked)
    mixed = mix_of(planned, column=column, limits=limits)
    found: dict[str, Any] = {
        "form": form,
        "mixed": mixed,
        "mix_rows": mixed.rows(form, units_of(planned)),
        "answers_are_old": not valid,
    }
    if valid and "propose" in request.POST:
        found["proposal"] = mixed.proposal()
    return found
