"""Whether two goals may conflict at all, and how two measures of the same thing contradict each other."""

from __future__ import annotations

import re
from decimal import Decimal

from objectives.formulas.likeness.goals import (
    BASELINED,
    COUNTED,
    LEVELS,
    VOLUMES,
    Finding,
    Goal,
    Measured,
)
from objectives.formulas.likeness.synonyms import OWN, SHARES_OF_A_WHOLE
from objectives.formulas.likeness.words import UP

# What rounding explains: one per cent, or half of the last place that is no zero, but never more than five per cent.
ALWAYS_ROUNDED, MOST_ROUNDED = Decimal("0.01"), Decimal("0.05")
PLACES = frozenset("店場校院館所")
TEAM_WORDS = re.compile(
    r"(?:事業部|営業部|本部|部門|[部課室係]|チーム|グループ|ユニット|team|group|department|division|dept|\d|[一二三四五六七八九十第])+$|\s+"
)


def may_conflict(first: Goal, second: Goal) -> bool:
    """Whether it would matter that both say the same: at the same time, and not one goal in two places."""
    if first.id == second.id or first.start > second.end or second.start > first.end:
        return False
    if first.cycle != second.cycle and first.owner == second.owner:
        return False
    return not (first.carried_from == second.id or second.carried_from == first.id)


def whose(first: Goal, second: Goal) -> str:
    """`same` owner or team and owner's own, `parallel` teams of one kind, or `different`."""
    if first.owner == second.owner:
        return "same"
    if first.team == second.team and (first.is_personal or second.is_personal):
        return "same"
    if first.is_personal and second.is_personal:
        return "parallel"
    if first.team != second.team and are_parallel(first.team_name, second.team_name):
        return "parallel"
    return "different"


def are_parallel(first: str, second: str) -> bool:
    """Whether two teams do the same work in different places: each has its own number of every measure.

    >>> names = [("札幌店", "旭川店"), ("東日本営業部", "西日本営業部"), ("Sales East", "Sales West")]
    >>> tuple(are_parallel(*pair) for pair in names)
    (True, True, True)
    >>> are_parallel("法人営業", "マーケティング"), are_parallel("営業部", "製造部")
    (False, False)
    """
    one, other = (TEAM_WORDS.sub(" ", name.casefold()).strip() for name in (first, second))
    if not one or not other:
        return False
    words, others = one.split(), other.split()
    if len(words) > 1 and len(others) > 1:
        return words[0] == others[0] or words[-1] == others[-1]
    ending, beginning = in_common(one[::-1], other[::-1]), in_common(one, other)
    are_places = one[-1] == other[-1] and one[-1] in PLACES
    return not one.isascii() and (ending >= 2 or are_places or beginning >= 2)


def in_common(one: str, other: str) -> int:
    """How many characters two names begin with alike."""
    return next(
        (place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]),
        min(len(one), len(other)),
    )


def are_comparable(first: Measured, second: Measured) -> bool:
    """Whether kinds and units fit, so that the same words would be the same number."""
    if "milestone" in (first.kind, second.kind):
        return first.kind == second.kind
    kinds = {first.kind, second.kind}
    if not (kinds <= LEVELS or kinds <= VOLUMES):
        return False
    one, other = first.dimension[0], second.dimension[0]
    return one == other or ("things" in (one, other) and {one, other} <= COUNTED)


def conflict_of(first: Measured, second: Measured) -> Finding:
    """How two key results of the same measure conflict, the gravest way."""
    if are_opposite(first, second):
        return Finding.OPPOSITE
    if begin_differently(first, second):
        return Finding.BASELINES
    if first.lever is not None and first.lever == second.lever:
        return Finding.ONE_LEVER
    return Finding.SAME_MEASURE


def are_opposite(first: Measured, second: Measured) -> bool:
    """Whether reaching one rules out the other: one up and one down, or a target beyond the other's limit.

    >>> up, down = (Measured(1, "在庫", "reach", "日", Decimal(a), Decimal(b)) for a, b in ((20, 30), (30, 20)))
    >>> are_opposite(up, down), are_opposite(up, Measured(2, "在庫", "keep", "日", target=Decimal(25), limit="max"))
    (True, True)
    """
    if "milestone" in (first.kind, second.kind):
        return False
    if first.way is not None and second.way is not None:
        return first.way != second.way
    return leaves_limit(first, second) or leaves_limit(second, first)


def leaves_limit(kept: Measured, other: Measured) -> bool:
    """Whether the other's target lies outside what is to be kept."""
    if kept.kind != "keep" or kept.target is None or other.target is None or other.dimension[0] != kept.dimension[0]:
        return False
    limit, target = kept.target * kept.dimension[1], other.target * other.dimension[1]
    if other.kind == "keep":
        # Two of the same limit ask for more or less of the same; a floor above a ceiling cannot be kept.
        return kept.limit == "min" and other.limit == "max" and limit > target
    if other.way is None:
        return False
    return (target < limit and other.way != UP) if kept.limit == "min" else (target > limit and other.way == UP)


def begin_differently(first: Measured, second: Measured) -> bool:
    """Whether two readings of the same present differ by more than rounding explains.

    >>> def churn(start, unit="%"):
    ...     return Measured(1, "解約率", "reach", unit, Decimal(start), Decimal(5))
    >>> begin_differently(churn(15), churn(12)), begin_differently(churn(15), churn("15.1"))
    (True, False)
    """
    if not {first.kind, second.kind} <= BASELINED or first.measure_first or second.measure_first:
        return False
    if first.start is None or second.start is None or first.dimension[0] != second.dimension[0]:
        return False
    if first.words.period != second.words.period or normal_period(first) != normal_period(second):
        return False
    one, other = first.start * first.dimension[1], second.start * second.dimension[1]
    largest = max(abs(one), abs(other))
    places = max(last_place(first), last_place(second))
    return abs(one - other) > max(ALWAYS_ROUNDED * largest, min(places / 2, MOST_ROUNDED * largest))


def normal_period(measured: Measured) -> str:
    """What follows the stroke in a unit: 回/月 is not 回/週."""
    return measured.unit.rpartition("/")[2] if "/" in measured.unit else ""


def last_place(measured: Measured) -> Decimal:
    """The place of the last digit that is no zero, in the dimension's own unit: 820 万円 is given to 10 万円."""
    if not measured.start:
        return Decimal(0)
    return Decimal(10) ** int(measured.start.normalize().as_tuple().exponent) * measured.dimension[1]


def each_has_its_own(first: Goal, second: Goal, one: Measured, other: Measured, finding: Finding) -> bool:
    """Whether the same words are two numbers: overtime of each team, the share each has in the revenue."""
    meanings = one.words.meanings
    if meanings & OWN:
        return True
    relation = whose(first, second)
    if relation == "same":
        # Somebody may count one thing in two places; that it cannot go both ways is worth knowing.
        return finding is not Finding.OPPOSITE or first.is_personal or second.is_personal
    if finding in (Finding.OPPOSITE, Finding.ONE_LEVER):
        return False
    if relation == "parallel":
        return True
    bare = len(one.words.pieces) == 1 and bool(meanings & SHARES_OF_A_WHOLE)
    return bare and first.team != second.team and (one.start, one.target) != (other.start, other.target)
