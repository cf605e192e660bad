"""What people set out to do for a goal, and what they did day by day."""

from __future__ import annotations

import uuid

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from funnel.models import KPI, AmountColumn, TouchPoint
from funnel.models.columns import LeverColumn
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


class Approach(models.TextChoices):
    """Where the idea of an action comes from (domain.md 3.15): the surer, the harder it is to stand out by it."""

    UNSAID = "", pgettext_lazy("approach", "not said")
    SAME = "same", pgettext_lazy("approach", "Copy what works in our industry")
    OTHER = "other", pgettext_lazy("approach", "Borrow from another industry")
    UNTRIED = "untried", pgettext_lazy("approach", "Untried so far")


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

    `expected_effect` says in words what it is to move, and by how much; `expected_change` is that in the lever's own
    number (rates 0–1), signed, for the period the lever is counted over, and `actual_change` what it came to.
    `began_on` is when an open one was taken up. `cost` and `revenue` are amounts in the organization's currency;
    `deals`, `orders` and `revenue` are what people trace back to it.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="actions")
    team = models.ForeignKey(Team, verbose_name=_("Team"), on_delete=models.PROTECT, related_name="actions")
    title = models.CharField(_("What is to be done"), max_length=200)
    owner = models.ForeignKey(Membership, verbose_name=_("Owner"), on_delete=models.PROTECT, related_name="actions")
    due_on = models.DateField(_("To be done by"), null=True, blank=True)
    expected_effect = models.CharField(_("Expected effect"), max_length=200, blank=True)
    starts_on = models.DateField(_("Begins on"), null=True, blank=True)
    began_on = models.DateField(_("Under way since"), null=True, blank=True, editable=False)
    approach = models.CharField(
        _("Approach"), max_length=7, choices=Approach.choices, blank=True, default=Approach.UNSAID
    )
    merits = models.CharField(_("What speaks for it"), max_length=300, blank=True)
    risks = models.CharField(_("What may go wrong"), max_length=300, blank=True)
    why_nobody = models.CharField(_("Why does nobody do it?"), max_length=300, blank=True)
    expected_change = LeverColumn(_("Expected change of the lever"), null=True, blank=True)
    actual_change = LeverColumn(_("What the lever moved by"), null=True, blank=True)
    result = models.CharField(_("What came of it"), max_length=500, blank=True)
    cost = AmountColumn(_("Cost"), null=True, blank=True, validators=[MinValueValidator(0)])
    deals = models.PositiveIntegerField(_("Deals from it"), null=True, blank=True)
    orders = models.PositiveIntegerField(_("Orders from it"), null=True, blank=True)
    revenue = AmountColumn(_("Revenue from it"), null=True, blank=True, validators=[MinValueValidator(0)])
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
    touch_point = models.ForeignKey(
        TouchPoint, verbose_name=_("Touch point"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="actions",
    )  # fmt: skip
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
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ActionState.values), name="action_state_known"),
            models.CheckConstraint(condition=Q(approach__in=Approach.values), name="action_approach_known"),
            models.CheckConstraint(
                condition=~Q(approach="untried") | ~Q(why_nobody=""),
                name="action_untried_was_asked",
                violation_error_message=_("Before trying what nobody does, say why nobody does it."),
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("starts_on")),
                name="action_days_in_order",
                violation_error_message=_("It is to be done by a day before it begins."),
            ),
        ]
        triggers = [
            Audit("touched.organization_id"),
            Searched(SearchKind.ACTION, ACTIONS, "title", "expected_effect", "result", "key_result_id"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state == ActionState.OPEN

    @property
    def is_under_way(self) -> bool:
        return self.is_open and self.began_on is not None


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
    action = models.ForeignKey(
        Action, verbose_name=_("Action"), null=True, blank=True, on_delete=models.SET_NULL, related_name="activities"
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
