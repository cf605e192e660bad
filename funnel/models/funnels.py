"""How a KGI is calculated backwards, and who shares a stage of it."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from funnel.models.columns import OF_KGI, LeverColumn
from funnel.models.kgis import KGI
from people.models import Audit, Team


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


class Stage(models.TextChoices):
    """The stages that several channels may share, each named after what it counts."""

    VISITS = "visits", _("Visits")
    CVS = "cvs", _("CVs")
    DEALS = "deals", _("Deals")


class FunnelChannel(models.Model):
    """A medium or department that brings a part of a stage's volume, and passes it on at a rate of its own (0–1)."""

    funnel = models.ForeignKey(Funnel, on_delete=models.CASCADE, related_name="channels")
    stage = models.CharField(_("Stage"), max_length=6, choices=Stage.choices, default=Stage.VISITS)
    name = models.CharField(_("Medium or department"), max_length=120)
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("Team")
    )
    current_volume = LeverColumn(null=True, blank=True)
    must_hit_volume = LeverColumn(null=True, blank=True)
    challenge_volume = LeverColumn(null=True, blank=True)
    current_rate = LeverColumn(null=True, blank=True)
    must_hit_rate = LeverColumn(null=True, blank=True)
    challenge_rate = LeverColumn(null=True, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["funnel", "stage", "name"],
                name="funnel_channel_named_once",
                violation_error_message=_("This stage already has a channel of this name."),
            ),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="funnel_channel_stage_known"),
        ]
        triggers = [
            Audit(
                "SELECT kgi.organization_id FROM funnel_kgi kgi JOIN funnel_funnel funnel ON funnel.kgi_id = kgi.id "
                "WHERE funnel.id = touched.funnel_id"
            )
        ]
