"""Reminding those who plan that a cycle begins or ends soon, and those who report of what they owe."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from objectives.formulas.closing import AHEAD as ENDING
from objectives.formulas.closing import is_time_to_close
from objectives.models import Cycle, CycleState, KeyResult, Notice, NoticeKind, Objective, ObjectiveState
from objectives.queries.next_cycle import AHEAD, cycle_before
from objectives.queries.owed import day_owed, days_owed, owed_in, owed_of
from people import clock
from people.formulas.rhythm import Rhythm, monday_of, week_name
from people.models import Delivery, Membership, MembershipQuerySet, Organization, ReminderPreference, Role, Team, Topic
from people.outbox import TAKES_MESSAGES, preference_of, rooms_for, tell_people, tell_rooms
from people.queries import days_off_of, rhythms_of

DAY = timedelta(days=1)


def remind_to_draft() -> int:
    """Tell everybody who plans and has no draft yet, once per person and cycle, from two weeks ahead; how many.

    Each gets a line on their week and a mail. Two rounds at once tell nobody twice: the occasion is unique.
    """
    today = clock.now().date()
    # A day more at both ends: today is not the same everywhere.
    soon = Cycle.objects.filter(start__gte=today - DAY, start__lte=today + AHEAD + DAY, organization__setup_step="")
    told = 0
    for cycle in soon.exclude(state=CycleState.CLOSED).select_related("organization"):
        here = cycle.organization.today
        if here < cycle.start <= here + AHEAD:
            told += tell_to_draft(cycle)
    return told


def tell_to_draft(cycle: Cycle) -> int:
    occasion = f"draft-now:{cycle.pk}"
    waiting = without_draft(cycle).exclude(pk__in=Notice.objects.filter(occasion=occasion).values("membership"))
    notices = [
        Notice(membership=person, kind=NoticeKind.DRAFT_NOW, cycle=cycle, occasion=occasion, mail_due_at=clock.now())
        for person in waiting
    ]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    return len(notices)


def without_draft(cycle: Cycle) -> MembershipQuerySet:
    """Managers, and owners of what is being worked on in the cycle before, as far as they own nothing in this one."""
    before = cycle_before(cycle)
    running = Objective.objects.filter(cycle=before, dropped_at=None) if before else Objective.objects.none()
    drafting = Objective.objects.filter(cycle=cycle, dropped_at=None).values("owner")
    people = Membership.objects.filter(organization=cycle.organization_id).colleagues()
    return people.filter(Q(role=Role.MANAGER) | Q(pk__in=running.values("owner"))).exclude(pk__in=drafting)


def remind_to_close() -> int:
    """Tell owners of what still runs and the managers above them that their cycle ends, once per person and cycle, in
    its last two weeks; how many.

    Each gets a line on their week and a mail. Two rounds at once tell nobody twice: the occasion is unique.
    """
    today = clock.now().date()
    soon = Cycle.objects.filter(end__gte=today - DAY, end__lte=today + ENDING + DAY, organization__setup_step="")
    told = 0
    for cycle in soon.filter(state=CycleState.ACTIVE).select_related("organization"):
        here = cycle.organization.today
        if here <= cycle.end and is_time_to_close(cycle.end, here):
            told += tell_to_close(cycle)
    return told


def tell_to_close(cycle: Cycle) -> int:
    occasion = f"close-now:{cycle.pk}"
    waiting = closing_people(cycle).exclude(pk__in=Notice.objects.filter(occasion=occasion).values("membership"))
    notices = [
        Notice(
            membership=person,
            kind=NoticeKind.CLOSE_NOW,
            cycle=cycle,
            place=f"closing/?cycle={cycle.pk}",
            occasion=occasion,
            mail_due_at=clock.now(),
        )
        for person in waiting
    ]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    return len(notices)


def closing_people(cycle: Cycle) -> MembershipQuerySet:
    """Owners of what still runs in the cycle, objectives and key results, and managers in whose branch it runs."""
    running = Objective.objects.filter(cycle=cycle, dropped_at=None, state=ObjectiveState.ACTIVE)
    key_results = KeyResult.objects.filter(objective__in=running.values("pk"), dropped_at=None)
    parents = dict(Team.objects.filter(organization=cycle.organization_id).values_list("pk", "parent"))
    leading: set[int] = set()
    for team in set(running.order_by().values_list("team", flat=True)):
        above: int | None = team
        while above is not None and above not in leading:
            leading.add(above)
            above = parents[above]
    people = Membership.objects.filter(organization=cycle.organization_id).colleagues()
    owners = Q(pk__in=running.values("owner")) | Q(pk__in=key_results.values("owner"))
    managers = Membership.objects.filter(role=Role.MANAGER, teams__in=leading).values("pk")
    return people.filter(owners | Q(pk__in=managers))


def week_occasion(organization: Organization) -> str:
    """What names the one reminder of a person in this ISO week: `check-in:2026-W21`."""
    return f"check-in:{week_name(organization.today)}"


def organizations_owing() -> QuerySet[Organization]:
    """Those in which a check-in is due in this week or since earlier, wherever on earth they are."""
    # A week and a day on: the week ends at most so late, and today is not the same everywhere.
    soon = clock.now().date() + timedelta(days=8)
    owed = KeyResult.objects.open().filter(objective__organization=OuterRef("pk"), scored__due_on__lte=soon)
    return Organization.objects.filter(Exists(owed), setup_step="").order_by("pk")


def remind_to_check_in(organization: Organization) -> int:
    """Have everybody reminded once this ISO week whose moment has come, of all they owe; how many they are.

    Their moment is their own hour, at nine without a preference, of the first day of the week on which something of
    theirs is due, or of their own weekday; a weekday that is a day off moves as due days do. Who was not reminded in
    time because nothing ran is reminded now, if the week is not over.
    """
    # The moment before the rows: what was owed before a pause must not be held against the time after it.
    now = clock.now()
    occasion = week_occasion(organization)
    days = days_owed(organization, rhythms_of(organization), besides=occasion)
    if not days:
        return 0
    company = Rhythm(weekday=organization.check_in_weekday, days_off=days_off_of(organization))
    due = []
    for person in reminded_people(days):
        person.organization = organization
        moment = moment_to_remind(preference_of(person), days[person.pk], company, organization)
        if moment is not None and moment <= now and (not person.is_partner or owed_of(person).exists()):
            due.append(person)
    tell_people(due, Topic.REMINDER, occasion=occasion)
    return len(due)


def remind_rooms(organization: Organization) -> int:
    """Have each channel that takes reminders told once this ISO week of what its team, or the company, owes: at nine on
    the first day on which something is due there; how many they are."""
    now, occasion, monday = clock.now(), week_occasion(organization), monday_of(organization.today)
    told = Delivery.objects.filter(occasion=occasion, channel=OuterRef("pk"))
    rooms = list(rooms_for(Topic.REMINDER).filter(~Exists(told), organization=organization).select_related("team"))
    rhythms = rhythms_of(organization) if rooms else {}
    due = []
    for room in rooms:
        rows = owed_in(organization, room.team).order_by().values_list("objective__team_id", "scored__due_on")
        days = {day_owed(day, rhythms[team], monday) for team, day in rows.distinct()} - {None}
        if days and datetime.combine(min(filter(None, days)), time(9), tzinfo=organization.zone) <= now:
            due.append(room)
    tell_rooms(due, Topic.REMINDER, occasion=occasion)
    return len(due)


def reminded_people(numbers: Collection[int]) -> MembershipQuerySet:
    """Who of them takes reminders: by mail, or in a channel of their own, whatever they want of mails."""
    rows = Membership.objects.active().filter(TAKES_MESSAGES, pk__in=list(numbers))
    return rows.exclude(reminder_preference__is_on=False).select_related("user", "reminder_preference")


def moment_to_remind(
    preference: ReminderPreference | None, days: Collection[date], company: Rhythm, organization: Organization
) -> datetime | None:
    """When in this week somebody is reminded who owes something on these days; None where nobody works then."""
    day: date | None = min(days)
    if preference is not None and preference.weekday is not None:
        day = company.working_day(min(days), preference.weekday)
    hour = 9 if preference is None else preference.hour
    return None if day is None else datetime.combine(day, time(hour), tzinfo=organization.zone)
