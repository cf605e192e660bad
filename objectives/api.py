"""Check-ins for other programs, and the calculators of scores."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from funnel.fields import AmountSerializerField
from objectives import services
from objectives.formulas import alignment, pace, scoring
from objectives.models import CheckIn, Intent, KeyResult, Kind, Limit, Link, Period
from objectives.services.measures import sentence_of
from people.access import get_membership, get_visible, refuse
from people.api import Pages
from people.refusals import Refusal

# What a calculator takes at once: a year of daily check-ins five times over, and well within a second of a worker.
MOST_ROWS = 2_000
MOST_STEPS = 200


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
    author = serializers.StringRelatedField(read_only=True)
    corrected_by = serializers.PrimaryKeyRelatedField(read_only=True)

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
        )
        read_only_fields = ("created_at",)

    def __init__(self, *args: Any, key_result: KeyResult | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if key_result is not None:
            self.fields["value"].unit = key_result.unit
            self.fields["corrects"].queryset = key_result.check_ins.all()


class CheckIns(APIView):
    """The check-ins of a key result, newest first; a new one is recorded by the same service as the page's."""

    def key_result(self, request: Request, slug: str, pk: int) -> tuple[KeyResult, Any]:
        membership = get_membership(request, slug)  # type: ignore[arg-type]
        return get_visible(KeyResult.objects, membership, pk=pk), membership

    @extend_schema(responses=CheckInSerializer(many=True))
    def get(self, request: Request, slug: str, pk: int) -> Response:
        key_result, membership = self.key_result(request, slug, pk)
        rows = CheckIn.objects.visible_to(membership).filter(key_result=key_result).newest_first()
        pages = Pages()
        page = pages.paginate_queryset(rows.select_related("author__user", "corrected_by"), request, view=self)
        return pages.get_paginated_response(CheckInSerializer(page, many=True).data)

    @extend_schema(request=CheckInSerializer, responses=CheckInSerializer)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        key_result, membership = self.key_result(request, slug, pk)
        if not KeyResult.objects.checkable_by(membership).filter(pk=key_result.pk).exists():
            refuse()
        given = CheckInSerializer(data=request.data, key_result=key_result)
        given.is_valid(raise_exception=True)
        check_in, created = services.record_check_in(key_result, author=membership, **given.validated_data)
        scored = KeyResult.objects.select_related("scored").get(pk=key_result.pk).scored
        answer = CheckInSerializer(check_in).data | {
            "key_result": {
                "id": key_result.pk,
                "progress": scored.progress,
                "score": scored.score,
                "health": scored.health,
            }
        }
        return Response(answer, status=status.HTTP_201_CREATED if created else status.HTTP_200_OK)


# Calculators: no row is read or written


def at_most(number: int, child: serializers.Serializer, **options: Any) -> serializers.ListSerializer:
    """A list that takes so many, and says so to whoever sends more."""
    too_many = gettext_lazy("Send {max_length} at once at most.")
    return serializers.ListSerializer(
        child=child, max_length=number, error_messages={"max_length": too_many}, **options
    )


class StepSerializer(serializers.Serializer):
    weight = AmountSerializerField()
    done = serializers.BooleanField(default=False)


class MeasureSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=Kind.choices)
    intent = serializers.ChoiceField(choices=Intent.choices, default=Intent.ASPIRATIONAL)
    start_value = AmountSerializerField(required=False, allow_null=True)
    must_hit_value = AmountSerializerField(required=False, allow_null=True)
    target_value = AmountSerializerField(required=False, allow_null=True)
    limit = serializers.ChoiceField(choices=Limit.choices, required=False, allow_null=True)
    quota = AmountSerializerField(required=False, allow_null=True)
    period = serializers.ChoiceField(choices=Period.choices, required=False, allow_null=True)
    population = AmountSerializerField(required=False, allow_null=True)
    steps = at_most(MOST_STEPS, StepSerializer(), required=False)
    measure_first = serializers.BooleanField(default=False)


class SpanSerializer(serializers.Serializer):
    start = serializers.DateField()
    end = serializers.DateField()


class ReadingSerializer(serializers.Serializer):
    date = serializers.DateField()
    value = AmountSerializerField(required=False, allow_null=True)
    confidence = serializers.IntegerField(min_value=0, max_value=10, required=False, allow_null=True)


class ScoreSerializer(serializers.Serializer):
    """A key result on paper: what it measures, its cycle, its check-ins in order of entry, and the day."""

    key_result = MeasureSerializer()
    cycle = SpanSerializer()
    check_ins = at_most(MOST_ROWS, ReadingSerializer(), required=False)
    today = serializers.DateField()


class Score(APIView):
    """Progress, score, pace, landing and health of a key result described in the request."""

    @extend_schema(request=ScoreSerializer, responses={200: dict[str, Any]})
    def post(self, request: Request) -> Response:
        given = ScoreSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        described = dict(asked["key_result"])
        intent = described.pop("intent")
        steps = tuple(scoring.Step(Decimal(step["weight"]), step["done"]) for step in described.pop("steps", ()))
        readings = [
            scoring.Reading(reading["date"], reading.get("value"), reading.get("confidence"))
            for reading in asked.get("check_ins", ())
        ]
        try:
            span = scoring.Span(asked["cycle"]["start"], asked["cycle"]["end"])
            measure = scoring.Measure(**described, steps=steps)
            standing = pace.stand(measure, intent, span, readings, asked["today"])
        except scoring.MeasureRefused as refused:
            raise Refusal.of_field(refused.field, refused.code, sentence_of(refused, described["kind"])) from refused
        return Response(
            {
                "progress": standing.progress,
                "score": standing.score,
                "pace": standing.pace,
                "landing": standing.landing,
                "health": standing.health,
            }
        )


ROLL_UP_SENTENCES = {
    "loop": gettext_lazy("These alignments lead back to where they began."),
    "unknown_objective": gettext_lazy("A parent of this alignment is not among the objectives."),
    "weights_above_one": gettext_lazy("Together the weights of the key results may be 1 at most."),
    "weight_negative": gettext_lazy("A weight may not be below 0."),
}


class PartSerializer(serializers.Serializer):
    score = serializers.FloatField(min_value=0, max_value=1, allow_null=True)
    weight = serializers.FloatField(min_value=0, max_value=1e6, required=False, allow_null=True, default=None)


class ParentSerializer(serializers.Serializer):
    objective = serializers.CharField(max_length=100)
    link = serializers.ChoiceField(choices=Link.choices, default=Link.CONTRIBUTES)
    weight = serializers.FloatField(min_value=0, max_value=1e6, required=False, allow_null=True, default=None)


class NodeSerializer(serializers.Serializer):
    id = serializers.CharField(max_length=100)
    key_results = PartSerializer(many=True, required=False)
    parents = ParentSerializer(many=True, required=False)


class RollUpSerializer(serializers.Serializer):
    objectives = at_most(MOST_ROWS, NodeSerializer())


class RollUp(APIView):
    """Scores of objectives that contribute to each other, described in the request."""

    @extend_schema(request=RollUpSerializer, responses={200: dict[str, Any]})
    def post(self, request: Request) -> Response:
        given = RollUpSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        nodes, links = [], []
        for row in given.validated_data["objectives"]:
            parts = tuple(
                alignment.KeyResultNode(id=(row["id"], number), score=part["score"], weight=part["weight"])
                for number, part in enumerate(row.get("key_results", ()))
            )
            nodes.append(alignment.ObjectiveNode(row["id"], parts))
            links += [
                alignment.Link(row["id"], parent["objective"], link=parent["link"], weight=parent["weight"])
                for parent in row.get("parents", ())
            ]
        if len({node.id for node in nodes}) < len(nodes):
            raise Refusal.of_field("objectives", "repeated", _("Two objectives have the same id."))
        try:
            rolled = alignment.roll_up(nodes, links, as_given=True)
        except alignment.AlignmentRefused as refused:
            raise Refusal.of_field("objectives", refused.code, str(ROLL_UP_SENTENCES[refused.code])) from refused
        return Response({"scores": rolled.scores})
