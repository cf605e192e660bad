"""Everything derived: written by `rollup` alone, always recomputed from its source, read by every page.

The tables are narrow and apart from the goals, so that recomputing a company rewrites little.
"""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from funnel.models import AmountColumn
from objectives.models.goals import KeyResult, Objective
from people import clock
from people.models import Organization


class Health(models.TextChoices):
    NOT_STARTED = "not_started", _("Not started")
    MEASURE_FIRST = "measure_first", _("Measure first")
    ON_TRACK = "on_track", _("On track")
    AT_RISK = "at_risk", _("At risk")
    OFF_TRACK = "off_track", _("Off track")
    OVERDUE = "overdue", _("Overdue")
    CLOSED = "closed", _("Closed")


class KeyResultScore(models.Model):
    """Where a key result stands.

    `own_value`, `own_progress` and `own_score` come from its check-ins alone; `current_value`, `progress`, `score` and
    `pace` include what contributing objectives add and are what every page shows. `weekly_progress[i]` is the progress
    at the end of the cycle's i-th ISO week, null where nobody checked in that week: it does not change with the
    calendar, pace does. `phased_pace` is set where phased targets are.
    """

    key_result = models.OneToOneField(KeyResult, primary_key=True, on_delete=models.CASCADE, related_name="scored")
    own_value = AmountColumn(null=True)
    own_progress = models.FloatField(null=True)
    own_score = models.FloatField(null=True)
    progress = models.FloatField(null=True)
    score = models.FloatField(null=True)
    current_value = AmountColumn(null=True)
    share = models.FloatField(default=0)
    phased_pace = models.FloatField(null=True)
    pace = models.FloatField(default=0)
    landing = models.FloatField(null=True)
    health = models.CharField(max_length=13, choices=Health.choices, default=Health.NOT_STARTED)
    confidence = models.PositiveSmallIntegerField(null=True)
    check_in_count = models.PositiveIntegerField(default=0)
    last_check_in_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
    periods_counted = models.PositiveSmallIntegerField(default=0)
    periods_met = models.PositiveSmallIntegerField(default=0)
    weekly_progress = ArrayField(models.FloatField(null=True), default=list)

    class Meta:
        indexes = [
            models.Index(fields=["due_on"], condition=models.Q(due_on__isnull=False), name="score_due"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(score=None) | models.Q(score__range=(0, 1)), name="key_result_score_0_to_1"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key_result_id}: {self.score}"

    @property
    def owed_on(self) -> date | None:
        """The day on which the next check-in is owed; nobody owes one on what is closed."""
        return None if self.health == Health.CLOSED else self.due_on


class ObjectiveScore(models.Model):
    """Where an objective stands: the weighted mean of its key results and of what contributes to it."""

    objective = models.OneToOneField(Objective, primary_key=True, on_delete=models.CASCADE, related_name="scored")
    score = models.FloatField(null=True)
    pace = models.FloatField(default=0)
    landing = models.FloatField(null=True)
    health = models.CharField(max_length=13, choices=Health.choices, default=Health.NOT_STARTED)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(score=None) | models.Q(score__range=(0, 1)), name="objective_score_0_to_1"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.objective_id}: {self.score}"


class ObjectiveSnapshot(models.Model):
    """What an objective's score was at the end of a day; the last word of a day replaces the earlier ones."""

    objective = models.ForeignKey(Objective, on_delete=models.CASCADE, related_name="snapshots")
    date = models.DateField()
    score = models.FloatField(null=True)
    pace = models.FloatField(default=0)
    landing = models.FloatField(null=True)
    health = models.CharField(max_length=13, choices=Health.choices, default=Health.NOT_STARTED)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["objective", "date"], name="snapshot_once_a_day")]

    def __str__(self) -> str:
        return f"{self.objective_id} {self.date}: {self.score}"


class PendingRollUp(models.Model):
    """The record that an objective's ancestors must be rescored, written in the transaction of its cause.

    Without an objective everything open in the organization must be, from its check-ins: its calendar changed. A task
    takes all rows it finds and deletes them with its result; a lost message therefore loses nothing.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    objective = models.ForeignKey(Objective, null=True, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.objective_id} since {self.created_at}"
