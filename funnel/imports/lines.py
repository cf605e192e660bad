"""A line of a file, or a lead that a program sent, as values of a lead; or what is wrong with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from funnel.formulas.lead_sheets import read_day
from funnel.formulas.numbers import NumberRefused, parse_amount
from funnel.models import Fit, Lead, MatrixStage

LARGEST_COUNT = 2_147_483_647
LARGEST_REVENUE = Decimal("1e15")
EARLIEST = date(1990, 1, 1)
TEXTS = ("company", "contact", "role", "email", "phone", "industry", "region", "source", "note", "reference")
LENGTHS: dict[str, int] = {name: Lead._meta.get_field(name).max_length for name in TEXTS}  # type: ignore[union-attr,misc]
ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")
PEOPLE = re.compile(r"(?:名|人|employees|people)\Z", re.IGNORECASE)

WRONG: dict[str, Promise] = {
    "company_missing": _("The company is missing."),
    "too_long": _("This is too long."),
    "bad_email": _("This is no e-mail address."),
    "bad_number": _("This is not a number."),
    "bad_date": _("This is not a day, or it has not come yet."),
    "stage_unknown": _("The matrix has no stage of this name."),
    "fit_unknown": _("A fit is A, B or C."),
    "owner_unknown": _("Nobody here goes by this name, or several do."),
    "two_leads": _("Two leads that stand here already fit this line."),
    "reference_used": _("Another lead has this number already."),
    "gone": _("You may not change this matrix any more."),
    "broken": _("The file could not be read to its end. Send it again."),
}


@dataclass(frozen=True)
class Line:
    """What one line says: only the fields it says something about. `wrong` is [code, field] where it cannot be."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    stage: int | None = None
    fit: str = ""
    since: date | None = None
    wrong: tuple[str, str] | None = None


@dataclass(frozen=True)
class Reader:
    """Reads lines by what their columns mean. `stages` and `owners` are ids by their folded names."""

    meanings: Sequence[str]
    stages: Mapping[str, int]
    owners: Mapping[str, int | None]
    today: date

    def read(self, number: int, cells: Sequence[str]) -> Line:
        values: dict[str, Any] = {}
        stage, fit, since = None, "", None
        for meaning, cell in zip(self.meanings, cells, strict=False):
            text = " ".join(cell.split())
            if not meaning or not text:
                continue
            wrong = ""
            if meaning in TEXTS:
                if meaning == "email":
                    text = unicodedata.normalize("NFKC", text)
                    wrong = "" if ADDRESS.fullmatch(text) else "bad_email"
                wrong = "too_long" if len(text) > LENGTHS[meaning] else wrong
                values[meaning] = text
            elif meaning in ("employees", "revenue"):
                amount = number_of(meaning, text)
                wrong, values[meaning] = ("bad_number" if amount is None else ""), amount
            elif meaning == "stage":
                stage = self.stages.get(folded(text))
                wrong = "stage_unknown" if stage is None else ""
            elif meaning == "fit":
                fit = fit_named(text)
                wrong = "" if fit else "fit_unknown"
            elif meaning == "owner":
                owner = self.owners.get(folded(text))
                wrong, values["owner_id"] = ("owner_unknown" if owner is None else ""), owner
            elif meaning == "since":
                since = read_day(text)
                wrong = "bad_date" if since is None or not EARLIEST <= since <= self.today else ""
            if wrong:
                return Line(number, values, wrong=(wrong, meaning))
        if not values.get("company"):
            return Line(number, values, wrong=("company_missing", "company"))
        return Line(number, values, stage, fit, since)


def folded(text: str) -> str:
    """A name as it is compared: width, case and spaces in one spelling."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def number_of(meaning: str, text: str) -> int | Decimal | None:
    """A number of people, whole, or yen: 約1,200名, 3.2億円."""
    said = unicodedata.normalize("NFKC", text).strip().removeprefix("約").strip()
    try:
        if meaning == "employees":
            count = parse_amount(PEOPLE.sub("", said).strip(), decimals=0)
            return int(count) if 0 <= count <= LARGEST_COUNT else None
        return parse_amount(said, unit="円", limit=LARGEST_REVENUE)
    except NumberRefused:
        return None


def fit_named(text: str) -> str:
    said = unicodedata.normalize("NFKC", text).strip().upper().removesuffix("ランク").removeprefix("RANK").strip()
    return said if said in Fit.values else ""


def stages_by_name(stages: Sequence[MatrixStage], mapped: Mapping[str, int] | None = None) -> dict[str, int]:
    """The stages of a matrix by their folded names, and those a file's other names were mapped to."""
    ids = {stage.pk for stage in stages}
    found = {folded(name): pk for name, pk in (mapped or {}).items() if pk in ids}
    return found | {folded(stage.name): stage.pk for stage in stages}


def owners_by_name(people: Sequence[tuple[int, str, str]]) -> dict[str, int | None]:
    """Ids of people (id, name, e-mail) by name and address; None where a name is that of several."""
    found: dict[str, int | None] = {}
    for pk, name, _email in people:
        found[folded(name)] = None if folded(name) in found else pk
    return found | {folded(email): pk for pk, _name, email in people}
