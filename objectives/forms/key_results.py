"""Writing key results down: only what each kind needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funnel.fields import AmountField
from funnel.models import KPI
from objectives.forms.goals import VersionedForm, beside_its_field, name_of
from objectives.models import Combine, KeyResult, Kind, Limit, MeasureType, Period, Step
from objectives.services.measures import refuse_measure
from objectives.services.rules import (
    ALL_MEASURES,
    AMOUNTS,
    MEASURES,
    MOST_STEPS,
    kpis_offered,
    leave_out_unused,
    refuse_unit_of_rate,
    refuse_weight,
    step_weight,
    twins_of_key_result,
)
from people.forms import PersonField, add_refusal
from people.models import Membership
from people.queries import possible_owners
from people.refusals import Refusal

SPARE_STEPS = 3


class KPIField(forms.ModelChoiceField):
    """A KPI, listed below its KGI."""

    def offer(self, kpis: Iterable[KPI]) -> None:
        groups: dict[str, list[tuple[int, str]]] = {}
        rows = list(kpis)
        for kpi in rows:
            groups.setdefault(name_of(kpi.kgi), []).append((kpi.pk, kpi.name))
        self.queryset = KPI.objects.filter(pk__in=[kpi.pk for kpi in rows])
        self.choices = [("", self.empty_label), *groups.items()]


class KeyResultForm(VersionedForm):
    """One key result of a given kind: only what that kind needs is asked."""

    start_value = AmountField(label=gettext_lazy("Baseline"), required=False, spoken=True)
    must_hit_value = AmountField(label=gettext_lazy("Must-hit target"), required=False, spoken=True)
    target_value = AmountField(label=gettext_lazy("Challenge target"), required=False, spoken=True)
    quota = AmountField(label=gettext_lazy("Quota per period"), required=False)
    population = AmountField(label=gettext_lazy("All there are"), required=False)
    weight = AmountField(
        label=gettext_lazy("Weight"),
        rate=True,
        required=False,
        help_text=gettext_lazy("Left empty, it shares equally with the other key results."),
    )
    kpi = KPIField(
        KPI.objects.none(), label=gettext_lazy("KPI it measures"), required=False, empty_label=gettext_lazy("None")
    )
    reason = forms.CharField(
        label=gettext_lazy("Why it changes"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 1}),
        help_text=gettext_lazy(
            "Asked when a target or weight moves or something is measured differently: what was before stays visible "
            "beside your words."
        ),
    )

    class Meta:
        model = KeyResult
        fields = (
            "title",
            "kind",
            "unit",
            *AMOUNTS,
            "limit",
            "period",
            "measure_first",
            "combine",
            "owner",
            "measured_how",
            "measure_type",
            "weight",
            "kpi",
        )
        labels = {"combine": gettext_lazy("Objectives that contribute to it count by")}
        widgets = {
            "title": forms.TextInput(attrs={"class": "word"}),
            "kind": forms.HiddenInput,
            "unit": forms.TextInput(attrs={"list": "units", "autocomplete": "off"}),
            "limit": forms.RadioSelect,
            "period": forms.RadioSelect,
            "combine": forms.RadioSelect,
            "measure_type": forms.RadioSelect,
            "measured_how": forms.TextInput(),
        }

    def __init__(self, *args: Any, membership: Membership, kind: str, suggestions: str = "", **kwargs: Any):
        self.membership = membership
        self.kind = kind
        super().__init__(*args, **kwargs)
        objective = self.instance.objective
        self.fields["kind"].initial = kind
        if self.instance.weight is not None:
            self.initial["weight"] = Decimal(str(self.instance.weight))
        for name in ALL_MEASURES:
            if name not in MEASURES[kind]:
                del self.fields[name]
        self.set_choices()
        unit = self.unit_typed()
        for name in AMOUNTS:
            if name in self.fields:
                self.fields[name].unit = unit
        self.fields["owner"] = self.owner_field(suggestions)
        if self.instance._state.adding:
            self.start_with("owner", membership.pk)
        self.fields["kpi"].offer(self.kpis())
        if not objective.is_open:
            del self.fields["reason"]
        elif self.instance._state.adding:
            self.fields["reason"].label = _("Why it is added")
            self.fields["reason"].required = True
            self.fields["reason"].help_text = _("The objective is under way: your words stay beside the key result.")

    def owner_field(self, suggestions: str) -> PersonField:
        return PersonField(
            possible_owners(self.membership, self.instance.owner_id),
            label=gettext_lazy("Owner"),
            suggestions=suggestions,
            required=False,
        )

    def kpis(self) -> Iterable[KPI]:
        """Also the present one of a dropped KGI: an edit must not untie it unnoticed."""
        kpis = kpis_offered(self.membership, self.instance.kpi_id)
        return kpis.select_related("kgi").order_by("kgi__period_start", "kgi", "position")

    def set_choices(self) -> None:
        choices = {"limit": Limit, "period": Period, "combine": Combine, "measure_type": MeasureType}
        for name, values in choices.items():
            if name in self.fields:
                self.fields[name].choices = values.choices
        if self.kind == Kind.KEEP:
            self.fields["target_value"].label = _("Value to keep")
            self.fields["period"].label = _("Looked at every")
            self.start_with("period", Period.WEEK)
            self.start_with("limit", Limit.MIN)
        if self.kind == Kind.QUOTA:
            self.start_with("period", Period.MONTH)
            self.fields["period"].required = True
        if self.kind == Kind.CUMULATIVE:
            self.fields["start_value"].help_text = _("Usually 0: only what is added from now on counts.")
        if self.kind == Kind.COVERAGE:
            self.fields["population"].help_text = _("All of them done is a score of 1.0.")

    def start_with(self, name: str, value: Any) -> None:
        """What a field shows while nothing is said yet."""
        self.initial[name] = self.initial.get(name) or value

    def unit_typed(self) -> str:
        """The unit the numbers are read in: what is being typed beside them, else what is saved."""
        if self.is_bound and self.add_prefix("unit") in self.data:
            return str(self.data[self.add_prefix("unit")]).strip()[:20]
        return str(self.initial.get("unit") or self.instance.unit or "")

    @property
    def is_milestone(self) -> bool:
        return self.kind == Kind.MILESTONE

    def clean_weight(self) -> float | None:
        weight = self.cleaned_data["weight"]
        with beside_its_field():
            refuse_weight(weight)
        return None if weight is None else float(weight)

    def clean_kpi(self) -> KPI | None:
        kpi = self.cleaned_data["kpi"]
        with beside_its_field():
            refuse_unit_of_rate(kpi, kind=self.kind, unit=self.unit_typed())
        return kpi

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["kind"] = self.kind
        if self.instance._state.adding and "title" in cleaned:
            written = KeyResult(objective=self.instance.objective, kind=self.kind, title=cleaned["title"])
            self.refuse_twin(twins_of_key_result(written), "edit_key_result", self.membership.organization.slug)
        return cleaned

    def _post_clean(self) -> None:
        leave_out_unused(self.instance, self.kind)
        super()._post_clean()

    def _get_validation_exclusions(self) -> set[str]:
        # The constraint on it says above the form what `check_measure` says beside the field.
        return super()._get_validation_exclusions() | {"target_value"}  # type: ignore[misc]

    def check_measure(self, steps: Sequence[Step] | None) -> None:
        """Add what the kind still lacks, beside the right field, unless that field has an error of its own."""
        if set(self.errors) & {*ALL_MEASURES, "__all__"}:
            return
        try:
            refuse_measure(self.instance, steps)
        except Refusal as refusal:
            if "steps" in refusal.fields:
                return  # said above the steps
            add_refusal(self, refusal)

    @property
    def must_hit_lies_outside(self) -> bool:
        """Whether the must-hit target is easier than the baseline or harder than the challenge: odd, but allowed."""
        must, target = self.instance.must_hit_value, self.instance.target_value
        if self.kind == Kind.COVERAGE:
            target = self.instance.population
        if must is None or target is None:
            return False
        start = self.instance.start_value
        if start is None:
            start = Decimal(0) if self.kind in {Kind.CUMULATIVE, Kind.COVERAGE} else must
        return not min(start, target) <= must <= max(start, target)


class StepForm(forms.ModelForm):
    """A part of a milestone. A line left empty is no step."""

    weight = AmountField(label=gettext_lazy("Weight"), required=False)

    class Meta:
        model = Step
        fields = ("title", "weight")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if self.instance._state.adding and not self.is_bound:
            self.initial["weight"] = None

    def clean_weight(self) -> Decimal:
        with beside_its_field():
            return step_weight(self.cleaned_data["weight"])

    def has_changed(self) -> bool:
        """A weight alone makes no step."""
        return bool(str(self["title"].data or "").strip()) or not self.instance._state.adding


class BaseStepFormSet(forms.BaseModelFormSet):
    """The steps of one milestone, in order."""

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        if form.instance.pk and form.instance.done_on:
            del form.fields["DELETE"]

    def clean(self) -> None:
        super().clean()
        if not any(self.errors) and not self.steps:
            raise ValidationError(_("Write at least one step."), code="no_steps")

    @property
    def steps(self) -> list[Step]:
        """The steps that stay, in the order of the form."""
        kept = [
            form
            for form in self.forms
            if form.has_changed() and not (self.can_delete and form.cleaned_data.get("DELETE"))
        ]
        return [form.instance for form in kept if form.cleaned_data.get("title", "").strip()]


def with_more_rows(data: Any, prefix: str, more: int, *, spare: int, most: int) -> Any:
    """What was typed in the rows of a form set, with `more` empty ones after them, `most` at the most."""
    if data is None or not more:
        return data
    name = f"{prefix}-TOTAL_FORMS"
    total = str(data.get(name, ""))
    shown = int(total) if total.isascii() and total.isdigit() and len(total) < 4 else spare
    data = data.copy()
    data[name] = str(min(shown + more, most))
    return data


def step_forms(key_result: KeyResult, data: Any = None, *, more: int = 0, begun: Sequence[str] = ()) -> BaseStepFormSet:
    """The rows of a milestone's steps; `more` adds that many empty rows to what was typed, `begun` fills new ones."""
    existing = Step.objects.filter(key_result=key_result) if key_result.pk else Step.objects.none()
    spare = max(SPARE_STEPS, len(begun) + 1) if not key_result.pk else 1
    factory = forms.modelformset_factory(
        Step,
        form=StepForm,
        formset=BaseStepFormSet,
        extra=spare,
        can_delete=True,
        max_num=MOST_STEPS,
        absolute_max=MOST_STEPS,
        validate_max=True,
    )
    return factory(  # type: ignore[return-value]
        with_more_rows(data, "steps", more, spare=spare, most=MOST_STEPS),
        queryset=existing.order_by("position", "pk"),
        prefix="steps",
        initial=[{"title": step} for step in begun],
    )
