"""What people say to each other about goals, check-ins and obstacles."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from objectives.models.check_ins import CheckIn
from objectives.models.goals import KeyResult, Objective
from objectives.models.obstacles import Obstacle
from objectives.models.shares import in_shared_branch
from people import clock
from people.models import Audit, Membership, Organization


class CommentKind(models.TextChoices):
    COMMENT = "comment", _("Comment")
    OFFER = "offer", _("Offer of help")
    ANSWER = "answer", _("Answer to an obstacle")


class CommentQuerySet(models.QuerySet["Comment"]):
    def visible_to(self, membership: Membership) -> CommentQuerySet:
        rows = self.filter(organization=membership.organization_id, objective__dropped_at=None)
        return rows.filter(in_shared_branch(membership, "objective")) if membership.is_partner else rows

    def editable_by(self, membership: Membership) -> CommentQuerySet:
        """Words belong to whoever wrote them; an administrator may take them back."""
        rows = self.visible_to(membership)
        return rows if membership.is_admin else rows.filter(author=membership.pk)

    def standing(self) -> CommentQuerySet:
        return self.filter(withdrawn_at=None)

    def oldest_first(self) -> CommentQuerySet:
        return self.order_by("created_at", "id")


class Comment(models.Model):
    """Words about an objective, or about one of its key results, check-ins or obstacles. Every one names the objective.

    `mentioned` are the memberships named with @ in the text.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="comments")
    objective = models.ForeignKey(Objective, on_delete=models.CASCADE, related_name="comments")
    key_result = models.ForeignKey(KeyResult, null=True, on_delete=models.CASCADE, related_name="comments")
    check_in = models.ForeignKey(CheckIn, null=True, on_delete=models.CASCADE, related_name="comments")
    obstacle = models.ForeignKey(Obstacle, null=True, on_delete=models.CASCADE, related_name="comments")
    kind = models.CharField(_("Kind"), max_length=7, choices=CommentKind.choices, default=CommentKind.COMMENT)
    author = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="comments")
    text = models.TextField(_("Comment"), max_length=2000)
    mentioned = ArrayField(models.BigIntegerField(), default=list, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    edited_at = models.DateTimeField(null=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        indexes = [
            models.Index(fields=["objective", "created_at", "id"], name="comment_of_objective"),
            models.Index(fields=["obstacle"], condition=Q(obstacle__isnull=False), name="comment_of_obstacle"),
            models.Index(fields=["check_in"], condition=Q(check_in__isnull=False), name="comment_of_check_in"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=CommentKind.values), name="comment_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=CommentKind.COMMENT) | Q(obstacle__isnull=False), name="comment_helps_an_obstacle"
            ),
        ]
        triggers = [Audit("touched.organization_id")]

    def __str__(self) -> str:
        return self.text[:80]


class ReactionKind(models.TextChoices):
    """One tap instead of a sentence; each is a word, not a picture."""

    SEEN = "seen", pgettext_lazy("reaction", "Read it")
    THANKS = "thanks", _("Thank you")
    WELL_DONE = "well_done", _("Well done")
    WITH_YOU = "with_you", _("I am with you")


class Reaction(models.Model):
    """That somebody has taken note of a check-in or a comment; of each kind one per person."""

    check_in = models.ForeignKey(CheckIn, null=True, on_delete=models.CASCADE, related_name="reactions")
    comment = models.ForeignKey(Comment, null=True, on_delete=models.CASCADE, related_name="reactions")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="reactions")
    kind = models.CharField(_("Kind"), max_length=9, choices=ReactionKind.choices)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ReactionKind.values), name="reaction_kind_known"),
            models.CheckConstraint(
                condition=Q(check_in=None, comment__isnull=False) | Q(check_in__isnull=False, comment=None),
                name="reaction_to_one_thing",
            ),
            models.UniqueConstraint(
                fields=["check_in", "membership", "kind"], condition=Q(comment=None), name="reaction_once_to_check_in"
            ),
            models.UniqueConstraint(
                fields=["comment", "membership", "kind"], condition=Q(check_in=None), name="reaction_once_to_comment"
            ),
        ]
        triggers = [Audit("SELECT organization_id FROM people_membership WHERE id = touched.membership_id")]

    def __str__(self) -> str:
        return f"{self.kind} by {self.membership_id}"
