"""Content as the calendar shows it: by the day it is to be published on, and what has no day yet."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from funnel.models import Content, ContentFormat, ContentState
from people.access import read_id
from people.models import Membership
from people.queries import days_off_of

LATE = "late"
MOST_UNDATED = 100
EARLIEST_YEAR, LATEST_YEAR = 2000, 2199


@dataclass(frozen=True)
class Wanted:
    """What a person looks for among the content; `month` is its first day."""

    month: date
    journey: int | None = None
    owner: int | None = None
    format: str = ""
    state: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.journey or self.owner or self.format or self.state)


@dataclass
class Day:
    """A day of the month's grid; `off` is what a holiday is called, empty on other days."""

    day: date
    is_in_month: bool
    off: str = ""
    contents: list[Content] = field(default_factory=list)

    @property
    def is_weekend(self) -> bool:
        return self.day.weekday() >= 5


def wanted_from(asked: Mapping[str, str], today: date) -> Wanted:
    """Filters from a query string; what is unknown is left out, and without a month it is this one."""
    kind, state = asked.get("format", ""), asked.get("state", "")
    return Wanted(
        month=month_from(asked.get("month", "")) or today.replace(day=1),
        journey=read_id(asked.get("journey")),
        owner=read_id(asked.get("owner")),
        format=kind if kind in ContentFormat.values else "",
        state=state if state in {*ContentState.values, LATE} else "",
    )


def month_from(text: str) -> date | None:
    """The first day of a month written as 2026-05, None for anything else."""
    year, _dash, month = text.partition("-")
    numbers = read_id(year), read_id(month)
    if numbers[0] is None or numbers[1] is None or not EARLIEST_YEAR <= numbers[0] <= LATEST_YEAR:
        return None
    return date(numbers[0], numbers[1], 1) if 1 <= numbers[1] <= 12 else None


def step(month: date, by: int) -> date | None:
    """The month before or after, None beyond the years of the calendar."""
    place = month.year * 12 + month.month - 1 + by
    year, at = divmod(place, 12)
    return date(year, at + 1, 1) if EARLIEST_YEAR <= year <= LATEST_YEAR else None


def contents_wanted(membership: Membership, wanted: Wanted) -> QuerySet[Any]:
    """The content that answers the wish, of every month; `day` is the one it stands on."""
    rows = Content.objects.visible_to(membership).annotate(day=Coalesce("publish_on", "published_on"))
    if wanted.journey is not None:
        rows = rows.filter(touch_point__phase__journey=wanted.journey)
    if wanted.owner is not None:
        rows = rows.filter(owner=wanted.owner)
    if wanted.format:
        rows = rows.filter(format=wanted.format)
    if wanted.state == LATE:
        rows = rows.filter(is_late(membership.organization.today))
    elif wanted.state:
        rows = rows.filter(state=wanted.state)
    shown = rows.select_related("touch_point__phase__journey", "owner__user")
    return shown.order_by(F("day").asc(nulls_last=True), "pk")


def is_late(today: date) -> Q:
    return Q(publish_on__lt=today) & ~Q(state=ContentState.DONE)


def month_of(membership: Membership, wanted: Wanted, *, language: str) -> list[list[Day]]:
    """The weeks of the month, Monday first, with the content of each day and the holidays."""
    organization = membership.organization
    off = days_off_of(organization)
    weeks = calendar.Calendar(firstweekday=0).monthdatescalendar(wanted.month.year, wanted.month.month)
    first, last = weeks[0][0], weeks[-1][-1]
    by_day: dict[date, list[Content]] = defaultdict(list)
    for row in contents_wanted(membership, wanted).filter(day__range=(first, last)):
        by_day[row.day].append(marked(row, organization.today))  # type: ignore[attr-defined]
    return [
        [Day(day, day.month == wanted.month.month, off.name_of(day, language), by_day.get(day, [])) for day in week]
        for week in weeks
    ]


def undated(membership: Membership, wanted: Wanted) -> list[Content]:
    """What has no day yet, the newest first."""
    rows = contents_wanted(membership, wanted).filter(day=None).order_by("-pk")[:MOST_UNDATED]
    return [marked(row, membership.organization.today) for row in rows]


def marked(row: Content, today: date) -> Content:
    """The content with its number (3-1) and whether its day has passed."""
    row.label = f"{row.touch_point.number}-{row.number}"  # type: ignore[attr-defined]
    row.is_late = row.state != ContentState.DONE and row.publish_on is not None and row.publish_on < today  # type: ignore[attr-defined]
    return row


def due_of(person: Membership, first: date, last: date) -> QuerySet[Content]:
    """One's own content that is to be published between two days."""
    rows = Content.objects.visible_to(person).filter(owner=person.pk, publish_on__range=(first, last))
    return rows.exclude(state=ContentState.DONE).order_by("publish_on", "pk")


def last_day(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
