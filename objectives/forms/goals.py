"""Writing objectives and key results down, and saying why one is dropped."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funnel.fields import AmountField
from funnel.models import KGI, KPI
from objectives.access import may_plan_for, teams_planned_by
from objectives.models import (
    Combine,
    Cycle,
    CycleState,
    Intent,
    KeyResult,
    Kind,
    Level,
    Limit,
    Link,
    MeasureType,
    Objective,
    Period,
    Step,
)
from objectives.services.measures import refuse_measure
from people.forms import PersonField, TeamField
from people.models import Membership, MembershipQuerySet, Role, Team
from people.refusals import Refusal

MOST_STEPS = 40
SPARE_STEPS = 3


def add_refusal(form: forms.BaseForm, refusal: Refusal) -> None:
    """Say a service's refusal beside the field it names, or above the form."""
    named = {name: sentences for name, sentences in refusal.fields.items() if name in form.fields}
    for name, sentences in named.items():
        for sentence in sentences:
            form.add_error(name, sentence)
    if not named:
        form.add_error(None, refusal.detail)


@dataclass(frozen=True)
class Difference:
    """A field that somebody else wrote meanwhile: its name and what is saved now."""

    label: str
    saved: str


class VersionedForm(forms.ModelForm):
    """A form that knows which state of the row it was opened on, and that a new row is made only once."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    submission_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.differences: list[Difference] = []
        if self.instance._state.adding:
            del self.fields["version"]
            self.fields["submission_key"].initial = uuid.uuid4
        else:
            del self.fields["submission_key"]
            self.fields["version"].initial = self.instance.version

    @property
    def expected_version(self) -> int | None:
        return self.cleaned_data.get("version")

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        key = self.cleaned_data.get("submission_key")
        if key is not None:
            self.instance.submission_key = key

    def meet(self, current: forms.ModelForm) -> None:
        """Someone saved in between: show what is saved now, and let the next sending count on it.

        `current` is the form as it would open now; what was typed stays.
        """
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = current.instance.version
        for name, field in current.fields.items():
            if field.widget.is_hidden or name not in self.fields:
                continue
            saved = current.get_initial_for_field(field, name)
            typed = field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
            if field.has_changed(saved, typed):
                self.differences.append(Difference(str(field.label), said(field, saved)))


def said(field: forms.Field, value: Any) -> str:
    """A field's value in words."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(field, forms.ModelChoiceField) and value and not hasattr(value, "pk"):
        value = field.queryset.filter(pk=value).first()
    if isinstance(field, PersonField) and value and not hasattr(value, "pk"):
        value = field.people.filter(pk=value).select_related("user").first()
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        value = dict(field.choices).get(value, value)  # type: ignore[arg-type]
    if isinstance(value, Decimal):
        value = field.prepare_value(value)
    return str(value) if value not in (None, "") else "–"


def possible_owners(membership: Membership, present: int | None) -> MembershipQuerySet:
    """The colleagues, and the present owner even after leaving: an edit must not hand a goal on unnoticed."""
    people = Membership.objects.filter(organization=membership.organization_id)
    return people.filter(Q(pk=present) | Q(pk__in=people.colleagues().values("pk")))


class ObjectiveForm(VersionedForm):
    """One objective. Only the teams, people and cycles the reader may plan for are offered, and only they are taken."""

    team = TeamField(label=gettext_lazy("Team"))
    personal = forms.BooleanField(
        label=gettext_lazy("A personal objective of its owner"),
        required=False,
    )
    kgi = forms.ModelChoiceField(
        KGI.objects.none(),
        label=gettext_lazy("KGI it serves"),
        required=False,
        empty_label=gettext_lazy("None chosen: it leads to one through what it helps"),
    )
    cycle = forms.ModelChoiceField(Cycle.objects.none(), label=gettext_lazy("Cycle"), empty_label=None)

    class Meta:
        model = Objective
        fields = ("title", "why", "kind", "team", "owner", "kgi", "cycle")
        widgets = {
            "title": forms.Textarea(attrs={"rows": 1, "class": "word", "maxlength": 200}),
            "why": forms.Textarea(attrs={"rows": 2}),
            "kind": forms.RadioSelect,
        }

    def __init__(self, *args: Any, membership: Membership, suggestions: str = "", **kwargs: Any):
        self.membership = membership
        kept = kwargs.get("instance")
        super().__init__(*args, **kwargs)
        self.is_new = self.instance._state.adding
        self.fields["kind"].choices = Intent.choices
        teams = list(teams_planned_by(membership).order_by("position", "pk"))
        if kept is not None and kept.team_id and kept.team_id not in {team.pk for team in teams}:
            teams.append(kept.team)
        self.fields["team"].offer(teams)
        self.fields["owner"] = PersonField(
            self.people(), label=gettext_lazy("Owner"), suggestions=suggestions, initial=membership.pk
        )
        self.fields["kgi"].queryset = KGI.objects.visible_to(membership)
        if self.is_new:
            self.fields["cycle"].queryset = (
                Cycle.objects.visible_to(membership).exclude(state=CycleState.CLOSED).order_by("start", "pk")
            )
        else:
            del self.fields["cycle"]
            self.fields["personal"].initial = self.instance.level == Level.INDIVIDUAL
        if len(teams) == 1 and membership.role == Role.EXECUTIVE:
            del self.fields["personal"]

    def people(self) -> MembershipQuerySet:
        """A member proposes as owner; everyone else may hand an objective to any colleague."""
        people = possible_owners(self.membership, self.instance.owner_id)
        if self.membership.role == Role.MEMBER:
            return people.filter(pk__in={self.membership.pk, self.instance.owner_id} - {None})
        return people

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        team = cleaned.get("team")
        if team is None:
            return cleaned
        level = self.level_of(team, cleaned.get("personal", False))
        is_as_before = not self.is_new and (team.pk, level) == (self.before.team_id, self.before.level)
        if not is_as_before and not may_plan_for(self.membership, team, level):
            self.add_error("team", self.sentence_for(team, level))
        self.instance.level = level
        return cleaned

    @property
    def before(self) -> Objective:
        return Objective.objects.only("team_id", "level").get(pk=self.instance.pk)

    @staticmethod
    def level_of(team: Team, personal: bool) -> str:
        if personal:
            return Level.INDIVIDUAL
        return Level.COMPANY if team.is_company else Level.TEAM

    def sentence_for(self, team: Team, level: str) -> str:
        if level == Level.COMPANY:
            return _("Objectives of the company are written by executives. Choose a team, or make it personal.")
        return _("You cannot plan for “%(team)s”. Choose one of your teams.") % {"team": team.name}


MEASURES: dict[str, tuple[str, ...]] = {
    Kind.REACH: ("unit", "start_value", "must_hit_value", "target_value", "measure_first", "combine"),
    Kind.CUMULATIVE: ("unit", "start_value", "must_hit_value", "target_value", "combine"),
    Kind.QUOTA: ("unit", "quota", "period"),
    Kind.AVERAGE: ("unit", "start_value", "must_hit_value", "target_value", "measure_first"),
    Kind.KEEP: ("unit", "limit", "target_value", "period", "measure_first"),
    Kind.COVERAGE: ("unit", "population", "must_hit_value"),
    Kind.MILESTONE: (),
}
AMOUNTS = ("start_value", "must_hit_value", "target_value", "quota", "population")
ALL_MEASURES = (*AMOUNTS, "unit", "limit", "period", "measure_first", "combine")
EMPTY = {"unit": "", "limit": "", "period": "", "measure_first": False, "combine": Combine.SCORE}


class KPIField(forms.ModelChoiceField):
    """A KPI, listed below its KGI."""

    def offer(self, kpis: Iterable[KPI]) -> None:
        groups: dict[str, list[tuple[int, str]]] = {}
        rows = list(kpis)
        for kpi in rows:
            groups.setdefault(kpi.kgi.name, []).append((kpi.pk, kpi.name))
        self.queryset = KPI.objects.filter(pk__in=[kpi.pk for kpi in rows])
        self.choices = [("", self.empty_label), *groups.items()]


class KeyResultForm(VersionedForm):
    """One key result of a given kind: only what that kind needs is asked."""

    start_value = AmountField(label=gettext_lazy("Baseline"), required=False)
    must_hit_value = AmountField(label=gettext_lazy("Must-hit target"), required=False)
    target_value = AmountField(label=gettext_lazy("Challenge target"), required=False)
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
        label=gettext_lazy("Why the target changes"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 1}),
        help_text=gettext_lazy("Asked when a target moves: the old line stays on the chart beside your words."),
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
        self.fields["owner"] = PersonField(
            possible_owners(membership, self.instance.owner_id),
            label=gettext_lazy("Owner"),
            suggestions=suggestions,
            required=False,
        )
        if self.instance._state.adding:
            self.start_with("owner", membership.pk)
        kpis = KPI.objects.visible_to(membership).select_related("kgi").order_by("kgi__period_start", "kgi", "position")
        self.fields["kpi"].offer(kpis)
        if self.instance._state.adding or not objective.is_open or self.is_milestone:
            del self.fields["reason"]

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
        if weight is not None and not 0 <= weight <= 1:
            raise ValidationError(_("A weight lies between 0 and 100 per cent."), code="weight")
        return None if weight is None else float(weight)

    def clean_kpi(self) -> KPI | None:
        kpi = self.cleaned_data["kpi"]
        if kpi is not None and kpi.is_rate and "unit" in self.fields and self.unit_typed() not in {"%", "％"}:
            raise ValidationError(_("“%(kpi)s” is a rate: give the key result the unit %%."), params={"kpi": kpi.name})
        return kpi

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["kind"] = self.kind
        return cleaned

    def _post_clean(self) -> None:
        for name in ALL_MEASURES:
            if name not in self.fields:
                setattr(self.instance, name, EMPTY.get(name))
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
        weight = self.cleaned_data["weight"]
        if weight is None:
            return Decimal(1)
        if not Decimal("0.001") <= weight <= 10_000:
            raise ValidationError(_("A step's weight is greater than 0."), code="weight")
        return round(weight, 3)

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


def step_forms(key_result: KeyResult, data: Any = None, *, more: int = 0) -> BaseStepFormSet:
    """The rows of a milestone's steps; `more` adds that many empty rows to what was typed."""
    existing = Step.objects.filter(key_result=key_result) if key_result.pk else Step.objects.none()
    spare = SPARE_STEPS if not key_result.pk else 1
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
    if data is not None and more:
        data = data.copy()
        total = str(data.get("steps-TOTAL_FORMS", ""))
        shown = int(total) if total.isascii() and total.isdigit() and len(total) < 4 else spare
        data["steps-TOTAL_FORMS"] = str(min(shown + more, MOST_STEPS))
    return factory(  # type: ignore[return-value]
        data, queryset=existing.order_by("position", "pk"), prefix="steps"
    )


class ReasonForm(forms.Form):
    """Why something is taken out of the plan."""

    reason = forms.CharField(
        label=gettext_lazy("Why it is dropped"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Say why it is dropped: others will want to know.")},
    )


class NotDoingForm(forms.Form):
    """One thing a team will not do in a cycle."""

    text = forms.CharField(
        label=gettext_lazy("What we will not do"),
        max_length=200,
        error_messages={"required": gettext_lazy("Write what you will leave undone.")},
    )

    def clean_text(self) -> str:
        return " ".join(self.cleaned_data["text"].split())


class AlignForm(forms.Form):
    """What an objective helps, and how much: `parent` is `12` for an objective, `k34` for a key result."""

    parent = forms.RegexField(
        r"^k?[0-9]{1,18}\Z",
        label=gettext_lazy("What it helps"),
        error_messages={
            "required": gettext_lazy("Choose what this objective helps."),
            "invalid": gettext_lazy("Choose what this objective helps."),
        },
    )
    link = forms.ChoiceField(
        label=gettext_lazy("How"),
        choices=Link.choices,
        initial=Link.CONTRIBUTES,
        widget=forms.RadioSelect,
    )
    weight = AmountField(
        label=gettext_lazy("Weight"),
        required=False,
        help_text=gettext_lazy("Beside the parent's key results. Left empty, it counts like one of them."),
    )

    def clean_weight(self) -> float | None:
        weight = self.cleaned_data["weight"]
        if weight is not None and not 0 <= weight <= 1000:
            raise ValidationError(_("A weight lies between 0 and 1,000."), code="weight")
        return None if weight is None else float(weight)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("link") == Link.SUPPORTS:
            cleaned["weight"] = None
        return cleaned
