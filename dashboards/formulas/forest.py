"""Which cells of a large tree are drawn: a few levels, sized by what stands below, the smallest folded into one.

Keys are any hashable. A node may stand below several others; then its size is shared out among them, so that the whole
is as large as its parts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Key = int

DEEPEST = 60


@dataclass(frozen=True, slots=True)
class Cell:
    """A node at one place of the drawing, or those folded there (`folded`, their keys) in the stead of a node.

    `path` joins the keys from the top with "/"; `parent` is the path above, empty at the top. `size` is the whole of
    it, `depth` counts from 1, `below` how many stand right below the node.
    """

    key: Key | None
    path: str
    parent: str
    depth: int
    size: float
    below: int = 0
    folded: tuple[Key, ...] = ()


def sizes(roots: Sequence[Key], children: Mapping[Key, Sequence[Key]], own: Mapping[Key, float]) -> dict[Key, float]:
    """How large each node is at one of its places, with its part of everything below it.

    >>> sizes(["a", "b"], {"a": ["c", "d"], "b": ["d"]}, {"a": 1, "b": 1, "c": 3, "d": 4})
    {'c': 3.0, 'd': 2.0, 'a': 6.0, 'b': 3.0}
    """
    parents: dict[Key, int] = defaultdict(int)
    order: list[Key] = []
    seen: set[Key] = set()
    for root in roots:
        waiting: list[tuple[Key, bool]] = [(root, False)]
        while waiting:
            key, is_left = waiting.pop()
            if is_left:
                order.append(key)
            elif key not in seen:
                seen.add(key)
                waiting.append((key, True))
                for child in reversed(children.get(key, ())):
                    parents[child] += 1
                    if child not in seen:
                        waiting.append((child, False))
    total: dict[Key, float] = {}
    for key in order:
        below = sum(total.get(child, 0.0) / parents[child] for child in children.get(key, ()))
        total[key] = float(own.get(key, 0)) + below
    return {key: value / max(parents[key], 1) for key, value in total.items()}


def weighted(
    key: Key, size: float, children: Sequence[Key], weights: Mapping[tuple[Key, Key], float], own: float
) -> list[float]:
    """How a node's size is shared among its children by what each counts beside `own`, what the node has by itself.

    >>> weighted("a", 12, ["b", "c"], {("a", "b"): 1.0, ("a", "c"): 2.0}, 1.0)
    [3.0, 6.0]
    """
    counts = [weights.get((key, child), 1.0) for child in children]
    whole = own + sum(counts)
    return [size * count / whole if whole > 0 else 0.0 for count in counts]


def kept(children: Mapping[Key, Sequence[Key]], found: Iterable[Key]) -> set[Key]:
    """What was found, with everything on the ways from the top to it.

    >>> sorted(kept({"a": ["b", "c"], "b": ["d"]}, ["d"]))
    ['a', 'b', 'd']
    """
    above: dict[Key, list[Key]] = defaultdict(list)
    for parent, below in children.items():
        for child in below:
            above[child].append(parent)
    shown, waiting = set(), list(found)
    while waiting:
        key = waiting.pop()
        if key not in shown:
            shown.add(key)
            waiting += above[key]
    return shown


def below(children: Mapping[Key, Sequence[Key]], roots: Iterable[Key]) -> set[Key]:
    """The roots with everything below them.

    >>> sorted(below({"a": ["b"], "b": ["c"], "x": ["y"]}, ["a"]))
    ['a', 'b', 'c']
    """
    reached: set[Key] = set()
    waiting = list(roots)
    while waiting:
        key = waiting.pop()
        if key not in reached:
            reached.add(key)
            waiting += children.get(key, ())
    return reached


def cut(
    top: Sequence[Key],
    children: Mapping[Key, Sequence[Key]],
    size: Mapping[Key, float],
    *,
    levels: int,
    least: float,
    weights: Mapping[tuple[Key, Key], float] | None = None,
    own: Mapping[Key, float] | None = None,
) -> list[Cell]:
    """The cells of a drawing, level by level: at most `levels` of them, none smaller than `least` of the whole.

    Smaller ones that stand side by side become one folded cell behind the others. With `weights` a node's size is what
    it is given by the one above it, instead of what stands below it.

    >>> size = {"a": 90, "b": 5, "c": 5, "d": 60}
    >>> [(cell.path, cell.size, cell.folded) for cell in cut(["a", "b", "c"], {"a": ["d"]}, size, levels=2, least=0.1)]
    [('a', 90, ()), ('+', 10, ('b', 'c')), ('a/d', 60, ())]
    """
    whole = sum(size.get(key, 0.0) for key in top) or 1.0
    cells: list[Cell] = []

    def side_by_side(keys: Sequence[Key], large: Sequence[float], above: str, depth: int) -> list[Cell]:
        prefix = f"{above}/" if above else ""
        small = [(key, part) for key, part in zip(keys, large, strict=True) if part < least * whole]
        if len(small) < 2:
            small = []
        hidden = {key for key, _part in small}
        shown = [
            Cell(key, f"{prefix}{key}", above, depth, part, len(children.get(key, ())))
            for key, part in zip(keys, large, strict=True)
            if key not in hidden
        ]
        if small:
            folded = sum(part for _key, part in small)
            shown.append(Cell(None, f"{prefix}+", above, depth, folded, 0, tuple(key for key, _part in small)))
        return shown

    level = side_by_side(top, [size.get(key, 0.0) for key in top], "", 1)
    while level:
        cells += level
        deeper: list[Cell] = []
        for cell in level:
            if cell.key is None or cell.depth >= min(levels, DEEPEST) or not cell.below:
                continue
            keys = children[cell.key]
            if weights is None:
                large = [size.get(key, 0.0) for key in keys]
            else:
                large = weighted(cell.key, cell.size, keys, weights, (own or {}).get(cell.key, 0.0))
            deeper += side_by_side(keys, large, cell.path, cell.depth + 1)
        level = deeper
    return cells
