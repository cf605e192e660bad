"""What the coach is told of a draft, and what it answers.

Three things may be said of every value: it is there, it is missing (None), or it was not told (`UNTOLD`). A rule about
a value that was not told is not judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import TypeAlias, TypeVar


class Untold(Enum):
    """The value of what was not told."""

    UNTOLD = "untold"


UNTOLD = Untold.UNTOLD

Evidence: TypeAlias = Mapping[str, str | int | float | Decimal]

Value = TypeVar("Value")
Told: TypeAlias = Value | Untold | None


class Severity(Enum):
    """`BLOCK` is refused when the objective begins; `WARN` wants an answer; `HINT` may be passed."""

    BLOCK = "block"
    WARN = "warn"
    HINT = "hint"


@dataclass(frozen=True)
class DraftKeyResult:
    """A key result as it is being written. Numbers are in its own unit as people say them (unit %: 15 means 15 %).

    `target_value` is what the kind runs to: the challenge target, the quota, the value to keep, or all there are.
    `kpi` names the lever it measures.
    """

    title: str
    kind: str = "reach"
    unit: Told[str] = UNTOLD
    start_value: Told[Decimal] = UNTOLD
    must_hit_value: Told[Decimal] = UNTOLD
    target_value: Told[Decimal] = UNTOLD
    period: Told[str] = UNTOLD
    owner: Told[str] = UNTOLD
    measured_how: Told[str] = UNTOLD
    measure_type: Told[str] = UNTOLD
    measure_first: bool = False
    kpi: Told[str] = UNTOLD


@dataclass(frozen=True)
class Past:
    """A measure of an earlier cycle: its words and the score it ended with (0–1), numbers where they are known."""

    measure: str
    score: float | None = None
    unit: str | None = None
    start_value: Decimal | None = None
    target_value: Decimal | None = None
    end_value: Decimal | None = None
    cycle: str = ""


@dataclass(frozen=True)
class Draft:
    """One objective with its key results, and as much of what is round it as is known.

    `team_kind` is `sales` for a sales team; `kgi` the KGI it leads to, by itself or through what it helps;
    `objectives_in_team` counts this one too; `intents_in_team` are those of all the team's objectives with this one;
    `aligned_above` and `aligned_below` count its connections; `is_first_cycle` asks for modest targets and few goals.
    """

    title: str
    kind: Told[str] = UNTOLD
    why: Told[str] = UNTOLD
    team_kind: Told[str] = UNTOLD
    kgi: Told[str] = UNTOLD
    level: Told[str] = UNTOLD
    key_results: Told[tuple[DraftKeyResult, ...]] = UNTOLD
    history: Told[tuple[Past, ...]] = UNTOLD
    objectives_in_team: Told[int] = UNTOLD
    intents_in_team: Told[tuple[str, ...]] = UNTOLD
    aligned_above: Told[int] = UNTOLD
    aligned_below: Told[int] = UNTOLD
    is_first_cycle: bool = False


OBJECTIVE = "objective"


def place_of(number: int) -> str:
    """Where a finding about the key result of this place (from 0) stands."""
    return f"key_results.{number}"


@dataclass(frozen=True)
class Finding:
    """What a rule found: `where` is `objective` or `key_results.0`, `evidence` what it saw, by name, for the sentence.

    `suggestion` is one better version made from the writer's own words and in their language, empty where there is
    none; `about` is the field that it may replace (`title`, `unit`, `target_value` …), `case` tells the sentences of
    one rule apart.
    """

    rule: str
    where: str
    severity: Severity
    evidence: Evidence = field(default_factory=dict)
    suggestion: str = ""
    about: str = ""
    case: str = ""


@dataclass(frozen=True)
class Check:
    """The coach's answer: `strength` from 0 to 100, and the findings in the order of the draft, the gravest first."""

    strength: int
    findings: tuple[Finding, ...] = ()

    def at(self, where: str) -> tuple[Finding, ...]:
        """The findings about the objective or about one key result."""
        return tuple(finding for finding in self.findings if finding.where == where)

    @property
    def blocks(self) -> bool:
        return any(finding.severity is Severity.BLOCK for finding in self.findings)
