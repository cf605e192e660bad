"""One line of the daily log."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from objectives.forms.actions import DayInput
from objectives.forms.serving import ServesField
from objectives.models import Action, Activity, KeyResult
from objectives.queries.serving import last_served, own_open_actions
from people.forms import ExpectsVersion
from people.models import Membership


class ActivityForm(ExpectsVersion, forms.Form):
    """What one did, what it served, and on which day; a new line begins with the key result of the one before.

    `action` is asked where one has open actions, or the line names one already; it says what the line serves.
    """

    text = forms.CharField(
        label=gettext_lazy("What you did"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Say in one line what you did.")},
    )
    date = forms.DateField(label=gettext_lazy("Day"), widget=DayInput())
    submission_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        membership: Membership,
        activity: Activity | None = None,
        serves: KeyResult | None = None,
        action: Action | None = None,
        **kwargs: Any,
    ):
        super().__init__(data, **kwargs)
        present = activity.key_result if activity is not None else serves
        acted = activity.action if activity is not None else action
        self.actions = {row.pk: row for row in own_open_actions(membership, also=acted)}
        if acted is not None and activity is None and present is None:
            present = acted.key_result
        self.fields["key_result"] = ServesField(
            membership,
            present=present,
            label=gettext_lazy("Which key result does this serve?"),
            required=membership.is_partner,
            initial=present or (last_served(membership) if activity is None else None),
        )
        if self.actions:
            self.fields["action"] = forms.TypedChoiceField(
                choices=[("", _("No action")), *((row.pk, row.title) for row in self.actions.values())],
                coerce=int,
                empty_value=None,
                label=gettext_lazy("Action it belongs to"),
                required=False,
                initial=acted.pk if acted is not None else "",
                help_text=gettext_lazy("It says which key result the line serves."),
            )
        self.order_fields(["text", "action", "key_result", "date"])
        self.opened_on(activity.version if activity is not None else None)
        today = membership.organization.today
        self.fields["date"].widget.attrs["max"] = today.isoformat()
        if activity is None:
            self.fields["date"].initial = today
            self.fields["submission_key"].initial = uuid.uuid4
            return
        del self.fields["submission_key"]
        for name in ("text", "date"):
            self.fields[name].initial = getattr(activity, name)

    def clean(self) -> dict[str, Any]:
        """The action as a row."""
        said: dict[str, Any] = super().clean() or {}
        said["action"] = self.actions.get(said.get("action") or 0)
        return said

    def changed(self, activity: Activity) -> Activity:
        """The line as it was typed, not saved."""
        for name in ("text", "date", "key_result", "action"):
            setattr(activity, name, self.cleaned_data[name])
        return activity
