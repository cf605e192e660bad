"""Looking back together: everybody writes first, then all is revealed, grouped, voted on and talked about."""

from __future__ import annotations

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from objectives.models.cycles import Cycle
from objectives.models.goals import KeyResult, Level, Objective
from people import clock
from people.models import Audit, Membership, Organization, Role, Team, below

OF_RETROSPECTIVE = "SELECT organization_id FROM objectives_retrospective WHERE id = touched.retrospective_id"


class Stage(models.TextChoices):
    """Where a retrospective stands; each follows from the one before, and the facilitator may go back."""

    WRITING = "writing", pgettext_lazy("stage of a retrospective", "Writing")
    GROUPING = "grouping", pgettext_lazy("stage of a retrospective", "Reading and grouping")
    VOTING = "voting", pgettext_lazy("stage of a retrospective", "Voting")
    TALKING = "talking", pgettext_lazy("stage of a retrospective", "Talking and deciding")
    ENDED = "ended", pgettext_lazy("stage of a retrospective", "Ended")


class Question(models.TextChoices):
    """What a note or a lesson answers."""

    SUCCEEDED = "succeeded", _("What succeeded, and why")
    IMPROVE = "improve", _("What to improve")
    MISSED = "missed", _("Why key results were missed")
    MEASURE = "measure", _("What we learned about the measure itself")


class Cause(models.TextChoices):
    """Why a key result was missed, in one of few words, so that causes can be counted across cycles."""

    UNSORTED = "", _("Not sorted yet")
    TARGET = "target", _("The target was too high, or not clear")
    FOCUS = "focus", _("Too much at the same time")
    HANDS = "hands", _("Hands, time or money were missing")
    SKILL = "skill", _("Knowledge or skill was missing")
    OTHERS = "others", _("Others were waited for")
    MARKET = "market", _("Customers or the market changed")
    METHOD = "method", _("What was tried did not work")
    MEASURE = "measure", _("The measure did not fit")
    START = "start", _("It was begun too late")
    FADED = "faded", _("It was lost sight of")
    OTHER = "other", _("Something else")


class RetrospectiveQuerySet(models.QuerySet["Retrospective"]):
    def visible_to(self, membership: Membership) -> RetrospectiveQuerySet:
        """Everything is open inside the organization; partners see no retrospectives."""
        rows = self.filter(organization=membership.organization_id)
        return rows.none() if membership.is_partner else rows

    def editable_by(self, membership: Membership) -> RetrospectiveQuerySet:
        """Where one may take part: administrators everywhere, executives in the company's, the team and those who lead
        it in its own, and whoever owns the objective or one of its key results."""
        rows = self.visible_to(membership)
        owned = KeyResult.objects.filter(owner=membership.pk).values("objective")
        own = Q(facilitator=membership.pk) | Q(objective__owner=membership.pk) | Q(objective__in=owned)
        match membership.role:
            case Role.ADMIN:
                return rows
            case Role.EXECUTIVE:
                company = Q(team__parent=None) | Q(objective__level=Level.COMPANY)
                return rows.filter(own | company | Q(team__in=membership.team_ids))
            case Role.MANAGER:
                return rows.filter(own | Q(team__in=below(membership.team_ids)))
            case Role.MEMBER:
                return rows.filter(own | Q(team__in=membership.team_ids))
        return rows.none()

    def led_by(self, membership: Membership) -> RetrospectiveQuerySet:
        """Whose stages one may move: the facilitator's, and of those who lead the team."""
        rows = self.editable_by(membership)
        match membership.role:
            case Role.ADMIN:
                return rows
            case Role.EXECUTIVE:
                return rows.filter(Q(facilitator=membership.pk) | Q(team__parent=None))
            case Role.MANAGER:
                return rows.filter(Q(facilitator=membership.pk) | Q(team__in=below(membership.team_ids)))
        return rows.filter(facilitator=membership.pk)

    def running(self) -> RetrospectiveQuerySet:
        return self.exclude(stage=Stage.ENDED)


class Retrospective(models.Model):
    """One look back at a team's cycle, or at one objective of it. `version` counts up with everything that changes:
    open pages ask for it.

    `timer_ends_at` is when the facilitator's timer runs out. `summary` is what people take with them, in their words;
    `kept` holds, from the end on, who was there and how the objectives stood, so that the page stays readable.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="retrospectives")
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="retrospectives")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="retrospectives")
    objective = models.ForeignKey(
        Objective, null=True, blank=True, on_delete=models.PROTECT, related_name="looked_back"
    )
    facilitator = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="retrospectives_led")
    stage = models.CharField(_("Stage"), max_length=8, choices=Stage.choices, default=Stage.WRITING)
    votes_each = models.PositiveSmallIntegerField(
        _("Votes for each person"), default=3, validators=[MinValueValidator(1), MaxValueValidator(10)]
    )
    timer_ends_at = models.DateTimeField(null=True, blank=True)
    current = models.BigIntegerField(null=True, blank=True, editable=False)
    summary = models.TextField(_("What we take with us"), max_length=2000, blank=True)
    kept = models.JSONField(default=dict, blank=True, editable=False)
    started_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = RetrospectiveQuerySet.as_manager()

    class Meta:
        verbose_name = _("retrospective")
        ordering = ("-started_at", "-id")
        indexes = [models.Index(fields=["organization", "cycle", "team"], name="retrospective_of_team")]
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "team"],
                condition=Q(objective=None),
                name="retrospective_once_per_team",
                violation_error_message=_("This team looks back at this cycle already."),
            ),
            models.UniqueConstraint(
                fields=["objective"],
                condition=Q(objective__isnull=False),
                name="retrospective_once_per_objective",
                violation_error_message=_("There is a retrospective of this objective already."),
            ),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="retrospective_stage_known"),
        ]
        triggers = [Audit("touched.organization_id", unseen=("current", "kept", "timer_ends_at"))]

    def __str__(self) -> str:
        return f"{self.team_id} {self.cycle_id} {self.objective_id or ''}".strip()

    @property
    def is_running(self) -> bool:
        return self.stage != Stage.ENDED

    @property
    def is_writing(self) -> bool:
        """Whether everybody still sees only what they wrote themselves."""
        return self.stage == Stage.WRITING


class RetrospectiveNoteQuerySet(models.QuerySet["RetrospectiveNote"]):
    def visible_to(self, membership: Membership) -> RetrospectiveNoteQuerySet:
        """The standing notes of what one may read: while people write, only one's own."""
        return self.revealed_to(membership).filter(withdrawn_at=None)

    def revealed_to(self, membership: Membership) -> RetrospectiveNoteQuerySet:
        """The same with those that were taken back."""
        rows = self.filter(retrospective__organization=membership.organization_id)
        if membership.is_partner:
            return rows.none()
        return rows.filter(~Q(retrospective__stage=Stage.WRITING) | Q(author=membership.pk))


class RetrospectiveNote(models.Model):
    """One note. Notes about the same thing lie under one of them, `under`, which itself lies under none."""

    retrospective = models.ForeignKey(Retrospective, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    question = models.CharField(_("Answers"), max_length=9, choices=Question.choices)
    text = models.CharField(_("Note"), max_length=300)
    cause = models.CharField(_("Cause"), max_length=7, choices=Cause.choices, blank=True, default=Cause.UNSORTED)
    key_result = models.ForeignKey(
        KeyResult, verbose_name=_("Key result"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    under = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="gathered")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = RetrospectiveNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("note of a retrospective")
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(condition=Q(question__in=Question.values), name="note_question_known"),
            models.CheckConstraint(condition=Q(cause__in=Cause.values), name="note_cause_known"),
            models.CheckConstraint(condition=~Q(under=F("id")), name="note_not_under_itself"),
        ]
        # Nobody reads in the history what is not revealed yet, nor ever who wrote which note.
        triggers = [Audit(OF_RETROSPECTIVE, secret=("text", "cause"), is_sealed=True)]

    def __str__(self) -> str:
        return self.text[:80]


class RetrospectiveVote(models.Model):
    """That somebody gives one of their votes to a note, or to all that lie under it."""

    note = models.ForeignKey(RetrospectiveNote, on_delete=models.CASCADE, related_name="votes")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["note", "membership"], name="vote_once_per_note")]

    def __str__(self) -> str:
        return f"{self.membership_id} for {self.note_id}"


class RetrospectivePresence(models.Model):
    """That somebody has a running retrospective open, when they last asked for it, and whether they have written all
    they want to."""

    retrospective = models.ForeignKey(Retrospective, on_delete=models.CASCADE, related_name="presences", db_index=False)
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    seen_at = models.DateTimeField(default=clock.now)
    is_ready = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["retrospective", "membership"], name="presence_once")]

    def __str__(self) -> str:
        return f"{self.membership_id} at {self.retrospective_id}"
