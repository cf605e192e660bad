"""The rhythm of every team, with what it takes over from the teams above it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from people.formulas.holidays import public_holidays
from people.formulas.rhythm import Rhythm
from people.models import DayOff, Organization, Team

DECIDED = {
    "check_in_weeks": "check_in_weeks",
    "weekday": "check_in_weekday",
    "kpi_round": "kpi_round",
    "review": "review",
    "meeting_weekday": "meeting_weekday",
    "meeting_time": "meeting_time",
    "meeting_minutes": "meeting_minutes",
}
"""What a rhythm calls each thing, and the column of `Cadence` that decides it."""


@dataclass(frozen=True)
class DaysOff:
    """The days on which nobody in a company works, weekends besides: public holidays and what it gives free."""

    country: str = ""
    given: tuple[tuple[date, date, str], ...] = ()

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, date):
            return False
        if any(first <= day <= last for first, last, _name in self.given):
            return True
        return bool(self.country) and day in public_holidays(self.country, day.year)

    def name_of(self, day: date, language: str = "ja") -> str:
        """What a day off is for, "" on any other day: the company's own name for it first."""
        own = next((name for first, last, name in self.given if first <= day <= last), "")
        return own or public_holidays(self.country, day.year, language).get(day, "")


def days_off_of(organization: Organization) -> DaysOff:
    given = DayOff.objects.filter(organization=organization.pk).values_list("first", "last", "name")
    return DaysOff(organization.holidays, tuple(given))


def rhythms_of(organization: Organization) -> dict[int, Rhythm]:
    """One rhythm for each team of the organization, by the team's id, whatever it leaves open filled in from above.

    Two queries, however many teams there are.
    """
    days_off = days_off_of(organization)
    columns = ["pk", "parent_id", *(f"cadence__{column}" for column in DECIDED.values())]
    rows = Team.objects.filter(organization=organization.pk).order_by().values_list(*columns)
    own: dict[int, tuple[int | None, dict[str, Any]]] = {
        pk: (parent, {name: value for name, value in zip(DECIDED, values, strict=True) if value not in (None, "")})
        for pk, parent, *values in rows
    }
    company = Rhythm(weekday=organization.check_in_weekday, days_off=days_off)
    return {pk: resolved(pk, own, company) for pk in own}


def resolved(pk: int, own: Mapping[int, tuple[int | None, dict[str, Any]]], company: Rhythm) -> Rhythm:
    """A team's rhythm: the nearest of itself and the teams above it that decided decides."""
    found: dict[str, Any] = {}
    at: int | None = pk
    while at is not None:
        parent, decided = own[at]
        found = decided | found
        at = parent
    return Rhythm(**({"weekday": company.weekday, "days_off": company.days_off} | found))
