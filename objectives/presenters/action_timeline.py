"""Actions along the weeks: which weeks are shown, and where each action's bar lies in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from objectives.models import Action

QUARTER, MONTH = "quarter", "month"
# How many weeks are shown, how many of them lie before today, and by how many one goes on.
ZOOMS = {QUARTER: (13, 2, 12), MONTH: (5, 1, 4)}
GOAL, TEAM = "goal", "team"
GROUPINGS = (GOAL, TEAM)
EARLIEST, LATEST = date(2000, 1, 3), date(2189, 1, 5)


@dataclass(frozen=True)
class Window:
    """The whole weeks that are shown, from a Monday."""

    first: date
    zoom: str
    today: date

    @property
    def weeks(self) -> int:
        return ZOOMS[self.zoom][0]

    @property
    def days(self) -> int:
        return self.weeks * 7

    @property
    def last(self) -> date:
        return self.first + timedelta(days=self.days - 1)

    @property
    def earlier(self) -> date:
        return max(EARLIEST, self.first - timedelta(weeks=ZOOMS[self.zoom][2]))

    @property
    def later(self) -> date:
        return min(LATEST, self.first + timedelta(weeks=ZOOMS[self.zoom][2]))

    @property
    def is_now(self) -> bool:
        return self.first == opening(self.today, self.zoom)

    @property
    def mondays(self) -> list[tuple[date, bool]]:
        """The first day of each week, and whether its month is to be named."""
        days = [self.first + timedelta(weeks=number) for number in range(self.weeks)]
        return [(day, number == 0 or day.month != days[number - 1].month) for number, day in enumerate(days)]

    def share(self, days: float) -> str:
        """So many days in per cent of the weeks shown, as an attribute of SVG."""
        return f"{100 * days / self.days:.3f}".rstrip("0").rstrip(".") + "%"

    def place(self, day: date) -> int:
        """How many days after the first of them a day is."""
        return (day - self.first).days


def opening(today: date, zoom: str) -> date:
    """The Monday the weeks begin with where nobody asked for others."""
    return today - timedelta(days=today.weekday(), weeks=ZOOMS[zoom][1])


def window_from(asked: Mapping[str, str], today: date) -> Window:
    """The weeks a query string asks for; those around today where it asks for none, or for nonsense."""
    zoom = asked.get("zoom", "")
    zoom = zoom if zoom in ZOOMS else QUARTER
    try:
        day = parse_date(asked.get("from", ""))
    except ValueError:
        day = None
    first = opening(today, zoom) if day is None else min(max(day, EARLIEST), LATEST)
    return Window(first - timedelta(days=first.weekday()), zoom, today)


@dataclass(frozen=True)
class Course:
    """One action in the weeks shown: from when to when it is to last, and its drawing."""

    action: Action
    begins: date
    ends: date | None
    drawing: SafeString

    @property
    def is_begin_said(self) -> bool:
        """Whether somebody said when it begins; else it is the day it was written down."""
        return bool(self.action.starts_on or self.action.began_on)


@dataclass
class Group:
    """Actions for one goal, or of one team."""

    kind: str
    name: str
    pk: int | None
    parent: int | None
    courses: list[Course]


def course_of(action: Action, window: Window) -> Course:
    """Where an action lies; `action` has `begins` and `ends` as the query says them."""
    begins, ends = action.begins, action.ends  # type: ignore[attr-defined]
    if ends is not None and ends < begins:
        begins = ends
    return Course(action, begins, ends, drawn(action, begins, ends, window))


def drawn(action: Action, begins: date, ends: date | None, window: Window) -> SafeString:
    """The bar as inline SVG, across in per cent of the weeks shown; what is past its day runs on until today."""
    today = window.today
    bars: list[tuple[str, str, str]] = []

    def bar(kind: str, first: date, last: date) -> None:
        start, end = max(0, window.place(first)), min(window.days, window.place(last) + 1)
        if end > start:
            bars.append((kind, window.share(start), window.share(end - start)))

    if ends is None:
        bar("unended", begins, max(begins, today))
    else:
        bar("begun" if action.is_under_way else action.state, begins, ends)
        if action.is_open and ends < today:
            bar("late", ends + timedelta(days=1), today)
    rects = format_html_join("", '<rect data-kind="{}" x="{}" y="-5" width="{}" height="10"/>', bars)
    mark: Any = ""
    if window.first <= today <= window.last:
        middle = window.share(window.place(today) + 0.5)
        mark = format_html('<line data-today x1="{}" x2="{}" y1="0" y2="100%"/>', middle, middle)
    return format_html(
        '<svg aria-hidden="true" focusable="false">{}<svg y="50%" overflow="visible">{}</svg></svg>', mark, rects
    )


def grouped(actions: Iterable[Action], window: Window, *, by: str) -> list[Group]:
    """The actions below their goal or team, in the order in which each comes first; those for no goal at the end."""
    groups: dict[tuple[str, int | None], Group] = {}
    for action in actions:
        kind, name, pk, parent = goal_of(action) if by == GOAL else ("team", action.team.name, action.team_id, None)
        group = groups.setdefault((kind, pk), Group(kind, name, pk, parent, []))
        group.courses.append(course_of(action, window))
    return sorted(groups.values(), key=lambda group: group.pk is None)


def goal_of(action: Action) -> tuple[str, str, int | None, int | None]:
    """What an action serves: its kind, its name, its id, and the id of the goal it belongs to."""
    if action.key_result is not None:
        return "key_result", action.key_result.title, action.key_result_id, action.key_result.objective_id
    if action.kpi is not None:
        return "kpi", action.kpi.name, action.kpi_id, action.kpi.kgi_id
    return "", _("For no goal"), None, None
