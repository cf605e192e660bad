"""The scored tree of a cycle for other programs."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from objectives.access import choose_cycle, teams_seen_by
from objectives.api.cycles import CycleSerializer
from objectives.api.objectives import ParentSerializer, parents_told, standing_parents
from objectives.models import Cycle, Health, Intent, KeyResult, Kind, Level, Objective, ObjectiveState
from people.api import Door, is_told
from people.models import Membership

CYCLE = OpenApiParameter(
    "cycle", OpenApiTypes.INT, description="The cycle's id; left out, the one people work in today. 404 for an unknown."
)


class LeafSerializer(serializers.Serializer):
    """A key result in the tree."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(Kind.choices)
    owner = serializers.IntegerField(allow_null=True)
    share = serializers.FloatField(allow_null=True, help_text="Its part of the objective's score.")
    progress = serializers.FloatField(allow_null=True)
    score = serializers.FloatField(allow_null=True)
    pace = serializers.FloatField(allow_null=True)
    health = serializers.ChoiceField(Health.choices)


class NodeOfTreeSerializer(serializers.Serializer):
    """An objective in the tree, with what it helps and what it is scored from."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    level = serializers.ChoiceField(Level.choices)
    kind = serializers.ChoiceField(Intent.choices)
    state = serializers.ChoiceField(ObjectiveState.choices)
    team = serializers.IntegerField(allow_null=True)
    owner = serializers.IntegerField(allow_null=True)
    score = serializers.FloatField(allow_null=True)
    pace = serializers.FloatField(allow_null=True)
    landing = serializers.FloatField(allow_null=True)
    health = serializers.ChoiceField(Health.choices)
    parents = ParentSerializer(many=True)
    key_results = LeafSerializer(many=True)


class TreeSerializer(serializers.Serializer):
    """A cycle's objectives and how they hang together. A parent may stand in another cycle, a year above a quarter."""

    cycle = CycleSerializer(allow_null=True)
    nodes = NodeOfTreeSerializer(many=True)


class AlignmentTree(Door):
    """The scored tree of a cycle: every objective of it that the asker may see, with its parents and key results.

    Scores are the stored ones. A partner is told of the shared branches alone, and of nothing above them.
    """

    @extend_schema(parameters=[CYCLE], responses=TreeSerializer)
    def get(self, request: Request, slug: str) -> Response:
        cycle = choose_cycle(request, self.membership)  # type: ignore[arg-type]
        return Response(
            {"cycle": CycleSerializer(cycle).data if cycle else None, "nodes": self.nodes(cycle) if cycle else []}
        )

    def nodes(self, cycle: Cycle) -> list[dict[str, Any]]:
        visible = Objective.objects.visible_to(self.membership).in_cycle(cycle)
        parents = defaultdict(list)
        for row in standing_parents().filter(child__in=visible.order_by().values("pk")):
            parents[row.child_id].append(row)
        leaves = self.leaves(cycle)
        fields = ("pk", "title", "level", "kind", "state", "team_id", "owner_id")
        scored = tuple(f"scored__{name}" for name in ("score", "pace", "landing", "health"))
        rows = visible.order_by("team__position", "team", "position", "pk").values_list(*fields, *scored)
        return [
            {
                "id": pk,
                "title": title,
                "level": level,
                "kind": kind,
                "state": state,
                "team": team if is_told(self, teams_seen_by, team) else None,
                "owner": self.known(owner),
                "score": score,
                "pace": pace,
                "landing": landing,
                "health": health or Health.NOT_STARTED,
                "parents": parents_told(self, parents[pk]),
                "key_results": leaves[pk],
            }
            for pk, title, level, kind, state, team, owner, score, pace, landing, health in rows
        ]

    def leaves(self, cycle: Cycle) -> dict[int, list[dict[str, Any]]]:
        """The key results below each objective."""
        fields = ("objective_id", "pk", "title", "kind", "owner_id")
        scored = tuple(f"scored__{name}" for name in ("share", "progress", "score", "pace", "health"))
        rows = KeyResult.objects.visible_to(self.membership).in_cycle(cycle).order_by("objective", "position", "pk")
        leaves: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for objective, pk, title, kind, owner, share, progress, score, pace, health in rows.values_list(
            *fields, *scored
        ):
            leaves[objective].append(
                {
                    "id": pk,
                    "title": title,
                    "kind": kind,
                    "owner": self.known(owner),
                    "share": share,
                    "progress": progress,
                    "score": score,
                    "pace": pace,
                    "health": health or Health.NOT_STARTED,
                }
            )
        return leaves

    def known(self, member: int | None) -> int | None:
        return member if is_told(self, Membership.objects.visible_to, member) else None
