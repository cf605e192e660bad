"""Health KPIs and their readings for other programs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from funnel.fields import AmountSerializerField
from funnel.models import KPI
from objectives.access import teams_decided_by
from objectives.formulas.health_kpis import step
from objectives.models import HealthKPI, HealthKPIReading, Period
from objectives.queries.health_kpis import health_standings
from objectives.services.health_kpis import save_health_kpi
from objectives.services.health_readings import LEFT, MOST_WORDS, GivenReading, record_health_reading
from objectives.services.rules import kpis_offered
from people.access import refuse
from people.api import Adding, Changing, LineField, Nested, Noun, OfferedField, RowField, RowFilter
from people.api.describing import written_as
from people.models import Membership, Team
from people.queries import possible_owners


class HealthKPIFilters(filters.FilterSet):
    team = RowFilter(Team.objects)
    owner = RowFilter(Membership.objects)
    period = filters.ChoiceFilter(choices=Period.choices)
    retired = filters.BooleanFilter(
        field_name="retired_on", lookup_expr="isnull", exclude=True, help_text="Those no longer watched, or the others."
    )

    class Meta:
        model = HealthKPI
        fields: tuple[str, ...] = ()


class HealthStateSerializer(serializers.Serializer):
    """How a health KPI stands, by its last reading."""

    period_start = serializers.SerializerMethodField(help_text="The week's Monday or the month's first day.")
    value = serializers.SerializerMethodField()
    side = serializers.SerializerMethodField(help_text="inside, below or above its corridor; null without a reading.")
    attainment = serializers.SerializerMethodField(help_text="0 to 2, 1 is the pass mark; null where it has no share.")
    periods_outside = serializers.IntegerField(source="run", help_text="In a row, up to the last reading.")
    outside_since = serializers.DateField(allow_null=True)
    trend = serializers.CharField(allow_null=True, help_text="better, worse, steady; null with too few readings.")
    missing = serializers.ListField(child=serializers.DateField(), help_text="Periods that should have been read.")

    def get_period_start(self, row: Any) -> date | None:
        return row.last.period_start if row.last else None

    def get_value(self, row: Any) -> float | None:
        return float(row.last.value) if row.last else None

    def get_side(self, row: Any) -> str | None:
        return row.side.value if row.side else None

    def get_attainment(self, row: Any) -> float | None:
        return None if row.attainment is None else round(float(row.attainment), 6)


class HealthKPISerializer(serializers.ModelSerializer):
    """A number that is to stay inside its corridor: at least `lower`, at most `upper`, or between both."""

    team = serializers.IntegerField(source="team_id")
    owner = serializers.IntegerField(source="owner_id", allow_null=True)
    kpi = serializers.IntegerField(source="kpi_id", allow_null=True, help_text="The lever of a tree that it feeds.")
    lower = AmountSerializerField(allow_null=True)
    upper = AmountSerializerField(allow_null=True)
    state = HealthStateSerializer(source="standing")

    class Meta:
        model = HealthKPI
        fields = (
            "id",
            "version",
            "name",
            "unit",
            "period",
            "lower",
            "upper",
            "definition",
            "team",
            "owner",
            "kpi",
            "state",
            "retired_on",
            "created_at",
        )
        read_only_fields = fields


class HealthKPIInput(serializers.Serializer):
    """What is written of a health KPI; one of the two marks at least."""

    name = LineField(max_length=120)
    unit = serializers.CharField(max_length=20, allow_blank=True, required=False)
    period = serializers.ChoiceField(Period.choices, required=False)
    lower = AmountSerializerField(required=False, allow_null=True)
    upper = AmountSerializerField(required=False, allow_null=True)
    definition = serializers.CharField(max_length=300, allow_blank=True, required=False)
    team = RowField(Team.objects)
    owner = OfferedField(possible_owners, Membership, required=False, allow_null=True)
    kpi = OfferedField(kpis_offered, KPI, required=False, allow_null=True)
    submission_key = serializers.UUIDField(required=False, help_text="A repeated one answers the first KPI.")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        sent = kwargs.get("data") or {}
        unit = sent.get("unit") if isinstance(sent, dict) else None
        known = getattr(self.instance, "unit", "")
        for name in ("lower", "upper"):
            self.fields[name].unit = unit[:20] if isinstance(unit, str) else known


def with_standing(rows: Iterable[HealthKPI], membership: Membership) -> list[HealthKPI]:
    """The KPIs with how they stand, for all of an answer at once."""
    found = list(rows)
    for standing in health_standings(found, today=membership.organization.today):
        standing.kpi.standing = standing  # type: ignore[attr-defined]
    return found


@written_as(HealthKPIInput, HealthKPISerializer)
class HealthKPIs(Adding, Changing, Noun):
    """Numbers that teams keep an eye on besides their goals; their pass mark is the whole of it, inside the corridor.

    Partners see none.
    """

    queryset = HealthKPI.objects.order_by("team_id", "position", "id")
    serializer_class = HealthKPISerializer
    given_class = HealthKPIInput
    filterset_class = HealthKPIFilters
    ordering_fields = ("name", "position", "created_at")

    def rows(self) -> QuerySet:
        return super().rows().select_related("organization")

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        row = args[0] if args else None
        if isinstance(row, HealthKPI) and not hasattr(row, "standing"):
            with_standing([row], self.membership)
        return super().get_serializer(*args, **kwargs)

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset)
        return None if page is None else with_standing(page, self.membership)

    def may_add(self) -> bool:
        return teams_decided_by(self.membership).exists()

    def add(self, given: dict[str, Any]) -> HealthKPI:
        self.refuse_team(given["team"])
        return save_health_kpi(HealthKPI(organization=self.membership.organization, **given), by=self.membership)

    def change(self, row: HealthKPI, given: dict[str, Any]) -> HealthKPI:
        if "team" in given and given["team"].pk != row.team_id:
            self.refuse_team(given["team"])
        given.pop("submission_key", None)
        for name, value in given.items():
            setattr(row, name, value)
        return save_health_kpi(row, by=self.membership, expected_version=self.expected_version)

    def refuse_team(self, team: Team) -> None:
        if not teams_decided_by(self.membership).filter(pk=team.pk).exists():
            refuse()


class HealthReadingFilters(filters.FilterSet):
    since = filters.DateFilter(field_name="period_start", lookup_expr="gte")
    until = filters.DateFilter(field_name="period_start", lookup_expr="lte")

    class Meta:
        model = HealthKPIReading
        fields: tuple[str, ...] = ()


class HealthReadingSerializer(serializers.ModelSerializer):
    """What a health KPI was in one week or month, why, and what is done about it."""

    value = AmountSerializerField()
    recorded_by = serializers.IntegerField(source="recorded_by_id", read_only=True)

    class Meta:
        model = HealthKPIReading
        fields = (
            "id",
            "version",
            "period_start",
            "value",
            "cause",
            "countermeasure",
            "recorded_by",
            "recorded_at",
        )
        read_only_fields = ("recorded_at",)


class HealthReadingInput(serializers.Serializer):
    """A reading: `period_start` may be any day of the week or month; `value` may be typed as people do."""

    period_start = serializers.DateField()
    value = AmountSerializerField()
    cause = serializers.CharField(max_length=MOST_WORDS, allow_blank=True, required=False)
    countermeasure = serializers.CharField(max_length=MOST_WORDS, allow_blank=True, required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        kpi = getattr(self.context.get("view"), "parent", None)
        if kpi is not None:
            self.fields["value"].unit = kpi.unit


@extend_schema_view(
    create=extend_schema(
        request=HealthReadingInput, responses={200: HealthReadingSerializer, 201: HealthReadingSerializer}
    ),
    partial_update=extend_schema(request=HealthReadingInput, responses=HealthReadingSerializer),
    destroy=extend_schema(responses={204: None}),
)
class HealthReadings(Nested, Noun):
    """The readings of a health KPI, newest first, one for each week or month.

    POST writes that of a period, new (201) or in the place of the one that is there (200): sending it again changes
    nothing. DELETE takes a reading back. The history keeps what was there.
    """

    parents = HealthKPI.objects
    parent_field = "health_kpi"
    queryset = HealthKPIReading.objects.order_by("-period_start")
    serializer_class = HealthReadingSerializer
    given_class = HealthReadingInput
    filterset_class = HealthReadingFilters

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if not HealthKPI.objects.enterable_by(self.membership).filter(pk=self.parent.pk).exists():
            refuse()
        given = self.given()
        first = step(self.parent.period, given["period_start"], 0)
        is_new = not self.rows().filter(period_start=first).exists()
        self.record(given, version=self.expected_version)
        row = self.rows().get(period_start=first)
        return self.shown(row, code=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_editable()
        version = self.expected_version
        given = self.given(row)
        given["period_start"] = row.period_start
        self.record(given, version=version)
        return self.answer(row)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_editable()
        self.record({"period_start": row.period_start, "value": None}, version=self.expected_version)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def record(self, given: dict[str, Any], *, version: int | None) -> None:
        record_health_reading(
            GivenReading(
                self.parent,
                given["period_start"],
                given.get("value", LEFT),
                cause=given.get("cause"),
                countermeasure=given.get("countermeasure"),
                version=version,
            ),
            by=self.membership,
        )
