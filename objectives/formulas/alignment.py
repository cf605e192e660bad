"""Scores up the alignment: the reference which the set-based roll-up is held to.

An objective is the weighted mean of its key results and of what contributes to it; a key result may itself be carried
by contributing objectives. Source: the product's domain notes 2.3.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, inf

Id = Hashable

# Ten shares of 0.1 are a little more than 1 in binary.
_TOLERANCE = 1e-9

_SENTENCES = {
    "weights_above_one": "The weights of an objective's key results may not be more than 1 together.",
    "weight_negative": "A weight is a finite number from 0 up.",
    "unknown_objective": "A parent or child of this alignment is not among the objectives.",
    "loop": "These alignments lead back to where they began: {path}.",
}


class AlignmentRefused(ValueError):
    """Objectives or links that cannot be rolled up. `code` is weights_above_one, weight_negative, unknown_objective."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(_SENTENCES[code].format(**values))
        self.code = code


class AlignmentLoop(AlignmentRefused):
    """Alignments that lead back to where they began. `path` names the objectives on the way, the first not repeated."""

    def __init__(self, path: Sequence[Id]) -> None:
        super().__init__("loop", path=" → ".join(str(step) for step in (*path, path[0])))
        self.path = tuple(path)


@dataclass(frozen=True)
class KeyResultNode:
    """A key result as its own check-ins have it.

    `score` is its own score (None: nothing to score yet), `weight` its share if edited, `pace` its own. With
    `combine="sum"` the values of contributing objectives' key results in the same unit become its value, read on the
    scale from `start` (0 where None) to `target`.
    """

    id: Id
    score: float | None
    weight: float | None = None
    has_check_in: bool = True
    pace: float = 1.0
    combine: str = "score"
    value: float | None = None
    start: float | None = None
    target: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class ObjectiveNode:
    """An objective with its key results; `pace` is the elapsed share of its own cycle."""

    id: Id
    key_results: tuple[KeyResultNode, ...] = ()
    pace: float = 1.0


@dataclass(frozen=True)
class Link:
    """A child objective aligned to an objective or to a key result; `supports` is seen but not counted."""

    child: Id
    parent_objective: Id | None = None
    parent_key_result: Id | None = None
    link: str = "contributes"
    weight: float | None = None


@dataclass(frozen=True)
class Rolled:
    """What stands everywhere once all is rolled up; keys are the ids of objectives or key results."""

    scores: Mapping[Id, float | None]
    key_result_scores: Mapping[Id, float | None]
    key_result_values: Mapping[Id, float | None]
    paces: Mapping[Id, float]
    key_result_paces: Mapping[Id, float]


def shares(weights: Sequence[float | None]) -> list[float]:
    """The part of an objective that each key result carries.

    An edited weight stays as it is, the others (None) share the rest equally; if all are edited they are used as they
    are. Raises AlignmentRefused when edited weights are negative or more than 1 together.

    >>> shares([None, None, None, None]), shares([0.5, None, None]), shares([0.2, 0.3])
    ([0.25, 0.25, 0.25, 0.25], [0.5, 0.25, 0.25], [0.2, 0.3])
    """
    edited = [weight for weight in weights if weight is not None]
    if not all(0 <= weight < inf for weight in edited):
        raise AlignmentRefused("weight_negative")
    rest = 1 - fsum(edited)
    if rest < -_TOLERANCE:
        raise AlignmentRefused("weights_above_one")
    open_ones = len(weights) - len(edited)
    return [max(rest, 0.0) / open_ones if weight is None else weight for weight in weights]


def find_loop(edges: Iterable[tuple[Id, Id]]) -> list[Id] | None:
    """The first way found that leads from an objective back to itself along (child, parent) edges, or None.

    >>> find_loop([("team", "company"), ("person", "team")]), find_loop([("a", "b"), ("b", "c"), ("c", "a")])
    (None, ['a', 'b', 'c'])
    """
    parents: dict[Id, list[Id]] = defaultdict(list)
    for child, parent in edges:
        parents[child].append(parent)
    finished: set[Id] = set()
    for origin in list(parents):
        if origin in finished:
            continue
        path, on_path, waiting = [origin], {origin}, [iter(parents[origin])]
        while path:
            step = next(waiting[-1], None)
            if step is None:
                waiting.pop()
                on_path.discard(path[-1])
                finished.add(path.pop())
            elif step in on_path:
                return path[path.index(step) :]
            elif step not in finished:
                path.append(step)
                on_path.add(step)
                waiting.append(iter(parents.get(step, ())))
    return None


def roll_up(objectives: Sequence[ObjectiveNode], links: Sequence[Link], *, as_given: bool = False) -> Rolled:
    """Scores and paces of all objectives and key results, children before parents.

    An objective's score is Σ w·score ÷ Σ w over its key results (w their shares) and contributing children (w given, or
    1 ÷ number of its key results, 1 if it has none); what has no score is left out, and with nothing scored it is None.
    A key result with contributing children is (own + Σ w·child) ÷ (1 + Σ w), w 1 unless given, and the children alone
    while it has no check-in of its own; see KeyResultNode for sums. Several parents each get the whole score.

    Pace is the mean of the same parts with the same weights, each scored key result and child with its own pace: a
    child whose quarter has ended is held to all of its way, one in a year that has not to a part. With nothing scored,
    an objective's pace is the elapsed share of its cycle. Landing: score ÷ pace.

    With `as_given`, key results that all have a weight are taken with these, whatever their sum. Raises AlignmentLoop,
    AlignmentRefused.

    >>> company = ObjectiveNode("company", (KeyResultNode("revenue", 0.4), KeyResultNode("shops", 0.8)))
    >>> sales = ObjectiveNode("sales", (KeyResultNode("deals", 0.9),))
    >>> round(roll_up([company, sales], [Link("sales", parent_objective="company")]).scores["company"], 3)
    0.7
    >>> roll_up([company, sales], [Link("sales", parent_key_result="revenue")]).key_result_scores["revenue"]
    0.65
    """
    known = {objective.id: objective for objective in objectives}
    owner = {key_result.id: objective.id for objective in objectives for key_result in objective.key_results}
    edges = [(link.child, _parent(link, known, owner)) for link in links]
    if (loop := find_loop(edges)) is not None:
        raise AlignmentLoop(loop)

    to_objective: dict[Id, list[Link]] = defaultdict(list)
    to_key_result: dict[Id, list[Link]] = defaultdict(list)
    for link in links:
        if link.weight is not None and not 0 <= link.weight < inf:
            raise AlignmentRefused("weight_negative")
        if link.link == "contributes":
            if link.parent_objective is not None:
                to_objective[link.parent_objective].append(link)
            else:
                to_key_result[link.parent_key_result].append(link)

    scores: dict[Id, float | None] = {}
    paces: dict[Id, float] = {}
    key_result_scores: dict[Id, float | None] = {}
    key_result_paces: dict[Id, float] = {}
    values: dict[Id, float | None] = {}
    for objective_id in _children_first(known, edges):
        objective = known[objective_id]
        for key_result in objective.key_results:
            children = to_key_result[key_result.id]
            score, value, pace = _key_result(key_result, children, known, scores, paces, values)
            key_result_scores[key_result.id], values[key_result.id] = score, value
            key_result_paces[key_result.id] = pace
        parts = _parts(
            objective, to_objective[objective_id], scores, paces, key_result_scores, key_result_paces, as_given
        )
        scores[objective_id] = _mean([(weight, score) for weight, score, _ in parts])
        blended = _mean([(weight, part_pace) for weight, _, part_pace in parts])
        paces[objective_id] = objective.pace if blended is None else blended
    return Rolled(scores, key_result_scores, values, paces, key_result_paces)


def _parent(link: Link, known: Mapping[Id, ObjectiveNode], owner: Mapping[Id, Id]) -> Id:
    parent = owner.get(link.parent_key_result) if link.parent_objective is None else link.parent_objective
    if link.child not in known or parent not in known:
        raise AlignmentRefused("unknown_objective")
    return parent


def _children_first(known: Mapping[Id, ObjectiveNode], edges: Sequence[tuple[Id, Id]]) -> list[Id]:
    parents: dict[Id, list[Id]] = defaultdict(list)
    waiting = dict.fromkeys(known, 0)
    for child, parent in edges:
        parents[child].append(parent)
        waiting[parent] += 1
    order = [objective_id for objective_id, children in waiting.items() if not children]
    for objective_id in order:
        for parent in parents[objective_id]:
            waiting[parent] -= 1
            if not waiting[parent]:
                order.append(parent)
    return order


def _key_result(
    key_result: KeyResultNode,
    children: Sequence[Link],
    known: Mapping[Id, ObjectiveNode],
    scores: Mapping[Id, float | None],
    paces: Mapping[Id, float],
    values: Mapping[Id, float | None],
) -> tuple[float | None, float | None, float]:
    """Score, value and pace with what contributes."""
    if key_result.combine == "sum":
        return (*_summed(key_result, children, known, values), key_result.pace)
    weighed = [
        (1.0 if link.weight is None else link.weight, score, paces[link.child])
        for link in children
        if (score := scores[link.child]) is not None
    ]
    if not any(weight for weight, _, _ in weighed):
        return key_result.score, key_result.value, key_result.pace
    if key_result.has_check_in and key_result.score is not None:
        weighed.append((1.0, key_result.score, key_result.pace))
    score = _mean([(weight, score) for weight, score, _ in weighed])
    pace = _mean([(weight, pace) for weight, _, pace in weighed])
    return score, key_result.value, key_result.pace if pace is None else pace


def _mean(weighed: Sequence[tuple[float, float]]) -> float | None:
    """Σ w·x ÷ Σ w, None without any weight. Weights are scaled to 1 first, lest tiny or huge ones fall out of range."""
    largest = max((weight for weight, _ in weighed), default=0.0)
    if largest <= 0:
        return None
    total = fsum(weight / largest for weight, _ in weighed)
    return fsum(weight / largest * value for weight, value in weighed) / total


def _summed(
    key_result: KeyResultNode,
    children: Sequence[Link],
    known: Mapping[Id, ObjectiveNode],
    values: Mapping[Id, float | None],
) -> tuple[float | None, float | None]:
    alike = [
        value
        for link in children
        for child in known[link.child].key_results
        if child.unit == key_result.unit and (value := values[child.id]) is not None
    ]
    start, target = key_result.start or 0.0, key_result.target
    if not alike or target is None or target == start:
        return key_result.score, key_result.value
    value = fsum(alike)
    return min(max((value - start) / (target - start), 0.0), 1.0), value


def _parts(
    objective: ObjectiveNode,
    children: Sequence[Link],
    scores: Mapping[Id, float | None],
    paces: Mapping[Id, float],
    key_result_scores: Mapping[Id, float | None],
    key_result_paces: Mapping[Id, float],
    as_given: bool,
) -> list[tuple[float, float, float]]:
    """Weight, score and pace of everything scored that an objective is the mean of."""
    key_results = objective.key_results
    given = [key_result.weight for key_result in key_results if key_result.weight is not None]
    if as_given and len(given) == len(key_results) and all(0 <= weight < inf for weight in given):
        weights = given
    else:
        weights = shares([key_result.weight for key_result in key_results])
    parts = [
        (weight, score, key_result_paces[key_result.id])
        for key_result, weight in zip(key_results, weights, strict=True)
        if (score := key_result_scores[key_result.id]) is not None
    ]
    usual = 1 / len(key_results) if key_results else 1.0
    parts += [
        (usual if link.weight is None else link.weight, score, paces[link.child])
        for link in children
        if (score := scores[link.child]) is not None
    ]
    return parts
