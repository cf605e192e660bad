"""An action as people write it: in one line, or with all that belongs to it."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from funnel.models import KPI
from objectives.forms.serving import ServesField
from objectives.models import Action, KeyResult
from people.forms import ExpectsVersion, PersonField, TeamField
from people.models import Membership, MembershipQuerySet, Team
from people.queries import possible_owners

TITLE_MISSING = gettext_lazy("Say in a few words what is to be done.")


def owners_of_action(membership: Membership, present: int | None) -> MembershipQuerySet:
    """Whom an action can be given to: colleagues, oneself, and its present owner."""
    if membership.is_partner:
        return Membership.objects.filter(pk__in={membership.pk, present or membership.pk})
    return possible_owners(membership, present)


class DayInput(forms.DateInput):
    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d", attrs={"type": "date"})


class ActionForm(ExpectsVersion, forms.Form):
    """One action; without an `action` a new one, in the order in which one would say it."""

    title = forms.CharField(
        label=gettext_lazy("What is to be done"), max_length=200, error_messages={"required": TITLE_MISSING}
    )
    due_on = forms.DateField(label=gettext_lazy("To be done by"), required=False, widget=DayInput())
    expected_effect = forms.CharField(
        label=gettext_lazy("Expected effect"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("What it is to move, and by how much. For example: three more tastings a week."),
    )
    submission_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        membership: Membership,
        action: Action | None = None,
        serves: KeyResult | KPI | None = None,
        suggestions: str = "",
        **kwargs: Any,
    ):
        super().__init__(data, **kwargs)
        present = serves if action is None else action.key_result or action.kpi
        owner = membership if action is None else action.owner
        self.fields["owner"] = PersonField(
            owners_of_action(membership, owner.pk), label=gettext_lazy("Owner"), suggestions=suggestions, initial=owner
        )
        self.fields["serves"] = ServesField(
            membership,
            levers=True,
            present=present,
            label=gettext_lazy("What does it serve?"),
            required=membership.is_partner,
            initial=present,
        )
        self.order_fields(["title", "owner", "due_on", "serves"])
        self.opened_on(action.version if action is not None else None)
        if action is None:
            self.fields["submission_key"].initial = uuid.uuid4
            return
        del self.fields["submission_key"]
        if not membership.is_partner:
            teams = Team.objects.visible_to(membership)
            offered = teams.open() | teams.filter(pk=action.team_id)
            self.fields["team"] = TeamField(offered, label=gettext_lazy("Team"), empty_label=None, initial=action.team)
        for name in ("title", "due_on", "expected_effect"):
            self.fields[name].initial = getattr(action, name)

    @property
    def served(self) -> dict[str, Any]:
        """The key result or the lever chosen."""
        row = self.cleaned_data["serves"]
        return {
            "key_result": row if isinstance(row, KeyResult) else None,
            "kpi": row if isinstance(row, KPI) else None,
        }

    def changed(self, action: Action) -> Action:
        """The action as it was typed, not saved."""
        for name in ("title", "due_on", "expected_effect", "owner", "team"):
            if name in self.cleaned_data:
                setattr(action, name, self.cleaned_data[name])
        for name, row in self.served.items():
            setattr(action, name, row)
        return action
