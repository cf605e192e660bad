"""What is said in a partner's room, and the steps by which their work is handed over to the organization."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from funnel.models.kgis import PLANNERS
from people import clock
from people.models import Audit, Membership, Organization


class RoomMessageQuerySet(models.QuerySet["RoomMessage"]):
    def visible_to(self, membership: Membership) -> RoomMessageQuerySet:
        """What is said in the organization's rooms; a partner hears what is said in their own."""
        rows = self.filter(organization=membership.organization_id)
        return rows.filter(room_of=membership.pk) if membership.is_partner else rows

    def editable_by(self, membership: Membership) -> RoomMessageQuerySet:
        """Words belong to whoever wrote them; an administrator may take them back."""
        rows = self.visible_to(membership)
        return rows if membership.is_admin else rows.filter(author=membership.pk)

    def standing(self) -> RoomMessageQuerySet:
        return self.filter(withdrawn_at=None)

    def questions(self) -> RoomMessageQuerySet:
        return self.standing().filter(is_question=True)

    def open_questions(self) -> RoomMessageQuerySet:
        return self.questions().filter(settled_at=None)


class RoomMessage(models.Model):
    """A remark, a question or an answer in the room of one partner, whose membership is `room_of`.

    A question is open until whoever asked it, or whoever answers it, says it is settled. An answer names its question.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="room_messages")
    room_of = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="room_messages")
    question = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="answers")
    is_question = models.BooleanField(_("This is a question"), default=False)
    author = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("Message"), max_length=2000)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    edited_at = models.DateTimeField(null=True, editable=False)
    settled_at = models.DateTimeField(null=True, editable=False)
    settled_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = RoomMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message in a partner room")
        indexes = [
            models.Index(fields=["room_of", "created_at", "id"], name="room_message_in_order"),
            models.Index(
                fields=["room_of"],
                condition=Q(is_question=True, settled_at=None, withdrawn_at=None),
                name="room_question_open",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(question=None) | Q(is_question=False), name="room_answer_asks_nothing"),
            models.CheckConstraint(
                condition=Q(settled_at=None) | Q(is_question=True), name="room_question_alone_is_settled"
            ),
        ]
        triggers = [Audit("touched.organization_id")]

    def __str__(self) -> str:
        return self.text[:80]


class HandoverStepQuerySet(models.QuerySet["HandoverStep"]):
    def visible_to(self, membership: Membership) -> HandoverStepQuerySet:
        """The organization's; a partner sees those of their own work."""
        rows = self.filter(organization=membership.organization_id)
        return rows.filter(partner=membership.pk) if membership.is_partner else rows

    def editable_by(self, membership: Membership) -> HandoverStepQuerySet:
        """Who plans writes the list; a partner ticks off what is theirs."""
        if membership.is_partner:
            return self.visible_to(membership).filter(by_partner=True)
        rows = self.visible_to(membership)
        return rows if membership.role in PLANNERS else rows.filter(owner=membership.pk)


class HandoverStep(models.Model):
    """One step of bringing a partner's work into the house: theirs to do, or somebody's inside."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="handover_steps")
    partner = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="handover_steps")
    text = models.CharField(_("Step"), max_length=200)
    by_partner = models.BooleanField(_("Done by the partner"), default=False)
    owner = models.ForeignKey(
        Membership, verbose_name=_("Owner"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    due_on = models.DateField(_("To be done by"), null=True, blank=True)
    position = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True, editable=False)
    done_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")
    dropped_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = HandoverStepQuerySet.as_manager()

    class Meta:
        verbose_name = _("step of a handover")
        ordering = ("position", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(by_partner=False) | Q(owner=None), name="handover_step_is_theirs_or_somebodys"
            ),
        ]
        triggers = [Audit("touched.organization_id")]

    def __str__(self) -> str:
        return self.text
