"""The rows of a KGI as the tree that `formulas.kpi_tree` calculates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from funnel.formulas.formula import FormulaRefused, keys_of, read_formula, renamed, same_key, tokens_of
from funnel.formulas.kpi_tree import Formula, Lever, Node, Tree, TreeRefused
from funnel.models import KGI, KPI, TargetColumn

COLUMNS = tuple(TargetColumn.values)
Column = Mapping[str, Decimal | float | None]


@dataclass(frozen=True)
class PlannedTree:
    """A KGI's tree ready to be calculated, with the rows behind its nodes.

    `nodes` holds those of the tree by key, from the goal down as it is read; `beside` those that lead to no goal.
    """

    kgi: KGI
    goal: KPI
    tree: Tree
    nodes: Mapping[str, KPI]
    beside: tuple[KPI, ...] = ()

    @property
    def levers(self) -> list[KPI]:
        return [node for node in self.nodes.values() if node.is_lever]

    def children(self, node: KPI) -> list[KPI]:
        """What a node's formula names, in the tree's order of display."""
        named = [self.nodes[key] for key in self.tree.children.get(node.key, ())]
        return sorted(named, key=lambda child: child.position)

    def target(self, column: str) -> float | None:
        """What the KGI itself is or aims at in a column."""
        value: Decimal | None = getattr(self.kgi, f"{column}_value", None)
        return None if value is None else float(value)


@dataclass
class _Walk:
    """From the goal down: what is met first stands first."""

    by_key: Mapping[str, KPI]
    met: dict[str, KPI] = field(default_factory=dict)

    def down(self, key: str) -> None:
        waiting = [key]
        while waiting:
            here = waiting.pop()
            kpi = self.by_key.get(here)
            if kpi is None or here in self.met:
                continue
            self.met[here] = kpi
            waiting += sorted(named_in(kpi.formula), key=self.place)[::-1]

    def place(self, key: str) -> int:
        return self.by_key[key].position if key in self.by_key else 0


def named_in(formula: str) -> list[str]:
    """The keys a formula names, each once; none where it cannot be read."""
    try:
        return list(dict.fromkeys(key.key for key in keys_of(read_formula(formula)))) if formula else []
    except FormulaRefused:
        return []


def kpis_of(kgi: KGI) -> list[KPI]:
    """The nodes of a KGI's tree and those beside it, with their owners."""
    return list(kgi.kpis.standing().select_related("owner__user").order_by("position", "id"))


def tree_of(
    kgi: KGI, kpis: Iterable[KPI] | None = None, *, columns: Mapping[str, Column] | None = None
) -> PlannedTree | None:
    """A KGI's tree, None where no goal stands yet. `columns` adds columns by name, with values by key.

    Raises TreeRefused where the rows make no tree that can be calculated.
    """
    rows = kpis_of(kgi) if kpis is None else list(kpis)
    goal = next((kpi for kpi in rows if kpi.is_goal), None)
    if goal is None:
        return None
    walk = _Walk({kpi.key: kpi for kpi in rows})
    walk.down(goal.key)
    nodes = [node_of(kpi, columns or {}) for kpi in walk.met.values()]
    beside = tuple(kpi for kpi in rows if kpi.key not in walk.met)
    return PlannedTree(kgi, goal, Tree(goal.key, nodes), walk.met, beside)


def node_of(kpi: KPI, columns: Mapping[str, Column]) -> Node:
    if not kpi.is_lever:
        return Formula(kpi.key, kpi.formula)
    values: dict[str, float | None] = {name: number(getattr(kpi, name)) for name in COLUMNS}
    values |= {name: number(column.get(kpi.key)) for name, column in columns.items()}
    return Lever(
        kpi.key,
        values,
        low=number(kpi.low),
        likely=number(kpi.likely),
        high=number(kpi.high),
        minimum=number(kpi.minimum),
        maximum=number(kpi.maximum),
        effort=float(kpi.effort),
        locked=kpi.is_locked,
    )


def number(value: Decimal | float | None) -> float | None:
    return None if value is None else float(value)


READ_AS = {"*": "×", "/": "÷", "-": "−", "+": "+"}


def in_words(formula: str, names: Mapping[str, str]) -> str:
    """A formula with the nodes' names in the place of their keys and the signs people write; as it is where it cannot
    be read.
    """
    try:
        tokens = list(tokens_of(formula))
    except FormulaRefused:
        return formula
    words = ""
    for before, token in zip([None, *tokens], tokens, strict=False):
        joins = token.text in READ_AS and before is not None and (before.kind != "sign" or before.text == ")")
        word = names.get(token.text, token.text) if token.kind == "key" else READ_AS.get(token.text, token.text)
        words += f" {word} " if joins else word
    return words


def reachable(rows: Iterable[KPI], key: str) -> list[KPI]:
    """A node and everything its formula leads to, from it down as it is read."""
    walk = _Walk({kpi.key: kpi for kpi in rows})
    walk.down(key)
    return list(walk.met.values())


def refusal_of(rows: Collection[KPI], key: str) -> TreeRefused | None:
    """Why a node and what lies under it can never be calculated, None where they can once all numbers are in."""
    try:
        Tree(key, [node_of(kpi, {}) for kpi in reachable(rows, key)])
    except TreeRefused as refused:
        return refused
    return None


def keys_for_names(formula: str, kpis: Iterable[KPI]) -> str:
    """The formula with a node's key in place of the name it is known by, where no node has such a key and no other is
    called so. A formula that cannot be read stays as it is, and so does a name of several words.
    """
    rows = list(kpis)
    unknown = set(named_in(formula)) - {kpi.key for kpi in rows}
    called = Counter(same_key(kpi.name) for kpi in rows)
    for kpi in rows:
        name = same_key(kpi.name)
        if name in unknown and called[name] == 1:
            formula = renamed(formula, name, kpi.key)
    return formula


def missing_keys(kgi: KGI, formula: str, known: Collection[str] | None = None) -> list[str]:
    """The keys a formula names that no node of the KGI has."""
    keys = set(kgi.kpis.standing().values_list("key", flat=True)) if known is None else set(known)
    return [key for key in named_in(formula) if key not in keys]
