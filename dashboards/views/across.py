"""Across cycles: how goals ended, what was said of them before, and which habits come back."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboards.formulas.goal_setting import near_band
from dashboards.formulas.reliability import FEWEST
from dashboards.presenters import across as rows
from dashboards.presenters import across_words as words
from dashboards.presenters.across import KINDS, MOST_SHOWN, Ways
from dashboards.queries.across import AT_FIRST, HALF, MOST_AT_ALL, Across, across, choose_cycles
from dashboards.queries.branches import Branch
from dashboards.queries.branches import branch as branch_of
from dashboards.queries.foretold import foretold
from dashboards.queries.promised import promises
from people.access import get_membership, read_id
from people.models import Membership


@require_safe
def across_cycles(request: HttpRequest, slug: str) -> HttpResponse:
    """The page; partners have none: it speaks of the whole of a team's goals, of which they see a part."""
    membership = get_membership(request, slug)
    if membership.is_partner:
        raise Http404
    asked = request.GET.get("team", "")
    branch = branch_of(membership, read_id(asked) or 0 if asked else None)
    if branch is None:
        raise Http404
    today, last = membership.organization.today, how_many(request)
    wants_long = {name: long for long, name in KINDS.items()}.get(request.GET.get("kind", ""))
    chosen = choose_cycles(membership, today, wants_long=wants_long, most=last)
    seen = across(membership, chosen, today, branch)
    team = branch.top.pk if branch.top is not None and not branch.is_whole else None
    ways = Ways(slug, chosen, team, last)
    shown: dict[str, Any] = {
        "today": today,
        "branch": branch,
        "team": team,
        "ways": ways,
        "choices": rows.team_choices(branch),
        "trail": [
            {"name": place.name, "address": ways.page(team=None if place.is_company else place.pk)}
            for place in branch.trail
        ],
        "seen": seen,
        "is_empty": not seen.ends,
    }
    if not shown["is_empty"]:
        shown |= whole_page(membership, seen, ways)
    if seen.over:
        shown |= ended_page(membership, seen, ways, branch)
        if branch.is_whole:
            shown |= {"promises": promises(membership, today).kept}
    return render(request, "dashboards/across_cycles.html", shown)


def how_many(request: HttpRequest) -> int:
    """How many cycles were asked for, in whole pages of `AT_FIRST`."""
    asked = read_id(request.GET.get("last", "")) or AT_FIRST
    return min(max(asked, AT_FIRST), MOST_AT_ALL)


def whole_page(membership: Membership, seen: Across, ways: Ways) -> dict[str, Any]:
    organization = membership.organization
    return {
        "finding": words.page_finding(seen),
        "spread_finding": words.spread_finding(seen, organization),
        "cycles": rows.cycle_rows(seen, membership, ways),
        "axis": rows.axis_of(membership),
        "bins": rows.bin_table(seen),
        "changed": words.changed_words(seen.whole.changed, seen.whole.graded) if seen.whole else "",
    }


def ended_page(membership: Membership, seen: Across, ways: Ways, branch: Branch) -> dict[str, Any]:
    """What is asked of cycles that are over alone."""
    told, habits = foretold(membership, seen.over, branch, seen.reported), rows.habit_rows(seen, ways)
    half = seen.confidences[HALF]
    lower, upper = near_band(membership.organization.band_lower, membership.organization.band_upper)
    return {
        "fewest": FEWEST,
        "last_over": seen.over[-1],
        "near_lower": lower,
        "near_upper": upper,
        "confidence_finding": words.confidence_finding(half),
        "squares": rows.squares(seen),
        "confidence_table": rows.confidence_table(seen),
        "forecast_finding": words.forecast_finding(told),
        "forecast": rows.forecast_square(told),
        "habits_finding": words.habits_finding(sum(len(each["habits"]) for each in habits), len(habits)),
        "habits": habits[:MOST_SHOWN],
        "more_habits": habits[MOST_SHOWN:],
        "skill_finding": words.skill_finding(rows.skills_of_all(seen), [cycle.name for cycle in seen.over]),
        "unit_rows": rows.unit_rows(seen, ways),
    }
