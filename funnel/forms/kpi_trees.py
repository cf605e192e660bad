"""A node of a KPI tree: written, added, put elsewhere; numbers as people type them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from funnel.fields import BASE_MISSING, RATE_DECIMALS, AmountField
from funnel.forms.kgis import LARGEST_AMOUNT, TargetField
from funnel.formulas.formula import LONGEST_FORMULA, LONGEST_KEY, same_key
from funnel.formulas.multiples import Multiple, multiple_of
from funnel.gallery import GALLERY
from funnel.models import KGI, KPI
from funnel.services.changes import COLUMNS
from funnel.services.kpis import AMOUNTS, LIMITS, RANGE
from funnel.services.trees import SIGNS
from funnel.trees import READ_AS, keys_for_names, kpis_of
from people.access import read_id
from people.forms import ExpectsVersion, PersonField
from people.models import Membership
from people.queries import possible_owners

TARGETS = ("must_hit", "challenge")
NOT_OF_KEYS = re.compile(r"\W+")


class TreeField(forms.ChoiceField):
    """One node of the tree, by its number; what it is put under."""

    def __init__(self, kpis: Iterable[KPI], *, beside: str = "", **kwargs: Any):
        self.nodes = {kpi.pk: kpi for kpi in kpis}
        nowhere = [("", beside)] if beside else []
        choices = [*nowhere, *((pk, kpi.name) for pk, kpi in self.nodes.items())]
        super().__init__(choices=choices, **kwargs)

    def clean(self, value: Any) -> KPI | None:  # type: ignore[override]
        super().clean(value)
        return self.nodes.get(read_id(value) or 0)


def sign_field() -> forms.ChoiceField:
    choices = [(sign, READ_AS[sign]) for sign in SIGNS]
    return forms.ChoiceField(
        label=gettext_lazy("Joined by"), choices=choices, initial="*", widget=forms.RadioSelect, required=False
    )


class NodeForm(ExpectsVersion, forms.ModelForm):
    """What writing a node and adding one share: amounts in the node's unit, targets also as multiples."""

    last_year = AmountField(label=gettext_lazy("Last year"), required=False, spoken=True)
    reference = AmountField(label=gettext_lazy("Industry average"), required=False, spoken=True)
    current = AmountField(label=pgettext_lazy("column of a plan", "Now"), required=False, spoken=True)
    must_hit = TargetField(label=gettext_lazy("Must-hit"), required=False)
    challenge = TargetField(label=gettext_lazy("Challenge"), required=False)

    def __init__(self, *args: Any, membership: Membership, suggestions: str = "", **kwargs: Any):
        super().__init__(*args, **kwargs)
        people = possible_owners(membership, self.instance.owner_id)
        self.fields["owner"] = PersonField(people, label=_("Owner"), required=False, suggestions=suggestions)
        self.rate = self._typed_rate()
        unit = (self.data.get("unit") if self.is_bound else None) or self.instance.unit
        for name in AMOUNTS:
            if name in self.fields:
                self.fields[name].rate = self.rate
                self.fields[name].unit = "" if self.rate else unit

    def _typed_rate(self) -> bool:
        """Whether numbers are read as per cent: as the form says, where it says it."""
        return "is_rate" in self.data if self.is_bound and "name" in self.data else self.instance.is_rate

    @property
    def suffix(self) -> str:
        return "%" if self.rate else self.instance.unit

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in TARGETS:
            if isinstance(cleaned.get(name), Multiple):
                cleaned[name] = self._resolve(name, cleaned[name])
        for name in AMOUNTS:
            if isinstance(cleaned.get(name), Decimal) and abs(cleaned[name]) > LARGEST_AMOUNT:
                self.add_error(name, ValidationError(_("This number is too large."), code="too_large"))
        return cleaned

    def _resolve(self, name: str, multiple: Multiple) -> Decimal | None:
        base = self.cleaned_data.get(multiple.of) if multiple.of in self.fields else getattr(self.instance, multiple.of)
        if base is None:
            if multiple.of not in self.errors:
                self.add_error(name, str(BASE_MISSING[multiple.of]))
            return None
        return multiple_of(base, multiple.factor, decimals=RATE_DECIMALS if self.rate else 6)


class KPIForm(NodeForm):
    """All of one node. A formula has no numbers of its own, and what a funnel holds is written there."""

    key = forms.CharField(label=gettext_lazy("Key"), max_length=LONGEST_KEY)
    formula = forms.CharField(label=gettext_lazy("Formula"), max_length=LONGEST_FORMULA, required=False)
    create_missing = forms.BooleanField(required=False)
    low = AmountField(label=gettext_lazy("Low"), required=False, spoken=True)
    likely = AmountField(label=gettext_lazy("Likely"), required=False, spoken=True)
    high = AmountField(label=gettext_lazy("High"), required=False, spoken=True)
    minimum = AmountField(label=gettext_lazy("Lower limit"), required=False, spoken=True)
    maximum = AmountField(label=gettext_lazy("Upper limit"), required=False, spoken=True)
    reason = forms.CharField(label=gettext_lazy("Why does it change?"), max_length=500, required=False)

    class Meta:
        model = KPI
        fields = (
            "name",
            "unit",
            "is_rate",
            "period",
            *AMOUNTS,
            "reference_source",
            "effort",
            "is_locked",
            "owner",
            "source",
            "definition",
            "note",
        )
        widgets = {"note": forms.Textarea(attrs={"rows": 3}), "definition": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, in_funnel: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.in_funnel = in_funnel
        kpi = self.instance
        self.opened_on(kpi.version)
        self.initial.update(key=kpi.key, formula=kpi.formula)
        self.fields["formula"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false", "data-formula": "keys"}
        self.fields["key"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
        self.fields["key"].help_text = _("What formulas call it: a letter or _, then letters, digits and _.")
        self.fields["formula"].help_text = _("Left empty, it is a lever with numbers of its own.")
        self.fields["effort"].help_text = _("1 is like the others; 2 is twice as hard to move.")
        hidden: tuple[str, ...] = ("key", "formula", "create_missing", "is_rate", "unit", *COLUMNS) if in_funnel else ()
        if kpi.formula and not in_funnel:
            hidden = (*COLUMNS, *RANGE, *LIMITS, "effort", "is_locked")
        for name in hidden:
            del self.fields[name]

    @property
    def has_doubts(self) -> bool:
        """Whether something is wrong among what is folded away."""
        return any(self[name].errors for name in (*RANGE, *LIMITS, "effort") if name in self.fields)

    def _typed_rate(self) -> bool:
        return self.instance.is_rate if self.fields.get("is_rate") is None else super()._typed_rate()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        through = [(name, cleaned[name]) for name in RANGE if cleaned.get(name) is not None]
        for (_lower, low), (name, high) in pairwise(through):
            if high < low:
                self.add_error(name, _("A range goes from low over likely to high."))
        lower, upper = (cleaned.get(name) for name in LIMITS)
        if lower is not None and upper is not None and lower > upper:
            self.add_error("maximum", _("The lower limit lies above the upper one."))
        return cleaned

    def clean_formula(self) -> str:
        """People write the names they see; a formula is kept in keys."""
        return keys_for_names(self.cleaned_data["formula"], kpis_of(self.instance.kgi))

    def clean_effort(self) -> Decimal:
        effort: Decimal = self.cleaned_data["effort"]
        if effort <= 0:
            raise ValidationError(_("An effort is greater than 0."), code="effort")
        return effort


class AddKPIForm(NodeForm):
    """A new node under another, or beside the tree."""

    key = forms.CharField(label=gettext_lazy("Key"), max_length=LONGEST_KEY, required=False)
    sign = sign_field()

    class Meta:
        model = KPI
        fields = ("name", "unit", "is_rate", "period", *COLUMNS, "owner", "source")

    def __init__(self, *args: Any, kpis: Sequence[KPI], under: KPI | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for name in ("last_year", "reference", "version"):
            del self.fields[name]
        self.fields["under"] = TreeField(
            kpis, beside=_("– (beside the tree)"), label=_("Under which node?"), required=False
        )
        self.fields["under"].help_text = under_a_lever()
        self.initial.setdefault("under", under.pk if under else "")
        self.fields["key"].help_text = _("Left empty, it is made from the name.")
        self.fields["owner"].required = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned["key"] = cleaned.get("key") or key_of(cleaned.get("name", ""))
        cleaned["sign"] = cleaned.get("sign") or "*"
        return cleaned


def key_of(name: str) -> str:
    """A key made from a name.

    >>> key_of("CV rate (web)"), key_of("サイト訪問"), key_of("3年目の継続率")
    ('CV_rate_web', 'サイト訪問', '_3年目の継続率')
    """
    key = NOT_OF_KEYS.sub("_", same_key(name)).strip("_")[: LONGEST_KEY - 1]
    return f"_{key}" if key[:1].isdigit() or not key else key


class MoveKPIForm(ExpectsVersion):
    """Where a node goes."""

    sign = sign_field()

    def __init__(self, *args: Any, kpi: KPI, kpis: Sequence[KPI], above: KPI | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.opened_on(kpi.version)
        others = [row for row in kpis if row.pk != kpi.pk]
        self.fields["under"] = TreeField(
            others, beside=_("– (beside the tree)"), label=_("Under which node?"), required=False
        )
        self.fields["under"].help_text = under_a_lever()
        self.initial.setdefault("under", above.pk if above else "")


class GalleryForm(forms.Form):
    """Which tree to start from."""

    tree = forms.ChoiceField(
        choices=[(seedling.key, seedling.name) for seedling in GALLERY],
        error_messages={"required": gettext_lazy("Choose one of these trees.")},
    )
    with_numbers = forms.BooleanField(label=gettext_lazy("Fill in the example numbers"), required=False)


def under_a_lever() -> str:
    return _("Under a lever? That lever then has no numbers of its own: it is calculated from what lies below it.")


def belongs_to_funnel(kgi: KGI, kpi: KPI, links: Iterable[str]) -> bool:
    """Whether a node's numbers are written in the KGI's funnel."""
    return kpi.key in links and hasattr(kgi, "funnel")
