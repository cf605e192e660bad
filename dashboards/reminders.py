"""Who is to be reminded or told of the week now. What finds them runs every minute and mostly asks one question."""

from __future__ import annotations

import logging
from collections import defaultdict
from datetime import datetime, time, timedelta

from django.db.models import Q

from objectives.reminders import organizations_owing, remind_rooms, remind_to_check_in
from people import clock
from people.formulas.rhythm import Rhythm, week_name
from people.models import Channel, Delivery, Heartbeat, Membership, Organization, Role, Topic
from people.outbox import TAKES_MESSAGES, preference_of, rooms_for, tell_people, tell_rooms
from people.queries import days_off_of

logger = logging.getLogger(__name__)

# Everybody's moment is a full hour of their zone, and zones lie whole quarters of an hour apart.
QUARTER = 15 * 60
NAME = "reminders"
# After that a digest of the week tells of another one than it would have.
LONGEST_WAIT = timedelta(days=2)


def remind() -> int:
    """Have told who is due: reminders of check-ins, and digests; how many people.

    Nothing can have become due within the same quarter of an hour as the last round, so that a minute in it costs one
    query. Two rounds at once tell nobody twice: each message has an occasion of its own. Where an organization fails,
    the next minute tries again.
    """
    now = clock.now()
    last = Heartbeat.objects.filter(name=NAME).values_list("at", flat=True).first()
    if last is not None and quarter_of(last) == quarter_of(now):
        return 0
    told, failed = 0, False
    waiting, owing = digests_waiting(now), list(organizations_owing())
    for act, organizations in (
        (remind_to_check_in, owing),
        (remind_rooms, owing),
        (lambda one: send_digests(one, waiting[one]), list(waiting)),
    ):
        for organization in organizations:
            try:
                told += act(organization)
            except Exception:  # one organization's trouble is not the others'; the next minute tries again
                logger.exception("Organization %s could not be reminded.", organization.pk)
                failed = True
    if not failed:
        # The moment at which the round began: what became due while it lasted is the next one's.
        Heartbeat.objects.update_or_create(name=NAME, defaults={"at": now})
    return told


def quarter_of(moment: datetime) -> int:
    return int(moment.timestamp()) // QUARTER


def digests_waiting(now: datetime) -> dict[Organization, list[Membership | Channel]]:
    """By organization, who and which channels want the digest and have none of this ISO week yet."""
    wanted = Q(reminder_preference__digest=True)
    by_role = Q(role__in=[Role.ADMIN, Role.EXECUTIVE], reminder_preference__digest=None)
    people = (
        Membership.objects.colleagues()
        .filter(wanted | by_role, TAKES_MESSAGES, organization__setup_step="")
        .select_related("organization", "reminder_preference", "user")
    )
    lately = Delivery.objects.filter(topic=Topic.DIGEST, created_at__gt=now - timedelta(days=9))
    told: set[tuple[int | None, int | None, str]] = set(lately.values_list("membership", "channel", "occasion"))
    waiting: dict[Organization, list[Membership | Channel]] = defaultdict(list)
    for person in people:
        if (person.pk, None, digest_occasion(person.organization)) not in told:
            waiting[person.organization].append(person)
    for room in rooms_for(Topic.DIGEST).filter(organization__setup_step="").select_related("organization"):
        if (None, room.pk, digest_occasion(room.organization)) not in told:
            waiting[room.organization].append(room)
    return waiting


def digest_occasion(organization: Organization) -> str:
    return f"digest:{week_name(organization.today)}"


def send_digests(organization: Organization, waiting: list[Membership | Channel]) -> int:
    """Have the digest sent to those of them whose weekday and hour have come; how many they are.

    Channels get it when people do who chose nothing: on Monday at eight. A weekday on which nobody works moves as due
    days do; a week in which nobody works has no digest, nor has one in which nothing ran for two days after its moment.
    """
    company = Rhythm(weekday=organization.check_in_weekday, days_off=days_off_of(organization))
    now, today = clock.now(), organization.today
    due: list[Membership | Channel] = []
    for one in waiting:
        preference = preference_of(one) if isinstance(one, Membership) else None
        weekday, hour = (preference.digest_weekday, preference.digest_hour) if preference else (0, 8)
        day = company.working_day(today, weekday)
        if day is None:
            continue
        moment = datetime.combine(day, time(hour), tzinfo=organization.zone)
        if moment <= now <= moment + LONGEST_WAIT:
            due.append(one)
    occasion = digest_occasion(organization)
    tell_people([one for one in due if isinstance(one, Membership)], Topic.DIGEST, occasion=occasion)
    tell_rooms([one for one in due if isinstance(one, Channel)], Topic.DIGEST, occasion=occasion)
    return len(due)
