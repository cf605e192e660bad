"""Team by week: of the check-ins that were owed, how many were made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.db.models import Exists, Q

from dashboards.queries.branches import Branch, Unit
from dashboards.queries.departments import within
from dashboards.queries.sql import WORKING, rows
from objectives.formulas.rhythm import Round, rounds_of
from objectives.models import Combine, Cycle, KeyResult, Kind
from objectives.queries.bars import week_number, weeks_in
from objectives.rollup.key_results import CARRIERS
from people.formulas.rhythm import Rhythm
from people.models import Membership
from people.queries import rhythms_of

CellState = Literal["owed", "open", "free", "ahead"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A team's week: of so many check-ins asked for, how many were made.

    `state` is owed once the week is over; open while it can still be reported on; free where nothing was owed: a week
    without a working day, or the first of a round of two; ahead before it begins.
    """

    week: int
    state: CellState
    made: int = 0
    asked: int = 0

    @property
    def share(self) -> float | None:
        """Between 0 and 1, None where nothing was asked for."""
        return self.made / self.asked if self.asked else None


@dataclass(frozen=True, slots=True)
class Reporting:
    """A unit's weeks, and its check-ins in all weeks that are over."""

    unit: Unit
    key_results: int
    cells: tuple[Cell, ...]

    @property
    def made(self) -> int:
        return sum(cell.made for cell in self.cells if cell.state == "owed")

    @property
    def asked(self) -> int:
        return sum(cell.asked for cell in self.cells if cell.state == "owed")

    @property
    def share(self) -> float | None:
        return self.made / self.asked if self.asked else None


@dataclass(frozen=True, slots=True)
class Asked:
    """Key results of one team that became active on one day: how many, and how many of them each round heard of."""

    team: int
    begins: date
    ends: date
    key_results: int
    heard: tuple[int, ...]


# Progress by weeks says in which of them somebody reported, and spares reading every check-in. It is silent where a
# report brings no progress yet: a quota before its first period counts, a baseline still to be measured. Only for those
# of them that said more than it knows are the check-ins themselves looked up.
HEARD = """
WITH result AS (
    SELECT o.team_id, GREATEST(o.activated_on, %(start)s::date) AS begins,
           CASE WHEN o.state = 'closed' AND %(is_open)s THEN COALESCE((
                    SELECT MAX((change.created_at AT TIME ZONE %(zone)s)::date) FROM objectives_statechange change
                    WHERE change.objective_id = o.id AND change.new_state = 'closed'), %(end)s)
                ELSE %(end)s::date END AS ends,
           CASE WHEN (kr.measure_first OR kr.kind = '{quota}' OR s.weekly_progress = '{{}}')
                     AND s.check_in_count > CARDINALITY(ARRAY_REMOVE(s.weekly_progress, NULL))
                THEN ARRAY(
                    SELECT CASE WHEN EXISTS (
                        SELECT FROM objectives_checkin said
                        WHERE said.key_result_id = kr.id AND said.date BETWEEN week::date AND week::date + 6
                          AND NOT EXISTS (SELECT FROM objectives_checkin later WHERE later.corrects_id = said.id)
                    ) THEN 1::float8 END
                    FROM generate_series(%(monday)s::date, %(end)s::date, interval '7 days') AS week)
                ELSE s.weekly_progress END AS weeks
    FROM objectives_keyresult kr
    JOIN objectives_objective o ON o.id = kr.objective_id
    JOIN objectives_keyresultscore s ON s.key_result_id = kr.id
    WHERE kr.id IN {{visible}}
)
SELECT team_id, begins, ends, COUNT(*), ARRAY[{rounds}] FROM result GROUP BY 1, 2, 3
"""


def statement(weeks: int, length: int) -> str:
    """How many key results each round heard of, a round being so many weeks."""
    rounds = []
    for first in range(1, weeks + 1, length):
        parts = [f"weeks[{week}]" for week in range(first, min(first + length, weeks + 1))]
        rounds.append(f"COUNT(COALESCE({', '.join(parts)}))" if len(parts) > 1 else f"COUNT({parts[0]})")
    return HEARD.format(quota=Kind.QUOTA, rounds=", ".join(rounds))


def reporting(membership: Membership, cycle: Cycle, today: date, branch: Branch) -> list[Reporting]:
    """Of every unit of a branch that has key results under way, what was owed and what was made, week by week.

    Judged by each team's own rhythm, as `objectives.queries.rounds` judges a single key result: a round of two weeks
    stands in its second one. At most four queries, however many teams and check-ins there are.
    """
    rhythms = rhythms_of(membership.organization)
    found: dict[int, list[Asked]] = defaultdict(list)
    for length in sorted({rhythms[team].check_in_weeks for team in branch.homes if team in rhythms}):
        paced = [team for team in branch.homes if team in rhythms and rhythms[team].check_in_weeks == length]
        for one in asked(membership, cycle, branch, paced, length):
            found[one.team].append(one)
    judged = {team: judge(parts, cycle, rhythms[team], today) for team, parts in found.items()}
    return [
        Reporting(unit, sum(count for count, _cells in parts), added((cells for _count, cells in parts), cycle, today))
        for unit, parts in zip(branch.units, branch.gather(judged), strict=True)
        if parts
    ]


def asked(membership: Membership, cycle: Cycle, branch: Branch, teams: Sequence[int], length: int) -> list[Asked]:
    results = KeyResult.objects.visible_to(membership).in_cycle(cycle)
    # Nobody owes a check-in on a sum that others carry: what they report is its value.
    visible = results.filter(objective__state__in=WORKING, objective__activated_on__isnull=False).exclude(
        Q(combine=Combine.SUM) & Exists(CARRIERS)
    )
    everybody = branch.is_whole and len(teams) == len(branch.homes)
    if not everybody:
        visible = within(visible.filter(objective__team__in=list(teams)), branch, "objective__team")
    values = {
        "start": cycle.start,
        "end": cycle.end,
        "monday": next(iter(rounds_of(cycle.span, Rhythm()))).start,
        "is_open": not cycle.is_closed,
        "zone": membership.organization.time_zone,
    }
    return [
        Asked(team, begins, ends, count, tuple(heard))
        for team, begins, ends, count, heard in rows(statement(weeks_in(cycle), length), visible, values)
    ]


def judge(parts: Iterable[Asked], cycle: Cycle, rhythm: Rhythm, today: date) -> tuple[int, list[Cell]]:
    """How many key results a team has, and its rounds: what was asked for, and what was made."""
    rounds = list(rounds_of(cycle.span, rhythm))
    totals, cells = 0, []
    for part in parts:
        totals += part.key_results
        cells += [judged(one, number, part, cycle, today) for number, one in enumerate(rounds)]
    return totals, cells


def judged(one: Round, number: int, part: Asked, cycle: Cycle, today: date) -> Cell:
    made = part.heard[number]
    is_owed = one.due is not None and part.begins <= one.due <= part.ends
    # Who reports though nothing is owed has reported; nobody else is missed then.
    count = part.key_results if is_owed else made
    week = min(week_number(cycle, one.end), weeks_in(cycle))
    if one.start > today:
        return Cell(week, "ahead")
    if not count:
        return Cell(week, "free")
    return Cell(week, "owed" if one.end < today else "open", made, count)


def added(parts: Iterable[Sequence[Cell]], cycle: Cycle, today: date) -> tuple[Cell, ...]:
    """The cells of several teams as those of one: a week is owed or open as soon as one team's is."""
    weeks = weeks_in(cycle)
    # Where no round ends nothing is owed, or not yet.
    begun = week_number(cycle, today)
    made, wanted = [0] * weeks, [0] * weeks
    states: list[set[CellState]] = [{"free" if number < begun else "ahead"} for number in range(weeks)]
    for cells in parts:
        for cell in cells:
            states[cell.week - 1].add(cell.state)
            made[cell.week - 1] += cell.made
            wanted[cell.week - 1] += cell.asked
    return tuple(Cell(number + 1, state_of(states[number]), made[number], wanted[number]) for number in range(weeks))


def state_of(states: set[CellState]) -> CellState:
    order: tuple[CellState, ...] = ("open", "owed", "free", "ahead")
    return next(state for state in order if state in states)
