# ruff: noqa: S608 (statements are put together from constants alone; every value is a parameter)
"""Departments on their way through the cycle, and teams nobody hears from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from dashboards.queries.sql import REPORTED, VALUE, rows, working
from objectives.formulas.pace import zone
from objectives.models import Cycle, KeyResult
from objectives.queries.bars import monday_of, week_number, weeks_in
from people.models import Membership, Organization, Team


@dataclass(slots=True)
class Sums:
    """What teams add up to, before means are taken."""

    objectives: int = 0
    scored: int = 0
    score: float = 0.0
    heading: int = 0
    landing: float = 0.0
    pace: float = 0.0
    open: int = 0
    reported: int = 0
    owing: int = 0
    weekly: dict[int, list[float]] = field(default_factory=lambda: defaultdict(lambda: [0.0, 0.0, 0.0]))

    def add(self, other: Sums) -> None:
        for name in ("objectives", "scored", "score", "heading", "landing", "pace", "open", "reported", "owing"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for week, (count, score, pace) in other.weekly.items():
            mine = self.weekly[week]
            self.weekly[week] = [mine[0] + count, mine[1] + score, mine[2] + pace]


@dataclass(frozen=True, slots=True)
class Department:
    """A child of the company with all teams below it: plain means over its objectives.

    `scores` and `paces` hold a value for each week of the cycle that has begun, None where nothing had a score.
    """

    pk: int
    name: str
    objectives: int
    score: float | None
    landing: float | None
    zone: str
    scores: tuple[float | None, ...]
    paces: tuple[float | None, ...]
    open: int
    reported: int


@dataclass(frozen=True, slots=True)
class SilentTeam:
    """A team not heard from: nothing said for a week, or check-ins owed since before today."""

    pk: int
    name: str
    open: int
    overdue: int
    last: date | None
    days: int | None
    owing: tuple[str, ...]
    is_quiet: bool = False


TEAMS = f"""
WITH goal AS (
    SELECT o.team_id, {REPORTED.format(row="s")} AS score, s.pace, {VALUE.format(row="s")} AS value
    FROM objectives_objective o LEFT JOIN objectives_objectivescore s ON s.objective_id = o.id
    WHERE o.id IN {{visible}}
)
SELECT goal.team_id, t.name, COUNT(*), COUNT(score), COALESCE(SUM(score), 0),
       COUNT(value), COALESCE(SUM(value), 0), COALESCE(SUM(pace) FILTER (WHERE score IS NOT NULL), 0)
FROM goal JOIN people_team t ON t.id = goal.team_id
GROUP BY 1, 2
"""

WEEKS = f"""
SELECT o.team_id, w.date, COUNT(w.score), SUM(w.score), SUM(w.pace)
FROM objectives_objective o
JOIN objectives_objectivesnapshot w ON w.objective_id = o.id AND w.date = ANY(%(days)s)
     AND {REPORTED.format(row="w")} IS NOT NULL
WHERE o.id IN {{visible}}
GROUP BY 1, 2
"""

VOICES = """
WITH result AS MATERIALIZED (
    SELECT o.team_id, COALESCE(kr.owner_id, o.owner_id) AS owner_id, s.last_check_in_on, s.due_on < %(today)s AS is_late
    FROM objectives_keyresult kr
    JOIN objectives_objective o ON o.id = kr.objective_id
    JOIN objectives_keyresultscore s ON s.key_result_id = kr.id
    WHERE kr.id IN {visible}
), voice AS (
    SELECT team_id, COUNT(*) AS open, COUNT(*) FILTER (WHERE last_check_in_on > %(today)s::date - 7) AS reported,
           COUNT(*) FILTER (WHERE is_late) AS overdue, MAX(last_check_in_on) AS last
    FROM result GROUP BY team_id
), owing AS (
    SELECT late.team_id, (ARRAY_AGG(u.name ORDER BY late.results DESC, u.name))[1:3] AS names
    FROM (SELECT team_id, owner_id, COUNT(*) AS results FROM result WHERE is_late GROUP BY 1, 2) late
    JOIN people_membership m ON m.id = late.owner_id
    JOIN people_user u ON u.id = m.user_id
    GROUP BY late.team_id
)
SELECT voice.team_id, t.name, voice.open, voice.reported, voice.overdue, voice.last, owing.names
FROM voice JOIN people_team t ON t.id = voice.team_id LEFT JOIN owing ON owing.team_id = voice.team_id
ORDER BY t.position, t.id
"""


def week_ends(cycle: Cycle, today: date) -> list[date]:
    """The last days of the cycle's weeks that are over before today."""
    days = [min(monday_of(cycle.start) + timedelta(days=7 * week + 6), cycle.end) for week in range(weeks_in(cycle))]
    return [day for day in days if day < today]


def teams(membership: Membership, cycle: Cycle, today: date) -> tuple[list[Department], list[SilentTeam]]:
    """Every department's way so far and now, and the teams nobody hears from."""
    visible = working(membership, cycle)
    tree = {team.pk: team for team in Team.objects.visible_to(membership)}
    by_team: dict[int, Sums] = defaultdict(Sums)
    names: dict[int, str] = {pk: team.name for pk, team in tree.items()}

    for pk, name, count, scored, score, heading, landing, pace in rows(TEAMS, visible, {}):
        names[pk] = name
        sums = by_team[pk]
        sums.objectives, sums.scored, sums.score = count, scored, score
        sums.heading, sums.landing, sums.pace = heading, landing, pace

    past = week_ends(cycle, today)
    if past:
        for pk, day, count, score, pace in rows(WEEKS, visible, {"days": past}):
            by_team[pk].weekly[week_number(cycle, day)] = [count, score, pace]

    silent = []
    if not cycle.is_closed:
        open_rows = KeyResult.objects.visible_to(membership).open().in_cycle(cycle)
        for pk, name, count, reported, overdue, last, owing in rows(VOICES, open_rows, {"today": today}):
            by_team[pk].open, by_team[pk].reported, by_team[pk].owing = count, reported, overdue
            days = (today - last).days if last else None
            is_quiet = (days is None or days >= 7) and (today - cycle.start).days >= 7
            if overdue or is_quiet:
                silent.append(SilentTeam(pk, name, count, overdue, last, days, tuple(owing or ()), is_quiet))

    folded = fold(by_team, tree)
    weeks = len(past) + (1 if cycle.start <= today <= cycle.end and len(past) < weeks_in(cycle) else 0)
    departments = [
        _department(pk, names[pk], sums, weeks, membership.organization, is_over=today > cycle.end)
        for pk, sums in folded.items()
        if sums.objectives
    ]
    return departments, silent


def fold(by_team: dict[int, Sums], tree: dict[int, Team]) -> dict[int, Sums]:
    """Teams summed into their departments, in the order of the tree: the company's own first, then its children.

    A team the reader does not see in the tree stands for itself.
    """
    order = [team.pk for team in tree.values() if team.is_company]
    order += [team.pk for team in tree.values() if team.parent_id in order]
    folded: dict[int, Sums] = {pk: Sums() for pk in order}
    for pk, sums in by_team.items():
        at = pk
        seen = set()
        while at in tree and at not in folded and at not in seen:
            seen.add(at)
            parent = tree[at].parent_id
            at = parent if parent in tree else at
        folded.setdefault(at if at in folded else pk, Sums()).add(sums)
    return folded


def _department(pk: int, name: str, sums: Sums, weeks: int, organization: Organization, *, is_over: bool) -> Department:
    scores: list[float | None] = []
    paces: list[float | None] = []
    for week in range(1, weeks + 1):
        count, score, pace = sums.weekly.get(week, (0, 0.0, 0.0))
        if week == weeks and sums.scored:
            # The present week is what the scores say now; of a cycle that is over, its last word.
            count, score, pace = sums.scored, sums.score, sums.pace if not is_over else pace or sums.pace
        scores.append(score / count if count else None)
        paces.append(min(pace / count, 1.0) if count else None)
    landing = sums.landing / sums.heading if sums.heading else None
    return Department(
        pk=pk,
        name=name,
        objectives=sums.objectives,
        score=sums.score / sums.scored if sums.scored else None,
        landing=landing,
        zone=zone(landing, "aspirational", organization.band_lower, organization.band_upper),
        scores=tuple(scores),
        paces=tuple(paces),
        open=sums.open,
        reported=sums.reported,
    )


def lowest(departments: Sequence[Department]) -> Department | None:
    """The department heading lowest, None while none heads anywhere."""
    heading = [department for department in departments if department.landing is not None]
    return min(heading, key=lambda department: department.landing or 0.0, default=None)
