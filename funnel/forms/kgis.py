"""Writing a KGI down: any number people type, and targets said as a multiple of last year."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funnel.fields import BASE_MISSING, AmountField
from funnel.formulas.fiscal import fiscal_year
from funnel.formulas.multiples import Multiple, multiple_of, read_multiple
from funnel.models import KGI
from people.forms import PersonField
from people.models import Membership, Unit
from people.queries import possible_owners
from people.services.units import unit_of_money

LARGEST_AMOUNT = Decimal("1e15")
FIGURES = ("current_value", "last_year_value", "reference_value", "must_hit_value", "challenge_value")
TARGETS = ("must_hit_value", "challenge_value")


class TargetField(AmountField):
    """An amount, or the multiple of last year or of the industry that was meant: 昨年の150%, 2x, 業界平均の3倍."""

    def is_spoken(self) -> bool:
        return True

    def to_python(self, value: Any) -> Any:
        multiple = read_multiple(value) if isinstance(value, str) else None
        return super().to_python(value) if multiple is None else multiple


class KGIForm(forms.ModelForm):
    """One KGI. Only impossible data is refused; what is merely unwise is said beside it (`formulas.kgi_check`)."""

    current_value = AmountField(label=gettext_lazy("Current"), required=False, spoken=True)
    last_year_value = AmountField(label=gettext_lazy("Last year"), required=False, spoken=True)
    reference_value = AmountField(label=gettext_lazy("Industry average"), required=False, spoken=True)
    must_hit_value = TargetField(label=gettext_lazy("Must-hit target"), required=False)
    challenge_value = TargetField(label=gettext_lazy("Challenge target"), required=False)
    reason = forms.CharField(label=gettext_lazy("Why does the target change?"), max_length=500, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    submission_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = KGI
        fields = (
            "name",
            "unit",
            "owner",
            "period_start",
            "period_end",
            *FIGURES,
            "reference_source",
            "why",
            "picture",
            "factors_likely",
            "factors_hard",
        )
        widgets = {
            "name": forms.TextInput(attrs={"class": "word"}),
            "period_start": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "period_end": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "why": forms.Textarea(attrs={"rows": 2}),
            "picture": forms.Textarea(attrs={"rows": 2}),
            "factors_likely": forms.Textarea(attrs={"rows": 2}),
            "factors_hard": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, *args: Any, membership: Membership, suggestions: str = "", **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["unit"].help_text = _("What is counted: 円, %, customers …")
        self.fields["unit"].widget.attrs |= {"list": "units", "autocomplete": "off"}
        self.units = Unit.objects.visible_to(membership).offered().values_list("name", flat=True)
        unit = (self.data.get(self.add_prefix("unit")) if self.is_bound else None) or self.instance.unit
        for name in FIGURES:
            self.fields[name].unit = unit
        people = possible_owners(membership, self.instance.owner_id)
        self.fields["owner"] = PersonField(people, label=_("Owner"), required=False, suggestions=suggestions)
        self.fields["period_start"].required = self.fields["period_end"].required = False
        if self.instance.pk is None:
            organization = membership.organization
            start, end = fiscal_year(organization.today, organization.fiscal_year_start)
            self.initial.update(owner=membership.pk, period_start=start, period_end=end, submission_key=uuid.uuid4())
            self.initial["unit"] = unit_of_money(organization.currency)
            del self.fields["reason"]
        else:
            self.initial["version"] = self.instance.version
        self.stood = {name: getattr(self.instance, name) for name in TARGETS}
        self.began_on = self.instance.period_start

    @property
    def expected_version(self) -> int:
        """The version the form was opened on. One that names none is out of date: leaving it out is no way round."""
        version = self.cleaned_data.get("version")
        return -1 if version is None else version

    def expect(self, version: int) -> None:
        """Let the next sending count on this version; what was typed stays."""
        self.data = {**self.data.dict(), self.add_prefix("version"): str(version)}  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in TARGETS:
            if isinstance(cleaned.get(name), Multiple):
                cleaned[name] = self.resolve(name, cleaned[name])
        if self.moves_a_target(cleaned) and not cleaned.get("reason", "").strip() and "reason" not in self.errors:
            sentence = _("Say why: the period has begun, and others count on the target as it stood.")
            self.add_error("reason", ValidationError(sentence, code="reason_missing"))
        return cleaned

    def moves_a_target(self, cleaned: dict[str, Any]) -> bool:
        """Whether a target that stood is another now, after the KGI's period has begun."""
        if self.instance.pk is None or not self.began_on or self.began_on > self.instance.organization.today:
            return False
        return any(
            before is not None and name in cleaned and cleaned[name] != before for name, before in self.stood.items()
        )

    def resolve(self, name: str, multiple: Multiple) -> Decimal | None:
        field = f"{multiple.of}_value"
        base = self.cleaned_data.get(field) if field in self.fields else getattr(self.instance, field)
        if base is None:
            if field not in self.errors:
                self.add_error(name, str(BASE_MISSING[multiple.of]))
            return None
        value = multiple_of(base, multiple.factor)
        if abs(value) > LARGEST_AMOUNT:
            self.add_error(name, ValidationError(_("This number is too large."), code="too_large"))
            return None
        return value
