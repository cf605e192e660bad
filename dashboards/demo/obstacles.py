"""What was in the way of the example company, as its check-ins tell it."""

from __future__ import annotations

from collections.abc import Iterable

from dashboards.demo.days import WEEK
from objectives.models import CheckIn, Obstacle, ObstacleState

CLEARED_SILENTLY_AFTER = 2 * WEEK
"""Where nobody says what helped, somebody ticks an obstacle off with a check-in after that time."""


def obstacle_of(check_in: CheckIn) -> Obstacle:
    """The obstacle that a check-in names, not saved yet."""
    return Obstacle(
        organization_id=check_in.author.organization_id,
        key_result=check_in.key_result,
        check_in=check_in,
        text=check_in.obstacle,
        raised_by=check_in.author,
        raised_on=check_in.date,
        owner=check_in.author,
        state_changed_at=check_in.created_at,
        created_at=check_in.created_at,
    )


def clear(standing: Iterable[Obstacle], check_in: CheckIn) -> list[Obstacle]:
    """Save as solved what a check-in clears: by what it says goes well, or silently; those that still stand."""
    left = []
    for obstacle in standing:
        silently = not check_in.obstacle and check_in.date >= obstacle.raised_on + CLEARED_SILENTLY_AFTER
        if not check_in.going_well and not silently:
            left.append(obstacle)
            continue
        obstacle.state, obstacle.solution = ObstacleState.SOLVED, check_in.going_well
        obstacle.solved_by, obstacle.solved_on = check_in.author, check_in.date
        obstacle.state_changed_at = check_in.created_at
        obstacle.save()
    return left
