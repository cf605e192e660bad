"""Health KPIs: numbers that are to stay as good as they are, apart from the goals for growth."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from funnel.models import KPI, AmountColumn
from objectives.models.goals import KeyResult, Period
from people import clock
from people.models import Audit, Membership, Organization, Role, Team, below


class HealthKPIQuerySet(models.QuerySet["HealthKPI"]):
    def visible_to(self, membership: Membership) -> HealthKPIQuerySet:
        """Everybody inside sees all; partners see none."""
        rows = self.filter(organization=membership.organization_id)
        return rows.none() if membership.is_partner else rows

    def editable_by(self, membership: Membership) -> HealthKPIQuerySet:
        """What is watched is decided by administrators, executives for the company, managers for their branch."""
        rows = self.visible_to(membership)
        match membership.role:
            case Role.ADMIN:
                return rows
            case Role.EXECUTIVE:
                return rows.filter(team__parent=None)
            case Role.MANAGER:
                return rows.filter(team__in=below(membership.team_ids), team__parent__isnull=False)
        return rows.none()

    def enterable_by(self, membership: Membership) -> HealthKPIQuerySet:
        """Whose numbers one may write: what one may edit, one's own, and those of one's teams."""
        editable = HealthKPI.objects.editable_by(membership).values("pk")
        own = Q(owner=membership.pk) | Q(team__in=membership.team_ids) | Q(pk__in=editable)
        return self.visible_to(membership).filter(own)

    def standing(self) -> HealthKPIQuerySet:
        return self.filter(retired_on=None)


class HealthKPI(models.Model):
    """A number a team keeps an eye on, in its own unit as people say it. Its pass mark is 100 %: inside the corridor.

    The corridor is at least `lower`, at most `upper`, or between both. `kpi` is the lever of a tree it also feeds.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="health_kpis")
    team = models.ForeignKey(Team, verbose_name=_("Team"), on_delete=models.PROTECT, related_name="health_kpis")
    name = models.CharField(_("Name"), max_length=120)
    unit = models.CharField(_("Unit"), max_length=20, blank=True)
    period = models.CharField(_("Counted over"), max_length=5, choices=Period.choices, default=Period.WEEK)
    lower = AmountColumn(_("At least"), null=True, blank=True)
    upper = AmountColumn(_("At most"), null=True, blank=True)
    owner = models.ForeignKey(
        Membership, verbose_name=_("Owner"), null=True, blank=True, on_delete=models.PROTECT, related_name="health_kpis"
    )
    kpi = models.ForeignKey(
        KPI,
        verbose_name=_("Lever it feeds"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="health_kpis",
    )
    definition = models.CharField(_("Definition"), max_length=300, blank=True)
    made_from = models.ForeignKey(
        KeyResult, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="kept_up_as"
    )
    position = models.PositiveIntegerField(default=0)
    retired_on = models.DateField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = HealthKPIQuerySet.as_manager()

    class Meta:
        verbose_name = _("health KPI")
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["team", "name"],
                condition=Q(retired_on=None),
                name="health_kpi_name_unique_in_team",
                violation_error_message=_("There is already a KPI of this name here."),
            ),
            models.CheckConstraint(condition=Q(period__in=Period.values), name="health_kpi_period_known"),
            models.CheckConstraint(
                condition=Q(lower__isnull=False) | Q(upper__isnull=False),
                name="health_kpi_has_a_mark",
                violation_error_message=_("Say what it is to be at least, or at most."),
            ),
            models.CheckConstraint(
                condition=Q(lower=None) | Q(upper=None) | Q(lower__lt=F("upper")),
                name="health_kpi_corridor_in_order",
                violation_error_message=_("The upper mark lies above the lower one."),
            ),
        ]
        triggers = [Audit("touched.organization_id")]

    def __str__(self) -> str:
        return self.name

    def is_inside(self, value: Decimal) -> bool:
        """Whether a value passes."""
        return (self.lower is None or value >= self.lower) and (self.upper is None or value <= self.upper)


class HealthKPIReadingQuerySet(models.QuerySet["HealthKPIReading"]):
    def visible_to(self, membership: Membership) -> HealthKPIReadingQuerySet:
        return self.filter(health_kpi__in=HealthKPI.objects.visible_to(membership).values("pk"))

    def editable_by(self, membership: Membership) -> HealthKPIReadingQuerySet:
        """Those of KPIs whose numbers one may write."""
        return self.filter(health_kpi__in=HealthKPI.objects.enterable_by(membership).values("pk"))


class HealthKPIReading(models.Model):
    """What a health KPI was in one week (its Monday) or month (its first day), why, and what is done about it."""

    health_kpi = models.ForeignKey(HealthKPI, on_delete=models.CASCADE, related_name="readings")
    period_start = models.DateField()
    value = AmountColumn(_("Value"))
    cause = models.CharField(_("Cause"), max_length=500, blank=True)
    countermeasure = models.CharField(_("Counter-measure"), max_length=500, blank=True)
    recorded_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=clock.now)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = HealthKPIReadingQuerySet.as_manager()

    class Meta:
        ordering = ("-period_start",)
        constraints = [
            models.UniqueConstraint(fields=["health_kpi", "period_start"], name="health_kpi_reading_once_a_period")
        ]
        triggers = [Audit("SELECT organization_id FROM objectives_healthkpi WHERE id = touched.health_kpi_id")]

    def __str__(self) -> str:
        return f"{self.health_kpi_id} {self.period_start}: {self.value}"
