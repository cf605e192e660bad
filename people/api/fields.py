"""Fields that several nouns share."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers


class RowField(serializers.PrimaryKeyRelatedField):
    """Another row of the organization by its id, of those the asker may see: `team = RowField(Team.objects)`.

    With `editable=True` of those the asker may change.
    """

    def __init__(self, rows: Any = None, *, editable: bool = False, **kwargs: Any):
        self.rows = rows
        self.editable = editable
        if rows is not None and not kwargs.get("read_only"):
            kwargs.setdefault("queryset", rows.none())
        super().__init__(**kwargs)

    def get_queryset(self) -> QuerySet | None:
        membership = getattr(self.context.get("view"), "membership", None)
        if self.rows is None or membership is None:
            return super().get_queryset()
        return self.rows.editable_by(membership) if self.editable else self.rows.visible_to(membership)
