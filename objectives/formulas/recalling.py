"""Which lessons answer a key result that is being drafted: those about the same measure, or one alike.

Few and fitting: a lesson that has nothing to do with the draft costs more trust than one that is missed. Titles are
compared by what they are about (`objectives.formulas.likeness`), each different measure once, and only where they share
a word.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from objectives.formulas.drafting.measures import core, is_mirror
from objectives.formulas.drafting.text import JA, language_of
from objectives.formulas.likeness import Rarity, likeness, words_of
from objectives.formulas.likeness.finding import told_apart

SAME, SAME_LEVER, MIRRORED, WITHIN = 1.0, 0.9, 0.85, 0.7
ALIKE = 0.74
"""From this likeness on two measures are alike, where neither has a telling word that the other lacks."""
OF_THE_TEAM, OF_THE_LEVER = 0.15, 0.1
MOST = 2
FEWEST_LETTERS = 2
MOST_REMEMBERED = 1_000


@dataclass(frozen=True, slots=True)
class Told:
    """A lesson as it is looked for: `about` is its measure in words, `order` the greater the newer."""

    id: int
    about: str
    team: int
    lever: int | None = None
    order: int = 0


class Memory:
    """The lessons of an organization, indexed by what they are about."""

    def __init__(self, lessons: Iterable[Told]):
        self.by_about: dict[str, list[Told]] = defaultdict(list)
        self.by_lever: dict[int, list[Told]] = defaultdict(list)
        for told in lessons:
            if told.about:
                self.by_about[told.about].append(told)
            if told.lever is not None:
                self.by_lever[told.lever].append(told)
        texts = {about: words_of(about) for about in self.by_about}
        self.rarity = Rarity(texts.values())
        self.weights = {about: self.rarity.weights(words) for about, words in texts.items()}
        self.by_piece: dict[str, list[str]] = defaultdict(list)
        self.by_core: dict[str, list[str]] = defaultdict(list)
        for about, weights in self.weights.items():
            for piece in weights:
                self.by_piece[piece].append(about)
            self.by_core[core(about)].append(about)
        self.answers: dict[str, dict[str, float]] = {}

    def recall(self, title: str, *, team: int | None = None, lever: int | None = None, most: int = MOST) -> list[Told]:
        """The lessons that answer a key result of this title, the most fitting first; at most `most`.

        What is about the same measure comes first, then what is alike; within that the same team and the same lever
        count more, then what is newer.

        >>> memory = Memory([Told(1, "受注率", 1), Told(2, "月間の残業時間", 1), Told(3, "Win rate", 2)])
        >>> [told.id for told in memory.recall("受注率を15%から25%に上げる", team=1)]
        [1, 3]
        >>> [told.id for told in memory.recall("一人あたりの残業時間")], memory.recall("新しいお客さま 30社")
        ([2], [])
        """
        if not title.strip() and lever is None:
            return []
        fits: dict[int, float] = {}
        found: dict[int, Told] = {}
        for about, fit in self.fitting(title).items():
            for told in self.by_about[about]:
                fits[told.id], found[told.id] = fit, told
        for told in self.by_lever.get(lever, ()) if lever is not None else ():
            fits[told.id], found[told.id] = max(fits.get(told.id, 0), SAME_LEVER), told
        for told in found.values():
            fits[told.id] += OF_THE_TEAM * (told.team == team)
            fits[told.id] += OF_THE_LEVER * (lever is not None and told.lever == lever)
        return sorted(found.values(), key=lambda told: (-round(fits[told.id], 2), -told.order, -told.id))[:most]

    def fitting(self, title: str) -> dict[str, float]:
        """The measures that fit a title and how well, up to 1 for the same; remembered, since people type one title
        at a time."""
        known = self.answers.get(title)
        if known is None:
            if len(self.answers) >= MOST_REMEMBERED:
                self.answers.clear()
            known = self.answers[title] = self.compared(title)
        return known

    def compared(self, title: str) -> dict[str, float]:
        """As `fitting`, found anew: only measures that share a word with the title, or its whole measure, are read."""
        measure, mine = core(title), self.rarity.weights(words_of(title))
        fits = dict.fromkeys(self.by_core.get(measure, ()) if measure else (), SAME)
        for about in {about for piece in mine for about in self.by_piece.get(piece, ())} - fits.keys():
            yours = self.weights[about]
            share = likeness(mine, yours)
            if is_mirror(title, about):
                fits[about] = MIRRORED
            elif share >= ALIKE and not told_apart(mine, yours):
                fits[about] = share
            elif is_within(measure, core(about)):
                fits[about] = WITHIN
        return fits


def is_within(one: str, other: str) -> bool:
    """Whether one measure is the other one of something: what is learned of all holds for a part, and often back.

    In Japanese the measure stands last; in English no word may stand in both sides' rest.

    >>> is_within(core("再来店率"), core("本店の再来店率")), is_within(core("契約"), core("契約の解約率"))
    (True, False)
    >>> is_within(core("Win rate"), core("Win rate of proposals")), is_within(core("Orders"), core("Order value"))
    (True, False)
    """
    short, long = sorted((one, other), key=len)
    if language_of(short) == JA:
        return len(short) > FEWEST_LETTERS and long.endswith(short)
    words, rest = Counter(short.split()), Counter(long.split())
    return len(words) > 1 and not words - rest
