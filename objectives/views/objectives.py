"""One objective: what stands above the fold comes with the page, what lies below when it comes into view."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from objectives.access import Reach, possible_acts
from objectives.formulas.closing import is_time_to_close
from objectives.formulas.history import NARROW, WIDE, draw
from objectives.models import CheckIn, Health, KeyResult, Objective, ObjectiveState
from objectives.queries.agreement import agreements_of, content_from
from objectives.queries.bars import key_result_bar, objective_bar
from objectives.queries.comments import address_of
from objectives.queries.conflicts import conflicts_beside
from objectives.queries.objective_page import (
    Standing,
    check_ins_from,
    check_ins_of,
    course_facts,
    owner_is_asked,
    read_key_results,
    record_of,
    standing_of,
)
from objectives.queries.objectives import Course, course_of
from objectives.sentences.forecast import end_of
from objectives.views.coaching import Coach, coach_of_saved
from people.access import get_membership, read_id
from people.exports import csv_response
from people.models import Membership, Organization


@require_safe
def objective(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    standing = standing_of(membership, pk)
    if standing is None:
        raise Http404
    found, organization = standing.objective, membership.organization
    read_key_results(standing, organization.today)
    reach = Reach(membership, found, standing.in_branch, standing.is_writable)
    key_results = dressed(standing, reach)
    chosen = chosen_from(request, key_results)
    equal_weights = all(row.weight is None for row in key_results)
    facts = (standing.facts, organization.today, *settings_shown(organization))
    for row in key_results:
        row.is_chosen = row is chosen  # type: ignore[attr-defined]
        row.key = (facts, row.facts, row.is_chosen, row.may_check_in, row.may_edit, equal_weights)  # type: ignore[attr-defined]
    shown: dict[str, Any] = {
        "objective": found,
        "today": organization.today,
        "above": standing.above,
        "key_results": key_results,
        "counts_worth": any(row.kpi_id for row in key_results),
        "dropped": dropped_from(standing, reach),
        "counts": counts_of(key_results),
        "equal_weights": equal_weights,
        "chosen": chosen,
        "idle_since": standing.idle_since,
        **hero_of(standing, membership),
        **log_shown(request, standing, membership),
        "conflicts": conflicts_beside(membership, found) if standing.has_conflicts else [],
        **rights_of(standing, reach),
        **agreement_shown(standing, membership),
        "coach": coach_beside(found, membership),
        "talk_address": address_of(found, slug),
    }
    if chosen is not None:
        said = course_facts(chosen)
        course = course_from(chosen, membership, said)
        if request.GET.get("download") == "csv":
            return course_csv(chosen, course())
        shown |= {"course": course, "course_key": (facts, chosen.facts, said), "plots": plots_of(course)}  # type: ignore[attr-defined]
    return render(request, "objectives/objective.html", shown)


def settings_shown(organization: Organization) -> tuple[Any, ...]:
    """What an objective's page says by the organization's settings: zones by the band, rounds by its working days."""
    band = (organization.band_lower, organization.band_upper)
    return (*band, organization.check_in_weekday, organization.holidays)


def dressed(standing: Standing, reach: Reach) -> list[KeyResult]:
    """The objective's key results with bars, and whether the person may report on or change them."""
    found, organization = standing.objective, reach.membership.organization
    today = organization.today
    for row in standing.key_results:
        row.bar = key_result_bar(row, organization, today)  # type: ignore[attr-defined]
        row.may_check_in = found.is_open and reach.may_check_in(row)  # type: ignore[attr-defined]
        row.may_edit = not found.is_closed and reach.may_edit_key_result(row)  # type: ignore[attr-defined]
        row.end = end_of(row, getattr(row, "forecast", None))  # type: ignore[attr-defined]
    return standing.key_results


def course_from(chosen: KeyResult, membership: Membership, said: str) -> Callable[[], Course]:
    """The course, calculated when it is drawn: most often it was drawn before."""

    @cache
    def course() -> Course:
        changes = list(chosen.target_changes.select_related("changed_by__user")) if chosen.has_changes else []  # type: ignore[attr-defined]
        return course_of(chosen, membership.organization, check_ins_from(said), changes)

    return course


def plots_of(course: Callable[[], Course]) -> Callable[[], list[tuple[str, Any]]]:
    return lambda: [("wide", draw(course().history, WIDE)), ("narrow", draw(course().history, NARROW))]


def agreement_shown(standing: Standing, membership: Membership) -> dict[str, Any]:
    """Who is waited for; what the sides say to each other is not shared with partners.

    Of an active objective only the owner can be asked, and only about what somebody else agreed to.
    """
    found = standing.objective
    if membership.is_partner:
        return {}
    content = content_from(found, standing.key_results)
    if not found.is_draft and not owner_is_asked(standing, content):
        return {"content": content}
    agreement = agreements_of([found])[found.pk]
    return {"agreement": agreement, "content": content, "asks_me": agreement.waits_for_person(membership)}


def coach_beside(found: Objective, membership: Membership) -> Coach | None:
    """What the coach says of a draft, to those inside; what has begun is no longer drafted."""
    if membership.is_partner or not found.is_draft or found.dropped_at is not None or found.cycle.is_closed:
        return None
    return coach_of_saved(membership, found)


def dropped_from(standing: Standing, reach: Reach) -> list[KeyResult]:
    """The key results taken out of the objective, and whether the person may bring them back."""
    if reach.membership.is_partner:
        return []
    is_fixed = standing.objective.is_closed or standing.objective.dropped_at is not None
    for row in standing.dropped:
        is_own = row.owner_id == reach.membership.pk
        row.may_restore = not is_fixed and (reach.may_edit or is_own)  # type: ignore[attr-defined]
    return standing.dropped


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


def hero_of(standing: Standing, membership: Membership) -> dict[str, Any]:
    """The hero: bar with its trail, and the change since the end of last week."""
    found, organization, trail = standing.objective, membership.organization, standing.trail
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


def log_shown(request: HttpRequest, standing: Standing, membership: Membership) -> dict[str, Any]:
    """A page of what was reported, with what was said about it; of a dropped objective nobody talks any more."""
    found = standing.objective
    is_dropped = found.dropped_at is not None
    only_obstacles = request.GET.get("show") == "obstacles"
    number = max(1, min(read_id(request.GET.get("page")) or 1, 10**6))
    record = record_of(standing.key_results, number, only_obstacles=only_obstacles)
    query = request.GET.copy()
    query.pop("page", None)

    @cache
    def rows() -> list[CheckIn]:
        slug = membership.organization.slug
        check_ins = check_ins_of(record, standing.key_results, membership)
        for row in check_ins:
            if not is_dropped:
                row.comments_address = address_of(row, slug)  # type: ignore[attr-defined]
                row.may_react = standing.is_writable  # type: ignore[attr-defined]
        return check_ins

    return {
        "log": record,
        "log_query": query.urlencode() + "&" if query else "",
        "log_rows": rows,
        "log_key": (
            record.facts,
            tuple(row.facts for row in standing.key_results),  # type: ignore[attr-defined]
            (membership.pk, standing.is_writable, is_dropped, membership.organization.today),
            membership.organization.time_zone,
        ),
        "only_obstacles": only_obstacles,
        "shows_key_result": True,
    }


def rights_of(standing: Standing, reach: Reach) -> dict[str, Any]:
    """Which buttons there are; the acts themselves ask again."""
    found = standing.objective
    if found.dropped_at is not None:
        can_return = reach.is_within and not found.cycle.is_closed
        return {"may_edit": False, "may_add": False, "acts": [], "may_restore": can_return}
    may_edit = not found.is_closed and reach.may_edit
    is_ending = is_time_to_close(found.cycle.end, reach.membership.organization.today) and not found.cycle.is_closed
    corrects = reach.leads and found.state == ObjectiveState.CLOSED and not found.cycle.is_closed
    proposes = reach.is_owner and not reach.leads and found.state == ObjectiveState.ACTIVE and is_ending
    acts = possible_acts(found, may_edit=may_edit, may_lead=reach.leads, is_owner=reach.is_owner)
    return {
        "may_edit": may_edit,
        "may_add": not found.is_closed and reach.may_add_key_result,
        "acts": acts,
        "may_grade": corrects or (proposes and not reach.membership.is_partner),
        "may_look_back": (reach.leads or reach.is_owner)
        and not reach.membership.is_partner
        and found.state in {ObjectiveState.ACTIVE, ObjectiveState.CLOSED}
        and (found.is_closed or is_ending),
    }


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
