"""Meetings and their minutes for other programs."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from objectives.models import LineKind, Meeting, MinuteLine
from people.api import Noun, RowFilter
from people.models import Team


class MinuteLineSerializer(serializers.ModelSerializer):
    """One line of the minutes. `item` is the item of the agenda it was said at, `action` what came of it."""

    kind = serializers.ChoiceField(LineKind.choices, read_only=True)
    key_result = serializers.IntegerField(source="key_result_id", read_only=True, allow_null=True)
    author = serializers.IntegerField(source="author_id", read_only=True)
    action = serializers.SerializerMethodField()

    class Meta:
        model = MinuteLine
        fields = ("id", "version", "kind", "text", "item", "key_result", "author", "action", "created_at")
        read_only_fields = fields

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_action(self, line: MinuteLine) -> int | None:
        return getattr(getattr(line, "action", None), "pk", None)


class MeetingSerializer(serializers.ModelSerializer):
    """A team's meeting with its minutes; `ended_at` is null while it runs."""

    team = serializers.IntegerField(source="team_id", read_only=True)
    cycle = serializers.IntegerField(source="cycle_id", read_only=True, allow_null=True)
    facilitator = serializers.IntegerField(source="facilitator_id", read_only=True)
    previous = serializers.IntegerField(source="previous_id", read_only=True, allow_null=True)
    present = serializers.ListField(child=serializers.IntegerField(), read_only=True)
    lines = MinuteLineSerializer(many=True, read_only=True, source="standing")

    class Meta:
        model = Meeting
        fields = (
            "id",
            "version",
            "team",
            "cycle",
            "date",
            "facilitator",
            "present",
            "previous",
            "started_at",
            "ended_at",
            "lines",
        )
        read_only_fields = fields


class MeetingFilters(filters.FilterSet):
    team = RowFilter(Team.objects)
    date = filters.DateFromToRangeFilter()
    running = filters.BooleanFilter(field_name="ended_at", lookup_expr="isnull")

    class Meta:
        model = Meeting
        fields: tuple[str, ...] = ()


class Meetings(Noun):
    """The meetings of the teams, newest first, with their minutes. They are held on the page and read here.

    What was decided are lines of the kind `decision`; what somebody is to do are lines with an `action`. A partner
    sees none.
    """

    queryset = Meeting.objects.order_by("-date", "-id")
    serializer_class = MeetingSerializer
    filterset_class = MeetingFilters
    ordering_fields = ("id", "date", "started_at")

    def rows(self) -> QuerySet:
        standing = MinuteLine.objects.filter(withdrawn_at=None).select_related("action").order_by("id")
        return super().rows().prefetch_related(Prefetch("lines", standing, to_attr="standing"))
