"""A KPI tree: levers with numbers, formulas over them, and the goal at the root.

Formulas are put in order once and turned into a list of steps on numbered slots; running the steps is all that is
left to do when a number changes. A slot holds a number or a numpy array of them: one scenario, or a hundred thousand.
One engine serves funnel and tree: a funnel is a tree that is a chain. Source: the product's domain notes 2.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from operator import add, mul, sub, truediv
from typing import Any, NamedTuple

import numpy as np

from funnel.formulas.formula import (
    FormulaRefused,
    Key,
    Negative,
    Number,
    Operation,
    Part,
    is_key,
    keys_of,
    read_formula,
    same_key,
)

MOST_NODES = 500
# What is read within a second.
LONGEST_TOGETHER = 100_000
LARGEST_NUMBER = 1e100
# Arrays that stay within the processor's cache are the fastest, and 32 MB are enough for all slots together.
LONGEST_ARRAY = 8192
NUMBERS_AT_ONCE = 4_000_000
# The columns a lever may carry a value in; a tree may be asked for others by their name (scenarios).
CURRENT = "current"

Numbers = Any  # float, or an array of float64 whose shape all levers share

SIGNS: dict[str, Callable[[Any, Any], Any]] = {"+": add, "-": sub, "*": mul, "/": truediv}

_SENTENCES = {
    "key": "A key is a letter or _, then letters, digits and _, 60 characters at most.",
    "repeated_key": "Two nodes have this key.",
    "unknown_key": "No node has this key.",
    "unknown_goal": "The goal is no node of this tree.",
    "loop": "This formula leads back to itself.",
    "unused_formula": "Nothing uses this formula: a tree has one goal.",
    "too_long_together": f"The formulas of a tree have {LONGEST_TOGETHER:,} characters together at most.",
    "too_many_nodes": f"A tree has {MOST_NODES} nodes at most.",
    "no_value": "This lever has no value.",
    "not_a_number": "This is not a finite number.",
    "too_large": "This number is too large.",
    "division_by_zero": "This formula divides by 0.",
    "not_finite": "This comes to more than can be calculated.",
    "range": "The range does not go from low over likely to high.",
    "limits": "The lower limit lies above the upper one.",
    "effort": "An effort is greater than 0.",
    "not_a_lever": "This is no lever of the tree.",
    "locked": "This lever is locked.",
    "lever_is_zero": "This lever is 0: it cannot be moved by a ratio.",
    "nothing_to_move": "No lever is left that may be moved.",
    "unreachable": "No values of these levers within their limits reach this goal.",
    "goal_not_positive": "This needs a goal above 0.",
    "too_many_samples": "This is more than can be simulated at once.",
}


class TreeRefused(ValueError):
    """A tree that cannot be calculated.

    `code` says why (those of `FormulaRefused` too) and `key` which node; `start` and `end` are the place in that
    node's formula where there is one, and `found` what stands there. `best` is the nearest that can be reached, where
    a goal cannot.
    """

    def __init__(
        self,
        code: str,
        key: str = "",
        *,
        sentence: str = "",
        start: int | None = None,
        end: int | None = None,
        found: str = "",
        best: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(sentence or _SENTENCES[code])
        self.code = code
        self.key = key
        self.start = start
        self.end = end
        self.found = found
        self.best = best


@dataclass(frozen=True)
class Lever:
    """A node with values: `values` by column. `low`, `likely` and `high` are its range, `minimum` and `maximum` its
    limits, `effort` what it takes to move it beside the others (1), `locked` whether it may be moved at all.
    """

    key: str
    values: Mapping[str, float | None] = field(default_factory=dict)
    low: float | None = None
    likely: float | None = None
    high: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    effort: float = 1.0
    locked: bool = False


@dataclass(frozen=True)
class Formula:
    """A node calculated from others."""

    key: str
    text: str


Node = Lever | Formula


class Step(NamedTuple):
    """`slots[into] = sign(slots[left], slots[right])`; `key` is the formula it belongs to."""

    sign: Callable[[Any, Any], Any]
    left: int
    right: int
    into: int
    key: str


class Tree:
    """A tree ready to be calculated.

    `levers` and `formulas` hold the nodes by key in the order given, `order` the formulas' keys so that each comes
    after what it needs, `children` the keys a formula names, each once. Raises TreeRefused for nodes that make none.
    """

    def __init__(self, goal: str, nodes: Iterable[Node]) -> None:
        self.goal = same_key(goal)
        self.levers: dict[str, Lever] = {}
        self.formulas: dict[str, Formula] = {}
        self.children: dict[str, tuple[str, ...]] = {}
        parts = self._read(list(nodes))
        if self.goal not in self.levers and self.goal not in self.formulas:
            raise TreeRefused("unknown_goal", self.goal)
        self.order = self._put_in_order()
        self._refuse_unused()
        self._write_steps(parts)

    # Calculating

    def evaluate(self, column: str) -> dict[str, float]:
        """Every node's value in a column; a lever without that column has its current value. Raises TreeRefused.

        >>> tree = Tree("revenue", [Formula("revenue", "orders * price"), Lever("orders", {"current": 80, "plan": 100}),
        ...     Lever("price", {"current": 1200})])
        >>> tree.evaluate("plan")
        {'orders': 100.0, 'price': 1200.0, 'revenue': 120000.0}
        """
        return self.calculate(self.column(column))

    def column(self, column: str) -> dict[str, float]:
        """The levers' values in a column, the current ones where it has none. Raises TreeRefused `no_value`."""
        return {key: self.value(key, column) for key in self.levers}

    def value(self, key: str, column: str) -> float:
        values = self.levers[key].values
        value = values.get(column)
        if value is None:
            value = values.get(CURRENT)
        if value is None:
            raise TreeRefused("no_value", key)
        return float(value)

    def lever_key(self, key: str) -> str:
        """A lever's key as the tree writes it. Raises TreeRefused `not_a_lever`."""
        plain = same_key(key)
        if plain not in self.levers:
            raise TreeRefused("not_a_lever", key)
        return plain

    def calculate(self, values: Mapping[str, Numbers]) -> dict[str, Numbers]:
        """Every node's value for the levers' values given: numbers, or arrays of one shape. Raises TreeRefused."""
        slots = self._run(values)
        return {key: slots[at] for key, at in self._slots.items()}

    def result(self, values: Mapping[str, Numbers]) -> Numbers:
        """The goal for the levers' values given. Raises TreeRefused."""
        return self._run(values)[self._slots[self.goal]]

    def gradient(self, values: Mapping[str, float]) -> tuple[float, dict[str, float]]:
        """The goal and its derivative to each lever, exactly, by the chain rule from the goal backwards.

        Raises TreeRefused.

        >>> tree = Tree("g", [Formula("g", "a * a / b"), Lever("a", {"current": 3}), Lever("b", {"current": 2})])
        >>> tree.gradient(tree.column("current"))
        (4.5, {'a': 3.0, 'b': -2.25})
        """
        slots = self._run(values)
        slopes = [0.0] * len(slots)
        goal = self._slots[self.goal]
        slopes[goal] = 1.0
        for step in reversed(self._steps):
            slope = slopes[step.into]
            if slope == 0.0:
                continue
            left, right = slots[step.left], slots[step.right]
            if step.sign is mul:
                slopes[step.left] += slope * right
                slopes[step.right] += slope * left
            elif step.sign is truediv:
                slopes[step.left] += slope / right
                slopes[step.right] -= slope * left / right / right
            else:
                slopes[step.left] += slope
                slopes[step.right] += slope if step.sign is add else -slope
        if not all(map(isfinite, slopes)):
            raise TreeRefused("not_finite", self.goal)
        return slots[goal], {key: slopes[self._slots[key]] for key in self.levers}

    @property
    def size(self) -> int:
        """How many numbers one calculation comes to: levers, constants and what each sign gives."""
        return self._size

    @property
    def at_once(self) -> int:
        """How long an array a lever may hold for a calculation to be fast and small."""
        return max(min(LONGEST_ARRAY, NUMBERS_AT_ONCE // max(self._size, 1)), 64)

    @property
    def used_levers(self) -> list[str]:
        """The keys of the levers that the goal is calculated from, sorted."""
        used, waiting = {self.goal}, [self.goal]
        while waiting:
            new = [child for child in self.children.get(waiting.pop(), ()) if child not in used]
            used.update(new)
            waiting += new
        return sorted(used & self.levers.keys())

    def is_multilinear(self) -> bool:
        """Whether the goal is a sum of products none of which holds a lever twice, and none divides by a lever.

        Then the goal moves along a straight line with each lever alone.

        >>> levers = [Lever("a"), Lever("b")]
        >>> for text in ("a*b + a", "a*(a+b)", "b/a", "b/2*a"):
        ...     print(Tree("g", [Formula("g", text), *levers]).is_multilinear(), end=" ")
        True False False True
        """
        within: list[frozenset[str]] = [frozenset()] * self._size
        for key in self.levers:
            within[self._slots[key]] = frozenset({key})
        for step in self._steps:
            left, right = within[step.left], within[step.right]
            if (step.sign is mul and left & right) or (step.sign is truediv and right):
                return False
            within[step.into] = left | right
        return True

    def is_straight_in(self, key: str) -> bool:
        """Whether the goal moves along a straight line with this lever alone, whatever the others are.

        >>> tree = Tree("g", [Formula("g", "(a + b) / c * b"), Lever("a"), Lever("b"), Lever("c")])
        >>> [tree.is_straight_in(key) for key in "abc"]
        [True, False, False]
        """
        holds = [False] * self._size
        holds[self._slots[key]] = True
        for step in self._steps:
            left, right = holds[step.left], holds[step.right]
            if (step.sign is mul and left and right) or (step.sign is truediv and right):
                return False
            holds[step.into] = left or right
        return True

    def is_product_of(self, keys: Iterable[str]) -> bool:
        """Whether these levers are only multiplied and divided on their way to the goal.

        Then the goal's logarithm moves along a straight line with the logarithms of these levers together.

        >>> tree = Tree("g", [Formula("g", "a * a / b * (c + d)"), *map(Lever, "abcd")])
        >>> tree.is_product_of("ab"), tree.is_product_of("abc")
        (True, False)
        """
        holds = [False] * self._size
        for key in keys:
            holds[self._slots[key]] = True
        for step in self._steps:
            held = holds[step.left] or holds[step.right]
            is_negative = step.sign is sub and self._constants.get(step.left) == 0.0
            if held and step.sign in (add, sub) and not is_negative:
                return False
            holds[step.into] = held
        return True

    # Building

    def _read(self, nodes: Sequence[Node]) -> dict[str, Part]:
        if len(nodes) > MOST_NODES:
            raise TreeRefused("too_many_nodes")
        if sum(len(node.text) for node in nodes if isinstance(node, Formula)) > LONGEST_TOGETHER:
            raise TreeRefused("too_long_together")
        parts: dict[str, Part] = {}
        for node in nodes:
            key = same_key(node.key)
            if not is_key(node.key):
                raise TreeRefused("key", node.key)
            if key in self.levers or key in self.formulas:
                raise TreeRefused("repeated_key", key)
            if isinstance(node, Lever):
                _check_lever(key, node)
                self.levers[key] = node
            else:
                self.formulas[key] = node
                try:
                    parts[key] = read_formula(node.text)
                except FormulaRefused as wrong:
                    raise TreeRefused(
                        wrong.code, key, sentence=str(wrong), start=wrong.start, end=wrong.end, found=wrong.found
                    ) from wrong
        for key, part in parts.items():
            self.children[key] = self._children(key, part)
        return parts

    def _children(self, key: str, part: Part) -> tuple[str, ...]:
        named: dict[str, None] = {}
        for child in keys_of(part):
            if child.key not in self.levers and child.key not in self.formulas:
                raise TreeRefused("unknown_key", key, start=child.start, end=child.end, found=child.key)
            named[child.key] = None
        return tuple(named)

    def _put_in_order(self) -> list[str]:
        """Formulas after what they need, by walking down from each without recursion. Raises TreeRefused `loop`."""
        order: list[str] = []
        done: set[str] = set(self.levers)
        for first in self.formulas:
            path: dict[str, Any] = {}
            waiting = first
            while waiting not in done:
                path.setdefault(waiting, iter(self.children[waiting]))
                below = next((child for child in path[waiting] if child not in done), None)
                if below is None:
                    done.add(waiting)
                    order.append(waiting)
                    path.pop(waiting)
                    waiting = next(reversed(path), first)
                elif below in path:
                    raise TreeRefused("loop", below, found=" → ".join([*list(path)[list(path).index(below) :], below]))
                else:
                    waiting = below
        return order

    def _refuse_unused(self) -> None:
        used = {child for children in self.children.values() for child in children}
        for key in self.formulas:
            if key != self.goal and key not in used:
                raise TreeRefused("unused_formula", key)

    def _write_steps(self, parts: Mapping[str, Part]) -> None:
        self._slots = {key: at for at, key in enumerate(self.levers)}
        self._size = len(self._slots)
        self._constants: dict[int, float] = {}
        self._steps: list[Step] = []
        for key in self.order:
            self._slots[key] = self._write(parts[key], key)

    def _new_slot(self) -> int:
        self._size += 1
        return self._size - 1

    def _constant(self, value: float) -> int:
        at = self._new_slot()
        self._constants[at] = value
        return at

    def _write(self, part: Part, key: str) -> int:
        """The steps of one formula, last part first put aside: a long sum is as deep as it is long."""
        waiting: list[tuple[Part, bool]] = [(part, False)]
        ready: list[int] = []
        while waiting:
            here, parts_ready = waiting.pop()
            match here:
                case Number(value=value):
                    ready.append(self._constant(value))
                case Key(key=other):
                    ready.append(self._slots[other])
                case Negative(of=inner) if not parts_ready:
                    waiting += ((here, True), (inner, False))
                case Negative():
                    self._step(sub, self._constant(0.0), ready.pop(), ready, key)
                case Operation(left=left, right=right) if not parts_ready:
                    waiting += ((here, True), (right, False), (left, False))
                case Operation(sign=sign):
                    right_at = ready.pop()
                    self._step(SIGNS[sign], ready.pop(), right_at, ready, key)
        return ready.pop()

    def _step(self, sign: Callable[[Any, Any], Any], left: int, right: int, ready: list[int], key: str) -> None:
        into = self._new_slot()
        self._steps.append(Step(sign, left, right, into, key))
        ready.append(into)

    # Running

    def _run(self, values: Mapping[str, Numbers]) -> list[Numbers]:
        slots: list[Numbers] = [0.0] * self._size
        for key in self.levers:
            slots[self._slots[key]] = values[key]
        for at, constant in self._constants.items():
            slots[at] = constant
        with np.errstate(divide="raise", over="raise", invalid="raise"):
            for sign, left, right, into, key in self._steps:
                try:
                    slots[into] = sign(slots[left], slots[right])
                except ZeroDivisionError:
                    raise TreeRefused("division_by_zero", key) from None
                except FloatingPointError:
                    zero = sign is truediv and not np.all(slots[right])
                    raise TreeRefused("division_by_zero" if zero else "not_finite", key) from None
        # A plain float grows to infinity in silence, and dividing by that would look like a number again.
        for _, _, _, into, key in self._steps:
            value = slots[into]
            if type(value) is float and not isfinite(value):
                raise TreeRefused("not_finite", key)
        return slots


def _check_lever(key: str, lever: Lever) -> None:
    given = (*lever.values.values(), lever.low, lever.likely, lever.high, lever.minimum, lever.maximum, lever.effort)
    for number in given:
        if number is None:
            continue
        if not isfinite(number):
            raise TreeRefused("not_a_number", key)
        if abs(number) > LARGEST_NUMBER:
            raise TreeRefused("too_large", key)
    if lever.minimum is not None and lever.maximum is not None and lever.minimum > lever.maximum:
        raise TreeRefused("limits", key)
    if lever.effort <= 0:
        raise TreeRefused("effort", key)
    through = [number for number in (lever.low, lever.likely, lever.high) if number is not None]
    if through != sorted(through):
        raise TreeRefused("range", key)
