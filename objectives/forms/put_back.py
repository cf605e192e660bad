"""Taking back one edit: the values from before are written again, by the form and the service of any other edit."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from django import forms
from django.db import connection, models
from django.db.models import TextField
from django.db.models.functions import Cast
from django.http import QueryDict
from django.utils.translation import gettext as _

from funnel.forms.kgis import KGIForm
from funnel.models import KGI
from funnel.services import save_kgi
from objectives import services
from objectives.forms.goals import ObjectiveForm
from objectives.forms.key_results import KeyResultForm
from objectives.models import KeyResult, Level, Objective
from people.forms import add_refusal
from people.models import AuditEvent, Membership
from people.refusals import Refusal

Row = Objective | KeyResult | KGI


def exact(text: str | None) -> dict[str, Any]:
    """Stored columns with every digit of their amounts."""
    return json.loads(text, parse_float=Decimal) if text else {}


class PutBack:
    """One event of an objective, key result or KGI that may be taken back, as far as today's rules allow it.

    `refusal` is the sentence why it no longer fits, or empty. Only what the row's own form edits is put back.
    """

    def __init__(self, row: Row, event: AuditEvent, membership: Membership, reason: str | None = None):
        self.row, self.event, self.membership = row, event, membership
        told = AuditEvent.objects.annotate(was=Cast("before", TextField()), became=Cast("after", TextField()))
        before, after = told.values_list("was", "became").get(pk=event.pk)
        self.before, self.after = exact(before), exact(after)
        plain = self.form_of(kind=self.before.get("kind"))
        self.columns = {column: name for column in self.before if (name := self.field_of(column)) in plain.fields}
        self.reason = reason
        self.form = self.form_of(self.data_from(plain), kind=self.before.get("kind"))

    @staticmethod
    def field_of(column: str) -> str:
        return {"level": "personal"}.get(column, column.removesuffix("_id"))

    def form_of(self, data: QueryDict | None = None, *, kind: str | None = None) -> Any:
        match self.row:
            case Objective():
                return ObjectiveForm(data, instance=self.row, membership=self.membership)
            case KeyResult():
                return KeyResultForm(data, instance=self.row, membership=self.membership, kind=kind or self.row.kind)
        return KGIForm(data, instance=self.row, membership=self.membership)

    def data_from(self, plain: forms.ModelForm) -> QueryDict:
        """What would be sent if one typed the old values into the form as it opens now."""
        data = QueryDict(mutable=True)
        for name, field in plain.fields.items():
            value = plain[name].value()
            for column, changed in self.columns.items():
                if changed == name:
                    value = self.typed(field, column)
            if value not in (None, "", False):
                data[name] = str(value) if isinstance(value, bool) else value  # a box left empty is not sent
        if self.reason is not None:
            data["reason"] = self.reason
        return data

    def typed(self, field: forms.Field, column: str) -> Any:
        value = self.before[column]
        if column == "level":
            return value == Level.INDIVIDUAL
        stored = type(self.row)._meta.get_field(column.removesuffix("_id"))
        if value is not None and isinstance(stored, models.DecimalField | models.FloatField):
            value = Decimal(str(value))
        return field.prepare_value(value)

    @property
    def asks_reason(self) -> bool:
        return "reason" in self.form.fields

    @property
    def is_possible(self) -> bool:
        return self.event.act == AuditEvent.Act.UPDATE and bool(self.columns)

    @property
    def refusal(self) -> str:
        """Why it no longer fits: the row says neither what the edit made of it nor anything to go back from."""
        if not self.is_possible:
            return _("This change cannot be put back from here.")
        with connection.cursor() as cursor:
            table = type(self.row)._meta.db_table
            cursor.execute(f'SELECT to_jsonb(held)::text FROM "{table}" held WHERE id = %s', [self.row.pk])  # noqa: S608
            held = exact(cursor.fetchone()[0])
        if all(held[column] == self.before[column] for column in self.columns):
            return _("It is so again already.")
        if any(held[column] != self.after[column] for column in self.columns):
            return _("This was changed again since then. Put the newer change back first, or edit it by hand.")
        return ""

    def save(self) -> bool:
        """Write it; what today's rules have against it stands in the form's errors."""
        form = self.form
        if self.refusal:
            form.add_error(None, self.refusal)
        if not form.is_valid():
            return False
        try:
            match self.row:
                case Objective():
                    services.save_objective(
                        form.save(commit=False), by=self.membership, expected_version=form.expected_version
                    )
                case KeyResult():
                    services.save_key_result(
                        form.save(commit=False),
                        by=self.membership,
                        reason=form.cleaned_data.get("reason", ""),
                        expected_version=form.expected_version,
                    )
                case _:
                    save_kgi(form.instance, expected_version=form.expected_version, by=self.membership)
        except Refusal as refusal:
            add_refusal(form, refusal)
            return False
        return True

    @property
    def sentences(self) -> list[str]:
        """What stands in the way, each with the field it is about; a missing reason stands beside its own field."""
        found = []
        for name, errors in self.form.errors.items():
            field = self.form.fields.get(name)
            for error in errors if name != "reason" else ():
                found.append(f"{field.label}: {error}" if field is not None and field.label else str(error))
        return found
