"""The coach: every rule asked about a draft, and how strong the draft is."""

from __future__ import annotations

from objectives.formulas.drafting.draft import Check, Draft, Finding, Severity
from objectives.formulas.drafting.rules import RULES

# What a finding takes from the strength; the second of one rule takes half, the third a third, and so on.
TAKES = {Severity.BLOCK: 25.0, Severity.WARN: 12.0, Severity.HINT: 5.0}
ORDER = list(Severity)


def check(draft: Draft) -> Check:
    """All that the rules find in a draft, and its strength.

    Strength is 100 less what the findings take, at least 0: 25 for what is refused, 12 for a warning, 5 for a hint;
    the n-th finding of the same rule takes an n-th of it, so that one habit does not sink a draft by itself.
    """
    findings = [finding for rule in RULES for finding in rule(draft)]
    return Check(strength_of(findings), tuple(sorted(findings, key=_in_order)))


def strength_of(findings: list[Finding]) -> int:
    """From 0 to 100; see `check`.

    >>> strength_of([Finding("a", "objective", Severity.WARN), Finding("a", "key_results.0", Severity.WARN)])
    82
    """
    times: dict[str, int] = {}
    left = 100.0
    for finding in sorted(findings, key=lambda finding: ORDER.index(finding.severity)):
        times[finding.rule] = times.get(finding.rule, 0) + 1
        left -= TAKES[finding.severity] / times[finding.rule]
    return max(0, round(left))


def _in_order(finding: Finding) -> tuple[int, int]:
    place = -1 if finding.where == "objective" else int(finding.where.rpartition(".")[2])
    return place, ORDER.index(finding.severity)
