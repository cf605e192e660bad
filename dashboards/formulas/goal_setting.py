"""How well goals were set, and the habits that show in it: by team and cycle, never by person.

A habit is what comes back, so it is asked of cycles that are over, one by one. Thresholds are those by which the
lessons of one cycle are drawn (`objectives.formulas`). Source: the product's domain notes 2.3 and 3.12.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from objectives.formulas.habits import FEWEST_TO_JUDGE, SILENT_SHARE
from objectives.formulas.patterns import EVERYONE, UNLINKED

# As far beside the band a goal was still set well: nobody aims at a tenth.
NEAR = 0.1
# Two goals of three set well is a sentence about one goal.
FEWEST_SET = 3
CODES = ("too_ambitious", "too_easy", "too_many", "died_out", "unlinked")


def near_band(lower: float, upper: float) -> tuple[float, float]:
    """Between which scores an aspirational goal ended in the band or near it.

    >>> near_band(0.6, 0.7)
    (0.5, 0.8)
    """
    return round(max(lower - NEAR, 0.0), 6), round(min(upper + NEAR, 1.0), 6)


@dataclass(frozen=True, slots=True)
class Skill:
    """How well goals were set in a cycle: of `ended` goals so many were `well` set.

    Well set is an aspirational goal that ended in the band or within a tenth of it, and a committed one that reached
    its mark. `said` is the mean confidence half-way, as tenths, over `sure` key results, of which `came` reached
    what they should.
    """

    ended: int = 0
    well: int = 0
    sure: int = 0
    said: float = 0.0
    came: int = 0

    @property
    def share(self) -> float | None:
        """The share of goals set well, 0–1.

        >>> Skill(8, 6).share, Skill().share
        (0.75, None)
        """
        return self.well / self.ended if self.ended else None

    @property
    def apart(self) -> float | None:
        """By how much confidence was above (+) or below (−) what came: 0 is best.

        >>> round(Skill(sure=10, said=0.8, came=6).apart, 2)
        0.2
        """
        return self.said - self.came / self.sure if self.sure else None

    @property
    def is_few(self) -> bool:
        return self.ended < FEWEST_SET

    @property
    def is_hardly_said(self) -> bool:
        return self.sure < FEWEST_SET


@dataclass(frozen=True, slots=True)
class TeamCycle:
    """What a team's cycle tells of its habits.

    Of `ended` goals so many were `low` (under 0.35); of the `daring`, aspirational ones, so many `full` (from 0.95).
    The team had `own` objectives, where `most` would have been enough. Of the key results it was `reporting` on so
    many fell `silent` weeks before the end; of its `key_results` so many were `unlinked`: no line of the daily log and
    no action served them; None where the company did not keep a daily log.
    """

    ended: int = 0
    low: int = 0
    daring: int = 0
    full: int = 0
    own: int = 0
    most: int = 5
    reporting: int = 0
    silent: int = 0
    key_results: int = 0
    unlinked: int | None = None


@dataclass(frozen=True, slots=True)
class Habit:
    """A pattern that came back: in which of a team's cycles, by their place, of how many that could be judged."""

    code: str
    shown: tuple[int, ...]
    judged: int


def habits(cycles: Sequence[TeamCycle]) -> list[Habit]:
    """The failure patterns that show in at least half of a team's cycles, the gravest first.

    One cycle alone is a habit only where there is no other to look at. The ends of goals, and activity, are judged
    from three on, taken together.

    >>> low, good = TeamCycle(ended=2, low=2, own=2), TeamCycle(ended=4, low=1, own=4)
    >>> habits([low, good, low])
    [Habit(code='too_ambitious', shown=(0, 2), judged=3)]
    >>> habits([low]), habits([good, good, low])
    ([], [])
    >>> [habit.code for habit in habits([TeamCycle(daring=3, ended=3, full=3, own=7, reporting=4, silent=2)])]
    ['too_easy', 'too_many', 'died_out']
    >>> habits([TeamCycle(key_results=6, unlinked=4)])[0].code, habits([TeamCycle(key_results=6)])
    ('unlinked', [])
    """
    return [habit for code in CODES if (habit := _habit(code, cycles)) is not None]


def _habit(code: str, cycles: Sequence[TeamCycle]) -> Habit | None:
    told = [(number, *_case(code, one)) for number, one in enumerate(cycles)]
    judged = [(number, shows, weight) for number, shows, weight in told if weight]
    shown = [(number, weight) for number, shows, weight in judged if shows]
    enough = 1 if code == "too_many" else FEWEST_TO_JUDGE
    if 2 * len(shown) < max(len(judged), 1) or (len(shown) == 1 and len(judged) > 1):
        return None
    if sum(weight for _number, weight in shown) < enough:
        return None
    return Habit(code, tuple(number for number, _weight in shown), len(judged))


def _case(code: str, one: TeamCycle) -> tuple[bool, int]:
    """Whether a pattern shows in a cycle, and on how many cases that rests; 0 where it cannot be judged."""
    match code:
        case "too_ambitious":
            return one.low >= EVERYONE * one.ended, one.ended
        case "too_easy":
            return one.full >= EVERYONE * one.daring, one.daring
        case "too_many":
            return one.own > one.most, one.own
        case "died_out":
            return one.silent >= SILENT_SHARE * one.reporting, one.reporting
    return (one.unlinked or 0) >= UNLINKED * one.key_results, 0 if one.unlinked is None else one.key_results
