"""The first steps of an organization, from its name to its first objective."""

from __future__ import annotations

import secrets
import unicodedata
import uuid
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funnel.fields import AmountField
from funnel.forms.funnels import FunnelForm, suffix_of
from funnel.models import KGI
from objectives.forms.settings import currencies, months
from objectives.models import Objective
from objectives.services.start import Path
from people.forms.fields import AddressField
from people.forms.invitations import LanguageField, Line, TeamNames, check_paste, judge
from people.formulas.outline import OutlineRefused, read_outline
from people.models import Organization, Role, Team, User, Weekday

MOST_TEAMS = 300
EASY_TO_READ = "abcdefghjkmnpqrstuvwxyz23456789"


def suggest_slug() -> str:
    """A part of an address for a name that has no Latin letters."""
    return "company-" + "".join(secrets.choice(EASY_TO_READ) for _place in range(4))


class FoundForm(forms.Form):
    """Name and address of the organization; for somebody not signed in also who they are.

    Whether the password is the right one of an account that exists is for the view to find out: `asks_for_account`.
    """

    name = forms.CharField(
        label=gettext_lazy("Name of your company"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        error_messages={"required": gettext_lazy("Type the name of your company.")},
    )
    slug = forms.CharField(
        label=gettext_lazy("Part of the address"),
        max_length=50,
        required=False,
        help_text=gettext_lazy("Latin letters, digits and hyphens. It stands in the address of every page."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "data-slug-from": "id_name"}
        ),
    )
    person = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = AddressField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        error_messages={"required": gettext_lazy("Type your address: with it you sign in.")},
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least 10 characters, and none of the common ones."),
        error_messages={"required": gettext_lazy("Choose a password.")},
    )

    def __init__(self, data: Mapping[str, Any] | None, *, is_signed_in: bool):
        super().__init__(data, initial={"slug": suggest_slug})
        self.has_account = False
        if is_signed_in:
            for name in ("person", "email", "password"):
                del self.fields[name]

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_slug(self) -> str:
        typed = unicodedata.normalize("NFKC", self.cleaned_data["slug"]).strip().strip("/").lower()
        if typed:
            try:
                validate_slug(typed)
            except ValidationError as error:
                raise ValidationError(_("Use Latin letters, digits and hyphens only."), code="invalid") from error
            return typed
        name = self.cleaned_data.get("name", "")
        return (slugify(name)[:50].strip("-") if name.isascii() else "") or suggest_slug()

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if email.endswith("@" + settings.EXAMPLE_DOMAIN):
            raise ValidationError(_("This address belongs to the example company. Type your own."), code="example")
        return email

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        email = cleaned.get("email")
        if email is None:
            return cleaned
        self.has_account = User.objects.filter(email=email).exists()
        if self.has_account:
            return cleaned
        if not cleaned.get("person", "").strip() and "person" not in self.errors:
            self.add_error("person", _("Type your name, as colleagues know you."))
        if "password" in cleaned:
            try:
                validate_password(cleaned["password"], User(email=email, name=cleaned.get("person", "")))
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned


class CalendarForm(forms.Form):
    """By which calendar the organization plans."""

    fiscal_year_start = forms.TypedChoiceField(
        label=gettext_lazy("First month of the fiscal year"), coerce=int, choices=months
    )
    with_year = forms.BooleanField(label=gettext_lazy("Also open the whole year as a cycle"), required=False)
    check_in_weekday = forms.TypedChoiceField(
        label=gettext_lazy("Check-ins are due on"),
        choices=Weekday.choices,
        coerce=int,
        help_text=gettext_lazy("Once a week; from the day after they are overdue."),
    )
    time_zone = forms.CharField(
        label=gettext_lazy("Time zone"),
        max_length=50,
        widget=forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"}),
    )
    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"), help_text=gettext_lazy("What a new KGI is counted in at first.")
    )

    def __init__(self, data: Mapping[str, Any] | None, *, organization: Organization):
        names = ("fiscal_year_start", "check_in_weekday", "time_zone", "currency")
        super().__init__(data, initial={name: getattr(organization, name) for name in names} | {"with_year": True})
        self.fields["currency"].choices = currencies(organization.currency)

    def clean_time_zone(self) -> str:
        name = self.cleaned_data["time_zone"]
        if name not in available_timezones():
            raise ValidationError(_("%(name)s is not a time zone."), params={"name": name})
        return name


class TeamsForm(forms.Form):
    """The teams as an outline, and people to be invited into them."""

    teams = forms.CharField(
        label=gettext_lazy("Teams, one on each line"),
        max_length=50_000,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 7, "spellcheck": "false"}),
        help_text=gettext_lazy("Indent a line to put it below the one above, or write “Sales > Tokyo”."),
    )
    people = forms.CharField(
        label=gettext_lazy("People to invite"),
        max_length=200_000,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One person on each line, as pasted from a mail or a spreadsheet: name, address, role, team."
        ),
    )
    language = LanguageField(required=False)
    submission_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)

    def __init__(self, data: Mapping[str, Any] | None, *, organization: Organization, **kwargs: Any):
        super().__init__(data, **kwargs)
        self.organization = organization
        self.paths: list[Path] = []
        self.lines: list[Line] = []

    def clean_teams(self) -> str:
        text = self.cleaned_data["teams"]
        try:
            paths = read_outline(text)
        except OutlineRefused as refused:
            raise ValidationError(
                _("Line %(line)s lies too deep: eight levels at most."), params={"line": refused.line}
            ) from refused
        company = self.organization.name
        if paths and all(path[0] == company for path in paths):
            paths = [path[1:] for path in paths if len(path) > 1]
        if len(paths) > MOST_TEAMS:
            raise ValidationError(_("These are more than %(most)s teams."), params={"most": MOST_TEAMS})
        for path in paths:
            if len(path[-1]) > Team._meta.get_field("name").max_length:  # type: ignore[operator]
                raise ValidationError(_("“%(name)s …” is too long for a name."), params={"name": path[-1][:30]})
        self.paths = paths
        return text

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "people" not in cleaned:
            return cleaned
        try:
            people = check_paste(cleaned["people"])
        except ValidationError as error:
            self.add_error("people", error)
            return cleaned
        names = TeamNames()
        for path in self.paths:
            names.add(path, path)
        self.lines = judge(people, self.organization, names, Role.MEMBER, cleaned.get("submission_key"))
        if any(line.problem for line in self.lines):
            self.add_error("people", _("Some lines cannot be read; below stands why. Nothing has been sent."))
        return cleaned


class FiveNumbersForm(forms.Form):
    """The first KGI from five numbers; behind them works the funnel's own form, whose answers are `funnel.answers`."""

    name = forms.CharField(label=gettext_lazy("Name of the KGI"), max_length=120)
    revenue_must_hit = AmountField(label=gettext_lazy("Revenue: must-hit target"), required=False)
    revenue_challenge = AmountField(label=gettext_lazy("Revenue: challenge target"), required=False)
    revenue_current = AmountField(label=gettext_lazy("Revenue now"), required=False)
    unit_price = AmountField(label=gettext_lazy("Unit price"), help_text=gettext_lazy("Revenue of one order."))
    win_rate = AmountField(
        label=gettext_lazy("Win rate"), rate=True, help_text=gettext_lazy("Of 100 deals, how many become orders?")
    )
    deal_rate = AmountField(
        label=gettext_lazy("Deal rate"),
        rate=True,
        required=False,
        help_text=gettext_lazy("Of 100 inquiries, how many become deals? Left empty, every one does."),
    )
    cv_rate = AmountField(
        label=gettext_lazy("CV rate"),
        rate=True,
        required=False,
        help_text=gettext_lazy("Of 100 visits to your website, how many become an inquiry (CV)? 1 where nobody knows."),
    )
    submission_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    ONCE = ("unit_price", "win_rate", "deal_rate", "cv_rate")
    # What is said beside the fields: a rate nobody knows stays as it is, so that no key result is made of it.
    TAKEN_FOR: ClassVar[dict[str, str]] = {"deal_rate": "100", "cv_rate": "1"}

    def __init__(self, data: Mapping[str, Any] | None, *, kgi: KGI, **kwargs: Any):
        self.kgi = kgi
        self.saved = FunnelForm(kgi=kgi).initial if kgi.pk and getattr(kgi, "funnel", None) else {}
        initial: dict[str, Any] = {name: self.saved.get(f"{name}_current", "") for name in self.ONCE}
        initial |= {
            name: self.saved.get(name, "") for name in ("revenue_must_hit", "revenue_challenge", "revenue_current")
        }
        initial |= {"name": kgi.name, "submission_key": uuid.uuid4}
        if not self.saved:
            initial["cv_rate"] = "1"
        super().__init__(data, initial=initial, **kwargs)
        for name in ("revenue_must_hit", "revenue_challenge", "revenue_current", "unit_price"):
            self.fields[name].unit = kgi.unit
        self.suffix = suffix_of(kgi.unit)
        self.funnel = FunnelForm(self.as_funnel(), kgi=kgi)

    def as_funnel(self) -> dict[str, Any]:
        """What was typed, under the names of the funnel's form: price and rates stand under "now"."""
        typed: dict[str, Any] = {"unknown": "visits", "was": "visits", **self.saved}
        source: Mapping[str, Any] = self.data if self.is_bound else self.initial
        for name in self.ONCE:
            typed[f"{name}_current"] = str(source.get(name, "") or "").strip() or self.TAKEN_FOR.get(name, "")
        for name in ("revenue_must_hit", "revenue_challenge", "revenue_current"):
            typed[name] = str(source.get(name, "") or "")
        return typed

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        aims: list[Decimal | None] = [cleaned.get("revenue_must_hit"), cleaned.get("revenue_challenge")]
        if aims == [None, None] and not {"revenue_must_hit", "revenue_challenge"} & self.errors.keys():
            self.add_error("revenue_must_hit", _("Type the revenue you want to reach in the year."))
        must_hit, challenge = aims
        if must_hit is not None and challenge is not None and challenge < must_hit:
            self.add_error("revenue_challenge", _("The challenge lies below what must be hit. Type a higher number."))
        if not self.errors and not self.funnel.is_valid():
            for name, sentences in self.funnel.errors.items():
                own = next((one for one in self.ONCE if name.startswith(one)), name)
                self.add_error(own if own in self.fields else None, list(sentences))
        return cleaned

    @property
    def has_answers(self) -> bool:
        """Whether there is anything to show beside the fields."""
        return not self.errors and bool(self.funnel.is_bound and self.funnel.is_valid() and self.funnel.found)


class FirstObjectiveForm(forms.ModelForm):
    """What the first objective is to change, and why."""

    submission_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    class Meta:
        model = Objective
        fields = ("title", "why")
        widgets = {
            "title": forms.Textarea(attrs={"rows": 1, "class": "word", "maxlength": 200}),
            "why": forms.Textarea(attrs={"rows": 2}),
        }
        error_messages = {"title": {"required": gettext_lazy("Write the objective in one sentence.")}}

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        key = self.cleaned_data.get("submission_key")
        if key is not None:
            self.instance.submission_key = key


def guests_of(lines: Iterable[Line]) -> list[tuple[Any, Path | None]]:
    """The people of judged lines, each beside the place in the outline of the team they are to join."""
    guests = []
    for line in lines:
        path, line.team = line.team, None
        guests.append((line.guest(), path))
    return guests
