"""Outside partners: what they are told of the business, what is shared with them, and what came of their levers."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from funnel.models.columns import OF_KPI, AmountColumn, LeverColumn
from funnel.models.kgis import KGI, PLANNERS
from funnel.models.kpis import KPI
from people import clock
from people.models import Audit, Membership, Organization


class PartnerRoomQuerySet(models.QuerySet["PartnerRoom"]):
    def visible_to(self, membership: Membership) -> PartnerRoomQuerySet:
        """Every room of the organization; a partner sees their own."""
        rows = self.filter(organization=membership.organization_id)
        return rows.filter(membership=membership.pk) if membership.is_partner else rows

    def editable_by(self, membership: Membership) -> PartnerRoomQuerySet:
        return self.visible_to(membership) if membership.role in PLANNERS else self.none()


class PartnerRoom(models.Model):
    """What one partner is told of the business they work for, and by what their work is judged (domain.md 3.18).

    `margin` (0–1) is what of a yen of revenue stays as gross profit, `monthly_fee` what the partner is paid a month, in
    the organization's currency. `handover_on` is the day by which the organization does the work itself.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="partner_rooms")
    membership = models.OneToOneField(Membership, on_delete=models.CASCADE, related_name="room")
    customer = models.CharField(_("Which customer"), max_length=500, blank=True)
    value = models.CharField(_("What value they get"), max_length=500, blank=True)
    delivery = models.CharField(_("How it is delivered"), max_length=500, blank=True)
    price = models.CharField(_("Unit price"), max_length=500, blank=True)
    profit = models.CharField(_("How profit is made"), max_length=500, blank=True)
    agreement = models.CharField(_("By what the work is judged"), max_length=500, blank=True)
    margin = models.DecimalField(
        _("Gross margin"), max_digits=5, decimal_places=4, null=True, blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )  # fmt: skip
    monthly_fee = AmountColumn(_("Fee a month"), null=True, blank=True, validators=[MinValueValidator(0)])
    handover_on = models.DateField(_("In-house from"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = PartnerRoomQuerySet.as_manager()

    class Meta:
        verbose_name = _("partner room")
        constraints = [
            models.CheckConstraint(
                condition=Q(margin=None) | Q(margin__range=(0, 1)), name="partner_margin_is_a_share"
            ),
            models.CheckConstraint(condition=Q(monthly_fee=None) | Q(monthly_fee__gte=0), name="partner_fee_positive"),
        ]
        triggers = [Audit("touched.organization_id")]

    def __str__(self) -> str:
        return str(self.membership)

    @property
    def is_empty(self) -> bool:
        return not any((self.customer, self.value, self.delivery, self.price, self.profit))


class KPIShare(models.Model):
    """One KPI opened to one partner, without the rest of its tree.

    It is read in the partner's room alone: pages and lists of KPIs show whole KGIs, and a partner sees those that are
    shared whole.
    """

    kpi = models.ForeignKey(KPI, on_delete=models.CASCADE, related_name="shares")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="kpi_shares")

    class Meta:
        verbose_name = _("sharing of a KPI")
        constraints = [models.UniqueConstraint(fields=["kpi", "membership"], name="kpi_shared_once")]
        triggers = [Audit(OF_KPI)]


class PartnerLeverQuerySet(models.QuerySet["PartnerLever"]):
    def visible_to(self, membership: Membership) -> PartnerLeverQuerySet:
        """Those of the organization's KGIs that stand; a partner sees their own."""
        rows = self.filter(membership__organization=membership.organization_id)
        rows = rows.filter(kpi__dropped_at=None, kpi__kgi__dropped_at=None)
        return rows.filter(membership=membership.pk) if membership.is_partner else rows

    def editable_by(self, membership: Membership) -> PartnerLeverQuerySet:
        return self.visible_to(membership) if membership.role in PLANNERS else self.none()

    def held(self, today: date) -> PartnerLeverQuerySet:
        """Those that are or will be in the partner's hands after today; one that ends today is as good as back."""
        return self.exclude(ended_on__lte=today)


class PartnerLever(models.Model):
    """A lever that lies in a partner's hands: what it moves counts as theirs, to `portion` of it (above 0, up to 1).

    `start_value` is where it stood when they took it up, counted as its targets are, rates 0–1; that is agreed and does
    not follow the plan. It counts from the month of `began_on` to that of `ended_on`, both days included.
    """

    kpi = models.ForeignKey(KPI, on_delete=models.CASCADE, related_name="partner_levers")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="levers")
    portion = models.DecimalField(
        _("Portion that counts as theirs"), max_digits=5, decimal_places=4, default=Decimal(1),
        validators=[MinValueValidator(Decimal("0.0001")), MaxValueValidator(1)],
    )  # fmt: skip
    start_value = LeverColumn(pgettext_lazy("of a lever", "Where it stood"))
    began_on = models.DateField(_("Theirs from"))
    ended_on = models.DateField(_("Theirs until"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = PartnerLeverQuerySet.as_manager()

    class Meta:
        verbose_name = _("lever of a partner")
        ordering = ("kpi__position", "kpi", "began_on", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["kpi", "membership"], condition=Q(ended_on=None), name="partner_lever_held_once"
            ),
            models.CheckConstraint(condition=Q(portion__gt=0, portion__lte=1), name="partner_lever_portion_is_a_share"),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("began_on")), name="partner_lever_days_in_order"
            ),
        ]
        triggers = [Audit(OF_KPI)]

    def __str__(self) -> str:
        return f"{self.kpi} / {self.membership}"


class ContributionReportQuerySet(models.QuerySet["ContributionReport"]):
    def visible_to(self, membership: Membership) -> ContributionReportQuerySet:
        """Every report of the organization; a partner sees those about their own work."""
        rows = self.filter(organization=membership.organization_id)
        return rows.filter(membership=membership.pk) if membership.is_partner else rows


class ContributionReport(models.Model):
    """What a partner's levers brought to a KGI in a month, as it was handed to them.

    `month` is its first day. `content` holds everything the page and the PDF say, numbers and names of that moment: a
    report never changes. One that is corrected comes again as the next `edition`, with the reason.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="contribution_reports")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="contribution_reports")
    kgi = models.ForeignKey(KGI, on_delete=models.PROTECT, related_name="contribution_reports")
    month = models.DateField(_("Month"))
    edition = models.PositiveSmallIntegerField(default=1)
    content = models.JSONField()
    remark = models.CharField(_("Remark"), max_length=1000, blank=True)
    issued_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(default=clock.now, editable=False)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = ContributionReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("contribution report")
        ordering = ("-month", "-edition", "-id")
        constraints = [
            models.UniqueConstraint(fields=["membership", "kgi", "month", "edition"], name="contribution_edition_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="contribution_month_is_a_first"),
        ]
        triggers = [Audit("touched.organization_id")]

    def __str__(self) -> str:
        return f"{self.kgi} {self.month:%Y-%m} ({self.edition})"
