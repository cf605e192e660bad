"""What somebody types of a channel. What is secret is never shown again: an empty field keeps it."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people.forms.versions import ExpectsVersion
from people.models import Channel, ChannelKind, Membership, Team
from people.models.channels import FOR_ROOMS, every_topic
from people.queries import team_tree
from people.services.channels import Setup

QUIET = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
COMPANY, OWN = "company", "own"


class ChannelForm(ExpectsVersion):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=60,
        validators=[ProhibitNullCharactersValidator()],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("As people know it: the name of the room, say."),
    )
    address = forms.CharField(
        label=gettext_lazy("Webhook address"),
        max_length=2000,
        required=False,
        validators=[ProhibitNullCharactersValidator()],
        widget=forms.TextInput(attrs={**QUIET, "placeholder": "https://…", "inputmode": "url"}),
    )
    token = forms.CharField(
        label=gettext_lazy("API token"),
        max_length=500,
        required=False,
        validators=[ProhibitNullCharactersValidator()],
        widget=forms.TextInput(attrs=QUIET),
    )
    room = forms.CharField(
        label=gettext_lazy("Number of the room"),
        max_length=200,
        required=False,
        validators=[ProhibitNullCharactersValidator()],
        widget=forms.TextInput(attrs=QUIET),
        help_text=gettext_lazy("The digits behind “rid” in the room's address; the whole address will do."),
    )
    topics = forms.MultipleChoiceField(
        label=gettext_lazy("What is sent there"),
        choices=[(topic.value, topic.label) for topic in FOR_ROOMS],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one kind of message.")},
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False, widget=forms.RadioSelect)

    def __init__(self, *args: Any, kind: str, channel: Channel | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.kind, self.channel = kind, channel
        self.fields["language"].choices = settings.LANGUAGES  # type: ignore[attr-defined]
        if kind == ChannelKind.CHATWORK:
            del self.fields["address"]
            self.fields["room"].required = True
            self.fields["token"].required = channel is None
        else:
            del self.fields["token"], self.fields["room"]
            self.fields["address"].required = channel is None
        if channel is not None and channel.membership_id:
            del self.fields["topics"]
        self.opened_on(channel.version if channel else None)
        self.fill(channel)

    def fill(self, channel: Channel | None) -> None:
        if channel is None:
            self.fields["topics"].initial = every_topic()
            self.fields["language"].initial = settings.LANGUAGE_CODE
            return
        self.fields["name"].initial = channel.name
        if "topics" in self.fields:
            self.fields["topics"].initial = channel.topics
        self.fields["language"].initial = channel.language or settings.LANGUAGE_CODE
        for name in ("address", "token"):
            if name in self.fields:
                self.fields[name].help_text = stored(getattr(channel, name))
        if "room" in self.fields:
            self.fields["room"].initial = channel.room

    def setup(self) -> Setup:
        typed = self.cleaned_data
        return Setup(
            name=typed["name"],
            address=typed.get("address", "").strip(),
            token=typed.get("token", "").strip(),
            room=typed.get("room", ""),
            topics=typed.get("topics", self.channel.topics if self.channel else ()),
            language=typed["language"],
        )


def stored(secret: str) -> str:
    """That something is stored, and which: its last four signs, where that gives nothing away."""
    if not secret:
        return _("Nothing is stored that can still be opened. Put it in again.")
    if len(secret) < 16:
        return _("Stored. Leave this empty to keep it.")
    return _("Stored, ends with …%(end)s. Leave this empty to keep it.") % {"end": ending(secret)}


def ending(secret: str) -> str:
    return "".join(sign for sign in secret[-4:] if sign.isalnum())


class NewChannelForm(ChannelForm):
    """A channel that is new: also whose it is."""

    whose = forms.ChoiceField(label=gettext_lazy("For whom"))
    submission_key = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any):
        super().__init__(*args, **kwargs)
        teams = Team.objects.filter(organization=membership.organization_id)
        if not membership.is_admin:
            teams = Team.objects.led_by(membership) if membership.is_manager else teams.none()
        rows = list(teams.open().filter(parent__isnull=False))
        self.teams = {str(team.pk): team for team in rows}
        choices = [(COMPANY, _("The whole company"))] if membership.is_admin else []
        choices += [(str(branch.team.pk), "\u3000" * branch.depth + branch.team.name) for branch in team_tree(rows)]
        choices.append((OWN, _("Only for me")))
        self.fields["whose"].choices = choices  # type: ignore[attr-defined]

    @property
    def team(self) -> Team | None:
        return self.teams.get(self.cleaned_data["whose"])

    @property
    def is_own(self) -> bool:
        return self.cleaned_data["whose"] == OWN
