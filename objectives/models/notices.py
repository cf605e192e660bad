"""What people are told: short lines on their week, each once."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from objectives.models.cycles import Cycle
from objectives.models.goals import KeyResult, Objective
from people import clock
from people.models import Membership


class NoticeKind(models.TextChoices):
    """What happened. `by` did it, `text` is what they said."""

    PROPOSED = "proposed", _("An objective waits for your agreement")
    SENT_BACK = "sent_back", _("Your objective came back with a comment")
    AGREED = "agreed", _("Your objective is agreed on")
    ADJUSTED = "adjusted", _("Your objective was adjusted: is it right for you?")
    BEGUN = "begun", _("Your objective is under way")
    CHANGED = "changed", _("A goal yours is connected to has changed")
    DROPPED = "dropped", _("A goal yours is connected to was dropped")
    CONFLICT = "conflict", _("Your goal and another one repeat or contradict each other")
    SETTLED = "settled", _("A conflict of goals was settled")
    DRAFT_NOW = "draft_now", _("The next cycle begins soon: time to draft")
    MENTIONED = "mentioned", _("Somebody mentioned you")
    ANSWERED = "answered", _("Somebody answered you")
    REACTED = "reacted", _("Somebody read your check-in")
    OFFERED = "offered", _("Somebody offers help with your obstacle")
    RISEN = "risen", _("An obstacle has been in the way for long: it needs you")
    SOLVED = "solved", _("An obstacle is out of the way")
    NUDGED = "nudged", _("A check-in of yours is waited for")
    ACTION = "action", _("An action was given to you")
    KPI_BELOW = "kpi_below", _("A health KPI has left its corridor")
    MINUTES = "minutes", _("The minutes of your meeting are there")
    CLOSE_NOW = "close_now", _("The cycle ends soon: time to close what is yours")
    LOOK_BACK = "look_back", _("Your team looks back: write down what you saw")
    LOOKED = "looked", _("The result of your retrospective is there")
    ROOM = "room", _("Something was said in a partner room")
    BROUGHT = "brought", _("A contribution report was handed over")
    HANDOVER = "handover", _("A step of a handover is yours")


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, membership: Membership) -> NoticeQuerySet:
        """One's own, of goals that one may still read; also of those dropped, as that is what one is told."""
        own = self.filter(membership=membership.pk)
        if not membership.is_partner:
            return own
        return own.filter(Q(objective=None) | Q(objective__in=Objective.objects.readable_by(membership).values("pk")))

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at=None)

    def to_mail(self) -> NoticeQuerySet:
        """Those whose mail is due, to people who are still here and want to be reminded."""
        here = Membership.objects.active().filter(user__is_reminded=True).values("pk")
        return self.filter(mail_due_at__lte=clock.now(), mailed_at=None, membership__in=here)


class Notice(models.Model):
    """One line to one person. `occasion` names the one act it came from, so that a repeated act tells nobody twice.

    `place` is the address below the organization at which to look, where that is not the objective's page.
    Where it is also sent by mail, `mail_due_at` says when to try, again after a mail that failed.
    """

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=10, choices=NoticeKind.choices)
    objective = models.ForeignKey(Objective, null=True, on_delete=models.CASCADE, related_name="+")
    key_result = models.ForeignKey(KeyResult, null=True, on_delete=models.CASCADE, related_name="+")
    cycle = models.ForeignKey(Cycle, null=True, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(Membership, null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.CharField(max_length=1000, blank=True)
    place = models.CharField(max_length=200, blank=True)
    occasion = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    read_at = models.DateTimeField(null=True, blank=True)
    mail_due_at = models.DateTimeField(null=True, editable=False)
    mailed_at = models.DateTimeField(null=True, editable=False)
    mail_tries = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["membership"], condition=Q(read_at=None), name="notice_unread"),
            models.Index(
                fields=["mail_due_at"], condition=Q(mail_due_at__isnull=False, mailed_at=None), name="notice_to_mail"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["membership", "occasion"], name="notice_told_once"),
            models.CheckConstraint(condition=Q(kind__in=NoticeKind.values), name="notice_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.membership_id}"
