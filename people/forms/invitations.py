"""Inviting one person, or all that were pasted: each line judged before anything is sent."""

from __future__ import annotations

import unicodedata
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator, validate_email
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from people.forms.fields import AddressField, TeamField
from people.formulas.pasted_people import PastedPerson, read_people
from people.models import Organization, Role, Team, User
from people.queries import team_tree
from people.services.invitations import Guest, invited_among, members_among

MOST_LINES = 500
LONGEST_PASTE = 200_000
LONGEST_NAME = 100
ROLE_WORDS = {
    "管理者": Role.ADMIN,
    "管理": Role.ADMIN,
    "admin": Role.ADMIN,
    "administrator": Role.ADMIN,
    "経営": Role.EXECUTIVE,
    "経営者": Role.EXECUTIVE,
    "経営層": Role.EXECUTIVE,
    "役員": Role.EXECUTIVE,
    "executive": Role.EXECUTIVE,
    "マネージャー": Role.MANAGER,
    "マネジャー": Role.MANAGER,
    "マネージャ": Role.MANAGER,
    "管理職": Role.MANAGER,
    "manager": Role.MANAGER,
    "メンバー": Role.MEMBER,
    "一般": Role.MEMBER,
    "社員": Role.MEMBER,
    "member": Role.MEMBER,
    "パートナー": Role.PARTNER,
    "外部": Role.PARTNER,
    "社外": Role.PARTNER,
    "partner": Role.PARTNER,
}


def fold(word: str) -> str:
    """A word as it is compared: width, case and blanks do not count."""
    return "".join(unicodedata.normalize("NFKC", word).casefold().split())


@dataclass
class TeamNames:
    """Which teams a word may mean: by name, or by the way from the top written `営業本部 > 法人営業`.

    What stands for a team is the caller's: the row, or its place in a tree that is only written down as yet.
    """

    found: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    ways: dict[str, str] = field(default_factory=dict)

    def add(self, path: Sequence[str], team: Any) -> None:
        way = " > ".join(path)
        for word in {fold(path[-1]), fold(way), fold("/".join(path))}:
            self.found[word].append(team)
            self.ways.setdefault(word, way)

    def meant(self, word: str) -> list[Any]:
        return self.found.get(fold(word), [])


def names_of(teams: Iterable[Team]) -> TeamNames:
    names = TeamNames()
    for branch in team_tree(teams):
        names.add((*branch.above, branch.team.name), branch.team)
    return names


@dataclass
class Line:
    """A pasted line as it was understood, or what is wrong with it."""

    person: PastedPerson
    name: str = ""
    role: str = Role.MEMBER
    team: Any = None
    problem: str = ""

    @property
    def role_name(self) -> str:
        return str(Role(self.role).label)

    def guest(self) -> Guest:
        return Guest(email=self.person.email, name=self.name, role=self.role, team=self.team)


def judge(
    people: Sequence[PastedPerson],
    organization: Organization,
    names: TeamNames,
    default_role: str,
    submission_key: uuid.UUID | None = None,
) -> list[Line]:
    """What each line means. A constant number of queries, however many lines.

    Whom the form of this `submission_key` invited before is not counted as invited: it was sent twice.
    """
    emails = [person.email for person in people if person.email]
    members = members_among(organization, emails)
    invited = invited_among(organization, emails, submission_key=submission_key)
    seen: dict[str, int] = {}
    lines = []
    for person in people:
        line = Line(person, name=person.name, role=default_role)
        line.problem = problem_of(line, names) or problem_of_address(person, members, invited, seen)
        if person.email:
            seen.setdefault(person.email, person.line)
        lines.append(line)
    return lines


def problem_of(line: Line, names: TeamNames) -> str:
    """Give every word beside the address its meaning; answers the sentence for one that has none."""
    person = line.person
    if person.problem == "no_address":
        return _("There is no e-mail address in this line.")
    if person.problem:
        return _("There are several addresses in this line. Write one person on each line.")
    has_role = False
    for word in person.others:
        role = ROLE_WORDS.get(fold(word))
        teams = names.meant(word)
        if role is not None and not has_role:
            line.role, has_role = role, True
        elif len(teams) > 1:
            return _("There are several teams “%(team)s”. Write the way to it, like “%(way)s”.") % {
                "team": word,
                "way": names.ways[fold(word)],
            }
        elif teams and line.team is None:
            line.team = teams[0]
        elif not line.name:
            line.name = word
        else:
            return _("“%(word)s” is neither a role nor a team here.") % {"word": word}
    if len(line.name) > LONGEST_NAME:
        return _("This name is too long: 100 characters at most.")
    if line.role == Role.PARTNER and line.team is not None:
        return _("A partner is in no team: they see what is shared with them. Leave the team out.")
    return ""


def problem_of_address(person: PastedPerson, members: set[str], invited: set[str], seen: Mapping[str, int]) -> str:
    try:
        if len(person.email) > 254:
            raise ValidationError("")
        validate_email(person.email)
    except ValidationError:
        return _("“%(email)s” is not an e-mail address.") % {"email": person.email}
    if person.email in seen:
        return _("Line %(line)s has this address already.") % {"line": seen[person.email]}
    if person.email in members:
        return _("Belongs to the organization already.")
    if person.email in invited:
        return _("Is invited already.")
    return ""


def check_paste(text: str) -> list[PastedPerson]:
    """The people of a pasted text; `ValidationError` where there are too many to judge at once."""
    ProhibitNullCharactersValidator()(text)
    people = read_people(text)
    if len(people) > MOST_LINES:
        raise ValidationError(
            _("These are %(count)s people. Invite %(most)s at most at once."),
            code="too_many",
            params={"count": len(people), "most": MOST_LINES},
        )
    return people


class LanguageField(forms.ChoiceField):
    """The language a mail is written in."""

    def __init__(self, **kwargs: Any):
        super().__init__(
            label=gettext_lazy("Language of the mail"),
            choices=settings.LANGUAGES,
            initial=lambda: get_language() or settings.LANGUAGE_CODE,
            **kwargs,
        )


class InviteForm(forms.Form):
    """One person to be invited."""

    email = AddressField(
        label=gettext_lazy("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=LONGEST_NAME,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices, initial=Role.MEMBER)
    team = TeamField(label=gettext_lazy("Team"), required=False, empty_label="–")
    language = LanguageField()
    submission_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, data: Mapping[str, Any] | None, *, teams: Iterable[Team], begun: dict[str, Any] | None = None):
        super().__init__(data, prefix="one", initial=begun)
        self.fields["team"].offer(teams)

    def guest(self) -> Guest:
        typed = self.cleaned_data
        return Guest(email=typed["email"], name=typed["name"], role=typed["role"], team=typed["team"])


class PasteForm(forms.Form):
    """Many people at once; `lines` holds what each line was understood as."""

    people = forms.CharField(
        label=gettext_lazy("One person on each line"),
        max_length=LONGEST_PASTE,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("Paste at least one address.")},
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role, where the line names none"), choices=Role.choices, initial=Role.MEMBER
    )
    language = LanguageField()
    submission_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, data: Mapping[str, Any] | None, *, organization: Organization, teams: Iterable[Team]):
        super().__init__(data, prefix="many")
        self.organization, self.teams = organization, teams
        self.lines: list[Line] = []

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "people" not in cleaned or "role" not in cleaned:
            return cleaned
        try:
            people = check_paste(cleaned["people"])
        except ValidationError as error:
            self.add_error("people", error)
            return cleaned
        self.lines = judge(
            people, self.organization, names_of(self.teams), cleaned["role"], cleaned.get("submission_key")
        )
        if not self.lines:
            self.add_error("people", _("Paste at least one address."))
        return cleaned

    @property
    def problems(self) -> int:
        return sum(1 for line in self.lines if line.problem)


class PasswordForm(forms.Form):
    """Name and password of a new account; `rules` are judged against the address, too."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": gettext_lazy("Type your name, as colleagues know you.")},
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least 10 characters, and none of the common ones."),
        error_messages={"required": gettext_lazy("Choose a password.")},
    )

    def __init__(self, data: Mapping[str, Any] | None, *, email: str, **kwargs: Any):
        super().__init__(data, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "password" in cleaned:
            try:
                validate_password(cleaned["password"], User(email=self.email, name=cleaned.get("name", "")))
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned
