"""Key results made from a KGI's funnel or tree: which part of its period the cycle is, and what people make of them."""

from __future__ import annotations

import copy
import uuid
from collections import Counter
from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from funnel.fields import AmountField
from funnel.models import KGI
from objectives.forms.goals import ObjectiveForm
from objectives.forms.proposals import Proposal
from objectives.formulas.periods import CycleMonths
from objectives.models import Cycle, CycleState, KeyResult, Objective, ObjectiveState
from objectives.queries.worth import months_for
from objectives.services.measures import refuse_measure
from objectives.services.planning import FEWEST_KEY_RESULTS, MOST_KEY_RESULTS
from people.forms import PersonField, add_refusal
from people.models import Membership
from people.queries import possible_owners
from people.refusals import Refusal

MOST_MONTHS = 600


# Dividing the period


class DivideForm(forms.Form):
    """Which part of the KGI's period the cycle is, in months."""

    cycle_months = AmountField(label=gettext_lazy("Months of the cycle"), required=False)
    period_months = AmountField(label=gettext_lazy("Months of the KGI's period"), required=False)

    def __init__(self, data: Mapping[str, Any] | None, *, kgi: KGI, cycle: Cycle):
        self.kgi, self.cycle = kgi, cycle
        self.defaults = months_for(kgi, cycle)
        given = {name: value for name, value in (data or {}).items() if name in ("cycle_months", "period_months")}
        first = {"cycle_months": self.defaults.months, "period_months": self.defaults.period_months}
        for name, months in first.items():
            if not str(given.get(name, "")).strip():
                given[name] = plain_months(months)
        super().__init__(given)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("cycle_months", "period_months"):
            value = cleaned.get(name)
            if value is not None and not 0 < value <= MOST_MONTHS:
                self.add_error(name, _("Type a number of months above 0."))
        cycle, period = cleaned.get("cycle_months"), cleaned.get("period_months")
        if cycle is not None and period is not None and not self.errors and cycle > period:
            self.add_error("cycle_months", _("The cycle cannot be longer than the period of the KGI."))
        return cleaned

    @property
    def months(self) -> CycleMonths:
        """The part of the period; where the months typed make none, what it was at first."""
        if not self.is_valid():
            return self.defaults
        months, period = (Fraction(self.cleaned_data[name]) for name in ("cycle_months", "period_months"))
        return CycleMonths(months, period, self.defaults.weeks_a_month)

    @property
    def share(self) -> Fraction:
        return self.months.share

    @property
    def is_seasonal(self) -> bool:
        """Are the months those of the KGI's seasonal pattern?"""
        return bool(self.kgi.monthly_weights) and self.share == self.defaults.share

    @property
    def is_outside(self) -> bool:
        """Does the cycle share no day with the KGI's period?"""
        start, end = self.kgi.period_start, self.kgi.period_end
        return start is not None and end is not None and (self.cycle.end < start or self.cycle.start > end)


def plain_months(months: Fraction) -> str:
    return f"{float(months):g}"


# What people make of it


class ProposedForm(forms.Form):
    """One proposed key result; what is wrong in it only counts when it is picked."""

    pick = forms.BooleanField(required=False)
    title = forms.CharField(label=gettext_lazy("Key result"), max_length=200, required=False)
    start_value = AmountField(label=gettext_lazy("Baseline"), required=False)
    must_hit_value = AmountField(label=gettext_lazy("Must-hit target"), required=False)
    target_value = AmountField(label=gettext_lazy("Challenge target"), required=False)
    measure_first = forms.BooleanField(label=gettext_lazy("Measure first"), required=False)
    measured_how = forms.CharField(label=gettext_lazy("How it is measured"), max_length=300, required=False)
    submission_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        proposal: Proposal,
        owner: OwnerField,
        picked: bool,
        taken: KeyResult | None,
    ):
        self.proposal, self.taken = proposal, taken
        super().__init__(
            data,
            prefix=proposal.kpi.key,
            initial={
                "pick": picked,
                "title": proposal.name,
                "start_value": proposal.start,
                "must_hit_value": proposal.must_hit,
                "target_value": proposal.target,
                "measure_first": proposal.needs_measuring,
                "measured_how": proposal.measured_how,
                "submission_key": uuid.uuid4(),
            },
        )
        for name in ("start_value", "must_hit_value", "target_value"):
            self.fields[name].unit = proposal.unit
            self.fields[name].widget.attrs["aria-label"] = _("%(number)s, %(column)s") % {
                "number": proposal.name,
                "column": self.fields[name].label,
            }
        self.fields["pick"].label = proposal.name
        self.fields["owner"] = copy.deepcopy(owner)
        self.fields["owner"].initial = owner.shown.get(proposal.kpi.owner_id or 0, owner.initial)

    @property
    def is_picked(self) -> bool:
        name = self.add_prefix("pick")
        return bool(self.data.get(name)) if self.is_bound else bool(self.initial["pick"])

    def full_clean(self) -> None:
        if self.is_bound and not self.is_picked:
            self._errors, self.cleaned_data = ErrorDict(), {}
            return
        super().full_clean()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("title", "").strip() and "title" not in self.errors:
            self.add_error("title", _("Give the key result a title."))
        if not self.errors:
            try:
                refuse_measure(self.draft())
            except Refusal as refusal:
                add_refusal(self, refusal)
        return cleaned

    def draft(self) -> KeyResult:
        """The key result as typed, not saved."""
        typed = self.cleaned_data
        return KeyResult(
            title=" ".join(typed["title"].split()),
            kind=self.proposal.kind,
            unit=self.proposal.unit,
            start_value=typed["start_value"],
            must_hit_value=typed["must_hit_value"],
            target_value=typed["target_value"],
            measured_how=typed["measured_how"],
            measure_first=typed["measure_first"] and typed["start_value"] is None,
            measure_type=self.proposal.measure_type,
            owner=typed["owner"],
            kpi=self.proposal.kpi,
            submission_key=typed["submission_key"] or uuid.uuid4(),
        )


class DestinationForm(forms.Form):
    """Where the key results go: a new objective, or one of the cycle's that one may edit."""

    NEW, EXISTING = "new", "existing"

    goes_to = forms.ChoiceField(choices=[(NEW, ""), (EXISTING, "")], required=False)
    objective = forms.ModelChoiceField(
        Objective.objects.none(), label=gettext_lazy("Existing objective"), required=False, empty_label=None
    )

    def __init__(self, data: Mapping[str, Any] | None, *, membership: Membership, cycle: Cycle, may_write_new: bool):
        super().__init__(data)
        rows = Objective.objects.editable_by(membership).in_cycle(cycle).exclude(state=ObjectiveState.CLOSED)
        self.fields["objective"].queryset = rows
        self.existing = list(rows)
        self.fields["objective"].choices = [(row.pk, row.title) for row in self.existing]
        self.may_write_new = may_write_new

    @property
    def chosen(self) -> str:
        asked = self.data.get("goes_to", "") if self.is_bound else ""
        if asked in (self.NEW, self.EXISTING):
            return asked
        return self.NEW if self.may_write_new else self.EXISTING

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.chosen == self.EXISTING and cleaned.get("objective") is None and "objective" not in self.errors:
            self.add_error("objective", _("Choose an objective, or write a new one."))
        return cleaned


class NewObjectiveForm(ObjectiveForm):
    """The objective one writes for the key results: cycle and KGI are settled already."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, prefix="new", **kwargs)
        for name in ("cycle", "kgi", "why"):
            self.fields.pop(name, None)


class OwnerField(PersonField):
    """The owner of each proposed key result; `shown` is what stands in the field for the people asked about.

    Read once, because the field stands in every line of a page.
    """

    def __init__(self, membership: Membership, suggestions: str, owners: Collection[int] = ()):
        people = possible_owners(membership, None)
        super().__init__(people, label=_("Owner"), suggestions=suggestions, required=False)
        wanted = {membership.pk, *owners}
        self.shown: dict[int, Any] = {
            person.pk: person for person in people.filter(pk__in=wanted).select_related("user")
        }
        if not self.is_list:
            names = [person.user.name for person in self.shown.values()]
            times = Counter(people.filter(user__name__in=names).values_list("user__name", flat=True))
            for pk, person in self.shown.items():
                name = person.user.name
                self.shown[pk] = f"{name} {person.user.email}" if times[name] > 1 else name
        self.initial = self.shown.get(membership.pk)

    def __deepcopy__(self, memo: dict[int, Any]) -> OwnerField:
        copied: OwnerField = super().__deepcopy__(memo)
        copied.shown = self.shown
        return copied


def open_cycles(membership: Membership) -> list[Cycle]:
    return list(Cycle.objects.visible_to(membership).exclude(state=CycleState.CLOSED).order_by("start", "pk"))


def advice_on(count: int) -> str:
    """What to think of this many key results; empty for two to five."""
    if count < FEWEST_KEY_RESULTS:
        return ngettext(
            "%(count)s key result says little. With 2 to 5 one can tell when the objective is reached.",
            "%(count)s key results say little. With 2 to 5 one can tell when the objective is reached.",
            count,
        ) % {"count": count}
    if count > MOST_KEY_RESULTS:
        return _("%(count)s key results are too many: with more than 5 nobody knows what comes first.") % {
            "count": count
        }
    return ""
