"""Goals that repeat or contradict each other, found among all of a company's without comparing each with each.

Two titles are alike by Dice's measure: what both are about, by the share it has in what either is about. A word counts
by how rare it is among the goals compared, so that 売上 weighs little where everybody speaks of it. Only titles that
share one of their rarest pieces can be alike enough: the others are never looked at (prefix filtering, as in Chaudhuri,
Ganti and Kaushik 2006).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from objectives.formulas.likeness.goals import Finding, Found, Goal, Measured
from objectives.formulas.likeness.pairs import (
    are_comparable,
    conflict_of,
    each_has_its_own,
    may_conflict,
    whose,
)
from objectives.formulas.likeness.words import Words

ALIKE_OBJECTIVES, ALIKE_MEASURES = 0.72, 0.8
# A word that only one side has, as rare as this: it tells the measures apart.
TELLING = 0.55
# What stands in more goals than this is the house's own yardstick: each counts its own by it.
MOST_REPEATED = 6
FEWEST_PIECES = 2


@dataclass(frozen=True, slots=True)
class Text:
    """A title of a goal, or of one of its key results."""

    goal: Goal
    key_result: Measured | None
    words: Words

    @property
    def key(self) -> tuple[bool, str]:
        return self.key_result is None, self.words.text


class Rarity:
    """How much each piece counts: 1 for what stands in one title alone, less the more there are."""

    def __init__(self, texts: Iterable[Words]):
        texts = list(texts)
        self.counts = Counter(piece for words in texts for piece in words.pieces)
        self.scale = math.log1p(max(2, len(texts)))

    def of(self, piece: str) -> float:
        count = self.counts[piece] or 1
        return min(1.0, math.log1p(math.expm1(self.scale) / count) / self.scale)

    def weights(self, words: Words) -> dict[str, float]:
        return {piece: share * self.of(piece) for piece, share in words.pieces.items()}


def likeness(first: dict[str, float], second: dict[str, float]) -> float:
    """Dice's measure of two weighted sets, 0–1.

    >>> round(likeness({"法人": 1, "契約": 0.5}, {"契約": 0.5, "件": 1}), 2)
    0.33
    """
    whole = sum(first.values()) + sum(second.values())
    if not whole:
        return 0.0
    both = sum(min(weight, second[piece]) for piece, weight in first.items() if piece in second)
    return 2 * both / whole


def told_apart(first: dict[str, float], second: dict[str, float]) -> int:
    """On how many sides a telling word stands that the other lacks: of which shop, of which customers."""
    return sum(
        sum(weight for piece, weight in one.items() if piece not in other) >= TELLING
        for one, other in ((first, second), (second, first))
    )


def find(goals: Sequence[Goal]) -> list[Found]:
    """All pairs that repeat or contradict each other, the gravest first.

    A pair of key results is told once, for the gravest of its reasons; what near-equal objectives measure alike is told
    with them. The goals are those of one organization that are not closed or dropped.
    """
    comparison = Comparison(goals)
    return comparison.find(comparison.goals)


class Comparison:
    """The goals of an organization, indexed by what their titles are about."""

    def __init__(self, goals: Sequence[Goal]):
        self.goals = {goal.id: goal for goal in goals}
        self.texts = list(self.texts_of(goals))
        self.rarity = Rarity(text.words for text in self.texts)
        self.weights: dict[tuple[bool, str], dict[str, float]] = {}
        self.repeated: dict[tuple[bool, str], list[int]] = defaultdict(list)
        self.by_lever: dict[int, list[Text]] = defaultdict(list)
        self.below: dict[int, list[int]] = defaultdict(list)
        for place, text in enumerate(self.texts):
            self.repeated[text.key].append(place)
            if text.key not in self.weights:
                self.weights[text.key] = self.rarity.weights(text.words)
            if text.key_result is not None and text.key_result.lever is not None:
                self.by_lever[text.key_result.lever].append(text)
        for goal in goals:
            for parent in goal.above:
                self.below[parent].append(goal.id)
        self.ancestors: dict[int, frozenset[int]] = {}

    @staticmethod
    def texts_of(goals: Iterable[Goal]) -> Iterator[Text]:
        for goal in goals:
            yield Text(goal, None, goal.words)
            for key_result in goal.key_results:
                yield Text(goal, key_result, key_result.words)

    def widened(self, among: Collection[int]) -> set[int]:
        """The objectives whose pairs may have changed with these: those below them, and those in the same words."""
        wanted, waiting = set(among), list(among)
        while waiting:
            for child in self.below[waiting.pop()]:
                if child not in wanted:
                    wanted.add(child)
                    waiting.append(child)
        keys = {text.key for text in self.texts if text.goal.id in wanted}
        same = {self.texts[place].goal.id for key in keys for place in self.repeated[key]}
        levers = {
            text.key_result.lever for text in self.texts if text.goal.id in wanted and text.key_result is not None
        }
        claimed = {text.goal.id for lever in levers if lever is not None for text in self.by_lever[lever]}
        return wanted | same | claimed

    def find(self, wanted: Collection[int]) -> list[Found]:
        """The pairs one of whose objectives is among the wanted."""
        found: dict[tuple[int, int | None, int, int | None], Found] = {}
        for one, other in self.candidates(wanted):
            self.keep(found, self.compared(one, other))
        for texts in self.by_lever.values():
            # Beyond a few, each is set against the first who claimed it: a list of all pairs helps nobody.
            firsts = texts if len(texts) <= MOST_REPEATED else texts[:1]
            for one in firsts:
                for other in texts:
                    if one.goal.id != other.goal.id and (one.goal.id in wanted or other.goal.id in wanted):
                        self.keep(found, self.claimed_twice(one, other))
        return without_repetition(found.values())

    @staticmethod
    def keep(found: dict[tuple[int, int | None, int, int | None], Found], pair: Found | None) -> None:
        if pair is not None:
            key = (pair.first, pair.first_key_result, pair.second, pair.second_key_result)
            if key not in found or GRAVITY[pair.finding] < GRAVITY[found[key].finding]:
                found[key] = pair

    def candidates(self, wanted: Collection[int]) -> Iterator[tuple[Text, Text]]:
        """Pairs of titles that share one of their rarest pieces, each once, one of them of the wanted objectives."""
        index: dict[tuple[bool, str], list[int]] = defaultdict(list)
        rarest = [self.rarest(text) for text in self.texts]
        for place, pieces in enumerate(rarest):
            is_measure = self.texts[place].key_result is not None
            for piece in pieces:
                index[is_measure, piece].append(place)
        for place, text in enumerate(self.texts):
            if text.goal.id not in wanted:
                continue
            seen: set[int] = set()
            for piece in rarest[place]:
                seen.update(index[text.key_result is not None, piece])
            for other in seen:
                neighbour = self.texts[other]
                if other != place and (place < other or neighbour.goal.id not in wanted):
                    yield text, neighbour

    def rarest(self, text: Text) -> list[str]:
        """The pieces of a title one of which any title alike enough must share; none of what everybody says."""
        if self.is_yardstick(text):
            return []
        weights = self.weights[text.key]
        threshold = ALIKE_OBJECTIVES if text.key_result is None else ALIKE_MEASURES
        rest = sum(weights.values())
        least = rest * threshold / (2 - threshold)
        chosen = []
        for piece in sorted(weights, key=lambda piece: (self.rarity.counts[piece], piece)):
            if rest < least:
                break
            chosen.append(piece)
            rest -= weights[piece]
        return chosen

    def is_yardstick(self, text: Text) -> bool:
        """Whether more goals than a few say exactly this at the same time."""
        same = self.repeated[text.key]
        if len(same) <= MOST_REPEATED:
            return False
        goals = (self.texts[place].goal for place in same)
        beside = (goal for goal in goals if goal.start <= text.goal.end and text.goal.start <= goal.end)
        return sum(1 for _goal in islice(beside, MOST_REPEATED + 1)) > MOST_REPEATED

    def compared(self, one: Text, other: Text) -> Found | None:
        if not may_conflict(one.goal, other.goal):
            return None
        first, second = self.weights[one.key], self.weights[other.key]
        share = likeness(first, second)
        if one.key_result is None or other.key_result is None:
            if share < ALIKE_OBJECTIVES or told_apart(first, second) > 1:
                return None
            if not self.are_same_objective(one, other) or self.are_aligned(one, other):
                return None
            opposed = {one.words.way, other.words.way} == {1, -1}
            return paired(Finding.OPPOSITE if opposed else Finding.SAME_OBJECTIVE, one, other, share)
        if share < ALIKE_MEASURES or told_apart(first, second):
            return None
        if not are_comparable(one.key_result, other.key_result):
            return None
        finding = conflict_of(one.key_result, other.key_result)
        if each_has_its_own(one.goal, other.goal, one.key_result, other.key_result, finding):
            return None
        return None if self.are_aligned(one, other) else paired(finding, one, other, share)

    def are_same_objective(self, one: Text, other: Text) -> bool:
        """Whether near-equal words are worth a question: more than one word, of two people."""
        if min(len(one.words.pieces), len(other.words.pieces)) < FEWEST_PIECES:
            return False
        return whose(one.goal, other.goal) != "same"

    def claimed_twice(self, one: Text, other: Text) -> Found | None:
        if one.key_result is None or other.key_result is None or one.goal.owner == other.goal.owner:
            return None
        if not may_conflict(one.goal, other.goal) or whose(one.goal, other.goal) == "same":
            return None
        if (one.goal.is_personal and other.goal.is_personal) or self.are_aligned(one, other):
            return None
        finding = conflict_of(one.key_result, other.key_result)
        if finding is not Finding.OPPOSITE and not are_comparable(one.key_result, other.key_result):
            finding = Finding.ONE_LEVER
        return paired(finding, one, other, 1.0)

    def are_aligned(self, one: Text, other: Text) -> bool:
        """Whether one helps the other over however many steps, or both add to one key result."""
        first, second = one.goal, other.goal
        if second.id in self.all_above(first.id) or first.id in self.all_above(second.id):
            return True
        return bool(first.summed_into & second.summed_into)

    def all_above(self, goal_id: int) -> frozenset[int]:
        known = self.ancestors.get(goal_id)
        if known is None:
            seen: set[int] = set()
            waiting = [goal_id]
            while waiting:
                goal = self.goals.get(waiting.pop())
                for parent in goal.above if goal is not None else ():
                    if parent not in seen:
                        seen.add(parent)
                        waiting.append(parent)
            known = self.ancestors[goal_id] = frozenset(seen)
        return known


GRAVITY = {finding: place for place, finding in enumerate(Finding)}


def paired(finding: Finding, one: Text, other: Text, share: float) -> Found:
    if one.goal.id > other.goal.id:
        one, other = other, one
    return Found(
        finding,
        one.goal.id,
        other.goal.id,
        one.key_result.id if one.key_result else None,
        other.key_result.id if other.key_result else None,
        round(share, 3),
    )


def without_repetition(found: Iterable[Found]) -> list[Found]:
    """Near-equal objectives are one finding, with what they measure alike; a contradiction in it is one of its own."""
    found = list(found)
    whole = {(pair.first, pair.second) for pair in found if pair.first_key_result is None}
    implied = {Finding.SAME_MEASURE, Finding.ONE_LEVER}
    left = [
        pair
        for pair in found
        if pair.first_key_result is None or pair.finding not in implied or (pair.first, pair.second) not in whole
    ]
    return sorted(
        left,
        key=lambda pair: (GRAVITY[pair.finding], -pair.likeness, pair.first, pair.second, pair.first_key_result or 0),
    )
