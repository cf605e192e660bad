"""Teams for other programs."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from objectives import services
from objectives.access import teams_seen_by
from people.api import Adding, Changing, LineField, Noun, RowField, RowFilter, SeenField
from people.api.describing import written_as
from people.formulas.rhythm import Rhythm
from people.models import EveryWeeks, KPIRound, Review, Team, Weekday
from people.queries import rhythms_of
from people.services import create_team


class CadenceSerializer(serializers.Serializer):
    """When a team reports and meets, what it takes over from above filled in. Weekdays count from Monday, 0."""

    check_in_weeks = serializers.ChoiceField(choices=EveryWeeks.choices)
    check_in_weekday = serializers.ChoiceField(choices=Weekday.choices, source="weekday")
    kpi_round = serializers.ChoiceField(choices=KPIRound.choices)
    review = serializers.ChoiceField(choices=Review.choices)
    meeting_weekday = serializers.ChoiceField(choices=Weekday.choices, allow_null=True)
    meeting_time = serializers.TimeField(allow_null=True)
    meeting_minutes = serializers.IntegerField(allow_null=True)


class TeamSerializer(serializers.ModelSerializer):
    """A node of the organization's tree; the company is the one without a parent."""

    parent = SeenField(teams_seen_by)  # type: ignore[assignment]
    merged_into = SeenField(teams_seen_by)
    is_company = serializers.BooleanField(read_only=True)
    cadence = serializers.SerializerMethodField()

    class Meta:
        model = Team
        fields = ("id", "version", "name", "parent", "position", "is_company", "cadence", "closed_on", "merged_into")

    @extend_schema_field(CadenceSerializer)
    def get_cadence(self, team: Team) -> dict[str, Any]:
        return CadenceSerializer(self.context["view"].rhythms[team.pk]).data


class TeamInput(serializers.Serializer):
    """What is written of a team. `position` is its place among its open siblings, from 0; without one it comes last."""

    name = LineField(max_length=100)
    parent = RowField(Team.objects, required=False)  # type: ignore[assignment]
    position = serializers.IntegerField(required=False, min_value=0, max_value=100_000)
    version = serializers.IntegerField(required=False, help_text="The version counted on, where If-Match names none.")


class MergeSerializer(serializers.Serializer):
    into = RowField(Team.objects)


class TeamFilters(filters.FilterSet):
    parent = RowFilter(Team.objects)
    closed = filters.BooleanFilter(field_name="closed_on", lookup_expr="isnull", exclude=True)
    q = filters.CharFilter(field_name="name", lookup_expr="icontains")

    class Meta:
        model = Team
        fields: tuple[str, ...] = ()


@written_as(TeamInput, TeamSerializer, merge=MergeSerializer, close=None, reopen=None)
class Teams(Adding, Changing, Noun):
    """The tree of teams, closed ones too. Administrators write it.

    A partner is told of the teams they were placed in and of those whose objectives are shared with them.
    """

    queryset = Team.objects.order_by("position", "id")
    serializer_class = TeamSerializer
    given_class = TeamInput
    filterset_class = TeamFilters
    ordering_fields = ("id", "name", "position", "closed_on")

    @cached_property
    def rhythms(self) -> dict[int, Rhythm]:
        return rhythms_of(self.membership.organization)

    def rows(self) -> QuerySet:
        return teams_seen_by(self.membership).order_by("position", "id")

    def may_add(self) -> bool:
        return self.membership.is_admin

    def add(self, given: dict[str, Any]) -> Team:
        self.expects(given)
        place = given.pop("position", None)
        with transaction.atomic():
            team = create_team(self.membership.organization, **given)
            return team if place is None else services.change_team(team, position=place)

    def change(self, row: Team, given: dict[str, Any]) -> Team:
        return services.change_team(row, expected_version=self.expects(given), **given)

    @action(detail=True, methods=["post"])
    def merge(self, request: Request, **address: Any) -> Response:
        """Close it by giving what it has to another team, which is answered; harmless where that was done."""
        row = self.get_editable()
        into = self.given(by=MergeSerializer)["into"]
        expected = self.expected_version
        return self.answer(services.merge_team(row, into=into, by=self.membership, expected_version=expected))

    @action(detail=True, methods=["post"])
    def close(self, request: Request, **address: Any) -> Response:
        """Close it, where nothing open is left in it; harmless where it is closed."""
        row = self.get_editable()
        return self.answer(services.close_team(row, by=self.membership, expected_version=self.expected_version))

    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, **address: Any) -> Response:
        """Open a closed one again, at its old place."""
        row = self.get_editable()
        return self.answer(services.reopen_team(row, by=self.membership, expected_version=self.expected_version))
