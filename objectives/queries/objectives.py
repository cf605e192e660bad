"""Objectives as pages list them and show them: stored scores, connections, the course of a key result."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import CharField, F, Func, Q, QuerySet, TextField
from django.db.models.expressions import OrderBy
from django.db.models.functions import Lower

from objectives.forecasting.key_results import as_forecast
from objectives.formulas.forecast import path
from objectives.formulas.history import (
    LANDING_DRAWN,
    Change,
    Guess,
    History,
    Point,
    levels_of,
    pace_of,
    points_of,
)
from objectives.formulas.reporting import exactly, legible, value_at
from objectives.formulas.scoring import Measure, MeasureRefused, Reading, progress_at
from objectives.models import (
    Alignment,
    CheckIn,
    Combine,
    Cycle,
    Health,
    KeyResult,
    Kind,
    Level,
    Link,
    Objective,
    ObjectiveState,
    TargetChange,
)
from objectives.queries.activities import idle_objectives
from objectives.queries.bars import with_heading, zones_of
from people.access import read_id
from people.models import Membership, Organization, below

ZONES = ("below", "in", "above", "none")
DROPPED = "dropped"
DAYS_APART = 7

SORTS: Mapping[str, Sequence[str | OrderBy]] = {
    "score": (F("scored__landing").asc(nulls_last=True), "title", "pk"),
    "-score": (F("scored__landing").desc(nulls_last=True), "title", "pk"),
    "title": ("title", "pk"),
    "-title": ("-title", "-pk"),
    "team": ("team__position", "team__name", "team_id", "position", "pk"),
}


class Normalized(Func):
    """A text as PostgreSQL folds full-width and half-width forms into one."""

    template = "normalize(%(expressions)s, NFKC)"
    output_field = TextField()


@dataclass(frozen=True)
class Wanted:
    """What a person looks for in the list; a team stands for those below it too."""

    search: str = ""
    team: int | None = None
    level: str = ""
    health: str = ""
    zone: str = ""
    mine: bool = False
    idle: bool = False
    sort: str = "team"


def wanted_from(asked: Mapping[str, str]) -> Wanted:
    """Filters from a query string; what is unknown is left out."""
    level, health, sort = asked.get("level", ""), asked.get("health", ""), asked.get("sort", "")
    return Wanted(
        search=unicodedata.normalize("NFKC", asked.get("q", "")).replace("\x00", "").strip()[:200],
        team=read_id(asked.get("team")),
        level=level if level in Level.values else "",
        health=health if health in {*Health.values, DROPPED} else "",
        zone=asked["zone"] if asked.get("zone") in ZONES else "",
        mine=asked.get("mine", "") not in ("", "0"),
        idle=asked.get("idle", "") not in ("", "0"),
        sort=sort if sort in SORTS else "team",
    )


def listed(membership: Membership, cycle: Cycle, wanted: Wanted) -> QuerySet[Objective]:
    """The objectives of a cycle that answer the wish, in its order."""
    is_dropped = wanted.health == DROPPED
    found = Objective.objects.dropped_for(membership) if is_dropped else Objective.objects.visible_to(membership)
    # Teams of this organization, so that the order by team is read from an index.
    rows = found.in_cycle(cycle).filter(team__organization=membership.organization_id)
    if wanted.search:
        rows = rows.annotate(folded=Lower(Normalized("title"), output_field=CharField()))
        for word in wanted.search.lower().split():
            rows = rows.filter(folded__contains=word)
    if wanted.team is not None:
        rows = rows.filter(team__in=below([wanted.team]))
    if wanted.level:
        rows = rows.filter(level=wanted.level)
    if wanted.health and not is_dropped:
        rows = rows.filter(scored__health=wanted.health)
    if wanted.zone:
        heading = with_heading(
            rows.filter(state__in=(ObjectiveState.ACTIVE, ObjectiveState.CLOSED)), membership.organization
        )
        rows = heading.filter(zones_of(membership.organization)[wanted.zone])  # type: ignore[assignment]
    if wanted.idle:
        rows = rows.filter(pk__in=idle_objectives(membership, rows).order_by().values("pk"))
    if wanted.mine:
        own = KeyResult.objects.filter(owner=membership, dropped_at=None)
        rows = rows.filter(Q(owner=membership) | Q(pk__in=own.values("objective")))
    return rows.select_related("team", "owner__user", "scored", "cycle").order_by(*SORTS[wanted.sort])


@dataclass(frozen=True)
class Connection:
    """Another objective this one hangs together with."""

    objective: Objective
    key_result: KeyResult | None
    weight: float | None
    sums: bool


@dataclass(frozen=True)
class Connections:
    """What an objective contributes to, what contributes to it, and what merely supports either way."""

    above: list[Connection]
    below: list[Connection]
    beside: list[Connection]

    def __bool__(self) -> bool:
        return bool(self.above or self.below or self.beside)


def connections_of(objective: Objective, membership: Membership) -> Connections:
    """The connections the person may see; a partner does not see above the branch that is shared."""
    rows = list(
        Alignment.objects.filter(
            Q(child=objective) | Q(parent_objective=objective) | Q(parent_key_result__objective=objective)
        ).select_related("parent_key_result")
    )
    others = {row.child_id for row in rows} | {_parent_of(row) for row in rows}
    seen = {
        row.pk: row
        for row in Objective.objects.visible_to(membership)
        .filter(pk__in=others)
        .select_related("team", "scored", "cycle")
    }
    found = Connections([], [], [])
    for row in rows:
        is_above = row.child_id == objective.pk
        other = seen.get(_parent_of(row) if is_above else row.child_id)
        if other is None:
            continue
        sums = row.parent_key_result is not None and row.parent_key_result.combine == "sum"
        place = found.beside if row.link == Link.SUPPORTS else found.above if is_above else found.below
        place.append(Connection(other, row.parent_key_result, row.weight, sums))
    return found


def _parent_of(row: Alignment) -> int:
    if row.parent_key_result is not None:
        return row.parent_key_result.objective_id
    return row.parent_objective_id or 0


@dataclass(frozen=True)
class Course:
    """A key result's course with what its table says: every check-in, and every target that was moved."""

    history: History
    check_ins: list[CheckIn]
    changes: list[TargetChange]
    unit: str

    @property
    def rows(self) -> list[tuple[CheckIn, Point]]:
        """The table of the same numbers: every check-in with what it brings the line to."""
        return list(zip(self.check_ins, self.history.points, strict=True))

    @property
    def tick_unit(self) -> str:
        """What stands behind the numbers of the axis: the unit itself is said once, under the chart."""
        return "%" if self.unit == "%" else ""


def course_of(
    key_result: KeyResult, organization: Organization, check_ins: list[CheckIn], changes: list[TargetChange]
) -> Course:
    """What the history chart and its table show; the key result comes with its cycle, score, steps and phases.

    `check_ins` are those that count, the oldest first.
    """
    measure, unit = scale_of(key_result)
    span = key_result.objective.cycle.span
    weight = (
        sum((step.weight for step in key_result.steps.all()), Decimal(0)) if key_result.kind == Kind.MILESTONE else 0
    )
    readings = [
        Reading(row.date, row.value * 100 / weight if weight else row.value, row.confidence) for row in check_ins
    ]
    points = points_of(measure, readings)
    moved = [Change(change.changed_on, change.old_must_hit, change.old_target) for change in changes]
    phases = [(phase.date, progress_at(measure, phase.value) or 0.0) for phase in key_result.phases.all()]
    target = {Kind.QUOTA: measure.quota, Kind.COVERAGE: measure.population}.get(
        Kind(key_result.kind), measure.target_value
    )
    must_hit = measure.must_hit_value
    if key_result.kind == Kind.KEEP or key_result.intent == "committed":
        # What is expected in full is a must-hit; there is no challenge beyond it.
        must_hit, target = target, None
        moved = [Change(change.on, change.target, None) for change in moved]
    history = History(
        span=span,
        points=tuple(points),
        levels=tuple(levels_of(span, must_hit, target, moved)),
        pace=tuple(pace_of(measure, span, phases)),
        band=band_of(key_result, measure, organization),
        landing=landing_of(key_result, measure),
        fan=fan_of(key_result, check_ins, organization),
    )
    return Course(history, check_ins, changes, unit)


def fan_of(key_result: KeyResult, check_ins: Sequence[CheckIn], organization: Organization) -> tuple[Guess, ...]:
    """Where it is likely to be from today on, week by week; empty for a quota, which begins anew in every period."""
    stored = getattr(key_result, "forecast", None)
    scored = getattr(key_result, "scored", None)
    if stored is None or key_result.kind == Kind.QUOTA or (scored is not None and scored.health == Health.CLOSED):
        return ()
    if key_result.combine == Combine.SUM and scored is not None and scored.current_value != scored.own_value:
        return ()  # others' sum does not go on from what was reported here
    measure, readings = key_result.measure, [Reading(row.date, row.value, row.confidence) for row in check_ins]
    factor = Decimal(1)
    if key_result.kind == Kind.MILESTONE:
        weight = sum((step.weight for step in key_result.steps.all()), Decimal(0))
        factor = 100 / weight if weight else factor
    span, phases = key_result.objective.cycle.span, key_result.phase_shares(measure)
    try:
        places = path(measure, span, readings, organization.today, as_forecast(stored), phases)
    except MeasureRefused:
        return ()
    return tuple(
        Guess(place.date, *(exactly(Fraction(value) * Fraction(factor)) for value in (place.p10, place.p50, place.p90)))
        for place in [*places[:-1:DAYS_APART], *places[-1:]]
    )


def scale_of(key_result: KeyResult) -> tuple[Measure, str]:
    """The measure on the scale it is drawn on: a milestone in per cent of its steps' weights."""
    if key_result.kind != Kind.MILESTONE:
        return key_result.measure, key_result.unit
    return Measure(kind="milestone", target_value=Decimal(100), must_hit_value=None), "%"


def band_of(key_result: KeyResult, measure: Measure, organization: Organization) -> tuple[Decimal, Decimal] | None:
    """The stretch band in the key result's own unit; none where everything is expected."""
    if key_result.intent == "committed":
        return None
    lower, upper = value_at(measure, organization.band_lower), value_at(measure, organization.band_upper)
    return None if lower is None or upper is None else (lower, upper)


def landing_of(key_result: KeyResult, measure: Measure) -> Decimal | None:
    """Where the line is heading at this pace, while that can still be drawn."""
    scored = getattr(key_result, "scored", None)
    if scored is None or scored.landing is None or scored.health in {Health.CLOSED, Health.NOT_STARTED}:
        return None
    if key_result.kind == Kind.AVERAGE or not LANDING_DRAWN[0] <= scored.landing <= LANDING_DRAWN[1]:
        return None
    value = value_at(measure, scored.landing)
    return None if value is None else legible(measure, value)
