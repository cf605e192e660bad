"""The draft against what the same measures did before: the same target again, too easy, out of reach."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from objectives.formulas.drafting.amounts import find_amounts
from objectives.formulas.drafting.draft import UNTOLD, Draft, DraftKeyResult, Evidence, Finding, Past, Severity
from objectives.formulas.drafting.likelihood import FANTASY, LEAST_GAIN, SAFE, likelihood
from objectives.formulas.drafting.measures import is_same_measure
from objectives.formulas.drafting.rewriting import said
from objectives.formulas.drafting.rules.numbers import PERCENT_SIGNS, RUNS
from objectives.formulas.drafting.rules.places import number_of, numbered, start_of, title_language
from objectives.formulas.drafting.text import is_said, level, tidy

# How a score at the end is read: below 0.3 it was out of reach, at 1.0 probably too easy (domain notes 2.3).
OUT_OF_REACH_SCORE, EASY_SCORE, EASY_MEAN = 0.3, 0.9, 0.95


def same_as_last_cycle(draft: Draft) -> Iterable[Finding]:
    """The same target again asks for nothing new (前例主義)."""
    for where, result, past in _with_past(draft):
        last = past[-1]
        target = number_of(result.target_value)
        if target is not None:
            numbers = {last.target_value} if last.target_value is not None else _numbers_in(last.measure)
            is_same = target in numbers and result.kind in RUNS
        else:
            is_same = _same_words_and_numbers(result.title, last.measure)
        if is_same:
            evidence: dict[str, str] = {"measure": tidy(result.title)}
            if target is not None:
                evidence["target"] = _said(target, result, draft)
            suggestion = _next_target(result, past, draft)
            yield Finding("same_as_last_cycle", where, Severity.HINT, evidence, suggestion, _about(suggestion))


def too_easy(draft: Draft) -> Iterable[Finding]:
    """What is reached for certain moves nobody; a good draft succeeds in two cases of three."""
    for where, result, past in _with_past(draft):
        chance = chance_of(result, past)
        if chance is not None and chance > SAFE:
            yield _judged("too_easy", where, result, past, draft, chance)
        elif chance is None and draft.kind != "committed" and result.kind != "keep":
            scores = _scores(past)
            mean = sum(scores) / len(scores) if scores else 0.0
            if mean >= EASY_MEAN and min(scores) >= EASY_SCORE and not _is_raised(result, past[-1]):
                evidence: Evidence = {"times": len(scores), "score": f"{mean:.2f}"}
                yield Finding("too_easy", where, Severity.HINT, evidence, case="always_reached")


def out_of_reach(draft: Draft) -> Iterable[Finding]:
    """What nobody believes in is not worked on; a good draft succeeds in two cases of three."""
    for where, result, past in _with_past(draft):
        chance = chance_of(result, past)
        if chance is not None and chance < FANTASY:
            yield _judged("out_of_reach", where, result, past, draft, chance)
        elif chance is None:
            scores = _scores(past)
            if scores and sum(scores) / len(scores) < OUT_OF_REACH_SCORE:
                mean = sum(scores) / len(scores)
                evidence: Evidence = {"times": len(scores), "score": f"{mean:.2f}"}
                yield Finding("out_of_reach", where, Severity.HINT, evidence, case="always_missed")


def chance_of(result: DraftKeyResult, past: list[Past]) -> float | None:
    """The likelihood of reaching the target from what the measure gained before, None where the numbers are unknown."""
    gain, gains = _gain_wanted(result), _gains(result, past)
    return None if gain is None or not gains else likelihood(float(abs(gain)), gains)


def _judged(rule: str, where: str, result: DraftKeyResult, past: list[Past], draft: Draft, chance: float) -> Finding:
    suggestion = _next_target(result, past, draft)
    evidence: dict[str, str | float] = {
        "likelihood": min(max(round(chance, 2), 0.01), 0.99),
        "times": len(_gains(result, past)),
    }
    ends = [one.end_value for one in past if one.end_value is not None]
    wanted = _gain_wanted(result)
    if ends and wanted is not None:
        best = max(ends) if wanted > 0 else min(ends)
        evidence["best"] = _said(best, result, draft)
    if suggestion:
        evidence["better"] = suggestion
    severity = Severity.HINT if rule == "too_easy" else Severity.WARN
    case = "by_numbers" if "best" in evidence else "by_scores"
    return Finding(rule, where, severity, evidence, suggestion, _about(suggestion), case)


def _next_target(result: DraftKeyResult, past: list[Past], draft: Draft) -> str:
    """A step beyond the best so far, rounded as people round: a quarter more than was ever gained, and of a percentage
    a quarter of what is left to 100. Empty where the numbers are unknown."""
    wanted, gains, start = _gain_wanted(result), _gains(result, past), start_of(result)
    if wanted is None or not gains or start is None:
        return ""
    direction = 1 if wanted > 0 else -1
    best = start + direction * Decimal(repr(max(gains)))
    target = best + direction * Decimal(repr(max(gains))) / 4
    if isinstance(result.unit, str) and result.unit.strip() in PERCENT_SIGNS and 0 <= best <= 100:
        target = min(target, best + (100 - best) / 4) if wanted > 0 else max(target, best - best / 4)
    target = _rounded(target, result)
    return _said(target, result, draft) if (target - start) * wanted > 0 and target != result.target_value else ""


def _rounded(value: Decimal, result: DraftKeyResult) -> Decimal:
    """Two figures, but no finer than the writer's own numbers are."""
    if not value:
        return value
    exponent = max(value.adjusted() - 1, min(0, *map(_places, (result.target_value, result.start_value))))
    return value.quantize(Decimal(1).scaleb(exponent)).normalize() + 0


def _places(value: object) -> int:
    """The exponent of the last digit that was written: −1 for 4.5, 0 for 30."""
    exponent = value.normalize().as_tuple().exponent if isinstance(value, Decimal) else 0
    return min(0, exponent) if isinstance(exponent, int) else 0


def _gain_wanted(result: DraftKeyResult) -> Decimal | None:
    start, target = start_of(result), number_of(result.target_value)
    if result.kind not in RUNS or start is None or target is None or start == target:
        return None
    return target - start


def _gains(result: DraftKeyResult, past: list[Past]) -> list[float]:
    """What the measure gained in each earlier cycle whose numbers are known, in the direction wanted now."""
    wanted = _gain_wanted(result)
    if wanted is None:
        return []
    gains = []
    for one in past:
        start = one.start_value if one.start_value is not None or result.kind != "cumulative" else Decimal(0)
        end = _end_of(one, start)
        if start is None or end is None:
            continue
        gained = (end - start) if wanted > 0 else (start - end)
        aimed = abs(one.target_value - start) if one.target_value is not None else abs(wanted)
        least = float(aimed) * LEAST_GAIN
        if max(float(gained), least) > 0:
            gains.append(max(float(gained), least))
    return gains


def _end_of(one: Past, start: Decimal | None) -> Decimal | None:
    if one.end_value is not None or start is None or one.target_value is None or one.score is None:
        return one.end_value
    return start + (one.target_value - start) * Decimal(repr(one.score))


def _with_past(draft: Draft) -> Iterator[tuple[str, DraftKeyResult, list[Past]]]:
    """Every key result whose measure is known from before, with its past, the oldest first."""
    if draft.history is UNTOLD or not draft.history:
        return
    for where, result in numbered(draft):
        past = [one for one in draft.history if is_same_measure(one.measure, result.title) and _same_unit(one, result)]
        if past:
            yield where, result, past


def _same_unit(one: Past, result: DraftKeyResult) -> bool:
    return not one.unit or not is_said(result.unit) or level(one.unit).strip() == level(result.unit).strip()


def _same_words_and_numbers(title: str, measure: str) -> bool:
    numbers = [level(amount.text) for amount in find_amounts(tidy(title))]
    return bool(numbers) and numbers == [level(amount.text) for amount in find_amounts(tidy(measure))]


def _numbers_in(text: str) -> set[Decimal]:
    """The numbers a measure was written with, with a unit or without.

    >>> sorted(_numbers_in("First-time guests: 1,400 (5 days)"))
    [Decimal('5'), Decimal('1400')]
    """
    figures = re.findall(r"\d{1,3}(?:,\d{3})+|\d{1,15}(?:\.\d{1,6})?", level(tidy(text)), re.ASCII)
    scaled = (amount.value for amount in find_amounts(tidy(text)) if amount.value is not None)
    return {Decimal(figure.replace(",", "")) for figure in figures} | set(scaled)


def _is_raised(result: DraftKeyResult, last: Past) -> bool:
    """Whether the target is known to be another one than last time."""
    target = number_of(result.target_value)
    if target is not None and last.target_value is not None:
        return target != last.target_value
    now, before = find_amounts(tidy(result.title)), find_amounts(tidy(last.measure))
    return bool(now and before) and not _same_words_and_numbers(result.title, last.measure)


def _scores(past: list[Past]) -> list[float]:
    return [one.score for one in past if one.score is not None]


def _said(value: Decimal, result: DraftKeyResult, draft: Draft) -> str:
    return said(value, result.unit if is_said(result.unit) else "", title_language(result, draft))


def _about(suggestion: str) -> str:
    return "target_value" if suggestion else ""
