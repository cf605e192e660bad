"""What of closing a cycle is done and what is left: team by team, and objective by objective of one team."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from objectives.formulas.bar import Bar
from objectives.formulas.closing import Checklist, Reading, final_from, is_time_to_close, needs_no_word, reading_of
from objectives.formulas.pace import COMMITTED_ON_TRACK, zone
from objectives.models import (
    Combine,
    Cycle,
    CycleState,
    CycleStep,
    Grade,
    HealthKPI,
    KeyResult,
    Objective,
    ObjectiveState,
    Outcome,
    PendingRollUp,
    Retrospective,
    Stage,
)
from objectives.models.goals import DRAFTS, ObjectiveQuerySet
from objectives.queries.bars import key_result_bar, objective_bar
from objectives.queries.carrying import carried_into
from objectives.queries.next_cycle import is_long
from objectives.rollup.key_results import CARRIERS
from people.models import Membership, Team
from people.queries import Branch, team_tree

ENDING = (ObjectiveState.ACTIVE, ObjectiveState.CLOSED)
MOST_NAMED = 20

# A key result has its final check-in once somebody reported in the cycle's last days, where others report its sum, or
# where its objective is closed: nobody can report on it any more. Of what landed where it should (`formulas.closing`),
# or stands in another cycle already, nothing is left to be decided.
COUNTS = """
WITH ending AS (
    SELECT o.id, o.team_id, o.state = 'closed' OR %(is_closed)s AS closed,
           coalesce(g.outcome, '') <> '' OR coalesce(g.override, s.score) >=
               CASE o.kind WHEN 'committed' THEN %(committed)s ELSE %(band)s END - 1e-9
           OR EXISTS (SELECT FROM objectives_objective further
                      WHERE further.carried_from_id = o.id AND further.dropped_at IS NULL) AS decided
    FROM objectives_objective o
    LEFT JOIN objectives_grade g ON g.objective_id = o.id
    LEFT JOIN objectives_objectivescore s ON s.objective_id = o.id
    WHERE o.cycle_id = %(cycle)s AND o.dropped_at IS NULL AND o.state IN ('active', 'closed')
), reported AS (
    SELECT ending.id, count(*) AS key_results,
           count(*) FILTER (WHERE ending.closed OR k.last_check_in_on >= %(final)s OR (kr.combine = 'sum' AND EXISTS (
               SELECT FROM objectives_alignment a
               JOIN objectives_objective child ON child.id = a.child_id
                   AND child.dropped_at IS NULL AND child.state IN ('active', 'closed')
               JOIN objectives_keyresult part ON part.objective_id = child.id
                   AND part.dropped_at IS NULL AND part.unit = kr.unit
               WHERE a.parent_key_result_id = kr.id AND a.link = 'contributes'))) AS final
    FROM ending
    JOIN objectives_keyresult kr ON kr.objective_id = ending.id AND kr.dropped_at IS NULL
    LEFT JOIN objectives_keyresultscore k ON k.key_result_id = kr.id
    GROUP BY ending.id
)
SELECT team_id, coalesce(sum(key_results), 0)::int, coalesce(sum(final), 0)::int, count(*)::int,
       (count(*) FILTER (WHERE closed))::int, (count(*) FILTER (WHERE coalesce(decided, false)))::int
FROM ending LEFT JOIN reported USING (id) GROUP BY team_id
"""


@dataclass(frozen=True)
class TeamClosing:
    """A team with what it has done of closing a cycle."""

    branch: Branch
    checklist: Checklist
    retrospective: Retrospective | None = None

    @property
    def team(self) -> Team:
        return self.branch.team


@dataclass(frozen=True)
class Closing:
    """A cycle on its way to its end. `steps` are who opened it again and who closed it, newest first."""

    cycle: Cycle
    following: Cycle | None
    teams: list[TeamClosing]
    steps: list[CycleStep]

    @property
    def ready(self) -> int:
        return sum(row.checklist.is_ready for row in self.teams)

    @property
    def final_from(self) -> date:
        return final_from(self.cycle.end)


def closing_of(membership: Membership, cycle: Cycle) -> Closing:
    """How far every team with objectives in the cycle is, in the order of the organization."""
    with connection.cursor() as cursor:
        asked: dict[str, Any] = {"cycle": cycle.pk, "is_closed": cycle.is_closed, "final": final_from(cycle.end)}
        landed = {"band": membership.organization.band_lower, "committed": COMMITTED_ON_TRACK}
        cursor.execute(COUNTS, asked | landed)
        counts = {team: rest for team, *rest in cursor.fetchall()}
    following = following_of(cycle)
    looked_back = {row.team_id: row for row in Retrospective.objects.filter(cycle=cycle, objective=None)}
    drafted = drafts_by_team(following)
    teams = Team.objects.visible_to(membership).filter(Q(closed_on=None) | Q(pk__in=counts)).order_by("position", "pk")
    rows = []
    for branch in team_tree(teams):
        if branch.team.pk in counts:
            key_results, final, objectives, closed, decided = counts[branch.team.pk]
            held = looked_back.get(branch.team.pk)
            checklist = Checklist(
                key_results,
                final,
                objectives,
                closed,
                decided,
                "" if held is None else "held" if held.stage == Stage.ENDED else "running",
                drafted.get(branch.team.pk, 0),
            )
            rows.append(TeamClosing(branch, checklist, held))
    return Closing(cycle, following, rows, steps_of(cycle))


def steps_of(cycle: Cycle) -> list[CycleStep]:
    """Who closed the cycle and who opened it again, newest first."""
    rows = CycleStep.objects.filter(Q(new_state=CycleState.CLOSED) | Q(old_state=CycleState.CLOSED), cycle=cycle)
    return list(rows.select_related("by__user").order_by("-pk"))


def drafts_by_team(following: Cycle | None) -> dict[int, int]:
    if following is None:
        return {}
    rows = Objective.objects.in_cycle(following).filter(dropped_at=None).order_by().values("team")
    return {row["team"]: row["number"] for row in rows.annotate(number=Count("pk"))}


def following_of(cycle: Cycle) -> Cycle | None:
    """The cycle of about the same length that comes next, if somebody has opened it."""
    rows = Cycle.objects.filter(organization=cycle.organization_id, start__gt=cycle.start, end__gt=cycle.end)
    return next((row for row in rows.order_by("start", "end") if is_long(row) == is_long(cycle)), None)


def cycle_to_close(cycles: Iterable[Cycle], today: date) -> Cycle | None:
    """Of the cycles the running one whose end has come near, or that is over: the one that ended, or ends, first."""
    near = [row for row in cycles if row.state == CycleState.ACTIVE and is_time_to_close(row.end, today)]
    return min(near, key=lambda row: (row.end, row.start), default=None)


# Objectives of one team


@dataclass
class Ending:
    """An objective at its end: where it stands, what is said of it, and what the person may do."""

    objective: Objective
    bar: Bar
    zone: str
    reading: Reading
    key_results: list[KeyResult]
    grade: Grade | None
    final: int
    may_close: bool = False
    may_propose: bool = False
    carried: Objective | None = None
    kept: dict[int, HealthKPI] = field(default_factory=dict)

    @property
    def is_closed(self) -> bool:
        return self.objective.is_closed

    @property
    def score(self) -> float | None:
        """What counts: the grade once there is one, else the computed score."""
        if self.grade is not None and (self.is_closed or self.grade.is_overridden):
            return self.grade.score
        return self.computed

    @property
    def computed(self) -> float | None:
        scored = getattr(self.objective, "scored", None)
        return scored.score if scored else None

    @property
    def is_proposed(self) -> bool:
        return self.grade is not None and not self.is_closed

    @property
    def needs_no_word(self) -> bool:
        return not self.is_closed and needs_no_word(self.reading, final=self.final, key_results=len(self.key_results))


def ending_rows(membership: Membership, cycle: Cycle, team: Team | None = None) -> ObjectiveQuerySet:
    """The objectives that run or are closed, of one team or of all."""
    rows = Objective.objects.visible_to(membership).in_cycle(cycle).filter(state__in=ENDING)
    return rows.filter(team=team) if team is not None else rows


def endings_of(membership: Membership, rows: QuerySet[Objective], cycle: Cycle) -> list[Ending]:
    """The objectives with all that is looked at when they are closed; a fixed number of statements."""
    organization, today = membership.organization, membership.organization.today
    key_results: QuerySet[KeyResult] = (
        KeyResult.objects.filter(dropped_at=None)
        .select_related("scored", "owner__user")
        .annotate(is_carried=Exists(CARRIERS))
        .order_by("position", "pk")
    )
    found = list(
        rows.select_related("cycle", "team", "owner__user", "scored", "grade__graded_by__user").prefetch_related(
            Prefetch("key_results", key_results, to_attr="standing")
        )
    )
    ids = [row.pk for row in found]
    led = set(Objective.objects.led_by(membership).filter(pk__in=ids).values_list("pk", flat=True))
    following = following_of(cycle)
    carried = carried_into(following, found) if following is not None else {}
    standing = [key_result for row in found for key_result in row.standing]  # type: ignore[attr-defined]
    kept = kept_up([key_result.pk for key_result in standing])
    first = final_from(cycle.end)
    endings = []
    for row in found:
        for key_result in row.standing:  # type: ignore[attr-defined]
            key_result.objective = row
            key_result.bar = key_result_bar(key_result, organization, today)  # type: ignore[attr-defined]
            key_result.kept_as = kept.get(key_result.pk)  # type: ignore[attr-defined]
            key_result.is_final = has_final(key_result, first, is_closed=row.is_closed)  # type: ignore[attr-defined]
        grade = getattr(row, "grade", None)
        bar = objective_bar(row, organization, at_end=True)
        score = grade.score if grade is not None and grade.is_overridden else bar.score
        endings.append(
            Ending(
                objective=row,
                bar=bar,
                zone=zone(score, row.kind, organization.band_lower, organization.band_upper),
                reading=reading_of(score, row.kind, organization.band_lower, organization.band_upper),
                key_results=row.standing,  # type: ignore[attr-defined]
                grade=grade,
                final=sum(key_result.is_final for key_result in row.standing),  # type: ignore[attr-defined]
                may_close=row.pk in led and not cycle.is_closed,
                may_propose=row.owner_id == membership.pk and not row.is_closed,
                carried=carried.get(row.pk),
            )
        )
    return endings


def has_final(key_result: KeyResult, first: date, *, is_closed: bool) -> bool:
    """The rule of `COUNTS`."""
    if is_closed or (key_result.combine == Combine.SUM and key_result.is_carried):  # type: ignore[attr-defined]
        return True
    scored = getattr(key_result, "scored", None)
    return scored is not None and scored.last_check_in_on is not None and scored.last_check_in_on >= first


def kept_up(key_results: Collection[int]) -> dict[int, HealthKPI]:
    """The health KPIs that were made of key results."""
    rows = HealthKPI.objects.filter(made_from__in=key_results, retired_on=None)
    return {row.made_from_id: row for row in rows.order_by("-pk")}  # type: ignore[misc]


# What is left when the cycle itself is closed


@dataclass(frozen=True)
class StillOpen:
    """What closing the cycle ends: counts, and the first of each by name."""

    running: int
    drafts: int
    graded: int
    carried: int
    pending: int
    named: list[Objective]
    named_drafts: list[Objective]
    retrospectives: list[Retrospective]


def still_open(cycle: Cycle) -> StillOpen:
    rows = Objective.objects.in_cycle(cycle).filter(dropped_at=None)
    carried = Q(state__in=ENDING, grade__outcome=Outcome.CARRIED)
    following = following_of(cycle)
    if following is not None:
        into = Objective.objects.filter(cycle=following, carried_from=OuterRef("pk"), dropped_at=None)
        carried = carried & ~Q(Exists(into))
    counts = rows.aggregate(
        running=Count("pk", filter=Q(state=ObjectiveState.ACTIVE)),
        drafts=Count("pk", filter=Q(state__in=DRAFTS)),
        graded=Count("pk", filter=Q(state=ObjectiveState.ACTIVE, grade__isnull=False)),
        carried=Count("pk", filter=carried),
    )
    ordered = rows.select_related("team", "owner__user").order_by("team__position", "team", "position", "pk")
    return StillOpen(
        **counts,
        pending=PendingRollUp.objects.filter(objective__cycle=cycle).values("objective").distinct().count(),
        named=list(ordered.filter(state=ObjectiveState.ACTIVE)[:MOST_NAMED]),
        named_drafts=list(ordered.filter(state__in=DRAFTS)[:MOST_NAMED]),
        retrospectives=list(
            Retrospective.objects.running().filter(cycle=cycle).select_related("team", "objective")[:MOST_NAMED]
        ),
    )
