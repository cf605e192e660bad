"""What people report."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from funnel.models import AmountColumn
from objectives.models.goals import OF_KEY_RESULT, KeyResult
from objectives.models.searched import CHECK_INS
from objectives.models.shares import in_shared_branch
from people import clock
from people.models import Audit, Membership, Searched, SearchKind


class CheckInQuerySet(models.QuerySet["CheckIn"]):
    def visible_to(self, membership: Membership) -> CheckInQuerySet:
        rows = self.filter(
            key_result__objective__organization=membership.organization_id,
            key_result__dropped_at=None,
            key_result__objective__dropped_at=None,
        )
        return rows.filter(in_shared_branch(membership, "key_result__objective")) if membership.is_partner else rows

    def counted(self) -> CheckInQuerySet:
        """Those that no later check-in corrects."""
        return self.filter(corrected_by=None)

    def newest_first(self) -> CheckInQuerySet:
        return self.order_by("-date", "-created_at", "-id")

    def oldest_first(self) -> CheckInQuerySet:
        return self.order_by("date", "created_at", "id")


class CheckIn(models.Model):
    """One report on a key result. Append-only: a wrong one is corrected by a new one that names it.

    What `value` means follows from the key result's kind: the present figure (reach, average, keep, coverage),
    what was added since the last check-in (cumulative, quota), or, for a milestone, what `steps_done`, all steps
    finished by then, weigh together.
    """

    key_result = models.ForeignKey(KeyResult, on_delete=models.CASCADE, related_name="check_ins")
    author = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="check_ins")
    date = models.DateField(_("Date"))
    value = AmountColumn(_("Value"))
    steps_done = ArrayField(models.BigIntegerField(), default=list, blank=True)
    confidence = models.PositiveSmallIntegerField(_("Confidence"), null=True, blank=True)
    going_well = models.TextField(_("Going well"), blank=True, max_length=2000)
    obstacle = models.TextField(_("In the way"), blank=True, max_length=2000)
    next_step = models.TextField(_("Next step"), blank=True, max_length=2000)
    corrects = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrected_by"
    )
    submission_key = models.UUIDField(default=uuid.uuid4)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = CheckInQuerySet.as_manager()

    class Meta:
        verbose_name = _("check-in")
        indexes = [models.Index(fields=["key_result", "-date", "-created_at", "-id"], name="check_in_newest")]
        constraints = [
            models.UniqueConstraint(fields=["key_result", "submission_key"], name="check_in_once_per_submission"),
            models.CheckConstraint(
                condition=Q(confidence=None) | Q(confidence__range=(0, 10)),
                name="check_in_confidence_0_to_10",
                violation_error_message=_("Confidence is a whole number from 0 to 10."),
            ),
            models.CheckConstraint(condition=~Q(corrects=F("id")), name="check_in_not_its_own_correction"),
        ]
        triggers = [
            Audit(OF_KEY_RESULT),
            Searched(SearchKind.CHECK_IN, CHECK_INS, "key_result_id", "going_well", "obstacle", "next_step"),
        ]

    def __str__(self) -> str:
        return f"{self.key_result_id} {self.date}"
