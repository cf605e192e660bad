"""What can already be calculated of a tree that is still being built.

Every formula is a tree of its own over what it names, calculated by the one engine; what lacks a number or cannot be
read leaves those above it without a value, and everything else as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from funnel.formulas.formula import FormulaRefused, keys_of, read_formula
from funnel.formulas.kpi_tree import CURRENT, Formula, Lever, Node, Tree, TreeRefused


@dataclass(frozen=True)
class Outcome:
    """Every node's value in a column, None where there is none yet, and why under the nodes that are to blame."""

    values: Mapping[str, float | None]
    wrong: Mapping[str, TreeRefused]


class Unfinished:
    """Nodes of which some may be missing, unreadable or go round in a circle; `wrong` says which formulas and why.

    >>> nodes = [Formula("g", "a * b"), Lever("a", {"current": 2}), Formula("b", "c + 1"), Lever("c", {"plan": 4})]
    >>> tree = Unfinished(nodes)
    >>> tree.evaluate("current").values
    {'a': 2.0, 'c': None, 'g': None, 'b': None}
    >>> tree.evaluate("plan").values["g"]
    10.0
    >>> Unfinished([Formula("g", "a * d"), Lever("a")]).wrong["g"].code
    'unknown_key'
    """

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.levers: dict[str, Lever] = {}
        self.formulas: dict[str, Formula] = {}
        for node in nodes:
            if isinstance(node, Lever):
                self.levers[node.key] = node
            else:
                self.formulas[node.key] = node
        self.wrong: dict[str, TreeRefused] = {}
        self._trees: dict[str, Tree] = {}
        for key, formula in self.formulas.items():
            self._read(key, formula)
        self._order = self._put_in_order()

    def _read(self, key: str, formula: Formula) -> None:
        """A formula with the nodes it names as its levers."""
        try:
            named = {child.key for child in keys_of(read_formula(formula.text))}
        except FormulaRefused:
            named = set()
        known = [Lever(child) for child in named if child != key and (child in self.levers or child in self.formulas)]
        try:
            self._trees[key] = Tree(key, [formula, *known])
        except TreeRefused as refused:
            self.wrong[key] = refused

    def _put_in_order(self) -> list[str]:
        """The formulas that can be calculated, after what they need; those that never can are left out."""
        waiting = {key: {child for child in tree.levers if child in self.formulas} for key, tree in self._trees.items()}
        above: dict[str, list[str]] = {}
        for key, needed in waiting.items():
            for child in needed:
                above.setdefault(child, []).append(key)
        ready = [key for key, needed in waiting.items() if not needed]
        order = []
        while ready:
            key = ready.pop()
            order.append(key)
            waiting.pop(key)
            for parent in above.get(key, ()):
                waiting[parent].discard(key)
                if not waiting[parent]:
                    ready.append(parent)
        self._name_loop(waiting)
        return order

    def _name_loop(self, waiting: Mapping[str, set[str]]) -> None:
        """Of formulas that wait for each other, the circle into which they lead; others wait for what is wrong."""
        stuck = {key: {child for child in needed if child in waiting} for key, needed in waiting.items()}
        while idle := [key for key, needed in stuck.items() if not needed]:
            for key in idle:
                del stuck[key]
            stuck = {key: needed - set(idle) for key, needed in stuck.items()}
        if not stuck:
            return
        path = [min(stuck)]
        while (below := min(stuck[path[-1]])) not in path:
            path.append(below)
        circle = path[path.index(below) :]
        for key in circle:
            self.wrong[key] = TreeRefused("loop", key, found=" → ".join([*circle, circle[0]]))

    def evaluate(self, column: str) -> Outcome:
        """Every node's value in a column, a lever without it having its current one."""
        values: dict[str, float | None] = {key: _value(lever, column) for key, lever in self.levers.items()}
        values |= dict.fromkeys(self.formulas)
        wrong = dict(self.wrong)
        for key in self._order:
            tree = self._trees[key]
            below = {child: values[child] for child in tree.levers}
            if any(value is None for value in below.values()):
                continue
            try:
                values[key] = float(tree.result(below))
            except TreeRefused as refused:
                wrong[key] = refused
        return Outcome(values, wrong)


def _value(lever: Lever, column: str) -> float | None:
    value = lever.values.get(column)
    if value is None:
        value = lever.values.get(CURRENT)
    return None if value is None else float(value)
