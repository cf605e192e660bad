"""A name for a page as it is filtered now, and whom it is for."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

from people.models import Membership, SavedView


class SavedViewForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        validators=[ProhibitNullCharactersValidator()],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    is_shared = forms.BooleanField(label=_("For everybody in the organization"), required=False)
    query = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)
    submission_key = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, membership: Membership, query: str = "", **kwargs: Any):
        super().__init__(*args, **kwargs | {"auto_id": "id_view_%s"})
        self.fields["query"].initial = query
        if membership.is_partner:
            del self.fields["is_shared"]


class ChangeViewForm(SavedViewForm):
    """Another name for one that is there."""

    def __init__(self, *args: Any, view: SavedView, **kwargs: Any):
        super().__init__(*args, initial={"name": view.name, "is_shared": view.is_shared}, **kwargs)
        del self.fields["query"], self.fields["submission_key"]
