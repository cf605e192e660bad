"""One person's week: what they owe, what they have said, where their teams stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from objectives.models import CheckIn, Cycle, KeyResult, Objective
from objectives.queries.bars import key_result_bar, monday_of, with_heading, zone_counts
from people.models import Membership, Team

SECONDS_A_CHECK_IN = 20
MOST_STEPS_SHOWN = 12


@dataclass(frozen=True)
class Week:
    """What the page of the week shows besides the form itself."""

    monday: date
    owed: list[KeyResult]
    done: list[CheckIn]
    chosen: KeyResult | None
    has_key_results: bool

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    @property
    def waiting(self) -> list[KeyResult]:
        """What is owed besides the one on the sheet."""
        return [row for row in self.owed if self.chosen is None or row.pk != self.chosen.pk]

    @property
    def number(self) -> int:
        """The place of the one on the sheet among those owed."""
        return next((index for index, row in enumerate(self.owed, 1) if row == self.chosen), 0)

    @property
    def following(self) -> KeyResult | None:
        """The one after the one on the sheet; after the last comes the first."""
        return self.owed[self.number % len(self.owed)] if len(self.owed) > 1 else None

    @property
    def total(self) -> int:
        return len(self.owed) + len(self.done)

    @property
    def minutes_left(self) -> int:
        return max(1, round(len(self.owed) * SECONDS_A_CHECK_IN / 60))

    @property
    def steps(self) -> list[str]:
        """One mark for each check-in of the week, none where they would be too many to be seen."""
        if self.total > MOST_STEPS_SHOWN:
            return []
        now = ["now"] if self.owed else []
        return ["done"] * len(self.done) + now + ["open"] * (len(self.owed) - len(now))


def week_of(membership: Membership, *, chosen: int | None = None) -> Week:
    """The person's week; `chosen` is the key result to be opened, else the one owed longest."""
    today = membership.organization.today
    monday = monday_of(today)
    owed = list(
        KeyResult.objects.owed_by(membership)
        .select_related("objective__cycle", "scored")
        .prefetch_related("steps")
        .order_by("scored__due_on", "objective__position", "objective_id", "position", "pk")
    )
    for key_result in owed:
        key_result.bar = key_result_bar(key_result, membership.organization, today)  # type: ignore[attr-defined]
        key_result.days_late = (today - key_result.scored.due_on).days  # type: ignore[attr-defined]
    done = said_since(membership, monday, {row.pk for row in owed})
    opened = next((row for row in owed if row.pk == chosen), owed[0] if owed else None)
    return Week(
        monday=monday,
        owed=owed,
        done=done,
        chosen=opened,
        has_key_results=bool(owed or done) or KeyResult.objects.reported_by(membership).exists(),
    )


def said_since(membership: Membership, monday: date, still_owed: set[int]) -> list[CheckIn]:
    """The latest check-in of this week on each key result the person owns or spoke for, newest first."""
    mine = (
        Q(author=membership.pk)
        | Q(key_result__owner=membership.pk)
        | Q(key_result__owner=None, key_result__objective__owner=membership.pk)
    )
    rows = (
        CheckIn.objects.visible_to(membership)
        .counted()
        .filter(mine, date__range=(monday, monday + timedelta(days=6)))
        .exclude(key_result__in=still_owed)
        .select_related("key_result__objective__cycle", "key_result__scored", "author__user")
        .order_by("key_result_id", "-date", "-created_at", "-id")
        .distinct("key_result_id")
    )
    today = membership.organization.today
    said = sorted(rows, key=lambda row: row.created_at, reverse=True)
    for row in said:
        row.key_result.bar = key_result_bar(row.key_result, membership.organization, today)  # type: ignore[attr-defined]
        row.is_open = row.key_result.objective.is_open  # type: ignore[attr-defined]
    return said


@dataclass(frozen=True)
class BandCount:
    """How many objectives are heading below, into and above the band; `team` None means everybody."""

    team: Team | None
    below: int
    inside: int
    above: int
    silent: int


def band_counts(membership: Membership, cycle: Cycle) -> list[BandCount]:
    """The company and the person's own teams: where their active objectives of the cycle are heading.

    To partners only all that is shared with them: of a team they know a few goals, and not how it stands.
    """
    organization = membership.organization
    rows = (
        with_heading(Objective.objects.visible_to(membership).in_cycle(cycle).open(), organization)
        .order_by()
        .values("team_id")
        .annotate(**zone_counts(organization))
    )
    by_team: dict[int, dict[str, Any]] = {row["team_id"]: dict(row) for row in rows}

    def count(team: Team | None) -> BandCount:
        chosen = [row for pk, row in by_team.items() if team is None or pk == team.pk]
        silent, below, above, total = (
            sum(row[name] for row in chosen) for name in ("silent", "below", "above", "total")
        )
        return BandCount(team, below, total - silent - below - above, above, silent)

    own = [team for team in membership.teams.all() if not team.is_company and team.pk in by_team]
    if membership.is_partner:
        own = []
    return [count(None), *(count(team) for team in own)] if by_team else []
