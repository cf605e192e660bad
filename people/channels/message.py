"""A message on its way: what it says, what its envelope says of it, and what all services do alike with it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from people.calling import Answer
from people.failures import Failure
from people.posts import Post, PostLine

# As much of each as any service shows without making people scroll for ever.
LONGEST_SUBJECT = 150
LONGEST_PARAGRAPH = 800
LONGEST_LINE = 200
MOST_LINES = 20

# These refuse the moment, not the message.
PASSING = (408, 409, 425, 429)


@dataclass(frozen=True)
class Message:
    """`id` is the same however often the message is tried, so that whoever gets it twice can tell."""

    id: str
    topic: str
    organization: str
    slug: str
    at: datetime
    post: Post


@dataclass(frozen=True)
class Place:
    """Where a channel leads, unsealed: the address, the secret and the room."""

    address: str
    token: str = ""
    room: str = ""


def cut(text: str, most: int) -> str:
    """A text of at most so many characters.

    >>> cut("定期便の契約が進んでいません", 8)
    '定期便の契約が…'
    >>> cut("short", 8)
    'short'
    """
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def lines_of(post: Post) -> tuple[list[PostLine], bool]:
    """The lines that are shown, and whether there are more."""
    return list(post.lines[:MOST_LINES]), len(post.lines) > MOST_LINES


def plain(paragraphs: Iterable[str]) -> str:
    """Paragraphs as one text, an empty line between them."""
    return "\n\n".join(part for part in paragraphs if part)


def as_json(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def judge(answer: Answer, said: str = "") -> None:
    """Raise `Failure` unless the other side took the message. `said` is what it answers in one word, if it does.

    429, 5xx and the like pass; any other status, also one that leads elsewhere, says that the channel is set up
    wrongly.
    """
    if 200 <= answer.status < 300:
        return
    detail = f"{answer.status} {said}".strip()
    if answer.status == 429:
        raise Failure("busy", detail, pause=answer.pause or 60.0)
    is_final = answer.status < 500 and answer.status not in PASSING
    raise Failure("answer", detail, is_final=is_final, pause=answer.pause)
