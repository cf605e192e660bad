"""Cycles for other programs."""

from __future__ import annotations

from typing import Any

from django_filters import rest_framework as filters
from rest_framework import serializers

from objectives import services
from objectives.models import Cycle, CycleState
from people.api import Adding, Changing, Noun
from people.api.describing import written_as


class CycleSerializer(serializers.ModelSerializer):
    """A quarter or a year; first and last day both belong to it."""

    class Meta:
        model = Cycle
        fields = ("id", "version", "name", "start", "end", "state", "is_first", "created_at")
        read_only_fields = ("version", "created_at")


class CycleInput(serializers.ModelSerializer):
    """What is written of a cycle. A new one is in preparation unless its state is said."""

    state = serializers.ChoiceField(CycleState.choices, required=False)
    reason = serializers.CharField(
        max_length=500,
        allow_blank=True,
        required=False,
        write_only=True,
        help_text="Why a closed cycle is opened again; everybody sees it.",
    )
    version = serializers.IntegerField(required=False, help_text="The version counted on, where If-Match names none.")

    class Meta:
        model = Cycle
        fields = ("name", "start", "end", "state", "is_first", "reason", "version")
        # What it must keep to is said by the service, for pages and programs alike.
        validators: tuple = ()


class CycleFilters(filters.FilterSet):
    state = filters.MultipleChoiceFilter(choices=CycleState.choices)
    on = filters.DateFilter(method="holding", help_text="Cycles that hold this day.")
    q = filters.CharFilter(field_name="name", lookup_expr="icontains")

    class Meta:
        model = Cycle
        fields = ("name",)

    def holding(self, rows: Any, name: str, day: Any) -> Any:
        return rows.filter(start__lte=day, end__gte=day)


@written_as(CycleInput, CycleSerializer)
class Cycles(Adding, Changing, Noun):
    """The quarters and years plans are made for, latest first. Administrators write them.

    A partner is told of those in which something is shared with them. `state` in a change opens and closes a cycle;
    closing closes what still runs with its computed score and drops drafts that never began. A closed one keeps its
    scores and takes no other change; it is opened again with a `reason`.
    """

    queryset = Cycle.objects.order_by("-start", "end", "id")
    serializer_class = CycleSerializer
    given_class = CycleInput
    filterset_class = CycleFilters
    ordering_fields = ("id", "name", "start", "end", "state")

    def may_add(self) -> bool:
        return self.membership.is_admin

    def add(self, given: dict[str, Any]) -> Cycle:
        self.expects(given)
        given.pop("reason", "")
        return services.write_cycle(Cycle(**given), by=self.membership)

    def change(self, row: Cycle, given: dict[str, Any]) -> Cycle:
        expected, reason = self.expects(given), given.pop("reason", "")
        for name, value in given.items():
            setattr(row, name, value)
        return services.write_cycle(row, by=self.membership, reason=reason, expected_version=expected)
