"""What is in the way of key results, and who helps."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from objectives.models.check_ins import CheckIn
from objectives.models.goals import KeyResult
from objectives.models.searched import OBSTACLES
from objectives.models.shares import in_shared_branch
from people import clock
from people.models import Audit, Membership, Organization, Searched, SearchKind


class ObstacleKind(models.TextChoices):
    """What sort of thing is in the way: it says who could help."""

    UNSORTED = "", _("Not sorted yet")
    DECISION = "decision", _("Waiting for a decision")
    OTHER_TEAM = "other_team", _("Waiting for another team")
    PEOPLE = "people", _("Hands or time")
    MONEY = "money", _("Money")
    KNOWLEDGE = "knowledge", _("Knowledge or skill")
    TOOLS = "tools", _("Tools or data")
    CUSTOMER = "customer", _("Customers or the market")
    OUTSIDE = "outside", _("Suppliers or partners")
    OTHER = "other", _("Something else")


class ObstacleState(models.TextChoices):
    OPEN = "open", _("Open")
    HELPED = "helped", _("Being helped")
    SOLVED = "solved", _("Solved")
    WITHDRAWN = "withdrawn", pgettext_lazy("obstacle", "Withdrawn")


class Risen(models.TextChoices):
    """How far an obstacle that nobody cleared has risen."""

    NOT = "", _("With the team")
    MANAGER = "manager", _("With the manager")
    EXECUTIVE = "executive", _("With the executives")


STANDING = (ObstacleState.OPEN, ObstacleState.HELPED)


class ObstacleQuerySet(models.QuerySet["Obstacle"]):
    def visible_to(self, membership: Membership) -> ObstacleQuerySet:
        """Everything in the organization; a partner sees those of the shared branches."""
        rows = self.filter(
            organization=membership.organization_id,
            key_result__dropped_at=None,
            key_result__objective__dropped_at=None,
        )
        return rows.filter(in_shared_branch(membership, "key_result__objective")) if membership.is_partner else rows

    def editable_by(self, membership: Membership) -> ObstacleQuerySet:
        """Whoever named it or is to clear it, and whoever may check in on the key result."""
        rows = self.visible_to(membership)
        checkable = KeyResult.objects.checkable_by(membership).values("pk")
        own = Q(raised_by=membership.pk) | Q(owner=membership.pk)
        return rows.filter(Q(key_result__in=checkable) if membership.is_partner else own | Q(key_result__in=checkable))

    def standing(self) -> ObstacleQuerySet:
        """Neither solved nor withdrawn, of key results that are being worked on."""
        return self.filter(state__in=STANDING, key_result__in=KeyResult.objects.open())


class Obstacle(models.Model):
    """Something in the way of a key result, named in a check-in, until somebody says that it is cleared.

    `owner` is who clears it, at first whoever named it. Its age counts from `raised_on`.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="obstacles")
    key_result = models.ForeignKey(KeyResult, on_delete=models.CASCADE, related_name="obstacles")
    check_in = models.ForeignKey(CheckIn, null=True, on_delete=models.PROTECT, related_name="obstacles")
    kind = models.CharField(_("What sort of obstacle"), max_length=10, choices=ObstacleKind.choices, blank=True)
    text = models.TextField(_("In the way"), max_length=2000)
    raised_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="obstacles_raised")
    raised_on = models.DateField()
    owner = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="obstacles")
    state = models.CharField(_("State"), max_length=9, choices=ObstacleState.choices, default=ObstacleState.OPEN)
    state_changed_at = models.DateTimeField(default=clock.now, editable=False)
    risen_to = models.CharField(max_length=9, choices=Risen.choices, blank=True, default="", editable=False)
    risen_on = models.DateField(null=True, editable=False)
    solution = models.TextField(_("What helped"), max_length=2000, blank=True)
    solved_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")
    solved_on = models.DateField(null=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ObstacleQuerySet.as_manager()

    class Meta:
        verbose_name = _("obstacle")
        ordering = ("raised_on", "id")
        indexes = [
            models.Index(
                fields=["organization", "raised_on", "id"],
                condition=Q(state__in=["open", "helped"]),
                name="obstacle_standing",
            ),
            models.Index(fields=["organization", "-solved_on", "-id"], name="obstacle_solved"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["check_in"], name="obstacle_once_per_check_in"),
            models.CheckConstraint(condition=Q(state__in=ObstacleState.values), name="obstacle_state_known"),
            models.CheckConstraint(condition=Q(kind__in=ObstacleKind.values), name="obstacle_kind_known"),
        ]
        triggers = [
            Audit("touched.organization_id"),
            Searched(SearchKind.OBSTACLE, OBSTACLES, "text", "solution", "key_result_id"),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def is_standing(self) -> bool:
        return self.state in STANDING
