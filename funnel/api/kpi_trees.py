"""The calculators of KPI trees: no row is read or written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from funnel.formulas.consistency import check
from funnel.formulas.formula import LONGEST_FORMULA, LONGEST_KEY
from funnel.formulas.kpi_tree import MOST_NODES, Formula, Lever, Node, Tree, TreeRefused
from funnel.formulas.sensitivity import sensitivity
from funnel.formulas.solving import solve_lever, solve_mix
from funnel.sentences import sentence_of
from people.api import Calculator, at_most
from people.refusals import Refusal

COLUMNS = ("current", "must_hit", "challenge", "actual")
# What is wrong with the question and not with its tree.
FIELDS = {
    "not_a_lever": "levers",
    "locked": "levers",
    "lever_is_zero": "levers",
    "nothing_to_move": "levers",
    "unreachable": "goal_target",
}


@extend_schema_field(OpenApiTypes.DOUBLE)
class NumberField(serializers.Field):
    """A finite JSON number: no text, no true, no NaN."""

    default_error_messages = {"not_a_number": _("This is not a finite number.")}

    def to_internal_value(self, data: Any) -> float:
        try:
            number = float(data) if isinstance(data, int | float) and not isinstance(data, bool) else float("nan")
        except OverflowError:
            number = float("inf")
        if not isfinite(number):
            self.fail("not_a_number")
        return number

    def to_representation(self, value: float) -> float | int:
        return shown(value)


def optional() -> NumberField:
    return NumberField(required=False, allow_null=True)


class KPINodeSerializer(serializers.Serializer):
    """A lever with its columns, its range, its limits, its effort; or a formula over other nodes."""

    key = serializers.CharField(max_length=LONGEST_KEY * 4)
    formula = serializers.CharField(max_length=LONGEST_FORMULA * 4, required=False, allow_null=True)
    current = optional()
    must_hit = optional()
    challenge = optional()
    actual = optional()
    low = optional()
    likely = optional()
    high = optional()
    min = optional()
    max = optional()
    effort = optional()
    locked = serializers.BooleanField(default=False)


class KPITreeSerializer(serializers.Serializer):
    """The goal's key, and the nodes."""

    goal = serializers.CharField(max_length=LONGEST_KEY * 4)
    nodes = at_most(MOST_NODES, KPINodeSerializer(), allow_empty=False)


class Question(serializers.Serializer):
    """What every calculator of trees takes; `asked_tree` is ready to be calculated once the question is valid."""

    tree = KPITreeSerializer()

    @property
    def asked_tree(self) -> Tree:
        given = self.validated_data["tree"]
        return Tree(given["goal"], [node_of(node) for node in given["nodes"]])


class ColumnQuestion(Question):
    column = serializers.ChoiceField(choices=COLUMNS)


class ConsistencyQuestion(ColumnQuestion):
    goal_target = NumberField()


class SensitivityQuestion(ColumnQuestion):
    """`change` 0.1 is ±10%; without it each lever moves over its own range."""

    change = optional()

    def validate_change(self, change: float | None) -> float | None:
        if change is not None and change <= 0:
            raise serializers.ValidationError(_("This must be greater than 0."))
        return change


class SolveQuestion(ColumnQuestion):
    """One `lever`, or several `levers`."""

    goal_target = NumberField()
    lever = serializers.CharField(max_length=LONGEST_KEY * 4, required=False, allow_null=True)
    levers = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_KEY * 4),
        max_length=MOST_NODES,
        required=False,
        allow_null=True,
        allow_empty=False,
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs.get("lever") is None) == (attrs.get("levers") is None):
            both = _("Name one lever, or several levers: exactly one of the two.")
            raise serializers.ValidationError({"lever": [both], "levers": [both]})
        return attrs


def node_of(given: dict[str, Any]) -> Node:
    if given.get("formula") is not None:
        return Formula(given["key"], given["formula"])
    return Lever(
        given["key"],
        {column: given.get(column) for column in COLUMNS},
        low=given.get("low"),
        likely=given.get("likely"),
        high=given.get("high"),
        minimum=given.get("min"),
        maximum=given.get("max"),
        effort=1.0 if given.get("effort") is None else given["effort"],
        locked=given["locked"],
    )


def shown(value: float) -> float | int:
    """A whole number without its decimal point, as JSON says it."""
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def shown_all(values: Mapping[str, float | None]) -> dict[str, float | int | None]:
    return {key: None if value is None else shown(value) for key, value in values.items()}


def answer(question: type[Question], request: Request, calculate: Callable[[Any, Tree], dict[str, Any]]) -> Response:
    """Read the question, answer it, and say what makes no tree with the place named."""
    asked = question(data=request.data)
    asked.is_valid(raise_exception=True)
    try:
        return Response(calculate(asked.validated_data, asked.asked_tree))
    except TreeRefused as refused:
        raise refusal_of(refused, field_of(refused, asked.validated_data)) from refused


def field_of(refused: TreeRefused, asked: Mapping[str, Any]) -> str:
    field = FIELDS.get(refused.code, "tree")
    return "lever" if field == "levers" and asked.get("lever") is not None else field


def refusal_of(refused: TreeRefused, field: str = "tree") -> Refusal:
    """The one shape, with `place`: the node, and where in its formula."""
    sentence = sentence_of(refused)
    place = {"node": refused.key or None, "start": refused.start, "end": refused.end, "found": refused.found or None}
    more = {"place": place} | ({"best": shown_best(refused.best)} if refused.best else {})
    return Refusal(refused.code, sentence, {field: [sentence]}, more=more)


def shown_best(best: Mapping[str, Any]) -> dict[str, Any]:
    return {name: shown_all(found) if isinstance(found, Mapping) else shown(found) for name, found in best.items()}


class Evaluate(Calculator):
    """Every node's value in a column."""

    @extend_schema(request=ColumnQuestion, responses={200: dict[str, Any]})
    def post(self, request: Request) -> Response:
        def values(asked: Any, tree: Tree) -> dict[str, Any]:
            return {"values": {key: shown(value) for key, value in tree.evaluate(asked["column"]).items()}}

        return answer(ColumnQuestion, request, values)


class Consistency(Calculator):
    """What the goal needs beside what its levers promise together."""

    @extend_schema(request=ConsistencyQuestion, responses={200: dict[str, Any]})
    def post(self, request: Request) -> Response:
        def compared(asked: Any, tree: Tree) -> dict[str, Any]:
            found = check(tree, column=asked["column"], goal_target=asked["goal_target"])
            ratios = ("goal_current", "goal_implied", "required_ratio", "implied_ratio", "even_ratio")
            effects = ("ratio", "alone_ratio", "log_share")
            return {
                **shown_all({name: getattr(found, name) for name in ratios}),
                "verdict": found.verdict,
                "levers": [
                    {"key": lever.key, **shown_all({name: getattr(lever, name) for name in effects})}
                    for lever in found.levers
                ],
            }

        return answer(ConsistencyQuestion, request, compared)


class Sensitivity(Calculator):
    """Which lever moves the goal most, the largest swing first."""

    @extend_schema(request=SensitivityQuestion, responses={200: dict[str, Any]})
    def post(self, request: Request) -> Response:
        def ranked(asked: Any, tree: Tree) -> dict[str, Any]:
            found = sensitivity(tree, column=asked["column"], change=asked.get("change"))
            effects = ("elasticity", "low", "high", "swing")
            return {
                "goal": shown(found.goal),
                "levers": [
                    {"key": lever.key, **shown_all({name: getattr(lever, name) for name in effects})}
                    for lever in found.levers
                ],
            }

        return answer(SensitivityQuestion, request, ranked)


class Solve(Calculator):
    """The value of one lever that reaches the goal, or the mix of several that does so with the least effort."""

    @extend_schema(request=SolveQuestion, responses={200: dict[str, Any]})
    def post(self, request: Request) -> Response:
        def solved(asked: Any, tree: Tree) -> dict[str, Any]:
            where = {"column": asked["column"], "goal_target": asked["goal_target"]}
            if asked.get("levers") is None:
                one = solve_lever(tree, **where, lever=asked["lever"])
                found = shown_all({"value": one.value, "ratio": one.ratio})
                return {**found, "within_limits": one.within_limits}
            mix = solve_mix(tree, **where, levers=asked["levers"])
            return {"values": shown_all(mix.values), "ratios": shown_all(mix.ratios)}

        return answer(SolveQuestion, request, solved)
