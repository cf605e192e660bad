"""The calculators of scores: no row is read or written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from funnel.fields import AmountSerializerField
from objectives.formulas import alignment, pace, scoring
from objectives.models import Intent, Kind, Limit, Link, Period
from objectives.services.measures import sentence_of
from people.api import Calculator, at_most
from people.refusals import Refusal

Found = TypeVar("Found")

# What a calculator takes at once: a year of daily check-ins five times over, and well within a second of a worker.
MOST_ROWS = 2_000
MOST_STEPS = 200


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


def on_paper(
    request: Request,
    calculate: Callable[[scoring.Measure, str, scoring.Span, list[scoring.Reading], date], Found],
) -> Found:
    """What a formula says of the key result described in the request; raises `Refusal` for one that says nothing."""
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
        return calculate(measure, intent, span, readings, asked["today"])
    except scoring.MeasureRefused as refused:
        raise Refusal.of_field(refused.field, refused.code, sentence_of(refused, described["kind"])) from refused


class Score(Calculator):
    """Progress, score, pace, landing and health of a key result described in the request."""

    @extend_schema(request=ScoreSerializer, responses={200: dict[str, Any]})
    def post(self, request: Request) -> Response:
        standing = on_paper(request, pace.stand)
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


class RollUp(Calculator):
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
