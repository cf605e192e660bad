"""What actions were expected to do and what came of them: one by one, and by lever, approach and team."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce
from django.utils.dateparse import parse_date

from funnel.models import KPI
from objectives.formulas.action_effects import Case, Summary, summed
from objectives.models import Action, ActionState, Activity, Approach, Cycle
from objectives.models.actions import ActionQuerySet
from objectives.queries.action_worth import Effect, MovedTrees
from people.access import read_id
from people.models import Membership, below

LEVER, APPROACH, TEAM = "lever", "approach", "team"
GROUPINGS = (LEVER, APPROACH, TEAM)
MOST = 2_000
"""Of more finished actions the latest so many are looked at."""


@dataclass(frozen=True)
class Wanted:
    """Which actions are looked at and how; a team with all below it, `since` and `until` by the day
    of finishing: open ones have none yet. Without `with_silent` those of which no number is known are not listed."""

    by: str = LEVER
    with_open: bool = False
    with_silent: bool = False
    team: int | None = None
    kpi: int | None = None
    cycle: int | None = None
    since: date | None = None
    until: date | None = None
    sort: str = ""

    @property
    def is_narrowed(self) -> bool:
        return self != Wanted(self.by, self.with_open, self.with_silent, sort=self.sort)

    def asked(self, **changes: Any) -> str:
        """The same wish as a query string, with some of it changed."""
        wish = replace(self, **changes)
        said = {
            "by": "" if wish.by == LEVER else wish.by,
            "open": "1" if wish.with_open else "",
            "silent": "1" if wish.with_silent else "",
            "team": wish.team,
            "lever": wish.kpi,
            "cycle": wish.cycle,
            "since": wish.since,
            "until": wish.until,
            "sort": wish.sort,
        }
        return urlencode({name: value for name, value in said.items() if value})


@dataclass(frozen=True)
class Line:
    """One action with what was expected of it and what came of it."""

    action: Action
    lever: KPI | None
    expected: Effect | None
    achieved: Effect | None
    case: Case


@dataclass(frozen=True)
class Group:
    """Actions that belong together. `key` is the lever, approach or team; None and "" where none is said; `within` is
    the KGI of a lever."""

    key: Any
    name: str
    within: str
    summary: Summary


SORTS: Mapping[str, Callable[[Line], Any]] = {
    "finished": lambda line: line.action.closed_on,
    "expected": lambda line: line.case.expected_worth,
    "achieved": lambda line: line.case.achieved_worth,
    "share": lambda line: line.case.share,
    "cost": lambda line: line.case.cost,
    "revenue": lambda line: line.case.revenue,
    "return": lambda line: line.case.gained,
    "deals": lambda line: line.case.deals,
    "orders": lambda line: line.case.orders,
    "cost_per_order": lambda line: line.case.cost_per_order,
    "lines": lambda line: line.case.lines,
}

GROUP_SORTS: Mapping[str, Callable[[Summary], Any]] = {
    "expected": lambda summary: first_worth(summary, "expected"),
    "achieved": lambda summary: first_worth(summary, "achieved"),
    "share": lambda summary: summary.share,
    "cost": lambda summary: summary.cost,
    "revenue": lambda summary: summary.revenue,
    "return": lambda summary: summary.gained,
    "deals": lambda summary: summary.deals,
    "orders": lambda summary: summary.orders,
    "cost_per_order": lambda summary: summary.cost_per_order,
    "lines": lambda summary: summary.lines,
}


def first_worth(summary: Summary, name: str) -> float | None:
    """Several KGIs do not compare: groups stand in the order of the first."""
    return getattr(summary.worths[0], name) if summary.worths else None


def wanted_from(asked: Mapping[str, str]) -> Wanted:
    """What the address asks for; what is not understood is left out. `sort=-cost` is the largest first."""
    by, sort = asked.get("by", ""), asked.get("sort", "")
    return Wanted(
        by=by if by in GROUPINGS else LEVER,
        with_open=asked.get("open", "") not in ("", "0"),
        with_silent=asked.get("silent", "") not in ("", "0"),
        team=read_id(asked.get("team")),
        kpi=read_id(asked.get("lever")),
        cycle=read_id(asked.get("cycle")),
        since=day_of(asked.get("since", "")),
        until=day_of(asked.get("until", "")),
        sort=sort if sort.removeprefix("-") in SORTS else "",
    )


def day_of(text: str) -> date | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day is not None and 1970 < day.year < 9999 else None


def actions_wanted(membership: Membership, wanted: Wanted) -> ActionQuerySet:
    """The finished actions (with the open ones where wished), each with `lever`: the one it moves, by its id."""
    rows = Action.objects.visible_to(membership).annotate(lever=Coalesce("kpi", "key_result__kpi"))
    states = [ActionState.DONE, ActionState.OPEN] if wanted.with_open else [ActionState.DONE]
    rows = rows.filter(state__in=states)
    if wanted.team is not None:
        rows = rows.filter(team__in=below([wanted.team]))
    if wanted.kpi is not None:
        rows = rows.filter(lever=wanted.kpi)
    first, last = wanted.since, wanted.until
    cycle = Cycle.objects.visible_to(membership).filter(pk=wanted.cycle).first() if wanted.cycle is not None else None
    if cycle is not None:
        first, last = max(cycle.start, first or cycle.start), min(cycle.end, last or cycle.end)
    is_open = Q(state=ActionState.OPEN)
    if first is not None:
        rows = rows.filter(is_open | Q(closed_on__gte=first))
    if last is not None:
        rows = rows.filter(is_open | Q(closed_on__lte=last))
    return rows.select_related("team").order_by(F("closed_on").desc(nulls_first=True), "-pk")


def lines_of(membership: Membership, wanted: Wanted) -> tuple[list[Line], bool]:
    """The actions with what they were to do and did, as they are to be sorted, and whether there are more than `MOST`.

    Five queries however many there are.
    """
    actions: list[Any] = list(actions_wanted(membership, wanted)[: MOST + 1])
    has_more = len(actions) > MOST
    actions = actions[:MOST]
    trees = MovedTrees({row.lever for row in actions if row.lever is not None}, membership)
    counts = line_counts(membership, actions)
    found = [line_of(row, trees, counts.get(row.pk, 0)) for row in actions]
    return in_order(found, wanted.sort), has_more


def line_counts(membership: Membership, actions: Sequence[Action]) -> dict[int, int]:
    """How many lines of the daily log belong to each of the actions."""
    rows = Activity.objects.visible_to(membership).filter(action__in=[row.pk for row in actions]).order_by()
    return dict(rows.values_list("action").annotate(number=Count("pk")))


def line_of(action: Any, trees: MovedTrees, lines: int) -> Line:
    lever = trees.kpis.get(action.lever or 0)
    expected = achieved = None
    if lever is not None:
        expected = moved(trees, lever, action.expected_change)
        achieved = moved(trees, lever, action.actual_change)
    case = Case(
        is_done=action.state == ActionState.DONE,
        expected=action.expected_change if lever else None,
        achieved=action.actual_change if lever else None,
        kgi=lever.kgi.name if lever else "",
        unit=lever.kgi.unit if lever else "",
        expected_worth=expected.worth if expected else None,
        achieved_worth=achieved.worth if achieved else None,
        cost=action.cost,
        revenue=action.revenue,
        deals=action.deals,
        orders=action.orders,
        lines=lines,
    )
    return Line(action, lever, expected, achieved, case)


def moved(trees: MovedTrees, lever: KPI, change: Any) -> Effect | None:
    return None if change is None else trees.effect(lever.pk, change)


def in_order(lines: list[Line], sort: str) -> list[Line]:
    """As wished, what is not known last; without a wish as they came."""
    if not sort:
        return lines
    value = SORTS[sort.removeprefix("-")]
    known = sorted((line for line in lines if value(line) is not None), key=value, reverse=sort.startswith("-"))
    return known + [line for line in lines if value(line) is None]


def groups_of(lines: Iterable[Line], by: str, *, none: str, sort: str = "") -> list[Group]:
    """The actions by lever, approach or team: as wished, else by name, those of none last, under the name `none`."""
    cases: dict[Any, list[Case]] = {}
    names: dict[Any, tuple[str, str]] = {}
    for line in lines:
        key, name, within = place_of(line, by)
        names[key] = (name or none, within)
        cases.setdefault(key, []).append(line.case)
    found = [Group(key, *names[key], summed(rows)) for key, rows in cases.items()]
    if by == APPROACH:
        order = list(Approach.values)
        found.sort(key=lambda group: (not group.key, order.index(group.key)))
    else:
        found.sort(key=lambda group: (not group.key, group.within, group.name))
    value = GROUP_SORTS.get(sort.removeprefix("-"))
    if value is None:
        return found
    known = sorted((row for row in found if value(row.summary) is not None), key=lambda row: value(row.summary))
    known = known[::-1] if sort.startswith("-") else known
    return known + [row for row in found if value(row.summary) is None]


def place_of(line: Line, by: str) -> tuple[Any, str, str]:
    """The key, the name, and in what it lies."""
    action = line.action
    if by == APPROACH:
        return action.approach, action.get_approach_display() if action.approach else "", ""
    if by == TEAM:
        return action.team_id, action.team.name, ""
    return (line.lever.pk, line.lever.name, line.lever.kgi.name) if line.lever is not None else (None, "", "")


def levers_named(membership: Membership) -> list[KPI]:
    """The levers that actions move, to choose from."""
    levers = Action.objects.visible_to(membership).annotate(lever=Coalesce("kpi", "key_result__kpi"))
    named = levers.exclude(lever=None).order_by().values("lever")
    return list(
        KPI.objects.visible_to(membership).filter(pk__in=named).select_related("kgi").order_by("kgi", "position", "pk")
    )
