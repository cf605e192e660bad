"""What stands in one person's calendar: check-in days, meetings, reviews, cycles, days off and their content."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Literal

from objectives.formulas.rhythm import review_days
from objectives.models import Cycle, KeyResult
from objectives.queries.contents import due_of
from objectives.queries.rounds import rounds_of
from people.formulas.rhythm import DAY, Rhythm, monday_of
from people.models import DayOff, Membership, Team
from people.queries import decisions_of, rhythms_of

AHEAD, BACK = timedelta(days=183), timedelta(days=60)


@dataclass(frozen=True)
class Entry:
    """One entry: on whole days from `first` to `last`, or at a time every week without the days in `left_out`.

    `about` names what it is of, so that it stays the same entry however often a calendar reads it.
    """

    kind: Literal["check_in", "meeting", "review", "begins", "ends", "day_off", "content"]
    about: str
    first: date
    last: date
    name: str = ""
    titles: tuple[str, ...] = ()
    key_result: int | None = None
    content: int | None = None
    at: time | None = None
    minutes: int | None = None
    left_out: tuple[date, ...] = ()


def entries_of(person: Membership) -> list[Entry]:
    """All of it, half a year ahead; a partner's calendar holds what is shared with them and nothing else."""
    today = person.organization.today
    rhythms = rhythms_of(person.organization)
    cycles = [
        cycle
        for cycle in Cycle.objects.visible_to(person)
        if cycle.end >= today - BACK and cycle.start <= today + AHEAD
    ]
    teams = list(Team.objects.visible_to(person).open().filter(pk__in=person.team_ids).order_by("position", "pk"))
    return [
        *check_in_days(person, today),
        *meetings(person, teams, rhythms, today),
        *reviews(teams, rhythms, cycles),
        *ends_of_cycles(cycles),
        *days_off(person, today),
        *contents(person, today),
    ]


def check_in_days(person: Membership, today: date) -> Iterator[Entry]:
    """A day for each on which check-ins of theirs are due and not yet made, from this week on."""
    rows = KeyResult.objects.reported_by(person)
    owned = list(rows.select_related("objective__cycle").order_by("objective__position", "position", "pk"))
    days: dict[date, list[KeyResult]] = defaultdict(list)
    told = rounds_of(owned, person.organization)
    for row in owned:
        for one in told.get(row.pk, ()):
            due = one.round.due
            if due is not None and one.state in ("open", "ahead") and monday_of(today) <= due <= today + AHEAD:
                days[due].append(row)
    for day, due_rows in sorted(days.items()):
        titles = tuple(row.title for row in due_rows)
        yield Entry("check_in", f"check-in-{person.pk}-{day}", day, day, titles=titles, key_result=due_rows[0].pk)


def meetings(person: Membership, teams: list[Team], rhythms: dict[int, Rhythm], today: date) -> Iterator[Entry]:
    """The weekly meeting of each team of theirs; one taken over from a team above stands there once.

    Counted from the beginning of the year, so that it stays the same series while the year lasts.
    """
    decisions = decisions_of(person.organization)
    deciding = {decisions[team.pk]["meeting_weekday"].team for team in teams if "meeting_weekday" in decisions[team.pk]}
    names = dict(Team.objects.filter(pk__in=deciding).values_list("pk", "name"))
    seen: set[int] = set()
    for team in teams:
        decision, rhythm = decisions[team.pk].get("meeting_weekday"), rhythms[team.pk]
        if decision is None or decision.team in seen:
            continue
        seen.add(decision.team)
        mondays = [monday_of(date(today.year, 1, 4)) + number * 7 * DAY for number in range(53 + 27)]
        held = [day for day in map(rhythm.meeting_day, mondays) if day is not None]
        if not held:
            continue
        every = (monday + rhythm.meeting_weekday * DAY for monday in mondays)  # type: ignore[operator]
        off = tuple(day for day in every if day > held[0] and day in rhythm.days_off)
        yield Entry(
            "meeting",
            f"meeting-{decision.team}",
            held[0],
            held[0],
            name=team.name if person.is_partner else names[decision.team],
            at=rhythm.meeting_time,
            minutes=rhythm.meeting_minutes,
            left_out=off,
        )


def reviews(teams: list[Team], rhythms: dict[int, Rhythm], cycles: list[Cycle]) -> Iterator[Entry]:
    """The days on which a team looks at its OKRs as a whole; in years that hold quarters the quarters' alone."""
    running = [cycle for cycle in cycles if not cycle.is_closed and (cycle.end - cycle.start).days < 200]
    for team in teams:
        for day in sorted({day for cycle in running for day in review_days(cycle.span, rhythms[team.pk])}):
            yield Entry("review", f"review-{team.pk}-{day}", day, day, name=team.name)


def ends_of_cycles(cycles: list[Cycle]) -> Iterator[Entry]:
    for cycle in cycles:
        yield Entry("begins", f"cycle-{cycle.pk}-begins", cycle.start, cycle.start, name=cycle.name)
        yield Entry("ends", f"cycle-{cycle.pk}-ends", cycle.end, cycle.end, name=cycle.name)


def days_off(person: Membership, today: date) -> Iterator[Entry]:
    for row in DayOff.objects.visible_to(person).filter(last__gte=today - BACK, first__lte=today + AHEAD):
        yield Entry("day_off", f"day-off-{row.pk}", row.first, row.last, name=row.name)


def contents(person: Membership, today: date) -> Iterator[Entry]:
    """The days on which their content is to be published, until it is."""
    for row in due_of(person, today - BACK, today + AHEAD):
        day: date = row.publish_on  # type: ignore[assignment]
        yield Entry("content", f"content-{row.pk}", day, day, name=row.title, content=row.pk)
