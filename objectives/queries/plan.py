"""The board of a cycle: who plans what, what hangs together, what is missing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from funnel.models import KGI, KPI
from objectives.access import Act, teams_seen_by, teams_shown
from objectives.formulas.bar import Bar
from objectives.formulas.drafting.draft import Check
from objectives.formulas.drafting.rules.counting import MOST_AT_FIRST, MOST_IN_SALES, MOST_OBJECTIVES
from objectives.models import (
    Alignment,
    Cycle,
    KeyResult,
    Level,
    NotDoing,
    Objective,
    ObjectiveState,
)
from objectives.models.goals import ObjectiveQuerySet
from objectives.queries.agreement import Agreement, agreements_of, waiting_for
from objectives.queries.bars import objective_bar, objective_trails
from objectives.queries.coaching import SALES_TEAM, checks_of
from objectives.queries.orphans import without_kgi
from objectives.queries.worth import Worth, worth_together
from people.models import Membership, Team
from people.queries import Branch, team_tree

MOST_ROWS = 400
MOST_NAMED = 8
FEWEST_OBJECTIVES = 3
DROPPED = "dropped"
NOT_AGREED = {ObjectiveState.DRAFT, ObjectiveState.PROPOSED}


@dataclass(frozen=True)
class Filters:
    """What the reader wants to see: a branch of the teams, a state or what was dropped, words, what waits for them."""

    team: Team | None = None
    state: str = ""
    words: str = ""
    waits_for_me: bool = False

    @property
    def are_set(self) -> bool:
        return bool(self.team or self.choose_rows)

    @property
    def choose_rows(self) -> bool:
        """Whether some objectives of a team are looked for, instead of all there is about it."""
        return bool(self.state or self.words or self.waits_for_me)


@dataclass(frozen=True)
class Parent:
    """What an objective helps: another objective, or one of its key results.

    `name` is what a form calls it (`12`, or `k34` for a key result). `place` tells it from others: a key result's
    objective, and a cycle that is not the board's.
    """

    name: str
    title: str
    objective_id: int
    link: str
    of_key_result: bool
    place: str = ""


@dataclass
class Row:
    """An objective as the board shows it."""

    objective: Objective
    bar: Bar
    key_result_count: int
    parents: list[Parent]
    may_edit: bool
    may_decide: bool
    may_restore: bool = False
    is_own: bool = False
    worth: Worth | None = None
    agreement: Agreement = field(default_factory=Agreement)
    asks_me: bool = False
    acts: list[Act] = field(default_factory=list)
    conflicts: int = 0
    check: Check | None = None

    @property
    def is_waiting(self) -> bool:
        return self.objective.state in NOT_AGREED and self.objective.dropped_at is None

    @property
    def is_firm(self) -> bool:
        """Whether nothing can be aligned to it or from it any more."""
        return self.objective.state == ObjectiveState.CLOSED or self.objective.dropped_at is not None

    @property
    def helps(self) -> str:
        """The names of what it helps, for the script that offers everything else."""
        return " ".join(parent.name for parent in self.parents)


@dataclass
class TeamPlan:
    """What one team plans in the cycle, and what it leaves undone on purpose."""

    branch: Branch
    agreed: list[Row] = field(default_factory=list)
    waiting: list[Row] = field(default_factory=list)
    personal: list[Row] = field(default_factory=list)
    not_doing: list[NotDoing] = field(default_factory=list)
    count: int = 0
    most: int = MOST_OBJECTIVES
    may_add: bool = False
    may_decide: bool = False
    has_teams: bool = False

    @property
    def rank(self) -> str:
        """`company`, `department` where teams stand below it, else `team`."""
        return "company" if self.team.is_company else "department" if self.has_teams else "team"

    @property
    def people(self) -> list[tuple[Membership, list[Row]]]:
        """The personal objectives by their owner, in the order of each one's first."""
        found: dict[int, tuple[Membership, list[Row]]] = {}
        for row in self.personal:
            found.setdefault(row.objective.owner_id, (row.objective.owner, []))[1].append(row)
        return list(found.values())

    @property
    def team(self) -> Team:
        return self.branch.team

    @property
    def advice(self) -> str:
        """`few`, `many`, or nothing: three to five objectives keep a team's focus, fewer in sales and at first."""
        if self.count > self.most:
            return "many"
        return "few" if 0 < self.count < self.fewest else ""

    @property
    def fewest(self) -> int:
        return FEWEST_OBJECTIVES if self.most > FEWEST_OBJECTIVES else 1

    @property
    def rows(self) -> list[Row]:
        return [*self.agreed, *self.waiting, *self.personal]

    @property
    def has_rows(self) -> bool:
        return bool(self.agreed or self.waiting or self.personal)


@dataclass
class Board:
    """The plan of a cycle. `states` counts all objectives one may see, whatever the filters leave."""

    tree: list[Branch]
    plans: list[TeamPlan]
    idle: list[TeamPlan]
    states: Counter[str]
    shown: int
    found: int

    @property
    def total(self) -> int:
        return sum(self.states.values())


def board_of(
    membership: Membership,
    cycle: Cycle,
    filters: Filters,
    *,
    planned: Iterable[int],
    decided: Iterable[int],
) -> Board:
    """The teams in the order of their tree, each with its objectives.

    `planned` and `decided` are the ids of the teams the reader may write for and decides on. Beyond `MOST_ROWS`
    objectives the teams that come first in the tree are shown, and the reader is asked to choose one.
    """
    teams = teams_seen_by(membership) if membership.is_partner else teams_shown(membership, cycle)
    tree = team_tree(teams.order_by("position", "pk"))
    objectives = Objective.objects.visible_to(membership).in_cycle(cycle)
    states: Counter[str] = Counter()
    counts: Counter[int] = Counter()
    busy = set()
    for team_id, level, state, number in (
        objectives.order_by().values_list("team", "level", "state").annotate(Count("pk"))
    ):
        states[state] += number
        busy.add(team_id)
        if level != Level.INDIVIDUAL:
            counts[team_id] += number
    wanted = objectives
    if filters.state == DROPPED:
        wanted = Objective.objects.dropped_for(membership).in_cycle(cycle)
    found = narrowed(wanted, filters, tree)
    if filters.waits_for_me:
        found = found.filter(pk__in=[waiting.objective.pk for waiting in waiting_for(membership, cycle)])
    rows, number = rows_of(membership, found, tree, known=None if filters.are_set else states.total())
    planned, decided = set(planned), set(decided)
    not_doing = defaultdict(list)
    if not membership.is_partner:
        for wont in NotDoing.objects.filter(cycle=cycle):
            not_doing[wont.team_id].append(wont)
    plans, idle = [], []
    sorted_rows = defaultdict(list)
    for row in rows:
        sorted_rows[row.objective.team_id].append(row)
    inside = branch_ids(tree, filters.team)
    above = {branch.team.parent_id for branch in tree}
    for branch in tree:
        team = branch.team
        if team.pk not in inside:
            continue
        plan = TeamPlan(
            branch,
            not_doing=not_doing[team.pk],
            count=counts[team.pk],
            most=most_for(team, cycle),
            may_add=team.pk in planned,
            may_decide=team.pk in decided,
            has_teams=team.pk in above,
        )
        for row in sorted_rows[team.pk]:
            personal = row.objective.level == Level.INDIVIDUAL
            (plan.personal if personal else plan.waiting if row.is_waiting else plan.agreed).append(row)
        is_asked_for = filters.team is not None and filters.team.pk == team.pk
        if plan.has_rows or is_asked_for or (not filters.choose_rows and plan.not_doing):
            plans.append(plan)
        elif team.pk not in busy and not filters.choose_rows:
            idle.append(plan)
    return Board(tree, plans, idle, states, shown=len(rows), found=number)


def most_for(team: Team, cycle: Cycle) -> int:
    """How many objectives a team should have at most: five, four in sales, two when a company takes its first steps."""
    if cycle.is_first:
        return MOST_AT_FIRST
    return MOST_IN_SALES if SALES_TEAM.search(team.name) else MOST_OBJECTIVES


def branch_ids(tree: Sequence[Branch], team: Team | None) -> set[int]:
    """The team and all below it; every team where none is asked for."""
    if team is None:
        return {branch.team.pk for branch in tree}
    inside = {team.pk}
    for branch in tree:
        if branch.team.parent_id in inside:
            inside.add(branch.team.pk)
    return inside


def narrowed(objectives: ObjectiveQuerySet, filters: Filters, tree: Sequence[Branch]) -> ObjectiveQuerySet:
    if filters.team is not None:
        objectives = objectives.filter(team__in=branch_ids(tree, filters.team))
    if filters.state and filters.state != DROPPED:
        objectives = objectives.filter(state=filters.state)
    for word in filters.words.split():
        key_results = KeyResult.objects.filter(objective=OuterRef("pk"), dropped_at=None, title__icontains=word)
        objectives = objectives.filter(
            Q(title__icontains=word) | Q(owner__user__name__icontains=word) | Exists(key_results)
        )
    return objectives


def rows_of(
    membership: Membership, objectives: ObjectiveQuerySet, tree: Sequence[Branch], *, known: int | None
) -> tuple[list[Row], int]:
    """The objectives as rows, and how many were found."""
    number = objectives.count() if known is None else known
    if number > MOST_ROWS:
        per_team = dict(objectives.order_by().values_list("team").annotate(Count("pk")))
        room = MOST_ROWS
        chosen: list[int] = []
        for branch in tree:
            room -= per_team.get(branch.team.pk, 0)
            if room < 0 and chosen:
                break
            chosen.append(branch.team.pk)
        objectives = objectives.filter(team__in=chosen)
    found = list(
        objectives.select_related(
            "owner__user", "kgi", "scored", "dropped_by__user", "cycle", "carried_from__cycle"
        ).order_by("position", "pk")[:MOST_ROWS]
    )
    ids = [objective.pk for objective in found]
    key_results = dict(
        KeyResult.objects.filter(objective__in=ids, dropped_at=None)
        .order_by()
        .values_list("objective")
        .annotate(Count("pk"))
    )
    tied = KeyResult.objects.filter(objective__in=ids, dropped_at=None).exclude(kpi=None).order_by("pk")
    worths = worth_together(list(tied), membership)
    parents = parents_of(membership, found)
    trails = objective_trails(ids, membership.organization.today)
    chosen_rows = Objective.objects.filter(pk__in=ids)
    editable = set(chosen_rows.editable_by(membership).values_list("pk", flat=True))
    decided = set(chosen_rows.led_by(membership).values_list("pk", flat=True))
    dropped = [objective.pk for objective in found if objective.dropped_at is not None]
    restorable = set(
        Objective.objects.within_reach_of(membership).filter(pk__in=dropped).values_list("pk", flat=True)
        if dropped
        else ()
    )
    # What the two sides say to each other is not shared with partners.
    agreements = {} if membership.is_partner else agreements_of(found)
    drafts = [one for one in found if one.state in NOT_AGREED and one.dropped_at is None]
    checks = checks_of(membership, drafts) if drafts and not membership.is_partner else {}
    rows = [
        Row(
            objective,
            objective_bar(objective, membership.organization, trails[objective.pk]),
            key_results.get(objective.pk, 0),
            parents[objective.pk],
            may_edit=objective.pk in editable,
            may_decide=objective.pk in decided,
            may_restore=objective.pk in restorable,
            is_own=objective.owner_id == membership.pk,
            agreement=agreements.get(objective.pk, Agreement()),
            asks_me=objective.pk in agreements and agreements[objective.pk].waits_for_person(membership),
            worth=worths.get(objective.pk),
            check=checks.get(objective.pk),
        )
        for objective in found
    ]
    return rows, number


def parents_of(membership: Membership, children: Sequence[Objective]) -> dict[int, list[Parent]]:
    """What each objective helps; a partner is told only of what is shared with them."""
    cycles = {child.pk: child.cycle_id for child in children}
    alignments = Alignment.objects.filter(child__in=cycles).select_related(
        "parent_objective__cycle", "parent_key_result__objective__cycle"
    )
    found: dict[int, list[Parent]] = defaultdict(list)
    shared = None
    if membership.is_partner:
        shared = set(Objective.objects.visible_to(membership).values_list("pk", flat=True))
    for alignment in alignments.order_by("pk"):
        parent = alignment.parent
        if parent.dropped_at is not None or (shared is not None and parent.pk not in shared):
            continue
        name = f"k{alignment.parent_key_result_id}" if alignment.parent_key_result else str(parent.pk)
        title = alignment.parent_key_result.title if alignment.parent_key_result else parent.title
        of_key_result = alignment.parent_key_result_id is not None
        place = [parent.title] if of_key_result else []
        if parent.cycle_id != cycles[alignment.child_id]:
            place.append(parent.cycle.name)
        found[alignment.child_id].append(
            Parent(name, title, parent.pk, alignment.link, of_key_result=of_key_result, place=" · ".join(place))
        )
    return found


@dataclass
class KGIPlan:
    """A KGI with the levers that no key result of the cycle moves."""

    kgi: KGI
    levers: int
    without: list[KPI]

    @property
    def left(self) -> int:
        return max(0, len(self.without) - MOST_NAMED)


def kgi_plans(membership: Membership, cycle: Cycle) -> list[KGIPlan]:
    """The KGIs whose period touches the cycle, and which of their levers are still nobody's key result."""
    kgis = list(
        KGI.objects.visible_to(membership)
        .filter(Q(period_start=None) | Q(period_start__lte=cycle.end))
        .filter(Q(period_end=None) | Q(period_end__gte=cycle.start))[:MOST_NAMED]
    )
    measured = set(
        KeyResult.objects.visible_to(membership)
        .in_cycle(cycle)
        .exclude(kpi=None)
        .order_by()
        .values_list("kpi", flat=True)
        .distinct()
    )
    levers = defaultdict(list)
    for kpi in KPI.objects.filter(kgi__in=kgis).levers().exclude(key="revenue").order_by("position", "pk"):
        levers[kpi.kgi_id].append(kpi)
    return [
        KGIPlan(kgi, len(levers[kgi.pk]), [kpi for kpi in levers[kgi.pk] if kpi.pk not in measured]) for kgi in kgis
    ]


@dataclass
class Gaps:
    """What would be missed if nobody named it."""

    lonely: list[Objective]
    orphans: list[Objective]

    def __bool__(self) -> bool:
        return bool(self.lonely or self.orphans)


def gaps_of(membership: Membership, cycle: Cycle) -> Gaps:
    """Company objectives that nobody below works for, and objectives that lead to no KGI, by themselves or above."""
    rows = Objective.objects.visible_to(membership).in_cycle(cycle).exclude(state=ObjectiveState.CLOSED)
    helped = (
        Alignment.objects.filter(child__dropped_at=None)
        .annotate(helped=Coalesce("parent_objective", "parent_key_result__objective"))
        .values("helped")
    )
    return Gaps(
        lonely=list(rows.filter(level=Level.COMPANY).exclude(pk__in=helped)[: MOST_NAMED + 1]),
        orphans=list(without_kgi(membership, rows)[: MOST_NAMED + 1]),
    )


def dropped_in(membership: Membership, cycle: Cycle) -> list[Objective]:
    """The last objectives taken out of the plan that the reader could bring back."""
    rows = Objective.objects.within_reach_of(membership).in_cycle(cycle).exclude(dropped_at=None)
    return list(rows.select_related("team").order_by("-dropped_at")[:MOST_NAMED])


def days_until(cycle: Cycle, today: date) -> int:
    """Days until the cycle begins, 0 once it has."""
    return max(0, (cycle.start - today).days)
