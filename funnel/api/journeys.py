"""Customer journeys and their content for other programs."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from funnel.models import (
    KGI,
    PLANNERS,
    Content,
    ContentFormat,
    ContentState,
    Journey,
    JourneyPhase,
    TouchPoint,
)
from funnel.services import contents
from people.api import Adding, Changing, LineField, Noun, OfferedField, RowField, RowFilter
from people.api.describing import written_as
from people.models import Membership
from people.queries import possible_owners


class ContentSerializer(serializers.ModelSerializer):
    """A piece of content of a touch point; `number` is the one it is called by behind the touch point's (3-1)."""

    touch_point = serializers.IntegerField(source="touch_point_id")
    owner = serializers.IntegerField(source="owner_id", allow_null=True)
    address = serializers.CharField(read_only=True)

    class Meta:
        model = Content
        fields = (
            "id",
            "version",
            "touch_point",
            "number",
            "title",
            "format",
            "owner",
            "publish_on",
            "state",
            "published_on",
            "address",
            "created_at",
        )
        read_only_fields = fields


class TouchPointSerializer(serializers.ModelSerializer):
    """Where the customer is met in a phase; `kpi` is the lever that is to move by it."""

    kpi = serializers.IntegerField(source="kpi_id", allow_null=True)
    contents = serializers.ListField(child=serializers.IntegerField(), source="content_ids")

    class Meta:
        model = TouchPoint
        fields = ("id", "version", "number", "name", "medium", "kpi", "contents")
        read_only_fields = fields


class JourneyPhaseSerializer(serializers.ModelSerializer):
    touch_points = TouchPointSerializer(many=True)

    class Meta:
        model = JourneyPhase
        fields = ("id", "version", "name", "thinks", "wants", "condition", "touch_points")
        read_only_fields = fields


class JourneySerializer(serializers.ModelSerializer):
    """A customer journey with its phases in order, and their touch points."""

    kgi = serializers.IntegerField(source="kgi_id", allow_null=True)
    phases = serializers.SerializerMethodField()

    class Meta:
        model = Journey
        fields = ("id", "version", "name", "customer", "kgi", "phases", "created_at")
        read_only_fields = fields

    @extend_schema_field(JourneyPhaseSerializer(many=True))
    def get_phases(self, journey: Journey) -> Any:
        phases = list(journey.phases.all())
        for phase in phases:
            for point in phase.touch_points.all():
                point.content_ids = [content.pk for content in point.contents.all()]  # type: ignore[attr-defined]
        return JourneyPhaseSerializer(phases, many=True).data


class JourneyFilters(filters.FilterSet):
    kgi = RowFilter(KGI.objects)
    q = filters.CharFilter(field_name="name", lookup_expr="icontains")

    class Meta:
        model = Journey
        fields: tuple[str, ...] = ()


class Journeys(Noun):
    """Customer journeys, without those put away. Written on their pages. Partners see none."""

    queryset = Journey.objects.order_by("name", "id")
    serializer_class = JourneySerializer
    filterset_class = JourneyFilters
    ordering_fields = ("id", "name", "created_at")

    def rows(self) -> QuerySet:
        phases = JourneyPhase.objects.filter(removed_at=None).order_by("position", "pk")
        points = TouchPoint.objects.filter(removed_at=None).order_by("medium", "position", "pk")
        kept = Content.objects.filter(dropped_at=None).order_by("number")
        return (
            super()
            .rows()
            .prefetch_related(
                Prefetch("phases", phases),
                Prefetch("phases__touch_points", points),
                Prefetch("phases__touch_points__contents", kept),
            )
        )


class ContentFilters(filters.FilterSet):
    journey = RowFilter(Journey.objects, field_name="touch_point__phase__journey")
    touch_point = RowFilter(TouchPoint.objects)
    owner = RowFilter(Membership.objects)
    state = filters.MultipleChoiceFilter(choices=ContentState.choices)
    format = filters.MultipleChoiceFilter(choices=ContentFormat.choices)
    publish_from = filters.DateFilter(field_name="publish_on", lookup_expr="gte")
    publish_until = filters.DateFilter(field_name="publish_on", lookup_expr="lte")
    has_day = filters.BooleanFilter(method="with_day", help_text="With a day, or without.")

    class Meta:
        model = Content
        fields: tuple[str, ...] = ()

    def with_day(self, rows: QuerySet, name: str, has_day: bool) -> QuerySet:
        return rows.exclude(publish_on=None) if has_day else rows.filter(Q(publish_on=None))


class ContentInput(serializers.Serializer):
    """What is written of a piece of content. `published_on` follows from the state `done`."""

    touch_point = RowField(TouchPoint.objects)
    title = LineField(max_length=200)
    format = serializers.ChoiceField(ContentFormat.choices, required=False)
    owner = OfferedField(possible_owners, Membership, required=False, allow_null=True)
    publish_on = serializers.DateField(required=False, allow_null=True)
    state = serializers.ChoiceField(ContentState.choices, required=False)
    address = serializers.URLField(max_length=500, required=False, allow_blank=True)
    submission_key = serializers.UUIDField(required=False, help_text="A repeated one answers the first content.")


@written_as(ContentInput, ContentSerializer)
class Contents(Adding, Changing, Noun):
    """Content of customer journeys, without what was dropped. Partners see none.

    Whoever plans writes all of it, everybody else what they own.
    """

    queryset = Content.objects.order_by("publish_on", "id")
    serializer_class = ContentSerializer
    given_class = ContentInput
    filterset_class = ContentFilters
    ordering_fields = ("id", "publish_on", "published_on", "created_at")

    def may_add(self) -> bool:
        return not self.membership.is_partner

    def add(self, given: dict[str, Any]) -> Content:
        if "owner" not in given and self.membership.role in PLANNERS:
            given["owner"] = self.membership
        return contents.add_content(Content(**given), by=self.membership)[0]

    def change(self, row: Content, given: dict[str, Any]) -> Content:
        given.pop("submission_key", None)
        for name, value in given.items():
            setattr(row, name, value)
        return contents.save_content(row, by=self.membership, expected_version=self.expected_version)
