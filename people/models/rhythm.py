"""When teams report and meet, and on which days nobody works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from people.models.company import Membership, Organization, Team, Weekday
from people.models.history import Audit

if TYPE_CHECKING:
    from datetime import date


class EveryWeeks(models.IntegerChoices):
    """How often key results are reported on."""

    WEEKLY = 1, _("Every week")
    BIWEEKLY = 2, _("Every two weeks")


class KPIRound(models.TextChoices):
    """How often health KPIs are looked at."""

    WEEK = "week", _("Every week")
    MONTH = "month", _("Every month")


class Review(models.TextChoices):
    """How often a team looks at its OKRs as a whole."""

    BIWEEKLY = "biweekly", _("Every two weeks")
    MONTHLY = "monthly", _("Every month")


class Cadence(models.Model):
    """What a team decides about its rhythm; what it leaves open is as in the team above it.

    Where the company's own row leaves the weekday open, it is `Organization.check_in_weekday`; everything else then is
    weekly check-ins, a weekly look at KPIs and a monthly review.
    """

    team = models.OneToOneField(Team, primary_key=True, on_delete=models.CASCADE, related_name="cadence")
    check_in_weeks = models.PositiveSmallIntegerField(_("Check-ins"), choices=EveryWeeks.choices, null=True, blank=True)
    check_in_weekday = models.PositiveSmallIntegerField(
        _("Check-ins are due on"), choices=Weekday.choices, null=True, blank=True
    )
    kpi_round = models.CharField(_("KPI round"), max_length=5, choices=KPIRound.choices, blank=True)
    review = models.CharField(_("OKR review"), max_length=8, choices=Review.choices, blank=True)
    meeting_weekday = models.PositiveSmallIntegerField(
        _("Weekly meeting"), choices=Weekday.choices, null=True, blank=True
    )
    meeting_time = models.TimeField(_("Meeting begins at"), null=True, blank=True)
    meeting_minutes = models.PositiveSmallIntegerField(_("Meeting lasts (minutes)"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(check_in_weeks=None) | Q(check_in_weeks__in=EveryWeeks.values), name="cadence_weeks"
            ),
            models.CheckConstraint(
                condition=Q(check_in_weekday=None) | Q(check_in_weekday__range=(0, 6)), name="cadence_weekday"
            ),
            models.CheckConstraint(
                condition=Q(meeting_weekday=None) | Q(meeting_weekday__range=(0, 6)), name="cadence_meeting_weekday"
            ),
            models.CheckConstraint(
                condition=Q(meeting_minutes=None) | Q(meeting_minutes__range=(5, 480)),
                name="cadence_meeting_length",
                violation_error_message=_("A meeting lasts between 5 minutes and 8 hours."),
            ),
        ]
        triggers = [Audit("SELECT organization_id FROM people_team WHERE id = touched.team_id")]

    def __str__(self) -> str:
        return f"cadence of team {self.team_id}"


class DayOffQuerySet(models.QuerySet["DayOff"]):
    def visible_to(self, membership: Membership) -> DayOffQuerySet:
        """Those of the organization; partners meet the days only as due days that have moved."""
        rows = self.filter(organization=membership.organization_id)
        return rows.none() if membership.is_partner else rows

    def editable_by(self, membership: Membership) -> DayOffQuerySet:
        rows = self.visible_to(membership)
        return rows if membership.is_admin else rows.none()


class DayOff(models.Model):
    """Days on which the whole company does not work, besides weekends and public holidays: the summer break, say."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="days_off")
    name = models.CharField(_("What for"), max_length=60)
    first = models.DateField(_("First day"))
    last = models.DateField(_("Last day"))

    objects = DayOffQuerySet.as_manager()

    class Meta:
        ordering = ("first", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(last__gte=F("first")),
                name="day_off_in_order",
                violation_error_message=_("The last day lies before the first."),
            ),
            models.UniqueConstraint(
                fields=["organization", "name", "first"],
                name="day_off_once",
                violation_error_message=_("These days off are there already."),
            ),
        ]
        triggers = [Audit("touched.organization_id")]

    def __str__(self) -> str:
        return self.name

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last
