"""Leads of ABM matrices for other programs: one by one, and up to 500 at once."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import exceptions, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from funnel.fields import AmountSerializerField
from funnel.imports.batches import ADDED, CHANGED, UNCHANGED, WRONG, Outcome, write_lines
from funnel.imports.lines import EARLIEST, LARGEST_COUNT, TEXTS, Line, folded
from funnel.imports.lines import WRONG as SENTENCES
from funnel.models import PLANNERS, Duplicates, Fit, Lead, Matrix
from funnel.models.matrices import LeadQuerySet
from funnel.queries.leads import holding
from funnel.services import leads as services
from people import clock
from people.access import refuse
from people.api import Adding, Changing, LineField, Noun, OfferedField, RowField, RowFilter
from people.api.describing import written_as
from people.models import Membership
from people.queries import possible_owners
from people.refusals import Refusal

MOST_AT_ONCE = 500
LENGTHS = {name: Lead._meta.get_field(name).max_length for name in TEXTS}  # type: ignore[union-attr]


class LeadFilters(filters.FilterSet):
    matrix = RowFilter(Matrix.objects)
    stage = filters.NumberFilter(field_name="stage", help_text="A stage of the matrix by its id.")
    fit = filters.MultipleChoiceFilter(choices=Fit.choices)
    owner = RowFilter(Membership.objects)
    reference = filters.CharFilter()
    since = filters.DateFilter(field_name="since", lookup_expr="gte", help_text="In their stage since this day.")
    q = filters.CharFilter(method="holding", help_text="Words of company, contact or e-mail, of any width and case.")

    class Meta:
        model = Lead
        fields: tuple[str, ...] = ()

    def holding(self, rows: LeadQuerySet, name: str, words: str) -> LeadQuerySet:
        return holding(rows, words.replace("\0", ""))


class LeadSerializer(serializers.ModelSerializer):
    """A company to be won, whom one talks with there, and where it stands in the matrix since when."""

    matrix = serializers.IntegerField(source="matrix_id")
    stage = serializers.IntegerField(source="stage_id")
    stage_name = serializers.CharField(source="stage.name")
    owner = serializers.IntegerField(source="owner_id", allow_null=True)
    revenue = AmountSerializerField(allow_null=True, read_only=True, help_text="A year, in yen.")

    class Meta:
        model = Lead
        fields = (
            "id",
            "version",
            "matrix",
            "company",
            "contact",
            "role",
            "email",
            "phone",
            "industry",
            "region",
            "employees",
            "revenue",
            "source",
            "note",
            "reference",
            "owner",
            "stage",
            "stage_name",
            "since",
            "fit",
            "fit_is_set",
            "created_at",
        )
        read_only_fields = fields


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string"}]})
class StageNamedField(serializers.Field):
    """A stage of the matrix, by its id or its name."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, bool) or not isinstance(data, int | str):
            raise serializers.ValidationError(_("Send the id or the name of a stage of this matrix."))
        return data


class OneLeadInput(serializers.Serializer):
    """What is known of a lead. Left out stays; of a new one it is empty."""

    company = LineField(max_length=LENGTHS["company"])
    contact = LineField(max_length=LENGTHS["contact"], required=False, allow_blank=True)
    role = LineField(max_length=LENGTHS["role"], required=False, allow_blank=True)
    email = serializers.EmailField(max_length=LENGTHS["email"], required=False, allow_blank=True)
    phone = LineField(max_length=LENGTHS["phone"], required=False, allow_blank=True)
    industry = LineField(max_length=LENGTHS["industry"], required=False, allow_blank=True)
    region = LineField(max_length=LENGTHS["region"], required=False, allow_blank=True)
    employees = serializers.IntegerField(min_value=0, max_value=LARGEST_COUNT, required=False, allow_null=True)
    revenue = AmountSerializerField(unit="円", required=False, allow_null=True)
    source = LineField(  # type: ignore[assignment]
        max_length=LENGTHS["source"], required=False, allow_blank=True
    )
    note = LineField(max_length=LENGTHS["note"], required=False, allow_blank=True)
    reference = LineField(
        max_length=LENGTHS["reference"], required=False, allow_blank=True, help_text="Its number in your system."
    )
    owner = OfferedField(possible_owners, Membership, required=False, allow_null=True)
    stage = StageNamedField(required=False, help_text="By id or name; the first one where left out.")
    fit = serializers.ChoiceField(
        Fit.choices, required=False, allow_null=True, help_text="Set by hand; null lets the conditions say it."
    )
    moved_on = serializers.DateField(required=False, help_text="On which day it came to the stage; today if left out.")


class LeadInput(OneLeadInput):
    """What is written of one lead."""

    matrix = RowField(Matrix.objects, help_text="Only of a new one.")
    reason = LineField(max_length=300, required=False, allow_blank=True, help_text="By which criterion it moved.")
    submission_key = serializers.UUIDField(required=False, help_text="A repeated one answers the first lead.")


class LeadBatchInput(serializers.Serializer):
    """Up to 500 leads of one matrix. Each is known by `reference`, else e-mail, else company and contact."""

    matrix = RowField(Matrix.objects, editable=True)
    on_duplicate = serializers.ChoiceField(Duplicates.choices, required=False, default=Duplicates.UPDATE)
    leads = serializers.ListField(child=OneLeadInput(), min_length=1, max_length=MOST_AT_ONCE)


class LeadOutcome(serializers.Serializer):
    """What became of one of the leads sent, in their order."""

    lead = serializers.IntegerField(allow_null=True)
    outcome = serializers.ChoiceField([ADDED, CHANGED, UNCHANGED, WRONG])
    code = serializers.CharField(allow_blank=True)
    field = serializers.CharField(allow_blank=True)
    detail = serializers.CharField(allow_blank=True)


class LeadBatchAnswer(serializers.Serializer):
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    wrong = serializers.IntegerField()
    outcomes = LeadOutcome(many=True)


ON_DUPLICATE = OpenApiParameter(
    "on_duplicate",
    str,
    enum=Duplicates.values,
    description="What becomes of a lead that stands there already; without it that is 409, with the lead in `current`.",
)


@extend_schema(methods=["POST"], parameters=[ON_DUPLICATE])
@written_as(LeadInput, LeadSerializer)
class Leads(Adding, Changing, Noun):
    """Leads of ABM matrices by company, without those removed. Partners see none.

    Everybody inside adds leads and changes those they look after or nobody does; administrators, executives and
    managers all.
    """

    queryset = Lead.objects.order_by("company", "id")
    serializer_class = LeadSerializer
    given_class = LeadInput
    filterset_class = LeadFilters
    ordering_fields = ("id", "company", "since", "fit", "created_at")

    def rows(self) -> QuerySet:
        return super().rows().select_related("stage")

    def may_add(self) -> bool:
        return not self.membership.is_partner

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        asked = request.query_params.get("on_duplicate")
        if asked is None:
            return super().create(request, *args, **kwargs)
        if self.membership.role not in PLANNERS:
            refuse()
        if asked not in Duplicates.values:
            raise exceptions.ValidationError({"on_duplicate": [_("Send update, fill or skip.")]})
        given = self.given()
        (outcome,) = self.write(given.pop("matrix"), [given], asked)
        if outcome.wrong is not None:
            code, field = outcome.wrong
            raise Refusal.of_field(field, code, str(SENTENCES[code]))
        is_new = outcome.what == ADDED
        return self.answer(outcome.lead, code=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)  # type: ignore[arg-type]

    def add(self, given: dict[str, Any]) -> Lead:
        reason = given.pop("reason", "")
        since, fit = given.pop("moved_on", None), given.pop("fit", None)
        stage, matrix = given.pop("stage", None), given.pop("matrix")
        lead = Lead(matrix=matrix, **given)
        if stage is not None:
            lead.stage_id = stage_id(matrix, stage)
        if fit:
            lead.fit, lead.fit_is_set = fit, True
        with self.told_of_twins():
            return services.add_lead(lead, by=self.membership, since=since, reason=reason)[0]

    def change(self, row: Lead, given: dict[str, Any]) -> Lead:
        for name in ("submission_key", "matrix"):
            given.pop(name, None)
        stage, day = given.pop("stage", None), given.pop("moved_on", None)
        reason, expected = given.pop("reason", ""), self.expected_version
        if "fit" in given:
            fit = given.pop("fit")
            row.fit, row.fit_is_set = fit or row.fit, bool(fit)
            given["fit_is_set"] = row.fit_is_set
        with transaction.atomic(), self.told_of_twins():
            if given:
                for name, value in given.items():
                    setattr(row, name, value)
                row = services.save_lead(row, by=self.membership, expected_version=expected)
                expected = row.version if expected is not None else None
            if stage is not None:
                to = row.matrix.stages.get(pk=stage_id(row.matrix, stage))
                services.move_leads(
                    row.matrix,
                    [row.pk],
                    stage=to,
                    date=day,
                    reason=reason,
                    by=self.membership,
                    expected_version=expected,
                )
        return row

    def told_of_twins(self) -> Any:
        return Twins(self)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, **address: Any) -> Response:
        """Remove it; on its page it can be brought back."""
        services.remove_lead(self.get_editable(), by=self.membership, expected_version=self.expected_version)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=LeadBatchInput, responses=LeadBatchAnswer)
    @action(detail=False, methods=["post"])
    def batch(self, request: Request, **address: Any) -> Response:
        """Write up to 500 leads at once. A wrong one is left out and said; sending the same again changes nothing."""
        if self.membership.role not in PLANNERS:
            refuse()
        given = self.given(by=LeadBatchInput)
        outcomes = self.write(given["matrix"], given["leads"], given["on_duplicate"])
        told = {what: sum(1 for one in outcomes if one.what == what) for what in (ADDED, CHANGED, UNCHANGED, WRONG)}
        return Response(told | {"outcomes": [outcome_of(one) for one in outcomes]})

    def write(self, matrix: Matrix, given: list[dict[str, Any]], duplicates: str) -> list[Outcome]:
        if not Matrix.objects.editable_by(self.membership).filter(pk=matrix.pk).exists():
            refuse()
        if not matrix.has_leads:
            raise Refusal("no_list", _("This matrix keeps numbers only, no list of leads."))
        today = clock.today(self.membership.organization)
        stages = {stage.pk: stage.pk for stage in matrix.stages.all()}
        names = {folded(stage.name): stage.pk for stage in matrix.stages.all()}
        lines = [line_of(at, one, stages, names, today) for at, one in enumerate(given)]
        return write_lines(matrix, lines, duplicates=duplicates, by=self.membership, today=today).outcomes


class Twins:
    """While this lasts, a lead that stands there already is a conflict, answered with that lead as `current`."""

    def __init__(self, view: Leads) -> None:
        self.view = view

    def __enter__(self) -> None: ...

    def __exit__(self, kind: Any, refused: Any, trace: Any) -> None:
        if isinstance(refused, Refusal) and refused.code == "lead_known":
            row = self.view.get_queryset().filter(pk=refused.more["lead"]).first()
            current = self.view.get_serializer(row).data if row is not None else None
            raise Refusal(refused.code, refused.detail, more=refused.more | {"current": current}) from refused


def stage_id(matrix: Matrix, named: int | str) -> int:
    """The id of a stage by its id or name. Raises `Refusal` `stage` beside the field."""
    for stage in matrix.stages.all():
        if stage.pk == named or folded(stage.name) == folded(str(named)):
            return stage.pk
    raise Refusal.of_field("stage", "stage", _("Choose a stage of this matrix."))


def line_of(at: int, given: dict[str, Any], stages: dict[int, int], names: dict[str, int], today: Any) -> Line:
    values = {name: value for name, value in given.items() if name not in ("stage", "fit", "moved_on", "owner")}
    for name in ("reason", "submission_key"):
        values.pop(name, None)
    # What is sent empty says nothing: a batch fills in, it takes nothing away.
    values = {name: value for name, value in values.items() if value not in ("", None)}
    owner, stage, since = given.get("owner"), given.get("stage"), given.get("moved_on")
    if owner is not None:
        values["owner_id"] = owner.pk
    found = None
    if stage is not None:
        found = stages.get(stage) if isinstance(stage, int) else names.get(folded(stage))
        if found is None:
            return Line(at, wrong=("stage_unknown", "stage"))
    if since is not None and not EARLIEST <= since <= today:
        return Line(at, wrong=("bad_date", "moved_on"))
    return Line(at, values, found, given.get("fit") or "", since)


def outcome_of(outcome: Outcome) -> dict[str, Any]:
    code, field = outcome.wrong or ("", "")
    return {
        "lead": outcome.lead.pk if outcome.lead is not None and outcome.wrong is None else None,
        "outcome": outcome.what,
        "code": code,
        "field": field,
        "detail": str(SENTENCES[code]) if code else "",
    }
