"""Scores: what check-ins say of a key result, and what key results say of everything above them.

Nothing here adds to a stored number: everything is recomputed from its source, so running anything twice changes
nothing.
"""

from objectives.rollup.key_results import rescore_key_results
from objectives.rollup.rounds import (
    drain,
    hold,
    lock_roll_up,
    open_objective_ids,
    request_roll_up,
    rescore,
    rescore_organization,
    score_calendar,
    score_day,
)
from objectives.rollup.upwards import levels, roll_up, snapshot, with_ancestors

__all__ = [
    "drain",
    "hold",
    "levels",
    "lock_roll_up",
    "open_objective_ids",
    "request_roll_up",
    "rescore",
    "rescore_key_results",
    "rescore_organization",
    "roll_up",
    "score_calendar",
    "score_day",
    "snapshot",
    "with_ancestors",
]
