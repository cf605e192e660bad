"""KPIs: the nodes of a KGI's tree, and what was read on them."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from funnel.models.columns import OF_KGI, OF_KPI, LeverColumn
from funnel.models.kgis import KGI
from people import clock
from people.models import Audit, Membership, Searched, SearchKind

# What of a KPI can be searched, for the triggers that keep it.
KPIS = """
    SELECT kpi.id AS row, kgi.organization_id AS organization, kgi.id AS branch, NULL::bigint AS cycle,
           kpi.name AS title, concat_ws(' ', kpi.definition, kpi.source, kpi.note) AS rest
    FROM funnel_kpi kpi JOIN funnel_kgi kgi ON kgi.id = kpi.kgi_id
"""


class KPIQuerySet(models.QuerySet["KPI"]):
    def visible_to(self, membership: Membership) -> KPIQuerySet:
        """The KPIs of every KGI the membership may see."""
        return self.standing().filter(kgi__in=KGI.objects.visible_to(membership))

    def editable_by(self, membership: Membership) -> KPIQuerySet:
        return self.standing().filter(kgi__in=KGI.objects.editable_by(membership))

    def restorable_by(self, membership: Membership) -> KPIQuerySet:
        """Those taken out of a tree, for whoever may put them back."""
        return self.exclude(dropped_at=None).filter(kgi__in=KGI.objects.editable_by(membership))

    def shared_with(self, partner: Membership) -> KPIQuerySet:
        """The single KPIs a partner sees in their room, whose KGI as a whole stays closed to them."""
        whole = KGI.objects.visible_to(partner)
        kept = self.standing().filter(kgi__organization=partner.organization_id, kgi__dropped_at=None)
        return kept.filter(shares__membership=partner.pk).exclude(kgi__in=whole)

    def standing(self) -> KPIQuerySet:
        """Without those taken out of their tree."""
        return self.filter(dropped_at=None)

    def goals_of_trees(self) -> KPIQuerySet:
        """The goals of trees that are more than a goal, also where nothing leads to it yet."""
        others = KPI.objects.standing().filter(is_goal=False, kgi=models.OuterRef("kgi"))
        return self.standing().filter(models.Exists(others), is_goal=True)

    def levers(self) -> KPIQuerySet:
        return self.filter(formula="")


class KPIPeriod(models.TextChoices):
    """Over what a lever's number is counted: volumes over a period, everything else over none."""

    NONE = "", pgettext_lazy("period of a lever", "no period (a rate, a price, a stock)")
    WEEK = "week", pgettext_lazy("period of a lever", "a week")
    MONTH = "month", pgettext_lazy("period of a lever", "a month")
    QUARTER = "quarter", pgettext_lazy("period of a lever", "a quarter")
    YEAR = "year", pgettext_lazy("period of a lever", "a year")
    WHOLE = "whole", pgettext_lazy("period of a lever", "the KGI's whole period")


class KPI(models.Model):
    """A node of a KGI's tree: a lever with values, or a formula over other nodes.

    Rates are stored 0–1 and shown in per cent; every other number is in `unit`.
    """

    kgi = models.ForeignKey(KGI, on_delete=models.CASCADE, related_name="kpis")
    key = models.CharField(_("Key"), max_length=60)
    name = models.CharField(_("Name"), max_length=120)
    unit = models.CharField(_("Unit"), max_length=20, blank=True)
    is_rate = models.BooleanField(_("Is a rate"), default=False)
    formula = models.CharField(_("Formula"), max_length=2000, blank=True)
    current = LeverColumn(_("Current"), null=True, blank=True)
    must_hit = LeverColumn(_("Must-hit target"), null=True, blank=True)
    challenge = LeverColumn(_("Challenge target"), null=True, blank=True)
    last_year = LeverColumn(_("Last year"), null=True, blank=True)
    reference = LeverColumn(_("Industry average"), null=True, blank=True)
    reference_source = models.CharField(_("Source of the average"), max_length=200, blank=True)
    period = models.CharField(_("Counted over"), max_length=7, choices=KPIPeriod.choices, blank=True, default="")
    low = LeverColumn(_("Low"), null=True, blank=True)
    likely = LeverColumn(_("Likely"), null=True, blank=True)
    high = LeverColumn(_("High"), null=True, blank=True)
    minimum = LeverColumn(_("Lower limit"), null=True, blank=True)
    maximum = LeverColumn(_("Upper limit"), null=True, blank=True)
    effort = models.DecimalField(_("Effort"), max_digits=6, decimal_places=2, default=1)
    is_locked = models.BooleanField(_("Locked"), default=False)
    owner = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="kpis")
    source = models.CharField(_("Source"), max_length=200, blank=True)
    definition = models.CharField(_("Definition"), max_length=500, blank=True)
    note = models.TextField(_("Who and what lies behind the number"), max_length=2000, blank=True)
    is_goal = models.BooleanField(default=False, editable=False)
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1, editable=False)
    dropped_at = models.DateTimeField(null=True, blank=True, editable=False)
    dropped_from = models.JSONField(default=dict, editable=False)
    """The formulas it was taken out of, under their nodes' keys, as they were before."""

    objects = KPIQuerySet.as_manager()

    class Meta:
        verbose_name = "KPI"
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["kgi", "key"],
                condition=Q(dropped_at=None),
                name="kpi_key_unique_in_tree",
                violation_error_message=_("This key is already used in the tree."),
            ),
            models.UniqueConstraint(fields=["kgi"], condition=Q(is_goal=True), name="kpi_one_goal_in_tree"),
            models.CheckConstraint(
                condition=Q(effort__gt=0),
                name="kpi_effort_positive",
                violation_error_message=_("An effort is greater than 0."),
            ),
            models.CheckConstraint(
                condition=Q(minimum__lte=F("maximum")),
                name="kpi_limits_in_order",
                violation_error_message=_("The lower limit lies above the upper one."),
            ),
            models.CheckConstraint(
                condition=Q(low__lte=F("likely")) & Q(likely__lte=F("high")) & Q(low__lte=F("high")),
                name="kpi_range_in_order",
                violation_error_message=_("A range goes from low over likely to high."),
            ),
        ]
        triggers = [
            Audit(OF_KGI),
            Searched(SearchKind.KPI, KPIS, "name", "definition", "source", "note", "kgi_id"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_lever(self) -> bool:
        return self.formula == ""

    def in_people_units(self, value: Decimal | None) -> Decimal | None:
        """A column's value as people say it: a rate times 100, anything else as it is."""
        return value * 100 if value is not None and self.is_rate else value


class ReadingSpan(models.TextChoices):
    """What a reading covers: the day it was taken, or the whole week or month that ends with it."""

    DAY = "", pgettext_lazy("span of a reading", "day")
    WEEK = "week", _("Week")
    MONTH = "month", _("Month")


class KPIReading(models.Model):
    """What a KPI was on a day, or over the week or month that ends on it.

    Of a volume, what is read on a day is what came in since the reading before; what is written for a whole week or
    month counts instead of the days in it. `source` names the one act it came from: a repeated act adds nothing.
    """

    kpi = models.ForeignKey(KPI, on_delete=models.CASCADE, related_name="readings")
    date = models.DateField()
    span = models.CharField(max_length=5, choices=ReadingSpan.choices, blank=True, default="")
    value = LeverColumn()
    recorded_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("-date", "-id")
        indexes = [models.Index(fields=["kpi", "-date", "-id"])]
        constraints = [models.UniqueConstraint(fields=["kpi", "source"], name="kpi_reading_once_per_source")]
        triggers = [Audit(OF_KPI)]
