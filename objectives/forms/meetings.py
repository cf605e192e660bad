"""What is typed in a meeting: a team to begin with, a line of minutes, a line that is changed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from objectives.models import LineKind, Meeting, MinuteLine
from objectives.queries.meetings import attended, people_named, teams_meeting_with
from objectives.services.minutes import LONGEST_LINE, Wish, reading_of
from people.forms import TeamField
from people.models import Membership
from people.queries import possible_owners

WRITE_SOMETHING = gettext_lazy("Write a few words.")


class StartMeetingForm(forms.Form):
    """Whose meeting begins."""

    team = TeamField(label=gettext_lazy("Team"))
    submission_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, membership: Membership, **kwargs: Any):
        super().__init__(data, **kwargs)
        self.fields["team"].offer(teams_meeting_with(membership))  # type: ignore[attr-defined]


class LineForm(forms.Form):
    """One line as it is typed; what is not said beside it is as it reads."""

    text = forms.CharField(max_length=LONGEST_LINE, error_messages={"required": WRITE_SOMETHING})
    item = forms.CharField(max_length=40, required=False)
    kind = forms.ChoiceField(choices=[("", ""), *LineKind.choices], required=False)
    owner = forms.ModelChoiceField(Membership.objects.none(), required=False)
    due = forms.DateField(required=False)
    submission_key = forms.UUIDField(required=False)

    def __init__(self, data: Any = None, *, membership: Membership, **kwargs: Any):
        super().__init__(data, **kwargs)
        self.fields["owner"].queryset = possible_owners(membership, None)  # type: ignore[attr-defined]

    @property
    def wish(self) -> Wish:
        said = self.cleaned_data
        return Wish(said["kind"] or None, said["owner"], said["due"], said["due"] is not None)


class EditLineForm(forms.Form):
    """A line that stands there, with who does it and by when."""

    text = forms.CharField(
        label=gettext_lazy("Line"), max_length=LONGEST_LINE, error_messages={"required": WRITE_SOMETHING}
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=LineKind.choices, widget=forms.RadioSelect)
    owner = forms.ModelChoiceField(
        Membership.objects.none(), label=gettext_lazy("Owner"), required=False, empty_label=gettext_lazy("Nobody yet")
    )
    due = forms.DateField(
        label=gettext_lazy("To be done by"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, membership: Membership, line: MinuteLine, **kwargs: Any):
        action = getattr(line, "action", None)
        initial = {
            "text": line.text,
            "kind": line.kind,
            "owner": action.owner_id if action else None,
            # Where nobody was named yet, the day that was said waits for whoever it will be.
            "due": action.due_on if action else reading_of(line.text, line.meeting, membership).due,
            "version": line.version,
        }
        super().__init__(data, initial=initial | kwargs.pop("initial", {}), **kwargs)
        present = action.owner_id if action else None
        self.fields["owner"].queryset = (  # type: ignore[attr-defined]
            possible_owners(membership, present).select_related("user").order_by("user__reading", "pk")
        )


def people_offered(meeting: Meeting) -> list[tuple[int, str]]:
    """Whom one tap makes the owner of an action: the team, and whoever is there."""
    near = set(attended(meeting)) | set(Membership.objects.filter(teams=meeting.team_id).values_list("pk", flat=True))
    return [(person.pk, person.name) for person in people_named(meeting.organization_id) if person.pk in near]
