"""The check-in as people fill it in."""

from __future__ import annotations

import uuid
from functools import cache
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funnel.fields import AmountField
from objectives.models import CheckIn, KeyResult, Kind, Obstacle, ObstacleKind
from objectives.models.obstacles import STANDING
from objectives.services import record_check_in
from people.access import read_id
from people.models import Membership
from people.refusals import Refusal


class CheckInForm(forms.Form):
    """One report on one key result; with `corrects` it replaces that one and begins with its values."""

    confidence = forms.TypedChoiceField(
        label=gettext_lazy("How sure are you of the target?"),
        choices=[(number, str(number)) for number in range(11)],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": gettext_lazy("Confidence is a whole number from 0 to 10.")},
    )
    going_well = forms.CharField(
        label=gettext_lazy("Going well"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 1, "placeholder": gettext_lazy("What moved, and thanks to whom")}),
    )
    obstacle = forms.CharField(
        label=gettext_lazy("In the way"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 1, "placeholder": gettext_lazy("Anything you need a hand with")}),
    )
    obstacle_kind = forms.ChoiceField(
        label=gettext_lazy("What sort of obstacle"), choices=ObstacleKind.choices, required=False
    )
    solved_obstacles = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Out of the way now"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": gettext_lazy("One of these obstacles is not in the way any more.")},
    )
    next_step = forms.CharField(
        label=gettext_lazy("Next step"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 1, "placeholder": gettext_lazy("One thing to do this week")}),
    )
    date = forms.DateField(label=gettext_lazy("Day"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    submission_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        key_result: KeyResult,
        membership: Membership,
        corrects: CheckIn | None = None,
        **kwargs: Any,
    ):
        self.key_result = key_result
        self.membership = membership
        self.corrects = corrects
        today = membership.organization.today
        cycle = key_result.objective.cycle
        latest = min(today, cycle.end)
        begin: dict[str, Any] = {"date": latest, "submission_key": uuid.uuid4()}
        if corrects is not None:
            begin |= {
                "value": corrects.value,
                "steps_done": corrects.steps_done,
                "confidence": corrects.confidence,
                "going_well": corrects.going_well,
                "obstacle": corrects.obstacle,
                "next_step": corrects.next_step,
                "date": corrects.date,
            }
        elif key_result.kind == Kind.MILESTONE:
            begin["steps_done"] = [step.pk for step in key_result.steps.all() if step.done_on]
        super().__init__(*args, **{"initial": begin} | kwargs)
        if key_result.kind == Kind.MILESTONE:
            steps = forms.TypedMultipleChoiceField(
                label=_("Finished steps"),
                choices=[(step.pk, step.title) for step in key_result.steps.all()],
                coerce=int,
                required=False,
                widget=forms.CheckboxSelectMultiple,
                error_messages={"invalid_choice": _("One of these steps no longer exists.")},
            )
            self.fields = {"steps_done": steps} | self.fields
        else:
            value = AmountField(
                unit=key_result.unit,
                label=_("Value"),
                error_messages={"required": _("Type a number.")},
            )
            value.widget.attrs["autofocus"] = True
            self.fields = {"value": value} | self.fields
        self.offer_standing()
        self.fields["date"].widget.attrs |= {"min": cycle.start.isoformat(), "max": latest.isoformat()}

    def offer_standing(self) -> None:
        """Let what is in the way be ticked off; what was ticked may be solved meanwhile, as when it is sent twice."""
        field = self.fields["solved_obstacles"]
        ticked = field.widget.value_from_datadict(self.data, self.files, self.add_prefix("solved_obstacles")) or ()
        numbers = [number for number in map(read_id, ticked) if number is not None]
        rows = Obstacle.objects.filter(Q(state__in=STANDING) | Q(pk__in=numbers), key_result=self.key_result)
        if self.corrects is not None:
            rows = rows.exclude(check_in=self.corrects)

        @cache
        def standing() -> list[tuple[int, str]]:
            return [(row.pk, row.text) for row in rows]

        # Asked for only by whoever looks at them, or ticks one.
        field.choices = standing  # type: ignore[attr-defined]

    @property
    def is_milestone(self) -> bool:
        return "steps_done" in self.fields

    def says_other_than(self, row: CheckIn) -> bool:
        """Whether what was typed differs from a check-in that had arrived under the same key."""
        typed = self.cleaned_data
        said = [typed["date"], typed["confidence"], typed["going_well"], typed["obstacle"], typed["next_step"]]
        kept = [row.date, row.confidence, row.going_well, row.obstacle, row.next_step]
        if self.is_milestone:
            return (said, sorted(typed["steps_done"])) != (kept, sorted(row.steps_done))
        return (said, typed["value"]) != (kept, row.value)

    def save(self) -> tuple[CheckIn, bool]:
        """Record what was filled in; a refusal becomes the form's own error and is raised again."""
        typed = self.cleaned_data
        try:
            return record_check_in(
                self.key_result,
                author=self.membership,
                value=typed.get("value"),
                steps_done=typed.get("steps_done"),
                date=typed["date"],
                confidence=typed["confidence"],
                going_well=typed["going_well"],
                obstacle=typed["obstacle"],
                next_step=typed["next_step"],
                corrects=self.corrects,
                obstacle_kind=typed["obstacle_kind"],
                solved=typed["solved_obstacles"],
                submission_key=typed["submission_key"],
            )
        except Refusal as refused:
            for name, sentences in (refused.fields or {"": [refused.detail]}).items():
                self.add_error(name if name in self.fields else None, sentences)
            raise
