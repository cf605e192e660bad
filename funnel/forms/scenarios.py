"""Writing a scenario down: what each lever is in it, typed as people type it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funnel.fields import BASE_MISSING, RATE_DECIMALS, AmountField
from funnel.formulas.multiples import Multiple, multiple_of, read_multiple, read_multiple_of_now
from funnel.models import KPI, Scenario
from funnel.services.scenarios import ADOPTABLE, LARGEST, LONGEST_NAME
from people.forms import ExpectsVersion

Labels = Mapping[int, str]


class LeverField(AmountField):
    """A lever's value, or the multiple of now, of last year or of the industry that was meant: 2x, 昨年の150%."""

    def is_spoken(self) -> bool:
        return True

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            factor = read_multiple_of_now(value)
            if factor is not None:
                return factor
            multiple = read_multiple(value)
            if multiple is not None:
                return multiple
        number = super().to_python(value)
        if number is not None and abs(number) > LARGEST:
            raise ValidationError(_("This number is too large."), code="too_large")
        return number


def resolve_multiples(form: forms.Form, levers: Mapping[str, KPI]) -> None:
    """Put numbers in the place of the multiples that were typed in the fields named, or say what they are missing."""
    for name, lever in levers.items():
        value = form.cleaned_data.get(name)
        if isinstance(value, Fraction):
            missing = _("Nothing is known of this lever now: type a number instead of a multiple.")
            factor, base = value, lever.current
        elif isinstance(value, Multiple):
            missing = str(BASE_MISSING[value.of])
            factor, base = value.factor, getattr(lever, value.of)
        else:
            continue
        form.cleaned_data[name] = None
        if base is None:
            form.add_error(name, missing)
        else:
            form.cleaned_data[name] = multiple_of(base, factor, decimals=RATE_DECIMALS if lever.is_rate else 6)


class ScenarioForm(ExpectsVersion):
    """A name, a note, and a field for every lever; an empty one means "as now".

    `start` holds what stands in the fields of a new scenario, by the levers' ids.
    """

    name = forms.CharField(label=gettext_lazy("Name"), max_length=LONGEST_NAME)
    note = forms.CharField(
        label=gettext_lazy("Note"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    submission_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        levers: Sequence[KPI],
        names: Labels,
        units: Labels,
        scenario: Scenario | None = None,
        start: Mapping[int, Decimal] | None = None,
        **kwargs: Any,
    ):
        super().__init__(*args, **kwargs)
        self.levers = list(levers)
        self.opened_on(scenario.version if scenario else None)
        self.fields["name"].widget.attrs |= {"class": "word"}
        self.initial = {f"lever_{pk}": value for pk, value in (start or {}).items()}
        if scenario is None:
            self.initial["submission_key"] = uuid.uuid4()
        else:
            self.initial |= {"name": scenario.name, "note": scenario.note}
        for lever in self.levers:
            self.fields[f"lever_{lever.pk}"] = self.field_of(lever, names[lever.pk], units[lever.pk])

    def field_of(self, lever: KPI, name: str, unit: str) -> LeverField:
        field = LeverField(label=name, required=False, rate=lever.is_rate, unit="" if lever.is_rate else unit)
        field.widget.attrs |= {"aria-describedby": f"wrong-{lever.pk}"}
        if lever.current is not None:
            field.widget.attrs["placeholder"] = str(field.prepare_value(lever.current))
        return field

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        resolve_multiples(self, {f"lever_{lever.pk}": lever for lever in self.levers})
        return cleaned

    def values(self) -> dict[int, Decimal]:
        """What is typed and can be read, by the levers' ids; rates 0–1."""
        typed = {lever.pk: self.cleaned_data.get(f"lever_{lever.pk}") for lever in self.levers}
        return {pk: value for pk, value in typed.items() if value is not None}


class AdoptForm(ExpectsVersion):
    """As what a scenario becomes the plan, and why."""

    reason = forms.CharField(
        label=gettext_lazy("Why does it change?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Say why the plan changes: others will want to know.")},
    )

    column = forms.ChoiceField(
        choices=[(column.value, column.label) for column in ADOPTABLE], widget=forms.HiddenInput, required=True
    )
