"""Whether both sides of an objective have agreed to it as it stands, and whose word is awaited."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

DRAFT, PROPOSED, AGREED, ACTIVE = "draft", "proposed", "agreed", "active"

# What is asked of whoever is waited for.
AGREE, CONFIRM, REVISE = "agree", "confirm", "revise"


@dataclass(frozen=True)
class Word:
    """What one side said: the states before and after, and the fingerprint of what it was about.

    The same state before and after is a word on a change; it may be of both sides where the owner decides alone.
    """

    of_owner: bool
    of_lead: bool
    before: str
    after: str
    content: str

    @property
    def is_step(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True)
class Standing:
    """Where the two sides stand. `asks` is what the side waited for should do, empty where nobody is waited for.

    `changed_since` says that the goal is another one than it was at its last step.
    """

    owner_agreed: bool = False
    lead_agreed: bool = False
    changed_since: bool = False
    asks: str = ""
    of_owner: bool = False


def fingerprint(parts: Any) -> str:
    """64 hexadecimal digits that are the same exactly for the same content: lists of texts, numbers and None.

    >>> fingerprint(["a", Decimal("1.50"), 0.25]) == fingerprint(["a", Decimal("1.5"), 0.25])
    True
    >>> fingerprint(["a", None]) == fingerprint(["a", ""])
    False
    """
    return sha256(json.dumps(parts, ensure_ascii=False, default=plain).encode()).hexdigest()


def plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def standing_of(words: Sequence[Word], *, state: str, content: str) -> Standing:
    """Where the sides stand after these words, oldest first, on an objective in `state` with `content`.

    A side has agreed when its last word was a yes to the present content: the owner's by proposing or confirming, the
    lead's by agreeing, beginning or confirming. Whoever changes a goal says yes to it as it then is. Once it is active
    only the owner is asked, about what a lead changed or began: other changes have a reason instead.

    >>> proposed = Word(of_owner=True, of_lead=False, before="draft", after="proposed", content="a")
    >>> standing_of([proposed], state="proposed", content="a")
    Standing(owner_agreed=True, lead_agreed=False, changed_since=False, asks='agree', of_owner=False)
    """
    of_owner, of_lead = last(word for word in words if word.of_owner), last(word for word in words if word.of_lead)
    step = last(word for word in words if word.is_step)
    owner_agreed = said_yes(of_owner, content, PROPOSED, AGREED, ACTIVE)
    lead_agreed = said_yes(of_lead, content, AGREED, ACTIVE)
    changed = step is not None and state in {PROPOSED, AGREED, ACTIVE} and step.content != content
    asks, asks_owner = "", False
    match state:
        case "draft":
            if step is not None and step.after == DRAFT and not step.of_owner:
                asks, asks_owner = REVISE, True
        case "proposed":
            adjusted = of_lead is not None and not of_lead.is_step and of_lead.content == content
            asks, asks_owner = (CONFIRM, True) if adjusted and not owner_agreed else (AGREE, False)
        case "agreed":
            if words and not (owner_agreed and lead_agreed):
                asks, asks_owner = CONFIRM, lead_agreed
        case "active":
            if lead_agreed and not owner_agreed:
                asks, asks_owner = CONFIRM, True
    return Standing(owner_agreed, lead_agreed, changed, asks, asks_owner)


def last(words: Iterable[Word]) -> Word | None:
    return next(reversed(list(words)), None)


def said_yes(word: Word | None, content: str, *states: str) -> bool:
    return word is not None and word.after in states and word.content == content
