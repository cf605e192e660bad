"""A customer journey as its page shows it: cells, touch points with what leads on from them, and what is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Q

from funnel.models import KPI, Content, ContentState, Journey, JourneyPhase, Medium, TouchPoint
from funnel.presenters.levers import ToldLever, is_to_move, told_lever
from funnel.queries.usual_phases import UsualPhase, example_of
from funnel.services.journeys import lines_of
from objectives.models import Action, ActionState
from people.models import Membership

FILED = ("thinks", "wants", "online", "offline", "levers", "contents", "actions", "condition")
ROWS = ("thinks", "wants", "online", "offline", "contents", "actions", "condition")


@dataclass(frozen=True)
class ContentLine:
    """A piece of content with its number: 3-1."""

    row: Content
    label: str
    is_late: bool


@dataclass(frozen=True)
class ActionLine:
    """An action with its reference below the touch point: 3-A1."""

    row: Action
    label: str
    is_late: bool


@dataclass
class Point:
    """A touch point with what leads on from it; `is_bare` where nothing does."""

    row: TouchPoint
    lever: ToldLever | None = None
    contents: list[ContentLine] = field(default_factory=list)
    actions: list[ActionLine] = field(default_factory=list)

    @property
    def is_bare(self) -> bool:
        return not self.contents and not any(line.row.is_open for line in self.actions)


@dataclass
class Column:
    """A phase with its touch points; `example` shows what is meant by its cells while they are empty."""

    phase: JourneyPhase
    example: UsualPhase | None
    online: list[Point] = field(default_factory=list)
    offline: list[Point] = field(default_factory=list)

    @property
    def points(self) -> list[Point]:
        return [*self.online, *self.offline]

    def text_of(self, name: str) -> str:
        """What stands in a cell, as one would type it."""
        if name in Medium.values:
            return lines_of(point.row for point in getattr(self, name))
        return getattr(self.phase, name)


@dataclass
class Findings:
    """What a journey still lacks, the weightiest first."""

    unserved: list[ToldLever]
    bare: list[Point]
    late: list[ContentLine]
    without_condition: list[JourneyPhase]

    @property
    def count(self) -> int:
        return len(self.unserved) + len(self.bare) + len(self.late) + len(self.without_condition)


@dataclass
class Picture:
    journey: Journey
    columns: list[Column]
    levers: list[ToldLever]
    findings: Findings

    @property
    def point_count(self) -> int:
        return sum(len(column.points) for column in self.columns)


def picture_of(journey: Journey, membership: Membership) -> Picture:
    """The whole journey, in a number of queries that does not depend on how much is in it."""
    today = membership.organization.today
    phases = JourneyPhase.objects.filter(journey=journey, removed_at=None).order_by("position", "pk")
    columns = [Column(phase, example_of(phase.name)) for phase in phases]
    points = points_of(
        TouchPoint.objects.filter(phase__journey=journey, phase__removed_at=None, removed_at=None), membership, today
    )
    by_phase = {column.phase.pk: column for column in columns}
    for point in points:
        column = by_phase[point.row.phase_id]
        (column.online if point.row.medium == Medium.ONLINE else column.offline).append(point)
    levers = levers_of(journey)
    return Picture(journey, columns, levers, findings_of(columns, levers))


def points_of(rows: Any, membership: Membership, today: date) -> list[Point]:
    """Touch points in order, with their content and their actions in the order in which they were written."""
    points = [Point(row) for row in rows.select_related("kpi__kgi__funnel").order_by("position", "pk")]
    by_pk = {point.row.pk: point for point in points}
    contents = Content.objects.filter(touch_point__in=by_pk, dropped_at=None).select_related("owner__user")
    for content in contents.order_by("touch_point", "number"):
        point = by_pk[content.touch_point_id]
        point.contents.append(content_line(content, point.row.number, today))
    for action, label in labelled_actions(
        by_pk.keys(), membership, {pk: each.row.number for pk, each in by_pk.items()}
    ):
        late = action.is_open and action.due_on is not None and action.due_on < today
        by_pk[action.touch_point_id].actions.append(ActionLine(action, label, late))  # type: ignore[index]
    for point in points:
        if point.row.kpi is not None and point.row.kpi.dropped_at is None:
            point.lever = told_lever(point.row.kpi)
    return points


def content_line(content: Content, number: int, today: date) -> ContentLine:
    late = content.state != ContentState.DONE and content.publish_on is not None and content.publish_on < today
    return ContentLine(content, f"{number}-{content.number}", late)


def labelled_actions(
    points: Iterable[int], membership: Membership, numbers: dict[int, int]
) -> list[tuple[Action, str]]:
    """The actions of touch points that were not dropped, with their references; dropped ones keep theirs."""
    rows = Action.objects.visible_to(membership).filter(touch_point__in=points).select_related("owner__user")
    count: dict[int, int] = defaultdict(int)
    found = []
    for action in rows.order_by("pk"):
        pk: int = action.touch_point_id  # type: ignore[assignment]
        count[pk] += 1
        if action.state != ActionState.DROPPED:
            found.append((action, f"{numbers[pk]}-A{count[pk]}"))
    return found


def levers_of(journey: Journey) -> list[ToldLever]:
    """The levers of the journey's KGI, without formulas and without its goal."""
    rows = KPI.objects.standing().levers().filter(kgi=journey.kgi_id or 0, is_goal=False)
    return [told_lever(kpi) for kpi in rows.select_related("kgi__funnel").order_by("position", "pk")]


def findings_of(columns: Sequence[Column], levers: Sequence[ToldLever]) -> Findings:
    points = [point for column in columns for point in column.points]
    served = {point.row.kpi_id for point in points}
    return Findings(
        unserved=[lever for lever in levers if is_to_move(lever.kpi) and lever.kpi.pk not in served],
        bare=[point for point in points if point.is_bare],
        late=[line for point in points for line in point.contents if line.is_late],
        # Behind the last phase there is nowhere to move on to.
        without_condition=[column.phase for column in columns[:-1] if not column.phase.condition],
    )


def listed(membership: Membership) -> list[Journey]:
    """The journeys one may see, with the names of their phases and how much is in them."""
    standing = Q(phases__removed_at=None)
    rows = (
        Journey.objects.visible_to(membership)
        .select_related("kgi")
        .annotate(
            phase_count=Count("phases", filter=standing, distinct=True),
            point_count=Count(
                "phases__touch_points", filter=standing & Q(phases__touch_points__removed_at=None), distinct=True
            ),
            content_count=Count(
                "phases__touch_points__contents",
                filter=standing
                & Q(phases__touch_points__removed_at=None, phases__touch_points__contents__dropped_at=None),
                distinct=True,
            ),
        )
        .order_by("name", "pk")
    )
    found: list[Journey] = list(rows)
    names: dict[int, list[str]] = defaultdict(list)
    phases = JourneyPhase.objects.filter(journey__in=found, removed_at=None).order_by("position", "pk")
    for pk, name in phases.values_list("journey", "name"):
        names[pk].append(name)
    for journey in found:
        journey.phase_names = names[journey.pk]  # type: ignore[attr-defined]
    return found


def removed_of(journey: Journey) -> tuple[list[JourneyPhase], list[TouchPoint]]:
    """What was taken out of a journey and can be brought back, the latest first: phases, and touch points besides."""
    phases = JourneyPhase.objects.filter(journey=journey).exclude(removed_at=None).order_by("-removed_at")[:20]
    points = TouchPoint.objects.filter(phase__journey=journey, phase__removed_at=None).exclude(removed_at=None)
    return list(phases), list(points.select_related("phase").order_by("-removed_at", "number")[:20])


def table_of(picture: Picture, labels: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """The journey as a table of texts, its phases as columns."""

    def cell(column: Column, name: str) -> str:
        if name == "contents":
            lines = [line for point in column.points for line in point.contents]
            return "\n".join(f"{line.label} {line.row.title} ({line.row.get_state_display()})" for line in lines)
        if name == "actions":
            actions = [line for point in column.points for line in point.actions]
            return "\n".join(f"{line.label} {line.row.title} ({line.row.get_state_display()})" for line in actions)
        if name == "levers":
            return "\n".join(f"#{point.row.number} {point.lever.label}" for point in column.points if point.lever)
        return column.text_of(name)

    header = [str(labels["name"]), *(column.phase.name for column in picture.columns)]
    return header, [[str(labels[name]), *(cell(column, name) for column in picture.columns)] for name in FILED]
