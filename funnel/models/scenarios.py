"""Scenarios: what if the levers were these?"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from funnel.models.columns import OF_KGI, LeverColumn, TargetColumn
from funnel.models.kgis import KGI
from funnel.models.kpis import KPI
from people import clock
from people.models import Audit, Membership


class ScenarioQuerySet(models.QuerySet["Scenario"]):
    def visible_to(self, membership: Membership) -> ScenarioQuerySet:
        """Those of every KGI the membership may see."""
        return self.filter(dropped_at=None, kgi__in=KGI.objects.visible_to(membership))

    def editable_by(self, membership: Membership) -> ScenarioQuerySet:
        return self.filter(dropped_at=None, kgi__in=KGI.objects.editable_by(membership))

    def restorable_by(self, membership: Membership) -> ScenarioQuerySet:
        """Those taken away, for whoever may put them back."""
        return self.exclude(dropped_at=None).filter(kgi__in=KGI.objects.editable_by(membership))


class Scenario(models.Model):
    """A named set of lever values beside the two targets; a lever it does not name stays at its current value."""

    kgi = models.ForeignKey(KGI, on_delete=models.CASCADE, related_name="scenarios")
    name = models.CharField(_("Name"), max_length=120)
    note = models.TextField(_("Note"), max_length=2000, blank=True)
    created_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+", editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    adopted_as = models.CharField(max_length=9, choices=TargetColumn.choices, blank=True, default="", editable=False)
    adopted_at = models.DateTimeField(null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    submission_key = models.UUIDField(null=True, unique=True, editable=False)
    dropped_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ScenarioQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["kgi", "name"],
                condition=models.Q(dropped_at=None),
                name="scenario_named_once",
                violation_error_message=_("A scenario of this name stands already."),
            ),
        ]
        triggers = [Audit(OF_KGI)]

    def __str__(self) -> str:
        return self.name


class ScenarioValue(models.Model):
    """What a lever is in a scenario; rates 0–1."""

    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE, related_name="values")
    kpi = models.ForeignKey(KPI, on_delete=models.CASCADE, related_name="+")
    value = LeverColumn()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scenario", "kpi"], name="scenario_value_once")]
        triggers = [
            Audit(
                "SELECT kgi.organization_id FROM funnel_kgi kgi JOIN funnel_scenario scenario "
                "ON scenario.kgi_id = kgi.id WHERE scenario.id = touched.scenario_id"
            )
        ]
