"""The example company while it is made."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from dashboards.demo.days import DAY, Days, moment
from dashboards.demo.story import Number, Tale
from funnel.models import KGI, KPI, TouchPoint
from objectives.models import Action, Cycle, KeyResult, Objective
from people import clock
from people.history import told
from people.models import Door, Membership, Organization, Team

KEYS = uuid.UUID("5b0c7a52-3f0e-4d6b-9a41-1c1b7f2f6d11")


@dataclass
class Company:
    """Its rows under the story's keys."""

    organization: Organization
    days: Days
    tale: Tale
    teams: dict[str, Team] = field(default_factory=dict)
    people: dict[str, Membership] = field(default_factory=dict)
    kgis: dict[str, KGI] = field(default_factory=dict)
    kpis: dict[str, KPI] = field(default_factory=dict)
    cycles: dict[str, Cycle] = field(default_factory=dict)
    objectives: dict[str, Objective] = field(default_factory=dict)
    key_results: dict[str, KeyResult] = field(default_factory=dict)
    touch_points: dict[str, TouchPoint] = field(default_factory=dict)
    actions: dict[str, Action] = field(default_factory=dict)
    reported: dict[date, list[int]] = field(default_factory=lambda: defaultdict(list))
    """The key results checked in on a day."""

    def at(self, day: date, at: str, minutes: int = 0) -> datetime:
        return moment(day, at, self.organization.zone, minutes)

    @property
    def founded(self) -> datetime:
        """When the company began to plan with this: some weeks before its first cycle."""
        return self.at(self.days.spans["first"].start - 40 * DAY, "09:00")

    @property
    def planned(self) -> datetime:
        """When it wrote down its KGIs, and what it keeps an eye on."""
        return self.at(self.days.spans["last"].start - 40 * DAY, "09:00")

    def by(self, person: str, at: datetime) -> AbstractContextManager[None]:
        """While this lasts, what is written is this person's, as it was then: its history reads like a company's."""
        return told(Door.PAGE, user=self.people[person].user_id, at=at)

    @contextmanager
    def acting(self, person: str, at: datetime) -> Iterator[Membership]:
        """While this lasts, it is then, and what is done is this person's: for acts that happen as people do them."""
        with self.by(person, at), clock.telling_of(at):
            yield self.people[person]

    def past(self, day: date) -> date:
        """The day, or yesterday where it has not come yet."""
        return min(day, self.days.today - DAY)


def key(*parts: object) -> uuid.UUID:
    return uuid.uuid5(KEYS, "/".join(map(str, parts)))


def number(value: Number | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))
