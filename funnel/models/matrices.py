"""ABM matrices: leads by fit and stage, the criteria of each stage, targets, and every move between cells."""

from __future__ import annotations

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from funnel.models.columns import AmountColumn, LeverColumn
from funnel.models.kgis import KGI, PLANNERS
from people import clock
from people.models import Audit, Membership, Organization

OF_MATRIX = "SELECT organization_id FROM funnel_matrix WHERE id = touched.matrix_id"


class Fit(models.TextChoices):
    """How well an account fits what we sell."""

    A = "A", "A"
    B = "B", "B"
    C = "C", "C"


class MatrixQuerySet(models.QuerySet["Matrix"]):
    def visible_to(self, membership: Membership) -> MatrixQuerySet:
        """Every matrix of the organization that was not retired; partners see none."""
        rows = self.filter(organization=membership.organization_id, retired_at=None)
        return rows.none() if membership.is_partner else rows

    def editable_by(self, membership: Membership) -> MatrixQuerySet:
        """Whoever plans the KGIs also decides on stages, criteria, conditions and targets."""
        return self.visible_to(membership) if membership.role in PLANNERS else self.none()

    def within_reach_of(self, membership: Membership) -> MatrixQuerySet:
        """What the person may change, or bring back after it was retired."""
        rows = self.filter(organization=membership.organization_id)
        return rows if membership.role in PLANNERS else rows.none()


class Matrix(models.Model):
    """Fit × stage for one market, between two days; `kgi` is the number its orders lead to.

    Without a list of leads (`has_leads` false) only numbers of cells and of moves are kept.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="matrices")
    kgi = models.ForeignKey(
        KGI, verbose_name="KGI", null=True, blank=True, on_delete=models.SET_NULL, related_name="matrices"
    )
    name = models.CharField(_("Name"), max_length=120)
    has_leads = models.BooleanField(_("Keeps a list of leads"), default=True)
    starts_on = models.DateField(_("From"))
    ends_on = models.DateField(_("Until"))
    version = models.PositiveIntegerField(default=1, editable=False)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = MatrixQuerySet.as_manager()

    class Meta:
        verbose_name = _("ABM matrix")
        verbose_name_plural = _("ABM matrices")
        ordering = ("name", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="matrix_days_in_order",
                violation_error_message=_("The last day lies before the first."),
            )
        ]
        triggers = [Audit("touched.organization_id")]

    def __str__(self) -> str:
        return self.name


class StageKind(models.TextChoices):
    """What a stage means for a lead that stands there."""

    OPEN = "open", pgettext_lazy("kind of stage", "on the way")
    WON = "won", pgettext_lazy("kind of stage", "won")
    LOST = "lost", pgettext_lazy("kind of stage", "lost")
    HOLD = "hold", pgettext_lazy("kind of stage", "on hold")
    OUT = "out", pgettext_lazy("kind of stage", "no target")


class CountsAs(models.TextChoices):
    """Which volume of the funnel a lead becomes part of when it comes to a stage."""

    NONE = "", pgettext_lazy("volume of the funnel", "none")
    CV = "cvs", _("CVs")
    DEAL = "deals", _("Deals")
    ORDER = "orders", _("Orders")


class MatrixStage(models.Model):
    """A column of a matrix, with the written criteria by which a lead comes to it.

    `assumed_rate` (0–1) is the share that goes on from here, used as long as too few moves say it.
    """

    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="stages")
    name = models.CharField(_("Stage"), max_length=40)
    kind = models.CharField(_("Meaning"), max_length=4, choices=StageKind.choices, default=StageKind.OPEN)
    counts_as = models.CharField(
        _("Counts as"), max_length=6, choices=CountsAs.choices, blank=True, default=CountsAs.NONE
    )
    criteria = models.CharField(_("Criteria"), max_length=500, blank=True)
    assumed_rate = LeverColumn(
        _("Assumed share that goes on"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("stage of a matrix")
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["matrix", "name"],
                name="matrix_stage_named_once",
                violation_error_message=_("There is already a stage of this name."),
            ),
            models.UniqueConstraint(
                fields=["matrix", "counts_as"],
                condition=~Q(counts_as=""),
                name="matrix_stage_counts_once",
                violation_error_message=_("Another stage counts as this already."),
            ),
            models.CheckConstraint(condition=Q(kind__in=StageKind.values), name="matrix_stage_kind_known"),
            models.CheckConstraint(condition=Q(counts_as__in=CountsAs.values), name="matrix_stage_counts_as_known"),
            models.CheckConstraint(
                condition=Q(assumed_rate__gte=0) & Q(assumed_rate__lte=1),
                name="matrix_stage_rate_is_one",
                violation_error_message=_("A share lies between 0% and 100%."),
            ),
        ]
        triggers = [Audit(OF_MATRIX)]

    def __str__(self) -> str:
        return self.name


class FitRule(models.Model):
    """The saved conditions of a fit, all of which must hold; A is asked before B, and what is neither is C.

    `conditions` is a list of {"field", "is", "value"}, as `funnel.formulas.fits` reads it.
    """

    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="fit_rules")
    fit = models.CharField(max_length=1, choices=Fit.choices)
    conditions = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("conditions of a fit")
        ordering = ("fit",)
        constraints = [
            models.UniqueConstraint(fields=["matrix", "fit"], name="fit_rule_once"),
            models.CheckConstraint(condition=Q(fit__in=["A", "B"]), name="fit_rule_of_a_or_b"),
        ]
        triggers = [Audit(OF_MATRIX)]

    def __str__(self) -> str:
        return self.fit


class LeadQuerySet(models.QuerySet["Lead"]):
    def visible_to(self, membership: Membership) -> LeadQuerySet:
        """Every lead of the organization that was not removed; partners see none."""
        rows = self.filter(organization=membership.organization_id, removed_at=None, matrix__retired_at=None)
        return rows.none() if membership.is_partner else rows

    def editable_by(self, membership: Membership) -> LeadQuerySet:
        """Planners every lead; everybody else those they look after, and those nobody does."""
        rows = self.visible_to(membership)
        return rows if membership.role in PLANNERS else rows.filter(Q(owner=membership.pk) | Q(owner=None))

    def within_reach_of(self, membership: Membership) -> LeadQuerySet:
        """What the person may change, or bring back after it was removed."""
        rows = self.filter(organization=membership.organization_id, matrix__retired_at=None)
        if membership.is_partner:
            return rows.none()
        return rows if membership.role in PLANNERS else rows.filter(Q(owner=membership.pk) | Q(owner=None))


class Lead(models.Model):
    """A company we want to win, with whom we talk there; where it stands in the matrix, and since when.

    `known_as` is what tells two leads of one matrix to be the same (`funnel.formulas.leads`). `fit` follows the
    conditions unless `fit_is_set`.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="leads")
    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="leads")
    stage = models.ForeignKey(MatrixStage, verbose_name=_("Stage"), on_delete=models.PROTECT, related_name="leads")
    fit = models.CharField(_("Fit"), max_length=1, choices=Fit.choices, default=Fit.C)
    fit_is_set = models.BooleanField(_("Fit set by hand"), default=False)
    company = models.CharField(pgettext_lazy("lead", "Company"), max_length=200)
    contact = models.CharField(_("Contact"), max_length=100, blank=True)
    role = models.CharField(_("Position of the contact"), max_length=100, blank=True)
    email = models.CharField(_("E-mail"), max_length=254, blank=True)
    phone = models.CharField(_("Phone"), max_length=40, blank=True)
    industry = models.CharField(_("Industry"), max_length=100, blank=True)
    region = models.CharField(_("Region"), max_length=100, blank=True)
    employees = models.PositiveIntegerField(_("Employees"), null=True, blank=True)
    revenue = AmountColumn(_("Yearly revenue"), null=True, blank=True)
    source = models.CharField(_("Came by"), max_length=100, blank=True)
    note = models.CharField(_("Note"), max_length=500, blank=True)
    reference = models.CharField(_("Number in another system"), max_length=100, blank=True)
    owner = models.ForeignKey(
        Membership, verbose_name=_("Looked after by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="leads",
    )  # fmt: skip
    known_as = models.CharField(max_length=300, editable=False)
    words = models.GeneratedField(
        expression=models.Func(
            Concat("company", models.Value(" "), "contact", models.Value(" "), "email"),
            function="people_fold",
            output_field=models.TextField(),
        ),
        output_field=models.TextField(),
        db_persist=True,
    )
    """What is searched, folded by the database in width, case and kana."""
    since = models.DateField(_("Here since"), editable=False)
    created_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = LeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("lead")
        ordering = ("company", "id")
        indexes = [
            models.Index(fields=["matrix", "stage", "fit"], condition=Q(removed_at=None), name="lead_in_cell"),
            models.Index(fields=["matrix", "company", "id"], condition=Q(removed_at=None), name="lead_by_company"),
            models.Index(fields=["matrix", "-since", "-id"], condition=Q(removed_at=None), name="lead_newest_there"),
            models.Index(fields=["owner"], condition=Q(removed_at=None), name="lead_of_owner"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["matrix", "known_as"], condition=Q(removed_at=None), name="lead_known_once_in_matrix"
            ),
            models.UniqueConstraint(
                fields=["matrix", "reference"],
                condition=~Q(reference="") & Q(removed_at=None),
                name="lead_reference_once_in_matrix",
                violation_error_message=_("Another lead has this number already."),
            ),
            models.CheckConstraint(condition=Q(fit__in=Fit.values), name="lead_fit_known"),
        ]
        triggers = [
            Audit("touched.organization_id", unseen=("known_as", "words"), secret=("contact", "email", "phone"))
        ]

    def __str__(self) -> str:
        return self.company


class LeadMove(models.Model):
    """So many leads that came to a cell on a day, from another one or from outside (`from_stage` empty).

    With a list of leads each move is of one lead; without, `count` is what somebody counted.
    """

    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="moves")
    lead = models.ForeignKey(Lead, null=True, blank=True, on_delete=models.CASCADE, related_name="moves")
    from_stage = models.ForeignKey(
        MatrixStage, verbose_name=_("From"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    from_fit = models.CharField(max_length=1, choices=Fit.choices, blank=True)
    to_stage = models.ForeignKey(MatrixStage, verbose_name=_("To"), on_delete=models.PROTECT, related_name="+")
    to_fit = models.CharField(_("Fit"), max_length=1, choices=Fit.choices)
    date = models.DateField(_("Day"))
    count = models.PositiveIntegerField(_("How many"), default=1, validators=[MinValueValidator(1)])
    reason = models.CharField(_("By which criterion"), max_length=300, blank=True)
    by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    submission_key = models.UUIDField(null=True, unique=True, editable=False)

    class Meta:
        verbose_name = _("move of leads")
        ordering = ("-date", "-id")
        indexes = [
            models.Index(fields=["matrix", "date"], condition=Q(withdrawn_at=None), name="lead_move_by_day"),
            models.Index(fields=["lead", "-date", "-id"], name="lead_move_of_lead"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(count__gte=1), name="lead_move_of_some"),
            models.CheckConstraint(condition=Q(lead=None) | Q(count=1), name="lead_move_of_one_lead"),
            models.CheckConstraint(
                condition=Q(from_stage=None, from_fit="") | Q(from_stage__isnull=False) & ~Q(from_fit=""),
                name="lead_move_from_a_cell",
            ),
            models.CheckConstraint(
                condition=Q(from_stage=None) | ~Q(from_stage=F("to_stage")) | ~Q(from_fit=F("to_fit")),
                name="lead_move_goes_somewhere",
                violation_error_message=_("A move leads to another cell."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_stage_id}{self.from_fit} → {self.to_stage_id}{self.to_fit} ({self.count})"


class CellCount(models.Model):
    """How many stood in a cell at the end of a day, counted by somebody: for a matrix without a list of leads.

    What stands there now is the latest count and the moves after it.
    """

    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="cell_counts")
    stage = models.ForeignKey(MatrixStage, on_delete=models.PROTECT, related_name="+")
    fit = models.CharField(max_length=1, choices=Fit.choices)
    date = models.DateField(_("Day"))
    count = models.PositiveIntegerField(_("How many"))
    by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("count of a cell")
        ordering = ("-date", "id")
        constraints = [
            models.UniqueConstraint(fields=["matrix", "stage", "fit", "date"], name="cell_counted_once_a_day")
        ]
        triggers = [Audit(OF_MATRIX)]


class CellTarget(models.Model):
    """How many are to stand in a cell on the matrix's last day."""

    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="cell_targets")
    stage = models.ForeignKey(MatrixStage, on_delete=models.PROTECT, related_name="+")
    fit = models.CharField(max_length=1, choices=Fit.choices)
    count = models.PositiveIntegerField(_("Target"))

    class Meta:
        verbose_name = _("target of a cell")
        ordering = ("stage__position", "fit")
        constraints = [models.UniqueConstraint(fields=["matrix", "stage", "fit"], name="cell_target_once")]
        triggers = [Audit(OF_MATRIX)]


class MoveTarget(models.Model):
    """How many are to move from one cell to another between the matrix's days; from outside where `from_stage` is
    empty.
    """

    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="move_targets")
    from_stage = models.ForeignKey(MatrixStage, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    from_fit = models.CharField(max_length=1, choices=Fit.choices, blank=True)
    to_stage = models.ForeignKey(MatrixStage, on_delete=models.PROTECT, related_name="+")
    to_fit = models.CharField(max_length=1, choices=Fit.choices)
    count = models.PositiveIntegerField(_("Target"))

    class Meta:
        verbose_name = _("target of a move")
        ordering = ("from_stage__position", "from_fit", "to_stage__position", "to_fit")
        constraints = [
            models.UniqueConstraint(
                fields=["matrix", "from_stage", "from_fit", "to_stage", "to_fit"],
                nulls_distinct=False,
                name="move_target_once",
            ),
            models.CheckConstraint(
                condition=Q(from_stage=None, from_fit="") | Q(from_stage__isnull=False) & ~Q(from_fit=""),
                name="move_target_from_a_cell",
            ),
        ]
        triggers = [Audit(OF_MATRIX)]


class LeadImportState(models.TextChoices):
    MAPPING = "mapping", pgettext_lazy("state of an import", "Columns to be named")
    WAITING = "waiting", pgettext_lazy("state of an import", "Waiting")
    RUNNING = "running", pgettext_lazy("state of an import", "Being read")
    DONE = "done", pgettext_lazy("state of an import", "Ready")
    FAILED = "failed", pgettext_lazy("state of an import", "Failed")


class Duplicates(models.TextChoices):
    """What becomes of a line whose lead is there already."""

    UPDATE = "update", _("Write the line's values over it; what the line leaves empty stays")
    FILL = "fill", _("Only fill in what is empty there")
    SKIP = "skip", pgettext_lazy("lead of a file", "Leave it as it is")


class LeadImportQuerySet(models.QuerySet["LeadImport"]):
    def visible_to(self, membership: Membership) -> LeadImportQuerySet:
        """One's own, in matrices one may edit: a file holds people's names."""
        return self.filter(membership=membership.pk, matrix__in=Matrix.objects.editable_by(membership))

    def editable_by(self, membership: Membership) -> LeadImportQuerySet:
        return self.visible_to(membership)

    def unfinished(self) -> LeadImportQuerySet:
        return self.filter(state__in=[LeadImportState.WAITING, LeadImportState.RUNNING])


class LeadImport(models.Model):
    """A file of leads on its way into a matrix: its columns, what they mean, and what became of each line.

    `headings` lists each column's heading, with its first cells and its few values until it is read. `mapping` has a
    field's name for each column, "" for what is left out; `stages` the ids of stages by the names that the file has for
    them. `wrong` lists [line, sentence code, column]. The file itself, gathered as CSV, is let go of when it is read.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="lead_imports")
    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="lead_imports")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="lead_imports")
    filename = models.CharField(max_length=255, blank=True)
    content = models.BinaryField(null=True)
    headings = models.JSONField(default=list)
    mapping = models.JSONField(default=list)
    stages = models.JSONField(default=dict)
    duplicates = models.CharField(max_length=6, choices=Duplicates.choices, default=Duplicates.UPDATE)
    state = models.CharField(max_length=7, choices=LeadImportState.choices, default=LeadImportState.MAPPING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    wrong = models.JSONField(default=list)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = LeadImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import of leads")
        ordering = ("-created_at", "-id")
        indexes = [
            models.Index(fields=["id"], condition=Q(state__in=["waiting", "running"]), name="lead_import_unfinished")
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=LeadImportState.values), name="lead_import_state_known"),
            models.CheckConstraint(condition=Q(duplicates__in=Duplicates.values), name="lead_import_duplicates_known"),
        ]

    def __str__(self) -> str:
        return f"{self.filename} ({self.state})"

    @property
    def is_under_way(self) -> bool:
        return self.state in {LeadImportState.WAITING, LeadImportState.RUNNING}
