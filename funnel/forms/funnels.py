"""The six numbers of a funnel in three columns, one of them to be found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funnel.fields import BASE_MISSING, SENTENCES
from funnel.forms.amounts import (
    COLUMN_NAMES,
    NUMBERS,
    CountField,
    as_typed,
    number_field,
    resolve,
    shown_up,
    suffix_of,
    unit_of,
    up_to_twelve_places,
)
from funnel.forms.beside import BesideForm
from funnel.formulas.back_calculation import (
    DEFAULT_CV_RATE,
    DEFAULT_DEAL_RATE,
    RATES,
    FunnelInput,
    FunnelRefused,
    FunnelResult,
    back_calculate,
)
from funnel.formulas.multiples import Multiple
from funnel.models import KGI, Funnel, FunnelNumber
from funnel.services import COLUMNS, LINKS, FunnelPlan
from people.access import read_id

__all__ = ["COLUMN_NAMES", "NUMBERS", "FunnelForm", "saved_numbers", "shown_up", "suffix_of", "unit_of"]

DEFAULTS = {"deal_rate": DEFAULT_DEAL_RATE, "cv_rate": DEFAULT_CV_RATE}
LEAD_TIMES = {"visits": "visit_to_cv_days", "cvs": "cv_to_deal_days", "deals": "deal_to_order_days"}
# What stands in a new funnel until somebody knows better: the worked example of the product's domain notes.
EXAMPLE = {
    "revenue": Decimal(100_000_000),
    "unit_price": Decimal(1_200_000),
    "win_rate": Decimal("0.2"),
    "deal_rate": Decimal("0.1"),
    "cv_rate": Decimal("0.01"),
}
LARGEST_FOUND = 10**15
LARGEST_COUNT = 2_147_483_647
LONGEST_LEAD_TIME = 730

REFUSALS = {
    "not_positive": gettext_lazy("Type a number above 0."),
    "rate_out_of_range": gettext_lazy("A rate lies above 0% and is 100% at most."),
}
EXACT = re.compile(r"([0-9]{1,90})/([0-9]{1,90})")


class FunnelForm(forms.Form):
    """What is typed into the funnel; `answers` holds the chain of each column that could be calculated.

    An empty field of a target column means the same as now. A rate nobody knows takes its default, and `defaulted`
    says so. `was` is the number that was to be found when the page was drawn: when another is chosen, the one found
    takes its place among the typed ones. Choosing one and going back changes nothing: `kept_…` is the text that stood
    in the row of the number to find, and `exact_…` the fraction behind a field that shows it rounded.
    """

    unknown = forms.ChoiceField(label=gettext_lazy("Number to find"), choices=FunnelNumber.choices, required=False)
    was = forms.CharField(widget=forms.HiddenInput, required=False)
    version = forms.CharField(widget=forms.HiddenInput, required=False)
    kgi_version = forms.CharField(widget=forms.HiddenInput, required=False)
    target_companies = CountField(
        label=gettext_lazy("Companies in the market"), required=False, largest=LARGEST_COUNT, unit="社"
    )
    target_contacts = CountField(
        label=gettext_lazy("Contacts in the market"), required=False, largest=LARGEST_COUNT, unit="人"
    )
    visit_to_cv_days = CountField(label=gettext_lazy("From visit to CV"), required=False, largest=LONGEST_LEAD_TIME)
    cv_to_deal_days = CountField(label=gettext_lazy("From CV to deal"), required=False, largest=LONGEST_LEAD_TIME)
    deal_to_order_days = CountField(label=gettext_lazy("From deal to order"), required=False, largest=LONGEST_LEAD_TIME)

    def __init__(self, data: Mapping[str, Any] | None = None, *, kgi: KGI, **kwargs: Any):
        if data is not None:
            data = data.dict() if isinstance(data, QueryDict) else dict(data)
        super().__init__(data, **kwargs)
        self.kgi = kgi
        self.answers: dict[str, FunnelResult | None] = dict.fromkeys(COLUMNS)
        self.defaulted: list[str] = []
        self.is_example = False
        self.is_first_look = False
        self.multiples: dict[str, Decimal] = {}
        for number in NUMBERS:
            for column in COLUMNS:
                self.fields[f"{number}_{column}"] = number_field(number, column, kgi.unit)
        if data is None:
            self.beside = BesideForm(kgi=kgi)
            self.initial = self.what_is_saved() | self.beside.what_is_saved()
            self.unknown_number = str(self.initial["unknown"])
        else:
            asked = self.data.get("unknown", "")
            self.unknown_number = self.data["unknown"] = asked if asked in NUMBERS else FunnelNumber.VISITS.value
            self.beside = BesideForm(self.data, kgi=kgi)
            self.put_found_among_typed()

    # What stands in the fields at first

    def what_is_saved(self) -> dict[str, Any]:
        funnel: Funnel | None = getattr(self.kgi, "funnel", None)
        numbers = saved_numbers(self.kgi)
        unknown = funnel.unknown if funnel else FunnelNumber.VISITS.value
        if funnel is None and all(numbers[name][column] is None for name in NUMBERS[1:] for column in COLUMNS):
            self.is_example = True
            fill_example(numbers)
        initial: dict[str, Any] = {
            f"{name}_{column}": as_typed(value, self.kgi.unit, rate=name in RATES)
            for name in NUMBERS
            for column, value in numbers[name].items()
            if value is not None and name != unknown
        }
        for name in NUMBERS:
            for column, value in numbers[name].items():
                if value is None:
                    continue
                if name == unknown and name == FunnelNumber.REVENUE:
                    initial[f"kept_{name}_{column}"] = as_typed(value, self.kgi.unit)
                elif name != unknown and value != round(value, 6):
                    self.show_rounded(initial, name, column, Fraction(value))
        initial |= {"unknown": unknown, "was": unknown, "version": funnel.version if funnel else 0}
        initial["kgi_version"] = self.kgi.version
        if funnel is not None:
            for name in ("target_companies", "target_contacts", *LEAD_TIMES.values()):
                value = getattr(funnel, name)
                initial[name] = f"{value:,}" if value else ""
        return initial

    def calculate_initial(self) -> FunnelForm:
        """This form bound to what stands in it, so that the page answers before anything is typed.

        Nobody has made a mistake yet: what is missing of a new funnel is no error at first.
        """
        bound = FunnelForm(self.initial, kgi=self.kgi)
        bound.is_example = self.is_example
        bound.is_first_look = getattr(self.kgi, "funnel", None) is None
        bound.is_valid()
        return bound

    def put_found_among_typed(self) -> None:
        was = self.data.get("was", "")
        if was not in NUMBERS or was == self.unknown_number:
            return
        before = FunnelForm({**self.data, "unknown": was}, kgi=self.kgi)
        before.is_valid()
        for column in COLUMNS:
            self.data[f"kept_{self.unknown_number}_{column}"] = self.data.pop(f"{self.unknown_number}_{column}", "")
            kept = self.data.pop(f"kept_{was}_{column}", None)
            found = before.answers[column]
            if kept is not None and (found is None or before.is_kept(was, column, found)):
                self.data[f"{was}_{column}"] = kept
            elif found is not None:
                self.show_rounded(self.data, was, column, getattr(found, was))

    def show_rounded(self, data: Any, name: str, column: str, value: Fraction) -> None:
        data[f"{name}_{column}"] = as_typed(shown_up(name, value), self.kgi.unit, rate=name in RATES)
        data[f"exact_{name}_{column}"] = f"{value.numerator}/{value.denominator}"

    def is_kept(self, name: str, column: str, found: FunnelResult) -> bool:
        """Whether what stood in a row says what is found now, so that it may stand there again.

        The revenue is what is aimed at: it comes back whatever was tried meanwhile.
        """
        if name == FunnelNumber.REVENUE:
            return bool(self.data[f"kept_{name}_{column}"].strip())
        return self.meant(name, column) == getattr(found, name)

    def meant(self, name: str, column: str) -> Decimal | Fraction | None:
        text = self.data.get(f"kept_{name}_{column}", "")
        try:
            typed = self.fields[f"{name}_{column}"].clean(text)
            if isinstance(typed, Multiple):
                typed = self.resolved(name, typed)
            value = self.exactly(name, column, typed)
        except ValidationError:
            return None
        if value is None and column != "current":
            return self.meant(name, "current")
        return DEFAULTS.get(name) if value is None else value

    def exactly(self, name: str, column: str, shown: Decimal | None) -> Decimal | Fraction | None:
        """The fraction behind a number, as long as the field still shows that number rounded."""
        parts = EXACT.fullmatch(str(self.data.get(f"exact_{name}_{column}", "")))
        if shown is None or parts is None or int(parts[2]) == 0:
            return shown
        exact = Fraction(int(parts[1]), int(parts[2]))
        return exact if shown_up(name, exact) == shown else shown

    @property
    def remembered(self) -> dict[str, str]:
        """What the page carries along unseen, so that choosing another number to find can be undone."""
        names = [f"exact_{name}_{column}" for name in NUMBERS for column in COLUMNS]
        names += [f"kept_{self.unknown_number}_{column}" for column in COLUMNS]
        return {name: self.data[name] for name in names if name in self.data}

    # What is typed

    def is_valid(self) -> bool:
        return super().is_valid() and self.beside.is_valid()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["unknown"] = self.unknown_number
        self.beside.full_clean()
        self.resolve_multiples()
        for column in COLUMNS:
            self.answers[column] = self.solve(column)
        return cleaned

    def resolve_multiples(self) -> None:
        """Put the amounts in the place of the multiples; `multiples` holds them under the names of their fields."""
        for number in NUMBERS:
            for column in COLUMNS:
                name = f"{number}_{column}"
                multiple = self.cleaned_data.get(name)
                if not isinstance(multiple, Multiple):
                    continue
                self.cleaned_data[name] = None
                if number == self.unknown_number:
                    continue
                try:
                    self.cleaned_data[name] = self.multiples[name] = self.resolved(number, multiple)
                except ValidationError as refused:
                    self.add_error(name, refused)

    def resolved(self, number: str, multiple: Multiple) -> Decimal:
        base = self.beside.fact(number, multiple.of)
        if base is None:
            raise ValidationError(str(BASE_MISSING[multiple.of]), code="base_missing")
        value = resolve(multiple, base, rate=number in RATES)
        if abs(value) > LARGEST_FOUND:
            raise ValidationError(str(SENTENCES["too_large"]), code="too_large")
        return value

    def typed(self, number: str, column: str) -> Decimal | Fraction | None:
        if number == self.unknown_number:
            return None
        return self.exactly(number, column, self.cleaned_data.get(f"{number}_{column}"))

    def solve(self, column: str) -> FunnelResult | None:
        """The chain of one column; None where the column is empty or something in it is wrong or missing."""
        given_names = [name for name in NUMBERS if name != self.unknown_number]
        typed = {name: self.typed(name, column) for name in given_names}
        if all(value is None for value in typed.values()):
            return None
        if any(f"{name}_{column}" in self.errors for name in given_names):
            return None
        known: dict[str, Decimal | Fraction] = {}
        for name, value in typed.items():
            if value is None and column != "current" and name != "revenue":
                value = self.typed(name, "current")
            if value is not None:
                known[name] = value
            elif name in DEFAULTS:
                known[name] = DEFAULTS[name]
                self.defaulted.extend([name] * (name not in self.defaulted))
            elif column == "current" or self.is_first_look:
                return None
            else:
                self.add_error(f"{name}_{column}", self.sentence_for_missing(name))
        if len(known) < len(given_names):
            return None
        if column == "current" and any(value <= 0 for value in typed.values() if value is not None):
            # Nothing sold yet, or a loss, is a fact about today and no mistake; there is just no chain behind it.
            return None
        return self.answer(column, known)

    def sentence_for_missing(self, name: str) -> str:
        if name == "revenue":
            return _("Type the target, or leave the whole column empty.")
        return _("Type a number here, or today's under “Now”.")

    def answer(self, column: str, known: Mapping[str, Decimal | Fraction]) -> FunnelResult | None:
        given = replace(
            FunnelInput(**known),  # type: ignore[arg-type]
            target_population=self.cleaned_data.get("target_companies"),
            target_contacts=self.cleaned_data.get("target_contacts"),
        )
        try:
            found = back_calculate(given)
        except FunnelRefused as refused:
            where = f"{refused.field}_{column}"
            # A value taken over from "now" is wrong there, where it was typed.
            if self.typed(refused.field, column) is None:
                where = f"{refused.field}_current"
            if where not in self.errors:
                self.add_error(where, str(REFUSALS.get(refused.code, refused)))
            return None
        if max(getattr(found, name) for name in LINKS) > LARGEST_FOUND:
            self.add_error(None, _("The numbers found are beyond any market. Check the rates and the unit price."))
            return None
        return found

    # What comes of it

    @property
    def aim(self) -> tuple[str, FunnelResult] | None:
        """The column the page speaks of, and its chain: the challenge where there is one, else must-hit."""
        found = self.found
        return next(((column, found[column]) for column in ("challenge", "must_hit") if column in found), None)

    @property
    def found(self) -> dict[str, FunnelResult]:
        return {column: answer for column, answer in self.answers.items() if answer is not None}

    def expect(self, version: int, kgi_version: int) -> None:
        """Let the next sending count on these versions of funnel and KGI; what was typed stays."""
        self.data = {**self.data, "version": str(version), "kgi_version": str(kgi_version)}

    @property
    def expected_versions(self) -> dict[str, int]:
        """What `save_funnel` is to count on; a version that is no number is that of no row."""
        read = {
            "expected_version": read_id(self.cleaned_data.get("version")),
            "expected_kgi_version": read_id(self.cleaned_data.get("kgi_version")),
        }
        return {name: -1 if version is None else version for name, version in read.items()}

    @property
    def lead_times(self) -> dict[str, int]:
        return {stage: self.cleaned_data.get(name) or 0 for stage, name in LEAD_TIMES.items()}

    def plan(self) -> FunnelPlan:
        """What is to be saved. A field left empty in a target column stays empty: it goes on meaning "as now"."""
        numbers: dict[str, dict[str, Decimal | None]] = {}
        for name in NUMBERS:
            numbers[name] = {}
            for column in COLUMNS:
                answer = self.answers[column]
                value = self.cleaned_data.get(f"{name}_{column}") if name == "revenue" else self.typed(name, column)
                if name == self.unknown_number:
                    value = getattr(answer, name) if answer is not None else None
                elif answer is not None and value is None and name in DEFAULTS and self.typed(name, "current") is None:
                    value = Decimal(DEFAULTS[name].numerator) / DEFAULTS[name].denominator
                numbers[name][column] = up_to_twelve_places(value) if isinstance(value, Fraction) else value
        return FunnelPlan(
            unknown=self.unknown_number,
            numbers=numbers,
            target_companies=self.cleaned_data.get("target_companies"),
            target_contacts=self.cleaned_data.get("target_contacts"),
            lead_times=self.lead_times,
            last_year=self.beside.facts("last_year"),
            reference=self.beside.facts("reference"),
            reference_source=self.beside.sources(),
            monthly_weights=self.beside.weights,
        )


def saved_numbers(kgi: KGI) -> dict[str, dict[str, Decimal | None]]:
    """The six numbers as the KGI and its KPIs hold them."""
    numbers: dict[str, dict[str, Decimal | None]] = {name: dict.fromkeys(COLUMNS) for name in NUMBERS}
    numbers["revenue"] = {column: getattr(kgi, f"{column}_value") for column in COLUMNS}
    for kpi in kgi.kpis.standing().filter(key__in=NUMBERS[1:]).levers():
        numbers[kpi.key] = {column: getattr(kpi, column) for column in COLUMNS}
    return numbers


def fill_example(numbers: dict[str, dict[str, Decimal | None]]) -> None:
    """Put the worked example where nothing is known, so that the page shows at once what it is for."""
    if all(value is None for value in numbers["revenue"].values()):
        numbers["revenue"]["challenge"] = EXAMPLE["revenue"]
    for column, target in numbers["revenue"].items():
        if target is not None:
            for name, value in EXAMPLE.items():
                if name != "revenue":
                    numbers[name][column] = value
