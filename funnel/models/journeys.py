"""Customer journeys: what a customer thinks and wants in each phase, where one meets them, and with what content."""

from __future__ import annotations

import uuid

from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from funnel.models.kgis import KGI, PLANNERS
from funnel.models.kpis import KPI
from people import clock
from people.models import Audit, Membership, Organization

OF_JOURNEY = "SELECT organization_id FROM funnel_journey WHERE id = touched.journey_id"
OF_PHASE = (
    "SELECT journey.organization_id FROM funnel_journey journey "
    "JOIN funnel_journeyphase phase ON phase.journey_id = journey.id WHERE phase.id = touched.phase_id"
)


class JourneyQuerySet(models.QuerySet["Journey"]):
    def visible_to(self, membership: Membership) -> JourneyQuerySet:
        """Every journey of the organization that was not retired; partners see none."""
        rows = self.filter(organization=membership.organization_id, retired_at=None)
        return rows.none() if membership.is_partner else rows

    def editable_by(self, membership: Membership) -> JourneyQuerySet:
        """Whoever plans the KGIs also writes the journeys that lead to them."""
        return self.visible_to(membership) if membership.role in PLANNERS else self.none()

    def within_reach_of(self, membership: Membership) -> JourneyQuerySet:
        """What the person may change, or bring back after it was retired."""
        rows = self.filter(organization=membership.organization_id)
        return rows if membership.role in PLANNERS else rows.none()


class Journey(models.Model):
    """The way of one kind of customer to an order, as a table of phases; `kgi` is whose levers it is to move."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="journeys")
    kgi = models.ForeignKey(
        KGI, verbose_name="KGI", null=True, blank=True, on_delete=models.SET_NULL, related_name="journeys"
    )
    name = models.CharField(_("Name"), max_length=120)
    customer = models.CharField(_("Which customer"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = JourneyQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer journey")
        ordering = ("name", "id")
        triggers = [Audit("touched.organization_id")]

    def __str__(self) -> str:
        return self.name


class JourneyPhaseQuerySet(models.QuerySet["JourneyPhase"]):
    def visible_to(self, membership: Membership) -> JourneyPhaseQuerySet:
        return self.filter(journey__in=Journey.objects.visible_to(membership), removed_at=None)

    def editable_by(self, membership: Membership) -> JourneyPhaseQuerySet:
        return self.filter(journey__in=Journey.objects.editable_by(membership), removed_at=None)

    def within_reach_of(self, membership: Membership) -> JourneyPhaseQuerySet:
        """What the person may change, or bring back after it was removed."""
        return self.filter(journey__in=Journey.objects.editable_by(membership))


class JourneyPhase(models.Model):
    """One phase of a journey: what the customer thinks and looks for, and what must be true for them to move on.

    What was removed keeps its place, and comes back with the touch points that went at the same moment.
    """

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="phases")
    name = models.CharField(_("Phase"), max_length=60)
    thinks = models.CharField(_("What the customer thinks"), max_length=500, blank=True)
    wants = models.CharField(_("Information wanted"), max_length=500, blank=True)
    condition = models.CharField(_("Condition to move on"), max_length=500, blank=True)
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1, editable=False)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = JourneyPhaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("phase of a journey")
        ordering = ("position", "id")
        triggers = [Audit(OF_JOURNEY)]

    def __str__(self) -> str:
        return self.name


class Medium(models.TextChoices):
    """Where one meets the customer."""

    ONLINE = "online", pgettext_lazy("medium", "Online")
    OFFLINE = "offline", pgettext_lazy("medium", "Offline")


class TouchPointQuerySet(models.QuerySet["TouchPoint"]):
    def visible_to(self, membership: Membership) -> TouchPointQuerySet:
        return self.filter(phase__in=JourneyPhase.objects.visible_to(membership), removed_at=None)

    def editable_by(self, membership: Membership) -> TouchPointQuerySet:
        return self.filter(phase__in=JourneyPhase.objects.editable_by(membership), removed_at=None)

    def within_reach_of(self, membership: Membership) -> TouchPointQuerySet:
        """What the person may change, or bring back after it was removed."""
        return self.filter(phase__in=JourneyPhase.objects.within_reach_of(membership))


class TouchPoint(models.Model):
    """Where a customer is met in a phase, by which medium, and the lever that is to move by it.

    `number` is what it is called by in its journey: given once, kept when others go.
    """

    phase = models.ForeignKey(JourneyPhase, on_delete=models.CASCADE, related_name="touch_points")
    number = models.PositiveIntegerField(editable=False)
    name = models.CharField(_("Touch point"), max_length=120)
    medium = models.CharField(_("On- or offline"), max_length=7, choices=Medium.choices, default=Medium.ONLINE)
    kpi = models.ForeignKey(
        KPI, verbose_name=_("Lever"), null=True, blank=True, on_delete=models.SET_NULL, related_name="touch_points"
    )
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1, editable=False)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = TouchPointQuerySet.as_manager()

    class Meta:
        verbose_name = _("touch point")
        ordering = ("position", "id")
        constraints = [models.CheckConstraint(condition=Q(medium__in=Medium.values), name="touch_point_medium_known")]
        triggers = [Audit(OF_PHASE)]

    def __str__(self) -> str:
        return self.name


class ContentFormat(models.TextChoices):
    ARTICLE = "article", pgettext_lazy("content", "Article")
    VIDEO = "video", pgettext_lazy("content", "Video")
    SOCIAL = "social", pgettext_lazy("content", "Social post")
    MAIL = "mail", pgettext_lazy("content", "E-mail")
    PAPER = "paper", pgettext_lazy("content", "Document to download")
    CASE = "case", pgettext_lazy("content", "Case study")
    EVENT = "event", pgettext_lazy("content", "Seminar or event")
    AD = "ad", pgettext_lazy("content", "Advertisement")
    PAGE = "page", pgettext_lazy("content", "Web page")
    PRINT = "print", pgettext_lazy("content", "Print")
    OTHER = "other", pgettext_lazy("content", "Other")


class ContentState(models.TextChoices):
    IDEA = "idea", pgettext_lazy("state of content", "Idea")
    MAKING = "making", pgettext_lazy("state of content", "In the making")
    DONE = "done", pgettext_lazy("state of content", "Published")


class ContentQuerySet(models.QuerySet["Content"]):
    def visible_to(self, membership: Membership) -> ContentQuerySet:
        """The content of every journey one may see, without what was dropped."""
        return self.filter(touch_point__in=TouchPoint.objects.visible_to(membership), dropped_at=None)

    def editable_by(self, membership: Membership) -> ContentQuerySet:
        """Planners all of it; everybody else what they own."""
        rows = self.visible_to(membership)
        return rows if membership.role in PLANNERS else rows.filter(owner=membership.pk)

    def within_reach_of(self, membership: Membership) -> ContentQuerySet:
        """What the person may change, or bring back after it was dropped."""
        rows = self.filter(touch_point__in=TouchPoint.objects.visible_to(membership))
        return rows if membership.role in PLANNERS else rows.filter(owner=membership.pk)


class Content(models.Model):
    """One piece of content for a touch point: an article, a seminar, a mail; on the calendar by `publish_on`.

    `number` is what it is called by below its touch point (3-1, 3-2).
    """

    touch_point = models.ForeignKey(TouchPoint, on_delete=models.CASCADE, related_name="contents")
    number = models.PositiveIntegerField(editable=False)
    title = models.CharField(_("Content"), max_length=200)
    format = models.CharField(
        pgettext_lazy("content", "Format"), max_length=7, choices=ContentFormat.choices, default=ContentFormat.ARTICLE
    )
    owner = models.ForeignKey(
        Membership, verbose_name=_("Owner"), null=True, blank=True, on_delete=models.PROTECT, related_name="contents"
    )
    publish_on = models.DateField(_("To be published on"), null=True, blank=True)
    state = models.CharField(_("State"), max_length=6, choices=ContentState.choices, default=ContentState.IDEA)
    published_on = models.DateField(_("Published on"), null=True, blank=True, editable=False)
    address = models.URLField(
        _("Address"), max_length=500, blank=True, validators=[URLValidator(schemes=["http", "https"])]
    )
    created_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    dropped_at = models.DateTimeField(null=True, blank=True, editable=False)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ContentQuerySet.as_manager()

    class Meta:
        verbose_name = _("content")
        ordering = ("publish_on", "id")
        indexes = [
            models.Index(fields=["touch_point", "publish_on"], name="content_of_touch_point"),
            models.Index(fields=["owner", "publish_on"], name="content_of_owner"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(format__in=ContentFormat.values), name="content_format_known"),
            models.CheckConstraint(condition=Q(state__in=ContentState.values), name="content_state_known"),
            models.CheckConstraint(
                condition=Q(state="done", published_on__isnull=False) | ~Q(state="done") & Q(published_on=None),
                name="content_published_on_a_day",
            ),
            models.UniqueConstraint(fields=["touch_point", "number"], name="content_numbered_once"),
        ]
        triggers = [
            Audit(
                "SELECT journey.organization_id FROM funnel_journey journey "
                "JOIN funnel_journeyphase phase ON phase.journey_id = journey.id "
                "JOIN funnel_touchpoint point ON point.phase_id = phase.id WHERE point.id = touched.touch_point_id"
            )
        ]

    def __str__(self) -> str:
        return self.title
