"""Patterns that tell of trouble before a score does: what fires each of them, and why at that mark.

Each rule reads a few counts of one cycle and answers a Sign or None. It stays silent where too little was reported: a
false alarm costs more trust than a miss. A sign speaks of goals and numbers, never of who did well or badly. Source:
the product's domain notes 3.1, 3.9, 3.12 and 3.13.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

# So sure one says it of oneself: seven of ten and more.
SURE = 7
# Where a confident owner should be surprised: half of the band's usual lower limit, below which a goal is off track.
LOW_LANDING = 0.3
# Confidence and forecast are two guesses at one thing; less than four tenths apart they may both be right.
FAR_APART = 0.4
# As good as done, and out of reach: the pass mark of committed goals, and the 20–30 % with room for rounding.
ALL_DONE, FAR_OFF = 0.95, 0.35
# "Everyone": three of four. With two of three, an ordinary spread of a small team would be called a pattern.
EVERYONE = 0.75
# Below five, one goal more or less decides.
FEWEST_GOALS = 5
# In the first quarter of a cycle a landing is mostly the calendar.
EARLIEST = 0.25
# Three times is a pattern, once an accident; and a fifth of all is more than the odd one.
FEWEST_CASES, CASES_SHARE = 3, 0.2
# Two weeks against the four before them: so a rhythm of two weeks looks the same in both.
LATELY, EARLIER = 2, 4
# Six of ten of what it was: a holiday week takes a fifth, not two.
DYING = 0.6
# Who hardly reports from the beginning has another trouble, which the silent teams name.
ONCE_ALIVE = 0.3
# The notes say three to five; one more is a warning.
MOST_OBJECTIVES = 5
# Of levers that rise, most do; and the KGI gains less than a quarter of what an even pace brings in that time.
LEVERS_RISE, KGI_STANDS = 0.6, 0.25
FEWEST_LEVERS, SHORTEST_LOOK = 2, 21
# How much a lever must gain in four weeks, as a share of its way, to count as rising.
RISES = 0.05
# A daily log of fewer lines is a trial; two thirds without a key result, and the week goes elsewhere.
FEWEST_LINES, UNLINKED = 10, 2 / 3

# The most serious first: what costs the year, what blinds the company, what misleads it, what wastes a cycle.
SERIOUS = (
    "kgi_flat",
    "check_ins_dying",
    "sure_but_low",
    "forecast_apart",
    "too_ambitious",
    "too_easy",
    "too_many",
    "unlinked",
)


@dataclass(frozen=True, slots=True)
class Sign:
    """A pattern that was found: its code, one of `SERIOUS`, and the numbers its sentence names."""

    code: str
    numbers: Mapping[str, float] = field(default_factory=dict)


def too_easy(heading: int, done: int, elapsed: float) -> Sign | None:
    """Whether everyone heads for 100 %: of `heading` aspirational goals `done` land at 0.95 and above.

    >>> too_easy(8, 6, 0.5)
    Sign(code='too_easy', numbers={'count': 6, 'total': 8})
    >>> too_easy(8, 5, 0.5), too_easy(4, 4, 0.5), too_easy(8, 8, 0.1)
    (None, None, None)
    """
    return _everyone("too_easy", heading, done, elapsed)


def too_ambitious(heading: int, far_off: int, elapsed: float) -> Sign | None:
    """Whether everyone heads for 20–30 %: of `heading` aspirational goals `far_off` land at 0.35 and below.

    >>> too_ambitious(12, 9, 0.5)
    Sign(code='too_ambitious', numbers={'count': 9, 'total': 12})
    >>> too_ambitious(12, 8, 0.5)
    """
    return _everyone("too_ambitious", heading, far_off, elapsed)


def _everyone(code: str, heading: int, count: int, elapsed: float) -> Sign | None:
    if elapsed < EARLIEST or heading < FEWEST_GOALS or count < EVERYONE * heading:
        return None
    return Sign(code, {"count": count, "total": heading})


def sure_but_low(sure: int, low: int, elapsed: float) -> Sign | None:
    """Whether people are sure of what hardly moves: `low` of `sure` key results head for less than 0.3.

    >>> sure_but_low(10, 3, 0.5)
    Sign(code='sure_but_low', numbers={'count': 3, 'total': 10})
    >>> sure_but_low(10, 2, 0.5), sure_but_low(20, 3, 0.5), sure_but_low(10, 3, 0.2)
    (None, None, None)
    """
    if elapsed < EARLIEST or low < FEWEST_CASES or low < CASES_SHARE * sure:
        return None
    return Sign("sure_but_low", {"count": low, "total": sure})


def forecast_apart(forecast: int, over: int, under: int) -> Sign | None:
    """Whether what owners say of themselves and what the forecast says are far apart, mostly one way.

    `over` of `forecast` key results are four tenths surer than their forecast, `under` as much less sure.

    >>> forecast_apart(10, 4, 1)
    Sign(code='forecast_apart', numbers={'count': 4, 'total': 10, 'is_over': 1})
    >>> forecast_apart(10, 1, 3).numbers["is_over"]
    0
    >>> forecast_apart(10, 2, 2), forecast_apart(20, 3, 0)
    (None, None)
    """
    count = max(over, under)
    if count < FEWEST_CASES or count < CASES_SHARE * forecast:
        return None
    return Sign("forecast_apart", {"count": count, "total": forecast, "is_over": int(over >= under)})


def check_ins_dying(weekly: Sequence[int], open_: int) -> Sign | None:
    """Whether check-ins die out: the share reported in the last two full weeks against the four before them.

    `weekly` holds how many of the `open_` key results were reported on in each week, oldest first.

    >>> check_ins_dying([9, 8, 9, 8, 5, 4], 10)
    Sign(code='check_ins_dying', numbers={'before': 0.85, 'now': 0.45})
    >>> check_ins_dying([9, 8, 9, 8, 6, 5], 10), check_ins_dying([2, 3, 2, 2, 0, 0], 10), check_ins_dying([9, 9, 1], 10)
    (None, None, None)
    """
    if len(weekly) < LATELY + EARLIER or open_ < FEWEST_GOALS:
        return None
    now = sum(weekly[-LATELY:]) / LATELY / open_
    before = sum(weekly[-LATELY - EARLIER : -LATELY]) / EARLIER / open_
    if before < ONCE_ALIVE or now >= DYING * before:
        return None
    return Sign("check_ins_dying", {"before": min(before, 1.0), "now": now})


def too_many(counts: Iterable[int]) -> Sign | None:
    """Whether teams have more objectives than they can keep in mind; `counts` is each team's own, people's left out.

    >>> too_many([3, 6, 5, 7])
    Sign(code='too_many', numbers={'count': 2, 'most': 7})
    >>> too_many([3, 5, 5])
    """
    over = [count for count in counts if count > MOST_OBJECTIVES]
    return Sign("too_many", {"count": len(over), "most": max(over)}) if over else None


def kgi_flat(levers: int, risen: int, gained: float | None, expected: float, days: int) -> Sign | None:
    """Whether the KPIs rise and the KGI does not: the plan's chain is not the one the market follows.

    `risen` of `levers` gained at least a twentieth of their way in four weeks. `gained` is what the KGI came nearer to
    its must-hit target in the `days` between its last two looks, `expected` what an even pace brings in that time, both
    as shares of the year's way; None where there were not two looks.

    >>> kgi_flat(5, 4, gained=0.01, expected=0.08, days=30)
    Sign(code='kgi_flat', numbers={'count': 4, 'total': 5})
    >>> kgi_flat(5, 2, 0.01, 0.08, 30), kgi_flat(5, 4, 0.03, 0.08, 30), kgi_flat(5, 4, None, 0.08, 30)
    (None, None, None)
    >>> kgi_flat(5, 4, 0.0, 0.03, 10), kgi_flat(1, 1, 0.0, 0.08, 30)
    (None, None)
    """
    if gained is None or days < SHORTEST_LOOK or expected <= 0 or levers < FEWEST_LEVERS:
        return None
    if risen < LEVERS_RISE * levers or gained >= KGI_STANDS * expected:
        return None
    return Sign("kgi_flat", {"count": risen, "total": levers})


def unlinked(lines: int, without: int) -> Sign | None:
    """Whether the days go elsewhere: `without` of `lines` of the daily log of four weeks serve no key result.

    >>> unlinked(30, 20)
    Sign(code='unlinked', numbers={'count': 20, 'total': 30})
    >>> unlinked(30, 19), unlinked(9, 9)
    (None, None)
    """
    if lines < FEWEST_LINES or without < UNLINKED * lines:
        return None
    return Sign("unlinked", {"count": without, "total": lines})


def most_serious_first(signs: Iterable[Sign | None]) -> list[Sign]:
    """The signs that were found in the order in which they should be read; of two that say one thing, the plainer.

    >>> found = [Sign("too_many"), None, Sign("forecast_apart", {"is_over": 1}), Sign("sure_but_low")]
    >>> [sign.code for sign in most_serious_first(found)]
    ['sure_but_low', 'too_many']
    """
    found = {sign.code: sign for sign in signs if sign is not None}
    if "sure_but_low" in found and found.get("forecast_apart", Sign("")).numbers.get("is_over"):
        del found["forecast_apart"]
    return sorted(found.values(), key=lambda sign: SERIOUS.index(sign.code))
