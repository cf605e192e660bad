"""Customer journeys as people write them: the journey itself, one phase with all its cells, one touch point."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from funnel.models import KGI, KPI, Journey, JourneyPhase, Medium, TouchPoint
from funnel.queries.usual_phases import example_of
from funnel.services.journeys import CELLS, COPY, EMPTY, TEXTS, USUAL, Cell, lines_of
from people.forms import ExpectsVersion
from people.models import Membership

STARTS = (
    (USUAL, gettext_lazy("With the usual phases: awareness, interest, comparison, purchase, loyalty")),
    (COPY, gettext_lazy("With the phases and touch points of another journey")),
    (EMPTY, gettext_lazy("Empty")),
)
LABELS = {
    "name": pgettext_lazy("journey", "Phase"),
    "thinks": gettext_lazy("What the customer thinks"),
    "wants": gettext_lazy("Information wanted"),
    "online": gettext_lazy("Touch points online"),
    "offline": gettext_lazy("Touch points offline"),
    "condition": gettext_lazy("Condition to move on"),
}
LINES = gettext_lazy(
    "One touch point on each line. A line that begins with its number, like #3, keeps that touch point; a line without "
    "number is a new one; one whose line you take away is removed."
)


class JourneyForm(ExpectsVersion):
    """Name, customer and KGI of a journey; without a `journey` a new one, which also says with what it begins."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        error_messages={"required": gettext_lazy("Give the journey a name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    customer = forms.CharField(
        label=gettext_lazy("Which customer"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("One kind of customer for each journey: who decides, and in what situation."),
    )
    kgi = forms.ModelChoiceField(
        KGI.objects.none(),
        label="KGI",
        required=False,
        empty_label=gettext_lazy("None"),
        help_text=gettext_lazy("The touch points are to move the levers of this KGI."),
    )
    start = forms.ChoiceField(
        label=gettext_lazy("Begin"), choices=STARTS, initial=USUAL, widget=forms.RadioSelect, required=False
    )
    source = forms.ModelChoiceField(
        Journey.objects.none(),
        label=gettext_lazy("Journey to copy"),
        required=False,
        empty_label="–",
    )
    submission_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, membership: Membership, journey: Journey | None = None, **kwargs: Any):
        super().__init__(data, **kwargs)
        kgis = KGI.objects.visible_to(membership)
        if journey is not None and journey.kgi_id:
            kgis |= KGI.objects.filter(organization=membership.organization_id, pk=journey.kgi_id)
        self.fields["kgi"].queryset = kgis.order_by("period_start", "pk")  # type: ignore[attr-defined]
        self.opened_on(journey.version if journey is not None else None)
        if journey is not None:
            for name in ("start", "source", "submission_key"):
                del self.fields[name]
            self.initial.update(name=journey.name, customer=journey.customer, kgi=journey.kgi_id)
            return
        self.fields["submission_key"].initial = uuid.uuid4
        others = Journey.objects.visible_to(membership)
        self.fields["source"].queryset = others  # type: ignore[attr-defined]
        if not others.exists():
            del self.fields["source"]
            self.fields["start"].choices = [each for each in STARTS if each[0] != COPY]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("start") == COPY and "source" in self.fields and not said.get("source"):
            self.add_error("source", _("Choose the journey to copy."))
        return said


class PhaseForm(ExpectsVersion):
    """All cells of one phase, for whoever edits them without a script or on a phone."""

    def __init__(self, data: Any = None, *, phase: JourneyPhase, online: Any, offline: Any, **kwargs: Any):
        super().__init__(data, **kwargs)
        example = example_of(phase.name)
        stands = {name: getattr(phase, name) for name in TEXTS}
        stands |= {"online": lines_of(online), "offline": lines_of(offline)}
        for name in CELLS:
            attrs: dict[str, Any] = {"rows": 4 if name in {"online", "offline"} else 3}
            if example is not None and name != "name":
                attrs["placeholder"] = _("For example: %(example)s") % {"example": getattr(example, name)}
            self.fields[name] = forms.CharField(
                label=LABELS[name],
                max_length=TEXTS.get(name, 20_000),
                required=name == "name",
                widget=forms.TextInput() if name == "name" else forms.Textarea(attrs=attrs),
                initial=stands[name],
            )
        self.fields["name"].error_messages["required"] = _("Give the phase a name.")
        self.opened_on(phase.version)

    def cells(self, phase: JourneyPhase) -> list[Cell]:
        """What was typed, cell by cell."""
        return [Cell(phase.pk, name, self.cleaned_data[name]) for name in CELLS]


class NewPhaseForm(forms.Form):
    name = forms.CharField(
        label=pgettext_lazy("journey", "Phase"),
        max_length=TEXTS["name"],
        error_messages={"required": gettext_lazy("Give the phase a name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class RemovePhaseForm(forms.Form):
    """Where the touch points of a phase go that is taken out; left empty, they go with it."""

    move_to = forms.ModelChoiceField(
        JourneyPhase.objects.none(),
        label=gettext_lazy("Its touch points"),
        required=False,
        empty_label=gettext_lazy("are removed with it, with their content"),
    )

    def __init__(self, data: Any = None, *, phase: JourneyPhase, **kwargs: Any):
        super().__init__(data, **kwargs)
        others = JourneyPhase.objects.filter(journey=phase.journey_id, removed_at=None).exclude(pk=phase.pk)
        choice = self.fields["move_to"]
        choice.queryset = others.order_by("position", "pk")  # type: ignore[attr-defined]
        choice.label_from_instance = lambda row: _("move to “%(name)s”") % {"name": row.name}  # type: ignore[attr-defined]


class LeverChoice(forms.ModelChoiceField):
    """A lever of the journey's KGI, by the words with which it is told."""

    def offer(self, levers: Sequence[tuple[int, str]]) -> None:
        self.queryset = KPI.objects.filter(pk__in=[pk for pk, _told in levers])
        self.choices = [("", self.empty_label), *levers]


class TouchPointForm(ExpectsVersion):
    """Where a customer is met, by which medium, and which lever that is to move."""

    name = forms.CharField(
        label=gettext_lazy("Touch point"),
        max_length=120,
        error_messages={"required": gettext_lazy("Say where you meet the customer.")},
    )
    medium = forms.ChoiceField(label=gettext_lazy("On- or offline"), choices=Medium.choices, widget=forms.RadioSelect)
    phase = forms.ModelChoiceField(
        JourneyPhase.objects.none(), label=pgettext_lazy("journey", "Phase"), empty_label=None
    )
    kpi = LeverChoice(
        KPI.objects.none(),
        label=gettext_lazy("Lever it should move"),
        required=False,
        empty_label=pgettext_lazy("lever of a touch point", "Not chosen yet"),
    )

    def __init__(self, data: Any = None, *, point: TouchPoint, levers: Sequence[tuple[int, str]], **kwargs: Any):
        super().__init__(data, **kwargs)
        rows = JourneyPhase.objects.filter(journey=point.phase.journey_id, removed_at=None).order_by("position", "pk")
        self.fields["phase"].queryset = rows  # type: ignore[attr-defined]
        self.fields["kpi"].offer(levers)  # type: ignore[attr-defined]
        self.initial.update(name=point.name, medium=point.medium, phase=point.phase_id, kpi=point.kpi_id)
        self.opened_on(point.version)

    def changed(self, point: TouchPoint) -> TouchPoint:
        """The touch point as it was typed, not saved."""
        for name in ("name", "medium", "phase", "kpi"):
            setattr(point, name, self.cleaned_data[name])
        return point
