"""What became of messages."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from people.channels.wording import in_words
from people.models import Channel, Delivery, Membership

LATEST = 20
STATES = ("failed", "waiting", "sent", "cancelled")


def told(delivery: Delivery) -> Delivery:
    """With its state in one word, and the reason of a failure as a sentence."""
    delivery.state = state_of(delivery)  # type: ignore[attr-defined]
    delivery.reason = in_words(delivery.failure)  # type: ignore[attr-defined]
    return delivery


def state_of(delivery: Delivery) -> str:
    """`sent`, `cancelled`, `given_up`, `failed` while it is tried again, or `waiting` where it was never tried."""
    if delivery.sent_at:
        return "sent"
    if delivery.cancelled_at:
        return "cancelled"
    if delivery.given_up_at:
        return "given_up"
    return "failed" if delivery.failure else "waiting"


def latest_of(channel: Channel) -> list[Delivery]:
    """The channel's last messages, newest first; of one's own channel also those that go to the person."""
    mine = Q(channel=channel)
    if channel.membership_id:
        mine |= Q(membership=channel.membership_id)
    return [told(row) for row in Delivery.objects.filter(mine).order_by("-id")[:LATEST]]


def in_state(rows: QuerySet[Delivery], state: str) -> QuerySet[Delivery]:
    """Those in one of `STATES`; `failed` also those that nobody tries any more."""
    going = Q(sent_at=None, cancelled_at=None)
    match state:
        case "failed":
            return rows.filter(going).exclude(failure="")
        case "waiting":
            return rows.filter(going, failure="")
        case "sent":
            return rows.exclude(sent_at=None)
        case "cancelled":
            return rows.exclude(cancelled_at=None)
    return rows


def troubles(membership: Membership) -> int:
    """How many messages one may see have failed and not gone since."""
    return in_state(Delivery.objects.visible_to(membership), "failed").count()
