"""Writing a template down: an objective and its key results, with numbers as examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funnel.fields import AmountField
from objectives.forms.goals import Difference, VersionedForm
from objectives.forms.key_results import with_more_rows
from objectives.formulas.sketches import KeyResultSketch
from objectives.models import Area, Intent, Kind, Limit, MeasureType, Period, Template, TemplateKeyResult
from objectives.services.rules import AMOUNTS
from objectives.services.templates import COPIED, MOST_ROWS, leave_out_unused, refuse_row
from people.forms import add_refusal
from people.refusals import Refusal

SPARE_ROWS = 3
TYPED = ("title", *AMOUNTS, "steps", "measured_how")


class TemplateForm(VersionedForm):
    """The objective of a template, what it is about, and when it helps."""

    class Meta:
        model = Template
        fields = ("title", "why", "kind", "area", "note")
        widgets = {
            "title": forms.Textarea(attrs={"rows": 1, "class": "word", "maxlength": 200}),
            "why": forms.Textarea(attrs={"rows": 2}),
            "kind": forms.RadioSelect,
        }
        help_texts = {"note": gettext_lazy("Others see it in the library: which trouble is it good for?")}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = Intent.choices
        self.fields["area"].choices = Area.choices

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())


class TemplateKeyResultForm(forms.ModelForm):
    """A key result of a template. An empty line is none; what its kind does not state is left out."""

    start_value = AmountField(label=gettext_lazy("Baseline"), required=False, spoken=True)
    must_hit_value = AmountField(label=gettext_lazy("Must-hit target"), required=False, spoken=True)
    target_value = AmountField(label=gettext_lazy("Target"), required=False, spoken=True)
    quota = AmountField(label=gettext_lazy("Quota per period"), required=False)
    population = AmountField(label=gettext_lazy("All there are"), required=False)
    steps = forms.CharField(
        label=gettext_lazy("Steps, one on each line"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    class Meta:
        model = TemplateKeyResult
        fields = COPIED
        widgets = {
            "title": forms.TextInput(attrs={"class": "word"}),
            "unit": forms.TextInput(attrs={"list": "units", "autocomplete": "off"}),
            "measured_how": forms.TextInput(),
        }

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.empty_permitted = True
        for name, values in {"kind": Kind, "measure_type": MeasureType}.items():
            self.fields[name].choices = values.choices
        for name, values in {"limit": Limit, "period": Period}.items():
            self.fields[name].choices = [("", "–"), *values.choices]
        unit = str(self.data.get(self.add_prefix("unit"), "")) if self.is_bound else str(self.initial.get("unit", ""))
        for name in AMOUNTS:
            self.fields[name].unit = unit.strip()[:20]

    def has_changed(self) -> bool:
        """Whether anything is typed into the line; what is chosen and preset does not count."""
        return any(str(self[name].data or "").strip() for name in TYPED)

    def clean_steps(self) -> list[str]:
        steps = [" ".join(line.split()) for line in self.cleaned_data["steps"].splitlines()]
        steps = [step for step in steps if step]
        if any(len(step) > 200 for step in steps):
            raise ValidationError(_("A step has 200 characters at most."), code="too_long")
        return steps

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["title"] = " ".join(cleaned.get("title", "").split())
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors or not self.has_changed():
            return
        self.instance.steps = self.cleaned_data["steps"]
        leave_out_unused(self.instance)
        try:
            refuse_row(self.instance)
        except Refusal as refusal:
            add_refusal(self, refusal)


class BaseRows(forms.BaseFormSet):
    """The key results of one template, in order; those marked to be removed are left out."""

    @property
    def rows(self) -> list[TemplateKeyResult]:
        return [
            form.instance for form in self.forms if form.has_changed() and not form.cleaned_data.get("DELETE", False)
        ]


def row_forms(
    sketches: Sequence[KeyResultSketch] = (), data: QueryDict | None = None, *, more: int = 0
) -> forms.BaseFormSet:
    """The rows of a template; `more` adds that many empty ones to what was typed."""
    spare = max(1, SPARE_ROWS - len(sketches))
    factory = forms.formset_factory(
        TemplateKeyResultForm,
        formset=BaseRows,
        extra=spare,
        can_delete=True,
        max_num=MOST_ROWS,
        absolute_max=MOST_ROWS,
        validate_max=True,
    )
    typed = with_more_rows(data, "rows", more, spare=spare, most=MOST_ROWS)
    return factory(typed, initial=[initial_of(sketch) for sketch in sketches], prefix="rows")


def initial_of(sketch: KeyResultSketch) -> dict[str, Any]:
    return {name: getattr(sketch, name) for name in COPIED} | {"steps": "\n".join(sketch.steps)}


def meet_rows(form: TemplateForm, saved: Sequence[KeyResultSketch], typed: Sequence[TemplateKeyResult]) -> None:
    """Say which key results somebody else saved meanwhile, where they are other ones than were typed."""
    for place in range(max(len(saved), len(typed))):
        before = saved[place] if place < len(saved) else None
        now = typed[place] if place < len(typed) else None
        if before is not None and now is not None and is_same(before, now):
            continue
        label = _("Key result %(number)s") % {"number": place + 1}
        form.differences.append(Difference(label, "–" if before is None else in_words(before)))


def is_same(saved: KeyResultSketch, typed: TemplateKeyResult) -> bool:
    return tuple(typed.steps) == saved.steps and all(getattr(saved, name) == getattr(typed, name) for name in COPIED)


def in_words(saved: KeyResultSketch) -> str:
    numbers = [AmountField().prepare_value(getattr(saved, name)) for name in AMOUNTS]
    parts = [saved.title, Kind(saved.kind).label, *(number for number in numbers if number is not None), saved.unit]
    return "　".join(str(part) for part in parts if part)
