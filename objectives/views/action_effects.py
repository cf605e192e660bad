"""Expected and achieved: what actions were to do, what they did, what they cost and brought."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from funnel.fields import plain
from objectives.access import teams_seen_by
from objectives.formulas.action_effects import FEWEST, summed
from objectives.models import Cycle
from objectives.presenters.lever_changes import unit_of_change
from objectives.queries.action_effects import (
    APPROACH,
    LEVER,
    MOST,
    TEAM,
    Line,
    Wanted,
    groups_of,
    levers_named,
    lines_of,
    wanted_from,
)
from objectives.sentences.action_effects import finding_of
from people.access import get_insider
from people.exports import csv_response
from people.models import Membership
from people.services.units import unit_of_money

PAGE = 50


@require_safe
def action_effects(request: HttpRequest, slug: str) -> HttpResponse:
    membership = get_insider(request, slug)
    wanted = wanted_from(request.GET)
    lines, has_more = lines_of(membership, wanted)
    if request.GET.get("download") == "csv":
        return effects_csv(lines, membership)
    everything = summed(line.case for line in lines)
    none = _("None") if wanted.by == LEVER else pgettext("approach", "not said")
    query = wanted.asked()
    telling = lines if wanted.with_silent else [line for line in lines if line.case.tells]
    shown = {
        "wanted": wanted,
        "summary": everything,
        "finding": finding_of(everything),
        "groups": groups_of(lines, wanted.by, none=none, sort=wanted.sort),
        "approaches": groups_of(lines, APPROACH, none=pgettext("approach", "not said"))
        if wanted.by != APPROACH
        else [],
        "page": Paginator(telling, PAGE).get_page(request.GET.get("page")),
        "ways": [
            (name, wanted.asked(by=by), wanted.by == by)
            for by, name in ((LEVER, _("Lever")), (APPROACH, _("Approach")), (TEAM, _("Team")))
        ],
        "heads": heads(wanted),
        "silent": len(lines) - len(telling),
        "all_of_them": wanted.asked(with_silent=True),
        "levers": levers_named(membership),
        "teams": teams_seen_by(membership),
        "cycles": Cycle.objects.visible_to(membership).order_by("-start", "-pk"),
        "money": unit_of_money(membership.organization.currency),
        "fewest": FEWEST,
        "most": MOST if has_more else None,
        "query": f"{query}&" if query else "",
        "today": membership.organization.today,
    }
    is_part = request.htmx and request.htmx.target == "rows"  # type: ignore[attr-defined]
    return render(request, "objectives/_action_effects.html" if is_part else "objectives/action_effects.html", shown)


def heads(wanted: Wanted) -> list[dict[str, Any]]:
    """The columns that can be sorted: the largest first, then the smallest, then as before."""
    names = {
        "expected": _("Expected for the KGI"),
        "achieved": _("Achieved for the KGI"),
        "share": _("Of what was expected"),
        "cost": _("Cost"),
        "revenue": _("Revenue"),
        "return": _("Revenue less cost"),
        "deals": _("Deals"),
        "orders": _("Orders"),
        "cost_per_order": _("Cost per order"),
        "lines": _("Daily lines"),
    }
    found = []
    for key, name in names.items():
        following = {f"-{key}": key, key: ""}.get(wanted.sort, f"-{key}")
        order = {f"-{key}": "descending", key: "ascending"}.get(wanted.sort, "")
        found.append({"key": key, "name": name, "query": wanted.asked(sort=following), "order": order})
    return found


def effects_csv(lines: Iterable[Line], membership: Membership) -> HttpResponse:
    money = unit_of_money(membership.organization.currency)
    header = [
        _("What is to be done"),
        _("Team"),
        _("State"),
        _("Closed on"),
        _("Approach"),
        _("Lever"),
        _("Expected change"),
        _("Achieved change"),
        _("Unit of the change"),
        _("Of what was expected"),
        "KGI",
        _("Unit of the KGI"),
        _("Expected for the KGI"),
        _("Achieved for the KGI"),
        _("Cost (%(unit)s)") % {"unit": money},
        _("Revenue (%(unit)s)") % {"unit": money},
        _("Deals"),
        _("Orders"),
        _("Daily lines"),
        _("What came of it"),
    ]
    return csv_response(_("Expected and achieved"), header, (cells(line) for line in lines))


def cells(line: Line) -> list[Any]:
    action, case, lever = line.action, line.case, line.lever

    def known(value: Any) -> Any:
        return "" if value is None else plain(value) if isinstance(value, Decimal) else value

    def worth(value: float | None) -> Any:
        return "" if value is None else round(value, 2)

    return [
        action.title,
        action.team.name,
        action.get_state_display(),
        action.closed_on.isoformat() if action.closed_on else "",
        action.get_approach_display() if action.approach else "",
        lever.name if lever else "",
        known(lever.in_people_units(case.expected)) if lever else "",
        known(lever.in_people_units(case.achieved)) if lever else "",
        unit_of_change(lever) if lever else "",
        known(case.share),
        lever.kgi.name if lever else "",
        case.unit,
        worth(case.expected_worth),
        worth(case.achieved_worth),
        known(case.cost),
        known(case.revenue),
        known(case.deals),
        known(case.orders),
        case.lines,
        action.result,
    ]
