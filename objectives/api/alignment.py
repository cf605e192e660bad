"""The scored tree of a cycle for other programs."""

from __future__ import annotations

from hashlib import sha256

import orjson
from django.http import Http404, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from objectives.access import choose_cycle
from objectives.api.cycles import CycleSerializer
from objectives.api.objectives import ParentSerializer
from objectives.models import Health, Intent, Kind, Level, ObjectiveState
from objectives.queries.trees import MOST_LEVELS, tree_as_json
from people.access import read_id
from people.api import Door

CYCLE = OpenApiParameter(
    "cycle", OpenApiTypes.INT, description="The cycle's id; left out, the one people work in today. 404 for an unknown."
)

ROOT = OpenApiParameter(
    "root",
    OpenApiTypes.INT,
    description="Only the branch below this objective of the cycle, itself included. 404 where it is not seen in it.",
)
LEVELS = OpenApiParameter(
    "levels",
    {"type": "integer", "minimum": 1, "maximum": MOST_LEVELS},
    description="Only so many levels, counted from what contributes to nothing seen, or from `root`.",
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
    children = serializers.IntegerField(
        required=False, help_text="How many objectives contribute to it; said where `root` or `levels` is asked."
    )
    depth = serializers.IntegerField(required=False, help_text="Its level in what is answered, from 1.")


class TreeSerializer(serializers.Serializer):
    """A cycle's objectives and how they hang together. A parent may stand in another cycle, a year above a quarter."""

    cycle = CycleSerializer(allow_null=True)
    nodes = NodeOfTreeSerializer(many=True)


class AlignmentTree(Door):
    """The scored tree of a cycle: every objective of it that the asker may see, with its parents and key results.

    Scores are the stored ones. A partner is told of the shared branches alone, and of nothing above them. A large tree
    is read by depth: `?levels=2` answers the two uppermost levels of what contributes to what, `?root=` a branch; each
    objective then says its `depth` and how many `children` contribute to it. The answer carries an `ETag`.
    """

    checks_parameters = True

    @extend_schema(parameters=[CYCLE, ROOT, LEVELS], responses=TreeSerializer)
    def get(self, request: Request, slug: str) -> HttpResponse:
        root, levels = asked_number(request, "root", 10**18), asked_number(request, "levels", MOST_LEVELS)
        cycle = choose_cycle(request, self.membership)  # type: ignore[arg-type]
        nodes = tree_as_json(self.membership, cycle, root=root, levels=levels) if cycle else []
        if root is not None and not nodes:
            raise Http404
        told = orjson.dumps(CycleSerializer(cycle).data if cycle else None).decode()
        body = f'{{"cycle":{told},"nodes":[{",".join(nodes)}]}}'.encode()
        etag = f'"{sha256(body).hexdigest()[:32]}"'
        answer = HttpResponse(body, content_type="application/json", headers={"ETag": etag})
        return get_conditional_response(request._request, etag=etag, response=answer)  # type: ignore[return-value]


def asked_number(request: Request, name: str, most: int) -> int | None:
    """A whole number from 1 to `most` in the address; 400 for anything else, None where nothing is asked."""
    text = request.query_params.get(name, "")
    if not text:
        return None
    number = read_id(text)
    if number is None or not 1 <= number <= most:
        raise serializers.ValidationError({name: [_("Write a whole number from 1 to %(most)s.") % {"most": most}]})
    return number
