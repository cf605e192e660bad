"""ABM matrices for other programs, to be read."""

from __future__ import annotations

from math import ceil
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from funnel.api.scenarios import TARGETS
from funnel.models import KGI, CountsAs, Fit, Matrix, MatrixStage, StageKind
from funnel.presenters.matrix import column_asked
from funnel.queries.matrices import MONTH, SPANS, Board, read_board
from people.api import Noun, RowFilter

SPAN = OpenApiParameter(
    "span",
    enum=list(SPANS),
    description="Which moves are told: the last whole week, the last four weeks (as told without it), or all so far.",
)
KNOWN = ("measured", "assumed", "resting", "unknown")


class MatrixStageSerializer(serializers.ModelSerializer):
    """A stage in its place; `assumed_rate` is the share (0–1) that goes on, used until five moves say it."""

    kind = serializers.ChoiceField(StageKind.choices)
    counts_as = serializers.ChoiceField(
        [(each.value, each.name) for each in CountsAs], help_text="The volume of the funnel that its leads count as."
    )
    assumed_rate = serializers.FloatField(allow_null=True)

    class Meta:
        model = MatrixStage
        fields = ("id", "name", "kind", "counts_as", "criteria", "assumed_rate", "position")
        read_only_fields = fields


class MatrixSerializer(serializers.ModelSerializer):
    """Leads by fit and stage for one market, between two days."""

    kgi = serializers.IntegerField(source="kgi_id", allow_null=True)
    stages = MatrixStageSerializer(many=True)

    class Meta:
        model = Matrix
        fields = ("id", "version", "name", "kgi", "has_leads", "starts_on", "ends_on", "stages", "created_at")
        read_only_fields = fields


class MatrixCellSerializer(serializers.Serializer):
    """How many stand in a cell, stood there four weeks ago, and are to stand there on the last day."""

    stage = serializers.IntegerField()
    fit = serializers.ChoiceField(Fit.choices)
    count = serializers.IntegerField()
    four_weeks_ago = serializers.IntegerField()
    target = serializers.IntegerField(allow_null=True)


class MatrixMoveSerializer(serializers.Serializer):
    """How many moved from a cell to another in the span; from outside where the first is null. `target` is for all days
    of the matrix.
    """

    from_stage = serializers.IntegerField(allow_null=True)
    from_fit = serializers.CharField(allow_blank=True)
    to_stage = serializers.IntegerField()
    to_fit = serializers.ChoiceField(Fit.choices)
    count = serializers.IntegerField()
    target = serializers.IntegerField(allow_null=True)


class ConversionShareSerializer(serializers.Serializer):
    """The share of what left a stage that went to another, null for lost without a stage; with its range if counted."""

    to_stage = serializers.IntegerField(allow_null=True)
    share = serializers.FloatField()
    count = serializers.IntegerField()
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class ConversionSerializer(serializers.Serializer):
    """How a stage is left, and the chance (0–1) of an order from it, null where that cannot be told."""

    stage = serializers.IntegerField()
    known = serializers.ChoiceField(KNOWN)
    count = serializers.IntegerField()
    chance_of_order = serializers.FloatField(allow_null=True)
    shares = ConversionShareSerializer(many=True)


class NeededMoveSerializer(serializers.Serializer):
    from_stage = serializers.IntegerField(allow_null=True)
    to_stage = serializers.IntegerField(allow_null=True)
    count = serializers.FloatField()


class NeededSerializer(serializers.Serializer):
    """What must still happen for the orders wanted in the matrix's days; `new_leads` is null where nobody can tell."""

    against = serializers.ChoiceField(TARGETS)
    wanted = serializers.IntegerField(help_text="Orders, the next whole number up.")
    from_leads = serializers.FloatField(help_text="Orders that the leads standing there are expected to bring.")
    new_leads = serializers.IntegerField(allow_null=True)
    moves = NeededMoveSerializer(many=True)


class MatrixDetailSerializer(MatrixSerializer):
    """A matrix with everything in it as it stands today."""

    orders = serializers.IntegerField(help_text="Orders in the matrix's days so far.")
    cells = MatrixCellSerializer(many=True)
    moves = MatrixMoveSerializer(many=True)
    conversions = ConversionSerializer(many=True)
    needed = NeededSerializer(many=True, help_text="For each target that says how many orders are wanted.")

    class Meta:
        model = Matrix
        fields = (*MatrixSerializer.Meta.fields, "orders", "cells", "moves", "conversions", "needed")
        read_only_fields = fields


class MatrixFilters(filters.FilterSet):
    kgi = RowFilter(KGI.objects)
    q = filters.CharFilter(field_name="name", lookup_expr="icontains")

    class Meta:
        model = Matrix
        fields: tuple[str, ...] = ()


class Matrices(Noun):
    """ABM matrices: leads by fit and stage, how they move, and what is still needed for the orders of the KGI."""

    queryset = Matrix.objects.order_by("name", "id")
    serializer_class = MatrixSerializer
    filterset_class = MatrixFilters
    ordering_fields = ("id", "name", "starts_on", "ends_on", "created_at")
    checks_parameters = True

    def rows(self) -> QuerySet:
        return super().rows().select_related("organization", "kgi").prefetch_related("stages")

    @extend_schema(parameters=[SPAN], responses=MatrixDetailSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        span = request.query_params.get("span") or MONTH
        row = self.get_object()
        if span not in SPANS:
            raise serializers.ValidationError({"span": [_("Write week, month or whole.")]})
        board = read_board(row, today=row.organization.today)
        told = MatrixSerializer(row, context=self.get_serializer_context()).data | {
            "orders": board.orders,
            "cells": cells_of(board),
            "moves": moves_of(board, span),
            "conversions": conversions_of(board),
            "needed": [needed_of(board, column) for column in board.goals],
        }
        return Response(told, headers=self.tag_of(row))


def cells_of(board: Board) -> list[dict[str, Any]]:
    return [
        {
            "stage": stage.pk,
            "fit": fit,
            "count": board.at(stage.pk, fit),
            "four_weeks_ago": max(board.before.get((stage.pk, fit), 0), 0),
            "target": board.target(stage.pk, fit),
        }
        for stage in board.stages
        for fit in Fit.values
    ]


def moves_of(board: Board, span: str) -> list[dict[str, Any]]:
    moved = board.by_cell(span)
    return [
        {
            "from_stage": where[0],
            "from_fit": where[1],
            "to_stage": where[2],
            "to_fit": where[3],
            "count": moved.get(where, 0),
            "target": board.move_targets.get(where),
        }
        for where in sorted({*moved, *board.move_targets}, key=lambda where: (where[0] or 0, *where[1:]))
    ]


def conversions_of(board: Board) -> list[dict[str, Any]]:
    return [
        {
            "stage": key,
            "known": leaving.known,
            "count": leaving.count,
            "chance_of_order": board.chain.winning.get(key),
            "shares": [
                {"to_stage": to, "share": one.share, "count": one.count, "low": one.low, "high": one.high}
                for to, one in leaving.to.items()
            ],
        }
        for key, leaving in board.chain.leaving.items()
    ]


def needed_of(board: Board, column: str) -> dict[str, Any]:
    need = board.needed(column)
    if need is None:
        return {}
    return {
        "against": column_asked(board, column),
        "wanted": ceil(board.goals[column].orders),
        "from_leads": round(need.from_stock, 6),
        "new_leads": need.new_leads,
        "moves": [
            {"from_stage": origin, "to_stage": to, "count": round(count, 6)}
            for (origin, to), count in need.moves.items()
        ],
    }
