"""Naming and placing teams."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people.forms.fields import TeamField
from people.forms.versions import ExpectsVersion
from people.models import Organization, Team, below


def open_teams(organization: Organization | int) -> Any:
    return Team.objects.open().filter(organization=organization).order_by("position", "pk")


class TeamForm(ExpectsVersion):
    """A team's name and the team above it; the company has only a name."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    parent = TeamField(label=gettext_lazy("Above it"), empty_label=None)

    def __init__(self, *args: Any, organization: Organization, team: Team | None = None, **kwargs: Any):
        initial = {} if team is None else {"name": team.name, "parent": team.parent_id}
        kwargs["initial"] = initial | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.opened_on(None if team is None else team.version)
        rows = open_teams(organization)
        if team is not None and team.is_company:
            del self.fields["parent"]
        else:
            self.fields["parent"].offer(rows if team is None else rows.exclude(pk__in=below([team.pk])))


class MergeForm(ExpectsVersion):
    """The team that goes on with what this one has."""

    into = TeamField(label=gettext_lazy("Merge into"), empty_label=gettext_lazy("Choose a team"))

    def __init__(self, *args: Any, team: Team, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.opened_on(team.version)
        self.fields["into"].offer(open_teams(team.organization_id).exclude(parent=None).exclude(pk=team.pk))
        self.fields["into"].error_messages["required"] = _("Choose the team that goes on.")
