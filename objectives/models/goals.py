"""Objectives, their key results, and how they hang together."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from funnel.models import KGI, KPI, AmountColumn
from objectives.formulas.pace import LEVEL_KINDS
from objectives.formulas.scoring import Measure, progress_at
from objectives.formulas.scoring import Step as MeasureStep
from objectives.models.cycles import Cycle, CycleState
from objectives.models.searched import ACTIONS, CHECK_INS, KEY_RESULTS, OBJECTIVES, OBSTACLES
from objectives.models.shares import in_shared_branch
from people import clock
from people.models import Audit, Membership, Organization, Role, Searched, SearchKind, Team, below

# A product of floats too small to be one stops a whole roll-up; services round weights to this.
SMALLEST_WEIGHT = 1e-6

# Whose history a row belongs to, for the trigger that keeps it.
OF_OBJECTIVE = "SELECT organization_id FROM objectives_objective WHERE id = touched.objective_id"
OF_CHILD = "SELECT organization_id FROM objectives_objective WHERE id = touched.child_id"
OF_KEY_RESULT = (
    "SELECT o.organization_id FROM objectives_objective o JOIN objectives_keyresult kr ON kr.objective_id = o.id "
    "WHERE kr.id = touched.key_result_id"
)


class Intent(models.TextChoices):
    COMMITTED = "committed", _("Committed")
    ASPIRATIONAL = "aspirational", _("Aspirational")


class ObjectiveState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PROPOSED = "proposed", _("Proposed")
    AGREED = "agreed", _("Agreed")
    ACTIVE = "active", _("Active")
    CLOSED = "closed", _("Closed")


DRAFTS = (ObjectiveState.DRAFT, ObjectiveState.PROPOSED, ObjectiveState.AGREED)
"""The states of what was never begun."""


class Level(models.TextChoices):
    COMPANY = "company", _("Company")
    TEAM = "team", _("Team")
    INDIVIDUAL = "individual", _("Individual")


class Kind(models.TextChoices):
    REACH = "reach", _("Reach")
    CUMULATIVE = "cumulative", _("Cumulative")
    QUOTA = "quota", _("Repeating quota")
    AVERAGE = "average", _("Average")
    KEEP = "keep", _("Keep")
    COVERAGE = "coverage", _("Coverage")
    MILESTONE = "milestone", _("Milestone")


class Limit(models.TextChoices):
    MIN = "min", _("At least")
    MAX = "max", _("At most")


class Period(models.TextChoices):
    WEEK = "week", _("Week")
    MONTH = "month", _("Month")


class MeasureType(models.TextChoices):
    RESULT = "result", _("Result")
    PROCESS = "process", _("Process")


class Combine(models.TextChoices):
    SCORE = "score", _("Mean of the scores")
    SUM = "sum", _("Sum of the values")


class Link(models.TextChoices):
    CONTRIBUTES = "contributes", _("Contributes")
    SUPPORTS = "supports", _("Supports")


def managed_by(membership: Membership) -> Q:
    """The objectives of a manager's branch; those of the company belong to executives, whatever team one is in."""
    return Q(team__in=below(membership.team_ids)) & ~Q(level=Level.COMPANY)


class ObjectiveQuerySet(models.QuerySet["Objective"]):
    def visible_to(self, membership: Membership) -> ObjectiveQuerySet:
        """Everything in the organization that was not dropped, drafts too; a partner sees the shared branches."""
        rows = self.filter(organization=membership.organization_id, dropped_at=None)
        return rows.filter(in_shared_branch(membership)) if membership.is_partner else rows

    def readable_by(self, membership: Membership) -> ObjectiveQuerySet:
        """What is visible, and for everybody inside what was dropped: its history stays to be read."""
        return (
            self.visible_to(membership)
            if membership.is_partner
            else self.filter(organization=membership.organization_id)
        )

    def dropped_for(self, membership: Membership) -> ObjectiveQuerySet:
        """What was dropped, as far as the person may read it."""
        return self.readable_by(membership).exclude(dropped_at=None)

    def editable_by(self, membership: Membership) -> ObjectiveQuerySet:
        """What the role may change: an executive the company's, a manager those of the branch, everybody their own."""
        return self.visible_to(membership).within_reach_of(membership)

    def within_reach_of(self, membership: Membership) -> ObjectiveQuerySet:
        """What the role may change, of the organization's objectives and those dropped: they can be brought back."""
        rows = self.filter(organization=membership.organization_id)
        own = Q(owner=membership.pk)
        match membership.role:
            case Role.ADMIN:
                return rows
            case Role.EXECUTIVE:
                return rows.filter(own | Q(level=Level.COMPANY))
            case Role.MANAGER:
                return rows.filter(own | managed_by(membership))
            case Role.MEMBER:
                return rows.filter(own)
        return rows.none()

    def led_by(self, membership: Membership) -> ObjectiveQuerySet:
        """Those the person decides on: may agree to, activate and close."""
        rows = self.visible_to(membership)
        match membership.role:
            case Role.ADMIN:
                return rows
            case Role.EXECUTIVE:
                return rows.filter(level=Level.COMPANY)
            case Role.MANAGER:
                return rows.filter(managed_by(membership))
        return rows.none()

    def in_cycle(self, cycle: Cycle) -> ObjectiveQuerySet:
        return self.filter(cycle=cycle)

    def open(self) -> ObjectiveQuerySet:
        """Being worked on: active, in a cycle that is not closed."""
        return self.filter(state=ObjectiveState.ACTIVE, dropped_at=None).exclude(cycle__state=CycleState.CLOSED)


class Objective(models.Model):
    """A qualitative goal of the company, a team or a person in one cycle."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="objectives")
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="objectives")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="objectives")
    owner = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="objectives")
    level = models.CharField(_("Level"), max_length=10, choices=Level.choices, default=Level.TEAM)
    title = models.CharField(_("Objective"), max_length=200)
    why = models.TextField(_("Why"), blank=True, max_length=2000)
    kind = models.CharField(_("Intent"), max_length=12, choices=Intent.choices, default=Intent.ASPIRATIONAL)
    state = models.CharField(_("State"), max_length=10, choices=ObjectiveState.choices, default=ObjectiveState.DRAFT)
    kgi = models.ForeignKey(KGI, null=True, blank=True, on_delete=models.PROTECT, related_name="objectives")
    carried_from = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="carried_on"
    )
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1, editable=False)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    activated_on = models.DateField(null=True, blank=True, editable=False)
    dropped_at = models.DateTimeField(null=True, blank=True, editable=False)
    dropped_by = models.ForeignKey(
        Membership, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    dropped_reason = models.CharField(max_length=500, blank=True)

    objects = ObjectiveQuerySet.as_manager()

    class Meta:
        verbose_name = _("objective")
        ordering = ("position", "id")
        indexes = [
            models.Index(fields=["cycle", "team", "position", "id"], name="objective_by_team"),
            models.Index(fields=["cycle", "title", "id"], name="objective_by_title"),
            models.Index(fields=["organization", "state"]),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ObjectiveState.values), name="objective_state_known"),
            models.CheckConstraint(condition=Q(kind__in=Intent.values), name="objective_intent_known"),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="objective_level_known"),
        ]
        triggers = [
            Audit("touched.organization_id"),
            Searched(SearchKind.OBJECTIVE, OBJECTIVES, "title", "why", "cycle_id", "organization_id"),
            Searched(SearchKind.KEY_RESULT, KEY_RESULTS, "cycle_id", "organization_id", by="branch"),
            Searched(SearchKind.CHECK_IN, CHECK_INS, "cycle_id", "organization_id", by="branch"),
            Searched(SearchKind.OBSTACLE, OBSTACLES, "cycle_id", "organization_id", by="branch"),
            Searched(SearchKind.ACTION, ACTIONS, "cycle_id", "organization_id", by="branch"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state == ObjectiveState.ACTIVE and not self.cycle.is_closed

    @property
    def is_closed(self) -> bool:
        """Whether its score stands: closed itself, or with its cycle."""
        return self.state == ObjectiveState.CLOSED or self.cycle.is_closed

    @property
    def is_draft(self) -> bool:
        return self.state in DRAFTS


class ObjectiveShare(models.Model):
    """An objective, with everything aligned below it, opened to one partner."""

    objective = models.ForeignKey(Objective, on_delete=models.CASCADE, related_name="shares")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="objective_shares")
    may_write = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["objective", "membership"], name="objective_shared_once")]
        triggers = [Audit(OF_OBJECTIVE)]


class KeyResultQuerySet(models.QuerySet["KeyResult"]):
    def visible_to(self, membership: Membership) -> KeyResultQuerySet:
        rows = self.filter(
            dropped_at=None, objective__organization=membership.organization_id, objective__dropped_at=None
        )
        return rows.filter(in_shared_branch(membership, "objective")) if membership.is_partner else rows

    def readable_by(self, membership: Membership) -> KeyResultQuerySet:
        """What is visible, and for everybody inside what was dropped: its history stays to be read."""
        if membership.is_partner:
            return self.visible_to(membership)
        return self.filter(objective__organization=membership.organization_id)

    def editable_by(self, membership: Membership) -> KeyResultQuerySet:
        """Those of the objectives one may edit, and the key results one owns."""
        rows = self.visible_to(membership)
        if membership.is_partner:
            return rows.none()
        return rows.filter(
            Q(owner=membership.pk) | Q(objective__in=Objective.objects.editable_by(membership).values("pk"))
        )

    def checkable_by(self, membership: Membership) -> KeyResultQuerySet:
        """Where one may check in: what one may edit, those of one's team, and for a partner where the share says so."""
        rows = self.visible_to(membership)
        if membership.is_partner:
            return rows.filter(in_shared_branch(membership, "objective", may_write=True))
        if membership.is_admin:
            return rows
        return rows.filter(
            Q(owner=membership.pk)
            | Q(objective__team__in=membership.team_ids, objective__level=Level.TEAM)
            | Q(objective__in=Objective.objects.editable_by(membership).values("pk"))
        )

    def in_cycle(self, cycle: Cycle) -> KeyResultQuerySet:
        return self.filter(objective__cycle=cycle)

    def reported_by(self, membership: Membership) -> KeyResultQuerySet:
        """The open ones this person reports on: their own, and those without an owner of objectives of theirs.

        A partner owns nothing, and reports on all that a share lets them check in on.
        """
        if membership.is_partner:
            return self.checkable_by(membership).open()
        own = Q(owner=membership.pk) | Q(owner=None, objective__owner=membership.pk)
        return self.visible_to(membership).open().filter(own)

    def owed_by(self, membership: Membership) -> KeyResultQuerySet:
        """Whose check-in of this week, or of an earlier one, this person still owes."""
        today = membership.organization.today
        return self.reported_by(membership).filter(scored__due_on__lte=today + timedelta(days=6 - today.weekday()))

    def open(self) -> KeyResultQuerySet:
        """Those one can check in on: of active objectives in cycles that are not closed."""
        return self.filter(dropped_at=None, objective__dropped_at=None, objective__state=ObjectiveState.ACTIVE).exclude(
            objective__cycle__state=CycleState.CLOSED
        )


class KeyResult(models.Model):
    """A measurable result of an objective, in its own unit as people say it (unit %: 15 means 15%)."""

    objective = models.ForeignKey(Objective, on_delete=models.CASCADE, related_name="key_results")
    title = models.CharField(_("Key result"), max_length=200)
    kind = models.CharField(_("Kind"), max_length=10, choices=Kind.choices, default=Kind.REACH)
    unit = models.CharField(_("Unit"), max_length=20, blank=True)
    start_value = AmountColumn(_("Baseline"), null=True, blank=True)
    must_hit_value = AmountColumn(_("Must-hit target"), null=True, blank=True)
    target_value = AmountColumn(_("Challenge target"), null=True, blank=True)
    limit = models.CharField(_("Limit"), max_length=3, choices=Limit.choices, blank=True)
    quota = AmountColumn(_("Quota per period"), null=True, blank=True)
    period = models.CharField(_("Period"), max_length=5, choices=Period.choices, blank=True)
    population = AmountColumn(_("All there are"), null=True, blank=True)
    measure_first = models.BooleanField(_("Measure first"), default=False)
    combine = models.CharField(max_length=5, choices=Combine.choices, default=Combine.SCORE)
    weight = models.FloatField(
        _("Weight"), null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )
    owner = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="key_results")
    measured_how = models.CharField(_("How it is measured"), max_length=300, blank=True)
    measure_type = models.CharField(
        _("Result or process"), max_length=7, choices=MeasureType.choices, default=MeasureType.RESULT
    )
    kpi = models.ForeignKey(KPI, null=True, blank=True, on_delete=models.SET_NULL, related_name="key_results")
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1, editable=False)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    dropped_at = models.DateTimeField(null=True, blank=True, editable=False)
    dropped_by = models.ForeignKey(
        Membership, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    dropped_reason = models.CharField(max_length=500, blank=True)

    objects = KeyResultQuerySet.as_manager()

    class Meta:
        verbose_name = _("key result")
        ordering = ("position", "id")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="key_result_kind_known"),
            models.CheckConstraint(
                condition=~Q(kind__in=[Kind.REACH, Kind.CUMULATIVE, Kind.AVERAGE])
                | Q(start_value=None)
                | Q(target_value=None)
                | ~Q(start_value=F("target_value")),
                name="key_result_has_a_way_to_go",
                violation_error_message=_("Baseline and target are the same: there would be nothing to reach."),
            ),
            models.CheckConstraint(
                condition=Q(weight=None) | Q(weight=0) | Q(weight__range=(SMALLEST_WEIGHT, 1)),
                name="key_result_weight_is_a_share",
                violation_error_message=_("A weight is a share between 0 and 1."),
            ),
        ]
        triggers = [
            Audit(OF_OBJECTIVE),
            Searched(SearchKind.KEY_RESULT, KEY_RESULTS, "title", "measured_how", "objective_id"),
            Searched(SearchKind.CHECK_IN, CHECK_INS, "objective_id", by="key_result"),
            Searched(SearchKind.OBSTACLE, OBSTACLES, "objective_id", by="key_result"),
            Searched(SearchKind.ACTION, ACTIONS, "objective_id", by="key_result"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def measure(self) -> Measure:
        """What the scoring formula needs to know; steps are read where the kind has them."""
        steps = self.steps.all() if self.kind == Kind.MILESTONE and self.pk else ()
        return Measure(
            kind=self.kind,
            start_value=self.start_value,
            must_hit_value=self.must_hit_value,
            target_value=self.target_value,
            limit=self.limit or None,
            quota=self.quota,
            period=self.period or None,
            population=self.population,
            steps=tuple(MeasureStep(step.weight, step.done_on is not None) for step in steps),
            measure_first=self.measure_first,
        )

    def phase_shares(self, measure: Measure) -> list[tuple[date, float]]:
        """Phased targets as shares of the way, for the kinds that have a way; `measure` is its own."""
        if self.kind in LEVEL_KINDS or self.kind == Kind.MILESTONE:
            return []
        shares = ((phase.date, progress_at(measure, phase.value)) for phase in self.phases.all())
        return [(day, share) for day, share in shares if share is not None]

    @property
    def aim(self) -> Decimal | None:
        """The one number it runs to: its challenge target, its quota, the value to keep, or all there are."""
        if self.kind == Kind.QUOTA:
            return self.quota
        return self.population if self.kind == Kind.COVERAGE else self.target_value

    @property
    def intent(self) -> str:
        """Committed or aspirational, from the objective; keep is always expected in full."""
        return Intent.COMMITTED if self.kind == Kind.KEEP else self.objective.kind


class Step(models.Model):
    """A step of a milestone. `done_on` follows from the check-in that ticked it."""

    key_result = models.ForeignKey(KeyResult, on_delete=models.CASCADE, related_name="steps")
    title = models.CharField(_("Step"), max_length=200)
    weight = models.DecimalField(
        _("Weight"), max_digits=8, decimal_places=3, default=1, validators=[MinValueValidator(0)]
    )
    done_on = models.DateField(null=True, blank=True, editable=False)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(weight__gt=0),
                name="step_weight_positive",
                violation_error_message=_("A step's weight is greater than 0."),
            ),
        ]
        triggers = [Audit(OF_KEY_RESULT, unseen=("done_on",))]

    def __str__(self) -> str:
        return self.title


class Phase(models.Model):
    """Where a key result should stand on a day, when the way is not a straight line."""

    key_result = models.ForeignKey(KeyResult, on_delete=models.CASCADE, related_name="phases")
    date = models.DateField(_("Date"))
    value = AmountColumn(_("Value"))

    class Meta:
        ordering = ("date",)
        constraints = [models.UniqueConstraint(fields=["key_result", "date"], name="phase_once_a_day")]
        triggers = [Audit(OF_KEY_RESULT)]


class Alignment(models.Model):
    """An objective helps another objective, or one of its key results: with a weight, or as mere support."""

    child = models.ForeignKey(Objective, on_delete=models.CASCADE, related_name="parents")
    parent_objective = models.ForeignKey(
        Objective, null=True, blank=True, on_delete=models.CASCADE, related_name="children"
    )
    parent_key_result = models.ForeignKey(
        KeyResult, null=True, blank=True, on_delete=models.CASCADE, related_name="children"
    )
    link = models.CharField(max_length=11, choices=Link.choices, default=Link.CONTRIBUTES)
    weight = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(1000)])

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(parent_objective=None, parent_key_result__isnull=False)
                | Q(parent_objective__isnull=False, parent_key_result=None),
                name="alignment_to_objective_or_key_result",
            ),
            models.CheckConstraint(
                condition=Q(weight=None) | Q(weight=0) | Q(weight__range=(SMALLEST_WEIGHT, 1000)),
                name="alignment_weight_within_reason",
            ),
            models.CheckConstraint(condition=~Q(child=F("parent_objective")), name="alignment_not_to_itself"),
            models.UniqueConstraint(
                fields=["child", "parent_objective"],
                condition=Q(parent_key_result=None),
                name="alignment_once_per_objective",
            ),
            models.UniqueConstraint(
                fields=["child", "parent_key_result"],
                condition=Q(parent_objective=None),
                name="alignment_once_per_key_result",
            ),
        ]
        triggers = [Audit(OF_CHILD)]

    @property
    def parent(self) -> Objective:
        """The objective helped, whether directly or at one of its key results."""
        return self.parent_key_result.objective if self.parent_key_result else self.parent_objective  # type: ignore[return-value]
