"""What is typed for a retrospective: what it is about, a note, a lesson or an action made of one."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy, ngettext_lazy

from objectives.models import Cause, Cycle, KeyResult, Objective, Question, Retrospective, RetrospectiveNote
from objectives.queries.meetings import teams_meeting_with
from objectives.queries.retrospectives import cycles_to_look_back_at
from people.forms import ExpectsVersion, PersonField, TeamField
from people.models import Membership
from people.queries import possible_owners

LONGEST_NOTE: int = RetrospectiveNote._meta.get_field("text").max_length or 0
WRITE_SOMETHING = gettext_lazy("Write a few words.")
PRESETS = (3, 5, 10, 15)
MINUTES: Any = ngettext_lazy("%(count)s minute", "%(count)s minutes", "count")


class StartRetrospectiveForm(forms.Form):
    """What people look back at and how; of one objective its team and cycle are settled."""

    cycle = forms.ModelChoiceField(Cycle.objects.none(), label=gettext_lazy("Cycle"), empty_label=None)
    team = TeamField(label=gettext_lazy("Team"), empty_label=None)
    votes_each = forms.TypedChoiceField(
        label=gettext_lazy("Votes for each person"),
        coerce=int,
        choices=[(number, str(number)) for number in range(1, 11)],
        initial=3,
        help_text=gettext_lazy("Three or four are enough: they are to be scarce."),
    )
    minutes = forms.TypedChoiceField(
        label=gettext_lazy("Time for writing"),
        coerce=int,
        required=False,
        empty_value=None,
        choices=[
            ("", gettext_lazy("Without a timer")),
            *[(number, MINUTES % {"count": number}) for number in PRESETS],
        ],
        initial=10,
        help_text=gettext_lazy("The facilitator starts the timer, and can change it at any time."),
    )
    submission_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        membership: Membership,
        objective: Objective | None = None,
        suggestions: str = "",
        **kwargs: Any,
    ):
        super().__init__(data, **kwargs)
        self.objective = objective
        if objective is not None:
            del self.fields["cycle"], self.fields["team"]
        else:
            self.fields["cycle"].queryset = cycles_to_look_back_at(membership)  # type: ignore[attr-defined]
            self.fields["team"].offer(teams_meeting_with(membership))  # type: ignore[attr-defined]
        self.fields["facilitator"] = PersonField(
            possible_owners(membership, None),
            label=gettext_lazy("Facilitator"),
            suggestions=suggestions,
            initial=membership,
            help_text=gettext_lazy("Whoever leads through it. It can be handed over at any time."),
        )
        self.fields["submission_key"].initial = uuid.uuid4
        self.order_fields(["cycle", "team", "facilitator", "votes_each", "minutes"])

    @property
    def wish(self) -> dict[str, Any]:
        """What the service is told."""
        said = self.cleaned_data
        goal = self.objective
        return {
            "cycle": goal.cycle if goal else said["cycle"],
            "team": goal.team if goal else said["team"],
            "objective": goal,
            "facilitator": said["facilitator"],
            "votes_each": said["votes_each"],
            "minutes": said["minutes"],
            "submission_key": said["submission_key"],
        }


class NoteForm(ExpectsVersion, forms.Form):
    """One note; without a `note` a new one."""

    question = forms.ChoiceField(label=gettext_lazy("Answers"), choices=Question.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=LONGEST_NOTE,
        error_messages={"required": WRITE_SOMETHING},
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": LONGEST_NOTE}),
    )
    key_result = forms.ModelChoiceField(
        KeyResult.objects.none(),
        label=gettext_lazy("Key result"),
        required=False,
        empty_label=gettext_lazy("About no single one"),
    )
    cause = forms.ChoiceField(label=gettext_lazy("Cause"), choices=Cause.choices, required=False)
    submission_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        retrospective: Retrospective,
        note: RetrospectiveNote | None = None,
        **kwargs: Any,
    ):
        super().__init__(data, **kwargs)
        self.fields["key_result"].queryset = key_results_of(retrospective)  # type: ignore[attr-defined]
        self.opened_on(note.version if note is not None else None)
        if note is None:
            self.fields["question"].initial = Question.SUCCEEDED
            self.fields["submission_key"].initial = uuid.uuid4
            return
        del self.fields["submission_key"]
        for name in ("question", "text", "key_result", "cause"):
            self.fields[name].initial = getattr(note, name)


def key_results_of(retrospective: Retrospective) -> Any:
    """The key results of what people look back at."""
    rows = KeyResult.objects.filter(dropped_at=None, objective__dropped_at=None)
    if retrospective.objective_id is not None:
        rows = rows.filter(objective=retrospective.objective_id)
    else:
        rows = rows.filter(objective__cycle=retrospective.cycle_id, objective__team=retrospective.team_id)
    return rows.select_related("objective").order_by("objective__position", "objective_id", "position", "pk")


class LearnForm(forms.Form):
    """A lesson made of a note."""

    text = forms.CharField(
        label=gettext_lazy("What we learned"),
        max_length=300,
        error_messages={"required": WRITE_SOMETHING},
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 300}),
    )
    advice = forms.CharField(
        label=gettext_lazy("What to do next time"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 300}),
    )


class ActOnNoteForm(forms.Form):
    """An action made of a note."""

    title = forms.CharField(
        label=gettext_lazy("What is to be done"),
        max_length=200,
        error_messages={"required": gettext_lazy("Say in a few words what is to be done.")},
    )
    due_on = forms.DateField(
        label=gettext_lazy("To be done by"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    submission_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, membership: Membership, suggestions: str = "", **kwargs: Any):
        super().__init__(data, **kwargs)
        self.fields["owner"] = PersonField(
            possible_owners(membership, None),
            label=gettext_lazy("Owner"),
            suggestions=suggestions,
            initial=membership,
        )
        self.fields["submission_key"].initial = uuid.uuid4
        self.order_fields(["title", "owner", "due_on"])
