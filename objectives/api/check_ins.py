"""Check-ins for other programs."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from funnel.fields import AmountSerializerField
from objectives import services
from objectives.models import CheckIn, KeyResult, KeyResultScore, ObstacleKind
from people.access import refuse
from people.api import NameField, Nested, Noun, RowFilter
from people.models import Membership

MOST_STEPS = 200
MOST_SOLVED = 100


class CheckInFilters(filters.FilterSet):
    since = filters.DateFilter(field_name="date", lookup_expr="gte")
    until = filters.DateFilter(field_name="date", lookup_expr="lte")
    author = RowFilter(Membership.objects)
    obstacle = filters.BooleanFilter(method="in_the_way", help_text="Those that name something in the way, or none.")

    class Meta:
        model = CheckIn
        fields: tuple[str, ...] = ()

    def in_the_way(self, rows: QuerySet, name: str, named: bool) -> QuerySet:
        return rows.exclude(obstacle="") if named else rows.filter(obstacle="")


class CheckInSerializer(serializers.ModelSerializer):
    """A check-in as it is sent and answered; `value` may be typed as people do."""

    value = AmountSerializerField(required=False)
    confidence = serializers.IntegerField(min_value=0, max_value=10, required=False, allow_null=True)
    steps_done = serializers.ListField(child=serializers.IntegerField(), required=False, max_length=MOST_STEPS)
    submission_key = serializers.UUIDField(required=False)
    date = serializers.DateField(required=False)
    corrects = serializers.PrimaryKeyRelatedField(
        queryset=CheckIn.objects.none(), required=False, allow_null=True, default=None
    )
    author = NameField()
    corrected_by = serializers.PrimaryKeyRelatedField(read_only=True, allow_null=True)

    obstacle_kind = serializers.ChoiceField(
        ObstacleKind.choices, required=False, write_only=True, help_text="What sort of obstacle it is."
    )
    solved_obstacles = serializers.ListField(
        child=serializers.IntegerField(),
        required=False,
        max_length=MOST_SOLVED,
        write_only=True,
        source="solved",
        help_text="The ids of obstacles of this key result that are out of the way.",
    )

    class Meta:
        model = CheckIn
        fields = (
            "id",
            "value",
            "confidence",
            "going_well",
            "obstacle",
            "next_step",
            "date",
            "steps_done",
            "corrects",
            "corrected_by",
            "submission_key",
            "author",
            "created_at",
            "obstacle_kind",
            "solved_obstacles",
        )
        read_only_fields = ("created_at",)

    def __init__(self, *args: Any, key_result: KeyResult | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if key_result is not None:
            self.fields["value"].unit = key_result.unit
            self.fields["corrects"].queryset = key_result.check_ins.all()


class ScoredSerializer(serializers.ModelSerializer):
    """What became of the key result."""

    id = serializers.IntegerField(source="key_result_id")

    class Meta:
        model = KeyResultScore
        fields = ("id", "progress", "score", "health")


class RecordedSerializer(CheckInSerializer):
    """A check-in with what it made of its key result."""

    key_result = ScoredSerializer(source="key_result.scored", read_only=True)

    class Meta(CheckInSerializer.Meta):
        fields = (*CheckInSerializer.Meta.fields, "key_result")  # type: ignore[assignment]


@extend_schema_view(
    create=extend_schema(request=CheckInSerializer, responses={200: RecordedSerializer, 201: RecordedSerializer})
)
class CheckIns(Nested, Noun):
    """The check-ins of a key result, newest first. A repeated `submission_key` is answered by the first one, with 200.

    They are never changed: a wrong one is corrected by a new one that names it in `corrects`.
    """

    parents = KeyResult.objects
    parent_field = "key_result"
    queryset = CheckIn.objects.order_by("-date", "-created_at", "-id")
    serializer_class = CheckInSerializer
    filterset_class = CheckInFilters

    def rows(self) -> QuerySet:
        return super().rows().select_related("author__user", "corrected_by")

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if not KeyResult.objects.checkable_by(self.membership).filter(pk=self.parent.pk).exists():
            refuse()
        given = CheckInSerializer(data=request.data, key_result=self.parent)
        given.is_valid(raise_exception=True)
        check_in, created = services.record_check_in(self.parent, author=self.membership, **given.validated_data)
        # What was scored meanwhile stands in the database.
        check_in.key_result = KeyResult.objects.select_related("scored").get(pk=self.parent.pk)
        answer = RecordedSerializer(check_in, context=self.get_serializer_context()).data
        return Response(answer, status=status.HTTP_201_CREATED if created else status.HTTP_200_OK)
