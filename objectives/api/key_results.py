"""Key results for other programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from funnel.fields import AmountSerializerField
from funnel.models import KPI
from objectives import services
from objectives.access import may_add_key_result
from objectives.api.filters import KeyResultFilters
from objectives.models import (
    Combine,
    Health,
    KeyResult,
    KeyResultForecast,
    Kind,
    Limit,
    MeasureType,
    Objective,
    Period,
    Step,
)
from objectives.queries.worth import worths_of
from objectives.services.rules import AMOUNTS, MOST_STEPS, kpis_offered, step_weight
from people.access import refuse
from people.api import (
    Adding,
    Changing,
    LineField,
    Noun,
    OfferedField,
    QuickMixin,
    ReasonSerializer,
    RowField,
    SeenField,
    WordField,
    at_most,
)
from people.api.describing import written_as
from people.api.fields import TogetherField
from people.models import Membership
from people.queries import possible_owners
from people.refusals import Refusal


class StepSerializer(QuickMixin, serializers.ModelSerializer):
    """A step of a milestone, in order. `done_on` follows from the check-in that named it finished."""

    weight = AmountSerializerField(read_only=True)

    class Meta:
        model = Step
        fields = ("id", "title", "weight", "done_on")


class WorthSerializer(serializers.Serializer):
    """By how much the KGI, in its unit, would be more when a target is reached; null for a target that is not set."""

    kgi = serializers.IntegerField()
    unit = serializers.CharField()
    target = serializers.FloatField(allow_null=True)
    must_hit = serializers.FloatField(allow_null=True)


@extend_schema_field(WorthSerializer(allow_null=True))
class WorthField(TogetherField):
    """What a key result is worth; null where it is tied to no KPI of a tree."""

    def rows_in(self, answered: Any) -> list[KeyResult]:
        return key_results_in(answered)

    def ask(self, rows: list[KeyResult], membership: Membership) -> Mapping[int, Any]:
        return worths_of(rows, membership)

    def to_representation(self, row: KeyResult) -> dict[str, Any] | None:
        worth = self.told_of(row)
        if worth is None:
            return None
        return {
            "kgi": worth.kgi.pk,
            "unit": worth.kgi.unit,
            "target": worth.target,
            "must_hit": worth.must_hit,
        }


class KeyResultForecastSerializer(QuickMixin, serializers.ModelSerializer):
    """The likely end, in the key result's own unit: in four of five cases it lies between `p10` and `p90`. Then the
    probabilities, 0–1, of a score of 0.6 and 0.7 or above, of must-hit and target; null where there is none.
    """

    p10 = AmountSerializerField(read_only=True, allow_null=True)
    p50 = AmountSerializerField(read_only=True, allow_null=True)
    p90 = AmountSerializerField(read_only=True, allow_null=True)

    class Meta:
        model = KeyResultForecast
        fields = ("p10", "p50", "p90", "score_0_6", "score_0_7", "must_hit", "target", "readings", "made_on")
        read_only_fields = fields


@extend_schema_field(KeyResultForecastSerializer(allow_null=True))
class ForecastField(serializers.Field):
    """What is forecast of an open key result; null until it is, of what is closed, and of what others carry."""

    def __init__(self, **kwargs: Any):
        super().__init__(read_only=True, source="*", **kwargs)
        self.told = KeyResultForecastSerializer()

    def to_representation(self, row: KeyResult) -> dict[str, Any] | None:
        forecast, scored = getattr(row, "forecast", None), getattr(row, "scored", None)
        is_closed = scored is not None and scored.health == Health.CLOSED
        if forecast is None or is_closed or (forecast.p50 is None and forecast.score_0_6 is None):
            return None
        return self.told.to_representation(forecast)


def key_results_in(answered: Any) -> list[KeyResult]:
    """The key results of what is answered: themselves, or those of objectives."""
    rows = answered if isinstance(answered, list) else [answered]
    found: list[KeyResult] = []
    for row in rows:
        found += getattr(row, "standing_key_results", [row] if isinstance(row, KeyResult) else [])
    return found


class KeyResultSerializer(QuickMixin, serializers.ModelSerializer):
    """A key result with what it measures, in its own unit, and where it stands."""

    objective = serializers.IntegerField(source="objective_id", read_only=True)
    start_value = AmountSerializerField(read_only=True, allow_null=True)
    must_hit_value = AmountSerializerField(read_only=True, allow_null=True)
    target_value = AmountSerializerField(read_only=True, allow_null=True)
    current_value = AmountSerializerField(source="scored.current_value", read_only=True, allow_null=True)
    limit = WordField(Limit.choices, read_only=True)
    quota = AmountSerializerField(read_only=True, allow_null=True)
    period = WordField(Period.choices, read_only=True)
    population = AmountSerializerField(read_only=True, allow_null=True)
    steps = StepSerializer(source="shown_steps", many=True, read_only=True)
    owner = SeenField(Membership.objects.visible_to)
    kpi = SeenField(KPI.objects.visible_to)
    worth = WorthField(help_text="What its success is worth in the KGI's unit, all else staying as it is now.")
    progress = serializers.FloatField(source="scored.progress", read_only=True, allow_null=True)
    score = serializers.FloatField(source="scored.score", read_only=True, allow_null=True)
    forecast = ForecastField(help_text="Where it is likely to end, by its check-ins and what similar ones did.")
    pace = serializers.FloatField(source="scored.pace", read_only=True, allow_null=True)
    landing = serializers.FloatField(source="scored.landing", read_only=True, allow_null=True)
    health = serializers.ChoiceField(Health.choices, source="scored.health", read_only=True, default=Health.NOT_STARTED)
    confidence = serializers.IntegerField(source="scored.confidence", read_only=True, allow_null=True)
    share = serializers.FloatField(
        source="scored.share", read_only=True, allow_null=True, help_text="Its part of the objective's score."
    )
    check_in_count = serializers.IntegerField(source="scored.check_in_count", read_only=True, default=0)
    last_check_in_on = serializers.DateField(source="scored.last_check_in_on", read_only=True, allow_null=True)
    due_on = serializers.DateField(source="scored.owed_on", read_only=True, allow_null=True)

    class Meta:
        model = KeyResult
        fields = (
            "id",
            "version",
            "objective",
            "title",
            "kind",
            "unit",
            "start_value",
            "must_hit_value",
            "target_value",
            "current_value",
            "limit",
            "quota",
            "period",
            "population",
            "steps",
            "measure_first",
            "combine",
            "weight",
            "share",
            "owner",
            "measured_how",
            "measure_type",
            "kpi",
            "worth",
            "progress",
            "score",
            "pace",
            "landing",
            "health",
            "confidence",
            "forecast",
            "check_in_count",
            "last_check_in_on",
            "due_on",
            "position",
            "created_at",
            "dropped_at",
            "dropped_reason",
        )
        read_only_fields = fields


def shown_steps() -> Prefetch:
    return Prefetch("steps", to_attr="shown_steps")


class ReturnSerializer(serializers.Serializer):
    """Why a key result comes back; asked while its objective is active, unless one undoes one's own dropping."""

    reason = serializers.CharField(max_length=500, allow_blank=True, required=False)


class StepInput(serializers.Serializer):
    """A step as it is to be: one with an `id` is kept or changed, one without is new."""

    id = serializers.IntegerField(required=False)
    title = LineField(max_length=200)
    weight = AmountSerializerField(required=False, allow_null=True)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if "weight" in given or "id" not in given:
            try:
                given["weight"] = step_weight(given.get("weight"))
            except Refusal as refusal:
                raise serializers.ValidationError(refusal.fields, code=refusal.code) from refusal
        return given


class KeyResultInput(serializers.Serializer):
    """What is written of a key result. Amounts are taken as people type them."""

    objective = RowField(Objective.objects)
    title = LineField(max_length=200)
    kind = serializers.ChoiceField(Kind.choices, required=False)
    unit = serializers.CharField(max_length=20, allow_blank=True, required=False)
    start_value = AmountSerializerField(required=False, allow_null=True)
    must_hit_value = AmountSerializerField(required=False, allow_null=True)
    target_value = AmountSerializerField(required=False, allow_null=True)
    limit = WordField(Limit.choices, required=False)
    quota = AmountSerializerField(required=False, allow_null=True)
    period = WordField(Period.choices, required=False)
    population = AmountSerializerField(required=False, allow_null=True)
    steps = at_most(MOST_STEPS, StepInput(), required=False)
    measure_first = serializers.BooleanField(required=False)
    combine = serializers.ChoiceField(Combine.choices, required=False)
    weight = AmountSerializerField(rate=True, required=False, allow_null=True)
    owner = OfferedField(possible_owners, Membership, required=False, allow_null=True)
    measured_how = serializers.CharField(max_length=300, allow_blank=True, required=False)
    measure_type = serializers.ChoiceField(MeasureType.choices, required=False)
    kpi = OfferedField(kpis_offered, KPI, required=False, allow_null=True)
    reason = serializers.CharField(
        max_length=500,
        allow_blank=True,
        required=False,
        help_text="Asked while the objective is active: of a new key result, and when a target or weight moves.",
    )
    submission_key = serializers.UUIDField(required=False, help_text="A repeated one answers the first key result.")
    version = serializers.IntegerField(required=False, help_text="The version counted on, where If-Match names none.")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        sent = getattr(self, "initial_data", None)
        unit = sent.get("unit") if isinstance(sent, Mapping) else None
        for name in AMOUNTS:
            # A number is read in the unit sent beside it, else in the one that is saved.
            self.fields[name].unit = unit if isinstance(unit, str) else getattr(self.instance, "unit", "")

    def validate_weight(self, weight: Decimal | None) -> float | None:
        return None if weight is None else float(weight)


def steps_of(key_result: KeyResult | None, given: Sequence[Mapping[str, Any]] | None) -> list[Step] | None:
    """The steps as they are to be. Raises `Refusal` `unknown_step` for an id of another key result."""
    if given is None:
        return None
    there = {step.pk: step for step in key_result.steps.all()} if key_result else {}
    steps = []
    for asked in given:
        step = there.pop(asked["id"], None) if "id" in asked else Step()
        if step is None:
            raise Refusal.of_field("steps", "unknown_step", _("One of these steps no longer exists."))
        step.title = asked["title"]
        step.weight = asked.get("weight", step.weight)
        steps.append(step)
    return steps


@written_as(KeyResultInput, KeyResultSerializer, drop=ReasonSerializer, restore=ReturnSerializer)
class KeyResults(Adding, Changing, Noun):
    """Key results with their numbers and scores. Written by whoever may edit their objective, and by their owner.

    Until an objective is agreed the members of its team may add some. While it is active, adding one, bringing one back
    and changing what is measured or a weight need a `reason`, and the old line stays on the chart. `steps` left out
    stay; a list of them replaces those that nobody finished.
    """

    queryset = KeyResult.objects.order_by(
        "-objective__cycle__start", "objective__position", "objective", "position", "pk"
    )
    serializer_class = KeyResultSerializer
    given_class = KeyResultInput
    filterset_class = KeyResultFilters
    ordering_fields = {
        "id": "pk",
        "title": "title",
        "cycle": "objective__cycle__start",
        "score": "scored__score",
        "progress": "scored__progress",
        "landing": "scored__landing",
        "due_on": "scored__due_on",
        "created_at": "created_at",
    }

    def rows(self) -> QuerySet:
        return (
            self.queryset.readable_by(self.membership)
            .select_related("scored", "forecast")
            .prefetch_related(shown_steps())
        )

    def may_add(self) -> bool:
        return not self.membership.is_partner

    def add(self, given: dict[str, Any]) -> KeyResult:
        objective = given["objective"]
        if not may_add_key_result(self.membership, objective):
            refuse()
        self.expects(given)
        reason, steps = given.pop("reason", ""), steps_of(None, given.pop("steps", []))
        fields = {"owner": self.membership, "position": objective.key_results.count()} | given
        return services.write_key_result(KeyResult(**fields), by=self.membership, reason=reason, steps=steps)

    def change(self, row: KeyResult, given: dict[str, Any]) -> KeyResult:
        expected = self.expects(given)
        given.pop("submission_key", None)
        reason, steps = given.pop("reason", ""), steps_of(row, given.pop("steps", None))
        if steps is None and given.get("kind", row.kind) != row.kind:
            steps = []
        for name, value in given.items():
            setattr(row, name, value)
        return services.write_key_result(row, by=self.membership, steps=steps, reason=reason, expected_version=expected)

    def get_restorable(self) -> KeyResult:
        """The key result, dropped or not, for whoever may take it out of the plan and bring it back."""
        row: KeyResult = self.get_object()
        if row.objective.dropped_at is not None:
            raise Http404
        own = row.owner_id == self.membership.pk and not self.membership.is_partner
        if not own and not Objective.objects.editable_by(self.membership).filter(pk=row.objective_id).exists():
            refuse()
        self.refuse_stale(row)
        return row

    @action(detail=True, methods=["post"])
    def drop(self, request: Request, **address: Any) -> Response:
        """Take it out of the plan, with the reason; its history stays, and `restore` brings it back."""
        row = self.get_restorable()
        reason = self.given(by=ReasonSerializer)["reason"]
        return self.answer(services.drop_key_result(row, reason=reason, by=self.membership))

    @action(detail=True, methods=["post"])
    def restore(self, request: Request, **address: Any) -> Response:
        """Bring back what was dropped; harmless where nothing was."""
        row = self.get_restorable()
        reason = self.given(by=ReturnSerializer).get("reason", "")
        return self.answer(services.restore_key_result(row, by=self.membership, reason=reason))
