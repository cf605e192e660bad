"""Limits, efforts and locks of a tree's levers, and which target the mix is to reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from funnel.fields import AmountField
from funnel.forms.kgis import LARGEST_AMOUNT
from funnel.formulas.kpi_tree import TreeRefused
from funnel.models import KPI, TargetColumn
from funnel.sentences import sentence_of
from funnel.services.limits import EASIEST, HARDEST, Limits
from people.access import read_id

STEPS = 100
HARDEST_OF_SLIDER = 5


class MixForm(forms.Form):
    """One row a lever: how far down, how far up, how hard, and whether it stays where it is."""

    target = forms.ChoiceField(widget=forms.RadioSelect, required=False)

    def __init__(
        self,
        *args: Any,
        levers: Sequence[KPI],
        names: Mapping[str, str],
        units: Mapping[str, str],
        targets: Sequence[str],
        target: str,
        **kwargs: Any,
    ):
        super().__init__(*args, **kwargs)
        self.levers = levers
        self.names = names
        self.default_target = target
        self.fields["target"].choices = [(name, TargetColumn(name).label) for name in targets]  # type: ignore[attr-defined]
        self.fields["target"].initial = target
        for lever in levers:
            self._add(lever, units[lever.key])

    def _add(self, lever: KPI, unit: str) -> None:
        pk, name = lever.pk, self.names[lever.key]
        for end, label in (("minimum", _("%(name)s: at least")), ("maximum", _("%(name)s: at most"))):
            field = AmountField(label=label % {"name": name}, required=False, rate=lever.is_rate, spoken=True)
            field.unit = "" if lever.is_rate else lever.unit
            field.initial = getattr(lever, end)
            field.widget.attrs |= slider_of(lever, end) | {"aria-label": field.label}
            self.fields[f"{end}_{pk}"] = field
        effort = forms.DecimalField(
            label=_("%(name)s: effort") % {"name": name},
            max_digits=6,
            decimal_places=2,
            min_value=EASIEST,
            max_value=HARDEST,
            required=False,
            initial=plain(lever.effort),
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        )
        effort.widget.attrs |= {"data-slide": f"0.2 {HARDEST_OF_SLIDER} 0.1", "aria-label": effort.label}
        self.fields[f"effort_{pk}"] = effort
        self.fields[f"locked_{pk}"] = forms.BooleanField(
            label=_("%(name)s stays as it is") % {"name": name}, required=False, initial=lever.is_locked
        )
        self.fields[f"version_{pk}"] = forms.CharField(widget=forms.HiddenInput, required=False, initial=lever.version)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for lever in self.levers:
            least, most = (cleaned.get(f"{end}_{lever.pk}") for end in ("minimum", "maximum"))
            for end, value in (("minimum", least), ("maximum", most)):
                if value is not None and abs(value) > LARGEST_AMOUNT:
                    self.add_error(f"{end}_{lever.pk}", _("This number is too large."))
            if least is not None and most is not None and least > most:
                sentence = sentence_of(TreeRefused("limits", lever.key), {lever.key: self.names[lever.key]})
                self.add_error(f"maximum_{lever.pk}", sentence)
        return cleaned

    @property
    def chosen(self) -> str:
        """The column whose target is to be reached."""
        return str(self.cleaned_data.get("target") or self.default_target)

    def limits(self) -> dict[int, Limits]:
        """What is typed, by the levers' ids."""
        return {
            lever.pk: Limits(
                minimum=self.cleaned_data[f"minimum_{lever.pk}"],
                maximum=self.cleaned_data[f"maximum_{lever.pk}"],
                effort=self.cleaned_data[f"effort_{lever.pk}"] or Decimal(1),
                is_locked=self.cleaned_data[f"locked_{lever.pk}"],
            )
            for lever in self.levers
        }

    @property
    def versions(self) -> dict[int, int]:
        """The rows' versions as the page showed them; one that is no number is that of no row."""
        read = {lever.pk: read_id(self.cleaned_data.get(f"version_{lever.pk}")) for lever in self.levers}
        return {pk: -1 if version is None else version for pk, version in read.items()}

    def expect(self, versions: Mapping[int, int]) -> None:
        """Let the next sending count on these versions; what was typed stays."""
        self.data = self.data.copy()
        for pk, version in versions.items():
            self.data[f"version_{pk}"] = str(version)


def slider_of(lever: KPI, end: str) -> dict[str, str]:
    """From where to where a limit's slider goes, in people's units, for the script that makes it.

    Its open end ("data-open") means that there is no limit.
    """
    known = [value for value in (lever.current, lever.must_hit, lever.challenge, lever.minimum, lever.maximum) if value]
    if not known or min(known) < 0:
        return {}
    if lever.is_rate and max(known) <= 1:
        return {"data-slide": "0 100 0.5", "data-open": "low" if end == "minimum" else "high"}
    most = nice(max(known) * 2)
    scale = 100 if lever.is_rate else 1
    return {
        "data-slide": f"0 {plain(most * scale)} {plain(most * scale / STEPS)}",
        "data-open": "low" if end == "minimum" else "high",
    }


def nice(value: Decimal) -> Decimal:
    """The next of 1, 2, 5, 10 … upwards.

    >>> nice(Decimal(30_000)), nice(Decimal("1.2"))
    (Decimal('50000'), Decimal('2'))
    """
    power = Decimal(1).scaleb(value.adjusted())
    return next(step for digit in (1, 2, 5, 10) if (step := Decimal(f"{digit * power:f}")) >= value)


def plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
