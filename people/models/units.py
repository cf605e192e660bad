"""What the organization counts in."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from people.models.company import Membership, Organization
from people.models.history import Audit


class Better(models.TextChoices):
    HIGHER = "higher", _("Higher is better")
    LOWER = "lower", _("Lower is better")
    EITHER = "either", _("It depends")


class UnitQuerySet(models.QuerySet["Unit"]):
    def visible_to(self, membership: Membership) -> UnitQuerySet:
        return self.filter(organization=membership.organization_id)

    def editable_by(self, membership: Membership) -> UnitQuerySet:
        rows = self.visible_to(membership)
        return rows if membership.is_admin else rows.none()

    def offered(self) -> UnitQuerySet:
        return self.filter(retired_on=None)


class Unit(models.Model):
    """A unit of the organization's catalogue: which way is better, and the ends of its scale where it has some.

    Goals keep their unit as a word, so retiring one changes no goal. No limit follows from a scale: what lies outside
    it is questioned, not refused.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="units")
    name = models.CharField(_("Unit"), max_length=20)
    better = models.CharField(_("Direction"), max_length=6, choices=Better.choices, default=Better.HIGHER)
    minimum = models.DecimalField(_("Scale from"), max_digits=24, decimal_places=6, null=True, blank=True)
    maximum = models.DecimalField(_("Scale to"), max_digits=24, decimal_places=6, null=True, blank=True)
    position = models.PositiveIntegerField(default=0)
    retired_on = models.DateField(null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"],
                name="unit_once",
                violation_error_message=_("This unit is in the catalogue already."),
            ),
            models.CheckConstraint(condition=Q(better__in=Better.values), name="unit_direction_known"),
            models.CheckConstraint(
                condition=Q(minimum=None) | Q(maximum=None) | Q(minimum__lt=F("maximum")),
                name="unit_scale_in_order",
                violation_error_message=_("The scale ends before it begins."),
            ),
        ]
        triggers = [Audit("touched.organization_id")]

    def __str__(self) -> str:
        return self.name
