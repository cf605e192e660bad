"""Scenarios for other programs."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from funnel import services
from funnel.fields import AmountSerializerField
from funnel.formulas.kpi_tree import MOST_NODES, TreeRefused
from funnel.models import KGI, KPI, PLANNERS, Scenario
from funnel.queries.scenarios import levers_in, outcome_of, told_by
from funnel.services.scenarios import ADOPTABLE, levers_of
from funnel.trees import PlannedTree, tree_of
from people.access import get_editable
from people.api import Adding, Changing, LineField, Noun, RowField, RowFilter, SeenField
from people.api.describing import written_as
from people.models import Membership

Values = dict[str, float]

TARGETS = [each.value for each in ADOPTABLE]


class ScenarioSerializer(serializers.ModelSerializer):
    """A named set of lever values of a KGI; a lever it does not name stays at its current value. Rates are 0–1."""

    kgi = serializers.IntegerField(source="kgi_id", read_only=True)
    values = serializers.SerializerMethodField(help_text="Levers' values by their keys.")
    goal = serializers.SerializerMethodField(help_text="What the KGI comes to, null where it cannot be calculated.")
    adopted_as = serializers.SerializerMethodField(help_text="As which target it is the plan, null where it is not.")
    created_by = SeenField(Membership.objects.visible_to)

    class Meta:
        model = Scenario
        fields = (
            "id",
            "version",
            "kgi",
            "name",
            "note",
            "values",
            "goal",
            "adopted_as",
            "adopted_at",
            "created_by",
            "created_at",
        )
        read_only_fields = fields

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "number"}})
    def get_values(self, row: Scenario) -> Values:
        keys = {kpi.pk: kpi.key for kpi in row.kgi.standing}  # type: ignore[attr-defined]
        return {keys[pk]: float(value) for pk, value in told_by(row).items() if pk in keys}

    @extend_schema_field({"type": "number", "nullable": True})
    def get_goal(self, row: Scenario) -> float | None:
        planned = self.planned(row.kgi)
        return outcome_of(planned, row.name, levers_in(planned, told_by(row))).goal if planned else None

    @extend_schema_field({"type": "string", "nullable": True, "enum": [*TARGETS, None]})
    def get_adopted_as(self, row: Scenario) -> str | None:
        return row.adopted_as or None

    def planned(self, kgi: KGI) -> PlannedTree | None:
        """The KGI's tree, made once for all scenarios of an answer."""
        known = self.context["view"].__dict__.setdefault("planned", {})
        if kgi.pk not in known:
            try:
                known[kgi.pk] = tree_of(kgi, kgi.standing)  # type: ignore[attr-defined]
            except TreeRefused:
                known[kgi.pk] = None
        return known[kgi.pk]


@extend_schema_field({"oneOf": [{"type": "number"}, {"type": "string"}], "nullable": True})
class AsTypedField(serializers.Field):
    """A number, or a string as people type it: it is read in the unit of its lever."""

    def to_internal_value(self, data: Any) -> Any:
        return data


class ScenarioInput(serializers.Serializer):
    """What is written of a scenario. Of a rate 45% and 0.45 mean the same."""

    kgi = RowField(KGI.objects)
    name = LineField(max_length=120)
    note = serializers.CharField(max_length=2000, allow_blank=True, required=False)
    values = serializers.DictField(
        child=AsTypedField(allow_null=True),
        required=False,
        help_text="Values by the levers' keys: all there are, a lever left out or null stays at its current value.",
    )
    submission_key = serializers.UUIDField(required=False, help_text="A repeated one answers the first scenario.")
    version = serializers.IntegerField(required=False, help_text="The version counted on, where If-Match names none.")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        kgi = self.instance.kgi if isinstance(self.instance, Scenario) else given.get("kgi")
        if "values" in given and kgi is not None:
            given["values"] = self.read(kgi, given["values"])
        return given

    def read(self, kgi: KGI, sent: dict[str, Any]) -> dict[str, Any]:
        levers = {lever.key: lever for lever in levers_of(kgi)}
        read, wrong = {}, []
        for key, value in list(sent.items())[:MOST_NODES]:
            lever = levers.get(key, KPI(key=key))
            reader = AmountSerializerField(unit="" if lever.is_rate else lever.unit, rate=lever.is_rate)
            try:
                if value is not None:
                    read[key] = reader.to_internal_value(value)
            except serializers.ValidationError as refused:
                wrong += [f"{key}: {sentence}" for sentence in refused.detail]  # type: ignore[union-attr]
        if wrong:
            raise serializers.ValidationError({"values": wrong})
        return read


class AdoptionInput(serializers.Serializer):
    """As which target a scenario becomes the plan, and why."""

    column = serializers.ChoiceField(TARGETS)
    reason = serializers.CharField(max_length=500)


class ScenarioFilters(filters.FilterSet):
    kgi = RowFilter(KGI.objects)
    adopted_as = filters.ChoiceFilter(choices=[(each.value, each.name) for each in ADOPTABLE])
    q = filters.CharFilter(field_name="name", lookup_expr="icontains")

    class Meta:
        model = Scenario
        fields: tuple[str, ...] = ()


@written_as(ScenarioInput, ScenarioSerializer, adopt=AdoptionInput)
class Scenarios(Adding, Changing, Noun):
    """Scenarios of the KGIs one may see: what if the levers were these?

    Written, adopted and dropped by administrators, executives and managers.
    """

    queryset = Scenario.objects.order_by("created_at", "id")
    serializer_class = ScenarioSerializer
    given_class = ScenarioInput
    filterset_class = ScenarioFilters
    ordering_fields = ("id", "name", "kgi", "created_at", "adopted_at")

    def rows(self) -> QuerySet:
        standing = Prefetch("kgi__kpis", KPI.objects.standing().order_by("position", "id"), to_attr="standing")
        return super().rows().select_related("kgi").prefetch_related("values", standing)

    def may_add(self) -> bool:
        return self.membership.role in PLANNERS

    def add(self, given: dict[str, Any]) -> Scenario:
        self.expects(given)
        kgi = get_editable(KGI.objects, self.membership, pk=given.pop("kgi").pk)
        return services.save_scenario(kgi, **{"values": {}} | given, by=self.membership)

    def change(self, row: Scenario, given: dict[str, Any]) -> Scenario:
        expected = self.expects(given)
        fields = {"name": row.name, "note": row.note, "values": None} | given
        fields.pop("submission_key", None)
        fields.pop("kgi", None)
        return services.save_scenario(row.kgi, **fields, by=self.membership, scenario=row, expected_version=expected)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, **address: Any) -> Response:
        """Take it away; on its page it can be put back."""
        services.drop_scenario(self.get_editable())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @action(detail=True, methods=["post"])
    def adopt(self, request: Request, **address: Any) -> Response:
        """Make it the plan: its values become the levers' must-hit or challenge values, all of them or none."""
        row = self.get_editable()
        return self.answer(services.adopt_scenario(row, **self.given(by=AdoptionInput), by=self.membership))
