"""Key results made from a KGI's funnel: what is proposed, and what people make of it."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from funnel.fields import AmountField
from funnel.forms.funnels import FunnelForm, shown_up, suffix_of, unit_of
from funnel.formulas.back_calculation import RATES, VOLUMES
from funnel.formulas.planning import divide_to_cycle, months_in
from funnel.models import KGI, KPI
from funnel.services import CHAIN, LINKS
from objectives.forms.goals import ObjectiveForm, add_refusal
from objectives.models import Cycle, CycleState, KeyResult, Kind, MeasureType, Objective, ObjectiveState
from objectives.services.measures import refuse_measure
from objectives.services.planning import FEWEST_KEY_RESULTS, MOST_KEY_RESULTS
from people.forms import PersonField
from people.models import Membership
from people.queries import possible_owners
from people.refusals import Refusal

# What one does oneself, and what comes of it.
PROCESS = {"visits", "cvs", "deals"}
ALMOST_WHOLE = Fraction(1, 10)
MOST_MONTHS = 600
QUOTIENTS = {
    "unit_price": ("revenue", "orders"),
    "win_rate": ("orders", "deals"),
    "deal_rate": ("deals", "cvs"),
    "cv_rate": ("cvs", "visits"),
}


@dataclass(frozen=True)
class Proposal:
    """One lever or volume as a key result of the cycle, in people's units; `obstacle` says why it cannot be one."""

    kpi: KPI
    kind: str
    unit: str
    name: str
    start: Decimal | None
    must_hit: Decimal | None
    target: Decimal | None
    whole_period: Decimal | None
    obstacle: str

    @property
    def suffix(self) -> str:
        return suffix_of(self.unit)

    @property
    def is_cumulative(self) -> bool:
        return self.kind == Kind.CUMULATIVE


def propose(kgi: KGI, share: Fraction) -> list[Proposal]:
    """What each link of the KGI's funnel would be as a key result of a cycle with this share of the period.

    Volumes are divided from their exact values and then rounded up; rates and the price are the same all year.
    """
    form = FunnelForm(kgi=kgi).calculate_initial()
    kpis = {kpi.key: kpi for kpi in kgi.kpis.standing().filter(key__in=LINKS)}
    proposals = []
    for link in CHAIN:
        if link.key not in kpis:
            continue
        exact = {
            column: getattr(answer, link.key) if answer is not None else None for column, answer in form.answers.items()
        }
        if link.key in VOLUMES or link.key == "revenue":
            proposals.append(volume(kpis[link.key], str(link.name), exact, share, kgi))
        else:
            proposals.append(level(kpis[link.key], str(link.name), exact, kgi))
    return proposals


def quotient(key: str) -> str:
    """How a rate or a price is worked out from the stages of the funnel, in words; nothing for a volume."""
    parts = QUOTIENTS.get(key)
    if parts is None:
        return ""
    part, whole = (LINKS[name].name for name in parts)
    return _("%(part)s ÷ %(whole)s") % {"part": part, "whole": whole}


def volume(kpi: KPI, name: str, exact: Mapping[str, Fraction | None], share: Fraction, kgi: KGI) -> Proposal:
    def divided(value: Fraction | None) -> Decimal | None:
        return None if value is None else Decimal(divide_to_cycle(value, share))

    must_hit, target = divided(exact["must_hit"]), divided(exact["challenge"])
    if target is None:
        must_hit, target = None, must_hit
    obstacle = "" if target else _("The funnel gives no target for it.")
    highest = exact["challenge"] if exact["challenge"] is not None else exact["must_hit"]
    whole = None if highest is None else shown_up(kpi.key, highest)
    unit = unit_of(kpi.key, kgi.unit)
    return Proposal(kpi, Kind.CUMULATIVE, unit, name, Decimal(0), must_hit, target, whole, obstacle)


def level(kpi: KPI, name: str, exact: Mapping[str, Fraction | None], kgi: KGI) -> Proposal:
    def said(value: Fraction | None) -> Decimal | None:
        if value is None:
            return None
        shown = shown_up(kpi.key, value) if value.denominator != 1 or kpi.key in RATES else Decimal(value.numerator)
        return shown * 100 if kpi.key in RATES else shown

    now = exact["current"]
    if now is None and kpi.current is not None:
        now = Fraction(kpi.current)
    start, must_hit, target = said(now), said(exact["must_hit"]), said(exact["challenge"])
    if target is None:
        must_hit, target = None, must_hit
    obstacle = ""
    if target is None:
        obstacle = _("The funnel gives no target for it.")
    elif start is not None and start == target:
        obstacle = _("It stays where it is, so there is nothing to reach.")
    unit = "%" if kpi.key in RATES else kgi.unit
    return Proposal(kpi, Kind.REACH, unit, name, start, must_hit, target, None, obstacle)


def first_picks(proposals: Sequence[Proposal], taken: Mapping[int, KeyResult]) -> set[str]:
    """What is ticked at first: levers that are to change and the deals, from two to four in all."""
    free = [row for row in proposals if not row.obstacle and row.kpi.pk not in taken]
    order = [row.kpi.key for row in free if not row.is_cumulative]
    wanted = ["deals", *order, "cvs", "orders", "visits"]
    there = {row.kpi.key for row in free}
    picks: list[str] = []
    for key in wanted:
        if key in there and key not in picks and len(picks) < (4 if key in order else 3):
            picks.append(key)
    return set(picks)


# Dividing the period


class DivideForm(forms.Form):
    """Which part of the KGI's period the cycle is, in months."""

    cycle_months = AmountField(label=gettext_lazy("Months of the cycle"), required=False)
    period_months = AmountField(label=gettext_lazy("Months of the KGI's period"), required=False)

    def __init__(self, data: Mapping[str, Any] | None, *, kgi: KGI, cycle: Cycle):
        self.kgi, self.cycle = kgi, cycle
        self.defaults = default_months(kgi, cycle)
        given = {name: value for name, value in (data or {}).items() if name in ("cycle_months", "period_months")}
        for name, months in zip(("cycle_months", "period_months"), self.defaults, strict=True):
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
    def share(self) -> Fraction:
        """The share of the period; where the months typed make none, what they were at first."""
        if self.is_valid():
            return Fraction(self.cleaned_data["cycle_months"]) / Fraction(self.cleaned_data["period_months"])
        return self.defaults[0] / self.defaults[1]

    @property
    def is_outside(self) -> bool:
        """Does the cycle share no day with the KGI's period?"""
        start, end = self.kgi.period_start, self.kgi.period_end
        return start is not None and end is not None and (self.cycle.end < start or self.cycle.start > end)


def default_months(kgi: KGI, cycle: Cycle) -> tuple[Fraction, Fraction]:
    """Months of the cycle within the period, and of the period; a year where it is not known."""
    start, end = kgi.period_start, kgi.period_end
    if start is None or end is None:
        period, first, last = Fraction(12), cycle.start, cycle.end
    else:
        period, first, last = months_in(start, end), max(start, cycle.start), min(end, cycle.end)
    if first > last:
        first, last = cycle.start, cycle.end
    return min(readable(months_in(first, last)), readable(period)), readable(period)


def readable(months: Fraction) -> Fraction:
    """Thirteen weeks are three months: what is almost whole counts as whole, else to a tenth."""
    whole = Fraction(round(months))
    if whole and abs(months - whole) <= ALMOST_WHOLE:
        return whole
    return max(Fraction(round(months * 10), 10), Fraction(1, 10))


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
    measured_how = forms.CharField(label=gettext_lazy("How it is measured"), max_length=300, required=False)
    submission_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        proposal: Proposal,
        owner: PersonField,
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
                "measured_how": proposal.kpi.source or quotient(proposal.kpi.key),
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

    @property
    def is_picked(self) -> bool:
        name = self.add_prefix("pick")
        return bool(self.data.get(name)) if self.is_bound else bool(self.initial["pick"])

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and not self.is_picked:
            self._errors = ErrorDict()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.is_picked:
            return cleaned
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
            measure_type=MeasureType.PROCESS if self.proposal.kpi.key in PROCESS else MeasureType.RESULT,
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


def owner_field(membership: Membership, suggestions: str) -> PersonField:
    return PersonField(
        possible_owners(membership, None),
        label=_("Owner"),
        suggestions=suggestions,
        required=False,
        initial=membership.pk,
    )


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
