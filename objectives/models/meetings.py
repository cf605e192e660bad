"""A team's meeting: the agenda made from its data, and the minutes written while people talk."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from objectives.models.cycles import Cycle
from objectives.models.goals import KeyResult
from objectives.models.searched import MINUTES
from people import clock
from people.models import Audit, Membership, Organization, Role, Searched, SearchKind, Team, below


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, membership: Membership) -> MeetingQuerySet:
        """Everything is open inside the organization; partners see no meetings."""
        rows = self.filter(organization=membership.organization_id)
        return rows.none() if membership.is_partner else rows

    def editable_by(self, membership: Membership) -> MeetingQuerySet:
        """Whoever takes part may write: the team's members, its managers, executives in the company's."""
        rows = self.visible_to(membership)
        match membership.role:
            case Role.ADMIN:
                return rows
            case Role.EXECUTIVE:
                return rows.filter(Q(team__parent=None) | Q(team__in=membership.team_ids))
            case Role.MANAGER:
                return rows.filter(team__in=below(membership.team_ids))
            case Role.MEMBER:
                return rows.filter(team__in=membership.team_ids)
        return rows.none()

    def running(self) -> MeetingQuerySet:
        return self.filter(ended_at=None)


class Meeting(models.Model):
    """One meeting of a team. `version` counts up with everything that changes in it: open pages ask for it.

    `current` is the item of the agenda that is shown large, `talked` are those done with, by their keys. `agenda` is
    the agenda with its figures as they were at the end, so that the minutes stay readable.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="meetings")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="meetings")
    cycle = models.ForeignKey(Cycle, null=True, on_delete=models.SET_NULL, related_name="meetings")
    date = models.DateField(_("Day"))
    facilitator = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="meetings_led")
    present = ArrayField(models.BigIntegerField(), default=list, blank=True)
    previous = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="followed_by")
    current = models.CharField(max_length=40, blank=True)
    talked = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    agenda = models.JSONField(default=list, blank=True)
    started_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting")
        ordering = ("-date", "-id")
        indexes = [models.Index(fields=["team", "-date", "-id"], name="meeting_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["team"],
                condition=Q(ended_at=None),
                name="meeting_one_at_a_time",
                violation_error_message=_("This team is in a meeting already."),
            )
        ]
        triggers = [Audit("touched.organization_id", unseen=("current", "talked", "agenda"))]

    def __str__(self) -> str:
        return f"{self.team_id} {self.date}"

    @property
    def is_running(self) -> bool:
        return self.ended_at is None


class LineKind(models.TextChoices):
    NOTE = "note", _("Note")
    DECISION = "decision", _("Decision")
    ACTION = "action", _("Action")
    NEXT_STEP = "next_step", _("Next step")


class MinuteLineQuerySet(models.QuerySet["MinuteLine"]):
    def visible_to(self, membership: Membership) -> MinuteLineQuerySet:
        """The standing lines of the meetings one may read."""
        rows = self.filter(meeting__organization=membership.organization_id, withdrawn_at=None)
        return rows.none() if membership.is_partner else rows


class MinuteLine(models.Model):
    """One line of the minutes. A line with an owner or a day to be done by is also an action."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="lines")
    kind = models.CharField(_("Kind"), max_length=9, choices=LineKind.choices, default=LineKind.NOTE)
    text = models.CharField(_("Line"), max_length=500)
    item = models.CharField(max_length=40, blank=True)
    key_result = models.ForeignKey(KeyResult, null=True, on_delete=models.SET_NULL, related_name="+")
    author = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = MinuteLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of minutes")
        ordering = ("id",)
        constraints = [models.CheckConstraint(condition=Q(kind__in=LineKind.values), name="minute_line_kind_known")]
        triggers = [
            Audit("SELECT organization_id FROM objectives_meeting WHERE id = touched.meeting_id"),
            Searched(SearchKind.MINUTES, MINUTES, "text", "withdrawn_at", "meeting_id"),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class Attendance(models.Model):
    """That somebody has a running meeting open, and when they last asked for it, to within some seconds."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendances", db_index=False)
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    seen_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "membership"], name="attendance_once")]

    def __str__(self) -> str:
        return f"{self.membership_id} at {self.meeting_id}"
