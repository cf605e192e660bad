"""The draft coach for other programs: an objective with its key results in, findings out. No row is read or written."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from funnel.fields import AmountSerializerField
from objectives.formulas.drafting.coach import check
from objectives.formulas.drafting.draft import UNTOLD, Draft, DraftKeyResult, Past, Severity
from objectives.models import Intent, Kind, Level, MeasureType, Period
from objectives.sentences.drafting import worded_all
from people.api import Calculator, at_most

LANGUAGES = ("ja", "en")
# Twice as much would keep a worker for a second and more.
MOST_KEY_RESULTS = 20
MOST_CYCLES = 200
LONGEST_TITLE = 500
LONGEST_MEASURE = 300
LONGEST_TEXT = 2_000
MOST_AROUND = 10_000
AMOUNTS = ("start_value", "must_hit_value", "target_value")
PAST_AMOUNTS = ("start_value", "target_value", "end_value")


def words(longest: int = LONGEST_TITLE) -> serializers.CharField:
    return serializers.CharField(max_length=longest, required=False, allow_null=True, allow_blank=True)


def one_of(choices: Any) -> serializers.ChoiceField:
    return serializers.ChoiceField(choices=choices, required=False, allow_null=True, allow_blank=True)


def amount() -> AmountSerializerField:
    return AmountSerializerField(required=False, allow_null=True)


def count() -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=MOST_AROUND, required=False, allow_null=True)


class InOwnUnitMixin:
    """Numbers are read in the unit that stands beside them: 45% where the unit is %."""

    def to_internal_value(self: Any, data: Any) -> Any:
        unit = data.get("unit") if isinstance(data, Mapping) else None
        for field in self.fields.values():
            if isinstance(field, AmountSerializerField):
                field.unit = unit if isinstance(unit, str) else ""
        return super().to_internal_value(data)  # type: ignore[misc]


class DraftObjectiveSerializer(serializers.Serializer):
    """The objective itself. A key that is absent is not judged; null says that the value is missing."""

    title = words()
    why = words(LONGEST_TEXT)
    kind = one_of(Intent.choices)
    level = one_of(Level.choices)
    team_kind = words()
    kgi = words()


class DraftKeyResultSerializer(InOwnUnitMixin, serializers.Serializer):
    """One key result. `target_value` is what its kind runs to: the challenge target, the quota, the value to keep."""

    title = words(LONGEST_MEASURE)
    kind = one_of(Kind.choices)
    unit = words(100)
    start_value = amount()
    must_hit_value = amount()
    target_value = amount()
    period = one_of(Period.choices)
    owner = words()
    measured_how = words(LONGEST_TEXT)
    measure_type = one_of(MeasureType.choices)
    measure_first = serializers.BooleanField(required=False, default=False)


class PastSerializer(InOwnUnitMixin, serializers.Serializer):
    """A measure of an earlier cycle with the score it ended with, the oldest first; its numbers where known."""

    measure = serializers.CharField(max_length=LONGEST_MEASURE)
    score = serializers.FloatField(min_value=0, max_value=1, required=False, allow_null=True)
    unit = words(100)
    start_value = amount()
    target_value = amount()
    end_value = amount()

    def validate_score(self, score: float | None) -> float | None:
        if score is not None and not isfinite(score):
            raise serializers.ValidationError(_("This is not a finite number."))
        return score


class DraftCheckSerializer(serializers.Serializer):
    """A draft and as much of what is round it as is known. `objectives_in_team` counts this one too."""

    language = serializers.ChoiceField(
        choices=LANGUAGES, required=False, help_text="Without it, the reader's language."
    )
    objective = DraftObjectiveSerializer()
    key_results = at_most(MOST_KEY_RESULTS, DraftKeyResultSerializer(), required=False, allow_null=True)
    history = at_most(MOST_CYCLES, PastSerializer(), required=False, allow_null=True)
    objectives_in_team = count()
    intents_in_team = serializers.ListField(
        child=serializers.ChoiceField(choices=Intent.choices), max_length=MOST_AROUND, required=False, allow_null=True
    )
    aligned_above = count()
    aligned_below = count()
    is_first_cycle = serializers.BooleanField(required=False, default=False)


class FindingSerializer(serializers.Serializer):
    """What a rule found: where, how grave, why, and one better version in the language of the text."""

    rule = serializers.CharField()
    where = serializers.CharField(help_text="`objective`, or `key_results.` and its place from 0.")
    severity = serializers.ChoiceField(choices=[severity.value for severity in Severity])
    detail = serializers.CharField()
    suggestion = serializers.CharField(allow_blank=True)


class CheckSerializer(serializers.Serializer):
    strength = serializers.IntegerField(min_value=0, max_value=100)
    findings = FindingSerializer(many=True)


class DraftCheck(Calculator):
    """What the coach says of a draft described in the request."""

    @extend_schema(request=DraftCheckSerializer, responses=CheckSerializer)
    def post(self, request: Request) -> Response:
        given = DraftCheckSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        found = check(draft_of(asked))
        with translation.override(asked.get("language") or translation.get_language()):
            findings = [
                {name: getattr(one, name) for name in ("rule", "where", "severity", "detail", "suggestion")}
                for one in worded_all(found)
            ]
        return Response({"strength": found.strength, "findings": findings})


def draft_of(asked: Mapping[str, Any]) -> Draft:
    """The draft as the coach reads it: absent keys are untold, null is missing."""
    objective = asked["objective"]
    return Draft(
        title=objective.get("title") or "",
        **{name: told(objective, name) for name in ("kind", "why", "team_kind", "kgi", "level")},
        key_results=all_of(asked, "key_results", key_result_of),
        history=all_of(asked, "history", past_of),
        objectives_in_team=told(asked, "objectives_in_team"),
        intents_in_team=all_of(asked, "intents_in_team", str),
        aligned_above=told(asked, "aligned_above"),
        aligned_below=told(asked, "aligned_below"),
        is_first_cycle=asked["is_first_cycle"],
    )


def key_result_of(given: Mapping[str, Any]) -> DraftKeyResult:
    names = ("unit", *AMOUNTS, "period", "owner", "measured_how", "measure_type")
    return DraftKeyResult(
        title=given.get("title") or "",
        kind=given.get("kind") or Kind.REACH.value,
        **{name: told(given, name) for name in names},
        measure_first=given["measure_first"],
    )


def past_of(given: Mapping[str, Any]) -> Past:
    numbers: dict[str, Any] = {name: given.get(name) for name in PAST_AMOUNTS}
    return Past(measure=given["measure"], score=given.get("score"), unit=given.get("unit") or None, **numbers)


def told(given: Mapping[str, Any], name: str) -> Any:
    value = given.get(name, UNTOLD)
    return None if value == "" else value


def all_of(given: Mapping[str, Any], name: str, made: Any) -> Any:
    rows = given.get(name, UNTOLD)
    return rows if rows is UNTOLD or rows is None else tuple(made(row) for row in rows)
