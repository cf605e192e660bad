"""When and how one wants to be reminded, and a calendar's link."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people.forms.versions import ExpectsVersion
from people.models import Channel, Membership, ReminderPreference, Role, Weekday


def hours() -> list[tuple[int, str]]:
    return [(hour, f"{hour}:00") for hour in range(24)]


class ReminderForm(ExpectsVersion, forms.ModelForm):
    """One's own wishes; a partner is asked nothing about the digest, which shows the whole company."""

    digest = forms.BooleanField(label=gettext_lazy("Send me the week in figures"), required=False)

    class Meta:
        model = ReminderPreference
        fields = ("is_on", "weekday", "hour", "channel", "digest", "digest_weekday", "digest_hour")

    def __init__(self, *args: Any, member: Membership, **kwargs: Any):
        self.member = member
        preference: ReminderPreference = kwargs["instance"]
        self.of_role = member.role in {Role.ADMIN, Role.EXECUTIVE}
        wanted = self.of_role if preference.digest is None else preference.digest
        kwargs["initial"] = {"digest": wanted} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.opened_on(0 if preference._state.adding else preference.version)
        self.fields["weekday"].choices = [("", _("The day the first one is due")), *Weekday.choices]
        for name in ("hour", "digest_hour"):
            self.fields[name] = forms.TypedChoiceField(label=self.fields[name].label, choices=hours(), coerce=int)
        self.fields["channel"].queryset = Channel.objects.at_work().filter(membership=member)
        self.fields["channel"].empty_label = _("By mail")
        self.fields["channel"].label = _("How")
        self.fields["weekday"].help_text = _("A day off is moved, as due days are.")
        if member.is_partner:
            for name in ("digest", "digest_weekday", "digest_hour"):
                del self.fields[name]

    def clean_digest(self) -> bool | None:
        """What the role says anyway stays open, so that it follows the role."""
        wanted = self.cleaned_data["digest"]
        return None if wanted == self.of_role and self.instance.digest is None else wanted


class FeedForm(forms.Form):
    """What a calendar's link is for, and the language it speaks."""

    name = forms.CharField(
        label=gettext_lazy("What it is for"),
        max_length=100,
        validators=[ProhibitNullCharactersValidator()],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("For example: the calendar on my phone."),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False, choices=())
    submission_key = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, **kwargs: Any):
        kwargs["auto_id"] = "id_feed_%s"
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [("", _("As mails to you")), *settings.LANGUAGES]
