"""What a key result must say to be measured: what comes of it, unit, baseline, target, owner, method."""

from __future__ import annotations

import re
from collections.abc import Iterable

from objectives.formulas.drafting.amounts import find_amounts
from objectives.formulas.drafting.draft import Draft, DraftKeyResult, Finding, Severity
from objectives.formulas.drafting.measures import core, find_word
from objectives.formulas.drafting.rewriting import (
    act_as_noun_in,
    act_in,
    bare_measure,
    measure_before,
    outcome_of,
    said,
    sign_of,
)
from objectives.formulas.drafting.rules.places import number_of, numbered, title_language
from objectives.formulas.drafting.rules.scales import is_doubtful
from objectives.formulas.drafting.text import JA, is_missing, is_said, level, tidy
from objectives.formulas.drafting.vocabulary.amounts import PERCENT
from objectives.formulas.drafting.vocabulary.key_results import COUNTED_AS_NAMED, METHODS, UNITS

# Of these the doing itself is what is counted, and the product means it so.
COUNTS_DOING = frozenset({"milestone", "coverage", "quota"})
NEEDS_BASELINE = frozenset({"reach", "average"})


def kr_is_activity(draft: Draft) -> Iterable[Finding]:
    """An act can be done without anything changing; the key result is what changes by it."""
    for where, result in numbered(draft):
        act = act_of(result)
        if act:
            suggestion = outcome_of(result.title)
            yield Finding("kr_is_activity", where, Severity.WARN, {"act": act}, suggestion, "title")


def act_of(result: DraftKeyResult) -> str:
    """The act that a key result is about instead of what comes of it, else empty.

    Counting acts is fair where the writer says that it is a process measure: 訪問を100件実施する.
    """
    if result.kind in COUNTS_DOING:
        return ""
    title = tidy(result.title)
    counted = any(amount.kind != "factor" for amount in find_amounts(title))
    is_rate = any(amount.kind in (PERCENT, "time", "money") for amount in find_amounts(title))
    if is_rate or re.search(r"(?:社|人|名|方|顧客|お客[様さ]ま?)が", title):
        return ""
    is_process = result.measure_type == "process"
    if act := act_in(title):
        return "" if counted and is_process else act
    has_numbers = is_said(result.unit) and result.target_value is not None
    return "" if is_process and has_numbers else act_as_noun_in(title)


def kr_no_unit(draft: Draft) -> Iterable[Finding]:
    """A number without its unit is read differently by everybody."""
    for where, result in numbered(draft):
        if is_missing(result.unit) and result.kind != "milestone":
            yield Finding("kr_no_unit", where, Severity.WARN, suggestion=unit_for(result, draft), about="unit")


def unit_for(result: DraftKeyResult, draft: Draft) -> str:
    """The unit that the title itself names, else the usual one of such a measure; empty where neither is known."""
    for amount in find_amounts(tidy(result.title)):
        if amount.kind == PERCENT and not sign_of(tidy(result.title), amount):
            return "%"
        if amount.kind in ("count", "money", "time") and amount.unit:
            return amount.text[amount.text.lower().rfind(amount.unit) :]
    language = title_language(result, draft)
    measure = core(result.title) if language == JA else level(tidy(result.title))
    unit = find_word(UNITS[language], measure)
    return re.findall(r"[a-z\-]+", measure)[-1] if unit == COUNTED_AS_NAMED else unit


def kr_no_baseline(draft: Draft) -> Iterable[Finding]:
    """Without where it stands today nobody can say how far the target is."""
    for where, result in numbered(draft):
        if is_missing(result.start_value) and result.kind in NEEDS_BASELINE and not result.measure_first:
            yield Finding("kr_no_baseline", where, Severity.WARN, suggestion=way_of(result, draft), about="")


def way_of(result: DraftKeyResult, draft: Draft) -> str:
    """The key result with a place for today's value, 受注率 現状 __% → 25%; empty without measure or target."""
    title, target, language = tidy(result.title), number_of(result.target_value), title_language(result, draft)
    amounts = find_amounts(title)
    if any(amount.kind == PERCENT and sign_of(title, amount) for amount in amounts):
        return ""
    measure = measure_before(title, amounts[0]) if amounts else bare_measure(title)
    if not measure or len(measure) > 40 or act_of(result) or is_doubtful(result, language):
        return ""
    unit = result.unit if is_said(result.unit) else ""
    if target is None:
        return ""
    goal, gap = said(target, unit, language), "__" + ("" if language != JA and unit not in ("%", "％") else unit)
    return f"{measure} 現状 {gap} → {goal}" if language == JA else f"{measure}: now {gap} → {goal}"


def kr_no_target(draft: Draft) -> Iterable[Finding]:
    """Without a target there is nothing to score."""
    for where, result in numbered(draft):
        if result.target_value is None and result.kind != "milestone" and not result.measure_first:
            yield Finding("kr_no_target", where, Severity.WARN, about="target_value")


def kr_no_owner(draft: Draft) -> Iterable[Finding]:
    """What is everybody's is nobody's."""
    for where, result in numbered(draft):
        if is_missing(result.owner):
            yield Finding("kr_no_owner", where, Severity.WARN, about="owner")


def kr_no_measuring_method(draft: Draft) -> Iterable[Finding]:
    """Without where the number comes from, the check-in becomes a matter of opinion."""
    for where, result in numbered(draft):
        if is_missing(result.measured_how) and result.kind != "milestone":
            suggestion = "" if act_of(result) else find_word(METHODS[title_language(result, draft)], result.title)
            yield Finding("kr_no_measuring_method", where, Severity.HINT, suggestion=suggestion, about="measured_how")
