"""The coach: every rule asked about a draft, and how strong the draft is."""

from __future__ import annotations

from math import exp

from objectives.formulas.drafting.draft import Check, Draft, Finding, Severity
from objectives.formulas.drafting.rules import RULES

# What a finding takes from the strength; the second of one rule takes half, the third a third, and so on.
TAKES = {Severity.BLOCK: 25.0, Severity.WARN: 12.0, Severity.HINT: 5.0}
# So many points taken leave e⁻¹ of the strength.
TO_A_THIRD = 80.0
ORDER = list(Severity)


def check(draft: Draft, *, but: frozenset[str] = frozenset()) -> Check:
    """All that the rules find in a draft, and its strength. Rules named in `but` are not asked.

    Strength is 100 × exp(−points ÷ 80). A finding that is refused is 25 points, a warning 12, a hint 5; the n-th of
    the same rule an n-th of it, so that one habit does not sink a draft by itself. More findings never raise it.
    """
    findings = [finding for rule in RULES if rule.__name__ not in but for finding in rule(draft)]
    return Check(strength_of(findings), tuple(sorted(findings, key=_in_order)))


def strength_of(findings: list[Finding]) -> int:
    """From 0 to 100; see `check`.

    >>> strength_of([Finding("a", "objective", Severity.WARN), Finding("a", "key_results.0", Severity.WARN)])
    80
    """
    times: dict[str, int] = {}
    points = 0.0
    for finding in sorted(findings, key=lambda finding: ORDER.index(finding.severity)):
        times[finding.rule] = times.get(finding.rule, 0) + 1
        points += TAKES[finding.severity] / times[finding.rule]
    return round(100 * exp(-points / TO_A_THIRD))


def _in_order(finding: Finding) -> tuple[int, int]:
    place = -1 if finding.where == "objective" else int(finding.where.rpartition(".")[2])
    return place, ORDER.index(finding.severity)
