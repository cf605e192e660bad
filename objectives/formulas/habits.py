"""What a team's ended goals say about how it plans. Source: the product's domain notes 3.12, the failure patterns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LOW, FULL = 0.35, 0.95
FEWEST_TO_JUDGE = 3
SILENT_SHARE = 0.5
ASPIRATIONAL = "aspirational"


@dataclass(frozen=True)
class Ended:
    """A goal that ended: its score (0–1, None where it had none) and whether it was committed or aspirational."""

    score: float | None
    intent: str = ASPIRATIONAL


def patterns(
    ended: Sequence[Ended], *, in_last: int, most: int, key_results: int = 0, fallen_silent: int = 0
) -> tuple[str, ...]:
    """The patterns to be warned of, gravest first: `too_ambitious`, `too_easy`, `too_many`, `died_out`.

    `ended` are the goals of the last cycles, of which `in_last` were the team's in the last one, where `most` would
    have been enough; of their `key_results` so many had `fallen_silent` weeks before the end. Scores are judged from
    three goals on: all below 0.35 is too ambitious; all aspirational ones from 0.95 is too easy.

    >>> patterns([Ended(0.2), Ended(0.3), Ended(0.25)], in_last=3, most=5)
    ('too_ambitious',)
    >>> patterns([Ended(1.0), Ended(1.0), Ended(0.97)], in_last=7, most=5, key_results=10, fallen_silent=6)
    ('too_easy', 'too_many', 'died_out')
    >>> patterns([Ended(1.0, "committed")] * 4, in_last=4, most=5)
    ()
    """
    found = []
    scores = [one.score for one in ended if one.score is not None]
    daring = [one.score for one in ended if one.score is not None and one.intent == ASPIRATIONAL]
    if len(scores) >= FEWEST_TO_JUDGE and max(scores) < LOW:
        found.append("too_ambitious")
    if len(daring) >= FEWEST_TO_JUDGE and min(daring) >= FULL:
        found.append("too_easy")
    if in_last > most:
        found.append("too_many")
    if key_results and fallen_silent / key_results >= SILENT_SHARE:
        found.append("died_out")
    return tuple(found)
