"""Whether a key result's numbers can be: a way to go, a must-hit on the way, a rate that may be reached."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from objectives.formulas.drafting.amounts import find_amounts
from objectives.formulas.drafting.draft import Draft, DraftKeyResult, Finding, Severity
from objectives.formulas.drafting.rewriting import said
from objectives.formulas.drafting.rules.places import number_of, numbered, start_of, title_language
from objectives.formulas.drafting.text import JA, is_said, level, tidy
from objectives.formulas.drafting.vocabulary.amounts import PERCENT
from objectives.formulas.drafting.vocabulary.measures import (
    BOUNDED_RATES_EN,
    BOUNDED_RATES_JA,
    COMPARED,
    MOVES,
    NAMED_A_SHARE,
    SHARES_EN,
    SHARES_JA,
    UNBOUNDED,
)

RUNS = frozenset({"reach", "average", "cumulative"})
PERCENT_SIGNS = frozenset({"%", "％", "パーセント", "percent", "per cent"})
WHOLE = Decimal(100)


def kr_same_as_start(draft: Draft) -> Iterable[Finding]:
    """Where target and baseline are the same there is no way to score; what shall stay is kept instead."""
    for where, result in numbered(draft):
        target, start = number_of(result.target_value), start_of(result)
        if result.kind in RUNS and target is not None and start == target:
            language, unit = title_language(result, draft), result.unit if is_said(result.unit) else ""
            value = said(target, unit, language)
            title = tidy(result.title)
            suggestion = "" if find_amounts(title) or not (title and target) else _kept_or_moved(title, value, language)
            yield Finding("kr_same_as_start", where, Severity.BLOCK, {"value": value}, suggestion)


def _kept_or_moved(title: str, value: str, language: str) -> str:
    """What shall stay is kept at its value; what its own title wants to move gets a place for the target."""
    if re.search(MOVES[language], level(title)):
        return f"{value} → __"
    return f"{title}：{value}を維持（種類は「維持」）" if language == JA else f"{title}: keep at {value}"


def kr_must_hit_outside(draft: Draft) -> Iterable[Finding]:
    """The must-hit target is a mark on the way from baseline to challenge."""
    for where, result in numbered(draft):
        start, must, target = start_of(result), number_of(result.must_hit_value), number_of(result.target_value)
        if result.kind not in RUNS or must is None or target is None:
            continue
        if start is not None and start != target and not min(start, target) <= must <= max(start, target):
            unit = result.unit if is_said(result.unit) else ""
            language = title_language(result, draft)
            evidence = {
                name: said(value, unit, language)
                for name, value in (("must_hit", must), ("start", start), ("target", target))
            }
            yield Finding("kr_must_hit_outside", where, Severity.WARN, evidence, about="must_hit_value")


def kr_rate_above_one(draft: Draft) -> Iterable[Finding]:
    """A share of a whole cannot be more than the whole."""
    for where, result in numbered(draft):
        value = above_whole(result)
        if value is not None:
            suggestion = _way_to_the_whole(result, title_language(result, draft))
            yield Finding("kr_rate_above_one", where, Severity.WARN, {"value": f"{value:f}"}, suggestion)


def _way_to_the_whole(result: DraftKeyResult, language: str) -> str:
    """The key result as a way that ends at 100 % at most, in the writer's words."""
    title, start = tidy(result.title), number_of(result.start_value)
    if find_amounts(title) or not 0 < len(title) <= 50:
        return ""
    before = said(start, "%", language) if start is not None and start <= WHOLE else "__%"
    return f"{title} {before} → __%（100%以下）" if language == JA else f"{title}: {before} → __% (at most 100%)"


def above_whole(result: DraftKeyResult) -> Decimal | None:
    """The value above 100 % of a share that has a whole, else None. What is compared or added to may be more."""
    title = tidy(result.title)
    start = number_of(result.start_value)
    if start is not None and start > WHOLE:
        return None
    if _is_compared(result) or not (is_bounded_rate(title) or _is_share_by_its_numbers(result)):
        return None
    unit = result.unit if isinstance(result.unit, str) else ""
    if unit.strip() in PERCENT_SIGNS:
        for value in (number_of(result.target_value), number_of(result.must_hit_value)):
            if value is not None and value > WHOLE:
                return value
    if unit.strip() in PERCENT_SIGNS or not unit.strip():
        searched = level(title)
        for amount in find_amounts(title):
            is_reached = re.match(r"(?:以上)?(?:に|へ|を|まで|達成|超|$)", searched[amount.end :])
            if amount.kind == PERCENT and amount.value and amount.value > WHOLE and is_reached:
                return None if re.search(r"\bby $|[+]$", searched[: amount.start]) else amount.value
    return None


def is_bounded_rate(title: str) -> bool:
    """Whether a title speaks of a share that has a whole.

    >>> is_bounded_rate("受注率"), is_bounded_rate("達成率"), is_bounded_rate("Win rate of proposals")
    (True, False, True)
    """
    searched = level(title)
    return any(re.search(pattern, searched) for pattern in (BOUNDED_RATES_JA, BOUNDED_RATES_EN, SHARES_JA, SHARES_EN))


def _is_share_by_its_numbers(result: DraftKeyResult) -> bool:
    """Whether a percentage that starts below 100 can be nothing but a share: it is no volume, and no index."""
    start = number_of(result.start_value)
    is_percentage = isinstance(result.unit, str) and result.unit.strip() in PERCENT_SIGNS
    searched = re.sub(r"[(（].*?[)）]|[\s\d.,%→]+$", "", level(tidy(result.title)))
    is_of_another_kind = re.search(UNBOUNDED, searched) or not re.search(NAMED_A_SHARE, searched)
    return is_percentage and start is not None and 0 < start < WHOLE and not is_of_another_kind


def _is_compared(result: DraftKeyResult) -> bool:
    how = result.measured_how if isinstance(result.measured_how, str) else ""
    return bool(re.search(COMPARED, level(result.title)) or re.search(r"前年|昨年|去年|last year", level(how)))
