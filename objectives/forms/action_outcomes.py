"""What came of an action, as people say it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funnel.fields import AmountField
from funnel.forms.amounts import CountField, suffix_of
from funnel.models import KPI
from objectives.forms.actions import ChangeField
from objectives.models import Action
from objectives.services.action_outcomes import OUTCOME
from people.forms import ExpectsVersion
from people.models import Membership
from people.services.units import unit_of_money

LARGEST = 2_147_483_647
MOST_MONEY, MOST_CHANGE = Decimal(10) ** 15, Decimal(10) ** 15


class OutcomeForm(ExpectsVersion, forms.Form):
    """All of it may be left out: what is not known yet is told later. Partners say what came of it, not the money."""

    result = forms.CharField(
        label=gettext_lazy("What came of it"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("In a sentence or two: what worked, what did not, what others should know."),
    )

    def __init__(self, data: Any = None, *, action: Action, membership: Membership, lever: KPI | None, **kwargs: Any):
        super().__init__(data, **kwargs)
        self.action = action
        money = unit_of_money(membership.organization.currency)
        self.money = suffix_of(money)
        if lever is not None:
            self.fields["actual_change"] = ChangeField(
                label=_("What “%(lever)s” moved by") % {"lever": lever.name},
                required=False,
                rate=lever.is_rate,
                unit="" if lever.is_rate else lever.unit,
                validators=[MinValueValidator(-MOST_CHANGE), MaxValueValidator(MOST_CHANGE)],
                help_text=_("In percentage points, with a minus where it fell: from 2.0% to 2.6% is 0.6.")
                if lever.is_rate
                else _("With a minus where it fell."),
            )
        if not membership.is_partner:
            amount: dict[str, Any] = {
                "required": False,
                "unit": money,
                "validators": [MinValueValidator(0), MaxValueValidator(MOST_MONEY)],
            }
            self.fields["cost"] = AmountField(label=_("Cost"), **amount)
            self.fields["deals"] = CountField(label=_("Deals from it"), largest=LARGEST, required=False)
            self.fields["orders"] = CountField(label=_("Orders from it"), largest=LARGEST, required=False)
            self.fields["revenue"] = AmountField(label=_("Revenue from it"), **amount)
        self.opened_on(action.version)
        for name in OUTCOME:
            if name in self.fields:
                self.fields[name].initial = getattr(action, name)

    @property
    def said(self) -> dict[str, Any]:
        """The whole outcome: what the form does not ask stays as it is."""
        return {
            name: self.cleaned_data.get(name) if name in self.fields else getattr(self.action, name) for name in OUTCOME
        }
