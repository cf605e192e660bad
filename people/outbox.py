"""What is to be sent to people and to channels: recorded with its cause, sent by the worker.

A row of `Delivery`, unique by its occasion, stands for each message, so that however many workers and beats find the
same reason one message goes. Whoever sends holds the row; it is marked after the other side took the message. A worker
that is killed between the two leaves a message that goes a second time: it carries the id of the first.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from people import clock
from people.channels import post_to
from people.channels.mail import send_mail, write_mail
from people.channels.message import Message
from people.failures import Failure
from people.letters import LONGEST_ROUND
from people.links import address, unsubscribe_link
from people.models import Channel, Delivery, Membership, Organization, ReminderPreference, Team, Topic
from people.models.channels import ChannelQuerySet
from people.posts import Post
from people.waking import SEND_MESSAGES, announce

logger = logging.getLogger(__name__)

Writer = Callable[[Delivery], Post | None]

# How long to wait after each try that failed; the last one holds from then on, until the tries are used up: in all
# about three days.
PAUSES = [
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
]
MOST_TRIES = 11
# Where a channel is set up wrongly, trying sooner helps nobody.
LONG_PAUSE = timedelta(hours=1)
# After so many failures somebody's own channel is given up for a message, and it goes by mail.
TRIES_BEFORE_MAIL = 3
# What could not be tried for as long is no news any more.
TOO_LATE = timedelta(days=3)
# A channel that was retired by mistake comes back with what waits for it.
UNDO_ENDS = timedelta(hours=1)
# Topics that somebody may do without.
OF_REMINDERS = (Topic.REMINDER, Topic.NUDGE)
OPTIONAL = (*OF_REMINDERS, Topic.DIGEST)
# Of memberships: whom an optional message may reach at all; `wants` says it for each.
TAKES_MESSAGES = Q(user__is_reminded=True) | Q(reminder_preference__channel__isnull=False)


# Telling


def tell_people(
    people: Iterable[Membership],
    topic: str,
    *,
    occasion: str,
    about: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> None:
    """Have a message sent to each of these people in their own way, once for each occasion, not before `at`.

    Who wants none of the topic gets none. `about` is what the topic's writer needs to write it: numbers of rows and
    plain texts.
    """
    wanted = willing(people, topic)
    rows = [
        Delivery(
            organization_id=person.organization_id,
            membership=person,
            topic=topic,
            occasion=occasion,
            about=dict(about or {}),
            try_at=at or clock.now(),
        )
        for person in wanted
    ]
    tell(rows)


def tell_channels(
    organization: Organization,
    topic: str,
    *,
    occasion: str,
    about: Mapping[str, Any] | None = None,
    teams: Iterable[Team] = (),
) -> None:
    """Have a message sent to the company's channels and those of these teams that take the topic, once for each."""
    places = rooms_for(topic).filter(organization=organization)
    tell_rooms(
        places.filter(Q(team=None) | Q(team__in=[team.pk for team in teams])), topic, occasion=occasion, about=about
    )


def rooms_for(topic: str) -> ChannelQuerySet:
    """The channels of companies and teams that take the topic now."""
    return Channel.objects.at_work().filter(membership=None, topics__contains=[topic])


def tell_rooms(rooms: Iterable[Channel], topic: str, *, occasion: str, about: Mapping[str, Any] | None = None) -> None:
    """Have a message sent to each of these channels, once for each occasion."""
    tell(
        [
            Delivery(
                organization_id=room.organization_id,
                channel=room,
                topic=topic,
                occasion=occasion,
                about=dict(about or {}),
            )
            for room in rooms
        ]
    )


def tell(rows: list[Delivery]) -> None:
    if not rows:
        return
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    if any(row.try_at <= clock.now() for row in rows):
        announce(SEND_MESSAGES)


def cancel(organization: Organization, *, occasion: str, people: Iterable[Membership] | None = None) -> int:
    """Send no more what has not gone yet of an occasion, to these people or to anybody; how many messages.

    A message that is being sent at this moment is waited for.
    """
    rows = Delivery.objects.unsettled().filter(organization=organization, occasion=occasion)
    if people is not None:
        rows = rows.filter(membership__in=[person.pk for person in people])
    return rows.update(cancelled_at=clock.now())


def willing(people: Iterable[Membership], topic: str) -> list[Membership]:
    """Those of them whom a message of the topic may reach."""
    numbers = [person.pk for person in people]
    rows = Membership.objects.active().filter(pk__in=numbers).select_related("user", "reminder_preference__channel")
    return [person for person in rows if wants(person, topic)]


def wants(person: Membership, topic: str) -> bool:
    """Whether somebody takes messages of a topic, in the way that is theirs at present."""
    preference = preference_of(person)
    if preference and topic in OF_REMINDERS and not preference.is_on:
        return False
    if preference and topic == Topic.DIGEST and preference.digest is False:
        return False
    return takes_mail(person, topic) or own_channel(person) is not None


def takes_mail(person: Membership, topic: str) -> bool:
    return topic not in OPTIONAL or person.user.is_reminded


def preference_of(person: Membership) -> ReminderPreference | None:
    try:
        return person.reminder_preference
    except ReminderPreference.DoesNotExist:
        return None


def own_channel(person: Membership) -> Channel | None:
    """The channel somebody chose instead of mail, if it is theirs and at work."""
    preference = preference_of(person)
    channel = preference.channel if preference else None
    if channel is None or channel.membership_id != person.pk or not channel.is_on or channel.retired_at is not None:
        return None
    return channel


# Sending


@dataclass(frozen=True)
class Way:
    """Where a message goes: by a channel, or by mail to an address; in which language."""

    channel: Channel | None
    address: str
    language: str
    unsubscribe: str = ""

    @property
    def key(self) -> str:
        return f"channel:{self.channel.pk}" if self.channel else "mail"


@dataclass
class Round:
    """One worker's round: the writers, the connection to the mail server, and the ways that failed meanwhile."""

    writers: Mapping[str, Writer]
    connection: BaseEmailBackend = field(default_factory=get_connection)
    broken: dict[str, Failure] = field(default_factory=dict)


def send_due(writers: Mapping[str, Writer]) -> int:
    """Send what is due, each message once, however many do this at the same time; how many went.

    It ends when nothing is due or the round has lasted. Each message is sent and marked in a transaction of its own:
    when this is ended in the middle, only the one in hand may go twice.
    """
    here = Round(writers)
    began, sent = time.monotonic(), 0
    cancel_needless()
    try:
        while time.monotonic() - began < LONGEST_ROUND:
            went = send_next(here)
            if went is None:
                break
            sent += went
    finally:
        with suppress(OSError, SMTPException):
            here.connection.close()
    return sent


def cancel_needless() -> None:
    """Let go of what waits for people who left, and for channels that are gone for good."""
    gone = Q(membership__left_on__isnull=False) | Q(membership__user__is_active=False)
    gone |= Q(channel__retired_at__lte=clock.now() - UNDO_ENDS)
    rows = Delivery.objects.unsettled().filter(gone).select_for_update(skip_locked=True, of=("self",))
    with transaction.atomic():
        numbers = list(rows.values_list("pk", flat=True)[:1000])
        if numbers:
            Delivery.objects.filter(pk__in=numbers).update(cancelled_at=clock.now())


@transaction.atomic
def send_next(here: Round) -> bool | None:
    """Send one message that is due and that nobody else is sending; None when there is none."""
    rows = Delivery.objects.due().order_by("try_at", "id")
    rows = rows.select_related(
        "organization",
        "membership__user",
        "membership__reminder_preference__channel",
        "channel__membership__user",
    )
    delivery = rows.select_for_update(skip_locked=True, of=("self",)).first()
    if delivery is None:
        return None
    try:
        went = send(delivery, here)
    except Failure as failure:
        note_failure(delivery, failure)
        return False
    if went:
        delivery.sent_at, delivery.failure = clock.now(), ""
    else:
        delivery.cancelled_at = clock.now()
    delivery.save(update_fields=["sent_at", "cancelled_at", "failure"])
    return went


def send(delivery: Delivery, here: Round) -> bool:
    """Write the message and send it; False where nothing is left to say. Raises `Failure`."""
    way = way_of(delivery)
    if way is None:
        return False
    if delivery.try_at < clock.now() - TOO_LATE:
        raise Failure("too_late", is_final=True, is_of_way=False)
    if way.key in here.broken:
        raise here.broken[way.key]
    with translation.override(way.language), timezone.override(delivery.organization.zone):
        post = write(delivery, here.writers)
        if post is None:
            return False
        try:
            carry(way, message_of(delivery, post), here)
        except Failure as failure:
            if failure.is_of_way:
                here.broken[way.key] = failure
            raise
    return True


def way_of(delivery: Delivery) -> Way | None:
    """How a message travels now: by the channel it is meant for, or in the person's own way; None: not any more."""
    channel, person = delivery.channel, delivery.membership
    if channel is not None:
        owner = channel.membership
        if owner is not None and (owner.left_on is not None or not owner.user.is_active):
            return None
        return Way(channel, "", channel.language or (owner.user.language if owner else "") or settings.LANGUAGE_CODE)
    if person is None or not wants(person, delivery.topic):
        return None
    language = person.user.language or settings.LANGUAGE_CODE
    channel = own_channel(person)
    if channel is not None and (delivery.tries < TRIES_BEFORE_MAIL or not takes_mail(person, delivery.topic)):
        return Way(channel, "", channel.language or language)
    off = unsubscribe_link(person.pk, delivery.topic) if delivery.topic in OPTIONAL else ""
    return Way(None, person.user.email, language, off)


def write(delivery: Delivery, writers: Mapping[str, Writer]) -> Post | None:
    writer = write_trial if delivery.topic == Topic.TEST else writers.get(delivery.topic)
    if writer is None:
        raise Failure("unwritten", is_of_way=False)
    try:
        with transaction.atomic():
            return writer(delivery)
    except Exception as reason:  # whatever is wrong with this one, those behind it must not wait for it
        logger.exception("Message %s could not be written.", delivery.pk)
        raise Failure("unwritten", is_of_way=False) from reason


def write_trial(delivery: Delivery) -> Post:
    """What a trial says: that it works."""
    channel = delivery.channel
    return Post(
        subject=_("A trial message from okrplanner"),
        paragraphs=(
            _("This channel works: messages of %(organization)s arrive here.")
            % {"organization": delivery.organization.name},
        ),
        link=address("channels", delivery.organization.slug),
        link_label=_("Look at the channels"),
        footer=_("Sent because somebody asked for a trial of “%(channel)s”.")
        % {"channel": channel.name if channel else ""},
    )


def message_of(delivery: Delivery, post: Post) -> Message:
    # The second belongs to it: where a database begins anew, its numbers do.
    return Message(
        id=f"msg_{delivery.pk}_{int(delivery.created_at.timestamp())}",
        topic=delivery.topic,
        organization=delivery.organization.name,
        slug=delivery.organization.slug,
        at=clock.now(),
        post=post,
    )


def carry(way: Way, message: Message, here: Round) -> None:
    """Hand the message over. Raises `Failure`."""
    if way.channel is not None:
        carry_to_channel(way.channel, message)
        return
    try:
        send_mail(here.connection, write_mail(message, to=way.address, unsubscribe=way.unsubscribe))
    except Failure:
        with suppress(OSError, SMTPException):
            here.connection.close()
        raise


def carry_to_channel(channel: Channel, message: Message) -> None:
    """Post it, and keep on the channel how that went: settings show it."""
    row = Channel.objects.filter(pk=channel.pk)
    try:
        post_to(channel, message)
    except Failure as failure:
        row.update(failing_since=Coalesce("failing_since", clock.now()), failure=failure.kept)
        raise
    row.update(last_sent_at=clock.now(), failing_since=None, failure="")


def note_failure(delivery: Delivery, failure: Failure) -> None:
    """Keep what went wrong, and when to try again; after the last try never. A trial is tried once."""
    logger.warning("Message %s did not go: %s.", delivery.pk, failure.code)
    is_busy = failure.code == "busy"
    delivery.failure = failure.kept
    delivery.tries = min(delivery.tries + (not is_busy), 1000)
    # Not all at the same moment: what failed together would otherwise come back together.
    delivery.try_at = clock.now() + pause_after(delivery.tries, failure) * random.uniform(1, 1.2)  # noqa: S311
    is_last = delivery.tries >= MOST_TRIES or failure.code == "too_late" or delivery.topic == Topic.TEST
    if is_last or (is_busy and delivery.created_at < clock.now() - TOO_LATE):
        delivery.given_up_at = clock.now()
    delivery.save(update_fields=["tries", "failure", "try_at", "given_up_at"])


def pause_after(tries: int, failure: Failure) -> timedelta:
    """How long to wait after so many failures."""
    asked = timedelta(seconds=failure.pause or 0)
    if failure.code == "busy":
        return asked
    pause = PAUSES[min(max(tries, 1), len(PAUSES)) - 1]
    return max(pause, asked, LONG_PAUSE if failure.is_final else pause)
