"""What is round the draft: the KGI it leads to, those above and below, what the team has promised for certain."""

from __future__ import annotations

from collections.abc import Iterable

from objectives.formulas.drafting.draft import OBJECTIVE, UNTOLD, Draft, Finding, Severity
from objectives.formulas.drafting.text import is_missing

# With one objective alone its intent says nothing of the team.
FEWEST_TO_COMPARE = 2


def no_kgi(draft: Draft) -> Iterable[Finding]:
    """What leads to no KGI may succeed without the company noticing."""
    if is_missing(draft.kgi):
        yield Finding("no_kgi", OBJECTIVE, Severity.WARN, about="kgi")


def all_aspirational(draft: Draft) -> Iterable[Finding]:
    """Where everything is a challenge, nobody outside the team knows what to count on."""
    intents = draft.intents_in_team
    if intents is UNTOLD or intents is None or len(intents) < FEWEST_TO_COMPARE:
        return
    if set(intents) == {"aspirational"}:
        yield Finding("all_aspirational", OBJECTIVE, Severity.HINT, {"count": len(intents)}, about="kind")


def alone(draft: Draft) -> Iterable[Finding]:
    """An objective that helps nobody and that nobody helps is worked on beside the plan."""
    above, below = draft.aligned_above, draft.aligned_below
    if draft.level == "company":
        if below == 0:
            yield Finding("alone", OBJECTIVE, Severity.HINT, case="nobody_below")
    elif draft.level == "individual":
        if above == 0:
            yield Finding("alone", OBJECTIVE, Severity.HINT, case="nothing_above")
    elif above == 0 and below == 0:
        yield Finding("alone", OBJECTIVE, Severity.HINT, case="nobody")
