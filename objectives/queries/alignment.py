"""The picture of alignment: chains of goals from the company down, and what is missing in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import takewhile

from django.db.models import Q

from objectives.access import teams_shown
from objectives.formulas.bar import Bar
from objectives.formulas.chains import Chains, Place, Tie, skipping
from objectives.models import Alignment, Cycle, KeyResult, Level, Objective, ObjectiveState
from objectives.queries.bars import objective_bar
from objectives.queries.orphans import without_kgi
from people.models import Membership, Team
from people.queries import Branch, team_tree

MOST_GOALS = 1_500
FEW = 60
"""Up to so many goals are drawn at once; of more the first levels, and the rest when they are asked for."""
LONGER = timedelta(days=31)


@dataclass(frozen=True)
class Node:
    """A goal, or one of its key results, where it stands in the picture.

    `opens` and `closes` say which lists begin and end with it, `folded` that those below it are fetched when asked for.
    """

    place: Place
    objective: Objective
    bar: Bar | None = None
    key_result: KeyResult | None = None
    is_found: bool = False
    opens: bool = False
    closes: int = 0
    folded: bool = False

    @property
    def closing(self) -> range:
        return range(self.closes)

    @property
    def rank(self) -> str:
        return self.objective.level


@dataclass(frozen=True)
class Skip:
    """A connection that passes over the team in between, whose objectives could have been helped."""

    objective: Objective
    parent: Objective


@dataclass
class Missing:
    """What would be missed if nobody named it."""

    orphans: list[Objective] = field(default_factory=list)
    lonely: list[Objective] = field(default_factory=list)
    loose: list[Objective] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    unbroken: list[Objective] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(map(len, (self.orphans, self.lonely, self.loose, self.unbroken))) + len(self.skips)


@dataclass
class Picture:
    """The goals of a cycle and of those that share days with it, as chains."""

    membership: Membership
    cycle: Cycle
    tree: list[Branch]
    goals: dict[int, Objective]
    chains: Chains
    key_results: dict[int, KeyResult]
    left: int = 0

    @property
    def own(self) -> list[Objective]:
        """Those of the cycle itself."""
        return [goal for goal in self.goals.values() if goal.cycle_id == self.cycle.pk]

    @property
    def roots(self) -> list[int]:
        """The company's goals and whatever else begins a chain that a goal of the cycle belongs to.

        What hangs alone is named beside the picture; to partners, who see no company, it is all there is.
        """
        reached = self.chains.above(goal.pk for goal in self.own)
        return [pk for pk in self.chains.roots if self.is_top(pk) or (pk in reached and self.begins_chain(pk))]

    def is_top(self, pk: int) -> bool:
        return self.goals[pk].level == Level.COMPANY

    def begins_chain(self, pk: int) -> bool:
        return bool(self.chains.children[pk]) or self.membership.is_partner

    @property
    def reaching(self) -> int:
        """How many goals of the cycle below the company's lead up to one of them."""
        company = [pk for pk, goal in self.goals.items() if goal.level == Level.COMPANY]
        below = self.chains.below(company)
        return sum(1 for goal in self.own if goal.level != Level.COMPANY and goal.pk in below)

    @property
    def to_reach(self) -> int:
        return sum(1 for goal in self.own if goal.level != Level.COMPANY)

    def found(self, team: Team | None, words: str) -> set[int] | None:
        """The goals a filter names; None without one."""
        if team is None and not words:
            return None
        inside = below_team(self.tree, team)
        wanted = [word.casefold() for word in words.split()]
        return {
            goal.pk
            for goal in self.goals.values()
            if (inside is None or goal.team_id in inside)
            and all(word in f"{goal.title} {goal.owner.user.name} {goal.team.name}".casefold() for word in wanted)
        }

    def nodes(
        self,
        *,
        root: int | None = None,
        inside: int | None = None,
        depth: int | None = None,
        found: set[int] | None = None,
    ) -> list[Node]:
        """The picture as rows, from all roots or one down; to a depth, or what was found with its chains above.

        With `inside` what stands below the root alone: below its key result of this id, or below all of it where it
        is 0.
        """
        shown = None if found is None else self.chains.above(found)
        roots = [root] if root is not None else self.roots if shown is None else self.tops(shown)
        places = self.chains.drawn(roots, shown=shown)
        if inside is not None:
            places = within(places, inside)
        if depth is not None:
            places = [place for place in places if place.depth < depth]
        bars = {pk: objective_bar(self.goals[pk], self.membership.organization) for pk in {p.goal for p in places}}
        nodes = []
        for number, place in enumerate(places):
            after = places[number + 1].depth if number + 1 < len(places) else 0
            nodes.append(
                Node(
                    place,
                    self.goals[place.goal],
                    bars[place.goal] if place.key_result is None else None,
                    self.key_results.get(place.key_result) if place.key_result is not None else None,
                    is_found=found is not None and place.key_result is None and place.goal in found,
                    opens=after > place.depth,
                    closes=max(0, place.depth - after),
                    folded=bool(place.below) and after <= place.depth,
                )
            )
        return nodes

    def tops(self, shown: set[int]) -> list[int]:
        return [pk for pk in self.chains.order if pk in shown and pk not in self.chains.main]

    def missing(self) -> Missing:
        own = [goal for goal in self.own if goal.state != ObjectiveState.CLOSED]
        ids = [goal.pk for goal in own]
        rows = Objective.objects.visible_to(self.membership).filter(pk__in=ids)
        orphans = set(without_kgi(self.membership, rows).values_list("pk", flat=True))
        helped = {tie.parent for tie in self.chains.ties}
        own_below = self.chains.above(goal.pk for goal in self.own)
        longer = self.cycle.end - self.cycle.start + LONGER
        return Missing(
            orphans=[goal for goal in own if goal.pk in orphans],
            lonely=[goal for goal in own if goal.level == Level.COMPANY and goal.pk not in helped],
            loose=[goal for goal in own if goal.level != Level.COMPANY and goal.pk not in self.chains.main],
            skips=[
                Skip(self.goals[tie.child], self.goals[tie.parent])
                for tie in self.skipped()
                if self.goals[tie.child].cycle_id == self.cycle.pk
            ],
            unbroken=[
                goal
                for goal in self.goals.values()
                if goal.cycle_id != self.cycle.pk
                and goal.cycle.end - goal.cycle.start > longer
                and goal.level == Level.COMPANY
                and goal.pk not in own_below
            ],
        )

    def skipped(self) -> list[Tie]:
        """Connections past a level: the company is 0, a team as deep as it stands, a person one below the own team."""
        depths = {branch.team.pk: branch.depth for branch in self.tree}
        above = {branch.team.pk: branch.team.parent_id for branch in self.tree}
        ranks, with_goals = {}, set()
        for goal in self.goals.values():
            depth = depths.get(goal.team_id, 0)
            ranks[goal.pk] = {Level.COMPANY: 0, Level.INDIVIDUAL: depth + 1}.get(Level(goal.level), max(depth, 1))
            if goal.level == Level.TEAM:
                with_goals.add(goal.team_id)
        between: dict[int, set[int]] = defaultdict(set)
        for goal in self.goals.values():
            team: int | None = goal.team_id
            while team is not None:
                if team in with_goals and depths.get(team):
                    between[goal.pk].add(depths[team])
                team = above.get(team)
        return skipping(self.chains, ranks, between)


def within(places: Sequence[Place], key_result: int) -> list[Place]:
    """The places below the first one, or below that of its key result, as a picture of their own."""
    first = next((n for n, place in enumerate(places) if (place.key_result or 0) == key_result), None)
    if first is None:
        return []
    top = places[first].depth
    below = takewhile(lambda place: place.depth > top, places[first + 1 :])
    return [replace(place, depth=place.depth - top - 1) for place in below]


def below_team(tree: Sequence[Branch], team: Team | None) -> set[int] | None:
    if team is None:
        return None
    inside = {team.pk}
    for branch in tree:
        if branch.team.parent_id in inside:
            inside.add(branch.team.pk)
    return inside


def picture_of(membership: Membership, cycle: Cycle) -> Picture:
    """What the reader may see of the cycle's goals and of those of cycles that share days with it, in five queries."""
    rows = Objective.objects.visible_to(membership).filter(cycle__start__lte=cycle.end, cycle__end__gte=cycle.start)
    goals = list(
        rows.select_related("team", "owner__user", "cycle", "scored").order_by(
            "-cycle__end", "team__position", "position", "pk"
        )[: MOST_GOALS + 1]
    )
    left = rows.count() - MOST_GOALS if len(goals) > MOST_GOALS else 0
    goals = sorted(goals[:MOST_GOALS], key=lambda goal: list(Level).index(Level(goal.level)))
    ids = [goal.pk for goal in goals]
    alignments = list(
        Alignment.objects.filter(child__in=ids)
        .filter(Q(parent_key_result=None) | Q(parent_key_result__dropped_at=None))
        .select_related("parent_key_result")
        .order_by("pk")
    )
    ties = [
        Tie(
            one.child_id,
            one.parent_key_result.objective_id if one.parent_key_result else one.parent_objective_id,  # type: ignore[arg-type]
            one.parent_key_result_id,
            one.link,
            one.weight,
        )
        for one in alignments
    ]
    return Picture(
        membership,
        cycle,
        team_tree(teams_shown(membership, cycle).order_by("position", "pk")),
        {goal.pk: goal for goal in goals},
        Chains(ids, ties),
        {one.parent_key_result.pk: one.parent_key_result for one in alignments if one.parent_key_result},
        left,
    )
