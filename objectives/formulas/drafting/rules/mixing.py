"""How the key results of an objective go together: each says something of its own, results beside ways to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from objectives.formulas.drafting.draft import (
    OBJECTIVE,
    UNTOLD,
    Draft,
    DraftKeyResult,
    Evidence,
    Finding,
    Severity,
    place_of,
)
from objectives.formulas.drafting.measures import (
    core,
    differ_in_nothing,
    find_word,
    is_implied,
    is_mirror,
    is_same_measure,
)
from objectives.formulas.drafting.rewriting import outcome_of
from objectives.formulas.drafting.rules.numbers import PERCENT_SIGNS
from objectives.formulas.drafting.rules.places import key_results_of, number_of, title_language
from objectives.formulas.drafting.text import is_said, tidy
from objectives.formulas.drafting.vocabulary.key_results import LEADING


def kr_restates_another(draft: Draft) -> Iterable[Finding]:
    """Two key results that say the same count it twice, and hide that nothing else is looked at."""
    results = key_results_of(draft)
    for number, result in enumerate(results):
        for earlier in results[:number]:
            case = _sameness(earlier, result)
            if case:
                evidence: Evidence = {"other": tidy(earlier.title), "number": results.index(earlier) + 1}
                suggestion = find_word(LEADING[title_language(result, draft)], result.title)
                if suggestion and _is_there(suggestion, results):
                    suggestion = ""
                yield Finding(
                    "kr_restates_another", place_of(number), Severity.WARN, evidence, suggestion, "title", case
                )
                break


def _sameness(one: DraftKeyResult, other: DraftKeyResult) -> str:
    """How one key result repeats another: in the same words, in others with the same numbers, as its other side."""
    if is_same_measure(one.title, other.title):
        units = {unit for unit in (one.unit, other.unit) if is_said(unit)}
        return "" if len(units) > 1 and not _are_both_money(units) else "same"
    if is_mirror(one.title, other.title) or _add_up_to_the_whole(one, other):
        return "mirror"
    if is_implied(one.title, other.title):
        return "implied"
    return "same" if _has_same_numbers(one, other) and differ_in_nothing(one.title, other.title) else ""


def _has_same_numbers(one: DraftKeyResult, other: DraftKeyResult) -> bool:
    """The same unit, baseline and target; from nothing to ten is no coincidence worth naming."""
    start, target = number_of(one.start_value), number_of(one.target_value)
    is_same = start == number_of(other.start_value) and target == number_of(other.target_value)
    return bool(start) and target is not None and is_same and one.unit == other.unit


def _add_up_to_the_whole(one: DraftKeyResult, other: DraftKeyResult) -> bool:
    """Two shares that are 100 % together, today and at the end: uptime and downtime."""
    sides = [(number_of(result.start_value), number_of(result.target_value)) for result in (one, other)]
    (start, target), (other_start, other_target) = sides
    if start is None or target is None or other_start is None or other_target is None or start == target:
        return False
    is_share = all(isinstance(result.unit, str) and result.unit.strip() in PERCENT_SIGNS for result in (one, other))
    # From 40 to 60 beside from 60 to 40 is a usual pair of round numbers and proves nothing.
    is_usual = start == other_target
    return is_share and not is_usual and start + other_start == 100 and target + other_target == 100


def _are_both_money(units: set[str]) -> bool:
    return all("円" in unit or unit in "$€£¥" for unit in units)


def only_process_measures(draft: Draft) -> Iterable[Finding]:
    """All may be done, and nothing changed: at least one says what comes of it."""
    if _types_of(draft) == {"process"}:
        results = key_results_of(draft)
        suggestion = next((made for result in results if (made := outcome_of(result.title))), "")
        yield Finding("only_process_measures", OBJECTIVE, Severity.WARN, {"count": len(results)}, suggestion)


def only_result_measures(draft: Draft) -> Iterable[Finding]:
    """Results are known when it is too late: at least one says what moves them week by week."""
    if _types_of(draft) == {"result"}:
        results = key_results_of(draft)
        made = [find_word(LEADING[title_language(result, draft)], result.title) for result in results]
        suggestion = next(filter(None, made), "")
        # A key result that is what would be proposed leads to the others, whatever its type was left at.
        if any(_is_there(one, results) for one in made if one):
            return
        yield Finding("only_result_measures", OBJECTIVE, Severity.HINT, {"count": len(results)}, suggestion)


def _is_there(suggestion: str, results: Sequence[DraftKeyResult]) -> bool:
    """Whether a key result counts what a suggestion ("measure → __") would have counted."""
    measure = core(suggestion.partition("→")[0])
    return any(measure == core(result.title) for result in results)


def _types_of(draft: Draft) -> set[str]:
    """The types of all key results, empty where one was not said or there are too few to be a mix."""
    results = key_results_of(draft)
    types = {result.measure_type for result in results}
    if len(results) < 2 or UNTOLD in types or None in types:
        return set()
    return {kind for kind in types if isinstance(kind, str)}
