"""What the alignment map is made of: how it is looked at, its lines, and what several goals come to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import ngettext

from dashboards.formulas import forest as trees
from dashboards.queries.forest import Goal, Sought
from objectives.formulas.pace import zone
from objectives.models import Health, Intent

HEALTH_SIGNS = {
    Health.ON_TRACK: ("●", "role:in-wash"),
    Health.AT_RISK: ("▼", "role:below-wash"),
    Health.OFF_TRACK: ("✕", "role:danger-wash"),
    Health.OVERDUE: ("!", "role:line"),
    Health.NOT_STARTED: ("○", "role:well"),
    Health.MEASURE_FIRST: ("◇", "role:well"),
    Health.CLOSED: ("■", "role:above-wash"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """How the map is looked at, and from where down: from an objective (`root`) or a team (`under`)."""

    by: str = "chain"
    shape: str = "icicle"
    colour: str = "score"
    size: str = "results"
    root: int | None = None
    under: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A cell as a line of the table below the map."""

    cell: trees.Cell
    title: str
    leads: str
    opens: str
    is_found: bool
    goal: Goal | None = None
    team: str = ""
    owner: str = ""
    below: int = 0
    tally: Tally | None = None

    @property
    def indent(self) -> int:
        return min(self.cell.depth, 4)

    @property
    def size(self) -> int:
        return round(self.cell.size)

    def as_json(self) -> dict[str, Any]:
        goal = self.goal
        return {
            "id": goal.pk if goal else None,
            "path": self.cell.path,
            "parent": self.cell.parent or None,
            "title": self.title,
            "team": self.team or None,
            "value": goal.value if goal else self.tally.value if self.tally else None,
            "zone": goal.zone if goal else self.tally.zone if self.tally else None,
            "health": goal.health if goal else None,
            "key_results": goal.key_results if goal else None,
            "children": self.below,
            "folded": len(self.cell.folded),
        }


@dataclass(slots=True)
class Tally:
    """What several goals come to: how many, how many of them below the band, and where they land on average."""

    lower: float
    upper: float
    total: int = 0
    below: int = 0
    reported: int = 0
    sum: float = 0.0
    healths: Counter[str] = field(default_factory=Counter)

    def add(self, goal: Goal) -> None:
        self.total += 1
        self.below += goal.zone == "below"
        self.healths[goal.health] += 1
        if goal.value is not None:
            self.reported += 1
            self.sum += goal.value

    @property
    def value(self) -> float | None:
        return self.sum / self.reported if self.reported else None

    @property
    def zone(self) -> str:
        return zone(self.value, Intent.ASPIRATIONAL, self.lower, self.upper) if self.value is not None else "none"

    @property
    def health(self) -> str:
        """How most of them are doing; of as many the worse."""
        worse = (Health.OFF_TRACK, Health.OVERDUE, Health.AT_RISK, Health.ON_TRACK)
        order = [*worse, *[state for state in Health if state not in worse]]
        return max(order, key=lambda state: (self.healths[state], -order.index(state)))


def wished(sought: Sought) -> dict[str, Any]:
    """The filters as an address has them."""
    said = {"q": " ".join(sought.words), "team": sought.team, "kind": sought.kind, "level": sought.level}
    return {name: value for name, value in {**said, "health": sought.health}.items() if value not in ("", None)}


def below_of(total: int, below: int) -> str:
    sentence = ngettext(
        "%(total)s objective, %(below)s heading below the band",
        "%(total)s objectives, %(below)s heading below the band",
        total,
    )
    return sentence % grouped(total=total, below=below)


def grouped(**numbers: int) -> dict[str, str]:
    """Whole numbers as people write them."""
    return {name: number_format(value, force_grouping=True) for name, value in numbers.items()}
