"""Content as people write it: in one line, or with all that belongs to it."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy, pgettext_lazy

from funnel.models import Content, ContentFormat, ContentState, TouchPoint
from people.forms import ExpectsVersion, PersonField
from people.models import Membership
from people.queries import possible_owners

MOST_OFFERED = 300


class DayInput(forms.DateInput):
    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d", attrs={"type": "date"})


class TouchPointField(forms.ModelChoiceField):
    """A touch point, listed below its journey with its number."""

    def offer(self, rows: QuerySet[TouchPoint]) -> None:
        groups: dict[str, list[tuple[int, str]]] = {}
        found = list(
            rows.select_related("phase__journey").order_by(
                "phase__journey__name", "phase__journey", "phase__position", "position", "pk"
            )[:MOST_OFFERED]
        )
        for point in found:
            groups.setdefault(point.phase.journey.name, []).append((point.pk, f"#{point.number} {point.name}"))
        self.queryset = TouchPoint.objects.filter(pk__in=[point.pk for point in found])
        self.choices = [("", "–"), *groups.items()]


class ContentForm(ExpectsVersion):
    """One piece of content; without a `content` a new one. Below a given touch point that is not asked."""

    title = forms.CharField(
        label=gettext_lazy("Content"),
        max_length=200,
        error_messages={"required": gettext_lazy("Say in a few words what it is.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    format = forms.ChoiceField(
        label=pgettext_lazy("content", "Format"), choices=ContentFormat.choices, initial=ContentFormat.ARTICLE
    )
    publish_on = forms.DateField(label=gettext_lazy("To be published on"), required=False, widget=DayInput())
    state = forms.ChoiceField(
        label=gettext_lazy("State"), choices=ContentState.choices, initial=ContentState.IDEA, required=False
    )
    touch_point = TouchPointField(
        TouchPoint.objects.none(),
        label=gettext_lazy("Touch point"),
        error_messages={"required": gettext_lazy("Choose the touch point it is for.")},
    )
    address = forms.URLField(
        label=gettext_lazy("Address"),
        max_length=500,
        required=False,
        assume_scheme="https",
        validators=[URLValidator(schemes=["http", "https"])],
        widget=forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://…", "autocomplete": "off"}),
    )
    submission_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        membership: Membership,
        content: Content | None = None,
        point: TouchPoint | None = None,
        suggestions: str = "",
        **kwargs: Any,
    ):
        super().__init__(data, **kwargs)
        people = possible_owners(membership, content.owner_id if content is not None else None)
        self.fields["owner"] = PersonField(people, label=gettext_lazy("Owner"), required=False, suggestions=suggestions)
        self.fields["owner"].initial = membership if content is None else content.owner
        self.opened_on(content.version if content is not None else None)
        if content is None:
            self.fields["submission_key"].initial = uuid.uuid4
        else:
            del self.fields["submission_key"]
            for name in ("title", "format", "publish_on", "state", "address"):
                self.fields[name].initial = getattr(content, name)
            self.fields["touch_point"].initial = content.touch_point_id
        if point is not None:
            del self.fields["touch_point"]
        else:
            self.fields["touch_point"].offer(TouchPoint.objects.visible_to(membership))  # type: ignore[attr-defined]
        self.order_fields(["title", "format", "publish_on", "owner", "state", "touch_point", "address"])

    def clean_state(self) -> str:
        return self.cleaned_data["state"] or ContentState.IDEA

    def changed(self, content: Content) -> Content:
        """The content as it was typed, not saved."""
        for name in ("title", "format", "publish_on", "owner", "state", "touch_point", "address"):
            if name in self.cleaned_data:
                setattr(content, name, self.cleaned_data[name])
        key = self.cleaned_data.get("submission_key")
        if key is not None:
            content.submission_key = key
        return content
