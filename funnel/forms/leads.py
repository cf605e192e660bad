"""A lead, a move of leads and a file of leads, as people write them."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funnel.fields import AmountField
from funnel.formulas.lead_sheets import LARGEST_FILE, LeadSheet, gather, read_lead_file, text_lines
from funnel.formulas.sheets import SheetRefused
from funnel.imports.lines import LARGEST_COUNT, LARGEST_REVENUE
from funnel.models import Fit, Lead, Matrix, MatrixStage
from people.forms import ExpectsVersion, PersonField
from people.models import Membership
from people.queries import possible_owners

FITS = (("", gettext_lazy("By the conditions")), *Fit.choices)
NAMES = ("company", "contact", "role", "email", "phone", "industry", "region", "source", "note", "reference")
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class StageField(forms.ModelChoiceField):
    """A stage of a matrix, in its order."""

    def __init__(self, matrix: Matrix, **kwargs: Any):
        super().__init__(matrix.stages.all(), empty_label=None, **kwargs)


def text(name: str, **more: Any) -> forms.CharField:
    field: Any = Lead._meta.get_field(name)
    given = {"label": field.verbose_name, "max_length": field.max_length, "required": not field.blank}
    return forms.CharField(**given | more)


class LeadForm(ExpectsVersion):
    """What is known of a lead. A new one also says in which stage it stands since when."""

    company = text("company", error_messages={"required": gettext_lazy("Name the company.")})
    contact = text("contact")
    role = text("role")
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False, max_length=254)
    phone = text("phone")
    industry = text("industry")
    region = text("region")
    employees = AmountField(label=gettext_lazy("Employees"), required=False)
    revenue = AmountField(label=gettext_lazy("Yearly revenue"), required=False, unit="円")
    source = text("source", help_text=gettext_lazy("For example: seminar, referral, search."))
    reference = text("reference", help_text=gettext_lazy("By this number imports and programs find it again."))
    note = text("note", widget=forms.Textarea(attrs={"rows": 2}))
    fit = forms.ChoiceField(label=gettext_lazy("Fit"), choices=FITS, required=False)
    submission_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, lead: Lead, matrix: Matrix, membership: Membership, suggestions: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.lead = lead
        people = possible_owners(membership, lead.owner_id)
        owner_label = gettext_lazy("Looked after by")
        self.fields["owner"] = PersonField(people, label=owner_label, required=False, suggestions=suggestions)
        given: dict[str, Any] = {name: getattr(lead, name) for name in (*NAMES, "employees", "revenue")}
        given |= {"fit": lead.fit if lead.fit_is_set else "", "owner": lead.owner_id}
        if lead._state.adding:
            self.fields["stage"] = StageField(matrix, label=gettext_lazy("Stage"))
            self.fields["date"] = forms.DateField(label=gettext_lazy("Here since"), widget=DAY)
            given |= {"owner": membership.pk, "date": matrix.organization.today, "submission_key": uuid.uuid4()}
            first = matrix.stages.first()
            given["stage"] = first.pk if first else None
        self.initial.update(given)
        self.opened_on(None if lead._state.adding else lead.version)

    def clean_employees(self) -> int | None:
        count = self.cleaned_data["employees"]
        if count is None:
            return None
        if count != int(count) or not 0 <= count <= LARGEST_COUNT:
            raise ValidationError(_("Type a whole number of 0 or more."), code="employees")
        return int(count)

    def clean_revenue(self) -> Any:
        revenue = self.cleaned_data["revenue"]
        if revenue is not None and abs(revenue) > LARGEST_REVENUE:
            raise ValidationError(_("This number is too large."), code="too_large")
        return revenue

    def written(self) -> Lead:
        """The lead as the form says it."""
        for name in (*NAMES, "employees", "revenue", "owner"):
            setattr(self.lead, name, self.cleaned_data[name])
        self.lead.fit_is_set = bool(self.cleaned_data["fit"])
        self.lead.fit = self.cleaned_data["fit"] or self.lead.fit
        if self.lead._state.adding:
            self.lead.stage = self.cleaned_data["stage"]
            if self.cleaned_data.get("submission_key"):
                self.lead.submission_key = self.cleaned_data["submission_key"]
        return self.lead


class StageChoice(StageField):
    """The same, each stage with its criteria."""

    widget = forms.RadioSelect

    def label_from_instance(self, stage: MatrixStage) -> str:
        return stage.name


class MoveForm(forms.Form):
    """To which stage leads go, on which day, by which criterion."""

    date = forms.DateField(label=gettext_lazy("Day"), widget=DAY)
    reason = forms.CharField(
        label=gettext_lazy("Which criterion was met"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("In a few words, for whoever reads the history: “asked for the price by phone”."),
    )

    def __init__(self, *args: Any, matrix: Matrix, **kwargs: Any):
        super().__init__(*args, **kwargs)
        message = gettext_lazy("Choose the stage they go to.")
        self.fields["stage"] = StageChoice(
            matrix,
            label=gettext_lazy("To which stage"),
            error_messages={"required": message, "invalid_choice": message},
        )
        self.initial.setdefault("date", matrix.organization.today)


SENTENCES = {
    "too_large": gettext_lazy("This file is too large: 20 MB at most."),
    "unknown_encoding": gettext_lazy(
        "This file cannot be read. Save it in Excel as a workbook (.xlsx) or as “CSV UTF-8”, then choose it again."
    ),
    "old_excel": gettext_lazy("This is a workbook of an old Excel (.xls). Save it as .xlsx, then choose it again."),
    "broken_excel": gettext_lazy("This workbook cannot be opened. Save it again in Excel, or as “CSV UTF-8”."),
    "empty": gettext_lazy("There is nothing in this file."),
    "no_lines": gettext_lazy("There is only one line in this file. The first line names the columns, leads follow."),
    "too_many_lines": gettext_lazy("This file has more than 50,000 lines. Split it."),
    "too_many_columns": gettext_lazy("This file has more than 60 columns. Leave out those that are not needed."),
}


class LeadFileForm(forms.Form):
    """A file of leads, or a table pasted as text."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        help_text=gettext_lazy("Excel (.xlsx), or CSV in UTF-8 or as Excel saves it in Japan; 50,000 lines, 20 MB."),
    )
    text = forms.CharField(
        label=gettext_lazy("Or paste the table here"),
        required=False,
        strip=False,
        max_length=2_000_000,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )
    submission_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)

    sheet: LeadSheet

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if self.errors:
            return given
        file = given.get("file")
        field_name = "file" if file else "text"
        try:
            if file and file.size > LARGEST_FILE:
                raise SheetRefused("too_large")
            if not file and not given.get("text", "").strip():
                raise ValidationError({"file": _("Choose a file, or paste the table.")})
            self.sheet = (
                read_lead_file(file.read()) if file else gather(text_lines(given["text"].removeprefix("\ufeff")))
            )
        except SheetRefused as refused:
            raise ValidationError({field_name: str(SENTENCES[refused.code])}) from refused
        return given
