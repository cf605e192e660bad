"""The time a plan is made for."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from objectives.formulas.scoring import Span
from objectives.models.shares import cycles_of_shared_branch
from people import clock
from people.models import Audit, Membership, Organization, Team

if TYPE_CHECKING:
    from collections.abc import Iterable

EARLIEST, LATEST = date(1990, 1, 1), date(2199, 12, 31)


class CycleState(models.TextChoices):
    DRAFT = "draft", _("In preparation")
    ACTIVE = "active", _("Running")
    CLOSED = "closed", _("Closed")


class CycleQuerySet(models.QuerySet["Cycle"]):
    def visible_to(self, membership: Membership) -> CycleQuerySet:
        """All cycles of the organization; for a partner those in which something is shared with them."""
        rows = self.filter(organization=membership.organization_id)
        return rows.filter(pk__in=cycles_of_shared_branch(membership)) if membership.is_partner else rows

    def editable_by(self, membership: Membership) -> CycleQuerySet:
        rows = self.visible_to(membership)
        return rows if membership.is_admin else rows.none()

    def current_on(self, day: date) -> Cycle | None:
        """The cycle people work in on that day.

        The shortest running cycle that holds the day (a quarter before its year), else the next one to begin,
        else the last one that ended.
        """
        return current_of(self, day)


def current_of(cycles: Iterable[Cycle], day: date) -> Cycle | None:
    """Of these cycles the one people work in on a day, as `current_on` says."""
    rows = list(cycles)
    open_ones = [cycle for cycle in rows if cycle.state != CycleState.CLOSED]
    return min(open_ones or rows, key=lambda cycle: cycle.distance_from(day), default=None)


class Cycle(models.Model):
    """A quarter or a year; first and last day both belong to it. Cycles may overlap.

    `is_first` marks one in which a company takes its first steps: fewer objectives and modest targets are advised.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="cycles")
    name = models.CharField(_("Name"), max_length=60)
    start = models.DateField(_("First day"))
    end = models.DateField(_("Last day"))
    state = models.CharField(_("State"), max_length=10, choices=CycleState.choices, default=CycleState.DRAFT)
    is_first = models.BooleanField(_("First steps with OKRs"), default=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = CycleQuerySet.as_manager()

    class Meta:
        ordering = ("-start", "end", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"],
                name="cycle_name_unique",
                violation_error_message=_("There is already a cycle of this name."),
            ),
            models.CheckConstraint(
                condition=Q(end__gte=F("start")),
                name="cycle_days_in_order",
                violation_error_message=_("The last day lies before the first."),
            ),
            models.CheckConstraint(condition=Q(state__in=CycleState.values), name="cycle_state_known"),
        ]
        triggers = [Audit("touched.organization_id")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        errors = {
            name: _("Choose a day between 1990 and 2199.")
            for name, day in (("start", self.start), ("end", self.end))
            if day and not EARLIEST <= day <= LATEST
        }
        if self.start and self.end and not errors:
            if self.end < self.start:
                errors["end"] = _("The last day lies before the first.")
            elif (self.end - self.start).days > 3 * 366:
                errors["end"] = _("A cycle lasts three years at most.")
        if errors:
            raise ValidationError(errors)

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)

    @property
    def is_closed(self) -> bool:
        return self.state == CycleState.CLOSED

    def distance_from(self, day: date) -> tuple[int, int]:
        """How far the cycle lies from a day, then how long it is: smaller is closer to what people work in."""
        length = (self.end - self.start).days
        if self.start > day:
            return (1 + (self.start - day).days, length)
        if self.end < day:
            return (10_000 + (day - self.end).days, length)
        return (0, length)


class NotDoing(models.Model):
    """What a team decides not to do in a cycle, written beside its objectives so that focus holds."""

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="not_doing")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="not_doing")
    text = models.CharField(_("What we will not do"), max_length=200)
    written_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["cycle", "team", "text"], name="not_doing_said_once")]
        triggers = [Audit("SELECT organization_id FROM objectives_cycle WHERE id = touched.cycle_id")]
