"""The example company while it is made."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from dashboards.demo.days import Days, moment
from dashboards.demo.story import Number
from funnel.models import KGI, KPI
from objectives.models import Cycle, KeyResult, Objective
from people.models import Membership, Organization, Team

KEYS = uuid.UUID("5b0c7a52-3f0e-4d6b-9a41-1c1b7f2f6d11")


@dataclass
class Company:
    """Its rows under the story's keys."""

    organization: Organization
    days: Days
    teams: dict[str, Team] = field(default_factory=dict)
    people: dict[str, Membership] = field(default_factory=dict)
    kgis: dict[str, KGI] = field(default_factory=dict)
    kpis: dict[str, KPI] = field(default_factory=dict)
    cycles: dict[str, Cycle] = field(default_factory=dict)
    objectives: dict[str, Objective] = field(default_factory=dict)
    key_results: dict[str, KeyResult] = field(default_factory=dict)
    reported: dict[date, list[int]] = field(default_factory=lambda: defaultdict(list))
    """The key results checked in on a day."""

    def at(self, day: date, at: str, minutes: int = 0):
        return moment(day, at, self.organization.zone, minutes)


def key(*parts: object) -> uuid.UUID:
    return uuid.uuid5(KEYS, "/".join(map(str, parts)))


def number(value: Number | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))
