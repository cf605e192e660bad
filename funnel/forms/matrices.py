"""A matrix, its stages and the conditions of its fits, as people write them."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy, pgettext_lazy

from funnel.fields import AmountField, grouped, read_amount, sentence_of
from funnel.formulas.fiscal import fiscal_year
from funnel.formulas.fits import (
    AT_LEAST,
    AT_MOST,
    CONTAINS,
    EMPTY,
    EQUALS,
    FIELDS,
    MOST_CONDITIONS,
    NUMBERS,
    OF_NUMBERS,
    ONE_OF,
    Condition,
    ConditionRefused,
    read_condition,
)
from funnel.formulas.numbers import NumberRefused
from funnel.models import KGI, CountsAs, Lead, Matrix, MatrixStage, StageKind
from funnel.services.matrices import CONDITION_SENTENCES
from people.forms import ExpectsVersion
from people.models import Membership

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
LISTS = ((True, gettext_lazy("A list of leads, company by company")), (False, gettext_lazy("Numbers only")))


class MatrixForm(ExpectsVersion):
    """Name, KGI, days, and whether there is a list of leads."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        error_messages={"required": gettext_lazy("Name the matrix after its market.")},
        help_text=gettext_lazy("The market it is for, for example: manufacturers in Kanto."),
    )
    kgi = forms.ModelChoiceField(
        KGI.objects.none(), label=gettext_lazy("KGI its orders lead to"), required=False, empty_label="–"
    )
    starts_on = forms.DateField(label=pgettext_lazy("first day", "From"), widget=DAY)
    ends_on = forms.DateField(label=pgettext_lazy("last day", "Until"), widget=DAY)
    has_leads = forms.TypedChoiceField(
        label=gettext_lazy("What is kept"),
        choices=LISTS,
        coerce=lambda said: said == "True",
        widget=forms.RadioSelect,
        initial=True,
    )
    submission_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, membership: Membership, matrix: Matrix, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.matrix = matrix
        self.fields["kgi"].queryset = KGI.objects.visible_to(membership)
        names = ("name", "kgi", "starts_on", "ends_on", "has_leads")
        if matrix._state.adding:
            organization = membership.organization
            start, end = fiscal_year(organization.today, organization.fiscal_year_start)
            self.initial.update({"starts_on": start, "ends_on": end, "submission_key": uuid.uuid4()})
        else:
            self.initial.update({name: getattr(matrix, name) for name in names})
        self.opened_on(None if matrix._state.adding else matrix.version)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("starts_on"), cleaned.get("ends_on")
        if start and end and end < start:
            self.add_error("ends_on", str(gettext_lazy("The last day lies before the first.")))
        return cleaned

    def written(self) -> Matrix:
        """The matrix as the form says it."""
        for name in ("name", "kgi", "starts_on", "ends_on", "has_leads"):
            setattr(self.matrix, name, self.cleaned_data[name])
        if self.matrix._state.adding and self.cleaned_data.get("submission_key"):
            self.matrix.submission_key = self.cleaned_data["submission_key"]
        return self.matrix


class StageForm(ExpectsVersion):
    """A stage with the criteria by which a lead comes to it."""

    name = forms.CharField(
        label=gettext_lazy("Stage"),
        max_length=40,
        error_messages={"required": gettext_lazy("Name the stage in a word or two.")},
    )
    criteria = forms.CharField(
        label=gettext_lazy("Criteria"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("By what anybody can tell that a lead belongs here: what was said or done, not hoped."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Meaning"), choices=StageKind.choices)
    counts_as = forms.ChoiceField(
        label=gettext_lazy("Counts as"),
        choices=CountsAs.choices,
        required=False,
        help_text=gettext_lazy("Which volume of the funnel a lead becomes part of here."),
    )
    assumed_rate = AmountField(
        label=gettext_lazy("Assumed share that goes on"),
        rate=True,
        required=False,
        help_text=gettext_lazy("Used as long as too few moves say it."),
    )

    def __init__(self, *args: Any, stage: MatrixStage, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.stage = stage
        names = ("name", "criteria", "kind", "counts_as", "assumed_rate")
        self.initial.update({name: getattr(stage, name) for name in names})
        self.opened_on(None if stage._state.adding else stage.version)

    def clean_assumed_rate(self) -> Any:
        rate = self.cleaned_data["assumed_rate"]
        if rate is not None and not 0 <= rate <= 1:
            raise forms.ValidationError(gettext_lazy("A share lies between 0% and 100%."), code="rate")
        return rate

    def written(self) -> MatrixStage:
        for name in ("name", "criteria", "kind", "counts_as", "assumed_rate"):
            setattr(self.stage, name, self.cleaned_data[name])
        return self.stage


ASKS = {
    CONTAINS: pgettext_lazy("condition", "contains one of"),
    ONE_OF: pgettext_lazy("condition", "is one of"),
    EQUALS: pgettext_lazy("condition", "is"),
    AT_LEAST: pgettext_lazy("condition", "is at least"),
    AT_MOST: pgettext_lazy("condition", "is at most"),
    EMPTY: pgettext_lazy("condition", "is not known"),
}
FIELD_NAMES = {name: Lead._meta.get_field(name).verbose_name for name in FIELDS}  # type: ignore[union-attr]
# Words are separated as people separate them in either language.
BETWEEN = re.compile(r"[、,，\n]+")


@dataclass
class ConditionRow:
    """A row of the form: what was typed, and what is wrong with it."""

    number: int
    field: str = ""
    asks: str = ""
    value: str = ""
    error: str = ""
    condition: Condition | None = None

    @property
    def choices(self) -> list[tuple[str, Any]]:
        return list(ASKS.items())


class FitForm:
    """The conditions of one fit, row by row, with an empty row behind them; rows without a field are left out."""

    def __init__(self, fit: str, conditions: list[Condition], version: int, data: QueryDict | None = None):
        self.fit = fit
        self.version = version
        self.errors = False
        if data is None:
            self.rows = [row_of(number, condition) for number, condition in enumerate(conditions)]
        else:
            self.rows = [self.read(data, number) for number in range(MOST_CONDITIONS)]
            self.rows = [row for row in self.rows if row.field]
        # A row that was emptied is gone: those behind it move up.
        for number, row in enumerate(self.rows):
            row.number = number
        if len(self.rows) < MOST_CONDITIONS:
            self.rows.append(ConditionRow(len(self.rows)))

    def read(self, data: QueryDict, number: int) -> ConditionRow:
        named = f"{self.fit}-{number}"
        row = ConditionRow(
            number,
            data.get(f"{named}-field", ""),
            data.get(f"{named}-is", ""),
            data.get(f"{named}-value", "").replace("\x00", "")[:12_000],
        )
        if not row.field:
            return row
        try:
            row.condition = read_condition({"field": row.field, "is": row.asks, "value": self.value_of(row)})
        except ConditionRefused as refused:
            row.error = str(CONDITION_SENTENCES[refused.code])
        except NumberRefused as refused:
            row.error = sentence_of(refused)
        self.errors = self.errors or bool(row.error)
        return row

    @staticmethod
    def value_of(row: ConditionRow) -> Any:
        text = row.value.strip()
        if row.field in NUMBERS:
            if row.asks in OF_NUMBERS and row.asks != EMPTY and text:
                return read_amount(text, unit="円" if row.field == "revenue" else "", rate=False)
            return text
        return [text] if row.asks == EQUALS else BETWEEN.split(text)

    @property
    def conditions(self) -> list[Condition]:
        return [row.condition for row in self.rows if row.condition is not None]

    def kept(self) -> list[dict[str, Any]]:
        return [condition.written() for condition in self.conditions]


def row_of(number: int, condition: Condition) -> ConditionRow:
    if condition.number is not None:
        value = grouped(condition.number)
    else:
        value = "、".join(condition.words)
    return ConditionRow(number, condition.field, condition.asks, value, condition=condition)
