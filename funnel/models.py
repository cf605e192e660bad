"""The plan behind the goals: KGIs, their funnels and KPI trees, and what was read on them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from people import clock
from people.models import Audit, Membership, Organization, Role, Searched, SearchKind


class AmountColumn(models.DecimalField):
    """A number in its own unit, up to 10^15 with six decimals (rates, stored 0–1, get twelve)."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_digits", 24)
        kwargs.setdefault("decimal_places", 6)
        super().__init__(*args, **kwargs)


OF_KGI = "SELECT organization_id FROM funnel_kgi WHERE id = touched.kgi_id"

# What of a KGI and a KPI can be searched, for the triggers that keep it.
KGIS = """
    SELECT id AS row, organization_id AS organization, id AS branch, NULL::bigint AS cycle, name AS title,
           concat_ws(' ', why, picture, factors_likely, factors_hard) AS rest
    FROM funnel_kgi
"""
KPIS = """
    SELECT kpi.id AS row, kgi.organization_id AS organization, kgi.id AS branch, NULL::bigint AS cycle,
           kpi.name AS title, concat_ws(' ', kpi.definition, kpi.source) AS rest
    FROM funnel_kpi kpi JOIN funnel_kgi kgi ON kgi.id = kpi.kgi_id
"""
PLANNERS = {Role.ADMIN, Role.EXECUTIVE, Role.MANAGER}
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)


class KGIQuerySet(models.QuerySet["KGI"]):
    def visible_to(self, membership: Membership) -> KGIQuerySet:
        """All KGIs of the organization; for a partner those shared with them."""
        rows = self.filter(organization=membership.organization_id, dropped_at=None)
        return rows.filter(shares__membership=membership) if membership.is_partner else rows

    def editable_by(self, membership: Membership) -> KGIQuerySet:
        """Administrators, executives and managers write KGIs and their trees."""
        rows = self.visible_to(membership)
        return rows if membership.role in PLANNERS else rows.none()

    def finished(self) -> KGIQuerySet:
        """Without the drafts: those with a target and a day."""
        return self.exclude(period_end=None).exclude(must_hit_value=None, challenge_value=None)

    def restorable_by(self, membership: Membership) -> KGIQuerySet:
        """Those taken out of the plan, for whoever may bring them back."""
        rows = self.filter(organization=membership.organization_id).exclude(dropped_at=None)
        return rows if membership.role in PLANNERS else rows.none()


class KGI(models.Model):
    """The final business number of a period, with the two targets on it and the reason for them."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="kgis")
    name = models.CharField(_("Name"), max_length=120)
    unit = models.CharField(_("Unit"), max_length=20, default="円")
    owner = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="kgis")
    period_start = models.DateField(_("From"), null=True, blank=True)
    period_end = models.DateField(_("Until"), null=True, blank=True)
    current_value = AmountColumn(_("Current"), null=True, blank=True)
    last_year_value = AmountColumn(_("Last year"), null=True, blank=True)
    must_hit_value = AmountColumn(_("Must-hit target"), null=True, blank=True)
    challenge_value = AmountColumn(_("Challenge target"), null=True, blank=True)
    why = models.TextField(_("Why it matters"), blank=True, max_length=2000)
    picture = models.TextField(_("Picture of the future"), blank=True, max_length=2000)
    factors_likely = models.TextField(_("Likely to change in three years"), blank=True, max_length=2000)
    factors_hard = models.TextField(_("Hard to change in three years"), blank=True, max_length=2000)
    version = models.PositiveIntegerField(default=1, editable=False)
    submission_key = models.UUIDField(null=True, unique=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    dropped_at = models.DateTimeField(null=True, blank=True, editable=False)
    dropped_reason = models.CharField(max_length=500, blank=True, editable=False)

    objects = KGIQuerySet.as_manager()

    class Meta:
        verbose_name = "KGI"
        ordering = ("period_start", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(period_end__gte=F("period_start")),
                name="kgi_period_in_order",
                violation_error_message=_("The period ends before it begins."),
            ),
        ]
        triggers = [
            Audit("touched.organization_id"),
            Searched(
                SearchKind.KGI, KGIS, "name", "why", "picture", "factors_likely", "factors_hard", "organization_id"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        errors = {
            name: _("Type a day between 1900 and 2199.")
            for name, day in (("period_start", self.period_start), ("period_end", self.period_end))
            if day and not EARLIEST <= day <= LATEST
        }
        if self.period_start and self.period_end and self.period_end < self.period_start:
            errors.setdefault("period_end", _("The period ends before it begins."))
        if errors:
            raise ValidationError(errors)

    @property
    def is_draft(self) -> bool:
        """A wish as yet: without a target, or without the day by which it counts."""
        return (self.must_hit_value is None and self.challenge_value is None) or self.period_end is None


class KGIShare(models.Model):
    """A KGI, with its funnel and KPIs, opened to one partner."""

    kgi = models.ForeignKey(KGI, on_delete=models.CASCADE, related_name="shares")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="kgi_shares")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kgi", "membership"], name="kgi_shared_once")]
        triggers = [Audit(OF_KGI)]


class FunnelNumber(models.TextChoices):
    """The six numbers of the funnel that are typed or solved; orders, deals and CVs lie between them."""

    REVENUE = "revenue", _("Revenue")
    UNIT_PRICE = "unit_price", _("Unit price")
    WIN_RATE = "win_rate", _("Win rate")
    DEAL_RATE = "deal_rate", _("Deal rate")
    CV_RATE = "cv_rate", _("CV rate")
    VISITS = "visits", _("Visits")


class Funnel(models.Model):
    """How a KGI is calculated backwards. Its numbers are the KGI's KPIs with the keys of the chain."""

    kgi = models.OneToOneField(KGI, on_delete=models.CASCADE, related_name="funnel")
    unknown = models.CharField(
        _("Number to find"), max_length=10, choices=FunnelNumber.choices, default=FunnelNumber.VISITS
    )
    target_companies = models.PositiveIntegerField(_("Companies in the market"), null=True, blank=True)
    target_contacts = models.PositiveIntegerField(_("Contacts in the market"), null=True, blank=True)
    visit_to_cv_days = models.PositiveSmallIntegerField(
        _("Days from visit to CV"), default=0, validators=[MaxValueValidator(730)]
    )
    cv_to_deal_days = models.PositiveSmallIntegerField(
        _("Days from CV to deal"), default=0, validators=[MaxValueValidator(730)]
    )
    deal_to_order_days = models.PositiveSmallIntegerField(
        _("Days from deal to order"), default=0, validators=[MaxValueValidator(730)]
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(unknown__in=FunnelNumber.values), name="funnel_unknown_known"),
        ]
        triggers = [Audit(OF_KGI)]


class KPIQuerySet(models.QuerySet["KPI"]):
    def visible_to(self, membership: Membership) -> KPIQuerySet:
        """The KPIs of every KGI the membership may see."""
        return self.filter(kgi__in=KGI.objects.visible_to(membership))

    def editable_by(self, membership: Membership) -> KPIQuerySet:
        return self.filter(kgi__in=KGI.objects.editable_by(membership))

    def levers(self) -> KPIQuerySet:
        return self.filter(formula="")


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
    current = AmountColumn(_("Current"), max_digits=30, decimal_places=12, null=True, blank=True)
    must_hit = AmountColumn(_("Must-hit target"), max_digits=30, decimal_places=12, null=True, blank=True)
    challenge = AmountColumn(_("Challenge target"), max_digits=30, decimal_places=12, null=True, blank=True)
    owner = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="kpis")
    source = models.CharField(_("Source"), max_length=200, blank=True)
    definition = models.CharField(_("Definition"), max_length=500, blank=True)
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = KPIQuerySet.as_manager()

    class Meta:
        verbose_name = "KPI"
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["kgi", "key"],
                name="kpi_key_unique_in_tree",
                violation_error_message=_("This key is already used in the tree."),
            ),
        ]
        triggers = [Audit(OF_KGI), Searched(SearchKind.KPI, KPIS, "name", "definition", "source", "kgi_id")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_lever(self) -> bool:
        return self.formula == ""

    def in_people_units(self, value: Decimal | None) -> Decimal | None:
        """A column's value as people say it: a rate times 100, anything else as it is."""
        return value * 100 if value is not None and self.is_rate else value


class KPIReading(models.Model):
    """What a KPI was on a day. `source` names the one act it came from, so that a repeated act adds nothing."""

    kpi = models.ForeignKey(KPI, on_delete=models.CASCADE, related_name="readings")
    date = models.DateField()
    value = AmountColumn(max_digits=30, decimal_places=12)
    recorded_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("-date", "-id")
        indexes = [models.Index(fields=["kpi", "-date", "-id"])]
        constraints = [models.UniqueConstraint(fields=["kpi", "source"], name="kpi_reading_once_per_source")]
        triggers = [
            Audit(
                "SELECT kgi.organization_id FROM funnel_kgi kgi JOIN funnel_kpi kpi ON kpi.kgi_id = kgi.id "
                "WHERE kpi.id = touched.kpi_id"
            )
        ]
