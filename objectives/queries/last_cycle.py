"""What the last cycle taught: how each team's goals ended, what was in the way, and the habits they show."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import zip_longest

from django.db.models import Q

from objectives.formulas.bar import Bar
from objectives.formulas.habits import Ended, patterns
from objectives.models import Cycle, Experiment, KeyResult, Lesson, Level, Objective, Obstacle, ObstacleState
from objectives.queries.bars import objective_bar
from objectives.queries.carrying import carried_into, carryable_by
from objectives.queries.experiments import decided_by_team
from objectives.queries.lessons import lessons_by_team
from objectives.queries.next_cycle import cycle_before
from objectives.queries.plan import most_for
from objectives.queries.plan_check import tree_of
from people.models import Membership
from people.queries import Branch

MOST_SHOWN = 30
SILENT_FOR = timedelta(weeks=4)
"""A key result that nobody reported on in the last four weeks had fallen silent."""


@dataclass
class Ending:
    """An objective of the cycle before: how it ended, and, where it was missed, what was last in its way."""

    objective: Objective
    bar: Bar
    obstacle: Obstacle | None = None
    carried: Objective | None = None
    may_carry: bool = False

    @property
    def is_missed(self) -> bool:
        return self.bar.zone == "below"


@dataclass
class TeamEnded:
    """What one team can learn from its last cycle; `patterns` are those of `formulas.habits`."""

    branch: Branch
    endings: list[Ending] = field(default_factory=list)
    patterns: tuple[str, ...] = ()
    lessons: list[Lesson] = field(default_factory=list)
    experiments: list[Experiment] = field(default_factory=list)

    @property
    def missed(self) -> list[Ending]:
        return [ending for ending in self.endings if ending.is_missed]

    @property
    def shown(self) -> list[Ending]:
        """What a page shows of them: all of a team that can keep its goals in mind."""
        return self.endings[:MOST_SHOWN]

    @property
    def left(self) -> int:
        return len(self.endings) - len(self.shown)


@dataclass
class LastCycle:
    """The lessons of `before`, team by team; empty for a first cycle."""

    before: Cycle | None
    teams: list[TeamEnded] = field(default_factory=list)

    @property
    def endings(self) -> list[Ending]:
        return [ending for team in self.teams for ending in team.endings]

    @property
    def lessons(self) -> list[Lesson]:
        """Of each team the newest first, so that a few of them are of several teams."""
        return [lesson for row in zip_longest(*(team.lessons for team in self.teams)) for lesson in row if lesson]

    @property
    def experiments(self) -> list[Experiment]:
        return [experiment for team in self.teams for experiment in team.experiments]

    @property
    def zones(self) -> Counter[str]:
        return Counter(ending.bar.zone for ending in self.endings)

    @property
    def missed(self) -> list[Ending]:
        return [ending for ending in self.endings if ending.is_missed]


def last_cycle_of(membership: Membership, cycle: Cycle) -> LastCycle:
    """The lessons of the cycle of the same length before this one, in a constant number of queries."""
    before = cycle_before(cycle)
    if before is None:
        return LastCycle(None)
    rows = Objective.objects.visible_to(membership).in_cycle(before)
    objectives = list(rows.select_related("team", "owner__user", "scored").order_by("level", "position", "pk"))
    ids = [objective.pk for objective in objectives]
    carryable = set(carryable_by(membership, before).values_list("pk", flat=True)) if not cycle.is_closed else set()
    carried = carried_into(cycle, objectives)
    obstacles = last_obstacles(ids)
    endings: dict[int, list[Ending]] = defaultdict(list)
    for objective in objectives:
        objective.cycle = before
        bar = objective_bar(objective, membership.organization)
        endings[objective.team_id].append(
            Ending(
                objective,
                bar,
                obstacles.get(objective.pk) if bar.zone == "below" else None,
                carried.get(objective.pk),
                may_carry=objective.pk in carryable,
            )
        )
    ended = ended_by_team(membership, before, objectives)
    all_key_results, silent = key_results_by_team(before, membership)
    lessons = lessons_by_team(membership, before.pk, list(endings))
    experiments = decided_by_team(membership, before, list(endings))
    teams = []
    for branch in tree_of(membership, before):
        team = branch.team
        if endings[team.pk]:
            own = sum(1 for ending in endings[team.pk] if ending.objective.level != Level.INDIVIDUAL)
            teams.append(
                TeamEnded(
                    branch,
                    endings[team.pk],
                    patterns(
                        ended[team.pk],
                        in_last=own,
                        most=most_for(team, before),
                        key_results=all_key_results[team.pk],
                        fallen_silent=silent[team.pk],
                    ),
                    lessons[team.pk],
                    experiments[team.pk],
                )
            )
    return LastCycle(before, teams)


def last_obstacles(ids: list[int]) -> dict[int, Obstacle]:
    """For each objective what was last in the way of one of its key results, cleared or not."""
    rows = (
        Obstacle.objects.filter(key_result__objective__in=ids, key_result__dropped_at=None)
        .exclude(state=ObstacleState.WITHDRAWN)
        .select_related("key_result", "raised_by__user")
        .order_by("key_result__objective_id", "-raised_on", "-pk")
        .distinct("key_result__objective_id")
    )
    return {row.key_result.objective_id: row for row in rows}


def ended_by_team(membership: Membership, before: Cycle, objectives: list[Objective]) -> dict[int, list[Ended]]:
    """The scores of the last cycle's goals and of those of the one before it: a habit shows more than once."""
    found: dict[int, list[Ended]] = defaultdict(list)
    for objective in objectives:
        scored = getattr(objective, "scored", None)
        found[objective.team_id].append(Ended(scored.score if scored else None, objective.kind))
    earlier = cycle_before(before)
    if earlier is not None:
        rows = Objective.objects.visible_to(membership).in_cycle(earlier)
        for team_id, score, kind in rows.order_by().values_list("team", "scored__score", "kind"):
            found[team_id].append(Ended(score, kind))
    return found


def key_results_by_team(before: Cycle, membership: Membership) -> tuple[Counter[int], Counter[int]]:
    """How many key results each team had been reporting on, and how many of them had fallen silent."""
    until = min(before.end, membership.organization.today)
    rows = KeyResult.objects.visible_to(membership).in_cycle(before).filter(scored__check_in_count__gt=0).order_by()
    reported = Counter(rows.values_list("objective__team", flat=True))
    fallen = rows.filter(Q(scored__last_check_in_on__lt=until - SILENT_FOR))
    return reported, Counter(fallen.values_list("objective__team", flat=True))
