# ruff: noqa: S608 (statements are put together from constants alone; every value is a parameter)
"""Cycles one after the other: how their objectives ended against the band, and how well their goals were set."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from django.db.models import QuerySet

from dashboards.figures import BIN, Band, bin_of
from dashboards.formulas.goal_setting import Habit, Skill, TeamCycle, habits, near_band
from dashboards.formulas.reliability import Reliability, Said, confidence
from dashboards.queries.branches import Branch, Unit
from dashboards.queries.cycles import day_at
from dashboards.queries.departments import within
from dashboards.queries.sql import ENDED, WORKING, ZONE, ZONES, band_of, rows
from objectives.formulas.habits import FULL, LOW
from objectives.formulas.pace import COMMITTED_ON_TRACK
from objectives.formulas.patterns import FEWEST_LINES
from objectives.models import Cycle, CycleState, Intent, Objective
from objectives.queries.next_cycle import is_long
from objectives.queries.plan import most_for
from people.models import Membership, Team

AT_FIRST, MOST_AT_ALL = 8, 40
SILENT_FOR = timedelta(weeks=4)
"""A key result that nobody reported on in the last four weeks of its cycle had fallen silent."""
MOST_ASKED = 6_000
"""Of more key results in all so many are drawn by lot: shares would hardly change, and be waited for."""
POINTS = (0.25, 0.5, 0.75)
HALF = 1
"""The point of `POINTS` that one confidence is taken from where there is room for one."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The cycles a page looks at, the latest first: of one kind, begun, no more than were asked for."""

    cycles: tuple[Cycle, ...]
    is_long: bool
    kinds: frozenset[bool]
    older: int


@dataclass(slots=True)
class Ends:
    """How the objectives of one intent ended in a cycle, or where they are heading while it runs.

    `piles` says how many of which zone lie in which twentieth of the scale; `median` is None where none has a value.
    """

    total: int = 0
    median: float | None = None
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ZONES, 0))
    piles: dict[int, dict[str, int]] = field(default_factory=dict)

    @property
    def told(self) -> int:
        return self.total - self.counts["none"]

    def share(self, zone: str) -> float | None:
        """The share of those with a value that lie in a zone, 0–1."""
        return self.counts[zone] / self.told if self.told else None


@dataclass(frozen=True, slots=True)
class CycleEnds:
    """A cycle against the band. `changed` of its `graded` objectives have a grade that differs from their score."""

    cycle: Cycle
    is_over: bool
    aspirational: Ends
    committed: Ends
    graded: int = 0
    changed: int = 0

    @property
    def total(self) -> int:
        return self.aspirational.total + self.committed.total


@dataclass(slots=True)
class TeamSums:
    """What a team's objectives and key results of one cycle add up to."""

    ended: int = 0
    low: int = 0
    daring: int = 0
    full: int = 0
    well: int = 0
    own: int = 0
    reporting: int = 0
    silent: int = 0
    key_results: int = 0
    unlinked: int = 0
    sure: int = 0
    said: int = 0
    came: int = 0

    def add(self, other: TeamSums) -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def skill(self) -> Skill:
        said = self.said / self.sure / 10 if self.sure else 0.0
        return Skill(self.ended, self.well, self.sure, said, self.came)


@dataclass(frozen=True, slots=True)
class UnitSkill:
    """How well a unit of the branch set its goals, cycle by cycle, the oldest first."""

    unit: Unit
    skills: tuple[Skill, ...]


@dataclass(frozen=True, slots=True)
class TeamHabits:
    """The habits that show in a team's own goals, each with the cycles in which it does, the oldest first."""

    team: int
    name: str
    habits: tuple[tuple[Habit, tuple[Cycle, ...]], ...]


@dataclass(frozen=True, slots=True)
class Across:
    """All that is read of the chosen cycles that have objectives. `over` are those that ended, the oldest first.

    `confidences` holds what was said at each of `POINTS` against what came; anything was reported on so many key
    results.
    """

    chosen: Chosen
    ends: tuple[CycleEnds, ...]
    over: tuple[Cycle, ...]
    confidences: tuple[Reliability, ...]
    units: tuple[UnitSkill, ...]
    habits: tuple[TeamHabits, ...]
    reported: int = 0

    @property
    def is_drawn(self) -> bool:
        """Whether confidence is looked at in a part of the key results alone."""
        return self.reported > MOST_ASKED

    @property
    def whole(self) -> CycleEnds | None:
        """All cycles that are over as one; None where none is."""
        return together([each for each in self.ends if each.is_over])


OF_GOALS = ("id", "cycle_id", "team_id", "kind", "level", "state")

GOALS = f"""
WITH goal AS MATERIALIZED (
    SELECT o.cycle_id, o.team_id, o.kind, o.level <> 'individual' AS own, {ENDED} AS value,
           o.state = 'closed' AND g.objective_id IS NOT NULL AS graded,
           o.state = 'closed' AND ABS(g.override - COALESCE(g.computed, -1)) >= 0.005 AS changed
    FROM {{visible}} o
    LEFT JOIN objectives_objectivescore s ON s.objective_id = o.id
    LEFT JOIN objectives_grade g ON g.objective_id = o.id
), placed AS MATERIALIZED (
    SELECT *, {ZONE.format(value="value", kind="kind")} AS zone,
           CASE WHEN value IS NOT NULL THEN LEAST(20, GREATEST(0, FLOOR(value * 20 + 1e-9)))::int END AS bin
    FROM goal
)
SELECT cycle_id, team_id, kind, bin, zone, GROUPING(team_id) = 0 AS by_team,
       COUNT(*), COUNT(value), COUNT(*) FILTER (WHERE graded), COUNT(*) FILTER (WHERE changed),
       COUNT(*) FILTER (WHERE value < {LOW}),
       COUNT(*) FILTER (WHERE kind = 'aspirational' AND value IS NOT NULL),
       COUNT(*) FILTER (WHERE kind = 'aspirational' AND value >= {FULL}),
       COUNT(*) FILTER (WHERE CASE WHEN kind = 'committed' THEN zone = 'in'
                                   ELSE value BETWEEN %(near)s - 1e-9 AND %(far)s + 1e-9 END),
       COUNT(*) FILTER (WHERE own)
FROM placed
GROUP BY GROUPING SETS ((cycle_id, team_id), (cycle_id, kind, bin, zone))
"""

MEDIANS = f"""
SELECT o.cycle_id, o.kind, PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY {ENDED})
FROM {{visible}} o
LEFT JOIN objectives_objectivescore s ON s.objective_id = o.id
LEFT JOIN objectives_grade g ON g.objective_id = o.id
GROUP BY 1, 2
"""

# What served a key result: a line of somebody's day, or something that was set out to be done. A cycle that was closed
# before its last day fell silent for that alone.
WORK = """
WITH worked AS (
    SELECT key_result_id FROM objectives_activity
    WHERE organization_id = %(organization)s AND key_result_id IS NOT NULL AND withdrawn_at IS NULL
    UNION
    SELECT key_result_id FROM objectives_action
    WHERE organization_id = %(organization)s AND key_result_id IS NOT NULL AND state <> 'dropped'
), kept AS (
    SELECT at.cycle_id
    FROM UNNEST(%(cycles)s::bigint[], %(starts)s::date[], %(ends)s::date[]) AS at (cycle_id, first, last)
    WHERE EXISTS (SELECT 1 FROM objectives_activity line
                  WHERE line.organization_id = %(organization)s AND line.withdrawn_at IS NULL
                        AND line.date BETWEEN at.first AND at.last OFFSET %(fewest)s - 1)
), at AS (
    SELECT given.cycle_id, LEAST(given.last, (
        SELECT MAX(step.created_at)::date FROM objectives_cyclestep step
        JOIN objectives_cycle c ON c.id = step.cycle_id AND c.state = 'closed'
        WHERE step.cycle_id = given.cycle_id AND step.new_state = 'closed'
    )) AS last
    FROM UNNEST(%(cycles)s::bigint[], %(ends)s::date[]) AS given (cycle_id, last)
)
SELECT o.cycle_id, o.team_id, o.cycle_id IN (SELECT cycle_id FROM kept), COUNT(*),
       COUNT(*) FILTER (WHERE s.check_in_count > 0),
       COUNT(*) FILTER (WHERE s.check_in_count > 0 AND s.last_check_in_on < at.last - %(silent)s::int),
       COUNT(*) FILTER (WHERE worked.key_result_id IS NULL)
FROM {visible} o
JOIN at ON at.cycle_id = o.cycle_id
JOIN objectives_keyresult k ON k.objective_id = o.id AND k.dropped_at IS NULL
JOIN objectives_keyresultscore s ON s.key_result_id = k.id
LEFT JOIN worked ON worked.key_result_id = k.id
GROUP BY 1, 2
"""

# One key result of so many, always the same ones.
BY_LOT = "(%(one_of)s = 1 OR MOD(HASHINT8(k.id)::bigint + 2147483648, %(one_of)s) = 0)"

# A confidence is the last one said by a day; a check-in that was corrected says nothing.
CONFIDENCES = f"""
WITH told AS (
    SELECT o.cycle_id, o.team_id, at.point, said.confidence,
           s.score >= CASE WHEN o.kind = 'committed' OR k.kind = 'keep' THEN {COMMITTED_ON_TRACK}
                           ELSE %(lower)s::float8 END - 1e-9 AS came
    FROM {{visible}} o
    JOIN UNNEST(%(cycles)s::bigint[], %(points)s::int[], %(days)s::date[]) AS at (cycle_id, point, day)
         ON at.cycle_id = o.cycle_id
    JOIN objectives_keyresult k ON k.objective_id = o.id AND k.dropped_at IS NULL AND {BY_LOT}
    JOIN objectives_keyresultscore s ON s.key_result_id = k.id AND s.score IS NOT NULL
    JOIN LATERAL (
        SELECT c.confidence FROM objectives_checkin c
        WHERE c.key_result_id = k.id AND c.date <= at.day AND c.confidence IS NOT NULL
              AND NOT EXISTS (SELECT 1 FROM objectives_checkin later WHERE later.corrects_id = c.id)
        ORDER BY c.date DESC, c.created_at DESC, c.id DESC LIMIT 1
    ) said ON true
)
SELECT point, confidence, cycle_id, team_id, GROUPING(team_id) = 0, COUNT(*), SUM(confidence),
       COUNT(*) FILTER (WHERE came)
FROM told GROUP BY GROUPING SETS ((point, confidence), (point, cycle_id, team_id))
"""


def choose_cycles(membership: Membership, today: date, *, wants_long: bool | None, most: int = AT_FIRST) -> Chosen:
    """The last `most` cycles that have begun, quarters unless years are asked for or there are no quarters."""
    begun = [
        cycle
        for cycle in Cycle.objects.visible_to(membership)
        if cycle.state != CycleState.DRAFT and cycle.start <= today
    ]
    kinds = frozenset(is_long(cycle) for cycle in begun)
    long = wants_long if wants_long is not None else kinds == {True}
    same = sorted(
        (cycle for cycle in begun if is_long(cycle) == long), key=lambda one: (one.start, one.pk), reverse=True
    )
    return Chosen(tuple(same[:most]), long, kinds, max(len(same) - most, 0))


def across(membership: Membership, chosen: Chosen, today: date, branch: Branch) -> Across:
    """How the chosen cycles ended, what was said of them before, and what habits they show, for a branch of teams.

    Five queries at most, whatever there is; none of them grows with the check-ins of a key result.
    """
    if not chosen.cycles:
        return Across(chosen, (), (), (), (), ())
    cycles = [cycle.pk for cycle in chosen.cycles]
    seen = Objective.objects.visible_to(membership).filter(cycle__in=cycles, state__in=WORKING)
    visible = within(seen, branch)
    ends, sums = ends_of(membership, visible, chosen.cycles, today)
    over = tuple(each.cycle for each in reversed(ends) if each.is_over)
    told = visible.filter(cycle__in=[cycle.pk for cycle in over])
    confidences: tuple[Reliability, ...] = ()
    if over:
        add_work(membership, told, over, sums)
        confidences = add_confidences(membership, told, over, sums)
    return Across(
        chosen,
        ends,
        over,
        confidences,
        tuple(skills_of(branch, over, sums)),
        tuple(habits_of(branch, over, sums, kept_in(sums))),
        reported(sums),
    )


Sums = dict[tuple[int, int], TeamSums]
"""By cycle and team."""


def ends_of(
    membership: Membership, visible: QuerySet, cycles: Sequence[Cycle], today: date
) -> tuple[tuple[CycleEnds, ...], Sums]:
    """How each cycle that has objectives ended, and what the teams' add up to."""
    near, far = near_band(membership.organization.band_lower, membership.organization.band_upper)
    values = {"near": near, "far": far, **band_of(membership.organization)}
    band = Band(membership.organization.band_lower, membership.organization.band_upper)
    sums: Sums = defaultdict(TeamSums)
    ends = {cycle.pk: {str(kind): Ends() for kind in Intent} for cycle in cycles}
    graded: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for cycle, team, kind, bin_, zone, by_team, count, told, *rest in rows(GOALS, visible, values, OF_GOALS):
        marked, changed, low, daring, full, well, own = rest
        if by_team:
            sums[cycle, team] = TeamSums(told, low, daring, full, well, own)
            graded[cycle][0] += marked
            graded[cycle][1] += changed
            continue
        found = ends[cycle][kind]
        found.total += count
        found.counts[zone] += count
        if bin_ is not None:
            # What lies exactly on the band's upper limit belongs to it.
            place = bin_of(bin_ * BIN, zone, band, committed=kind == Intent.COMMITTED)
            found.piles.setdefault(place, dict.fromkeys(ZONES[:3], 0))[zone] += count
    for cycle, kind, median in rows(MEDIANS, visible, {}, OF_GOALS):
        ends[cycle][kind].median = median
    found_of = [
        CycleEnds(
            cycle,
            cycle.is_closed or today > cycle.end,
            ends[cycle.pk][Intent.ASPIRATIONAL],
            ends[cycle.pk][Intent.COMMITTED],
            *graded[cycle.pk],
        )
        for cycle in cycles
    ]
    return tuple(each for each in found_of if each.total), sums


def add_work(membership: Membership, visible: QuerySet, over: Sequence[Cycle], sums: Sums) -> None:
    """How many key results fell silent before the end, and how many were served by no work that anybody noted."""
    values = {
        "organization": membership.organization_id,
        "cycles": [cycle.pk for cycle in over],
        "starts": [cycle.start for cycle in over],
        "ends": [cycle.end for cycle in over],
        "silent": SILENT_FOR.days,
        "fewest": FEWEST_LINES,
    }
    for cycle, team, is_kept, count, reporting, silent, unlinked in rows(WORK, visible, values, OF_GOALS):
        found = sums[cycle, team]
        found.reporting, found.silent = reporting, silent
        found.key_results, found.unlinked = (count, unlinked) if is_kept else (0, 0)


def add_confidences(
    membership: Membership, visible: QuerySet, over: Sequence[Cycle], sums: Sums
) -> tuple[Reliability, ...]:
    """What was said at each of `POINTS` against what came, and by team half-way."""
    points = [(cycle, number) for cycle in over for number in range(len(POINTS))]
    values = {
        "cycles": [cycle.pk for cycle, _number in points],
        "points": [number for _cycle, number in points],
        "days": [day_at(cycle, POINTS[number]) for cycle, number in points],
        "lower": membership.organization.band_lower,
        "one_of": one_of(reported(sums), MOST_ASKED),
    }
    said: list[list[Said]] = [[] for _point in POINTS]
    for point, value, cycle, team, by_team, count, total, came in rows(CONFIDENCES, visible, values, OF_GOALS):
        if not by_team:
            said[point].append(Said(value / 10, count, came))
        elif point == HALF:
            found = sums[cycle, team]
            found.sure, found.said, found.came = count, total, came
    return tuple(confidence(each) for each in said)


def reported(sums: Sums) -> int:
    """On how many key results anything was reported."""
    return sum(found.reporting for found in sums.values())


def one_of(count: int, most: int) -> int:
    """Of how many one is drawn, so that about `most` are; 1 where they are few enough."""
    return -(-count // most) if count > most else 1


def skills_of(branch: Branch, over: Sequence[Cycle], sums: Sums) -> Iterable[UnitSkill]:
    """Each unit of the branch that ended goals in any of the cycles, in the branch's order."""
    by_cycle = [branch.gather({team: found for (pk, team), found in sums.items() if pk == cycle.pk}) for cycle in over]
    for number, unit in enumerate(branch.units):
        skills = tuple(summed(gathered[number]).skill for gathered in by_cycle)
        if any(skill.ended for skill in skills):
            yield UnitSkill(unit, skills)


def summed(parts: Iterable[TeamSums]) -> TeamSums:
    whole = TeamSums()
    for part in parts:
        whole.add(part)
    return whole


def kept_in(sums: Sums) -> set[int]:
    """The cycles in which a daily log was kept."""
    return {cycle for (cycle, _team), found in sums.items() if found.key_results}


def habits_of(branch: Branch, over: Sequence[Cycle], sums: Sums, kept: set[int]) -> Iterable[TeamHabits]:
    """The habits of each team of the branch by itself, in the organization's order."""
    with_goals = {team for _cycle, team in sums}
    order = [team for team in branch.homes if team in with_goals]
    teams = Team.objects.select_related("parent").in_bulk(order) if over and order else {}
    for pk in order:
        took_part = [cycle for cycle in over if (cycle.pk, pk) in sums]
        found = habits([team_cycle(sums[cycle.pk, pk], teams[pk], cycle, kept) for cycle in took_part])
        if found:
            shown = tuple((habit, tuple(took_part[number] for number in habit.shown)) for habit in found)
            yield TeamHabits(pk, full_name(teams[pk]), shown)


def full_name(team: Team) -> str:
    """A team's name after that of the department it stands in: several may have a first section."""
    above = team.parent
    return team.name if above is None or above.parent_id is None else f"{above.name} / {team.name}"


def team_cycle(found: TeamSums, team: Team, cycle: Cycle, kept: set[int]) -> TeamCycle:
    return TeamCycle(
        found.ended,
        found.low,
        found.daring,
        found.full,
        found.own,
        most_for(team, cycle),
        found.reporting,
        found.silent,
        found.key_results,
        found.unlinked if cycle.pk in kept else None,
    )


def together(ends: Sequence[CycleEnds]) -> CycleEnds | None:
    """Several cycles as one, without a median: that of several is not a mean of theirs."""
    if not ends:
        return None
    whole = replace(ends[0], aspirational=Ends(), committed=Ends(), graded=0, changed=0)
    for each in ends:
        for into, one in ((whole.aspirational, each.aspirational), (whole.committed, each.committed)):
            into.total += one.total
            for zone, count in one.counts.items():
                into.counts[zone] += count
    graded, changed = sum(each.graded for each in ends), sum(each.changed for each in ends)
    return replace(whole, graded=graded, changed=changed)
