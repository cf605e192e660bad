"""What is missing in the chains of goals, counted over all of them at once.

The definitions are those of the plan's picture of alignment (`objectives.queries.alignment`), for a running cycle.
"""

from __future__ import annotations

from collections.abc import Mapping

from dashboards.queries.forest import Forest, Goal
from objectives.models import Level

GAPS = ("unhelped", "unbroken", "hanging", "headless", "ending")
"""Company goals nobody works on, longer goals without one of this cycle below, what hangs nowhere, chains that begin
below the company, and goals of a team that nobody below it carries on."""


def gaps_of(forest: Forest, above: Mapping[int, int | None]) -> dict[str, list[int]]:
    """The goals of each gap, in reading order; empty for partners, who see no company. `above` names a team's parent.

    A goal of a team ends its chain too early where that team has teams below with goals, or personal goals of its own.
    """
    found: dict[str, list[int]] = {gap: [] for gap in GAPS}
    if forest.is_partner:
        return found
    carrying = _with_goals_below(forest, above)
    longer = any(goal.is_longer and not goal.is_own for goal in forest.goals.values())
    leading = _leading_to(forest) if longer else set()
    for goal in forest.goals.values():
        is_helped = goal.pk in forest.helped
        if not goal.is_own:
            if goal.is_longer and goal.level == Level.COMPANY and goal.pk not in leading:
                found["unbroken"].append(goal.pk)
        elif goal.level == Level.COMPANY:
            if not is_helped:
                found["unhelped"].append(goal.pk)
        elif goal.pk not in forest.held:
            found["headless" if is_helped else "hanging"].append(goal.pk)
        elif goal.level == Level.TEAM and not is_helped and goal.team in carrying:
            found["ending"].append(goal.pk)
    return found


def _with_goals_below(forest: Forest, above: Mapping[int, int | None]) -> set[int]:
    """The teams below which somebody has goals: other teams, or people of their own."""
    found: set[int] = set()
    for team in {goal.team for goal in forest.own}:
        step, seen = above.get(team), {team}
        while step is not None and step not in seen:
            seen.add(step)
            found.add(step)
            step = above.get(step)
    return found | {goal.team for goal in forest.own if goal.level == Level.INDIVIDUAL}


def _leading_to(forest: Forest) -> set[int]:
    """The goals that some goal of the cycle contributes to, over however many steps."""
    reached: set[int] = set()
    waiting = [goal.pk for goal in forest.own]
    while waiting:
        for parent in forest.parents.get(waiting.pop(), ()):
            if parent not in reached:
                reached.add(parent)
                waiting.append(parent)
    return reached


def scope_counts(goals: list[Goal]) -> dict[str, int]:
    """How many there are, how many of them head below their mark, and of how many nobody has reported."""
    return {
        "total": len(goals),
        "below": sum(1 for goal in goals if goal.zone == "below"),
        "silent": sum(1 for goal in goals if goal.zone == "none"),
    }
