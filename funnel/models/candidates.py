"""Partners one may choose: who they are, and what each of those who met them noted about their questions."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from funnel.models.kgis import PLANNERS
from people import clock
from people.models import Audit, Membership, Organization


class CandidateState(models.TextChoices):
    OPEN = "open", pgettext_lazy("state of a candidate", "Under consideration")
    CHOSEN = "chosen", pgettext_lazy("state of a candidate", "Chosen")
    DECLINED = "declined", pgettext_lazy("state of a candidate", "Declined")


class CandidateQuerySet(models.QuerySet["Candidate"]):
    def visible_to(self, membership: Membership) -> CandidateQuerySet:
        """Everybody inside sees them; a partner never learns with whom they were compared."""
        rows = self.filter(organization=membership.organization_id)
        return rows.none() if membership.is_partner else rows

    def editable_by(self, membership: Membership) -> CandidateQuerySet:
        return self.visible_to(membership) if membership.role in PLANNERS else self.none()


class Candidate(models.Model):
    """An agency or consultant that may become a partner; `membership` is theirs once they are."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="candidates")
    name = models.CharField(_("Name"), max_length=120)
    purpose = models.CharField(_("What for"), max_length=200, blank=True)
    note = models.TextField(_("Note"), max_length=2000, blank=True)
    state = models.CharField(
        _("State"), max_length=8, choices=CandidateState.choices, default=CandidateState.OPEN, editable=False
    )
    reason = models.CharField(_("Why"), max_length=500, blank=True, editable=False)
    decided_by = models.ForeignKey(Membership, null=True, editable=False, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, editable=False)
    membership = models.ForeignKey(
        Membership, verbose_name=_("Partner"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = CandidateQuerySet.as_manager()

    class Meta:
        verbose_name = _("partner to choose")
        ordering = ("-created_at", "-id")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=CandidateState.values), name="candidate_state_known"),
            models.CheckConstraint(
                condition=Q(state="open") | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="candidate_decided_by_somebody",
            ),
        ]
        triggers = [Audit("touched.organization_id")]

    def __str__(self) -> str:
        return self.name


class CandidateRatingQuerySet(models.QuerySet["CandidateRating"]):
    def visible_to(self, membership: Membership) -> CandidateRatingQuerySet:
        rows = self.filter(candidate__organization=membership.organization_id)
        return rows.none() if membership.is_partner else rows

    def editable_by(self, membership: Membership) -> CandidateRatingQuerySet:
        """Everybody writes their own."""
        return self.visible_to(membership).filter(membership=membership.pk)


class CandidateRating(models.Model):
    """What one person noted of a candidate: an answer to each prompt of the scorecard, and the questions they heard.

    `answers` holds 0 (no), 1 (in part) or 2 (yes) under the prompts' codes, without those not answered; `notes` words
    under the same codes.
    """

    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="ratings")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="candidate_ratings")
    answers = models.JSONField(default=dict, blank=True)
    notes = models.JSONField(default=dict, blank=True)
    questions = models.TextField(_("What they asked"), max_length=2000, blank=True)
    impression = models.TextField(_("What else was noticed"), max_length=2000, blank=True)
    written_at = models.DateTimeField(default=clock.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = CandidateRatingQuerySet.as_manager()

    class Meta:
        verbose_name = _("rating of a candidate")
        ordering = ("written_at", "id")
        constraints = [
            models.UniqueConstraint(fields=["candidate", "membership"], name="candidate_rated_once_by_each"),
        ]
        triggers = [Audit("SELECT organization_id FROM funnel_candidate WHERE id = touched.candidate_id")]

    def __str__(self) -> str:
        return f"{self.candidate} / {self.membership}"
