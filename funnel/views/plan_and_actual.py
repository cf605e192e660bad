"""Plan and actual: what is missing, through which levers, and where it leads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from funnel.forms.funnels import suffix_of
from funnel.formulas.alarms import kpi_up_goal_flat
from funnel.formulas.kpi_tree import TreeRefused
from funnel.formulas.numbers import format_percent
from funnel.models import KGI, KPI, PLANNERS, TargetColumn
from funnel.presenters.gap import Gap, finding_of, gap_of
from funnel.presenters.names import name_of
from funnel.presenters.outlook import Outlook, needs_of, outlook_of
from funnel.queries.actuals import ACTUAL, Book, read_book
from funnel.sentences import sentence_of
from funnel.trees import PlannedTree, kpis_of, tree_of
from people.access import get_membership, get_visible
from people.exports import csv_response


@dataclass(frozen=True)
class Opened:
    """A KGI with its levers, what was read on them, and the tree they make, or why they make none."""

    kgi: KGI
    kpis: list[KPI]
    book: Book
    planned: PlannedTree | None
    refused: str
    against: str

    @property
    def has_targets(self) -> bool:
        return self.planned is not None and any(getattr(kpi, self.against) is not None for kpi in self.planned.levers)


def open_kgi(request: HttpRequest, kgi: KGI) -> Opened:
    kpis = kpis_of(kgi)
    book = read_book(kgi, kpis, today=kgi.organization.today)
    against = against_asked(request, kpis)
    try:
        planned, refused = tree_of(kgi, kpis, columns={ACTUAL: book.column()}), ""
    except TreeRefused as wrong:
        planned, refused = None, sentence_of(wrong, {kpi.key: name_of(kpi) for kpi in kpis})
    return Opened(kgi, kpis, book, planned, refused, against)


def against_asked(request: HttpRequest, kpis: list[KPI]) -> str:
    """The column asked for, else must-hit where any lever has one."""
    asked = request.GET.get("against")
    if asked in (TargetColumn.MUST_HIT, TargetColumn.CHALLENGE):
        return asked
    has_must_hit = any(kpi.must_hit is not None for kpi in kpis)
    return str(TargetColumn.MUST_HIT if has_must_hit else TargetColumn.CHALLENGE)


@require_safe
def plan_and_actual(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The gap by lever, the landing, what the rest needs, and what does not hang together."""
    membership = get_membership(request, slug)
    kgi = get_visible(KGI.objects.select_related("organization", "funnel"), membership, pk=pk)
    opened = open_kgi(request, kgi)
    gap, refused = calculated(opened)
    if request.GET.get("download") == "csv":
        return gap_csv(kgi, gap)
    falling = falling_of(opened)
    needs = needs_of(opened.planned, opened.book, opened.against, falling) if gap and opened.planned else []
    return render(
        request,
        "funnel/plan_and_actual.html",
        {
            "kgi": kgi,
            "against": opened.against,
            "may_edit": membership.role in PLANNERS,
            "sees_orphans": not membership.is_partner,
            "book": opened.book,
            "planned": opened.planned,
            "gap": gap,
            "suffix": suffix_of(kgi.unit),
            "refused": refused,
            "finding": finding_of(gap, kgi.unit) if gap else unsaid(opened),
            "outlook": outlook(opened, falling) if gap else None,
            "needs": needs,
            "hard": sum(need.is_hard for need in needs),
            "alarm": alarm_of(opened, falling),
            "beside": [{"name": name_of(kpi), "kpi": kpi} for kpi in opened.planned.beside] if opened.planned else [],
        },
    )


def calculated(opened: Opened) -> tuple[Gap | None, str]:
    """The gap, or why there is none."""
    if opened.planned is None or opened.book.is_empty or not opened.has_targets:
        return None, opened.refused
    try:
        return gap_of(opened.planned, opened.book, opened.against), ""
    except TreeRefused as wrong:
        return None, sentence_of(wrong, {kpi.key: name_of(kpi) for kpi in opened.kpis})


def unsaid(opened: Opened) -> list[str]:
    """The title where there is nothing to compare yet."""
    if opened.refused:
        return [_("The tree cannot be calculated yet.")]
    return [_("How far is the plan from what really happens?")]


def outlook(opened: Opened, falling: frozenset[str]) -> Outlook | None:
    """The landing; None where it cannot be told."""
    if opened.planned is None:
        return None
    try:
        return outlook_of(opened.planned, opened.book, opened.planned.goal.key in falling)
    except TreeRefused:
        return None


def falling_of(opened: Opened) -> frozenset[str]:
    """The keys of the KPIs of which less is better."""
    return frozenset(key for key, one in opened.book.by_key.items() if is_falling(one.kpi, opened.kgi))


def alarm_of(opened: Opened, falling: frozenset[str]) -> dict[str, Any] | None:
    """Levers that improved while the KGI stood still."""
    planned = opened.planned
    if planned is None:
        return None
    by_key = opened.book.by_key
    months = {kpi.key: by_key[kpi.key].months for kpi in planned.levers}
    goal = planned.goal.key
    alarm = kpi_up_goal_flat(by_key[goal].months, months, today=opened.book.today, falling=falling, key=goal)
    if alarm is None:
        return None
    levers = [f"{name_of(planned.nodes[move.key])} {format_percent(move.improved, figures=2)}" for move in alarm.levers]
    moved = format_percent(alarm.goal.improved, figures=2)
    return {"moved": moved, "levers": _(", ").join(levers), "since": alarm.since, "until": alarm.until}


def is_falling(kpi: KPI, kgi: KGI) -> bool:
    """Whether less is better: the target lies below today's value."""
    now, aim = kpi.current, kpi.challenge if kpi.challenge is not None else kpi.must_hit
    if kpi.is_goal:
        now, aim = kgi.current_value, kgi.challenge_value if kgi.challenge_value is not None else kgi.must_hit_value
    return now is not None and aim is not None and aim < now


def gap_csv(kgi: KGI, gap: Gap | None) -> HttpResponse:
    """The gap by lever as a file."""
    header = [_("Lever"), _("Unit"), _("Plan"), _("Actual"), _("Part of the gap (%(unit)s)") % {"unit": kgi.unit}]
    rows: list[list[Any]] = []
    if gap:
        rows = [[step.name, step.unit, step.planned, step.was, step.value] for step in gap.parts]
        rows.append([kgi.name, kgi.unit, gap.planned, gap.was, gap.value])
    return csv_response(_("%(name)s gap by lever") % {"name": kgi.name}, header, rows)
