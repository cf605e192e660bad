"""Chains of goals: who stands below whom, drawn once each, and which connections pass over a level."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

CONTRIBUTES = "contributes"


@dataclass(frozen=True)
class Tie:
    """A goal (`child`) that helps another (`parent`), at one of its key results where `key_result` says so."""

    child: int
    parent: int
    key_result: int | None = None
    link: str = CONTRIBUTES
    weight: float | None = None


@dataclass(frozen=True)
class Place:
    """A goal where it is drawn: below its main tie, or, with `again`, below another one.

    `key_result` is not None for the place of a key result, under which its helpers follow one level deeper.
    """

    goal: int
    depth: int
    tie: Tie | None = None
    again: bool = False
    key_result: int | None = None
    below: int = 0


def main_ties(ties: Iterable[Tie]) -> dict[int, Tie]:
    """For each child the tie it is drawn under: its first contribution, else its first support.

    >>> main_ties([Tie(3, 1, link="supports"), Tie(3, 2), Tie(4, 3)])[3].parent
    2
    """
    chosen: dict[int, Tie] = {}
    for tie in ties:
        present = chosen.get(tie.child)
        if present is None or (present.link != CONTRIBUTES and tie.link == CONTRIBUTES):
            chosen[tie.child] = tie
    return chosen


class Chains:
    """The forest of goals in `order`. Of the ties only those between goals that are in it count."""

    def __init__(self, order: Sequence[int], ties: Iterable[Tie]) -> None:
        rank = {goal: number for number, goal in enumerate(order)}
        self.order = list(order)
        self.ties = [tie for tie in ties if tie.child in rank and tie.parent in rank]
        self.main = main_ties(self.ties)
        self.parents: dict[int, list[Tie]] = defaultdict(list)
        self.children: dict[int, list[Tie]] = defaultdict(list)
        for tie in sorted(self.ties, key=lambda tie: (rank[tie.child], tie.key_result or 0)):
            self.children[tie.parent].append(tie)
        for tie in self.ties:
            self.parents[tie.child].append(tie)

    @property
    def roots(self) -> list[int]:
        """Those that help nothing, in order."""
        return [goal for goal in self.order if goal not in self.main]

    def above(self, goals: Iterable[int]) -> set[int]:
        """The goals and everything they help, over however many steps."""
        return self._reach(goals, lambda goal: [tie.parent for tie in self.parents[goal]])

    def below(self, goals: Iterable[int]) -> set[int]:
        """The goals and everything that helps them, over however many steps."""
        return self._reach(goals, lambda goal: [tie.child for tie in self.children[goal]])

    @staticmethod
    def _reach(goals: Iterable[int], step: Callable[[int], list[int]]) -> set[int]:
        found: set[int] = set()
        waiting = list(goals)
        while waiting:
            goal = waiting.pop()
            if goal not in found:
                found.add(goal)
                waiting.extend(step(goal))
        return found

    def drawn(self, roots: Sequence[int], *, shown: Collection[int] | None = None) -> list[Place]:
        """The places from the roots down, depth first; a key result stands above those that help it.

        With `shown` only those goals; a goal with several parents is drawn in full below its main one.

        >>> chains = Chains([1, 2, 3], [Tie(2, 1), Tie(3, 1, key_result=7), Tie(3, 2, link="supports")])
        >>> [(place.goal, place.depth, place.key_result, place.again) for place in chains.drawn([1])]
        [(1, 0, None, False), (2, 1, None, False), (3, 2, None, True), (1, 1, 7, False), (3, 2, None, False)]
        """
        waiting = [Place(root, 0, self.main.get(root)) for root in reversed(roots) if shown is None or root in shown]
        places: list[Place] = []
        while waiting:
            place = waiting.pop()
            ties = [] if place.again else self.children[place.goal]
            if shown is not None:
                ties = [tie for tie in ties if tie.child in shown]
            if place.key_result is not None:
                ties = [tie for tie in ties if tie.key_result == place.key_result]
                places.append(Place(place.goal, place.depth, key_result=place.key_result, below=len(ties)))
                waiting.extend(self._at(tie, place.depth + 1) for tie in reversed(ties))
                continue
            places.append(Place(place.goal, place.depth, place.tie, place.again, below=len(ties)))
            key_results = list(dict.fromkeys(tie.key_result for tie in ties if tie.key_result is not None))
            waiting.extend(
                Place(place.goal, place.depth + 1, key_result=key_result) for key_result in reversed(key_results)
            )
            direct = [tie for tie in ties if tie.key_result is None]
            waiting.extend(self._at(tie, place.depth + 1) for tie in reversed(direct))
        return places

    def _at(self, tie: Tie, depth: int) -> Place:
        return Place(tie.child, depth, tie, again=self.main[tie.child] != tie)


def skipping(chains: Chains, ranks: Mapping[int, int], between: Mapping[int, Collection[int]]) -> list[Tie]:
    """The main ties that pass over a level on which the child could have found somebody.

    `ranks` are the levels of goals, 0 for the company's and rising downwards; `between` the ranks on the child's own
    way up to the company that have goals. A child that also helps one on a level between skips nothing.

    >>> chains = Chains([1, 2, 3], [Tie(3, 1)])
    >>> [tie.child for tie in skipping(chains, {1: 0, 2: 1, 3: 2}, {3: {0, 1}})]
    [3]
    >>> skipping(chains, {1: 0, 2: 1, 3: 2}, {3: {0}})
    []
    """
    found = []
    for goal in chains.order:
        ties = chains.parents[goal]
        if not ties:
            continue
        nearest = max(ranks[tie.parent] for tie in ties)
        if any(nearest < rank < ranks[goal] for rank in between.get(goal, ())):
            found.append(chains.main[goal])
    return found
