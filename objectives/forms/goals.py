"""Writing objectives down, what they help, and what is left undone."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funnel.fields import AmountField
from funnel.models import KGI
from objectives.access import teams_planned_by
from objectives.models import (
    Cycle,
    CycleState,
    Intent,
    Level,
    Link,
    Objective,
)
from objectives.services.rules import (
    kgis_offered,
    level_of,
    owners_of_objective,
    refuse_place,
    twin_of,
    twins_of_objective,
)
from people.forms import PersonField, TeamField, add_refusal
from people.models import Membership, MembershipQuerySet, Role
from people.refusals import Refusal


@contextmanager
def beside_its_field() -> Iterator[None]:
    """A rule that services keep, asked in a field's `clean_…`: its refusal stands beside that field."""
    try:
        yield
    except Refusal as refusal:
        raise ValidationError(refusal.detail, code=refusal.code) from refusal


@dataclass(frozen=True)
class Difference:
    """A field that somebody else wrote meanwhile: its name and what is saved now."""

    label: str
    saved: str


class VersionedForm(forms.ModelForm):
    """A form that knows which state of the row it was opened on, and that a new row is made only once."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    submission_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    # What is said with a change, but is no part of the row.
    not_kept = ("reason",)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.differences: list[Difference] = []
        if self.instance._state.adding:
            del self.fields["version"]
            self.fields["submission_key"].initial = uuid.uuid4
        else:
            del self.fields["submission_key"]
            self.fields["version"].initial = self.instance.version

    @property
    def expected_version(self) -> int:
        """The version the form was opened on. One that names none is out of date: leaving it out is no way round."""
        version = self.cleaned_data.get("version")
        return -1 if version is None else version

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        key = self.cleaned_data.get("submission_key")
        if key is not None:
            self.instance.submission_key = key

    def refuse_twin(self, rows: QuerySet[Any], url_name: str, slug: str) -> None:
        """Say that the same stands there already, with the way to it: who goes back and saves again means that one.

        A form sent twice is no twin: it answers the first one.
        """
        twin = twin_of(rows, self.cleaned_data.get("submission_key"))
        if twin is None:
            return
        link = format_html('<a href="{}">{}</a>', reverse(url_name, args=[slug, twin.pk]), twin.title)
        sentence = escape(_("This is written already: %(link)s. Open that one, or choose other words."))
        self.add_error("title", format_html(sentence.replace("%(link)s", "{}"), link))

    def meet(self, current: forms.ModelForm) -> None:
        """Someone saved in between: show what is saved now, and let the next sending count on it.

        `current` is the form as it would open now; what was typed stays.
        """
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = current.instance.version
        for name, field in current.fields.items():
            if field.widget.is_hidden or name not in self.fields or name in self.not_kept:
                continue
            saved = current.get_initial_for_field(field, name)
            typed = field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
            if field.has_changed(saved, typed):
                self.differences.append(Difference(str(field.label), said(field, saved)))


def said(field: forms.Field, value: Any) -> str:
    """A field's value in words."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(field, forms.ModelChoiceField) and value and not hasattr(value, "pk"):
        value = field.queryset.filter(pk=value).first()
    if isinstance(field, PersonField) and value and not hasattr(value, "pk"):
        value = field.people.filter(pk=value).select_related("user").first()
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        value = dict(field.choices).get(value, value)  # type: ignore[arg-type]
    if isinstance(value, Decimal):
        value = field.prepare_value(value)
    return str(value) if value not in (None, "") else "–"


def name_of(kgi: KGI) -> str:
    """A KGI's name in a choice: one that was dropped is offered only where it is the present one."""
    return _("%(name)s (dropped)") % {"name": kgi.name} if kgi.dropped_at else kgi.name


class KGIField(forms.ModelChoiceField):
    """A KGI of the plan, or the present one even after it was dropped: an edit must not untie it unnoticed."""

    def offer(self, membership: Membership, present: int | None) -> None:
        self.queryset = kgis_offered(membership, present)

    def label_from_instance(self, kgi: KGI) -> str:
        return name_of(kgi)


class ObjectiveForm(VersionedForm):
    """One objective. Only the teams, people and cycles the reader may plan for are offered, and only they are taken."""

    team = TeamField(label=gettext_lazy("Team"), empty_label="–")
    personal = forms.BooleanField(
        label=gettext_lazy("A personal objective of its owner"),
        required=False,
    )
    kgi = KGIField(
        KGI.objects.none(),
        label=gettext_lazy("KGI it serves"),
        required=False,
        empty_label=gettext_lazy("None chosen: it leads to one through its connections"),
    )
    cycle = forms.ModelChoiceField(Cycle.objects.none(), label=gettext_lazy("Cycle"), empty_label=None)

    class Meta:
        model = Objective
        fields = ("title", "why", "kind", "team", "owner", "kgi", "cycle")
        widgets = {
            "title": forms.Textarea(attrs={"rows": 1, "class": "word", "maxlength": 200}),
            "why": forms.Textarea(attrs={"rows": 2}),
            "kind": forms.RadioSelect,
        }

    def __init__(self, *args: Any, membership: Membership, suggestions: str = "", **kwargs: Any):
        self.membership = membership
        kept = kwargs.get("instance")
        super().__init__(*args, **kwargs)
        self.is_new = self.instance._state.adding
        self.placed_before = None if self.is_new else (kept.team_id, kept.level == Level.INDIVIDUAL)
        self.fields["kind"].choices = Intent.choices
        teams = list(teams_planned_by(membership).order_by("position", "pk"))
        if kept is not None and kept.team_id and kept.team_id not in {team.pk for team in teams}:
            teams.append(kept.team)
        self.fields["team"].offer(teams)
        self.fields["owner"] = PersonField(
            self.people(), label=gettext_lazy("Owner"), suggestions=suggestions, initial=membership.pk
        )
        self.fields["kgi"].offer(membership, self.instance.kgi_id)
        if self.is_new:
            self.fields["cycle"].queryset = (
                Cycle.objects.visible_to(membership).exclude(state=CycleState.CLOSED).order_by("start", "pk")
            )
        else:
            del self.fields["cycle"]
            self.fields["personal"].initial = self.instance.level == Level.INDIVIDUAL
        if len(teams) == 1 and membership.role == Role.EXECUTIVE:
            del self.fields["personal"]

    def people(self) -> MembershipQuerySet:
        return owners_of_objective(self.membership, self.instance.owner_id)

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        team = cleaned.get("team")
        if team is None:
            return cleaned
        if self.is_new and {"title", "owner"} <= cleaned.keys():
            same = {name: cleaned[name] for name in ("title", "owner", "team")}
            written = Objective(cycle_id=getattr(cleaned.get("cycle"), "pk", self.instance.cycle_id), **same)
            self.refuse_twin(twins_of_objective(written), "objective", self.membership.organization.slug)
        personal = cleaned.get("personal", False)
        if (team.pk, personal) != self.placed_before:
            level = level_of(team, personal=personal)
            try:
                refuse_place(self.membership, team, level)
            except Refusal as refusal:
                add_refusal(self, refusal)
            self.instance.level = level
        return cleaned


class NotDoingForm(forms.Form):
    """One thing a team will not do in a cycle."""

    text = forms.CharField(
        label=gettext_lazy("What we will not do"),
        max_length=200,
        error_messages={"required": gettext_lazy("Write what you will leave undone.")},
    )

    def clean_text(self) -> str:
        return " ".join(self.cleaned_data["text"].split())


class AlignForm(forms.Form):
    """What an objective helps, and how much: `parent` is `12` for an objective, `k34` for a key result."""

    parent = forms.RegexField(
        r"^k?[0-9]{1,18}\Z",
        label=gettext_lazy("Connect to"),
        error_messages={
            "required": gettext_lazy("Choose what to connect this objective to."),
            "invalid": gettext_lazy("Choose what to connect this objective to."),
        },
    )
    link = forms.ChoiceField(
        label=gettext_lazy("How"),
        choices=Link.choices,
        initial=Link.CONTRIBUTES,
        widget=forms.RadioSelect,
    )
    weight = AmountField(
        label=gettext_lazy("Weight"),
        required=False,
        help_text=gettext_lazy("Beside the parent's key results. Left empty, it counts like one of them."),
    )

    def clean_weight(self) -> float | None:
        weight = self.cleaned_data["weight"]
        if weight is not None and not 0 <= weight <= 1000:
            raise ValidationError(_("A weight lies between 0 and 1,000."), code="weight")
        return None if weight is None else float(weight)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("link") == Link.SUPPORTS:
            cleaned["weight"] = None
        return cleaned
