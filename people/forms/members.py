"""A person's place in the organization, and the person as others read them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people.forms.versions import ExpectsVersion
from people.models import Membership, Role, Team
from people.queries import team_tree


def explained_roles() -> list[tuple[str, str, str]]:
    """The roles with what each sees and writes."""
    words = {
        Role.ADMIN: _("Sees and changes everything, these settings too."),
        Role.EXECUTIVE: _("Sees everything. Writes the company's objectives and the KGIs, offers help anywhere."),
        Role.MANAGER: _("Sees everything. Plans for their teams and those below, decides on them, and writes KGIs."),
        Role.MEMBER: _("Sees everything. Writes their own objectives, checks in for their teams, proposes for them."),
        Role.PARTNER: _("From outside. Sees only what is shared with them, and reports there where the share says so."),
    }
    return [(str(role), str(role.label), words[role]) for role in Role]


class MemberForm(ExpectsVersion):
    """Role and teams, as administrators decide them."""

    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices, widget=forms.RadioSelect)
    teams = forms.ModelMultipleChoiceField(
        Team.objects.none(), label=gettext_lazy("Teams"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, member: Membership, **kwargs: Any):
        self.member = member
        present = list(member.teams.all())
        kwargs["initial"] = {"role": member.role, "teams": [team.pk for team in present]}
        super().__init__(*args, **kwargs)
        self.opened_on(member.version)
        teams = list(Team.objects.open().filter(organization=member.organization_id).order_by("position", "pk"))
        teams += [team for team in present if team.closed_on is not None]
        self.fields["teams"].queryset = Team.objects.filter(pk__in=[team.pk for team in teams])
        self.fields["teams"].choices = [(branch.team.pk, branch) for branch in team_tree(teams)]


class PersonForm(forms.Form):
    """Name and reading. The reading sorts Japanese names, and is searched like the name."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    reading = forms.CharField(
        label=gettext_lazy("Reading"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("In kana: lists are sorted by it."),
    )

    def __init__(self, *args: Any, member: Membership, **kwargs: Any):
        self.member = member
        user = member.user
        kwargs["initial"] = {"name": user.name, "reading": user.reading} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


class ProfileForm(PersonForm):
    """What people say about themselves."""

    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        required=False,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Of these pages on this device, and of mails to you."),
    )

    is_reminded = forms.BooleanField(
        label=gettext_lazy("Reminders by mail"),
        required=False,
        help_text=gettext_lazy(
            "Off: no reminder, weekly digest or call to draft leaves for you. On these pages you are told in any case."
        ),
    )

    def __init__(self, *args: Any, member: Membership, **kwargs: Any):
        user = member.user
        initial = {"language": user.language, "is_reminded": user.is_reminded}
        super().__init__(*args, member=member, initial=initial, **kwargs)
        self.fields["language"].choices = [("", _("As the browser says")), *settings.LANGUAGES]


class EraseForm(forms.Form):
    """The name, typed once more: what follows cannot be undone."""

    name = forms.CharField(
        label=gettext_lazy("The name of this person"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, expected: str, **kwargs: Any):
        self.expected = expected
        super().__init__(*args, **kwargs)

    def clean_name(self) -> str:
        typed = " ".join(self.cleaned_data["name"].split())
        if typed != " ".join(self.expected.split()):
            raise forms.ValidationError(_("Type “%(name)s”, exactly so."), params={"name": self.expected})
        return typed
