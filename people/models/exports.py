"""Files somebody asked for that take longer than a page may: made by the worker, fetched by whoever asked."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from people import clock
from people.models.company import Membership, Organization

KEPT_FOR = timedelta(days=7)
MOST_KEPT = 30
"""So many files of one person are kept at most: they lie in the database, and in its backups."""
MOST_TRIES = 3
"""How often a file is begun whose making ends its worker."""


class ExportKind(models.TextChoices):
    """What a file holds and how; `dashboards.exports` knows how each is made."""

    REPORT_PDF = "report_pdf", _("Cycle report (PDF)")
    REPORT_WORKBOOK = "report_xlsx", _("Cycle report (Excel)")
    CONTRIBUTION = "contribution", _("Contribution report (PDF)")


class ExportState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("state of an export", "Waiting")
    MAKING = "making", pgettext_lazy("state of an export", "Being made")
    DONE = "done", pgettext_lazy("state of an export", "Ready")
    FAILED = "failed", pgettext_lazy("state of an export", "Failed")


class ExportFailure(models.TextChoices):
    """Why there is no file, as a sentence."""

    NONE = "", ""
    GONE = "gone", _("What it is about can no longer be seen by you.")
    NO_PRINTER = "no_printer", _("This server cannot make PDFs: Pango is not installed. Print the page instead.")
    NO_FONT = "no_font", _("This server has no Japanese font to make PDFs with. Print the page instead.")
    BROKEN = "broken", _("The file could not be made. Ask for it again; if that fails too, tell your administrator.")


class ExportQuerySet(models.QuerySet["Export"]):
    def visible_to(self, membership: Membership) -> ExportQuerySet:
        """One's own: a file holds what its asker may see, and nobody else's eyes are asked. Partners have files of the
        reports about their own work alone.
        """
        rows = self.filter(membership=membership.pk)
        return rows.filter(what=ExportKind.CONTRIBUTION) if membership.is_partner else rows

    def unfinished(self) -> ExportQuerySet:
        return self.filter(state__in=[ExportState.WAITING, ExportState.MAKING])

    def outnumbered(self, membership: Membership) -> ExportQuerySet:
        """A person's older files that are ready or failed, beyond the latest `MOST_KEPT`."""
        own = self.filter(membership=membership.pk)
        latest = own.order_by("-created_at", "-id").values("pk")[:MOST_KEPT]
        return own.filter(state__in=[ExportState.DONE, ExportState.FAILED]).exclude(pk__in=latest)

    def outlived(self) -> ExportQuerySet:
        """Those asked for so long ago that they are let go of."""
        return self.filter(created_at__lt=clock.now() - KEPT_FOR)


class Export(models.Model):
    """A file on its way: asked for, being made, ready or failed.

    `about` says what of the organization it tells, by ids that are looked up again with the asker's eyes when it is
    made. `done` of `total` steps are made. Who makes files holds an advisory lock: what is in the making without it has
    lost its worker.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="exports")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="exports")
    what = models.CharField(max_length=12, choices=ExportKind.choices)
    about = models.JSONField(default=dict, blank=True)
    title = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=5, default="ja")
    state = models.CharField(_("State"), max_length=7, choices=ExportState.choices, default=ExportState.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    failure = models.CharField(max_length=10, choices=ExportFailure.choices, blank=True, default=ExportFailure.NONE)
    filename = models.CharField(max_length=255, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    content = models.BinaryField(null=True)
    size = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = [
            models.Index(fields=["membership", "-created_at", "-id"], name="export_newest"),
            models.Index(fields=["id"], condition=Q(state__in=["waiting", "making"]), name="export_unfinished"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(what__in=ExportKind.values), name="export_kind_known"),
            models.CheckConstraint(condition=Q(state__in=ExportState.values), name="export_state_known"),
            models.CheckConstraint(condition=Q(failure__in=ExportFailure.values), name="export_failure_known"),
            models.CheckConstraint(condition=Q(done__lte=F("total")), name="export_done_of_total"),
            models.CheckConstraint(condition=~Q(state="done") | Q(content__isnull=False), name="export_done_has_file"),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.pk} ({self.state})"

    @property
    def is_under_way(self) -> bool:
        return self.state in {ExportState.WAITING, ExportState.MAKING}

    @property
    def is_done(self) -> bool:
        return self.state == ExportState.DONE

    @property
    def forgotten_at(self) -> datetime:
        """When it is let go of."""
        return self.created_at + KEPT_FOR
