"""The day and the steps of a handover, as people write them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funnel.models import HandoverStep
from objectives.forms.actions import DayInput
from objectives.queries.handover import Handover
from objectives.services.handover import LONGEST
from people.forms import ExpectsVersion, PersonField
from people.models import Membership
from people.queries import possible_owners

THEIRS, OURS = "partner", "inside"


class HandoverDayForm(ExpectsVersion, forms.Form):
    """From which day the organization does the work itself."""

    on = forms.DateField(
        label=gettext_lazy("In-house from"),
        widget=DayInput(),
        error_messages={
            "required": gettext_lazy("Choose the day from which you do the work yourselves."),
            "invalid": gettext_lazy("Choose a day."),
        },
    )

    def __init__(self, data: Any = None, *, handover: Handover, otherwise: date, **kwargs: Any):
        super().__init__(data, **kwargs | {"initial": {"on": handover.on or otherwise}})
        self.opened_on(handover.version)
        if handover.on is not None:
            self.fields["on"].help_text = _("Open steps move by as many days.")


class StepForm(ExpectsVersion, forms.Form):
    """One step: what is to be done, by whom, and until when."""

    text = forms.CharField(
        label=gettext_lazy("Step"),
        max_length=LONGEST,
        error_messages={"required": gettext_lazy("Say in a few words what is to be done.")},
    )
    whose = forms.ChoiceField(label=gettext_lazy("Who does it"), widget=forms.RadioSelect)
    due_on = forms.DateField(
        label=gettext_lazy("To be done by"),
        required=False,
        widget=DayInput(),
        error_messages={"invalid": gettext_lazy("Choose a day.")},
    )

    def __init__(
        self,
        data: Any = None,
        *,
        membership: Membership,
        partner: Membership,
        step: HandoverStep | None = None,
        suggestions: str = "",
        **kwargs: Any,
    ):
        initial: dict[str, Any] = {"whose": OURS}
        if step is not None:
            whose = THEIRS if step.by_partner else OURS
            initial = {"text": step.text, "whose": whose, "owner": step.owner, "due_on": step.due_on}
        super().__init__(data, **kwargs | {"initial": initial})
        self.fields["whose"].choices = [(OURS, _("Somebody inside")), (THEIRS, partner.user.name)]
        owners = possible_owners(membership, step.owner_id if step is not None else None)
        self.fields["owner"] = PersonField(
            owners, label=gettext_lazy("Who inside"), suggestions=suggestions, required=False
        )
        self.order_fields(["text", "whose", "owner", "due_on"])
        self.opened_on(step.version if step is not None else None)

    def said(self) -> dict[str, Any]:
        """What `add_step` and `save_step` take; whom one chose inside is nobody's where the partner does it."""
        by_partner = self.cleaned_data["whose"] == THEIRS
        return {
            "text": self.cleaned_data["text"],
            "by_partner": by_partner,
            "owner": None if by_partner else self.cleaned_data["owner"],
            "due_on": self.cleaned_data["due_on"],
        }
