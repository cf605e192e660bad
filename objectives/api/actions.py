"""Actions for other programs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework import serializers

from funnel.fields import AmountSerializerField
from funnel.models import KPI, TouchPoint
from objectives.access import teams_seen_by
from objectives.api.filters import with_words
from objectives.models import Action, ActionState, Approach, HealthKPI, KeyResult, Obstacle
from objectives.services import actions as services
from objectives.services.action_outcomes import OUTCOME, record_outcome
from people.api import Adding, Changing, LineField, Noun, RowField, RowFilter, SeenField
from people.api.describing import written_as
from people.models import Membership, Team, below

LARGEST = 2_147_483_647


class InsideNumber(AmountSerializerField):
    """A number that partners are not told: theirs is null."""

    def __init__(self, **kwargs: Any):
        super().__init__(read_only=True, allow_null=True, **kwargs)

    def to_representation(self, value: Any) -> float | int | None:  # type: ignore[override]
        return None if self.context["view"].membership.is_partner else super().to_representation(Decimal(value))


class ActionSerializer(serializers.ModelSerializer):
    """Who does what by when, what it serves: a key result or a lever of a KPI tree, and what came of it."""

    team = SeenField(teams_seen_by)  # type: ignore[assignment]
    owner = SeenField(Membership.objects.visible_to)
    key_result = SeenField(KeyResult.objects.visible_to)
    kpi = SeenField(KPI.objects.visible_to)
    obstacle = SeenField(Obstacle.objects.visible_to, help_text="The obstacle it is to clear.")
    health_kpi = SeenField(HealthKPI.objects.visible_to)
    closed_by = SeenField(Membership.objects.visible_to)
    touch_point = SeenField(TouchPoint.objects.visible_to)
    expected_change = InsideNumber(help_text="What its lever is to move by, in the lever's own number (rates 0–1).")
    actual_change = InsideNumber(help_text="What its lever moved by, in the same number.")
    cost = InsideNumber(help_text="In the organization's currency, like `revenue`.")
    deals = InsideNumber(help_text="Deals that people trace back to it.")
    orders = InsideNumber()
    revenue = InsideNumber()

    class Meta:
        model = Action
        fields = (
            "id",
            "version",
            "title",
            "team",
            "owner",
            "due_on",
            "starts_on",
            "began_on",
            "expected_effect",
            "expected_change",
            "actual_change",
            "result",
            "approach",
            "merits",
            "risks",
            "why_nobody",
            "cost",
            "deals",
            "orders",
            "revenue",
            "key_result",
            "kpi",
            "touch_point",
            "obstacle",
            "health_kpi",
            "state",
            "closed_on",
            "closed_by",
            "dropped_reason",
            "created_at",
        )


class ActionInput(serializers.Serializer):
    """What is written of an action. `owner` is the asker and `team` that of the key result where they are left out."""

    title = LineField(max_length=200)
    team = RowField(Team.objects, required=False)
    owner = RowField(Membership.objects, required=False)
    due_on = serializers.DateField(required=False, allow_null=True)
    expected_effect = LineField(max_length=200, required=False, allow_blank=True)
    key_result = RowField(KeyResult.objects.select_related("objective__team"), required=False, allow_null=True)
    kpi = RowField(KPI.objects, required=False, allow_null=True)
    touch_point = RowField(TouchPoint.objects, required=False, allow_null=True)
    starts_on = serializers.DateField(required=False, allow_null=True)
    expected_change = AmountSerializerField(
        rate=True, required=False, allow_null=True, help_text="In the lever's own number: of a rate 0.006 and 0.6%."
    )
    approach = serializers.ChoiceField(Approach.choices, required=False, allow_blank=True)
    merits = LineField(max_length=300, required=False, allow_blank=True)
    risks = LineField(max_length=300, required=False, allow_blank=True)
    why_nobody = LineField(
        max_length=300, required=False, allow_blank=True, help_text="Asked of what is untried: why does nobody do it?"
    )
    actual_change = AmountSerializerField(rate=True, required=False, allow_null=True)
    result = LineField(max_length=500, required=False, allow_blank=True, help_text="What came of it.")
    cost = AmountSerializerField(required=False, allow_null=True)
    deals = serializers.IntegerField(min_value=0, max_value=LARGEST, required=False, allow_null=True)
    orders = serializers.IntegerField(min_value=0, max_value=LARGEST, required=False, allow_null=True)
    revenue = AmountSerializerField(required=False, allow_null=True)
    state = serializers.ChoiceField(ActionState.choices, required=False, help_text="A new one is open.")
    dropped_reason = serializers.CharField(
        max_length=300, required=False, allow_blank=True, help_text="Why, where it is dropped."
    )
    version = serializers.IntegerField(required=False, help_text="The version counted on, where If-Match names none.")


class ActionFilters(filters.FilterSet):
    q = filters.CharFilter(method="holding", help_text="Words of the title, of any width and case.")
    state = filters.MultipleChoiceFilter(choices=ActionState.choices)
    owner = RowFilter(Membership.objects)
    team = RowFilter(Team.objects, method="of_branch", help_text="A team with all teams below it.")
    key_result = RowFilter(KeyResult.objects)
    kpi = RowFilter(KPI.objects)
    approach = filters.MultipleChoiceFilter(choices=[choice for choice in Approach.choices if choice[0]])
    obstacle = RowFilter(Obstacle.objects)
    due_before = filters.DateFilter(field_name="due_on", lookup_expr="lt")
    due_after = filters.DateFilter(field_name="due_on", lookup_expr="gt")

    class Meta:
        model = Action
        fields: tuple[str, ...] = ()

    def holding(self, rows: QuerySet, name: str, words: str) -> QuerySet:
        return with_words(rows, "title", words)

    def of_branch(self, rows: QuerySet, name: str, team: Team) -> QuerySet:
        return rows.filter(team__in=below([team.pk]))


def outcome_in(given: dict[str, Any]) -> dict[str, Any]:
    """What of the outcome is sent, taken out of what is written of the plan."""
    return {name: given.pop(name) for name in OUTCOME if name in given}


def outcome_of(action: Action) -> dict[str, Any]:
    """The outcome as it stands."""
    return {name: getattr(action, name) for name in OUTCOME}


@written_as(ActionInput, ActionSerializer)
class Actions(Adding, Changing, Noun):
    """Actions, those done and dropped too.

    Everybody writes them for themselves, whoever leads the team for others, a partner where the share says so.
    """

    queryset = Action.objects.order_by("due_on", "id")
    serializer_class = ActionSerializer
    given_class = ActionInput
    filterset_class = ActionFilters
    ordering_fields = ("id", "title", "due_on", "closed_on", "created_at")

    def add(self, given: dict[str, Any]) -> Action:
        self.expects(given)
        state, reason = given.pop("state", ActionState.OPEN), given.pop("dropped_reason", "")
        key_result = given.get("key_result")
        team = given.pop("team", None) or services.team_for(self.membership, key_result)
        owner = given.pop("owner", self.membership)
        outcome = outcome_in(given)
        with transaction.atomic():
            action = services.add_action(
                team=team, owner=owner, due_on=given.pop("due_on", None), by=self.membership, **given
            )
            if outcome:
                action = record_outcome(action, by=self.membership, **outcome_of(action) | outcome)
            return services.set_state(action, to=state, by=self.membership, reason=reason)

    def change(self, row: Action, given: dict[str, Any]) -> Action:
        expected = self.expects(given)
        state, reason = given.pop("state", row.state), given.pop("dropped_reason", "")
        outcome = outcome_in(given)
        with transaction.atomic():
            if given:
                for name, value in given.items():
                    setattr(row, name, value)
                saved = services.save_action(row, by=self.membership, expected_version=expected)
                # Where nothing of the plan was new, the version counted on is still to be asked for.
                expected = expected if saved.version == row.version else saved.version
                row = saved
            if outcome:
                row = record_outcome(row, by=self.membership, expected_version=expected, **outcome_of(row) | outcome)
                expected = row.version
            return services.set_state(row, to=state, by=self.membership, reason=reason, expected_version=expected)
