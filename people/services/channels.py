"""Channels: where messages go besides mail, who may set that up, and what becomes of a message that did not go.

Looking up an address takes a moment and holds no lock; the rows are held only afterwards. A worker that is sending
holds its message and then the channel, so whoever holds a channel takes its messages without waiting for one.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from people import clock
from people.calling import BadAddress, check_address
from people.channels.webhook import make_secret
from people.channels.wording import ADDRESSES
from people.models import Channel, ChannelKind, Delivery, Membership, Team, Topic
from people.models.channels import every_topic
from people.refusals import Refusal, stale
from people.tasks import wake_messages

MOST_CHANNELS = 100
# What people copy from the browser's address bar of a room, and the number itself.
ROOM = re.compile(r"(?:.*rid)?(\d{1,20})\Z", re.DOTALL)
# Whoever pastes the address of another service is told so, before the messages fail.
KNOWN_HOSTS = {
    ChannelKind.SLACK: ("hooks.slack.com",),
    ChannelKind.TEAMS: (".logic.azure.com", ".webhook.office.com", ".powerplatform.com"),
    ChannelKind.LINE_WORKS: ("webhook.worksmobile.com",),
}


@dataclass(frozen=True)
class Setup:
    """What somebody typed of a channel; an empty address or token of one that exists stays as it is."""

    name: str
    address: str = ""
    token: str = ""
    room: str = ""
    topics: Sequence[str] = ()
    language: str = ""


def may_manage(membership: Membership, team: Team | None) -> bool:
    """Whether somebody may set up channels of a team, or of the company."""
    if membership.is_admin:
        return True
    return team is not None and membership.is_manager and Team.objects.led_by(membership).filter(pk=team.pk).exists()


def add_channel(
    membership: Membership,
    *,
    kind: str,
    setup: Setup,
    team: Team | None = None,
    is_own: bool = False,
    submission_key: uuid.UUID | None = None,
) -> tuple[Channel, str]:
    """Set a channel up: the company's, a team's, or with `is_own` the person's. Answers it with a webhook's secret.

    A `submission_key` used before answers the first channel and no secret. Raises `Refusal`: `not_yours`,
    `too_many_channels`, `missing`, and the codes of `BadAddress` at the field.
    """
    if membership.is_partner or not (is_own or may_manage(membership, team)):
        raise Refusal("not_yours", _("You may set up channels of your own, and of teams you lead."))
    judge(kind, setup, held=None)
    with transaction.atomic():
        Membership.objects.select_for_update(no_key=True).get(pk=membership.pk)
        first = Channel.objects.filter(submission_key=submission_key).first() if submission_key else None
        if first is not None and first.created_by_id == membership.pk:
            return first, ""
        if Channel.objects.filter(organization=membership.organization_id, retired_at=None).count() >= MOST_CHANNELS:
            sentence = _("There are %(most)s channels already. Retire one of them first.")
            raise Refusal("too_many_channels", sentence % {"most": MOST_CHANNELS})
        secret = make_secret() if kind == ChannelKind.WEBHOOK else ""
        channel = Channel(
            organization_id=membership.organization_id,
            team=None if is_own else team,
            membership=membership if is_own else None,
            kind=kind,
            created_by=membership,
            submission_key=uuid.uuid4() if first or not submission_key else submission_key,
        )
        fill(channel, setup)
        channel.token = secret or channel.token
        channel.full_clean(exclude=["organization", "address", "token"])
        channel.save()
    return channel, secret


def save_channel(channel: Channel, setup: Setup, *, expected_version: int | None = None) -> Channel:
    """Change a channel; one whose address, secret or room is new is tried again at once with what waits for it.

    Raises `Refusal`: `stale`, `missing`, and the codes of `BadAddress` at the field.
    """
    judge(channel.kind, setup, held=channel)
    with transaction.atomic():
        held = hold(channel)
        if expected_version is not None and held.version != expected_version:
            raise stale()
        before = (held.address, held.token, held.room)
        fill(held, setup)
        held.version += 1
        # Sealing the same again would look like a change in the history.
        changed = [name for name, was in zip(("address", "token"), before, strict=False) if getattr(held, name) != was]
        if (held.address, held.token, held.room) != before:
            held.failing_since, held.failure = None, ""
            try_waiting(held)
        held.full_clean(exclude=["organization", "address", "token"])
        names = ["name", "topics", "language", "room", "version", "failing_since", "failure"]
        held.save(update_fields=[*names, *changed])
    return held


def judge(kind: str, setup: Setup, *, held: Channel | None) -> None:
    """Refuse what cannot work: said beside its field, before anything is sent."""
    if kind == ChannelKind.CHATWORK:
        if not setup.token and not (held and held.token):
            raise Refusal.of_field("token", "missing", _("Put in the API token of Chatwork."))
        if not ROOM.match(setup.room.strip()):
            raise Refusal.of_field("room", "missing", _("Put in the number of the room: the digits behind “rid”."))
        return
    if not setup.address:
        if held is None or not held.address:
            raise Refusal.of_field("address", "missing", _("Put in the address to which messages are posted."))
        return
    try:
        check_address(setup.address)
    except BadAddress as reason:
        raise Refusal.of_field("address", str(reason), str(ADDRESSES[str(reason)])) from None
    for other, hosts in KNOWN_HOSTS.items():
        if kind != other and kind != ChannelKind.WEBHOOK and is_of(setup.address, hosts):
            sentence = _("This is an address of %(service)s. Choose that service instead.")
            raise Refusal.of_field("address", "other_service", sentence % {"service": ChannelKind(other).label})


def is_of(address: str, hosts: Sequence[str]) -> bool:
    host = address.partition("://")[2].partition("/")[0].partition(":")[0].lower()
    return any(host == one or (one[0] == "." and host.endswith(one)) for one in hosts)


def fill(channel: Channel, setup: Setup) -> None:
    channel.name = " ".join(setup.name.split())
    channel.topics = [topic for topic in every_topic() if topic in setup.topics]
    channel.language = setup.language
    if channel.kind == ChannelKind.CHATWORK:
        found = ROOM.match(setup.room.strip())
        channel.room = found[1] if found else ""
        channel.token = setup.token or channel.token
    else:
        channel.address = setup.address or channel.address


def hold(channel: Channel) -> Channel:
    return Channel.objects.select_for_update(no_key=True, of=("self",)).get(pk=channel.pk)


def try_waiting(channel: Channel) -> None:
    """Try what waits for the channel now; what is being sent at this moment is left alone."""
    rows = Delivery.objects.unsettled().filter(channel=channel).select_for_update(skip_locked=True, of=("self",))
    numbers = list(rows.values_list("pk", flat=True))
    if numbers:
        Delivery.objects.filter(pk__in=numbers, try_at__gt=clock.now()).update(try_at=clock.now())
        wake_messages()


@transaction.atomic
def switch_channel(channel: Channel, *, is_on: bool) -> Channel:
    """Pause a channel or let it work again. Twice is harmless."""
    held = hold(channel)
    if held.is_on != is_on:
        held.is_on, held.version = is_on, held.version + 1
        held.save(update_fields=["is_on", "version"])
        if is_on:
            wake_messages()
    return held


@transaction.atomic
def retire_channel(channel: Channel) -> Channel:
    """Send nothing there any more, and show it no longer. `restore_channel` undoes it."""
    held = hold(channel)
    if held.retired_at is None:
        held.retired_at, held.version = clock.now(), held.version + 1
        held.save(update_fields=["retired_at", "version"])
    return held


@transaction.atomic
def restore_channel(channel: Channel) -> Channel:
    held = hold(channel)
    if held.retired_at is not None:
        held.retired_at, held.version = None, held.version + 1
        held.save(update_fields=["retired_at", "version"])
        wake_messages()
    return held


@transaction.atomic
def renew_secret(channel: Channel) -> tuple[Channel, str]:
    """A new secret to sign with; the old one signs nothing from now on. Raises `Refusal` `no_webhook`."""
    held = hold(channel)
    if held.kind != ChannelKind.WEBHOOK:
        raise Refusal("no_webhook", _("Only a webhook is signed."))
    secret = make_secret()
    held.token, held.version = secret, held.version + 1
    held.save(update_fields=["token", "version"])
    return held, secret


@transaction.atomic
def send_trial(channel: Channel, *, key: str) -> Delivery:
    """Have a trial message sent; the same key again answers the same one. Raises `Refusal` `paused`."""
    held = hold(channel)
    if not held.is_on or held.retired_at is not None:
        raise Refusal("paused", _("Nothing is sent while the channel is paused. Let it work first."))
    trial, made = Delivery.objects.get_or_create(
        organization_id=held.organization_id,
        channel=held,
        membership=None,
        occasion=f"trial:{key}"[:80],
        defaults={"topic": Topic.TEST},
    )
    if made:
        wake_messages()
    return trial


@transaction.atomic
def try_again(delivery: Delivery) -> Delivery:
    """Try a message that failed once more, now. One that went meanwhile, or is going, is left alone."""
    held = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=delivery.pk).first()
    if held is None or held.sent_at is not None or held.cancelled_at is not None:
        return delivery
    held.try_at, held.given_up_at = clock.now(), None
    held.save(update_fields=["try_at", "given_up_at"])
    wake_messages()
    return held
