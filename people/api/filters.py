"""How lists are narrowed and ordered. Whatever is asked in vain is refused, never left out in silence."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from django_filters.fields import IsoDateTimeField
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import ValidationError
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request


@extend_schema_field(OpenApiTypes.INT)
class RowFilter(filters.ModelChoiceFilter):
    """One row of the organization by its id, of those the asker may see: `cycle = RowFilter(Cycle.objects)`."""

    def __init__(self, rows: Any, **kwargs: Any):
        def visible(request: Request | None) -> QuerySet:
            return rows.none() if request is None else rows.visible_to(request.membership)

        super().__init__(queryset=visible, **kwargs)


class MomentField(IsoDateTimeField):
    """A moment in UTC: the database knows no zones as far from it as ISO 8601 can write."""

    def to_python(self, value: Any) -> datetime | None:
        moment = super().to_python(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None


class MomentFilter(filters.IsoDateTimeFilter):
    """A moment as ISO 8601 writes it, in the installation's zone where it names none."""

    field_class = MomentField


class Ordering(BaseFilterBackend):
    """`?ordering=name` or `?ordering=-score,id`, by the names in the noun's `ordering_fields`; empty ones come last."""

    def filter_queryset(self, request: Request, queryset: QuerySet, view: Any) -> QuerySet:
        asked = request.query_params.get("ordering", "")
        if not asked:
            return queryset
        known = columns_of(view)
        wanted = []
        for name in asked.split(","):
            column = known.get(name.strip().removeprefix("-"))
            if column is None:
                raise ValidationError({"ordering": [_("Order by these: %(names)s.") % {"names": ", ".join(known)}]})
            by = F(column)
            falling = name.strip().startswith("-")
            wanted.append(by.desc(nulls_last=True) if falling else by.asc(nulls_last=True))
        # Rows that are equal by what was asked must not change places between two pages.
        return queryset.order_by(*wanted, "pk")

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        names = [*columns_of(view), *(f"-{name}" for name in columns_of(view))]
        if not names:
            return []
        return [
            {
                "name": "ordering",
                "in": "query",
                "required": False,
                "description": "What the list is ordered by; a minus turns the order round. Empty values come last.",
                "explode": False,
                "style": "form",
                "schema": {"type": "array", "items": {"type": "string", "enum": names}},
            }
        ]


def columns_of(view: Any) -> dict[str, str]:
    """The names one may order by and the column behind each."""
    names = getattr(view, "ordering_fields", ())
    return dict(names) if isinstance(names, dict) else {name: name for name in names}
