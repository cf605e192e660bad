"""Outside partners: what they are told of the business, and the single levers shared with them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from funnel.models.columns import OF_KPI
from funnel.models.kgis import PLANNERS
from funnel.models.kpis import KPI
from people.models import Audit, Membership, Organization


class PartnerRoomQuerySet(models.QuerySet["PartnerRoom"]):
    def visible_to(self, membership: Membership) -> PartnerRoomQuerySet:
        """Every room of the organization; a partner sees their own."""
        rows = self.filter(organization=membership.organization_id)
        return rows.filter(membership=membership.pk) if membership.is_partner else rows

    def editable_by(self, membership: Membership) -> PartnerRoomQuerySet:
        return self.visible_to(membership) if membership.role in PLANNERS else self.none()


class PartnerRoom(models.Model):
    """What one partner is told of the business they work for, and by what their work is judged (domain.md 3.18)."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="partner_rooms")
    membership = models.OneToOneField(Membership, on_delete=models.CASCADE, related_name="room")
    customer = models.CharField(_("Which customer"), max_length=500, blank=True)
    value = models.CharField(_("What value they get"), max_length=500, blank=True)
    delivery = models.CharField(_("How it is delivered"), max_length=500, blank=True)
    price = models.CharField(_("Unit price"), max_length=500, blank=True)
    profit = models.CharField(_("How profit is made"), max_length=500, blank=True)
    agreement = models.CharField(_("By what the work is judged"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = PartnerRoomQuerySet.as_manager()

    class Meta:
        verbose_name = _("partner room")
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
