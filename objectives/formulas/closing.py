"""What closing a cycle asks of a team, and how the score at the end is read.

Source of the readings: the product's domain notes 2.3, "Reading the score".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from objectives.formulas.pace import zone

Number = int | float | Decimal | Fraction
Reading = Literal["none", "out_of_reach", "short", "in_band", "strong", "too_easy", "passed", "nearly", "missed"]
Part = Literal["check_ins", "grades", "outcomes", "retrospective", "next_cycle"]

AHEAD = timedelta(weeks=2)
"""How long before a cycle's last day closing it begins."""
FINAL_DAYS = 7
"""A check-in of the cycle's last so many days is the final one."""
_TOLERANCE = 1e-9
# A grade is shown with two decimals: what differs by less is the computed score itself.
_SAME_AS_SHOWN = 0.005
_LANDED = frozenset({"passed", "nearly", "in_band", "strong", "too_easy"})
# What stands in the way of closing; looking back and the next cycle follow.
_NEEDED: tuple[Part, ...] = ("check_ins", "grades", "outcomes")


def final_from(last_day: date) -> date:
    """The first day whose check-in is the final one of a cycle that ends on `last_day`.

    >>> final_from(date(2026, 7, 5))
    datetime.date(2026, 6, 29)
    """
    return last_day - timedelta(days=FINAL_DAYS - 1)


def is_time_to_close(last_day: date, today: date) -> bool:
    """Whether a cycle is in its last two weeks, or over.

    >>> [is_time_to_close(date(2026, 7, 5), date(2026, 6, day)) for day in (20, 21)]
    [False, True]
    """
    return today >= last_day - AHEAD


def reading_of(score: Number | None, intent: str, band_lower: Number = 0.6, band_upper: Number = 0.7) -> Reading:
    """What a score at the end says: of an aspirational goal by the stretch band, of a committed one by the pass mark.

    Below half of the band's lower limit a goal was out of reach, below the limit it fell short; 1.0 was probably too
    easy. A committed goal passes at 1.0; from 0.95 on it is counted as reached, as everywhere. `none` where there is no
    score.

    >>> [reading_of(score, "aspirational") for score in (0.2, 0.3, 0.6, 0.7, 0.71, 1.0, None)]
    ['out_of_reach', 'short', 'in_band', 'in_band', 'strong', 'too_easy', 'none']
    >>> [reading_of(score, "committed") for score in (0.94, 0.95, 1.0)]
    ['missed', 'nearly', 'passed']
    """
    if score is None:
        return "none"
    place, is_full = zone(score, intent, band_lower, band_upper), score >= 1 - _TOLERANCE
    if intent == "committed":
        return "missed" if place == "below" else "passed" if is_full else "nearly"
    if place == "below":
        return "short" if score >= float(band_lower) / 2 - _TOLERANCE else "out_of_reach"
    return "too_easy" if is_full else "strong" if place == "above" else "in_band"


def override_of(typed: Number | None, computed: Number | None) -> float | None:
    """What people say instead of the computed score, 0–1; None where that is what the score shows anyway.

    >>> override_of(0.7, 0.64), override_of(0.64, 0.6384), override_of(None, 0.64), override_of(0.5, None)
    (0.7, None, None, 0.5)
    """
    if typed is None:
        return None
    if computed is not None and abs(float(typed) - float(computed)) < _SAME_AS_SHOWN:
        return None
    return float(typed)


def needs_no_word(reading: Reading, *, final: int, key_results: int) -> bool:
    """Whether an objective can be closed with its computed score and nothing more: it landed where it should, and all
    its key results have their final check-in.

    >>> needs_no_word("in_band", final=2, key_results=2), needs_no_word("in_band", final=1, key_results=2)
    (True, False)
    >>> needs_no_word("missed", final=2, key_results=2)
    False
    """
    return reading in _LANDED and final >= key_results


@dataclass(frozen=True)
class Checklist:
    """What of closing a cycle a team has done: pairs of how many are done, and of how many.

    `retrospective` is held, running or "" where none was begun; `drafts` counts what it has in the next cycle.

    >>> sales = Checklist(key_results=4, final=3, objectives=2, closed=2, decided=1, retrospective="running", drafts=0)
    >>> sales.left, sales.is_ready
    (('check_ins', 'outcomes', 'retrospective', 'next_cycle'), False)
    """

    key_results: int
    final: int
    objectives: int
    closed: int
    decided: int
    retrospective: Literal["held", "running", ""] = ""
    drafts: int = 0

    @property
    def left(self) -> tuple[Part, ...]:
        """What is still to be done, in the order of doing it."""
        done: dict[Part, bool] = {
            "check_ins": self.final >= self.key_results,
            "grades": self.closed >= self.objectives,
            "outcomes": self.decided >= self.objectives,
            "retrospective": self.retrospective == "held",
            "next_cycle": self.drafts > 0,
        }
        return tuple(part for part, is_done in done.items() if not is_done)

    @property
    def is_ready(self) -> bool:
        """Whether nothing keeps the cycle from being closed: looking back and drafting go on afterwards."""
        return not set(self.left) & set(_NEEDED)
