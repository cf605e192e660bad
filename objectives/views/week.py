"""This week: what one owes, one after the other, and what others could need."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from objectives.access import choose_cycle
from objectives.forms.check_ins import CheckInForm
from objectives.formulas.pace import elapsed_share
from objectives.models import KeyResult, Kind
from objectives.presenters.health_board import owed_numbers
from objectives.queries.agreement import waiting_for
from objectives.queries.bars import week_number, weeks_in
from objectives.queries.check_ins import standing
from objectives.queries.closing import cycle_to_close
from objectives.queries.conflicts import count_of_person
from objectives.queries.frame import frame_of
from objectives.queries.next_cycle import next_cycle_of
from objectives.queries.notices import news_for
from objectives.queries.obstacles import where_to_help
from objectives.queries.week import Week, band_counts, week_of
from objectives.views.activities import line_shown
from objectives.views.just_saved import JustSaved, find_just_saved
from people.access import get_membership, read_id
from people.models import Membership
from people.queries.rhythms import rhythms_of

MOST_WAITING = 6
# How many sheets a browser keeps at hand for when the connection is gone.
MOST_SHEETS = 8


@require_safe
def this_week(request: HttpRequest, slug: str) -> HttpResponse:
    membership = get_membership(request, slug)
    chosen = read_id(request.GET.get("key_result"))
    if "sheets" in request.GET:
        return render(request, "objectives/_sheets.html", {"sheets": sheets_at_hand(membership), "from_week": True})
    if request.htmx:  # type: ignore[attr-defined]
        return next_sheet(request, membership, chosen=chosen)
    shown = sheet_context(request, membership, chosen=chosen)
    shown["just_saved"] = find_just_saved(request, membership)
    cycle, today = shown["cycle"], membership.organization.today
    shown |= {
        **asked_and_told(membership),
        **line_shown(membership),
        "obstacles": where_to_help(membership),
        "bands": band_counts(membership, cycle) if cycle else [],
        "next_cycle": next_cycle_of(membership),
        "to_close": None if membership.is_partner else cycle_to_close(frame_of(request, membership).cycles, today),
        "conflict_count": count_of_person(membership),
        "owed_numbers": owed_numbers(membership),
    }
    return render(request, "objectives/this_week.html", shown)


def asked_and_told(membership: Membership) -> dict[str, Any]:
    """What waits for the person's word, and what else is new."""
    waiting = waiting_for(membership)
    return {
        "waiting": waiting[:MOST_WAITING],
        "more_waiting": max(0, len(waiting) - MOST_WAITING),
        "news": news_for(membership, waiting=[each.objective.pk for each in waiting]),
    }


def next_sheet(
    request: HttpRequest, membership: Membership, *, chosen: int | None = None, saved: JustSaved | None = None
) -> HttpResponse:
    """The next check-in as htmx swaps it in, with what changes round it."""
    shown = sheet_context(request, membership, chosen=chosen) | {"oob": True, "just_saved": saved}
    return render(request, "objectives/_next_check_in.html", shown)


def sheet_context(request: HttpRequest, membership: Membership, *, chosen: int | None = None) -> dict[str, Any]:
    """What the head, the sheet and the queue of the week need."""
    organization = membership.organization
    week = week_of(membership, chosen=chosen)
    cycle = choose_cycle(request, membership)
    shown: dict[str, Any] = {"week": week, "cycle": cycle, "today": organization.today, "from_week": True}
    if cycle is not None:
        shown |= {
            "week_number": week_number(cycle, organization.today),
            "week_count": weeks_in(cycle),
            "elapsed": round(elapsed_share(cycle.span, organization.today), 2),
        }
    if week.chosen is not None:
        shown |= sheet_of(membership, week.chosen)
    return shown


def sheet_of(membership: Membership, key_result: KeyResult) -> dict[str, Any]:
    """An empty form for a key result of the week, and what stands beside it."""
    return {
        "key_result": key_result,
        "form": CheckInForm(key_result=key_result, membership=membership),
        "standing": standing(key_result, membership.organization),
        "two_weeks": is_biweekly(membership, key_result),
    }


def is_biweekly(membership: Membership, key_result: KeyResult) -> bool:
    """Whether a reading is asked for that stands for two weeks."""
    if key_result.kind not in (Kind.AVERAGE, Kind.KEEP):
        return False
    return rhythms_of(membership.organization)[key_result.objective.team_id].check_in_weeks > 1


def sheets_at_hand(membership: Membership) -> list[dict[str, Any]]:
    """The sheets after the first one, as the browser shows them when it cannot ask for the next one."""
    week = week_of(membership)
    return [{"week": beside(week, row), **sheet_of(membership, row)} for row in week.waiting[:MOST_SHEETS]]


def beside(week: Week, key_result: KeyResult) -> Week:
    return replace(week, chosen=key_result)


def sheet_place(membership: Membership, key_result: KeyResult) -> dict[str, Any]:
    """Where a sheet that was refused stands in the week: it stays open, with what was typed."""
    week = week_of(membership, chosen=key_result.pk)
    return {"week": week, "key_result": week.chosen} if week.chosen == key_result else {}
