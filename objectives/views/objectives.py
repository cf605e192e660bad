"""Objectives: one with all that belongs to it, and the list of a cycle."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from objectives.access import leads, may_add_key_result, possible_acts
from objectives.formulas.history import NARROW, WIDE, draw
from objectives.models import CheckIn, Health, KeyResult, NotDoing, Objective, TargetChange
from objectives.queries.activities import work_on
from objectives.queries.agreement import agreements_of, said_of
from objectives.queries.bars import key_result_bar, objective_bar, objective_trails
from objectives.queries.check_ins import log_of, log_rows
from objectives.queries.comments import comments_on_key_results, with_talk
from objectives.queries.conflicts import conflicts_beside
from objectives.queries.objectives import Course, connections_of, course_of
from objectives.queries.rounds import rounds_of
from objectives.queries.worth import worths_of
from objectives.sentences.forecast import end_of
from objectives.views.coaching import Coach, coach_of_saved
from objectives.views.comments import comments_shown
from people.access import get_membership
from people.exports import csv_response
from people.models import Membership

LOG_PAGE = 8
LIST_PAGE = 50
MOST_CHANGES = 20


@require_safe
def objective(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    rows = Objective.objects.readable_by(membership).select_related(
        "cycle", "team", "owner__user", "scored", "kgi", "dropped_by__user", "carried_from__cycle"
    )
    found = get_object_or_404(rows, pk=pk)
    key_results = key_results_of(found, membership)
    connections = connections_of(found, membership)
    for row in key_results:
        row.helpers = sum(1 for below in connections.below if below.key_result == row)  # type: ignore[attr-defined]
    worths = worths_of(key_results, membership)
    rounds = rounds_of(key_results, membership.organization)
    said = comments_on_key_results(found.pk)
    for row in key_results:
        row.worth = worths.get(row.pk)  # type: ignore[attr-defined]
        row.comment_count = said.get(row.pk, 0)  # type: ignore[attr-defined]
        row.rounds = rounds.get(row.pk)  # type: ignore[attr-defined]
    chosen = chosen_from(request, key_results)
    course = course_of(chosen, membership.organization) if chosen else None
    if request.GET.get("download") == "csv" and chosen and course:
        return course_csv(chosen, course)
    shown: dict[str, Any] = {
        "objective": found,
        "today": membership.organization.today,
        "key_results": key_results,
        "counts_worth": bool(worths),
        "dropped": dropped_from(found, membership),
        "counts": counts_of(key_results),
        "equal_weights": all(key_result.weight is None for key_result in key_results),
        "chosen": chosen,
        "course": course,
        "plots": [("wide", draw(course.history, WIDE)), ("narrow", draw(course.history, NARROW))] if course else [],
        **standing_of(found, membership),
        **log_shown(request, key_results, membership, is_dropped=found.dropped_at is not None),
        "connections": connections,
        "conflicts": conflicts_beside(membership, found),
        **work_on(found, key_results, membership),
        "not_doing": not_doing_beside(found, membership),
        **rights_of(found, membership),
        **agreement_shown(found, membership),
        "target_changes": target_changes_of(found, membership),
        "coach": coach_beside(found, membership),
        **({} if found.dropped_at is not None else comments_shown(request, membership, found)),
    }
    return render(request, "objectives/objective.html", shown)


def agreement_shown(found: Objective, membership: Membership) -> dict[str, Any]:
    """Who agreed when, and who is waited for; what the sides say to each other is not shared with partners."""
    if membership.is_partner:
        return {}
    agreement = agreements_of([found])[found.pk]
    return {
        "agreement": agreement,
        "said": said_of(agreement, found.owner_id),
        "asks_me": agreement.waits_for_person(membership),
    }


def coach_beside(found: Objective, membership: Membership) -> Coach | None:
    """What the coach says of a draft, to those inside; what has begun is no longer drafted."""
    if membership.is_partner or not found.is_draft or found.dropped_at is not None or found.cycle.is_closed:
        return None
    return coach_of_saved(membership, found)


def target_changes_of(found: Objective, membership: Membership) -> list[TargetChange]:
    """What changed since it began, the newest first."""
    rows = TargetChange.objects.filter(key_result__objective=found).exclude(reason="")
    if membership.is_partner:
        rows = rows.filter(key_result__dropped_at=None)
    rows = rows.select_related("key_result", "changed_by__user").order_by("-changed_on", "-pk")
    return list(rows[:MOST_CHANGES])


def key_results_of(found: Objective, membership: Membership) -> list[KeyResult]:
    """The objective's key results with bars, and whether the person may report on or change them."""
    rows = list(
        found.key_results.filter(dropped_at=None)
        .select_related("scored", "owner__user", "forecast")
        .prefetch_related("steps", "phases")
    )
    checkable = set(KeyResult.objects.checkable_by(membership).filter(objective=found).values_list("pk", flat=True))
    editable = set(KeyResult.objects.editable_by(membership).filter(objective=found).values_list("pk", flat=True))
    today = membership.organization.today
    for row in rows:
        row.objective = found
        row.bar = key_result_bar(row, membership.organization, today)  # type: ignore[attr-defined]
        row.may_check_in = found.is_open and row.pk in checkable  # type: ignore[attr-defined]
        row.may_edit = not found.is_closed and row.pk in editable  # type: ignore[attr-defined]
        row.end = end_of(row, getattr(row, "forecast", None))  # type: ignore[attr-defined]
    return rows


def dropped_from(found: Objective, membership: Membership) -> list[KeyResult]:
    """The key results taken out of the objective, and whether the person may bring them back."""
    if membership.is_partner:
        return []
    rows = list(found.key_results.exclude(dropped_at=None).select_related("dropped_by__user").order_by("-dropped_at"))
    if not rows:
        return rows
    is_fixed = found.is_closed or found.dropped_at is not None
    may_edit = not is_fixed and Objective.objects.editable_by(membership).filter(pk=found.pk).exists()
    for row in rows:
        row.may_restore = may_edit or (not is_fixed and row.owner_id == membership.pk)  # type: ignore[attr-defined]
    return rows


def counts_of(key_results: list[KeyResult]) -> dict[str, int]:
    zones = [key_result.bar.zone for key_result in key_results]  # type: ignore[attr-defined]
    silent = zones.count("none")
    return {"below": zones.count("below"), "silent": silent, "reported": len(zones) - silent}


def chosen_from(request: HttpRequest, key_results: list[KeyResult]) -> KeyResult | None:
    """The key result whose course is drawn: the one asked for, else the first with a check-in, else the first."""
    asked = request.GET.get("key_result", "")
    reported = [row for row in key_results if hasattr(row, "scored") and row.scored.check_in_count]
    return next(
        (row for row in key_results if str(row.pk) == asked), next(iter(reported), next(iter(key_results), None))
    )


def standing_of(found: Objective, membership: Membership) -> dict[str, Any]:
    """The hero: bar with its trail, and the change since the end of last week."""
    organization = membership.organization
    trail = objective_trails([found.pk], organization.today)[found.pk]
    scored = getattr(found, "scored", None)
    last_week = trail[-1] if trail else None
    change = None
    if scored is not None and scored.score is not None and last_week is not None and scored.health != Health.CLOSED:
        change = scored.score - last_week
    return {
        "bar": objective_bar(found, organization, trail),
        "change": change,
        "days_left": (found.cycle.end - organization.today).days,
    }


def log_shown(
    request: HttpRequest, key_results: list[KeyResult], membership: Membership, *, is_dropped: bool
) -> dict[str, Any]:
    """A page of what was reported, with what was said about it; of a dropped objective nobody talks any more."""
    found = log_of([row.pk for row in key_results])
    only_obstacles = request.GET.get("show") == "obstacles"
    if only_obstacles:
        found = found.exclude(obstacle="").filter(corrected_by=None)
    log = Paginator(found, LOG_PAGE).get_page(request.GET.get("page"))
    rows = log_rows(log.object_list, membership)
    query = request.GET.copy()
    query.pop("page", None)
    return {
        "log": log,
        "log_query": query.urlencode() + "&" if query else "",
        "log_rows": rows if is_dropped else with_talk(rows, membership),
        "only_obstacles": only_obstacles,
        "shows_key_result": True,
    }


def not_doing_beside(found: Objective, membership: Membership) -> list[NotDoing]:
    if membership.is_partner:
        return []
    return list(NotDoing.objects.filter(cycle=found.cycle_id, team=found.team_id))


def rights_of(found: Objective, membership: Membership) -> dict[str, Any]:
    """Which buttons there are; the acts themselves ask again."""
    if found.dropped_at is not None:
        in_reach = Objective.objects.within_reach_of(membership).filter(pk=found.pk).exists()
        return {"may_edit": False, "may_add": False, "acts": [], "may_restore": in_reach and not found.cycle.is_closed}
    may_edit = not found.is_closed and Objective.objects.editable_by(membership).filter(pk=found.pk).exists()
    acts = possible_acts(
        found, may_edit=may_edit, may_lead=leads(membership, found), is_owner=found.owner_id == membership.pk
    )
    may_add = not found.is_closed and may_add_key_result(membership, found)
    return {"may_edit": may_edit, "may_add": may_add, "acts": acts}


def course_csv(key_result: KeyResult, course: Course) -> HttpResponse:
    """The chart's numbers as a file: every check-in that counts, and every target that was moved."""
    header = [_("Day"), _("Reported"), _("Value"), _("Unit"), _("Confidence"), _("Person"), *_said_titles()]
    rows = [
        [
            row.date.isoformat(),
            point.reported,
            point.value,
            course.unit,
            row.confidence,
            row.author.user.name,
            row.going_well,
            row.obstacle,
            row.next_step,
        ]
        for row, point in course.rows
    ]
    return csv_response(key_result.title, header, rows)


def _said_titles() -> list[str]:
    return [str(CheckIn._meta.get_field(name).verbose_name) for name in ("going_well", "obstacle", "next_step")]  # type: ignore[union-attr]
