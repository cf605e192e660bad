"""What a partner is told of the business."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funnel.forms.channels import RateField, VolumeField
from funnel.models import PartnerRoom
from objectives.services.sharing import SHEET, TERMS
from people.forms import ExpectsVersion
from people.models import Membership
from people.services.units import unit_of_money

MOST_PAID = 10**12


def usual_agreement() -> str:
    """The sentence that is proposed for the agreement with a partner (domain.md 3.18)."""
    return _("We judge this work by what it contributes to the KGI, in orders and margin, and not by clicks or views.")


def words(label: Any, help_text: Any = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(label=label, help_text=help_text, max_length=500, required=False, widget=widget)


class ShareField(RateField):
    """A share of 0–1, typed in per cent, to a hundredth of one."""

    suffix, width = "%", "short"

    def to_python(self, value: Any) -> Any:
        number = super().to_python(value)
        return None if number is None else round(number, 4)


class FeeField(VolumeField):
    """An amount that fits into its column."""

    width = "medium"

    @property
    def suffix(self) -> str:
        return self.unit

    def to_python(self, value: Any) -> Any:
        number = super().to_python(value)
        if number is not None and number >= MOST_PAID:
            raise ValidationError(_("This number is too large."), code="too_large")
        return number


class BusinessSheetForm(ExpectsVersion, forms.Form):
    """The business-model sheet of one partner's room, and by what their work is judged."""

    customer = words(gettext_lazy("Which customer"), gettext_lazy("Who buys, and who uses it?"))
    value = words(gettext_lazy("What value they get"), gettext_lazy("What is better for them afterwards?"))
    delivery = words(gettext_lazy("How it is delivered"), gettext_lazy("By which way does it reach them?"))
    price = words(gettext_lazy("Unit price"), gettext_lazy("What does one order bring, and how often?"))
    profit = words(gettext_lazy("How profit is made"), gettext_lazy("What does an order cost, and what is left of it?"))
    agreement = words(gettext_lazy("By what the work is judged"))

    def __init__(self, *args: Any, room: PartnerRoom | None, partner: Membership, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["margin"] = ShareField(
            label=_("Gross margin"),
            help_text=_("What of the revenue stays as gross profit. It turns what they brought into profit."),
            rate=True,
            required=False,
        )
        self.fields["monthly_fee"] = FeeField(
            label=_("Their fee a month"),
            help_text=_("What they are paid a month. Their reports set what they brought beside it."),
            unit=unit_of_money(partner.organization.currency),
            required=False,
        )
        for name in SHEET:
            self.fields[name].initial = getattr(room, name) if room is not None else ""
        for name in TERMS:
            self.fields[name].initial = getattr(room, name) if room is not None else None
        if room is None:
            self.fields["agreement"].initial = usual_agreement()
        self.opened_on(room.version if room is not None else 0)
