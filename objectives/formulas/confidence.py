"""When confidence falls before the number does: the earliest sign that a key result needs help.

Source: the product's domain notes 3.6 (a check-in is a dialogue) and 2.3 (confidence and health).
"""

from __future__ import annotations

from collections.abc import Sequence

LOOKED_AT = 3
FALL = 2
LOW = 4


def fades(confidences: Sequence[int], *, is_on_track: bool) -> bool:
    """Whether people believe less in a target that the number still promises.

    `confidences` are those of the latest check-ins that named one, oldest first, 0 to 10; the last three are looked at.
    They fade when the latest is 4 or less, or two or more below the highest of the two before it. A key result that is
    not on track is said to be so already.

    >>> fades([8, 8, 6], is_on_track=True), fades([6, 7, 7], is_on_track=True)
    (True, False)
    >>> fades([4], is_on_track=True), fades([8, 3], is_on_track=False), fades([], is_on_track=True)
    (True, False, False)
    """
    latest = confidences[-LOOKED_AT:]
    if not latest or not is_on_track:
        return False
    return latest[-1] <= LOW or max(latest) - latest[-1] >= FALL
