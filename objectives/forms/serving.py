"""Choosing which key result or lever something serves, grouped by objective and KGI."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from funnel.models import KPI
from objectives.models import KeyResult
from objectives.queries.serving import grouped_by_objective, offered_key_results, offered_levers
from people.access import read_id
from people.models import Membership

LEVER = "l"


class Offered(forms.Select):
    """A list that begins with none of them. Django would read all of it from the database only to see that."""

    def use_required_attribute(self, initial: Any) -> bool:
        return not self.is_hidden


class ServesField(forms.ChoiceField):
    """A key result by its number, or with `levers` a lever as `l` and its number; what one sees may be named.

    The cleaned value is the row, or None.
    """

    widget = Offered

    def __init__(self, membership: Membership, *, levers: bool = False, present: Any = None, **kwargs: Any):
        self.membership, self.levers = membership, levers
        self.also: tuple[Any, ...] = (present,) if present is not None else ()
        super().__init__(choices=self.offered, **kwargs)

    def offered(self) -> list[Any]:
        """What is listed, each objective a group; read anew for each form."""
        key_results = [row.pk for row in self.also if isinstance(row, KeyResult)]
        found = grouped_by_objective(self.rows(key_results))
        groups: list[Any] = [("", _("None of them")), *((name, self.named(rows)) for name, rows in found.items())]
        if self.levers and not self.membership.is_partner:
            levers: dict[str, list[tuple[str, str]]] = {}
            for lever in offered_levers(self.membership, also=[row.pk for row in self.also if isinstance(row, KPI)]):
                levers.setdefault(_("Levers of “%(kgi)s”") % {"kgi": lever.kgi.name}, []).append(
                    (self.value_of(lever), lever.name)
                )
            groups += levers.items()
        return groups

    def rows(self, also: list[int]) -> list[KeyResult]:
        """The key results offered, and those of the ids in `also`."""
        return offered_key_results(self.membership, also=also)

    def named(self, rows: list[KeyResult]) -> list[tuple[str, str]]:
        return [(self.value_of(row), row.title) for row in rows]

    @staticmethod
    def value_of(row: Any) -> str:
        """How a row is named in the form."""
        if row is None:
            return ""
        return f"{LEVER}{row.pk}" if isinstance(row, KPI) else str(row.pk)

    def prepare_value(self, value: Any) -> Any:
        return self.value_of(value) if isinstance(value, KPI | KeyResult) else value

    def to_python(self, value: Any) -> Any:
        typed = str(value or "")
        if not typed:
            return None
        rows: Any = KeyResult.objects.select_related("objective__team")
        if self.levers and typed.startswith(LEVER):
            rows = KPI.objects.select_related("kgi")
        found = rows.visible_to(self.membership).filter(pk=read_id(typed.removeprefix(LEVER)) or 0).first()
        if found is None:
            raise ValidationError(_("Choose one of the key results offered."), code="invalid_choice")
        return found

    def validate(self, value: Any) -> None:
        if self.required and value is None:
            raise ValidationError(self.error_messages["required"], code="required")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.value_of(initial) != str(data or "")
