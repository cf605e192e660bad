"""What moved between the stages of an ABM matrix: shares, chances, and what must still move.

The stages are an absorbing Markov chain: won, lost and out keep a lead, every other stage passes it on by the shares
that were counted (Kemeny and Snell, Finite Markov Chains, 1960). A stage left by fewer than `FEWEST` leads goes on by
its assumed share; where nobody assumed one it is unknown, and what may come to it has no chance that can be told.
On hold, unknown means at rest: as far as the moves say, nobody comes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil, sqrt

import numpy as np

FEWEST = 5
"""From so many moves on, what left a stage says how it is left."""
OPEN, WON, LOST, HOLD, OUT = "open", "won", "lost", "hold", "out"
ENDS = frozenset({WON, LOST, OUT})
MEASURED, ASSUMED, RESTING, UNKNOWN = "measured", "assumed", "resting", "unknown"
Arrow = tuple[int | None, int | None]
"""From a stage, None from outside; to a stage, None lost where the matrix has no stage for it."""
_WHOLE = 1e-9
_NEVER = 1e-18


@dataclass(frozen=True)
class Stage:
    """A stage by its number; `assumed` is the share (0–1) that goes on from it, used until moves say it."""

    key: int
    kind: str = OPEN
    assumed: float | None = None


@dataclass(frozen=True)
class Share:
    """How much of what left a stage went to another; `low` and `high` hold the true share in 19 of 20 cases.

    What is assumed has no count and no range.
    """

    share: float
    count: int = 0
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Leaving:
    """How a stage is left: by how many, how that is known (measured, assumed, resting, unknown), and where to."""

    count: int
    known: str
    to: Mapping[int | None, Share]


def wilson(part: float, whole: int, z: float = 1.959964) -> tuple[float, float]:
    """The range of a share counted as `part` of `whole`; the whole range where nothing was counted.

    Source: E. B. Wilson, Probable inference, JASA 22 (1927).

    >>> [round(end, 3) for end in wilson(5, 20)], wilson(0, 0)
    ([0.112, 0.469], (0.0, 1.0))
    """
    if whole <= 0:
        return 0.0, 1.0
    share = part / whole
    middle = share + z * z / (2 * whole)
    reach = z * sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    scale = 1 + z * z / whole
    return max((middle - reach) / scale, 0.0), min((middle + reach) / scale, 1.0)


@dataclass(frozen=True)
class Chain:
    """The stages in their order, and how each that can be left is left.

    >>> stages = [Stage(1), Stage(2), Stage(3), Stage(4, WON), Stage(5, LOST)]
    >>> moves = {(1, 2): 40, (1, 5): 60, (2, 3): 20, (2, 5): 20, (3, 4): 5, (3, 5): 15}
    >>> chain = chain_of(stages, moves)
    >>> chain.winning
    {1: 0.05, 2: 0.125, 3: 0.25, 4: 1.0, 5: 0.0}
    >>> need = needed(chain, orders=16, stock={2: 8}, entering={1: 1.0})
    >>> round(need.from_stock, 9), round(need.new, 9), {arrow: round(n, 6) for arrow, n in need.moves.items()}[(2, 3)]
    (1.0, 300.0, 64.0)
    """

    stages: Sequence[Stage]
    leaving: Mapping[int, Leaving]

    @cached_property
    def kinds(self) -> dict[int, str]:
        return {stage.key: stage.kind for stage in self.stages}

    @property
    def unknown(self) -> list[int]:
        """Stages of which neither moves nor an assumption say how they are left."""
        return [key for key, one in self.leaving.items() if one.known == UNKNOWN]

    @property
    def resting(self) -> list[int]:
        """Stages on hold from which too few came back to count on it."""
        return [key for key, one in self.leaving.items() if one.known == RESTING]

    @cached_property
    def winning(self) -> dict[int, float | None]:
        """The chance to be won, from each stage."""
        return self.chances({key for key, kind in self.kinds.items() if kind == WON})

    def chances(self, goals: Iterable[int]) -> dict[int, float | None]:
        """The chance (0–1) ever to come to one of these stages, from each; None where an unknown stage lies between."""
        goal = set(goals)
        # What may meet an unknown stage before a goal cannot be told; what never meets a goal has no chance.
        untold = self._before({key for key in self.unknown if key not in goal}, goal)
        near = self._before(goal, goal) - goal - untold
        able = [key for key in self.leaving if key in near]
        solved: dict[int, float | None] = {}
        if able:
            place = {key: at for at, key in enumerate(able)}
            system, right = np.eye(len(able)), np.zeros(len(able))
            for key, row in place.items():
                for to, one in self.leaving[key].to.items():
                    if to in goal:
                        right[row] += one.share
                    elif to in place:
                        system[row, place[to]] -= one.share
            found = np.linalg.solve(system, right)
            solved = {key: _tidy(float(found[at])) for key, at in place.items()}
        return {
            stage.key: 1.0 if stage.key in goal else None if stage.key in untold else solved.get(stage.key, 0.0)
            for stage in self.stages
        }

    def rate(self, origin: int, goals: Iterable[int]) -> Share | None:
        """The chance from a stage to any of others, with its range as of so many that left the first; None if untold.

        What rests on an assumption at the first stage has neither count nor range.
        """
        chance = self.chances(goals).get(origin)
        one = self.leaving.get(origin)
        if chance is None or one is None:
            return None
        if one.known != MEASURED:
            return Share(chance)
        return Share(chance, one.count, *wilson(chance * one.count, one.count))

    @cached_property
    def passing(self) -> list[int]:
        """Stages through which leads come and which they all leave in the end: those that can be followed."""
        untold = self._before(set(self.unknown), set())
        ends = {key for key in self.kinds if key not in self.leaving or self.leaving[key].known == RESTING}
        out = self._before(ends | {None}, set())
        return [key for key in self.leaving if key in out and key not in ends and key not in untold]

    def _before(self, goals: set[int] | set[int | None], stopping: set[int]) -> set[int]:
        """The goals, and every stage from which a lead may come to one without passing a stopping stage."""
        into: dict[int | None, list[int]] = {}
        for key, one in self.leaving.items():
            for to, share in one.to.items():
                if share.share > 0:
                    into.setdefault(to, []).append(key)
        found: set[int] = set()
        waiting: list[int | None] = list(goals)
        while waiting:
            at = waiting.pop()
            if at is not None:
                if at in found:
                    continue
                found.add(at)
            waiting += [before for before in into.get(at, ()) if before not in found and before not in stopping]
        return found


def chain_of(stages: Sequence[Stage], moves: Mapping[Arrow, int]) -> Chain:
    """The chain that these counted moves make. Moves from outside, within a stage and out of an end say nothing here.

    An assumed share goes to the next open stage, from the last to won; the rest is lost.
    """
    counted: dict[int, dict[int | None, int]] = {}
    for (origin, to), count in moves.items():
        if origin is not None and origin != to and count > 0:
            row = counted.setdefault(origin, {})
            row[to] = row.get(to, 0) + count
    order = [stage.key for stage in stages if stage.kind == OPEN]
    won = next((stage.key for stage in stages if stage.kind == WON), None)
    lost = next((stage.key for stage in stages if stage.kind == LOST), None)
    leaving = {}
    for at, stage in enumerate(stages):
        if stage.kind in ENDS:
            continue
        row = counted.get(stage.key, {})
        count = sum(row.values())
        if count >= FEWEST:
            leaving[stage.key] = Leaving(
                count, MEASURED, {to: Share(n / count, n, *wilson(n, count)) for to, n in row.items()}
            )
            continue
        following = next((each.key for each in stages[at + 1 :] if each.key in order), won)
        if stage.assumed is None or following is None:
            leaving[stage.key] = Leaving(count, RESTING if stage.kind == HOLD else UNKNOWN, {})
        else:
            on = min(max(stage.assumed, 0.0), 1.0)
            leaving[stage.key] = Leaving(count, ASSUMED, {following: Share(on), lost: Share(1.0 - on)})
    return Chain(tuple(stages), leaving)


@dataclass(frozen=True)
class Flow:
    """What becomes of leads that stand somewhere: the orders expected, and how many move along each arrow."""

    orders: float
    moves: Mapping[Arrow, float]


def forward(chain: Chain, stock: Mapping[int, float], entering: Mapping[int, float]) -> Flow:
    """Follow a stock of leads, and new ones that enter, to their ends.

    What stands at a stage of which nothing can be told is left where it is; what is won already counts no more.
    """
    place = {key: at for at, key in enumerate(chain.passing)}
    size = len(place)
    begin = np.zeros(size)
    orders = 0.0
    moves: dict[Arrow, float] = {}
    for key, count in stock.items():
        if key in place:
            begin[place[key]] += count
    for key, count in entering.items():
        if count <= 0:
            continue
        moves[None, key] = moves.get((None, key), 0.0) + count
        if key in place:
            begin[place[key]] += count
        elif chain.kinds.get(key) == WON:
            orders += count
    if size:
        system = np.eye(size)
        for key, row in place.items():
            for following, one in chain.leaving[key].to.items():
                if following in place:
                    system[place[following], row] -= one.share
        visits = np.linalg.solve(system, begin)
        for key, row in place.items():
            for to, one in chain.leaving[key].to.items():
                count = max(float(visits[row]), 0.0) * one.share
                if count > 0:
                    moves[key, to] = count
                    if to is not None and chain.kinds.get(to) == WON:
                        orders += count
    return Flow(orders, moves)


@dataclass(frozen=True)
class Needed:
    """What must still happen for so many orders.

    `from_stock` are the orders that the leads there are expected to bring; `new` how many more must enter, 0 where the
    stock suffices, None where that cannot be told. `moves` is what then happens along each arrow; `untold` are stages
    with leads that are worth nothing here because nobody knows how they are left.
    """

    orders: float
    from_stock: float
    new: float | None
    moves: Mapping[Arrow, float]
    untold: Sequence[int] = ()

    @property
    def is_enough(self) -> bool:
        return self.new == 0

    @property
    def new_leads(self) -> int | None:
        """Whole leads, the next number up."""
        return None if self.new is None else ceil(self.new - _WHOLE)

    @property
    def whole_moves(self) -> dict[Arrow, int]:
        """`moves` in whole leads, the next number up; who must enter is `new_leads` together. Empty where it is not
        known how many that are."""
        if self.new_leads is None:
            return {}
        entering = [arrow for arrow in self.moves if arrow[0] is None]
        parts = apportion(self.new_leads, [self.moves[arrow] for arrow in entering])
        up = {arrow: ceil(count - _WHOLE) for arrow, count in self.moves.items()}
        return up | dict(zip(entering, parts, strict=True))


def needed(chain: Chain, *, orders: float, stock: Mapping[int, float], entering: Mapping[int, float]) -> Needed:
    """How many leads must still enter for so many orders, and everything that must move on the way.

    `entering` says how new leads spread over the stages they enter at, in shares that sum to 1. Nothing is ever
    negative. Raises ValueError for a number below 0.
    """
    if orders < 0 or any(count < 0 for count in (*stock.values(), *entering.values())):
        raise ValueError("Leads, orders and shares cannot be fewer than none.")
    worth = chain.winning
    untold = [key for key, count in stock.items() if count and key in chain.leaving and worth.get(key) is None]
    begin = forward(chain, stock, {})
    missing = max(orders - begin.orders, 0.0)
    if missing <= _WHOLE * max(orders, 1.0):
        return Needed(orders, begin.orders, 0.0, begin.moves, untold)
    worths = [(share, worth.get(key)) for key, share in entering.items() if share > 0]
    each = sum(share * (one or 0.0) for share, one in worths)
    if not worths or any(one is None for _share, one in worths) or each <= 0:
        return Needed(orders, begin.orders, None, begin.moves, untold)
    new = missing / each
    flow = forward(chain, stock, {key: share * new for key, share in entering.items()})
    return Needed(orders, begin.orders, new, flow.moves, untold)


def apportion(whole: int, weights: Sequence[float]) -> list[int]:
    """A whole number in parts by weights, the parts whole again: the largest remainders are rounded up.

    Without any weight all of it is the first part.

    >>> apportion(10, [2, 1, 1]), apportion(3, [0, 0]), apportion(0, [])
    ([5, 3, 2], [3, 0], [])
    """
    if not weights:
        return []
    total = sum(weights)
    shares = (
        [whole * weight / total for weight in weights] if total > 0 else [float(whole), *[0.0] * (len(weights) - 1)]
    )
    parts = [int(share) for share in shares]
    order = sorted(range(len(parts)), key=lambda at: (parts[at] - shares[at], at))
    for at in order[: whole - sum(parts)]:
        parts[at] += 1
    return parts


def _tidy(chance: float) -> float:
    """A chance without the last digits that solving leaves behind: a small one keeps as many as a large one, and one in
    a billion billions is none."""
    return min(float(f"{chance:.14g}"), 1.0) if chance > _NEVER else 0.0
