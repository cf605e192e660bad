"""How two goals that repeat or contradict each other are settled."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from objectives.models import ConflictKind, Link
from objectives.queries.conflicts import Shown


class KeepForm(forms.Form):
    """Both stay, for a reason."""

    reason = forms.CharField(
        label=gettext_lazy("Why both stay"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Say why both stay: others will ask the same question.")},
    )


class SideForm(forms.Form):
    """Which of the two stays as it is; only those whose other side the person may change are offered."""

    stays = forms.TypedChoiceField(
        label=gettext_lazy("Which one stays"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose which of the two stays.")},
    )

    def __init__(self, *args: Any, shown: Shown, **kwargs: Any):
        super().__init__(*args, **kwargs)
        first, second = shown.sides
        pairs = [(first, second), (second, first)]
        choices = [
            (stays.objective.pk, _("%(side)s: %(title)s") % {"title": stays.title, "side": stays.label})
            for stays, yields in pairs
            if yields.may_edit
        ]
        self.fields["stays"].choices = choices
        if len(choices) == 1:
            self.fields["stays"].initial = choices[0][0]


class MergeForm(SideForm):
    """One stays, the other is dropped."""


class ShareForm(SideForm):
    """One keeps the measure, the other is connected to it."""

    stays = forms.TypedChoiceField(
        label=gettext_lazy("Who keeps it"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose which of the two stays.")},
    )
    link = forms.ChoiceField(
        label=gettext_lazy("How the other one is connected"),
        choices=Link.choices,
        initial=Link.SUPPORTS,
        widget=forms.RadioSelect,
    )
    drops_twin = forms.BooleanField(label=gettext_lazy("Take the key result out of the other one"), required=False)

    def __init__(self, *args: Any, shown: Shown, **kwargs: Any):
        super().__init__(*args, shown=shown, **kwargs)
        if shown.sides[0].key_result is None:
            del self.fields["drops_twin"]
        else:
            # What cannot both come true cannot be shared either: one of the two has to go.
            self.fields["drops_twin"].initial = shown.conflict.kind == ConflictKind.OPPOSITE
