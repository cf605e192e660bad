"""How an objective ended, as people say it; and why a cycle is opened again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from funnel.fields import AmountField
from objectives.models import Grade, Objective, Outcome
from people.forms import ExpectsVersion

LONGEST_REASON = Grade._meta.get_field("reason").max_length


class GradeForm(ExpectsVersion):
    """Another grade than the computed score, and what becomes of what is left; all of it may stay empty."""

    grade = AmountField(label=gettext_lazy("Grade"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("Why another grade"), max_length=LONGEST_REASON, required=False, widget=forms.TextInput
    )
    outcome = forms.ChoiceField(
        label=gettext_lazy("What becomes of it"), choices=Outcome.choices, required=False, widget=forms.RadioSelect
    )
    outcome_reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=LONGEST_REASON,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("A must if it is not pursued")}),
    )

    def __init__(
        self, data: Any = None, *, objective: Objective, grade: Grade | None, is_here: bool = False, **kwargs: Any
    ):
        super().__init__(data, prefix=f"objective-{objective.pk}", **kwargs)
        self.opened_on(objective.version)
        self.fields["grade"].widget.attrs |= {"size": 6, "maxlength": 12}
        if is_here:
            self.fields["outcome"].widget.attrs["autofocus"] = True
        if grade is not None:
            self.fields["grade"].initial = "" if grade.override is None else f"{grade.override:g}"
            for name in ("reason", "outcome", "outcome_reason"):
                self.fields[name].initial = getattr(grade, name)

    @property
    def word(self) -> dict[str, Any]:
        """What was said, as the services take it."""
        said = self.cleaned_data
        grade = said.get("grade")
        return {
            "override": None if grade is None else float(grade),
            "reason": said["reason"],
            "outcome": said["outcome"],
            "outcome_reason": said["outcome_reason"],
        }


class ReopenForm(ExpectsVersion):
    """Why a closed cycle is opened again."""

    reason = forms.CharField(
        label=gettext_lazy("Why it is opened again"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Say why the cycle is opened again: it stays visible.")},
    )
