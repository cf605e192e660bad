"""What people set out to do for a goal, and what they did day by day."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from funnel.models import KPI
from objectives.models.goals import KeyResult, Objective
from objectives.models.health_kpis import HealthKPI
from objectives.models.meetings import MinuteLine
from objectives.models.obstacles import Obstacle
from objectives.models.retrospectives import Retrospective
from objectives.models.searched import ACTIONS
from objectives.models.shares import in_shared_branch
from people import clock
from people.models import Audit, Membership, Organization, Role, Searched, SearchKind, Team, below


class ActionState(models.TextChoices):
    OPEN = "open", _("To do")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("Dropped")


class ActionQuerySet(models.QuerySet["Action"]):
    def visible_to(self, membership: Membership) -> ActionQuerySet:
        """Everything in the organization; a partner sees those of key results that are shared with them."""
        rows = self.filter(organization=membership.organization_id)
        if not membership.is_partner:
            return rows
        return rows.filter(
            in_shared_branch(membership, "key_result__objective"),
            key_result__dropped_at=None,
            key_result__objective__dropped_at=None,
        )

    def editable_by(self, membership: Membership) -> ActionQuerySet:
        """One's own and those one wrote down; a manager's branch, and those of goals one may edit."""
        rows = self.visible_to(membership)
        if membership.is_admin:
            return rows
        if membership.is_partner:
            return rows.filter(in_shared_branch(membership, "key_result__objective", may_write=True))
        own = Q(owner=membership.pk) | Q(created_by=membership.pk)
        goals = Objective.objects.editable_by(membership).values("pk")
        reach = own | Q(key_result__objective__in=goals)
        if membership.role == Role.MANAGER:
            reach |= Q(team__in=below(membership.team_ids))
        return rows.filter(reach)

    def open(self) -> ActionQuerySet:
        return self.filter(state=ActionState.OPEN)


class Action(models.Model):
    """A task with an owner and a day to be done by, for a key result, a lever, an obstacle or a health KPI.

    `expected_effect` says in words what it is to move, and by how much.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="actions")
    team = models.ForeignKey(Team, verbose_name=_("Team"), on_delete=models.PROTECT, related_name="actions")
    title = models.CharField(_("What is to be done"), max_length=200)
    owner = models.ForeignKey(Membership, verbose_name=_("Owner"), on_delete=models.PROTECT, related_name="actions")
    due_on = models.DateField(_("To be done by"), null=True, blank=True)
    expected_effect = models.CharField(_("Expected effect"), max_length=200, blank=True)
    key_result = models.ForeignKey(
        KeyResult,
        verbose_name=_("Key result"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="actions",
    )
    kpi = models.ForeignKey(
        KPI, verbose_name=_("Lever"), null=True, blank=True, on_delete=models.SET_NULL, related_name="actions"
    )
    obstacle = models.ForeignKey(Obstacle, null=True, blank=True, on_delete=models.SET_NULL, related_name="actions")
    health_kpi = models.ForeignKey(HealthKPI, null=True, blank=True, on_delete=models.SET_NULL, related_name="actions")
    minute_line = models.OneToOneField(
        MinuteLine, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="action"
    )
    retrospective = models.ForeignKey(
        Retrospective, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="actions"
    )
    state = models.CharField(_("State"), max_length=7, choices=ActionState.choices, default=ActionState.OPEN)
    closed_on = models.DateField(null=True, blank=True, editable=False)
    closed_by = models.ForeignKey(Membership, null=True, editable=False, on_delete=models.PROTECT, related_name="+")
    dropped_reason = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ActionQuerySet.as_manager()

    class Meta:
        verbose_name = _("action")
        ordering = ("due_on", "id")
        indexes = [
            models.Index(fields=["owner", "due_on"], condition=Q(state="open"), name="action_open_of_owner"),
            models.Index(fields=["team", "due_on"], condition=Q(state="open"), name="action_open_of_team"),
        ]
        constraints = [models.CheckConstraint(condition=Q(state__in=ActionState.values), name="action_state_known")]
        triggers = [
            Audit("touched.organization_id"),
            Searched(SearchKind.ACTION, ACTIONS, "title", "expected_effect", "key_result_id"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state == ActionState.OPEN


class ActivityQuerySet(models.QuerySet["Activity"]):
    def visible_to(self, membership: Membership) -> ActivityQuerySet:
        """Everything in the organization; a partner sees their own and those of shared key results."""
        rows = self.filter(organization=membership.organization_id, withdrawn_at=None)
        if not membership.is_partner:
            return rows
        return rows.filter(Q(membership=membership.pk) | in_shared_branch(membership, "key_result__objective"))

    def editable_by(self, membership: Membership) -> ActivityQuerySet:
        return self.visible_to(membership).filter(membership=membership.pk)

    def written_by(self, membership: Membership) -> ActivityQuerySet:
        """One's own, those taken back too."""
        return self.filter(membership=membership.pk)


class Activity(models.Model):
    """One line of somebody's day, and which key result it served; none where it served no goal."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="activities")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="activities")
    date = models.DateField(_("Day"))
    text = models.CharField(_("What you did"), max_length=300)
    key_result = models.ForeignKey(
        KeyResult,
        verbose_name=_("Which key result does this serve?"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="activities",
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        ordering = ("-date", "-id")
        indexes = [
            models.Index(fields=["organization", "-date", "-id"], name="activity_newest"),
            models.Index(fields=["key_result", "-date"], name="activity_of_key_result"),
            models.Index(fields=["membership", "-date"], name="activity_of_person"),
        ]
        triggers = [Audit("touched.organization_id")]

    def __str__(self) -> str:
        return self.text[:80]
