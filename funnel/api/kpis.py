"""KPIs and their readings for other programs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django_filters import rest_framework as filters
from rest_framework import serializers

from funnel import services
from funnel.fields import AmountSerializerField, ChangeReasonField
from funnel.models import KGI, KPI, KPIPeriod, KPIReading, ReadingSpan
from funnel.services.kpis import AMOUNTS
from people.api import Adding, Changing, LineField, Nested, Noun, OfferedField, RowFilter, SeenField
from people.api.describing import written_as
from people.models import Membership
from people.queries import possible_owners


class KPISerializer(serializers.ModelSerializer):
    """A node of a KGI's tree: a lever with values, or a formula over other nodes. Rates are numbers from 0 to 1."""

    kgi = serializers.IntegerField(source="kgi_id", read_only=True)
    is_lever = serializers.BooleanField(read_only=True)
    current = AmountSerializerField(read_only=True, allow_null=True)
    must_hit = AmountSerializerField(read_only=True, allow_null=True)
    challenge = AmountSerializerField(read_only=True, allow_null=True)
    last_year = AmountSerializerField(read_only=True, allow_null=True)
    reference = AmountSerializerField(read_only=True, allow_null=True, help_text="The industry's average.")
    low = AmountSerializerField(read_only=True, allow_null=True)
    likely = AmountSerializerField(read_only=True, allow_null=True)
    high = AmountSerializerField(read_only=True, allow_null=True)
    minimum = AmountSerializerField(read_only=True, allow_null=True)
    maximum = AmountSerializerField(read_only=True, allow_null=True)
    effort = AmountSerializerField(read_only=True)
    owner = SeenField(Membership.objects.visible_to)
    last_value = AmountSerializerField(read_only=True, allow_null=True, help_text="What it was read to be last.")
    last_read_on = serializers.DateField(read_only=True, allow_null=True)

    class Meta:
        model = KPI
        fields = (
            "id",
            "version",
            "kgi",
            "key",
            "name",
            "unit",
            "is_rate",
            "is_lever",
            "is_goal",
            "formula",
            "period",
            *AMOUNTS,
            "reference_source",
            "effort",
            "is_locked",
            "owner",
            "source",
            "definition",
            "note",
            "last_value",
            "last_read_on",
            "position",
        )
        read_only_fields = fields


class KPIInput(serializers.Serializer):
    """What is changed of a KPI. Of a rate 45% and 0.45 mean the same."""

    current = AmountSerializerField(required=False, allow_null=True)
    must_hit = AmountSerializerField(required=False, allow_null=True)
    challenge = AmountSerializerField(required=False, allow_null=True)
    last_year = AmountSerializerField(required=False, allow_null=True)
    reference = AmountSerializerField(required=False, allow_null=True)
    reference_source = LineField(max_length=200, allow_blank=True, required=False)  # type: ignore[assignment]
    low = AmountSerializerField(required=False, allow_null=True)
    likely = AmountSerializerField(required=False, allow_null=True)
    high = AmountSerializerField(required=False, allow_null=True)
    minimum = AmountSerializerField(required=False, allow_null=True)
    maximum = AmountSerializerField(required=False, allow_null=True)
    effort = serializers.DecimalField(max_digits=6, decimal_places=2, min_value=Decimal("0.01"), required=False)
    is_locked = serializers.BooleanField(required=False)
    period = serializers.ChoiceField(choices=KPIPeriod.choices, allow_blank=True, required=False)
    owner = OfferedField(possible_owners, Membership, required=False, allow_null=True)
    source = LineField(max_length=200, allow_blank=True, required=False)  # type: ignore[assignment]
    definition = serializers.CharField(max_length=500, allow_blank=True, required=False)
    note = serializers.CharField(max_length=2000, allow_blank=True, required=False)
    reason = ChangeReasonField()
    version = serializers.IntegerField(required=False, help_text="The version counted on, where If-Match names none.")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if isinstance(self.instance, KPI):
            for name in AMOUNTS:
                self.fields[name].rate = self.instance.is_rate
                self.fields[name].unit = "" if self.instance.is_rate else self.instance.unit


class KPIFilters(filters.FilterSet):
    kgi = RowFilter(KGI.objects)
    owner = RowFilter(Membership.objects)
    key = filters.CharFilter()
    lever = filters.BooleanFilter(field_name="formula", method="moved_by_hand", help_text="Levers, or formulas.")
    q = filters.CharFilter(field_name="name", lookup_expr="icontains")

    class Meta:
        model = KPI
        fields: tuple[str, ...] = ()

    def moved_by_hand(self, rows: QuerySet, name: str, lever: bool) -> QuerySet:
        return rows.filter(formula="") if lever else rows.exclude(formula="")


@written_as(KPIInput, KPISerializer)
class KPIs(Changing, Noun):
    """The KPIs of the KGIs one may see. Written by administrators, executives and managers.

    Numbers that a funnel holds are written there, at `kgis/<id>/funnel/`, where the others follow from them.
    """

    queryset = KPI.objects.order_by("kgi__period_start", "kgi", "position", "id")
    serializer_class = KPISerializer
    given_class = KPIInput
    filterset_class = KPIFilters
    ordering_fields = {
        "id": "pk",
        "name": "name",
        "kgi": "kgi",
        "position": "position",
        "last_read_on": "last_read_on",
    }

    def rows(self) -> QuerySet:
        last = KPIReading.objects.filter(kpi=OuterRef("pk")).order_by("-date", "-id")
        return (
            super()
            .rows()
            .annotate(last_value=Subquery(last.values("value")[:1]), last_read_on=Subquery(last.values("date")[:1]))
        )

    def change(self, row: KPI, given: dict[str, Any]) -> KPI:
        expected, reason = self.expects(given), given.pop("reason", "")
        for name, value in given.items():
            setattr(row, name, value)
        return services.save_kpi(row, expected_version=expected, by=self.membership, reason=reason)


class ReadingSerializer(serializers.ModelSerializer):
    """What a KPI was on a day, or in the `span` that ends with it; `source` says whether a check-in told it."""

    value = AmountSerializerField(read_only=True)
    recorded_by = SeenField(Membership.objects.visible_to)

    class Meta:
        model = KPIReading
        fields = ("id", "date", "span", "value", "source", "recorded_by", "created_at")
        read_only_fields = fields


class ReadingInput(serializers.Serializer):
    """A reading as somebody writes it down. A second one of a day, a week or a month replaces the first."""

    value = AmountSerializerField()
    date = serializers.DateField(required=False, help_text="Today, unless said.")
    span = serializers.ChoiceField(
        ReadingSpan.choices, required=False, help_text="The whole week or month that holds the day, or the day alone."
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        kpi = getattr(self.context.get("view"), "parent", None)
        if isinstance(kpi, KPI):
            self.fields["value"].rate = kpi.is_rate
            self.fields["value"].unit = "" if kpi.is_rate else kpi.unit


class ReadingFilters(filters.FilterSet):
    since = filters.DateFilter(field_name="date", lookup_expr="gte")
    until = filters.DateFilter(field_name="date", lookup_expr="lte")

    class Meta:
        model = KPIReading
        fields: tuple[str, ...] = ()


@written_as(ReadingInput, ReadingSerializer)
class Readings(Adding, Nested, Noun):
    """What a KPI was read to be, newest first.

    Administrators, executives and managers write them down, one a day by hand; check-ins on key results add their own.
    """

    parents = KPI.objects
    parent_field = "kpi"
    queryset = KPIReading.objects.order_by("-date", "-id")
    serializer_class = ReadingSerializer
    given_class = ReadingInput
    filterset_class = ReadingFilters

    def rows(self) -> QuerySet:
        return self.queryset.filter(kpi=self.parent)

    def may_add(self) -> bool:
        return KPI.objects.editable_by(self.membership).filter(pk=self.parent.pk).exists()

    def add(self, given: dict[str, Any]) -> KPIReading:
        fields = {"date": self.membership.organization.today} | given
        return services.record_by_hand(self.parent, recorded_by=self.membership, **fields)
