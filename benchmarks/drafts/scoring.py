"""How well the coach's findings agree with the labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from benchmarks.drafts.reading import RULES, Label, LabelledDraft

Place = tuple[str, str]


@dataclass
class Tally:
    """Findings that are right, findings nobody asked for, and labels nobody found."""

    right: int = 0
    false_alarms: int = 0
    missed: int = 0

    @property
    def alarms(self) -> int:
        return self.right + self.false_alarms

    @property
    def labels(self) -> int:
        return self.right + self.missed

    @property
    def precision(self) -> float:
        """The share of alarms that are right; 1 where there is none."""
        return self.right / self.alarms if self.alarms else 1.0

    @property
    def recall(self) -> float:
        """The share of labels that were found; 1 where there is none."""
        return self.right / self.labels if self.labels else 1.0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.right + other.right, self.false_alarms + other.false_alarms, self.missed + other.missed)


@dataclass(frozen=True)
class Verdict:
    """One draft's findings held against its labels."""

    draft: LabelledDraft
    right: list[Label] = field(default_factory=list)
    false_alarms: list[Place] = field(default_factory=list)
    missed: list[Label] = field(default_factory=list)


def judge(draft: LabelledDraft, found: Iterable[Place]) -> Verdict:
    """Findings of rules that the set knows nothing of, and those that may be argued about, are left out.

    Of two key results that say the same either may be named, or both: one label, found once.
    """
    places = {place for place in found if place[0] in RULES}
    named = {(label.rule, place) for label in draft.expected for place in label.places}
    right = [label for label in draft.expected if any((label.rule, place) in places for place in label.places)]
    missed = [label for label in draft.expected if label not in right]
    return Verdict(draft, right, sorted(places - named - draft.arguable), missed)


def tallies(verdicts: Iterable[Verdict]) -> dict[str, Tally]:
    """For every rule of the set."""
    counts = {rule: Tally() for rule in RULES}
    for verdict in verdicts:
        for label in verdict.right:
            counts[label.rule].right += 1
        for rule, _ in verdict.false_alarms:
            counts[rule].false_alarms += 1
        for label in verdict.missed:
            counts[label.rule].missed += 1
    return counts


def overall(verdicts: Iterable[Verdict]) -> Tally:
    return sum(tallies(verdicts).values(), Tally())
