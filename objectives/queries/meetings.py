"""Meetings as pages list and show them, and the one question that open pages ask each second."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet

from objectives.formulas.minutes import Person
from objectives.models import Attendance, LineKind, Meeting, MinuteLine
from objectives.models.meetings import MeetingQuerySet
from objectives.queries.agenda import Event, Item, agenda_of, thawed_event, thawed_item
from objectives.queries.happenings import happened_during
from people import clock
from people.models import Membership, Organization, Role, Team, TeamQuerySet
from people.queries.rhythms import rhythms_of

HERE_FOR = timedelta(seconds=10)
"""Who has asked so lately is in the room."""
REOPENED_WITHIN = timedelta(days=1)


def teams_meeting_with(membership: Membership) -> TeamQuerySet:
    """The open teams for which the person may begin a meeting: those in whose meetings they may write."""
    teams = Team.objects.open().filter(organization=membership.organization_id)
    match membership.role:
        case Role.ADMIN:
            return teams
        case Role.EXECUTIVE:
            return teams.filter(Q(parent=None) | Q(pk__in=membership.team_ids))
        case Role.MANAGER:
            return teams.filter(pk__in=Team.objects.led_by(membership).values("pk"))
        case Role.MEMBER:
            return teams.filter(pk__in=membership.team_ids)
    return teams.none()


def past_meetings(membership: Membership, team: Team | None = None) -> MeetingQuerySet:
    """Those that have ended, newest first, with how much came of each."""
    rows = Meeting.objects.visible_to(membership).exclude(ended_at=None)
    if team is not None:
        rows = rows.filter(team=team)
    standing = Q(lines__withdrawn_at=None)
    rows = rows.select_related("team", "facilitator__user").order_by("-date", "-id")
    return rows.annotate(
        decisions=Count("lines", filter=standing & Q(lines__kind=LineKind.DECISION), distinct=True),
        actions=Count("lines__action", filter=standing, distinct=True),
        open_actions=Count("lines__action", filter=standing & Q(lines__action__state="open"), distinct=True),
    )


def running_meetings(membership: Membership) -> QuerySet[Meeting]:
    return Meeting.objects.visible_to(membership).running().select_related("team", "facilitator__user")


def planned_minutes(organization: Organization, team_id: int) -> int | None:
    """How long a meeting of the team is meant to last, where its rhythm says so."""
    rhythm = rhythms_of(organization).get(team_id)
    return rhythm.meeting_minutes if rhythm is not None else None


def people_named(organization_id: int) -> list[Person]:
    """Whom a line of minutes may name."""
    rows = Membership.objects.filter(organization=organization_id).colleagues()
    return [Person(*row) for row in rows.order_by("pk").values_list("pk", "user__name", "user__reading")]


# The minutes


@dataclass
class Minutes:
    """A meeting with all that is shown of it: as it is while it runs, as it was once it has ended."""

    meeting: Meeting
    items: list[Item]
    events: list[Event]
    lines: list[MinuteLine]
    spent: dict[str, int]

    def of(self, key: str) -> list[MinuteLine]:
        return [line for line in self.lines if line.item == key]

    @property
    def decisions(self) -> list[MinuteLine]:
        return [line for line in self.lines if line.kind == LineKind.DECISION]

    @property
    def actions(self) -> list[MinuteLine]:
        return [line for line in self.lines if line.kind == LineKind.ACTION]

    @property
    def next_steps(self) -> list[MinuteLine]:
        return [line for line in self.lines if line.kind == LineKind.NEXT_STEP]

    @property
    def notes(self) -> list[MinuteLine]:
        return [line for line in self.lines if line.kind == LineKind.NOTE]

    @property
    def keys(self) -> list[str]:
        return [item.key for item in self.items]

    def item(self, key: str) -> Item | None:
        return next((item for item in self.items if item.key == key), None)


def minutes_of(meeting: Meeting, membership: Membership) -> Minutes:
    """Everything of a meeting; the number of queries does not grow with it."""
    kept = kept_of(meeting)
    if meeting.is_running:
        items = agenda_of(meeting, membership)
        events = happened_during(meeting, membership, clock.now())
    else:
        items = [thawed_item(each) for each in kept.get("items", [])]
        events = [thawed_event(each) for each in kept.get("events", [])]
    return Minutes(meeting, items, events, lines_of(meeting), dict(kept.get("spent", {})))


def kept_of(meeting: Meeting) -> dict[str, Any]:
    """What the meeting's row keeps of its agenda: items pulled in and time spent; at the end the figures too."""
    return meeting.agenda if isinstance(meeting.agenda, dict) else {}


def lines_of(meeting: Meeting) -> list[MinuteLine]:
    """The standing lines in the order in which they were written, with what became of their actions."""
    rows = MinuteLine.objects.filter(meeting=meeting.pk, withdrawn_at=None)
    return list(rows.select_related("author__user", "action__owner__user", "key_result").order_by("id"))


def people_of(ids: Iterable[int]) -> list[Membership]:
    """These people in the order of their readings."""
    return list(Membership.objects.filter(pk__in=list(ids)).select_related("user").order_by("user__reading", "pk"))


def attended(meeting: Meeting) -> list[int]:
    """Everybody who has had the running meeting open."""
    rows = Attendance.objects.filter(meeting=meeting.pk).order_by("id")
    return list(rows.values_list("membership_id", flat=True))


# What open pages ask

PULSE = """
    WITH asked AS (
        SELECT m.id, m.version, m.team_id, m.organization_id, m.ended_at IS NOT NULL AS has_ended, p.id AS person
        FROM objectives_meeting m
        JOIN people_organization o ON o.id = m.organization_id AND o.slug = %(slug)s
        JOIN people_membership p ON p.organization_id = o.id AND p.user_id = %(user)s
             AND p.left_on IS NULL AND p.role <> 'partner'
        WHERE m.id = %(meeting)s
    ), results AS (
        SELECT kr.id, kr.version FROM objectives_keyresult kr
        JOIN objectives_objective o ON o.id = kr.objective_id
        JOIN asked ON asked.team_id = o.team_id
        WHERE o.state = 'active' AND o.dropped_at IS NULL AND kr.dropped_at IS NULL AND NOT asked.has_ended
    ), hindrances AS (
        SELECT b.id, b.version, b.state_changed_at FROM objectives_obstacle b
        WHERE b.key_result_id IN (SELECT id FROM results)
        UNION
        SELECT b.id, b.version, b.state_changed_at FROM objectives_obstacle b
        JOIN asked ON asked.organization_id = b.organization_id
        WHERE b.state IN ('open', 'helped') AND b.risen_to <> '' AND NOT asked.has_ended
    )
    SELECT asked.person, asked.has_ended,
        (SELECT seen_at FROM objectives_attendance WHERE meeting_id = asked.id AND membership_id = asked.person),
        concat_ws('/',
            asked.version,
            (SELECT concat(count(*), ':', sum(version)) FROM results),
            (SELECT max(c.id) FROM objectives_checkin c WHERE c.key_result_id IN (SELECT id FROM results)),
            (SELECT sum(s.score) FROM objectives_keyresultscore s WHERE s.key_result_id IN (SELECT id FROM results)),
            (SELECT concat(count(*), ':', sum(version), ':', max(state_changed_at)) FROM hindrances),
            (SELECT max(c.id) FROM objectives_comment c WHERE c.obstacle_id IN (SELECT id FROM hindrances)),
            (SELECT concat(count(*), ':', sum(a.version)) FROM objectives_action a
             WHERE a.team_id = asked.team_id AND a.state = 'open'),
            (SELECT concat(count(*), ':', sum(h.version), ':', max(r.recorded_at), ':', sum(r.version))
             FROM objectives_healthkpi h LEFT JOIN objectives_healthkpireading r ON r.health_kpi_id = h.id
             WHERE h.team_id = asked.team_id AND NOT asked.has_ended),
            (SELECT string_agg(a.membership_id::text, ',' ORDER BY a.membership_id)
             FROM objectives_attendance a WHERE a.meeting_id = asked.id AND a.seen_at > %(since)s)
        )
    FROM asked
"""


@dataclass(frozen=True)
class Pulse:
    """What of a meeting may have changed, in one word, for one who asks; `person` is their membership."""

    person: int
    has_ended: bool
    seen_at: datetime | None
    mark: str

    def tag(self, *others: object) -> str:
        """A word that differs whenever what is shown does; `others` are what else it depends on."""
        words = "|".join([self.mark, *map(str, others)])
        return hashlib.blake2s(words.encode(), digest_size=12).hexdigest()


def pulse_of(meeting_id: int, slug: str, user_id: int) -> Pulse | None:
    """One cheap question: whether the person may see this meeting, and whether anything in it has changed."""
    asked: dict[str, Any] = {"meeting": meeting_id, "slug": slug, "user": user_id, "since": clock.now() - HERE_FOR}
    with connection.cursor() as cursor:
        cursor.execute(PULSE, asked)
        row = cursor.fetchone()
    return Pulse(*row) if row else None


def here_now(meeting: Meeting) -> list[Membership]:
    """Who has the meeting open at this moment."""
    rows = Attendance.objects.filter(meeting=meeting.pk, seen_at__gt=clock.now() - HERE_FOR)
    return people_of(rows.values_list("membership_id", flat=True))
