"""A message on its way: what it says, and what its envelope says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from people.posts import Post


@dataclass(frozen=True)
class Message:
    """`id` is the same however often the message is tried, so that whoever gets it twice can tell."""

    id: str
    topic: str
    organization: str
    slug: str
    at: datetime
    post: Post
