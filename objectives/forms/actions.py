"""An action as people write it: in one line, or with all that belongs to it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funnel.fields import AmountField
from funnel.forms.amounts import suffix_of
from funnel.models import KPI, TouchPoint
from objectives.forms.serving import ServesField
from objectives.models import Action, Approach, KeyResult
from objectives.queries.action_worth import lever_of
from people.forms import ExpectsVersion, PersonField, TeamField
from people.models import Membership, MembershipQuerySet, Team
from people.queries import possible_owners
from people.services.units import unit_of_money

TITLE_MISSING = gettext_lazy("Say in a few words what is to be done.")
MOST_TOUCH_POINTS = 300
# 2ポイント, 2 points and 2pt are two per cent more of a rate.
POINTS = re.compile(r"\s*(?:[%％]?\s*ポイント|(?:percentage )?points?|pts?|pp)\s*\Z", re.IGNORECASE)

# What speaks for each way to an idea, what against it, and when it fits (domain.md 3.15).
GUIDES: dict[str, tuple[Any, Any, Any]] = {
    Approach.SAME: (
        gettext_lazy("It is known to work: safe and quick to begin."),
        gettext_lazy("One comes late, and hardly stands out by it."),
        gettext_lazy("Fits while the base is being built, or where people and money are short."),
    ),
    Approach.OTHER: (
        gettext_lazy("It is fresh here, and proven elsewhere."),
        gettext_lazy("It must be adapted: customers and the way they buy differ."),
        gettext_lazy("Fits a time of growth, when the ordinary is already done."),
    ),
    Approach.UNTRIED: (
        gettext_lazy("If it works, the difference is large."),
        gettext_lazy("The risk is high: nobody knows whether it works."),
        gettext_lazy("Fits a chance to be the first, with money to try."),
    ),
}


def owners_of_action(membership: Membership, present: int | None) -> MembershipQuerySet:
    """Whom an action can be given to: colleagues, oneself, and its present owner."""
    if membership.is_partner:
        return Membership.objects.filter(pk__in={membership.pk, present or membership.pk})
    return possible_owners(membership, present)


class DayInput(forms.DateInput):
    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d", attrs={"type": "date"})


class ChangeField(AmountField):
    """By how much a lever is to move, in people's units: of a rate `+2`, `2%` and `2ポイント` all mean 0.02."""

    def is_spoken(self) -> bool:
        """A fall is typed with a minus, which the digits of a phone do not know."""
        return True

    def to_python(self, value: Any) -> Decimal | None:
        if self.rate and isinstance(value, str):
            value = POINTS.sub("", value)
        return super().to_python(value)


class TouchPointField(forms.ModelChoiceField):
    """One touch point of the customer journeys, journey by journey."""

    def __init__(self, membership: Membership, **kwargs: Any):
        rows = TouchPoint.objects.visible_to(membership)
        super().__init__(rows, **kwargs)
        shown = rows.select_related("phase__journey").order_by(
            "phase__journey__name", "phase__journey", "phase__position", "position", "pk"
        )
        groups: dict[str, list[tuple[int, str]]] = {}
        for row in shown[:MOST_TOUCH_POINTS]:
            named = _("%(number)s %(touch_point)s") % {"number": row.number, "touch_point": row.name}
            groups.setdefault(row.phase.journey.name, []).append((row.pk, named))
        self.is_offered = bool(groups)
        self.choices = [("", _("None of them")), *groups.items()]


class ActionForm(ExpectsVersion, forms.Form):
    """One action; without an `action` a new one, in the order in which one would say it."""

    title = forms.CharField(
        label=gettext_lazy("What is to be done"), max_length=200, error_messages={"required": TITLE_MISSING}
    )
    due_on = forms.DateField(label=gettext_lazy("To be done by"), required=False, widget=DayInput())
    expected_effect = forms.CharField(
        label=gettext_lazy("Expected effect"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("What it is to move, and by how much. For example: three more tastings a week."),
    )
    submission_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        membership: Membership,
        action: Action | None = None,
        serves: KeyResult | KPI | None = None,
        suggestions: str = "",
        **kwargs: Any,
    ):
        super().__init__(data, **kwargs)
        self.membership = membership
        self.action = action
        self.present = serves if action is None else action.key_result or action.kpi
        owner = membership if action is None else action.owner
        self.fields["owner"] = PersonField(
            owners_of_action(membership, owner.pk), label=gettext_lazy("Owner"), suggestions=suggestions, initial=owner
        )
        self.fields["serves"] = ServesField(
            membership,
            levers=True,
            present=self.present,
            label=gettext_lazy("What does it serve?"),
            required=membership.is_partner,
            initial=self.present,
        )
        self.order_fields(["title", "owner", "due_on", "serves"])
        self.opened_on(action.version if action is not None else None)
        if action is None:
            self.fields["submission_key"].initial = uuid.uuid4
            return
        del self.fields["submission_key"]
        self.add_plan()
        if not membership.is_partner:
            self.add_numbers(action)
        for name in self.fields:
            if name not in {"owner", "serves", "version"}:
                self.fields[name].initial = getattr(action, name)

    def add_plan(self) -> None:
        """When it begins, where the idea comes from, and what is thought of it."""
        self.fields["starts_on"] = forms.DateField(label=gettext_lazy("Begins on"), required=False, widget=DayInput())
        self.fields["approach"] = forms.ChoiceField(
            label=gettext_lazy("Where does the idea come from?"),
            choices=Approach.choices,
            required=False,
            widget=forms.RadioSelect,
        )
        for name, label, hint in (
            ("merits", gettext_lazy("What speaks for it"), ""),
            ("risks", gettext_lazy("What may go wrong"), ""),
            (
                "why_nobody",
                gettext_lazy("Why does nobody do it?"),
                gettext_lazy("There is a reason. Is it still true, and is it true for us?"),
            ),
        ):
            self.fields[name] = forms.CharField(
                label=label, max_length=300, required=False, help_text=hint, widget=forms.Textarea(attrs={"rows": 2})
            )

    def add_numbers(self, action: Action) -> None:
        """What partners are not asked: the team, the touch point, what the lever is to move by, and what it costs."""
        teams = Team.objects.visible_to(self.membership)
        offered = teams.open() | teams.filter(pk=action.team_id)
        self.fields["team"] = TeamField(offered, label=gettext_lazy("Team"), empty_label=None)
        lever = self.lever
        self.fields["expected_change"] = ChangeField(
            label=gettext_lazy("The same as a number"),
            required=False,
            rate=lever is not None and lever.is_rate,
            unit="" if lever is None or lever.is_rate else lever.unit,
        )
        self.fields["cost"] = AmountField(
            label=gettext_lazy("Cost"),
            required=False,
            unit=unit_of_money(self.membership.organization.currency),
            spoken=True,
        )
        touch_point = TouchPointField(self.membership, label=gettext_lazy("Touch point"), required=False)
        if touch_point.is_offered:
            self.fields["touch_point"] = touch_point

    @cached_property
    def lever(self) -> KPI | None:
        """The lever that is to move: the one chosen, or the one the chosen key result measures."""
        row = self.present
        if self.is_bound:
            try:
                row = self.fields["serves"].to_python(self.data.get("serves"))
            except ValidationError:
                row = None
        pk = row.kpi_id if isinstance(row, KeyResult) else row.pk if row is not None else None
        if self.action is not None and row == self.present:
            pk = lever_of(self.action)
        if pk is None or self.membership.is_partner:
            return None
        return KPI.objects.visible_to(self.membership).filter(pk=pk).select_related("kgi").first()

    @property
    def change_meant(self) -> Decimal | None:
        """How far the lever is to move: what is typed, else what is kept; None for nothing and for no number."""
        if self.membership.is_partner:
            return None
        if not self.is_bound:
            return self.fields["expected_change"].initial
        try:
            return self.fields["expected_change"].clean(self.data.get("expected_change"))
        except ValidationError:
            return None

    @property
    def change_wrong(self) -> str:
        """Why what is typed is no number; empty where it is one."""
        if self.is_bound and not self.membership.is_partner:
            try:
                self.fields["expected_change"].clean(self.data.get("expected_change"))
            except ValidationError as wrong:
                return " ".join(wrong.messages)
        return ""

    @property
    def cost_unit(self) -> str:
        return suffix_of(self.fields["cost"].unit)  # type: ignore[attr-defined]

    @property
    def approaches(self) -> list[tuple[Any, tuple[Any, Any, Any] | None]]:
        """Each approach to choose, with its merits, its risks and when it fits."""
        return [(choice, GUIDES.get(str(choice.data["value"]))) for choice in self["approach"]]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if said.get("expected_change") is not None and "serves" in said and self.lever is None:
            sentence = _("Choose a lever, or a key result that measures one: this number says how far it moves.")
            self.add_error("expected_change", ValidationError(sentence, code="no_lever"))
        return said

    @property
    def served(self) -> dict[str, Any]:
        """The key result or the lever chosen."""
        row = self.cleaned_data["serves"]
        return {
            "key_result": row if isinstance(row, KeyResult) else None,
            "kpi": row if isinstance(row, KPI) else None,
        }

    def changed(self, action: Action) -> Action:
        """The action as it was typed, not saved."""
        told: Mapping[str, Any] = self.cleaned_data
        for name in told.keys() - {"serves", "version", "submission_key"}:
            setattr(action, name, told[name])
        # What serves a key result may move a lever of its own besides: that stays until it serves something else.
        served = self.served if told["serves"] != self.present else {}
        for name in served.keys() - ({"kpi"} if self.membership.is_partner else set()):
            setattr(action, name, served[name])
        return action
