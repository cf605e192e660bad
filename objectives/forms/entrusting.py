"""A lever in a partner's hands, and the handing over of a month's report."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funnel.fields import AmountField
from funnel.models import KPI, PartnerLever
from funnel.presenters.names import name_of
from objectives.forms.sharing import ShareField
from people.forms import ExpectsVersion

LARGEST = Decimal(10) ** 15


class DayInput(forms.DateInput):
    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d", attrs={"type": "date"})


class StartField(AmountField):
    """A lever's number: an amount, or a rate that is typed in per cent."""

    def to_python(self, value: Any) -> Any:
        number = super().to_python(value)
        if number is not None and abs(number) >= LARGEST:
            raise ValidationError(_("This number is too large."), code="too_large")
        return number


class LeverForm(ExpectsVersion, forms.Form):
    """What is agreed on one lever: how much of it counts as theirs, from where, and between which days."""

    portion = ShareField(
        label=gettext_lazy("Portion that counts as theirs"),
        help_text=gettext_lazy("100% where nobody else works on it. The rest counts as ours, or another partner's."),
        rate=True,
    )
    began_on = forms.DateField(
        label=gettext_lazy("Theirs from"),
        help_text=gettext_lazy("The month of this day counts as a whole."),
        widget=DayInput(),
        error_messages={"required": gettext_lazy("Choose the day from which it is theirs.")},
    )
    ended_on = forms.DateField(
        label=gettext_lazy("Theirs until"),
        help_text=gettext_lazy("Back in our hands after this day. Leave it empty while the lever is theirs."),
        widget=DayInput(),
        required=False,
    )

    field_order = ("portion", "start_value", "began_on", "ended_on")

    def __init__(self, *args: Any, kpi: KPI, row: PartnerLever | None, today: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.kpi = kpi
        self.fields["start_value"] = StartField(
            label=_("Where it stood when they took it up"),
            help_text=_("What each month is compared with. It does not follow the plan."),
            unit=kpi.unit,
            rate=kpi.is_rate,
        )
        self.order_fields(self.field_order)
        begun: dict[str, Any] = {
            "portion": Decimal(1) if row is None else row.portion,
            "start_value": kpi.current if row is None else row.start_value,
            "began_on": today if row is None else row.began_on,
            "ended_on": None if row is None else row.ended_on,
        }
        for name, value in begun.items():
            self.fields[name].initial = value
        self.opened_on(None if row is None else row.version)

    @property
    def suffix(self) -> str:
        return "%" if self.kpi.is_rate else self.kpi.unit

    def agreed(self) -> dict[str, Any]:
        """What the services write."""
        return {name: self.cleaned_data.get(name) for name in self.field_order}


class IssueForm(forms.Form):
    """Handing over what is seen: `seen` is its digest; of a month that was handed over before, why it comes again."""

    remark = forms.CharField(
        label=gettext_lazy("Remark"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": gettext_lazy("1,000 characters at most.")},
    )
    seen = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    submission_key = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)


def levers_to_entrust(kpis: Iterable[KPI]) -> list[tuple[str, list[tuple[int, str]]]]:
    """The levers one may give away, under their KGIs' names."""
    groups: dict[int, tuple[str, list[tuple[int, str]]]] = {}
    for kpi in kpis:
        groups.setdefault(kpi.kgi_id, (kpi.kgi.name, []))[1].append((kpi.pk, name_of(kpi)))
    return list(groups.values())
