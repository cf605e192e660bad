"""How many there are: key results of an objective, objectives of a team."""

from __future__ import annotations

from collections.abc import Iterable

from objectives.formulas.drafting.draft import OBJECTIVE, UNTOLD, Draft, Finding, Severity

FEWEST_KEY_RESULTS, MOST_KEY_RESULTS = 2, 5
MOST_OBJECTIVES, MOST_IN_SALES, MOST_AT_FIRST = 5, 4, 2


def kr_count(draft: Draft) -> Iterable[Finding]:
    """With fewer than two key results nobody can tell when it is reached, with more than five what comes first."""
    if draft.key_results is UNTOLD:
        return
    count = len(draft.key_results or ())
    if not FEWEST_KEY_RESULTS <= count <= MOST_KEY_RESULTS:
        case = "few" if count < FEWEST_KEY_RESULTS else "many"
        yield Finding("kr_count", OBJECTIVE, Severity.BLOCK, {"count": count}, case=case)


def too_many_objectives(draft: Draft) -> Iterable[Finding]:
    """With many objectives none is at the centre; a sales quarter bears fewer, a first cycle two."""
    count = draft.objectives_in_team
    if count is UNTOLD or count is None:
        return
    case, most = "", MOST_OBJECTIVES
    if draft.is_first_cycle:
        case, most = "first_cycle", MOST_AT_FIRST
    elif draft.team_kind == "sales":
        case, most = "sales", MOST_IN_SALES
    if count > most:
        yield Finding("too_many_objectives", OBJECTIVE, Severity.WARN, {"count": count, "most": most}, case=case)
