"""What happened in a team's work while it met: the part of the minutes that nobody writes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from objectives.models import (
    Action,
    ActionState,
    CheckIn,
    Comment,
    CommentKind,
    HealthKPIReading,
    Meeting,
    Obstacle,
    ObstacleState,
    TargetChange,
)
from objectives.queries.agenda import Event
from people.models import AuditEvent, Membership

CHECKED_IN, RAISED, HELPED, SOLVED, DONE, MOVED, READ = (
    "checked_in",
    "raised",
    "helped",
    "solved",
    "done",
    "moved",
    "read",
)


def happened_during(meeting: Meeting, membership: Membership, until: datetime) -> list[Event]:
    """Check-ins, obstacles named, helped and solved, actions done, targets and health KPIs, in the order of time."""
    while_talking = (meeting.started_at, until)
    found = [
        *check_ins(meeting, membership, while_talking),
        *obstacles(meeting, membership, while_talking),
        *offers(meeting, membership, while_talking),
        *actions(meeting, membership, while_talking),
        *targets(meeting, while_talking),
        *readings(meeting, while_talking),
    ]
    return sorted(found, key=lambda event: event.at)


During = tuple[datetime, datetime]


def check_ins(meeting: Meeting, membership: Membership, during: During) -> Iterator[Event]:
    rows = CheckIn.objects.visible_to(membership).counted().filter(created_at__range=during)
    rows = rows.filter(key_result__objective__team=meeting.team_id).select_related("key_result", "author__user")
    for row in rows:
        said = next(filter(None, (row.going_well, row.obstacle, row.next_step)), "")
        unit = row.key_result.unit
        yield Event(
            row.created_at,
            CHECKED_IN,
            f"kr:{row.key_result_id}",
            row.key_result.title,
            row.author.user.name,
            said,
            row.value,
            unit,
        )


def obstacles(meeting: Meeting, membership: Membership, during: During) -> Iterator[Event]:
    rows = Obstacle.objects.visible_to(membership).filter(
        state_changed_at__range=during, key_result__objective__team=meeting.team_id
    )
    kinds = {ObstacleState.OPEN: RAISED, ObstacleState.SOLVED: SOLVED}
    for row in rows.select_related("solved_by__user", "raised_by__user"):
        if row.state in kinds:
            by = row.solved_by if row.state == ObstacleState.SOLVED else row.raised_by
            yield Event(
                row.state_changed_at,
                kinds[ObstacleState(row.state)],
                f"obstacle:{row.pk}",
                row.text,
                by.user.name if by else "",
                row.solution,
            )


def offers(meeting: Meeting, membership: Membership, during: During) -> Iterator[Event]:
    rows = Comment.objects.visible_to(membership).standing().filter(created_at__range=during)
    rows = rows.filter(objective__team=meeting.team_id).exclude(kind=CommentKind.COMMENT)
    for row in rows.select_related("obstacle", "author__user"):
        if row.obstacle is not None:
            key = f"obstacle:{row.obstacle_id}"
            yield Event(row.created_at, HELPED, key, row.obstacle.text, row.author.user.name, row.text)


def actions(meeting: Meeting, membership: Membership, during: During) -> Iterator[Event]:
    """A row knows the day on which it was done; the history knows the minute."""
    events = AuditEvent.objects.filter(
        organization=meeting.organization_id,
        table=Action._meta.db_table,
        at__range=during,
        after__state=ActionState.DONE,
    )
    done = {event.row: event.at for event in events.order_by("at")}
    rows = Action.objects.visible_to(membership).filter(pk__in=done, team=meeting.team_id, state=ActionState.DONE)
    for row in rows.select_related("closed_by__user"):
        who = row.closed_by.user.name if row.closed_by else ""
        yield Event(done[row.pk], DONE, f"action:{row.pk}", row.title, who)


def targets(meeting: Meeting, during: During) -> Iterator[Event]:
    rows = TargetChange.objects.filter(
        created_at__range=during, key_result__objective__team=meeting.team_id, key_result__dropped_at=None
    )
    for row in rows.select_related("key_result", "changed_by__user"):
        yield Event(
            row.created_at,
            MOVED,
            f"kr:{row.key_result_id}",
            row.key_result.title,
            row.changed_by.user.name,
            row.reason,
            row.new_target,
            row.key_result.unit,
        )


def readings(meeting: Meeting, during: During) -> Iterator[Event]:
    rows = HealthKPIReading.objects.filter(recorded_at__range=during, health_kpi__team=meeting.team_id)
    for row in rows.select_related("health_kpi", "recorded_by__user"):
        yield Event(
            row.recorded_at,
            READ,
            f"kpi:{row.health_kpi_id}",
            row.health_kpi.name,
            row.recorded_by.user.name,
            row.countermeasure or row.cause,
            row.value,
            row.health_kpi.unit,
        )
