"""The history of an organization for other programs."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.request import Request

from people.access import refuse
from people.api.filters import MomentFilter
from people.api.nouns import Noun
from people.models import AuditEvent, Door


class AuditEventSerializer(serializers.ModelSerializer):
    """One row, before and after; of a change only the columns that changed.

    `user` is the person's account and `user_name` their name today; `token` the API token they came with.
    """

    user = serializers.IntegerField(source="user_id", read_only=True, allow_null=True)
    user_name = serializers.CharField(source="user.name", read_only=True, allow_null=True)

    class Meta:
        model = AuditEvent
        fields = (
            "id",
            "at",
            "table",
            "row",
            "act",
            "before",
            "after",
            "user",
            "user_name",
            "token",
            "door",
            "address",
            "request_id",
        )
        read_only_fields = fields


class AuditEventFilters(filters.FilterSet):
    table = filters.CharFilter(help_text="A table of the database, like objectives_keyresult.")
    row = filters.NumberFilter(min_value=0, max_value=2**63 - 1, help_text="The row's id; name the table with it.")
    user = filters.NumberFilter(min_value=0, max_value=2**63 - 1, help_text="Who was at work, by their account.")
    door = filters.MultipleChoiceFilter(choices=Door.choices)
    act = filters.MultipleChoiceFilter(choices=AuditEvent.Act.choices)
    since = MomentFilter(field_name="at", lookup_expr="gte")
    until = MomentFilter(field_name="at", lookup_expr="lt", help_text="Up to this moment, left out.")

    class Meta:
        model = AuditEvent
        fields: tuple[str, ...] = ()


class AuditEvents(Noun):
    """Every write, newest first: who, when, what before and after, and through which door. Administrators only.

    It can be added to by the database alone. To walk through a long history, narrow it by `until` and `since`.
    """

    queryset = AuditEvent.objects.order_by("-at", "-id")
    serializer_class = AuditEventSerializer
    filterset_class = AuditEventFilters

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not self.membership.is_admin:
            refuse()

    def rows(self) -> QuerySet:
        return super().rows().select_related("user")
