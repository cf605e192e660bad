"""Form fields that name people and teams, for organizations of any size, and the form that asks for a reason."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people.access import read_id
from people.models import Membership, MembershipQuerySet, Team, normalize_email
from people.queries import team_tree

MOST_IN_A_LIST = 40
MOST_SUGGESTED = 20
# A name and an address as they are stored, with the space between them.
LONGEST_TYPED = 100 + 1 + 254


def find_people(people: MembershipQuerySet, typed: str) -> MembershipQuerySet:
    """Those whose name, reading or address holds every word typed."""
    for word in typed.split():
        people = people.filter(
            Q(user__name__icontains=word) | Q(user__reading__icontains=word) | Q(user__email__icontains=word)
        )
    return people.select_related("user")


class AddressField(forms.EmailField):
    """A mail address in its stored spelling, read in either width: Japanese keyboards easily type ＠ for @."""

    def to_python(self, value: Any) -> str:
        return normalize_email(unicodedata.normalize("NFKC", super().to_python(value) or ""))


class PersonField(forms.Field):
    """One person of the organization: a list to choose from while it is short, else a name to be typed.

    The typed name may be a part of it or the address, as long as it fits one person; with several the error names them.
    `suggestions` is the address that answers more names while one types.
    """

    def __init__(self, people: MembershipQuerySet, *, suggestions: str = "", **kwargs: Any):
        self.people = people
        found = list(people.select_related("user")[: MOST_IN_A_LIST + 1])
        self.is_list = len(found) <= MOST_IN_A_LIST
        if self.is_list:
            empty = [] if kwargs.get("required", True) else [("", "–")]
            kwargs["widget"] = forms.Select(choices=[*empty, *((person.pk, person.user.name) for person in found)])
        else:
            attrs = {"list": "people", "autocomplete": "off"}
            if suggestions:
                attrs |= {
                    "hx-get": suggestions,
                    "hx-trigger": "input changed delay:200ms",
                    "hx-target": "#people",
                    "hx-swap": "innerHTML",
                }
            kwargs["widget"] = forms.TextInput(attrs)
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Membership):
            return value.pk if self.is_list else self.spelled(value)
        pk = None if self.is_list else read_id(value)
        if pk is not None:
            person = self.people.filter(pk=pk).select_related("user").first()
            return self.spelled(person) if person else value
        return value

    def spelled(self, person: Membership) -> str:
        """The name, with the address where the name alone would fit several."""
        namesakes = self.people.filter(user__name=person.user.name).count()
        return f"{person.user.name} {person.user.email}" if namesakes > 1 else person.user.name

    def to_python(self, value: Any) -> Membership | None:
        typed = str(value or "").strip()
        if not typed:
            return None
        ProhibitNullCharactersValidator()(typed)
        if len(typed) > LONGEST_TYPED:
            raise ValidationError(_("Nobody here goes by this name."), code="too_long")
        pk = read_id(typed)
        if pk is not None:
            found = list(self.people.filter(pk=pk).select_related("user"))
        else:
            exact = self.people.filter(Q(user__name=typed) | Q(user__email__iexact=typed)).select_related("user")
            found = list(exact[:2])
            if len(found) != 1:
                found = list(find_people(self.people, typed)[: MOST_SUGGESTED + 1])
        if not found:
            raise ValidationError(_("Nobody here goes by this name."), code="unknown")
        if len(found) > 1:
            names = _(", ").join(f"{person.user.name} ({person.user.email})" for person in found[:5])
            raise ValidationError(
                _("This fits several people: %(names)s. Type the address of the one you mean."),
                code="ambiguous",
                params={"names": names},
            )
        return found[0]

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            person = self.to_python(data)
        except ValidationError:
            return True
        return (person.pk if person else None) != getattr(initial, "pk", initial or None)


class TeamField(forms.ModelChoiceField):
    """One team of the tree, indented by its depth."""

    def __init__(self, teams: Iterable[Team] = (), **kwargs: Any):
        super().__init__(Team.objects.none(), **kwargs)
        self.offer(teams)

    def offer(self, teams: Iterable[Team]) -> None:
        """Let exactly these teams be chosen."""
        rows = list(teams)
        self.queryset = Team.objects.filter(pk__in=[team.pk for team in rows])
        empty = [] if self.empty_label is None else [("", self.empty_label)]
        indented = [(branch.team.pk, "\u3000" * branch.depth + branch.team.name) for branch in team_tree(rows)]
        self.choices = [*empty, *indented]


class ReasonForm(forms.Form):
    """Why something is taken out of the plan."""

    reason = forms.CharField(
        label=gettext_lazy("Why it is dropped"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Say why it is dropped: others will want to know.")},
    )
