"""Who is to be reminded or told of the week now. What finds them runs every minute and mostly asks one question."""

from __future__ import annotations

import logging
from collections import defaultdict
from datetime import datetime, time, timedelta

from django.db.models import Q

from objectives.reminders import organizations_owing, remind_to_check_in
from people import clock
from people.formulas.rhythm import Rhythm, week_name
from people.models import Delivery, Heartbeat, Membership, Organization, Role, Topic
from people.outbox import TAKES_MESSAGES, preference_of, tell_people
from people.queries import days_off_of

logger = logging.getLogger(__name__)

# Everybody's moment is a full hour of their zone, and zones lie whole quarters of an hour apart.
QUARTER = 15 * 60
NAME = "reminders"


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
    waiting = digests_waiting(now)
    for act, organizations in (
        (remind_to_check_in, list(organizations_owing())),
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


def digests_waiting(now: datetime) -> dict[Organization, list[Membership]]:
    """By organization, who wants the digest and has none of this ISO week yet."""
    wanted = Q(reminder_preference__digest=True)
    by_role = Q(role__in=[Role.ADMIN, Role.EXECUTIVE], reminder_preference__digest=None)
    people = (
        Membership.objects.colleagues()
        .filter(wanted | by_role, TAKES_MESSAGES, organization__setup_step="")
        .select_related("organization", "reminder_preference", "user")
    )
    lately = Delivery.objects.filter(topic=Topic.DIGEST, created_at__gt=now - timedelta(days=9))
    told = set(lately.values_list("membership", "occasion"))
    waiting: dict[Organization, list[Membership]] = defaultdict(list)
    for person in people:
        if (person.pk, digest_occasion(person.organization)) not in told:
            waiting[person.organization].append(person)
    return waiting


def digest_occasion(organization: Organization) -> str:
    return f"digest:{week_name(organization.today)}"


def send_digests(organization: Organization, people: list[Membership]) -> int:
    """Have the digest sent to those of them whose weekday and hour have come; how many they are.

    A weekday on which nobody works moves as due days do; a week in which nobody works has no digest.
    """
    company = Rhythm(weekday=organization.check_in_weekday, days_off=days_off_of(organization))
    now, today = clock.now(), organization.today
    due = []
    for person in people:
        preference = preference_of(person)
        weekday, hour = (preference.digest_weekday, preference.digest_hour) if preference else (0, 8)
        day = company.working_day(today, weekday)
        if day is not None and datetime.combine(day, time(hour), tzinfo=organization.zone) <= now:
            due.append(person)
    tell_people(due, Topic.DIGEST, occasion=digest_occasion(organization))
    return len(due)
