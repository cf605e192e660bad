"""Goals of different people that say the same, or contradict each other."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from objectives.models.goals import KeyResult, Objective
from people import clock
from people.models import Audit, Membership, Organization


class ConflictKind(models.TextChoices):
    SAME_OBJECTIVE = "same_objective", _("Two objectives say nearly the same")
    SAME_MEASURE = "same_measure", _("Two key results measure the same")
    OPPOSITE = "opposite", _("The same measure is to move in opposite directions")
    BASELINES = "baselines", _("The same measure begins from different baselines")
    ONE_LEVER = "one_lever", _("One lever is claimed twice")


class Settlement(models.TextChoices):
    MERGED = "merged", pgettext_lazy("conflict", "Merged")
    SHARED = "shared", pgettext_lazy("conflict", "Shared")
    KEPT = "kept", pgettext_lazy("conflict", "Both stay")


class ConflictQuerySet(models.QuerySet["Conflict"]):
    def visible_to(self, membership: Membership) -> ConflictQuerySet:
        """Those whose two objectives the person may both see; how a house settles them is not shared with partners."""
        if membership.is_partner:
            return self.none()
        seen = Objective.objects.visible_to(membership).values("pk")
        return self.filter(organization=membership.organization_id, first__in=seen, second__in=seen)

    def editable_by(self, membership: Membership) -> ConflictQuerySet:
        """Those one may settle: whoever may change one of the two."""
        own = Objective.objects.editable_by(membership).values("pk")
        return self.visible_to(membership).filter(Q(first__in=own) | Q(second__in=own))

    def open(self) -> ConflictQuerySet:
        """Found, still there, and not settled."""
        return self.filter(gone_at=None, settled_as="")


class Conflict(models.Model):
    """A pair of goals that repeat or contradict each other, and how it was settled.

    Found by comparing, so that finding again changes nothing; `first` is the objective with the smaller number. What
    both sides keep stays settled while the pair says what it said: `content` is its fingerprint from that moment.
    `gone_at` is set when it is no longer found.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="conflicts")
    kind = models.CharField(_("Kind"), max_length=14, choices=ConflictKind.choices)
    first = models.ForeignKey(Objective, on_delete=models.CASCADE, related_name="conflicts_first")
    second = models.ForeignKey(Objective, on_delete=models.CASCADE, related_name="conflicts_second")
    first_key_result = models.ForeignKey(KeyResult, null=True, on_delete=models.CASCADE, related_name="+")
    second_key_result = models.ForeignKey(KeyResult, null=True, on_delete=models.CASCADE, related_name="+")
    likeness = models.FloatField(default=1)
    found_at = models.DateTimeField(default=clock.now, editable=False)
    gone_at = models.DateTimeField(null=True, blank=True)
    settled_as = models.CharField(_("Settled as"), max_length=6, choices=Settlement.choices, blank=True)
    settled_by = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(_("Reason"), max_length=500, blank=True)
    content = models.CharField(max_length=64, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ConflictQuerySet.as_manager()

    class Meta:
        verbose_name = _("conflict of goals")
        ordering = ("-likeness", "id")
        indexes = [
            models.Index(fields=["organization"], condition=Q(gone_at=None, settled_as=""), name="conflict_open"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "first", "second", "first_key_result", "second_key_result"],
                name="conflict_found_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="conflict_smaller_first"),
            models.CheckConstraint(condition=Q(kind__in=ConflictKind.values), name="conflict_kind_known"),
            models.CheckConstraint(
                condition=Q(settled_as__in=["", *Settlement.values]), name="conflict_settlement_known"
            ),
        ]
        triggers = [Audit("touched.organization_id", unseen=("likeness", "found_at", "gone_at", "content"))]

    def __str__(self) -> str:
        return f"{self.kind}: {self.first_id}, {self.second_id}"


class PendingComparison(models.Model):
    """The record that an objective must be compared with the others, written in the transaction of its cause.

    Without an objective all of the organization's must be. A task takes all rows it finds and deletes them with its
    result, like those of `PendingRollUp`.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    objective = models.ForeignKey(Objective, null=True, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.objective_id} since {self.created_at}"
