"""One line of the daily log."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from objectives.forms.actions import DayInput
from objectives.forms.serving import ServesField
from objectives.models import Activity, KeyResult
from objectives.queries.serving import last_served
from people.forms import ExpectsVersion
from people.models import Membership


class ActivityForm(ExpectsVersion, forms.Form):
    """What one did, what it served, and on which day; a new line begins with the key result of the one before."""

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
        **kwargs: Any,
    ):
        super().__init__(data, **kwargs)
        present = activity.key_result if activity is not None else serves
        self.fields["key_result"] = ServesField(
            membership,
            present=present,
            label=gettext_lazy("Which key result does this serve?"),
            required=membership.is_partner,
            initial=present or (last_served(membership) if activity is None else None),
        )
        self.order_fields(["text", "key_result", "date"])
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

    def changed(self, activity: Activity) -> Activity:
        """The line as it was typed, not saved."""
        for name in ("text", "date", "key_result"):
            setattr(activity, name, self.cleaned_data[name])
        return activity
