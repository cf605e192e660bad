"""What happened in the cycle that people look back at: how the objectives ended, shown beside what people write, and
kept with the result."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from objectives.formulas.bar import Bar
from objectives.formulas.pace import zone
from objectives.models import (
    CheckIn,
    KeyResult,
    KeyResultScore,
    Kind,
    Objective,
    ObjectiveState,
    Retrospective,
)
from objectives.queries.agenda import plain
from objectives.queries.bars import key_result_bar, objective_bar
from people.models import Organization

MOST_OBJECTIVES = 20
HEIGHT, WIDTH = 20, 100


@dataclass
class Result:
    """A key result as it stood: value, start and target in its `unit`, the confidences said week by week."""

    pk: int
    title: str
    kind: str
    unit: str = ""
    value: Decimal | None = None
    start: Decimal | None = None
    target: Decimal | None = None
    progress: float | None = None
    bar: Bar | None = None
    confidences: list[int] = field(default_factory=list)

    @property
    def is_milestone(self) -> bool:
        return self.kind == Kind.MILESTONE

    @property
    def line(self) -> str:
        """The confidences as the points of a line, 100 wide and 20 high, 10 being on top."""
        return confidence_line(self.confidences)


@dataclass
class Ended:
    """An objective as it stood, with its key results; `grade` is people's word where they changed the score."""

    pk: int
    title: str
    intent: str
    score: float | None = None
    grade: float | None = None
    reason: str = ""
    zone: str = "none"
    """Where the grade, else the score, stands as of now: what one looks back at lands nowhere else."""
    bar: Bar | None = None
    results: list[Result] = field(default_factory=list)

    @property
    def is_regraded(self) -> bool:
        return self.grade is not None


def confidence_line(confidences: Sequence[int]) -> str:
    """Points for a line drawing.

    >>> confidence_line([10, 5, 0]), confidence_line([7])
    ('0,0 50,10 100,20', '')
    """
    if len(confidences) < 2:
        return ""
    step = WIDTH / (len(confidences) - 1)
    places = ((place * step, HEIGHT - each * HEIGHT / 10) for place, each in enumerate(confidences))
    return " ".join(f"{x:.4g},{y:.4g}" for x, y in places)


def ended_objectives(retrospective: Retrospective, organization: Organization) -> list[Ended]:
    """What people look back at: the one objective, or those of the team in the cycle; three statements."""
    rows = Objective.objects.filter(organization=organization, dropped_at=None)
    if retrospective.objective_id is not None:
        rows = rows.filter(pk=retrospective.objective_id)
    else:
        begun = (ObjectiveState.ACTIVE, ObjectiveState.CLOSED)
        rows = rows.filter(cycle=retrospective.cycle_id, team=retrospective.team_id, state__in=begun)
    objectives = list(rows.select_related("scored", "grade").order_by("position", "pk")[:MOST_OBJECTIVES])
    results = KeyResult.objects.filter(objective__in=objectives, dropped_at=None)
    of_objective: dict[int, list[KeyResult]] = defaultdict(list)
    for row in results.select_related("scored", "objective__cycle").order_by("position", "pk"):
        of_objective[row.objective_id].append(row)
    said = confidences_of([row.pk for rows in of_objective.values() for row in rows])
    found = []
    for objective in objectives:
        grade = getattr(objective, "grade", None)
        is_overridden = grade is not None and grade.is_overridden
        bar = objective_bar(objective, organization, at_end=True)
        override = grade.override if grade is not None and is_overridden else None
        band = organization.band_lower, organization.band_upper
        found.append(
            Ended(
                objective.pk,
                objective.title,
                objective.kind,
                score=objective.scored.score if hasattr(objective, "scored") else None,
                grade=override,
                reason=grade.reason if grade is not None and is_overridden else "",
                zone=bar.zone if override is None else zone(override, objective.kind, *band),
                bar=bar,
                results=[result_of(row, organization, said[row.pk]) for row in of_objective[objective.pk]],
            )
        )
    return found


def result_of(row: KeyResult, organization: Organization, confidences: list[int]) -> Result:
    scored: KeyResultScore | None = getattr(row, "scored", None)
    return Result(
        row.pk,
        row.title,
        row.kind,
        unit=row.unit,
        value=scored.current_value if scored else None,
        start=row.start_value,
        target=row.target_value,
        progress=scored.progress if scored else None,
        bar=key_result_bar(row, organization, organization.today),
        confidences=confidences,
    )


def confidences_of(key_results: Sequence[int]) -> dict[int, list[int]]:
    """Of each key result the confidences said, oldest first, without those that were corrected."""
    rows = CheckIn.objects.filter(key_result__in=key_results, corrected_by=None)
    found: dict[int, list[int]] = defaultdict(list)
    for key_result, confidence in rows.order_by("date", "created_at", "id").values_list("key_result_id", "confidence"):
        if confidence is not None:
            found[key_result].append(confidence)
    return found


# As the ended retrospective keeps them


def frozen(rows: list[Ended]) -> list[dict[str, Any]]:
    """As JSON."""
    return [plain(asdict(row)) for row in rows]


def thawed(kept: list[dict[str, Any]]) -> list[Ended]:
    """What `frozen` made, as it was; what was kept before it knew its own zone has its bar's."""
    found = []
    for row in kept:
        bar = bar_of(row["bar"])
        known = {"zone": bar.zone if bar else "none"} | row
        found.append(Ended(**(known | {"bar": bar, "results": [thawed_result(each) for each in row["results"]]})))
    return found


def thawed_result(kept: dict[str, Any]) -> Result:
    numbers = {name: Decimal(kept[name]) if kept[name] is not None else None for name in ("value", "start", "target")}
    return Result(**(kept | numbers | {"bar": bar_of(kept["bar"])}))


def bar_of(kept: dict[str, Any] | None) -> Bar | None:
    return Bar(**(kept | {"trail": tuple(kept["trail"])})) if kept is not None else None
