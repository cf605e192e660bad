"""The daily log for other programs."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from objectives.models import Action, Activity, KeyResult, Objective
from objectives.services import activities as services
from people.api import Adding, Changing, LineField, Noun, RowField, RowFilter, SeenField
from people.api.describing import written_as
from people.models import Membership, Team, below


class ActivitySerializer(serializers.ModelSerializer):
    """One line of somebody's day, the key result it served and the action it belongs to."""

    member = serializers.SerializerMethodField(help_text="Who wrote it; null where the reader may not hear of them.")
    key_result = SeenField(KeyResult.objects.visible_to)
    action = SeenField(Action.objects.visible_to)
    withdrawn_at = serializers.DateTimeField(read_only=True, allow_null=True)

    class Meta:
        model = Activity
        fields = ("id", "version", "member", "date", "text", "key_result", "action", "created_at", "withdrawn_at")

    def get_member(self, row: Activity) -> int | None:
        membership = self.context["view"].membership
        return None if membership.is_partner and row.membership_id != membership.pk else row.membership_id


class ActivityInput(serializers.Serializer):
    """A line is the asker's own; `date` is today where it is left out."""

    text = LineField(max_length=300)
    date = serializers.DateField(required=False)
    key_result = RowField(KeyResult.objects, required=False, allow_null=True)
    action = RowField(
        Action.objects.select_related("key_result"),
        required=False,
        allow_null=True,
        help_text="The line serves its key result, where it has one.",
    )
    submission_key = serializers.UUIDField(required=False, write_only=True)
    version = serializers.IntegerField(required=False, help_text="The version counted on, where If-Match names none.")


class ActivityFilters(filters.FilterSet):
    member = RowFilter(Membership.objects, field_name="membership")
    team = RowFilter(Team.objects, method="of_branch", help_text="The people of a team and of all teams below it.")
    key_result = RowFilter(KeyResult.objects)
    action = RowFilter(Action.objects)
    objective = RowFilter(Objective.objects, field_name="key_result__objective")
    date_from = filters.DateFilter(field_name="date", lookup_expr="gte")
    date_until = filters.DateFilter(field_name="date", lookup_expr="lte")
    q = filters.CharFilter(field_name="text", lookup_expr="icontains")

    class Meta:
        model = Activity
        fields: tuple[str, ...] = ()

    def of_branch(self, rows: QuerySet, name: str, team: Team) -> QuerySet:
        people = Membership.teams.through.objects.filter(team__in=below([team.pk]))
        return rows.filter(membership__in=people.values("membership"))


@written_as(ActivityInput, ActivitySerializer, withdraw=None, restore=None)
class Activities(Adding, Changing, Noun):
    """The daily log. Everybody writes and changes their own lines; a partner about what is shared for writing."""

    queryset = Activity.objects.order_by("-date", "-id")
    serializer_class = ActivitySerializer
    given_class = ActivityInput
    filterset_class = ActivityFilters
    ordering_fields = ("id", "date", "created_at")

    def add(self, given: dict[str, Any]) -> Activity:
        self.expects(given)
        return services.log_activity(self.membership, **given)

    def change(self, row: Activity, given: dict[str, Any]) -> Activity:
        expected = self.expects(given)
        given.pop("submission_key", None)
        for name, value in given.items():
            setattr(row, name, value)
        return services.change_activity(row, by=self.membership, expected_version=expected)

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, **address: Any) -> Response:
        """Take a line back; it is answered as it was."""
        row = self.get_editable()
        return self.shown(services.withdraw_activity(row))

    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: int, **address: Any) -> Response:
        """Undo that; harmless where nothing was taken back."""
        own = Activity.objects.written_by(self.membership).filter(pk=pk).first()
        row = own if own is not None else self.get_editable()
        return self.answer(services.restore_activity(row))
