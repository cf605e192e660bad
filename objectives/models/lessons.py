"""What was learned, tied to what it is about so that it comes back there, and what is tried on a small scale."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from funnel.models import KPI
from objectives.models.actions import Action
from objectives.models.cycles import Cycle
from objectives.models.goals import KeyResult, Objective
from objectives.models.retrospectives import Cause, Question, Retrospective, RetrospectiveNote
from objectives.models.searched import EXPERIMENTS, LESSONS
from people import clock
from people.models import Audit, Membership, Organization, Role, Searched, SearchKind, Team, below


class LessonQuerySet(models.QuerySet["Lesson"]):
    def visible_to(self, membership: Membership) -> LessonQuerySet:
        """Everything of the organization that was not retired; partners see no lessons."""
        rows = self.filter(organization=membership.organization_id, retired_at=None)
        return rows.none() if membership.is_partner else rows

    def editable_by(self, membership: Membership) -> LessonQuerySet:
        """One's own; administrators all, managers those of their branch."""
        return self.visible_to(membership).within_reach_of(membership)

    def within_reach_of(self, membership: Membership) -> LessonQuerySet:
        """What the person may change, or bring back after it was retired."""
        rows = self.filter(organization=membership.organization_id)
        if membership.is_partner:
            return rows.none()
        if membership.is_admin:
            return rows
        own = Q(author=membership.pk)
        return rows.filter(own | Q(team__in=below(membership.team_ids)) if membership.role == Role.MANAGER else own)


class Lesson(models.Model):
    """One thing learned and what to do next time, tied to the measure, team, lever and cause it is about.

    `measure` is what was measured, in words, where no key result of the product stands for it. `note` is the note of a
    retrospective it was made of.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="lessons")
    team = models.ForeignKey(Team, verbose_name=_("Team"), on_delete=models.PROTECT, related_name="lessons")
    cycle = models.ForeignKey(
        Cycle, verbose_name=_("Cycle"), null=True, blank=True, on_delete=models.PROTECT, related_name="lessons"
    )
    question = models.CharField(_("About"), max_length=9, choices=Question.choices, default=Question.IMPROVE)
    text = models.CharField(_("What we learned"), max_length=300)
    advice = models.CharField(_("What to do next time"), max_length=300, blank=True)
    cause = models.CharField(_("Cause"), max_length=7, choices=Cause.choices, blank=True, default=Cause.UNSORTED)
    objective = models.ForeignKey(
        Objective, verbose_name=_("Objective"), null=True, blank=True, on_delete=models.PROTECT, related_name="lessons"
    )
    key_result = models.ForeignKey(
        KeyResult, verbose_name=_("Key result"), null=True, blank=True, on_delete=models.PROTECT, related_name="lessons"
    )
    measure = models.CharField(_("Measure"), max_length=120, blank=True)
    kpi = models.ForeignKey(
        KPI, verbose_name=_("Lever"), null=True, blank=True, on_delete=models.SET_NULL, related_name="lessons"
    )
    retrospective = models.ForeignKey(
        Retrospective, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="lessons"
    )
    note = models.OneToOneField(
        RetrospectiveNote, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="lesson"
    )
    author = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="lessons")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = LessonQuerySet.as_manager()

    class Meta:
        verbose_name = _("lesson")
        ordering = ("-created_at", "-id")
        indexes = [
            models.Index(fields=["organization", "-created_at", "-id"], name="lesson_newest"),
            models.Index(fields=["team", "-created_at", "-id"], name="lesson_of_team"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(question__in=Question.values), name="lesson_question_known"),
            models.CheckConstraint(condition=Q(cause__in=Cause.values), name="lesson_cause_known"),
        ]
        triggers = [
            Audit("touched.organization_id"),
            Searched(
                SearchKind.LESSON, LESSONS, "text", "advice", "measure", "key_result_id", "cycle_id", "retired_at"
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def about(self) -> str:
        """The measure it is about, in words; empty where it is about none."""
        return self.key_result.title if self.key_result else self.measure


class Decision(models.TextChoices):
    """What follows from an experiment."""

    OPEN = "", pgettext_lazy("experiment", "Under way")
    SCALE = "scale", pgettext_lazy("experiment", "Do it on a large scale")
    AGAIN = "again", pgettext_lazy("experiment", "Change it and try again")
    STOP = "stop", pgettext_lazy("experiment", "Stop it")


class ExperimentQuerySet(models.QuerySet["Experiment"]):
    def visible_to(self, membership: Membership) -> ExperimentQuerySet:
        """Everything of the organization that was not withdrawn; partners see no experiments."""
        rows = self.filter(organization=membership.organization_id, withdrawn_at=None)
        return rows.none() if membership.is_partner else rows

    def editable_by(self, membership: Membership) -> ExperimentQuerySet:
        """One's own; administrators all, managers those of their branch."""
        return self.visible_to(membership).within_reach_of(membership)

    def within_reach_of(self, membership: Membership) -> ExperimentQuerySet:
        """What the person may change, or bring back after it was withdrawn."""
        rows = self.filter(organization=membership.organization_id)
        if membership.is_partner:
            return rows.none()
        if membership.is_admin:
            return rows
        own = Q(owner=membership.pk) | Q(created_by=membership.pk)
        return rows.filter(own | Q(team__in=below(membership.team_ids)) if membership.role == Role.MANAGER else own)

    def running(self) -> ExperimentQuerySet:
        return self.filter(decision=Decision.OPEN)


class Experiment(models.Model):
    """A small trial: what is tried and believed, by what one will know, what came out, and what follows from it."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="experiments")
    team = models.ForeignKey(Team, verbose_name=_("Team"), on_delete=models.PROTECT, related_name="experiments")
    owner = models.ForeignKey(Membership, verbose_name=_("Owner"), on_delete=models.PROTECT, related_name="experiments")
    title = models.CharField(_("What we try"), max_length=200)
    hypothesis = models.CharField(_("What we believe"), max_length=300, blank=True)
    sign = models.CharField(_("By what we will know"), max_length=200, blank=True)
    key_result = models.ForeignKey(
        KeyResult,
        verbose_name=_("Key result"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="experiments",
    )
    kpi = models.ForeignKey(
        KPI, verbose_name=_("Lever"), null=True, blank=True, on_delete=models.SET_NULL, related_name="experiments"
    )
    action = models.ForeignKey(
        Action, verbose_name=_("Action"), null=True, blank=True, on_delete=models.SET_NULL, related_name="experiments"
    )
    starts_on = models.DateField(_("From"))
    ends_on = models.DateField(_("Until"))
    result = models.CharField(_("What came out"), max_length=500, blank=True)
    decision = models.CharField(
        _("Decision"), max_length=5, choices=Decision.choices, blank=True, default=Decision.OPEN
    )
    decided_on = models.DateField(null=True, blank=True, editable=False)
    decided_by = models.ForeignKey(Membership, null=True, editable=False, on_delete=models.PROTECT, related_name="+")
    follows = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="followed_by"
    )
    created_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ExperimentQuerySet.as_manager()

    class Meta:
        verbose_name = _("experiment")
        ordering = ("-starts_on", "-id")
        indexes = [models.Index(fields=["organization", "-starts_on", "-id"], name="experiment_newest")]
        constraints = [
            models.CheckConstraint(condition=Q(decision__in=Decision.values), name="experiment_decision_known"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="experiment_days_in_order",
                violation_error_message=_("The last day lies before the first."),
            ),
            models.CheckConstraint(
                condition=Q(decision="") | ~Q(result=""),
                name="experiment_decided_with_result",
                violation_error_message=_("Say what came out before deciding what follows."),
            ),
        ]
        triggers = [
            Audit("touched.organization_id"),
            Searched(
                SearchKind.EXPERIMENT,
                EXPERIMENTS,
                "title",
                "hypothesis",
                "sign",
                "result",
                "key_result_id",
                "withdrawn_at",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_running(self) -> bool:
        return self.decision == Decision.OPEN
