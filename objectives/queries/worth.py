"""What key results are worth in the KGI's unit if they succeed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isclose
from typing import Any

from django.utils.functional import cached_property

from funnel.formulas.kpi_tree import CURRENT, Formula, Lever, Tree, TreeRefused
from funnel.models import KGI, KPI
from funnel.trees import PlannedTree, tree_of
from objectives.formulas.periods import MONTH, WEEK, WHOLE, CycleMonths, months_of_cycle, periods_of
from objectives.models import Cycle, KeyResult, Kind, Objective
from people.models import Membership

Numbers = Mapping[str, float | None]
TARGETS = ("target", "must_hit")
# What two calculations may differ by though nothing has moved.
SAME = 1e-12


@dataclass(frozen=True)
class Worth:
    """By how much the KGI is more (or less), in its unit, when a target is reached and all else stays as it is now.

    None for a target that is not set. A volume counts as if the cycle's were kept up over the whole period.
    """

    kgi: KGI
    target: float | None
    must_hit: float | None

    @property
    def best(self) -> float | None:
        return self.must_hit if self.target is None else self.target


@dataclass(frozen=True)
class Aim:
    """What is measured of a node, in people's units: what a key result says, saved or not."""

    key: str
    kind: str
    start: Any = None
    target: Any = None
    must_hit: Any = None
    quota: Any = None
    quota_period: str = ""

    @classmethod
    def of(cls, key_result: KeyResult, kpi: KPI) -> Aim:
        return cls(
            kpi.key,
            key_result.kind,
            key_result.start_value,
            key_result.target_value,
            key_result.must_hit_value,
            key_result.quota,
            key_result.period,
        )


class Movable:
    """A KGI's tree at its current values, in which nodes can be set to others. Raises TreeRefused."""

    def __init__(self, planned: PlannedTree):
        self.kgi = planned.kgi
        self.nodes = planned.nodes
        self.tree = planned.tree
        self.now = planned.tree.evaluate(CURRENT)
        self._parts: dict[frozenset[str], Tree] = {}

    @cached_property
    def periods(self) -> dict[str, str]:
        """Over what each node is counted; the KGI itself over its whole period."""
        periods = periods_of(self.tree, {key: kpi.period for key, kpi in self.nodes.items()})
        return periods | {self.tree.goal: WHOLE if periods[self.tree.goal] else ""}

    @cached_property
    def _above(self) -> dict[str, list[str]]:
        above: dict[str, list[str]] = {}
        for parent, children in self.tree.children.items():
            for child in children:
                above.setdefault(child, []).append(parent)
        return above

    def goal_with(self, moved: Mapping[str, float]) -> float:
        """The goal when some nodes, levers or formulas, are set to a value. Raises TreeRefused.

        A formula that is set no longer follows from what lies below it.
        """
        if self.tree.goal in moved:
            return moved[self.tree.goal]
        if moved.keys() <= self.tree.levers.keys():
            return float(self.tree.result({key: moved.get(key, self.now[key]) for key in self.tree.levers}))
        part = self._part(frozenset(moved))
        return float(part.result({key: moved.get(key, self.now[key]) for key in part.levers}))

    def _part(self, keys: frozenset[str]) -> Tree:
        """The formulas between the goal and some nodes; whatever else they name stands still."""
        if keys not in self._parts:
            between = self._between(keys)
            nodes: dict[str, Formula | Lever] = {}
            waiting = [self.tree.goal]
            while waiting:
                key = waiting.pop()
                if key in nodes:
                    continue
                if key in between:
                    nodes[key] = self.tree.formulas[key]
                    waiting += self.tree.children[key]
                else:
                    nodes[key] = Lever(key)
            self._parts[keys] = Tree(self.tree.goal, nodes.values())
        return self._parts[keys]

    def _between(self, keys: Collection[str]) -> set[str]:
        met: set[str] = set()
        waiting = [parent for key in keys for parent in self._above.get(key, ())]
        while waiting:
            key = waiting.pop()
            if key not in met and key not in keys:
                met.add(key)
                waiting += self._above.get(key, ())
        return met

    def worth(self, aims: Iterable[Aim], cycle: CycleMonths) -> Worth | None:
        """What it is worth that all of these aims are reached; None where none of them moves anything."""
        moves = {aim.key: move for aim in aims if (move := self.move(aim, cycle)) is not None}
        if not moves:
            return None
        before = {key: move["start"] for key, move in moves.items()}
        found = {name: self._difference(before, moves, name) for name in TARGETS}
        if all(value is None for value in found.values()):
            return None
        return Worth(self.kgi, found["target"], found["must_hit"])

    def _difference(self, before: Mapping[str, Any], moves: Mapping[str, Numbers], name: str) -> float | None:
        reached = {key: value for key, move in moves.items() if (value := move[name]) is not None}
        if not reached:
            return None
        try:
            first, then = self.goal_with(before), self.goal_with({**before, **reached})
        except TreeRefused:
            return None
        return 0.0 if isclose(first, then, rel_tol=SAME) else then - first

    def move(self, aim: Aim, cycle: CycleMonths) -> Numbers | None:
        """From where to where an aim moves its node, in the node's own unit and period; None where it moves nothing.

        A volume that is added up in the cycle starts from what the node is now.
        """
        if aim.key not in self.now:
            return None
        now, period = self.now[aim.key], self.periods[aim.key]
        is_added = aim.kind in {Kind.CUMULATIVE, Kind.QUOTA}
        if aim.kind not in {Kind.REACH, Kind.AVERAGE, Kind.CUMULATIVE, Kind.QUOTA} or (
            aim.kind == Kind.QUOTA and not period
        ):
            return None
        if aim.kind == Kind.QUOTA:
            months = cycle.months_of(period) / cycle.months_of(aim.quota_period or MONTH)
            return {"start": now, "target": times(aim.quota, float(months)), "must_hit": None}
        if is_added and period:
            factor = 1 / float(cycle.times(period))
            return {"start": now, "target": times(aim.target, factor), "must_hit": times(aim.must_hit, factor)}
        factor = self._said_in(self.nodes[aim.key], cycle)
        start = 0 if aim.start is None and is_added else aim.start
        return {
            "start": now if start is None else times(start, factor),
            "target": times(aim.target, factor),
            "must_hit": times(aim.must_hit, factor),
        }

    def _said_in(self, kpi: KPI, cycle: CycleMonths) -> float:
        """What a level that people state is multiplied by: per cents are rates, a volume is said by week or month."""
        if kpi.is_rate:
            return 0.01
        return 1.0 if kpi.period in {"", WEEK} else float(cycle.months_of(kpi.period))


def times(value: Any, factor: float) -> float | None:
    return None if value is None else float(value) * factor


class Trees:
    """The KGIs behind some KPIs, as far as the reader may see them; read by one query, calculated when asked."""

    def __init__(self, kpi_ids: Collection[int], membership: Membership):
        self.kpis: dict[int, KPI] = {}
        self._rows: dict[int, list[KPI]] = {}
        self._movable: dict[int, Movable | None] = {}
        if not kpi_ids:
            return
        kgis = KGI.objects.visible_to(membership).filter(kpis__in=kpi_ids)
        rows = KPI.objects.standing().filter(kgi__in=kgis.values("pk")).select_related("kgi")
        shared: dict[int, KGI] = {}
        for kpi in rows.order_by("position", "id"):
            kpi.kgi = shared.setdefault(kpi.kgi_id, kpi.kgi)
            self.kpis[kpi.pk] = kpi
            self._rows.setdefault(kpi.kgi_id, []).append(kpi)

    def movable(self, kpi_id: int | None) -> Movable | None:
        """The tree of a KPI's KGI; None where it cannot be calculated, or the reader may not see it."""
        kpi = self.kpis.get(kpi_id or 0)
        if kpi is None:
            return None
        if kpi.kgi_id not in self._movable:
            self._movable[kpi.kgi_id] = movable_of(kpi.kgi, self._rows[kpi.kgi_id])
        return self._movable[kpi.kgi_id]


def movable_of(kgi: KGI, kpis: Iterable[KPI] | None = None) -> Movable | None:
    """A KGI's tree to move nodes in; None where it cannot be calculated yet."""
    try:
        planned = tree_of(kgi, kpis)
        return None if planned is None else Movable(planned)
    except TreeRefused:
        return None


def months_for(kgi: KGI, cycle: Cycle) -> CycleMonths:
    """Which part of the KGI's period a cycle is, by the months' weights where it has some."""
    return months_of_cycle(kgi.period_start, kgi.period_end, cycle.start, cycle.end, kgi.monthly_weights)


def worths_of(key_results: Sequence[KeyResult], membership: Membership) -> dict[int, Worth]:
    """What each of the key results is worth, by id; those tied to no KPI of a tree that can be calculated are left out.

    Two queries however many there are, and none where no key result is tied to a KPI.
    """
    tied = [row for row in key_results if row.kpi_id is not None]
    trees = Trees({row.kpi_id for row in tied if row.kpi_id is not None}, membership)
    cycles = cycles_of(row.objective_id for row in tied) if trees.kpis else {}
    found = {}
    for row in tied:
        tree = trees.movable(row.kpi_id)
        if tree is not None and row.kpi_id is not None:
            aim = Aim.of(row, trees.kpis[row.kpi_id])
            worth = tree.worth([aim], months_for(tree.kgi, cycles[row.objective_id]))
            if worth is not None:
                found[row.pk] = worth
    return found


def worth_together(key_results: Sequence[KeyResult], membership: Membership) -> dict[int, Worth]:
    """What it is worth that all key results of an objective succeed, by the objective's id.

    An objective whose key results move several KGIs is left out: their units do not add up. Two queries at most.
    """
    tied: dict[int, list[KeyResult]] = {}
    for row in key_results:
        if row.kpi_id is not None:
            tied.setdefault(row.objective_id, []).append(row)
    trees = Trees({row.kpi_id for rows in tied.values() for row in rows if row.kpi_id is not None}, membership)
    cycles = cycles_of(tied) if trees.kpis else {}
    found = {}
    for objective, rows in tied.items():
        seen = [(trees.kpis[row.kpi_id], row) for row in rows if row.kpi_id in trees.kpis]
        if len({kpi.kgi_id for kpi, _row in seen}) != 1:
            continue
        tree = trees.movable(seen[0][0].pk)
        if tree is not None:
            aims = [Aim.of(row, kpi) for kpi, row in seen]
            worth = tree.worth(aims, months_for(tree.kgi, cycles[objective]))
            if worth is not None:
                found[objective] = worth
    return found


def cycles_of(objective_ids: Iterable[int]) -> dict[int, Cycle]:
    """The cycles of some objectives, by the objective's id."""
    rows = Objective.objects.filter(pk__in=set(objective_ids)).order_by().select_related("cycle")
    return {row.pk: row.cycle for row in rows.only("cycle", "cycle__start", "cycle__end")}
