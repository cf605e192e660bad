"""The calculators of a KPI tree's gap and of its likelihood: no row is read or written."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from funnel.api.kpi_trees import COLUMNS, NumberField, Question, answer, shown
from funnel.formulas.attribution import attribute
from funnel.formulas.kpi_tree import Tree
from funnel.formulas.simulation import MOST_SAMPLES, simulate
from people.api import Calculator

MOST_TARGETS = 100


class AttributionQuestion(Question):
    """A tree, and the columns between which the goal moves."""

    to = serializers.ChoiceField(choices=COLUMNS)

    def get_fields(self) -> dict[str, Any]:
        # What the contract calls it is a word of Python's own.
        return super().get_fields() | {"from": serializers.ChoiceField(choices=COLUMNS)}


class SimulationQuestion(Question):
    """A tree with ranges, the goals whose probability is asked, how many samples, and where chance begins."""

    targets = serializers.DictField(child=NumberField(), default=dict)
    samples = serializers.IntegerField(
        min_value=1,
        max_value=MOST_SAMPLES,
        required=False,
        help_text="100,000 unless said; of a tree too large for that as many as are possible.",
    )
    seed = serializers.IntegerField(min_value=-(2**63), max_value=2**63 - 1, default=0)

    def validate_targets(self, targets: dict[str, float]) -> dict[str, float]:
        if len(targets) > MOST_TARGETS:
            raise serializers.ValidationError(
                _("Send {max_length} at once at most.").format(max_length=MOST_TARGETS), code="max_length"
            )
        return targets


class Attribute(Calculator):
    """What each lever has to do with the goal's gap between two columns: Shapley values, which sum to the gap."""

    @extend_schema(request=AttributionQuestion, responses={200: dict[str, Any]})
    def post(self, request: Request) -> Response:
        def parts(asked: Any, tree: Tree) -> dict[str, Any]:
            found = attribute(tree, start=asked["from"], end=asked["to"])
            return {
                "gap": shown(found.gap),
                "parts": [{"key": part.key, "value": shown(part.value)} for part in found.parts],
                "method": found.method,
            }

        return answer(AttributionQuestion, request, parts)


class Simulate(Calculator):
    """How likely the goal reaches each target when the levers lie within their ranges, and which of them drive it."""

    @extend_schema(request=SimulationQuestion, responses={200: dict[str, Any]})
    def post(self, request: Request) -> Response:
        def likelihood(asked: Any, tree: Tree) -> dict[str, Any]:
            found = simulate(tree, targets=asked["targets"], samples=asked.get("samples"), seed=asked["seed"])
            return {
                **{name: shown(getattr(found, name)) for name in ("mean", "sd", "p10", "p50", "p90")},
                "probability": dict(found.probability),
                "drivers": [{"key": driver.key, "share": driver.share} for driver in found.drivers],
                "bins": {"edges": [shown(edge) for edge in found.bins.edges], "counts": list(found.bins.counts)},
                "samples": found.samples,
            }

        return answer(SimulationQuestion, request, likelihood)
