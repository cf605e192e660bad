"""How dark a cell of the heat map is: ink for shares, so that it reads in grey, and zones for where goals head."""

from __future__ import annotations

STEPS = (0.0, 0.5, 0.8, 1.0)


def step(share: float) -> int:
    """The step of a share between 0 and 1: 0 for none at all, 4 for all, and three between.

    >>> [step(share) for share in (0, 0.01, 0.5, 0.79, 0.8, 0.999, 1)]
    [0, 1, 2, 2, 3, 3, 4]
    """
    if share <= 0:
        return 0
    return sum(share >= limit for limit in STEPS)
