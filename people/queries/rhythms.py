"""The rhythm of every team, with what it takes over from the teams above it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from people.formulas.holidays import public_holidays
from people.formulas.rhythm import Rhythm
from people.models import Organization

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

    def holidays_between(self, first: date, last: date, language: str = "ja") -> list[tuple[date, str]]:
        """The public holidays from the first to the last day, with their names."""
        years = range(first.year, last.year + 1)
        found = (item for year in years for item in public_holidays(self.country, year, language).items())
        return sorted((day, name) for day, name in found if first <= day <= last)


@dataclass(frozen=True)
class Decision:
    """A part of a team's rhythm, and the team that decided it."""

    value: Any
    team: int


# Written by hand, for every check-in asks them.
GIVEN = "SELECT first, last, name FROM people_dayoff WHERE organization_id = %s ORDER BY first, id"
DECISIONS = f"""
SELECT team.id, team.parent_id, {", ".join(f"cadence.{column}" for column in DECIDED.values())}
FROM people_team team LEFT JOIN people_cadence cadence ON cadence.team_id = team.id
WHERE team.organization_id = %s
"""  # noqa: S608 (names of columns)
WITH_THOSE_ABOVE = """
AND team.id IN (
    WITH RECURSIVE up(id) AS (
        SELECT unnest(%s::bigint[])
        UNION
        SELECT t.parent_id FROM up JOIN people_team t ON t.id = up.id WHERE t.parent_id IS NOT NULL
    ) SELECT id FROM up
)
"""


def days_off_of(organization: Organization) -> DaysOff:
    with connection.cursor() as cursor:
        cursor.execute(GIVEN, [organization.pk])
        return DaysOff(organization.holidays, tuple(cursor.fetchall()))


def rhythms_of(organization: Organization, teams: Collection[int] | None = None) -> dict[int, Rhythm]:
    """One rhythm for each team of the organization, by the team's id, whatever it leaves open filled in from above.

    With `teams`, only those and what stands above them are read. Two queries, however many teams there are.
    """
    days_off = days_off_of(organization)
    return {pk: rhythm_of(found, organization, days_off) for pk, found in decisions_of(organization, teams).items()}


def rhythm_of(decisions: Mapping[str, Decision], organization: Organization, days_off: DaysOff) -> Rhythm:
    found: dict[str, Any] = {"weekday": organization.check_in_weekday, "days_off": days_off}
    found |= {name: decision.value for name, decision in decisions.items()}
    return Rhythm(**found)


def decisions_of(organization: Organization, teams: Collection[int] | None = None) -> dict[int, dict[str, Decision]]:
    """For each team, by its id, what was decided for it, there or in the nearest team above that decided. One query."""
    with connection.cursor() as cursor:
        if teams is None:
            cursor.execute(DECISIONS, [organization.pk])
        else:
            cursor.execute(DECISIONS + WITH_THOSE_ABOVE, [organization.pk, list(teams)])
        rows = cursor.fetchall()
    own: dict[int, tuple[int | None, dict[str, Decision]]] = {
        pk: (
            parent,
            {
                name: Decision(value, pk)
                for name, value in zip(DECIDED, values, strict=True)
                if value is not None and value != ""
            },
        )
        for pk, parent, *values in rows
    }
    return {pk: resolved(pk, own) for pk in own}


def resolved(pk: int, own: Mapping[int, tuple[int | None, dict[str, Decision]]]) -> dict[str, Decision]:
    """The nearest of a team and the teams above it that decided something decides it."""
    found: dict[str, Decision] = {}
    at: int | None = pk
    while at is not None:
        parent, decided = own[at]
        found = decided | found
        at = parent
    return found
