"""The state of a whole plan: what the coach finds in its goals, team by team, and what of it helps most when mended."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean

from objectives.access import teams_shown
from objectives.formulas.drafting.coach import TAKES
from objectives.formulas.drafting.draft import Check, Finding, Severity
from objectives.models import Conflict, Cycle, Intent, Level, Objective, ObjectiveState
from objectives.queries.agreement import Agreement, agreements_of
from objectives.queries.alignment import Missing, below_team, picture_of
from objectives.queries.coaching import checks_of
from objectives.queries.plan import FEWEST_OBJECTIVES, KGIPlan, kgi_plans, most_for
from objectives.sentences.drafting import Worded
from objectives.sentences.plan_check import name_of
from people.models import Membership, Role, Team
from people.queries import Branch, team_tree

MOST_CHECKED = 400
WAITING = {ObjectiveState.DRAFT, ObjectiveState.PROPOSED, ObjectiveState.AGREED}


@dataclass
class Goal:
    """An objective of the plan with what the coach says of it and who waits for whom; `said` is its gravest finding."""

    objective: Objective
    check: Check
    agreement: Agreement | None = None
    may_edit: bool = False
    conflicts: int = 0
    said: Worded | None = None

    @property
    def is_waiting(self) -> bool:
        return self.objective.state in WAITING

    @property
    def gravest(self) -> Finding | None:
        """The finding that takes the most from its strength."""
        return max(self.check.findings, key=lambda finding: TAKES[finding.severity], default=None)


@dataclass
class Habit:
    """A rule with the goals it found something in; `gain` is the strength that mending all of them gives back."""

    rule: str
    severity: Severity
    goals: list[Goal] = field(default_factory=list)
    count: int = 0
    gain: float = 0

    @property
    def name(self) -> str:
        return name_of(self.rule)


@dataclass
class TeamState:
    """One team's goals against what a team can hold in its head."""

    branch: Branch
    most: int
    goals: list[Goal] = field(default_factory=list)
    to_kgi: int = 0

    @property
    def own(self) -> list[Goal]:
        """Without each person's own."""
        return [goal for goal in self.goals if goal.objective.level != Level.INDIVIDUAL]

    @property
    def count(self) -> int:
        return len(self.own)

    @property
    def advice(self) -> str:
        """`many`, `few` or nothing."""
        if self.count > self.most:
            return "many"
        return "few" if 0 < self.count < min(FEWEST_OBJECTIVES, self.most) and not self.branch.team.is_company else ""

    @property
    def committed(self) -> int:
        return sum(1 for goal in self.goals if goal.objective.kind == Intent.COMMITTED)

    @property
    def aspirational(self) -> int:
        return len(self.goals) - self.committed

    @property
    def strength(self) -> int | None:
        """The mean strength of what is still being drafted; of everything once nothing is."""
        waiting = [goal.check.strength for goal in self.goals if goal.is_waiting]
        every = waiting or [goal.check.strength for goal in self.goals]
        return round(fmean(every)) if every else None

    @property
    def waiting(self) -> int:
        return sum(1 for goal in self.goals if goal.agreement is not None and goal.agreement.waits_for)

    @property
    def conflicts(self) -> int:
        return sum(goal.conflicts for goal in self.goals)


@dataclass
class PlanState:
    """A plan as a manager has to see it two weeks before it begins."""

    tree: list[Branch]
    goals: list[Goal]
    habits: list[Habit]
    teams: list[TeamState]
    kgis: list[KGIPlan]
    missing: Missing
    left: int = 0

    @property
    def drafts(self) -> list[Goal]:
        """What is not begun yet, the weakest first."""
        return sorted((goal for goal in self.goals if goal.is_waiting), key=lambda goal: goal.check.strength)

    @property
    def begun(self) -> list[Goal]:
        """What is under way and still has something to mend, the weakest first."""
        rows = [goal for goal in self.goals if not goal.is_waiting and goal.check.findings]
        return sorted(rows, key=lambda goal: goal.check.strength)

    @property
    def strength(self) -> int | None:
        every = [goal.check.strength for goal in self.drafts or self.goals]
        return round(fmean(every)) if every else None

    @property
    def conflicts(self) -> int:
        return sum(goal.conflicts for goal in self.goals)

    @property
    def waits(self) -> list[Goal]:
        return [goal for goal in self.goals if goal.agreement is not None and goal.agreement.waits_for]

    @property
    def levers(self) -> int:
        """How many levers of the KGIs are nobody's key result."""
        return sum(len(one.without) for one in self.kgis)


def own_branch(membership: Membership, tree: Sequence[Branch]) -> Team | None:
    """The team whose plan a manager or member looks at first: their only one; for everybody else the whole company."""
    if membership.role not in {Role.MANAGER, Role.MEMBER}:
        return None
    teams = [branch.team for branch in tree if branch.team.pk in membership.team_ids]
    return teams[0] if len(teams) == 1 and not teams[0].is_company else None


def tree_of(membership: Membership, cycle: Cycle) -> list[Branch]:
    return team_tree(teams_shown(membership, cycle).order_by("position", "pk"))


def plan_state(membership: Membership, cycle: Cycle, tree: list[Branch], team: Team | None) -> PlanState:
    """The state of the plan of the whole company or of one team with all below it, in a constant number of queries."""
    inside = below_team(tree, team)
    rows = Objective.objects.visible_to(membership).in_cycle(cycle).exclude(state=ObjectiveState.CLOSED)
    if inside is not None:
        rows = rows.filter(team__in=inside)
    found = list(
        rows.select_related("team", "owner__user", "cycle").order_by("team__position", "position", "pk")[
            : MOST_CHECKED + 1
        ]
    )
    left = max(0, len(found) - MOST_CHECKED) and rows.count() - MOST_CHECKED
    found = found[:MOST_CHECKED]
    missing = picture_of(membership, cycle).missing()
    keep = {objective.pk for objective in found}
    narrow(missing, keep)
    goals = goals_of(membership, found)
    orphans = {objective.pk for objective in missing.orphans}
    by_team: dict[int, list[Goal]] = defaultdict(list)
    for goal in goals:
        by_team[goal.objective.team_id].append(goal)
    teams = [
        TeamState(
            branch,
            most_for(branch.team, cycle),
            by_team[branch.team.pk],
            sum(1 for goal in by_team[branch.team.pk] if goal.objective.pk not in orphans),
        )
        for branch in tree
        if (inside is None or branch.team.pk in inside) and (branch.team.closed_on is None or by_team[branch.team.pk])
    ]
    return PlanState(tree, goals, habits_of(goals), teams, kgi_plans(membership, cycle), missing, left)


def narrow(missing: Missing, keep: set[int]) -> None:
    """Leave of what is missing the goals that are looked at; goals of the year belong to everybody."""
    missing.orphans = [goal for goal in missing.orphans if goal.pk in keep]
    missing.lonely = [goal for goal in missing.lonely if goal.pk in keep]
    missing.loose = [goal for goal in missing.loose if goal.pk in keep]
    missing.skips = [skip for skip in missing.skips if skip.objective.pk in keep]


def goals_of(membership: Membership, objectives: Sequence[Objective]) -> list[Goal]:
    checks = checks_of(membership, objectives)
    agreements = agreements_of(objectives)
    ids = [objective.pk for objective in objectives]
    editable = set(Objective.objects.editable_by(membership).filter(pk__in=ids).values_list("pk", flat=True))
    disputed: Counter[int] = Counter()
    for pair in Conflict.objects.visible_to(membership).open().values_list("first", "second"):
        disputed.update(pair)
    return [
        Goal(
            objective,
            checks[objective.pk],
            agreements.get(objective.pk),
            may_edit=objective.pk in editable,
            conflicts=disputed[objective.pk],
        )
        for objective in objectives
        if objective.pk in checks
    ]


def habits_of(goals: Sequence[Goal]) -> list[Habit]:
    """The rules that found something, those first whose mending makes the plan stronger by most."""
    habits: dict[str, Habit] = {}
    for goal in goals:
        times: Counter[str] = Counter()
        for finding in goal.check.findings:
            habit = habits.setdefault(finding.rule, Habit(finding.rule, finding.severity))
            times[finding.rule] += 1
            habit.count += 1
            habit.gain += TAKES[finding.severity] / times[finding.rule]
            if not habit.goals or habit.goals[-1] is not goal:
                habit.goals.append(goal)
    return sorted(habits.values(), key=lambda habit: (-habit.gain, habit.rule))
