"""Any other program: one JSON document, signed as https://www.standardwebhooks.com says."""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime
from typing import Any

from standardwebhooks.webhooks import Webhook

from people.calling import Answer, Call
from people.channels.message import Message, Place, as_json, judge
from people.failures import Failure


def make_secret() -> str:
    """A new secret, in the form the receiving libraries take.

    >>> make_secret().startswith("whsec_")
    True
    """
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def document_of(message: Message) -> dict[str, Any]:
    """What the receiver reads; fields may be added, none is taken away."""
    post = message.post
    return {
        "type": f"okrplanner.{message.topic}",
        "id": message.id,
        "sent_at": message.at.astimezone(UTC).isoformat(timespec="seconds"),
        "organization": {"slug": message.slug, "name": message.organization},
        "subject": post.subject,
        "paragraphs": list(post.paragraphs),
        "lines": [{"text": line.text, "detail": line.detail, "link": line.link} for line in post.lines],
        "link": post.link,
        "link_label": post.link_label,
        "footer": post.footer,
    }


def call_of(place: Place, message: Message) -> Call:
    """Raises `Failure` where the secret cannot be opened any more: nothing goes unsigned."""
    if not place.token:
        raise Failure("no_secret", is_final=True)
    body = as_json(document_of(message))
    # The other side compares this with its own clock, so it is the real one.
    now = datetime.now(UTC)
    signature = Webhook(place.token).sign(message.id, now, body.decode())
    return Call(
        place.address,
        body,
        {
            "Content-Type": "application/json; charset=utf-8",
            "webhook-id": message.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
        },
    )


def check(answer: Answer) -> None:
    judge(answer)
