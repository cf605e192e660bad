"""Members for other programs."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from objectives import services
from people.api import Changing, Noun, RowField, RowFilter
from people.api.describing import written_as
from people.forms import find_people
from people.models import Membership, MembershipQuerySet, Role, Team


class MemberSerializer(serializers.ModelSerializer):
    """A person's place in the organization."""

    name = serializers.CharField(source="user.name", read_only=True)
    reading = serializers.CharField(source="user.reading", read_only=True)
    email = serializers.EmailField(source="user.email", read_only=True)
    teams = serializers.SerializerMethodField()

    class Meta:
        model = Membership
        fields = ("id", "version", "name", "reading", "email", "role", "teams", "left_on", "created_at")
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_teams(self, member: Membership) -> list[int]:
        return sorted(member.team_ids)


class MemberInput(serializers.Serializer):
    """What administrators change of a member."""

    role = serializers.ChoiceField(Role.choices, required=False)
    teams = RowField(Team.objects, many=True, required=False)
    version = serializers.IntegerField(required=False, help_text="The version counted on, where If-Match names none.")


class LeavingSerializer(serializers.Serializer):
    """Who goes on with the goals of somebody who leaves; needed where there are some."""

    successor = RowField(Membership.objects, required=False, allow_null=True)


class MemberFilters(filters.FilterSet):
    role = filters.MultipleChoiceFilter(choices=Role.choices)
    team = RowFilter(Team.objects, field_name="teams")
    left = filters.BooleanFilter(field_name="left_on", lookup_expr="isnull", exclude=True)
    q = filters.CharFilter(method="named", help_text="A part of the name, its reading or the address.")

    class Meta:
        model = Membership
        fields: tuple[str, ...] = ()

    def named(self, rows: MembershipQuerySet, name: str, words: str) -> MembershipQuerySet:
        return find_people(rows, words)


@written_as(MemberInput, MemberSerializer, leave=LeavingSerializer, reinstate=None)
class Members(Changing, Noun):
    """The people of the organization, also those who have left. Administrators write role and teams.

    New ones are invited in the settings. A partner is told of nobody but themselves.
    """

    queryset = Membership.objects.order_by("user__reading", "user__name", "id")
    serializer_class = MemberSerializer
    given_class = MemberInput
    filterset_class = MemberFilters
    ordering_fields = {
        "id": "pk",
        "name": "user__name",
        "reading": "user__reading",
        "role": "role",
        "left_on": "left_on",
        "created_at": "created_at",
    }

    def rows(self) -> QuerySet:
        return super().rows().select_related("user").prefetch_related("teams")

    def change(self, row: Membership, given: dict[str, Any]) -> Membership:
        expected = self.expects(given)
        return services.change_member(row, by=self.membership, expected_version=expected, **given)

    @action(detail=True, methods=["post"])
    def leave(self, request: Request, **address: Any) -> Response:
        """Let somebody leave today and hand over what they own; harmless where they have left."""
        row = self.get_editable()
        successor = self.given(by=LeavingSerializer).get("successor")
        return self.answer(
            services.end_membership(
                row, by=self.membership, successor=successor, expected_version=self.expected_version
            )
        )

    @action(detail=True, methods=["post"])
    def reinstate(self, request: Request, **address: Any) -> Response:
        """Take somebody back who left, in the old role and teams."""
        row = self.get_editable()
        return self.answer(services.reinstate_member(row, by=self.membership, expected_version=self.expected_version))
