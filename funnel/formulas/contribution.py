"""What the levers in an outside partner's hands brought to a KGI in one month.

Each month is compared with where the levers stood when they were handed over: the KGI's gap between that start and
what the levers were in the month is divided among all levers that moved by their Shapley values, so that the order in
which they moved has no say and the parts sum to the whole gap. A partner's contribution is the sum of the parts of
their levers, each times the portion that was agreed to be theirs. The same is asked of every number between the levers
and the KGI (inquiries, deals, orders).
Source: the product's domain notes 3.18; for the division see `funnel.formulas.attribution`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum

from funnel.formulas.attribution import EVALUATIONS, Method, Values, attribute
from funnel.formulas.kpi_tree import Node, Tree


@dataclass(frozen=True)
class LeverPart:
    """What one lever moved a number by, in that number's unit; `own` is the agreed portion of it."""

    key: str
    start: float
    end: float
    value: float
    own: float


@dataclass(frozen=True)
class Contribution:
    """What a partner's levers brought to one number of a tree.

    `start` and `end` are the number itself; `gap` = `end` − `start` = the parts of all levers together. `parts` are
    those of the partner's levers, in the tree's order, `own` the sum of what counts as theirs, `others` the rest of the
    gap: other levers, and the portions that are not theirs.
    """

    key: str
    start: float
    end: float
    gap: float
    parts: tuple[LeverPart, ...]
    own: float
    others: float
    method: Method


def contribution(
    tree: Tree, *, start: Values, end: Values, portions: Mapping[str, float], evaluations: int = EVALUATIONS
) -> Contribution:
    """What the levers of `portions` (above 0, up to 1) brought to the tree's goal between two sets of lever values.

    A lever that a set leaves out has its current value; `evaluations` of the goal are made where it takes drawn orders.
    Raises TreeRefused, also `not_a_lever` for a key of `portions`.

    >>> from funnel.formulas.kpi_tree import Formula, Lever
    >>> tree = Tree("orders", [Formula("orders", "visits * rate"), Lever("visits", {"current": 1000}),
    ...     Lever("rate", {"current": 0.02})])
    >>> found = contribution(tree, start={}, end={"visits": 1500, "rate": 0.03}, portions={"visits": 0.5})
    >>> found.gap, found.parts[0].value, found.own, found.others
    (25.0, 12.5, 6.25, 18.75)
    """
    held = {tree.lever_key(key): portion for key, portion in portions.items()}
    divided = attribute(tree, start=start, end=end, evaluations=evaluations)
    starts = tree.column("current") | {key: value for key, value in start.items() if key in tree.levers}
    ends = tree.column("current") | {key: value for key, value in end.items() if key in tree.levers}
    parts = tuple(
        LeverPart(part.key, starts[part.key], ends[part.key], part.value, part.value * held[part.key])
        for part in divided.parts
        if part.key in held
    )
    own = fsum(part.own for part in parts)
    before = float(tree.result(starts))
    return Contribution(
        key=tree.goal,
        start=before,
        end=before + divided.gap,
        gap=divided.gap,
        parts=parts,
        own=own,
        others=divided.gap - own,
        method=divided.method,
    )


def between(tree: Tree, keys: Sequence[str]) -> list[str]:
    """The formulas on the ways from these levers to the goal, in the order in which they are calculated, goal last.

    >>> from funnel.formulas.kpi_tree import Formula, Lever
    >>> nodes = [Formula("revenue", "orders * price"), Formula("orders", "visits * rate"), Lever("visits"),
    ...     Lever("rate"), Lever("price")]
    >>> between(Tree("revenue", nodes), ["visits"]), between(Tree("revenue", nodes), ["price"])
    (['orders', 'revenue'], ['revenue'])
    """
    touched = set(keys)
    found = []
    for key in tree.order:
        if touched & set(tree.children.get(key, ())):
            touched.add(key)
            found.append(key)
    return found


def subtree(tree: Tree, key: str) -> Tree:
    """The tree whose goal is one of the tree's formulas."""
    nodes: list[Node] = []
    waiting, met = [key], {key}
    while waiting:
        here = waiting.pop()
        nodes.append(tree.formulas[here] if here in tree.formulas else tree.levers[here])
        new = [child for child in tree.children.get(here, ()) if child not in met]
        met.update(new)
        waiting += new
    return Tree(key, nodes)
