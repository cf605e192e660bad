"""A lever in a partner's hands, and the handing over of a month's report."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from funnel.fields import AmountField
from funnel.models import KPI, PartnerLever
from funnel.presenters.names import name_of
from funnel.presenters.words import amount
from objectives.forms.sharing import ShareField
from objectives.queries.contribution_content import month_word
from people.forms import ExpectsVersion

LARGEST = Decimal(10) ** 15
FAR = Decimal("0.2")
"""A start that differs by more than this part of the actual is asked about once more."""


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


class PortionField(ShareField):
    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except ValidationError as wrong:
            if wrong.code != "out_of_range":
                raise
            raise ValidationError(_("A portion lies above 0% and is 100% at most."), code=wrong.code) from wrong


class LeverForm(ExpectsVersion, forms.Form):
    """What is agreed on one lever: how much of it counts as theirs, from where, and between which days.

    `measured` is what the lever was in the months that are over, the earliest first. A start far from it is taken once
    it is `confirmed`.
    """

    portion = PortionField(
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
    confirmed = forms.BooleanField(label=gettext_lazy("Agree on this value all the same"), required=False)

    field_order = ("portion", "start_value", "began_on", "ended_on")

    def __init__(
        self,
        *args: Any,
        kpi: KPI,
        row: PartnerLever | None,
        today: Any,
        measured: Sequence[tuple[date, Decimal]] = (),
        **kwargs: Any,
    ):
        super().__init__(*args, **kwargs)
        self.kpi, self.row, self.measured = kpi, row, measured
        self.asks_again = bool(self.data.get("confirmed"))
        self.fields["start_value"] = StartField(
            label=_("Where it stood when they took it up"),
            help_text=self.start_told(),
            unit=kpi.unit,
            rate=kpi.is_rate,
        )
        self.order_fields(self.field_order)
        begun: dict[str, Any] = {
            "portion": Decimal(1) if row is None else row.portion,
            "start_value": self.proposed() if row is None else row.start_value,
            "began_on": today if row is None else row.began_on,
            "ended_on": None if row is None else row.ended_on,
        }
        for name, value in begun.items():
            self.fields[name].initial = value
        self.opened_on(None if row is None else row.version)

    @property
    def suffix(self) -> str:
        return "%" if self.kpi.is_rate else self.kpi.unit

    @property
    def latest(self) -> tuple[date, Decimal] | None:
        """The last month that is over and was read, and what the lever was in it."""
        return self.measured[-1] if self.measured else None

    def proposed(self) -> Decimal | None:
        return self.latest[1] if self.latest else self.kpi.current

    def said(self, value: Decimal) -> str:
        """A number of the lever in people's units."""
        return amount(float(value) * 100, "%") if self.kpi.is_rate else amount(value, self.kpi.unit)

    def start_told(self) -> str:
        """What the start is for, and of a new one where the number that is proposed comes from."""
        told = [_("What each month is compared with. It does not follow the plan.")]
        if self.row is None and self.latest:
            told.append(_("Filled in is the actual of %(month)s.") % {"month": month_word(self.latest[0])})
            if self.kpi.current is not None and self.kpi.current != self.latest[1]:
                told.append(_("The plan's current value is %(number)s.") % {"number": self.said(self.kpi.current)})
        elif self.row is None and self.kpi.current is not None:
            told.append(_("Filled in is the plan's current value: there is no actual of a whole month yet."))
        return pgettext("between sentences", " ").join(told)

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        start, began_on = found.get("start_value"), found.get("began_on")
        is_kept = self.row is not None and start == self.row.start_value
        if start is None or began_on is None or is_kept or not self.latest or found.get("confirmed"):
            return found
        # An agreement that is written down late begins where the lever stood then.
        before = [each for each in self.measured if each[0] < began_on.replace(day=1)]
        month, value = before[-1] if before else self.latest
        if abs(start - value) > abs(value) * FAR:
            self.asks_again = True
            sentence = _("That is far from the actual: in %(month)s it was %(number)s. Agree on this value?")
            self.add_error("start_value", sentence % {"month": month_word(month), "number": self.said(value)})
        return found

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
