"""How a message travels: one module for each service, besides mail."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from people import calling
from people.calling import Answer, Call
from people.channels import chatwork, lineworks, slack, teams, webhook
from people.channels.message import Message, Place
from people.failures import Failure
from people.models import Channel, ChannelKind


class Service(NamedTuple):
    """`call_of` says what is posted; `check` raises `Failure` where the answer says that it was not taken."""

    call_of: Callable[[Place, Message], Call]
    check: Callable[[Answer], None]


SERVICES: dict[str, Service] = {
    ChannelKind.SLACK: Service(slack.call_of, slack.check),
    ChannelKind.TEAMS: Service(teams.call_of, teams.check),
    ChannelKind.CHATWORK: Service(chatwork.call_of, chatwork.check),
    ChannelKind.LINE_WORKS: Service(lineworks.call_of, lineworks.check),
    ChannelKind.WEBHOOK: Service(webhook.call_of, webhook.check),
}


def post_to(channel: Channel, message: Message) -> None:
    """Post a message to a channel. Raises `Failure`."""
    if not (channel.token if channel.kind == ChannelKind.CHATWORK else channel.address):
        raise Failure("no_secret", is_final=True)
    service = SERVICES[channel.kind]
    place = Place(channel.address, channel.token, channel.room)
    service.check(calling.post(service.call_of(place, message)))
