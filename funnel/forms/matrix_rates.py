"""Taking the rates that were measured in a matrix over as what the funnel of its KGI is now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funnel.forms.channels import take_rate
from funnel.forms.funnels import FunnelForm
from funnel.formulas.abm import Share
from funnel.models import KGI, CountsAs, FunnelNumber
from funnel.queries.matrices import Board
from funnel.services import LINKS, FunnelPlan

PLACES = 4
RATES = {
    str(FunnelNumber.DEAL_RATE): (CountsAs.CV, CountsAs.DEAL),
    str(FunnelNumber.WIN_RATE): (CountsAs.DEAL, CountsAs.ORDER),
}
"""Each rate of the funnel, from which volume to which it leads."""


@dataclass(frozen=True)
class Measured:
    """A rate of the funnel as the matrix measured it, beside what the funnel holds now; 0–1.

    `why_not` says why it cannot be taken over, empty where it can.
    """

    key: str
    origin: str
    to: str
    share: Share | None
    now: Decimal | None
    why_not: str

    @property
    def name(self) -> str | Promise:
        return LINKS[self.key].name

    @property
    def value(self) -> Decimal | None:
        """The rate as it is shown and written: to a hundredth of a per cent."""
        return None if self.share is None else round(Decimal(repr(self.share.share)), PLACES)

    @property
    def may_be_taken(self) -> bool:
        return not self.why_not

    @property
    def is_taken(self) -> bool:
        return self.value is not None and self.now is not None and round(self.now, PLACES) == self.value


def measured_rates(board: Board, kgi: KGI | None) -> list[Measured]:
    """The deal rate and the win rate by the matrix's moves."""
    held = {}
    funnel = getattr(kgi, "funnel", None) if kgi is not None else None
    if kgi is not None:
        held = {kpi.key: kpi.current for kpi in kgi.kpis.standing().filter(key__in=RATES).levers()}
    return [measured(board, key, held.get(key), None if funnel is None else funnel.unknown) for key in RATES]


def measured(board: Board, key: str, now: Decimal | None, unknown: str | None) -> Measured:
    origin, to = (board.counting(volume) for volume in RATES[key])
    share, why = None, ""
    if origin is None or to is None:
        why = _("No stage is marked as what this rate leads from, or to.")
    else:
        goals = board.won if key == FunnelNumber.WIN_RATE else {to.pk}
        found = board.chain.rate(origin.pk, goals)
        share = found if found is None or found.count else None
        if share is None:
            why = _("Too few moves left “%(stage)s” to say it.") % {"stage": origin.name}
        elif not share.share:
            why = _("Nothing came this far yet.")
    if not why and unknown is None:
        why = _("The matrix has no KGI with a funnel.")
    elif not why and unknown == key:
        why = _("The funnel looks for this number itself.")
    return Measured(key, origin.name if origin else "", to.name if to else "", share, now, why)


class RatesForm(forms.Form):
    """Which rates are taken over, and why. `seen_…` is the rate that stood on the page."""

    reason = forms.CharField(
        label=gettext_lazy("Why does it change?"),
        max_length=500,
        validators=[ProhibitNullCharactersValidator()],
        error_messages={"required": gettext_lazy("Say why the plan changes: others will want to know.")},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, rates: list[Measured], reason: str = "") -> None:
        super().__init__(data, initial={"reason": reason})
        self.rates = [rate for rate in rates if rate.may_be_taken]
        for rate in self.rates:
            self.fields[f"take_{rate.key}"] = forms.BooleanField(required=False, initial=not rate.is_taken)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        chosen = [rate for rate in self.rates if cleaned.get(f"take_{rate.key}")]
        if not chosen:
            raise forms.ValidationError(_("Choose a rate to take over."), code="nothing")
        if any(self.data.get(f"seen_{rate.key}") not in (None, str(rate.value)) for rate in chosen):
            raise forms.ValidationError(
                _("More moves were counted in the meantime. Look at the rates, then send it again."), code="stale"
            )
        self.chosen = {rate.key: rate.value for rate in chosen if rate.value is not None}
        return cleaned


def plan_with(kgi: KGI, rates: Mapping[str, Decimal]) -> tuple[FunnelPlan | None, dict[str, int]]:
    """The funnel with these current rates, what it looks for found anew, and the versions it was read at; no plan where
    it cannot be calculated with them.
    """
    form = FunnelForm(FunnelForm(kgi=kgi).initial, kgi=kgi)
    form.is_valid()
    for key, rate in rates.items():
        form = take_rate(form, key, "current", Fraction(rate))
    if not form.is_valid():
        return None, {}
    return form.plan(), form.expected_versions
