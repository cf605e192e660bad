"""Pages as somebody likes to see them: filters and sorting, kept under a name."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from people import clock
from people.models.company import Membership, Organization, Role
from people.models.history import Audit


class ViewedPage(models.TextChoices):
    COMPANY = "company", _("Company")
    MAP = "company_map", _("Alignment map")
    DEPARTMENTS = "departments", _("Departments")
    OBJECTIVES = "objectives", _("Objectives")


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, membership: Membership) -> SavedViewQuerySet:
        """One's own, and what colleagues share with everybody; partners see their own alone."""
        rows = self.filter(organization=membership.organization_id)
        own = Q(membership=membership)
        return rows.filter(own) if membership.is_partner else rows.filter(own | Q(is_shared=True))

    def editable_by(self, membership: Membership) -> SavedViewQuerySet:
        """One's own; an administrator may take away what is shared with everybody."""
        rows = self.visible_to(membership)
        own = Q(membership=membership)
        return rows.filter(own | Q(is_shared=True)) if membership.role == Role.ADMIN else rows.filter(own)


class SavedView(models.Model):
    """A page with its filters under a name: `query` is what follows the question mark, without a cycle."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="saved_views")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="saved_views")
    page = models.CharField(_("Page"), max_length=20, choices=ViewedPage.choices)
    name = models.CharField(_("Name"), max_length=60)
    query = models.CharField(_("Filters and order"), max_length=1000, blank=True)
    is_shared = models.BooleanField(_("For everybody in the organization"), default=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ("name", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "page", "name"],
                name="saved_view_name_once",
                violation_error_message=_("You have a view of this name already."),
            ),
            models.CheckConstraint(condition=Q(page__in=ViewedPage.values), name="saved_view_page_known"),
        ]
        triggers = [Audit("touched.organization_id")]

    def __str__(self) -> str:
        return self.name
