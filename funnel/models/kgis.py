"""KGIs: the final numbers of a period, to whom they are open, and every change of what they aim at."""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from funnel.models.columns import OF_KGI, AmountColumn, LeverColumn, TargetColumn
from people import clock
from people.models import Audit, Membership, Organization, Role, Searched, SearchKind

# What of a KGI can be searched, for the triggers that keep it.
KGIS = """
    SELECT id AS row, organization_id AS organization, id AS branch, NULL::bigint AS cycle, name AS title,
           concat_ws(' ', why, picture, factors_likely, factors_hard) AS rest
    FROM funnel_kgi
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
    reference_value = AmountColumn(_("Industry average"), null=True, blank=True)
    reference_source = models.CharField(_("Source of the average"), max_length=200, blank=True)
    monthly_weights = ArrayField(
        models.DecimalField(max_digits=8, decimal_places=3, validators=[MinValueValidator(0)]),
        size=12,
        null=True,
        blank=True,
        verbose_name=_("Weight of each month, January to December"),
    )
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

    @cached_property
    def has_own_tree(self) -> bool:
        """Whether its numbers belong to a KPI tree that is not its funnel's."""
        return not hasattr(self, "funnel") and self.kpis.goals_of_trees().exists()

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


class PlanChange(models.Model):
    """A number of the plan that stood and was changed: of the KGI itself, or of one of its levers.

    What was aimed at before stays on the charts by these. Rates are stored 0–1.
    """

    kgi = models.ForeignKey(KGI, on_delete=models.CASCADE, related_name="plan_changes")
    kpi = models.ForeignKey("funnel.KPI", null=True, on_delete=models.CASCADE, related_name="plan_changes")
    column = models.CharField(max_length=9, choices=TargetColumn.choices)
    before = LeverColumn()
    after = LeverColumn(null=True)
    reason = models.CharField(_("Why does it change?"), max_length=500, blank=True)
    changed_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("changed_at", "id")
        indexes = [models.Index(fields=["kgi", "kpi", "column", "changed_at"])]
        triggers = [Audit(OF_KGI)]
