"""Obstacles for other programs."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django_filters import rest_framework as filters
from rest_framework import serializers

from objectives.models import KeyResult, Objective, Obstacle, ObstacleKind, ObstacleState, Risen
from objectives.queries.obstacles import named_by
from objectives.services.obstacles import write_obstacle
from people.api import Changing, NameField, Noun, RowField, RowFilter, SeenField
from people.api.describing import written_as
from people.models import Membership, Team, below

WRITTEN_STATES = [
    (state.value, state.label) for state in (ObstacleState.OPEN, ObstacleState.SOLVED, ObstacleState.WITHDRAWN)
]


class ObstacleSerializer(serializers.ModelSerializer):
    """Something in the way of a key result; `risen_to` says who is waited for where nobody helped."""

    objective = serializers.IntegerField(source="key_result.objective_id", read_only=True)
    raised_by = SeenField(Membership.objects.visible_to)
    raised_by_name = NameField(source="raised_by")
    owner = SeenField(Membership.objects.visible_to)
    owner_name = NameField(source="owner")
    solved_by = SeenField(Membership.objects.visible_to)

    class Meta:
        model = Obstacle
        fields = (
            "id",
            "version",
            "objective",
            "key_result",
            "check_in",
            "kind",
            "text",
            "raised_by",
            "raised_by_name",
            "raised_on",
            "owner",
            "owner_name",
            "state",
            "state_changed_at",
            "risen_to",
            "risen_on",
            "solution",
            "solved_by",
            "solved_on",
            "created_at",
        )


class ObstacleInput(serializers.Serializer):
    """What is written of an obstacle. It is raised by a check-in that names it, and helped with by comments."""

    kind = serializers.ChoiceField(ObstacleKind.choices, required=False, allow_blank=True)
    owner = RowField(Membership.objects, required=False, help_text="Who clears it.")
    state = serializers.ChoiceField(
        WRITTEN_STATES, required=False, help_text="`solved` clears it, `open` lets it stand again."
    )
    solution = serializers.CharField(max_length=2000, required=False, allow_blank=True, help_text="What helped.")
    version = serializers.IntegerField(required=False, help_text="The version counted on, where If-Match names none.")


class ObstacleFilters(filters.FilterSet):
    state = filters.MultipleChoiceFilter(choices=ObstacleState.choices)
    standing = filters.BooleanFilter(
        method="that_stand", help_text="`true` for those in the way of what is being worked on."
    )
    kind = filters.MultipleChoiceFilter(choices=ObstacleKind.choices)
    key_result = RowFilter(KeyResult.objects)
    objective = RowFilter(Objective.objects, field_name="key_result__objective")
    team = RowFilter(Team.objects, method="of_branch", help_text="A team with all teams below it.")
    owner = RowFilter(Membership.objects)
    raised_by = RowFilter(Membership.objects)
    risen_to = filters.ChoiceFilter(choices=Risen.choices)
    q = filters.CharFilter(method="holding", help_text="Words of the text, of what helped or of the key result.")

    class Meta:
        model = Obstacle
        fields: tuple[str, ...] = ()

    def that_stand(self, rows: Any, name: str, standing: bool) -> Any:
        return rows.standing() if standing else rows.exclude(pk__in=rows.standing().values("pk"))

    def of_branch(self, rows: Any, name: str, team: Team) -> Any:
        return rows.filter(key_result__objective__team__in=below([team.pk]))

    def holding(self, rows: Any, name: str, words: str) -> Any:
        found = Q()
        for word in words.split():
            found &= named_by(word)
        return rows.filter(found)


@written_as(ObstacleInput, ObstacleSerializer)
class Obstacles(Changing, Noun):
    """What is in the way of key results, oldest first, those solved and withdrawn too unless `state` is asked for.

    One is raised by a check-in that names it. Offers of help and answers are `comments` with their `kind`.
    """

    queryset = Obstacle.objects.order_by("raised_on", "id")
    serializer_class = ObstacleSerializer
    given_class = ObstacleInput
    filterset_class = ObstacleFilters
    ordering_fields = ("id", "raised_on", "state", "solved_on")

    def rows(self) -> QuerySet:
        return super().rows().select_related("key_result", "raised_by__user", "owner__user")

    def change(self, row: Obstacle, given: dict[str, Any]) -> Obstacle:
        expected = self.expects(given)
        return write_obstacle(row, by=self.membership, expected_version=expected, **given)
