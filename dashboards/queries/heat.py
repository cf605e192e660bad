# ruff: noqa: S608 (statements are put together from constants and numbers alone; every value is a parameter)
"""Team by week: of the check-ins that were owed, how many were made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.db.models import Exists, Max, Q

from dashboards.queries.branches import Branch, Unit
from dashboards.queries.sql import WORKING, rows
from objectives.formulas.rhythm import Round, rounds_of
from objectives.models import Combine, Cycle, KeyResult, Kind, ObjectiveState, StateChange
from objectives.queries.bars import monday_of, week_number, weeks_in
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


@dataclass(frozen=True, slots=True)
class Asked:
    """Key results of one team that became active on one day: how many, and how many of them each round heard of."""

    team: int
    begins: date
    ends: date
    key_results: int
    heard: tuple[int, ...]


# Progress by weeks says in which of them somebody reported, and spares reading every check-in. It is silent where a
# report brings no progress yet: a quota before its first period counts, a baseline still to be measured. Those that
# said more than it knows are hidden to it, and only their check-ins are read.
RESULTS = f"""
WITH result AS (
    SELECT kr.id, kr.objective__team_id AS team_id, GREATEST(kr.objective__activated_on, %(start)s::date) AS begins,
           CASE WHEN kr.objective__state = 'closed' AND %(is_open)s THEN kr.objective_id END AS closed,
           CASE WHEN (kr.measure_first OR kr.kind = '{Kind.QUOTA}' OR CARDINALITY(s.weekly_progress) = 0)
                     AND s.check_in_count > CARDINALITY(ARRAY_REMOVE(s.weekly_progress, NULL))
                THEN NULL ELSE s.weekly_progress END AS weeks
    FROM {{visible}} kr JOIN objectives_keyresultscore s ON s.key_result_id = kr.id
    OFFSET 0  -- once a row, not once a week
)
"""

HEARD = f"""{RESULTS}
SELECT team_id, begins, closed, COUNT(*), COUNT(*) - COUNT(weeks), ARRAY[{{rounds}}]
FROM result GROUP BY 1, 2, 3
"""

HIDDEN = f"""{RESULTS}
SELECT team_id, begins, closed, (said.date - %(monday)s::date) / (7 * %(length)s::int), COUNT(DISTINCT result.id)
FROM result JOIN objectives_checkin said ON said.key_result_id = result.id
WHERE weeks IS NULL AND said.date BETWEEN %(start)s AND %(end)s
  AND NOT EXISTS (SELECT FROM objectives_checkin later WHERE later.corrects_id = said.id)
GROUP BY 1, 2, 3, 4
"""

OF_RESULTS = (
    *("id", "objective_id", "kind", "measure_first"),
    *("objective__team_id", "objective__activated_on", "objective__state"),
)


def counted(weeks: int, length: int) -> str:
    """How many key results each round heard of, a round being so many weeks, as a list of columns.

    >>> counted(3, 2)
    'COUNT(COALESCE(weeks[1], weeks[2])), COUNT(weeks[3])'
    """
    rounds = []
    for first in range(1, weeks + 1, length):
        parts = [f"weeks[{week}]" for week in range(first, min(first + length, weeks + 1))]
        rounds.append(f"COUNT(COALESCE({', '.join(parts)}))" if len(parts) > 1 else f"COUNT({parts[0]})")
    return ", ".join(rounds)


def reporting(membership: Membership, cycle: Cycle, today: date, branch: Branch) -> list[Reporting]:
    """Of every unit of a branch that has key results under way, what was owed and what was made, week by week.

    Judged by each team's own rhythm, as `objectives.queries.rounds` judges a single key result: a round of two weeks
    stands in its second one. Five queries, three more where teams differ in how long a round is, however many teams
    and check-ins there are.
    """
    rhythms = rhythms_of(membership.organization)
    found: dict[int, list[Asked]] = defaultdict(list)
    for length in sorted({rhythms[team].check_in_weeks for team in branch.homes if team in rhythms}):
        paced = [team for team in branch.homes if team in rhythms and rhythms[team].check_in_weeks == length]
        for one in asked(membership, cycle, branch, paced, length):
            found[one.team].append(one)
    # Most teams share a rhythm: its rounds are laid out once.
    turns: dict[tuple[int, int], list[Turn]] = {}
    for team in found:
        rhythm = rhythms[team]
        key = (rhythm.check_in_weeks, rhythm.weekday)
        turns[key] = turns.get(key) or turns_of(cycle, rhythm, today)
    told = {
        team: judge(parts, turns[rhythms[team].check_in_weeks, rhythms[team].weekday]) for team, parts in found.items()
    }
    return [
        Reporting(unit, sum(count for count, _cells in parts), added((cells for _count, cells in parts), cycle, today))
        for unit, parts in zip(branch.units, branch.gather(told), strict=True)
        if parts
    ]


def asked(membership: Membership, cycle: Cycle, branch: Branch, teams: Sequence[int], length: int) -> list[Asked]:
    """The key results of teams whose rounds are so many weeks long, by team and by the days they were open."""
    results = KeyResult.objects.visible_to(membership).in_cycle(cycle)
    # Nobody owes a check-in on a sum that others carry: what they report is its value.
    visible = results.filter(objective__state__in=WORKING, objective__activated_on__isnull=False).exclude(
        Q(combine=Combine.SUM) & Exists(CARRIERS)
    )
    if not branch.is_whole or len(teams) < len(branch.homes):
        visible = visible.filter(objective__team__in=list(teams))
    values = {
        "start": cycle.start,
        "end": cycle.end,
        "monday": monday_of(cycle.start),
        "length": length,
        "is_open": not cycle.is_closed,
    }
    heard = rows(HEARD.replace("{rounds}", counted(weeks_in(cycle), length)), visible, values, OF_RESULTS)
    hidden: dict[tuple, dict[int, int]] = defaultdict(dict)
    if any(count for _team, _begins, _closed, _results, count, _rounds in heard):
        for team, begins, closed, number, count in rows(HIDDEN, visible, values, OF_RESULTS):
            hidden[team, begins, closed][number] = count
    ends = closings({closed for _team, _begins, closed, *_counts in heard if closed is not None}, membership)
    return [
        Asked(
            team=team,
            begins=begins,
            ends=ends.get(closed, cycle.end),
            key_results=count,
            heard=tuple(
                number + hidden[team, begins, closed].get(place, 0) if hidden else number
                for place, number in enumerate(rounds)
            ),
        )
        for team, begins, closed, count, _hidden, rounds in heard
    ]


def closings(objectives: Collection[int], membership: Membership) -> dict[int, date]:
    """The days on which objectives were closed, as far as it was noted: from then on they owe nothing."""
    if not objectives:
        return {}
    changes = StateChange.objects.filter(objective__in=objectives, new_state=ObjectiveState.CLOSED)
    noted = changes.order_by().values_list("objective").annotate(at=Max("created_at"))
    return {pk: at.astimezone(membership.organization.zone).date() for pk, at in noted}


@dataclass(frozen=True, slots=True)
class Turn:
    """A round as a map of weeks shows it: in the week of the cycle in which it ends."""

    week: int
    due: date | None
    state: CellState


def turns_of(cycle: Cycle, rhythm: Rhythm, today: date) -> list[Turn]:
    def state(one: Round) -> CellState:
        return "ahead" if one.start > today else "owed" if one.end < today else "open"

    return [
        Turn(min(week_number(cycle, one.end), weeks_in(cycle)), one.due, state(one))
        for one in rounds_of(cycle.span, rhythm)
    ]


def judge(parts: Iterable[Asked], turns: Sequence[Turn]) -> tuple[int, list[Cell]]:
    """How many key results a team has, and its rounds: what was asked for, and what was made."""
    totals, cells = 0, []
    for part in parts:
        totals += part.key_results
        cells += [judged(turn, made, part) for turn, made in zip(turns, part.heard, strict=True)]
    return totals, cells


def judged(turn: Turn, made: int, part: Asked) -> Cell:
    if turn.state == "ahead":
        return Cell(turn.week, "ahead")
    is_owed = turn.due is not None and part.begins <= turn.due <= part.ends
    # Who reports though nothing is owed has reported; nobody else is missed then.
    count = part.key_results if is_owed else made
    return Cell(turn.week, turn.state, made, count) if count else Cell(turn.week, "free")


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
