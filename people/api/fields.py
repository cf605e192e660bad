"""Fields that several nouns share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.fields import empty

from people.models import Membership


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


class SeenField(serializers.IntegerField):
    """The id of another row as it is answered: null where the reader may not see that one.

    A partner hears of nothing outside the share: `team = SeenField(Team.objects.visible_to)`. What a reader may see is
    asked once for all rows of an answer.
    """

    def __init__(self, visible_to: Callable[[Membership], QuerySet], **kwargs: Any):
        self.visible_to = visible_to
        super().__init__(read_only=True, allow_null=True, **kwargs)

    def bind(self, field_name: str, parent: Any) -> None:
        super().bind(field_name, parent)
        self.source_attrs = [f"{field_name}_id"]

    def to_representation(self, value: int) -> int | None:  # type: ignore[override]
        return value if is_told(self.context["view"], self.visible_to, value) else None


class NameField(serializers.CharField):
    """A member's name as it is answered: null where the reader may not hear of them."""

    def __init__(self, **kwargs: Any):
        super().__init__(read_only=True, allow_null=True, **kwargs)

    def to_representation(self, member: Membership) -> str | None:  # type: ignore[override]
        told = is_told(self.context["view"], Membership.objects.visible_to, member.pk)
        return member.user.name if told else None


class TogetherField(serializers.Field, ABC):
    """What is asked once for all rows of an answer; null for a row of which nothing can be said."""

    def __init__(self, **kwargs: Any):
        super().__init__(read_only=True, source="*", **kwargs)

    def rows_in(self, answered: Any) -> list[Any]:
        """The rows of what is answered."""
        return answered if isinstance(answered, list) else [answered]

    @abstractmethod
    def ask(self, rows: list[Any], membership: Membership) -> Mapping[int, Any]:
        """What can be said of the rows, by their ids."""

    def told_of(self, row: Any) -> Any:
        told = self.root.__dict__.setdefault("told_together", {}).setdefault(type(self), {})
        if row.pk not in told:
            together = self.rows_in(self.root.instance)
            rows = together if row in together else [row]
            found = self.ask(rows, self.context["view"].membership)
            told |= {each.pk: found.get(each.pk) for each in rows}
        return told[row.pk]


def is_told(view: Any, visible_to: Callable[[Membership], QuerySet], pk: int | None) -> bool:
    """Whether the reader may hear of the row with this id; inside an organization everybody may hear of everything."""
    if pk is None or not view.membership.is_partner:
        return pk is not None
    rows = visible_to(view.membership)
    told = view.__dict__.setdefault("told", {})
    if rows.model not in told:
        told[rows.model] = set(rows.values_list("pk", flat=True))
    return pk in told[rows.model]


def at_most(number: int, child: serializers.BaseSerializer, **options: Any) -> serializers.ListSerializer:
    """A list that takes so many, and says so to whoever sends more."""
    too_many = gettext_lazy("Send {max_length} at once at most.")
    return serializers.ListSerializer(
        child=child, max_length=number, error_messages={"max_length": too_many}, **options
    )


class QuickMixin:
    """For serializers of long lists: reads attributes straight, where the general way spends most of an answer's time.

    A row related one to one that is missing reads as the field's default, else as null. Callables are not called.
    """

    @cached_property
    def readers(self: Any) -> list[tuple[str, list[str], Any, Any]]:
        return [
            (
                field.field_name,
                field.source_attrs,
                field.to_representation,
                None if field.default is empty else field.default,
            )
            for field in self._readable_fields
        ]

    def to_representation(self, row: Any) -> dict[str, Any]:
        told = {}
        for name, attributes, represent, default in self.readers:
            value = row
            try:
                for attribute in attributes:
                    value = getattr(value, attribute)
            except AttributeError:
                value = default
            told[name] = None if value is None else represent(value)
        return told


class WordField(serializers.ChoiceField):
    """One of some words, or none: null for other programs, an empty text in the row."""

    def __init__(self, choices: Any, **kwargs: Any):
        super().__init__(choices, allow_null=True, **kwargs)

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        return (True, "") if data is None else super().validate_empty_values(data)

    def to_representation(self, value: Any) -> Any:
        return super().to_representation(value) or None


class LineField(serializers.CharField):
    """Words in one line, as a title is kept."""

    def to_internal_value(self, data: Any) -> str:
        return " ".join(super().to_internal_value(data).split())


class OfferedField(RowField):
    """Another row by its id, of those `offered` to the asker; the present one of a row that is changed among them."""

    def __init__(self, offered: Callable[[Membership, int | None], QuerySet], of: type[Model], **kwargs: Any):
        self.offered = offered
        super().__init__(None, queryset=of._default_manager.none(), **kwargs)

    def get_queryset(self) -> QuerySet | None:
        view = self.context.get("view")
        if not hasattr(view, "membership"):
            return super().get_queryset()
        present = getattr(self.root.instance, f"{self.source}_id", None)
        return self.offered(view.membership, present)


SAY_WHY = gettext_lazy("Say why it is dropped: others will want to know.")


class ReasonSerializer(serializers.Serializer):
    """Why something is taken out of the plan."""

    reason = serializers.CharField(max_length=500, error_messages={"required": SAY_WHY, "blank": SAY_WHY})
