"""What helps to draft goals, and how both sides come to agree on them."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from funnel.models import AmountColumn
from objectives.models.goals import (
    OF_OBJECTIVE,
    Intent,
    Kind,
    Limit,
    MeasureType,
    Objective,
    ObjectiveState,
    Period,
)
from people import clock
from people.models import Audit, Membership, Organization, Role


class Area(models.TextChoices):
    """What a set of the library is about."""

    MARKETING = "marketing", pgettext_lazy("area of a template", "Marketing")
    SALES = "sales", pgettext_lazy("area of a template", "Sales")
    SERVICE = "service", pgettext_lazy("area of a template", "Customers and service")
    PRODUCT = "product", pgettext_lazy("area of a template", "Product and production")
    PEOPLE = "people", pgettext_lazy("area of a template", "People and organization")
    FINANCE = "finance", pgettext_lazy("area of a template", "Money and administration")
    OTHER = "other", pgettext_lazy("area of a template", "Other")


class TemplateQuerySet(models.QuerySet["Template"]):
    def visible_to(self, membership: Membership) -> TemplateQuerySet:
        """Everything of the organization that was not retired; nothing for a partner."""
        rows = self.filter(organization=membership.organization_id, retired_at=None)
        return rows.none() if membership.is_partner else rows

    def editable_by(self, membership: Membership) -> TemplateQuerySet:
        """An administrator's are all, everybody else's those they wrote."""
        return self.visible_to(membership).within_reach_of(membership)

    def within_reach_of(self, membership: Membership) -> TemplateQuerySet:
        """What the person may change or bring back after it was retired."""
        rows = self.filter(organization=membership.organization_id)
        if membership.is_partner:
            return rows.none()
        return rows if membership.role == Role.ADMIN else rows.filter(written_by=membership.pk)


class Template(models.Model):
    """An objective of the organization's own library, with key results to be filled in by whoever uses it."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="templates")
    title = models.CharField(_("Objective"), max_length=200)
    why = models.TextField(_("Why"), blank=True, max_length=2000)
    kind = models.CharField(_("Intent"), max_length=12, choices=Intent.choices, default=Intent.ASPIRATIONAL)
    area = models.CharField(_("About"), max_length=10, choices=Area.choices, default=Area.OTHER)
    note = models.CharField(_("When it helps"), max_length=300, blank=True)
    written_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")
    made_from = models.ForeignKey(Objective, null=True, blank=True, on_delete=models.SET_NULL, related_name="templates")
    version = models.PositiveIntegerField(default=1, editable=False)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = TemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("template")
        ordering = ("area", "id")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Intent.values), name="template_intent_known"),
            models.CheckConstraint(condition=Q(area__in=Area.values), name="template_area_known"),
        ]
        triggers = [Audit("touched.organization_id")]

    def __str__(self) -> str:
        return self.title


class TemplateKeyResult(models.Model):
    """A key result of a template: how it is measured, and numbers as an example of their size."""

    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="key_results")
    title = models.CharField(_("Key result"), max_length=200)
    kind = models.CharField(_("Kind"), max_length=10, choices=Kind.choices, default=Kind.REACH)
    unit = models.CharField(_("Unit"), max_length=20, blank=True)
    start_value = AmountColumn(_("Baseline"), null=True, blank=True)
    must_hit_value = AmountColumn(_("Must-hit target"), null=True, blank=True)
    target_value = AmountColumn(_("Challenge target"), null=True, blank=True)
    limit = models.CharField(_("Limit"), max_length=3, choices=Limit.choices, blank=True)
    quota = AmountColumn(_("Quota per period"), null=True, blank=True)
    period = models.CharField(_("Period"), max_length=5, choices=Period.choices, blank=True)
    population = AmountColumn(_("All there are"), null=True, blank=True)
    measured_how = models.CharField(_("How it is measured"), max_length=300, blank=True)
    measure_type = models.CharField(
        _("Result or process"), max_length=7, choices=MeasureType.choices, default=MeasureType.RESULT
    )
    steps = ArrayField(models.CharField(max_length=200), verbose_name=_("Steps"), default=list, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("key result of a template")
        ordering = ("position", "id")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="template_key_result_kind_known"),
        ]
        triggers = [Audit("SELECT organization_id FROM objectives_template WHERE id = touched.template_id")]

    def __str__(self) -> str:
        return self.title


class StateChange(models.Model):
    """A step of an objective on its way from draft to agreed to active, with what was said.

    The same state before and after is a side's word on what the other changed meanwhile. `content` is the fingerprint
    of what was proposed or agreed to: where the goal has another one by now, that side has not agreed to it yet.
    `open_points` are the codes of what was still missing when it was begun all the same.
    """

    objective = models.ForeignKey(Objective, on_delete=models.CASCADE, related_name="state_changes")
    old_state = models.CharField(max_length=10, choices=ObjectiveState.choices)
    new_state = models.CharField(_("State"), max_length=10, choices=ObjectiveState.choices)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    comment = models.CharField(_("Comment"), max_length=1000, blank=True)
    content = models.CharField(max_length=64)
    open_points = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("id",)
        triggers = [Audit(OF_OBJECTIVE, unseen=("content",))]

    def __str__(self) -> str:
        return f"{self.objective_id}: {self.old_state} → {self.new_state}"
