"""What becomes of obstacles: named in a check-in, helped with, cleared."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from objectives.formulas.obstacles import folded
from objectives.models import CheckIn, Obstacle, ObstacleState
from objectives.models.obstacles import STANDING
from people import clock
from people.models import Membership
from people.refusals import Refusal


def heed_check_in(check_in: CheckIn, *, kind: str = "", solved: Collection[int] = ()) -> None:
    """Let a check-in just made clear the obstacles it ticks and raise the one it names.

    Without words for an obstacle nothing is cleared: somebody may be helping. The key result is held by the caller,
    so that no two check-ins raise the same obstacle. Raises `Refusal` `unknown_obstacle`.
    """
    clear(check_in, solved)
    corrected = Obstacle.objects.filter(check_in=check_in.corrects_id).first() if check_in.corrects_id else None
    if corrected is not None:
        mend(corrected, check_in, kind=kind)
    elif check_in.obstacle.strip():
        raise_obstacle(check_in, kind=kind)


def clear(check_in: CheckIn, solved: Collection[int]) -> None:
    wanted = set(solved)
    if not wanted:
        return
    rows = list(Obstacle.objects.filter(key_result=check_in.key_result_id, pk__in=wanted))
    if len(rows) < len(wanted):
        raise Refusal.of_field(
            "solved_obstacles", "unknown_obstacle", _("One of these obstacles is not in the way of this key result.")
        )
    for row in rows:
        solve_obstacle(row, by=check_in.author)


def raise_obstacle(check_in: CheckIn, *, kind: str = "") -> Obstacle:
    """The obstacle a check-in names: the standing one of its key result with the same words, else a new one."""
    words = folded(check_in.obstacle)
    standing = Obstacle.objects.filter(key_result=check_in.key_result_id, state__in=STANDING)
    same = next((row for row in standing if folded(row.text) == words), None)
    if same is not None:
        if kind and not same.kind:
            same.kind = kind
            save(same, "kind")
        return same
    return Obstacle.objects.create(
        organization_id=check_in.author.organization_id,
        key_result_id=check_in.key_result_id,
        check_in=check_in,
        kind=kind,
        text=check_in.obstacle.strip(),
        raised_by_id=check_in.author_id,
        raised_on=check_in.date,
        owner_id=check_in.author_id,
    )


def mend(obstacle: Obstacle, check_in: CheckIn, *, kind: str) -> None:
    """Let the obstacle that a corrected check-in raised say what its correction says, or withdraw it."""
    said = check_in.corrects.obstacle if check_in.corrects is not None else ""
    held = hold(obstacle)
    held.check_in, held.raised_on = check_in, check_in.date
    if not check_in.obstacle.strip():
        if held.is_standing:
            held.state, held.state_changed_at = ObstacleState.WITHDRAWN, clock.now()
    elif folded(check_in.obstacle) != folded(said):
        held.text = check_in.obstacle.strip()
        if held.state == ObstacleState.WITHDRAWN:
            held.state, held.state_changed_at = ObstacleState.OPEN, clock.now()
    held.kind = kind or held.kind
    save(held, "check_in", "raised_on", "text", "kind", "state", "state_changed_at")


@transaction.atomic
def solve_obstacle(obstacle: Obstacle, *, by: Membership, solution: str = "") -> Obstacle:
    """Say that an obstacle is out of the way, and what helped; once is enough."""
    held = hold(obstacle)
    if held.state == ObstacleState.SOLVED:
        return held
    held.state, held.state_changed_at = ObstacleState.SOLVED, clock.now()
    held.solution, held.solved_by, held.solved_on = solution.strip() or held.solution, by, by.organization.today
    save(held, "state", "state_changed_at", "solution", "solved_by", "solved_on")
    return held


def hold(obstacle: Obstacle) -> Obstacle:
    """The row as it is now; nobody else changes it until this transaction ends."""
    return Obstacle.objects.select_for_update(no_key=True).get(pk=obstacle.pk)


def save(held: Obstacle, *fields: str) -> None:
    held.version += 1
    held.save(update_fields=[*fields, "version"])
