"""The alignment map: the goals of a running cycle as a picture to walk through, and lists of what is missing in it."""

from __future__ import annotations

from typing import Any

import orjson
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dashboards.presenters.carrying import script
from dashboards.presenters.company_map import BY, COLOURS, SHAPES, SIZES, CompanyMap
from dashboards.presenters.map_parts import Look
from dashboards.presenters.map_words import GapLine, gap_meaning, gap_name, reach_finding, scope_finding
from dashboards.queries.forest import Forest, Goal, forest_of, sought_in
from dashboards.queries.gaps import GAPS, gaps_of, scope_counts
from dashboards.views.live import live_context
from objectives.access import choose_cycle, teams_seen_by
from objectives.models import Cycle, Health, Intent, Level, Objective
from people.access import get_membership, read_id
from people.models import Membership, Team
from people.queries import team_tree

LIST_PAGE = 50
SORTS = ("", "score", "-score")


@require_safe
def company_map(request: HttpRequest, slug: str) -> HttpResponse:
    """The page; its part that changes where htmx asks, and `?format=json` for the figure with its numbers."""
    membership = get_membership(request, slug)
    cycle = choose_cycle(request, membership)
    live = live_context(membership)
    if cycle is None:
        return render(request, "dashboards/company_map.html", live | {"is_empty": True})
    drawn, gaps = map_of(request, membership, cycle)
    look, forest = drawn.look, drawn.forest
    if request.GET.get("format") == "json":
        return json_of(drawn)
    shown: dict[str, Any] = {
        "cycle": cycle,
        "look": look,
        "map": drawn,
        "today": membership.organization.today,
        "sought": forest.sought,
        "map_finding": finding_of(drawn),
        "map_figure": script("alignment", drawn.figure()) if drawn.cells else "",
        "asked": drawn.asked,
    }
    address = drawn.address(**opened(look))
    if request.htmx:  # type: ignore[attr-defined]
        answer = render(request, "dashboards/_company_map.html", shown)
        answer.headers["HX-Push-Url"] = address
        return answer
    shown |= live | {
        "is_empty": not forest.goals,
        "finding": reach_finding(forest, gaps),
        "gaps": [GapLine(gap, len(gaps[gap]), gap_name(gap), drawn.list_address(gap=gap)) for gap in GAPS if gaps[gap]],
        "tree": team_tree(drawn.teams.values()),
        "kinds": Intent.choices,
        "levels": Level.choices,
        "healths": Health.choices,
    }
    return render(request, "dashboards/company_map.html", shown)


@require_safe
def company_map_list(request: HttpRequest, slug: str) -> HttpResponse:
    """Goals of the map as a list: of one gap (`?gap=`), right below a goal (`?root=`), or below a team (`?under=`)."""
    membership = get_membership(request, slug)
    cycle = choose_cycle(request, membership)
    if cycle is None:
        raise Http404
    drawn, gaps = map_of(request, membership, cycle)
    gap = request.GET.get("gap", "")
    if gap and gap not in gaps:
        raise Http404
    goals = drawn.forest.goals
    if gap:
        found = [goals[pk] for pk in gaps[gap] if goals[pk].is_found]
    elif drawn.look.by == "chain" and drawn.start is not None:
        found = [goals[pk] for pk in drawn.top]
    elif drawn.start is not None:
        found = drawn.scope
    else:
        found = [goals[pk] for pk in drawn.tops if pk > 0] if drawn.look.by == "chain" else drawn.shown
    sort = request.GET.get("sort", "")
    sort = sort if sort in SORTS else ""
    page = Paginator(sorted_by(found, sort), LIST_PAGE).get_page(request.GET.get("page"))
    rows = Objective.objects.visible_to(membership).select_related("team", "owner__user", "scored")
    read = rows.in_bulk([goal.pk for goal in page.object_list])
    part = {"gap": gap} if gap else opened(drawn.look)
    return render(
        request,
        "dashboards/company_map_list.html",
        {
            "cycle": cycle,
            "map": drawn,
            "sought": drawn.forest.sought,
            "title": gap_name(gap) if gap else list_title(drawn),
            "meaning": gap_meaning(gap) if gap else "",
            "page": page,
            "rows": [(goal, read[goal.pk]) for goal in page.object_list if goal.pk in read],
            "sort": sort,
            "part": part,
            "address": drawn.list_address(**part),
            "back": drawn.address() if gap else drawn.address(**part),
        },
    )


def map_of(request: HttpRequest, membership: Membership, cycle: Cycle) -> tuple[CompanyMap, dict[str, list[int]]]:
    """What the address asks for; 404 where it opens a goal or a team that the reader does not see."""
    teams = list(teams_seen_by(membership).order_by("position", "pk"))
    forest = forest_of(membership, cycle, sought_in(request.GET, {team.pk for team in teams}))
    look = look_in(request, forest, teams)
    gaps = gaps_of(forest, {team.pk: team.parent_id for team in teams})
    return CompanyMap(membership, cycle, forest, teams, look, gaps["hanging"]), gaps


def look_in(request: HttpRequest, forest: Forest, teams: list[Team]) -> Look:
    def one_of(name: str, known: tuple[str, ...]) -> str:
        asked = request.GET.get(name, "")
        return asked if asked in known else known[0]

    by = one_of("by", BY)
    root = seen_in(request, "root", set(forest.goals))
    under = seen_in(request, "under", {team.pk for team in teams})
    return Look(
        by=by,
        shape=one_of("shape", SHAPES),
        colour=one_of("colour", COLOURS),
        size=one_of("size", SIZES),
        root=root if by == "chain" else None,
        under=under if by == "organization" else None,
    )


def seen_in(request: HttpRequest, name: str, known: set[int]) -> int | None:
    asked = request.GET.get(name, "")
    if not asked:
        return None
    number = read_id(asked)
    if number not in known:
        raise Http404
    return number


def opened(look: Look) -> dict[str, int]:
    return {name: pk for name, pk in (("root", look.root), ("under", look.under)) if pk is not None}


def finding_of(drawn: CompanyMap) -> str:
    counts = scope_counts(drawn.scope)
    said = scope_finding(counts, is_sought=bool(drawn.forest.sought), is_closed=drawn.cycle.is_closed)
    if drawn.start is None:
        return said
    return _("%(title)s: %(finding)s") % {"title": drawn.root, "finding": said}


def list_title(drawn: CompanyMap) -> str:
    if drawn.start is None:
        return _("What stands at the top") if drawn.look.by == "chain" else _("All objectives")
    named = {"title": drawn.root}
    return (
        _("What contributes to “%(title)s”") % named if drawn.look.by == "chain" else _("%(title)s and below") % named
    )


def sorted_by(goals: list[Goal], sort: str) -> list[Goal]:
    if not sort:
        return goals
    down = -1 if sort.startswith("-") else 1
    return sorted(goals, key=lambda goal: (goal.value is None, down * (goal.value or 0.0)))


def json_of(drawn: CompanyMap) -> HttpResponse:
    answer = {
        "root": drawn.look.root,
        "under": drawn.look.under,
        "finding": finding_of(drawn),
        "figure": drawn.figure(),
        "objectives": [row.as_json() for row in drawn.rows],
    }
    return HttpResponse(orjson.dumps(answer), content_type="application/json")
