"""What stands beside the numbers of a funnel: last year, the industry's average with its source, how months weigh."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import MONTHS, MONTHS_3
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funnel.fields import AmountField, plain
from funnel.forms.amounts import NUMBERS, as_typed, unit_of
from funnel.formulas.back_calculation import RATES
from funnel.formulas.multiples import Base
from funnel.models import KGI
from funnel.services import LINKS

BESIDE: dict[Base, Any] = {
    "last_year": gettext_lazy("Last year"),
    "reference": gettext_lazy("Industry average"),
}
LONGEST_SOURCE = 200
WEIGHTS = tuple(f"weight_{month}" for month in range(1, 13))
HEAVIEST = 99_999


class BesideField(AmountField):
    """A fact to compare with; a rate is 100% at most."""

    def to_python(self, value: Any) -> Any:
        number = super().to_python(value)
        if number is not None and self.rate and not 0 <= number <= 1:
            raise ValidationError(_("A rate lies between 0% and 100%."), code="rate_out_of_range")
        return number


class WeightField(AmountField):
    """How much a month weighs against the others: 0 or more, three decimals."""

    def to_python(self, value: Any) -> Any:
        number = super().to_python(value)
        if number is not None and (not 0 <= number <= HEAVIEST or number != round(number, 3)):
            raise ValidationError(_("Type a weight from 0 to 99,999, with three decimals at most."), code="weight")
        return number


class BesideForm(forms.Form):
    """Facts that targets are compared with and typed as multiples of. What is not sent stays as it is saved."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, kgi: KGI, **kwargs: Any):
        super().__init__(data, **kwargs)
        self.kgi = kgi
        for number in NUMBERS:
            rate = number in RATES
            for base, name in BESIDE.items():
                label = _("%(number)s, %(column)s") % {"number": LINKS[number].name, "column": name}
                field = BesideField(
                    label=label, required=False, rate=rate, unit="" if rate else unit_of(number, kgi.unit)
                )
                field.widget.attrs |= {"aria-label": label, "aria-describedby": f"wrong-{number}"}
                self.fields[f"{number}_{base}"] = field
            self.fields[f"{number}_source"] = forms.CharField(
                label=str(LINKS[number].name), required=False, max_length=LONGEST_SOURCE
            )
        for month, name in enumerate(WEIGHTS, 1):
            weight = WeightField(label=str(MONTHS_3[month]).capitalize(), required=False)
            weight.widget.attrs |= {"aria-label": str(MONTHS[month]), "placeholder": "1"}
            self.fields[name] = weight

    def what_is_saved(self) -> dict[str, str]:
        """The texts of the fields as they are saved."""
        texts = {}
        for number, facts in saved_beside(self.kgi).items():
            for base in BESIDE:
                if facts[base] is not None:
                    texts[f"{number}_{base}"] = as_typed(facts[base], self.kgi.unit, rate=number in RATES)
            texts[f"{number}_source"] = facts["source"]
        return texts | {
            name: plain(weight) for name, weight in zip(WEIGHTS, self.kgi.monthly_weights or (), strict=False)
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        weights = [cleaned.get(name) for name in WEIGHTS]
        if all(weight == 0 for weight in weights):
            self.add_error(WEIGHTS[0], _("At least one month must weigh more than 0."))
        return cleaned

    def holds(self, suffix: str) -> bool:
        """Whether the facts of this kind were sent at all."""
        return any(f"{number}_{suffix}" in self.data for number in NUMBERS)

    def fact(self, number: str, base: Base) -> Decimal | None:
        """Last year's value or the industry's of a number: as sent, else as saved."""
        if self.holds(base):
            return self.cleaned_data.get(f"{number}_{base}")
        return saved_beside(self.kgi)[number][base]

    def facts(self, base: Base) -> dict[str, Decimal | None] | None:
        """What is to be saved of one kind; None where it was not sent."""
        return {number: self.cleaned_data.get(f"{number}_{base}") for number in NUMBERS} if self.holds(base) else None

    def sources(self) -> dict[str, str] | None:
        if not self.holds("source"):
            return None
        return {number: self.cleaned_data.get(f"{number}_source", "") for number in NUMBERS}

    @property
    def weights(self) -> list[Decimal] | None:
        """January to December as typed, an empty month 1; [] where they are even, None where they were not sent."""
        if not any(name in self.data for name in WEIGHTS):
            return None
        typed = [self.cleaned_data.get(name) for name in WEIGHTS]
        weights = [Decimal(1) if weight is None else weight for weight in typed]
        return [] if len(set(weights)) == 1 else weights

    @property
    def weights_now(self) -> list[Decimal] | None:
        """What the volumes are spread by: as typed, else as saved; None where months are even."""
        weights = self.weights
        return (self.kgi.monthly_weights if weights is None else weights) or None


def saved_beside(kgi: KGI) -> dict[str, dict[str, Any]]:
    """Last year's value, the industry's and its source for each of the six numbers, as they are saved."""
    facts: dict[str, dict[str, Any]] = {
        number: {"last_year": None, "reference": None, "source": ""} for number in NUMBERS
    }
    facts["revenue"] = {
        "last_year": kgi.last_year_value,
        "reference": kgi.reference_value,
        "source": kgi.reference_source,
    }
    for kpi in kgi.kpis.standing().filter(key__in=NUMBERS[1:]).levers():
        facts[kpi.key] = {"last_year": kpi.last_year, "reference": kpi.reference, "source": kpi.reference_source}
    return facts
