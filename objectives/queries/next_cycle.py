"""Which cycle comes next, and what is there to be begun before it does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from objectives.formulas.calendar import Suggestion, next_quarter, next_year
from objectives.models import Cycle
from people.models import Membership, Role

AHEAD = timedelta(weeks=2)
LONGEST_QUARTER = timedelta(days=130)
PREPARING = {Role.ADMIN, Role.EXECUTIVE, Role.MANAGER}
"""Who opens the next cycle, as its calendar has it, for all to draft in."""


@dataclass(frozen=True)
class NextCycle:
    """The cycle after the running one; `cycle` is None while nobody has opened it for drafting."""

    name: str
    start: date
    end: date
    days_left: int
    cycle: Cycle | None = None


def is_long(cycle: Cycle) -> bool:
    """Whether it is a half-year or a year, beside which quarters run."""
    return cycle.end - cycle.start > LONGEST_QUARTER


def cycle_before(cycle: Cycle) -> Cycle | None:
    """The cycle of about the same length that ended, or ends, last before this one begins to count."""
    rows = Cycle.objects.filter(organization=cycle.organization_id, start__lt=cycle.start, end__lt=cycle.end)
    same = [row for row in rows if is_long(row) == is_long(cycle)]
    return max(same, key=lambda row: (row.end, row.start), default=None)


def suggested_after(running: Cycle, cycles: list[Cycle], today: date, first_month: int) -> Suggestion:
    """The cycle to follow the running one by the organization's calendar."""
    names = {cycle.name for cycle in cycles}
    if is_long(running):
        return next_year(names, max(today, running.end), first_month)
    return next_quarter([cycle.span for cycle in cycles], names, today, first_month)


def next_to_open(membership: Membership) -> NextCycle | None:
    """The cycle to follow the running one, where none does; None for those who do not prepare cycles."""
    if membership.role not in PREPARING:
        return None
    organization = membership.organization
    cycles = list(Cycle.objects.visible_to(membership))
    running = Cycle.objects.visible_to(membership).current_on(organization.today)
    if running is None or running.is_closed or any(follows(cycle, running) for cycle in cycles):
        return None
    suggested = suggested_after(running, cycles, organization.today, organization.fiscal_year_start)
    if suggested.end < organization.today:
        return None
    return NextCycle(suggested.name, suggested.start, suggested.end, (suggested.start - organization.today).days)


def next_cycle_of(membership: Membership) -> NextCycle | None:
    """What those who prepare cycles are told from two weeks ahead: the one to open, or the opened one to draft in."""
    if membership.role not in PREPARING:
        return None
    today = membership.organization.today
    opened = (
        Cycle.objects.visible_to(membership)
        .filter(start__gt=today, start__lte=today + AHEAD, state="draft")
        .order_by("start", "end")
        .first()
    )
    if opened is not None:
        return NextCycle(opened.name, opened.start, opened.end, (opened.start - today).days, opened)
    following = next_to_open(membership)
    return following if following is not None and following.days_left <= AHEAD.days else None


def follows(cycle: Cycle, running: Cycle) -> bool:
    return cycle.end > running.end and cycle.start > running.start and is_long(cycle) == is_long(running)
