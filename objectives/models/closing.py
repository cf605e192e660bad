"""How objectives and cycles end: the grade that stands at the end, and who opened or closed a cycle, and why."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from objectives.models.cycles import Cycle, CycleState
from objectives.models.goals import OF_OBJECTIVE, Objective
from people import clock
from people.models import Audit, Membership


class Outcome(models.TextChoices):
    """What becomes of what an objective left undone."""

    OPEN = "", _("Not decided yet")
    FINISHED = "finished", _("Finished: nothing goes on")
    CARRIED = "carried", _("Goes on in the next cycle")
    DROPPED = "dropped", pgettext_lazy("outcome", "Is not pursued any further")
    HEALTH_KPI = "health_kpi", _("Is kept up as a health KPI")


class Grade(models.Model):
    """How an objective ended: the score that was computed when it was closed, or since then until its cycle was, and
    what people say of it instead.

    `computed` and `override` lie within 0–1; `computed` is None where the objective had no score. An override always
    has its `reason`. Scores above it in the alignment stay those that were computed.
    """

    objective = models.OneToOneField(Objective, primary_key=True, on_delete=models.CASCADE, related_name="grade")
    computed = models.FloatField(null=True)
    override = models.FloatField(
        _("Grade"), null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )
    reason = models.CharField(_("Why another grade"), max_length=500, blank=True)
    outcome = models.CharField(
        _("What becomes of it"), max_length=10, choices=Outcome.choices, blank=True, default=Outcome.OPEN
    )
    outcome_reason = models.CharField(_("Why"), max_length=500, blank=True)
    graded_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")
    graded_at = models.DateTimeField(default=clock.now)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("grade")
        constraints = [
            models.CheckConstraint(
                condition=Q(override=None) | Q(override__range=(0, 1)),
                name="grade_0_to_1",
                violation_error_message=_("A grade lies between 0.0 and 1.0."),
            ),
            models.CheckConstraint(
                condition=Q(override=None) | ~Q(reason=""),
                name="grade_changed_with_reason",
                violation_error_message=_("Say why the grade is another one than the score: it stays visible."),
            ),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="grade_outcome_known"),
        ]
        triggers = [Audit(OF_OBJECTIVE)]

    def __str__(self) -> str:
        return f"{self.objective_id}: {self.score}"

    @property
    def score(self) -> float | None:
        """What stands at the end, 0–1: what people say, else what was computed."""
        return self.computed if self.override is None else self.override

    @property
    def is_overridden(self) -> bool:
        return self.override is not None


class CycleStep(models.Model):
    """That somebody opened or closed a cycle. Opening a closed one needs a reason."""

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="cycle_steps")
    old_state = models.CharField(max_length=10, choices=CycleState.choices)
    new_state = models.CharField(_("State"), max_length=10, choices=CycleState.choices)
    reason = models.CharField(_("Why"), max_length=500, blank=True)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("step of a cycle")
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(old_state="closed") | ~Q(reason=""),
                name="cycle_reopened_with_reason",
                violation_error_message=_("Say why the cycle is opened again: it stays visible."),
            ),
        ]
        triggers = [Audit("SELECT organization_id FROM objectives_cycle WHERE id = touched.cycle_id")]

    def __str__(self) -> str:
        return f"{self.cycle_id}: {self.old_state} → {self.new_state}"
