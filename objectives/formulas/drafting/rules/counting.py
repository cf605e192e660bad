"""How many there are: key results of an objective, objectives of a team."""

from __future__ import annotations

from collections.abc import Iterable

from objectives.formulas.drafting.draft import OBJECTIVE, UNTOLD, Draft, Finding, Severity

FEWEST_KEY_RESULTS, MOST_KEY_RESULTS = 2, 5


def kr_count(draft: Draft) -> Iterable[Finding]:
    """With fewer than two key results nobody can tell when it is reached, with more than five what comes first."""
    if draft.key_results is UNTOLD:
        return
    count = len(draft.key_results or ())
    if not FEWEST_KEY_RESULTS <= count <= MOST_KEY_RESULTS:
        case = "few" if count < FEWEST_KEY_RESULTS else "many"
        yield Finding("kr_count", OBJECTIVE, Severity.BLOCK, {"count": count}, case=case)
